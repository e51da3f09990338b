//! RTF: text, tables cell by cell, text boxes.
//!
//! Ignores metadata, comments, deleted text and embedded objects.

mod state;
mod token;

use domain::Refusal;

use self::{
    state::{GroupState, Reader},
    token::{Token, Tokens},
};
use crate::document::Document;

/// The maximum nesting depth of groups.
const MAX_DEPTH: usize = 500;

/// Reads an RTF file.
///
/// # Errors
/// [`Refusal::Damaged`] where the file ends within a group, [`Refusal::NoText`] and
/// [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut reader = Reader::default();
    let mut groups: Vec<GroupState> = Vec::new();
    for token in Tokens::new(bytes) {
        match token {
            Token::GroupStart => {
                if groups.len() > MAX_DEPTH {
                    return Err(Refusal::TooComplex);
                }
                groups.push(reader.begin_group());
            }
            Token::GroupEnd => {
                let Some(outer) = groups.pop() else { continue };
                reader.end_group(outer);
                if groups.is_empty() {
                    break;
                }
            }
            Token::Control(name, number) => reader.control(name, number),
            Token::EscapedByte(byte) => reader.byte(byte, true),
            Token::TextByte(byte) => reader.byte(byte, false),
            Token::Optional => reader.mark_optional(),
        }
    }
    if !groups.is_empty() {
        return Err(Refusal::Damaged);
    }
    reader.finish()
}
