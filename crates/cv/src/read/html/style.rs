//! The subset of CSS that decides how text looks and whether it can be seen.

use std::collections::HashMap;

use domain::notice::HiddenReason;
use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};

use crate::read::color::{self, Color};

/// The maximum number of CSS rules; further ones are ignored.
const MAX_RULES: usize = 2_000;

/// The style of text.
#[derive(Clone, Copy, Debug)]
pub struct TextStyle {
    /// Whether it is bold.
    pub bold: bool,
    /// The font size in points.
    pub size: f32,
    /// Whether it is a flex container, whose children are on one line.
    pub is_flex: bool,
    color: Color,
    background: Color,
    invisible: bool,
    /// Unlike other ways of hiding, a descendant can undo it.
    visibility_hidden: bool,
    off_page: bool,
}

impl TextStyle {
    /// The default style: black on white, 12 points.
    #[must_use]
    pub fn initial() -> Self {
        Self {
            bold: false,
            size: 12.0,
            is_flex: false,
            color: Color::Rgb([0; 3]),
            background: Color::WHITE,
            invisible: false,
            visibility_hidden: false,
            off_page: false,
        }
    }

    /// Why text of this style cannot be seen; `None` if it can.
    #[must_use]
    pub fn hidden_reason(&self) -> Option<HiddenReason> {
        match () {
            () if self.invisible || self.visibility_hidden => Some(HiddenReason::Invisible),
            () if self.off_page => Some(HiddenReason::OffPage),
            () if self.size < 3.0 => Some(HiddenReason::Tiny),
            () if color::is_indistinguishable(self.color, self.background) => Some(HiddenReason::NoInk),
            () => None,
        }
    }

    fn apply(&mut self, declarations: &str) {
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
                self.invisible |= value == "none";
                self.is_flex = value.contains("flex");
            }
            "visibility" => self.visibility_hidden = matches!(value, "hidden" | "collapse"),
            "opacity" => self.invisible |= value.parse::<f32>().is_ok_and(|opacity| opacity < 0.05),
            "color" => self.color = color::parse(value).unwrap_or(Color::Unknown),
            "background" | "background-color" => self.set_background(value),
            "background-image" if value != "none" => self.background = Color::Unknown,
            "font-size" => self.size = parse_size(value, self.size),
            "font" => self.set_font(value),
            "font-weight" => self.bold = is_bold(value),
            "left" | "top" | "text-indent" | "margin-left" | "right" => self.off_page |= is_far_off(value),
            "clip" => self.off_page |= value.replace([' ', ','], "").starts_with("rect(00") || value.contains("rect(0"),
            "clip-path" => self.off_page |= value.contains("inset(50%") || value.contains("inset(100%"),
            _ => {}
        }
    }

    fn set_background(&mut self, value: &str) {
        let first = value.split_whitespace().next().unwrap_or_default();
        match color::parse(value).or_else(|| color::parse(first)) {
            Some(Color::Transparent) => {}
            Some(color) => self.background = color,
            None if matches!(first, "none" | "inherit" | "initial") => {}
            None => self.background = Color::Unknown,
        }
    }

    fn set_font(&mut self, value: &str) {
        for part in value.split_whitespace() {
            let first = part.split('/').next().unwrap_or_default();
            if first.starts_with(|digit: char| digit.is_ascii_digit()) {
                self.size = parse_size(first, self.size);
            }
            self.bold |= part == "bold";
        }
    }
}

fn is_bold(value: &str) -> bool {
    matches!(value, "bold" | "bolder") || value.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

fn is_far_off(value: &str) -> bool {
    let digits = value.strip_prefix('-').map(|rest| rest.trim_end_matches(|unit: char| !unit.is_ascii_digit()));
    digits.and_then(|digits| digits.parse::<f32>().ok()).is_some_and(|number| number >= 500.0)
}

/// Parses a font size in points; relative ones are relative to `outer`.
fn parse_size(value: &str, outer: f32) -> f32 {
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

/// The CSS rules of a page, by the elements that they match.
pub struct StyleSheet {
    matched: HashMap<NodeId, Vec<usize>>,
    declarations: Vec<String>,
}

impl StyleSheet {
    /// Parses the `style` elements of `html` and matches their rules.
    #[must_use]
    pub fn from_html(html: &Html) -> Self {
        let mut sheet = Self { matched: HashMap::new(), declarations: Vec::new() };
        let Ok(styles) = Selector::parse("style") else {
            return sheet;
        };
        let css: Vec<String> = html.select(&styles).map(|style| style.text().collect()).collect();
        for (selector, declarations) in parse_rules(&css.join("\n")).into_iter().take(MAX_RULES) {
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

    /// Computes the style of `element`, whose parent has the style `outer`.
    #[must_use]
    pub fn text_style(&self, outer: TextStyle, element: ElementRef<'_>) -> TextStyle {
        let mut text_style = TextStyle { is_flex: false, ..outer };
        let name = element.value().name();
        text_style.bold |= matches!(name, "b" | "strong" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        match name {
            "h1" => text_style.size = outer.size * 2.0,
            "h2" => text_style.size = outer.size * 1.5,
            "h3" => text_style.size = outer.size * 1.17,
            _ => {}
        }
        for at in self.matched.get(&element.id()).into_iter().flatten() {
            text_style.apply(self.declarations.get(*at).map_or("", String::as_str));
        }
        if element.attr("hidden").is_some() {
            text_style.invisible = true;
        }
        if let Some(color) = element.attr("color").and_then(color::parse) {
            text_style.color = color;
        }
        if let Some(color) = element.attr("bgcolor") {
            text_style.background = color::parse(color).unwrap_or(Color::Unknown);
        }
        text_style.apply(element.attr("style").unwrap_or_default());
        text_style
    }
}

/// Splits `css` into selectors with their declarations. Conditional rules (`@media`) are left out.
fn parse_rules(css: &str) -> Vec<(String, String)> {
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

/// Returns what follows the closing brace of the block that `css` is in.
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
