//! The plots over the table: all items in grey, the items shown in colour.

use crate::app::document::Document;
use crate::app::query::BINS;
use crate::app::widgets::paint::number;

/// One small histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// What it counts.
    pub name: &'static str,
    /// The right end of its axis.
    pub high: String,
    /// Counts of all items.
    pub all: Vec<u32>,
    /// Counts of the items shown.
    pub shown: Vec<u32>,
}

/// What stands over the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// At most two histograms.
    pub plots: Vec<Plot>,
    /// Flagged items in all.
    pub flagged: Option<usize>,
}

impl Facets {
    /// From counts that jobs left in the document; nothing is counted here.
    pub fn build(doc: &Document) -> Self {
        let (Some(rows), Some(all)) = (&doc.rows, &doc.all_rows) else { return Self::default() };
        let some = |v: &[u32]| v.len() == BINS && v.iter().any(|&n| n > 0);
        let mut plots = Vec::new();
        if some(&all.quality) {
            plots.push(Plot {
                name: "quality",
                high: "1".to_owned(),
                all: all.quality.clone(),
                shown: rows.quality.clone(),
            });
        }
        if some(&all.entropy) {
            let most = (doc.dataset.labels.len().max(2) as f64).log2();
            plots.push(Plot {
                name: "entropy",
                high: format!("{} bits", number(most, 1)),
                all: all.entropy.clone(),
                shown: rows.entropy.clone(),
            });
        }
        Self { plots, flagged: Some(all.flagged) }
    }
}
