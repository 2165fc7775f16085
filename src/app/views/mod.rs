//! One folder a view: `model.rs` says what to show (no window needed), `mod.rs` paints it.

pub mod agreement;
pub mod empty;
pub mod errors;
pub mod item;
pub mod items;
pub mod lab;
pub mod log;
pub mod open;
pub mod overview;
pub mod raters;
pub mod review;
