//! Notes on an application, for colleagues; applicants never see them.

use domain::{
    ApplicationId,
    application::{ApplicationEvent, Note},
};

use crate::{Hiring, actor::Actor, applications, error::Error, policy, validate};

/// Notes on one application: its page holds all of them.
const MOST: usize = 500;

impl Hiring {
    /// Writes something down; every open page of the application shows it.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::NotFound`], [`Error::Invalid`].
    pub async fn add_note(&self, actor: &Actor, id: ApplicationId, text: &str) -> Result<(), Error> {
        let user = policy::may_recruit(actor)?;
        let text = validate::note(text)?;
        let mut tx = self.db().begin().await?;
        let mut locked = applications::lock(&mut tx, id).await?;
        if locked.state.notes.len() >= MOST {
            let message = format!("This application has {MOST} notes; it takes no more.");
            return Err(Error::Invalid { field: "text", message });
        }
        let now = self.now_ms();
        let note = Note { by: user.name.clone(), by_id: user.id, at: now, text };
        applications::record(&mut tx, &mut locked, vec![ApplicationEvent::NoteAdded { note }], now).await?;
        tx.commit().await?;
        Ok(())
    }
}
