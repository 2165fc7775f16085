//! The command line, as a user runs it.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

mod before_after;
mod commands;
mod durability;
mod export;
mod judges;
mod metrics;
mod moments;
mod practice;
mod preferences;
mod report;
mod routing;
mod side_by_side;
mod ways_in;

/// What `dissensus` prints, run with `args`; it has to succeed.
fn ok(args: &[&str]) -> String {
    let out = assert_cmd::Command::cargo_bin("dissensus").unwrap().args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}
