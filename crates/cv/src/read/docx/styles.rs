//! The named styles of a DOCX file.

use std::collections::HashMap;

use domain::Refusal;

use super::text_style::TextStyle;
use crate::read::xml::{XmlEvent, walk};

/// The maximum length of a chain of styles; a longer one is a loop.
const MAX_CHAIN: usize = 20;

#[derive(Clone, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    text_style: TextStyle,
    shaded: bool,
}

/// The styles by their ids.
#[derive(Default)]
pub struct Styles {
    by_id: HashMap<String, Style>,
    defaults: TextStyle,
}

impl Styles {
    /// Parses `styles.xml`.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn parse(xml: &[u8]) -> Result<Self, Refusal> {
        let mut styles = Self::default();
        let mut open: Option<(String, Style)> = None;
        walk(xml, |event| match event {
            XmlEvent::Start(name, attributes) => match (name.as_str(), &mut open) {
                ("style", _) => {
                    let id = attributes.get("styleId").unwrap_or_default().to_owned();
                    open = Some((id, Style::default()));
                }
                ("name", Some((_, style))) => {
                    style.name = attributes.get("val").unwrap_or_default().to_lowercase();
                }
                ("basedOn", Some((_, style))) => {
                    style.based_on = attributes.get("val").map(str::to_owned);
                }
                ("outlineLvl", Some((_, style))) => {
                    style.outline = attributes.get("val").and_then(|level| level.parse().ok());
                }
                ("shd", Some((_, style))) => style.shaded = true,
                (name, Some((_, style))) => style.text_style.apply(name, &attributes),
                (name, None) => styles.defaults.apply(name, &attributes),
            },
            XmlEvent::End(name) if name == "style" => {
                if let Some((id, style)) = open.take() {
                    styles.by_id.insert(id, style);
                }
            }
            _ => {}
        })?;
        Ok(styles)
    }

    /// The text style of style `id` with everything that it inherits.
    #[must_use]
    pub fn text_style(&self, id: Option<&str>) -> TextStyle {
        let chain: Vec<&Style> = self.chain(id.unwrap_or("Normal")).collect();
        let text_styles = chain.iter().rev().map(|style| style.text_style);
        text_styles.fold(self.defaults, TextStyle::overridden_by)
    }

    /// The heading level of style `id`; 0 if it is not a heading.
    #[must_use]
    pub fn heading(&self, id: Option<&str>) -> u8 {
        let Some(id) = id else { return 0 };
        let named = |name: &str| {
            let level = name.strip_prefix("heading")?.trim().parse::<u8>().ok()?;
            (1..=9).contains(&level).then_some(level)
        };
        let level = self.chain(id).find_map(|style| {
            let outline = style.outline.filter(|level| *level < 9).map(|level| level + 1);
            let title = (style.name == "title").then_some(1);
            named(&style.name).or(outline).or(title)
        });
        level.or_else(|| named(&id.to_lowercase())).unwrap_or(0)
    }

    /// Returns whether table style `id` may color its cells.
    #[must_use]
    pub fn has_shading(&self, id: &str) -> bool {
        self.chain(id).any(|style| style.shaded)
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| style.based_on.as_ref().and_then(|id| self.by_id.get(id));
        std::iter::successors(self.by_id.get(id), next).take(MAX_CHAIN)
    }
}
