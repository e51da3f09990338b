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
}
