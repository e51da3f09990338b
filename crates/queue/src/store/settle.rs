//! From executing to whatever comes next.

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{JobId, State},
    store::{CANCELLED, Owner},
};

/// What becomes of a job at the end of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub state: State,
    /// `None` leaves it as it is.
    pub scheduled_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// Added to `max_attempts`: 1 gives this attempt back.
    pub more_attempts: u32,
    /// The new history; `None` leaves it as it is.
    pub errors: Option<String>,
    /// Applies only when the lease ends before this.
    pub expired_before: i64,
}

impl Change {
    /// To a state that waits.
    pub(crate) fn waiting(state: State) -> Self {
        Self { state, scheduled_at: None, ended_at: None, more_attempts: 0, errors: None, expired_before: i64::MAX }
    }

    /// To a state that is final.
    pub(crate) fn ended(state: State, now: i64) -> Self {
        Self { ended_at: Some(now), ..Self::waiting(state) }
    }
}

/// Applies `change`, if `owner` still owns the job.
pub(crate) async fn settle(tx: &mut Tx, owner: &Owner, change: &Change) -> Result<(), Error> {
    let sql = sql!(
        "update jobs
         set state = $4, scheduled_at = coalesce($5, scheduled_at), ended_at = $6,
             max_attempts = max_attempts + $7, errors = coalesce($8, errors), lease_until = null
         where id = $1 and attempt = $2 and node = $3 and state = 'executing' and lease_until < $9"
    );
    let params = params![
        owner.id.to_string(),
        owner.attempt,
        owner.node.as_str(),
        change.state.as_str(),
        change.scheduled_at,
        change.ended_at,
        change.more_attempts,
        change.errors.as_deref(),
        change.expired_before,
    ];
    if tx.execute(sql, params).await? == 0 { Err(owner.lost()) } else { Ok(()) }
}

/// Cancels a job that has not ended; whether there was one. A running attempt can write nothing
/// from the commit on, and is stopped soon after it.
///
/// # Errors
/// [`Error::Database`].
pub async fn cancel(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    let sql = sql!(
        "update jobs set state = 'cancelled', ended_at = $2, lease_until = null
         where id = $1 and state in ('available', 'scheduled', 'executing', 'retryable')"
    );
    let cancelled = tx.execute(sql, params![id.to_string(), now]).await? > 0;
    if cancelled {
        tx.hint(CANCELLED, id.to_string());
    }
    Ok(cancelled)
}
