//! Throw-away databases for tests.

use std::future::Future;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::pool::Db;

/// The environment variable with the URL of the tests' PostgreSQL: the database `postgres` of a
/// throw-away cluster.
pub const POSTGRES: &str = "VERBATIM_TEST_POSTGRES";

/// Runs `test` on a fresh, migrated SQLite database.
///
/// # Panics
/// When the database cannot be made.
pub async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    run(&url, test).await;
}

/// Runs `test` on a fresh, migrated PostgreSQL database.
///
/// # Panics
/// When [`POSTGRES`] is not set: a conformance test never passes without having run.
pub async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let maintenance = std::env::var(POSTGRES)
        .unwrap_or_else(|_| panic!("{POSTGRES} is not set; `make test` starts a cluster and sets it"));
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    administer(&maintenance, format!("create database {name}")).await;
    let (before, after) = maintenance.split_once("/postgres").expect("a URL of the database postgres");
    run(&format!("{before}/{name}{after}"), test).await;
    administer(&maintenance, format!("drop database {name} with (force)")).await;
}

/// The URL of the database that [`on_postgres`] made, for other processes.
///
/// # Panics
/// When [`POSTGRES`] is not set or `db` is no PostgreSQL.
pub async fn postgres_url(db: &Db) -> String {
    let maintenance = std::env::var(POSTGRES).unwrap_or_else(|_| panic!("{POSTGRES} is not set"));
    let name = crate::sql!("select cast(current_database() as text)" => String);
    let name = db.all(name, Vec::new()).await.expect("a name").pop().expect("a row");
    maintenance.replacen("/postgres", &format!("/{name}"), 1)
}

async fn run<F: Future<Output = ()>>(url: &str, test: impl FnOnce(Db) -> F) {
    let db = Db::open(url).await.expect("the test's database opens");
    db.migrate().await.expect("the migrations apply");
    test(db.clone()).await;
    db.close().await;
}

async fn administer(maintenance: &str, statement: String) {
    let mut connection = PgConnection::connect(maintenance).await.expect("the tests' PostgreSQL answers");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("an administrative statement");
    connection.close().await.expect("the connection closes");
}

/// Defines tests that each run on both databases:
///
/// ```ignore
/// db::on_both_databases! {
///     async fn a_job_is_claimed_once(db: Db) { ... }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$doc:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "the body decides what it needs")]
            use super::*;

            $(#[$doc])*
            async fn test($db: $crate::Db) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::testing::on_sqlite(test).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::testing::on_postgres(test).await;
            }
        }
    )*};
}
