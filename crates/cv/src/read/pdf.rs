//! PDF: pages of positioned words.
//!
//! Ignores metadata and visible comments, and collects hidden text separately.

mod annotations;
mod bidi;
mod device;
mod glyph;
mod gutter;
mod label_column;
mod label_gaps;
mod layers;
pub(super) mod order;
pub(super) mod page;
mod render;
pub(super) mod table;
mod visibility;
mod weight;
pub(super) mod words;

use domain::{
    Refusal, Transcript,
    notice::{HiddenReason, UnreadReason},
    summary::{HiddenText, UnreadPage},
};
use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page, xref::XRef},
    interpret_page,
    kurbo::Rect,
};

pub use self::render::{render_pgm, render_png};
use self::{device::Canvas, glyph::Glyph, page::PageBuilder};
use crate::{
    document::Document,
    format::Format,
    limits::{MAX_GLYPHS, MAX_PAGES},
    read::{hidden_text::HiddenTextCollector, letters},
};

/// The end-of-file markers are searched in the last bytes of the file, because some programs append garbage.
const TAIL_BYTES: usize = 4096;

/// Reads a PDF.
///
/// # Errors
/// [`Refusal::Encrypted`], [`Refusal::Damaged`], [`Refusal::NoPages`],
/// [`Refusal::TooManyPages`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let pdf = open(bytes)?;
    let cache = InterpreterCache::new();
    let mut document = Document {
        format: Format::Pdf,
        transcript: Transcript::default(),
        lines: Vec::new(),
        hidden: Vec::new(),
        unread: Vec::new(),
        layers: Vec::new(),
        ocr_pages: Vec::new(),
    };
    let (mut left, mut block) = (MAX_GLYPHS, 0);
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        let canvas = layers::draw_visible(page, &cache, left);
        if canvas.overflow {
            return Err(Refusal::TooComplex);
        }
        left -= canvas.glyphs.len();
        let hidden = layers::draw_hidden(page, &cache, &canvas, left)?;
        left -= hidden.len();
        document.hidden.extend(undrawn_text(number, page, &hidden));
        block = add_page(&mut document, number, page, &canvas, block);
    }
    Ok(document)
}

/// Opens a PDF and checks that it has pages and not too many.
///
/// # Errors
/// As [`read`].
pub fn open(bytes: &[u8]) -> Result<Pdf, Refusal> {
    if is_truncated(bytes) {
        return Err(Refusal::Damaged);
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Refusal::Encrypted,
        LoadPdfError::Decryption(_) => Refusal::Encrypted,
        LoadPdfError::Invalid => Refusal::Damaged,
    })?;
    match pdf.pages().len() {
        0 => Err(Refusal::NoPages),
        pages if pages > MAX_PAGES as usize => Err(Refusal::TooManyPages { limit: MAX_PAGES }),
        _ => Ok(pdf),
    }
}

/// Whether the file lacks both the offset of its index and the end-of-file marker. Then more of it is
/// missing, perhaps half of a CV.
fn is_truncated(bytes: &[u8]) -> bool {
    let tail = bytes.len().saturating_sub(TAIL_BYTES);
    let contains = |mark: &[u8]| bytes[tail..].windows(mark.len()).any(|window| window == mark);
    let ends_with_trailer = contains(b"trailer") && bytes.trim_ascii_end().ends_with(b">>");
    !contains(b"startxref") && !contains(b"%%EOF") && !ends_with_trailer
}

/// The text that a viewer does not draw at all: `glyphs` on hidden layers, and hidden annotations.
fn undrawn_text<'a>(number: u32, page: &'a Page<'a>, glyphs: &[Glyph]) -> Vec<HiddenText> {
    let mut hidden = HiddenTextCollector::new(number);
    for glyph in glyphs {
        hidden.add_glyph(HiddenReason::Invisible, glyph.text.as_deref(), glyph.body());
    }
    let mut texts = hidden.into_texts();
    let mut in_annotations = HiddenTextCollector::new(number);
    for text in annotations::hidden_text(page) {
        in_annotations.add_text(HiddenReason::NoGlyph, &letters::tag_message(&text));
        in_annotations.add_text(HiddenReason::Invisible, &letters::normalize(&text));
    }
    texts.extend(in_annotations.into_texts());
    texts
}

/// Interprets `content` of the page. The catalog of the file `layers` decides which layers are visible.
fn draw<'a>(
    page: &'a Page<'a>,
    layers: &'a XRef,
    content: RenderContent,
    cache: &InterpreterCache<'a>,
    limit: usize,
) -> Canvas {
    let area = area(page);
    let transform = page.initial_transform(true).to_kurbo();
    let settings = InterpreterSettings { render_content: content, ..InterpreterSettings::default() };
    let mut context = Context::new(transform, area, cache, layers, settings);
    let mut canvas = Canvas::new(area, limit);
    interpret_page(page, &mut context, &mut canvas);
    canvas
}

fn area(page: &Page<'_>) -> Rect {
    let (width, height) = page.render_dimensions();
    Rect::new(0.0, 0.0, f64::from(width), f64::from(height))
}

/// Adds one page to `document` and returns the number of the next block.
fn add_page(document: &mut Document, number: u32, page: &Page<'_>, canvas: &Canvas, block: u32) -> u32 {
    let area = area(page);
    let mut hidden = HiddenTextCollector::new(number);
    let mut layer = HiddenTextCollector::new(number);
    let mut visible: Vec<&Glyph> = Vec::new();
    let is_scan = is_scan(canvas, area);
    for glyph in &canvas.glyphs {
        match visibility::hidden_reason(glyph, canvas, area) {
            None => visible.push(glyph),
            // The text layer of a scan is not hidden text; nor is it read, because it may say
            // anything.
            Some(HiddenReason::Invisible) if is_scan && glyph.invisible => {
                layer.add_glyph(HiddenReason::Invisible, glyph.text.as_deref(), glyph.body())
            }
            Some(reason) => hidden.add_glyph(reason, glyph.text.as_deref(), glyph.body()),
        }
    }
    let visible = without_overprints(visible);
    let letters = visible.iter().filter(|glyph| !glyph.is_space()).count();
    let has_width = |glyph: &&&Glyph| (glyph.end.x - glyph.origin.x).abs() >= 0.02 * glyph.size;
    let unmapped = visible.iter().filter(|glyph| glyph.text.is_none()).filter(has_width).count();
    let unread = match () {
        () if letters == 0 && !canvas.images.is_empty() => Some(UnreadReason::Picture),
        () if letters == 0 => Some(UnreadReason::Blank),
        () if unmapped * 20 > letters => Some(UnreadReason::UnmappedFont),
        () => None,
    };
    document.hidden.extend(hidden.into_texts());
    document.layers.extend(layer.into_texts());
    let builder = PageBuilder::new(number, area, block);
    let fragments = match unread {
        Some(reason) => {
            document.unread.push(UnreadPage { page: number, reason });
            Vec::new()
        }
        None => order::reading_order(words::fragments(&visible), &canvas.rulings),
    };
    let (page, lines, next) = builder.build(fragments);
    document.transcript.pages.push(page);
    document.lines.extend(lines);
    next
}

/// Whether one image covers most of the page.
fn is_scan(canvas: &Canvas, area: Rect) -> bool {
    canvas.images.iter().any(|image| image.intersect(area).area() > 0.6 * area.area())
}

/// Removes glyphs that are drawn again at the same place, as some programs do to embolden text.
fn without_overprints(glyphs: Vec<&Glyph>) -> Vec<&Glyph> {
    let mut drawn = std::collections::HashSet::new();
    let first = |glyph: &&Glyph| {
        let grid = |number: f64| (number / (0.12 * glyph.size).max(0.1)).round().to_bits();
        let size = glyph.size.to_bits();
        drawn.insert((glyph.text.clone(), size, grid(glyph.origin.x), grid(glyph.origin.y)))
    };
    glyphs.into_iter().filter(first).collect()
}
