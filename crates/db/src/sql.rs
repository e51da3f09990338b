//! SQL statements, which are made of literals only.

use crate::dialect::Dialect;

/// A statement: one text for both databases, or one for each. [`sql!`](crate::sql) makes it.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// A statement of these two texts; use [`sql!`](crate::sql) instead.
    #[must_use]
    pub const fn new(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
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

/// Makes a statement with `$1`-style parameters: `sql!("select ...")` where one text serves both
/// databases, `sql!(sqlite: "...", postgres: "...")` where they differ. A text may consist of several
/// literals, so that a macro can share a part of it: `sql!("select a, b ", "from t")`.
#[macro_export]
macro_rules! sql {
    ($($both:literal),+ $(,)?) => {
        $crate::Sql::new(concat!($($both),+), concat!($($both),+))
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        $crate::Sql::new($sqlite, $postgres)
    };
}

/// Makes the list of a statement's parameters, `$1` first, from anything that converts into a
/// [`Value`](crate::Value).
#[macro_export]
macro_rules! params {
    () => { ::std::vec::Vec::<$crate::Value>::new() };
    ($($value:expr),+ $(,)?) => { ::std::vec![$($crate::Value::from($value)),+] };
}
