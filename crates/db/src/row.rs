//! Rows of a result.

use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use crate::error::Error;

/// A row from either driver. Its methods read columns by name.
#[derive(Debug)]
pub enum Row {
    /// A row from SQLite.
    Sqlite(SqliteRow),
    /// A row from PostgreSQL.
    Postgres(PgRow),
}

macro_rules! column {
    ($($(#[$doc:meta])* $name:ident -> $type:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Column`] when the row has no such column or the column has another type.
        pub fn $name(&self, column: &str) -> Result<$type, Error> {
            match self {
                Self::Sqlite(row) => row.try_get::<$type, _>(column),
                Self::Postgres(row) => row.try_get::<$type, _>(column),
            }
            .map_err(|source| Error::Column { column: column.to_owned(), source })
        }
    )*};
}

impl Row {
    column! {
        /// Reads an integer column.
        int -> i64;
        /// Reads an integer column that may be null.
        opt_int -> Option<i64>;
        /// Reads a text column.
        text -> String;
        /// Reads a text column that may be null.
        opt_text -> Option<String>;
        /// Reads a column of bytes.
        bytes -> Vec<u8>;
        /// Reads a column of bytes that may be null.
        opt_bytes -> Option<Vec<u8>>;
        /// Reads a floating-point column.
        float -> f64;
        /// Reads a floating-point column that may be null.
        opt_float -> Option<f64>;
    }

    /// Reads a boolean, which both databases store as 0 or 1.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn flag(&self, column: &str) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    /// Reads a text and decodes it. `column` is the name of the column with its table, such as
    /// `applications.stage`; in the row it is `stage`.
    ///
    /// # Errors
    /// As [`Row::text`]; [`Error::Stored`] when `decode` fails.
    pub fn decode<T, E>(&self, column: &'static str, decode: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        decode(&self.text(unqualified(column))?).map_err(|error| stored(column, error))
    }

    /// As [`Row::decode`] for a text or null.
    ///
    /// # Errors
    /// As [`Row::decode`].
    pub fn opt_decode<T, E>(
        &self,
        column: &'static str,
        decode: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let text = self.opt_text(unqualified(column))?;
        text.map(|text| decode(&text)).transpose().map_err(|error| stored(column, error))
    }

    /// Reads an integer of a smaller range, such as `u32`. `column` is named as in [`Row::decode`].
    ///
    /// # Errors
    /// As [`Row::int`]; [`Error::Stored`] when the number is out of range.
    pub fn number<T>(&self, column: &'static str) -> Result<T, Error>
    where
        T: TryFrom<i64>,
        T::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        T::try_from(self.int(unqualified(column))?).map_err(|error| stored(column, error))
    }
}

/// Returns the name of a column without its table.
fn unqualified(column: &'static str) -> &'static str {
    column.rsplit('.').next().unwrap_or(column)
}

fn stored(column: &'static str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Stored { column, source: error.into() }
}
