//! Telephone numbers in the form in which they can be dialled from anywhere (E.164).

use phonenumber::{
    Metadata, PhoneNumber,
    country::Id,
    metadata::{self, Descriptor, Descriptors},
};

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
        Phone { e164: e164(country, &said.value), said }
    };
    numbers.into_iter().map(dial).collect()
}

fn e164(country: Option<Id>, said: &str) -> Option<String> {
    let number = phonenumber::parse(country, said).ok().filter(is_valid)?;
    Some(format!("+{}{}", number.code().value(), number.national()))
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

/// Whether a numbering plan of its country knows `number`: what [`PhoneNumber::is_valid`] says, but asked of
/// the lines of homes and the mobile ones first. Each other kind costs a rule that has to be made ready.
fn is_valid(number: &PhoneNumber) -> bool {
    let national = number.national().to_string();
    let mut plans = metadata::DATABASE.by_code(&number.code().value()).into_iter().flatten();
    plans.find(|plan| is_of(plan, &national)).is_some_and(|plan| is_known(plan, &national))
}

/// Whether `national` is a number of that region, among those that share the country's code.
fn is_of(plan: &Metadata, national: &str) -> bool {
    match plan.leading_digits() {
        Some(digits) => digits.find(national).is_some_and(|found| found.start() == 0),
        None => is_known(plan, national),
    }
}

fn is_known(plan: &Metadata, national: &str) -> bool {
    let all = plan.descriptors();
    all.general().is_match(national) && kinds(all).any(|kind| kind.is_match(national))
}

/// The kinds of numbers that somebody can be called at, the most common ones first.
fn kinds(all: &Descriptors) -> impl Iterator<Item = &Descriptor> {
    let kinds = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.uan(),
        all.voip(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.pager(),
        all.voicemail(),
    ];
    kinds.into_iter().flatten()
}

/// The rules of numbering plans that are kept ready: three and the prefixes of each of [`COUNTRIES`].
const RULES: usize = 500;

/// Makes the rules of all [`COUNTRIES`] ready that most numbers need. A process that reads one file would make
/// them anew, which took 7 % of the time of a CV.
pub(crate) fn warm_up() {
    let plans = &*metadata::DATABASE;
    if let Ok(mut rules) = plans.cache().lock() {
        rules.set_capacity(RULES);
    }
    for plan in COUNTRIES.iter().filter_map(|(country, _, _)| plans.by_id(country.as_ref())) {
        let prefixes = [plan.international_prefix(), plan.national_prefix_for_parsing()];
        // The rules themselves: a descriptor would look at the length first.
        let rules = first_asked(plan).map(Descriptor::national_number);
        for rule in prefixes.into_iter().flatten().chain(rules) {
            let _ = rule.is_match("0");
        }
    }
    for number in ["+44 121 234 5678", "0121 234 5678", "+1 201 555 0123"] {
        let _ = e164(Some(Id::GB), number);
    }
}

/// What a number of a home and a mobile one is matched with.
fn first_asked(plan: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = plan.descriptors();
    [Some(all.general()), all.fixed_line(), all.mobile()].into_iter().flatten()
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

#[cfg(test)]
mod tests {
    use phonenumber::Mode;

    use super::*;

    /// Some that share a code, and some of which no rule is kept ready.
    const OTHERS: [Id; 8] = [Id::JM, Id::BS, Id::GG, Id::KZ, Id::VA, Id::SJ, Id::TH, Id::ZA];

    /// Every number that a plan gives as an example, and what comes of it with a digit less, more or changed.
    fn numbers() -> impl Iterator<Item = (Id, String)> {
        COUNTRIES.into_iter().map(|(country, _, _)| country).chain(OTHERS).flat_map(|country| {
            let all = metadata::DATABASE.by_id(country.as_ref()).map(|plan| plan.descriptors());
            let examples = all.into_iter().flat_map(|all| kinds(all).chain([all.general()]));
            let examples = examples.filter_map(Descriptor::example).map(str::to_owned);
            let changed = |number: String| {
                let shorter = number.get(1..).unwrap_or_default().to_owned();
                let turned = number.chars().rev().collect();
                [format!("{number}7"), format!("9{shorter}"), format!("0{number}"), shorter, turned, number]
            };
            examples.flat_map(changed).map(move |number| (country, number))
        })
    }

    #[test]
    fn a_number_is_valid_where_the_library_says_so_and_is_written_as_it_writes_it() {
        let (mut valid, mut all) = (0, 0);
        for (country, said) in numbers() {
            let Ok(number) = phonenumber::parse(Some(country), &said) else { continue };
            let theirs = number.is_valid().then(|| number.format().mode(Mode::E164).to_string());
            assert_eq!(e164(Some(country), &said), theirs, "{said} in {country:?}");
            valid += usize::from(theirs.is_some());
            all += 1;
        }
        assert!(valid > 300 && all - valid > 300, "{valid} of {all}");
    }

    #[test]
    fn the_rules_that_most_numbers_need_are_ready_before_the_first_number() {
        warm_up();
        let plans = &*metadata::DATABASE;
        let cache = plans.cache();
        let mut ready = cache.lock().expect("nobody panics with it");
        let mut missing = Vec::new();
        for country in COUNTRIES.map(|(country, _, _)| country) {
            let rules =
                plans.by_id(country.as_ref()).into_iter().flat_map(first_asked).map(Descriptor::national_number);
            let rules: Vec<&str> = rules.map(|rule| rule.as_str()).collect();
            if rules.len() < 2 || !rules.iter().all(|rule| ready.contains_key(*rule)) {
                missing.push(country);
            }
        }
        drop(ready);
        assert!(missing.is_empty(), "{missing:?}");
    }
}
