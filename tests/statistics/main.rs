//! Statistics against published figures, reference outputs and laws.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "../support/coverage.rs"]
mod designs;
#[path = "../support/golden.rs"]
mod reference;

mod coverage;
mod degenerate;
mod golden;
mod golden_confident;
mod golden_multilabel;
mod laws_agreement;
mod peer_defects;
mod published;
mod summary_confident;
mod two_models;
