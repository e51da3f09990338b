//! Applies RTF's control words to the text that follows.

use std::collections::HashMap;

use domain::{Refusal, notice::HiddenReason};
use encoding_rs::Encoding;

use crate::{
    document::Document,
    format::Format,
    read::{
        color::{self, Color},
        document_builder::{DocumentBuilder, Run},
    },
};

/// Destinations that hold no text of the document.
const SKIPPED_DESTINATIONS: [&str; 21] = [
    "info",
    "pict",
    "object",
    "themedata",
    "datastore",
    "generator",
    "fldinst",
    "listtable",
    "listoverridetable",
    "listtext",
    "pntext",
    "pntxta",
    "pntxtb",
    "revtbl",
    "rsidtbl",
    "xmlnstbl",
    "latentstyles",
    "annotation",
    "footnote",
    "bkmkstart",
    "nonshppict",
];
/// Optional destinations that hold text.
const KNOWN_DESTINATIONS: [&str; 3] = ["shpinst", "shptxt", "fldrslt"];

/// The state that a group inherits and that its end restores.
#[derive(Clone, Copy)]
pub struct GroupState {
    destination: Destination,
    bold: bool,
    size: f32,
    hidden: bool,
    /// Indices of the color table.
    color: usize,
    background: usize,
    cell_background: usize,
    encoding: &'static Encoding,
    /// How many bytes after a `\u` are a fallback for readers that do not support it.
    fallback_bytes: i32,
}

/// What the text of a group is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Destination {
    Text,
    Fonts,
    Colors,
    Styles,
    Ignored,
}

/// Turns tokens into a document.
pub struct Reader {
    state: GroupState,
    builder: DocumentBuilder,
    runs: Vec<Run>,
    pending_bytes: Vec<u8>,
    high_surrogate: Option<u16>,
    skipped_bytes: i32,
    /// Whether the group that has just begun may be skipped.
    is_optional: bool,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    colors: Vec<Option<[u8; 3]>>,
    color_entry: Option<[u8; 3]>,
    heading: u8,
    /// The style that is being defined.
    style: i32,
    /// The heading levels of the styles that were defined.
    headings: HashMap<i32, u8>,
    style_name: String,
    fallback_encoding: &'static Encoding,
}

impl Default for Reader {
    fn default() -> Self {
        let encoding = encoding_rs::WINDOWS_1252;
        let state = GroupState {
            destination: Destination::Text,
            bold: false,
            size: 12.0,
            hidden: false,
            color: 0,
            background: 0,
            cell_background: 0,
            encoding,
            fallback_bytes: 1,
        };
        Self {
            state,
            builder: DocumentBuilder::default(),
            runs: Vec::new(),
            pending_bytes: Vec::new(),
            high_surrogate: None,
            skipped_bytes: 0,
            is_optional: false,
            fonts: HashMap::new(),
            font: 0,
            colors: Vec::new(),
            color_entry: None,
            heading: 0,
            style: 0,
            headings: HashMap::new(),
            style_name: String::new(),
            fallback_encoding: encoding,
        }
    }
}

impl Reader {
    /// Begins a group and returns the state to restore at its end.
    #[must_use]
    pub fn begin_group(&mut self) -> GroupState {
        self.flush();
        self.is_optional = false;
        self.state
    }

    /// Ends a group and restores the state `outer`.
    pub fn end_group(&mut self, outer: GroupState) {
        self.flush();
        self.skipped_bytes = 0;
        if self.state.destination == Destination::Styles {
            self.end_style();
        }
        self.state = outer;
    }

    /// Marks the group that has just begun as one to skip unless its destination is known.
    pub fn mark_optional(&mut self) {
        self.is_optional = true;
    }

    /// Adds a byte of text; `is_escaped`: whether it was written as `\'xx`.
    pub fn byte(&mut self, byte: u8, is_escaped: bool) {
        if self.skipped_bytes > 0 {
            self.skipped_bytes -= 1;
            return;
        }
        match self.state.destination {
            Destination::Text => self.pending_bytes.push(byte),
            Destination::Styles => self.style_name.push(char::from(byte)),
            Destination::Colors if byte == b';' && !is_escaped => self.colors.push(self.color_entry.take()),
            _ => {}
        }
    }

    /// Applies a control word.
    pub fn control(&mut self, name: &str, number: Option<i32>) {
        let is_optional = std::mem::take(&mut self.is_optional);
        if self.state.destination == Destination::Ignored {
            return;
        }
        if SKIPPED_DESTINATIONS.contains(&name) || (is_optional && !KNOWN_DESTINATIONS.contains(&name)) {
            self.flush();
            self.state.destination = Destination::Ignored;
            return;
        }
        if name == "u" {
            self.unicode(number.unwrap_or(0));
            return;
        }
        self.flush();
        let value = number.unwrap_or(0);
        match self.state.destination {
            Destination::Fonts => self.font_control(name, value),
            Destination::Colors => self.color_control(name, value),
            Destination::Styles => self.style_control(name, value),
            _ => self.text_control(name, number),
        }
    }

    fn font_control(&mut self, name: &str, value: i32) {
        match name {
            "f" => self.font = value,
            "fcharset" => {
                let encoding = charset(value).unwrap_or(self.fallback_encoding);
                self.fonts.insert(self.font, encoding);
            }
            _ => {}
        }
    }

    fn style_control(&mut self, name: &str, value: i32) {
        match name {
            "s" => self.style = value,
            "outlinelevel" => {
                let level = u8::try_from(value.saturating_add(1)).unwrap_or(0);
                self.headings.insert(self.style, level);
            }
            _ => {}
        }
    }

    /// Records the level of a style that is called "Heading 2" or "Title".
    fn end_style(&mut self) {
        let name = std::mem::take(&mut self.style_name).to_lowercase();
        let level = name.trim().trim_end_matches(';').strip_prefix("heading").map(str::trim);
        match level.and_then(|level| level.parse().ok()) {
            Some(level @ 1..=9) => {
                self.headings.insert(self.style, level);
            }
            _ if name.trim() == "title;" => {
                self.headings.insert(self.style, 1);
            }
            _ => {}
        }
    }

    fn color_control(&mut self, name: &str, value: i32) {
        let value = u8::try_from(value).unwrap_or(0);
        let mut rgb = self.color_entry.unwrap_or_default();
        match name {
            "red" => rgb[0] = value,
            "green" => rgb[1] = value,
            "blue" => rgb[2] = value,
            _ => return,
        }
        self.color_entry = Some(rgb);
    }

    fn text_control(&mut self, name: &str, number: Option<i32>) {
        let on = number != Some(0);
        let index = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
        match name {
            "fonttbl" => self.state.destination = Destination::Fonts,
            "stylesheet" => self.state.destination = Destination::Styles,
            "s" => self.heading = self.headings.get(&number.unwrap_or(0)).copied().unwrap_or(0),
            "colortbl" => self.state.destination = Destination::Colors,
            "ansicpg" => self.set_code_page(number.unwrap_or(0)),
            "mac" => self.state.encoding = encoding_rs::MACINTOSH,
            "f" | "af" => self.use_font(number.unwrap_or(0)),
            "b" => self.state.bold = on,
            "fs" => self.state.size = f32::from(u16::try_from(index).unwrap_or(24)) / 2.0,
            "v" => self.state.hidden = on,
            "deleted" if on => self.state.hidden = true,
            "cf" => self.state.color = index,
            "cb" | "chcbpat" | "highlight" | "cbpat" => self.state.background = index,
            "clcbpat" => self.state.cell_background = index,
            "uc" => self.state.fallback_bytes = number.unwrap_or(1),
            "plain" => self.reset_style(),
            "pard" => self.heading = 0,
            "outlinelevel" => self.heading = u8::try_from(index.saturating_add(1)).unwrap_or(0),
            "par" | "sect" | "page" | "line" => self.end_line(),
            "trowd" => {
                self.state.cell_background = 0;
                self.builder.end_block();
            }
            "cell" | "nestcell" | "row" | "nestrow" | "shptxt" => {
                self.end_line();
                self.builder.end_block();
            }
            _ => self.symbol(name),
        }
    }

    fn symbol(&mut self, name: &str) {
        let letter = match name {
            "tab" => "\t",
            "~" | "emspace" | "enspace" | "qmspace" => " ",
            "_" | "endash" => {
                if name == "_" {
                    "-"
                } else {
                    "–"
                }
            }
            "emdash" => "—",
            "bullet" => "•",
            "lquote" => "‘",
            "rquote" => "’",
            "ldblquote" => "“",
            "rdblquote" => "”",
            _ => return,
        };
        self.push(letter.to_owned());
    }

    fn reset_style(&mut self) {
        self.state.bold = false;
        self.state.hidden = false;
        self.state.color = 0;
        self.state.size = 12.0;
    }

    fn set_code_page(&mut self, number: i32) {
        let encoding = match number {
            65001 => Some(encoding_rs::UTF_8),
            932 => Some(encoding_rs::SHIFT_JIS),
            936 => Some(encoding_rs::GBK),
            949 => Some(encoding_rs::EUC_KR),
            950 => Some(encoding_rs::BIG5),
            10000 => Some(encoding_rs::MACINTOSH),
            _ => Encoding::for_label(format!("windows-{number}").as_bytes()),
        };
        self.fallback_encoding = encoding.unwrap_or(self.fallback_encoding);
        self.state.encoding = self.fallback_encoding;
    }

    fn use_font(&mut self, number: i32) {
        self.state.encoding = self.fonts.get(&number).copied().unwrap_or(self.fallback_encoding);
    }

    /// Adds a UTF-16 code unit, given as a signed number.
    fn unicode(&mut self, number: i32) {
        self.flush();
        self.skipped_bytes = self.state.fallback_bytes;
        if self.state.destination != Destination::Text {
            return;
        }
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or(0);
        let high = self.high_surrogate.take();
        match (high, unit) {
            (_, 0xD800..=0xDBFF) => self.high_surrogate = Some(unit),
            (Some(high), 0xDC00..=0xDFFF) => self.push(String::from_utf16_lossy(&[high, unit])),
            _ => self.push(String::from_utf16_lossy(&[unit])),
        }
    }

    /// Decodes the pending bytes, several of which may form one letter.
    fn flush(&mut self) {
        if self.pending_bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending_bytes);
        let text = self.state.encoding.decode_without_bom_handling(&bytes).0.into_owned();
        self.push(text);
    }

    fn push(&mut self, text: String) {
        let GroupState { bold, size, .. } = self.state;
        self.runs.push(Run { text, bold, size, hidden: self.hidden_reason() });
    }

    fn hidden_reason(&self) -> Option<HiddenReason> {
        let table_color = |index: usize| self.colors.get(index).copied().flatten().map(Color::Rgb);
        let background =
            table_color(self.state.background).or(table_color(self.state.cell_background)).unwrap_or(Color::WHITE);
        match () {
            () if self.state.hidden => Some(HiddenReason::Invisible),
            () if self.state.size < 3.0 => Some(HiddenReason::Tiny),
            () if table_color(self.state.color).is_some_and(|color| color::is_indistinguishable(color, background)) => {
                Some(HiddenReason::NoInk)
            }
            () => None,
        }
    }

    fn end_line(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        self.builder.add_paragraph(&runs, self.heading);
    }

    /// Returns the document.
    ///
    /// # Errors
    /// As [`DocumentBuilder::finish`].
    pub fn finish(mut self) -> Result<Document, Refusal> {
        self.flush();
        self.end_line();
        self.builder.finish(Format::Rtf)
    }
}

/// The encoding of a font's character set, by Windows' numbers.
fn charset(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        0 => encoding_rs::WINDOWS_1252,
        77 => encoding_rs::MACINTOSH,
        128 => encoding_rs::SHIFT_JIS,
        129 => encoding_rs::EUC_KR,
        134 => encoding_rs::GBK,
        136 => encoding_rs::BIG5,
        161 => encoding_rs::WINDOWS_1253,
        162 => encoding_rs::WINDOWS_1254,
        163 => encoding_rs::WINDOWS_1258,
        177 => encoding_rs::WINDOWS_1255,
        178 => encoding_rs::WINDOWS_1256,
        186 => encoding_rs::WINDOWS_1257,
        204 => encoding_rs::WINDOWS_1251,
        222 => encoding_rs::WINDOWS_874,
        238 => encoding_rs::WINDOWS_1250,
        _ => return None,
    })
}
