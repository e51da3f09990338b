//! Stored values: those of earlier versions are read, and those that cannot be read are errors.

use db::{Sql, params, sql};
use domain::{ApplicationId, LineKind, Stage};
use hiring::Error;

use crate::world::{CV, World};

/// The state of an application as versions stored it whose lines had a text.
const OLD_STATE: &str = r#"{"stage":"review","summary":{"state":"ready","attempt":1,"pages":1,"lines":[
    {"kind":"name","text":"Ada Lovelace","basis":{"cited":[
        {"page":1,"span":{"start":0,"end":13},"quote":"Ada\nLovelace","boxes":[]}]}},
    {"kind":"must-have","text":"Rust: not found","basis":"not_found","phrase":{"say":"not_found","need":"Rust"}},
    {"kind":"skill","text":"SQL, to date","phrase":{"say":"skill","skill":"SQL","until":null},"basis":{"cited":[
        {"page":1,"span":{"start":14,"end":17},"quote":"SQL","boxes":[]},
        {"page":1,"span":{"start":18,"end":25},"quote":"present","boxes":[]}]}},
    {"kind":"to-verify","text":"No name was found at the head of the CV.","basis":{"notice":{"notice":"no_name"}},
        "phrase":{"say":"document","notice":{"notice":"no_name"}}}],
    "hidden":[],"unread":[],"engine":"verbatim-extractive/2","refusal":null}}"#;

async fn set(world: &World, id: ApplicationId, sql: Sql, value: &str) {
    let mut tx = world.hiring.db().begin().await.unwrap();
    assert_eq!(tx.execute(sql, params![id.to_string(), value]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

/// The column that an error names, which is a fault of the server.
fn column<T>(result: Result<T, Error>) -> String {
    let Err(error) = result else { panic!("the value was read") };
    assert_eq!((error.status(), error.code()), (500, "internal"));
    match error {
        Error::Db(db::Error::Column { column, .. }) => column,
        other => panic!("{other:?}"),
    }
}

db::on_both_databases! {
    async fn an_application_that_an_earlier_version_summarized_is_shown(db: Db) {
        let world = World::new(db).await;
        let recruiter = world.recruiter().await;
        let id = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        set(&world, id, sql!("update applications set state = $2 where id = $1"), OLD_STATE).await;
        let state = world.hiring.application_page(&recruiter, id).await.unwrap().state;
        let texts: Vec<_> = state.summary.lines.iter().map(|line| (line.kind(), line.text())).collect();
        let expected = [
            (LineKind::Name, "Ada Lovelace"),
            (LineKind::MustHave, "Rust: not found"),
            (LineKind::Skill, "SQL (current)"),
            (LineKind::ToVerify, "No name was found at the head of the CV."),
        ];
        assert_eq!(texts, expected.map(|(kind, text)| (kind, text.to_owned())));
        world.hiring.request_summary(&recruiter, id).await.unwrap();
        let moved = world.hiring.move_application(&recruiter, id, Stage::Interview).await;
        assert!(moved.is_ok(), "{moved:?}");
    }

    async fn a_stored_value_that_cannot_be_read_is_an_error_that_names_its_column(db: Db) {
        let world = World::new(db).await;
        let (hiring, recruiter) = (&world.hiring, world.recruiter().await);
        let receipt = world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let posting = hiring.public_posting("backend-engineer").await.unwrap().id;
        let id = receipt.id;

        set(&world, id, sql!("update applications set stage = $2 where id = $1"), "lost").await;
        assert_eq!(column(hiring.posting_page(&recruiter, posting).await), "stage");
        set(&world, id, sql!("update applications set stage = $2 where id = $1"), "applied").await;
        set(&world, id, sql!("update applications set summary_state = $2 where id = $1"), "lost").await;
        assert_eq!(column(hiring.posting_page(&recruiter, posting).await), "summary_state");

        set(&world, id, sql!("update applications set state = $2 where id = $1"), "{").await;
        assert_eq!(column(hiring.application_page(&recruiter, id).await), "state");
        assert_eq!(column(hiring.move_application(&recruiter, id, Stage::Offer).await), "state");
        set(&world, id, sql!("update applications set status = $2 where id = $1"), "[]").await;
        assert_eq!(column(hiring.status_page(&receipt.token).await), "status");
    }
}
