//! The pseudo-locale `en-XA`: English whose letters wear accents, in brackets, so that a text that was not
//! translated is seen at once.

use crate::message::{CHOICE, CHOSEN, KEY, VARIANT};

/// An encoded message with accents on its text, but none on its marks, argument numbers and variant keys.
pub fn accent(encoded: &str) -> String {
    let mut text = String::from("⟦");
    let mut characters = encoded.chars();
    // Where a variant's key is, which is no text.
    let mut in_key = false;
    while let Some(c) = characters.next() {
        match c {
            CHOICE => {
                text.push(c);
                text.extend(characters.next());
                in_key = true;
            }
            crate::message::ARGUMENT => {
                text.push(c);
                text.extend(characters.next());
            }
            KEY | CHOSEN => {
                text.push(c);
                in_key = false;
            }
            VARIANT => {
                text.push(c);
                in_key = true;
            }
            c if in_key => text.push(c),
            c => text.push(accented(c)),
        }
    }
    text.push('⟧');
    text
}

fn accented(c: char) -> char {
    const PLAIN: &str = "ACEGHIJKLNORSTUWYZaceghijklnorstuwyz";
    const ACCENTED: &str = "ÅÇÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽåçéĝĥîĵķļñöŕšţûŵýž";
    PLAIN.chars().position(|plain| plain == c).and_then(|n| ACCENTED.chars().nth(n)).unwrap_or(c)
}
