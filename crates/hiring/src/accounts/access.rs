//! Administration of accounts: disabling them and changing roles, with immediate effect on open pages.

use db::{Tx, params, sql};
use domain::{Role, UserId, user::UserEvent};
use serde::Serialize;

use crate::{Hiring, actor::Actor, error::Error, policy, topics::user_topic};

const NOT_FOUND: Error = Error::NotFound { what: "account" };

/// A user account as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The user's id.
    pub id: UserId,
    /// The e-mail address; commands refer to the account by it.
    pub email: String,
    /// The user's name.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// Whether the user may sign in.
    pub active: bool,
}

impl Hiring {
    /// Returns every account, ordered by e-mail address.
    ///
    /// # Errors
    /// [`Error::SignIn`] when nobody is signed in; [`Error::NotFound`] when the user is not an
    /// administrator.
    pub async fn accounts(&self, actor: &Actor) -> Result<Vec<Account>, Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().snapshot().await?;
        let all = sql!("select id, email, name, role, active from users order by email" => AccountRow);
        Ok(tx.all(all, params![]).await?.into_iter().map(Account::from).collect())
    }

    /// Disables or enables the account with that e-mail address. Disabling ends all its sessions.
    ///
    /// # Errors
    /// As [`Hiring::accounts`]; [`Error::NotFound`] for an unknown address.
    pub async fn set_active(&self, actor: &Actor, email: &str, active: bool) -> Result<(), Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().begin().await?;
        let set = sql!("update users set active = $2 where email = $1");
        if tx.execute(set, params![email.to_lowercase(), active]).await? == 0 {
            return Err(NOT_FOUND);
        }
        self.revoke_sessions(&mut tx, email).await?;
        if !active {
            let end = sql!("delete from sessions where user_id in (select id from users where email = $1)");
            tx.execute(end, params![email.to_lowercase()]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Changes the role of the account with that e-mail address and publishes the change to the user.
    ///
    /// # Errors
    /// As [`Hiring::set_active`].
    pub async fn set_role(&self, actor: &Actor, email: &str, role: Role) -> Result<(), Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().begin().await?;
        let set = sql!("update users set role = $2 where email = $1 returning id" => { id: UserId as text });
        let row = tx.optional(set, params![email.to_lowercase(), role.as_str()]).await?;
        let id = row.ok_or(NOT_FOUND)?.id;
        self.revoke_sessions(&mut tx, email).await?;
        live::publish(&mut tx, &user_topic(id), &UserEvent::RoleChanged { role }, self.now_ms()).await?;
        Ok(tx.commit().await?)
    }

    /// Makes every live socket of the account authorize its topics again once `tx` commits.
    async fn revoke_sessions(&self, tx: &mut Tx, email: &str) -> Result<(), Error> {
        let sessions = sql!(
            "select sessions.token_hash from sessions join users on users.id = sessions.user_id
             where users.email = $1 order by sessions.token_hash"
            => String
        );
        for session in tx.all(sessions, params![email.to_lowercase()]).await? {
            live::revoke(tx, &session, self.now_ms()).await?;
        }
        Ok(())
    }
}

db::row! {
    struct AccountRow {
        id: UserId as text,
        email: String,
        name: String,
        role: Role as name,
        active: bool,
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self { id: row.id, email: row.email, name: row.name, role: row.role, active: row.active }
    }
}
