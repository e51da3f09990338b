//! Telephone numbers in the form in which they can be dialled from anywhere (E.164).

use phonenumber::{Metadata, Mode, country::Id};

use super::{Fact, Facts};
use crate::lexicon::fold;

/// A telephone number.
#[derive(Clone, Debug, PartialEq)]
pub struct Phone {
    /// As the CV writes it.
    pub said: Fact<String>,
    /// As E.164, where it is valid in the numbering plan of its country.
    pub e164: Option<String>,
}

/// `numbers` with the country that `facts` hint at, for those without a country's code.
pub(super) fn dialled(numbers: Vec<Fact<String>>, facts: &Facts) -> Vec<Phone> {
    let country = country(facts);
    let dial = |mut said: Fact<String>| {
        // "0187 555 100 20+": a page that reads from the right turns groups of digits round.
        if let Some(turned) = said.value.strip_suffix('+') {
            said.value = format!("+{}", turned.split(' ').rev().collect::<Vec<_>>().join(" "));
        }
        let parsed = phonenumber::parse(country, &said.value).ok().filter(phonenumber::PhoneNumber::is_valid);
        Phone { e164: parsed.map(|number| number.format().mode(Mode::E164).to_string()), said }
    };
    numbers.into_iter().map(dial).collect()
}

/// Names of countries, and the ends of the addresses that are given there.
const COUNTRIES: [(Id, &str, &str); 34] = [
    (Id::GB, ".uk", "united kingdom|england|scotland|wales|uk|london"),
    (Id::IE, ".ie", "ireland|dublin"),
    (Id::US, ".us", "usa|united states|new york|ca|ny|tx|wa|il|ma|ga|fl|nc|oh|pa|va|co"),
    (Id::CA, ".ca", "canada|toronto|vancouver|montreal|bc|on|qc"),
    (Id::AU, ".au", "australia|sydney|melbourne|vic|nsw|qld"),
    (Id::DE, ".de", "deutschland|germany|berlin|munchen|hamburg|stuttgart|koln"),
    (Id::AT, ".at", "osterreich|austria|wien"),
    (Id::CH, ".ch", "schweiz|suisse|switzerland|zurich"),
    (Id::FR, ".fr", "france|paris|lyon|marseille"),
    (Id::BE, ".be", "belgique|belgie|belgium|bruxelles"),
    (Id::NL, ".nl", "nederland|netherlands|amsterdam|rotterdam|utrecht"),
    (Id::ES, ".es", "espana|spain|madrid|barcelona"),
    (Id::MX, ".mx", "mexico"),
    (Id::AR, ".ar", "argentina|buenos aires"),
    (Id::IT, ".it", "italia|italy|roma|milano|torino|napoli"),
    (Id::PT, ".pt", "portugal|lisboa|porto"),
    (Id::BR, ".br", "brasil|brazil|sao paulo|rio de janeiro"),
    (Id::PL, ".pl", "polska|poland|warszawa|krakow"),
    (Id::CZ, ".cz", "czech republic|praha"),
    (Id::RU, ".ru", "россия|москва|russia"),
    (Id::UA, ".ua", "украина|україна|ukraine|київ"),
    (Id::TR, ".tr", "turkiye|turkey|istanbul|ankara|izmir"),
    (Id::IL, ".il", "israel|ישראל|תל אביב"),
    (Id::EG, ".eg", "egypt|مصر|القاهرة"),
    (Id::AE, ".ae", "uae|dubai|دبي"),
    (Id::SA, ".sa", "saudi arabia|الرياض"),
    (Id::IN, ".in", "india|bangalore|bengaluru|mumbai|delhi|pune|chennai"),
    (Id::CN, ".cn", "中国|china|北京|上海|深圳|广州"),
    (Id::JP, ".jp", "日本|japan|东京|tokyo"),
    (Id::KR, ".kr", "한국|korea|seoul|서울"),
    (Id::SE, ".se", "sverige|sweden|stockholm"),
    (Id::DK, ".dk", "danmark|denmark"),
    (Id::NO, ".no", "norge|norway|oslo"),
    (Id::FI, ".fi", "suomi|finland|helsinki"),
];

/// The rules of numbering plans that are kept ready: about ten for each of [`COUNTRIES`].
const RULES: usize = 1_000;

/// Makes the rules of all [`COUNTRIES`] ready. A process that reads one file would make those that it needs
/// anew, which took a fifth of its time.
pub(crate) fn warm_up() {
    let plans = &*phonenumber::metadata::DATABASE;
    if let Ok(mut rules) = plans.cache().lock() {
        rules.set_capacity(RULES);
    }
    for (country, _, _) in COUNTRIES {
        let code = plans.by_id(country.as_ref()).map(Metadata::country_code).unwrap_or_default();
        // All that share its code are asked until one knows the number.
        for plan in plans.region(&code).into_iter().flatten().filter_map(|region| plans.by_id(region)) {
            make_ready(plan);
        }
    }
    for number in ["+44 121 234 5678", "0121 234 5678", "+1 201 555 0123"] {
        let read = phonenumber::parse(Some(Id::GB), number).ok().filter(phonenumber::PhoneNumber::is_valid);
        let _ = read.map(|number| number.format().mode(Mode::E164).to_string());
    }
}

fn make_ready(plan: &Metadata) {
    let prefixes = [plan.international_prefix(), plan.national_prefix_for_parsing(), plan.leading_digits()];
    for rule in prefixes.into_iter().flatten() {
        let _ = rule.is_match("0");
    }
    let all = plan.descriptors();
    let kinds = [
        all.premium_rate(),
        all.toll_free(),
        all.shared_cost(),
        all.voip(),
        all.personal_number(),
        all.pager(),
        all.uan(),
        all.voicemail(),
        all.fixed_line(),
        all.mobile(),
    ];
    // A region that is told by its first digits is not asked for more.
    let asked = plan.leading_digits().is_none();
    for rule in kinds.into_iter().flatten().chain([all.general()]).filter(|_| asked) {
        let _ = rule.is_match("0");
    }
}

/// By the place where the person lives, else by the end of an address.
fn country(facts: &Facts) -> Option<Id> {
    let place = facts.location.as_ref().map(|place| fold(&place.value)).unwrap_or_default();
    let parts: Vec<&str> = place.split([',', '/', '(', ')']).map(str::trim).collect();
    let named = |names: &str| names.split('|').any(|name| parts.contains(&name));
    let by_place = COUNTRIES.iter().find(|(_, _, names)| named(names));
    let addresses = || facts.emails.iter().chain(&facts.links).map(|fact| fact.value.to_lowercase());
    let ends = |end: &str| addresses().any(|address| address.split('/').next().is_some_and(|host| host.ends_with(end)));
    by_place.or_else(|| COUNTRIES.iter().find(|(_, end, _)| ends(end))).map(|(country, _, _)| *country)
}
