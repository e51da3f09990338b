//! Reads entries of a ZIP archive under a common size limit.

use std::io::{Cursor, Read};

use domain::Refusal;
use zip::{ZipArchive, result::ZipError};

/// The maximum number of entries of an archive.
const MAX_ENTRIES: usize = 1_000;
/// The maximum inflated size of all entries that are read together, counted while they inflate.
const MAX_INFLATED_BYTES: u64 = 64 * 1024 * 1024;
/// The maximum ratio of an entry's inflated to its compressed size, ...
const MAX_RATIO: u64 = 100;
/// ... unless its inflated size is at most this many bytes.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// A ZIP archive with a budget for what may still be inflated.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    remaining_bytes: u64,
}

impl<'a> Archive<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it is no archive, [`Refusal::TooComplex`] where it has too many entries.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
        if zip.len() > MAX_ENTRIES {
            return Err(Refusal::TooComplex);
        }
        Ok(Self { zip, remaining_bytes: MAX_INFLATED_BYTES })
    }

    /// The sorted names of the entries that begin with `prefix` and end with `suffix`.
    #[must_use]
    pub fn names(&self, prefix: &str, suffix: &str) -> Vec<String> {
        let names = self.zip.file_names().flatten().map(std::borrow::Cow::into_owned);
        let wanted = |name: &String| name.starts_with(prefix) && name.ends_with(suffix);
        let mut names: Vec<String> = names.filter(wanted).collect();
        names.sort();
        names
    }

    /// Inflates the entry `name`; `None` if there is none.
    ///
    /// # Errors
    /// [`Refusal::TooComplex`] where it exceeds a limit, [`Refusal::Encrypted`] and [`Refusal::Damaged`].
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Refusal::Encrypted);
            }
            Err(_) => return Err(Refusal::Damaged),
        };
        let allowed = entry.compressed_size().saturating_mul(MAX_RATIO).max(RATIO_FREE_BYTES).min(self.remaining_bytes);
        let mut bytes = Vec::new();
        let inflated = entry.take(allowed + 1).read_to_end(&mut bytes);
        let length = inflated.map_err(|_| Refusal::Damaged)? as u64;
        if length > allowed {
            return Err(Refusal::TooComplex);
        }
        self.remaining_bytes -= length;
        Ok(Some(bytes))
    }
}
