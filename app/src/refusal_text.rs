//! Refusals of files in the reader's language.

use domain::Refusal;

use crate::i18n::errors;

/// Why a file was refused, and what to do.
pub fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Empty => errors::file_empty().to_owned(),
        Refusal::TooLarge { limit_mib } => errors::file_too_large(&limit_mib.to_string()),
        // What the file is, is named in English only.
        Refusal::WrongType { found } => errors::file_wrong_type(found),
        Refusal::Encrypted => errors::file_encrypted().to_owned(),
        Refusal::Damaged => errors::file_damaged().to_owned(),
        Refusal::NoPages => errors::file_no_pages().to_owned(),
        Refusal::TooManyPages { limit } => errors::file_too_many_pages(&limit.to_string()),
        Refusal::TooComplex => errors::file_too_complex().to_owned(),
        Refusal::NoText => errors::file_no_text().to_owned(),
    }
}
