//! Builds what the commands share from the settings: database, files, sandbox and workers.

use std::{fs::File, time::Duration};

use anyhow::Context as _;
use cv::sandbox::{Limits, Sandbox};
use db::{Clock, Db};
use hiring::{Blobs, Deps, FoldTopics, Hiring, SummarizeCv, SweepBlobs};
use queue::{
    Queue,
    cron::{Cron, Missed},
};
use uuid::Uuid;

use crate::{settings::Settings, telemetry};

/// The hidden command under which this binary runs as the sandboxed reader of untrusted files.
pub const READ_CV: &str = "read-cv";

/// How long a stopping process lets requests and jobs finish.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a process that handed off lets requests finish: nobody waits for its end.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(120);

/// How long a process that hands off an SQLite database lets jobs finish: its successor waits for them.
/// Jobs that are handed back continue where their log ends.
pub const HAND_BACK_TIMEOUT: Duration = Duration::from_millis(500);

/// Opens the database of the settings and creates the data folder. Does not migrate.
///
/// # Errors
/// When the folder or the database cannot be opened.
pub async fn open_database(settings: &Settings) -> anyhow::Result<Db> {
    tokio::fs::create_dir_all(&settings.data)
        .await
        .with_context(|| format!("the setting data names {}", settings.data.display()))?;
    Db::open(&settings.database).await.with_context(|| {
        let scheme = settings.database.split_once(':').map_or("", |(scheme, _)| scheme);
        format!("the setting database: the {scheme} database cannot be opened")
    })
}

/// Starts the sandboxed process once, and warns of protections that this kernel lacks.
///
/// # Errors
/// When the process cannot be started.
pub async fn check_sandbox() -> anyhow::Result<()> {
    let probe = sandbox().probe(File::open("/dev/null")?).await.context("CVs cannot be read on this machine")?;
    if !probe.confinement.landlock {
        tracing::warn!(
            "this kernel has no Landlock: the processes that read CVs have resource limits and a system call filter only"
        );
    }
    if !probe.confinement.seccomp {
        tracing::warn!("this kernel has no seccomp filters: the processes that read CVs have resource limits only");
    }
    Ok(())
}

/// Locks an SQLite database for this process, for as long as the file is kept. `None` for PostgreSQL,
/// which any number of processes may use.
///
/// # Errors
/// When another process holds the lock.
pub fn lock_database(settings: &Settings) -> anyhow::Result<Option<File>> {
    if !settings.is_sqlite() {
        return Ok(None);
    }
    std::fs::create_dir_all(&settings.data)?;
    let lock = File::create(settings.data.join("verbatim.lock"))?;
    lock.try_lock().with_context(|| {
        format!("the setting data: another process serves {}; use PostgreSQL for several", settings.data.display())
    })?;
    Ok(Some(lock))
}

/// Opens the database and the files, migrates the schema, and builds the use-cases on them.
///
/// # Errors
/// When the database or the folder cannot be opened, or a migration fails.
pub async fn open(settings: &Settings) -> anyhow::Result<Hiring> {
    let db = open_database(settings).await?;
    db.migrate().await?;
    let blobs = Blobs::open(settings.data.join("blobs"), settings.max_upload).await?;
    let deps = Deps { db, clock: Clock::system(), blobs, sandbox: sandbox(), line_delay: settings.line_delay };
    Ok(Hiring::new(deps))
}

/// The sandbox, which runs this very binary, even if a newer version has replaced the file since.
#[must_use]
pub fn sandbox() -> Sandbox {
    Sandbox::new("/proc/self/exe".into(), vec![READ_CV.into()], Limits::default())
}

/// Starts the workers and the recurring jobs of this process.
///
/// # Errors
/// When the schedule of a recurring job is invalid.
pub fn start_workers(hiring: &Hiring, settings: &Settings) -> anyhow::Result<queue::Running> {
    let node = format!("node-{}", Uuid::now_v7().simple());
    let sweep = Cron::new::<SweepBlobs>("sweep files", "*/10 * * * *", "UTC", &())?.missed(Missed::Skip);
    let fold = Cron::new::<FoldTopics>("fold topics", "7 * * * *", "UTC", &())?.missed(Missed::Skip);
    Ok(Queue::new(hiring.db().clone(), Clock::system(), node)
        .enqueuer(hiring.enqueuer())
        .register(SummarizeCv::new(hiring.clone()))
        .limit("summaries", settings.summary_slots)
        .register(SweepBlobs::new(hiring.clone()))
        .limit("housekeeping", 1)
        .register(FoldTopics::new(hiring.clone()))
        .cron(sweep)
        .cron(fold)
        .link_traces(telemetry::link)
        .start())
}
