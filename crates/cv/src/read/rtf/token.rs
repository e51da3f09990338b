//! RTF as control words, bytes and groups.

/// One token.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A group begins.
    Open,
    /// A group ends.
    Close,
    /// A control word or symbol, with its number.
    Word(&'a str, Option<i32>),
    /// A byte written as `\'xx`.
    Byte(u8),
    /// A byte of text.
    Letter(u8),
    /// `\*`: the group may be skipped by those who do not know it.
    Skip,
}

/// The tokens of a file.
pub struct Tokens<'a> {
    bytes: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let start = bytes.iter().position(|byte| *byte == b'{').unwrap_or(bytes.len());
        Self { bytes: bytes.get(start..).unwrap_or_default() }
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.bytes.first()?;
        if first.is_ascii_alphabetic() {
            return Some(self.word());
        }
        let symbol = self.take(1);
        Some(match first {
            b'\'' => Token::Byte(self.hex()),
            b'*' => Token::Skip,
            b'\\' | b'{' | b'}' => Token::Letter(first),
            b'\n' | b'\r' => Token::Word("par", None),
            _ => Token::Word(std::str::from_utf8(symbol).unwrap_or_default(), None),
        })
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self.bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let name = std::str::from_utf8(self.take(letters)).unwrap_or_default();
        let sign = usize::from(self.bytes.first() == Some(&b'-'));
        let digits = self.bytes.iter().skip(sign).take(10).take_while(|b| b.is_ascii_digit()).count();
        let mut number = None;
        if digits > 0 {
            let text = std::str::from_utf8(self.take(sign + digits)).unwrap_or_default();
            number = text.parse().ok();
        }
        if self.bytes.first() == Some(&b' ') {
            self.take(1);
        }
        if name == "bin" {
            self.take(number.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
        }
        Token::Word(name, number)
    }

    fn hex(&mut self) -> u8 {
        let digits = std::str::from_utf8(self.take(2)).unwrap_or_default();
        u8::from_str_radix(digits, 16).unwrap_or(b'?')
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match *self.take(1).first()? {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::Letter(byte)),
            }
        }
    }
}
