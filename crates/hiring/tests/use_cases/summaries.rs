//! From a queued job to a summary on which all folds agree.

use std::time::Duration;

use domain::{
    Fold, LineKind, Refusal, Stage, SummaryState,
    applicant::Reading,
    application::{ApplicationEvent, ApplicationState},
    posting::{ApplicationList, PostingEvent},
};
use hiring::{Error, SummarizeCv, application_topic, posting_topic};
use queue::{Queue, Running, State};

use crate::world::{CV, World};

async fn stop(workers: Running) {
    workers.stop(Duration::from_secs(5)).await;
}

db::on_both_databases! {
    async fn every_line_quotes_the_cv_and_the_log_folds_to_the_row(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let workers = world.work("node-a");
        let summary = world.summary(&recruiter, receipt.id).await;
        assert_eq!(summary.state, SummaryState::Ready);
        assert!(summary.lines.iter().any(|line| line.kind() == LineKind::CurrentRole));
        for line in &summary.lines {
            assert!(line.evidence().iter().all(|evidence| CV.contains(evidence.quote())));
        }

        let page = world.hiring.application_page(&recruiter, receipt.id).await.unwrap();
        let mut tx = world.hiring.db().snapshot().await.unwrap();
        let log = live::read_since(&mut tx, application_topic(receipt.id).name(), 0, 1_000).await.unwrap();
        assert!(log.iter().zip(1_u64..).all(|(event, seq)| event.seq == seq), "the log has no gap");
        let mut fold = ApplicationState::default();
        for event in &log {
            fold.apply(serde_json::from_str::<ApplicationEvent>(&event.payload).unwrap());
        }
        assert_eq!((fold, log.len() as u64), (page.state, page.seq));

        let log = live::read_since(&mut tx, posting_topic(page.posting_id).name(), 0, 1_000).await.unwrap();
        let mut fold = ApplicationList::default();
        for event in &log {
            fold.apply(serde_json::from_str::<PostingEvent>(&event.payload).unwrap());
        }
        drop(tx);
        assert_eq!(fold, world.hiring.posting_page(&recruiter, page.posting_id).await.unwrap().list);
        stop(workers).await;
    }

    async fn a_summary_taken_over_by_another_attempt_loses_and_repeats_no_line(db: Db) {
        let world = World::with_line_delay(db, Duration::from_millis(40)).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let first = world.work("node-a");
        world.summary_when(&recruiter, receipt.id, |summary| summary.lines.len() >= 3).await;
        first.stop(Duration::ZERO).await;
        let cut = world.hiring.application_page(&recruiter, receipt.id).await.unwrap().state.summary;
        assert!(!cut.state.is_final(), "it was stopped in the middle of the summary");

        let second = world.work("node-b");
        let summary = world.summary(&recruiter, receipt.id).await;
        stop(second).await;
        assert_eq!(summary.state, SummaryState::Ready);
        assert_eq!(summary.lines[..cut.lines.len()], cut.lines);

        world.hiring.request_summary(&recruiter, receipt.id).await.unwrap();
        let third = world.work("node-c");
        let whole = world.summary(&recruiter, receipt.id).await;
        stop(third).await;
        assert_eq!(summary.lines, whole.lines, "both attempts together wrote the summary");
    }

    async fn a_summary_can_be_requested_again_once_it_is_complete(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let again = world.hiring.request_summary(&recruiter, receipt.id).await;
        assert!(matches!(again, Err(Error::Busy)));
        let workers = world.work("node-a");
        let first = world.summary(&recruiter, receipt.id).await;
        world.hiring.request_summary(&recruiter, receipt.id).await.unwrap();
        let second = world.summary(&recruiter, receipt.id).await;
        assert_eq!(first.lines, second.lines);
        stop(workers).await;
    }

    async fn after_five_failures_the_summary_failed_on_every_page(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let workers = Queue::new(world.hiring.db().clone(), world.clock.clone(), "node-a".to_owned())
            .register(SummarizeCv::new(world.without_sandbox()))
            .start();
        let mut events = workers.subscribe();
        for attempt in 1..=5 {
            let ending = events.recv().await.unwrap();
            let wanted = if attempt < 5 { State::Retryable } else { State::Discarded };
            assert_eq!((ending.attempt, ending.state), (attempt, wanted));
            world.clock.advance(2 * 60 * 60 * 1_000);
            workers.stage().await.unwrap();
        }
        stop(workers).await;

        let page = world.hiring.application_page(&recruiter, receipt.id).await.unwrap();
        assert_eq!((page.state.summary.state, &page.state.summary.refusal), (SummaryState::Failed, &None));
        let posting = world.hiring.posting_page(&recruiter, page.posting_id).await.unwrap();
        assert_eq!(posting.list.rows[0].summary, SummaryState::Failed);
        let status = world.hiring.status_page(&receipt.token).await.unwrap().status;
        assert_eq!(status.reading, Reading::Failed);

        // Once the sandbox works again, a recruiter can request the summary again.
        world.hiring.request_summary(&recruiter, receipt.id).await.unwrap();
        let workers = world.work("node-b");
        assert_eq!(world.summary(&recruiter, receipt.id).await.state, SummaryState::Ready);
        stop(workers).await;
    }

    async fn a_corrupted_file_is_refused_at_the_first_attempt_with_its_reason(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        world.spoil_files();
        let workers = world.work("node-a");
        let mut events = workers.subscribe();
        let summary = world.summary(&recruiter, receipt.id).await;
        assert_eq!(summary.state, SummaryState::Failed);
        assert!(matches!(summary.refusal, Some(Refusal::WrongType { .. })), "{:?}", summary.refusal);
        assert_eq!(events.recv().await.unwrap().state, State::Completed);
        let status = world.hiring.status_page(&receipt.token).await.unwrap().status;
        assert_eq!(status.reading, Reading::Failed);
        stop(workers).await;
    }

    async fn a_move_reaches_the_application_the_list_and_the_applicant(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        world.hiring.move_application(&recruiter, receipt.id, Stage::Interview).await.unwrap();
        let page = world.hiring.application_page(&recruiter, receipt.id).await.unwrap();
        assert_eq!(page.state.stage, Stage::Interview);
        let posting = world.hiring.posting_page(&recruiter, page.posting_id).await.unwrap();
        assert_eq!(posting.list.rows[0].stage, Stage::Interview);
        assert_eq!(world.hiring.status_page(&receipt.token).await.unwrap().status.stage, Stage::Interview);
        let again = world.hiring.move_application(&recruiter, receipt.id, Stage::Interview).await;
        assert!(matches!(again, Err(Error::SameStage)));
    }
}
