//! Decides over what a run left behind.

use std::time::Duration;

use db::{Db, params, sql};
use queue::JobId;

use crate::BATCH;

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until every job has ended.
pub async fn wait_until_nothing_is_left(db: &Db) {
    let left = async {
        // Other processes end them, and an SQLite file tells nobody.
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            let sql = sql!("select count(*) as n from jobs where ended_at is null");
            // The database may be starting again.
            if let Ok(rows) = db.all(sql, params![]).await
                && rows.iter().all(|row| row.int("n").unwrap() == 0)
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, left).await.expect("every job ends within a minute of peace");
}

/// Everything that is not as it was promised.
pub async fn verdict(db: &Db, batch: JobId) -> Vec<String> {
    let mut faults = Vec::new();
    let effects = sql!(
        "select jobs.id, jobs.state, count(effects.job) as effects
         from jobs left join effects on effects.job = jobs.id
         where jobs.worker = 'Effect' group by jobs.id, jobs.state order by jobs.id"
    );
    let rows = db.all(effects, params![]).await.unwrap();
    assert!(rows.len() >= BATCH as usize, "there was something to do");
    for row in rows {
        let (id, state, effects) = (row.int("id").unwrap(), row.text("state").unwrap(), row.int("effects").unwrap());
        if state != "completed" {
            faults.push(format!("job {id} is {state}"));
        }
        if effects != 1 {
            faults.push(format!("job {id} took effect {effects} times"));
        }
    }
    let callback = queue::admin::details(db, batch).await.unwrap().unwrap();
    let seen = callback.result.as_ref().and_then(serde_json::Value::as_u64);
    if seen != Some(u64::from(BATCH)) {
        faults.push(format!("the callback saw {seen:?} of {BATCH} jobs completed"));
    }
    faults
}
