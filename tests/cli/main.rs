//! The command line, as a user runs it.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

mod before_after;
mod commands;
mod durability;
mod export;
mod judges;
mod moments;
mod practice;
mod report;
mod side_by_side;
mod ways_in;
