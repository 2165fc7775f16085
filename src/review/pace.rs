//! How long decisions take: the median, and whether one was much too fast.
//!
//! A decision is *fast* below a quarter of the reviewer's own median for texts of about the same length
//! (lengths within a factor of two), once there are ten of them.

use std::collections::BTreeMap;

/// Decisions needed before any is called fast.
const ENOUGH: usize = 10;

/// Sorted times, in milliseconds.
#[derive(Debug, Clone, Default)]
struct Times(Vec<u64>);

impl Times {
    fn add(&mut self, ms: u64) {
        let at = self.0.partition_point(|&t| t <= ms);
        self.0.insert(at, ms);
    }

    /// The lower median.
    fn median(&self) -> Option<u64> {
        self.0.get(self.0.len().saturating_sub(1) / 2).copied()
    }
}

/// Times of one reviewer.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    all: Times,
    by_length: BTreeMap<u32, Times>,
    fast_in_a_row: usize,
}

impl Pace {
    fn bucket(text_len: usize) -> u32 {
        (text_len + 1).ilog2()
    }

    /// Whether `ms` is far below what texts of `text_len` bytes take this reviewer.
    pub(super) fn is_fast(&self, text_len: usize, ms: u64) -> bool {
        self.by_length
            .get(&Self::bucket(text_len))
            .filter(|t| t.0.len() >= ENOUGH)
            .and_then(Times::median)
            .is_some_and(|median| ms < median / 4)
    }

    /// Counts one decision.
    pub(super) fn add(&mut self, text_len: usize, ms: u64, fast: bool) {
        self.all.add(ms);
        self.by_length.entry(Self::bucket(text_len)).or_default().add(ms);
        self.fast_in_a_row = if fast { self.fast_in_a_row + 1 } else { 0 };
    }

    /// Median milliseconds a decision.
    pub(super) fn median_ms(&self) -> Option<u64> {
        self.all.median()
    }

    /// How many decisions in a row were fast, up to the last.
    pub(super) fn fast_in_a_row(&self) -> usize {
        self.fast_in_a_row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_is_measured_against_texts_of_the_same_length() {
        let mut p = Pace::default();
        assert_eq!(p.median_ms(), None);
        for ms in 0..10 {
            assert!(!p.is_fast(100, 1), "too few to say");
            p.add(100, 4000 + ms, false);
        }
        assert!(p.is_fast(100, 1000) && p.is_fast(110, 10));
        assert!(!p.is_fast(100, 1001) && !p.is_fast(10, 1));
        assert_eq!(p.median_ms(), Some(4004));
        p.add(100, 5, true);
        p.add(100, 5, true);
        assert_eq!(p.fast_in_a_row(), 2);
        p.add(100, 4000, false);
        assert_eq!(p.fast_in_a_row(), 0);
    }
}
