//! Numbers as a language writes them (Unicode CLDR 46, symbols of the `latn` numbering system).

use super::Locale;

/// "12,000", "12.000", "12 000" in the page's language. Spanish groups from five digits on.
pub fn integer(number: i64) -> String {
    integer_in(number, super::current())
}

/// `tenths` tenths with one decimal: 15 is "1.5" or "1,5".
pub fn decimal(tenths: i64) -> String {
    let locale = super::current();
    let mark = if matches!(locale, Locale::En | Locale::Pseudo) { '.' } else { ',' };
    format!("{}{mark}{}", integer_in(tenths / 10, locale), (tenths % 10).abs())
}

pub(super) fn integer_in(number: i64, locale: Locale) -> String {
    let digits = number.unsigned_abs().to_string();
    let (group, least) = match locale {
        Locale::En | Locale::Pseudo => (',', 4),
        Locale::De => ('.', 4),
        Locale::Fr => ('\u{202f}', 4),
        Locale::Es => ('.', 5),
    };
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && digits.len() >= least && (digits.len() - n).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_as_the_language_does() {
        let of = |number| [Locale::En, Locale::De, Locale::Fr, Locale::Es].map(|locale| integer_in(number, locale));
        assert_eq!(of(999), ["999", "999", "999", "999"]);
        assert_eq!(of(1_234), ["1,234", "1.234", "1\u{202f}234", "1234"]);
        assert_eq!(of(-1_234_567), ["-1,234,567", "-1.234.567", "-1\u{202f}234\u{202f}567", "-1.234.567"]);
    }
}
