//! HTML, as a browser shows it without scripts.
//!
//! Ignores scripts and comments, and collects text that styles hide separately.

mod style;

use domain::{Refusal, notice::HiddenReason};
use scraper::{ElementRef, Html, Node, node::Element};

use self::style::{StyleSheet, TextStyle};
use super::{
    document_builder::{DocumentBuilder, Run},
    text,
};
use crate::{document::Document, format::Format};

/// Elements whose content is not shown on the page.
const SKIPPED_ELEMENTS: [&str; 12] = [
    "head", "script", "style", "template", "noscript", "title", "svg", "iframe", "object", "select", "datalist",
    "textarea",
];
/// Elements that begin and end a line.
const LINE_ELEMENTS: [&str; 23] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
    "body",
];
/// Elements that also begin and end a block.
const BLOCK_ELEMENTS: [&str; 9] =
    ["article", "aside", "blockquote", "footer", "header", "main", "nav", "section", "table"];

/// Reads HTML.
///
/// # Errors
/// [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let html = Html::parse_document(&decode(bytes));
    let sheet = StyleSheet::from_html(&html);
    let mut reader = Reader {
        sheet,
        builder: DocumentBuilder::default(),
        styles: vec![TextStyle::initial()],
        runs: Vec::new(),
        heading: 0,
        skipped_depth: 0,
    };
    for edge in html.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Element(element) => reader.open(element, ElementRef::wrap(node)),
                Node::Text(text) if text.trim().is_empty() && is_between_chips(node) => reader.push("\t"),
                Node::Text(text) => reader.push(&to_spaces(text)),
                _ => {}
            },
            ego_tree::iter::Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    reader.close(element.name());
                }
            }
        }
    }
    reader.end_line();
    reader.builder.finish(Format::Html)
}

/// Decodes `bytes` in the declared encoding, or else in the likeliest.
fn decode(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).to_ascii_lowercase();
    let declared = start.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let name = declared.and_then(|rest| rest.split(['"', '\'', ';', '>', ' ', '/']).next());
    let encoding = name.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    match encoding {
        Some(encoding) if encoding_rs::Encoding::for_bom(bytes).is_none() => encoding.decode(bytes).0.into_owned(),
        _ => text::decode(bytes),
    }
}

fn to_spaces(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

/// Whether all siblings of the white space `node` are inline elements of one name, at least three: labels
/// that only their frames separate.
fn is_between_chips(node: ego_tree::NodeRef<'_, Node>) -> bool {
    const MIN_CHIPS: usize = 3;
    let Some(parent) = node.parent() else { return false };
    let mut name: Option<&str> = None;
    let mut count = 0;
    for child in parent.children() {
        match child.value() {
            Node::Element(element) if name.is_none_or(|name| name == element.name()) => {
                name = Some(element.name());
                count += 1;
            }
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Comment(_) => {}
            _ => return false,
        }
    }
    count >= MIN_CHIPS && matches!(name, Some("span" | "a" | "b" | "em" | "strong" | "code" | "i" | "small"))
}

struct Reader {
    sheet: StyleSheet,
    builder: DocumentBuilder,
    styles: Vec<TextStyle>,
    runs: Vec<Run>,
    heading: u8,
    skipped_depth: usize,
}

impl Reader {
    fn open(&mut self, element: &Element, place: Option<ElementRef<'_>>) {
        let name = element.name();
        self.skipped_depth += usize::from(SKIPPED_ELEMENTS.contains(&name));
        let outer = self.text_style();
        let text_style = place.map_or(outer, |place| self.sheet.text_style(outer, place));
        self.styles.push(text_style);
        match name {
            "br" => self.end_line(),
            "tr" => {
                self.end_line();
                self.builder.begin_row();
            }
            "td" | "th" => {
                self.end_line();
                self.builder.begin_cell();
            }
            _ if outer.is_flex => self.push("\t"),
            _ => {}
        }
        if let Some(level) = heading_level(name) {
            self.end_line();
            self.heading = level;
        } else if LINE_ELEMENTS.contains(&name) {
            self.end_line();
        }
        if BLOCK_ELEMENTS.contains(&name) {
            self.builder.end_block();
        }
    }

    fn close(&mut self, name: &str) {
        if heading_level(name).is_some() {
            self.end_line();
            self.heading = 0;
        } else if LINE_ELEMENTS.contains(&name) || matches!(name, "td" | "th" | "tr") {
            self.end_line();
        }
        if name == "tr" {
            self.builder.end_row();
        }
        if BLOCK_ELEMENTS.contains(&name) {
            self.builder.end_block();
        }
        self.skipped_depth -= usize::from(SKIPPED_ELEMENTS.contains(&name));
        if self.styles.len() > 1 {
            self.styles.pop();
        }
    }

    fn text_style(&self) -> TextStyle {
        self.styles.last().copied().unwrap_or_else(TextStyle::initial)
    }

    fn push(&mut self, text: &str) {
        if self.skipped_depth > 0 {
            return;
        }
        let text_style = self.text_style();
        let hidden: Option<HiddenReason> = text_style.hidden_reason();
        let run = Run { text: text.to_owned(), bold: text_style.bold, size: text_style.size, hidden };
        self.runs.push(run);
    }

    fn end_line(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if runs.iter().any(|run| !run.text.trim().is_empty()) {
            self.builder.add_paragraph(&runs, self.heading);
        }
    }
}

fn heading_level(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}
