//! The settings: one table for flags, environment, file, `--help` and the README.
//!
//! A flag overrides the environment (`VERBATIM_*`), which overrides the TOML file, which overrides the
//! default. An invalid or unknown setting stops the start with its name.

use std::{collections::BTreeMap, ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context as _, bail, ensure};
use clap::{Arg, ArgMatches};
use tracing_subscriber::EnvFilter;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The name, as in the flag: `max-upload-mib`.
    pub name: &'static str,
    /// The value where nothing sets it; empty for none.
    pub default: &'static str,
    /// The description in `--help`.
    pub help: &'static str,
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "config", default: "", help: "A TOML file with any of these settings" },
    Setting { name: "data", default: "data", help: "The folder of the SQLite database and the uploaded files" },
    Setting {
        name: "database",
        default: "",
        help: "postgres://... to use PostgreSQL; empty for SQLite in the data folder",
    },
    Setting { name: "listen", default: "127.0.0.1:3000", help: "The address to serve on" },
    Setting {
        name: "public-url",
        default: "",
        help: "The address that browsers use, for example https://jobs.example.org; empty for http:// and the listening address",
    },
    Setting { name: "site", default: "target/site", help: "The folder of the built browser files" },
    Setting { name: "max-upload-mib", default: "20", help: "The largest CV, in MiB, at most 32" },
    Setting {
        name: "uploads-per-minute",
        default: "120",
        help: "Applications that each network address may send per minute",
    },
    Setting { name: "summary-slots", default: "4", help: "Summaries that this process writes at the same time" },
    Setting {
        name: "metrics",
        default: "",
        help: "An address for /metrics (Prometheus), /health, /ready and /tasks only, like 127.0.0.1:9090; empty for none",
    },
    Setting {
        name: "otlp-endpoint",
        default: "",
        help: "An OpenTelemetry collector for traces, like http://127.0.0.1:4318/v1/traces; empty for none",
    },
    Setting {
        name: "trust-proxy",
        default: "false",
        help: "Take a client's address from X-Forwarded-For; only behind a proxy that sets it",
    },
    Setting { name: "demo", default: "false", help: "Add the demo data to a database without postings" },
    Setting { name: "line-delay-ms", default: "0", help: "A pause before each line of a summary, for demos and tests" },
    Setting { name: "log", default: "info,sqlx=warn", help: "The log filter, in the syntax of tracing's EnvFilter" },
];

impl Setting {
    /// The environment variable: `VERBATIM_MAX_UPLOAD_MIB`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("VERBATIM_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// The key in the TOML file: `max_upload_mib`.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The flag of the command line.
    #[must_use]
    pub fn flag(&self) -> Arg {
        let default = if self.default.is_empty() { String::new() } else { format!(" [default: {}]", self.default) };
        Arg::new(self.name)
            .long(self.name)
            .value_name("VALUE")
            .help(format!("{} [{}]{default}", self.help, self.variable()))
            // `--demo` and `--trust-proxy` without a value mean true.
            .num_args(if self.default == "false" { 0..=1 } else { 1..=1 })
            .default_missing_value("true")
    }
}

/// The validated settings of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the SQLite database and the uploaded files.
    pub data: PathBuf,
    /// The URL of the database: `sqlite:...` or `postgres:...`.
    pub database: String,
    /// The address of the public listener.
    pub listen: SocketAddr,
    /// The origin that browsers use; `None` to accept whichever they use.
    pub public_url: Option<String>,
    /// The folder of the built browser files.
    pub site: PathBuf,
    /// The size of the largest CV in bytes.
    pub max_upload: u64,
    /// Applications that a network address may send in a minute.
    pub uploads_per_minute: u32,
    /// Summaries that this process writes at the same time.
    pub summary_slots: usize,
    /// The address of the metrics listener; `None` for no such listener.
    pub metrics: Option<SocketAddr>,
    /// The address of the OpenTelemetry collector; `None` to export no traces.
    pub otlp_endpoint: Option<String>,
    /// Whether to take a client's address from `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// Whether to add the demo data to a database without postings.
    pub demo: bool,
    /// The pause before each line of a summary.
    pub line_delay: Duration,
    /// The log filter, as `EnvFilter` parses it.
    pub log: String,
}

/// The value of each setting, and the source it comes from.
struct Values(BTreeMap<&'static str, (String, String)>);

impl Settings {
    /// Loads the settings of a command from its flags, the environment, the file and the defaults.
    ///
    /// # Errors
    /// When a setting is unknown or invalid: names it, its source and what it should be.
    pub fn load(flags: &ArgMatches) -> anyhow::Result<Self> {
        let flag = |name: &str| flags.try_get_one::<String>(name).ok().flatten().cloned();
        // Variables of other programs may hold anything. In ours, invalid UTF-8 becomes an invalid value.
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.to_string_lossy().into()));
        Self::resolve(flag, std::env::vars_os().filter_map(text).collect())
    }

    fn resolve(flag: impl Fn(&str) -> Option<String>, environment: BTreeMap<String, String>) -> anyhow::Result<Self> {
        refuse_unknown_variables(&environment)?;
        let path = flag("config").or_else(|| environment.get("VERBATIM_CONFIG").cloned());
        let file = path.filter(|path| !path.is_empty()).map(|path| read_file(&path)).transpose()?;
        let file = file.unwrap_or_default();
        let values = SETTINGS.iter().map(|setting| {
            let value = flag(setting.name)
                .map(|value| (value, format!("--{}", setting.name)))
                .or_else(|| environment.get(&setting.variable()).map(|value| (value.clone(), setting.variable())))
                .or_else(|| file.get(&setting.key()).map(|value| (value.clone(), setting.key())))
                .unwrap_or_else(|| (setting.default.to_owned(), "default".to_owned()));
            (setting.name, value)
        });
        Values(values.collect()).parse()
    }

    /// Whether the database is an SQLite file, which only one process can serve.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.database.starts_with("sqlite:")
    }

    /// Whether browsers use HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

impl Values {
    fn parse(&self) -> anyhow::Result<Settings> {
        let data = PathBuf::from(self.text("data")?);
        let database = match self.text("database")? {
            "" => format!("sqlite://{}", data.join("verbatim.db").display()),
            url => url.to_owned(),
        };
        Ok(Settings {
            data,
            database,
            listen: self.parsed("listen", "an address and a port, like 127.0.0.1:3000")?,
            public_url: self.public_url()?,
            site: PathBuf::from(self.text("site")?),
            max_upload: self.number("max-upload-mib", 1, cv::sandbox::MAX_FILE_MIB)? * 1_024 * 1_024,
            uploads_per_minute: u32::try_from(self.number("uploads-per-minute", 1, 1_000_000)?)?,
            summary_slots: usize::try_from(self.number("summary-slots", 1, 1_000)?)?,
            metrics: match self.text("metrics")? {
                "" => None,
                _ => Some(self.parsed("metrics", "an address and a port, like 127.0.0.1:9090")?),
            },
            otlp_endpoint: Some(self.text("otlp-endpoint")?).filter(|url| !url.is_empty()).map(str::to_owned),
            trust_proxy: self.parsed("trust-proxy", "true or false")?,
            demo: self.parsed("demo", "true or false")?,
            line_delay: Duration::from_millis(self.number("line-delay-ms", 0, 60_000)?),
            log: self.log()?,
        })
    }

    fn text(&self, name: &str) -> anyhow::Result<&str> {
        let (value, _) = self.0.get(name).with_context(|| format!("there is no setting {name}"))?;
        Ok(value)
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, wanted: &str) -> anyhow::Result<T> {
        self.text(name)?.parse().ok().with_context(|| self.wrong(name, wanted))
    }

    fn wrong(&self, name: &str, wanted: &str) -> String {
        let (value, source) = self.0.get(name).map_or(("", ""), |(value, source)| (value, source));
        format!("the setting {name} ({source}) is {value:?}; it should be {wanted}")
    }

    fn number(&self, name: &str, min: u64, max: u64) -> anyhow::Result<u64> {
        let wanted = format!("a whole number from {min} to {max}");
        let number: u64 = self.parsed(name, &wanted)?;
        ensure!((min..=max).contains(&number), self.wrong(name, &wanted));
        Ok(number)
    }

    fn log(&self) -> anyhow::Result<String> {
        let wanted = "a filter, like info,sqlx=warn";
        Ok(self.parsed::<EnvFilter>("log", wanted)?.to_string())
    }

    fn public_url(&self) -> anyhow::Result<Option<String>> {
        let url = self.text("public-url")?.trim_end_matches('/');
        if url.is_empty() {
            return Ok(None);
        }
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
        ensure!(plain, self.wrong("public-url", "like https://jobs.example.org, without a path"));
        Ok(Some(url.to_owned()))
    }
}

/// A misspelled variable would otherwise be ignored silently.
fn refuse_unknown_variables(environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let ours = |name: &&String| name.starts_with("VERBATIM_") && !name.starts_with("VERBATIM_TEST_");
    for name in environment.keys().filter(ours) {
        let known = SETTINGS.iter().any(|setting| setting.variable() == *name);
        ensure!(known, "the environment sets {name}, and there is no such setting");
    }
    Ok(())
}

fn read_file(path: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("the setting config names {path}"))?;
    let table: toml::Table = text.parse().with_context(|| format!("{path} is not valid TOML"))?;
    table.into_iter().map(|(key, value)| entry(path, key, &value)).collect()
}

fn entry(path: &str, key: String, value: &toml::Value) -> anyhow::Result<(String, String)> {
    let known = SETTINGS.iter().any(|setting| setting.key() == key && setting.name != "config");
    ensure!(known, "{path} sets {key}, and there is no such setting");
    let value = match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        _ => bail!("the setting {key} in {path} should be a string, a whole number, true or false"),
    };
    Ok((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> anyhow::Result<Settings> {
        let flag = |name: &str| flags.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::resolve(flag, environment)
    }

    #[test]
    fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "max_upload_mib = 3\nsummary_slots = 3\nline_delay_ms = 3").unwrap();
        let path = file.path().to_str().unwrap();
        let settings = resolve(
            &[("max-upload-mib", "1"), ("config", path)],
            &[("VERBATIM_MAX_UPLOAD_MIB", "2"), ("VERBATIM_SUMMARY_SLOTS", "2")],
        )
        .unwrap();
        assert_eq!(settings.max_upload, 1_024 * 1_024);
        assert_eq!(settings.summary_slots, 2);
        assert_eq!(settings.line_delay, Duration::from_millis(3));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:3000");
    }

    #[test]
    fn an_invalid_setting_stops_the_start_with_its_name_and_source() {
        let error = |flags: &[_], environment: &[_]| resolve(flags, environment).unwrap_err().to_string();
        assert!(error(&[("listen", "nowhere")], &[]).contains("listen (--listen)"));
        assert!(error(&[], &[("VERBATIM_MAX_UPLOAD_MIB", "many")]).contains("VERBATIM_MAX_UPLOAD_MIB"));
        assert!(error(&[("summary-slots", "0")], &[]).contains("summary-slots"));
        assert!(error(&[], &[("VERBATIM_LISTN", "x")]).contains("VERBATIM_LISTN"));
        assert!(error(&[("public-url", "jobs.example.org")], &[]).contains("public-url (--public-url)"));
        assert!(error(&[("max-upload-mib", "33")], &[]).contains("max-upload-mib (--max-upload-mib)"));
        assert!(error(&[("log", "loud=very")], &[]).contains("log (--log)"));
    }

    #[test]
    fn an_unknown_key_in_the_file_stops_the_start() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "max_uplod_mib = 3").unwrap();
        let error = resolve(&[("config", file.path().to_str().unwrap())], &[]).unwrap_err().to_string();
        assert!(error.contains("max_uplod_mib"));
    }

    #[test]
    fn the_readme_has_the_table() {
        let readme = include_str!("../../README.md");
        for setting in SETTINGS {
            let default = if setting.default.is_empty() { String::new() } else { format!(" `{}`", setting.default) };
            let names = format!("| `--{}` | `{}` | `{}`", setting.name, setting.variable(), setting.key());
            let row = format!("{names} |{default} |");
            assert!(readme.contains(&row), "README.md lacks: {row}");
        }
    }
}
