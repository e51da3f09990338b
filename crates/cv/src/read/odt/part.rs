//! One part of an ODT: the paragraphs within one kind of element.

use domain::Refusal;

use super::styles::{Look, Styles};
use crate::read::{
    flow::{Flow, Run},
    xml::{Attributes, Step, walk},
};

/// Elements whose text is no text of the document.
const SKIPPED: [&str; 8] =
    ["annotation", "tracked-changes", "sequence-decls", "variable-decls", "forms", "desc", "title", "binary-data"];

#[derive(Default)]
struct Paragraph {
    runs: Vec<Run>,
    heading: u8,
}

/// Reads one part.
pub struct Part<'a> {
    styles: &'a Styles,
    flow: &'a mut Flow,
    /// Only what lies within elements of this name is read.
    within: &'static str,
    inside: usize,
    skipping: usize,
    /// Text boxes lie within paragraphs.
    paragraphs: Vec<Paragraph>,
    looks: Vec<Look>,
}

impl<'a> Part<'a> {
    /// A reader of the elements `within` that adds to `flow`.
    pub fn new(styles: &'a Styles, flow: &'a mut Flow, within: &'static str) -> Self {
        let looks = vec![styles.look(Some("Standard"))];
        Self { styles, flow, within, inside: 0, skipping: 0, paragraphs: Vec::new(), looks }
    }

    /// Reads the part `xml`.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn read(mut self, xml: &[u8]) -> Result<(), Refusal> {
        walk(xml, |step| match step {
            Step::Start(name, _) if SKIPPED.contains(&name.as_str()) => self.skipping += 1,
            Step::End(name) if SKIPPED.contains(&name.as_str()) => self.skipping -= 1,
            _ if self.skipping > 0 => {}
            Step::Start(name, attributes) => self.start(&name, &attributes),
            Step::End(name) => self.end(&name),
            Step::Text(text) => self.push(&text.replace(['\n', '\r', '\t'], " ")),
        })
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        let look = self.look().then(self.styles.look(attributes.of("style-name")));
        self.looks.push(look);
        self.inside += usize::from(name == self.within);
        match name {
            "p" | "h" => {
                let level = attributes.of("outline-level").and_then(|level| level.parse().ok());
                let heading = if name == "h" { level.unwrap_or(1) } else { title(attributes) };
                self.paragraphs.push(Paragraph { runs: Vec::new(), heading });
            }
            "s" => {
                let count = attributes.of("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.push(if count > 3_usize { "\t" } else { " " });
            }
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "table-row" => self.flow.begin_row(),
            "table-cell" => self.flow.begin_cell(),
            "text-box" => self.flow.end_block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.looks.len() > 1 {
            self.looks.pop();
        }
        self.inside = self.inside.saturating_sub(usize::from(name == self.within));
        match name {
            "p" | "h" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(&paragraph);
                }
            }
            "table-row" => self.flow.end_row(),
            "table-cell" | "text-box" => self.flow.end_block(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self, paragraph: &Paragraph) {
        if self.inside > 0 {
            self.flow.paragraph(&paragraph.runs, paragraph.heading);
        }
    }

    fn look(&self) -> Look {
        self.looks.last().copied().unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        let look = self.look();
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        paragraph.runs.push(Run {
            text: text.to_owned(),
            bold: look.bold == Some(true),
            size: look.size.unwrap_or(12.0),
            hidden: look.hidden(),
        });
    }
}

fn title(attributes: &Attributes) -> u8 {
    u8::from(attributes.of("style-name") == Some("Title"))
}
