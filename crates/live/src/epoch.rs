//! Which history a database holds.
//!
//! A backup that is restored takes back events that pages have seen already, and gives their seqs
//! to others. So whoever restores one renews the epoch, and pages of the old one are told to load
//! anew instead of going on with a state that never was.

use db::{Tx, params, sql};
use rand::Rng;

use crate::error::Error;

/// The epoch of the database.
///
/// # Errors
/// [`Error::Db`].
pub async fn epoch(tx: &mut Tx) -> Result<String, Error> {
    Ok(tx.one(sql!("select epoch from live_epoch"), params![]).await?.text("epoch")?)
}

/// Begins another epoch if and when `tx` commits; to be done after a backup was restored, before the
/// database is served again. The new one.
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
