//! The rooms of dissensus that read what strangers wrote, without the window.

// What only the window uses is dead here.
#![allow(dead_code)]

#[path = "../../src/analysis/mod.rs"]
pub mod analysis;
#[path = "../../src/dataset/mod.rs"]
pub mod dataset;
#[path = "../../src/formats/mod.rs"]
pub mod formats;
#[path = "../../src/progress.rs"]
pub mod progress;
#[path = "../../src/review/mod.rs"]
pub mod review;
#[path = "../../src/stats/mod.rs"]
pub mod stats;
#[path = "../../src/whole_file.rs"]
pub mod whole_file;
