//! PDF: pages of positioned words.
//!
//! Never reads metadata or notes beside the text; what is made unseen is kept apart.

mod align;
mod bidi;
mod device;
mod gutter;
mod ink;
mod layers;
mod notes;
pub(super) mod order;
pub(super) mod page;
mod rail;
mod render;
pub(super) mod table;
mod weight;
pub(super) mod words;

use domain::{
    Refusal, Transcript,
    refusal::UnreadReason,
    summary::{HiddenReason, HiddenText, UnreadPage},
};
use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page, xref::XRef},
    interpret_page,
    kurbo::Rect,
};

pub use self::render::{render_pgm, render_png};
use self::{
    device::{Canvas, Drawn},
    page::Writer,
};
use crate::{
    document::Document,
    format::Format,
    read::{MAX_GLYPHS, MAX_PAGES, hidden::Hidden, letters},
};

/// The end of the file is within so many last bytes; some programs append rubbish.
const TAIL: usize = 4096;

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
        let canvas = layers::shown(page, &cache, left);
        if canvas.overflow {
            return Err(Refusal::TooComplex);
        }
        left -= canvas.glyphs.len();
        let off = layers::off(page, &cache, &canvas, left)?;
        left -= off.len();
        document.hidden.extend(undrawn(number, page, &off));
        block = take(&mut document, number, page, &canvas, block);
    }
    Ok(document)
}

/// Opens a PDF and counts its pages.
///
/// # Errors
/// As [`read`].
pub fn open(bytes: &[u8]) -> Result<Pdf, Refusal> {
    if is_cut_off(bytes) {
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

/// A PDF ends by saying where its index is, and that it ends. Without both the rest of the file is
/// missing too, and with it perhaps half of a CV.
fn is_cut_off(bytes: &[u8]) -> bool {
    let tail = bytes.len().saturating_sub(TAIL);
    let holds = |mark: &[u8]| bytes[tail..].windows(mark.len()).any(|window| window == mark);
    let ends_with_trailer = holds(b"trailer") && bytes.trim_ascii_end().ends_with(b">>");
    !holds(b"startxref") && !holds(b"%%EOF") && !ends_with_trailer
}

/// What a viewer does not draw at all.
fn undrawn<'a>(number: u32, page: &'a Page<'a>, off: &[Drawn]) -> Vec<HiddenText> {
    let mut hidden = Hidden::new(number);
    for glyph in off {
        hidden.glyph(HiddenReason::Invisible, glyph.text.as_deref(), glyph.body());
    }
    let mut texts = hidden.into_texts();
    let mut noted = Hidden::new(number);
    for text in notes::unseen(page) {
        noted.text(HiddenReason::Smuggled, &letters::smuggled(&text));
        noted.text(HiddenReason::Invisible, &letters::plain(&text));
    }
    texts.extend(noted.into_texts());
    texts
}

/// Draws `content` of the page, with the layers that are on by the catalogue of the file `layers`.
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

/// Adds one page to `document`; gives the number of the next block.
fn take(document: &mut Document, number: u32, page: &Page<'_>, canvas: &Canvas, block: u32) -> u32 {
    let area = area(page);
    let mut hidden = Hidden::new(number);
    let mut layer = Hidden::new(number);
    let mut seen: Vec<&Drawn> = Vec::new();
    let scan = is_scan(canvas, area);
    for glyph in &canvas.glyphs {
        match ink::hidden(glyph, canvas, area) {
            None => seen.push(glyph),
            // The text layer of a scan is not hidden text; nor is it read, for it may say
            // anything.
            Some(HiddenReason::Invisible) if scan && glyph.invisible => {
                layer.glyph(HiddenReason::Invisible, glyph.text.as_deref(), glyph.body())
            }
            Some(reason) => hidden.glyph(reason, glyph.text.as_deref(), glyph.body()),
        }
    }
    let seen = once(seen);
    let letters = seen.iter().filter(|glyph| !glyph.is_space()).count();
    let wide = |glyph: &&&Drawn| (glyph.end.x - glyph.origin.x).abs() >= 0.02 * glyph.size;
    let unmapped = seen.iter().filter(|glyph| glyph.text.is_none()).filter(wide).count();
    let unread = match () {
        () if letters == 0 && !canvas.pictures.is_empty() => Some(UnreadReason::Picture),
        () if letters == 0 => Some(UnreadReason::Blank),
        () if unmapped * 20 > letters => Some(UnreadReason::UnmappedFont),
        () => None,
    };
    document.hidden.extend(hidden.into_texts());
    document.layers.extend(layer.into_texts());
    let writer = Writer::new(number, area, block);
    let pieces = match unread {
        Some(reason) => {
            document.unread.push(UnreadPage { page: number, reason });
            Vec::new()
        }
        None => order::reading_order(words::pieces(&seen), &canvas.rules),
    };
    let (page, lines, next) = writer.write(pieces);
    document.transcript.pages.push(page);
    document.lines.extend(lines);
    next
}

/// Whether one picture covers most of the page.
fn is_scan(canvas: &Canvas, area: Rect) -> bool {
    canvas.pictures.iter().any(|picture| picture.intersect(area).area() > 0.6 * area.area())
}

/// Without glyphs drawn twice at one place, as some programs do to embolden.
fn once(glyphs: Vec<&Drawn>) -> Vec<&Drawn> {
    let mut places = std::collections::HashSet::new();
    let first = |glyph: &&Drawn| {
        let place = |number: f64| (number / (0.12 * glyph.size).max(0.1)).round().to_bits();
        let size = glyph.size.to_bits();
        places.insert((glyph.text.clone(), size, place(glyph.origin.x), place(glyph.origin.y)))
    };
    glyphs.into_iter().filter(first).collect()
}
