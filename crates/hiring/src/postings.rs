//! Postings: the public pages, and the recruiters' list.

use db::{Tx, params, sql};
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
                    => PostingRow
                ),
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(Posting::from).collect())
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
                    => CardRow
                ),
                params![],
            )
            .await?;
        Ok(rows.into_iter().map(PostingCard::from).collect())
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
                    => PostingRow
                ),
                params![id.to_string()],
            )
            .await?;
        let posting = row.ok_or(Error::NotFound { what: "posting" })?.into();
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
                => PostingRow
            ),
            params![slug],
        )
        .await?;
    Ok(row.ok_or(Error::NotFound { what: "posting" })?.into())
}

db::row! {
    struct PostingRow {
        id: PostingId as text,
        slug: String,
        title: String,
        location: String,
        employment_type: String,
        organisation: String,
        description: String,
        must_haves: Vec<String> as json,
        open: bool,
        published_at: i64,
    }
}

db::row! {
    struct CardRow {
        posting: PostingRow as row,
        applications: u32,
        untouched: u32,
    }
}

impl From<PostingRow> for Posting {
    fn from(row: PostingRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            title: row.title,
            location: row.location,
            employment_type: row.employment_type,
            organization: row.organisation,
            description: row.description,
            must_haves: row.must_haves,
            open: row.open,
            published_at: row.published_at,
        }
    }
}

impl From<CardRow> for PostingCard {
    fn from(row: CardRow) -> Self {
        Self { posting: row.posting.into(), applications: row.applications, untouched: row.untouched }
    }
}
