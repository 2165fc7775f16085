//! Labelled stretches and tokens of texts, in the formats of tools that annotate text.
//!
//! In all of them a rater is a file, a folder or a column, never a field of a record. Offsets count what each tool
//! counts and are turned into code points here. Where several raters have files of their own, these stay as they
//! are; a review adds files beside them: see [`review`].

pub(super) mod agreement;
pub(super) mod brat;
mod brat_write;
pub(super) mod cas_json;
mod columns;
pub(super) mod conll;
mod conll_write;
mod project;
mod review;
mod tsv3;
pub(super) mod webanno;
pub(super) mod xmi;
