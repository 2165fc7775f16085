//! Annotation tools whose exports are JSON: Label Studio, Prodigy, doccano, Argilla.
//!
//! They differ in where a rater's name, a label and a span stand, and agree in this: a source is a run of records,
//! each about an item, and what a rater said may be said again further down. So each reader turns records into
//! [`turns`] and lets the whole of them be settled at the end. A writer never writes a tree out again: it puts
//! [patches](super::json::Patches) on the text, or adds a record of its own, and marks what it adds with the word
//! `dissensus`, by which the reader knows a reviewer's verdict from a rater's label.

pub(super) mod argilla;
pub(super) mod doccano;
mod fields;
pub(super) mod label_studio;
mod passed;
pub(super) mod prodigy;
mod records;
mod turns;
