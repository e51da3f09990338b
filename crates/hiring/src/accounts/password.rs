//! Password hashes: argon2id (RFC 9106) with the parameters that OWASP's password storage cheat
//! sheet recommends and the `argon2` crate defaults to (19 MiB, 2 passes), on a blocking thread.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};

use tokio::sync::Semaphore;

use crate::error::Error;

/// Limits concurrent verifications: each takes 19 MiB and a core, and anybody can request one.
static VERIFY_PERMITS: Semaphore = Semaphore::const_new(4);

/// The hash that a password is compared with when the user does not exist, so that both cases take
/// the same time.
static DUMMY_HASH: LazyLock<Option<String>> = LazyLock::new(|| hash_blocking("nobody has this password").ok());

/// Hashes a password with a random salt.
pub(super) async fn hash(password: String) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || hash_blocking(&password)).await.map_err(|_| Error::Hash)?
}

fn hash_blocking(password: &str) -> Result<String, Error> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|_| Error::Hash)?;
    Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|_| Error::Hash)
}

/// Returns whether `password` matches `hash`; `false` after the same time if there is no hash.
pub(super) async fn matches(password: String, hash: Option<String>) -> Result<bool, Error> {
    let check = move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| DUMMY_HASH.clone()) else {
            return Err(Error::Hash);
        };
        let parsed = PasswordHash::new(&hash).map_err(|_| Error::Hash)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    };
    let _permit = VERIFY_PERMITS.acquire().await.map_err(|_| Error::Hash)?;
    tokio::task::spawn_blocking(check).await.map_err(|_| Error::Hash)?
}
