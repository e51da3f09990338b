//! In which language a text is written, told by how often its letters follow each other.
//!
//! Refuses to say so of a few words: they are in many languages.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

/// The languages that are told apart. A language that is not among them is taken for one that looks like it, so
/// all are there that CVs are often written in.
const KNOWN: [(Lang, &str); 36] = [
    (Lang::Eng, "en"),
    (Lang::Deu, "de"),
    (Lang::Fra, "fr"),
    (Lang::Spa, "es"),
    (Lang::Ita, "it"),
    (Lang::Por, "pt"),
    (Lang::Nld, "nl"),
    (Lang::Pol, "pl"),
    (Lang::Rus, "ru"),
    (Lang::Ukr, "uk"),
    (Lang::Cmn, "zh"),
    (Lang::Jpn, "ja"),
    (Lang::Kor, "ko"),
    (Lang::Ara, "ar"),
    (Lang::Heb, "he"),
    (Lang::Pes, "fa"),
    (Lang::Urd, "ur"),
    (Lang::Hin, "hi"),
    (Lang::Ben, "bn"),
    (Lang::Tur, "tr"),
    (Lang::Swe, "sv"),
    (Lang::Dan, "da"),
    (Lang::Nob, "no"),
    (Lang::Fin, "fi"),
    (Lang::Ces, "cs"),
    (Lang::Slk, "sk"),
    (Lang::Hun, "hu"),
    (Lang::Ron, "ro"),
    (Lang::Bul, "bg"),
    (Lang::Srp, "sr"),
    (Lang::Hrv, "hr"),
    (Lang::Ell, "el"),
    (Lang::Cat, "ca"),
    (Lang::Vie, "vi"),
    (Lang::Tha, "th"),
    (Lang::Ind, "id"),
];

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::with_allowlist(KNOWN.iter().map(|(language, _)| *language).collect()));

/// What a text is told to be in.
pub(crate) struct Told {
    /// As ISO 639-1 writes it.
    pub code: &'static str,
    /// As Tesseract calls its dictionary.
    pub dictionary: &'static str,
    /// How sure, of 1.
    pub sure: f64,
}

/// The language of `text`; none where it has no letters.
pub(crate) fn told(text: &str) -> Option<Told> {
    let found = DETECTOR.detect(text)?;
    let (language, code) = KNOWN.iter().find(|(language, _)| *language == found.lang())?;
    let dictionary = match language {
        Lang::Cmn => "chi_sim",
        Lang::Pes => "fas",
        Lang::Nob => "nor",
        other => other.code(),
    };
    Some(Told { code, dictionary, sure: found.confidence() })
}
