//! An application exists whole or not at all.

use db::{params, sql};
use domain::{Refusal, SummaryState};
use hiring::{ApplyForm, Error};

use crate::world::{CV, World, form};

db::on_both_databases! {
    async fn an_application_comes_with_its_document_its_job_and_its_first_events(db: Db) {
        let world = World::new(db).await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let recruiter = world.recruiter().await;
        let page = world.hiring.application_page(&recruiter, receipt.id).await.unwrap();
        assert_eq!((page.name.as_str(), page.email.as_str()), ("Ada Lovelace", "ada@example.org"));
        assert_eq!((page.state.summary.state, page.seq), (SummaryState::Queued, 1));
        assert_eq!(page.document.size, CV.len() as u64);
        let posting = world.hiring.posting_page(&recruiter, page.posting_id).await.unwrap();
        assert_eq!((posting.list.rows.len(), posting.seq), (1, 1));
        let status = world.hiring.status_page(&receipt.token).await.unwrap();
        assert_eq!((status.id, status.seq), (receipt.id, 1));
        // Candidate, application, document, job, three events.
        assert_eq!(world.rows().await, 7);
        assert_eq!(world.files(), 1);
    }

    async fn a_transaction_that_fails_half_way_leaves_no_row(db: Db) {
        let world = World::new(db).await;
        let mut tx = world.hiring.db().begin().await.unwrap();
        // The last statement of the application's transaction will fail.
        tx.execute(sql!("alter table applications rename column status_seq to was_status_seq"), params![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(world.apply("backend-engineer", CV.as_bytes()).await, Err(Error::Db(_))));
        assert_eq!(world.rows().await, 0);
    }

    async fn what_is_refused_leaves_neither_row_nor_file(db: Db) {
        let world = World::new(db).await;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
        let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0";
        for bytes in [png.as_slice(), exe.as_slice()] {
            let answer = world.apply("backend-engineer", bytes).await;
            assert!(matches!(answer, Err(Error::Refused(Refusal::WrongType { .. }))), "{answer:?}");
        }
        let answer = world.apply("backend-engineer", b"").await;
        assert!(matches!(answer, Err(Error::Refused(Refusal::Empty))));
        let answer = world.apply("backend-engineer", &vec![b'a'; 1_024 * 1_024 + 1]).await;
        assert!(matches!(answer, Err(Error::Refused(Refusal::TooLarge { limit_mib: 1 }))));
        let answer = world.apply("office-manager", CV.as_bytes()).await;
        assert!(matches!(answer, Err(Error::Closed)));
        let answer = world.apply("no-such-posting", CV.as_bytes()).await;
        assert!(matches!(answer, Err(Error::NotFound { what: "posting" })));
        let answer = world.hiring.apply(form("backend-engineer"), None).await;
        assert!(matches!(answer, Err(Error::Invalid { field: "cv", .. })));
        assert_eq!((world.rows().await, world.files()), (0, 0));
    }

    async fn a_bad_field_is_named_and_leaves_neither_row_nor_file(db: Db) {
        let world = World::new(db).await;
        let long = ApplyForm { name: "x".repeat(10_000), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(long, CV.as_bytes()).await, Err(Error::Invalid { field: "name", .. })));
        let wrong = ApplyForm { email: "ada@".into(), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(wrong, CV.as_bytes()).await, Err(Error::Invalid { field: "email", .. })));
        let nul = ApplyForm { slug: "a\0b".into(), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(nul, CV.as_bytes()).await, Err(Error::NotFound { .. })));
        assert_eq!((world.rows().await, world.files()), (0, 0));
    }

    async fn sql_in_a_field_is_text(db: Db) {
        let world = World::new(db).await;
        let name = "Robert'); drop table applications; --";
        let hostile = ApplyForm { name: name.into(), ..form("backend-engineer") };
        let receipt = world.apply_as(hostile, CV.as_bytes()).await.unwrap();
        assert_eq!(world.hiring.status_page(&receipt.token).await.unwrap().name, name);
    }
}
