//! What only the leader does: recurring jobs and pruning.

use std::time::Duration;

use db::{Clock, Db, Dialect, params, sql};
use queue::{
    Error, JobId, NewJob, Outcome, Retention, Running, State,
    cron::{self, Cron, Missed},
    find,
};

use crate::support::{Act, Events, Number, START, add, queue, soon};

const MINUTE: i64 = 60_000;

fn complete() -> Act {
    Act::new(|_number, _job| async { Outcome::Complete })
}

fn every_minute(missed: Missed) -> Cron {
    Cron::new::<Act>("tick", "* * * * *", "UTC", &Number { n: 1 }).expect("a schedule").missed(missed)
}

/// The occurrences for which crons enqueued jobs.
async fn occurrences(db: &Db) -> Vec<i64> {
    let rows = db.all(sql!("select meta from jobs where worker = 'Act' order by id"), params![]).await.expect("jobs");
    let read =
        |row: &db::Row| serde_json::from_str::<serde_json::Value>(&row.text("meta").expect("meta")).expect("JSON");
    rows.iter().map(read).map(|meta| meta["cron_at"].as_i64().expect("an occurrence")).collect()
}

async fn stop(nodes: impl IntoIterator<Item = Running>) {
    for node in nodes {
        soon(node.stop(Duration::from_secs(10))).await;
    }
}

/// A paused queue whose recurring jobs are enqueued only by the test.
async fn quiet(db: &Db, clock: &Clock, node: &str, cron: Cron) -> Running {
    let mut tx = db.begin().await.expect("a transaction");
    queue::control::pause(&mut tx, "acts", queue::control::Scope::AllNodes).await.expect("paused");
    tx.commit().await.expect("committed");
    let node = queue(db, clock, node, complete()).cron(cron).start();
    soon(node.ready()).await;
    soon(node.crons_registered()).await;
    node
}

db::on_both_databases! {
    async fn another_node_becomes_leader_as_soon_as_one_resigns(db: Db) {
        let clock = Clock::manual(START);
        let a = queue(&db, &clock, "a", complete()).start();
        soon(a.leading()).await;
        if db.dialect() == Dialect::Sqlite {
            return stop([a]).await;
        }
        let b = queue(&db, &clock, "b", complete()).start();
        b.elect().await.expect("checked");
        assert!(a.leads() && !b.leads());
        stop([a]).await;
        soon(b.leading()).await;
        assert!(b.leads());
        stop([b]).await;
    }

    async fn another_node_becomes_leader_soon_after_a_kill(db: Db) {
        if db.dialect() == Dialect::Sqlite {
            return;
        }
        // What a killed node leaves behind: a leader's row whose heartbeat no longer changes.
        let dead = sql!("insert into leaders (role, node, term, beat) values ('plugins', 'dead', 3, 40)");
        db.execute(dead, params![]).await.expect("written");
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "b", complete()).lease(Duration::from_secs(10)).start();
        node.elect().await.expect("checked");
        clock.advance(5_999);
        node.elect().await.expect("checked");
        assert!(!node.leads(), "it may be alive");
        clock.advance(1);
        node.elect().await.expect("checked");
        assert!(node.leads(), "six seconds without a heartbeat");
        clock.advance(4_800);
        assert!(!node.leads(), "a leader without a heartbeat for so long resigns");
        node.elect().await.expect("renewed");
        assert!(node.leads());
        db.execute(sql!("update leaders set node = 'other', term = term + 1"), params![]).await.expect("written");
        node.elect().await.expect("checked");
        assert!(!node.leads(), "another one took over");
        stop([node]).await;
    }

    async fn each_occurrence_is_enqueued_once_across_nodes(db: Db) {
        let clock = Clock::manual(START);
        let a = quiet(&db, &clock, "a", every_minute(Missed::Once)).await;
        let b = quiet(&db, &clock, "b", every_minute(Missed::Once)).await;
        for _ in 0..5 {
            clock.advance(MINUTE);
            let (one, other) = tokio::join!(a.enqueue_due_crons(), b.enqueue_due_crons());
            one.and(other).expect("enqueued");
        }
        let occurrences = occurrences(&db).await;
        let minutes: Vec<_> = (1..=5).map(|n| (START / MINUTE + n) * MINUTE).collect();
        assert_eq!(occurrences, minutes);
        stop([a, b]).await;
    }

    async fn missed_occurrences_follow_the_policy(db: Db) {
        for (missed, wanted) in [(Missed::Skip, vec![60]), (Missed::Once, vec![60]), (Missed::All, (1..=60).collect::<Vec<_>>())] {
            db.execute(sql!("delete from jobs"), params![]).await.expect("deleted");
            db.execute(sql!("delete from crons"), params![]).await.expect("deleted");
            let clock = Clock::manual(START / MINUTE * MINUTE);
            let node = quiet(&db, &clock, "a", every_minute(missed)).await;
            clock.advance(60 * MINUTE);
            node.enqueue_due_crons().await.expect("enqueued");
            let minutes = |occurrences: Vec<i64>| occurrences.iter().map(|at| (at - START / MINUTE * MINUTE) / MINUTE).collect::<Vec<_>>();
            assert_eq!(minutes(occurrences(&db).await), wanted, "{missed:?}");
            // All of them are late: the last full hour was five minutes ago.
            db.execute(sql!("delete from jobs"), params![]).await.expect("deleted");
            let hourly = Cron::new::<Act>("tick", "0 * * * *", "UTC", &Number { n: 1 }).expect("a schedule").missed(missed);
            stop([node]).await;
            let node = quiet(&db, &clock, "b", hourly).await;
            clock.advance(3 * 60 * MINUTE + 5 * MINUTE);
            node.enqueue_due_crons().await.expect("enqueued");
            let late = match missed { Missed::Skip => 0, Missed::Once => 1, Missed::All => 3 };
            assert_eq!(occurrences(&db).await.len(), late, "{missed:?}");
            stop([node]).await;
        }
    }

    async fn summer_time_neither_loses_nor_repeats_a_run(db: Db) {
        // 2026-03-29 02:00 becomes 03:00 in Berlin, 2026-10-25 03:00 becomes 02:00.
        for (start, day) in [(1_774_652_400_000, "spring"), (1_792_792_800_000, "autumn")] {
            db.execute(sql!("delete from jobs"), params![]).await.expect("deleted");
            db.execute(sql!("delete from crons"), params![]).await.expect("deleted");
            let clock = Clock::manual(start);
            let daily = Cron::new::<Act>("night", "30 2 * * *", "Europe/Berlin", &Number { n: 1 }).expect("a schedule");
            let node = quiet(&db, &clock, "a", daily).await;
            for _ in 0..3 * 24 * 4 {
                clock.advance(15 * MINUTE);
                node.enqueue_due_crons().await.expect("enqueued");
            }
            assert_eq!(occurrences(&db).await.len(), 3, "three nights in {day}");
            stop([node]).await;
        }
    }

    async fn a_cron_can_be_paused_run_now_and_listed(db: Db) {
        let clock = Clock::manual(START);
        let node = quiet(&db, &clock, "a", every_minute(Missed::All)).await;
        let word = async |paused: Option<bool>| {
            let mut tx = db.begin().await.expect("a transaction");
            let known = match paused {
                Some(true) => cron::pause(&mut tx, "tick").await,
                Some(false) => cron::resume(&mut tx, "tick").await,
                None => cron::run_now(&mut tx, "tick").await,
            };
            assert!(known.expect("sent"));
            assert!(!cron::pause(&mut tx, "nobody").await.expect("sent"));
            tx.commit().await.expect("committed");
        };
        word(Some(true)).await;
        clock.advance(5 * MINUTE);
        node.enqueue_due_crons().await.expect("enqueued");
        word(Some(false)).await;
        assert_eq!(occurrences(&db).await, [0_i64; 0]);
        word(None).await;
        node.enqueue_due_crons().await.expect("enqueued");
        assert_eq!(occurrences(&db).await, [START + 5 * MINUTE]);
        let reports = cron::crons(&db).await.expect("reports");
        let next = (START / MINUTE + 6) * MINUTE;
        assert_eq!((reports[0].name.as_str(), reports[0].paused, reports[0].run_requested), ("tick", false, false));
        assert_eq!(reports[0].next_at, Some(next));
        stop([node]).await;
    }

    async fn jobs_are_kept_as_long_as_the_retention_of_their_state(db: Db) {
        let clock = Clock::manual(START);
        let act = Act::new(|number: Number, _job| async move {
            match number.n {
                1 => Outcome::Complete,
                2 => Outcome::Cancel("pointless".to_owned()),
                _ => Outcome::Discard("hopeless".to_owned()),
            }
        });
        let retention = Retention::default()
            .completed(Duration::from_secs(10))
            .canceled(Duration::from_secs(20))
            .discarded(Duration::from_secs(30))
            .archive();
        let node = queue(&db, &clock, "a", act).retention(retention).start();
        let mut events = Events::subscribe(&node);
        let mut ids = Vec::new();
        for n in 1..=3 {
            ids.push(add(&db, n).await);
            events.next(ids[ids.len() - 1]).await;
        }
        let mut tx = db.begin().await.expect("a transaction");
        let later = NewJob::<Act>::new(&Number { n: 1 }).expect("arguments").scheduled_at(START + HOUR_MS);
        let open = later.insert(&mut tx, START).await.expect("enqueued").id();
        tx.commit().await.expect("committed");
        for (after, left) in [(10_000, 3), (1, 2), (10_000, 1), (10_000, 0)] {
            clock.advance(after);
            node.prune().await.expect("pruned");
            let mut there = Vec::new();
            for id in &ids {
                there.extend(exists(&db, *id).await.then_some(*id));
            }
            assert_eq!(there.len(), left, "{there:?}");
        }
        assert!(exists(&db, open).await, "what has not ended is kept");
        let archived = sql!("select id, state, errors from jobs_archive order by id");
        let archived = db.all(archived, params![]).await.expect("archived");
        assert_eq!(archived.len(), 3);
        assert_eq!(archived[2].text("state").expect("a state"), State::Discarded.as_str());
        assert!(archived[2].text("errors").expect("errors").contains("hopeless"));
        node.reindex().await.expect("on both databases");
        stop([node]).await;
    }

    async fn dead_rows_are_vacuumed_before_claims_have_to_skip_them(db: Db) {
        if db.dialect() == Dialect::Sqlite {
            // SQLite leaves no dead rows behind.
            return;
        }
        let many = sql!(
            "insert into jobs (queue, worker, args, state, attempt, max_attempts, inserted_at, scheduled_at)
             select 'elsewhere', 'Act', '{}', 'available', 0, 1, 0, 0 from generate_series(1, $1)"
        );
        db.execute(many, params![30_000]).await.expect("inserted");
        db.execute(sql!("delete from jobs"), params![]).await.expect("deleted");
        let node = queue(&db, &Clock::system(), "a", complete()).start();
        let swept = async {
            // Autovacuum has a counter of its own.
            let vacuums = sql!("select vacuum_count as n from pg_stat_user_tables where relid = 'jobs'::regclass");
            while db.all(vacuums, params![]).await.expect("counted")[0].int("n").expect("a number") == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        soon(swept).await;
        stop([node]).await;
    }
}

const HOUR_MS: i64 = 3_600_000;

async fn exists(db: &Db, id: JobId) -> bool {
    find(&mut db.snapshot().await.expect("a snapshot"), id).await.expect("checked").is_some()
}

#[test]
fn a_schedule_that_cannot_be_read_is_refused_with_its_name() {
    for (expression, zone) in [("* * *", "UTC"), ("61 * * * *", "UTC"), ("* * * * *", "Mars/Olympus")] {
        let refused = Cron::new::<Act>("tick", expression, zone, &Number { n: 1 }).expect_err("refused");
        assert!(matches!(&refused, Error::Schedule { name, .. } if name == "tick"), "{refused}");
    }
    Cron::new::<Act>("tick", "@daily", "Asia/Kolkata", &Number { n: 1 }).expect("an alias");
    Cron::new::<Act>("tick", "*/10 * * * * *", "UTC", &Number { n: 1 }).expect("seconds");
}
