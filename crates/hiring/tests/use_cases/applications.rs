//! An application is stored completely or not at all.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use db::sql;
use domain::{LineKind, Refusal, SummaryState};
use hiring::{ApplyForm, Error};

use crate::world::{CV, World, form};

db::on_both_databases! {
    async fn an_application_is_stored_with_its_document_its_job_and_its_first_events(db: Db) {
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

    async fn a_transaction_that_fails_anywhere_leaves_no_row_and_its_blob_is_swept(db: Db) {
        let world = World::new(db).await;
        // Each breaks a later statement of the application's transaction than the one before.
        let breaks = [
            (
                sql!("alter table candidates rename column email to was_email"),
                sql!("alter table candidates rename column was_email to email"),
            ),
            (
                sql!("alter table applications rename column status_token_hash to was_hash"),
                sql!("alter table applications rename column was_hash to status_token_hash"),
            ),
            (
                sql!("alter table documents rename column blob to was_blob"),
                sql!("alter table documents rename column was_blob to blob"),
            ),
            (
                sql!("alter table jobs rename column args to was_args"),
                sql!("alter table jobs rename column was_args to args"),
            ),
            (
                sql!("alter table events rename column payload to was_payload"),
                sql!("alter table events rename column was_payload to payload"),
            ),
        ];
        for (break_it, mend_it) in breaks {
            world.execute(break_it).await;
            let answer = world.apply("backend-engineer", CV.as_bytes()).await;
            assert!(answer.is_err(), "{break_it:?}");
            world.execute(mend_it).await;
            assert_eq!(world.rows().await, 0, "{break_it:?}");
        }
        // The file lies there until it is old, and then no longer.
        assert_eq!(world.files(), 1);
        assert_eq!(world.hiring.sweep_blobs(SystemTime::now()).await.unwrap(), 0);
        let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
        assert_eq!(world.hiring.sweep_blobs(tomorrow).await.unwrap(), 1);
        assert_eq!(world.files(), 0);
    }

    async fn a_transaction_whose_last_event_fails_leaves_no_row(db: Db) {
        let world = World::new(db).await;
        world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let before = world.rows().await;
        // The applicant's topic comes last.
        world.execute(sql!("create unique index one on events (substr(topic, 1, 7)) where topic like 'status:%'")).await;
        let answer = world.apply("backend-engineer", CV.as_bytes()).await;
        assert!(answer.is_err());
        assert_eq!(world.rows().await, before);
    }

    async fn the_file_of_a_document_is_never_swept(db: Db) {
        let world = World::new(db).await;
        world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
        assert_eq!(world.hiring.sweep_blobs(tomorrow).await.unwrap(), 0);
        assert_eq!(world.files(), 1);
    }

    async fn every_format_is_recognized_by_its_content_whatever_its_name(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let workers = world.work("node-a");
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cv/tests/fixtures");
        let files = [
            ("gen-en1-lo.pdf", "cv.docx"),
            ("gen-de1-dates-table.docx", "cv.odt"),
            ("gen-de1.odt", "cv.rtf"),
            ("gen-nl1.rtf", "cv.html"),
            ("gen-fr1.html", "cv.txt"),
            ("gen-es2.txt", "cv.pdf"),
        ];
        for (fixture, name) in files {
            let bytes = std::fs::read(fixtures.join(fixture)).unwrap();
            let misnamed = ApplyForm { file_name: name.to_owned(), ..form("backend-engineer") };
            let receipt = world.apply_as(misnamed, &bytes).await.unwrap();
            let summary = world.summary(&recruiter, receipt.id).await;
            assert_eq!(summary.state, SummaryState::Ready, "{fixture}");
            assert!(summary.lines.iter().any(|line| line.kind() == LineKind::Name), "{fixture}");
        }
        workers.stop(Duration::from_secs(5)).await;
    }

    async fn a_refused_file_leaves_neither_row_nor_file(db: Db) {
        let world = World::new(db).await;
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
        let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0";
        for bytes in [png.as_slice(), exe.as_slice()] {
            let answer = world.apply("backend-engineer", bytes).await;
            assert!(matches!(answer, Err(Error::Refused(Refusal::WrongType { .. }))), "{answer:?}");
        }
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../end2end/fixtures");
        for name in ["encrypted.pdf", "truncated.pdf", "page-tree-loop.pdf"] {
            let answer = world.apply("backend-engineer", &std::fs::read(fixtures.join(name)).unwrap()).await;
            assert!(matches!(answer, Err(Error::Refused(_))), "{name}: {answer:?}");
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

    async fn an_invalid_field_is_named_and_leaves_neither_row_nor_file(db: Db) {
        let world = World::new(db).await;
        let long = ApplyForm { name: "x".repeat(10_000), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(long, CV.as_bytes()).await, Err(Error::Invalid { field: "name", .. })));
        let wrong = ApplyForm { email: "ada@".into(), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(wrong, CV.as_bytes()).await, Err(Error::Invalid { field: "email", .. })));
        let nul = ApplyForm { slug: "a\0b".into(), ..form("backend-engineer") };
        assert!(matches!(world.apply_as(nul, CV.as_bytes()).await, Err(Error::NotFound { .. })));
        assert_eq!((world.rows().await, world.files()), (0, 0));
    }

    async fn sql_in_a_field_is_stored_as_text(db: Db) {
        let world = World::new(db).await;
        let name = "Robert'); drop table applications; --";
        let hostile = ApplyForm { name: name.into(), ..form("backend-engineer") };
        let receipt = world.apply_as(hostile, CV.as_bytes()).await.unwrap();
        assert_eq!(world.hiring.status_page(&receipt.token).await.unwrap().name, name);
    }
}
