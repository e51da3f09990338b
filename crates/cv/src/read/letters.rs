//! Letters as readers see them: ligatures taken apart, characters without a shape taken out.

use unicode_normalization::UnicodeNormalization;

/// Whether `letter` has no shape and can carry a message nobody sees: Unicode tags, zero-width
/// characters, bidirectional controls, variation selectors beyond those for pictures.
#[must_use]
pub fn is_shapeless(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{180E}' | '\u{E0000}'..='\u{E0FFF}' | '\u{FE00}'..='\u{FE0F}')
}

/// The message in shapeless characters: tags spell ASCII. Empty for those that only steer how
/// text is set.
#[must_use]
pub fn smuggled(text: &str) -> String {
    let tags = text.chars().filter_map(|letter| match letter {
        '\u{E0020}'..='\u{E007E}' => char::from_u32(u32::from(letter) - 0xE0000),
        _ => None,
    });
    tags.collect()
}

/// `text` with ligatures and presentation forms as letters, white space as spaces, and without
/// control characters, soft hyphens, icons and shapeless characters.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            // Latin and Armenian ligatures, Hebrew and Arabic presentation forms.
            '\u{FB00}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
                // Marks that stand alone are a space with a mark; the space is no space.
                plain.extend(letter.nfkc().filter(|letter| *letter != ' '));
            }
            // Chinese of the mainland sets this radical as its own letter.
            '\u{2F3E}' => plain.push('户'),
            '\u{2F00}'..='\u{2FD5}' | '\u{2E9F}' | '\u{2EF3}' => plain.extend(letter.nfkc()),
            '\u{2E80}'..='\u{2EF2}' => plain.push(radical(letter)),
            // Soft hyphens, and the private letters of icon fonts.
            '\u{AD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => {}
            _ if is_shapeless(letter) => {}
            _ if letter.is_whitespace() => plain.push(' '),
            _ if letter.is_control() => {}
            _ => plain.push(letter),
        }
    }
    if plain.is_ascii() { plain } else { plain.nfc().collect() }
}

/// The letter that looks like a simplified radical: fonts share their shape, and pages then name
/// the radical. Unicode knows no such equivalence.
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

/// Whether a drawn glyph is a hyphen: some fonts say that it is a hyphen and a soft hyphen, too.
#[must_use]
pub fn is_hyphen(text: &str) -> bool {
    let hyphen = |letter| matches!(letter, '-' | '\u{AD}' | '\u{2010}' | '\u{2011}');
    !text.is_empty() && text.chars().all(hyphen)
}

/// Whether it is written from right to left.
#[must_use]
pub fn is_rtl(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
