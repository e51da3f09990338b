//! RTF: text, tables cell by cell, text boxes.
//!
//! Never reads metadata, comments, deleted text or embedded objects.

mod state;
mod token;

use domain::Refusal;

use self::{
    state::{Reader, State},
    token::{Token, Tokens},
};
use crate::document::Document;

/// Deeper nesting is no document.
const DEEPEST: usize = 500;

/// Reads RTF.
///
/// # Errors
/// [`Refusal::Damaged`] where the file ends within a group, [`Refusal::NoText`] and
/// [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut reader = Reader::default();
    let mut groups: Vec<State> = Vec::new();
    for token in Tokens::new(bytes) {
        match token {
            Token::Open => {
                if groups.len() > DEEPEST {
                    return Err(Refusal::TooComplex);
                }
                groups.push(reader.state());
            }
            Token::Close => {
                let Some(outer) = groups.pop() else { continue };
                reader.leave(outer);
                if groups.is_empty() {
                    break;
                }
            }
            Token::Word(name, number) => reader.word(name, number),
            Token::Byte(byte) => reader.byte(byte, true),
            Token::Letter(byte) => reader.byte(byte, false),
            Token::Skip => reader.skip_if_unknown(),
        }
    }
    if !groups.is_empty() {
        return Err(Refusal::Damaged);
    }
    reader.finish()
}
