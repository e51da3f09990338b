//! Sessions, throttling, and what each actor may do.

use db::{params, sql};
use domain::{ApplicationId, Stage, Topic};
use hiring::{Actor, Error, seed};
use uuid::Uuid;

use crate::world::{CV, NOW, World};

db::on_both_databases! {
    async fn a_session_ends_with_a_sign_out_and_with_its_account(db: Db) {
        let world = World::new(db).await;
        let hiring = &world.hiring;
        let (_, email, _) = seed::RECRUITERS[0];
        let token = hiring.sign_in(&email.to_uppercase(), seed::PASSWORD, "::1").await.unwrap();
        let actor = hiring.actor_from_session_token(&token).await.unwrap();
        assert_eq!(hiring.viewer(&actor).await.unwrap().email, email);

        hiring.sign_out(&actor).await.unwrap();
        assert_eq!(hiring.actor_from_session_token(&token).await.unwrap(), Actor::Anonymous);

        let token = hiring.sign_in(email, seed::PASSWORD, "::1").await.unwrap();
        let mut tx = hiring.db().begin().await.unwrap();
        tx.execute(sql!("update users set active = 0"), params![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(hiring.actor_from_session_token(&token).await.unwrap(), Actor::Anonymous);
        assert!(matches!(hiring.sign_in(email, seed::PASSWORD, "::1").await, Err(Error::WrongCredentials)));
    }

    async fn an_expired_session_is_anonymous(db: Db) {
        let world = World::new(db).await;
        let (_, email, _) = seed::RECRUITERS[0];
        let token = world.hiring.sign_in(email, seed::PASSWORD, "::1").await.unwrap();
        world.clock.advance(15 * 24 * 60 * 60 * 1_000);
        assert_eq!(world.hiring.actor_from_session_token(&token).await.unwrap(), Actor::Anonymous);
    }

    async fn after_five_wrong_passwords_even_the_right_one_is_throttled(db: Db) {
        let world = World::new(db).await;
        let (_, email, _) = seed::RECRUITERS[0];
        for _ in 0..5 {
            let answer = world.hiring.sign_in(email, "wrong", "192.0.2.1").await;
            assert!(matches!(answer, Err(Error::WrongCredentials)));
        }
        let answer = world.hiring.sign_in(email, seed::PASSWORD, "192.0.2.1").await;
        assert!(matches!(answer, Err(Error::Throttled { minutes: 15..=16 })));
        // Attempts from another address do not lock the account's owner out.
        assert!(world.hiring.sign_in(email, seed::PASSWORD, "192.0.2.2").await.is_ok());
        world.clock.advance(16 * 60 * 1_000);
        assert!(world.hiring.sign_in(email, seed::PASSWORD, "192.0.2.1").await.is_ok());
    }

    async fn of_twenty_concurrent_attempts_only_five_are_checked(db: Db) {
        let world = World::new(db).await;
        let (_, email, _) = seed::RECRUITERS[0];
        let tries = (0..20).map(|_| world.hiring.sign_in(email, "wrong", "192.0.2.1"));
        let answers = futures::future::join_all(tries).await;
        let looked_at = answers.iter().filter(|answer| matches!(answer, Err(Error::WrongCredentials))).count();
        assert_eq!(looked_at, 5);
        assert!(answers.iter().all(|answer| matches!(answer, Err(Error::WrongCredentials | Error::Throttled { .. }))));
    }

    async fn correct_passwords_are_never_throttled_and_any_address_is_accepted_as_input(db: Db) {
        let world = World::new(db).await;
        let (_, email, _) = seed::RECRUITERS[0];
        for _ in 0..51 {
            world.hiring.sign_in(email, seed::PASSWORD, "192.0.2.1").await.unwrap();
        }
        for unusual in ["", "a\0b@example.org", &format!("{}@example.org", "x".repeat(1_000_000))] {
            let answer = world.hiring.sign_in(unusual, "wrong", "192.0.2.1").await;
            assert!(matches!(answer, Err(Error::WrongCredentials)), "{answer:?}");
        }
    }

    async fn an_anonymous_visitor_and_another_applicant_can_read_and_change_nothing(db: Db) {
        let world = World::new(db).await;
        let hiring = &world.hiring;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let posting = hiring.public_posting("backend-engineer").await.unwrap().id;
        for actor in [Actor::Anonymous, Actor::Applicant(receipt.id), Actor::Applicant(ApplicationId(Uuid::now_v7()))] {
            assert!(matches!(hiring.viewer(&actor).await, Err(Error::SignIn)));
            assert!(matches!(hiring.posting_cards(&actor).await, Err(Error::SignIn)));
            assert!(matches!(hiring.posting_page(&actor, posting).await, Err(Error::SignIn)));
            assert!(matches!(hiring.application_page(&actor, receipt.id).await, Err(Error::SignIn)));
            assert!(matches!(hiring.document_pages(&actor, receipt.id).await, Err(Error::SignIn)));
            assert!(matches!(hiring.original(&actor, receipt.id).await, Err(Error::SignIn)));
            assert!(matches!(hiring.page_picture(&actor, receipt.id, 1).await, Err(Error::SignIn)));
            assert!(matches!(hiring.move_application(&actor, receipt.id, Stage::Offer).await, Err(Error::SignIn)));
            assert!(matches!(hiring.request_summary(&actor, receipt.id).await, Err(Error::SignIn)));
            assert!(!hiring.may_join(&actor, &Topic::Application(receipt.id).to_string()).await.unwrap());
            assert!(!hiring.may_join(&actor, &Topic::Posting(posting).to_string()).await.unwrap());
        }
        assert!(matches!(hiring.status_page("guessed").await, Err(Error::NotFound { .. })));
    }

    async fn only_authorized_actors_can_join_a_topic(db: Db) {
        let world = World::new(db).await;
        let hiring = &world.hiring;
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let recruiter = world.recruiter().await;
        let applicant = hiring.actor_from_status_token(&receipt.token).await.unwrap();
        let status = Topic::Status(receipt.id).to_string();
        assert!(hiring.may_join(&applicant, &status).await.unwrap());
        assert!(!hiring.may_join(&recruiter, &status).await.unwrap());
        assert!(!hiring.may_join(&applicant, &Topic::Status(ApplicationId(Uuid::now_v7())).to_string()).await.unwrap());
        assert!(hiring.may_join(&recruiter, &Topic::Application(receipt.id).to_string()).await.unwrap());
        assert!(!hiring.may_join(&recruiter, "users").await.unwrap());
        let (own, other) = (hiring.viewer(&recruiter).await.unwrap(), world.administrator().await);
        let own = hiring::user_topic(own.id);
        assert!(hiring.may_join(&recruiter, own.name()).await.unwrap());
        for stranger in [&other, &applicant, &Actor::Anonymous, &Actor::Operator] {
            assert!(!hiring.may_join(stranger, own.name()).await.unwrap(), "{stranger:?}");
        }
        // The session is checked at each join: a signed-out recruiter joins no topic.
        hiring.sign_out(&recruiter).await.unwrap();
        assert!(!hiring.may_join(&recruiter, &Topic::Application(receipt.id).to_string()).await.unwrap());
        assert!(!hiring.may_join(&recruiter, own.name()).await.unwrap());
    }

    async fn the_demo_data_is_added_once(db: Db) {
        let world = World::new(db).await;
        assert!(!world.hiring.seed_demo().await.unwrap());
        let open = world.hiring.open_postings().await.unwrap();
        assert_eq!(open[0].slug, "backend-engineer");
        assert!(open.iter().all(|posting| posting.open && posting.published_at <= NOW));
    }
}
