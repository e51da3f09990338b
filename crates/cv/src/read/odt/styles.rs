//! The styles of an ODT.

use std::collections::HashMap;

use domain::{Refusal, summary::HiddenReason};

use crate::read::{
    color::{self, Color},
    xml::{Attributes, Step, walk},
};

/// A chain of styles longer than this is a loop.
const LONGEST_CHAIN: usize = 20;

/// How text looks; `None` is inherited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Bold.
    pub bold: Option<bool>,
    /// Size in points.
    pub size: Option<f32>,
    /// Marked as hidden.
    pub gone: Option<bool>,
    /// Color of the letters.
    pub ink: Option<Color>,
    /// Color behind them.
    pub ground: Option<Color>,
}

impl Look {
    /// This look, overridden by `other`.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        Self {
            bold: other.bold.or(self.bold),
            size: other.size.or(self.size),
            gone: other.gone.or(self.gone),
            ink: other.ink.or(self.ink),
            ground: other.ground.or(self.ground),
        }
    }

    /// Why text of this look cannot be seen.
    #[must_use]
    pub fn hidden(&self) -> Option<HiddenReason> {
        let ground = self.ground.unwrap_or(Color::WHITE);
        match () {
            () if self.gone == Some(true) => Some(HiddenReason::Invisible),
            () if self.size.is_some_and(|size| size < 3.0) => Some(HiddenReason::Tiny),
            () if self.ink.is_some_and(|ink| color::same(ink, ground)) => Some(HiddenReason::NoInk),
            () => None,
        }
    }

    fn take(&mut self, attributes: &Attributes) {
        let bold = attributes
            .of("font-weight")
            .map(|weight| weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600));
        let size = attributes.of("font-size").and_then(|size| size.strip_suffix("pt")?.parse().ok());
        let gone = attributes.of("display").map(|display| display == "none");
        let ground = attributes.of("background-color").or(attributes.of("fill-color"));
        let ground = ground.filter(|ground| *ground != "transparent" && *ground != "none");
        let other = Self {
            bold,
            size,
            gone,
            ink: attributes.of("color").and_then(color::parse),
            ground: ground.map(|ground| color::parse(ground).unwrap_or(Color::Unknown)),
        };
        *self = self.then(other);
    }
}

#[derive(Default)]
struct Style {
    parent: Option<String>,
    look: Look,
}

/// The styles by their names.
#[derive(Default)]
pub struct Styles {
    all: HashMap<String, Style>,
}

impl Styles {
    /// Adds the styles of one part.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn read(&mut self, xml: &[u8]) -> Result<(), Refusal> {
        let mut open: Option<(String, Style)> = None;
        walk(xml, |step| match step {
            Step::Start(name, attributes) if name == "style" => {
                let id = attributes.of("name").unwrap_or_default().to_owned();
                let parent = attributes.of("parent-style-name").map(str::to_owned);
                open = Some((id, Style { parent, look: Look::default() }));
            }
            Step::Start(name, attributes) if name.ends_with("-properties") => {
                if let Some((_, style)) = &mut open {
                    style.look.take(&attributes);
                }
            }
            Step::End(name) if name == "style" => self.all.extend(open.take()),
            _ => {}
        })
    }

    /// How style `id` changes the look.
    #[must_use]
    pub fn look(&self, id: Option<&str>) -> Look {
        let first = id.and_then(|id| self.all.get(id));
        let next = |style: &&Style| style.parent.as_ref().and_then(|id| self.all.get(id));
        let chain: Vec<&Style> = std::iter::successors(first, next).take(LONGEST_CHAIN).collect();
        chain.iter().rev().fold(Look::default(), |look, style| look.then(style.look))
    }
}
