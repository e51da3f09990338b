//! Plain text in any encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use domain::Refusal;

use super::document_builder::{DocumentBuilder, Run};
use crate::{
    document::Document,
    format::{Format, is_utf16},
};

/// Reads plain text.
///
/// # Errors
/// [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut builder = DocumentBuilder::default();
    let text = decode(bytes);
    let is_markdown = text.lines().filter(|line| markdown_heading(line).is_some()).count() >= MIN_MARKDOWN_HEADINGS;
    for line in text.lines() {
        let heading = markdown_heading(line).filter(|_| is_markdown);
        let (level, line) = heading.unwrap_or((0, line));
        let line = if is_markdown { line.replace("**", "") } else { line.to_owned() };
        builder.add_paragraph(&[Run { text: with_tabs(&line), ..Run::default() }], level);
    }
    builder.finish(Format::Text)
}

/// The minimum number of lines that look like Markdown headings for a text to be read as Markdown.
const MIN_MARKDOWN_HEADINGS: usize = 3;

/// Parses the level and the text of a Markdown heading: "## Experience".
fn markdown_heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = u8::try_from(line.len() - text.len()).ok().filter(|level| (1..=6).contains(level))?;
    let text = text.strip_prefix(' ')?.trim();
    text.starts_with(char::is_alphabetic).then_some((level, text))
}

/// Replaces three or more spaces within a line by a tab: they separate columns.
fn with_tabs(line: &str) -> String {
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

/// Decodes `bytes` by their byte order mark or else in the likeliest encoding.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or_else(|| utf16_encoding(bytes)).unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Allow)
    });
    encoding.decode(bytes).0.replace("\r\n", "\n").replace(['\r', '\u{c}', '\u{b}'], "\n")
}

fn utf16_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let is_big_endian = bytes.first() == Some(&0);
    is_utf16(bytes).then_some(if is_big_endian { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE })
}
