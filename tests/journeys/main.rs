//! Journeys through a real window without a display.

// Helpers outside of `#[test]` functions unwrap too: a test that cannot set its stage has failed.
#![allow(clippy::unwrap_used)]

#[path = "../support/window.rs"]
mod window;

mod before_after;
mod compare;
mod conflicts;
mod data;
mod difficulty;
mod errors;
mod export;
mod grid;
mod groups;
mod hostile;
mod judges;
mod layout;
mod metrics;
mod models;
mod panels;
mod practice;
mod preferences;
mod presets;
mod queues;
mod raters;
mod review;
mod routing;
mod side_by_side;
mod single_spans;
mod versions;
mod whole;
mod wrong;
