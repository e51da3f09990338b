//! A page as a picture.

use domain::Refusal;
use hayro::{PixmapSettings, RenderCache, RenderSettings, vello_cpu::color::palette::css::WHITE};
use hayro_interpret::InterpreterSettings;

/// The widest and highest picture in pixels.
const LARGEST: f32 = 4_000.0;

/// Page `number`, counted from 1, as a PNG `width` pixels wide.
///
/// # Errors
/// As [`super::open`]; [`Refusal::NoPages`] where there is no such page.
pub fn render(bytes: &[u8], number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    let wanted = width.clamp(16, 2_000) as f32;
    let pixels = draw(bytes, number, |across| wanted / across.max(1.0))?;
    pixels.into_png().map_err(|_| Refusal::TooComplex)
}

/// Page `number` as a PGM of 300 pixels an inch: what recognition is trained on.
///
/// # Errors
/// As [`render`].
pub fn grey(bytes: &[u8], number: u32) -> Result<Vec<u8>, Refusal> {
    let pixels = draw(bytes, number, |_| 300.0 / 72.0)?;
    let grey = pixels.data().iter().map(|pixel| {
        let light = 299 * u32::from(pixel.r) + 587 * u32::from(pixel.g) + 114 * u32::from(pixel.b);
        u8::try_from(light / 1_000).unwrap_or(u8::MAX)
    });
    let mut pgm = format!("P5\n{} {}\n255\n", pixels.width(), pixels.height()).into_bytes();
    pgm.extend(grey);
    Ok(pgm)
}

fn draw(bytes: &[u8], number: u32, scale: impl Fn(f32) -> f32) -> Result<hayro::vello_cpu::Pixmap, Refusal> {
    let pdf = super::open(bytes)?;
    let at = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
    let page = pdf.pages().get(at).ok_or(Refusal::NoPages)?;
    let (across, down) = page.render_dimensions();
    let scale = scale(across).min(LARGEST / down.max(1.0)).min(LARGEST / across.max(1.0));
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    Ok(hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &settings))
}
