//! Validation of form fields.

use domain::{application::MAX_NOTE_CHARS, email::Email};

use crate::error::{Error, Problem};

const MAX_NAME_CHARS: usize = 200;

/// Validates a name: 1 to 200 characters without control characters. Folds white space.
pub(crate) fn name(text: &str) -> Result<String, Error> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let invalid = |problem| Err(Error::Invalid { field: "name", problem });
    if name.is_empty() {
        return invalid(Problem::Missing);
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return invalid(Problem::TooLong { max: MAX_NAME_CHARS });
    }
    if name.chars().any(char::is_control) {
        return invalid(Problem::ControlCharacters);
    }
    Ok(name)
}

/// Validates a note: 1 to [`MAX_NOTE_CHARS`] characters without control characters other than line
/// breaks and tabs.
pub(crate) fn note(text: &str) -> Result<String, Error> {
    // Browsers send a line break as two characters, but count it as one.
    let note = text.replace("\r\n", "\n").trim().to_owned();
    let invalid = |problem| Err(Error::Invalid { field: "text", problem });
    if note.is_empty() {
        return invalid(Problem::Missing);
    }
    if note.chars().count() > MAX_NOTE_CHARS {
        return invalid(Problem::TooLong { max: MAX_NOTE_CHARS });
    }
    if note.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return invalid(Problem::ControlCharacters);
    }
    Ok(note)
}

/// Validates an e-mail address; see [`Email::parse`].
pub(crate) fn email(text: &str) -> Result<Email, Error> {
    Email::parse(text).map_err(|_| Error::Invalid { field: "email", problem: Problem::NotAnEmail })
}

/// Cleans a file name for display and download: the last path component, at most 120 characters,
/// without control characters and bidirectional overrides; "cv" if nothing is left.
pub(crate) fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let deceptive =
        |c: &char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c) || ('\u{2066}'..='\u{2069}').contains(c);
    let clean: String = last.chars().filter(|c| !deceptive(c)).take(120).collect();
    if clean.trim().is_empty() { "cv".to_owned() } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_to_two_hundred_characters() {
        assert_eq!(name("  Ada \n Lovelace ").unwrap(), "Ada Lovelace");
        assert!(name(" \t").is_err());
        assert!(name(&"x".repeat(200)).is_ok());
        assert!(name(&"x".repeat(10_000)).is_err());
        assert!(name("Ada\u{0}").is_err());
    }

    #[test]
    fn a_note_keeps_its_lines_and_has_a_maximum_length() {
        assert_eq!(note(" call her\r\non Monday ").unwrap(), "call her\non Monday");
        assert!(note(" \n").is_err() && note("bell\u{7}").is_err());
        assert!(note(&"x".repeat(MAX_NOTE_CHARS)).is_ok() && note(&"x".repeat(MAX_NOTE_CHARS + 1)).is_err());
    }

    #[test]
    fn a_file_name_has_no_path_and_no_deceptive_characters() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\cv\\me.pdf"), "me.pdf");
        assert_eq!(file_name("cv\u{202e}fdp.exe"), "cvfdp.exe");
        assert_eq!(file_name("  "), "cv");
    }
}
