//! The example does what it says. It was built beside this test.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The path of an example. With a build folder outside of the workspace (`build.build-dir`) Cargo puts examples into
/// the workspace's target folder, else beside the tests.
fn example(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("this test's path");
    let beside = program.ancestors().nth(2).expect("the folder of the build").join("examples").join(name);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/examples").join(name);
    if beside.exists() { beside } else { target }
}

#[test]
fn a_page_that_loses_its_socket_follows_without_a_gap_or_a_double() {
    let output = Command::new(example("follow")).output().expect("the example was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 not\n2 one\n3 word\n4 is\n5 missed\n");
}
