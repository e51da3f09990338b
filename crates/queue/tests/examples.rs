//! The examples print what they should. Cargo builds them before this test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The path of an example. With a build folder outside of the workspace (`build.build-dir`) Cargo puts examples into
/// the workspace's target folder, else beside the tests.
fn path(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("this test's path");
    let beside = program.ancestors().nth(2).expect("the folder of the build").join("examples").join(name);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/examples").join(name);
    if beside.exists() { beside } else { target }
}

fn run(example: &str) -> String {
    let output = Command::new(path(example)).output().expect("the example was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn hello_greets_twice_because_the_first_attempt_fails() {
    let printed = run("hello");
    for line in [
        "Hello, world! This is attempt 1.",
        "Job 1 failed and comes back by itself.",
        "Hello, world! This is attempt 2.",
    ] {
        assert!(printed.lines().any(|each| each == line), "{line}: {printed}");
    }
}

#[test]
fn the_workflow_adds_up_what_it_waited_for() {
    assert_eq!(run("workflow"), "title: 3\nbody: 10\nsum: 13\n");
}
