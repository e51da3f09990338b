//! Prepares every SQL statement of the source on both databases, and compares their schemas.

use std::{collections::BTreeMap, fs, path::Path};

use db::{Db, params, sql};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection};

/// A statement of the source.
#[derive(Debug)]
struct Statement {
    place: String,
    sqlite: String,
    postgres: String,
}

fn statements() -> Vec<Statement> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for folder in ["crates/queue/src", "crates/live/src", "crates/hiring/src"] {
        collect(&root.join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Statement>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            for (start, _) in text.match_indices("sql!(") {
                found.push(statement(&path, &text[start + "sql!(".len()..]));
            }
        }
    }
}

/// Parses one literal for both databases, or `sqlite: "...", postgres: "..."`.
fn statement(path: &Path, after: &str) -> Statement {
    let place = path.display().to_string();
    let (head, first, rest) = literal(after);
    if head.trim().is_empty() {
        return Statement { place, sqlite: first.clone(), postgres: first };
    }
    assert_eq!(head.trim(), "sqlite:", "{place}");
    let (middle, second, _) = literal(rest);
    assert_eq!(middle.trim().trim_start_matches(',').trim(), "postgres:", "{place}");
    Statement { place, sqlite: first, postgres: second }
}

/// Splits the text into what precedes the next string literal, the literal, and what follows.
fn literal(text: &str) -> (&str, String, &str) {
    let open = text.find('"').expect("a literal");
    let body = &text[open + 1..];
    let mut escaped = false;
    let close = body
        .find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })
        .expect("the end of a literal");
    (&text[..open], body[..close].replace("\\\"", "\"").replace("\\\n", "\n"), &body[close + 1..])
}

#[tokio::test]
async fn every_statement_is_valid_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let all = statements();
    assert!(all.len() > 30, "the search found only {}", all.len());
    for statement in all {
        let prepared = connection.prepare(AssertSqlSafe(statement.sqlite.clone()).into_sql_str()).await;
        assert!(prepared.is_ok(), "{}: {}: {:?}", statement.place, statement.sqlite, prepared.err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_valid_on_postgresql() {
    db::testing::on_postgres(async |db: Db| {
        let mut tx = db.snapshot().await.unwrap();
        let row = tx.one(sql!("select current_database()::text as name"), params![]).await.unwrap();
        let maintenance = std::env::var(db::testing::POSTGRES).unwrap();
        let url = maintenance.replacen("/postgres", &format!("/{}", row.text("name").unwrap()), 1);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for statement in statements() {
            let prepared = connection.prepare(AssertSqlSafe(statement.postgres.clone()).into_sql_str()).await;
            assert!(prepared.is_ok(), "{}: {}: {:?}", statement.place, statement.postgres, prepared.err());
        }
        connection.close().await.unwrap();
    })
    .await;
}

/// The columns of each table in order, and whether they are nullable.
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
