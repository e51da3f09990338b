//! `verbatim users`: looks at accounts and takes their rights, beside the processes that serve.

use anyhow::{Context as _, bail};
use clap::{Arg, ArgMatches, Command};
use domain::Role;
use hiring::{Actor, Hiring, accounts::Account};

/// The subcommands of `users`.
#[must_use]
pub fn commands() -> Vec<Command> {
    let email = || Arg::new("email").value_name("EMAIL").required(true);
    vec![
        Command::new("list").about("Every account"),
        Command::new("disable").about("Signs somebody out everywhere and lets them in no more").arg(email()),
        Command::new("enable").about("Lets somebody in again").arg(email()),
        Command::new("role")
            .about("Makes somebody a recruiter or an administrator")
            .arg(email())
            .arg(Arg::new("role").value_name("ROLE").required(true).value_parser(["recruiter", "admin"])),
    ]
}

/// Runs one of them.
///
/// # Errors
/// When there is no such account, or the database fails.
pub async fn run(hiring: &Hiring, flags: &ArgMatches) -> anyhow::Result<()> {
    let Some((name, words)) = flags.subcommand() else { bail!("`users` needs a command; see --help") };
    let word = |name: &str| words.get_one::<String>(name).cloned().unwrap_or_default();
    match name {
        "list" => return list(flags.get_flag("json"), &hiring.accounts(&Actor::Operator).await?),
        "disable" => hiring.set_active(&Actor::Operator, &word("email"), false).await?,
        "enable" => hiring.set_active(&Actor::Operator, &word("email"), true).await?,
        _ => {
            let role = Role::parse(&word("role")).context("a role is `recruiter` or `admin`")?;
            hiring.set_role(&Actor::Operator, &word("email"), role).await?;
        }
    }
    Ok(())
}

fn list(json: bool, accounts: &[Account]) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(accounts)?);
        return Ok(());
    }
    for Account { email, name, role, active, .. } in accounts {
        println!("{email:<32} {:<10} {name}{}", role.as_str(), if *active { "" } else { "  (disabled)" });
    }
    Ok(())
}
