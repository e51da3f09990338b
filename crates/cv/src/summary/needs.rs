//! Must-haves of a posting, quoted or not found.

use domain::{Evidence, Line, LineKind, Phrase};
use rust_stemmers::{Algorithm, Stemmer};

use super::{
    MOST_QUOTED, one_line,
    said::{Told, Word, words},
};
use crate::facts::{Employment, End, Fact, Language, is_prompt_injection, languages, line_view::LineView};

/// Words for the same thing.
const SAME: [&[&str]; 44] = [
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
/// What says nothing of the thing itself, in the languages of the pages: articles, joints, and how long or how well.
const EMPTY: &str = " a an and of in the with or for to at least years year yrs experience experienced strong good very excellent solid proven knowledge proficiency proficient fluent working understanding minimum ability skills und oder mit in der die das den von im fur als ein eine mindestens jahre jahren jahr erfahrung erfahrungen kenntnisse gute guter sehr fundierte fliessend et ou de du des la le les en dans avec un une ans annees annee experience experiences connaissance connaissances bonne bonnes bon maitrise courant minimum y o de del la el los las con un una anos ano experiencia conocimientos conocimiento buen buena dominio fluido minimo al menos ";
/// Languages in which two forms of a word are told to be one.
const STEMMED: [Algorithm; 8] = [
    Algorithm::English,
    Algorithm::German,
    Algorithm::French,
    Algorithm::Spanish,
    Algorithm::Italian,
    Algorithm::Portuguese,
    Algorithm::Dutch,
    Algorithm::Russian,
];
/// Shorter words have no forms that are safe to take for one.
const SHORTEST_STEMMED: usize = 5;

/// Where `need` is named: by what somebody did in an employment, the latest first, else by any line.
pub(super) fn line(text_lines: &[LineView<'_>], jobs: &[Told<'_>], spoken: &[Language], need: &str) -> Line {
    let wanted = wanted(need);
    // "German" is "Deutsch" in a German CV.
    if let [word] = wanted.as_slice()
        && let Some(code) = languages::code_from_name(&word.folded)
        && let Some(language) = spoken.iter().find(|language| language.code == Some(code))
    {
        let quote = language.description.evidence.clone();
        return Line::cited(LineKind::MustHave, format!("{need}: “{}”", one_line(&quote)), quote, vec![]);
    }
    let said = |told: &Told<'_>| told.said.iter().find(|said| has(&said.words, &wanted)).map(|said| said.quote.clone());
    if let Some((job, quote)) = jobs.iter().find_map(|told| Some((told.job, said(told)?))) {
        let text = format!("{need}: “{}”, {}", one_line(&quote), place(job));
        return Line::cited(LineKind::MustHave, text, quote, place_quotes(job));
    }
    let open = |line: &&LineView<'_>| !is_prompt_injection(line.text);
    let named = |line: &&LineView<'_>| has(&words(line.text), &wanted);
    let quote = text_lines.iter().filter(named).find(open).and_then(|line| passage(line, &wanted));
    quote.map_or_else(
        || Line::not_found(need),
        |quote| Line::cited(LineKind::MustHave, format!("{need}: “{}”", one_line(&quote)), quote, vec![]),
    )
}

/// Where `row` has the words `wanted`: all of it, or a part of a very long one.
fn passage(line: &LineView<'_>, wanted: &[Wanted]) -> Option<Evidence> {
    if line.text.len() <= MOST_QUOTED {
        return line.cite_all();
    }
    let mut rest = 0..line.text.len();
    while let Some(text) = line.text.get(rest.clone()).filter(|text| !text.is_empty()) {
        let most = text.floor_char_boundary(MOST_QUOTED / 2);
        let cut = if most == text.len() { None } else { text.get(..most)?.rfind(char::is_whitespace) };
        let end = rest.start + cut.filter(|end| *end > 0).unwrap_or(most);
        if has(&words(line.text.get(rest.start..end)?), wanted) {
            return line.cite(rest.start..end);
        }
        rest.start = end;
    }
    None
}

/// A skill, with the end of the last employment under which it is named.
pub(super) fn skill(skill: &Fact<String>, jobs: &[Told<'_>]) -> Line {
    let wanted = wanted(&skill.value);
    let under = |told: &Told<'_>| {
        let said = told.said.iter().find(|said| has(&said.words, &wanted)).map(|said| said.quote.clone());
        let title = || told.job.title.as_ref().filter(|_| has(&told.title, &wanted));
        said.or_else(|| title().map(|title| title.evidence.clone()))
    };
    let used = jobs.iter().find_map(|told| Some((under(told)?, told.job)));
    let Some((quote, job)) = used else {
        return Line::cited(LineKind::Skill, skill.value.clone(), skill.evidence.clone(), vec![]);
    };
    let until = match job.end.value {
        End::Present => None,
        End::Date(date) => Some(date.year),
    };
    let phrase = Phrase::Skill { skill: skill.value.clone(), until };
    Line::said(LineKind::Skill, phrase, skill.evidence.clone(), vec![quote, job.end.evidence.clone()])
}

/// A word that is looked for.
pub(super) struct Wanted {
    folded: String,
    /// The sets of words for the same thing that it is in: most are in none.
    sets: Vec<&'static [&'static str]>,
}

impl Wanted {
    fn of(word: Word) -> Self {
        let sets = SAME.iter().copied().filter(|set| set.contains(&word.folded.as_str())).collect();
        Self { folded: word.folded, sets }
    }

    /// Whether `word` is it, another form of it or another word for it.
    fn is(&self, word: &Word) -> bool {
        let said = word.folded.as_str();
        !word.small
            && (self.folded == said || stemmed(&self.folded, said) || self.sets.iter().any(|set| set.contains(&said)))
    }
}

/// The words of `need` that mean something.
pub(super) fn wanted(need: &str) -> Vec<Wanted> {
    let empty = |word: &Word| {
        EMPTY.contains(&format!(" {} ", word.folded))
            || word.folded.chars().all(|c| c.is_ascii_digit() || c == '+')
            || word.small && word.folded.chars().count() == 1
    };
    let kept: Vec<Word> = words(need).into_iter().filter(|word| !empty(word)).collect();
    // "Experience" alone is what it says.
    let kept = if kept.is_empty() { words(need) } else { kept };
    kept.into_iter().map(Wanted::of).collect()
}

/// Whether `said` has each of the words `wanted`.
pub(super) fn has(said: &[Word], wanted: &[Wanted]) -> bool {
    !wanted.is_empty() && wanted.iter().all(|want| said.iter().any(|word| want.is(word)))
}

/// "Analytical Ltd, Mar 2020 – Present".
fn place(job: &Employment) -> String {
    let (start, end) = (job.start.evidence.quote(), job.end.evidence.quote());
    let dates = if end.contains(start) { end.to_owned() } else { format!("{start} – {end}") };
    job.employer.as_ref().map_or(dates.clone(), |employer| format!("{}, {dates}", employer.value))
}

fn place_quotes(job: &Employment) -> Vec<Evidence> {
    let employer = job.employer.iter().map(|employer| employer.evidence.clone());
    employer.chain([job.start.evidence.clone(), job.end.evidence.clone()]).collect()
}

/// Whether the two are forms of one word: "machine" and "machines", "geführt" and "führte".
fn stemmed(want: &str, word: &str) -> bool {
    let long = |text: &str| text.chars().count() >= SHORTEST_STEMMED && text.chars().all(char::is_alphabetic);
    let alike = want.chars().zip(word.chars()).take(4).filter(|(a, b)| a == b).count() == 4;
    if !alike || !long(want) || !long(word) {
        return false;
    }
    STEMMED.iter().any(|language| {
        let stemmer = Stemmer::create(*language);
        stemmer.stem(want) == stemmer.stem(word)
    })
}
