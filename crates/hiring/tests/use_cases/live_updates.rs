//! What open pages receive: notes, folded topics and revocations.

use std::time::Duration;

use domain::{
    Fold, Role, Stage, SummaryState,
    application::ApplicationState,
    posting::ApplicationList,
    user::{UserEvent, UserState},
};
use hiring::{Actor, Error, application_topic, posting_topic, seed, user_topic};

use crate::world::{CV, World};

/// The state of a page that had `state` and catches up.
fn caught_up<S: Fold>(mut state: S, log: &[live::LogEntry]) -> S {
    for event in log {
        if event.snapshot {
            state = serde_json::from_str(&event.payload).unwrap();
        } else {
            state.apply(serde_json::from_str(&event.payload).unwrap());
        }
    }
    state
}

db::on_both_databases! {
    async fn a_note_is_shown_to_colleagues_and_never_to_the_applicant(db: Db) {
        let world = World::new(db).await;
        let (hiring, recruiter) = (&world.hiring, world.recruiter().await);
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        hiring.add_note(&recruiter, receipt.id, " <b>Call</b> her\r\non Monday ").await.unwrap();
        let page = hiring.application_page(&world.administrator().await, receipt.id).await.unwrap();
        let [note] = page.state.notes.as_slice() else { panic!("one note: {:?}", page.state.notes) };
        assert_eq!((note.text.as_str(), note.by.as_str()), ("<b>Call</b> her\non Monday", seed::RECRUITERS[1].0));
        let status = serde_json::to_string(&hiring.status_page(&receipt.token).await.unwrap()).unwrap();
        assert!(!status.contains("Monday"));
        let log = live::read_since(
            &mut hiring.db().snapshot().await.unwrap(),
            hiring::status_topic(receipt.id).name(), 0, 100,
        ).await.unwrap();
        assert!(log.iter().all(|event| !event.payload.contains("Monday")));
        for (actor, code) in [(Actor::Anonymous, "sign_in"), (Actor::Applicant(receipt.id), "sign_in")] {
            assert_eq!(hiring.add_note(&actor, receipt.id, "mine").await.unwrap_err().code(), code);
        }
        for wrong in ["", " \n ", &"x".repeat(2_001)] {
            assert!(matches!(hiring.add_note(&recruiter, receipt.id, wrong).await, Err(Error::Invalid { .. })));
        }
    }

    async fn quiet_topics_are_folded_and_every_page_catches_up_to_the_same_state(db: Db) {
        let world = World::new(db).await;
        let (hiring, recruiter) = (&world.hiring, world.recruiter().await);
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let workers = world.work("node-a");
        world.summary(&recruiter, receipt.id).await;
        workers.stop(Duration::from_secs(5)).await;
        for stage in [Stage::Review, Stage::Interview, Stage::Offer] {
            hiring.move_application(&recruiter, receipt.id, stage).await.unwrap();
        }
        for n in 0..8 {
            hiring.add_note(&recruiter, receipt.id, &format!("note {n}")).await.unwrap();
        }
        assert_eq!(hiring.fold_topics().await.unwrap(), 0, "it is not quiet yet");
        let page = hiring.application_page(&recruiter, receipt.id).await.unwrap();
        let board = hiring.posting_page(&recruiter, page.posting_id).await.unwrap();
        let (of_page, of_board) = (application_topic(receipt.id), posting_topic(page.posting_id));
        let log = async |topic: &str, since: u64| {
            let mut tx = hiring.db().snapshot().await.unwrap();
            live::read_since(&mut tx, topic, since, 1_000).await.unwrap()
        };
        let all = log(of_page.name(), 0).await;
        world.clock.advance(2 * 60 * 60 * 1_000);
        assert!(hiring.fold_topics().await.unwrap() > 8);
        assert_eq!(hiring.fold_topics().await.unwrap(), 0, "once");
        hiring.add_note(&recruiter, receipt.id, "after the fold").await.unwrap();

        let now = hiring.application_page(&recruiter, receipt.id).await.unwrap();
        assert_eq!(log(of_page.name(), 0).await.len(), 2, "the state and the note");
        for since in 0..=all.len() {
            let held = caught_up(ApplicationState::default(), &all[..since]);
            assert_eq!(caught_up(held, &log(of_page.name(), since as u64).await), now.state, "since {since}");
        }
        let list = caught_up(ApplicationList::default(), &log(of_board.name(), 0).await);
        assert_eq!(list, board.list);
    }

    async fn only_the_user_who_requested_a_summary_is_notified_of_its_end(db: Db) {
        let world = World::new(db).await;
        let (hiring, recruiter, admin) = (&world.hiring, world.recruiter().await, world.administrator().await);
        let application = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        let workers = world.work("node-a");
        world.summary(&recruiter, application).await;
        hiring.request_summary(&recruiter, application).await.unwrap();
        world.summary(&recruiter, application).await;
        workers.stop(Duration::from_secs(5)).await;
        let name = "Ada Lovelace".to_owned();
        let told = async |actor: &Actor| {
            let viewer = hiring.viewer(actor).await.unwrap();
            let mut tx = hiring.db().snapshot().await.unwrap();
            let log = live::read_since(&mut tx, user_topic(viewer.id).name(), 0, 100).await.unwrap();
            assert_eq!(viewer.seq, log.len() as u64);
            let event = |logged: &live::LogEntry| serde_json::from_str::<UserEvent>(&logged.payload).unwrap();
            log.iter().map(event).collect::<Vec<_>>()
        };
        let ready = SummaryState::Ready;
        assert_eq!(told(&recruiter).await, [UserEvent::SummaryEnded { application, name, summary: ready }]);
        assert_eq!(told(&admin).await, [], "the first one was asked for by nobody");
    }

    async fn a_new_role_is_announced_to_open_pages_and_survives_a_fold(db: Db) {
        let world = World::new(db).await;
        let (hiring, recruiter) = (&world.hiring, world.recruiter().await);
        let (_, colleague, _) = seed::RECRUITERS[1];
        let before = hiring.viewer(&recruiter).await.unwrap();
        for n in 0..9 {
            let role = if n % 2 == 0 { Role::Admin } else { Role::Recruiter };
            hiring.set_role(&Actor::Operator, colleague, role).await.unwrap();
        }
        let now = hiring.viewer(&recruiter).await.unwrap();
        assert_eq!((now.state.role, now.seq), (Role::Admin, 9));
        let log = async || {
            let mut tx = hiring.db().snapshot().await.unwrap();
            live::read_since(&mut tx, user_topic(now.id).name(), before.seq, 100).await.unwrap()
        };
        assert_eq!(caught_up::<UserState>(before.state, &log().await), now.state);
        world.clock.advance(2 * 60 * 60 * 1_000);
        hiring.fold_topics().await.unwrap();
        assert_eq!(log().await.len(), 1, "folded");
        assert_eq!(caught_up::<UserState>(before.state, &log().await), now.state);
    }

    async fn a_disabled_account_and_a_changed_role_lose_their_topics(db: Db) {
        let world = World::new(db).await;
        let (hiring, admin, recruiter) = (&world.hiring, world.administrator().await, world.recruiter().await);
        let (_, boss, _) = seed::RECRUITERS[0];
        let (_, colleague, _) = seed::RECRUITERS[1];
        let application = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        let topic = application_topic(application);
        assert_eq!(hiring.set_active(&recruiter, boss, false).await.unwrap_err().code(), "not_found");
        assert!(hiring.may_join(&recruiter, topic.name()).await.unwrap());
        hiring.set_active(&admin, &colleague.to_uppercase(), false).await.unwrap();
        assert!(!hiring.may_join(&recruiter, topic.name()).await.unwrap());
        hiring.set_active(&admin, colleague, true).await.unwrap();
        assert!(!hiring.may_join(&recruiter, topic.name()).await.unwrap(), "the old sessions are over");
        assert!(hiring.may_join(&world.recruiter().await, topic.name()).await.unwrap());

        assert!(hiring.may_join(&admin, "queue").await.unwrap());
        hiring.set_role(&Actor::Operator, boss, Role::Recruiter).await.unwrap();
        assert!(!hiring.may_join(&admin, "queue").await.unwrap());
        assert!(hiring.may_join(&admin, topic.name()).await.unwrap());
        let nobody = hiring.set_role(&Actor::Operator, "nobody@example.org", Role::Admin).await;
        assert!(matches!(nobody, Err(Error::NotFound { .. })));
    }
}
