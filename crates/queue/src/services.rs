//! Builds the services of a node, supervises their tasks and passes notifications to them.

use std::{collections::BTreeMap, sync::Arc};

use db::{Listener, Notification};
use tokio_util::sync::CancellationToken;

use crate::{
    attempts::Attempts,
    claimer::{self, Claimer},
    completer::Completer,
    control::Control,
    cron::{Cron, CronScheduler},
    error::Error,
    events::Events,
    executor::Executor,
    handler::WorkerRegistry,
    heartbeat::Heartbeat,
    inline::InlineStarter,
    leader::Leadership,
    limits::Limits,
    liveness::Liveness,
    metrics::Metrics,
    node::Node,
    peers::Peers,
    pruner::Pruner,
    rescuer::Rescuer,
    retention::Retention,
    slot_pools::SlotPools,
    stager::Stager,
    statistics::StatisticsWriter,
    store::{CANCELED, CHANNEL, CONTROL, CRON, DUE, LEADER},
    supervise::Supervisor,
    trace::Link,
    transition::Transitions,
    unsupported::UnsupportedJobs,
};

/// What a program registers with a queue.
#[derive(Default)]
pub(crate) struct Registrations {
    pub workers: WorkerRegistry,
    pub limits: BTreeMap<String, Limits>,
    pub crons: Vec<Cron>,
    pub retention: Retention,
    pub link: Option<Link>,
}

/// The services of a node.
pub(crate) struct Services {
    pub node: Arc<Node>,
    pub pools: Arc<SlotPools>,
    pub metrics: Arc<Metrics>,
    pub liveness: Arc<Liveness>,
    pub attempts: Arc<Attempts>,
    pub events: Arc<Events>,
    pub completer: Arc<Completer>,
    pub executor: Arc<Executor>,
    pub inline_starter: Arc<InlineStarter>,
    pub heartbeat: Arc<Heartbeat>,
    pub rescuer: Arc<Rescuer>,
    pub stager: Arc<Stager>,
    pub control: Arc<Control>,
    pub leadership: Arc<Leadership>,
    pub crons: Arc<CronScheduler>,
    pub pruner: Arc<Pruner>,
    pub statistics: Arc<StatisticsWriter>,
    /// Canceled when nothing more may be claimed.
    pub stopping: CancellationToken,
}

impl Services {
    /// Builds all services; none of them runs yet.
    pub(crate) fn new(node: Node, registrations: Registrations) -> Self {
        let Registrations { workers, limits, crons, retention, link } = registrations;
        let (node, workers, metrics) = (Arc::new(node), Arc::new(workers), Arc::new(Metrics::default()));
        let (attempts, peers, stopping) =
            (Arc::<Attempts>::default(), Arc::<Peers>::default(), CancellationToken::new());
        let pools = Arc::new(SlotPools::new(limits, &metrics));
        let events = Arc::new(Events::new(Arc::clone(&pools)));
        let liveness = Arc::new(Liveness::new(Arc::clone(&node)));
        let control = Arc::new(Control::new(Arc::clone(&node), Arc::clone(&pools)));
        let stager = Arc::new(Stager::new(Arc::clone(&node), Arc::clone(&liveness)));
        let leadership = Arc::new(Leadership::new(Arc::clone(&node), Arc::clone(&liveness)));
        let crons = Arc::new(CronScheduler::new(Arc::clone(&node), Arc::clone(&leadership), crons));
        let transitions = Arc::new(Transitions {
            node: Arc::clone(&node),
            workers: Arc::clone(&workers),
            pools: Arc::clone(&pools),
            events: Arc::clone(&events),
        });
        let completer = Arc::new(Completer::new(Arc::clone(&node), Arc::clone(&pools), Arc::clone(&events)));
        let executor = Arc::new(Executor {
            node: Arc::clone(&node),
            workers: Arc::clone(&workers),
            attempts: Arc::clone(&attempts),
            transitions: Arc::clone(&transitions),
            completer: Arc::clone(&completer),
            unsupported: UnsupportedJobs::new(Arc::clone(&node), Arc::clone(&peers)),
            link,
        });
        let rescuer = Arc::new(Rescuer::new(Arc::clone(&node), transitions, peers));
        let heartbeat = Arc::new(Heartbeat {
            node: Arc::clone(&node),
            liveness: Arc::clone(&liveness),
            workers: Arc::clone(&workers),
            pools: Arc::clone(&pools),
            attempts: Arc::clone(&attempts),
            rescuer: Arc::clone(&rescuer),
            stager: Arc::clone(&stager),
            crons: Arc::clone(&crons),
        });
        let inline_starter = Arc::new(InlineStarter {
            executor: Arc::clone(&executor),
            pools: Arc::clone(&pools),
            liveness: Arc::clone(&liveness),
            control: Arc::clone(&control),
            stopping: stopping.clone(),
        });
        let pruner = Arc::new(Pruner {
            node: Arc::clone(&node),
            leadership: Arc::clone(&leadership),
            retention,
            stopping: stopping.clone(),
        });
        let statistics = Arc::new(StatisticsWriter {
            node: Arc::clone(&node),
            pools: Arc::clone(&pools),
            metrics: Arc::clone(&metrics),
            leadership: Arc::clone(&leadership),
        });
        Self {
            node,
            pools,
            metrics,
            liveness,
            attempts,
            events,
            completer,
            executor,
            inline_starter,
            heartbeat,
            rescuer,
            stager,
            control,
            leadership,
            crons,
            pruner,
            statistics,
            stopping,
        }
    }

    /// Starts the tasks of all services.
    pub(crate) fn supervise(&self, supervisor: &Supervisor) {
        spawn(supervisor, "completer", &self.completer, Completer::run);
        spawn(supervisor, "heartbeat", &self.heartbeat, Heartbeat::run);
        spawn(supervisor, "rescuer", &self.rescuer, Rescuer::run);
        spawn(supervisor, "stager", &self.stager, Stager::run);
        spawn(supervisor, "control", &self.control, Control::run);
        spawn(supervisor, "leader", &self.leadership, Leadership::run);
        spawn(supervisor, "crons", &self.crons, CronScheduler::run);
        spawn(supervisor, "pruner", &self.pruner, Pruner::run);
        spawn(supervisor, "vacuum", &self.pruner, Pruner::run_vacuum);
        spawn(supervisor, "statistics", &self.statistics, StatisticsWriter::run);
        for pool in self.pools.iter() {
            let claimer = Claimer {
                node: Arc::clone(&self.node),
                pool: Arc::clone(pool),
                executor: Arc::clone(&self.executor),
                liveness: Arc::clone(&self.liveness),
                control: Arc::clone(&self.control),
                stopping: self.stopping.clone(),
            };
            supervisor.spawn(claimer::name(pool), move || claimer.clone().run());
        }
    }

    /// Passes the notifications of transactions to the services, before the commit returns: a job that is
    /// enqueued after a change cannot overtake it.
    pub(crate) fn listen(&self) -> Vec<Arc<Listener>> {
        let notifications = self.node.db.notifications();
        let queued = on_notification(&self.pools, |pools, notification| match notification {
            Notification::Payload(queue) => pools.notify(queue),
            Notification::Lagged => pools.notify_all(),
        });
        let due = on_notification(&self.stager, |stager, notification| match notification {
            Notification::Payload(at) => stager.schedule(at.parse().unwrap_or(i64::MIN)),
            Notification::Lagged => stager.check_now(),
        });
        vec![
            notifications.listen(CHANNEL, queued),
            notifications.listen(DUE, due),
            notifications.listen(CANCELED, on_notification(&self.heartbeat, Heartbeat::on_cancel_notification)),
            notifications.listen(CRON, on_notification(&self.crons, |crons, _notification| crons.check_now())),
            notifications.listen(LEADER, on_notification(&self.leadership, |leader, _notification| leader.check_now())),
            notifications.listen(CONTROL, on_notification(&self.control, |control, _notification| control.check_now())),
        ]
    }
}

/// Supervises a task of a service.
fn spawn<S, F>(supervisor: &Supervisor, name: &str, service: &Arc<S>, run: fn(Arc<S>, CancellationToken) -> F)
where
    S: Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (service, stopping) = (Arc::clone(service), supervisor.stopping());
    supervisor.spawn(name, move || run(Arc::clone(&service), stopping.clone()));
}

/// Calls `act` as long as the service exists.
fn on_notification<S: Send + Sync + 'static>(
    service: &Arc<S>,
    act: fn(&S, &Notification),
) -> impl Fn(&Notification) + Send + Sync + 'static {
    let service = Arc::downgrade(service);
    move |notification: &Notification| {
        if let Some(service) = service.upgrade() {
            act(&service, notification);
        }
    }
}
