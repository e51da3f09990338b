//! Binds values to a statement, for either driver.

use sqlx::{
    Postgres, Sqlite,
    postgres::{PgArguments, PgQueryResult},
    query::Query,
    sqlite::{SqliteArguments, SqliteQueryResult},
};

use crate::{dialect::Dialect, sql::Sql, value::Value};

/// `sql` for SQLite, which takes a list as one JSON array.
pub(crate) fn sqlite<T>(sql: Sql<T>, params: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    params.into_iter().fold(sqlx::query(sql.text(Dialect::Sqlite)), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Float(value) => query.bind(value),
        Value::Ints(values) => query.bind(serde_json::Value::from(values).to_string()),
        Value::Texts(values) => query.bind(serde_json::Value::from(values).to_string()),
    })
}

/// `sql` for PostgreSQL, which takes a list as one array.
pub(crate) fn postgres<T>(sql: Sql<T>, params: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    params.into_iter().fold(sqlx::query(sql.text(Dialect::Postgres)), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Float(value) => query.bind(value),
        Value::Ints(values) => query.bind(values),
        Value::Texts(values) => query.bind(values),
    })
}

/// How many rows a statement changed, from either driver.
pub(crate) struct RowsAffected(pub u64);

impl From<SqliteQueryResult> for RowsAffected {
    fn from(done: SqliteQueryResult) -> Self {
        Self(done.rows_affected())
    }
}

impl From<PgQueryResult> for RowsAffected {
    fn from(done: PgQueryResult) -> Self {
        Self(done.rows_affected())
    }
}
