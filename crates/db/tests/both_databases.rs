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
    tx.one(sql!("select count(*) from notes" => i64), params![]).await.unwrap()
}

db::row! {
    struct NoteRow {
        id: i64,
        words: String,
        weight: Option<f64>,
        raw: Option<String>,
    }
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
                sql!(
                    "insert into notes (id, words, weight, raw) values ($1, $2, $3, $4) returning id, words, weight, raw"
                    => NoteRow
                ),
                params![i64::MIN, "naïve \u{202e} 'quoted'", 0.1_f64, None::<String>],
            )
            .await
            .unwrap();
        assert_eq!((row.id, row.weight, row.raw), (i64::MIN, Some(0.1), None));
        assert_eq!(row.words, "naïve \u{202e} 'quoted'");
        assert!(matches!(
            tx.one(sql!("select id from notes where id = $1" => i64), params![7_i64]).await,
            Err(Error::NotFound)
        ));
    }

    async fn a_row_is_read_in_any_order_and_parsed_by_its_formats(db: Db) {
        table(&db).await;
        insert(&db, 1, "[2, 3]").await.unwrap();
        let mut tx = db.snapshot().await.unwrap();
        let sql = sql!("select words as list, words as text, id from notes" => { id: u8, list: Vec<u8> as json, text: String });
        let row = tx.one(sql, params![]).await.unwrap();
        assert_eq!((row.id, row.list, row.text.as_str()), (1, vec![2, 3], "[2, 3]"));
        let address = sql!("select '10.0.0.1' as address, id from notes" => { address: std::net::Ipv4Addr as text, id: bool });
        let row = tx.one(address, params![]).await.unwrap();
        assert_eq!((row.address.octets(), row.id), ([10, 0, 0, 1], true));
    }

    async fn a_value_that_does_not_fit_its_type_is_an_error_that_names_the_column(db: Db) {
        table(&db).await;
        insert(&db, -1, "no number").await.unwrap();
        let mut tx = db.snapshot().await.unwrap();
        let column = |error: Error| match error {
            Error::Column { column, .. } => column,
            other => panic!("expected a column error, not {other:?}"),
        };
        let negative = tx.all(sql!("select id, words from notes" => { id: u64, words: String }), params![]).await;
        assert_eq!(column(negative.map(|rows| rows.len()).unwrap_err()), "id");
        let unparsed = tx.one(sql!("select words from notes" => { words: i32 as text }), params![]).await;
        assert_eq!(column(unparsed.map(|row| row.words).unwrap_err()), "words");
        let missing = tx.optional(sql!("select id from notes" => NoteRow), params![]).await;
        assert_eq!(column(missing.unwrap_err()), "words");
        let null = tx.one(sql!("select raw from notes" => String), params![]).await;
        assert_eq!(column(null.unwrap_err()), "1");
    }

    async fn a_snapshot_does_not_see_later_commits(db: Db) {
        table(&db).await;
        insert(&db, 1, "before").await.unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        let n = sql!("select count(*) from notes" => i64);
        assert_eq!(snapshot.one(n, params![]).await.unwrap(), 1);
        insert(&db, 2, "meanwhile").await.unwrap();
        assert_eq!(snapshot.one(n, params![]).await.unwrap(), 1);
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
        assert_eq!(snapshot.all(sql!("select id from notes order by id" => i64), params![]).await.unwrap().len(), 1);
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
        let url = db::testing::postgres_url(&db).await;
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
