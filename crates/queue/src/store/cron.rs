//! Statements for recurring jobs.

use db::{Db, Row, Tx, params, sql};

use crate::{error::Error, store::CRON};

/// A recurring job as the database stores it; see [`crons`](crate::cron::crons).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CronReport {
    /// The name.
    pub name: String,
    /// The cron expression.
    pub expression: String,
    /// The IANA name of the expression's time zone.
    pub time_zone: String,
    /// The worker of its jobs.
    pub worker: String,
    /// Whether it is paused: its occurrences pass without a job.
    pub paused: bool,
    /// The time up to which occurrences have been processed, in milliseconds since 1970.
    pub last_at: i64,
    /// The next occurrence, in milliseconds since 1970.
    pub next_at: Option<i64>,
    /// Whether someone has requested an immediate run.
    #[serde(rename = "asked")]
    pub run_requested: bool,
}

impl CronReport {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            name: row.text("name")?,
            expression: row.text("expression")?,
            time_zone: row.text("time_zone")?,
            worker: row.text("worker")?,
            paused: row.flag("paused")?,
            last_at: row.int("last_at")?,
            next_at: row.opt_int("next_at")?,
            run_requested: row.flag("asked")?,
        })
    }
}

pub(crate) async fn crons(db: &Db) -> Result<Vec<CronReport>, Error> {
    let sql =
        sql!("select name, expression, time_zone, worker, paused, last_at, next_at, asked from crons order by name");
    db.snapshot().await?.all(sql, params![]).await?.iter().map(CronReport::from_row).collect()
}

/// Inserts or updates a recurring job. A new one starts now; one whose expression or time zone changed gets a
/// new next occurrence.
pub(crate) async fn register_cron(
    db: &Db,
    name: &str,
    expression: &str,
    time_zone: &str,
    worker: &str,
    now: i64,
    next_at: Option<i64>,
) -> Result<(), Error> {
    let sql = sql!(
        "insert into crons (name, expression, time_zone, worker, last_at, next_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (name) do update
         set expression = excluded.expression, time_zone = excluded.time_zone, worker = excluded.worker,
             next_at = case when crons.expression = excluded.expression and crons.time_zone = excluded.time_zone
                 then crons.next_at else excluded.next_at end"
    );
    db.execute(sql, params![name, expression, time_zone, worker, now, next_at]).await?;
    Ok(())
}

/// Records that all occurrences up to `to` have been processed. Returns false if another node did it first.
pub(crate) async fn advance_cron(tx: &mut Tx, cron: &CronReport, to: i64, next_at: Option<i64>) -> Result<bool, Error> {
    let sql =
        sql!("update crons set last_at = $3, next_at = $4, asked = 0 where name = $1 and last_at = $2 and asked = $5");
    Ok(tx.execute(sql, params![cron.name.as_str(), cron.last_at, to, next_at, cron.run_requested]).await? > 0)
}

pub(crate) async fn set_cron_paused(tx: &mut Tx, name: &str, paused: bool) -> Result<bool, Error> {
    let changed = tx.execute(sql!("update crons set paused = $2 where name = $1"), params![name, paused]).await?;
    tx.notify(CRON, name);
    Ok(changed > 0)
}

pub(crate) async fn request_cron_run(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    let changed = tx.execute(sql!("update crons set asked = 1 where name = $1"), params![name]).await?;
    tx.notify(CRON, name);
    Ok(changed > 0)
}
