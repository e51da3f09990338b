//! The named styles of an ODT file.

use std::collections::HashMap;

use domain::{Refusal, notice::HiddenReason};

use crate::read::{
    color::{self, Color},
    xml::{Attributes, XmlEvent, walk},
};

/// The maximum length of a chain of styles; a longer one is a loop.
const MAX_CHAIN: usize = 20;

/// Properties of text; `None` means inherited.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextStyle {
    /// Whether it is bold.
    pub bold: Option<bool>,
    /// The font size in points.
    pub size: Option<f32>,
    /// Whether it is marked as hidden.
    pub hidden: Option<bool>,
    /// The color of the letters.
    pub color: Option<Color>,
    /// The color behind the letters.
    pub background: Option<Color>,
}

impl TextStyle {
    /// This style with the properties that `other` sets.
    #[must_use]
    pub fn overridden_by(self, other: Self) -> Self {
        Self {
            bold: other.bold.or(self.bold),
            size: other.size.or(self.size),
            hidden: other.hidden.or(self.hidden),
            color: other.color.or(self.color),
            background: other.background.or(self.background),
        }
    }

    /// Why text of this style cannot be seen; `None` if it can.
    #[must_use]
    pub fn hidden_reason(&self) -> Option<HiddenReason> {
        let background = self.background.unwrap_or(Color::WHITE);
        match () {
            () if self.hidden == Some(true) => Some(HiddenReason::Invisible),
            () if self.size.is_some_and(|size| size < 3.0) => Some(HiddenReason::Tiny),
            () if self.color.is_some_and(|color| color::is_indistinguishable(color, background)) => {
                Some(HiddenReason::NoInk)
            }
            () => None,
        }
    }

    fn apply(&mut self, attributes: &Attributes) {
        let bold = attributes
            .get("font-weight")
            .map(|weight| weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600));
        let size = attributes.get("font-size").and_then(|size| size.strip_suffix("pt")?.parse().ok());
        let hidden = attributes.get("display").map(|display| display == "none");
        let background = attributes.get("background-color").or(attributes.get("fill-color"));
        let background = background.filter(|background| *background != "transparent" && *background != "none");
        let other = Self {
            bold,
            size,
            hidden,
            color: attributes.get("color").and_then(color::parse),
            background: background.map(|background| color::parse(background).unwrap_or(Color::Unknown)),
        };
        *self = self.overridden_by(other);
    }
}

#[derive(Default)]
struct Style {
    parent: Option<String>,
    text_style: TextStyle,
}

/// The styles of a document by their names.
#[derive(Default)]
pub struct Styles {
    by_name: HashMap<String, Style>,
}

impl Styles {
    /// Adds the styles that the file `xml` of the archive defines.
    ///
    /// # Errors
    /// As [`walk`].
    pub fn add(&mut self, xml: &[u8]) -> Result<(), Refusal> {
        let mut open: Option<(String, Style)> = None;
        walk(xml, |event| match event {
            XmlEvent::Start(name, attributes) if name == "style" => {
                let id = attributes.get("name").unwrap_or_default().to_owned();
                let parent = attributes.get("parent-style-name").map(str::to_owned);
                open = Some((id, Style { parent, text_style: TextStyle::default() }));
            }
            XmlEvent::Start(name, attributes) if name.ends_with("-properties") => {
                if let Some((_, style)) = &mut open {
                    style.text_style.apply(&attributes);
                }
            }
            XmlEvent::End(name) if name == "style" => self.by_name.extend(open.take()),
            _ => {}
        })
    }

    /// The properties that style `id` sets, with everything that it inherits.
    #[must_use]
    pub fn text_style(&self, id: Option<&str>) -> TextStyle {
        let first = id.and_then(|id| self.by_name.get(id));
        let next = |style: &&Style| style.parent.as_ref().and_then(|id| self.by_name.get(id));
        let chain: Vec<&Style> = std::iter::successors(first, next).take(MAX_CHAIN).collect();
        chain.iter().rev().fold(TextStyle::default(), |text_style, style| text_style.overridden_by(style.text_style))
    }
}
