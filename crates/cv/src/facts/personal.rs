//! Recognizes personal data, which no fact and no summary line may repeat.

use std::{collections::HashMap, sync::LazyLock};

/// Labels of personal data, separated by bars. They count at the beginning of a word.
const LABELS: &str = "date of birth|birth date|birthday|place of birth|dob:|born on|born in|born:|nationality|citizenship|marital|gender|sex:|age:|geburt|geboren|familienstand|staatsangeh|nationalität|geschlecht|date de naissance|né le|née le|nationalité|situation familiale|état civil|sexe|fecha de nacimiento|nacionalidad|estado civil|edad:|data di nascita|nazionalità|stato civile|data de nascimento|nacionalidade|geboortedatum|nationaliteit|burgerlijke staat|дата рождения|гражданство|семейное положение|data urodzenia|narodowość|stan cywilny|children:|number of children|married|years old|religion:|pregnan|pronouns|he/him|she/her|they/them|تاريخ الميلاد|الجنسية|الحالة الاجتماعية|תאריך לידה|מצב משפחתי|אזרחות";
/// The same in scripts without spaces, where they count anywhere.
const UNSPACED_LABELS: &str = "出生|国籍|國籍|婚姻|性别|性別|年龄|年齡|年齢|配偶";

/// [`LABELS`] by their first characters.
static LABELS_BY_FIRST_CHAR: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut labels: HashMap<char, Vec<&'static str>> = HashMap::new();
    for label in LABELS.split('|') {
        labels.entry(label.chars().next().unwrap_or_default()).or_default().push(label);
    }
    labels
});

/// Whether `text` has a label of personal data: birth, nationality, family, gender, religion.
pub(crate) fn is_personal(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        let at_word_start = !before.is_alphanumeric();
        before = letter;
        let labels = LABELS_BY_FIRST_CHAR.get(&letter).filter(|_| at_word_start);
        if labels.is_some_and(|labels| labels.iter().any(|label| text[at..].starts_with(label))) {
            return true;
        }
    }
    !text.is_ascii() && UNSPACED_LABELS.split('|').any(|label| text.contains(label))
}
