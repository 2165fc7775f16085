//! Labelled stretches of text: who marked what from where to where.

use super::{LabelId, TextColumn};

/// One stretch that one rater marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Document number.
    pub document: u32,
    /// Rater number.
    pub rater: u32,
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// Label number.
    pub label: LabelId,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Document number.
    pub document: u32,
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
}

/// All spans of a dataset. Offsets count Unicode code points, whatever the source counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans {
    /// Names of the documents.
    pub documents: TextColumn,
    /// Their texts.
    pub texts: TextColumn,
    /// Names of the labels of `list`, where they are not the dataset's: where items are tokens, whose tags spell out
    /// what is listed here. Empty otherwise.
    pub types: Vec<String>,
    /// What was marked, by document, then start, end, rater.
    pub list: Vec<Span>,
    /// For each item of the dataset, the stretch that it stands for.
    pub regions: Vec<Region>,
}
