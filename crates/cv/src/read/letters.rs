//! Normalizes text to what a person sees: splits ligatures and removes invisible characters.

use unicode_normalization::UnicodeNormalization;

/// Returns whether `letter` is invisible, so that it can carry a hidden message: Unicode tags, zero-width
/// characters, bidirectional controls and variation selectors.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{180E}' | '\u{E0000}'..='\u{E0FFF}' | '\u{FE00}'..='\u{FE0F}')
}

/// Decodes the ASCII message that Unicode tag characters in `text` spell. Other invisible characters only
/// control layout and are ignored.
#[must_use]
pub fn tag_message(text: &str) -> String {
    let tags = text.chars().filter_map(|letter| match letter {
        '\u{E0020}'..='\u{E007E}' => char::from_u32(u32::from(letter) - 0xE0000),
        _ => None,
    });
    tags.collect()
}

/// Replaces ligatures and presentation forms with letters and white space with spaces, and removes control
/// characters, soft hyphens, icons and invisible characters.
#[must_use]
pub fn normalize(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            // Latin and Armenian ligatures, Hebrew and Arabic presentation forms.
            '\u{FB00}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
                // NFKC turns an isolated mark into a space with a mark; drop the space.
                plain.extend(letter.nfkc().filter(|letter| *letter != ' '));
            }
            // Fonts for simplified Chinese map this radical to a different character than NFKC does.
            '\u{2F3E}' => plain.push('户'),
            '\u{2F00}'..='\u{2FD5}' | '\u{2E9F}' | '\u{2EF3}' => plain.extend(letter.nfkc()),
            '\u{2E80}'..='\u{2EF2}' => plain.push(radical(letter)),
            // Soft hyphens, and the private use areas of icon fonts.
            '\u{AD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => {}
            _ if is_invisible(letter) => {}
            _ if letter.is_whitespace() => plain.push(' '),
            _ if letter.is_control() => {}
            _ => plain.push(letter),
        }
    }
    if plain.is_ascii() { plain } else { plain.nfc().collect() }
}

/// The character that looks like a simplified radical: fonts share their glyph, and PDFs then map it to
/// the radical. Unicode defines no such equivalence.
fn radical(letter: char) -> char {
    const ALIKE: &str =
        "⺁厂⺗心⺠民⺮竹⻁虎⻄西⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻩黄⻬齐⻮齿⻰龙";
    let mut letters = ALIKE.chars();
    while let (Some(radical), Some(alike)) = (letters.next(), letters.next()) {
        if radical == letter {
            return alike;
        }
    }
    letter
}

/// Returns whether `text` is what a font maps a hyphen to; some map it to a hyphen and a soft hyphen.
#[must_use]
pub fn is_hyphen(text: &str) -> bool {
    let hyphen = |letter| matches!(letter, '-' | '\u{AD}' | '\u{2010}' | '\u{2011}');
    !text.is_empty() && text.chars().all(hyphen)
}

/// Returns whether `letter` belongs to a right-to-left script.
#[must_use]
pub fn is_rtl(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
