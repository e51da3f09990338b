//! The product without server and browser: use-cases, files, sandbox and a manual clock.

use std::{path::PathBuf, time::Duration};

use cv::sandbox::{Limits, Sandbox};
use db::{Clock, Db, Sql, params, sql};
use domain::{ApplicationId, Summary};
use hiring::{Actor, ApplyForm, Blobs, Deps, Error, Hiring, Receipt, SummarizeCv, seed};
use queue::{Queue, Running};
use tempfile::TempDir;

/// 2 January 2026.
pub const NOW: i64 = 1_767_312_000_000;

pub struct World {
    pub hiring: Hiring,
    pub clock: Clock,
    folder: TempDir,
}

impl World {
    pub async fn new(db: Db) -> Self {
        Self::with_line_delay(db, Duration::ZERO).await
    }

    pub async fn with_line_delay(db: Db, line_delay: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().to_owned(), 1_024 * 1_024).await.unwrap();
        let clock = Clock::manual(NOW);
        let sandbox = sandbox(env!("CARGO_BIN_EXE_read-cv"));
        let hiring = Hiring::new(Deps { db, clock: clock.clone(), blobs, sandbox, line_delay });
        hiring.seed_demo().await.unwrap();
        Self { hiring, clock, folder }
    }

    /// The use-cases on the same database, with a sandbox that cannot be started.
    pub fn without_sandbox(&self) -> Hiring {
        Hiring::new(Deps {
            db: self.hiring.db().clone(),
            clock: self.clock.clone(),
            blobs: self.hiring.blobs().clone(),
            sandbox: sandbox("/no/such/program"),
            line_delay: Duration::ZERO,
        })
    }

    pub fn work(&self, node: &str) -> Running {
        Queue::new(self.hiring.db().clone(), Clock::system(), node.to_owned())
            .enqueuer(self.hiring.enqueuer())
            .register(SummarizeCv::new(self.hiring.clone()))
            .limit("summaries", 2)
            .start()
    }

    pub async fn apply(&self, slug: &str, bytes: &[u8]) -> Result<Receipt, Error> {
        self.apply_as(form(slug), bytes).await
    }

    pub async fn apply_as(&self, form: ApplyForm, bytes: &[u8]) -> Result<Receipt, Error> {
        let mut staged = self.hiring.blobs().stage().await?;
        staged.write(bytes).await?;
        let upload = staged.finish().await?;
        self.hiring.apply(form, Some(upload)).await
    }

    pub async fn recruiter(&self) -> Actor {
        self.signed_in(1).await
    }

    pub async fn administrator(&self) -> Actor {
        self.signed_in(0).await
    }

    async fn signed_in(&self, who: usize) -> Actor {
        let (_, email, _) = seed::RECRUITERS[who];
        let token = self.hiring.sign_in(email, seed::PASSWORD, "127.0.0.1").await.unwrap();
        self.hiring.actor_from_session_token(&token).await.unwrap()
    }

    /// The summary once it is final. Wakes up at each notification of the event log.
    pub async fn summary(&self, actor: &Actor, id: ApplicationId) -> Summary {
        self.summary_when(actor, id, |summary| summary.state.is_final()).await
    }

    pub async fn summary_when(&self, actor: &Actor, id: ApplicationId, wanted: impl Fn(&Summary) -> bool) -> Summary {
        let mut hints = self.hiring.db().notifications().subscribe("live");
        let wait = async {
            loop {
                let page = self.hiring.application_page(actor, id).await.unwrap();
                if wanted(&page.state.summary) {
                    return page.state.summary;
                }
                hints.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the summary moves on")
    }

    /// Executes a statement in a transaction of its own.
    pub async fn execute(&self, sql: Sql) {
        let mut tx = self.hiring.db().begin().await.unwrap();
        tx.execute(sql, params![]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Counts the rows of all tables that an application writes to.
    pub async fn rows(&self) -> i64 {
        let mut tx = self.hiring.db().snapshot().await.unwrap();
        let count = sql!(
            "select (select count(*) from candidates) + (select count(*) from applications)
                    + (select count(*) from documents) + (select count(*) from jobs)
                    + (select count(*) from events) as rows"
        );
        tx.one(count, params![]).await.unwrap().int("rows").unwrap()
    }

    /// Overwrites every kept file with a truncated picture.
    pub fn spoil_files(&self) {
        for file in std::fs::read_dir(self.folder.path().join("kept")).unwrap() {
            std::fs::write(file.unwrap().path(), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
        }
    }

    /// Counts the staged and the kept files.
    pub fn files(&self) -> usize {
        let count = |name: &str| std::fs::read_dir(self.folder.path().join(name)).unwrap().count();
        count("staged") + count("kept")
    }
}

fn sandbox(program: &str) -> Sandbox {
    Sandbox::new(PathBuf::from(program), Vec::new(), Limits::default())
}

pub fn form(slug: &str) -> ApplyForm {
    ApplyForm {
        slug: slug.to_owned(),
        name: "Ada Lovelace".to_owned(),
        email: "ada@example.org".to_owned(),
        file_name: "cv.txt".to_owned(),
    }
}

/// A simple CV.
pub const CV: &str = "Ada Lovelace\nada@example.org\n\nExperience\n\nBackend engineer, Acme Ltd\n\
    March 2020 - present\n- Wrote timetabling services in Rust on PostgreSQL for 40 stations\n\n\
    Software developer, Beta GmbH\nJanuary 2016 - February 2020\n- Built reports in Python\n\n\
    Education\nBSc Mathematics, University of London, 2012 - 2015\n\n\
    Skills\nRust, PostgreSQL, Python, Docker\n\nLanguages\nEnglish (native), German (B2)\n";
