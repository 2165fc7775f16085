//! Files: read, refused, written back.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "../support/canonical.rs"]
mod canonical;
#[path = "../support/columnar.rs"]
mod columnar;
#[path = "../support/mod.rs"]
mod support;

mod columns;
mod crowd;
mod engine;
mod examples;
mod hostile;
mod packed;
mod sample_data;
mod several_files;
mod single_spans;
mod spans;
mod tables;
mod tools;
mod write_back;
