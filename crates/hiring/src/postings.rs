//! Postings: the public pages, and the recruiters' list.

use db::{Row, Tx, params, sql};
use domain::{Posting, PostingId, view::PostingCard, view::PostingPage};

use crate::{Hiring, actor::Actor, applications, error::Error, policy, topics::posting_topic};

impl Hiring {
    /// Returns the postings that accept applications, newest first. Public.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be read.
    pub async fn open_postings(&self) -> Result<Vec<Posting>, Error> {
        let mut tx = self.db().snapshot().await?;
        let rows = tx
            .all(
                sql!(
                    "select id, slug, title, location, employment_type, organisation, description, must_haves,
                            open, published_at
                     from postings where open = 1 order by published_at desc, id"
                ),
                params![],
            )
            .await?;
        rows.iter().map(posting_of).collect()
    }

    /// Returns the posting with that slug, open or closed. Public.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn public_posting(&self, slug: &str) -> Result<Posting, Error> {
        let mut tx = self.db().snapshot().await?;
        by_slug(&mut tx, slug).await
    }

    /// Returns every posting with its counts of applications, open ones first.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users.
    pub async fn posting_cards(&self, actor: &Actor) -> Result<Vec<PostingCard>, Error> {
        policy::require_recruiter(actor)?;
        let mut tx = self.db().snapshot().await?;
        let rows = tx
            .all(
                sql!(
                    "select id, slug, title, location, employment_type, organisation, description, must_haves,
                            open, published_at,
                            (select count(*) from applications where posting_id = postings.id) as applications,
                            (select count(*) from applications
                             where posting_id = postings.id and stage = 'applied') as untouched
                     from postings order by open desc, published_at desc, id"
                ),
                params![],
            )
            .await?;
        rows.iter().map(card_of).collect()
    }

    /// Returns a posting with its applications and the sequence number of the last event in them.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`].
    pub async fn posting_page(&self, actor: &Actor, id: PostingId) -> Result<PostingPage, Error> {
        policy::require_recruiter(actor)?;
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(
                sql!(
                    "select id, slug, title, location, employment_type, organisation, description, must_haves,
                            open, published_at
                     from postings where id = $1"
                ),
                params![id.to_string()],
            )
            .await?;
        let posting = posting_of(&row.ok_or(Error::NotFound { what: "posting" })?)?;
        let list = applications::list(&mut tx, id).await?;
        let seq = live::last_seq(&mut tx, posting_topic(id).name()).await?;
        Ok(PostingPage { posting, list, seq })
    }
}

pub(crate) async fn by_slug(tx: &mut Tx, slug: &str) -> Result<Posting, Error> {
    // PostgreSQL's text accepts no NUL.
    let slug = if slug.contains('\0') { "" } else { slug };
    let row = tx
        .optional(
            sql!(
                "select id, slug, title, location, employment_type, organisation, description, must_haves,
                        open, published_at
                 from postings where slug = $1"
            ),
            params![slug],
        )
        .await?;
    posting_of(&row.ok_or(Error::NotFound { what: "posting" })?)
}

fn card_of(row: &Row) -> Result<PostingCard, Error> {
    let count = |column| row.int(column).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    Ok(PostingCard { posting: posting_of(row)?, applications: count("applications")?, untouched: count("untouched")? })
}

fn posting_of(row: &Row) -> Result<Posting, Error> {
    Ok(Posting {
        id: row.decode("postings.id", str::parse)?,
        slug: row.text("slug")?,
        title: row.text("title")?,
        location: row.text("location")?,
        employment_type: row.text("employment_type")?,
        organization: row.text("organisation")?,
        description: row.text("description")?,
        must_haves: row.decode("postings.must_haves", |json| serde_json::from_str(json))?,
        open: row.flag("open")?,
        published_at: row.int("published_at")?,
    })
}
