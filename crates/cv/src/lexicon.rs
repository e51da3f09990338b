//! Text folding and the word lists below `lexicon/`.
//!
//! Folded text is lowercase, has no diacritics and separates words with a single space, so that "Expérience",
//! "EXPÉRIENCE" and "experience" compare equal.

use std::collections::{HashMap, HashSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Returns `text` in lowercase, without diacritics, with every run of white space as one space and none at the ends.
///
/// Chinese characters become simplified ones, typographic apostrophes become `'`, and zero-width characters
/// disappear.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Most text is ASCII. Unicode normalization took a twelfth of the time that a CV takes.
    if text.is_ascii() {
        for letter in text.bytes() {
            match letter {
                b'`' => folded.push('\''),
                _ if letter.is_ascii_whitespace() || letter == 0x0B => {
                    folded.push_str(if folded.ends_with(' ') { "" } else { " " });
                }
                _ => folded.push(char::from(letter.to_ascii_lowercase())),
            }
        }
        return folded.trim().to_owned();
    }
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).nfc().flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            '\u{4E00}'..='\u{9FFF}' => folded.push(to_simplified(letter)),
            '’' | '‘' | 'ʼ' | '´' | '`' => folded.push('\''),
            '״' => folded.push('"'),
            '\u{200B}'..='\u{200F}' | '\u{0640}' => {}
            _ if letter.is_whitespace() => folded.push_str(if folded.ends_with(' ') { "" } else { " " }),
            _ => folded.push(letter),
        }
    }
    folded.trim().to_owned()
}

/// Characters that CVs from Taiwan, Hong Kong and Japan use, each followed by its simplified form.
const TRADITIONAL: &str = "學学歷历歴历經经経经業业務务職职專专長长證证資资設设計计師师員员開开發发発发網网絡络電电機机構构語语說说讀读書书館馆廣广產产産产實实実实驗验験验習习與与聯联繫系係系關关関关於于個个簡简評评價价価价導导總总監监營营運运銷销財财會会審审稅税銀银醫医護护藥药廳厅廠厂車车輛辆軟软體体數数據据庫库雲云優优勢势興兴愛爱榮荣譽誉獎奖項项場场動动時时間间現现進进條条組组織织協协調调團团隊队領领際际國国當当擔担負负責责編编輯辑譯译記记錄录試试測测製制圖图畫画質质檢检後后畢毕碩硕課课題题論论環环節节聖圣臺台區区縣县鄉乡東东風风馬马龍龙點点線线號号樓楼門门張张陳陈劉刘楊杨黃黄趙赵吳吴鄭郑謝谢許许韓韩馮冯鄧邓葉叶蔣蒋盧卢蘇苏賈贾鐘钟譚谭陸陆來来從从應应話话給给氣气處处衛卫農农觀观視视覺觉親亲講讲議议認认識识讓让訓训費费貿贸賣卖買买輸输轉转較较載载輕轻達达遠远適适選选還还邊边齡龄齢龄別别術术証证獲获賞赏歡欢訊讯報报險险標标準准劃划歲岁礎础貨货僱雇傭佣駕驾駛驶執执";

/// Maps each traditional character of [`TRADITIONAL`] to its simplified form.
static SIMPLIFIED_OF: std::sync::LazyLock<HashMap<char, char>> = std::sync::LazyLock::new(|| {
    let letters: Vec<char> = TRADITIONAL.chars().collect();
    letters.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
});

fn to_simplified(letter: char) -> char {
    SIMPLIFIED_OF.get(&letter).copied().unwrap_or(letter)
}

/// Splits folded text into words.
///
/// `'`, `"`, `+`, `#`, `&`, `.` and `-` belong to a word ("c++", "node.js"), but `.`, `-` and `'` are trimmed from
/// its ends.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|letter: char| !(letter.is_alphanumeric() || "'\"+#&.-".contains(letter)))
        .map(|word| word.trim_matches(['.', '-', '\'']))
        .filter(|word| !word.is_empty())
}

/// Returns the key and the rest of each line of a `key: …` list, without the comments.
pub(crate) fn keyed_lines(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
}

/// A set of words. A `*` at the beginning or the end of an entry matches any characters.
#[derive(Default)]
pub(crate) struct WordSet {
    exact: HashSet<String>,
    /// Stems of the entries `stem*`, by their first character.
    prefixes: HashMap<char, Vec<String>>,
    /// Stems of the entries `*stem`, by their last character.
    suffixes: HashMap<char, Vec<String>>,
    /// Stems of the entries `*stem*`.
    substrings: Vec<String>,
}

impl WordSet {
    /// Parses entries separated by white space. Lines that begin with `#` are comments.
    pub(crate) fn parse(list: &str) -> Self {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        Self::from_entries(lines.flat_map(str::split_whitespace))
    }

    /// Builds the set from entries, which need not be folded.
    pub(crate) fn from_entries<'a>(list: impl Iterator<Item = &'a str>) -> Self {
        let mut words = Self::default();
        for entry in list {
            let stem = fold(entry.trim_matches('*'));
            let key = |letter: Option<char>| letter.unwrap_or_default();
            match (entry.starts_with('*'), entry.ends_with('*')) {
                (false, false) => drop(words.exact.insert(stem)),
                (false, true) => words.prefixes.entry(key(stem.chars().next())).or_default().push(stem),
                (true, false) => words.suffixes.entry(key(stem.chars().next_back())).or_default().push(stem),
                (true, true) => words.substrings.push(stem),
            }
        }
        words
    }

    /// Whether the folded `word` matches an entry.
    pub(crate) fn contains(&self, word: &str) -> bool {
        let first = word.chars().next().and_then(|letter| self.prefixes.get(&letter));
        let last = word.chars().next_back().and_then(|letter| self.suffixes.get(&letter));
        self.exact.contains(word)
            || first.is_some_and(|stems| stems.iter().any(|stem| word.starts_with(stem.as_str())))
            || last.is_some_and(|stems| stems.iter().any(|stem| word.ends_with(stem.as_str())))
            || self.substrings.iter().any(|stem| word.contains(stem.as_str()))
    }
}

/// A set of phrases. A `*` at the end of an entry matches any characters.
#[derive(Default)]
pub(crate) struct PhraseSet {
    exact: HashSet<String>,
    /// The phrases of `exact`, by their first character.
    exact_by_first_char: HashMap<char, Vec<String>>,
    /// Stems of the entries `stem*`.
    prefixes: Vec<String>,
}

impl PhraseSet {
    /// Parses phrases separated by ` | `. Lines that begin with `#` are comments.
    pub(crate) fn parse(list: &str) -> Self {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        Self::from_entries(lines.flat_map(|line| line.split(" | ")))
    }

    /// Builds the set from phrases, which need not be folded.
    pub(crate) fn from_entries<'a>(list: impl Iterator<Item = &'a str>) -> Self {
        let mut phrases = Self::default();
        for entry in list {
            match entry.strip_suffix('*') {
                Some(stem) => phrases.prefixes.push(fold(stem)),
                None => drop(phrases.exact.insert(fold(entry))),
            }
        }
        for phrase in &phrases.exact {
            let first = phrase.chars().next().unwrap_or_default();
            phrases.exact_by_first_char.entry(first).or_default().push(phrase.clone());
        }
        phrases
    }

    /// Whether the whole folded `phrase` matches an entry.
    pub(crate) fn contains(&self, phrase: &str) -> bool {
        self.exact.contains(phrase) || self.prefixes.iter().any(|stem| phrase.starts_with(stem.as_str()))
    }

    /// Returns the longest part of the folded `text` that matches an entry and begins and ends at word boundaries.
    ///
    /// What a `stem*` entry matches ends behind the stem.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let starts = text.char_indices().filter(|(at, _)| is_word_boundary(text, *at)).map(|(at, _)| at);
        starts.filter_map(|at| self.at(text, at)).max_by_key(|found| found.len())
    }

    /// Returns the match that begins at the byte `at` of `text`.
    fn at<'t>(&self, text: &'t str, at: usize) -> Option<&'t str> {
        let rest = text.get(at..)?;
        let prefix = self.prefixes.iter().find(|stem| rest.starts_with(stem.as_str()));
        if let Some(stem) = prefix {
            return rest.get(..stem.len());
        }
        let listed = rest.chars().next().and_then(|first| self.exact_by_first_char.get(&first))?;
        let exact = |phrase: &&String| rest.starts_with(phrase.as_str()) && is_word_boundary(text, at + phrase.len());
        listed.iter().filter(exact).map(String::len).max().and_then(|end| rest.get(..end))
    }
}

/// Whether a word can begin or end at the byte `at`. Scripts without spaces have boundaries everywhere.
fn is_word_boundary(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(at..).and_then(|text| text.chars().next());
    let joins =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() && !is_unspaced_script(letter));
    !(joins(before) && joins(after))
}

/// Whether `letter` belongs to a script that puts no spaces between words: Chinese, Japanese or Thai.
pub(crate) fn is_unspaced_script(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{0E00}'..='\u{0E7F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_text_folds_like_any_other_text() {
        let text: String = (0_u8..128).map(char::from).collect();
        // The zero-width space folds to nothing and forces the Unicode path.
        let unicode = fold(&format!("{text}\u{200B}"));
        assert_eq!(fold(&text), unicode);
    }
}
