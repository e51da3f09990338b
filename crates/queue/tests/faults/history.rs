//! Two histories of a run: the processes write a file, the database writes a table.
//!
//! The file has a line for every start and end of an attempt. Each is appended with one write, so that no
//! kill can remove or split it. The table has a row for each change of a job's state, which a trigger inserts
//! in the transaction that changes it.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Arc,
};

use db::{Db, Dialect, params, sql};
use queue::{Context, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Started,
    Completed,
    Snoozed,
    Failed,
}

/// The file, opened for appending.
#[derive(Clone)]
pub struct History(Arc<File>);

impl History {
    pub fn open(path: &Path) -> Self {
        Self(Arc::new(OpenOptions::new().append(true).create(true).open(path).unwrap()))
    }

    /// Records an event of an attempt, with a text about it.
    pub fn note(&self, event: Event, job: &Context, about: &str) {
        let about = about.replace(['\n', '\t'], " ");
        let line = format!("{event:?}\t{}\t{}\t{}\t{about}\n", job.id(), job.attempt(), job.node());
        // One write, so that the lines of several processes do not mix.
        (&*self.0).write_all(line.as_bytes()).unwrap();
    }
}

impl History {
    /// Records a warning that the queue logged.
    pub fn note_warning(&self, text: &str) {
        let line = format!("Warned\t0\t0\t\t{}\n", text.replace(['\n', '\t'], " "));
        (&*self.0).write_all(line.as_bytes()).unwrap();
    }
}

/// An event of an attempt, or a warning.
#[derive(Debug)]
pub struct Line {
    pub event: String,
    pub job: i64,
    pub attempt: i64,
    pub node: String,
    pub about: String,
}

/// Reads everything that the processes recorded.
pub fn read(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(line).collect()
}

fn line(line: &str) -> Line {
    let fields: Vec<_> = line.split('\t').collect();
    let [event, job, attempt, node, about] = fields[..] else { panic!("{line}") };
    Line {
        event: event.to_owned(),
        job: job.parse().unwrap(),
        attempt: attempt.parse().unwrap(),
        node: node.to_owned(),
        about: about.to_owned(),
    }
}

/// A change of a job's state.
#[derive(Debug)]
pub struct Change {
    pub job: i64,
    pub from: State,
    pub to: State,
    pub attempt: i64,
}

/// Creates the table and the trigger that fills it.
pub async fn watch(db: &Db) {
    let changes = sql!(
        sqlite: "create table changes (id integer primary key, job bigint not null, old text not null, new text not null,
            attempt bigint not null)",
        postgres: "create table changes (id bigint generated always as identity, job bigint not null, old text not null,
            new text not null, attempt bigint not null)",
    );
    db.execute(changes, params![]).await.unwrap();
    if db.dialect() == Dialect::Postgres {
        let note = sql!(
            "create function note_change() returns trigger language plpgsql as $$
             begin
                 insert into changes (job, old, new, attempt) values (new.id, old.state, new.state, new.attempt);
                 return null;
             end $$"
        );
        db.execute(note, params![]).await.unwrap();
    }
    let trigger = sql!(
        sqlite: "create trigger note_change after update of state on jobs
            when old.state <> new.state or old.attempt <> new.attempt begin
                insert into changes (job, old, new, attempt) values (new.id, old.state, new.state, new.attempt);
            end",
        postgres: "create trigger note_change after update of state on jobs
            for each row when (old.state <> new.state or old.attempt <> new.attempt) execute function note_change()",
    );
    db.execute(trigger, params![]).await.unwrap();
}

/// The changes of each job, in order.
pub async fn changes(db: &Db) -> HashMap<i64, Vec<Change>> {
    let rows = db.all(sql!("select job, old, new, attempt from changes order by id"), params![]).await.unwrap();
    let mut changes = HashMap::<_, Vec<_>>::new();
    for row in rows {
        let state = |column| State::parse(&row.text(column).unwrap()).unwrap();
        let job = row.int("job").unwrap();
        let change = Change { job, from: state("old"), to: state("new"), attempt: row.int("attempt").unwrap() };
        changes.entry(job).or_default().push(change);
    }
    changes
}
