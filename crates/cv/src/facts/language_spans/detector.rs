//! Detects the language of a text by the frequencies of its trigrams.
//!
//! It answers for any text with letters, however short; the caller decides how many letters are enough.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

/// The languages that the detector distinguishes. Text in any other language is taken for a similar one, so all common
/// languages of CVs are here.
const LANGUAGES: [(Lang, &str); 36] = [
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
    LazyLock::new(|| Detector::with_allowlist(LANGUAGES.iter().map(|(language, _)| *language).collect()));

/// Returns the ISO 639-1 code of the language of `text` and the confidence, 0 to 1; `None` for text without letters.
pub(super) fn detect(text: &str) -> Option<(&'static str, f64)> {
    let found = DETECTOR.detect(text)?;
    let (_, code) = LANGUAGES.iter().find(|(language, _)| *language == found.lang())?;
    Some((code, found.confidence()))
}
