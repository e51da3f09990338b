//! Random and mutated files: no reader panics, and every document that one returns is sound.

mod common;

use common::{bytes, read_bytes};
use cv::{
    facts::{self, YearMonth},
    summary,
};
use proptest::{prelude::*, test_runner::RngSeed};

const SEEDS: [&str; 8] = [
    "gen-nl1.doc",
    "gen-en1-lo.pdf",
    "gen-nl1-timeline.pdf",
    "adv-displaynone.html",
    "gen-es2.txt",
    "gen-nl1.rtf",
    "gen-pt1-textbox.docx",
    "gen-en2.odt",
];

/// Reads `bytes`. If that succeeds, every span must be a word, and every quote must be at its span.
fn check(bytes: &[u8]) {
    let Ok(mut document) = read_bytes(bytes) else { return };
    facts::mark_languages(&mut document);
    assert!(document.is_sound());
    for page in &document.transcript.pages {
        for word in &page.words {
            assert!(page.slice(word.span).is_some_and(|word| !word.is_empty()));
        }
    }
    let lines = summary::summarize(&document, &["Rust".to_owned()], YearMonth { year: 2026, month: 1 });
    for quote in lines.iter().flat_map(|line| line.evidence()) {
        assert_eq!(document.transcript.cite(quote.page(), quote.span()).as_ref(), Ok(quote));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_panics_on_mutated_files(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = bytes(SEEDS[seed]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn no_reader_panics_on_random_markup(
        words in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "\\par ", "\\u-3913?", "\\'e9", "\\cell ", "\\*", "\\bin9 ", "\\v ", "text", " ",
            "<p>", "</p>", "<td>", "<div style='display:none'>", "</div>", "<style>p{color:#fff}", "</style>",
            "<br>", "&amp;", "<h1>", "}", "@media{", "\u{202E}", "\u{E0041}", "\u{FB01}", "א",
        ]), 0..60),
        rtf in any::<bool>(),
    ) {
        let body = words.concat();
        let text = if rtf { format!("{{\\rtf1 {body}}}") } else { format!("<html>{body}") };
        check(text.as_bytes());
    }

    #[test]
    fn no_grammar_panics_on_random_keywords(
        words in prop::collection::vec(prop::sample::select(vec![
            "2019", "03/2019", "'98", "Jan", "März", "present", "heute", "至今", "–", "-", "to", "since", "Q3", "Summer",
            "令和3年", "๒๕๖๒", "١٤٠٠", "٢٠١٩", "Work experience", "Education", "Skills", "Sprachen", "B E R U F", "•",
            "Engineer", "Acme GmbH", "at", ",", "|", "\t", "\n", "\n\n", ":", "(", ")", "B.Sc.", "C1", "ada@mail.example",
            "+44 20 7946 0958", "Rust", "References", "Where I have cooked", "13/13/2019", "2019-02-31", "0000", "9999",
        ]), 0..80),
    ) {
        check(format!("Ada Lovelace\nExperience\n{}", words.join(" ")).as_bytes());
    }
}
