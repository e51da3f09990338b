//! What a use-case answers when it says no.

use cv::sandbox::ReadError;
use domain::Refusal;

/// Why a use-case was refused, or failed. `Display` is a sentence for the person who asked; causes
/// stay inside and are logged once, at the edge.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in.
    #[error("Please sign in to see this.")]
    SignIn,
    /// The address and the password do not go together.
    #[error("This address and password do not match. Please try again.")]
    WrongCredentials,
    /// Too many tries.
    #[error("Too many tries. Please wait {minutes} minutes and try again.")]
    Throttled {
        /// How long to wait.
        minutes: i64,
    },
    /// There is no such thing, or it is not for this person.
    #[error("There is no such {what}.")]
    NotFound {
        /// "posting", "application", "page".
        what: &'static str,
    },
    /// The posting takes no applications.
    #[error("This posting is closed. It takes no more applications.")]
    Closed,
    /// A field of a form is wrong.
    #[error("{message}")]
    Invalid {
        /// Its name.
        field: &'static str,
        /// What to do.
        message: String,
    },
    /// The file was refused.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The move makes no sense.
    #[error("This application is there already.")]
    NoMove,
    /// The CV is being summarised already.
    #[error("This CV is being read already.")]
    Busy,
    /// More CVs arrive, or pages are asked for, than this machine reads.
    #[error("Many CVs are being read just now. Please try again in a minute.")]
    Overloaded,
    /// The database.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Db(#[from] db::Error),
    /// The event log.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Live(#[from] live::Error),
    /// The queue.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Queue(#[from] queue::Error),
    /// Files, or the sandbox.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Io(#[from] std::io::Error),
    /// A row holds what this version cannot read.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Stored(#[from] serde_json::Error),
    /// The password could not be hashed.
    #[error("Something went wrong on our side. Please try again in a moment.")]
    Hash,
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
    /// A stable code for machines.
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
            Self::NoMove => "no_move",
            Self::Busy => "busy",
            Self::Overloaded => "overloaded",
            Self::Db(_) | Self::Live(_) | Self::Queue(_) | Self::Io(_) | Self::Stored(_) | Self::Hash => "internal",
        }
    }

    /// The HTTP status that says the same.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignIn | Self::WrongCredentials => 401,
            Self::NotFound { .. } => 404,
            Self::Closed | Self::NoMove | Self::Busy => 409,
            Self::Refused(Refusal::TooLarge { .. }) => 413,
            Self::Invalid { .. } | Self::Refused(_) => 422,
            Self::Throttled { .. } => 429,
            Self::Overloaded | Self::Db(db::Error::Unavailable(_)) => 503,
            Self::Db(_) | Self::Live(_) | Self::Queue(_) | Self::Io(_) | Self::Stored(_) | Self::Hash => 500,
        }
    }

    /// Whether this is our fault, and belongs into the log.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.status() >= 500
    }
}
