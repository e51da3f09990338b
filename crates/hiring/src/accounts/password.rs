//! Password hashes: argon2id (RFC 9106) with the parameters that OWASP's password storage cheat
//! sheet names and the `argon2` crate ships (19 MiB, 2 passes), on a blocking thread, a few at once.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};

use tokio::sync::Semaphore;

use crate::error::Error;

/// Each takes 19 MiB and a core: strangers who guess must not take them all.
static PLACES: Semaphore = Semaphore::const_new(4);

/// What a password is compared with when there is no such user, so that both take as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

pub(super) async fn hash(password: String) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(|_| Error::Hash)?
}

fn hash_now(password: &str) -> Result<String, Error> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|_| Error::Hash)?;
    Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|_| Error::Hash)
}

/// Whether `password` belongs to `hash`. Takes as long without a hash.
pub(super) async fn matches(password: String, hash: Option<String>) -> Result<bool, Error> {
    let check = move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else {
            return Err(Error::Hash);
        };
        let parsed = PasswordHash::new(&hash).map_err(|_| Error::Hash)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    };
    let _place = PLACES.acquire().await.map_err(|_| Error::Hash)?;
    tokio::task::spawn_blocking(check).await.map_err(|_| Error::Hash)?
}
