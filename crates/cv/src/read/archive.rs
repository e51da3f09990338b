//! Entries of a ZIP archive, inflated under a common limit.

use std::io::{Cursor, Read};

use domain::Refusal;
use zip::{ZipArchive, result::ZipError};

/// More entries than a document has.
const MAX_ENTRIES: usize = 1_000;
/// What all read entries may hold together, counted while they inflate.
const MAX_INFLATED: u64 = 64 * 1024 * 1024;
/// No text inflates to more than so many times its size, ...
const MAX_RATIO: u64 = 100;
/// ... unless it is this small.
const ANY_RATIO: u64 = 1024 * 1024;

/// An archive.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Archive<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] and [`Refusal::TooComplex`].
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
        if zip.len() > MAX_ENTRIES {
            return Err(Refusal::TooComplex);
        }
        Ok(Self { zip, left: MAX_INFLATED })
    }

    /// The names of the entries that begin and end so, sorted.
    #[must_use]
    pub fn names(&self, prefix: &str, suffix: &str) -> Vec<String> {
        let names = self.zip.file_names().flatten().map(std::borrow::Cow::into_owned);
        let wanted = |name: &String| name.starts_with(prefix) && name.ends_with(suffix);
        let mut names: Vec<String> = names.filter(wanted).collect();
        names.sort();
        names
    }

    /// The bytes of entry `name`; `None` if there is none.
    ///
    /// # Errors
    /// [`Refusal::TooComplex`], [`Refusal::Encrypted`] and [`Refusal::Damaged`].
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Refusal::Encrypted);
            }
            Err(_) => return Err(Refusal::Damaged),
        };
        let allowed = entry.compressed_size().saturating_mul(MAX_RATIO).max(ANY_RATIO).min(self.left);
        let mut bytes = Vec::new();
        let inflated = entry.take(allowed + 1).read_to_end(&mut bytes);
        let length = inflated.map_err(|_| Refusal::Damaged)? as u64;
        if length > allowed {
            return Err(Refusal::TooComplex);
        }
        self.left -= length;
        Ok(Some(bytes))
    }
}
