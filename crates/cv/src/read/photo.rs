//! Photos and scans as PNG or JPEG: one page without text.

use std::io::Cursor;

use domain::{Page, Refusal, Transcript, refusal::UnreadReason, summary::UnreadPage};
use image::{DynamicImage, GrayImage, ImageReader, Limits, imageops::FilterType};

use crate::{document::Document, format::Format};

/// The width of A4 in points: pictures do not say how large the paper was.
const WIDTH: f32 = 595.0;
/// The widest and highest picture in pixels.
const LARGEST: u32 = 12_000;
/// A page of text needs so many pixels across and down to be legible.
const SMALLEST: u32 = 400;
/// What a picture may take while it is decoded, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;
/// So many pixels across are 300 an inch of A4.
const READ_ACROSS: u32 = 2_480;

/// Reads a picture: its size, and that its one page has no text.
///
/// # Errors
/// [`Refusal::WrongType`] for what is too small to show a page, [`Refusal::Damaged`] and
/// [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let picture = open(bytes)?;
    let scale = WIDTH / small(picture.width());
    let page = Page { number: 1, width: WIDTH, height: small(picture.height()) * scale, ..Page::default() };
    Ok(Document {
        format: Format::Picture,
        transcript: Transcript { pages: vec![page] },
        lines: Vec::new(),
        hidden: Vec::new(),
        unread: vec![UnreadPage { page: 1, reason: UnreadReason::Picture }],
        layers: Vec::new(),
        recognised: Vec::new(),
    })
}

/// The picture as a PNG `width` pixels wide.
///
/// # Errors
/// As [`read`]; [`Refusal::NoPages`] for any page but the first.
pub fn render(bytes: &[u8], number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    let picture = only(bytes, number)?;
    let scaled = picture.resize(width.clamp(16, 2_000), u32::MAX, FilterType::Triangle).into_rgb8();
    let mut png = Cursor::new(Vec::new());
    scaled.write_to(&mut png, image::ImageFormat::Png).map_err(|_| Refusal::TooComplex)?;
    Ok(png.into_inner())
}

/// The picture as a PGM of about 300 pixels an inch.
///
/// # Errors
/// As [`render`].
pub fn grey(bytes: &[u8], number: u32) -> Result<Vec<u8>, Refusal> {
    let picture = only(bytes, number)?;
    let wide = picture.width() > READ_ACROSS || picture.width() * 2 < READ_ACROSS;
    let scaled: GrayImage = match wide {
        true => picture.resize(READ_ACROSS, READ_ACROSS * 2, FilterType::Triangle).into_luma8(),
        false => picture.into_luma8(),
    };
    let mut pgm = format!("P5\n{} {}\n255\n", scaled.width(), scaled.height()).into_bytes();
    pgm.extend_from_slice(scaled.as_raw());
    Ok(pgm)
}

fn only(bytes: &[u8], number: u32) -> Result<DynamicImage, Refusal> {
    if number == 1 { open(bytes) } else { Err(Refusal::NoPages) }
}

fn open(bytes: &[u8]) -> Result<DynamicImage, Refusal> {
    let kind = if bytes.starts_with(b"\x89PNG") { "a PNG picture" } else { "a JPEG picture" };
    let no_page = || Refusal::WrongType { found: format!("{kind} that shows no legible page") };
    let size = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| no_page())?.into_dimensions();
    if size.map_or(true, |(width, height)| width < SMALLEST || height < SMALLEST) {
        return Err(no_page());
    }
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Refusal::Damaged)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Refusal::TooComplex,
        _ => Refusal::Damaged,
    })
}

fn small(pixels: u32) -> f32 {
    f32::from(u16::try_from(pixels.max(1)).unwrap_or(u16::MAX))
}
