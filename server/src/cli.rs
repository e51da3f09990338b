//! The commands.

use std::{ffi::OsString, net::TcpListener, path::PathBuf, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{
    bootstrap, change_notifier, jobs_command, listeners, serve, settings, settings::Settings, summarize, telemetry,
    users_command,
};

/// The command line as `--help` explains it.
#[must_use]
pub fn command() -> Command {
    Command::new("verbatim")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Self-hosted recruiting: a CV dropped by an applicant becomes a live summary that quotes it.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_settings("serve", "Serves the pages, the live socket and the workers"))
        .subcommand(with_settings("work", "Runs only the workers, beside other nodes of one PostgreSQL"))
        .subcommand(with_settings("migrate", "Brings the database's schema up to date"))
        .subcommand(
            with_settings("seed", "Fills the database").arg(
                Arg::new("what")
                    .long("demo")
                    .action(ArgAction::SetTrue)
                    .required(true)
                    .help("With the demonstration: three postings and two recruiters"),
            ),
        )
        .subcommand(
            with_settings("jobs", "Looks at the job queue and sets it right")
                .mut_args(|setting| setting.global(true))
                .subcommand_required(true)
                .arg_required_else_help(true)
                .arg(Arg::new("json").long("json").global(true).action(ArgAction::SetTrue).help("Prints JSON"))
                .subcommands(jobs_command::commands()),
        )
        .subcommand(
            with_settings("users", "Looks at accounts and takes their rights, or gives them back")
                .mut_args(|setting| setting.global(true))
                .subcommand_required(true)
                .arg_required_else_help(true)
                .arg(Arg::new("json").long("json").global(true).action(ArgAction::SetTrue).help("Prints JSON"))
                .subcommands(users_command::commands()),
        )
        .subcommand(with_settings(
            "restored",
            "To be run once after a backup was restored, before it is served: open pages then load anew",
        ))
        .subcommand(
            Command::new("summarise")
                .about("Reads one CV and prints its summary; needs no database")
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .value_parser(clap::value_parser!(PathBuf))
                        .help("A PDF, DOCX, DOC, ODT, RTF, HTML or text file, or a photo (PNG or JPEG)"),
                )
                .arg(
                    Arg::new("must-have")
                        .long("must-have")
                        .value_name("PHRASE")
                        .action(ArgAction::Append)
                        .help("What a posting asks for; may be given several times"),
                )
                .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Prints JSON")),
        )
}

fn with_settings(name: &'static str, about: &'static str) -> Command {
    let known = settings::SETTINGS.iter().filter(|setting| name != "seed" || setting.name != "demo");
    known.fold(Command::new(name).about(about), |command, setting| command.arg(setting.flag()))
}

/// Runs the command of these arguments.
///
/// # Errors
/// Whatever stops it, with its causes.
pub fn run(arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(shown) => shown.exit(),
    };
    let Some((name, flags)) = matches.subcommand() else { return Ok(ExitCode::FAILURE) };
    let systemd = if name == "serve" { listeners::from_systemd()? } else { None };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(name, flags, systemd))
}

async fn dispatch(name: &str, flags: &ArgMatches, systemd: Option<TcpListener>) -> anyhow::Result<ExitCode> {
    if name == "summarise" {
        return summarize::run(flags).await;
    }
    let settings = Settings::load(flags)?;
    let telemetry = telemetry::start(&settings)?;
    let done = run_command(name, flags, settings, systemd).await;
    telemetry.stop().await;
    done
}

async fn run_command(
    name: &str,
    flags: &ArgMatches,
    settings: Settings,
    systemd: Option<TcpListener>,
) -> anyhow::Result<ExitCode> {
    let data = settings.data.clone();
    match name {
        "serve" => serve::serve(settings, systemd).await?,
        "work" => serve::work(settings).await?,
        "migrate" => bootstrap::open_database(&settings).await?.migrate().await?,
        "seed" => seed(&settings).await?,
        "users" => users_command::run(&bootstrap::open(&settings).await?, flags).await?,
        "restored" => restored(&settings).await?,
        "jobs" => jobs_command::run(&bootstrap::open(&settings).await?, flags).await?,
        _ => return Ok(ExitCode::FAILURE),
    }
    if matches!(name, "users" | "jobs" | "seed") {
        change_notifier::tell(&data);
    }
    Ok(ExitCode::SUCCESS)
}

/// Pages that are open hold events that the backup does not.
async fn restored(settings: &Settings) -> anyhow::Result<()> {
    let _alone = bootstrap::lock_database(settings)?;
    let hiring = bootstrap::open(settings).await?;
    let mut tx = hiring.db().begin().await?;
    live::renew_epoch(&mut tx).await?;
    tx.commit().await?;
    println!("Pages that were open before the backup was restored will ask to be loaded anew.");
    Ok(())
}

async fn seed(settings: &Settings) -> anyhow::Result<()> {
    let hiring = bootstrap::open(settings).await?;
    let word = if hiring.seed_demo().await? { "added" } else { "not needed: there are postings already" };
    println!("Demonstration {word}.");
    Ok(())
}
