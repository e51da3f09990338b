//! Finds circles of imports between the files of a crate.
//!
//! A file imports another one when it names an item of it, in a `use` or by a path that begins with `crate`,
//! `self` or `super`. An item that a module re-exports counts as an import of the file that defines it, and
//! `mod x;` is not an import. Test code and comments are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The path of a module: `["read", "pdf"]`; empty for the crate's root.
type Module = Vec<String>;

/// The files below `folder` by their relative path, without the roots of other binaries in `bin/`.
pub fn read(folder: &Path) -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "bin" {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") {
                sources.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}

/// The files of the largest circle: each imports all others, directly or through files of the circle. Empty
/// without a circle.
pub fn largest_circle(sources: &BTreeMap<String, String>) -> Vec<String> {
    let edges = edges(sources);
    let reachable: BTreeMap<_, _> = edges.keys().map(|file| (file, reachable(file, &edges))).collect();
    let circle = |file| -> Vec<String> {
        reachable[file].iter().filter(|other| reachable[other].contains(file)).cloned().collect()
    };
    edges.keys().map(circle).max_by_key(Vec::len).unwrap_or_default()
}

fn reachable(file: &str, edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        for other in &edges[next] {
            if seen.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    seen
}

/// What each file imports.
fn edges(sources: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut files: BTreeMap<Module, (&str, Parsed)> = BTreeMap::new();
    for (file, text) in sources {
        files.insert(module(file), (file, parse(&module(file), text)));
    }
    let tests: Vec<Module> = files.values().flat_map(|(_, parsed)| parsed.test_modules.clone()).collect();
    files.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    let imports = |(module, (file, parsed)): (&Module, &(&str, Parsed))| {
        let paths = parsed.imports.iter().filter_map(|import| absolute(module, &import.scope, &import.path, &files));
        let imported = paths.filter_map(|path| definition(&path, &files, 0));
        ((*file).to_owned(), imported.filter(|other| other != file).collect())
    };
    files.iter().map(imports).collect()
}

/// `read/pdf.rs` is the module `["read", "pdf"]`.
fn module(file: &str) -> Module {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The path from the crate's root; `None` for an item of another crate.
fn absolute(
    module: &Module,
    scope: &[String],
    path: &[String],
    files: &BTreeMap<Module, (&str, Parsed)>,
) -> Option<Module> {
    let mut base: Module = module.iter().chain(scope).cloned().collect();
    let mut path = path;
    match path.first()?.as_str() {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            base.pop();
            while path.get(1).is_some_and(|next| next == "super") {
                base.pop();
                path = &path[1..];
            }
        }
        child => {
            base.push(child.to_owned());
            if !files.contains_key(&base) {
                return None;
            }
        }
    }
    base.extend(path[1..].iter().cloned());
    Some(base)
}

/// The file that defines the item at `path`, which re-exports may hide; `None` if another crate does.
fn definition(path: &[String], files: &BTreeMap<Module, (&str, Parsed)>, depth: usize) -> Option<String> {
    let length = (0..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(length);
    let (file, parsed) = &files[module];
    let Some(name) = rest.first().filter(|_| depth < 16) else { return Some((*file).to_owned()) };
    if module.is_empty()
        && let Some((exporting, _)) = files.values().find(|(_, parsed)| parsed.macros.contains(name))
    {
        return Some((*exporting).to_owned());
    }
    let binding = parsed.imports.iter().find(|import| import.scope.is_empty() && import.binding.as_ref() == Some(name));
    let Some(import) = binding else { return Some((*file).to_owned()) };
    let mut target = absolute(&module.to_vec(), &[], &import.path, files)?;
    target.extend(rest[1..].iter().cloned());
    definition(&target, files, depth + 1)
}

/// What matters of a file.
#[derive(Default)]
struct Parsed {
    imports: Vec<Import>,
    /// Files that only tests compile.
    test_modules: Vec<Module>,
    /// Exported macros, which are items of the crate's root.
    macros: BTreeSet<String>,
}

struct Import {
    /// The modules inside the file around it.
    scope: Vec<String>,
    path: Vec<String>,
    /// The name that a `use` gives it.
    binding: Option<String>,
}

fn parse(module: &Module, text: &str) -> Parsed {
    let tokens = tokens(text);
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let mut parsed = Parsed::default();
    let mut scope: Vec<(String, usize)> = Vec::new();
    let (mut at, mut depth, mut test) = (0, 0, false);
    while at < words.len() {
        let names = || scope.iter().map(|(name, _)| name.clone()).collect();
        match &words[at..] {
            ["#", "[", "cfg", "(", "test", ")", "]", ..] => {
                test = true;
                at += 6;
            }
            ["mod", name, ";", ..] if test => {
                let path = module.iter().cloned().chain(names()).chain([(*name).to_owned()]);
                parsed.test_modules.push(path.collect());
                (test, at) = (false, at + 2);
            }
            ["mod", _, "{", ..] if test => (test, at) = (false, block_end(&words, at + 2)),
            ["mod", name, "{", ..] => {
                depth += 1;
                scope.push(((*name).to_owned(), depth));
                at += 2;
            }
            ["macro_rules", "!", name, ..] => {
                parsed.macros.insert((*name).to_owned());
                at += 2;
            }
            ["use", next, ..] if *next != "<" => {
                let scope: Vec<String> = names();
                let add = &mut |path: &[String], binding| {
                    parsed.imports.push(Import { scope: scope.clone(), path: path.to_vec(), binding });
                };
                at = use_tree(&words, at + 1, &mut Vec::new(), add);
                test = false;
            }
            ["crate" | "self" | "super", "::", ..] => {
                let mut path = vec![words[at].to_owned()];
                while words.get(at + 1) == Some(&"::") && words.get(at + 2).is_some_and(|word| is_name(word)) {
                    path.push(words[at + 2].to_owned());
                    at += 2;
                }
                parsed.imports.push(Import { scope: names(), path, binding: None });
            }
            ["{", ..] => depth += 1,
            ["}", ..] => {
                if scope.last().is_some_and(|(_, opened)| *opened == depth) {
                    scope.pop();
                }
                depth -= 1;
            }
            ["fn" | "struct" | "enum" | "impl" | "const" | "static" | "trait", ..] => test = false,
            _ => {}
        }
        at += 1;
    }
    parsed
}

/// Calls `add` with each path of a `use`, and returns the index of the token that ends it.
fn use_tree(
    words: &[&str],
    mut at: usize,
    prefix: &mut Vec<String>,
    add: &mut dyn FnMut(&[String], Option<String>),
) -> usize {
    let length = prefix.len();
    loop {
        match words.get(at).copied() {
            Some("::") => {}
            Some("{") => loop {
                at = use_tree(words, at + 1, prefix, add);
                match words.get(at).copied() {
                    Some(",") => {}
                    Some("}") => {
                        at += 1;
                        break;
                    }
                    _ => break,
                }
            },
            Some("*") => add(prefix, None),
            Some("as") => {
                at += 1;
                add(prefix, words.get(at).map(|&alias| alias.to_owned()));
            }
            Some(name) if is_name(name) => {
                if name != "self" || prefix.is_empty() {
                    prefix.push(name.to_owned());
                }
                if !matches!(words.get(at + 1).copied(), Some("::" | "as")) {
                    add(prefix, prefix.last().cloned());
                }
            }
            _ => break,
        }
        if matches!(words.get(at).copied(), Some(";" | "," | "}")) {
            break;
        }
        at += 1;
    }
    prefix.truncate(length);
    at
}

/// The index of the brace that closes the one at `open`.
fn block_end(words: &[&str], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match *word {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at;
        }
    }
    words.len()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The words and signs of a source, without comments and literals.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of the string or character that `text` begins with.
fn literal(text: &str) -> Option<usize> {
    if let Some(raw) = text.strip_prefix('r').or_else(|| text.strip_prefix("br")) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = text.len() - raw.len() + hashes + 1;
            return Some(text[start..].find(&end).map_or(text.len(), |found| start + found + end.len()));
        }
    }
    let quote = text.chars().next()?;
    if !matches!(quote, '"' | '\'') {
        return None;
    }
    // `'a` without a second quote is a lifetime.
    let is_character = text[1..].starts_with('\\') || text.chars().nth(2) == Some('\'');
    if quote == '\'' && !is_character {
        return None;
    }
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(text.len(), |end| end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_planted_circle_of_five_files_is_found_however_it_is_written() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; mod d; pub use a::A;"),
            ("a.rs", "use crate::{b::{self, B as Other}, x::Y};"),
            ("b.rs", "pub(crate) use super::c::*;"),
            ("c.rs", "fn f() -> crate::d::inner::D { todo!() }"),
            ("d.rs", "mod inner; pub use inner::D;"),
            ("d/inner.rs", "fn g() { super::super::A::new(); }"),
            ("x.rs", "use std::fmt;"),
        ];
        let circle = largest_circle(&sources(&files));
        assert_eq!(circle, ["a.rs", "b.rs", "c.rs", "d/inner.rs"], "re-exports lead to the definition");
        let mut files = files;
        files[5].1 = "fn g() { super::helper(); super::super::A::new(); }";
        files[4].1 = "mod inner; pub use inner::D; pub fn helper() {}";
        assert_eq!(largest_circle(&sources(&files)), ["a.rs", "b.rs", "c.rs", "d.rs", "d/inner.rs"]);
    }

    #[test]
    fn tests_comments_texts_and_other_crates_are_no_imports() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use db::Db;"),
            ("a.rs", "use crate::b::B; impl<'a> T<'a> {} #[cfg(test)] mod tests;"),
            ("a/tests.rs", "use crate::b::B; use super::A;"),
            (
                "b.rs",
                r##"// crate::a::A
                /* use crate::a; */ const C: char = '"'; const S: &str = r#"crate::a "::A"#;
                use crate::Db;
                #[cfg(test)] mod tests { use crate::a::tests::X; use super::*; fn f() { { crate::a::A } } }"##,
            ),
        ];
        assert_eq!(largest_circle(&sources(&files)), Vec::<String>::new());
    }

    #[test]
    fn an_inner_module_and_an_exported_macro_belong_to_their_file() {
        let files = [
            ("lib.rs", "mod a; mod b; use a::A; use b::B;"),
            ("a.rs", "mod inner { use super::super::b::B; fn f(t: impl Fn() + use<>) {} } macro_rules! m { () => {} }"),
            ("b.rs", "mod inner { mod deep { use super::super::B; } } fn f() { crate::m!() }"),
        ];
        assert_eq!(largest_circle(&sources(&files)), ["a.rs", "b.rs"]);
    }
}
