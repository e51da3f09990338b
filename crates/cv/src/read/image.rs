//! Photos and scans as PNG or JPEG: one page without text.

use std::io::Cursor;

use domain::{Page, Refusal, Transcript, notice::UnreadReason, summary::UnreadPage};
use image::{DynamicImage, GrayImage, ImageReader, Limits, imageops::FilterType};

use crate::{document::Document, format::Format};

/// The width of A4 in points, because images do not say how large the paper was.
const PAGE_WIDTH: f32 = 595.0;
/// The maximum width and height in pixels.
const MAX_SIDE: u32 = 12_000;
/// The minimum width and height in pixels for a page of text to be legible.
const MIN_SIDE: u32 = 400;
/// The maximum memory that decoding may allocate, in bytes.
const MAX_DECODER_BYTES: u64 = 256 * 1024 * 1024;
/// The width in pixels of A4 at 300 pixels an inch.
const OCR_WIDTH: u32 = 2_480;

/// Reads an image: its size, and that its one page has no text.
///
/// # Errors
/// [`Refusal::WrongType`] for what is too small to show a page, [`Refusal::Damaged`] and
/// [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let image = decode(bytes)?;
    let scale = PAGE_WIDTH / to_f32(image.width());
    let page = Page { number: 1, width: PAGE_WIDTH, height: to_f32(image.height()) * scale, ..Page::default() };
    Ok(Document {
        format: Format::Image,
        transcript: Transcript { pages: vec![page] },
        lines: Vec::new(),
        hidden: Vec::new(),
        unread: vec![UnreadPage { page: 1, reason: UnreadReason::Picture }],
        layers: Vec::new(),
        ocr_pages: Vec::new(),
    })
}

/// Scales the image to a PNG `width` pixels wide, between 16 and 2,000.
///
/// # Errors
/// As [`read`]; [`Refusal::NoPages`] for any page but the first.
pub fn render_png(bytes: &[u8], number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    let image = decode_page(bytes, number)?;
    let scaled = image.resize(width.clamp(16, 2_000), u32::MAX, FilterType::Triangle).into_rgb8();
    let mut png = Cursor::new(Vec::new());
    scaled.write_to(&mut png, image::ImageFormat::Png).map_err(|_| Refusal::TooComplex)?;
    Ok(png.into_inner())
}

/// Converts the image to a PGM of about 300 pixels an inch.
///
/// # Errors
/// As [`render_png`].
pub fn render_pgm(bytes: &[u8], number: u32) -> Result<Vec<u8>, Refusal> {
    let image = decode_page(bytes, number)?;
    let needs_scaling = image.width() > OCR_WIDTH || image.width() * 2 < OCR_WIDTH;
    let scaled: GrayImage = match needs_scaling {
        true => image.resize(OCR_WIDTH, OCR_WIDTH * 2, FilterType::Triangle).into_luma8(),
        false => image.into_luma8(),
    };
    let mut pgm = format!("P5\n{} {}\n255\n", scaled.width(), scaled.height()).into_bytes();
    pgm.extend_from_slice(scaled.as_raw());
    Ok(pgm)
}

fn decode_page(bytes: &[u8], number: u32) -> Result<DynamicImage, Refusal> {
    if number == 1 { decode(bytes) } else { Err(Refusal::NoPages) }
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, Refusal> {
    let kind = if bytes.starts_with(b"\x89PNG") { "a PNG picture" } else { "a JPEG picture" };
    let no_page = || Refusal::WrongType { found: format!("{kind} that shows no legible page") };
    let size = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| no_page())?.into_dimensions();
    if size.map_or(true, |(width, height)| width < MIN_SIDE || height < MIN_SIDE) {
        return Err(no_page());
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Refusal::Damaged)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Refusal::TooComplex,
        _ => Refusal::Damaged,
    })
}

fn to_f32(pixels: u32) -> f32 {
    f32::from(u16::try_from(pixels.max(1)).unwrap_or(u16::MAX))
}
