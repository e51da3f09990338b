//! Facts as JSON Resume, with the passage of every value beside it.

use domain::Evidence;
use serde_json::{Map, Value, json};

use super::{Education, Employment, End, Fact, Facts, Language, PartialDate, YearMonth};
use crate::summary::{Gap, experience};

/// `facts` as `{"resume": …, "provenance": …, "experience": …}`.
///
/// `resume` is of the schema of [JSON Resume](https://jsonresume.org/schema) 1.0.0. `provenance`
/// maps the JSON pointer of each of its values to where it was read: page, characters, quote, boxes
/// in points, the language of the passage (ISO 639-1) where it is known, method and confidence of 100.
/// `experience` is what the dates add up to by `as_of`, in months.
#[must_use]
pub fn resume(facts: &Facts, as_of: YearMonth) -> Value {
    let mut pen = Pen::default();
    pen.basics(facts);
    for (n, job) in facts.employments.iter().enumerate() {
        pen.work(n, job);
    }
    for (n, course) in facts.education.iter().enumerate() {
        pen.education(n, course);
    }
    for (n, language) in facts.languages.iter().enumerate() {
        pen.language(n, language);
    }
    let lists = [
        ("skills", &facts.skills),
        ("certificates", &facts.certificates),
        ("projects", &facts.projects),
        ("publications", &facts.publications),
    ];
    for (section, list) in lists {
        for (n, fact) in list.iter().enumerate() {
            pen.text(&["", section, &n.to_string(), "name"].join("/"), fact);
        }
    }
    let known = experience(&facts.employments, as_of);
    let gap = |gap: &Gap| json!({"months": gap.months, "from": iso(gap.from), "to": iso(gap.to)});
    let gaps: Vec<Value> = known.gaps.iter().map(gap).collect();
    let experience = json!({"months": known.months, "overlap": known.overlap, "gaps": gaps});
    json!({"resume": pen.resume, "provenance": pen.provenance, "experience": experience})
}

fn iso(month: YearMonth) -> String {
    format!("{}-{:02}", month.year, month.month)
}

/// Writes values and, beside each, where it was read.
struct Pen {
    resume: Value,
    provenance: Map<String, Value>,
}

impl Default for Pen {
    fn default() -> Self {
        let empty = json!({
            "basics": {}, "work": [], "education": [], "skills": [], "languages": [],
            "certificates": [], "projects": [], "publications": [],
        });
        Self { resume: empty, provenance: Map::new() }
    }
}

impl Pen {
    fn basics(&mut self, facts: &Facts) {
        let one = [
            ("name", facts.name.as_ref()),
            ("email", facts.emails.first()),
            ("phone", facts.phones.first().map(|phone| &phone.said)),
            ("url", facts.links.first()),
        ];
        for (name, fact) in one {
            if let Some(fact) = fact {
                self.text(&format!("/basics/{name}"), fact);
            }
        }
        if let Some((said, e164)) = facts.phones.first().and_then(|phone| Some((&phone.said, phone.e164.clone()?))) {
            self.put("/basics/phoneE164", e164.into(), said);
        }
        if let Some(location) = &facts.location {
            self.text("/basics/location/address", location);
        }
        for (n, link) in facts.links.iter().enumerate() {
            self.text(&format!("/basics/profiles/{n}/url"), link);
        }
    }

    fn work(&mut self, n: usize, job: &Employment) {
        let at = |name: &str| format!("/work/{n}/{name}");
        for (name, fact) in [("position", &job.title), ("name", &job.employer), ("location", &job.location)] {
            if let Some(fact) = fact {
                self.text(&at(name), fact);
            }
        }
        self.put(&at("startDate"), date(job.start.value), &job.start);
        self.end(&at("endDate"), &job.end);
        for (k, quote) in job.highlights.iter().enumerate() {
            let fact = super::fact(quote.clone(), super::Method::Layout, 80);
            self.text(&at(&format!("highlights/{k}")), &fact);
        }
    }

    fn education(&mut self, n: usize, course: &Education) {
        let at = |name: &str| format!("/education/{n}/{name}");
        self.text(&at("studyType"), &course.degree);
        if let Some(school) = &course.institution {
            self.text(&at("institution"), school);
        }
        if let Some(level) = course.level {
            self.put(&at("level"), level.as_str().into(), &course.degree);
        }
        if let Some(start) = &course.start {
            self.put(&at("startDate"), date(start.value), start);
        }
        if let Some(end) = &course.end {
            self.end(&at("endDate"), end);
        }
    }

    fn language(&mut self, n: usize, language: &Language) {
        let at = |name: &str| format!("/languages/{n}/{name}");
        self.text(&at("language"), &language.name);
        if let Some(code) = language.code {
            self.put(&at("code"), code.into(), &language.name);
        }
        if let Some(level) = language.level {
            self.put(&at("fluency"), level.as_str().into(), &language.said);
        }
    }

    /// What goes on has no end date in JSON Resume.
    fn end(&mut self, at: &str, end: &Fact<End>) {
        if let End::Date(value) = end.value {
            self.put(at, date(value), end);
        }
    }

    fn text(&mut self, at: &str, fact: &Fact<String>) {
        self.put(at, fact.value.clone().into(), fact);
    }

    fn put<T>(&mut self, at: &str, value: Value, fact: &Fact<T>) {
        let mut place = &mut self.resume;
        for key in at.split('/').skip(1) {
            place = match key.parse::<usize>() {
                Ok(n) => item(place, n),
                Err(_) => field(place, key),
            };
        }
        *place = value;
        let mut source = passage(&fact.evidence);
        if let Some(language) = fact.evidence.language() {
            source["language"] = language.as_str().into();
        }
        source["method"] = fact.method.as_str().into();
        source["confidence"] = fact.confidence.into();
        self.provenance.insert(at.to_owned(), source);
    }
}

fn item(place: &mut Value, n: usize) -> &mut Value {
    if !place.is_array() {
        *place = json!([]);
    }
    if let Value::Array(list) = &mut *place {
        while list.len() <= n {
            list.push(Value::Null);
        }
    }
    &mut place[n]
}

fn field<'v>(place: &'v mut Value, key: &str) -> &'v mut Value {
    if !place.is_object() {
        *place = json!({});
    }
    &mut place[key]
}

/// A passage as the command line prints it.
#[must_use]
pub fn passage(quote: &Evidence) -> Value {
    let span = quote.span();
    json!({
        "page": quote.page(), "char_start": span.start, "char_end": span.end,
        "quote": quote.quote(), "boxes": quote.boxes(),
    })
}

/// "2019" or "2019-04": as precise as the CV is.
fn date(date: PartialDate) -> Value {
    date.month.map_or_else(|| date.year.to_string(), |month| format!("{}-{month:02}", date.year)).into()
}
