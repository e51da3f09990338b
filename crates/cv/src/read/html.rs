//! HTML, as a browser would show it without scripts.
//!
//! Never reads scripts, comments or what styles hide.

mod style;

use domain::{Refusal, summary::HiddenReason};
use scraper::{ElementRef, Html, Node, node::Element};

use self::style::{Look, Sheet};
use super::{
    flow::{Flow, Run},
    text,
};
use crate::{document::Document, format::Format};

/// Elements without text of the page.
const DROPPED: [&str; 12] = [
    "head", "script", "style", "template", "noscript", "title", "svg", "iframe", "object", "select", "datalist",
    "textarea",
];
/// Elements that begin and end a line.
const LINES: [&str; 23] = [
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
/// Those that begin and end a block, too.
const BLOCKS: [&str; 9] = ["article", "aside", "blockquote", "footer", "header", "main", "nav", "section", "table"];

/// Reads HTML.
///
/// # Errors
/// [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let html = Html::parse_document(&decode(bytes));
    let sheet = Sheet::of(&html);
    let mut reader =
        Reader { sheet, flow: Flow::default(), looks: vec![Look::page()], runs: Vec::new(), heading: 0, dropped: 0 };
    for edge in html.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Element(element) => reader.open(element, ElementRef::wrap(node)),
                Node::Text(text) if text.trim().is_empty() && is_between_chips(node) => reader.push("\t"),
                Node::Text(text) => reader.push(&squeeze(text)),
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
    reader.flow.finish(Format::Html)
}

/// By the declared encoding, or else the likeliest.
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

fn squeeze(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ")
}

/// Whether the white space `node` stands among three or more elements of one name and nothing else:
/// labels that are set apart by their frames.
fn is_between_chips(node: ego_tree::NodeRef<'_, Node>) -> bool {
    const FEWEST: usize = 3;
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
    count >= FEWEST && matches!(name, Some("span" | "a" | "b" | "em" | "strong" | "code" | "i" | "small"))
}

struct Reader {
    sheet: Sheet,
    flow: Flow,
    looks: Vec<Look>,
    runs: Vec<Run>,
    heading: u8,
    dropped: usize,
}

impl Reader {
    fn open(&mut self, element: &Element, place: Option<ElementRef<'_>>) {
        let name = element.name();
        self.dropped += usize::from(DROPPED.contains(&name));
        let outer = self.look();
        let look = place.map_or(outer, |place| self.sheet.look(outer, place));
        self.looks.push(look);
        match name {
            "br" => self.end_line(),
            "tr" => {
                self.end_line();
                self.flow.begin_row();
            }
            "td" | "th" => {
                self.end_line();
                self.flow.begin_cell();
            }
            _ if outer.spread => self.push("\t"),
            _ => {}
        }
        if let Some(level) = heading(name) {
            self.end_line();
            self.heading = level;
        } else if LINES.contains(&name) {
            self.end_line();
        }
        if BLOCKS.contains(&name) {
            self.flow.end_block();
        }
    }

    fn close(&mut self, name: &str) {
        if heading(name).is_some() {
            self.end_line();
            self.heading = 0;
        } else if LINES.contains(&name) || matches!(name, "td" | "th" | "tr") {
            self.end_line();
        }
        if name == "tr" {
            self.flow.end_row();
        }
        if BLOCKS.contains(&name) {
            self.flow.end_block();
        }
        self.dropped -= usize::from(DROPPED.contains(&name));
        if self.looks.len() > 1 {
            self.looks.pop();
        }
    }

    fn look(&self) -> Look {
        self.looks.last().copied().unwrap_or_else(Look::page)
    }

    fn push(&mut self, text: &str) {
        if self.dropped > 0 {
            return;
        }
        let look = self.look();
        let hidden: Option<HiddenReason> = look.hidden();
        let run = Run { text: text.to_owned(), bold: look.bold, size: look.size, hidden };
        self.runs.push(run);
    }

    fn end_line(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if runs.iter().any(|run| !run.text.trim().is_empty()) {
            self.flow.paragraph(&runs, self.heading);
        }
    }
}

fn heading(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}
