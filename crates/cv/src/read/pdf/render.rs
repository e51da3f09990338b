//! Renders a page as an image.

use domain::Refusal;
use hayro::{PixmapSettings, RenderCache, RenderSettings, vello_cpu::color::palette::css::WHITE};
use hayro_interpret::InterpreterSettings;

/// The maximum width and height of an image in pixels.
const MAX_SIDE: f32 = 4_000.0;
/// The resolution that OCR is trained on, in pixels a point: 300 an inch.
const OCR_SCALE: f32 = 300.0 / 72.0;

/// Renders page `number`, counted from 1, as a PNG `width` pixels wide, between 16 and 2,000.
///
/// # Errors
/// As [`super::open`]; [`Refusal::NoPages`] where there is no such page.
pub fn render_png(bytes: &[u8], number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    let width = width.clamp(16, 2_000) as f32;
    let pixels = render(bytes, number, |page_width| width / page_width.max(1.0))?;
    pixels.into_png().map_err(|_| Refusal::TooComplex)
}

/// Renders page `number`, counted from 1, as a PGM of 300 pixels an inch.
///
/// # Errors
/// As [`render_png`].
pub fn render_pgm(bytes: &[u8], number: u32) -> Result<Vec<u8>, Refusal> {
    let pixels = render(bytes, number, |_| OCR_SCALE)?;
    let gray = pixels.data().iter().map(|pixel| {
        let luminance = 299 * u32::from(pixel.r) + 587 * u32::from(pixel.g) + 114 * u32::from(pixel.b);
        u8::try_from(luminance / 1_000).unwrap_or(u8::MAX)
    });
    let mut pgm = format!("P5\n{} {}\n255\n", pixels.width(), pixels.height()).into_bytes();
    pgm.extend(gray);
    Ok(pgm)
}

/// Renders a page; `scale` maps its width in points to pixels a point.
fn render(bytes: &[u8], number: u32, scale: impl Fn(f32) -> f32) -> Result<hayro::vello_cpu::Pixmap, Refusal> {
    let pdf = super::open(bytes)?;
    let index = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
    let page = pdf.pages().get(index).ok_or(Refusal::NoPages)?;
    let (width, height) = page.render_dimensions();
    let scale = scale(width).min(MAX_SIDE / height.max(1.0)).min(MAX_SIDE / width.max(1.0));
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    Ok(hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &settings))
}
