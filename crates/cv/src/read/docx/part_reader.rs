//! Reads the paragraphs of one part of a DOCX package in order.

use domain::Refusal;

use super::{
    styles::Styles,
    text_style::{TextStyle, parse_shading},
};
use crate::read::{
    color::{self, Color},
    document_builder::{DocumentBuilder, Run},
    xml::{Attributes, XmlEvent, walk},
};

/// Elements whose content is not text of the document: a second version of the same drawing, deleted
/// text, field codes, ruby, positions.
const SKIPPED_ELEMENTS: [&str; 8] =
    ["Fallback", "del", "moveFrom", "instrText", "delText", "rubyPr", "posOffset", "sectPr"];

/// An open paragraph.
#[derive(Default)]
struct Paragraph {
    runs: Vec<Run>,
    style: Option<String>,
    outline: u8,
    background: Option<Color>,
}

/// Adds the text of one part to a document.
pub struct PartReader<'a> {
    styles: &'a Styles,
    builder: &'a mut DocumentBuilder,
    /// The open paragraphs, the innermost last: text boxes are within paragraphs.
    paragraphs: Vec<Paragraph>,
    /// The backgrounds of the open page, cells and boxes, the innermost last.
    backgrounds: Vec<Color>,
    text_style: TextStyle,
    in_run_properties: bool,
    in_paragraph_properties: bool,
    in_text: bool,
    skipped_depth: usize,
    shape_fill: Color,
    in_line_properties: bool,
}

impl<'a> PartReader<'a> {
    /// Creates a reader that adds to `builder`.
    pub fn new(styles: &'a Styles, builder: &'a mut DocumentBuilder) -> Self {
        Self {
            styles,
            builder,
            paragraphs: Vec::new(),
            backgrounds: vec![Color::WHITE],
            text_style: TextStyle::default(),
            in_run_properties: false,
            in_paragraph_properties: false,
            in_text: false,
            skipped_depth: 0,
            shape_fill: Color::WHITE,
            in_line_properties: false,
        }
    }

    /// Reads the part `xml`.
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
            XmlEvent::Text(text) if self.in_text => self.push(&text),
            XmlEvent::Text(_) => {}
        })
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "pPr" => self.in_paragraph_properties = true,
            "rPr" => self.in_run_properties = true,
            "r" => self.text_style = TextStyle::default(),
            "t" => self.in_text = true,
            "tab" | "ptab" if !self.in_paragraph_properties => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "tr" => self.builder.begin_row(),
            "tbl" | "tc" | "txbxContent" => self.begin_container(name),
            "tblStyle" if self.styles.has_shading(attributes.get("val").unwrap_or_default()) => {
                self.set_ground(Color::Unknown);
            }
            "ln" => self.in_line_properties = true,
            "wsp" | "shape" | "rect" | "roundrect" => self.shape(attributes),
            "srgbClr" if !self.in_line_properties => {
                self.shape_fill = attributes.get("val").and_then(color::parse).unwrap_or(Color::Unknown);
            }
            "schemeClr" | "gradFill" | "blipFill" if !self.in_line_properties => {
                self.shape_fill = Color::Unknown;
            }
            _ => self.apply_property(name, attributes),
        }
    }

    fn apply_property(&mut self, name: &str, attributes: &Attributes) {
        if self.in_run_properties && !self.in_paragraph_properties {
            if name == "rStyle" {
                self.text_style = self.styles.text_style(attributes.get("val")).overridden_by(self.text_style);
            }
            self.text_style.apply(name, attributes);
            return;
        }
        if self.in_paragraph_properties {
            self.apply_paragraph_property(name, attributes);
        } else if name == "shd"
            && let Some(fill) = parse_shading(attributes)
        {
            self.set_ground(fill);
        }
    }

    fn apply_paragraph_property(&mut self, name: &str, attributes: &Attributes) {
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let value = attributes.get("val");
        match name {
            "pStyle" => paragraph.style = value.map(str::to_owned),
            "outlineLvl" => {
                let level = value.and_then(|level| level.parse().ok()).filter(|level| *level < 9);
                paragraph.outline = level.map_or(0, |level: u8| level + 1);
            }
            "shd" if !self.in_run_properties => paragraph.background = parse_shading(attributes),
            _ => {}
        }
    }

    fn shape(&mut self, attributes: &Attributes) {
        let fill = attributes.get("fillcolor").map(|fill| color::parse(fill).unwrap_or(Color::Unknown));
        self.shape_fill = fill.unwrap_or(Color::WHITE);
    }

    fn begin_container(&mut self, name: &str) {
        let background = if name == "txbxContent" { self.shape_fill } else { self.background() };
        self.backgrounds.push(background);
        if name == "tc" {
            self.builder.begin_cell();
        }
        self.builder.end_block();
    }

    fn background(&self) -> Color {
        self.backgrounds.last().copied().unwrap_or(Color::WHITE)
    }

    fn set_ground(&mut self, color: Color) {
        if let Some(background) = self.backgrounds.last_mut() {
            *background = color;
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "pPr" => self.in_paragraph_properties = false,
            "rPr" => self.in_run_properties = false,
            "t" => self.in_text = false,
            "ln" => self.in_line_properties = false,
            "tr" => self.builder.end_row(),
            "tbl" | "tc" | "txbxContent" => {
                if self.backgrounds.len() > 1 {
                    self.backgrounds.pop();
                }
                self.builder.end_block();
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        let background = self.background();
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        let style = self.styles.text_style(paragraph.style.as_deref());
        let text_style = style.overridden_by(self.text_style);
        paragraph.runs.push(Run {
            text: text.to_owned(),
            bold: text_style.bold == Some(true),
            size: text_style.size.unwrap_or(11.0),
            hidden: text_style.hidden_reason(paragraph.background.unwrap_or(background)),
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
        self.builder.add_paragraph(&paragraph.runs, heading);
    }
}
