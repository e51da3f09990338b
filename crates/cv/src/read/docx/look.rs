//! How a run of a DOCX looks, as far as it matters to a reader of its text.

use domain::summary::HiddenReason;

use crate::read::{
    color::{self, Color},
    xml::Attributes,
};

/// Properties of a run; `None` is inherited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Bold.
    pub bold: Option<bool>,
    /// Size in points.
    pub size: Option<f32>,
    /// Marked as hidden.
    pub vanish: Option<bool>,
    /// Color of the letters.
    pub ink: Option<Color>,
    /// Color behind them.
    pub ground: Option<Color>,
}

impl Look {
    /// Takes one element of run properties.
    pub fn take(&mut self, name: &str, attributes: &Attributes) {
        let value = attributes.of("val");
        match name {
            "b" => self.bold = Some(on(value)),
            "vanish" | "webHidden" => self.vanish = Some(on(value)),
            "sz" => self.size = value.and_then(|half| half.parse::<f32>().ok()).map(|half| half / 2.0),
            "color" => self.ink = value.map(|value| themed(value, attributes.of("themeColor"))),
            "shd" => self.ground = shading(attributes),
            "highlight" => self.ground = Some(Color::Unknown),
            _ => {}
        }
    }

    /// This look, overridden by `other`.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        Self {
            bold: other.bold.or(self.bold),
            size: other.size.or(self.size),
            vanish: other.vanish.or(self.vanish),
            ink: other.ink.or(self.ink),
            ground: other.ground.or(self.ground),
        }
    }

    /// Why text of this look on `ground` cannot be seen.
    #[must_use]
    pub fn hidden(&self, ground: Color) -> Option<HiddenReason> {
        let ground = self.ground.unwrap_or(ground);
        match () {
            () if self.vanish == Some(true) => Some(HiddenReason::Invisible),
            () if self.size.is_some_and(|size| size < 3.0) => Some(HiddenReason::Tiny),
            () if self.ink.is_some_and(|ink| color::same(ink, ground)) => Some(HiddenReason::NoInk),
            () => None,
        }
    }
}

/// The fill of a `shd` element; `None` if it has none.
#[must_use]
pub fn shading(attributes: &Attributes) -> Option<Color> {
    let fill = attributes.of("fill").filter(|fill| *fill != "auto");
    if attributes.of("themeFill").is_some() {
        return Some(Color::Unknown);
    }
    fill.map(|fill| color::parse(fill).unwrap_or(Color::Unknown))
}

/// The first two theme colors that are white on white paper.
fn themed(value: &str, theme: Option<&str>) -> Color {
    match theme {
        Some("background1" | "light1") if value.eq_ignore_ascii_case("ffffff") => Color::WHITE,
        Some(_) if value.eq_ignore_ascii_case("ffffff") => Color::Unknown,
        _ => color::parse(value).unwrap_or(Color::Unknown),
    }
}

fn on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off" | "none"))
}
