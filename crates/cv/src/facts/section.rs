//! The sections of a CV, told by their headings.

use super::row::Row;

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Head,
    Work,
    Education,
    Skills,
    Languages,
    Personal,
    Other,
}

const HEADINGS: [(Section, &str); 6] = [
    (
        Section::Work,
        "experience|work experience|professional experience|employment|employment history|work history|berufserfahrung|beruflicher werdegang|expérience professionnelle|expériences professionnelles|expérience|experiencia|experiencia profesional|experiencia laboral|esperienza|esperienza lavorativa|esperienze professionali|experiência|experiência profissional|werkervaring|опыт работы|doświadczenie zawodowe|工作经历|工作经验|الخبرة|الخبرة العملية|الخبرات|experiences|relevant experience|career history|work|industry experience|praxiserfahrung|expériences|esperienze|experiências|ervaring|experiencia de trabajo|опыт|ניסיון תעסוקתי",
    ),
    (
        Section::Education,
        "education|academic background|ausbildung|bildung|studium|formation|formations|educación|formación|formación académica|istruzione|formazione|educação|formação|formação académica|opleiding|opleidingen|образование|wykształcenie|教育背景|التعليم|השכלה",
    ),
    (
        Section::Skills,
        "skills|technical skills|key skills|kenntnisse|fähigkeiten|compétences|habilidades|competencias|competenze|competências|vaardigheden|навыки|umiejętności|技能|المهارات|כישורים",
    ),
    (
        Section::Languages,
        "languages|sprachen|sprachkenntnisse|langues|idiomas|lingue|línguas|talen|языки|języki|语言|اللغات|שפות",
    ),
    (
        Section::Personal,
        "personal details|personal information|personal data|persönliche daten|datos personales|dati personali|dados pessoais|persoonlijke gegevens",
    ),
    (
        Section::Other,
        "summary|profile|profil|profiel|perfil|profilo|projects|projekte|projets|proyectos|publications|certifications|certificates|interests|hobbies|references|awards|volunteering|objective|contact|kontakt|personal statement|interessen|intereses|centres d'intérêt|interessi|interesses|hobby's|patents|invited talks|talks|activities|zertifikate|certificats|certificaciones|certificazioni|referenzen|références|referencias|proyectos|progetti|projecten|projetos|zainteresowania|интересы|兴趣|الاهتمامات|תחומי עניין",
    ),
];

/// The section that `row` opens.
pub(crate) fn opened(row: &Row<'_>) -> Option<Section> {
    let text = row.text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let text = without_continued(&text);
    let joints = [" and ", " & ", " und ", " et ", " y ", " e ", " en "];
    let begin = joints.iter().find_map(|joint| text.split_once(joint)).map_or("", |(begin, _)| begin);
    let named = |wanted: &str| HEADINGS.iter().find(|(_, names)| names.split('|').any(|name| name == wanted));
    let short = text.chars().count() < 40;
    let known = named(text).or_else(|| named(begin).filter(|_| short));
    known.map(|(section, _)| *section).or((row.line.heading == 2).then_some(Section::Other))
}

/// "Experience (continued)" is Experience.
fn without_continued(text: &str) -> &str {
    const CONTINUED: [&str; 7] = ["continued", "cont.", "cont", "fortsetzung", "suite", "continuación", "continuação"];
    let open = CONTINUED.iter().find_map(|word| text.strip_suffix(word));
    open.filter(|open| open.ends_with(['(', ' '])).map_or(text, |open| open.trim_end_matches([' ', '(', '–', '-', ',']))
}

/// Labels of data that no summary repeats; each is found at the beginning of a word.
const PERSONAL: &str = "date of birth|birth date|birthday|place of birth|dob:|born on|born in|born:|nationality|citizenship|marital|gender|sex:|age:|geburt|geboren|familienstand|staatsangeh|nationalität|geschlecht|date de naissance|né le|née le|nationalité|situation familiale|état civil|sexe|fecha de nacimiento|nacionalidad|estado civil|edad:|data di nascita|nazionalità|stato civile|data de nascimento|nacionalidade|geboortedatum|nationaliteit|burgerlijke staat|дата рождения|гражданство|семейное положение|data urodzenia|narodowość|stan cywilny|children:|number of children|married|years old|religion:|pregnan|pronouns|he/him|she/her|they/them|تاريخ الميلاد|الجنسية|الحالة الاجتماعية|תאריך לידה|מצב משפחתי|אזרחות";
/// The same in a script that sets no spaces.
const PERSONAL_UNSPACED: &str = "出生|国籍|婚姻|性别|年龄";

/// Whether `text` speaks of birth, nation, family or looks.
pub(crate) fn is_personal(text: &str) -> bool {
    let text = text.to_lowercase();
    let begins = |(at, _): (usize, &str)| {
        !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
    };
    PERSONAL.split('|').any(|label| text.match_indices(label).any(begins))
        || PERSONAL_UNSPACED.split('|').any(|label| text.contains(label))
}
