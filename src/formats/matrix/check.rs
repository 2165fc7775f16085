//! Every number looked at once: whether it is a probability, whether rows sum to one, and how well the most probable
//! label of each row fits the data.

use rayon::prelude::*;

use super::super::error::FormatError;
use crate::dataset::{
    Cells, LabelId, NO_LABEL, Number, Probabilities, Real, each_row, first_top, look, vectorised,
};
use crate::progress::Progress;

/// Numbers checked between two looks at the progress.
const BLOCK: usize = 1 << 16;
/// A number above one by this is rounding, not a score: its row sums to more than one, and is repaired.
const ABOVE: f64 = 1e-4;
/// Rows whose sum is this close to the tolerance are summed again, one number after the other.
const CLOSE: f64 = 1e-9;

/// What checking every number gave.
pub(super) struct Checked {
    /// Rows that do not sum to one, and, where there are some, by how much at most.
    pub(super) off: u64,
    pub(super) worst: f64,
    /// Half precision: rows by the bits of their highest probability.
    pub(super) highest: Vec<u32>,
    /// Predictions beside the labels of the data.
    pub(super) fit: Fit,
}

/// The first number that is none, or the first empty row.
pub(super) struct Bad {
    pub(super) row: usize,
    pub(super) col: Option<usize>,
    pub(super) value: f64,
}

/// How often each label of the data meets each prediction.
#[derive(Clone)]
pub(super) struct Fit {
    /// Stored column → label, and back.
    label_of: Vec<LabelId>,
    column_of: Vec<u32>,
    labels: usize,
    /// Labelled rows.
    pub(super) n: u64,
    /// Of which the prediction is the label.
    pub(super) hits: u64,
    confusion: Confusion,
}

/// Labels beside predictions: a matrix, or a list of its cells where that is shorter.
#[derive(Clone)]
enum Confusion {
    /// Nothing, where there are too many labels.
    None,
    Matrix(Vec<u32>),
    List(Vec<u32>),
}

impl Fit {
    /// For labels in these stored columns of that many rows; at most `most` labels are counted in pairs.
    pub(super) fn new(columns: &[u32], stored_cols: usize, rows: usize, most: usize) -> Self {
        let labels = columns.len();
        let mut label_of = vec![NO_LABEL; stored_cols];
        for (label, &c) in columns.iter().enumerate() {
            label_of[c as usize] = label as LabelId;
        }
        let confusion = match labels {
            _ if labels > most => Confusion::None,
            _ if labels * labels > rows / 16 => Confusion::List(Vec::new()),
            _ => Confusion::Matrix(vec![0; labels * labels]),
        };
        Self { label_of, column_of: columns.to_vec(), labels, n: 0, hits: 0, confusion }
    }

    #[inline]
    fn count(&mut self, label: LabelId, column: usize) {
        if label == NO_LABEL {
            return;
        }
        let predicted = self.label_of[column];
        self.n += 1;
        self.hits += u64::from(predicted == label);
        if (predicted as usize) < self.labels && (label as usize) < self.labels {
            let cell = label as usize * self.labels + predicted as usize;
            match &mut self.confusion {
                Confusion::None => {}
                Confusion::Matrix(cells) => cells[cell] += 1,
                Confusion::List(list) => list.push(cell as u32),
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.hits += other.hits;
        match (&mut self.confusion, &other.confusion) {
            (Confusion::Matrix(a), Confusion::Matrix(b)) => a.iter_mut().zip(b).for_each(|(a, b)| *a += b),
            (Confusion::List(a), Confusion::List(b)) => a.extend_from_slice(b),
            _ => {}
        }
    }

    /// (label, prediction) and how many rows; only pairs that occur.
    pub(super) fn into_cells(self) -> Vec<((LabelId, LabelId), u64)> {
        let pair = |i: usize| ((i / self.labels) as LabelId, (i % self.labels) as LabelId);
        match self.confusion {
            Confusion::None => Vec::new(),
            Confusion::Matrix(cells) => {
                let met = cells.iter().enumerate().filter(|&(_, &n)| n > 0);
                met.map(|(i, &n)| (pair(i), u64::from(n))).collect()
            }
            Confusion::List(mut list) => {
                list.sort_unstable();
                list.chunk_by(|a, b| a == b).map(|run| (pair(run[0] as usize), run.len() as u64)).collect()
            }
        }
    }
}

/// Looks at every number. `labels` are those of the data, one a stored row.
pub(super) fn check(
    numbers: &Probabilities,
    labels: &[LabelId],
    fit: Fit,
    tolerance: f64,
    as_is: bool,
    is_half: bool,
    progress: &Progress,
) -> Result<Result<Checked, Bad>, FormatError> {
    let (rows, cols) = (numbers.rows(), numbers.stored_cols());
    let per_block = (BLOCK / cols).max(1);
    progress.stage("Checking probabilities", rows.div_ceil(per_block) as u64);
    let empty =
        Part { off: 0, worst: 0.0, highest: vec![0; if is_half { 1 << 16 } else { 0 }], fit, bad: None };
    // How rows are shared out changes nothing that comes out.
    let share = rows.div_ceil(4 * rayon::current_num_threads()).next_multiple_of(per_block);
    let parts = (0..rows.div_ceil(share)).into_par_iter().map(|p| {
        let mut part = empty.clone();
        let mut scratch = Vec::new();
        let end = rows.min((p + 1) * share);
        for first in (p * share..end).step_by(per_block) {
            progress.check()?;
            let n = per_block.min(end - first);
            let range = first * cols..(first + n) * cols;
            let here = Here { first, cols, labels, tolerance, as_is };
            match numbers.stored_cells().filter(|_| cols < 1 << 24) {
                Some(Cells::Single(v)) => part.look_at(&v[range], here),
                Some(Cells::Double(v)) => part.look_at(&v[range], here),
                Some(Cells::SingleBytes(v)) => part.look_at(&v[range], here),
                Some(Cells::DoubleBytes(v)) => part.look_at(&v[range], here),
                None => {
                    scratch.resize(n * cols, 0.0);
                    numbers.read(first, &mut scratch);
                    part.look_at(&scratch, here);
                }
            }
            progress.add(1);
        }
        Ok::<_, FormatError>(part)
    });
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    let mut all = empty;
    for part in parts {
        // Parts stand in the order of their rows.
        if let Some(bad) = part.bad {
            return Ok(Err(bad));
        }
        all.off += part.off;
        all.worst = all.worst.max(part.worst);
        all.highest.iter_mut().zip(&part.highest).for_each(|(a, b)| *a += b);
        all.fit.add(&part.fit);
    }
    let Part { off, worst, highest, fit, .. } = all;
    Ok(Ok(Checked { off, worst, highest, fit }))
}

/// What one stretch of rows gave.
struct Part {
    off: u64,
    worst: f64,
    highest: Vec<u32>,
    fit: Fit,
    bad: Option<Bad>,
}

impl Clone for Part {
    fn clone(&self) -> Self {
        let (highest, fit) = (self.highest.clone(), self.fit.clone());
        Self { off: self.off, worst: self.worst, highest, fit, bad: None }
    }
}

/// Which rows are looked at, and what is allowed.
#[derive(Clone, Copy)]
struct Here<'a> {
    first: usize,
    cols: usize,
    labels: &'a [LabelId],
    tolerance: f64,
    as_is: bool,
}

impl Part {
    fn look_at<N: Number>(&mut self, cells: &[N], here: Here) {
        let mut labels = here.labels.get(here.first..).unwrap_or_default().iter();
        let mut row = here.first;
        vectorised(
            #[inline(always)]
            || {
                each_row(
                    cells,
                    here.cols,
                    #[inline(always)]
                    |numbers| {
                        let seen = look::<true, N>(numbers, N::Real::ZERO, &[]);
                        let top: f64 = seen.top.into();
                        let deviation = (seen.sum - 1.0).abs();
                        // A sum that is no number is not within anything.
                        let plain = seen.in_range
                            && top <= 1.0 + here.tolerance
                            && deviation <= here.tolerance - CLOSE;
                        if !plain {
                            self.look_again(numbers, row, here);
                        }
                        if let Some(&label) = labels.next() {
                            let own = self.fit.column_of.get(label as usize).map_or(0, |&c| c as usize);
                            self.fit.count(label, first_top(numbers, seen.top, own));
                        }
                        if !self.highest.is_empty() {
                            self.highest[usize::from(half::f16::from_f64(top).to_bits())] += 1;
                        }
                        row += 1;
                    },
                );
            },
        );
    }

    #[cold]
    fn look_again<N: Number>(&mut self, numbers: &[N], row: usize, here: Here) {
        let allowed = 0.0..=1.0 + here.tolerance.max(ABOVE);
        let outside = numbers.iter().position(|n| !allowed.contains(&n.wide()));
        let sum = numbers.iter().fold(0.0, |sum, n| sum + n.wide());
        if self.bad.is_none() {
            if let Some(col) = outside {
                self.bad = Some(Bad { row, col: Some(col), value: numbers[col].wide() });
            } else if sum == 0.0 && !here.as_is {
                self.bad = Some(Bad { row, col: None, value: 0.0 });
            }
        }
        let deviation = (sum - 1.0).abs();
        self.off += u64::from(deviation > here.tolerance);
        self.worst = self.worst.max(deviation);
    }
}
