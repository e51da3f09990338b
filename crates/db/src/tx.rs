//! Transactions.

use std::fmt;

use sqlx::{Postgres, Sqlite, Transaction};
use tracing::Instrument as _;

use crate::{
    bind::{self, RowsAffected},
    dialect::Dialect,
    error::Error,
    notifications::{Notifications, Pending},
    row::{FromRow, Row},
    sql::Sql,
    value::Value,
};

/// A transaction on either database. Dropping it without [`commit`](Tx::commit) rolls it back.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    notifications: Notifications,
    pending: Vec<Pending>,
    after_commit: Callbacks,
}

/// Functions to call once the transaction is committed.
#[derive(Default)]
struct Callbacks(Vec<Box<dyn FnOnce() + Send>>);

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} callbacks", self.0.len())
    }
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn sqlite(transaction: Transaction<'static, Sqlite>, notifications: Notifications) -> Self {
        Self::new(Inner::Sqlite(transaction), notifications)
    }

    pub(crate) fn postgres(transaction: Transaction<'static, Postgres>, notifications: Notifications) -> Self {
        Self::new(Inner::Postgres(transaction), notifications)
    }

    fn new(inner: Inner, notifications: Notifications) -> Self {
        Self { inner, notifications, pending: Vec::new(), after_commit: Callbacks::default() }
    }

    /// Which kind of database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// [`Error::Unique`] when another row has the key; any other error of the database.
    pub async fn execute(&mut self, sql: Sql, params: Vec<Value>) -> Result<u64, Error> {
        let affected: RowsAffected = match &mut self.inner {
            Inner::Sqlite(tx) => bind::sqlite(sql, params).execute(&mut **tx).await?.into(),
            Inner::Postgres(tx) => bind::postgres(sql, params).execute(&mut **tx).await?.into(),
        };
        Ok(affected.0)
    }

    /// Runs a statement and returns all its rows.
    ///
    /// # Errors
    /// [`Error::Column`] when a row does not fit `T`; any other error of the database.
    pub async fn all<T: FromRow>(&mut self, sql: Sql<T>, params: Vec<Value>) -> Result<Vec<T>, Error> {
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                let rows = bind::sqlite(sql, params).fetch_all(&mut **tx).await?;
                rows.into_iter().map(|row| T::from_row(Row::Sqlite(row))).collect()
            }
            Inner::Postgres(tx) => {
                let rows = bind::postgres(sql, params).fetch_all(&mut **tx).await?;
                rows.into_iter().map(|row| T::from_row(Row::Postgres(row))).collect()
            }
        }
    }

    /// Runs a statement and returns its first row, if there is one.
    ///
    /// # Errors
    /// [`Error::Column`] when the row does not fit `T`; any other error of the database.
    pub async fn optional<T: FromRow>(&mut self, sql: Sql<T>, params: Vec<Value>) -> Result<Option<T>, Error> {
        let row = match &mut self.inner {
            Inner::Sqlite(tx) => bind::sqlite(sql, params).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
            Inner::Postgres(tx) => bind::postgres(sql, params).fetch_optional(&mut **tx).await?.map(Row::Postgres),
        };
        row.map(T::from_row).transpose()
    }

    /// Runs a statement and returns its first row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Column`] when it does not fit `T`; any other error of the database.
    pub async fn one<T: FromRow>(&mut self, sql: Sql<T>, params: Vec<Value>) -> Result<T, Error> {
        self.optional(sql, params).await?.ok_or(Error::NotFound)
    }

    /// Sends `payload` on `channel` once this transaction is committed: to this process at once, to
    /// the other nodes of a PostgreSQL soon after. A notification may get lost, so a receiver must also
    /// poll. The payload is at most 1,000 bytes and has no line break.
    pub fn notify(&mut self, channel: &'static str, payload: impl Into<String>) {
        self.pending.push(Pending { channel, payload: payload.into() });
    }

    /// Calls `callback` once this transaction is committed, before its notifications are sent. When the
    /// transaction fails, or nobody knows whether it was committed, the callback is dropped instead.
    pub fn after_commit(&mut self, callback: impl FnOnce() + Send + 'static) {
        self.after_commit.0.push(Box::new(callback));
    }

    /// Commits, then sends the notifications, even if the caller drops this future meanwhile
    /// (`a_commit_whose_future_is_dropped_still_notifies`).
    ///
    /// # Errors
    /// Any error of the database; then nothing was changed.
    pub async fn commit(self) -> Result<(), Error> {
        if self.pending.is_empty() && self.after_commit.0.is_empty() {
            return self.inner.commit().await;
        }
        // A request's future is dropped at any await when its browser disconnects. Here that could be
        // between the commit and its notifications.
        match tokio::spawn(self.commit_and_notify().in_current_span()).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down, and will drop this future too.
            Err(_) => std::future::pending().await,
        }
    }

    async fn commit_and_notify(self) -> Result<(), Error> {
        self.inner.commit().await?;
        self.after_commit.0.into_iter().for_each(|callback| callback());
        self.notifications.send(self.pending);
        Ok(())
    }
}

impl Inner {
    async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}
