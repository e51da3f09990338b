//! In which language a text is written, told by how often its letters follow each other.
//!
//! Says something of any letters; of how many it is worth asking is the caller's to know.

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

/// The language of `text` as ISO 639-1 writes it, and how sure that is, of 1; none where it has no letters.
pub(super) fn told(text: &str) -> Option<(&'static str, f64)> {
    let found = DETECTOR.detect(text)?;
    let (_, code) = KNOWN.iter().find(|(language, _)| *language == found.lang())?;
    Some((code, found.confidence()))
}
