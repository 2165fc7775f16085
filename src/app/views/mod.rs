//! One folder a view: `model.rs` says what to show (no window needed), `mod.rs` paints it.

pub mod agreement;
pub mod compare;
pub mod conflicts;
pub mod empty;
pub mod errors;
pub mod grid;
pub mod groups;
pub mod item;
pub mod items;
pub mod lab;
pub mod label;
pub mod log;
pub mod models;
pub mod open;
pub mod overview;
pub mod queues;
pub mod raters;
pub mod review;
mod tabs;
pub mod versions;

/// With a capital letter.
pub(in crate::app) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}
