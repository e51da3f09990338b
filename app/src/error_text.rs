//! Errors in the reader's language.

use hiring::{Error, Problem};

use crate::{
    i18n::{self, errors},
    refusal_text::refusal_text,
};

/// The sentence that a user sees; `hiring`'s own words are for logs and commands.
pub fn error_text(error: &Error) -> String {
    match error {
        Error::SignIn => errors::sign_in().to_owned(),
        Error::WrongCredentials => errors::wrong_credentials().to_owned(),
        Error::Throttled { minutes } => errors::throttled(*minutes),
        Error::NotFound { what: "page" } => errors::page_not_found().to_owned(),
        Error::NotFound { .. } => errors::not_found().to_owned(),
        Error::Closed => errors::posting_closed().to_owned(),
        Error::Invalid { field, problem } => problem_text(field, problem),
        Error::Refused(refusal) => refusal_text(refusal),
        Error::SameStage => errors::same_stage().to_owned(),
        Error::Busy => errors::busy().to_owned(),
        Error::Overloaded => errors::overloaded().to_owned(),
        _ => errors::internal().to_owned(),
    }
}

fn problem_text(field: &str, problem: &Problem) -> String {
    let number = |count: usize| i18n::integer(i64::try_from(count).unwrap_or(i64::MAX));
    match (field, problem) {
        ("name", Problem::Missing) => errors::name_missing().to_owned(),
        ("name", Problem::TooLong { max }) => errors::name_too_long(&number(*max)),
        ("name", Problem::ControlCharacters) => errors::name_characters().to_owned(),
        ("text", Problem::Missing) => errors::note_missing().to_owned(),
        ("text", Problem::TooLong { max }) => errors::note_too_long(&number(*max)),
        ("text", Problem::ControlCharacters) => errors::note_characters().to_owned(),
        ("text", Problem::TooMany { max }) => errors::too_many_notes(&number(*max)),
        ("cv", Problem::Missing) => errors::cv_missing().to_owned(),
        ("password", Problem::TooShort { min }) => errors::password_too_short(&number(*min)),
        (_, Problem::NotAnEmail) => errors::not_an_email().to_owned(),
        (_, Problem::OutOfRange { min, max }) => errors::out_of_range(&number(*max), &number(*min)),
        (_, Problem::Unknown) => errors::unknown_value().to_owned(),
        (_, Problem::NotJson { error }) => errors::not_json(error),
        (_, Problem::Incomplete) => errors::form_incomplete().to_owned(),
        _ => errors::field_invalid().to_owned(),
    }
}
