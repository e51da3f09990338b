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
        "experience|work experience|professional experience|employment|employment history|work history|berufserfahrung|beruflicher werdegang|expérience professionnelle|expériences professionnelles|expérience|experiencia|experiencia profesional|experiencia laboral|esperienza|esperienza lavorativa|esperienze professionali|experiência|experiência profissional|werkervaring|опыт работы|doświadczenie zawodowe|工作经历|الخبرة|ניסיון תעסוקתי",
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
        "summary|profile|profil|profiel|perfil|profilo|projects|projekte|projets|proyectos|publications|certifications|certificates|interests|hobbies|references|awards|volunteering|objective|contact|kontakt",
    ),
];

/// The section that `row` opens.
pub(crate) fn opened(row: &Row<'_>) -> Option<Section> {
    let text = row.text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let known = HEADINGS.iter().find(|(_, names)| names.split('|').any(|name| name == text));
    known.map(|(section, _)| *section).or((row.line.heading == 2).then_some(Section::Other))
}

/// Labels of data that no summary repeats.
const PERSONAL: &str = "date of birth|birth date|born|nationality|citizenship|marital|gender|geburt|geboren|familienstand|staatsangeh|nationalität|geschlecht|date de naissance|né le|née le|nationalité|situation familiale|état civil|fecha de nacimiento|nacionalidad|estado civil|data di nascita|nazionalità|stato civile|data de nascimento|nacionalidade|geboortedatum|nationaliteit|burgerlijke staat|дата рождения|гражданство|data urodzenia|children|married|years old|religion|pregnan";

/// Whether `text` speaks of birth, nation, family or looks.
pub(crate) fn is_personal(text: &str) -> bool {
    let text = text.to_lowercase();
    PERSONAL.split('|').any(|label| text.contains(label))
}
