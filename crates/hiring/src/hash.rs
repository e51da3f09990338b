//! Random tokens, and the hashes that are stored of them.

use rand::Rng;
use sha2::{Digest, Sha256};

/// Returns 256 random bits in hexadecimal, for a session or a status link.
pub(crate) fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// Returns the SHA-256 of `text` in hexadecimal. A random token needs neither a salt nor a slow hash.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
