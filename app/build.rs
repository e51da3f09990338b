//! Compiles the texts of `locales/<language>/<feature>.ftl` into one typed function per message and one
//! compact table per feature and language.
//!
//! A message that a language lacks, an argument that differs between languages, or syntax that the run
//! time cannot format stops the build and names the file and the message.

#![expect(clippy::unwrap_used, reason = "a build script that cannot go on stops")]

#[path = "build/message.rs"]
mod message;
#[path = "build/pseudo.rs"]
mod pseudo;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
};

use message::{Message, parse};

type Texts = BTreeMap<String, Vec<Message>>;

/// English first: the other languages are compared with it.
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

/// Features of pages that browsers do not hydrate; their texts stay in the server.
const SERVER_ONLY: [&str; 2] = ["careers", "sign-in"];

/// Between the tables of two features.
const FEATURE: char = '\u{c}';

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=locales");
    let locales = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("locales");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let english: Texts = features(&locales)
        .into_iter()
        .map(|feature| (feature.clone(), parse(&path(&locales, "en", &feature))))
        .collect();
    let mut hash = DefaultHasher::new();
    for language in LANGUAGES {
        let table = |(feature, messages): (&String, &Vec<Message>)| {
            let translated = parse(&path(&locales, language, feature));
            (feature.clone(), in_order_of(messages, translated, language, feature).join("\n"))
        };
        write_tables(&out, language, &english.iter().map(table).collect(), &mut hash);
    }
    let table = |(feature, messages): (&String, &Vec<Message>)| {
        let accented: Vec<_> = messages.iter().map(|message| pseudo::accent(&message.encoded)).collect();
        (feature.clone(), accented.join("\n"))
    };
    write_tables(&out, "en-XA", &english.iter().map(table).collect(), &mut hash);
    fs::write(out.join("messages.rs"), source(&english, hash)).unwrap();
}

fn path(locales: &Path, language: &str, feature: &str) -> PathBuf {
    locales.join(language).join(feature).with_extension("ftl")
}

fn features(locales: &Path) -> BTreeSet<String> {
    let names = |language: &str| -> BTreeSet<String> {
        let files = fs::read_dir(locales.join(language)).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let english = names("en");
    for language in LANGUAGES {
        assert_eq!(names(language), english, "locales/{language} has other files than locales/en");
    }
    english
}

/// The messages of one language in English's order, with English's arguments.
fn in_order_of(english: &[Message], translated: Vec<Message>, language: &str, feature: &str) -> Vec<String> {
    let at = format!("locales/{language}/{feature}.ftl");
    let mut by_name: BTreeMap<_, _> = translated.into_iter().map(|message| (message.name.clone(), message)).collect();
    let ordered = english.iter().map(|message| {
        let other = by_name.remove(&message.name).unwrap_or_else(|| panic!("{at}: `{}` is missing", message.name));
        let known: BTreeSet<_> = message.arguments.keys().collect();
        let unknown: Vec<_> = other.arguments.keys().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{at}: `{}` has arguments that English has not: {unknown:?}", message.name);
        other.encoded_with(&message.arguments)
    });
    let ordered = ordered.collect();
    assert!(by_name.is_empty(), "{at}: English has no {:?}", by_name.keys());
    ordered
}

/// Writes all features' messages, a message a line, and what browsers fetch, compressed with brotli too.
fn write_tables(out: &Path, language: &str, tables: &BTreeMap<String, String>, hash: &mut DefaultHasher) {
    let joined = |kept: &dyn Fn(&str) -> bool| {
        let texts = tables.iter().map(|(feature, table)| if kept(feature) { table.as_str() } else { "" });
        texts.collect::<Vec<_>>().join(&FEATURE.to_string())
    };
    let browser = joined(&|feature| !SERVER_ONLY.contains(&feature));
    browser.hash(hash);
    let mut packed = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    packed.write_all(browser.as_bytes()).unwrap();
    fs::write(out.join(format!("{language}.txt")), joined(&|_| true)).unwrap();
    fs::write(out.join(format!("{language}.browser.txt.br")), packed.into_inner()).unwrap();
    fs::write(out.join(format!("{language}.browser.txt")), browser).unwrap();
}

/// The Rust of `crate::i18n::generated`.
fn source(english: &Texts, mut hash: DefaultHasher) -> String {
    let mut code = String::new();
    code += "#[cfg(feature = \"ssr\")]\npub(super) fn embedded(language: &str) -> Option<Embedded> {\n    Some(match language {\n";
    for language in LANGUAGES.into_iter().chain(["en-XA"]) {
        let file = |end: &str| format!("concat!(env!(\"OUT_DIR\"), \"/{language}{end}\")");
        let [all, browser, packed] = [".txt", ".browser.txt", ".browser.txt.br"].map(file);
        code += &format!(
            "        {language:?} => Embedded {{ all: include_str!({all}), browser: include_str!({browser}), brotli: include_bytes!({packed}) }},\n"
        );
    }
    code += "        _ => return None,\n    })\n}\n";
    for (number, (feature, messages)) in english.iter().enumerate() {
        let module = feature.replace('-', "_");
        code += &format!("/// Texts of `locales/*/{feature}.ftl`.\npub mod {module} {{\n");
        for (n, message) in messages.iter().enumerate() {
            code += &message.function(number, n);
        }
        code += "}\n";
    }
    code.hash(&mut hash);
    let version = hash.finish();
    code + &format!(
        "/// Changes with any text and with the order of messages; part of the tables' addresses.\npub const VERSION: &str = \"{version:016x}\";\n"
    )
}
