//! Plain text in any encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use domain::Refusal;

use super::flow::{Flow, Run};
use crate::{
    document::Document,
    format::{Format, is_utf16},
};

/// Reads plain text.
///
/// # Errors
/// [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut flow = Flow::default();
    let text = decode(bytes);
    let marked = text.lines().filter(|line| marked_heading(line).is_some()).count() >= FEWEST_MARKED;
    for line in text.lines() {
        let heading = marked_heading(line).filter(|_| marked);
        let (level, line) = heading.unwrap_or((0, line));
        let line = if marked { line.replace("**", "") } else { line.to_owned() };
        flow.paragraph(&[Run { text: with_columns(&line), ..Run::default() }], level);
    }
    flow.finish(Format::Text)
}

/// A text with as many lines that begin like headings of Markdown is Markdown.
const FEWEST_MARKED: usize = 3;

/// The level and the text of a heading of Markdown: "## Experience".
fn marked_heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = u8::try_from(line.len() - text.len()).ok().filter(|level| (1..=6).contains(level))?;
    let text = text.strip_prefix(' ')?.trim();
    text.starts_with(char::is_alphabetic).then_some((level, text))
}

/// Three spaces and more within a line part columns.
fn with_columns(line: &str) -> String {
    let mut columns = String::with_capacity(line.len());
    let mut spaces = 0;
    for letter in line.trim_end().chars() {
        match letter {
            ' ' => spaces += 1,
            _ => {
                let gap = if spaces >= 3 && !columns.is_empty() { "\t" } else { " " };
                columns.push_str(if spaces > 0 { gap } else { "" });
                columns.push(letter);
                spaces = 0;
            }
        }
    }
    columns
}

/// The letters of `bytes`, by byte order mark or else by the likeliest encoding.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or_else(|| utf16(bytes)).unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Allow)
    });
    encoding.decode(bytes).0.replace("\r\n", "\n").replace(['\r', '\u{c}', '\u{b}'], "\n")
}

fn utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let big = bytes.first() == Some(&0);
    is_utf16(bytes).then_some(if big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE })
}
