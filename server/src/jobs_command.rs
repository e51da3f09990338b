//! `verbatim jobs`: looks at the queue and sets it right, beside the processes that work on it.
//!
//! The processes at work find what it changed at their next poll, within seconds.

use anyhow::{Context as _, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};
use db::Db;
use domain::jobs::JobChange;
use hiring::{Actor, Hiring};
use queue::{
    JobId, State,
    admin::{self, Filter, JobDetails},
    control::{self, Scope},
    cron,
};
use serde::Serialize;

/// The subcommands of `jobs`.
#[must_use]
pub fn commands() -> Vec<Command> {
    let ids = || Arg::new("id").value_name("ID").required(true).action(ArgAction::Append);
    let queue = || Arg::new("queue").value_name("QUEUE").required(true);
    let node = || Arg::new("node").long("node").value_name("NODE").help("Only on this node; on all without it");
    let named = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("TEXT").help(help);
    vec![
        Command::new("list")
            .about("The newest jobs")
            .arg(named("queue", "Of this queue"))
            .arg(named("worker", "Of this worker"))
            .arg(named("state", "In this state: available, scheduled, executing, retryable, completed, ..."))
            .arg(named("tag", "With this tag"))
            .arg(named("text", "Whose arguments hold this text"))
            .arg(named("workflow", "Of the workflow or batch of this id"))
            .arg(named("before", "Older than the job of this id"))
            .arg(Arg::new("limit").long("limit").default_value("20").help("At most so many, up to 200")),
        Command::new("show").about("All that is known of a job").arg(Arg::new("id").value_name("ID").required(true)),
        Command::new("retry").about("Runs jobs again that do not run now").arg(ids()),
        Command::new("cancel").about("Cancels jobs that have not ended").arg(ids()),
        Command::new("delete").about("Deletes jobs that do not run").arg(ids()),
        Command::new("queues").about("How many jobs wait, run or failed, by queue"),
        Command::new("pause").about("Starts nothing more of a queue").arg(queue()).arg(node()),
        Command::new("resume").about("Ends a pause").arg(queue()).arg(node()),
        Command::new("scale")
            .about("Changes how many jobs of a queue run at once")
            .arg(queue())
            .arg(Arg::new("slots").value_name("SLOTS").required(true).help("A number, or `default`"))
            .arg(node())
            .arg(
                Arg::new("global")
                    .long("global")
                    .action(ArgAction::SetTrue)
                    .conflicts_with("node")
                    .help("Over all nodes together, instead of on each"),
            ),
        Command::new("nodes").about("The nodes, and which one leads"),
        Command::new("crons").about("The recurring jobs"),
    ]
}

/// Runs one of them.
///
/// # Errors
/// When there is no such job, or the database fails.
pub async fn run(hiring: &Hiring, flags: &ArgMatches) -> anyhow::Result<()> {
    let db = hiring.db();
    let Some((name, words)) = flags.subcommand() else { bail!("`jobs` needs a command; see --help") };
    let json = flags.get_flag("json");
    match name {
        "list" => print_all(json, &admin::list(db, &filter(words)?, number(words, "limit")?).await?, line),
        "show" => show(db, id(text(words, "id"))?).await,
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
        "retry" | "cancel" | "delete" => change_jobs(hiring, name, words).await,
        _ => change(db, name, words).await,
    }
}

/// Each job by itself, as the administrators' page does it.
async fn change_jobs(hiring: &Hiring, name: &str, words: &ArgMatches) -> anyhow::Result<()> {
    let change = match name {
        "retry" => JobChange::Retry,
        "cancel" => JobChange::Cancel,
        _ => JobChange::Delete,
    };
    for text in words.get_many::<String>("id").into_iter().flatten() {
        let id = id(text)?;
        let changed = hiring.change_jobs(&Actor::Operator, &[id.0], change).await?;
        ensure!(changed == 1, "job {id} cannot be changed so: there is none, or its state is another");
    }
    Ok(())
}

/// The commands that write to queues.
async fn change(db: &Db, name: &str, words: &ArgMatches) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    match name {
        "pause" => control::pause(&mut tx, text(words, "queue"), on(words)).await?,
        "resume" => control::resume(&mut tx, text(words, "queue"), on(words)).await?,
        "scale" => {
            let slots = match text(words, "slots") {
                "default" => None,
                _ => Some(number(words, "slots")?),
            };
            if words.get_flag("global") {
                control::scale_globally(&mut tx, text(words, "queue"), slots).await?;
            } else {
                control::scale(&mut tx, text(words, "queue"), on(words), slots).await?;
            }
        }
        other => bail!("`jobs` knows no command {other}"),
    }
    Ok(tx.commit().await?)
}

async fn show(db: &Db, id: JobId) -> anyhow::Result<()> {
    let details = admin::details(db, id).await?.with_context(|| format!("there is no job {id}"))?;
    println!("{}", serde_json::to_string_pretty(&details)?);
    Ok(())
}

fn filter(words: &ArgMatches) -> anyhow::Result<Filter> {
    let given = |name| words.get_one::<String>(name).cloned();
    let state = given("state").map(|name| State::parse(&name).with_context(|| format!("{name} is no state of a job")));
    Ok(Filter {
        queue: given("queue"),
        worker: given("worker"),
        state: state.transpose()?,
        tag: given("tag"),
        text: given("text"),
        workflow: given("workflow").as_deref().map(id).transpose()?,
        before: given("before").as_deref().map(id).transpose()?,
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

fn on(words: &ArgMatches) -> Scope<'_> {
    words.get_one::<String>("node").map_or(Scope::AllNodes, |node| Scope::Node(node))
}

fn text<'a>(words: &'a ArgMatches, name: &str) -> &'a str {
    words.get_one::<String>(name).map(String::as_str).unwrap_or_default()
}

fn number(words: &ArgMatches, name: &str) -> anyhow::Result<usize> {
    let text = text(words, name);
    text.parse().with_context(|| format!("{text} is no number ({name})"))
}

fn id(text: &str) -> anyhow::Result<JobId> {
    text.parse().with_context(|| format!("{text} is no job's id"))
}
