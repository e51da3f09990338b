//! The types of facts.

use domain::Evidence;

use super::date::{End, PartialDate};

/// How a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By its form, as an e-mail address or a date.
    Pattern,
    /// By the section that it stands in.
    Section,
    /// By a word list.
    Lexicon,
    /// By its position relative to other text.
    Layout,
}

impl Method {
    /// Returns the name in lowercase, as the provenance of the JSON output has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Section => "section",
            Self::Lexicon => "lexicon",
            Self::Layout => "layout",
        }
    }
}

/// A value and the passage that states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    /// The value, cleaned and parsed.
    pub value: T,
    /// The passage that states it.
    pub evidence: Evidence,
    /// How the value was found.
    pub method: Method,
    /// The confidence, 0 to 100. It orders values of one kind and is no probability.
    pub confidence: u8,
}

/// One employment.
#[derive(Clone, Debug, PartialEq)]
pub struct Employment {
    /// The job title.
    pub title: Option<Fact<String>>,
    /// The employer's name.
    pub employer: Option<Fact<String>>,
    /// The town, region or country.
    pub location: Option<Fact<String>>,
    /// The start date.
    pub start: Fact<PartialDate>,
    /// The end date, or the present.
    pub end: Fact<End>,
    /// The list items and sentences about it, in the CV's order.
    pub highlights: Vec<Evidence>,
}

/// The facts of a CV.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The person's name.
    pub name: Option<Fact<String>>,
    /// E-mail addresses.
    pub emails: Vec<Fact<String>>,
    /// Telephone numbers.
    pub phones: Vec<Phone>,
    /// Links to web pages.
    pub links: Vec<Fact<String>>,
    /// Where the person lives.
    pub location: Option<Fact<String>>,
    /// Employments, in the CV's order.
    pub employments: Vec<Employment>,
    /// Education, in the CV's order.
    pub education: Vec<Education>,
    /// The items of the skills sections; without such a section, known skills that other sections name.
    pub skills: Vec<Fact<String>>,
    /// The languages of the language sections and labels, with their levels where stated.
    pub languages: Vec<Language>,
    /// The entries of the sections about certificates and courses.
    pub certificates: Vec<Fact<String>>,
    /// The entries of the sections about projects.
    pub projects: Vec<Fact<String>>,
    /// The entries of the sections about publications and talks.
    pub publications: Vec<Fact<String>>,
}

/// One entry of education.
#[derive(Clone, Debug, PartialEq)]
pub struct Education {
    /// The degree with its subject, or whatever the entry names instead.
    pub degree: Fact<String>,
    /// The passage of the subject, where it is apart from that of the degree.
    pub subject: Option<Evidence>,
    /// The school or university.
    pub institution: Option<Fact<String>>,
    /// The start date; `None` if the CV gives only the end.
    pub start: Option<Fact<PartialDate>>,
    /// The end date.
    pub end: Option<Fact<End>>,
    /// The level that the degree names.
    pub level: Option<Level>,
}

/// Levels of education, ordered from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// School, up to the leaving certificate that admits to university.
    Secondary,
    /// Vocational training.
    Vocational,
    /// An associate degree or another two years of higher education.
    Associate,
    /// A bachelor's degree or its equivalent.
    Bachelor,
    /// A master's degree or its equivalent.
    Master,
    /// A doctorate.
    Doctorate,
}

impl Level {
    /// All levels with their names.
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Secondary, "secondary"),
        (Self::Vocational, "vocational"),
        (Self::Associate, "associate"),
        (Self::Bachelor, "bachelor"),
        (Self::Master, "master"),
        (Self::Doctorate, "doctorate"),
    ];

    /// Returns the name in lowercase, as the JSON output has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }
}

/// A language that the person speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// The ISO 639-1 code, if the language is in the list.
    pub code: Option<&'static str>,
    /// The name as the CV writes it.
    pub name: Fact<String>,
    /// The name with everything that the CV says about the language: "German (C1)".
    pub description: Fact<String>,
    /// The level, if the CV states one.
    pub level: Option<Proficiency>,
}

/// The levels of the Common European Framework of Reference for Languages, and native above them. Words such as
/// "fluent" map to the level that they commonly stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proficiency {
    /// Breakthrough.
    A1,
    /// Waystage.
    A2,
    /// Threshold.
    B1,
    /// Vantage.
    B2,
    /// Effective operational proficiency.
    C1,
    /// Mastery.
    C2,
    /// First language.
    Native,
}

impl Proficiency {
    /// Returns the name of the level: "A1" to "C2", or "native".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::Native => "native",
        }
    }
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq)]
pub struct Phone {
    /// The number as the CV writes it.
    pub as_written: Fact<String>,
    /// The number in E.164 ("+4915112345678"), if it is valid in the numbering plan of its country.
    pub e164: Option<String>,
}

/// Returns the fact whose value is the quote with white space collapsed.
pub(crate) fn fact_from_evidence(evidence: Evidence, method: Method, confidence: u8) -> Fact<String> {
    let value = evidence.quote().split_whitespace().collect::<Vec<_>>().join(" ");
    Fact { value, evidence, method, confidence }
}
