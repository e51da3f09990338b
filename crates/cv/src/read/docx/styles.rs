//! The named styles of a DOCX.

use std::collections::HashMap;

use domain::Refusal;

use super::look::Look;
use crate::read::xml::{Step, walk};

/// A chain of styles longer than this is a loop.
const LONGEST_CHAIN: usize = 20;

#[derive(Clone, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    look: Look,
    shaded: bool,
}

/// The styles by their ids.
#[derive(Default)]
pub struct Styles {
    all: HashMap<String, Style>,
    defaults: Look,
}

impl Styles {
    /// Reads `styles.xml`.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn read(xml: &[u8]) -> Result<Self, Refusal> {
        let mut styles = Self::default();
        let mut open: Option<(String, Style)> = None;
        walk(xml, |step| match step {
            Step::Start(name, attributes) => match (name.as_str(), &mut open) {
                ("style", _) => {
                    let id = attributes.of("styleId").unwrap_or_default().to_owned();
                    open = Some((id, Style::default()));
                }
                ("name", Some((_, style))) => {
                    style.name = attributes.of("val").unwrap_or_default().to_lowercase();
                }
                ("basedOn", Some((_, style))) => {
                    style.based_on = attributes.of("val").map(str::to_owned);
                }
                ("outlineLvl", Some((_, style))) => {
                    style.outline = attributes.of("val").and_then(|level| level.parse().ok());
                }
                ("shd", Some((_, style))) => style.shaded = true,
                (name, Some((_, style))) => style.look.take(name, &attributes),
                (name, None) => styles.defaults.take(name, &attributes),
            },
            Step::End(name) if name == "style" => {
                if let Some((id, style)) = open.take() {
                    styles.all.insert(id, style);
                }
            }
            _ => {}
        })?;
        Ok(styles)
    }

    /// How text of style `id` looks.
    #[must_use]
    pub fn look(&self, id: Option<&str>) -> Look {
        let chain: Vec<&Style> = self.chain(id.unwrap_or("Normal")).collect();
        let looks = chain.iter().rev().map(|style| style.look);
        looks.fold(self.defaults, Look::then)
    }

    /// The heading level of style `id`; 0 if it is none.
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

    /// Whether table style `id` may color its cells.
    #[must_use]
    pub fn shades(&self, id: &str) -> bool {
        self.chain(id).any(|style| style.shaded)
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| style.based_on.as_ref().and_then(|id| self.all.get(id));
        std::iter::successors(self.all.get(id), next).take(LONGEST_CHAIN)
    }
}
