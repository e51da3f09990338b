//! XML as three kinds of steps; document type definitions are refused.

use domain::Refusal;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// Deeper nesting is no document.
const DEEPEST: usize = 400;

/// One step.
#[derive(Debug)]
pub enum Step {
    /// An element begins: its name without prefix, and its attributes likewise.
    Start(String, Attributes),
    /// An element ends.
    End(String),
    /// Text within it.
    Text(String),
}

/// The attributes of an element.
#[derive(Debug, Default)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of `name`.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Calls `take` for every step of `xml`.
///
/// # Errors
/// [`Refusal::Damaged`] where it is not well-formed, [`Refusal::TooComplex`] where it defines a
/// document type or nests without end.
pub fn walk(xml: &[u8], mut take: impl FnMut(Step)) -> Result<(), Refusal> {
    let xml = decoded(xml);
    let mut reader = Reader::from_str(&xml);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Refusal::Damaged)? {
            Event::Start(element) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(Refusal::TooComplex);
                }
                take(start(&element));
            }
            Event::Empty(element) => {
                take(start(&element));
                take(Step::End(element.local_name().as_ref().to_owned()));
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                take(Step::End(element.local_name().as_ref().to_owned()));
            }
            Event::Text(text) => take(Step::Text((*text).to_owned())),
            Event::CData(text) => take(Step::Text((*text).to_owned())),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().ok().flatten().map(String::from);
                take(Step::Text(letter.unwrap_or_else(|| named(&name).to_owned())));
            }
            Event::DocType(_) => return Err(Refusal::TooComplex),
            Event::Eof if depth > 0 => return Err(Refusal::Damaged),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

/// As UTF-8; a byte order mark decides.
fn decoded(xml: &[u8]) -> String {
    encoding_rs::UTF_8.decode(xml).0.into_owned()
}

fn start(element: &BytesStart<'_>) -> Step {
    let attributes = element.attributes().flatten().map(|attribute| {
        let value = attribute.value.into_owned();
        let value = quick_xml::escape::unescape(&value).map_or_else(|_| value.clone(), std::borrow::Cow::into_owned);
        (attribute.key.local_name().as_ref().to_owned(), value)
    });
    Step::Start(element.local_name().as_ref().to_owned(), Attributes(attributes.collect()))
}

fn named(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
