//! The part of CSS that decides whether text can be seen.

use std::collections::HashMap;

use domain::summary::HiddenReason;
use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};

use crate::read::color::{self, Color};

/// More rules than a CV's page has; what comes after is not looked at.
const MAX_RULES: usize = 2_000;

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Bold.
    pub bold: bool,
    /// Size in points.
    pub size: f32,
    /// Whether its children stand apart on one line.
    pub spread: bool,
    ink: Color,
    ground: Color,
    gone: bool,
    veiled: bool,
    away: bool,
}

impl Look {
    /// Black on white, 12 points.
    #[must_use]
    pub fn page() -> Self {
        Self {
            bold: false,
            size: 12.0,
            spread: false,
            ink: Color::Rgb([0; 3]),
            ground: Color::WHITE,
            gone: false,
            veiled: false,
            away: false,
        }
    }

    /// Why text of this look cannot be seen.
    #[must_use]
    pub fn hidden(&self) -> Option<HiddenReason> {
        match () {
            () if self.gone || self.veiled => Some(HiddenReason::Invisible),
            () if self.away => Some(HiddenReason::OffPage),
            () if self.size < 3.0 => Some(HiddenReason::Tiny),
            () if color::same(self.ink, self.ground) => Some(HiddenReason::NoInk),
            () => None,
        }
    }

    fn declare(&mut self, declarations: &str) {
        for declaration in declarations.split(';') {
            if let Some((name, value)) = declaration.split_once(':') {
                let value = value.trim().trim_end_matches("!important").trim().to_ascii_lowercase();
                self.set(name.trim().to_ascii_lowercase().as_str(), &value);
            }
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "display" => {
                self.gone |= value == "none";
                self.spread = value.contains("flex");
            }
            "visibility" => self.veiled = matches!(value, "hidden" | "collapse"),
            "opacity" => self.gone |= value.parse::<f32>().is_ok_and(|opacity| opacity < 0.05),
            "color" => self.ink = color::parse(value).unwrap_or(Color::Unknown),
            "background" | "background-color" => self.paint(value),
            "background-image" if value != "none" => self.ground = Color::Unknown,
            "font-size" => self.size = size(value, self.size),
            "font" => self.font(value),
            "font-weight" => self.bold = bold(value),
            "left" | "top" | "text-indent" | "margin-left" | "right" => self.away |= far(value),
            "clip" => self.away |= value.replace([' ', ','], "").starts_with("rect(00") || value.contains("rect(0"),
            "clip-path" => self.away |= value.contains("inset(50%") || value.contains("inset(100%"),
            _ => {}
        }
    }

    fn paint(&mut self, value: &str) {
        let first = value.split_whitespace().next().unwrap_or_default();
        match color::parse(value).or_else(|| color::parse(first)) {
            Some(Color::Clear) => {}
            Some(color) => self.ground = color,
            None if matches!(first, "none" | "inherit" | "initial") => {}
            None => self.ground = Color::Unknown,
        }
    }

    fn font(&mut self, value: &str) {
        for part in value.split_whitespace() {
            let first = part.split('/').next().unwrap_or_default();
            if first.starts_with(|digit: char| digit.is_ascii_digit()) {
                self.size = size(first, self.size);
            }
            self.bold |= part == "bold";
        }
    }
}

fn bold(value: &str) -> bool {
    matches!(value, "bold" | "bolder") || value.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

fn far(value: &str) -> bool {
    let digits = value.strip_prefix('-').map(|rest| rest.trim_end_matches(|unit: char| !unit.is_ascii_digit()));
    digits.and_then(|digits| digits.parse::<f32>().ok()).is_some_and(|number| number >= 500.0)
}

/// In points; relative sizes to `outer`.
fn size(value: &str, outer: f32) -> f32 {
    let unit = value.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    let Ok(number) = value.trim_end_matches(unit).parse::<f32>() else {
        return outer;
    };
    match unit {
        "pt" | "" => number,
        "px" => number * 0.75,
        "rem" => number * 12.0,
        "em" => number * outer,
        "%" => number * outer / 100.0,
        _ => outer,
    }
}

/// The rules of a page, by the elements that they match.
pub struct Sheet {
    matched: HashMap<NodeId, Vec<usize>>,
    declarations: Vec<String>,
}

impl Sheet {
    /// The rules in the `style` elements of `html`.
    #[must_use]
    pub fn of(html: &Html) -> Self {
        let mut sheet = Self { matched: HashMap::new(), declarations: Vec::new() };
        let Ok(styles) = Selector::parse("style") else {
            return sheet;
        };
        let css: Vec<String> = html.select(&styles).map(|style| style.text().collect()).collect();
        for (selector, declarations) in rules(&css.join("\n")).into_iter().take(MAX_RULES) {
            if let Ok(selector) = Selector::parse(&selector) {
                let at = sheet.declarations.len();
                for element in html.select(&selector) {
                    sheet.matched.entry(element.id()).or_default().push(at);
                }
                sheet.declarations.push(declarations);
            }
        }
        sheet
    }

    /// How text in `element` looks, within text of look `outer`.
    #[must_use]
    pub fn look(&self, outer: Look, element: ElementRef<'_>) -> Look {
        let mut look = Look { spread: false, ..outer };
        let name = element.value().name();
        look.bold |= matches!(name, "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        match name {
            "h1" => look.size = outer.size * 2.0,
            "h2" => look.size = outer.size * 1.5,
            "h3" => look.size = outer.size * 1.17,
            _ => {}
        }
        for at in self.matched.get(&element.id()).into_iter().flatten() {
            look.declare(self.declarations.get(*at).map_or("", String::as_str));
        }
        if element.attr("hidden").is_some() {
            look.gone = true;
        }
        if let Some(color) = element.attr("color").and_then(color::parse) {
            look.ink = color;
        }
        if let Some(color) = element.attr("bgcolor") {
            look.ground = color::parse(color).unwrap_or(Color::Unknown);
        }
        look.declare(element.attr("style").unwrap_or_default());
        look
    }
}

/// Selectors with their declarations; rules for print and screens of other sizes are left out.
fn rules(css: &str) -> Vec<(String, String)> {
    let mut rules = Vec::new();
    let mut rest = css;
    while let Some((selector, after)) = rest.split_once('{') {
        let selector = selector.rsplit(['}', ';']).next().unwrap_or_default();
        let selector = selector.rsplit("*/").next().unwrap_or_default().trim();
        if selector.starts_with('@') {
            rest = skip_block(after);
            continue;
        }
        let (declarations, next) = after.split_once('}').unwrap_or((after, ""));
        rules.push((selector.to_owned(), declarations.to_owned()));
        rest = next;
    }
    rules
}

/// What follows the brace that closes the one before `css`.
fn skip_block(css: &str) -> &str {
    let mut depth = 1_usize;
    for (at, letter) in css.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return css.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}
