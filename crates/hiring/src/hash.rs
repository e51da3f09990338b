//! Random tokens, and the hashes that are kept of them.

use rand::Rng;
use sha2::{Digest, Sha256};

/// 256 random bits in hexadecimal: a session, or the link of a status page.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// SHA-256 in hexadecimal. A token of 256 random bits needs no salt and no slow hash.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
