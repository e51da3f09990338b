//! The command line.

use std::{ffi::OsString, net::TcpListener, path::PathBuf, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{
    bootstrap, change_notifier::ChangeNotifier, jobs_command, listeners, routes, serve, settings, settings::Settings,
    summarize, telemetry, users_command,
};

/// The commands, as `--help` shows them.
#[must_use]
pub fn command() -> Command {
    Command::new("verbatim")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Self-hosted recruiting: an applicant's CV becomes a live summary that quotes it.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_settings("serve", "Serve the pages, the live socket and the workers"))
        .subcommand(with_settings("work", "Run only the workers, next to other processes on one PostgreSQL"))
        .subcommand(with_settings("migrate", "Update the database schema"))
        .subcommand(
            with_settings("seed", "Fill the database").arg(
                Arg::new("demo-data")
                    .long("demo")
                    .action(ArgAction::SetTrue)
                    .required(true)
                    .help("Add the demo data: three postings and two recruiters"),
            ),
        )
        .subcommand(group("jobs", "Show and change the job queue").subcommands(jobs_command::commands()))
        .subcommand(group("users", "Show and change accounts").subcommands(users_command::commands()))
        .subcommand(
            group("db", "Maintain the database").subcommand(
                Command::new("after-restore")
                    .about("Run once after restoring a backup, before `serve`: open pages then reload"),
            ),
        )
        // The former name of `db after-restore`.
        .subcommand(with_settings("restored", "Run once after restoring a backup").hide(true))
        .subcommand(Command::new("routes").about("List every route and who may use it"))
        .subcommand(summarize())
}

fn summarize() -> Command {
    Command::new("summarize")
        .alias("summarise")
        .about("Print the summary of one CV; needs no database")
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
                .help("A requirement of the posting; repeat it for several"),
        )
        .arg(json_flag())
}

/// A command with subcommands, which all take the settings and `--json`.
fn group(name: &'static str, about: &'static str) -> Command {
    with_settings(name, about)
        .mut_args(|setting| setting.global(true))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(json_flag().global(true))
}

fn json_flag() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON")
}

fn with_settings(name: &'static str, about: &'static str) -> Command {
    // `seed` has a `--demo` of its own.
    let settings = settings::SETTINGS.iter().filter(|setting| name != "seed" || setting.name != "demo");
    settings.fold(Command::new(name).about(about), |command, setting| command.arg(setting.flag()))
}

/// Runs the command that `arguments` name. Prints help and usage errors, and exits, itself.
///
/// # Errors
/// When the command fails, with the causes.
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
    // These need no settings.
    match name {
        "summarize" => return summarize::run(flags).await,
        "routes" => {
            routes::print();
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
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
    let notifier = ChangeNotifier::new(&settings.data);
    match name {
        "serve" => serve::serve(settings, systemd).await?,
        "work" => serve::work(settings).await?,
        "migrate" => bootstrap::open_database(&settings).await?.migrate().await?,
        "seed" => seed(&settings).await?,
        "users" => users_command::run(&bootstrap::open(&settings).await?, flags).await?,
        // `after-restore` is the only subcommand of `db`.
        "db" | "restored" => after_restore(&settings).await?,
        "jobs" => jobs_command::run(&bootstrap::open(&settings).await?, flags).await?,
        _ => return Ok(ExitCode::FAILURE),
    }
    if matches!(name, "users" | "jobs" | "seed") {
        notifier.notify();
    }
    Ok(ExitCode::SUCCESS)
}

/// Begins a new epoch of the event log: pages that are open hold events that the backup lacks.
async fn after_restore(settings: &Settings) -> anyhow::Result<()> {
    let _lock = bootstrap::lock_database(settings)?;
    let hiring = bootstrap::open(settings).await?;
    let mut tx = hiring.db().begin().await?;
    live::renew_epoch(&mut tx).await?;
    tx.commit().await?;
    println!("Pages that were open before the backup was restored will ask to be reloaded.");
    Ok(())
}

async fn seed(settings: &Settings) -> anyhow::Result<()> {
    let hiring = bootstrap::open(settings).await?;
    let result = if hiring.seed_demo().await? { "added" } else { "not added: there are postings already" };
    println!("Demo data {result}.");
    Ok(())
}
