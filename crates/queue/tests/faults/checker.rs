//! Checks what a run left behind: the jobs, their effects and the two histories.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    time::Duration,
};

use db::{Db, params, sql};
use queue::{JobId, State, Worker};

use crate::{
    history::{self, Change, Line},
    run::{BATCH, WORKERS},
    worker::Never,
};

const TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until every job has ended.
pub async fn wait_until_nothing_is_left(db: &Db) {
    let left = async {
        // Other processes end the jobs, and an SQLite file sends no notifications.
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            let sql = sql!("select count(*) as n from jobs where ended_at is null");
            // The database may be restarting.
            if let Ok(rows) = db.all(sql, params![]).await
                && rows.iter().all(|row| row.int("n").unwrap() == 0)
            {
                return;
            }
        }
    };
    if tokio::time::timeout(TIMEOUT, left).await.is_err() {
        let left = sql!(
            "select id, worker, state, attempt, coalesce(node, '') as node, scheduled_at, errors from jobs
             where ended_at is null order by id limit 10"
        );
        for row in db.all(left, params![]).await.unwrap() {
            let text = |column| row.text(column).unwrap();
            let int = |column| row.int(column).unwrap();
            let (id, attempt, at) = (int("id"), int("attempt"), int("scheduled_at"));
            eprintln!("{id} {} {} {attempt} {} {at} {}", text("worker"), text("state"), text("node"), text("errors"));
        }
        panic!("every job ends within a minute of peace");
    }
}

/// Every violation of the queue's guarantees.
pub async fn violations(db: &Db, history: &Path, batch: JobId) -> Vec<String> {
    let lines = history::read(history);
    let jobs = jobs(db).await;
    assert!(jobs.len() >= BATCH as usize, "there was something to do");
    let mut violations = Vec::new();
    violations.extend(effects(db, &jobs).await);
    violations.extend(state_changes(&jobs, &history::changes(db).await));
    violations.extend(starts(&lines));
    violations.extend(unstarted_effects(db, &lines).await);
    violations.extend(rolled_back(db, &lines).await);
    violations.extend(keys(db).await);
    violations.extend(callback(db, batch).await);
    violations
}

/// The jobs that have to take effect, with their states.
async fn jobs(db: &Db) -> HashMap<i64, String> {
    let sql = sql!("select id, worker, state from jobs order by id");
    let rows = db.all(sql, params![]).await.unwrap();
    let ours = rows.iter().filter(|row| WORKERS.contains(&&*row.text("worker").unwrap()));
    ours.map(|row| (row.int("id").unwrap(), row.text("state").unwrap())).collect()
}

/// Every job completed and took effect once.
async fn effects(db: &Db, jobs: &HashMap<i64, String>) -> Vec<String> {
    let mut violations = Vec::new();
    let sql = sql!("select job, count(*) as n from effects group by job order by job");
    let rows = db.all(sql, params![]).await.unwrap();
    let effects: HashMap<_, _> = rows.iter().map(|row| (row.int("job").unwrap(), row.int("n").unwrap())).collect();
    for (id, state) in jobs {
        if state != "completed" {
            violations.push(format!("job {id} is {state}"));
        }
        let effects = effects.get(id).copied().unwrap_or(0);
        if effects != 1 {
            violations.push(format!("job {id} took effect {effects} times"));
        }
    }
    violations
}

/// Every job ended once, did not change afterwards, and none of its attempts was claimed twice.
fn state_changes(jobs: &HashMap<i64, String>, changes: &HashMap<i64, Vec<Change>>) -> Vec<String> {
    let mut violations = Vec::new();
    for id in jobs.keys() {
        let changes = changes.get(id).map_or(&[][..], Vec::as_slice);
        let ends = changes.iter().filter(|change| is_final(change.to)).count();
        if ends != 1 {
            violations.push(format!("job {id} ended {ends} times"));
        }
        if let Some(change) = changes.iter().find(|change| is_final(change.from)) {
            violations.push(format!("job {id} went on as {} after it was {}", change.to, change.from));
        }
        let mut claimed = HashSet::new();
        for change in changes.iter().filter(|change| change.to == State::Executing) {
            if !claimed.insert(change.attempt) {
                violations.push(format!("attempt {} of job {} was claimed twice", change.attempt, change.job));
            }
        }
    }
    violations
}

fn is_final(state: State) -> bool {
    matches!(state, State::Completed | State::Canceled | State::Discarded)
}

/// No attempt started twice.
fn starts(lines: &[Line]) -> Vec<String> {
    let mut started = HashSet::new();
    let starts = lines.iter().filter(|line| line.event == "Started");
    starts
        .filter(|line| !started.insert((line.job, line.attempt)))
        .map(|line| format!("attempt {} of job {} started twice", line.attempt, line.job))
        .collect()
}

/// Every effect comes from an attempt that the same node started.
async fn unstarted_effects(db: &Db, lines: &[Line]) -> Vec<String> {
    let starts = lines.iter().filter(|line| line.event == "Started");
    let started: HashSet<_> = starts.map(|line| (line.job, line.attempt, line.node.clone())).collect();
    let rows = db.all(sql!("select job, attempt, node from effects order by job"), params![]).await.unwrap();
    rows.iter()
        .map(|row| (row.int("job").unwrap(), row.int("attempt").unwrap(), row.text("node").unwrap()))
        .filter(|effect| !started.contains(effect))
        .map(|(job, attempt, node)| format!("attempt {attempt} of job {job} took effect on {node} without a start"))
        .collect()
}

/// Jobs whose transaction was rolled back do not exist and never ran.
async fn rolled_back(db: &Db, lines: &[Line]) -> Vec<String> {
    let rows = db.all(sql!("select id from jobs where worker = $1 order by id"), params![Never::NAME]).await.unwrap();
    let there = rows.iter().map(|row| format!("job {} was rolled back and is there", row.int("id").unwrap()));
    let ran = lines.iter().filter(|line| line.about == Never::NAME);
    there.chain(ran.map(|line| format!("job {} was rolled back and ran", line.job))).collect()
}

/// No two jobs have the same unique key.
async fn keys(db: &Db) -> Vec<String> {
    let sql = sql!(
        "select unique_key, count(*) as n from jobs where unique_key is not null group by unique_key
         having count(*) > 1 order by unique_key"
    );
    let rows = db.all(sql, params![]).await.unwrap();
    rows.iter().map(|row| format!("{} has {} jobs", row.text("unique_key").unwrap(), row.int("n").unwrap())).collect()
}

/// The callback ran after all jobs of its batch.
async fn callback(db: &Db, batch: JobId) -> Option<String> {
    let callback = queue::admin::details(db, batch).await.unwrap().unwrap();
    let seen = callback.result.as_ref().and_then(serde_json::Value::as_u64);
    (seen != Some(u64::from(BATCH))).then(|| format!("the callback saw {seen:?} of {BATCH} jobs completed"))
}
