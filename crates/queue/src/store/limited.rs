//! Claiming with limits that apply to all nodes. The queue's row is locked, so that claims run one after the
//! other.

use std::collections::HashMap;

use db::{Db, Tx, params, sql};

use crate::{
    convert::{count, millis},
    error::Error,
    job::Job,
    limits::{Limits, Rate},
    store::claim::{claim_ids, jobs_from_rows},
};

/// The most partition keys that one claim considers.
const MAX_KEYS: i64 = 1_000;

/// The result of a claim.
pub(crate) struct Claimed {
    pub jobs: Vec<Job>,
    /// When the rate allows more jobs to start, in milliseconds since 1970.
    pub retry_at: Option<i64>,
}

/// Claims up to `slots` jobs of `queue` for `node`, as far as `limits` allow.
pub(crate) async fn claim_limited(
    db: &Db,
    queue: &str,
    slots: usize,
    limits: Limits,
    node: &str,
    now: i64,
) -> Result<Claimed, Error> {
    let mut tx = db.begin().await?;
    lock(&mut tx, queue).await?;
    let running = running(&mut tx, queue).await?;
    let rate = match limits.rate {
        Some(rate) => Some(RateUsage::load(&mut tx, queue, rate, now).await?),
        None => None,
    };
    let all = running.values().sum::<usize>();
    let slots = limits.global.map_or(slots, |global| slots.min(global.saturating_sub(all)));
    let ids = if limits.are_partitioned() {
        choose_by_key(&mut tx, queue, slots, running, rate.as_ref(), now).await?
    } else {
        let slots = rate.as_ref().map_or(slots, |used| slots.min(used.left("")));
        waiting(&mut tx, queue, slots).await?
    };
    let rows = claim_ids(&mut tx, ids, node, now).await?;
    let jobs = jobs_from_rows(&rows, queue, node)?;
    let mut retry_at = None;
    if let Some(used) = rate {
        let keys = rows.iter().map(|row| Ok(row.opt_text("partition_key")?.unwrap_or_default()));
        used.record(&mut tx, queue, &keys.collect::<Result<Vec<_>, Error>>()?, now).await?;
        let first = used.first.or((!jobs.is_empty()).then_some(now));
        retry_at = first.map(|at| at.saturating_add(millis(used.rate.period)).max(now + 1));
    }
    tx.commit().await?;
    Ok(Claimed { jobs, retry_at })
}

async fn lock(tx: &mut Tx, queue: &str) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "select name from queues where name = $1",
        postgres: "select name from queues where name = $1 for no key update",
    );
    if tx.optional(sql, params![queue]).await?.is_none() {
        tx.execute(sql!("insert into queues (name) values ($1) on conflict do nothing"), params![queue]).await?;
        tx.one(sql, params![queue]).await?;
    }
    Ok(())
}

/// The running attempts of the queue on all nodes, by partition key.
async fn running(tx: &mut Tx, queue: &str) -> Result<HashMap<String, usize>, Error> {
    let sql = sql!(
        "select coalesce(partition_key, '') as key, count(*) as n from jobs
         where state = 'executing' and queue = $1 group by 1 order by 1"
    );
    let rows = tx.all(sql, params![queue]).await?;
    rows.iter().map(|row| Ok((row.text("key")?, count(row.int("n")?)))).collect()
}

/// The first available jobs.
async fn waiting(tx: &mut Tx, queue: &str, slots: usize) -> Result<Vec<i64>, Error> {
    let sql = sql!(
        sqlite: "select id from jobs where queue = $1 and state = 'available'
            order by priority, scheduled_at, id limit $2",
        postgres: "select id from jobs where queue = $1 and state = 'available'
            order by priority, scheduled_at, id limit $2 for update skip locked",
    );
    ids(tx.all(sql, params![queue, slots]).await?)
}

/// Chooses jobs for the slots one by one: each slot goes to the key with the fewest running jobs that may
/// start one, and among equals to the key whose first job has waited longest.
async fn choose_by_key(
    tx: &mut Tx,
    queue: &str,
    slots: usize,
    running: HashMap<String, usize>,
    rate: Option<&RateUsage>,
    now: i64,
) -> Result<Vec<i64>, Error> {
    let mut keys = Vec::new();
    for (running, left, key) in candidates(tx, queue, slots, &running, rate, now).await? {
        let jobs = waiting_of(tx, queue, &key, slots.min(left)).await?;
        keys.push((running, jobs.into_iter().peekable()));
    }
    // What is left of the rate, unless each key has its own.
    let together = rate.filter(|used| !used.rate.per_key).map_or(usize::MAX, |used| used.left(""));
    let mut chosen = Vec::new();
    while chosen.len() < slots.min(together) {
        let next = keys.iter_mut().filter_map(|(running, jobs)| {
            let first = *jobs.peek()?;
            Some(((*running, first), running, jobs))
        });
        let Some((_, running, jobs)) = next.min_by_key(|(turn, ..)| *turn) else { break };
        *running += 1;
        chosen.extend(jobs.next().map(|(_, id)| id));
    }
    Ok(chosen)
}

/// The keys that may get the slots: those with the fewest running jobs. Each comes with the number of its
/// running jobs and the number that it may start. Keys with equal numbers are rotated by time.
async fn candidates(
    tx: &mut Tx,
    queue: &str,
    slots: usize,
    running: &HashMap<String, usize>,
    rate: Option<&RateUsage>,
    now: i64,
) -> Result<Vec<(usize, usize, String)>, Error> {
    let of = |key: String| {
        let left = rate.map_or(usize::MAX, |used| used.left(&key));
        (running.get(&key).copied().unwrap_or(0), left, key)
    };
    let keys = waiting_keys(tx, queue).await?;
    let mut keys: Vec<_> = keys.into_iter().map(of).filter(|(_, left, _)| *left > 0).collect();
    if !keys.is_empty() {
        let first = count(now) % keys.len();
        keys.rotate_left(first);
    }
    keys.sort_by_key(|(running, ..)| *running);
    keys.truncate(slots);
    Ok(keys)
}

/// The keys that have available jobs, found by skipping through the index; '' stands for jobs without a key.
async fn waiting_keys(tx: &mut Tx, queue: &str) -> Result<Vec<String>, Error> {
    let sql = sql!(
        "with recursive keys (key) as (
             select min(partition_key) from jobs
             where queue = $1 and state = 'available' and partition_key is not null
             union all
             select (select min(partition_key) from jobs
                     where queue = $1 and state = 'available' and partition_key is not null
                         and partition_key > keys.key)
             from keys where keys.key is not null)
         select '' as key
         where exists (select 1 from jobs where queue = $1 and state = 'available' and partition_key is null)
         union all
         select key from (select key from keys where key is not null limit $2) as some_keys"
    );
    tx.all(sql, params![queue, MAX_KEYS]).await?.iter().map(|row| Ok(row.text("key")?)).collect()
}

/// The first available jobs of a key: when each may start, and its id.
async fn waiting_of(tx: &mut Tx, queue: &str, key: &str, slots: usize) -> Result<Vec<(i64, i64)>, Error> {
    let with = sql!(
        sqlite: "select id, scheduled_at from jobs where queue = $1 and state = 'available' and partition_key = $3
            order by priority, scheduled_at, id limit $2",
        postgres: "select id, scheduled_at from jobs where queue = $1 and state = 'available' and partition_key = $3
            order by priority, scheduled_at, id limit $2 for update skip locked",
    );
    let without = sql!(
        sqlite: "select id, scheduled_at from jobs where queue = $1 and state = 'available' and partition_key is null
            order by priority, scheduled_at, id limit $2",
        postgres: "select id, scheduled_at from jobs where queue = $1 and state = 'available' and partition_key is null
            order by priority, scheduled_at, id limit $2 for update skip locked",
    );
    let rows = match key {
        "" => tx.all(without, params![queue, slots]).await?,
        key => tx.all(with, params![queue, slots, key]).await?,
    };
    rows.iter().map(|row| Ok((row.int("scheduled_at")?, row.int("id")?))).collect()
}

fn ids(rows: Vec<db::Row>) -> Result<Vec<i64>, Error> {
    rows.iter().map(|row| Ok(row.int("id")?)).collect()
}

/// How much of a rate is used up.
struct RateUsage {
    rate: Rate,
    starts: HashMap<String, usize>,
    /// The oldest start that still counts.
    first: Option<i64>,
}

impl RateUsage {
    async fn load(tx: &mut Tx, queue: &str, rate: Rate, now: i64) -> Result<Self, Error> {
        let period = millis(rate.period);
        // Starts in the future were written with a clock that has since been set back, and would count for
        // too long.
        let outside = sql!("delete from queue_starts where queue = $1 and (at <= $2 or at > $3)");
        tx.execute(outside, params![queue, now.saturating_sub(period), now.saturating_add(period)]).await?;
        let sql = sql!(
            "select partition_key, cast(sum(jobs) as bigint) as n, min(at) as first from queue_starts
             where queue = $1 group by partition_key order by partition_key"
        );
        let (mut starts, mut first) = (HashMap::new(), None);
        for row in tx.all(sql, params![queue]).await? {
            starts.insert(row.text("partition_key")?, count(row.int("n")?));
            first = first.into_iter().chain(row.opt_int("first")?).min();
        }
        Ok(Self { rate, starts, first })
    }

    /// How many jobs of `key` may start now.
    fn left(&self, key: &str) -> usize {
        let key = if self.rate.per_key { key } else { "" };
        self.rate.jobs.saturating_sub(self.starts.get(key).copied().unwrap_or(0))
    }

    /// Counts jobs with these keys as started.
    async fn record(&self, tx: &mut Tx, queue: &str, keys: &[String], now: i64) -> Result<(), Error> {
        let mut started = HashMap::<&str, usize>::new();
        for key in keys {
            *started.entry(if self.rate.per_key { key } else { "" }).or_default() += 1;
        }
        let sql = sql!(
            "insert into queue_starts (queue, partition_key, at, jobs) values ($1, $2, $3, $4)
             on conflict (queue, partition_key, at) do update set jobs = queue_starts.jobs + excluded.jobs"
        );
        for (key, jobs) in started {
            tx.execute(sql, params![queue, key, now, jobs]).await?;
        }
        Ok(())
    }
}
