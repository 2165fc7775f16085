//! The seven filters: how many rows of each label to remove, and which.
//!
//! Matrices are kept like the joint, rows given and columns true. A cut through a sorted list never sorts it:
//! [`Lowest`] keeps the lowest rows of the stream, then every row is compared with the last one taken.

use std::ops::Range;

use rayon::prelude::*;

use super::joint::{round_preserving_sum, total};
use super::order::{Cut, Lowest};
use super::scan::{Scan, block_rows};
use super::sums::pairwise_sum;
use super::{ConfidentError, Filter, Quality};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// What can be chosen about pruning. The default is what cleanlab does by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Share of the estimated issues to flag, in 0..=1. Applies to `prune_by_class`, `prune_by_noise_rate` and
    /// `both`, like all of these.
    pub frac_noise: f64,
    /// Labels with at most this many rows are left alone, and at least this many rows stay of each label.
    pub min_examples_per_class: u64,
    /// How many rows to remove of each label, instead of what the joint says. One entry a label.
    pub num_to_remove_per_class: Option<Vec<u64>>,
    /// Counts to prune by, used as they are instead of the calibrated joint. Labels × labels, rows given.
    pub joint: Option<Vec<Vec<u64>>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { frac_noise: 1.0, min_examples_per_class: 1, num_to_remove_per_class: None, joint: None }
    }
}

impl Options {
    /// Whether they fit `labels` labels.
    pub(super) fn check(&self, labels: usize) -> Result<(), ConfidentError> {
        let complaint = if !(0.0..=1.0).contains(&self.frac_noise) {
            Some(format!("the share of noise to remove is {}, which is not between 0 and 1", self.frac_noise))
        } else if let Some(remove) = self.num_to_remove_per_class.as_ref().filter(|r| r.len() != labels) {
            Some(format!("{} numbers of rows to remove were given for {labels} labels", remove.len()))
        } else if self
            .joint
            .as_ref()
            .is_some_and(|j| j.len() != labels || j.iter().any(|r| r.len() != labels))
        {
            Some(format!("the joint that was given is not a matrix of {labels} × {labels} labels"))
        } else {
            None
        };
        complaint.map_or(Ok(()), |words| Err(ConfidentError::Parameter(words)))
    }
}

/// How many rows to remove: rows given, columns true, the diagonal is what stays. Below 1: nothing to remove.
pub(super) fn prune_counts(joint: &[Vec<u64>], class_counts: &[u64], options: &Options) -> Vec<Vec<f64>> {
    let mut counts: Vec<Vec<f64>> = joint
        .iter()
        .enumerate()
        .map(|(given, row)| {
            let stays = row[given].max(options.min_examples_per_class) as f64;
            let raised = stays - row[given] as f64;
            // The diagonal counts as one of the non-zeros whether it is one or not.
            let nonzero = (row.iter().filter(|&&c| c > 0).count() as f64 - 1.0).max(1.0);
            let lowered: Vec<f64> = row.iter().map(|&c| (c as f64 - raised / nonzero).max(0.0)).collect();
            let mut kept: Vec<f64> = lowered.iter().map(|c| c * options.frac_noise).collect();
            let mut spared: Vec<f64> = lowered.iter().zip(&kept).map(|(all, some)| all - some).collect();
            spared[given] = 0.0;
            kept[given] = stays + pairwise_sum(&spared);
            kept.iter().map(|c| c.trunc()).collect()
        })
        .collect();
    if let Some(remove) = &options.num_to_remove_per_class {
        counts = scale_to(&counts, remove, class_counts);
    }
    counts
}

/// Pruning counts that remove `remove[k]` rows of label k. As cleanlab does it, the matrix (rows true) is divided by
/// its row sums along the columns; where that leaves no noise there is nothing to scale and nothing is pruned by
/// noise rate.
fn scale_to(counts: &[Vec<f64>], remove: &[u64], class_counts: &[u64]) -> Vec<Vec<f64>> {
    let k = counts.len();
    let true_sums: Vec<f64> = (0..k).map(|t| counts.iter().map(|row| row[t]).sum()).collect();
    let mut scaled = vec![vec![0.0; k]; k];
    for i in 0..k {
        let shares: Vec<f64> = (0..k).map(|j| counts[j][i] / true_sums[j]).collect();
        let noise = pairwise_sum(&shares) - shares[i];
        let mut row: Vec<f64> = shares.iter().map(|b| b * remove[i] as f64 / noise).collect();
        row[i] = class_counts[i] as f64 - remove[i] as f64;
        for (j, rounded) in round_preserving_sum(&row).into_iter().enumerate() {
            scaled[j][i] = if rounded.is_finite() { rounded } else { 0.0 };
        }
    }
    scaled
}

/// How many rows a cut takes of how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) take: u64,
    pub(super) of: u64,
}

impl Share {
    /// Whether the rows have to be looked at to know which are taken.
    pub(super) fn is_open(self) -> bool {
        self.take > 0 && self.take < self.of
    }

    /// The cut that takes nothing or everything.
    pub(super) fn closed(self) -> Cut {
        if self.take == 0 { Cut::NONE } else { Cut::ALL }
    }
}

/// The cuts to make, numbered: each label by self-confidence, each (given, true) cell by margin, then all rows by
/// two scores.
pub(super) struct Plan {
    pub(super) shares: Vec<Share>,
    /// For each given label: the other label of a cell, and the number of its cut. Only cells that take a row.
    pub(super) cells: Vec<Vec<(usize, usize)>>,
    pub(super) low_margin: usize,
    pub(super) low_confidence: usize,
}

impl Plan {
    /// By the counts of [`prune_counts`]; the two low filters take `num_off_diagonal` rows.
    pub(super) fn new(
        prune_counts: &[Vec<f64>],
        class_counts: &[u64],
        min_examples_per_class: u64,
        num_off_diagonal: u64,
    ) -> Self {
        let mut shares = Vec::new();
        let mut wanted = Vec::new();
        for (k, (row, &of)) in prune_counts.iter().zip(class_counts).enumerate() {
            // A label with one row is never pruned.
            let prunable = of > min_examples_per_class && of > 1;
            shares.push(Share { take: if prunable { (of as f64 - row[k]).max(0.0) as u64 } else { 0 }, of });
            let others = row.iter().enumerate().filter(|&(j, &n)| prunable && j != k && n >= 1.0);
            wanted.push(others.map(|(j, &n)| (j, Share { take: n as u64, of })).collect::<Vec<_>>());
        }
        let mut cells = Vec::with_capacity(wanted.len());
        for row in wanted {
            let first = shares.len();
            cells.push(row.iter().enumerate().map(|(c, &(j, _))| (j, first + c)).collect());
            shares.extend(row.into_iter().map(|(_, share)| share));
        }
        let low = Share { take: num_off_diagonal, of: total(class_counts) as u64 };
        let (low_margin, low_confidence) = (shares.len(), shares.len() + 1);
        shares.extend([low, low]);
        Self { shares, cells, low_margin, low_confidence }
    }
}

/// The cuts of the prune filters through the rows of one given label.
pub(super) struct LabelCuts {
    /// By self-confidence.
    pub(super) by_class: Cut,
    /// The other label of each cell, and its cut by margin.
    pub(super) cells: Vec<(usize, Cut)>,
}

impl LabelCuts {
    /// The bits of the prune filters for a row that the veto does not spare. `other` is asked for the probabilities of cells.
    pub(super) fn flags(
        &self,
        item: u32,
        confidence: f64,
        other: impl Fn(usize) -> f64,
        ties: &mut [u64; 7],
    ) -> u8 {
        let mut bits = 0;
        if self.by_class.takes(confidence, item) {
            bits |= Filter::PruneByClass.bit();
        } else if self.by_class.ties(confidence, item) {
            ties[Filter::PruneByClass as usize] += 1;
        }
        let margins = || self.cells.iter().map(|(j, cut)| (cut, confidence - other(*j)));
        if margins().any(|(cut, key)| cut.takes(key, item)) {
            bits |= Filter::PruneByNoiseRate.bit();
        } else {
            ties[Filter::PruneByNoiseRate as usize] +=
                margins().filter(|(cut, key)| cut.ties(*key, item)).count() as u64;
        }
        let both = Filter::PruneByClass.bit() | Filter::PruneByNoiseRate.bit();
        if bits & both == both {
            bits |= Filter::Both.bit();
        }
        bits
    }
}

/// The flags of all filters. `issues` has one entry an item.
pub(super) struct Flags {
    pub(super) issues: Vec<u8>,
    pub(super) counts: [u64; 7],
    pub(super) ties_at_cut: [u64; 7],
}

/// What flagging needs to know.
pub(super) struct Pruner<'a> {
    pub(super) labels: &'a [LabelId],
    pub(super) probabilities: &'a Probabilities,
    pub(super) scan: &'a Scan,
    /// The confident guess of each item.
    pub(super) guesses: &'a [LabelId],
    /// See [`prune_counts`].
    pub(super) prune_counts: &'a [Vec<f64>],
    pub(super) min_examples_per_class: u64,
    /// How many rows the two low filters take.
    pub(super) num_off_diagonal: u64,
    pub(super) progress: &'a Progress,
}

impl Pruner<'_> {
    /// Flags every item.
    pub(super) fn flag(&self) -> Result<Flags, Cancelled> {
        let plan = Plan::new(
            self.prune_counts,
            &self.scan.class_counts,
            self.min_examples_per_class,
            self.num_off_diagonal,
        );
        let cuts = self.cut(&plan)?;
        self.compare(&plan, &cuts)
    }

    /// Makes every cut in one pass.
    fn cut(&self, plan: &Plan) -> Result<Vec<Cut>, Cancelled> {
        let n = self.labels.len();
        self.progress.stage("Ranking candidates", n as u64);
        // How the rows are split changes the memory needed, never the result.
        let part = n.div_ceil(2 * rayon::current_num_threads()).max(1);
        let starts: Vec<usize> = (0..n).step_by(part).collect();
        let parts: Vec<Vec<Lowest>> = starts
            .into_par_iter()
            .map(|start| self.collect(plan, start..(start + part).min(n)))
            .collect::<Result<_, _>>()?;
        let mut streams: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
        let mut cuts = Vec::with_capacity(plan.shares.len());
        for share in &plan.shares {
            let mut lowest: Vec<Lowest> = streams.iter_mut().filter_map(Iterator::next).collect();
            cuts.push(match lowest.pop() {
                None => Cut::NONE,
                Some(last) if share.is_open() => last.cut(lowest.into_iter(), self.progress)?,
                Some(_) => share.closed(),
            });
        }
        Ok(cuts)
    }

    /// The lowest rows of a range, for each cut.
    fn collect(&self, plan: &Plan, range: Range<usize>) -> Result<Vec<Lowest>, Cancelled> {
        let k = self.scan.class_counts.len();
        let progress = self.progress;
        let [confidence, margin, _] = &self.scan.quality;
        let mut lowest: Vec<Lowest> = plan.shares.iter().map(|s| Lowest::new(s.take as usize)).collect();
        // Nothing is kept where the cut is known beforehand.
        let open: Vec<bool> = plan.shares.iter().map(|s| s.is_open()).collect();
        let block = block_rows(k);
        let any_cell = plan.cells.iter().flatten().any(|&(_, cut)| open[cut]);
        let mut numbers = vec![0.0; if any_cell { block * k } else { 0 }];
        for start in range.clone().step_by(block) {
            progress.check()?;
            let rows = block.min(range.end - start);
            if any_cell {
                self.probabilities.read(start, &mut numbers[..rows * k]);
            }
            for (r, i) in (start..start + rows).enumerate() {
                let label = self.labels[i];
                if label == NO_LABEL {
                    continue;
                }
                let (y, item) = (label as usize, i as u32);
                let mut push = |cut: usize, key: f64| {
                    if open[cut] { lowest[cut].push(key, item, progress) } else { Ok(()) }
                };
                push(y, confidence[i])?;
                push(plan.low_margin, margin[i])?;
                push(plan.low_confidence, confidence[i])?;
                if any_cell {
                    let row = &numbers[r * k..][..k];
                    for &(j, cut) in &plan.cells[y] {
                        push(cut, row[y] - row[j])?;
                    }
                }
            }
            progress.add(rows as u64);
        }
        Ok(lowest)
    }

    /// Compares every row with the cuts.
    fn compare(&self, plan: &Plan, cuts: &[Cut]) -> Result<Flags, Cancelled> {
        let n = self.labels.len();
        let k = self.scan.class_counts.len();
        let block = block_rows(k);
        self.progress.stage("Flagging issues", n as u64);
        let of_label = |(y, cells): (usize, &Vec<(usize, usize)>)| LabelCuts {
            by_class: cuts[y],
            cells: cells.iter().map(|&(j, cut)| (j, cuts[cut])).collect(),
        };
        let by_label: Vec<LabelCuts> = plan.cells.iter().enumerate().map(of_label).collect();
        let mut issues = vec![0_u8; n];
        let (counts, ties_at_cut) = issues
            .par_chunks_mut(block)
            .enumerate()
            .map_init(
                || vec![0.0; k],
                |row, (b, issues)| {
                    self.progress.check()?;
                    let (mut counts, mut ties) = ([0_u64; 7], [0_u64; 7]);
                    for (i, bits) in (b * block..).zip(issues.iter_mut()) {
                        if self.labels[i] == NO_LABEL {
                            continue;
                        }
                        *bits = self.flag_row(i, plan, cuts, &by_label, row, &mut ties);
                        for (count, filter) in counts.iter_mut().zip(Filter::ALL) {
                            *count += u64::from(*bits & filter.bit() != 0);
                        }
                    }
                    self.progress.add(issues.len() as u64);
                    Ok((counts, ties))
                },
            )
            .try_reduce(
                || ([0; 7], [0; 7]),
                |a, b| {
                    let add = |x: [u64; 7], y: [u64; 7]| std::array::from_fn(|f| x[f] + y[f]);
                    Ok((add(a.0, b.0), add(a.1, b.1)))
                },
            )?;
        Ok(Flags { issues, counts, ties_at_cut })
    }

    /// The bits of item `i`, which has a label. `row` is scratch.
    fn flag_row(
        &self,
        i: usize,
        plan: &Plan,
        cuts: &[Cut],
        by_label: &[LabelCuts],
        row: &mut [f64],
        ties: &mut [u64; 7],
    ) -> u8 {
        let (y, item) = (self.labels[i] as usize, i as u32);
        let confidence = self.scan.quality[Quality::SelfConfidence as usize][i];
        let margin = self.scan.quality[Quality::NormalizedMargin as usize][i];
        let mut bits = 0;
        let mut list = |filter: Filter, cut: &Cut, key: f64| {
            if cut.takes(key, item) {
                bits |= filter.bit();
            } else if cut.ties(key, item) {
                ties[filter as usize] += 1;
            }
        };
        list(Filter::LowNormalizedMargin, &cuts[plan.low_margin], margin);
        list(Filter::LowSelfConfidence, &cuts[plan.low_confidence], confidence);
        // The veto also makes a tie at the cut of no account.
        if self.scan.vetoed[i] {
            return bits;
        }
        bits |= Filter::PredictedNeqGiven.bit();
        if self.guesses[i] != NO_LABEL && self.guesses[i] as usize != y {
            bits |= Filter::ConfidentLearning.bit();
        }
        if !plan.cells[y].is_empty() {
            self.probabilities.read(i, row);
        }
        bits | by_label[y].flags(item, confidence, |j| row[j], ties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raising_the_diagonal_lowers_the_rest_evenly_and_truncates() {
        let joint = [vec![1, 3, 2], vec![0, 5, 0], vec![0, 2, 0]];
        let options = Options { min_examples_per_class: 2, ..Options::default() };
        let counts = prune_counts(&joint, &[6, 5, 2], &options);
        // Row 0: raised by 1, two non-zeros besides the diagonal: 3 − 0.5 and 2 − 0.5, truncated.
        assert_eq!(counts[0], [2.0, 2.0, 1.0]);
        assert_eq!(counts[1], [0.0, 5.0, 0.0]);
        // Row 2: the diagonal is no non-zero, so 1 − 1 = 0 is taken as 1: 2 − 2 = 0.
        assert_eq!(counts[2], [0.0, 0.0, 2.0]);
    }

    #[test]
    fn a_share_of_the_noise_moves_the_rest_to_the_diagonal() {
        let joint = [vec![4, 3], vec![5, 6]];
        let options = Options { frac_noise: 0.5, ..Options::default() };
        assert_eq!(prune_counts(&joint, &[7, 11], &options), [[5.0, 1.0], [2.0, 8.0]]);
    }

    #[test]
    fn parameters_that_do_not_fit_are_refused() {
        let refused = |options: Options| options.check(2).is_err();
        assert!(refused(Options { frac_noise: f64::NAN, ..Options::default() }));
        assert!(refused(Options { num_to_remove_per_class: Some(vec![1]), ..Options::default() }));
        assert!(refused(Options { joint: Some(vec![vec![1, 2], vec![3]]), ..Options::default() }));
        assert!(!refused(Options { joint: Some(vec![vec![1, 2], vec![3, 4]]), ..Options::default() }));
    }
}
