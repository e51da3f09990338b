//! Finds the statements of the source and the types of their rows, by reading the text of the files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The crates that contain SQL.
const CRATES: [&str; 3] = ["queue", "live", "hiring"];

/// A statement as the source has it.
#[derive(Debug)]
pub struct Statement {
    /// The file that it is in.
    pub file: PathBuf,
    pub sqlite: String,
    pub postgres: String,
    /// The columns that its row type reads. `None` when it has no row type.
    pub columns: Option<Vec<Column>>,
}

/// A column as a row type reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name; empty when the row type is the type of its only column.
    pub name: String,
    /// What the field reads, if this test knows it.
    pub kind: Option<Kind>,
    pub nullable: bool,
}

/// What the database has to store in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Text,
    Float,
    Bytes,
}

/// The fields of each row type of a crate, as the source has them: name, type and format.
type RowTypes = BTreeMap<String, Vec<(String, String, String)>>;

/// Every statement of the crates that contain SQL.
pub fn statements() -> Vec<Statement> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for name in CRATES {
        let mut files = Vec::new();
        read_files(&root.join("crates").join(name).join("src"), &mut files);
        let mut rows = RowTypes::new();
        files.iter().for_each(|(file, text)| collect_rows(file, text, &mut rows));
        for (file, text) in &files {
            for (start, _) in text.match_indices("sql!(") {
                found.push(statement(file, &text[start + "sql!(".len()..], &rows));
            }
        }
    }
    found
}

fn read_files(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_files(&path, files);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
}

/// Collects the structs of `row!`, whose names must be unique in a crate.
fn collect_rows(file: &Path, text: &str, rows: &mut RowTypes) {
    for (start, _) in text.match_indices("row! {") {
        let body = &text[start..];
        let (head, fields) = body
            .split_once("struct ")
            .unwrap()
            .1
            .split_once('{')
            .unwrap_or_else(|| panic!("{}: no struct in row!", file.display()));
        let fields = &fields[..closing(fields, '}')];
        let before = rows.insert(head.trim().to_owned(), parse_fields(fields));
        assert!(before.is_none(), "{}: another row type is called {}", file.display(), head.trim());
    }
}

/// Parses the inside of `sql!(...)`, whose rest of the file is `after`.
fn statement(file: &Path, after: &str, rows: &RowTypes) -> Statement {
    let (mut both, mut sqlite, mut postgres) = (String::new(), String::new(), String::new());
    let mut target = 0;
    let mut rest = after;
    let columns = loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if let Some(body) = rest.strip_prefix('"') {
            let (literal, end) = literal(body);
            [&mut both, &mut sqlite, &mut postgres][target].push_str(&literal);
            rest = &body[end..];
        } else if let Some(after) = rest.strip_prefix("sqlite:") {
            (target, rest) = (1, after);
        } else if let Some(after) = rest.strip_prefix("postgres:") {
            (target, rest) = (2, after);
        } else if let Some(row) = rest.strip_prefix("=>") {
            break Some(columns_of(file, row[..closing(row, ')')].trim().trim_end_matches(','), rows));
        } else if rest.starts_with(')') {
            break None;
        } else {
            // A parameter of the macro that shares this text.
            rest = rest[1..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        }
    };
    let (sqlite, postgres) = if target == 0 { (both.clone(), both) } else { (sqlite, postgres) };
    Statement { file: file.to_owned(), sqlite, postgres, columns }
}

/// The string literal that begins after its opening quote, and where the text after it begins.
fn literal(body: &str) -> (String, usize) {
    let mut escaped = false;
    let is_end = |c| {
        let end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        end
    };
    let end = body.find(is_end).expect("the end of a literal");
    (body[..end].replace("\\\"", "\"").replace("\\\n", "\n").replace("\\\\", "\\"), end + 1)
}

/// Where the bracket that is open at the start of `text` closes.
fn closing(text: &str, close: char) -> usize {
    let mut depth = 0;
    let is_closing = |c| {
        let found = depth == 0 && c == close;
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        found
    };
    text.find(is_closing).expect("a closing bracket")
}

/// The columns of a row type: `{ name: Type, ... }`, a struct of `row!`, or the type of the only column.
fn columns_of(file: &Path, row: &str, rows: &RowTypes) -> Vec<Column> {
    let row = row.trim();
    if let Some(fields) = row.strip_prefix('{') {
        return expand(file, &parse_fields(&fields[..closing(fields, '}')]), rows);
    }
    let name = row.rsplit("::").next().unwrap();
    if let Some(fields) = rows.get(name) {
        return expand(file, fields, rows);
    }
    let column = column("", row, "");
    assert!(column.kind.is_some(), "{}: no row type is called {row}", file.display());
    vec![column]
}

/// Replaces fields of the format `row` by the columns of their type.
fn expand(file: &Path, fields: &[(String, String, String)], rows: &RowTypes) -> Vec<Column> {
    let columns = fields.iter().flat_map(|(name, kind, format)| match format.as_str() {
        "row" => columns_of(file, kind, rows),
        _ => vec![column(name, kind, format)],
    });
    columns.collect()
}

fn column(name: &str, kind: &str, format: &str) -> Column {
    let inner = kind.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>'));
    let kind = match (format, inner.unwrap_or(kind)) {
        ("text" | "name" | "json", _) | ("", "String") => Some(Kind::Text),
        ("", "i64" | "u64" | "u32" | "u8" | "usize" | "bool") => Some(Kind::Integer),
        ("", "f64") => Some(Kind::Float),
        ("", "Vec<u8>") => Some(Kind::Bytes),
        _ => None,
    };
    Column { name: name.to_owned(), kind, nullable: inner.is_some() && format.is_empty() }
}

/// Name, type and format of `pub name: Type as format, ...`.
fn parse_fields(fields: &str) -> Vec<(String, String, String)> {
    let code: String = fields.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    let mut parsed = Vec::new();
    let mut depth = 0;
    let is_separator = |c: char| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    for field in code.split(is_separator).filter(|field| !field.trim().is_empty()) {
        let (name, kind) = field.split_once(':').expect("a field has a type");
        let name = name.split_whitespace().last().expect("a field has a name");
        let (kind, format) = kind.split_once(" as ").unwrap_or((kind, ""));
        parsed.push((name.to_owned(), kind.trim().to_owned(), format.trim().to_owned()));
    }
    parsed
}
