//! Reads the paragraphs of an ODT file within one kind of element.

use domain::Refusal;

use super::styles::{Styles, TextStyle};
use crate::read::{
    document_builder::{DocumentBuilder, Run},
    xml::{Attributes, XmlEvent, walk},
};

/// Elements whose content is not text of the document.
const SKIPPED_ELEMENTS: [&str; 8] =
    ["annotation", "tracked-changes", "sequence-decls", "variable-decls", "forms", "desc", "title", "binary-data"];

#[derive(Default)]
struct Paragraph {
    runs: Vec<Run>,
    heading: u8,
}

/// Adds the text within one kind of element to a document.
pub struct ContentReader<'a> {
    styles: &'a Styles,
    builder: &'a mut DocumentBuilder,
    /// Only what is within elements of this name is read.
    within: &'static str,
    /// How many open elements have that name.
    within_depth: usize,
    skipped_depth: usize,
    /// The open paragraphs, the innermost last: text boxes are within paragraphs.
    paragraphs: Vec<Paragraph>,
    text_styles: Vec<TextStyle>,
}

impl<'a> ContentReader<'a> {
    /// Creates a reader of the elements named `within` that adds to `builder`.
    pub fn new(styles: &'a Styles, builder: &'a mut DocumentBuilder, within: &'static str) -> Self {
        let text_styles = vec![styles.text_style(Some("Standard"))];
        Self { styles, builder, within, within_depth: 0, skipped_depth: 0, paragraphs: Vec::new(), text_styles }
    }

    /// Reads the file `xml` of the archive.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn read(mut self, xml: &[u8]) -> Result<(), Refusal> {
        walk(xml, |event| match event {
            XmlEvent::Start(name, _) if SKIPPED_ELEMENTS.contains(&name.as_str()) => self.skipped_depth += 1,
            XmlEvent::End(name) if SKIPPED_ELEMENTS.contains(&name.as_str()) => self.skipped_depth -= 1,
            _ if self.skipped_depth > 0 => {}
            XmlEvent::Start(name, attributes) => self.start(&name, &attributes),
            XmlEvent::End(name) => self.end(&name),
            XmlEvent::Text(text) => self.push(&text.replace(['\n', '\r', '\t'], " ")),
        })
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        let text_style = self.text_style().overridden_by(self.styles.text_style(attributes.get("style-name")));
        self.text_styles.push(text_style);
        self.within_depth += usize::from(name == self.within);
        match name {
            "p" | "h" => {
                let level = attributes.get("outline-level").and_then(|level| level.parse().ok());
                let heading = if name == "h" { level.unwrap_or(1) } else { title_level(attributes) };
                self.paragraphs.push(Paragraph { runs: Vec::new(), heading });
            }
            "s" => {
                let count = attributes.get("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.push(if count > 3_usize { "\t" } else { " " });
            }
            "tab" => self.push("\t"),
            "line-break" => self.push("\n"),
            "table-row" => self.builder.begin_row(),
            "table-cell" => self.builder.begin_cell(),
            "text-box" => self.builder.end_block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.text_styles.len() > 1 {
            self.text_styles.pop();
        }
        self.within_depth = self.within_depth.saturating_sub(usize::from(name == self.within));
        match name {
            "p" | "h" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(&paragraph);
                }
            }
            "table-row" => self.builder.end_row(),
            "table-cell" | "text-box" => self.builder.end_block(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self, paragraph: &Paragraph) {
        if self.within_depth > 0 {
            self.builder.add_paragraph(&paragraph.runs, paragraph.heading);
        }
    }

    fn text_style(&self) -> TextStyle {
        self.text_styles.last().copied().unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        let text_style = self.text_style();
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        paragraph.runs.push(Run {
            text: text.to_owned(),
            bold: text_style.bold == Some(true),
            size: text_style.size.unwrap_or(12.0),
            hidden: text_style.hidden_reason(),
        });
    }
}

fn title_level(attributes: &Attributes) -> u8 {
    u8::from(attributes.get("style-name") == Some("Title"))
}
