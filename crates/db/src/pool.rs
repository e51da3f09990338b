//! Connection pools.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    bind::{self, RowsAffected},
    dialect::Dialect,
    error::Error,
    notifications::{Notifications, Pending},
    row::{FromRow, Row},
    sql::Sql,
    tx::Tx,
    value::Value,
};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// A handle to a database and its connection pools; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    notifications: Notifications,
    /// Whether [`Db::with_dedicated_pool`] made this handle.
    dedicated: bool,
}

#[derive(Clone, Debug)]
enum Pools {
    /// One connection for writing, several for reading.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite:///path/to/file.db` (which it creates if it is missing) or `postgres://...`.
    ///
    /// # Errors
    /// [`Error::Url`] for another URL, [`Error::Unavailable`] when the database does not answer.
    pub async fn open(url: &str) -> Result<Self, Error> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url).await,
            Some("postgres" | "postgresql") => open_postgres(url).await,
            _ => Err(Error::Url(url.to_owned())),
        }
    }

    /// A handle with a pool of its own of at most `max_connections`, for work that must get a connection
    /// even while other work uses all of the shared pool. SQLite has one writer, so there the handle
    /// shares this one's pools. Needs a Tokio runtime.
    #[must_use]
    pub fn with_dedicated_pool(&self, max_connections: u32) -> Self {
        let pools = match &self.pools {
            Pools::Sqlite { .. } => self.pools.clone(),
            Pools::Postgres(pool) => {
                let options = postgres_pool(max_connections.min(2), max_connections);
                Pools::Postgres(options.connect_lazy_with((*pool.connect_options()).clone()))
            }
        };
        Self { pools, notifications: self.notifications.clone(), dedicated: true }
    }

    /// Which kind of database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Applies the migrations that the database does not have yet. Several nodes may call it at once;
    /// on PostgreSQL an advisory lock orders them.
    ///
    /// # Errors
    /// [`Error::Migrate`] when a migration fails or was changed after it was applied.
    pub async fn migrate(&self) -> Result<(), Error> {
        match &self.pools {
            Pools::Sqlite { write, .. } => SQLITE_MIGRATIONS.run(write).await?,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once (`begin
    /// immediate`), so that it never fails later because of another writer.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time or the database does not answer.
    pub async fn begin(&self) -> Result<Tx, Error> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => {
                Tx::sqlite(write.begin_with("begin immediate").await?, self.notifications.clone())
            }
            Pools::Postgres(pool) => Tx::postgres(pool.begin().await?, self.notifications.clone()),
        })
    }

    /// Begins a read-only transaction that sees the database in one state from its first statement on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time or the database does not answer.
    pub async fn snapshot(&self) -> Result<Tx, Error> {
        const POSTGRES: &str = "begin isolation level repeatable read read only";
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => Tx::sqlite(read.begin().await?, self.notifications.clone()),
            Pools::Postgres(pool) => Tx::postgres(pool.begin_with(POSTGRES).await?, self.notifications.clone()),
        })
    }

    /// Runs one writing statement as a transaction of its own, which takes one round trip instead of
    /// three, and returns how many rows it changed.
    ///
    /// # Errors
    /// [`Error::Unique`] when another row has the key; any other error of the database.
    pub async fn execute(&self, sql: Sql, params: Vec<Value>) -> Result<u64, Error> {
        let affected: RowsAffected = match &self.pools {
            Pools::Sqlite { write, .. } => bind::sqlite(sql, params).execute(write).await?.into(),
            Pools::Postgres(pool) => bind::postgres(sql, params).execute(pool).await?.into(),
        };
        Ok(affected.0)
    }

    /// Runs one writing statement as [`execute`](Db::execute) does, and returns its rows.
    ///
    /// # Errors
    /// [`Error::Column`] when a row does not fit `T`; any other error of the database.
    pub async fn all<T: FromRow>(&self, sql: Sql<T>, params: Vec<Value>) -> Result<Vec<T>, Error> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let rows = bind::sqlite(sql, params).fetch_all(write).await?;
                rows.into_iter().map(|row| T::from_row(Row::Sqlite(row))).collect()
            }
            Pools::Postgres(pool) => {
                let rows = bind::postgres(sql, params).fetch_all(pool).await?;
                rows.into_iter().map(|row| T::from_row(Row::Postgres(row))).collect()
            }
        }
    }

    /// Sends `payload` on `channel` now, outside of any transaction; see [`Tx::notify`].
    pub fn notify(&self, channel: &'static str, payload: impl Into<String>) {
        self.notifications.send(vec![Pending { channel, payload: payload.into() }]);
    }

    /// Checks that the database answers.
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

    /// The notifications of committed transactions.
    #[must_use]
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    /// Closes the pools of this handle and its clones once their running statements are done. Of a handle
    /// with a [dedicated pool](Db::with_dedicated_pool) it closes only that pool.
    pub async fn close(&self) {
        if self.dedicated && self.dialect() == Dialect::Sqlite {
            return;
        }
        if !self.dedicated {
            self.notifications.stop();
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
        // A commit that returned survives a power failure.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5));
    let pool = || {
        let pool = SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        // When the disk is full or fails, SQLite rolls back by itself. The driver's own rollback then fails,
        // and it would count an open transaction for ever (`a_full_disk_spoils_no_connection`).
        pool.before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
    };
    let write = pool().max_connections(1).connect_with(options.clone()).await?;
    let read = pool().max_connections(8).connect_with(options.read_only(true)).await?;
    Ok(Db { pools: Pools::Sqlite { write, read }, notifications: Notifications::local(), dedicated: false })
}

async fn open_postgres(url: &str) -> Result<Db, Error> {
    let options = PgConnectOptions::from_str(url)?;
    let pool = postgres_pool(2, 20).connect_with(options).await?;
    let notifications = Notifications::over_postgres(pool.clone());
    Ok(Db { pools: Pools::Postgres(pool), notifications, dedicated: false })
}

/// Keeps `min_connections` open, because PostgreSQL needs several milliseconds to open one.
fn postgres_pool(min_connections: u32, max_connections: u32) -> PgPoolOptions {
    PgPoolOptions::new().min_connections(min_connections).max_connections(max_connections).test_before_acquire(false)
}
