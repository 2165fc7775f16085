//! Is it chance that groups use labels differently? Whole blocks of votes change groups at random.
//!
//! A block is what cannot be taken apart: all votes of a rater, all votes on an item. p = (1 + draws at least as far out as
//! the data) / (1 + draws), so that it is never 0.

use std::ops::Range;

use rayon::prelude::*;

use super::random::Stream;
use crate::progress::{Cancelled, Progress};

/// Most draws, whatever was asked for.
const MOST_REPLICATES: u32 = 100_000;
/// Draws that share a stream.
const CHUNK: u32 = 8;

/// Votes by group and label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupTable {
    counts: Vec<u64>,
    n_labels: usize,
}

impl GroupTable {
    pub(crate) fn new(n_groups: usize, n_labels: usize) -> Self {
        Self { counts: vec![0; n_groups * n_labels], n_labels }
    }

    /// Votes of a group, one count a label.
    pub(crate) fn of(&self, group: usize) -> &[u64] {
        &self.counts[group * self.n_labels..(group + 1) * self.n_labels]
    }

    /// All groups.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks(self.n_labels.max(1))
    }

    fn add(&mut self, group: u32, cells: &[(u32, u32)]) {
        let start = group as usize * self.n_labels;
        for &(label, n) in cells {
            self.counts[start + label as usize] += u64::from(n);
        }
    }
}

/// Blocks of votes, each in a group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks {
    groups: Vec<u32>,
    ends: Vec<usize>,
    /// Label and number of votes.
    cells: Vec<(u32, u32)>,
    n_groups: usize,
    n_labels: usize,
}

impl Blocks {
    /// Without a block.
    pub(crate) fn new(n_groups: usize, n_labels: usize) -> Self {
        Self { n_groups, n_labels, ..Self::default() }
    }

    /// Adds a block of labels, each a vote. Groups and labels are below the numbers that were announced.
    pub(crate) fn push(&mut self, group: u32, labels: impl IntoIterator<Item = u32>) {
        let start = self.cells.len();
        self.cells.extend(labels.into_iter().map(|label| (label, 1)));
        self.cells[start..].sort_unstable();
        // Equal labels of the block become one cell.
        let mut end = start;
        for at in start..self.cells.len() {
            let (label, n) = self.cells[at];
            if end > start && self.cells[end - 1].0 == label {
                self.cells[end - 1].1 += n;
            } else {
                self.cells[end] = (label, n);
                end += 1;
            }
        }
        self.cells.truncate(end);
        self.groups.push(group);
        self.ends.push(end);
    }

    /// Number of blocks.
    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The group of a block.
    pub(crate) fn group(&self, block: usize) -> u32 {
        self.groups[block]
    }

    fn cells_of(&self, block: usize) -> &[(u32, u32)] {
        let start = if block == 0 { 0 } else { self.ends[block - 1] };
        &self.cells[start..self.ends[block]]
    }

    /// The blocks `keep` chooses, by their group, in groups of new numbers.
    pub(crate) fn select(&self, n_groups: usize, keep: impl Fn(usize, u32) -> Option<u32>) -> Self {
        let mut out = Self::new(n_groups, self.n_labels);
        for (block, &group) in self.groups.iter().enumerate() {
            if let Some(group) = keep(block, group) {
                out.cells.extend_from_slice(self.cells_of(block));
                out.groups.push(group);
                out.ends.push(out.cells.len());
            }
        }
        out
    }

    fn table_of(&self, groups: &[u32]) -> GroupTable {
        let mut table = GroupTable::new(self.n_groups, self.n_labels);
        groups.iter().enumerate().for_each(|(block, &group)| table.add(group, self.cells_of(block)));
        table
    }

    /// All votes, as the blocks stand.
    pub(crate) fn table(&self) -> GroupTable {
        self.table_of(&self.groups)
    }

    /// The p-value of each of the numbers that `statistics` makes of a table, large ones being far out. Blocks change
    /// groups within each of the `strata` (ranges of blocks; `None`: all together), so that groups keep their numbers of blocks. Draws are those
    /// of `streams` of the seed: another stream for another question. `None` without draws.
    pub(crate) fn p_values(
        &self,
        strata: Option<&[Range<usize>]>,
        (replicates, seed, streams): (u32, u64, u64),
        progress: &Progress,
        statistics: impl Fn(&GroupTable) -> Vec<f64> + Sync,
    ) -> Result<Option<Vec<f64>>, Cancelled> {
        let replicates = replicates.min(MOST_REPLICATES);
        if replicates == 0 {
            return Ok(None);
        }
        let found = statistics(&self.table());
        let far_out: Vec<Vec<u32>> = (0..replicates.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut stream = Stream::new(seed, (streams << 32) + u64::from(chunk));
                let mut groups = self.groups.clone();
                let mut count = vec![0; found.len()];
                for _ in 0..CHUNK.min(replicates - chunk * CHUNK) {
                    progress.check()?;
                    match strata {
                        Some(strata) => strata.iter().for_each(|s| stream.shuffle(&mut groups[s.clone()])),
                        None => stream.shuffle(&mut groups),
                    }
                    let draw = statistics(&self.table_of(&groups));
                    for ((count, found), draw) in count.iter_mut().zip(&found).zip(draw) {
                        // Sums in another order differ in the last digits.
                        *count += u32::from(draw >= found - 1e-12 * found.abs().max(1.0));
                    }
                }
                Ok(count)
            })
            .collect::<Result<_, Cancelled>>()?;
        let share = |statistic: usize| {
            let count: u32 = far_out.iter().map(|chunk| chunk[statistic]).sum();
            f64::from(count + 1) / f64::from(replicates + 1)
        };
        Ok(Some((0..found.len()).map(share).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stay_whole_and_strata_keep_their_groups() {
        let mut blocks = Blocks::new(2, 3);
        for item in 0..6_u32 {
            blocks.push(0, [item % 2, item % 2]);
            blocks.push(1, [2]);
        }
        assert_eq!(blocks.table().rows().collect::<Vec<_>>(), [[6, 6, 0], [0, 0, 6]]);
        assert_eq!(
            (blocks.len(), blocks.cells_of(0), blocks.cells_of(11)),
            (12, &[(0, 2)][..], &[(2, 1)][..])
        );
        let strata: Vec<_> = (0..6).map(|i| 2 * i..2 * i + 2).collect();
        let even = |table: &GroupTable| {
            assert!(table.rows().all(|row| row[0] % 2 == 0 && row[1] % 2 == 0));
            vec![table.of(1)[2] as f64]
        };
        let p = blocks.p_values(Some(&strata), (999, 1, 0), &Progress::new(), even).unwrap().unwrap();
        // All six on one side: 1 of 64.
        assert!((p[0] - 1.0 / 64.0).abs() < 0.012, "{p:?}");
        assert_eq!(blocks.p_values(Some(&strata), (0, 1, 0), &Progress::new(), even), Ok(None));
        let one = blocks.select(1, |_, group| (group == 1).then_some(0));
        assert_eq!(one.table().of(0), [0, 0, 6]);
    }
}
