//! Sessions: a random token in a cookie and its hash in the database.

use db::{params, sql};
use domain::{Locale, Role, UserId, email::Email};

use super::password;
use crate::{
    Hiring,
    actor::{Actor, User},
    error::Error,
    hash,
};

/// Lifetime of a session, in days.
pub const SESSION_DAYS: i64 = 14;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Hiring {
    /// Signs in and returns the token for the session cookie. `from` is the client's network address.
    /// Attempts are counted per address and account before the password is verified; a successful one
    /// is not counted.
    ///
    /// # Errors
    /// [`Error::Throttled`] after too many attempts; [`Error::WrongCredentials`], also for unknown and
    /// disabled accounts.
    pub async fn sign_in(&self, email: &str, password: &str, from: &str) -> Result<String, Error> {
        let Ok(email) = Email::parse(email) else { return Err(Error::WrongCredentials) };
        let email = email.as_str().to_lowercase();
        self.count_attempt(&email, from).await?;
        let account = self.active_account(&email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let matches = password::matches(password.to_owned(), hash).await?;
        let (true, Some(account)) = (matches, account) else {
            return Err(Error::WrongCredentials);
        };
        self.uncount_attempt(&email, from).await?;
        self.create_session(account.id).await
    }

    /// Signs out: ends the session and its live sockets on every node.
    ///
    /// # Errors
    /// [`Error::Db`] or [`Error::Live`] when the database fails.
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

    /// Returns the user with this session token; [`Actor::Anonymous`] if the session does not exist,
    /// has expired, or its account is disabled.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be read.
    pub async fn actor_from_session_token(&self, token: &str) -> Result<Actor, Error> {
        self.actor_from_session_hash(&hash::sha256(token)).await
    }

    /// Reloads a user's role and session; [`Actor::Anonymous`] if the session has ended.
    pub(crate) async fn refresh(&self, actor: &Actor) -> Result<Actor, Error> {
        match actor {
            Actor::User(user) => self.actor_from_session_hash(&user.session).await,
            other => Ok(other.clone()),
        }
    }

    async fn actor_from_session_hash(&self, session: &str) -> Result<Actor, Error> {
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(
                sql!(
                    "select users.id, users.name, users.email, users.role, users.language, sessions.expires_at
                     from sessions join users on users.id = sessions.user_id
                     where sessions.token_hash = $1 and sessions.expires_at > $2 and users.active = 1"
                    => UserRow
                ),
                params![session, self.now_ms()],
            )
            .await?;
        Ok(row.map_or(Actor::Anonymous, |row| user_actor(row, session)))
    }

    async fn active_account(&self, email: &str) -> Result<Option<ActiveAccountRow>, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select id, password_hash from users where email = $1 and active = 1" => ActiveAccountRow);
        Ok(tx.optional(find, params![email]).await?)
    }

    async fn create_session(&self, user: UserId) -> Result<String, Error> {
        let token = hash::random_token();
        let now = self.now_ms();
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from sessions where expires_at <= $1"), params![now]).await?;
        tx.execute(sql!("delete from throttles where window_ends_at <= $1"), params![now]).await?;
        tx.execute(
            sql!("insert into sessions (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)"),
            params![hash::sha256(&token), user.to_string(), now, now + SESSION_DAYS * DAY_MS],
        )
        .await?;
        tx.commit().await?;
        Ok(token)
    }
}

db::row! {
    struct ActiveAccountRow {
        id: UserId as text,
        password_hash: String,
    }
}

db::row! {
    struct UserRow {
        id: UserId as text,
        name: String,
        email: String,
        role: Role as name,
        language: Option<String>,
        expires_at: i64,
    }
}

fn user_actor(row: UserRow, session: &str) -> Actor {
    Actor::User(User {
        id: row.id,
        name: row.name,
        email: row.email,
        role: row.role,
        language: row.language.as_deref().and_then(Locale::parse),
        session: session.to_owned(),
        expires_at: row.expires_at,
    })
}
