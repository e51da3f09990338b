//! What the commands share: the database, the files, the sandbox.

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

/// The hidden command under which this binary reads hostile bytes.
pub const READ_CV: &str = "read-cv";

/// The database of the settings; its folder is made.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_database(settings: &Settings) -> anyhow::Result<Db> {
    tokio::fs::create_dir_all(&settings.data)
        .await
        .with_context(|| format!("the setting data names {}", settings.data.display()))?;
    Db::open(&settings.database).await.with_context(|| {
        let scheme = settings.database.split_once(':').map_or("", |(scheme, _)| scheme);
        format!("the setting database: the {scheme} database cannot be opened")
    })
}

/// CVs can be read; says which walls this kernel does not put up around the reading.
///
/// # Errors
/// When the reading process cannot be started.
pub async fn check_sandbox() -> anyhow::Result<()> {
    let probe = sandbox().probe(File::open("/dev/null")?).await.context("CVs cannot be read on this machine")?;
    if !probe.confinement.landlock {
        tracing::warn!("this kernel has no Landlock: CVs are read behind resource limits and a system call filter");
    }
    if !probe.confinement.seccomp {
        tracing::warn!("this kernel has no seccomp filters: CVs are read behind resource limits only");
    }
    Ok(())
}

/// An SQLite database belongs to one process, for as long as this lives; nothing for PostgreSQL.
///
/// # Errors
/// When another process serves it.
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

/// The use-cases over a migrated database.
///
/// # Errors
/// When the database or the folder cannot be opened.
pub async fn open(settings: &Settings) -> anyhow::Result<Hiring> {
    let db = open_database(settings).await?;
    db.migrate().await?;
    let blobs = Blobs::open(settings.data.join("blobs"), settings.max_upload).await?;
    let deps = Deps { db, clock: Clock::system(), blobs, sandbox: sandbox(), line_delay: settings.line_delay };
    Ok(Hiring::new(deps))
}

/// The sandbox that runs this binary again: this very file, even when another version has taken its
/// place on the disk since.
#[must_use]
pub fn sandbox() -> Sandbox {
    Sandbox::new("/proc/self/exe".into(), vec![READ_CV.into()], Limits::default())
}

/// The workers of this process, and what recurs, started.
///
/// # Errors
/// When a recurring job cannot be read.
pub fn start_workers(hiring: &Hiring, settings: &Settings) -> anyhow::Result<queue::Running> {
    let node = format!("node-{}", Uuid::now_v7().simple());
    let sweep = Cron::new::<SweepBlobs>("sweep files", "*/10 * * * *", "UTC", &())?.missed(Missed::Skip);
    let fold = Cron::new::<FoldTopics>("fold topics", "7 * * * *", "UTC", &())?.missed(Missed::Skip);
    Ok(Queue::new(hiring.db().clone(), Clock::system(), node)
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

/// How long a stopping process lets requests and jobs finish.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a process that was relieved lets requests finish: nobody waits for its end.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(120);

/// How long a process that was relieved lets jobs finish where its successor waits for them, on
/// SQLite. What is handed back goes on where its log ended.
pub const HAND_BACK_TIMEOUT: Duration = Duration::from_millis(500);
