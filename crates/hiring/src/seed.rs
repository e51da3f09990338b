//! Demo data: three postings, one of them closed, and two accounts.

use db::{params, sql};
use domain::{PostingId, Role};
use uuid::Uuid;

use crate::{Hiring, error::Error};

/// The password of the demo accounts.
pub const PASSWORD: &str = "verbatim-demo";
/// The demo accounts: name, e-mail address and role.
pub const RECRUITERS: [(&str, &str, Role); 2] =
    [("Robin Demo", "demo@verbatim.local", Role::Admin), ("Sasha Demo", "second@verbatim.local", Role::Recruiter)];

struct DemoPosting {
    slug: &'static str,
    title: &'static str,
    location: &'static str,
    employment_type: &'static str,
    description: &'static str,
    must_haves: &'static [&'static str],
    open: bool,
}

const POSTINGS: [DemoPosting; 3] = [
    DemoPosting {
        slug: "backend-engineer",
        title: "Backend engineer",
        location: "Lisbon, or remote in Europe",
        employment_type: "FULL_TIME",
        description: "We keep the timetables of forty railways in step, some of them since 1987. You would own the \
                      services that take in a change at one station and have it on every board of a continent a \
                      second later.\n\nThe team is six people. We write Rust and PostgreSQL, we are on call one \
                      week in six, and we finish things before we start others.\n\nThe salary is 62,000 to 78,000 \
                      euros a year, depending on experience, and we say so before the first interview.",
        must_haves: &["Rust", "PostgreSQL", "Kubernetes", "English"],
        open: true,
    },
    DemoPosting {
        slug: "data-analyst",
        title: "Data analyst",
        location: "Rotterdam",
        employment_type: "PART_TIME",
        description: "Which trains are late, where, and why? You would find out, and tell drivers, planners and the \
                      public in words and pictures that they can use.\n\nTwenty-four hours a week, from the office \
                      or from home.",
        must_haves: &["SQL", "Python", "Dutch"],
        open: true,
    },
    DemoPosting {
        slug: "office-manager",
        title: "Office manager",
        location: "Lisbon",
        employment_type: "FULL_TIME",
        description: "This position was filled in spring. Thank you to everybody who wrote.",
        must_haves: &["Portuguese"],
        open: false,
    },
];

impl Hiring {
    /// Adds the demo data if the database has no postings. Returns whether it did.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be written.
    pub async fn seed_demo(&self) -> Result<bool, Error> {
        if self.has_postings().await? {
            return Ok(false);
        }
        for (name, email, role) in RECRUITERS {
            match self.create_user(name, email, role, PASSWORD).await {
                // An earlier start was interrupted after it had created this account.
                Ok(_) | Err(Error::Db(db::Error::Unique { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        let mut tx = self.db().begin().await?;
        for (demo, minutes_ago) in POSTINGS.iter().zip(0_i64..) {
            let published_at = self.now_ms() - minutes_ago * 60_000;
            tx.execute(
                sql!(
                    "insert into postings (id, slug, title, location, employment_type, organisation, description,
                                           must_haves, open, published_at)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                ),
                params![
                    PostingId(Uuid::now_v7()).to_string(),
                    demo.slug,
                    demo.title,
                    demo.location,
                    demo.employment_type,
                    "Continental Timetables",
                    demo.description,
                    serde_json::to_string(demo.must_haves)?,
                    demo.open,
                    published_at
                ],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn has_postings(&self) -> Result<bool, Error> {
        let mut tx = self.db().snapshot().await?;
        Ok(tx.optional(sql!("select id from postings limit 1" => String), params![]).await?.is_some())
    }
}
