//! What the commands share: the database, the files, the sandbox.

use std::{env, time::Duration};

use anyhow::Context as _;
use cv::sandbox::{Limits, Sandbox};
use db::{Clock, Db};
use hiring::{Blobs, Hiring, Parts, SummarizeCv};
use queue::Queue;
use uuid::Uuid;

use crate::settings::Settings;

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
    Db::open(&settings.database).await.context("the database cannot be opened")
}

/// The use-cases over a migrated database.
///
/// # Errors
/// When the database or the folder cannot be opened.
pub async fn open(settings: &Settings) -> anyhow::Result<Hiring> {
    let db = open_database(settings).await?;
    db.migrate().await?;
    let blobs = Blobs::open(settings.data.join("blobs"), settings.max_upload).await?;
    let parts = Parts { db, clock: Clock::system(), blobs, sandbox: sandbox()?, line_delay: settings.line_delay };
    Ok(Hiring::new(parts))
}

/// The sandbox that runs this binary again.
///
/// # Errors
/// When this binary does not know its own path.
pub fn sandbox() -> anyhow::Result<Sandbox> {
    let program = env::current_exe().context("the path of this program is not known")?;
    Ok(Sandbox::new(program, vec![READ_CV.into()], Limits::default()))
}

/// The workers of this process, started.
pub fn start_workers(hiring: &Hiring, settings: &Settings) -> queue::Running {
    let node = format!("node-{}", Uuid::now_v7().simple());
    Queue::new(hiring.db().clone(), Clock::system(), node)
        .register(SummarizeCv::new(hiring.clone()))
        .limit("summaries", settings.summary_slots)
        .start()
}

/// How long a stopping process lets requests and jobs finish.
pub const GRACE: Duration = Duration::from_secs(10);
