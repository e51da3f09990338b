//! Messages of summary lines, in the reader's language.
//!
//! A closed list of neutral sentences with numbers and dates as arguments. Everything else in a
//! line is a quote and stays in the language of the CV.

use serde::{Deserialize, Serialize};

use crate::{
    locale::Locale,
    notice::{HiddenReason, Notice, UnreadReason},
};

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// The calendar year.
    pub year: i32,
    /// The month of the year, 1 to 12.
    pub month: u8,
}

/// A period without a dated employment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Length in months.
    pub months: i32,
    /// First month of the period.
    pub from: Month,
    /// First month after the period.
    pub to: Month,
}

/// A message with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Message {
    /// The total experience, with gaps and overlaps.
    #[serde(rename = "total")]
    TotalExperience {
        /// Months covered by at least one employment.
        months: i32,
        /// Gaps of more than six months.
        #[serde(rename = "blanks")]
        gaps: Vec<Gap>,
        /// Months covered by more than one employment.
        overlap: i32,
    },
    /// When the skill that is quoted before was last used.
    LastUsed {
        /// The year it was last used; `None` if that employment is current.
        until: Option<i32>,
    },
    /// A must-have of the posting, before the quote that names it.
    MustHave {
        /// The posting's text of the must-have.
        need: String,
    },
    /// A must-have that the CV does not name.
    NotFound {
        /// The posting's text of the must-have.
        need: String,
    },
    /// A gap between two employments.
    #[serde(rename = "unemployed")]
    EmploymentGap {
        /// The gap.
        #[serde(rename = "blank")]
        gap: Gap,
    },
    /// Two employments overlap.
    Overlap {
        /// Months covered by both.
        months: i32,
    },
    /// An employment ends before it starts.
    #[serde(rename = "backwards")]
    EndsBeforeStart,
    /// An employment starts in the future.
    #[serde(rename = "future")]
    StartsInFuture,
    /// The CV states a total experience that its dates do not add up to.
    #[serde(rename = "stated")]
    StatedTotal {
        /// Years stated in the CV.
        years: i32,
        /// Months that the dates add up to.
        months: i32,
    },
    /// A sentence is addressed to a program.
    #[serde(rename = "to_program")]
    AddressedToProgram,
    /// A notice about the document.
    Document {
        /// The notice.
        notice: Notice,
    },
}

impl Message {
    /// Renders the message in `locale`.
    #[must_use]
    pub fn render(&self, locale: Locale) -> String {
        let select = |texts| locale.select(texts);
        match self {
            Self::TotalExperience { months, gaps, overlap } => total_experience(*months, gaps, *overlap, locale),
            Self::LastUsed { until: None } => format!("({})", select(["current", "aktuell", "actuel", "actual"])),
            Self::LastUsed { until: Some(year) } => format!("({} {year})", select(["to", "bis", "jusqu’en", "hasta"])),
            Self::MustHave { need } => need.clone(),
            Self::NotFound { need } => {
                format!("{need}: {}", select(["not found", "nicht gefunden", "non trouvé", "no encontrado"]))
            }
            Self::EmploymentGap { gap } => employment_gap(*gap, locale),
            Self::Overlap { months } => {
                let (begin, end) = match locale {
                    Locale::En => ("Two employments overlap by ", ""),
                    Locale::De => ("Zwei Beschäftigungen überschneiden sich um ", ""),
                    Locale::Fr => ("Deux emplois se chevauchent pendant ", ""),
                    Locale::Es => ("Dos empleos se solapan durante ", ""),
                };
                format!("{begin}{}{end}", count(*months, Unit::DativeMonth, locale))
            }
            Self::EndsBeforeStart => select([
                "The employment ends before it begins",
                "Die Beschäftigung endet, bevor sie beginnt",
                "L’emploi se termine avant de commencer",
                "El empleo termina antes de empezar",
            ])
            .to_owned(),
            Self::StartsInFuture => select([
                "The employment begins in the future",
                "Die Beschäftigung beginnt in der Zukunft",
                "L’emploi commence dans le futur",
                "El empleo empieza en el futuro",
            ])
            .to_owned(),
            Self::StatedTotal { years, months } => stated_total(*years, *months, locale),
            Self::AddressedToProgram => select([
                "A sentence addressed to a program, not to a reader; it was not followed",
                "Ein Satz, der sich an ein Programm richtet und nicht an Lesende; er wurde nicht befolgt",
                "Une message adressée à un programme et non à un lecteur ; elle n’a pas été suivie",
                "Una frase dirigida a un programa y no a un lector; no se siguió",
            ])
            .to_owned(),
            Self::Document { notice } => document(notice, locale),
        }
    }
}

fn total_experience(months: i32, gaps: &[Gap], overlap: i32, locale: Locale) -> String {
    let source = locale.select([
        "from the dates in the CV",
        "aus den Daten im Lebenslauf",
        "d’après les dates du CV",
        "según las fechas del CV",
    ]);
    let mut text = format!("{} ({source})", length(months, locale));
    for gap in gaps {
        let (from, to) = (month(gap.from, locale), month(gap.to, locale));
        let length = count(gap.months, Unit::Month, locale);
        let dative = count(gap.months, Unit::DativeMonth, locale);
        text.push_str(&match locale {
            Locale::En => format!("; gap of {length} from {from} to {to}"),
            Locale::De => format!("; Lücke von {dative} von {from} bis {to}"),
            Locale::Fr => format!("; interruption de {length} de {from} à {to}"),
            Locale::Es => format!("; intervalo de {length} de {from} a {to}"),
        });
    }
    if overlap > 0 {
        let word = locale.select(["overlapping", "Überschneidung", "chevauchement", "solapamiento"]);
        let colon = if locale == Locale::Fr { " :" } else { ":" };
        text.push_str(&format!("; {word}{colon} {}", count(overlap, Unit::Month, locale)));
    }
    text
}

fn employment_gap(gap: Gap, locale: Locale) -> String {
    let (from, to) = (month(gap.from, locale), month(gap.to, locale));
    let months = gap.months;
    match locale {
        Locale::En => format!("No employment is dated in the {months} months from {from} to {to}"),
        Locale::De => format!("In den {months} Monaten von {from} bis {to} ist keine Beschäftigung datiert"),
        Locale::Fr => format!("Aucun emploi n’est daté pendant les {months} mois de {from} à {to}"),
        Locale::Es => format!("No hay ningún empleo fechado en los {months} meses de {from} a {to}"),
    }
}

fn stated_total(years: i32, months: i32, locale: Locale) -> String {
    let sum = length(months, locale);
    match locale {
        Locale::En => format!("The CV states {years} years; its employment dates add up to {sum}"),
        Locale::De => format!("Der Lebenslauf nennt {years} Jahre; die Daten der Beschäftigungen ergeben {sum}"),
        Locale::Fr => format!("Le CV indique {years} ans ; les dates des emplois donnent {sum}"),
        Locale::Es => format!("El CV indica {years} años; las fechas de los empleos suman {sum}"),
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Month,
    /// After German prepositions.
    DativeMonth,
    Year,
}

fn count(n: i32, unit: Unit, locale: Locale) -> String {
    let (one, many) = match (unit, locale) {
        (Unit::Month | Unit::DativeMonth, Locale::En) => ("month", "months"),
        (Unit::Month, Locale::De) => ("Monat", "Monate"),
        (Unit::DativeMonth, Locale::De) => ("Monat", "Monaten"),
        (Unit::Month | Unit::DativeMonth, Locale::Fr) => ("mois", "mois"),
        (Unit::Month | Unit::DativeMonth, Locale::Es) => ("mes", "meses"),
        (Unit::Year, Locale::En) => ("year", "years"),
        (Unit::Year, Locale::De) => ("Jahr", "Jahre"),
        (Unit::Year, Locale::Fr) => ("an", "ans"),
        (Unit::Year, Locale::Es) => ("año", "años"),
    };
    format!("{n} {}", if n == 1 { one } else { many })
}

/// "9 years 10 months".
fn length(months: i32, locale: Locale) -> String {
    match (months / 12, months % 12) {
        (0, months) => count(months, Unit::Month, locale),
        (years, 0) => count(years, Unit::Year, locale),
        (years, months) => format!("{} {}", count(years, Unit::Year, locale), count(months, Unit::Month, locale)),
    }
}

/// "Mar 2020".
fn month(month: Month, locale: Locale) -> String {
    let names = locale.select([
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.",
    ]);
    let name = names.split(' ').nth(usize::from(month.month.saturating_sub(1))).unwrap_or_default();
    format!("{name} {}", month.year)
}

fn document(notice: &Notice, locale: Locale) -> String {
    match notice {
        Notice::UnreadPage { page, reason } => {
            let why = unread(*reason, locale);
            match locale {
                Locale::En => format!("Page {page} could not be read: {why}"),
                Locale::De => format!("Seite {page} konnte nicht gelesen werden: {why}"),
                Locale::Fr => format!("La page {page} n’a pas pu être lue : {why}"),
                Locale::Es => format!("No se pudo leer la página {page}: {why}"),
            }
        }
        Notice::HiddenText { page, reason } => {
            let how = hidden(*reason, locale);
            match locale {
                Locale::En => format!("Page {page} contains hidden text ({how}). It was left out."),
                Locale::De => {
                    format!("Seite {page} enthält Text, den man nicht sehen kann ({how}). Er blieb außer Acht.")
                }
                Locale::Fr => {
                    format!("La page {page} contient du texte qu’un lecteur ne voit pas ({how}). Il a été écarté.")
                }
                Locale::Es => {
                    format!("La página {page} contiene texto que un lector no puede ver ({how}). Se dejó fuera.")
                }
            }
        }
        Notice::OcrPage { page } => match locale {
            Locale::En => format!("Page {page} is a picture; its text was recognized and may have errors."),
            Locale::De => format!("Seite {page} ist ein Bild; ihr Text wurde erkannt und kann Fehler enthalten."),
            Locale::Fr => {
                format!("La page {page} est une image ; son texte a été reconnu et peut contenir des erreurs.")
            }
            Locale::Es => format!("La página {page} es una imagen; su texto fue reconocido y puede tener errores."),
        },
        Notice::NoDatedEmployment => locale
            .select([
                "No employment with dates was found; the total experience is not known.",
                "Es wurde keine datierte Beschäftigung gefunden; die gesamte Berufserfahrung ist nicht bekannt.",
                "Aucun emploi daté n’a été trouvé ; l’expérience totale n’est pas connue.",
                "No se encontró ningún empleo con fechas; no se conoce la experiencia total.",
            ])
            .to_owned(),
        Notice::NoName => locale
            .select([
                "No name was found at the head of the CV.",
                "Am Anfang des Lebenslaufs wurde kein Name gefunden.",
                "Aucun nom n’a été trouvé en tête du CV.",
                "No se encontró ningún nombre al comienzo del CV.",
            ])
            .to_owned(),
    }
}

fn unread(reason: UnreadReason, locale: Locale) -> String {
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
    locale.select(texts).to_owned()
}

fn hidden(reason: HiddenReason, locale: Locale) -> String {
    let texts = match reason {
        HiddenReason::NoInk => [
            reason.description(),
            "er hat die Farbe seines Hintergrunds oder ist verdeckt",
            "il a la couleur de son fond ou il est couvert",
            "tiene el color de su fondo o está cubierto",
        ],
        HiddenReason::Tiny => [
            reason.description(),
            "er ist kleiner als 3 Punkt",
            "il est plus petit que 3 points",
            "mide menos de 3 puntos",
        ],
        HiddenReason::OffPage => [
            reason.description(),
            "er liegt außerhalb der sichtbaren Seite",
            "il se trouve hors de la page visible",
            "está fuera de la página visible",
        ],
        HiddenReason::Invisible => [
            reason.description(),
            "er ist als unsichtbar gekennzeichnet",
            "il est marqué comme invisible",
            "está marcado como invisible",
        ],
        HiddenReason::NoGlyph => [
            reason.description(),
            "seine Zeichen haben keine sichtbare Form",
            "ses caractères n’ont pas de forme visible",
            "sus caracteres no tienen forma visible",
        ],
    };
    locale.select(texts).to_owned()
}
