//! The style of a run of a DOCX file, as far as the readers need it.

use domain::notice::HiddenReason;

use crate::read::{
    color::{self, Color},
    xml::Attributes,
};

/// Properties of a run; `None` means inherited.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextStyle {
    /// Whether it is bold.
    pub bold: Option<bool>,
    /// The font size in points.
    pub size: Option<f32>,
    /// Whether it is marked as hidden.
    pub vanish: Option<bool>,
    /// The color of the letters.
    pub color: Option<Color>,
    /// The color behind the letters.
    pub background: Option<Color>,
}

impl TextStyle {
    /// Applies the element `name` of a run's properties.
    pub fn apply(&mut self, name: &str, attributes: &Attributes) {
        let value = attributes.get("val");
        match name {
            "b" => self.bold = Some(is_on(value)),
            "vanish" | "webHidden" => self.vanish = Some(is_on(value)),
            "sz" => self.size = value.and_then(|half| half.parse::<f32>().ok()).map(|half| half / 2.0),
            "color" => self.color = value.map(|value| parse_themed(value, attributes.get("themeColor"))),
            "shd" => self.background = parse_shading(attributes),
            "highlight" => self.background = Some(Color::Unknown),
            _ => {}
        }
    }

    /// This style with the properties that `other` sets.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            bold: other.bold.or(self.bold),
            size: other.size.or(self.size),
            vanish: other.vanish.or(self.vanish),
            color: other.color.or(self.color),
            background: other.background.or(self.background),
        }
    }

    /// Why text of this style on `background` cannot be seen; `None` if it can.
    #[must_use]
    pub fn hidden_reason(&self, background: Color) -> Option<HiddenReason> {
        let background = self.background.unwrap_or(background);
        match () {
            () if self.vanish == Some(true) => Some(HiddenReason::Invisible),
            () if self.size.is_some_and(|size| size < 3.0) => Some(HiddenReason::Tiny),
            () if self.color.is_some_and(|color| color::is_indistinguishable(color, background)) => {
                Some(HiddenReason::NoInk)
            }
            () => None,
        }
    }
}

/// Parses the fill of a `shd` element; `None` if it has none.
#[must_use]
pub fn parse_shading(attributes: &Attributes) -> Option<Color> {
    let fill = attributes.get("fill").filter(|fill| *fill != "auto");
    if attributes.get("themeFill").is_some() {
        return Some(Color::Unknown);
    }
    fill.map(|fill| color::parse(fill).unwrap_or(Color::Unknown))
}

/// Parses a color that may come from a theme. A theme's first background color is the white of the paper.
fn parse_themed(value: &str, theme: Option<&str>) -> Color {
    match theme {
        Some("background1" | "light1") if value.eq_ignore_ascii_case("ffffff") => Color::WHITE,
        Some(_) if value.eq_ignore_ascii_case("ffffff") => Color::Unknown,
        _ => color::parse(value).unwrap_or(Color::Unknown),
    }
}

fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off" | "none"))
}
