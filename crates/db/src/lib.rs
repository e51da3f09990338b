//! Pools, transactions, migrations and hints over SQLite and PostgreSQL.
//!
//! One [`Sql`] text usually serves both databases; a [`Tx`] dispatches it to the driver. Refuses
//! to know the product, to build SQL from strings, and to hold a transaction for anybody but its
//! caller.

mod bind;
mod clock;
mod error;
mod hints;
mod offers;
mod pool;
mod row;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use clock::Clock;
pub use error::Error;
pub use hints::{Hint, HintReceiver, Hints, Listener};
pub use pool::{Db, Dialect};
pub use row::Row;
pub use sql::Sql;
pub use tx::Tx;
pub use value::Value;
