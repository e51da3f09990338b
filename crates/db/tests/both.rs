//! What both databases do alike.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use db::{Db, Error, Hint, params, sql};
use futures::FutureExt as _;

async fn table(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let create =
        sql!("create table notes (id bigint primary key, words text not null, weight double precision, raw text)");
    tx.execute(create, params![]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn insert(db: &Db, id: i64, words: &str) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    tx.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![id, words]).await?;
    tx.commit().await
}

async fn count(db: &Db) -> i64 {
    let mut tx = db.snapshot().await.unwrap();
    tx.one(sql!("select count(*) as n from notes"), params![]).await.unwrap().int("n").unwrap()
}

db::on_both_databases! {
    async fn what_is_not_committed_never_was(db: Db) {
        table(&db).await;
        let mut tx = db.begin().await.unwrap();
        tx.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![1_i64, "gone"]).await.unwrap();
        drop(tx);
        assert_eq!(count(&db).await, 0);
        insert(&db, 1, "kept").await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    async fn a_taken_key_is_told_from_other_errors(db: Db) {
        table(&db).await;
        insert(&db, 1, "first").await.unwrap();
        assert!(matches!(insert(&db, 1, "second").await, Err(Error::Unique { .. })));
        let mut tx = db.begin().await.unwrap();
        let wrong = tx.execute(sql!("insert into nowhere (id) values ($1)"), params![1_i64]).await;
        assert!(matches!(wrong, Err(Error::Other(_))));
    }

    async fn values_come_back_as_they_went(db: Db) {
        table(&db).await;
        let mut tx = db.begin().await.unwrap();
        let row = tx
            .one(
                sql!("insert into notes (id, words, weight, raw) values ($1, $2, $3, $4) returning id, words, weight, raw"),
                params![i64::MIN, "naïve \u{202e} 'quoted'", 0.1_f64, None::<String>],
            )
            .await
            .unwrap();
        assert_eq!(row.int("id").unwrap(), i64::MIN);
        assert_eq!(row.text("words").unwrap(), "naïve \u{202e} 'quoted'");
        assert_eq!(row.opt_float("weight").unwrap(), Some(0.1));
        assert_eq!(row.opt_text("raw").unwrap(), None);
        assert!(matches!(row.int("missing"), Err(Error::Column { .. })));
        assert!(matches!(
            tx.one(sql!("select id from notes where id = $1"), params![7_i64]).await,
            Err(Error::NotFound)
        ));
    }

    async fn a_snapshot_sees_one_state_throughout(db: Db) {
        table(&db).await;
        insert(&db, 1, "before").await.unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        let n = sql!("select count(*) as n from notes");
        assert_eq!(snapshot.one(n, params![]).await.unwrap().int("n").unwrap(), 1);
        insert(&db, 2, "meanwhile").await.unwrap();
        assert_eq!(snapshot.one(n, params![]).await.unwrap().int("n").unwrap(), 1);
        assert_eq!(count(&db).await, 2);
    }

    async fn a_snapshot_cannot_write(db: Db) {
        table(&db).await;
        let mut snapshot = db.snapshot().await.unwrap();
        let answer = snapshot.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![1_i64, "x"]).await;
        assert!(matches!(answer, Err(Error::Other(_))));
    }

    async fn a_hint_is_heard_after_the_commit_and_never_without_one(db: Db) {
        let mut heard = db.hints().subscribe("notes");
        let mut tx = db.begin().await.unwrap();
        tx.hint("notes", "rolled back");
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.hint("other", "not ours");
        tx.hint("notes", "committed");
        tx.commit().await.unwrap();
        let first = next(&mut heard).await;
        assert_eq!(first, Hint::Payload("committed".into()));
    }

    async fn a_commit_that_nobody_waits_for_is_told_all_the_same(db: Db) {
        table(&db).await;
        let mut heard = db.hints().subscribe("notes");
        let mut tx = db.begin().await.unwrap();
        tx.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![1_i64, "x"]).await.unwrap();
        tx.hint("notes", "written");
        // Whoever asked for it goes away at once.
        drop(tx.commit().now_or_never());
        assert_eq!(next(&mut heard).await, Hint::Payload("written".into()));
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(snapshot.all(sql!("select id from notes order by id"), params![]).await.unwrap().len(), 1);
    }

    async fn migrating_twice_changes_nothing(db: Db) {
        db.migrate().await.unwrap();
    }
}

/// PostgreSQL says "missed" once when it begins to hear other nodes.
async fn next(heard: &mut db::HintReceiver) -> Hint {
    let payload = async {
        loop {
            let hint = heard.recv().await;
            if hint != Hint::Missed {
                return hint;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), payload).await.expect("a hint")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_of_one_postgresql_hears_the_hint() {
    db::testing::on_postgres(async |db: Db| {
        let mut tx = db.snapshot().await.unwrap();
        let name = tx.one(sql!("select cast(current_database() as text) as name"), params![]).await.unwrap();
        let maintenance = std::env::var(db::testing::POSTGRES).unwrap();
        let url = maintenance.replacen("/postgres", &format!("/{}", name.text("name").unwrap()), 1);
        drop(tx);
        let other = Db::open(&url).await.unwrap();
        let mut heard = other.hints().subscribe("notes");
        // A hint that is said before the other node listens is lost, as hints may be.
        let heard = async {
            loop {
                let mut tx = db.begin().await.unwrap();
                tx.hint("notes", "from afar");
                tx.commit().await.unwrap();
                if let Ok(hint) = tokio::time::timeout(Duration::from_millis(200), next(&mut heard)).await {
                    return hint;
                }
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(10), heard).await.expect("a hint");
        assert_eq!(heard, Hint::Payload("from afar".into()));
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_unknown_url_is_refused_by_name() {
    assert!(matches!(Db::open("mysql://localhost").await, Err(Error::Url(_))));
}
