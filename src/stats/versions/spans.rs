//! What all versions call the same range of tokens.

use super::{CHECK_EVERY, Entity, Line};
use crate::progress::{Cancelled, Progress};
use crate::stats::variation::entropy_bits;

/// A range of tokens that at least one version marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanRow {
    /// Sentence number.
    pub sentence: u32,
    /// First token, counted in the whole corpus.
    pub start: u32,
    /// The token after the last.
    pub end: u32,
    /// Versions that tag the sentence.
    pub n_versions: u32,
    /// Versions that do not mark exactly this range: label O.
    pub n_outside: u32,
    from: u32,
    to: u32,
}

/// For each range that a version marked, how often it has which type. Sentences with one version are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpanLabels {
    /// By sentence, then place.
    pub rows: Vec<SpanRow>,
    counts: Vec<(u32, u32)>,
}

impl SpanLabels {
    /// Types of a range and how many versions give each, by type; O is [`SpanRow::n_outside`].
    pub fn types_of(&self, row: &SpanRow) -> &[(u32, u32)] {
        self.counts.get(row.from as usize..row.to as usize).unwrap_or_default()
    }

    /// Entropy in bits of the labels of a range, O being one of them: 0 where all versions mark it alike.
    pub fn entropy_bits(&self, row: &SpanRow) -> f64 {
        let types = self.types_of(row).iter().map(|&(_, n)| n);
        let counts: Vec<u32> = types.chain([row.n_outside]).collect();
        // A row exists because a version marked it.
        entropy_bits(&counts).unwrap_or_default()
    }
}

/// Of the lines of each sentence.
pub(super) fn labels<'v>(
    sentences: impl Iterator<Item = &'v [Line]>,
    entities_of: impl Fn(&Line) -> &'v [Entity],
    progress: &Progress,
) -> Result<SpanLabels, Cancelled> {
    let mut found = SpanLabels::default();
    let mut all: Vec<Entity> = Vec::new();
    for (at, lines) in sentences.enumerate() {
        if at % CHECK_EVERY == 0 {
            progress.check()?;
        }
        all.clear();
        lines.iter().for_each(|line| all.extend(entities_of(line)));
        all.sort_unstable();
        for same in all.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let from = found.counts.len() as u32;
            found.counts.extend(same.chunk_by(|a, b| a.kind == b.kind).map(|k| (k[0].kind, k.len() as u32)));
            let n_versions = lines.len() as u32;
            found.rows.push(SpanRow {
                sentence: lines[0].sentence,
                start: same[0].start,
                end: same[0].end,
                n_versions,
                n_outside: n_versions - same.len() as u32,
                from,
                to: found.counts.len() as u32,
            });
        }
    }
    Ok(found)
}
