//! The example does what it says. It was built beside this test.
#![cfg(not(target_arch = "wasm32"))]

use std::process::Command;

#[test]
fn a_page_that_loses_its_socket_follows_without_a_gap_or_a_double() {
    let program = std::env::current_exe().expect("this test's path");
    let folder = program.ancestors().nth(2).expect("the folder of the build").join("examples");
    let output = Command::new(folder.join("follow")).output().expect("the example was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 not\n2 one\n3 word\n4 is\n5 missed\n");
}
