//! Splits RTF into control words, bytes and groups.

/// A token of RTF.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// The start of a group.
    GroupStart,
    /// The end of a group.
    GroupEnd,
    /// A control word or symbol, with its parameter.
    Control(&'a str, Option<i32>),
    /// A byte of text written as `\'xx`.
    EscapedByte(u8),
    /// A plain byte of text.
    TextByte(u8),
    /// `\*`: readers that do not know the group may skip it.
    Optional,
}

/// An iterator over the tokens of a file.
pub struct Tokens<'a> {
    bytes: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Creates an iterator over `bytes` from the first group on.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let start = bytes.iter().position(|byte| *byte == b'{').unwrap_or(bytes.len());
        Self { bytes: bytes.get(start..).unwrap_or_default() }
    }

    fn advance(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.bytes.first()?;
        if first.is_ascii_alphabetic() {
            return Some(self.word());
        }
        let symbol = self.advance(1);
        Some(match first {
            b'\'' => Token::EscapedByte(self.hex()),
            b'*' => Token::Optional,
            b'\\' | b'{' | b'}' => Token::TextByte(first),
            b'\n' | b'\r' => Token::Control("par", None),
            _ => Token::Control(std::str::from_utf8(symbol).unwrap_or_default(), None),
        })
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self.bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let name = std::str::from_utf8(self.advance(letters)).unwrap_or_default();
        let sign = usize::from(self.bytes.first() == Some(&b'-'));
        let digits = self.bytes.iter().skip(sign).take(10).take_while(|b| b.is_ascii_digit()).count();
        let mut number = None;
        if digits > 0 {
            let text = std::str::from_utf8(self.advance(sign + digits)).unwrap_or_default();
            number = text.parse().ok();
        }
        if self.bytes.first() == Some(&b' ') {
            self.advance(1);
        }
        if name == "bin" {
            self.advance(number.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
        }
        Token::Control(name, number)
    }

    fn hex(&mut self) -> u8 {
        let digits = std::str::from_utf8(self.advance(2)).unwrap_or_default();
        u8::from_str_radix(digits, 16).unwrap_or(b'?')
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match *self.advance(1).first()? {
                b'{' => return Some(Token::GroupStart),
                b'}' => return Some(Token::GroupEnd),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::TextByte(byte)),
            }
        }
    }
}
