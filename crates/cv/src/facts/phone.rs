//! Normalizes telephone numbers to E.164, the international form.

use phonenumber::{
    Metadata, PhoneNumber,
    country::Id,
    metadata::{self, Descriptor, Descriptors},
};

use super::model::{Fact, Facts, Phone};
use crate::lexicon::fold;

/// Normalizes `numbers`. Those without a country code get the country that the location and the addresses in `facts`
/// imply.
pub(super) fn normalize(numbers: Vec<Fact<String>>, facts: &Facts) -> Vec<Phone> {
    let country = infer_country(facts);
    let dial = |mut as_written: Fact<String>| {
        // "0187 555 100 20+": right-to-left text reverses the groups of digits.
        if let Some(reversed) = as_written.value.strip_suffix('+') {
            as_written.value = format!("+{}", reversed.split(' ').rev().collect::<Vec<_>>().join(" "));
        }
        Phone { e164: e164(country, &as_written.value), as_written }
    };
    numbers.into_iter().map(dial).collect()
}

/// Returns `as_written` in E.164, if it is a valid number; `country` is that of numbers without a country code.
fn e164(country: Option<Id>, as_written: &str) -> Option<String> {
    let number = phonenumber::parse(country, as_written).ok().filter(is_valid)?;
    Some(format!("+{}{}", number.code().value(), number.national()))
}

/// Countries with their top-level domains and the folded names of the country, its states and its large cities.
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

/// Whether `number` is valid in a numbering plan of its country.
///
/// The result is that of [`PhoneNumber::is_valid`], but this tries fixed lines and mobile numbers first. Each other
/// kind costs a regular expression that has to be compiled.
fn is_valid(number: &PhoneNumber) -> bool {
    let national = number.national().to_string();
    let mut plans = metadata::DATABASE.by_code(&number.code().value()).into_iter().flatten();
    plans.find(|plan| is_in_plan(plan, &national)).is_some_and(|plan| matches_kind(plan, &national))
}

/// Whether `national` belongs to the region of `plan`, among those that share the country code.
fn is_in_plan(plan: &Metadata, national: &str) -> bool {
    match plan.leading_digits() {
        Some(digits) => digits.find(national).is_some_and(|found| found.start() == 0),
        None => matches_kind(plan, national),
    }
}

/// Whether `national` matches any kind of number of `plan`.
fn matches_kind(plan: &Metadata, national: &str) -> bool {
    let all = plan.descriptors();
    all.general().is_match(national) && kinds(all).any(|kind| kind.is_match(national))
}

/// Returns the kinds of numbers that a person can be called at, the most common ones first.
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

/// The capacity of the cache of compiled regular expressions: enough for those that [`warm_up`] compiles.
const CACHED_RULES: usize = 500;

/// Compiles the regular expressions that most numbers of all [`COUNTRIES`] need.
///
/// A process that reads one file would compile them itself, which took 7 % of the time that a CV takes.
pub(crate) fn warm_up() {
    let plans = &*metadata::DATABASE;
    if let Ok(mut rules) = plans.cache().lock() {
        rules.set_capacity(CACHED_RULES);
    }
    for plan in COUNTRIES.iter().filter_map(|(country, _, _)| plans.by_id(country.as_ref())) {
        let prefixes = [plan.international_prefix(), plan.national_prefix_for_parsing()];
        // Match the expression itself: the descriptor checks the length first and would not compile it.
        let rules = common_descriptors(plan).map(Descriptor::national_number);
        for rule in prefixes.into_iter().flatten().chain(rules) {
            let _ = rule.is_match("0");
        }
    }
    for number in ["+44 121 234 5678", "0121 234 5678", "+1 201 555 0123"] {
        let _ = e164(Some(Id::GB), number);
    }
}

/// Returns the descriptors that fixed lines and mobile numbers are matched with.
fn common_descriptors(plan: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = plan.descriptors();
    [Some(all.general()), all.fixed_line(), all.mobile()].into_iter().flatten()
}

/// Infers the country by the location, else by the top-level domain of an address or link.
fn infer_country(facts: &Facts) -> Option<Id> {
    let place = facts.location.as_ref().map(|place| fold(&place.value)).unwrap_or_default();
    let fields: Vec<&str> = place.split([',', '/', '(', ')']).map(str::trim).collect();
    let named = |names: &str| names.split('|').any(|name| fields.contains(&name));
    let by_place = COUNTRIES.iter().find(|(_, _, names)| named(names));
    let addresses = || facts.emails.iter().chain(&facts.links).map(|fact| fact.value.to_lowercase());
    let ends = |end: &str| addresses().any(|address| address.split('/').next().is_some_and(|host| host.ends_with(end)));
    by_place.or_else(|| COUNTRIES.iter().find(|(_, end, _)| ends(end))).map(|(country, _, _)| *country)
}

#[cfg(test)]
mod tests {
    use phonenumber::Mode;

    use super::*;

    /// Countries that share a code, and countries that are not warmed up.
    const OTHERS: [Id; 8] = [Id::JM, Id::BS, Id::GG, Id::KZ, Id::VA, Id::SJ, Id::TH, Id::ZA];

    /// Every example number of the plans, and variants of it with a digit removed, added or changed.
    fn numbers() -> impl Iterator<Item = (Id, String)> {
        COUNTRIES.into_iter().map(|(country, _, _)| country).chain(OTHERS).flat_map(|country| {
            let all = metadata::DATABASE.by_id(country.as_ref()).map(|plan| plan.descriptors());
            let examples = all.into_iter().flat_map(|all| kinds(all).chain([all.general()]));
            let examples = examples.filter_map(Descriptor::example).map(str::to_owned);
            let changed = |number: String| {
                let shorter = number.get(1..).unwrap_or_default().to_owned();
                let reversed = number.chars().rev().collect();
                [format!("{number}7"), format!("9{shorter}"), format!("0{number}"), shorter, reversed, number]
            };
            examples.flat_map(changed).map(move |number| (country, number))
        })
    }

    #[test]
    fn validity_and_format_agree_with_the_library() {
        let (mut valid, mut all) = (0, 0);
        for (country, as_written) in numbers() {
            let Ok(number) = phonenumber::parse(Some(country), &as_written) else { continue };
            let theirs = number.is_valid().then(|| number.format().mode(Mode::E164).to_string());
            assert_eq!(e164(Some(country), &as_written), theirs, "{as_written} in {country:?}");
            valid += usize::from(theirs.is_some());
            all += 1;
        }
        assert!(valid > 300 && all - valid > 300, "{valid} of {all}");
    }

    #[test]
    fn warming_up_compiles_the_expressions_of_all_countries() {
        warm_up();
        let plans = &*metadata::DATABASE;
        let cache = plans.cache();
        let mut ready = cache.lock().expect("no thread panics while it holds the lock");
        let mut missing = Vec::new();
        for country in COUNTRIES.map(|(country, _, _)| country) {
            let rules =
                plans.by_id(country.as_ref()).into_iter().flat_map(common_descriptors).map(Descriptor::national_number);
            let rules: Vec<&str> = rules.map(|rule| rule.as_str()).collect();
            if rules.len() < 2 || !rules.iter().all(|rule| ready.contains_key(*rule)) {
                missing.push(country);
            }
        }
        drop(ready);
        assert!(missing.is_empty(), "{missing:?}");
    }
}
