//! Behavior that both databases share.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use db::{Db, Error, Notification, params, sql};
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
    async fn a_dropped_transaction_is_rolled_back(db: Db) {
        table(&db).await;
        let mut tx = db.begin().await.unwrap();
        tx.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![1_i64, "gone"]).await.unwrap();
        drop(tx);
        assert_eq!(count(&db).await, 0);
        insert(&db, 1, "kept").await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    async fn a_duplicate_key_is_distinguished_from_other_errors(db: Db) {
        table(&db).await;
        insert(&db, 1, "first").await.unwrap();
        assert!(matches!(insert(&db, 1, "second").await, Err(Error::Unique { .. })));
        let mut tx = db.begin().await.unwrap();
        let wrong = tx.execute(sql!("insert into nowhere (id) values ($1)"), params![1_i64]).await;
        assert!(matches!(wrong, Err(Error::Other(_))));
    }

    async fn values_round_trip(db: Db) {
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

    async fn a_snapshot_does_not_see_later_commits(db: Db) {
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

    async fn a_notification_is_sent_after_the_commit_and_never_without_one(db: Db) {
        let mut receiver = db.notifications().subscribe("notes");
        let mut tx = db.begin().await.unwrap();
        tx.notify("notes", "rolled back");
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.notify("other", "not ours");
        tx.notify("notes", "committed");
        tx.commit().await.unwrap();
        let first = next(&mut receiver).await;
        assert_eq!(first, Notification::Payload("committed".into()));
    }

    async fn a_commit_whose_future_is_dropped_still_notifies(db: Db) {
        table(&db).await;
        let mut receiver = db.notifications().subscribe("notes");
        let mut tx = db.begin().await.unwrap();
        tx.execute(sql!("insert into notes (id, words) values ($1, $2)"), params![1_i64, "x"]).await.unwrap();
        tx.notify("notes", "written");
        // The caller drops the future at once.
        drop(tx.commit().now_or_never());
        assert_eq!(next(&mut receiver).await, Notification::Payload("written".into()));
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(snapshot.all(sql!("select id from notes order by id"), params![]).await.unwrap().len(), 1);
    }

    async fn migrating_twice_changes_nothing(db: Db) {
        db.migrate().await.unwrap();
    }
}

/// The next payload. PostgreSQL sends `Lagged` once, when it begins to receive from other nodes.
async fn next(receiver: &mut db::NotificationReceiver) -> Notification {
    let payload = async {
        loop {
            let notification = receiver.recv().await;
            if notification != Notification::Lagged {
                return notification;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), payload).await.expect("a notification")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_of_one_postgresql_gets_the_notification() {
    db::testing::on_postgres(async |db: Db| {
        let mut tx = db.snapshot().await.unwrap();
        let name = tx.one(sql!("select cast(current_database() as text) as name"), params![]).await.unwrap();
        let maintenance = std::env::var(db::testing::POSTGRES).unwrap();
        let url = maintenance.replacen("/postgres", &format!("/{}", name.text("name").unwrap()), 1);
        drop(tx);
        let other = Db::open(&url).await.unwrap();
        let mut receiver = other.notifications().subscribe("notes");
        // What is sent before the other node listens is lost, as notifications may be.
        let received = async {
            loop {
                let mut tx = db.begin().await.unwrap();
                tx.notify("notes", "from afar");
                tx.commit().await.unwrap();
                if let Ok(notification) = tokio::time::timeout(Duration::from_millis(200), next(&mut receiver)).await {
                    return notification;
                }
            }
        };
        let received = tokio::time::timeout(Duration::from_secs(10), received).await.expect("a notification");
        assert_eq!(received, Notification::Payload("from afar".into()));
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_unsupported_url_is_an_error_that_names_it() {
    assert!(matches!(Db::open("mysql://localhost").await, Err(Error::Url(_))));
}
