//! Rules of the source that the compiler does not check: which crate may import which, and the like.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::imports;

/// The crates of ours that each crate may import.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("db", &[]),
    ("cv", &["domain"]),
    ("queue", &["db"]),
    ("live", &["db"]),
    ("hiring", &["domain", "db", "queue", "live", "cv"]),
    ("app", &["domain", "live", "queue", "hiring"]),
    ("frontend", &["app"]),
    ("server", &["app", "cv", "db", "domain", "hiring", "live", "queue"]),
];

/// Libraries that only these crates may use.
const RESERVED: &[(&str, &[&str])] = &[
    ("sqlx", &["db"]),
    ("axum", &["server"]),
    ("leptos", &["app", "frontend", "server"]),
    ("leptos_axum", &["app", "server"]),
];

/// The files of a circle of imports inside a crate.
const MAX_CIRCLE: usize = 4;

/// Crates whose largest circle of imports is longer than [`MAX_CIRCLE`], and how long it is. These may only
/// shrink.
const LONG_CIRCLES: &[(&str, usize)] = &[("cv", 11), ("hiring", 11), ("live", 7)];

/// What the router may call to add routes; nobody else does, so the table of routes is complete.
const ROUTING: [&str; 5] = [".route(", ".route_service(", ".nest(", ".merge(", ".fallback("];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

#[test]
fn no_crate_imports_another_that_it_may_not() {
    let metadata = metadata();
    let ours: BTreeSet<_> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    assert_eq!(ours.len(), ALLOWED.len(), "a crate is missing from the table: {ours:?}");
    for package in &metadata.packages {
        let name = package.name.as_str();
        let (_, allowed) = ALLOWED.iter().find(|(known, _)| *known == name).unwrap();
        for dependency in package.dependencies.iter().filter(|edge| edge.kind == DependencyKind::Normal) {
            let to = dependency.name.as_str();
            assert!(!ours.contains(to) || allowed.contains(&to), "{name} must not import {to}");
            let reserved = RESERVED.iter().find(|(library, _)| *library == to);
            assert!(reserved.is_none_or(|(_, users)| users.contains(&name)), "{name} must not use {to}");
        }
    }
}

#[test]
fn the_app_uses_hiring_only_on_the_server() {
    let metadata = metadata();
    let app = metadata.packages.iter().find(|package| package.name.as_str() == "app").unwrap();
    let hiring = app.dependencies.iter().find(|edge| edge.name == "hiring").unwrap();
    assert!(hiring.optional);
    assert!(app.features.get("ssr").unwrap().iter().any(|feature| feature == "dep:hiring"));
    assert!(!app.features.get("hydrate").unwrap().iter().any(|feature| feature.contains("hiring")));
    let queue = app.dependencies.iter().find(|edge| edge.name == "queue").unwrap();
    assert_eq!(queue.features, [""; 0], "only the views of the queue");
}

#[test]
fn no_crate_has_a_circle_of_imports_of_more_than_four_files() {
    for package in metadata().packages {
        let circle = imports::largest_circle(&imports::read(package.manifest_path.with_file_name("src").as_std_path()));
        let known = LONG_CIRCLES.iter().find(|(name, _)| *name == package.name.as_str());
        let max = known.map_or(MAX_CIRCLE, |(_, length)| *length);
        assert!(circle.len() <= max, "{}: these {} files import each other: {circle:#?}", package.name, circle.len());
    }
}

#[test]
fn only_the_router_adds_routes() {
    let mut found = Vec::new();
    visit(&root().join("server/src"), &mut |path| {
        let text = fs::read_to_string(path).unwrap();
        let source = text.split("#[cfg(test)]").next().unwrap_or_default();
        if !path.ends_with("router.rs") && ROUTING.iter().any(|call| source.contains(call)) {
            found.push(path.display().to_string());
        }
    });
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_sql_is_written_outside_of_the_four_crates_that_may() {
    let mut found = Vec::new();
    for folder in ["app", "frontend", "server/src", "crates/domain", "crates/cv"] {
        visit(&root().join(folder), &mut |path| {
            let source = path.extension().is_some_and(|extension| extension == "rs");
            if source && fs::read_to_string(path).unwrap().contains("sql!(") {
                found.push(path.display().to_string());
            }
        });
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_file_of_source_is_longer_than_five_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["app", "frontend", "server", "crates", "style", "public", "end2end"] {
        visit(&root().join(folder), &mut |path| {
            let source =
                path.extension().is_some_and(|ending| ["rs", "ts", "js", "css"].iter().any(|known| ending == *known));
            if source && fs::read_to_string(path).unwrap().lines().count() > 500 {
                long.push(path.to_owned());
            }
        });
    }
    assert!(long.is_empty(), "split {long:?}");
}

fn visit(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            see(&path);
        } else if !path.ends_with("node_modules") && !path.ends_with("target") && !path.ends_with("test-results") {
            visit(&path, see);
        }
    }
}
