//! Taking rights away and giving them back: it reaches every open page of the person at once.

use db::{Row, Tx, params, sql};
use domain::{Role, UserId, user::UserEvent};
use serde::Serialize;

use crate::{Hiring, actor::Actor, error::Error, policy, topics::user_topic};

const NONE: Error = Error::NotFound { what: "account" };

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// Its address, by which commands name it.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may do anything.
    pub active: bool,
}

impl Hiring {
    /// Every account, by address.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::NotFound`] for whoever is no administrator.
    pub async fn accounts(&self, actor: &Actor) -> Result<Vec<Account>, Error> {
        policy::may_administer(actor)?;
        let mut tx = self.db().snapshot().await?;
        let all = sql!("select id, email, name, role, active from users order by email");
        tx.all(all, params![]).await?.iter().map(account_of).collect()
    }

    /// Disables the account of that address, or enables it again. A disabled one is signed out
    /// everywhere.
    ///
    /// # Errors
    /// As [`Hiring::accounts`]; [`Error::NotFound`] for an unknown address.
    pub async fn set_active(&self, actor: &Actor, email: &str, active: bool) -> Result<(), Error> {
        policy::may_administer(actor)?;
        let mut tx = self.db().begin().await?;
        let set = sql!("update users set active = $2 where email = $1");
        found(tx.execute(set, params![email.to_lowercase(), active]).await?)?;
        self.revoke_sessions(&mut tx, email).await?;
        if !active {
            let end = sql!("delete from sessions where user_id in (select id from users where email = $1)");
            tx.execute(end, params![email.to_lowercase()]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives the account of that address another role; its open pages say so.
    ///
    /// # Errors
    /// As [`Hiring::set_active`].
    pub async fn set_role(&self, actor: &Actor, email: &str, role: Role) -> Result<(), Error> {
        policy::may_administer(actor)?;
        let mut tx = self.db().begin().await?;
        let set = sql!("update users set role = $2 where email = $1 returning id");
        let row = tx.optional(set, params![email.to_lowercase(), role.as_str()]).await?.ok_or(NONE)?;
        let id = row.text("id")?.parse().map_err(|_| NONE)?;
        self.revoke_sessions(&mut tx, email).await?;
        live::publish(&mut tx, &user_topic(id), &UserEvent::RoleChanged { role }, self.now_ms()).await?;
        Ok(tx.commit().await?)
    }

    /// Has every socket of the account authorise its topics again, once `tx` commits.
    async fn revoke_sessions(&self, tx: &mut Tx, email: &str) -> Result<(), Error> {
        let sessions = sql!(
            "select sessions.token_hash from sessions join users on users.id = sessions.user_id
             where users.email = $1 order by sessions.token_hash"
        );
        for row in tx.all(sessions, params![email.to_lowercase()]).await? {
            live::revoke(tx, &row.text("token_hash")?, self.now_ms()).await?;
        }
        Ok(())
    }
}

fn found(rows: u64) -> Result<(), Error> {
    if rows == 0 { Err(NONE) } else { Ok(()) }
}

fn account_of(row: &Row) -> Result<Account, Error> {
    Ok(Account {
        id: row.text("id")?.parse().map_err(|_| NONE)?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: Role::parse(&row.text("role")?).ok_or(NONE)?,
        active: row.flag("active")?,
    })
}
