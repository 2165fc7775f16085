//! The window.

pub mod headless;
pub mod jobs;
pub mod widgets;
