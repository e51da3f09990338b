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
    let pdf = super::open(bytes)?;
    let at = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
    let page = pdf.pages().get(at).ok_or(Refusal::NoPages)?;
    let (across, down) = page.render_dimensions();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    let wanted = width.clamp(16, 2_000) as f32;
    let scale = (wanted / across.max(1.0)).min(LARGEST / down.max(1.0));
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let pixels = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    pixels.into_png().map_err(|_| Refusal::TooComplex)
}
