//! Sessions: a random token in a cookie, its hash in the database.

use db::{Row, params, sql};
use domain::{Role, UserId, email::Email};

use super::password;
use crate::{
    Hiring,
    actor::{Actor, User},
    error::Error,
    hash,
};

/// How long a session lasts, in days.
pub const SESSION_DAYS: i64 = 14;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Hiring {
    /// Signs in: the token for the cookie. `from` is the network address that asks; tries are
    /// counted by it and by the account, before a password is looked at, and forgiven if it is right.
    ///
    /// # Errors
    /// [`Error::Throttled`], [`Error::WrongCredentials`] (also for unknown and disabled accounts).
    pub async fn sign_in(&self, email: &str, password: &str, from: &str) -> Result<String, Error> {
        let Ok(email) = Email::parse(email) else { return Err(Error::WrongCredentials) };
        let email = email.as_str().to_lowercase();
        self.count_try(&email, from).await?;
        let row = self.account(&email).await?;
        let hash = row.as_ref().map(|row| row.text("password_hash")).transpose()?;
        let right = password::matches(password.to_owned(), hash).await?;
        let (true, Some(row)) = (right, row) else {
            return Err(Error::WrongCredentials);
        };
        self.forgive(&email, from).await?;
        self.open_session(&row.text("id")?).await
    }

    /// Signs out: the session and its sockets end, on every node.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Error> {
        let Actor::User(user) = actor else {
            return Ok(());
        };
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from sessions where token_hash = $1"), params![&user.session]).await?;
        live::revoke(&mut tx, &user.session, self.now_ms()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who holds this session token; [`Actor::Anonymous`] if nobody does.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn actor_of_session(&self, token: &str) -> Result<Actor, Error> {
        self.actor_of_hash(&hash::sha256(token)).await
    }

    /// The same actor as of now: signed out, disabled or expired is anonymous.
    pub(crate) async fn refresh(&self, actor: &Actor) -> Result<Actor, Error> {
        match actor {
            Actor::User(user) => self.actor_of_hash(&user.session).await,
            other => Ok(other.clone()),
        }
    }

    async fn actor_of_hash(&self, session: &str) -> Result<Actor, Error> {
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(
                sql!(
                    "select users.id, users.name, users.email, users.role, sessions.expires_at
                     from sessions join users on users.id = sessions.user_id
                     where sessions.token_hash = $1 and sessions.expires_at > $2 and users.active = 1"
                ),
                params![session, self.now_ms()],
            )
            .await?;
        row.map_or(Ok(Actor::Anonymous), |row| user_of(&row, session))
    }

    async fn account(&self, email: &str) -> Result<Option<Row>, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select id, password_hash from users where email = $1 and active = 1");
        Ok(tx.optional(find, params![email]).await?)
    }

    async fn open_session(&self, user: &str) -> Result<String, Error> {
        let token = hash::token();
        let now = self.now_ms();
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from sessions where expires_at <= $1"), params![now]).await?;
        tx.execute(sql!("delete from throttles where window_ends_at <= $1"), params![now]).await?;
        tx.execute(
            sql!("insert into sessions (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)"),
            params![hash::sha256(&token), user, now, now + SESSION_DAYS * DAY_MS],
        )
        .await?;
        tx.commit().await?;
        Ok(token)
    }
}

fn user_of(row: &Row, session: &str) -> Result<Actor, Error> {
    let (Ok(id), Some(role)) = (row.text("id")?.parse::<UserId>(), Role::parse(&row.text("role")?)) else {
        return Ok(Actor::Anonymous);
    };
    let user = User {
        id,
        name: row.text("name")?,
        email: row.text("email")?,
        role,
        session: session.to_owned(),
        expires_at: row.int("expires_at")?,
    };
    Ok(Actor::User(user))
}
