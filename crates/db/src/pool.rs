//! Connections.

use std::{any::Any, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    Connection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    bind::{self, Changed},
    error::Error,
    hints::{Hints, Pending},
    offers::Offers,
    row::Row,
    sql::Sql,
    tx::Tx,
    value::Value,
};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded, one process.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

/// A handle to a database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    hints: Hints,
    offers: Offers,
    /// Whether the connections are not those of the first handle.
    apart: bool,
}

#[derive(Clone, Debug)]
enum Pools {
    /// One connection that writes, several that read.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite:///path/to/file.db` (made if it is missing) or `postgres://...`.
    ///
    /// # Errors
    /// [`Error::Url`] for another URL, [`Error::Unavailable`] when nobody answers.
    pub async fn open(url: &str) -> Result<Self, Error> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url).await,
            Some("postgres" | "postgresql") => open_postgres(url).await,
            _ => Err(Error::Url(url.to_owned())),
        }
    }

    /// A handle with connections of its own, at most `most`, for work that must not wait behind that of
    /// others: no flood of transactions keeps it from a connection. SQLite has one writer, so there it is
    /// this handle again. Needs a tokio runtime.
    #[must_use]
    pub fn apart(&self, most: u32) -> Self {
        let pools = match &self.pools {
            Pools::Sqlite { .. } => self.pools.clone(),
            Pools::Postgres(pool) => {
                let options = postgres_pool(most.min(2), most);
                Pools::Postgres(options.connect_lazy_with((*pool.connect_options()).clone()))
            }
        };
        Self { pools, hints: self.hints.clone(), offers: self.offers.clone(), apart: true }
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Brings the schema up to date. Several nodes may do so at once (PostgreSQL holds an advisory
    /// lock meanwhile).
    ///
    /// # Errors
    /// [`Error::Migrate`].
    pub async fn migrate(&self) -> Result<(), Error> {
        match &self.pools {
            Pools::Sqlite { write, .. } => SQLITE_MIGRATIONS.run(write).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once (`begin
    /// immediate`), so that it never fails half-way for another writer.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn begin(&self) -> Result<Tx, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => {
                Tx::sqlite(write.begin_with("begin immediate").await?, self.hints.clone(), self.offers.clone())
            }
            Pools::Postgres(pool) => Tx::postgres(pool.begin().await?, self.hints.clone(), self.offers.clone()),
        })
    }

    /// Begins a transaction that only reads, and sees one state of the database throughout.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn snapshot(&self) -> Result<Tx, Error> {
        const POSTGRES: &str = "begin isolation level repeatable read read only";
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => Tx::sqlite(read.begin().await?, self.hints.clone(), self.offers.clone()),
            Pools::Postgres(pool) => {
                Tx::postgres(pool.begin_with(POSTGRES).await?, self.hints.clone(), self.offers.clone())
            }
        })
    }

    /// Runs one writing statement as a transaction of its own: one round trip instead of three.
    /// The number of rows that it changed.
    ///
    /// # Errors
    /// [`Error::Unique`] when a key is taken; others as the database says.
    pub async fn execute(&self, sql: Sql, params: Vec<Value>) -> Result<u64, Error> {
        let changed: Changed = match &self.pools {
            Pools::Sqlite { write, .. } => bind::sqlite(sql, params).execute(write).await?.into(),
            Pools::Postgres(pool) => bind::postgres(sql, params).execute(pool).await?.into(),
        };
        Ok(changed.0)
    }

    /// As [`execute`](Db::execute); the rows that it returns.
    ///
    /// # Errors
    /// As the database says.
    pub async fn all(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => {
                bind::sqlite(sql, params).fetch_all(write).await?.into_iter().map(Row::Sqlite).collect()
            }
            Pools::Postgres(pool) => {
                bind::postgres(sql, params).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Says something on `channel` at once, outside of any transaction; see [`Tx::hint`].
    pub fn hint(&self, channel: &'static str, payload: impl Into<String>) {
        self.hints.send(vec![Pending { channel, payload: payload.into() }]);
    }

    /// Lets every transaction on this handle find `thing` by its type ([`Tx::offered`]) as long as
    /// somebody else keeps it. The last offer of a type counts.
    pub fn offer<T: Any + Send + Sync>(&self, thing: &Arc<T>) {
        self.offers.put(thing);
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        match &self.pools {
            Pools::Sqlite { read, .. } => sqlx::query("select 1").execute(read).await.map(drop)?,
            Pools::Postgres(pool) => sqlx::query("select 1").execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// What other transactions said after their commit.
    #[must_use]
    pub fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Closes every connection of this handle, after the statements that are under way; of a handle
    /// [apart](Db::apart) its own ones.
    pub async fn close(&self) {
        if self.apart && self.dialect() == Dialect::Sqlite {
            return;
        }
        if !self.apart {
            self.hints.stop();
        }
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Db, Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that was answered survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5));
    let pool = || {
        let pool = SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        // Where a disk is full or fails, SQLite rolls back by itself; the driver's own rollback then fails,
        // and it would count a transaction for ever (`a_full_disk_spoils_no_connection`).
        pool.before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
    };
    let write = pool().max_connections(1).connect_with(options.clone()).await?;
    let read = pool().max_connections(8).connect_with(options.read_only(true)).await?;
    Ok(Db { pools: Pools::Sqlite { write, read }, hints: Hints::local(), offers: Offers::default(), apart: false })
}

async fn open_postgres(url: &str) -> Result<Db, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let pool = postgres_pool(2, 20).connect_with(options).await?;
    let hints = Hints::over_postgres(pool.clone());
    Ok(Db { pools: Pools::Postgres(pool), hints, offers: Offers::default(), apart: false })
}

/// Some connections are made before they are needed: one takes PostgreSQL several milliseconds.
fn postgres_pool(least: u32, most: u32) -> PgPoolOptions {
    PgPoolOptions::new().min_connections(least).max_connections(most).test_before_acquire(false)
}
