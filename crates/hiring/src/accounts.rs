//! User accounts, sessions and passwords.

mod access;
mod language;
mod password;
mod sessions;
mod throttle;

use db::{Tx, params, sql};
use domain::{Role, UserId, email::Email, user::UserState, view::Viewer};
use uuid::Uuid;

use crate::{
    Hiring,
    actor::{Actor, User},
    error::{Error, Problem},
    policy,
    topics::user_topic,
    validate,
};

pub use access::Account;
pub use sessions::SESSION_DAYS;

/// The fewest characters of a password.
const MIN_PASSWORD_CHARS: usize = 12;

impl Hiring {
    /// Creates an account; the e-mail address is its key. Only for the demo data: it checks no rights.
    pub(crate) async fn create_user(
        &self,
        name: &str,
        email: &str,
        role: Role,
        password: &str,
    ) -> Result<UserId, Error> {
        let name = validate::name(name)?;
        let email = validate::email(email)?;
        if password.chars().count() < MIN_PASSWORD_CHARS {
            let problem = Problem::TooShort { min: MIN_PASSWORD_CHARS };
            return Err(Error::Invalid { field: "password", problem });
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

    /// Returns the signed-in user.
    ///
    /// # Errors
    /// [`Error::SignIn`] when the actor is not signed in.
    pub async fn viewer(&self, actor: &Actor) -> Result<Viewer, Error> {
        let User { id, name, email, .. } = policy::require_recruiter(actor)?.clone();
        let mut tx = self.db().snapshot().await?;
        let state = user_state(&mut tx, id).await?.ok_or(Error::SignIn)?;
        let seq = live::last_seq(&mut tx, user_topic(id).name()).await?;
        Ok(Viewer { id, name, email, state, seq })
    }
}

/// The fold of `user:<id>`, read from the user's row; `None` when there is no such user.
pub(crate) async fn user_state(tx: &mut Tx, id: UserId) -> Result<Option<UserState>, Error> {
    let find = sql!("select role from users where id = $1" => { role: Role as name });
    let row = tx.optional(find, params![id.to_string()]).await?;
    Ok(row.map(|row| UserState { role: row.role }))
}
