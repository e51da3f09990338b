//! Reads XML as three kinds of events; document type definitions are refused.

use domain::Refusal;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// The maximum nesting depth of elements.
const MAX_DEPTH: usize = 400;

/// An event of [`walk`].
#[derive(Debug)]
pub enum XmlEvent {
    /// The start of an element: its name and attributes, without namespace prefixes.
    Start(String, Attributes),
    /// The end of an element.
    End(String),
    /// Text within an element.
    Text(String),
}

/// The attributes of an element.
#[derive(Debug, Default)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of attribute `name`; `None` if the element has no such attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Calls `on_event` for every event of `xml`.
///
/// # Errors
/// [`Refusal::Damaged`] where it is not well-formed, [`Refusal::TooComplex`] where it defines a
/// document type or nests too deeply.
pub fn walk(xml: &[u8], mut on_event: impl FnMut(XmlEvent)) -> Result<(), Refusal> {
    let xml = decode(xml);
    let mut reader = Reader::from_str(&xml);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| Refusal::Damaged)? {
            Event::Start(element) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Refusal::TooComplex);
                }
                on_event(start(&element));
            }
            Event::Empty(element) => {
                on_event(start(&element));
                on_event(XmlEvent::End(element.local_name().as_ref().to_owned()));
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                on_event(XmlEvent::End(element.local_name().as_ref().to_owned()));
            }
            Event::Text(text) => on_event(XmlEvent::Text((*text).to_owned())),
            Event::CData(text) => on_event(XmlEvent::Text((*text).to_owned())),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().ok().flatten().map(String::from);
                on_event(XmlEvent::Text(letter.unwrap_or_else(|| entity(&name).to_owned())));
            }
            Event::DocType(_) => return Err(Refusal::TooComplex),
            Event::Eof if depth > 0 => return Err(Refusal::Damaged),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

/// Decodes `xml` by its byte order mark, else as UTF-8.
fn decode(xml: &[u8]) -> String {
    encoding_rs::UTF_8.decode(xml).0.into_owned()
}

fn start(element: &BytesStart<'_>) -> XmlEvent {
    let attributes = element.attributes().flatten().map(|attribute| {
        let value = attribute.value.into_owned();
        let value = quick_xml::escape::unescape(&value).map_or_else(|_| value.clone(), std::borrow::Cow::into_owned);
        (attribute.key.local_name().as_ref().to_owned(), value)
    });
    XmlEvent::Start(element.local_name().as_ref().to_owned(), Attributes(attributes.collect()))
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
