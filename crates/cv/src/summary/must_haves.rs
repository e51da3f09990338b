//! Finds the must-haves of a posting and the use of skills in a CV.

use domain::{Evidence, Line, LineKind, Message, Sentence, Separator};
use rust_stemmers::{Algorithm, Stemmer};

use super::{
    MAX_QUOTE_BYTES, add_period,
    tokens::{TokenizedEmployment, Word, tokenize},
};
use crate::facts::{Employment, End, Fact, Language, is_prompt_injection, languages, line_view::LineView};

/// Sets of folded words that mean the same.
const SYNONYMS: [&[&str]; 44] = [
    &["kubernetes", "k8s"],
    &["postgresql", "postgres", "psql"],
    &["javascript", "js", "ecmascript"],
    &["golang", "go"],
    &["typescript", "ts"],
    &["python", "python3", "py"],
    &["c++", "cpp"],
    &["c#", "csharp"],
    &[".net", "dotnet", "net"],
    &["node.js", "nodejs", "node"],
    &["react", "react.js", "reactjs"],
    &["vue", "vue.js", "vuejs"],
    &["angular", "angularjs", "angular.js"],
    &["gcp", "googlecloud"],
    &["ci", "ci/cd", "cicd", "cd"],
    &["ml", "machinelearning"],
    &["mssql", "sqlserver"],
    &["mongodb", "mongo"],
    &["elasticsearch", "elastic"],
    &["tensorflow", "tf"],
    &["excel", "ms-excel"],
    &["powerbi", "power-bi"],
    &["sap", "s/4hana"],
    &["nurse", "rn", "pflegefachkraft", "krankenschwester", "infirmier", "enfermera", "enfermero"],
    &["developer", "entwickler", "developpeur", "desarrollador", "sviluppatore", "ontwikkelaar"],
    &["engineer", "ingenieur", "ingeniero", "ingegnere", "engenheiro"],
    &["teacher", "lehrer", "enseignant", "profesor", "maestro", "insegnante", "leraar"],
    &["accountant", "buchhalter", "comptable", "contable", "contabile", "boekhouder"],
    &["management", "leitung", "gestion", "gestione", "fuhrung"],
    &["project", "projekt", "projet", "proyecto", "progetto", "projeto"],
    &["sales", "vertrieb", "verkauf", "vente", "ventes", "ventas", "vendite", "vendas"],
    &["customer", "kunden", "kunde", "client", "clients", "cliente", "clientes"],
    &["accounting", "buchhaltung", "rechnungswesen", "comptabilite", "contabilidad", "contabilita", "contabilidade"],
    &["nursing", "pflege", "soins", "enfermeria", "infermieristica", "enfermagem"],
    &["driver", "fahrer", "chauffeur", "conductor", "autista", "motorista"],
    &["electrician", "elektriker", "elektroniker", "electricien", "electricista", "elettricista", "eletricista"],
    &["cook", "koch", "cuisinier", "cocinero", "cuoco", "cozinheiro"],
    &["warehouse", "lager", "entrepot", "almacen", "magazzino", "armazem"],
    &["licence", "license", "lizenz", "permis", "licencia", "patente"],
    &["purchasing", "einkauf", "achats", "compras", "acquisti", "procurement"],
    &["training", "schulung", "schulungen", "formation", "formacion", "formazione", "formacao"],
    &["quality", "qualitat", "qualite", "calidad", "qualita", "qualidade"],
    &["team", "equipe", "equipo", "squadra", "equipa"],
    &["budget", "budgets", "presupuesto", "presupuestos", "orcamento"],
];
/// Folded words that say nothing about the thing itself, each between spaces: articles, prepositions, and how long or
/// how well somebody knows it.
const STOP_WORDS: &str = " a an and of in the with or for to at least years year yrs experience experienced strong good very excellent solid proven knowledge proficiency proficient fluent working understanding minimum ability skills und oder mit in der die das den von im fur als ein eine mindestens jahre jahren jahr erfahrung erfahrungen kenntnisse gute guter sehr fundierte fliessend et ou de du des la le les en dans avec un une ans annees annee experience experiences connaissance connaissances bonne bonnes bon maitrise courant minimum y o de del la el los las con un una anos ano experiencia conocimientos conocimiento buen buena dominio fluido minimo al menos ";
/// The languages whose stemmers decide whether two words are forms of one.
const STEMMER_LANGUAGES: [Algorithm; 8] = [
    Algorithm::English,
    Algorithm::German,
    Algorithm::French,
    Algorithm::Spanish,
    Algorithm::Italian,
    Algorithm::Portuguese,
    Algorithm::Dutch,
    Algorithm::Russian,
];
/// The stems of shorter words are too ambiguous to compare.
const MIN_STEMMED_CHARS: usize = 5;

/// Returns the line of a must-have: where the CV names it, or that it does not.
///
/// A language is looked for among `languages`. Otherwise the first of `employments`, whose order is from the latest on,
/// with a highlight that names the must-have counts, else the first of `text_lines` that does.
pub(super) fn must_have_line(
    text_lines: &[LineView<'_>],
    employments: &[TokenizedEmployment<'_>],
    languages: &[Language],
    must_have: &str,
) -> Line {
    let terms = search_terms(must_have);
    // A German CV has "Deutsch" where the posting has "German".
    if let [term] = terms.as_slice()
        && let Some(code) = languages::code_from_name(&term.folded)
        && let Some(language) = languages.iter().find(|language| language.code == Some(code))
    {
        let quote = language.description.evidence.clone();
        return Line::cited(LineKind::MustHave, Sentence::from_must_have(must_have, quote));
    }
    let found = employments.iter().find_map(|tokenized| Some((tokenized.employment, find_quote(tokenized, &terms)?)));
    if let Some((employment, quote)) = found {
        let sentence = Sentence::from_must_have(must_have, quote);
        return Line::cited(LineKind::MustHave, add_employer(sentence, employment));
    }
    let names_it = |line: &&LineView<'_>| contains_all(&tokenize(line.text), &terms);
    let is_harmless = |line: &&LineView<'_>| !is_prompt_injection(line.text);
    let quote = text_lines.iter().filter(names_it).find(is_harmless).and_then(|line| cite_with_terms(line, &terms));
    quote.map_or_else(
        || Line::not_found(must_have),
        |quote| Line::cited(LineKind::MustHave, Sentence::from_must_have(must_have, quote)),
    )
}

/// Returns the first highlight that contains all `terms`.
fn find_quote(employment: &TokenizedEmployment<'_>, terms: &[SearchTerm]) -> Option<Evidence> {
    let sentence = employment.sentences.iter().find(|sentence| contains_all(&sentence.words, terms));
    sentence.map(|sentence| sentence.quote.clone())
}

/// Cites `line`, or the part of a very long one that contains all `terms`.
fn cite_with_terms(line: &LineView<'_>, terms: &[SearchTerm]) -> Option<Evidence> {
    if line.text.len() <= MAX_QUOTE_BYTES {
        return line.cite_all();
    }
    let mut rest = 0..line.text.len();
    while let Some(text) = line.text.get(rest.clone()).filter(|text| !text.is_empty()) {
        let max = text.floor_char_boundary(MAX_QUOTE_BYTES / 2);
        let space = if max == text.len() { None } else { text.get(..max)?.rfind(char::is_whitespace) };
        let end = rest.start + space.filter(|end| *end > 0).unwrap_or(max);
        if contains_all(&tokenize(line.text.get(rest.start..end)?), terms) {
            return line.cite(rest.start..end);
        }
        rest.start = end;
    }
    None
}

/// Returns the line of a skill, with the year in which the last employment ended whose highlights or title name it.
pub(super) fn skill_line(skill: &Fact<String>, employments: &[TokenizedEmployment<'_>]) -> Line {
    let terms = search_terms(&skill.value);
    let quote_or_title = |tokenized: &TokenizedEmployment<'_>| {
        let title = || tokenized.employment.title.as_ref().filter(|_| contains_all(&tokenized.title, &terms));
        find_quote(tokenized, &terms).or_else(|| title().map(|title| title.evidence.clone()))
    };
    let used = employments.iter().find_map(|tokenized| Some((quote_or_title(tokenized)?, tokenized.employment)));
    let Some((quote, employment)) = used else {
        return Line::from_quote(LineKind::Skill, skill.evidence.clone());
    };
    let until = match employment.end.value {
        End::Present => None,
        End::Date(date) => Some(date.year),
    };
    let sentence = Sentence::from_quote(skill.evidence.clone()).message(Separator::Space, Message::LastUsed { until });
    Line::cited(LineKind::Skill, sentence.cite(quote).cite(employment.end.evidence.clone()))
}

/// A word to search for.
pub(super) struct SearchTerm {
    folded: String,
    /// The sets of [`SYNONYMS`] that contain it; empty for most words.
    synonyms: Vec<&'static [&'static str]>,
}

impl SearchTerm {
    /// Looks up the synonyms of `word`.
    fn from_word(word: Word) -> Self {
        let synonyms = SYNONYMS.iter().copied().filter(|set| set.contains(&word.folded.as_str())).collect();
        Self { folded: word.folded, synonyms }
    }

    /// Whether `word` is the term, another form of it or a synonym.
    fn matches(&self, word: &Word) -> bool {
        let folded = word.folded.as_str();
        !word.is_short_lowercase
            && (self.folded == folded
                || have_same_stem(&self.folded, folded)
                || self.synonyms.iter().any(|set| set.contains(&folded)))
    }
}

/// Splits a must-have or a skill into search terms and leaves out stop words and numbers.
pub(super) fn search_terms(text: &str) -> Vec<SearchTerm> {
    let is_empty = |word: &Word| {
        STOP_WORDS.contains(&format!(" {} ", word.folded))
            || word.folded.chars().all(|c| c.is_ascii_digit() || c == '+')
            || word.is_short_lowercase && word.folded.chars().count() == 1
    };
    let kept: Vec<Word> = tokenize(text).into_iter().filter(|word| !is_empty(word)).collect();
    // A must-have of nothing but stop words, such as "Experience", means just these.
    let kept = if kept.is_empty() { tokenize(text) } else { kept };
    kept.into_iter().map(SearchTerm::from_word).collect()
}

/// Whether every one of `terms` matches a word of `words`; never without terms.
pub(super) fn contains_all(words: &[Word], terms: &[SearchTerm]) -> bool {
    !terms.is_empty() && terms.iter().all(|term| words.iter().any(|word| term.matches(word)))
}

/// Appends the employer and the dates of an employment: "Analytical Ltd, Mar 2020 – Present".
fn add_employer(sentence: Sentence, employment: &Employment) -> Sentence {
    let employer = employment.employer.as_ref().map(|employer| employer.evidence.clone());
    let sentence = employer.into_iter().fold(sentence, |sentence, quote| sentence.quote(Separator::Comma, quote));
    add_period(Some(sentence), employment)
}

/// Whether the two words are forms of one: "machine" and "machines".
fn have_same_stem(term: &str, word: &str) -> bool {
    let is_long = |text: &str| text.chars().count() >= MIN_STEMMED_CHARS && text.chars().all(char::is_alphabetic);
    // Stemming is slow, and the forms of a word nearly always begin alike.
    let same_beginning = term.chars().zip(word.chars()).take(4).filter(|(a, b)| a == b).count() == 4;
    if !same_beginning || !is_long(term) || !is_long(word) {
        return false;
    }
    STEMMER_LANGUAGES.iter().any(|language| {
        let stemmer = Stemmer::create(*language);
        stemmer.stem(term) == stemmer.stem(word)
    })
}
