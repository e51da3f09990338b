//! Puts arguments into a message; `build/message.rs` says how messages are encoded.

use super::{Argument, Locale, number::integer_in};

const ARGUMENT: char = '\u{1}';
const CHOICE: char = '\u{2}';
const KEY: char = '\u{3}';
const VARIANT: char = '\u{4}';
const CHOSEN: char = '\u{5}';

/// The message with its arguments. What was not encoded by the build script comes out unchanged.
pub(super) fn message(encoded: &str, arguments: &[Argument<'_>], locale: Locale) -> String {
    let mut text = String::with_capacity(encoded.len() + 16);
    let mut rest = encoded;
    while let Some(at) = rest.find([ARGUMENT, CHOICE]) {
        text.push_str(&rest[..at]);
        let (mark, argument) = (rest.as_bytes()[at], argument(&rest[at + 1..], arguments));
        rest = rest.get(at + 2..).unwrap_or_default();
        if mark == ARGUMENT as u8 {
            match argument {
                Some(Argument::Text(value)) => text.push_str(value),
                Some(Argument::Count(count)) => text.push_str(&integer_in(*count, locale)),
                None => {}
            }
        } else {
            let (variants, after) = rest.split_once(CHOSEN).unwrap_or((rest, ""));
            let count = if let Some(Argument::Count(count)) = argument { *count } else { 0 };
            text.push_str(&message(variant(variants, count, locale), arguments, locale));
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

fn argument<'a, 'b>(encoded: &str, arguments: &'a [Argument<'b>]) -> Option<&'a Argument<'b>> {
    arguments.get(usize::from(encoded.bytes().next()?.wrapping_sub(b'0')))
}

/// The variant for `count`: the exact number, else its plural category, else the default, which is the last.
fn variant(variants: &str, count: i64, locale: Locale) -> &str {
    let all = || variants.split(VARIANT).filter_map(|variant| variant.split_once(KEY));
    let of_key = |wanted: &str| all().find(|(key, _)| *key == wanted).map(|(_, text)| text);
    let exact = of_key(&count.to_string());
    let category = || of_key(category(count, locale));
    exact.or_else(category).or_else(|| all().next_back().map(|(_, text)| text)).unwrap_or_default()
}

/// The plural category of a whole number (Unicode CLDR 46, plural rules; "many" of French and Spanish is for
/// millions in running text, which no message of ours has).
fn category(count: i64, locale: Locale) -> &'static str {
    match (locale, count) {
        (_, 1) | (Locale::Fr, 0) => "one",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "\u{2}00\u{3}none\u{4}one\u{3}\u{1}0 line\u{4}other\u{3}\u{1}0 lines of \u{1}1\u{4}\u{5}.";

    fn lines(count: i64, locale: Locale) -> String {
        message(LINES, &[Argument::Count(count), Argument::Text("Dora")], locale)
    }

    #[test]
    fn a_variant_is_chosen_by_number_and_then_by_plural_category() {
        assert_eq!(lines(0, Locale::En), "none.");
        assert_eq!(lines(1, Locale::En), "1 line.");
        assert_eq!(lines(12_000, Locale::De), "12.000 lines of Dora.");
    }

    #[test]
    fn zero_is_singular_in_french_alone() {
        let text = "\u{2}0one\u{3}candidature\u{4}other\u{3}candidatures\u{4}\u{5}";
        let of = |locale| message(text, &[Argument::Count(0)], locale);
        assert_eq!(of(Locale::Fr), "candidature");
        assert_eq!(of(Locale::Es), "candidatures");
    }

    #[test]
    fn what_an_argument_says_is_not_formatted_again() {
        assert_eq!(message("\u{1}0!", &[Argument::Text("\u{1}0 \u{2}0")], Locale::En), "\u{1}0 \u{2}0!");
    }
}
