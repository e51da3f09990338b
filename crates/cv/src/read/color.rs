//! Colors of text and its background.

/// A color as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Red, green and blue, from 0 to 255.
    Rgb([u8; 3]),
    /// Fully transparent.
    Transparent,
    /// A pattern, a theme color or an image.
    Unknown,
}

impl Color {
    /// The color of paper.
    pub const WHITE: Self = Self::Rgb([255; 3]);
}

/// Colors that differ by less than this in every channel look the same.
const CHANNEL_THRESHOLD: u8 = 20;

/// Returns whether text of color `color` on `background` cannot be seen.
#[must_use]
pub fn is_indistinguishable(color: Color, background: Color) -> bool {
    match (color, background) {
        (Color::Transparent, _) => true,
        (Color::Rgb(color), Color::Rgb(background)) => {
            color.iter().zip(background).all(|(a, b)| a.abs_diff(b) < CHANNEL_THRESHOLD)
        }
        _ => false,
    }
}

/// Parses a color in the syntax of CSS, Office Open XML or ODF; `None` if it is not known.
#[must_use]
pub fn parse(text: &str) -> Option<Color> {
    let text = text.trim().to_ascii_lowercase();
    let hex = text.strip_prefix('#').unwrap_or(&text);
    if hex.len() >= 3 && hex.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return parse_hex(hex);
    }
    if let Some(inner) = text.strip_prefix("rgb").and_then(|rest| rest.split_once('(')) {
        return parse_channels(inner.1.trim_end_matches(')'));
    }
    match text.as_str() {
        "white" | "snow" | "ivory" | "whitesmoke" | "ghostwhite" | "floralwhite" => Some(Color::WHITE),
        "black" => Some(Color::Rgb([0; 3])),
        "transparent" => Some(Color::Transparent),
        _ => None,
    }
}

fn parse_hex(hex: &str) -> Option<Color> {
    let digit = |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok();
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    match hex.len() {
        3 | 4 => Some(Color::Rgb([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17])),
        8 if byte(6)? < 13 => Some(Color::Transparent),
        6 | 8 => Some(Color::Rgb([byte(0)?, byte(2)?, byte(4)?])),
        _ => None,
    }
}

fn parse_channels(inner: &str) -> Option<Color> {
    let values = inner.split([',', ' ', '/']).filter(|value| !value.is_empty());
    let number = |value: &str| match value.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok().map(|percent| percent * 2.55),
        None => value.parse::<f32>().ok(),
    };
    let numbers: Vec<f32> = values.filter_map(number).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let channel = |number: f32| number.clamp(0.0, 255.0) as u8;
    match numbers.as_slice() {
        [_, _, _, alpha] if *alpha < 0.05 => Some(Color::Transparent),
        [red, green, blue, ..] => Some(Color::Rgb([channel(*red), channel(*green), channel(*blue)])),
        _ => None,
    }
}
