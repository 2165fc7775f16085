//! How far raters agree on stretches of text: where they begin and end, and what they are.
//!
//! Three ways, each with its own idea of what is compared. [`unitizing_alpha`]: what share of the continuum was marked
//! alike, corrected for chance. `gamma`: units are matched with each other first, and the match is compared with those of
//! random continua. `span_f1`: plain counts of spans that are the same, without chance.
//!
//! [`SpanData`] says who worked on which document and what they marked there.

mod data;
mod unitizing;

pub use data::{Line, Mark, SpanData, SpanDocument};
pub use unitizing::{DocumentDisagreement, LabelUnitizing, Unitizing, unitizing_alpha};

#[cfg(test)]
mod unitizing_tests;
