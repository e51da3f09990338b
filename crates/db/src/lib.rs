//! Pools, transactions, migrations and notifications over SQLite and PostgreSQL.
//!
//! One [`Sql`] text usually serves both databases; a [`Tx`] passes it to the driver. This crate knows
//! nothing of the product, builds no SQL from strings, and holds no transaction but its caller's.

mod bind;
mod clock;
mod dialect;
mod error;
mod notifications;
mod pool;
mod row;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use clock::Clock;
pub use dialect::Dialect;
pub use error::Error;
pub use notifications::{Listener, Notification, NotificationReceiver, Notifications};
pub use pool::Db;
pub use row::{Column, FromColumn, FromRow, Row};
pub use sql::Sql;
pub use tx::Tx;
pub use value::Value;
