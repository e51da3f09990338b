//! Rows of a result, and the types that they are read into.

use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use crate::error::Error;

/// A row from either driver.
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
            FromColumn::from_column(self, Column::Name(column))
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
        /// Reads a boolean, which both databases store as 0 or 1.
        flag -> bool;
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

/// A column of a row.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// The column of this name.
    Name(&'a str),
    /// The first column, for rows that have only one.
    First,
}

impl Column<'_> {
    /// The error of a column whose value cannot be read.
    #[must_use]
    pub fn error(self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        let column = self.to_string();
        Error::Column { column: column.clone(), source: sqlx::Error::ColumnDecode { index: column, source } }
    }
}

impl Column<'_> {
    /// Parses a text column with [`FromStr`](std::str::FromStr).
    ///
    /// # Errors
    /// [`Error::Column`] when it is no text or cannot be parsed.
    pub fn parse_text<T>(self, row: &Row) -> Result<T, Error>
    where
        T: std::str::FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
    {
        String::from_column(row, self)?.parse().map_err(|error: T::Err| self.error(error.into()))
    }

    /// Parses a text column with `parse`.
    ///
    /// # Errors
    /// [`Error::Column`] when it is no text or `parse` returns `None`.
    pub fn parse_name<T>(self, row: &Row, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        let text = String::from_column(row, self)?;
        parse(&text).ok_or_else(|| self.error(format!("unknown name {text:?}").into()))
    }

    /// Parses a text column as JSON.
    ///
    /// # Errors
    /// [`Error::Column`] when it is no text or not the JSON of a `T`.
    pub fn parse_json<T: serde::de::DeserializeOwned>(self, row: &Row) -> Result<T, Error> {
        serde_json::from_str(&String::from_column(row, self)?).map_err(|error| self.error(error.into()))
    }
}

impl std::fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::First => f.write_str("1"),
        }
    }
}

/// A type that a column is read into.
pub trait FromColumn: Sized {
    /// Reads the column.
    ///
    /// # Errors
    /// [`Error::Column`] when the row has no such column or its value does not fit the type.
    fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error>;
}

macro_rules! driver_types {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error> {
                match (row, column) {
                    (Row::Sqlite(row), Column::Name(name)) => row.try_get(name),
                    (Row::Sqlite(row), Column::First) => row.try_get(0),
                    (Row::Postgres(row), Column::Name(name)) => row.try_get(name),
                    (Row::Postgres(row), Column::First) => row.try_get(0),
                }
                .map_err(|source| Error::Column { column: column.to_string(), source })
            }
        }
    )+};
}

driver_types!(Option<i64>, Option<String>, Option<Vec<u8>>, Option<f64>);

/// SQLite's driver reads null as an empty text or 0, so what may not be null is read as what may be.
macro_rules! never_null {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error> {
                Option::from_column(row, column)?.ok_or_else(|| column.error("unexpected null".into()))
            }
        }
    )+};
}

never_null!(i64, String, Vec<u8>, f64);

/// Integers of other types are stored as 64 bits.
macro_rules! integers {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error> {
                Self::try_from(i64::from_column(row, column)?).map_err(|error| column.error(error.into()))
            }
        }

        impl FromColumn for Option<$type> {
            fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error> {
                let value = Option::<i64>::from_column(row, column)?.map(<$type>::try_from);
                value.transpose().map_err(|error| column.error(error.into()))
            }
        }
    )+};
}

integers!(u8, u32, u64, usize);

/// A boolean is stored as 0 or 1.
impl FromColumn for bool {
    fn from_column(row: &Row, column: Column<'_>) -> Result<Self, Error> {
        Ok(i64::from_column(row, column)? != 0)
    }
}

/// A type that a statement's rows are read into. [`row!`](crate::row) defines structs that have it; the
/// types of single columns have it as well, for statements with one column.
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// [`Error::Column`] when a column is missing or its value does not fit its type.
    fn from_row(row: Row) -> Result<Self, Error>;
}

impl FromRow for Row {
    fn from_row(row: Self) -> Result<Self, Error> {
        Ok(row)
    }
}

macro_rules! single_columns {
    ($($type:ty),+) => {$(
        impl FromRow for $type {
            fn from_row(row: Row) -> Result<Self, Error> {
                Self::from_column(&row, Column::First)
            }
        }
    )+};
}

single_columns!(i64, Option<i64>, u32, u64, usize, bool, f64, String, Option<String>, Vec<u8>);

/// Defines a struct with a field for each column of a statement's rows, and implements
/// [`FromRow`](crate::FromRow) for it. Columns are found by name, in any order. A field's type is one that
/// has [`FromColumn`](crate::FromColumn), or it says how the column is read:
///
/// - `as text`: a text that is parsed with [`FromStr`](std::str::FromStr);
/// - `as name`: a text that is parsed with `Type::parse(&str) -> Option<Type>`;
/// - `as json`: a text that is parsed as JSON;
/// - `as row`: another struct of this macro, which has some of the columns.
///
/// ```ignore
/// db::row! {
///     /// A topic and its newest event.
///     struct TopicRow {
///         name: String,
///         seq: u64,
///     }
/// }
/// let topics: Vec<TopicRow> = tx.all(sql!("select name, seq from topics order by name" => TopicRow), params![]).await?;
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $type:ty $(as $format:ident)?),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug)]
        $visibility struct $name {
            $($(#[$field_attribute])* $field_visibility $field: $type,)+
        }

        impl $name {
            /// Reads the columns of this struct from a row that may have more.
            pub(crate) fn read_columns(row: &$crate::Row) -> ::std::result::Result<Self, $crate::Error> {
                ::std::result::Result::Ok(Self {
                    $($field: $crate::read_column!(row, $field, $type $(, $format)?)?,)+
                })
            }
        }

        impl $crate::FromRow for $name {
            fn from_row(row: $crate::Row) -> ::std::result::Result<Self, $crate::Error> {
                Self::read_columns(&row)
            }
        }
    };
}

/// Reads one field of [`row!`](crate::row).
#[doc(hidden)]
#[macro_export]
macro_rules! read_column {
    ($row:ident, $field:ident, $type:ty) => {
        <$type as $crate::FromColumn>::from_column($row, $crate::Column::Name(stringify!($field)))
    };
    ($row:ident, $field:ident, $type:ty, text) => {
        $crate::Column::Name(stringify!($field)).parse_text::<$type>($row)
    };
    ($row:ident, $field:ident, $type:ty, name) => {
        $crate::Column::Name(stringify!($field)).parse_name($row, <$type>::parse)
    };
    ($row:ident, $field:ident, $type:ty, json) => {
        $crate::Column::Name(stringify!($field)).parse_json::<$type>($row)
    };
    ($row:ident, $field:ident, $type:ty, row) => {
        <$type>::read_columns($row)
    };
}
