//! What a caller can decide on when the database says no.

/// An error of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique key is taken.
    #[error("a row with this key exists already ({constraint})")]
    Unique {
        /// The constraint (PostgreSQL) or the columns (SQLite).
        constraint: String,
    },
    /// A row was expected and there is none.
    #[error("no such row")]
    NotFound,
    /// The database cannot be reached, or is shutting down.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A column is missing, or is of another type than asked for.
    #[error("column {column} does not hold what was asked for")]
    Column {
        /// Its name.
        column: String,
        /// The driver's word.
        #[source]
        source: sqlx::Error,
    },
    /// The URL names no database that is supported.
    #[error("{0:?} is not a database URL; it should begin with sqlite:// or postgres://")]
    Url(String),
    /// A migration failed.
    #[error("the database could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Anything else.
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
