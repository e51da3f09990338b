//! Forged rows that no worker writes, however broken, and that the checker has to find.

use db::{Db, params, sql};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    checker,
    nodes::Nodes,
    run::{self, Jobs},
    worker::Behavior,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_forged_traces() {
    let (folder, url, db) = run::sqlite().await;
    let jobs = Jobs { db: &db, older: false };
    jobs.prepare().await;
    let batch = jobs.insert_batch(&mut StdRng::seed_from_u64(1)).await;
    let mut nodes = Nodes::new(&url, Behavior::Correct, folder.path().join("history")).and(1);
    checker::wait_until_nothing_is_left(&db).await;
    nodes.kill_all();
    assert_eq!(checker::violations(&db, nodes.history(), batch).await, [""; 0]);

    forge(&db).await;
    let violations = checker::violations(&db, nodes.history(), batch).await;
    for fault in [
        "attempt 7 of job 3 took effect on nobody without a start",
        "attempt 1 of job 3 was claimed twice",
        "job 3 went on as executing after it was completed",
        "the same has 2 jobs",
        "job 2 is discarded",
    ] {
        assert!(violations.iter().any(|found| found == fault), "{fault}: {violations:?}");
    }
}

/// One row for each kind of violation.
async fn forge(db: &Db) {
    for sql in [
        sql!("insert into effects (job, attempt, node, load) values (3, 7, 'nobody', '')"),
        sql!("insert into changes (job, old, new, attempt) values (3, 'available', 'executing', 1)"),
        sql!("insert into changes (job, old, new, attempt) values (3, 'completed', 'executing', 1)"),
        sql!("drop index jobs_unique"),
        sql!("update jobs set unique_key = 'the same' where id in (2, 3)"),
        sql!("update jobs set state = 'discarded' where id = 2"),
    ] {
        db.execute(sql, params![]).await.unwrap();
    }
}
