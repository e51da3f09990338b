//! One part of a DOCX: its paragraphs in order.

use domain::Refusal;

use super::{
    look::{Look, shading},
    styles::Styles,
};
use crate::read::{
    color::{self, Color},
    flow::{Flow, Run},
    xml::{Attributes, Step, walk},
};

/// Elements whose text is no text of the document: a second version of the same drawing, deleted
/// text, field codes, ruby, positions.
const SKIPPED: [&str; 8] = ["Fallback", "del", "moveFrom", "instrText", "delText", "rubyPr", "posOffset", "sectPr"];

/// A paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    runs: Vec<Run>,
    style: Option<String>,
    outline: u8,
    ground: Option<Color>,
}

/// Reads one part.
pub struct Part<'a> {
    styles: &'a Styles,
    flow: &'a mut Flow,
    /// Text boxes lie within paragraphs.
    paragraphs: Vec<Paragraph>,
    /// What lies behind the text: page, cells, boxes.
    grounds: Vec<Color>,
    look: Look,
    in_run_properties: bool,
    in_paragraph_properties: bool,
    in_text: bool,
    skipping: usize,
    shape: Color,
    in_line_properties: bool,
}

impl<'a> Part<'a> {
    /// A reader that adds to `flow`.
    pub fn new(styles: &'a Styles, flow: &'a mut Flow) -> Self {
        Self {
            styles,
            flow,
            paragraphs: Vec::new(),
            grounds: vec![Color::WHITE],
            look: Look::default(),
            in_run_properties: false,
            in_paragraph_properties: false,
            in_text: false,
            skipping: 0,
            shape: Color::WHITE,
            in_line_properties: false,
        }
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
            Step::Text(text) if self.in_text => self.push(&text),
            Step::Text(_) => {}
        })
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "pPr" => self.in_paragraph_properties = true,
            "rPr" => self.in_run_properties = true,
            "r" => self.look = Look::default(),
            "t" => self.in_text = true,
            "tab" | "ptab" if !self.in_paragraph_properties => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "tr" => self.flow.begin_row(),
            "tbl" | "tc" | "txbxContent" => self.enter(name),
            "tblStyle" if self.styles.shades(attributes.of("val").unwrap_or_default()) => {
                self.set_ground(Color::Unknown);
            }
            "ln" => self.in_line_properties = true,
            "wsp" | "shape" | "rect" | "roundrect" => self.shape(attributes),
            "srgbClr" if !self.in_line_properties => {
                self.shape = attributes.of("val").and_then(color::parse).unwrap_or(Color::Unknown);
            }
            "schemeClr" | "gradFill" | "blipFill" if !self.in_line_properties => {
                self.shape = Color::Unknown;
            }
            _ => self.property(name, attributes),
        }
    }

    fn property(&mut self, name: &str, attributes: &Attributes) {
        if self.in_run_properties && !self.in_paragraph_properties {
            if name == "rStyle" {
                self.look = self.styles.look(attributes.of("val")).then(self.look);
            }
            self.look.take(name, attributes);
            return;
        }
        if self.in_paragraph_properties {
            self.paragraph_property(name, attributes);
        } else if name == "shd"
            && let Some(fill) = shading(attributes)
        {
            self.set_ground(fill);
        }
    }

    fn paragraph_property(&mut self, name: &str, attributes: &Attributes) {
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let value = attributes.of("val");
        match name {
            "pStyle" => paragraph.style = value.map(str::to_owned),
            "outlineLvl" => {
                let level = value.and_then(|level| level.parse().ok()).filter(|level| *level < 9);
                paragraph.outline = level.map_or(0, |level: u8| level + 1);
            }
            "shd" if !self.in_run_properties => paragraph.ground = shading(attributes),
            _ => {}
        }
    }

    fn shape(&mut self, attributes: &Attributes) {
        let fill = attributes.of("fillcolor").map(|fill| color::parse(fill).unwrap_or(Color::Unknown));
        self.shape = fill.unwrap_or(Color::WHITE);
    }

    fn enter(&mut self, name: &str) {
        let ground = if name == "txbxContent" { self.shape } else { self.ground() };
        self.grounds.push(ground);
        if name == "tc" {
            self.flow.begin_cell();
        }
        self.flow.end_block();
    }

    fn ground(&self) -> Color {
        self.grounds.last().copied().unwrap_or(Color::WHITE)
    }

    fn set_ground(&mut self, color: Color) {
        if let Some(ground) = self.grounds.last_mut() {
            *ground = color;
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "pPr" => self.in_paragraph_properties = false,
            "rPr" => self.in_run_properties = false,
            "t" => self.in_text = false,
            "ln" => self.in_line_properties = false,
            "tr" => self.flow.end_row(),
            "tbl" | "tc" | "txbxContent" => {
                if self.grounds.len() > 1 {
                    self.grounds.pop();
                }
                self.flow.end_block();
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        let ground = self.ground();
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let style = self.styles.look(paragraph.style.as_deref());
        let look = style.then(self.look);
        paragraph.runs.push(Run {
            text: text.to_owned(),
            bold: look.bold == Some(true),
            size: look.size.unwrap_or(11.0),
            hidden: look.hidden(paragraph.ground.unwrap_or(ground)),
        });
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else {
            return;
        };
        let heading = match paragraph.outline {
            0 => self.styles.heading(paragraph.style.as_deref()),
            level => level,
        };
        self.flow.paragraph(&paragraph.runs, heading);
    }
}
