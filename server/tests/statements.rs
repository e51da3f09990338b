//! Prepares every SQL statement of the source on both databases, and compares their schemas.

mod source;

use std::{collections::BTreeMap, fs, path::Path};

use db::{Db, params, sql};
use source::{Column, Kind, Statement, statements};
use sqlx::{
    AssertSqlSafe, Column as _, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection, Statement as _,
    TypeInfo as _,
};

/// A column that a database reports for a statement.
struct Reported {
    name: String,
    /// Its type, if the database knows it.
    kind: Option<Kind>,
    /// Whether it may be null, if the database knows it.
    nullable: Option<bool>,
}

/// Panics unless the columns of a statement are those that its row type reads.
fn compare(statement: &Statement, sql: &str, reported: &[Reported]) {
    let place = || format!("{}: {sql}", statement.file.display());
    let Some(columns) = &statement.columns else { return };
    assert_eq!(reported.len(), columns.len(), "{}: the row type has another number of columns", place());
    if let [Column { name, .. }] = columns.as_slice()
        && name.is_empty()
    {
        return compare_column(&columns[0], &reported[0], &place());
    }
    for column in columns {
        let mut found = reported.iter().filter(|reported| reported.name == column.name);
        let Some(reported) = found.next() else { panic!("{}: no column {}", place(), column.name) };
        assert!(found.next().is_none(), "{}: two columns {}", place(), column.name);
        compare_column(column, reported, &place());
    }
}

fn compare_column(column: &Column, reported: &Reported, place: &str) {
    if let (Some(expected), Some(kind)) = (column.kind, reported.kind) {
        assert_eq!(expected, kind, "{place}: the type of column {:?}", reported.name);
    }
    let may_be_null = reported.nullable == Some(true);
    assert!(column.nullable || !may_be_null, "{place}: column {:?} may be null", reported.name);
}

#[tokio::test]
async fn every_statement_is_valid_on_sqlite_and_returns_the_columns_of_its_row_type() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let all = statements();
    assert!(all.len() > 30, "the search found only {}", all.len());
    for statement in all {
        let prepared = connection.prepare(AssertSqlSafe(statement.sqlite.clone()).into_sql_str()).await;
        let prepared =
            prepared.unwrap_or_else(|error| panic!("{}: {}: {error}", statement.file.display(), statement.sqlite));
        // SQLite knows the types of table columns only, and of those just an affinity.
        let reported = prepared.columns().iter();
        let reported: Vec<_> =
            reported.map(|column| Reported { name: column.name().to_owned(), kind: None, nullable: None }).collect();
        compare(&statement, &statement.sqlite, &reported);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_valid_on_postgresql_and_returns_the_columns_of_its_row_type() {
    db::testing::on_postgres(async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for statement in statements() {
            let described = connection.describe(AssertSqlSafe(statement.postgres.clone()).into_sql_str()).await;
            let described = described
                .unwrap_or_else(|error| panic!("{}: {}: {error}", statement.file.display(), statement.postgres));
            let columns = described.columns().iter().enumerate();
            // What no row type reads may have any type.
            if statement.columns.is_none() {
                continue;
            }
            let reported: Vec<_> = columns
                .map(|(index, column)| Reported {
                    name: column.name().to_owned(),
                    kind: Some(postgres_kind(column.type_info().name())),
                    nullable: described.nullable(index),
                })
                .collect();
            compare(&statement, &statement.postgres, &reported);
        }
        connection.close().await.unwrap();
    })
    .await;
}

fn postgres_kind(name: &str) -> Kind {
    match name {
        "INT8" => Kind::Integer,
        "TEXT" => Kind::Text,
        "FLOAT8" => Kind::Float,
        "BYTEA" => Kind::Bytes,
        other => panic!("a statement returns a column of type {other}"),
    }
}

/// Columns by table, in order, with whether they may be null.
type Schema = BTreeMap<String, Vec<(String, bool)>>;

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables_and_columns() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
    sqlite.migrate().await.unwrap();
    let expected = schema(&sqlite).await;
    assert!(expected.len() > 8);
    db::testing::on_postgres(async |postgres: Db| assert_eq!(schema(&postgres).await, expected)).await;
}

async fn schema(db: &Db) -> Schema {
    let mut tx = db.snapshot().await.unwrap();
    let columns = sql!(
        sqlite: "select tables.name as table_name, columns.name as column_name,
                        case when columns.\"notnull\" = 1 or columns.pk > 0 then 0 else 1 end as nullable
                 from sqlite_master as tables join pragma_table_info(tables.name) as columns
                 where tables.type = 'table' and tables.name not like '\\_%' escape '\\'
                       and tables.name not like 'sqlite%'
                 order by tables.name, columns.cid",
        postgres: "select table_name::text as table_name, column_name::text as column_name,
                          case is_nullable when 'YES' then 1::bigint else 0::bigint end as nullable
                   from information_schema.columns
                   where table_schema = 'public' and table_name not like '\\_%'
                   order by table_name, ordinal_position"
    );
    let mut schema = Schema::new();
    for row in tx.all(columns, params![]).await.unwrap() {
        let column = (row.text("column_name").unwrap(), row.flag("nullable").unwrap());
        schema.entry(row.text("table_name").unwrap()).or_default().push(column);
    }
    schema
}

#[test]
fn migrations_have_the_same_numbers_in_both() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("migrations");
    let names = |dialect: &str| {
        let entries = fs::read_dir(root.join(dialect)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(names("sqlite").len() >= 3);
}
