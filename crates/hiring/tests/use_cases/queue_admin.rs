//! The job queue as administrators see and change it.

use domain::SummaryState;
use hiring::{Actor, Error, queue_topic};
use queue::views::{JobChange, JobFilter, Switch};

use crate::world::{CV, World};

db::on_both_databases! {
    async fn only_administrators_see_and_change_the_queue(db: Db) {
        let world = World::new(db).await;
        let hiring = &world.hiring;
        let filter = JobFilter::default();
        world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let id = hiring.jobs(&world.administrator().await, &filter).await.unwrap()[0].id;
        for (actor, code) in [(world.recruiter().await, "not_found"), (Actor::Anonymous, "sign_in")] {
            let answers = [
                hiring.queue_page(&actor, &filter).await.map(drop),
                hiring.jobs(&actor, &filter).await.map(drop),
                hiring.job_page(&actor, id).await.map(drop),
                hiring.change_jobs(&actor, &[id], JobChange::Delete).await.map(drop),
                hiring.edit_job(&actor, id, "{}").await,
                hiring.switch_queue(&actor, "summaries", Switch::Pause).await,
                hiring.scale_queue(&actor, "summaries", Some(1)).await,
                hiring.switch_cron(&actor, "sweep files", Switch::Pause).await,
            ];
            for answer in answers {
                assert_eq!(answer.unwrap_err().code(), code);
            }
            assert!(!hiring.may_join(&actor, "queue").await.unwrap());
        }
        let admin = world.administrator().await;
        assert!(hiring.may_join(&admin, "queue").await.unwrap());
        assert!(!hiring.queue_page(&admin, &filter).await.unwrap().overview.queues[0].paused);
        assert_eq!(hiring.job_page(&admin, id).await.unwrap().row.state, "available");
    }

    async fn a_canceled_summary_fails_and_is_written_after_a_retry(db: Db) {
        let world = World::new(db).await;
        let (hiring, admin) = (&world.hiring, world.administrator().await);
        let application = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        let id = hiring.jobs(&admin, &JobFilter::default()).await.unwrap()[0].id;
        assert_eq!(hiring.change_jobs(&admin, &[id, 9_999], JobChange::Cancel).await.unwrap(), 1);
        assert_eq!(world.summary(&admin, application).await.state, SummaryState::Failed);
        assert_eq!(hiring.change_jobs(&admin, &[id], JobChange::Cancel).await.unwrap(), 0, "it has ended");
        assert_eq!(hiring.change_jobs(&admin, &[id], JobChange::Retry).await.unwrap(), 1);
        let page = hiring.application_page(&admin, application).await.unwrap();
        assert_eq!(page.state.summary.state, SummaryState::Queued);
        let workers = world.work("node-a");
        assert_eq!(world.summary(&admin, application).await.state, SummaryState::Ready);
        workers.stop(std::time::Duration::from_secs(5)).await;
    }

    async fn a_job_is_not_retried_while_another_one_writes_the_same_summary(db: Db) {
        let world = World::new(db).await;
        let (hiring, admin) = (&world.hiring, world.administrator().await);
        let application = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        let first = hiring.jobs(&admin, &JobFilter::default()).await.unwrap()[0].id;
        hiring.change_jobs(&admin, &[first], JobChange::Cancel).await.unwrap();
        hiring.request_summary(&admin, application).await.unwrap();
        assert_eq!(hiring.change_jobs(&admin, &[first], JobChange::Retry).await.unwrap(), 0);
        let args = hiring.job_page(&admin, first).await.unwrap().args;
        assert!(matches!(hiring.edit_job(&admin, first, &args).await, Err(Error::Busy)));
        assert_eq!(hiring.job_page(&admin, first).await.unwrap().row.state, "cancelled", "nothing was changed");
    }

    async fn a_list_is_filtered_and_an_invalid_filter_is_refused(db: Db) {
        let world = World::new(db).await;
        let (hiring, admin) = (&world.hiring, world.administrator().await);
        let application = world.apply("backend-engineer", CV.as_bytes()).await.unwrap().id;
        world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        let list = async |filter: JobFilter| hiring.jobs(&admin, &filter).await.map(|jobs| jobs.len());
        let some = |set: fn(&mut JobFilter)| { let mut filter = JobFilter::default(); set(&mut filter); filter };
        assert_eq!(list(some(|_| {})).await.unwrap(), 2);
        assert_eq!(list(JobFilter { text: application.to_string(), ..JobFilter::default() }).await.unwrap(), 1);
        assert_eq!(list(some(|filter| filter.state = "available".into())).await.unwrap(), 2);
        assert_eq!(list(some(|filter| filter.state = "discarded".into())).await.unwrap(), 0);
        assert_eq!(list(some(|filter| filter.queue = "nothing".into())).await.unwrap(), 0);
        for wrong in [some(|filter| filter.state = "lost".into()), some(|filter| filter.before = "x".into())] {
            assert!(matches!(list(wrong).await, Err(Error::Invalid { .. })));
        }
        let refused = hiring.edit_job(&admin, hiring.jobs(&admin, &JobFilter::default()).await.unwrap()[0].id, "{").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "args", .. })), "{refused:?}");
        assert!(matches!(hiring.scale_queue(&admin, "summaries", Some(0)).await, Err(Error::Invalid { .. })));
        assert!(matches!(hiring.switch_cron(&admin, "nothing", Switch::Pause).await, Err(Error::NotFound { .. })));
    }

    async fn a_queue_sample_is_published_only_after_a_change_and_replaces_the_one_before(db: Db) {
        let world = World::new(db).await;
        let (hiring, admin) = (&world.hiring, world.administrator().await);
        let mut last = None;
        assert!(hiring.sample_queue(&mut last).await.unwrap());
        assert!(!hiring.sample_queue(&mut last).await.unwrap());
        world.apply("backend-engineer", CV.as_bytes()).await.unwrap();
        assert!(hiring.sample_queue(&mut last).await.unwrap());
        hiring.switch_queue(&admin, "summaries", Switch::Pause).await.unwrap();
        assert!(hiring.sample_queue(&mut last).await.unwrap());
        let card = &last.as_ref().unwrap().queues[0];
        assert_eq!((card.name.as_str(), card.available, card.paused), ("summaries", 1, true));
        let mut tx = hiring.db().snapshot().await.unwrap();
        let log = live::read_since(&mut tx, queue_topic().name(), 0, 10).await.unwrap();
        assert_eq!(log.iter().map(|event| (event.seq, event.snapshot)).collect::<Vec<_>>(), [(3, true)]);
        assert_eq!(serde_json::from_str::<queue::views::QueueOverview>(&log[0].payload).ok(), last);
    }
}
