//! What RTF's control words do to the text that follows.

use std::collections::HashMap;

use domain::{Refusal, summary::HiddenReason};
use encoding_rs::Encoding;

use crate::{
    document::Document,
    format::Format,
    read::{
        color::{self, Color},
        flow::{Flow, Run},
    },
};

/// Groups that hold no text of the document.
const SKIPPED: [&str; 21] = [
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
/// Optional groups that do hold text.
const KNOWN: [&str; 3] = ["shpinst", "shptxt", "fldrslt"];

/// What a group inherits.
#[derive(Clone, Copy)]
pub struct State {
    place: Place,
    bold: bool,
    size: f32,
    vanished: bool,
    ink: usize,
    ground: usize,
    cell: usize,
    encoding: &'static Encoding,
    /// How many letters follow a `\u` for readers that do not know it.
    fallback: i32,
}

/// What text means where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Fonts,
    Colors,
    Styles,
    Nothing,
}

/// Reads the tokens.
pub struct Reader {
    state: State,
    flow: Flow,
    runs: Vec<Run>,
    pending: Vec<u8>,
    high: Option<u16>,
    left: i32,
    skippable: bool,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    colors: Vec<Option<[u8; 3]>>,
    color: Option<[u8; 3]>,
    heading: u8,
    /// The style that is being defined, and the heading levels of those that were.
    style: i32,
    headings: HashMap<i32, u8>,
    style_name: String,
    fallback_encoding: &'static Encoding,
}

impl Default for Reader {
    fn default() -> Self {
        let encoding = encoding_rs::WINDOWS_1252;
        let state = State {
            place: Place::Text,
            bold: false,
            size: 12.0,
            vanished: false,
            ink: 0,
            ground: 0,
            cell: 0,
            encoding,
            fallback: 1,
        };
        Self {
            state,
            flow: Flow::default(),
            runs: Vec::new(),
            pending: Vec::new(),
            high: None,
            left: 0,
            skippable: false,
            fonts: HashMap::new(),
            font: 0,
            colors: Vec::new(),
            color: None,
            heading: 0,
            style: 0,
            headings: HashMap::new(),
            style_name: String::new(),
            fallback_encoding: encoding,
        }
    }
}

impl Reader {
    /// The state that a group will give back.
    #[must_use]
    pub fn state(&mut self) -> State {
        self.flush();
        self.skippable = false;
        self.state
    }

    /// A group ends.
    pub fn leave(&mut self, outer: State) {
        self.flush();
        self.left = 0;
        if self.state.place == Place::Styles {
            self.end_style();
        }
        self.state = outer;
    }

    /// The group that begins may be skipped if it is not known.
    pub fn skip_if_unknown(&mut self) {
        self.skippable = true;
    }

    /// A byte of text; `coded`: it was written as `\'xx`.
    pub fn byte(&mut self, byte: u8, coded: bool) {
        if self.left > 0 {
            self.left -= 1;
            return;
        }
        match self.state.place {
            Place::Text => self.pending.push(byte),
            Place::Styles => self.style_name.push(char::from(byte)),
            Place::Colors if byte == b';' && !coded => self.colors.push(self.color.take()),
            _ => {}
        }
    }

    /// A control word.
    pub fn word(&mut self, name: &str, number: Option<i32>) {
        let optional = std::mem::take(&mut self.skippable);
        if self.state.place == Place::Nothing {
            return;
        }
        if SKIPPED.contains(&name) || (optional && !KNOWN.contains(&name)) {
            self.flush();
            self.state.place = Place::Nothing;
            return;
        }
        if name == "u" {
            self.unicode(number.unwrap_or(0));
            return;
        }
        self.flush();
        let value = number.unwrap_or(0);
        match self.state.place {
            Place::Fonts => self.font_word(name, value),
            Place::Colors => self.color_word(name, value),
            Place::Styles => self.style_word(name, value),
            _ => self.text_word(name, number),
        }
    }

    fn font_word(&mut self, name: &str, value: i32) {
        match name {
            "f" => self.font = value,
            "fcharset" => {
                let encoding = charset(value).unwrap_or(self.fallback_encoding);
                self.fonts.insert(self.font, encoding);
            }
            _ => {}
        }
    }

    fn style_word(&mut self, name: &str, value: i32) {
        match name {
            "s" => self.style = value,
            "outlinelevel" => {
                let level = u8::try_from(value.saturating_add(1)).unwrap_or(0);
                self.headings.insert(self.style, level);
            }
            _ => {}
        }
    }

    /// Remembers the level of a style that is called "Heading 2".
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

    fn color_word(&mut self, name: &str, value: i32) {
        let value = u8::try_from(value).unwrap_or(0);
        let mut rgb = self.color.unwrap_or_default();
        match name {
            "red" => rgb[0] = value,
            "green" => rgb[1] = value,
            "blue" => rgb[2] = value,
            _ => return,
        }
        self.color = Some(rgb);
    }

    fn text_word(&mut self, name: &str, number: Option<i32>) {
        let on = number != Some(0);
        let index = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
        match name {
            "fonttbl" => self.state.place = Place::Fonts,
            "stylesheet" => self.state.place = Place::Styles,
            "s" => self.heading = self.headings.get(&number.unwrap_or(0)).copied().unwrap_or(0),
            "colortbl" => self.state.place = Place::Colors,
            "ansicpg" => self.code_page(number.unwrap_or(0)),
            "mac" => self.state.encoding = encoding_rs::MACINTOSH,
            "f" | "af" => self.use_font(number.unwrap_or(0)),
            "b" => self.state.bold = on,
            "fs" => self.state.size = f32::from(u16::try_from(index).unwrap_or(24)) / 2.0,
            "v" => self.state.vanished = on,
            "deleted" if on => self.state.vanished = true,
            "cf" => self.state.ink = index,
            "cb" | "chcbpat" | "highlight" | "cbpat" => self.state.ground = index,
            "clcbpat" => self.state.cell = index,
            "uc" => self.state.fallback = number.unwrap_or(1),
            "plain" => self.plain(),
            "pard" => self.heading = 0,
            "outlinelevel" => self.heading = u8::try_from(index.saturating_add(1)).unwrap_or(0),
            "par" | "sect" | "page" | "line" => self.end_line(),
            "trowd" => {
                self.state.cell = 0;
                self.flow.end_block();
            }
            "cell" | "nestcell" | "row" | "nestrow" | "shptxt" => {
                self.end_line();
                self.flow.end_block();
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

    fn plain(&mut self) {
        self.state.bold = false;
        self.state.vanished = false;
        self.state.ink = 0;
        self.state.size = 12.0;
    }

    fn code_page(&mut self, number: i32) {
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

    /// A UTF-16 unit, as a signed number.
    fn unicode(&mut self, number: i32) {
        self.flush();
        self.left = self.state.fallback;
        if self.state.place != Place::Text {
            return;
        }
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or(0);
        let high = self.high.take();
        match (high, unit) {
            (_, 0xD800..=0xDBFF) => self.high = Some(unit),
            (Some(high), 0xDC00..=0xDFFF) => self.push(String::from_utf16_lossy(&[high, unit])),
            _ => self.push(String::from_utf16_lossy(&[unit])),
        }
    }

    /// Decodes the bytes that have come together, several of which may be one letter.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let text = self.state.encoding.decode_without_bom_handling(&bytes).0.into_owned();
        self.push(text);
    }

    fn push(&mut self, text: String) {
        let State { bold, size, .. } = self.state;
        self.runs.push(Run { text, bold, size, hidden: self.hidden() });
    }

    fn hidden(&self) -> Option<HiddenReason> {
        let color = |index: usize| self.colors.get(index).copied().flatten().map(Color::Rgb);
        let ground = color(self.state.ground).or(color(self.state.cell)).unwrap_or(Color::WHITE);
        match () {
            () if self.state.vanished => Some(HiddenReason::Invisible),
            () if self.state.size < 3.0 => Some(HiddenReason::Tiny),
            () if color(self.state.ink).is_some_and(|ink| color::same(ink, ground)) => Some(HiddenReason::NoInk),
            () => None,
        }
    }

    fn end_line(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        self.flow.paragraph(&runs, self.heading);
    }

    /// The document.
    ///
    /// # Errors
    /// As [`Flow::finish`].
    pub fn finish(mut self) -> Result<Document, Refusal> {
        self.flush();
        self.end_line();
        self.flow.finish(Format::Rtf)
    }
}

/// The encoding of a font's character set (Windows' numbers).
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
