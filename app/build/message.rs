//! One message of a Fluent file, and its compact form.
//!
//! What the run time formats: text, `{ $argument }`, and `{ $count -> [one] ... *[other] ... }` with plural
//! categories or whole numbers. Terms (`{ -brand }`) are put in here. Everything else stops the build.

use std::{collections::BTreeMap, fs, path::Path};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    parser,
};

/// Marks in an encoded message; see `src/i18n/format.rs`, which reads them.
pub const ARGUMENT: char = '\u{1}';
/// Begins a choice by number.
pub const CHOICE: char = '\u{2}';
/// Between a variant's key and its text.
pub const KEY: char = '\u{3}';
/// Ends a variant.
pub const VARIANT: char = '\u{4}';
/// Ends a choice.
pub const CHOSEN: char = '\u{5}';

/// Names that a function cannot have; it gets an underscore behind it.
const KEYWORDS: [&str; 8] = ["as", "for", "in", "loop", "move", "self", "type", "use"];

/// What an argument is: a number, if any language chooses by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `&str`.
    Text,
    /// An `i64`.
    Count,
}

/// A message of one language.
pub struct Message {
    /// As in the file: `moved-to`.
    pub name: String,
    /// By name.
    pub arguments: BTreeMap<String, Kind>,
    /// With the arguments numbered in the order of their names.
    pub encoded: String,
    pattern: Pattern<String>,
    terms: BTreeMap<String, Pattern<String>>,
}

/// The messages of a file in its order.
pub fn parse(path: &Path) -> Vec<Message> {
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
    let mut terms = BTreeMap::new();
    let mut messages = Vec::new();
    for entry in resource.body {
        match entry {
            Entry::Term(term) => {
                terms.insert(term.id.name, term.value);
            }
            Entry::Message(message) => {
                assert!(message.attributes.is_empty(), "{}: attributes are not supported", message.id.name);
                let pattern = message.value.unwrap_or_else(|| panic!("{}: no value", message.id.name));
                messages.push(Message::new(message.id.name, pattern, &terms));
            }
            Entry::Junk { content } => panic!("{}: {content}", path.display()),
            _ => {}
        }
    }
    messages
}

impl Message {
    fn new(name: String, pattern: Pattern<String>, terms: &BTreeMap<String, Pattern<String>>) -> Self {
        let mut arguments = BTreeMap::new();
        let mut message =
            Self { name, arguments: BTreeMap::new(), encoded: String::new(), pattern, terms: terms.clone() };
        message.find_arguments(&message.pattern, &mut arguments);
        message.encoded = message.encoded_with(&arguments);
        message.arguments = arguments;
        message
    }

    fn find_arguments(&self, pattern: &Pattern<String>, found: &mut BTreeMap<String, Kind>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else { continue };
            match expression {
                Expression::Inline(InlineExpression::VariableReference { id }) => {
                    found.entry(id.name.clone()).or_insert(Kind::Text);
                }
                Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
                    found.insert(id.name.clone(), Kind::Count);
                    variants.iter().for_each(|variant| self.find_arguments(&variant.value, found));
                }
                _ => {}
            }
        }
    }

    /// The message with these arguments numbered in the order of their names.
    pub fn encoded_with(&self, arguments: &BTreeMap<String, Kind>) -> String {
        let mut text = String::new();
        self.encode(&self.pattern, arguments, &mut text);
        text
    }

    fn encode(&self, pattern: &Pattern<String>, arguments: &BTreeMap<String, Kind>, text: &mut String) {
        let number = |name: &str| {
            let place = arguments.keys().position(|known| known == name);
            char::from(b'0' + u8::try_from(place.unwrap_or_else(|| panic!("{}: ${name}?", self.name))).unwrap())
        };
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    assert!(!value.contains(|c| (ARGUMENT..=CHOSEN).contains(&c)), "{}: control character", self.name);
                    text.push_str(&value.replace('\n', " "));
                }
                PatternElement::Placeable { expression } => match expression {
                    Expression::Inline(InlineExpression::StringLiteral { value }) => {
                        text.push_str(&fluent_syntax::unicode::unescape_unicode_to_string(value));
                    }
                    Expression::Inline(InlineExpression::VariableReference { id }) => {
                        text.extend([ARGUMENT, number(&id.name)]);
                    }
                    Expression::Inline(InlineExpression::TermReference { id, .. }) => {
                        let term = self.terms.get(&id.name);
                        self.encode(term.unwrap_or_else(|| panic!("no term -{}", id.name)), arguments, text);
                    }
                    Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
                        text.extend([CHOICE, number(&id.name)]);
                        // The default is tried last, whatever its key is.
                        let (default, keyed): (Vec<_>, Vec<_>) = variants.iter().partition(|variant| variant.default);
                        for variant in keyed.into_iter().chain(default) {
                            match &variant.key {
                                VariantKey::Identifier { name } => text.push_str(name),
                                VariantKey::NumberLiteral { value } => text.push_str(value),
                            }
                            text.push(KEY);
                            self.encode(&variant.value, arguments, text);
                            text.push(VARIANT);
                        }
                        text.push(CHOSEN);
                    }
                    _ => panic!("{}: only text, arguments, terms and choices by number are supported", self.name),
                },
            }
        }
    }

    /// The function that formats it, as Rust.
    pub fn function(&self, feature: usize, number: usize) -> String {
        let (mut name, shown) = (self.name.replace('-', "_"), self.readable());
        if KEYWORDS.contains(&name.as_str()) {
            name.push('_');
        }
        if self.arguments.is_empty() {
            return format!(
                "    /// \"{shown}\"\n    pub fn {name}() -> &'static str {{\n        super::super::text({feature}, {number})\n    }}\n"
            );
        }
        let parameters = self.arguments.iter().map(|(name, kind)| {
            let kind = if *kind == Kind::Count { "i64" } else { "&str" };
            format!("{}: {kind}", name.replace('-', "_"))
        });
        let values = self.arguments.iter().map(|(name, kind)| {
            let kind = if *kind == Kind::Count { "Count" } else { "Text" };
            format!("super::super::Argument::{kind}({})", name.replace('-', "_"))
        });
        format!(
            "    /// \"{shown}\"\n    pub fn {name}({}) -> String {{\n        super::super::format({feature}, {number}, &[{}])\n    }}\n",
            parameters.collect::<Vec<_>>().join(", "),
            values.collect::<Vec<_>>().join(", ")
        )
    }

    /// For the function's documentation.
    fn readable(&self) -> String {
        let marks = |c: char| if (ARGUMENT..=CHOSEN).contains(&c) { '·' } else { c };
        self.encoded.chars().map(marks).collect::<String>().replace('[', "\\[").replace('<', "\\<")
    }
}
