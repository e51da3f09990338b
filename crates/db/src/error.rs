//! Errors, one variant for each decision that a caller may take.

/// What went wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another row has this unique key.
    #[error("a row with this key exists already ({constraint})")]
    Unique {
        /// The name of the constraint (PostgreSQL), or a message that names its columns (SQLite).
        constraint: String,
    },
    /// The statement should have returned a row and returned none.
    #[error("no such row")]
    NotFound,
    /// The database cannot be reached, is shutting down, or has no connection free in time.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A column is missing, or has another type than the caller asked for.
    #[error("column {column} is missing or has an unexpected type")]
    Column {
        /// The name of the column.
        column: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A column holds a value that this version cannot decode: it was changed by hand or written by a
    /// newer version.
    #[error("{column} holds a value that cannot be decoded")]
    Stored {
        /// The column with its table: "applications.stage".
        column: &'static str,
        /// Why the value cannot be decoded.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The URL is for no database that this crate supports.
    #[error("{0:?} is not a database URL; it should begin with sqlite:// or postgres://")]
    Url(String),
    /// A migration failed.
    #[error("the database could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Any other error, such as a wrong statement.
    #[error("the database refused a statement")]
    Other(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Unavailable(error)
            }
            sqlx::Error::Database(ref refused) if refused.is_unique_violation() => {
                let constraint = refused.constraint().unwrap_or_else(|| refused.message()).to_owned();
                Self::Unique { constraint }
            }
            other => Self::Other(other),
        }
    }
}
