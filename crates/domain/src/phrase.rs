//! What the machine says in words of its own, in the reader's language.
//!
//! A closed list of neutral sentences with numbers and dates in them: whatever else a line says is
//! a quote, and stays in the language of the CV.

use serde::{Deserialize, Serialize};

use crate::{line::Notice, refusal::UnreadReason, summary::HiddenReason};

/// The languages that cards are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Tongue {
    /// The tongue of an ISO 639-1 code, perhaps with a region: "de", "fr-CA".
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let language = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            "fr" => Some(Self::Fr),
            "es" => Some(Self::Es),
            _ => None,
        }
    }

    /// One of four texts.
    fn pick(self, texts: [&str; 4]) -> &str {
        let [en, de, fr, es] = texts;
        match self {
            Self::En => en,
            Self::De => de,
            Self::Fr => fr,
            Self::Es => es,
        }
    }
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
}

/// A time in which no employment is dated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blank {
    /// How many months.
    pub months: i32,
    /// The first of them.
    pub from: Month,
    /// The month after them.
    pub to: Month,
}

/// A sentence of our own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Phrase {
    /// How long somebody worked.
    Total {
        /// Months in at least one employment.
        months: i32,
        /// Times of more than six months without any.
        blanks: Vec<Blank>,
        /// Months in more than one.
        overlap: i32,
    },
    /// A skill and when it was last used.
    Skill {
        /// As the CV writes it.
        skill: String,
        /// The last year; none where the employment goes on.
        until: Option<i32>,
    },
    /// A must-have that the CV does not name.
    NotFound {
        /// As the posting writes it.
        need: String,
    },
    /// A time without a dated employment.
    Unemployed {
        /// Which.
        blank: Blank,
    },
    /// Two employments share months.
    Overlap {
        /// How many.
        months: i32,
    },
    /// An end before its beginning.
    Backwards,
    /// A beginning after today.
    Future,
    /// A stated total that the dates do not bear out.
    Stated {
        /// What the CV says, in years.
        years: i32,
        /// What its dates add up to.
        months: i32,
    },
    /// A sentence that is addressed to a program.
    ToProgram,
    /// Something about the document.
    Document {
        /// What.
        notice: Notice,
    },
}

impl Phrase {
    /// The sentence in `tongue`.
    #[must_use]
    pub fn say(&self, tongue: Tongue) -> String {
        let pick = |texts| tongue.pick(texts);
        match self {
            Self::Total { months, blanks, overlap } => total(*months, blanks, *overlap, tongue),
            Self::Skill { skill, until: None } => {
                format!("{skill}, {}", pick(["to date", "bis heute", "jusqu’à aujourd’hui", "hasta hoy"]))
            }
            Self::Skill { skill, until: Some(year) } => {
                format!("{skill}, {} {year}", pick(["until", "bis", "jusqu’en", "hasta"]))
            }
            Self::NotFound { need } => {
                format!("{need}: {}", pick(["not found", "nicht gefunden", "non trouvé", "no encontrado"]))
            }
            Self::Unemployed { blank } => unemployed(*blank, tongue),
            Self::Overlap { months } => {
                let (begin, end) = match tongue {
                    Tongue::En => ("Two employments overlap by ", ""),
                    Tongue::De => ("Zwei Beschäftigungen überschneiden sich um ", ""),
                    Tongue::Fr => ("Deux emplois se chevauchent pendant ", ""),
                    Tongue::Es => ("Dos empleos se solapan durante ", ""),
                };
                format!("{begin}{}{end}", count(*months, Unit::DativeMonth, tongue))
            }
            Self::Backwards => pick([
                "The employment ends before it begins",
                "Die Beschäftigung endet, bevor sie beginnt",
                "L’emploi se termine avant de commencer",
                "El empleo termina antes de empezar",
            ])
            .to_owned(),
            Self::Future => pick([
                "The employment begins in the future",
                "Die Beschäftigung beginnt in der Zukunft",
                "L’emploi commence dans le futur",
                "El empleo empieza en el futuro",
            ])
            .to_owned(),
            Self::Stated { years, months } => stated(*years, *months, tongue),
            Self::ToProgram => pick([
                "A sentence addressed to a program, not to a reader; it was not followed",
                "Ein Satz, der sich an ein Programm richtet und nicht an Lesende; er wurde nicht befolgt",
                "Une phrase adressée à un programme et non à un lecteur ; elle n’a pas été suivie",
                "Una frase dirigida a un programa y no a un lector; no se siguió",
            ])
            .to_owned(),
            Self::Document { notice } => document(notice, tongue),
        }
    }
}

fn total(months: i32, blanks: &[Blank], overlap: i32, tongue: Tongue) -> String {
    let computed = tongue.pick([
        "computed from the dates",
        "aus den Daten berechnet",
        "calculé à partir des dates",
        "calculado a partir de las fechas",
    ]);
    let mut text = format!("{}, {computed}", length(months, tongue));
    for blank in blanks {
        let (from, to) = (month(blank.from, tongue), month(blank.to, tongue));
        let gap = count(blank.months, Unit::Month, tongue);
        let gap_of = count(blank.months, Unit::DativeMonth, tongue);
        text.push_str(&match tongue {
            Tongue::En => format!("; gap of {gap} from {from} to {to}"),
            Tongue::De => format!("; Lücke von {gap_of} von {from} bis {to}"),
            Tongue::Fr => format!("; interruption de {gap} de {from} à {to}"),
            Tongue::Es => format!("; intervalo de {gap} de {from} a {to}"),
        });
    }
    if overlap > 0 {
        let word = tongue.pick(["overlapping", "Überschneidung", "chevauchement", "solapamiento"]);
        let colon = if tongue == Tongue::Fr { " :" } else { ":" };
        text.push_str(&format!("; {word}{colon} {}", count(overlap, Unit::Month, tongue)));
    }
    text
}

fn unemployed(blank: Blank, tongue: Tongue) -> String {
    let (from, to) = (month(blank.from, tongue), month(blank.to, tongue));
    let months = blank.months;
    match tongue {
        Tongue::En => format!("No employment is dated in the {months} months from {from} to {to}"),
        Tongue::De => format!("In den {months} Monaten von {from} bis {to} ist keine Beschäftigung datiert"),
        Tongue::Fr => format!("Aucun emploi n’est daté pendant les {months} mois de {from} à {to}"),
        Tongue::Es => format!("No hay ningún empleo fechado en los {months} meses de {from} a {to}"),
    }
}

fn stated(years: i32, months: i32, tongue: Tongue) -> String {
    let sum = length(months, tongue);
    match tongue {
        Tongue::En => format!("The CV states {years} years; its employment dates add up to {sum}"),
        Tongue::De => format!("Der Lebenslauf nennt {years} Jahre; die Daten der Beschäftigungen ergeben {sum}"),
        Tongue::Fr => format!("Le CV indique {years} ans ; les dates des emplois donnent {sum}"),
        Tongue::Es => format!("El CV indica {years} años; las fechas de los empleos suman {sum}"),
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Month,
    /// After German prepositions.
    DativeMonth,
    Year,
}

fn count(n: i32, unit: Unit, tongue: Tongue) -> String {
    let (one, many) = match (unit, tongue) {
        (Unit::Month | Unit::DativeMonth, Tongue::En) => ("month", "months"),
        (Unit::Month, Tongue::De) => ("Monat", "Monate"),
        (Unit::DativeMonth, Tongue::De) => ("Monat", "Monaten"),
        (Unit::Month | Unit::DativeMonth, Tongue::Fr) => ("mois", "mois"),
        (Unit::Month | Unit::DativeMonth, Tongue::Es) => ("mes", "meses"),
        (Unit::Year, Tongue::En) => ("year", "years"),
        (Unit::Year, Tongue::De) => ("Jahr", "Jahre"),
        (Unit::Year, Tongue::Fr) => ("an", "ans"),
        (Unit::Year, Tongue::Es) => ("año", "años"),
    };
    format!("{n} {}", if n == 1 { one } else { many })
}

/// "9 years 10 months".
fn length(months: i32, tongue: Tongue) -> String {
    match (months / 12, months % 12) {
        (0, months) => count(months, Unit::Month, tongue),
        (years, 0) => count(years, Unit::Year, tongue),
        (years, months) => format!("{} {}", count(years, Unit::Year, tongue), count(months, Unit::Month, tongue)),
    }
}

/// "Mar 2020".
fn month(month: Month, tongue: Tongue) -> String {
    let names = tongue.pick([
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
    ]);
    let name = names.split(' ').nth(usize::from(month.month.saturating_sub(1))).unwrap_or_default();
    format!("{name} {}", month.year)
}

fn document(notice: &Notice, tongue: Tongue) -> String {
    match notice {
        Notice::UnreadPage { page, reason } => {
            let why = unread(*reason, tongue);
            match tongue {
                Tongue::En => format!("Page {page} could not be read: {why}"),
                Tongue::De => format!("Seite {page} konnte nicht gelesen werden: {why}"),
                Tongue::Fr => format!("La page {page} n’a pas pu être lue : {why}"),
                Tongue::Es => format!("No se pudo leer la página {page}: {why}"),
            }
        }
        Notice::HiddenText { page, reason } => {
            let how = hidden(*reason, tongue);
            match tongue {
                Tongue::En => format!("Page {page} holds text that a reader cannot see ({how}). It was left out."),
                Tongue::De => {
                    format!("Seite {page} enthält Text, den man nicht sehen kann ({how}). Er blieb außer Acht.")
                }
                Tongue::Fr => {
                    format!("La page {page} contient du texte qu’un lecteur ne voit pas ({how}). Il a été écarté.")
                }
                Tongue::Es => {
                    format!("La página {page} contiene texto que un lector no puede ver ({how}). Se dejó fuera.")
                }
            }
        }
        Notice::RecognisedPage { page } => match tongue {
            Tongue::En => format!("Page {page} is a picture; its text was recognised and may have errors."),
            Tongue::De => format!("Seite {page} ist ein Bild; ihr Text wurde erkannt und kann Fehler enthalten."),
            Tongue::Fr => {
                format!("La page {page} est une image ; son texte a été reconnu et peut contenir des erreurs.")
            }
            Tongue::Es => format!("La página {page} es una imagen; su texto fue reconocido y puede tener errores."),
        },
        Notice::NoDatedEmployment => tongue
            .pick([
                "No employment with dates was found; the total experience is not known.",
                "Es wurde keine datierte Beschäftigung gefunden; die gesamte Berufserfahrung ist nicht bekannt.",
                "Aucun emploi daté n’a été trouvé ; l’expérience totale n’est pas connue.",
                "No se encontró ningún empleo con fechas; no se conoce la experiencia total.",
            ])
            .to_owned(),
        Notice::NoName => tongue
            .pick([
                "No name was found at the head of the CV.",
                "Am Anfang des Lebenslaufs wurde kein Name gefunden.",
                "Aucun nom n’a été trouvé en tête du CV.",
                "No se encontró ningún nombre al comienzo del CV.",
            ])
            .to_owned(),
    }
}

fn unread(reason: UnreadReason, tongue: Tongue) -> String {
    let texts = match reason {
        UnreadReason::Picture => [
            reason.sentence(),
            "Sie ist ein Bild ohne Text. Öffnen Sie das Original oder bitten Sie um einen Lebenslauf mit Text.",
            "c’est une image sans texte. Ouvrez l’original ou demandez un CV exporté en texte.",
            "es una imagen sin texto. Abra el original o pida un CV exportado como texto.",
        ],
        UnreadReason::UnmappedFont => [
            reason.sentence(),
            "Ihre Schriften sagen nicht, welche Buchstaben sie zeigen. Öffnen Sie das Original oder bitten Sie um eine andere Ausgabe.",
            "ses polices ne disent pas quelles lettres elles montrent. Ouvrez l’original ou demandez un autre export.",
            "sus fuentes no dicen qué letras muestran. Abra el original o pida otra exportación.",
        ],
        UnreadReason::Damaged => [
            reason.sentence(),
            "Ihr Inhalt ist beschädigt. Öffnen Sie das Original oder bitten Sie um eine andere Ausgabe.",
            "son contenu est endommagé. Ouvrez l’original ou demandez un autre export.",
            "su contenido está dañado. Abra el original o pida otra exportación.",
        ],
        UnreadReason::Blank => [reason.sentence(), "Sie ist leer.", "elle est vide.", "está en blanco."],
    };
    tongue.pick(texts).to_owned()
}

fn hidden(reason: HiddenReason, tongue: Tongue) -> String {
    let texts = match reason {
        HiddenReason::NoInk => [
            reason.phrase(),
            "er hat die Farbe seines Hintergrunds oder ist verdeckt",
            "il a la couleur de son fond ou il est couvert",
            "tiene el color de su fondo o está cubierto",
        ],
        HiddenReason::Tiny => {
            [reason.phrase(), "er ist kleiner als 3 Punkt", "il est plus petit que 3 points", "mide menos de 3 puntos"]
        }
        HiddenReason::OffPage => [
            reason.phrase(),
            "er liegt außerhalb der sichtbaren Seite",
            "il se trouve hors de la page visible",
            "está fuera de la página visible",
        ],
        HiddenReason::Invisible => [
            reason.phrase(),
            "er ist als unsichtbar gekennzeichnet",
            "il est marqué comme invisible",
            "está marcado como invisible",
        ],
        HiddenReason::Smuggled => [
            reason.phrase(),
            "seine Zeichen haben keine sichtbare Form",
            "ses caractères n’ont pas de forme visible",
            "sus caracteres no tienen forma visible",
        ],
    };
    tongue.pick(texts).to_owned()
}
