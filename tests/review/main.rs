//! The correction log, and what several reviewers make of theirs.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

mod log;
mod several_reviewers;
mod single_spans;
