//! Rows.

use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use crate::error::Error;

/// A row of either database; columns are read by name.
#[derive(Debug)]
pub enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    Postgres(PgRow),
}

macro_rules! column {
    ($($(#[$doc:meta])* $name:ident -> $type:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Column`] when there is no such column or it holds something else.
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
        /// An integer.
        int -> i64;
        /// An integer or null.
        opt_int -> Option<i64>;
        /// A text.
        text -> String;
        /// A text or null.
        opt_text -> Option<String>;
        /// Bytes.
        bytes -> Vec<u8>;
        /// Bytes or null.
        opt_bytes -> Option<Vec<u8>>;
        /// A floating-point number.
        float -> f64;
        /// A floating-point number or null.
        opt_float -> Option<f64>;
    }

    /// A truth value, stored as 0 or 1.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn flag(&self, column: &str) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }
}
