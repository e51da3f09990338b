//! The epoch: an identifier of the history that a database holds.
//!
//! Restoring a backup undoes events that pages may have seen already, and gives their seqs to other
//! events. So a restore renews the epoch, and pages of the old one reload instead of continuing from a
//! state that the database does not have.

use db::{Tx, params, sql};
use rand::Rng;

use crate::error::Error;

/// The epoch of the database.
///
/// # Errors
/// [`Error::Db`].
pub async fn epoch(tx: &mut Tx) -> Result<String, Error> {
    Ok(tx.one(sql!("select epoch from live_epoch" => String), params![]).await?)
}

/// Sets another epoch when `tx` commits, and returns it. Call it after a backup was restored, before
/// anything serves the database.
///
/// # Errors
/// [`Error::Db`].
pub async fn renew_epoch(tx: &mut Tx) -> Result<String, Error> {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    let epoch = format!("{:032x}", u128::from_be_bytes(bytes));
    tx.execute(sql!("update live_epoch set epoch = $1"), params![&epoch]).await?;
    Ok(epoch)
}
