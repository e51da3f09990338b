//! The lists of words below `lexicon/`, folded once.
//!
//! Folded text is in small letters, without marks, and one word is parted from the next by one
//! space, so that "Expérience", "EXPÉRIENCE" and "experience" are the same.

use std::collections::{HashMap, HashSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `text` in small letters, without marks, its white space as single spaces.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Most text needs none of the tables of Unicode, which took a twelfth of the time of a CV.
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
            '\u{4E00}'..='\u{9FFF}' => folded.push(simplified(letter)),
            '’' | '‘' | 'ʼ' | '´' | '`' => folded.push('\''),
            '״' => folded.push('"'),
            '\u{200B}'..='\u{200F}' | '\u{0640}' => {}
            _ if letter.is_whitespace() => folded.push_str(if folded.ends_with(' ') { "" } else { " " }),
            _ => folded.push(letter),
        }
    }
    folded.trim().to_owned()
}

/// Characters of CVs as they are written in Taiwan, Hong Kong and Japan, each before its simplified form.
const TRADITIONAL: &str = "學学歷历歴历經经経经業业務务職职專专長长證证資资設设計计師师員员開开發发発发網网絡络電电機机構构語语說说讀读書书館馆廣广產产産产實实実实驗验験验習习與与聯联繫系係系關关関关於于個个簡简評评價价価价導导總总監监營营運运銷销財财會会審审稅税銀银醫医護护藥药廳厅廠厂車车輛辆軟软體体數数據据庫库雲云優优勢势興兴愛爱榮荣譽誉獎奖項项場场動动時时間间現现進进條条組组織织協协調调團团隊队領领際际國国當当擔担負负責责編编輯辑譯译記记錄录試试測测製制圖图畫画質质檢检後后畢毕碩硕課课題题論论環环節节聖圣臺台區区縣县鄉乡東东風风馬马龍龙點点線线號号樓楼門门張张陳陈劉刘楊杨黃黄趙赵吳吴鄭郑謝谢許许韓韩馮冯鄧邓葉叶蔣蒋盧卢蘇苏賈贾鐘钟譚谭陸陆來来從从應应話话給给氣气處处衛卫農农觀观視视覺觉親亲講讲議议認认識识讓让訓训費费貿贸賣卖買买輸输轉转較较載载輕轻達达遠远適适選选還还邊边齡龄齢龄別别術术証证獲获賞赏歡欢訊讯報报險险標标準准劃划歲岁礎础貨货僱雇傭佣駕驾駛驶執执";

/// Pairs of [`TRADITIONAL`].
static SIMPLIFIED: std::sync::LazyLock<HashMap<char, char>> = std::sync::LazyLock::new(|| {
    let letters: Vec<char> = TRADITIONAL.chars().collect();
    letters.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
});

fn simplified(letter: char) -> char {
    SIMPLIFIED.get(&letter).copied().unwrap_or(letter)
}

/// The words of folded text.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|letter: char| !(letter.is_alphanumeric() || "'\"+#&.-".contains(letter)))
        .map(|word| word.trim_matches(['.', '-', '\'']))
        .filter(|word| !word.is_empty())
}

/// The lines of a list of the form `key: …`, without comments.
pub(crate) fn keyed(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
}

/// Words, some with a star for whatever precedes or follows.
#[derive(Default)]
pub(crate) struct Words {
    whole: HashSet<String>,
    /// By their first letter.
    beginnings: HashMap<char, Vec<String>>,
    /// By their last letter.
    endings: HashMap<char, Vec<String>>,
    inner: Vec<String>,
}

impl Words {
    /// Words parted by white space; lines that begin with `#` are comments.
    pub(crate) fn parse(list: &str) -> Self {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        Self::of(lines.flat_map(str::split_whitespace))
    }

    /// These words.
    pub(crate) fn of<'a>(list: impl Iterator<Item = &'a str>) -> Self {
        let mut words = Self::default();
        for entry in list {
            let stem = fold(entry.trim_matches('*'));
            let edge = |letter: Option<char>| letter.unwrap_or_default();
            match (entry.starts_with('*'), entry.ends_with('*')) {
                (false, false) => drop(words.whole.insert(stem)),
                (false, true) => words.beginnings.entry(edge(stem.chars().next())).or_default().push(stem),
                (true, false) => words.endings.entry(edge(stem.chars().next_back())).or_default().push(stem),
                (true, true) => words.inner.push(stem),
            }
        }
        words
    }

    /// Whether the folded `word` is one of them.
    pub(crate) fn has(&self, word: &str) -> bool {
        let first = word.chars().next().and_then(|letter| self.beginnings.get(&letter));
        let last = word.chars().next_back().and_then(|letter| self.endings.get(&letter));
        self.whole.contains(word)
            || first.is_some_and(|stems| stems.iter().any(|stem| word.starts_with(stem.as_str())))
            || last.is_some_and(|stems| stems.iter().any(|stem| word.ends_with(stem.as_str())))
            || self.inner.iter().any(|stem| word.contains(stem.as_str()))
    }
}

/// Phrases parted by bars, some with a star for the rest of a word.
#[derive(Default)]
pub(crate) struct Phrases {
    whole: HashSet<String>,
    /// The whole ones, by their first letter.
    by_letter: HashMap<char, Vec<String>>,
    beginnings: Vec<String>,
}

impl Phrases {
    /// Phrases parted by ` | `; lines that begin with `#` are comments.
    pub(crate) fn parse(list: &str) -> Self {
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        Self::of(lines.flat_map(|line| line.split(" | ")))
    }

    /// These phrases.
    pub(crate) fn of<'a>(list: impl Iterator<Item = &'a str>) -> Self {
        let mut phrases = Self::default();
        for entry in list {
            match entry.strip_suffix('*') {
                Some(stem) => phrases.beginnings.push(fold(stem)),
                None => drop(phrases.whole.insert(fold(entry))),
            }
        }
        for phrase in &phrases.whole {
            let first = phrase.chars().next().unwrap_or_default();
            phrases.by_letter.entry(first).or_default().push(phrase.clone());
        }
        phrases
    }

    /// Whether the folded `phrase` is one of them, as a whole.
    pub(crate) fn has(&self, phrase: &str) -> bool {
        self.whole.contains(phrase) || self.beginnings.iter().any(|stem| phrase.starts_with(stem.as_str()))
    }

    /// Where one of them stands in the folded `text`, at the edges of words; the longest.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let starts = text.char_indices().filter(|(at, _)| is_edge(text, *at)).map(|(at, _)| at);
        starts.filter_map(|at| self.at(text, at)).max_by_key(|found| found.len())
    }

    fn at<'t>(&self, text: &'t str, at: usize) -> Option<&'t str> {
        let rest = text.get(at..)?;
        let begun = self.beginnings.iter().find(|stem| rest.starts_with(stem.as_str()));
        if let Some(stem) = begun {
            return rest.get(..stem.len());
        }
        let listed = rest.chars().next().and_then(|first| self.by_letter.get(&first))?;
        let whole = |phrase: &&String| rest.starts_with(phrase.as_str()) && is_edge(text, at + phrase.len());
        listed.iter().filter(whole).map(String::len).max().and_then(|end| rest.get(..end))
    }
}

/// Whether a word may begin or end at that byte. Scripts without spaces have edges everywhere.
fn is_edge(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(at..).and_then(|text| text.chars().next());
    let inner = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() && !is_unspaced(letter));
    !(inner(before) && inner(after))
}

/// Whether `letter` belongs to a script that sets no spaces between words.
pub(crate) fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{0E00}'..='\u{0E7F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_letters_fold_as_all_others_do() {
        let text: String = (0_u8..128).map(char::from).collect();
        // A letter that folds to nothing takes the long way.
        let long = fold(&format!("{text}\u{200B}"));
        assert_eq!(fold(&text), long);
    }
}
