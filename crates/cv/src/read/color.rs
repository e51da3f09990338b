//! Colors of text and of what is behind it.

/// A color, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Red, green, blue.
    Rgb([u8; 3]),
    /// Fully clear.
    Clear,
    /// A pattern, a theme's color, a picture.
    Unknown,
}

impl Color {
    /// Paper.
    pub const WHITE: Self = Self::Rgb([255; 3]);
}

/// Colors that differ by less than this in every channel look the same.
const SAME: u8 = 20;

/// Whether text of color `ink` on `ground` cannot be seen.
#[must_use]
pub fn same(ink: Color, ground: Color) -> bool {
    match (ink, ground) {
        (Color::Clear, _) => true,
        (Color::Rgb(ink), Color::Rgb(ground)) => ink.iter().zip(ground).all(|(a, b)| a.abs_diff(b) < SAME),
        _ => false,
    }
}

/// A color as in CSS, RTF-less Office XML and ODF; `None` for what is not understood.
#[must_use]
pub fn parse(text: &str) -> Option<Color> {
    let text = text.trim().to_ascii_lowercase();
    let hex = text.strip_prefix('#').unwrap_or(&text);
    if hex.len() >= 3 && hex.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return of_hex(hex);
    }
    if let Some(inner) = text.strip_prefix("rgb").and_then(|rest| rest.split_once('(')) {
        return of_function(inner.1.trim_end_matches(')'));
    }
    match text.as_str() {
        "white" | "snow" | "ivory" | "whitesmoke" | "ghostwhite" | "floralwhite" => Some(Color::WHITE),
        "black" => Some(Color::Rgb([0; 3])),
        "transparent" => Some(Color::Clear),
        _ => None,
    }
}

fn of_hex(hex: &str) -> Option<Color> {
    let digit = |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok();
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    match hex.len() {
        3 | 4 => Some(Color::Rgb([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17])),
        8 if byte(6)? < 13 => Some(Color::Clear),
        6 | 8 => Some(Color::Rgb([byte(0)?, byte(2)?, byte(4)?])),
        _ => None,
    }
}

fn of_function(inner: &str) -> Option<Color> {
    let parts = inner.split([',', ' ', '/']).filter(|part| !part.is_empty());
    let number = |part: &str| match part.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok().map(|percent| percent * 2.55),
        None => part.parse::<f32>().ok(),
    };
    let numbers: Vec<f32> = parts.filter_map(number).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let channel = |number: f32| number.clamp(0.0, 255.0) as u8;
    match numbers.as_slice() {
        [_, _, _, alpha] if *alpha < 0.05 => Some(Color::Clear),
        [red, green, blue, ..] => Some(Color::Rgb([channel(*red), channel(*green), channel(*blue)])),
        _ => None,
    }
}
