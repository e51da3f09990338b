//! The examples print what they should. Cargo builds them before this test.

use std::process::Command;

fn run(example: &str) -> String {
    let program = std::env::current_exe().expect("this test's path");
    let folder = program.ancestors().nth(2).expect("the folder of the build").join("examples");
    let output = Command::new(folder.join(example)).output().expect("the example was built");
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
