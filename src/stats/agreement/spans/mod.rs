//! How far raters agree on stretches of text: where they begin and end, and what they are.
//!
//! Three ways, each with its own idea of what is compared. [`unitizing_alpha`]: what share of the continuum was marked
//! alike, corrected for chance. [`gamma`]: units are matched with each other first, and the match is compared with those of
//! random continua. [`span_f1`]: plain counts of spans that are the same, without chance.
//!
//! [`SpanData`] says who worked on which document and what they marked there.

mod align;
mod continuum;
mod data;
mod f1;
mod gamma;
mod matching;
mod partition;
mod sampler;
mod tuples;
mod unitizing;

pub use align::{Alignment, Together, align};
pub use continuum::{Continuum, Dissimilarity, Unit};
pub use data::{Line, Mark, SpanData, SpanDocument, items_and_documents};
pub(crate) use f1::tokens;
pub use f1::{BothEmpty, DocumentF1, Matched, SpanF1, SpanF1Options, SpanMatch, SpanPair, span_f1};
pub use gamma::{DocumentGamma, Gamma, GammaOptions, LabelGamma, MOST_SAMPLES, gamma, gamma_of_continua};
pub use sampler::Sampling;
pub use unitizing::{DocumentDisagreement, LabelUnitizing, Unitizing, unitizing_alpha};

#[cfg(test)]
mod f1_tests;
#[cfg(test)]
mod gamma_tests;
#[cfg(test)]
mod unitizing_tests;
