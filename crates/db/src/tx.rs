//! Transactions.

use sqlx::{Postgres, Sqlite, Transaction, postgres::PgArguments, query::Query, sqlite::SqliteArguments};

use crate::{
    error::Error,
    hints::{Hints, Pending},
    pool::Dialect,
    row::Row,
    sql::Sql,
    value::Value,
};

/// A transaction on either database. Dropped without [`commit`](Tx::commit), it is rolled back.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    hints: Hints,
    pending: Vec<Pending>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one driver call on whichever transaction this is.
macro_rules! on_driver {
    ($tx:expr, $sql:expr, $params:expr, |$query:ident, $connection:ident| $call:expr) => {
        match &mut $tx.inner {
            Inner::Sqlite(transaction) => {
                let $query = bind_sqlite($sql, $params);
                let $connection = &mut **transaction;
                $call.await.map(From::from)
            }
            Inner::Postgres(transaction) => {
                let $query = bind_postgres($sql, $params);
                let $connection = &mut **transaction;
                $call.await.map(From::from)
            }
        }
    };
}

impl Tx {
    pub(crate) fn sqlite(transaction: Transaction<'static, Sqlite>, hints: Hints) -> Self {
        Self { inner: Inner::Sqlite(transaction), hints, pending: Vec::new() }
    }

    pub(crate) fn postgres(transaction: Transaction<'static, Postgres>, hints: Hints) -> Self {
        Self { inner: Inner::Postgres(transaction), hints, pending: Vec::new() }
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; the number of rows that it changed.
    ///
    /// # Errors
    /// [`Error::Unique`] when a key is taken; others as the database says.
    pub async fn execute(&mut self, sql: Sql, params: Vec<Value>) -> Result<u64, Error> {
        let done: Result<Changed, sqlx::Error> =
            on_driver!(self, sql, params, |query, connection| query.execute(connection));
        Ok(done?.0)
    }

    /// All rows.
    ///
    /// # Errors
    /// As the database says.
    pub async fn all(&mut self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                let rows = bind_sqlite(sql, params).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Inner::Postgres(tx) => {
                let rows = bind_postgres(sql, params).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn optional(&mut self, sql: Sql, params: Vec<Value>) -> Result<Option<Row>, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => bind_sqlite(sql, params).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
            Inner::Postgres(tx) => bind_postgres(sql, params).fetch_optional(&mut **tx).await?.map(Row::Postgres),
        })
    }

    /// The first row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; others as the database says.
    pub async fn one(&mut self, sql: Sql, params: Vec<Value>) -> Result<Row, Error> {
        self.optional(sql, params).await?.ok_or(Error::NotFound)
    }

    /// Says something on `channel` once this transaction is committed: to this process at once, to
    /// the other nodes of a PostgreSQL soon after. A hint may get lost; whoever listens must also
    /// look for itself now and then. At most 1,000 bytes.
    pub fn hint(&mut self, channel: &'static str, payload: impl Into<String>) {
        self.pending.push(Pending { channel, payload: payload.into() });
    }

    /// Makes everything permanent, then sends the hints.
    ///
    /// # Errors
    /// As the database says; then nothing was changed.
    pub async fn commit(self) -> Result<(), Error> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        self.hints.send(self.pending);
        Ok(())
    }
}

/// The number of changed rows of either driver.
struct Changed(u64);

impl From<sqlx::sqlite::SqliteQueryResult> for Changed {
    fn from(done: sqlx::sqlite::SqliteQueryResult) -> Self {
        Self(done.rows_affected())
    }
}

impl From<sqlx::postgres::PgQueryResult> for Changed {
    fn from(done: sqlx::postgres::PgQueryResult) -> Self {
        Self(done.rows_affected())
    }
}

macro_rules! bind {
    ($name:ident, $database:ty, $arguments:ty, $dialect:expr) => {
        fn $name(sql: Sql, params: Vec<Value>) -> Query<'static, $database, $arguments> {
            params.into_iter().fold(sqlx::query(sql.text($dialect)), |query, value| match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
                Value::Float(value) => query.bind(value),
            })
        }
    };
}

bind!(bind_sqlite, Sqlite, SqliteArguments, Dialect::Sqlite);
bind!(bind_postgres, Postgres, PgArguments, Dialect::Postgres);
