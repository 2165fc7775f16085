//! What a report says of label errors, without a column of items: [`confident_learning`](super::confident_learning) for ten
//! million rows, in two passes over the probabilities and about 9 bytes a row.
//!
//! The first pass collects self-confidences, which give the thresholds. The second looks at each row once: its confident
//! guess, whether the veto spares it, whether another label beats the given one. Only rows of this last kind, the suspects,
//! are looked at again. That is enough, for these reasons.
//!
//! - A row that is no suspect has the given label on top; the veto spares it, so no filter with a veto flags it.
//! - A cut by margin takes the rows in which the other label is ahead of the given one before all others, and these are
//!   suspects. Where it takes more rows than that, the rows of this given label are all looked at again.
//! - The two low filters take as many rows as are off the diagonal and not spared, and all of these have a margin below 0.5, so
//!   the lowest margins are those of suspects. Self-confidences were collected.

use rayon::prelude::*;

use super::grouped::{Grouped, Place, nth};
use super::health::overlapping_pairs;
use super::joint::{calibrate, distribution, off_diagonal_of, total};
use super::order::Cut;
use super::prune::{LabelCuts, Plan, Share, prune_counts};
use super::rows::{ReadOut, Rows, Stored};
use super::scan::{Bad, SLACK, block_rows, count_labels, first_bad, wins_with_slack};
use super::{ConfidentError, ConfidentLearning, Filter, LabelHealth, Options, Overlap, label_health};
use crate::dataset::{
    Cells, LabelId, NO_LABEL, Number, Probabilities, Real, each_row, first_top, look, vectorised,
};
use crate::progress::{Cancelled, Progress};

/// Margins that one label's cuts are made of at once, where it has fewer rows than that.
const KEYS: usize = 1 << 22;

/// Numbers of one label's rows that are brought together.
const NEAR: usize = 1 << 21;

/// What [`ConfidentLearning`] says beyond single items: its fields of the same names.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Items that have a label.
    pub n_rows: usize,
    /// Items that have none and were left out.
    pub n_left_out: usize,
    /// Mean self-confidence per label (2 where no row has the label: never confident).
    pub thresholds: Vec<f64>,
    /// Counts, rows given, columns guessed.
    pub confident_joint: Vec<Vec<u64>>,
    /// The same, calibrated to the given counts and rounded.
    pub calibrated_joint: Vec<Vec<u64>>,
    /// Rows that each filter flags.
    pub counts: [u64; 7],
    /// Rows tied with the last one taken, see [`ConfidentLearning::ties_at_cut`].
    pub ties_at_cut: [u64; 7],
    /// Estimated number of issues: off-diagonal of the confident joint, after the veto.
    pub num_off_diagonal: u64,
    /// Estimated number of issues: from the calibrated joint.
    pub num_off_diagonal_calibrated: u64,
    /// 1 − `num_off_diagonal` / rows.
    pub health_score: f64,
    /// One entry a label, lowest quality first (ties: lowest label).
    pub per_label: Vec<LabelHealth>,
    /// Pairs of labels that are taken for each other by at least one row, most rows first (ties: lowest labels).
    pub overlapping: Vec<Overlap>,
}

impl From<&ConfidentLearning> for Summary {
    fn from(all: &ConfidentLearning) -> Self {
        Self {
            n_rows: all.rows.len(),
            n_left_out: all.n_left_out,
            thresholds: all.thresholds.clone(),
            confident_joint: all.confident_joint.clone(),
            calibrated_joint: all.calibrated_joint.clone(),
            counts: all.counts,
            ties_at_cut: all.ties_at_cut,
            num_off_diagonal: all.num_off_diagonal,
            num_off_diagonal_calibrated: all.num_off_diagonal_calibrated,
            health_score: all.health_score,
            per_label: all.per_label.clone(),
            overlapping: all.overlapping.iter().filter(|o| o.n > 0).cloned().collect(),
        }
    }
}

/// Which given labels are probably wrong, in numbers of rows: equal to [`confident_learning`](super::confident_learning) with
/// its default options, field by field and bit by bit, without its columns.
///
/// `labels` has one entry an item, [`NO_LABEL`] where it has none; `probabilities` is items × labels.
///
/// # Errors
/// See [`ConfidentError`].
pub fn confident_summary(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
) -> Result<Summary, ConfidentError> {
    let class_counts = count_labels(labels, probabilities, progress)?;
    let cols = class_counts.len();
    // Column numbers are exact in single precision up to 2²⁴.
    match probabilities.cells().filter(|_| cols < 1 << 24) {
        Some(Cells::Single(cells)) => summary(labels, &class_counts, &Stored { cells, cols }, progress),
        Some(Cells::Double(cells)) => summary(labels, &class_counts, &Stored { cells, cols }, progress),
        Some(Cells::SingleBytes(cells)) => summary(labels, &class_counts, &Stored { cells, cols }, progress),
        Some(Cells::DoubleBytes(cells)) => summary(labels, &class_counts, &Stored { cells, cols }, progress),
        None => summary(labels, &class_counts, &ReadOut(probabilities), progress),
    }
}

fn summary<S: Rows>(
    labels: &[LabelId],
    class_counts: &[u64],
    source: &S,
    progress: &Progress,
) -> Result<Summary, ConfidentError> {
    progress.stage("Reading self-confidences", labels.len() as u64);
    let grouped = Grouped::read(labels, source, class_counts.len(), progress)?;
    let thresholds = grouped.thresholds(progress)?;
    let guessed = guess(labels, source, &thresholds, progress)?;
    if let Some(bad) = guessed.bad {
        return Err(bad.into());
    }
    let Guessed { counts: confident_joint, num_off_diagonal, n_disagree, suspects, .. } = guessed;
    let calibrated_joint = calibrate(&confident_joint, class_counts);
    progress.check()?;
    let options = Options::default();
    let prune = prune_counts(&calibrated_joint, class_counts, &options);
    let plan = Plan::new(&prune, class_counts, options.min_examples_per_class, num_off_diagonal);
    let finder = Finder { labels, class_counts, source, grouped: &grouped, plan: &plan, progress };
    let (mut counts, mut ties_at_cut) = finder.flag(suspects)?;
    counts[Filter::ConfidentLearning as usize] = num_off_diagonal;
    counts[Filter::PredictedNeqGiven as usize] = n_disagree;
    ties_at_cut[Filter::LowSelfConfidence as usize] =
        finder.ties(plan.shares[plan.low_confidence], &grouped.all())?;
    let items = total(class_counts) as u64;
    let joint = distribution(&calibrated_joint);
    let overlapping = overlapping_pairs(&joint, items);
    progress.check()?;
    Ok(Summary {
        n_rows: items as usize,
        n_left_out: labels.len() - items as usize,
        counts,
        ties_at_cut,
        num_off_diagonal,
        num_off_diagonal_calibrated: off_diagonal_of(&calibrated_joint, class_counts),
        health_score: 1.0 - num_off_diagonal as f64 / items as f64,
        per_label: label_health(&joint, items),
        overlapping,
        thresholds,
        confident_joint,
        calibrated_joint,
    })
}

/// What the second pass gives.
struct Guessed {
    /// The confident joint; its diagonal is at least 1.
    counts: Vec<Vec<u64>>,
    /// Rows off its diagonal that the veto does not spare.
    num_off_diagonal: u64,
    /// Rows that the veto does not spare.
    n_disagree: u64,
    /// Rows in which another label is ahead of the given one, ascending, in stretches.
    suspects: Vec<Vec<u32>>,
    bad: Option<Bad>,
}

/// The same for one stretch of rows.
struct Part {
    tally: Tally,
    num_off_diagonal: u64,
    n_disagree: u64,
    suspects: Vec<u32>,
    bad: Option<Bad>,
}

/// Guesses that were counted: a matrix, or a list where that is shorter.
enum Tally {
    Matrix(Vec<u32>),
    List(Vec<u64>),
}

impl Tally {
    fn new(rows: usize, labels: usize) -> Self {
        match labels.checked_mul(labels) {
            Some(cells) if cells <= rows.max(1 << 10) => Self::Matrix(vec![0; cells]),
            _ => Self::List(Vec::new()),
        }
    }

    #[inline]
    fn add(&mut self, cell: usize) {
        match self {
            Self::Matrix(cells) => cells[cell] += 1,
            Self::List(list) => list.push(cell as u64),
        }
    }

    fn add_to(&self, counts: &mut [Vec<u64>]) {
        let k = counts.len();
        match self {
            Self::Matrix(cells) => {
                let rows = cells.chunks_exact(k);
                counts.iter_mut().zip(rows).for_each(|(row, cells)| {
                    row.iter_mut().zip(cells).for_each(|(count, &n)| *count += u64::from(n));
                });
            }
            Self::List(list) => {
                list.iter().for_each(|&cell| counts[cell as usize / k][cell as usize % k] += 1);
            }
        }
    }
}

/// The second pass: each row looked at once.
fn guess<S: Rows>(
    labels: &[LabelId],
    source: &S,
    thresholds: &[f64],
    progress: &Progress,
) -> Result<Guessed, Cancelled> {
    let (n, k) = (labels.len(), thresholds.len());
    progress.stage("Counting confident guesses", n as u64);
    let floors: Vec<Float<S>> = thresholds.iter().map(|t| Float::<S>::at_least(t - SLACK)).collect();
    let least = Float::<S>::at_least(-SLACK);
    let block = block_rows(k);
    let share = n.div_ceil(4 * rayon::current_num_threads()).next_multiple_of(block);
    let parts = labels.par_chunks(share).enumerate().map(|(p, labels)| {
        let mut part = Part {
            tally: Tally::new(labels.len(), k),
            num_off_diagonal: 0,
            n_disagree: 0,
            suspects: Vec::new(),
            bad: None,
        };
        let mut scratch = Vec::new();
        for (b, ids) in labels.chunks(block).enumerate() {
            progress.check()?;
            let first = p * share + b * block;
            let mut rows = (first..).zip(ids);
            let numbers = source.rows(first, ids.len(), &mut scratch);
            vectorised(
                #[inline(always)]
                || {
                    each_row(
                        numbers,
                        k,
                        #[inline(always)]
                        |row| {
                            let seen = look::<false, S::N>(row, least, &floors);
                            let top: f64 = seen.top.into();
                            let Some((item, &label)) = rows.next() else { return };
                            if !(seen.in_range && top <= 1.0 + SLACK) {
                                part.bad = part.bad.or(Bad::first(item, row.iter().map(|n| n.wide())));
                                return;
                            }
                            if label == NO_LABEL {
                                return;
                            }
                            let y = label as usize;
                            let own = row[y].real();
                            let is_spared = is_spared(row, y, seen.top);
                            let guess = match seen.confident {
                                0 => None,
                                1 => Some(seen.only),
                                _ => Some(first_top(row, seen.top, y)),
                            };
                            if let Some(guess) = guess {
                                part.tally.add(y * k + guess);
                                part.num_off_diagonal += u64::from(guess != y && !is_spared);
                            }
                            part.n_disagree += u64::from(!is_spared);
                            if seen.top > own {
                                part.suspects.push(item as u32);
                            }
                        },
                    );
                },
            );
            progress.add(ids.len() as u64);
        }
        Ok(part)
    });
    let parts: Vec<Part> = parts.collect::<Result<_, Cancelled>>()?;
    let mut counts = vec![vec![0_u64; k]; k];
    parts.iter().for_each(|part| part.tally.add_to(&mut counts));
    for (y, row) in counts.iter_mut().enumerate() {
        row[y] = row[y].max(1);
    }
    Ok(Guessed {
        counts,
        num_off_diagonal: parts.iter().map(|p| p.num_off_diagonal).sum(),
        n_disagree: parts.iter().map(|p| p.n_disagree).sum(),
        bad: parts.iter().fold(None, |first, part| first_bad(first, part.bad)),
        suspects: parts.into_iter().map(|p| p.suspects).collect(),
    })
}

type Float<S> = <<S as Rows>::N as Number>::Real;

/// Whether the given label would be the most probable one with some slack added, see [`wins_with_slack`]. Only where it is then
/// equal to the highest does it matter which label that is.
#[inline]
fn is_spared<N: Number>(row: &[N], y: usize, top: N::Real) -> bool {
    let (given, top): (f64, f64) = (row[y].wide() + SLACK, top.into());
    top < given || (top == given && wins_with_slack(&row.iter().map(|n| n.wide()).collect::<Vec<_>>(), y))
}

/// Counts of one label's rows.
#[derive(Default)]
struct OfLabel {
    counts: [u64; 7],
    ties: [u64; 7],
    margins: Vec<f64>,
}

/// Rows of one label.
struct Brought<'r, N> {
    rows: &'r [u32],
    /// Their numbers, if they were brought together.
    near: Vec<N>,
    cols: usize,
}

impl<N: Number> Brought<'_, N> {
    /// The numbers of the `i`-th of the rows.
    fn row<'a>(&'a self, i: usize, source: &'a impl Rows<N = N>, scratch: &'a mut Vec<N>) -> &'a [N] {
        match self.near.get(i * self.cols..(i + 1) * self.cols) {
            Some(row) => row,
            None => source.rows(self.rows[i] as usize, 1, scratch),
        }
    }
}

/// Finds the rows that are flagged.
struct Finder<'a, S: Rows> {
    labels: &'a [LabelId],
    class_counts: &'a [u64],
    source: &'a S,
    grouped: &'a Grouped<Float<S>>,
    plan: &'a Plan,
    progress: &'a Progress,
}

impl<S: Rows> Finder<'_, S> {
    /// Counts and ties of the filters that cut sorted lists, but for ties among self-confidences of all rows.
    fn flag(&self, suspects: Vec<Vec<u32>>) -> Result<([u64; 7], [u64; 7]), Cancelled> {
        let k = self.class_counts.len();
        let n: usize = suspects.iter().map(Vec::len).sum();
        self.progress.stage("Flagging issues", n as u64);
        let (starts, rows) = self.by_label(&suspects, |_| true);
        drop(suspects);
        let rows_of = |y: usize| &rows[starts[y]..starts[y + 1]];
        let found: Vec<Option<OfLabel>> =
            (0..k).into_par_iter().map(|y| self.of_label(y, rows_of(y), false)).collect::<Result<_, _>>()?;
        drop(rows);
        let open: Vec<bool> = found.iter().map(Option::is_none).collect();
        let mut found: Vec<OfLabel> = found.into_iter().flatten().collect();
        if open.contains(&true) {
            let all: Vec<u32> = (0..self.labels.len() as u32).collect();
            let (starts, rows) = self.by_label(&[all], |y| open[y]);
            let again: Vec<Option<OfLabel>> = (0..k)
                .into_par_iter()
                .filter(|&y| open[y])
                .map(|y| self.of_label(y, &rows[starts[y]..starts[y + 1]], true))
                .collect::<Result<_, _>>()?;
            found.extend(again.into_iter().flatten());
        }
        let (mut counts, mut ties) = ([0; 7], [0; 7]);
        for of in &found {
            for filter in 0..7 {
                counts[filter] += of.counts[filter];
                ties[filter] += of.ties[filter];
            }
        }
        let low = self.plan.shares[self.plan.low_margin];
        let margins: Vec<&[f64]> = found.iter().map(|f| f.margins.as_slice()).collect();
        ties[Filter::LowNormalizedMargin as usize] = self.ties(low, &margins)?;
        for filter in [Filter::LowNormalizedMargin, Filter::LowSelfConfidence] {
            counts[filter as usize] = low.take.min(low.of);
        }
        Ok((counts, ties))
    }

    /// Rows tied with the last one that a cut through all rows takes.
    fn ties<R: Real>(&self, share: Share, pieces: &[&[R]]) -> Result<u64, Cancelled> {
        if !share.is_open() {
            return Ok(0);
        }
        let place = nth(pieces, share.take - 1, self.progress)?;
        Ok(place.map_or(0, |p| p.below + p.equal - share.take))
    }

    /// Rows grouped by label, ascending within each, and where each label begins.
    fn by_label(&self, rows: &[Vec<u32>], wanted: impl Fn(usize) -> bool) -> (Vec<usize>, Vec<u32>) {
        let k = self.class_counts.len();
        let label = |row: u32| match self.labels[row as usize] {
            NO_LABEL => None,
            y => Some(y as usize).filter(|&y| wanted(y)),
        };
        let mut starts = vec![0; k + 1];
        for y in rows.iter().flatten().filter_map(|&row| label(row)) {
            starts[y + 1] += 1;
        }
        for y in 0..k {
            starts[y + 1] += starts[y];
        }
        let mut next = starts.clone();
        let mut grouped = vec![0; starts[k]];
        for &row in rows.iter().flatten() {
            if let Some(y) = label(row) {
                grouped[next[y]] = row;
                next[y] += 1;
            }
        }
        (starts, grouped)
    }

    /// Cuts through the rows of label `y` and what they flag. `rows` are its suspects, or all of its rows where that `is_all`;
    /// `None` where the suspects are too few to tell where a list is cut.
    fn of_label(&self, y: usize, rows: &[u32], is_all: bool) -> Result<Option<OfLabel>, Cancelled> {
        self.progress.check()?;
        let k = self.class_counts.len();
        // Rows that stand far apart are brought together where there are not too many.
        let (mut near, mut scratch) = (Vec::new(), Vec::new());
        if rows.len() * k <= NEAR {
            near.reserve_exact(rows.len() * k);
            for (i, &item) in rows.iter().enumerate() {
                if i % (1 << 12) == 0 {
                    self.progress.check()?;
                }
                near.extend_from_slice(self.source.rows(item as usize, 1, &mut scratch));
            }
        }
        let brought = Brought { rows, near, cols: k };
        let Some(cells) = self.cell_cuts(y, &brought, is_all)? else { return Ok(None) };
        let cuts = LabelCuts { by_class: self.class_cut(y)?, cells };
        let mut found = OfLabel::default();
        found.margins.reserve_exact(if is_all { 0 } else { rows.len() });
        for (i, &item) in rows.iter().enumerate() {
            let row = brought.row(i, self.source, &mut scratch);
            let (own, top) = (row[y].wide(), Self::top_of(row));
            if top.into() <= own {
                // No suspect.
                continue;
            }
            // Another label is the highest of all, so it is the highest of the others.
            found.margins.push(f64::midpoint(own - top.into(), 1.0));
            if !is_spared(row, y, top) {
                let bits = cuts.flags(item, own, |j| row[j].wide(), &mut found.ties);
                for filter in [Filter::PruneByClass, Filter::PruneByNoiseRate, Filter::Both] {
                    found.counts[filter as usize] += u64::from(bits & filter.bit() != 0);
                }
            }
        }
        self.progress.add(rows.len() as u64);
        Ok(Some(found))
    }

    fn top_of(row: &[S::N]) -> Float<S> {
        vectorised(
            #[inline(always)]
            || look::<false, S::N>(row, Float::<S>::ZERO, &[]).top,
        )
    }

    /// The cut by self-confidence.
    fn class_cut(&self, y: usize) -> Result<Cut, Cancelled> {
        let share = self.plan.shares[y];
        if !share.is_open() {
            return Ok(share.closed());
        }
        let Some(Place { value, below, equal }) =
            nth(&self.grouped.of_label(y), share.take - 1, self.progress)?
        else {
            return Ok(Cut::ALL);
        };
        let last = if below + equal == share.take {
            None
        } else {
            self.grouped.row_of(y, value, share.take - below - 1, self.labels)
        };
        Ok(Cut::at(value.into(), last.unwrap_or(u32::MAX)))
    }

    /// The cuts by margin; `None` where one takes more rows than there are suspects for it.
    fn cell_cuts(
        &self,
        y: usize,
        brought: &Brought<S::N>,
        is_all: bool,
    ) -> Result<Option<Vec<(usize, Cut)>>, Cancelled> {
        let rows = brought.rows;
        let share = |cut: usize| self.plan.shares[cut];
        let cells = &self.plan.cells[y];
        let mut cuts: Vec<(usize, Cut)> = cells.iter().map(|&(j, cut)| (j, share(cut).closed())).collect();
        let open: Vec<usize> = (0..cells.len()).filter(|&c| share(cells[c].1).is_open()).collect();
        // So many cells at once that their keys stay small.
        let at_once = (KEYS / rows.len().max(1)).max(1);
        let each = rows.len() + 1;
        let mut keys = vec![0.0_f64; at_once.min(open.len()) * each];
        let mut scratch = Vec::new();
        for group in open.chunks(at_once) {
            let mut ends = vec![0; group.len()];
            for i in 0..rows.len() {
                if i % (1 << 12) == 0 {
                    self.progress.check()?;
                }
                let row = brought.row(i, self.source, &mut scratch);
                let own = row[y].wide();
                for (g, (&c, end)) in group.iter().zip(&mut ends).enumerate() {
                    // Written in any case, and kept where the other label is ahead: a branch would be guessed wrongly. −0 is 0.
                    let key = own - row[cells[c].0].wide() + 0.0;
                    keys[g * each + *end] = key;
                    *end += usize::from(key < 0.0 || is_all);
                }
            }
            for (g, &c) in group.iter().enumerate() {
                let (j, take) = (cells[c].0, share(cells[c].1).take);
                let Some(place) = nth(&[&keys[g * each..][..ends[g]]], take - 1, self.progress)? else {
                    return Ok(None);
                };
                let mut left = take - place.below;
                let mut ties = (0..rows.len()).filter(|&i| {
                    let row = brought.row(i, self.source, &mut scratch);
                    row[y].wide() - row[j].wide() == place.value
                });
                let last = if left == place.equal {
                    None
                } else {
                    ties.find(|_| {
                        left -= 1;
                        left == 0
                    })
                };
                cuts[c].1 = Cut::at(place.value, last.map_or(u32::MAX, |i| rows[i]));
            }
        }
        Ok(Some(cuts))
    }
}
