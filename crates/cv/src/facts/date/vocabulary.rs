//! The words of dates in the languages that CVs use.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::lexicon::{fold, keyed_lines};

static MONTHS: LazyLock<HashMap<String, u8>> = LazyLock::new(|| {
    let lines = keyed_lines(include_str!("../../../lexicon/months.txt"));
    let named = lines.filter_map(|(number, names)| Some((number.parse::<u8>().ok()?, names)));
    named.flat_map(|(number, names)| names.split_whitespace().map(move |name| (fold(name), number))).collect()
});

/// Returns the month, 1 to 12, that a folded word names.
pub(super) fn month(word: &str) -> Option<u8> {
    MONTHS.get(word).copied()
}

/// Parses entries separated by ` | `; words of one entry are joined.
fn parse_set(words: &str) -> HashSet<String> {
    words.split(" | ").map(|words| fold(words).replace([' ', '\'', '.'], "")).collect()
}

static PRESENT: LazyLock<HashSet<String>> = LazyLock::new(|| {
    parse_set(
        "present | the present | now | right now | until now | till now | this date | current date | in progress | active | today | current | currently | to date | date | till date | ongoing | still | current position | this day | present day | heute | jetzt | derzeit | zurzeit | gegenwartig | unbefristet | aktuell | laufend | dato | andauernd | gegenwart | aujourd'hui | ce jour | en poste | poste actuel | present | present | actuel | actuelle | actuellement | en cours | maintenant | nos jours | la actualidad | actualidad | actual | actualmente | presente | el presente | la fecha | hoy | hoy en dia | hoy dia | vigente | trabajo actual | ahora | en curso | oggi | in essere | tuttora | presente | in corso | attuale | attualmente | adesso | atual | atualmente | ao momento | o momento | momento | data | a data | presente data | hoje | dias atuais | os dias atuais | emprego atual | atuais | o presente | atualidade | heden | nu | vandaag | huidige | lopend | huidig | настоящее время | настоящее | наст время | наст вр | нв | сеичас | по настоящее время | сегодня | теперь | obecnie | teraz | do teraz | w trakcie | aktualnie | dzis | dzisiaj | nadal | chwili obecnej | dnia dzisiejszego | 今 | 至今 | 迄今 | 至今为止 | 现职 | 在任 | 就职中 | 勤務中 | 现在 | 目前 | 現在 | 现 | 今日 | 在职 | 在職中 | 현재 | 재직중 | الآن | اليوم | حاليا | الحاضر | الوقت الحالي | الوقت الحاضر | تاريخه | حتى الآن | مستمر | היום | הווה | כיום | עכשיו | הנוכחי | halen | gunumuz | bugun | devam ediyor | devam | suanda | nuvarande | nutid | pagaende | fortfarande | tills vidare | dags dato | nåværende | navaerende | igangvaerende | i dag | idag | nuvarende | naa | nykyinen | nyt | edelleen | soucasnost | dosud | sucasnost | doteraz | jelenleg | jelen | napjainkig | prezent | in prezent | σημερα | παρον | hien tai | nay | sekarang | saat ini | اکنون | تاکنون | ปัจจุบัน | дотепер | теперішній час | зараз",
    )
});

/// Whether the joined folded words stand for the present.
pub(super) fn is_present(joined: &str) -> bool {
    PRESENT.contains(joined)
}

/// The number of words of the longest expression for the present.
pub(super) const MAX_PRESENT_WORDS: usize = 3;

static SINCE: LazyLock<HashSet<String>> = LazyLock::new(|| {
    parse_set(
        "since | from | seit | ab | depuis | desde | dal | dalla | da | sinds | vanaf | od | с | со | от | з | sedan | siden | منذ | من | מאז | מ | 自 | 从 | beri | din | απο | alkaen | fra | fran | ตั้งแต่",
    )
});

/// Whether the folded word announces a start, as "since" does.
pub(super) fn is_since(word: &str) -> bool {
    SINCE.contains(word)
}

static TO: LazyLock<HashSet<String>> = LazyLock::new(|| {
    parse_set(
        "to | until | till | through | thru | up to | and | bis | bis zum | bis zur | bis heute | bis dato | bis zum heutigen | a | al | ad | alla | au | a la | a ce | a l | jusqu a | jusqu au | jusqu en | jusqua | jusquau | jusquen | jusque | jusqu | et | hasta | hasta la | hasta el | y | fino a | fino ad | fino al | ate | ate ao | ate a | ate o | ao | e | tot | tot en met | tm | tot op | do | do dnia | az do | az | az po | по | до | по н | 至 | 到 | から | まで | 부터 | ~ | الى | إلى | حتى | و | עד | ועד | til | till og med | eos | εως | μεχρι | pana la | pana in | den | dan | dek | kadar | ile | hingga | sampai | den den | ig | tol | تا | ถึง",
    )
});

/// Whether the joined folded words stand between a start and an end, as "to" does.
pub(super) fn leads_to_end(joined: &str) -> bool {
    TO.contains(joined)
}

static SEASONS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    parse_set(
        "spring | summer | autumn | fall | winter | fruhling | fruhjahr | sommer | herbst | printemps | ete | automne | hiver | primavera | verano | otono | invierno | estate | autunno | inverno | verao | outono | voorjaar | lente | zomer | herfst | najaar | wiosna | lato | jesien | zima | весна | лето | осень | зима | весной | летом | 春 | 夏 | 秋 | 冬 | ربيع | صيف | خريف | شتاء | אביב | קיץ | סתיו | חורף | ws | ss | wise | sose | wintersemester | sommersemester | early | mid | late | anfang | mitte | ende | debut | fin | inizio | fine | начало | конец | christmas | easter | michaelmas | q | h",
    )
});

/// Whether the folded word stands before a year and names no month: a season, a quarter, a term.
pub(super) fn is_season(word: &str) -> bool {
    SEASONS.contains(word)
}

/// Whether the folded word may stand between a day, a month and a year, as "of" does.
pub(super) fn is_date_connector(word: &str) -> bool {
    matches!(
        word,
        "de" | "of" | "del" | "di" | "do" | "st" | "nd" | "rd" | "th" | "er" | "года" | "г" | "r" | "v" | "พ" | "ศ"
    )
}
