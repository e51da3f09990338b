//! Writes facts as JSON Resume, with the source of every value.

use domain::Evidence;
use serde_json::{Map, Value, json};

use super::{
    date::{End, PartialDate, YearMonth},
    experience::{Experience, Gap},
    model::{Education, Employment, Fact, Facts, Language, Method, fact_from_evidence},
};

/// Returns `facts` as `{"resume": …, "provenance": …, "experience": …}`.
///
/// `resume` follows the schema of [JSON Resume](https://jsonresume.org/schema) 1.0.0. `provenance` maps the JSON
/// pointer of each value to its source: page, characters, quote, boxes in points, language (ISO 639-1) if known,
/// method, and confidence of 100. `experience` has the total, the overlap and the gaps of the employments until
/// `as_of`, in months.
#[must_use]
pub fn json_resume(facts: &Facts, as_of: YearMonth) -> Value {
    let mut writer = JsonResumeWriter::default();
    writer.basics(facts);
    for (n, job) in facts.employments.iter().enumerate() {
        writer.work(n, job);
    }
    for (n, course) in facts.education.iter().enumerate() {
        writer.education(n, course);
    }
    for (n, language) in facts.languages.iter().enumerate() {
        writer.language(n, language);
    }
    let lists = [
        ("skills", &facts.skills),
        ("certificates", &facts.certificates),
        ("projects", &facts.projects),
        ("publications", &facts.publications),
    ];
    for (section, list) in lists {
        for (n, fact) in list.iter().enumerate() {
            writer.text(&["", section, &n.to_string(), "name"].join("/"), fact);
        }
    }
    let known = Experience::from_employments(&facts.employments, as_of);
    let gap = |gap: &Gap| json!({"months": gap.months, "from": iso(gap.from), "to": iso(gap.to)});
    let gaps: Vec<Value> = known.gaps.iter().map(gap).collect();
    let experience = json!({"months": known.months, "overlap": known.overlap, "gaps": gaps});
    json!({"resume": writer.resume, "provenance": writer.provenance, "experience": experience})
}

/// Formats a month as ISO 8601 does: "2019-04".
fn iso(month: YearMonth) -> String {
    format!("{}-{:02}", month.year, month.month)
}

/// Builds the JSON Resume and the sources of its values.
struct JsonResumeWriter {
    resume: Value,
    provenance: Map<String, Value>,
}

impl Default for JsonResumeWriter {
    fn default() -> Self {
        let empty = json!({
            "basics": {}, "work": [], "education": [], "skills": [], "languages": [],
            "certificates": [], "projects": [], "publications": [],
        });
        Self { resume: empty, provenance: Map::new() }
    }
}

impl JsonResumeWriter {
    fn basics(&mut self, facts: &Facts) {
        let one = [
            ("name", facts.name.as_ref()),
            ("email", facts.emails.first()),
            ("phone", facts.phones.first().map(|phone| &phone.as_written)),
            ("url", facts.links.first()),
        ];
        for (name, fact) in one {
            if let Some(fact) = fact {
                self.text(&format!("/basics/{name}"), fact);
            }
        }
        if let Some((as_written, e164)) =
            facts.phones.first().and_then(|phone| Some((&phone.as_written, phone.e164.clone()?)))
        {
            self.put("/basics/phoneE164", e164.into(), as_written);
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
            let fact = fact_from_evidence(quote.clone(), Method::Layout, 80);
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
            self.put(&at("fluency"), level.as_str().into(), &language.description);
        }
    }

    /// JSON Resume has no end date for what is still going on.
    fn end(&mut self, at: &str, end: &Fact<End>) {
        if let End::Date(value) = end.value {
            self.put(at, date(value), end);
        }
    }

    /// Writes the value of a fact at the JSON pointer `at`.
    fn text(&mut self, at: &str, fact: &Fact<String>) {
        self.put(at, fact.value.clone().into(), fact);
    }

    /// Writes `value` at the JSON pointer `at`, and the source of `fact` beside it.
    fn put<T>(&mut self, at: &str, value: Value, fact: &Fact<T>) {
        let mut target = &mut self.resume;
        for key in at.split('/').skip(1) {
            target = match key.parse::<usize>() {
                Ok(n) => element(target, n),
                Err(_) => member(target, key),
            };
        }
        *target = value;
        let mut source = evidence_json(&fact.evidence);
        if let Some(language) = fact.evidence.language() {
            source["language"] = language.as_str().into();
        }
        source["method"] = fact.method.as_str().into();
        source["confidence"] = fact.confidence.into();
        self.provenance.insert(at.to_owned(), source);
    }
}

/// Returns element `n` of `target`, which becomes an array if it is none.
fn element(target: &mut Value, n: usize) -> &mut Value {
    if !target.is_array() {
        *target = json!([]);
    }
    if let Value::Array(list) = &mut *target {
        while list.len() <= n {
            list.push(Value::Null);
        }
    }
    &mut target[n]
}

/// Returns the member `key` of `target`, which becomes an object if it is none.
fn member<'v>(target: &'v mut Value, key: &str) -> &'v mut Value {
    if !target.is_object() {
        *target = json!({});
    }
    &mut target[key]
}

/// Returns a passage as JSON: page, characters, quote and boxes in points.
#[must_use]
pub fn evidence_json(quote: &Evidence) -> Value {
    let span = quote.span();
    json!({
        "page": quote.page(), "char_start": span.start, "char_end": span.end,
        "quote": quote.quote(), "boxes": quote.boxes(),
    })
}

/// Formats a date as precisely as the CV states it: "2019" or "2019-04".
fn date(date: PartialDate) -> Value {
    date.month.map_or_else(|| date.year.to_string(), |month| format!("{}-{month:02}", date.year)).into()
}
