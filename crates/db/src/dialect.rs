//! The kinds of databases.

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite: embedded, for one process.
    Sqlite,
    /// PostgreSQL: a server, for any number of processes.
    Postgres,
}
