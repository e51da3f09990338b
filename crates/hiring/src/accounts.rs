//! Users, sessions and passwords.

mod password;
mod rights;
mod sessions;
mod throttle;

use db::{params, sql};
use domain::{Role, UserId, email::Email, view::Viewer};
use uuid::Uuid;

use crate::{Hiring, actor::Actor, error::Error, policy, validate};

pub use rights::Account;
pub use sessions::SESSION_DAYS;

impl Hiring {
    /// Makes an account; the address is its key. For the demonstration only: it asks nobody who may.
    pub(crate) async fn create_user(
        &self,
        name: &str,
        email: &str,
        role: Role,
        password: &str,
    ) -> Result<UserId, Error> {
        let name = validate::name(name)?;
        let email = validate::email(email)?;
        if password.chars().count() < 12 {
            let message = "Please use a password of at least 12 characters.".to_owned();
            return Err(Error::Invalid { field: "password", message });
        }
        let hash = password::hash(password.to_owned()).await?;
        let id = UserId(Uuid::now_v7());
        self.insert_user(id, &name, &email, role, &hash).await?;
        Ok(id)
    }

    async fn insert_user(&self, id: UserId, name: &str, email: &Email, role: Role, hash: &str) -> Result<(), Error> {
        let mut tx = self.db().begin().await?;
        tx.execute(
            sql!(
                "insert into users (id, email, name, role, password_hash, active, created_at)
                 values ($1, $2, $3, $4, $5, 1, $6)"
            ),
            params![id.to_string(), email.as_str().to_lowercase(), name, role.as_str(), hash, self.now_ms()],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The person who is signed in.
    ///
    /// # Errors
    /// [`Error::SignIn`] when nobody is.
    #[expect(clippy::unused_async, reason = "every use-case is called alike")]
    pub async fn viewer(&self, actor: &Actor) -> Result<Viewer, Error> {
        let user = policy::may_recruit(actor)?;
        Ok(Viewer { name: user.name.clone(), email: user.email.clone(), role: user.role })
    }
}
