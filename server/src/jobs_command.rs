//! `verbatim jobs`: shows and changes the job queue, next to the processes that run it.
//!
//! Those processes apply a change at once where it is announced to them, else at their next poll, within
//! seconds.

use anyhow::{Context as _, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};
use db::Db;
use hiring::{Actor, Hiring};
use queue::{
    JobId, State,
    admin::{self, Filter, JobDetails},
    control::{self, Scope},
    cron,
    views::JobChange,
};
use serde::Serialize;

/// The subcommands of `jobs`.
#[must_use]
pub fn commands() -> Vec<Command> {
    let ids = || Arg::new("id").value_name("ID").required(true).action(ArgAction::Append);
    let queue = || Arg::new("queue").value_name("QUEUE").required(true);
    let node = || Arg::new("node").long("node").value_name("NODE").help("Only on this node; without it on all");
    let named = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("TEXT").help(help);
    vec![
        Command::new("list")
            .about("List the newest jobs")
            .arg(named("queue", "Only of this queue"))
            .arg(named("worker", "Only of this worker"))
            .arg(named("state", "Only in this state: available, scheduled, executing, retryable, completed, ..."))
            .arg(named("tag", "Only with this tag"))
            .arg(named("text", "Only with this text in the arguments"))
            .arg(named("workflow", "Only of the workflow or batch with this id"))
            .arg(named("before", "Only older than the job with this id"))
            .arg(Arg::new("limit").long("limit").default_value("20").help("How many jobs at most, up to 200")),
        Command::new("show").about("Show all details of a job").arg(Arg::new("id").value_name("ID").required(true)),
        Command::new("retry").about("Run jobs again that are not running").arg(ids()),
        Command::new("cancel").about("Cancel jobs that have not finished").arg(ids()),
        Command::new("delete").about("Delete jobs that are not running").arg(ids()),
        Command::new("queues").about("Count the jobs of each queue by state"),
        Command::new("pause").about("Pause a queue: start no more of its jobs").arg(queue()).arg(node()),
        Command::new("resume").about("Resume a paused queue").arg(queue()).arg(node()),
        Command::new("scale")
            .about("Change how many jobs of a queue run at once")
            .arg(queue())
            .arg(Arg::new("slots").value_name("SLOTS").required(true).help("A number, or `default`"))
            .arg(node())
            .arg(
                Arg::new("global")
                    .long("global")
                    .action(ArgAction::SetTrue)
                    .conflicts_with("node")
                    .help("Limit all nodes together instead of each one"),
            ),
        Command::new("nodes").about("List the nodes, and which one leads"),
        Command::new("crons").about("List the recurring jobs"),
    ]
}

/// Runs a subcommand of `jobs`.
///
/// # Errors
/// When there is no such job, its state does not allow the change, or the database fails.
pub async fn run(hiring: &Hiring, flags: &ArgMatches) -> anyhow::Result<()> {
    let db = hiring.db();
    let Some((name, arguments)) = flags.subcommand() else { bail!("`jobs` needs a command; see --help") };
    let json = flags.get_flag("json");
    match name {
        "list" => print_all(json, &admin::list(db, &filter(arguments)?, number(arguments, "limit")?).await?, line),
        "show" => show(db, parse_id(text(arguments, "id"))?).await,
        "queues" => print_all(json, &admin::counts(db).await?, |counts| {
            let paused = if counts.paused { "  paused" } else { "" };
            format!(
                "{:<20} available {}  scheduled {}  executing {}  retryable {}  cancelled {}  discarded {}{paused}",
                counts.queue,
                counts.available,
                counts.scheduled,
                counts.executing,
                counts.retryable,
                counts.canceled,
                counts.discarded
            )
        }),
        "nodes" => print_all(json, &admin::nodes(db).await?, |node| {
            format!("{}  executing {}{}", node.name, node.executing, if node.leads { "  leads" } else { "" })
        }),
        "crons" => print_all(json, &cron::crons(db).await?, |cron| {
            let paused = if cron.paused { "  paused" } else { "" };
            format!("{:<20} {} {}  {}{paused}", cron.name, cron.expression, cron.time_zone, cron.worker)
        }),
        "retry" | "cancel" | "delete" => change_jobs(hiring, name, arguments).await,
        _ => change(db, name, arguments).await,
    }
}

/// Changes each job in a transaction of its own, like the administrators' page.
async fn change_jobs(hiring: &Hiring, name: &str, arguments: &ArgMatches) -> anyhow::Result<()> {
    let change = match name {
        "retry" => JobChange::Retry,
        "cancel" => JobChange::Cancel,
        _ => JobChange::Delete,
    };
    for text in arguments.get_many::<String>("id").into_iter().flatten() {
        let id = parse_id(text)?;
        let changed = hiring.change_jobs(&Actor::Operator, &[id.0], change).await?;
        ensure!(changed == 1, "cannot {name} job {id}: it does not exist, or its state does not allow it");
    }
    Ok(())
}

/// Changes a queue: `pause`, `resume` or `scale`.
async fn change(db: &Db, name: &str, arguments: &ArgMatches) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    match name {
        "pause" => control::pause(&mut tx, text(arguments, "queue"), scope(arguments)).await?,
        "resume" => control::resume(&mut tx, text(arguments, "queue"), scope(arguments)).await?,
        "scale" => {
            let slots = match text(arguments, "slots") {
                "default" => None,
                _ => Some(number(arguments, "slots")?),
            };
            if arguments.get_flag("global") {
                control::scale_globally(&mut tx, text(arguments, "queue"), slots).await?;
            } else {
                control::scale(&mut tx, text(arguments, "queue"), scope(arguments), slots).await?;
            }
        }
        other => bail!("`jobs` has no command {other}"),
    }
    Ok(tx.commit().await?)
}

async fn show(db: &Db, id: JobId) -> anyhow::Result<()> {
    let details = admin::details(db, id).await?.with_context(|| format!("there is no job {id}"))?;
    println!("{}", serde_json::to_string_pretty(&details)?);
    Ok(())
}

fn filter(arguments: &ArgMatches) -> anyhow::Result<Filter> {
    let given = |name| arguments.get_one::<String>(name).cloned();
    let state = given("state").map(|name| State::parse(&name).with_context(|| format!("{name} is not a job state")));
    Ok(Filter {
        queue: given("queue"),
        worker: given("worker"),
        state: state.transpose()?,
        tag: given("tag"),
        text: given("text"),
        workflow: given("workflow").as_deref().map(parse_id).transpose()?,
        before: given("before").as_deref().map(parse_id).transpose()?,
    })
}

fn line(details: &JobDetails) -> String {
    let job = &details.job;
    format!("{:>10}  {:<10} {:<20} {:<16} attempt {}", job.id, job.state, job.worker, job.queue, job.attempt)
}

fn print_all<T: Serialize>(json: bool, all: &[T], line: impl Fn(&T) -> String) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(all)?);
    } else if all.is_empty() {
        println!("None.");
    } else {
        all.iter().for_each(|each| println!("{}", line(each)));
    }
    Ok(())
}

fn scope(arguments: &ArgMatches) -> Scope<'_> {
    arguments.get_one::<String>("node").map_or(Scope::AllNodes, |node| Scope::Node(node))
}

fn text<'a>(arguments: &'a ArgMatches, name: &str) -> &'a str {
    arguments.get_one::<String>(name).map(String::as_str).unwrap_or_default()
}

fn number(arguments: &ArgMatches, name: &str) -> anyhow::Result<usize> {
    let text = text(arguments, name);
    text.parse().with_context(|| format!("{text} is not a number ({name})"))
}

fn parse_id(text: &str) -> anyhow::Result<JobId> {
    text.parse().with_context(|| format!("{text} is not a job id"))
}
