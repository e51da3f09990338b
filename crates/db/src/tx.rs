//! Transactions.

use std::{any::Any, fmt, sync::Arc};

use sqlx::{Postgres, Sqlite, Transaction};
use tracing::Instrument as _;

use crate::{
    bind::{self, Changed},
    error::Error,
    hints::{Hints, Pending},
    offers::Offers,
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
    offers: Offers,
    pending: Vec<Pending>,
    after: After,
}

/// What to do once the transaction is committed.
#[derive(Default)]
struct After(Vec<Box<dyn FnOnce() + Send>>);

impl fmt::Debug for After {
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
    pub(crate) fn sqlite(transaction: Transaction<'static, Sqlite>, hints: Hints, offers: Offers) -> Self {
        Self::new(Inner::Sqlite(transaction), hints, offers)
    }

    pub(crate) fn postgres(transaction: Transaction<'static, Postgres>, hints: Hints, offers: Offers) -> Self {
        Self::new(Inner::Postgres(transaction), hints, offers)
    }

    fn new(inner: Inner, hints: Hints, offers: Offers) -> Self {
        Self { inner, hints, offers, pending: Vec::new(), after: After::default() }
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
        let changed: Changed = match &mut self.inner {
            Inner::Sqlite(tx) => bind::sqlite(sql, params).execute(&mut **tx).await?.into(),
            Inner::Postgres(tx) => bind::postgres(sql, params).execute(&mut **tx).await?.into(),
        };
        Ok(changed.0)
    }

    /// All rows.
    ///
    /// # Errors
    /// As the database says.
    pub async fn all(&mut self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                let rows = bind::sqlite(sql, params).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Inner::Postgres(tx) => {
                let rows = bind::postgres(sql, params).fetch_all(&mut **tx).await?;
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
            Inner::Sqlite(tx) => bind::sqlite(sql, params).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
            Inner::Postgres(tx) => bind::postgres(sql, params).fetch_optional(&mut **tx).await?.map(Row::Postgres),
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

    /// Does `then` once this transaction is committed, before its hints are sent; never if it is
    /// not. It is dropped without being called when nobody knows whether the commit took place.
    pub fn after_commit(&mut self, then: impl FnOnce() + Send + 'static) {
        self.after.0.push(Box::new(then));
    }

    /// What this process offers of this type; see [`Db::offer`](crate::Db::offer).
    #[must_use]
    pub fn offered<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.offers.find()
    }

    /// Makes everything permanent, then sends the hints: also if nobody waits for the answer any more
    /// (`a_commit_that_nobody_waits_for_is_told_all_the_same`).
    ///
    /// # Errors
    /// As the database says; then nothing was changed.
    pub async fn commit(self) -> Result<(), Error> {
        if self.pending.is_empty() && self.after.0.is_empty() {
            return self.inner.commit().await;
        }
        // A request is dropped wherever it waits when its browser goes away: here that would be between
        // what is committed and the word of it.
        match tokio::spawn(self.commit_and_tell().in_current_span()).await {
            Ok(done) => done,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            // The runtime is shutting down, and this with it.
            Err(_) => std::future::pending().await,
        }
    }

    async fn commit_and_tell(self) -> Result<(), Error> {
        self.inner.commit().await?;
        self.after.0.into_iter().for_each(|then| then());
        self.hints.send(self.pending);
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
