//! SQL statements, which are made of literals only.

use std::{fmt, marker::PhantomData};

use crate::{dialect::Dialect, row::Row};

/// A statement whose rows are `T`s: one text for both databases, or one for each. [`sql!`](crate::sql)
/// makes it.
pub struct Sql<T = Row> {
    sqlite: &'static str,
    postgres: &'static str,
    rows: PhantomData<fn() -> T>,
}

impl<T> Sql<T> {
    /// A statement of these two texts; use [`sql!`](crate::sql) instead.
    #[must_use]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, rows: PhantomData }
    }

    /// The statement as `dialect` understands it.
    #[must_use]
    pub const fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

impl<T> Clone for Sql<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Sql<T> {}

impl<T> fmt::Debug for Sql<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql").field("sqlite", &self.sqlite).field("postgres", &self.postgres).finish()
    }
}

/// Makes a statement with `$1`-style parameters: `sql!("select ...")` where one text serves both
/// databases, `sql!(sqlite: "...", postgres: "...")` where they differ. A text may consist of several
/// literals, so that a macro can share a part of it: `sql!("select a, b ", "from t")`.
///
/// A statement that returns rows names their type after `=>`: a struct of [`row!`](crate::row), the
/// type of its only column, or the columns themselves. A test of the server compares it with the columns
/// that the databases report.
///
/// ```ignore
/// let topic = tx.one(sql!("select name, seq from topics where name = $1" => TopicRow), params![name]).await?;
/// let seq = tx.one(sql!("select seq from topics where name = $1" => u64), params![name]).await?;
/// let row = tx.one(sql!("select seq, folded from topics where name = $1" => { seq: u64, folded: u64 }), params![name]).await?;
/// ```
#[macro_export]
macro_rules! sql {
    ($($both:literal),+ => { $($columns:tt)+ }) => {{
        $crate::row! { struct Columns { $($columns)+ } }
        $crate::Sql::<Columns>::new(concat!($($both),+), concat!($($both),+))
    }};
    ($($both:literal),+ => $row:ty) => {
        $crate::Sql::<$row>::new(concat!($($both),+), concat!($($both),+))
    };
    ($($both:literal),+ $(,)?) => {
        $crate::Sql::<$crate::Row>::new(concat!($($both),+), concat!($($both),+))
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal => { $($columns:tt)+ }) => {{
        $crate::row! { struct Columns { $($columns)+ } }
        $crate::Sql::<Columns>::new($sqlite, $postgres)
    }};
    (sqlite: $sqlite:literal, postgres: $postgres:literal => $row:ty) => {
        $crate::Sql::<$row>::new($sqlite, $postgres)
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        $crate::Sql::<$crate::Row>::new($sqlite, $postgres)
    };
}

/// Makes the list of a statement's parameters, `$1` first, from anything that converts into a
/// [`Value`](crate::Value).
#[macro_export]
macro_rules! params {
    () => { ::std::vec::Vec::<$crate::Value>::new() };
    ($($value:expr),+ $(,)?) => { ::std::vec![$($crate::Value::from($value)),+] };
}
