//! `verbatim users`: shows and changes accounts, next to the processes that serve.

use anyhow::{Context as _, bail};
use clap::{Arg, ArgMatches, Command};
use domain::Role;
use hiring::{Actor, Hiring, accounts::Account};

/// The subcommands of `users`.
#[must_use]
pub fn commands() -> Vec<Command> {
    let email = || Arg::new("email").value_name("EMAIL").required(true);
    vec![
        Command::new("list").about("List the accounts"),
        Command::new("disable").about("Sign a user out everywhere and refuse further sign-ins").arg(email()),
        Command::new("enable").about("Allow a user to sign in again").arg(email()),
        Command::new("role")
            .about("Change the role of a user: recruiter or admin")
            .arg(email())
            .arg(Arg::new("role").value_name("ROLE").required(true).value_parser(["recruiter", "admin"])),
    ]
}

/// Runs a subcommand of `users`.
///
/// # Errors
/// When there is no such account, or the database fails.
pub async fn run(hiring: &Hiring, flags: &ArgMatches) -> anyhow::Result<()> {
    let Some((name, arguments)) = flags.subcommand() else { bail!("`users` needs a command; see --help") };
    let argument = |name: &str| arguments.get_one::<String>(name).cloned().unwrap_or_default();
    match name {
        "list" => return list(flags.get_flag("json"), &hiring.accounts(&Actor::Operator).await?),
        "disable" => hiring.set_active(&Actor::Operator, &argument("email"), false).await?,
        "enable" => hiring.set_active(&Actor::Operator, &argument("email"), true).await?,
        _ => {
            let role = Role::parse(&argument("role")).context("the role must be `recruiter` or `admin`")?;
            hiring.set_role(&Actor::Operator, &argument("email"), role).await?;
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
