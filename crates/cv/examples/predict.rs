//! Extracts the facts of every file of a folder in the format that the scorers of evaluation corpora read:
//! `cargo run --release -p cv --example predict -- FOLDER TO`.
//!
//! Writes one JSON object a file, `TO/NAME.json`; an empty one for a refused file.

use std::{
    env,
    error::Error,
    fs::{self, File},
    path::Path,
    process::ExitCode,
};

use cv::{
    facts::{self, Education, Employment, End, Fact, Facts, PartialDate},
    sandbox::{self, Limits, ReadError, Sandbox},
};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["child", mode] => sandbox::child_main(mode),
        [from, to] => match predict(Path::new(from), Path::new(to)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: predict FOLDER TO");
            ExitCode::from(2)
        }
    }
}

fn predict(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reader = Sandbox::new(env::current_exe()?, vec!["child".into()], Limits::default());
    let mut files = files(from)?;
    files.sort();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = match runtime.block_on(reader.read(File::open(&path)?)) {
            Ok(document) => prediction(&facts::extract(&document)),
            Err(ReadError::Refused(refusal)) => {
                eprintln!("{name}: {refusal}");
                json!({})
            }
            Err(error) => return Err(error.into()),
        };
        fs::write(to.join(format!("{name}.json")), serde_json::to_string_pretty(&found)?)?;
    }
    Ok(())
}

/// The files in `folder` and its subfolders, except CSV and JSON files.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end != "csv" && end != "json") {
            found.push(path);
        }
    }
    Ok(found)
}

fn prediction(facts: &Facts) -> Value {
    let values = |list: &[Fact<String>]| list.iter().map(|fact| fact.value.clone()).collect::<Vec<_>>();
    let latest = facts.employments.iter().enumerate().max_by_key(|(n, job)| (end_key(job), std::cmp::Reverse(*n)));
    let latest = latest.map(|(_, job)| job);
    let highest = facts.education.iter().enumerate().max_by_key(|(n, course)| (course.level, std::cmp::Reverse(*n)));
    let highest = highest.map(|(_, course)| course);
    json!({
        "name": text(facts.name.as_ref()),
        "emails": values(&facts.emails),
        "phones": facts.phones.iter().map(|phone| phone.as_written.value.clone()).collect::<Vec<_>>(),
        "links": values(&facts.links),
        "most_recent_title": latest.and_then(|job| text(job.title.as_ref())),
        "most_recent_employer": latest.and_then(|job| text(job.employer.as_ref())),
        "highest_degree": highest.map(|course| course.degree.value.clone()),
        "highest_degree_level": highest.and_then(level),
        "skills": values(&facts.skills),
        "languages": facts.languages.iter().map(|language| language.name.value.clone()).collect::<Vec<_>>(),
        "employments": facts.employments.iter().map(employment).collect::<Vec<_>>(),
    })
}

fn text(fact: Option<&Fact<String>>) -> Option<String> {
    fact.map(|fact| fact.value.clone())
}

fn level(course: &Education) -> Option<&'static str> {
    course.level.map(facts::Level::as_str)
}

fn employment(job: &Employment) -> Value {
    let end = match job.end.value {
        End::Present => "present".to_owned(),
        End::Date(end) => date(end),
    };
    json!({
        "title": text(job.title.as_ref()), "employer": text(job.employer.as_ref()),
        "start": date(job.start.value), "end": end,
    })
}

fn date(date: PartialDate) -> String {
    date.month.map_or_else(|| date.year.to_string(), |month| format!("{}-{month:02}", date.year))
}

fn end_key(job: &Employment) -> (i32, u8) {
    match job.end.value {
        End::Present => (i32::MAX, 0),
        End::Date(date) => (date.year, date.month.unwrap_or(12)),
    }
}
