//! The language that a user reads the interface in.

use db::{params, sql};
use domain::Locale;

use crate::{Hiring, actor::Actor, error::Error, policy};

impl Hiring {
    /// Stores the language that a user chose; it counts on every device from the next page on.
    ///
    /// # Errors
    /// [`Error::SignIn`] without a signed-in user.
    pub async fn choose_language(&self, actor: &Actor, language: Locale) -> Result<(), Error> {
        let user = policy::require_recruiter(actor)?.id;
        let mut tx = self.db().begin().await?;
        let set = sql!("update users set language = $1 where id = $2");
        tx.execute(set, params![language.code(), user.to_string()]).await?;
        tx.commit().await?;
        Ok(())
    }
}
