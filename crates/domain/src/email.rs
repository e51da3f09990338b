//! E-mail addresses, checked for plausible syntax.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An address with a local part, one `@` and a dotted domain; at most 254 bytes (RFC 5321,
/// section 4.5.3.1.3). Whether the mailbox exists is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// The error of [`Email::parse`]: the text does not have the form of an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not an e-mail address. It should look like name@example.org.")]
pub struct NotAnEmail;

impl Email {
    /// Parses an address, trimming surrounding white space and lower-casing the domain.
    ///
    /// # Errors
    /// [`NotAnEmail`] when the text has no plausible address form.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let plausible = text.len() <= 254
            && !local.is_empty()
            && !local.contains('@')
            && domain.split('.').count() >= 2
            && domain.split('.').all(|label| !label.is_empty())
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"(),:;\\[]".contains(c));
        if !plausible {
            return Err(NotAnEmail);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// Returns the address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
