//! The error of every use-case.

use cv::sandbox::ReadError;
use domain::Refusal;

/// The reason why a use-case was refused or failed. `Display` is a sentence for the user; causes are
/// not part of it and are logged once, by the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The use-case needs a signed-in user.
    #[error("Please sign in to see this.")]
    SignIn,
    /// The e-mail address is unknown, the account is disabled or the password is wrong.
    #[error("Wrong e-mail address or password.")]
    WrongCredentials,
    /// Too many attempts to sign in.
    #[error("Too many attempts. Please wait {minutes} minutes and try again.")]
    Throttled {
        /// Minutes until the next attempt is allowed.
        minutes: i64,
    },
    /// The thing does not exist, or the actor may not know that it exists.
    #[error("This {what} does not exist.")]
    NotFound {
        /// What was looked for: "posting", "application", "page".
        what: &'static str,
    },
    /// The posting does not accept applications.
    #[error("We're no longer taking applications for this role.")]
    Closed,
    /// A form field is invalid.
    #[error("The field \"{field}\" {problem}.")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The uploaded file was refused.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The application already is in the requested stage.
    #[error("It's already in this stage.")]
    SameStage,
    /// The job is running, or another job writes the summary.
    #[error("This CV is already being read.")]
    Busy,
    /// The sandbox has no free permit: more CVs or page pictures are requested than it can handle.
    #[error("We are reading many CVs right now. Please try again in a minute.")]
    Overloaded,
    /// A database error, or a stored value that cannot be decoded.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Db(#[from] db::Error),
    /// An error of the event log.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Live(#[from] live::Error),
    /// An error of the job queue.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Queue(#[from] queue::Error),
    /// An error of the file system or of the sandbox.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Io(#[from] std::io::Error),
    /// A value cannot be encoded for storage.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Encode(#[from] serde_json::Error),
    /// Hashing a password failed.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Hash,
}

/// What is wrong with a form field. `Display` continues the name of the field, in English.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing was entered.
    #[error("is empty")]
    Missing,
    /// The text has more characters than allowed.
    #[error("is longer than {max} characters")]
    TooLong {
        /// The most characters.
        max: usize,
    },
    /// The text has fewer characters than required.
    #[error("is shorter than {min} characters")]
    TooShort {
        /// The fewest characters.
        min: usize,
    },
    /// The text has characters that cannot be displayed.
    #[error("has characters that cannot be displayed")]
    ControlCharacters,
    /// The text is not an e-mail address.
    #[error("is not an e-mail address")]
    NotAnEmail,
    /// The application has as many notes as it may have.
    #[error("is refused: there already are {max}")]
    TooMany {
        /// The most there may be.
        max: usize,
    },
    /// The number is outside the range.
    #[error("is not from {min} to {max}")]
    OutOfRange {
        /// The least value.
        min: usize,
        /// The greatest value.
        max: usize,
    },
    /// The value is none of those that there are.
    #[error("is unknown")]
    Unknown,
    /// The text is not JSON of the required shape.
    #[error("is not valid JSON: {error}")]
    NotJson {
        /// The parser's message, in English.
        error: String,
    },
    /// The form did not arrive completely.
    #[error("did not arrive completely")]
    Incomplete,
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(refusal) => Self::Refused(refusal),
            ReadError::Busy => Self::Overloaded,
            ReadError::Unavailable(error) => Self::Io(error),
        }
    }
}

impl Error {
    /// Returns a stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::WrongCredentials => "wrong_credentials",
            Self::Throttled { .. } => "throttled",
            Self::NotFound { .. } => "not_found",
            Self::Closed => "posting_closed",
            Self::Invalid { field, .. } => match *field {
                "name" => "name_invalid",
                "email" => "email_invalid",
                "cv" => "file_missing",
                _ => "field_invalid",
            },
            Self::Refused(refusal) => refusal.code(),
            Self::SameStage => "no_move",
            Self::Busy => "busy",
            Self::Overloaded => "overloaded",
            Self::Db(_) | Self::Live(_) | Self::Queue(_) | Self::Io(_) | Self::Encode(_) | Self::Hash => "internal",
        }
    }

    /// Returns the HTTP status code of the error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignIn | Self::WrongCredentials => 401,
            Self::NotFound { .. } => 404,
            Self::Closed | Self::SameStage | Self::Busy => 409,
            Self::Refused(Refusal::TooLarge { .. }) => 413,
            Self::Invalid { .. } | Self::Refused(_) => 422,
            Self::Throttled { .. } => 429,
            Self::Overloaded | Self::Db(db::Error::Unavailable(_)) => 503,
            Self::Db(_) | Self::Live(_) | Self::Queue(_) | Self::Io(_) | Self::Encode(_) | Self::Hash => 500,
        }
    }

    /// Whether this is a fault of the server (status 5xx), to be logged.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.status() >= 500
    }
}
