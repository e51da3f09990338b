//! Notes of recruiters on an application; applicants never see them.

use domain::{
    ApplicationId,
    application::{ApplicationEvent, Note},
};

use crate::{
    Hiring,
    actor::Actor,
    applications,
    error::{Error, Problem},
    policy, validate,
};

/// Maximum number of notes on one application, whose page loads all of them.
const MAX_NOTES: usize = 500;

impl Hiring {
    /// Adds a note to an application and publishes it.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`]; [`Error::Invalid`] when the
    /// text is empty or too long, or the application has 500 notes.
    pub async fn add_note(&self, actor: &Actor, id: ApplicationId, text: &str) -> Result<(), Error> {
        let user = policy::require_recruiter(actor)?;
        let text = validate::note(text)?;
        let mut tx = self.db().begin().await?;
        let mut locked = applications::lock(&mut tx, id).await?;
        if locked.state.notes.len() >= MAX_NOTES {
            return Err(Error::Invalid { field: "text", problem: Problem::TooMany { max: MAX_NOTES } });
        }
        let now = self.now_ms();
        let note = Note { by: user.name.clone(), by_id: user.id, at: now, text };
        applications::record(&mut tx, &mut locked, vec![ApplicationEvent::NoteAdded { note }], now).await?;
        tx.commit().await?;
        Ok(())
    }
}
