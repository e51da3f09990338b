//! Recognizes the labels of forms: "Position held:", "Employer:", "From:".

use std::sync::LazyLock;

use crate::lexicon::{PhraseSet, fold};

/// The role that a label gives the text after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Role {
    Title,
    Employer,
    /// Neither title nor employer: dates, location, duties and the like.
    Other,
}

/// Folded labels, separated by ` | `.
const ROLES: [(Role, &str); 3] = [
    (
        Role::Title,
        "position | post | positions | job | jobs | position title | position titel | rolle | taetigkeit | beruf | emploi | intitule du poste | ocupacion | profesion | qualifica | incarico | funcao | cargo ocupado | ocupacao | beroep | rola | zawod | должности | 职称 | 役職 | title | role | occupation or position held | position held | occupation | designation | funktion | stelle | tatigkeit | poste | fonction | puesto | cargo | puesto desempenado | posizione | ruolo | lavoro o posizione ricoperti | mansione | functie | stanowisko | должность | 职位 | 岗位 | 职务 | 担任职务 | المسمى الوظيفي | الوظيفة | המשרה | תפקיד | unvan | pozisyon | 職位",
    ),
    (
        Role::Employer,
        "employer | employers | company | company name | entity | entidade | entidad | institucion | istituzione | ente | organisme | etablissement | betrieb | dienststelle | zaklad pracy | firma | место работы | jednostka | 会社名 | 勤務先 | organisation name | firm | hospital | school | organisation | organization | company name | name and address of employer | name and address of the employer | name of employer | client | institution | arbeitgeber | unternehmen | firma | employeur | entreprise | societe | empresa | empleador | azienda | datore di lavoro | nome e indirizzo del datore di lavoro | entidade empregadora | werkgever | bedrijf | pracodawca | компания | организация | работодатель | 公司 | 公司名称 | 单位 | 工作单位 | 任职公司 | الشركة | جهة العمل | صاحب العمل | חברה | מעסיק | sirket | isveren",
    ),
    (
        Role::Other,
        "start | end | start date | end date | dates | date | year | years | month | main duties | tasks | description | achievements | details | company and location | von | bis | beginn | ende | aufgaben | taetigkeitsbereich | debut | fin | missions | missions principales | taches | desde | hasta | inicio | fim | funciones | tareas | inizio | fine | mansioni svolte | attivita | principali attivita | funcoes | atividades | van | tot | taken | werkzaamheden | od | do | obowiazki | zakres obowiazkow | начало | окончание | обязанности | 职责 | 工作内容 | 起止时间 | المهام | תפקידים | 期間 | 業務内容 | period | duration | hours per week | salary | series | grade | pay plan | pay | phone | okay to contact this supervisor | job profile | duties | key responsibilities | key duties | reason for leaving | team | from | to | location | place | city | address | type of business or sector | sector | industry | main activities | main activities and responsibilities | responsibilities | main responsibilities | technologies | tech stack | environment | website | zeitraum | ort | branche | periode | lieu | secteur | fecha | fechas | lugar | sector de actividad | periodo | luogo | date | settore | data | local | datum | plaats | okres | miejsce | период | место | 时间 | 时间段 | 地点 | 部门 | الفترة | المكان | الموقع | תקופה | מיקום | employment type | team size | reporting to | supervisor",
    ),
];
static LABELS: LazyLock<Vec<(Role, PhraseSet)>> =
    LazyLock::new(|| ROLES.iter().map(|(role, list)| (*role, PhraseSet::parse(list))).collect());

/// Returns the role of the label with which `text` begins, and the byte at which the text after it begins.
pub(in crate::facts) fn label(text: &str) -> Option<(Role, usize)> {
    let end = text.find(['\t', ':', '：'])?;
    let label = fold(text.get(..end)?.trim());
    let label = label.trim_start_matches(|c: char| c.is_ascii_digit() || ".) ".contains(c));
    let role = LABELS.iter().find(|(_, phrases)| phrases.contains(label))?.0;
    let after = end + text.get(end..)?.chars().next()?.len_utf8();
    let more = text.get(after..)?.trim_start_matches([':', '：', ' ', '\t']);
    Some((role, text.len() - more.len()))
}

/// Whether `text` begins with a label that introduces what somebody did.
pub(in crate::facts) fn introduces_duties(text: &str) -> bool {
    const DUTIES: [&str; 20] = [
        "dut",
        "respons",
        "task",
        "main act",
        "activit",
        "achiev",
        "descri",
        "project",
        "aufgab",
        "tatig",
        "mission",
        "tache",
        "func",
        "tarea",
        "mansion",
        "atividad",
        "obowiaz",
        "taken",
        "werkzaam",
        "обязан",
    ];
    let folded = fold(text);
    DUTIES.iter().any(|begin| folded.starts_with(begin) || folded.starts_with(&format!("key {begin}")))
        || ["职责", "工作内容", "المهام", "תפקידים", "業務內容"].iter().any(|begin| folded.starts_with(begin))
}

/// Whether `text` is a label or two joined ones: "Position and employer".
pub(in crate::facts) fn is_label(text: &str) -> bool {
    let folded = fold(text);
    let known = |text: &str| LABELS.iter().any(|(_, phrases)| phrases.contains(text.trim()));
    let joints = [" and ", " und ", " et ", " y ", " e ", " en ", " / ", "/", " & "];
    known(&folded) || joints.iter().any(|joint| folded.split_once(joint).is_some_and(|(a, b)| known(a) && known(b)))
}
