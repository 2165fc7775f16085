//! Self-confidences of all rows, grouped by label where they stand: what thresholds and cuts by self-confidence are made of.
//!
//! Rows are cut into stretches; within a stretch, numbers stand by label, rows ascending. A label's numbers are then the
//! pieces of all stretches, in the order of its rows, without a number being moved far from where it was read.

use rayon::prelude::*;

use super::rows::Rows;
use super::scan::{NEVER, SLACK};
use super::sums::pairwise_sum;
use crate::dataset::{LabelId, NO_LABEL, Number, Real};
use crate::progress::{Cancelled, Progress};

/// Rows of a stretch, at least; so many that where labels begin in it takes little beside them.
const STRETCH: usize = 1 << 12;

/// One number a labelled row.
pub(super) struct Grouped<R> {
    rows: usize,
    stretch: usize,
    labels: usize,
    /// `stretch` numbers a stretch, of which those of labelled rows are filled.
    values: Vec<R>,
    /// Where each label begins in each stretch, and where the last one ends: labels + 1 entries a stretch.
    starts: Vec<u32>,
}

impl<R: Real> Grouped<R> {
    /// Reads the number of each labelled row in the column of its label.
    pub(super) fn read<S: Rows>(
        labels: &[LabelId],
        source: &S,
        n_labels: usize,
        progress: &Progress,
    ) -> Result<Self, Cancelled>
    where
        S::N: Number<Real = R>,
    {
        let rows = labels.len();
        let stretch = STRETCH.max(4 * n_labels).min(rows.max(1));
        let mut values = vec![R::ZERO; rows];
        let mut starts = vec![0_u32; rows.div_ceil(stretch) * (n_labels + 1)];
        values
            .par_chunks_mut(stretch)
            .zip(starts.par_chunks_mut(n_labels + 1))
            .zip(labels.par_chunks(stretch))
            .enumerate()
            .try_for_each_init(
                || (vec![0_u32; n_labels], Vec::new()),
                |(next, scratch), (s, ((values, starts), labels))| {
                    progress.check()?;
                    for &label in labels {
                        if label != NO_LABEL {
                            starts[label as usize + 1] += 1;
                        }
                    }
                    for y in 0..n_labels {
                        starts[y + 1] += starts[y];
                    }
                    next.copy_from_slice(&starts[..n_labels]);
                    for (i, &label) in labels.iter().enumerate() {
                        if label != NO_LABEL {
                            let slot = &mut next[label as usize];
                            // −0 is 0.
                            let row = source.rows(s * stretch + i, 1, scratch);
                            values[*slot as usize] = row[label as usize].real() + R::ZERO;
                            *slot += 1;
                        }
                    }
                    progress.add(labels.len() as u64);
                    Ok(())
                },
            )?;
        Ok(Self { rows, stretch, labels: n_labels, values, starts })
    }

    fn stretches(&self) -> usize {
        self.rows.div_ceil(self.stretch)
    }

    /// The numbers of label `y` in stretch `s`.
    fn piece(&self, s: usize, y: usize) -> &[R] {
        let starts = &self.starts[s * (self.labels + 1) + y..];
        &self.values[s * self.stretch..][starts[0] as usize..starts[1] as usize]
    }

    /// The numbers of label `y`, rows ascending.
    pub(super) fn of_label(&self, y: usize) -> Vec<&[R]> {
        (0..self.stretches()).map(|s| self.piece(s, y)).filter(|piece| !piece.is_empty()).collect()
    }

    /// All numbers, in no order that matters.
    pub(super) fn all(&self) -> Vec<&[R]> {
        let of = |s: usize| {
            let last = self.starts[s * (self.labels + 1) + self.labels] as usize;
            &self.values[s * self.stretch..][..last]
        };
        (0..self.stretches()).map(of).filter(|piece| !piece.is_empty()).collect()
    }

    /// The row of the `nth` number (from 0) of label `y` that equals `value`, if there is one.
    pub(super) fn row_of(&self, y: usize, value: R, mut nth: u64, labels: &[LabelId]) -> Option<u32> {
        for s in 0..self.stretches() {
            for (i, &v) in self.piece(s, y).iter().enumerate() {
                if v != value {
                    continue;
                }
                if nth == 0 {
                    let from = s * self.stretch;
                    let mut own = (from..labels.len()).filter(|&row| labels[row] as usize == y);
                    return own.nth(i).map(|row| row as u32);
                }
                nth -= 1;
            }
        }
        None
    }

    /// Mean number of each label; [`NEVER`] where there is none; at least 2e-6 (Northcutt et al. 2021, eq. 2).
    pub(super) fn thresholds(&self, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
        (0..self.labels)
            .into_par_iter()
            .map(|y| {
                progress.check()?;
                let pieces = self.of_label(y);
                let n: usize = pieces.iter().map(|p| p.len()).sum();
                let mean = if n == 0 { NEVER } else { Leaves::new(&pieces).sum(n) / n as f64 };
                Ok(mean.max(2.0 * SLACK))
            })
            .collect()
    }
}

/// Numbers in pieces, summed in the order of [`pairwise_sum`], from the first to the last.
struct Leaves<'a, R> {
    pieces: std::slice::Iter<'a, &'a [R]>,
    rest: &'a [R],
}

impl<'a, R: Real> Leaves<'a, R> {
    fn new(pieces: &'a [&'a [R]]) -> Self {
        Self { pieces: pieces.iter(), rest: &[] }
    }

    /// The sum of the next `n`. The tree is that of [`pairwise_sum`]: halves at multiples of eight down to 128.
    fn sum(&mut self, n: usize) -> f64 {
        if n > 128 {
            let half = n / 2;
            let left = half - half % 8;
            let sum = self.sum(left);
            return sum + self.sum(n - left);
        }
        let mut leaf = [0.0; 128];
        for slot in &mut leaf[..n] {
            while self.rest.is_empty() {
                let Some(next) = self.pieces.next() else { return pairwise_sum(&leaf[..n]) };
                self.rest = next;
            }
            *slot = self.rest[0].into();
            self.rest = &self.rest[1..];
        }
        pairwise_sum(&leaf[..n])
    }
}

/// Where a sorted list is cut, if its numbers are in pieces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place<R> {
    /// The last number taken.
    pub(super) value: R,
    /// How many are lower.
    pub(super) below: u64,
    /// How many are equal.
    pub(super) equal: u64,
}

/// The number that a sort would put at `n`, from 0; `None` past the end. Numbers are not NaN, and not −0.
pub(super) fn nth<R: Real>(
    pieces: &[&[R]],
    n: u64,
    progress: &Progress,
) -> Result<Option<Place<R>>, Cancelled> {
    const SAMPLE: usize = 2048;
    let total: usize = pieces.iter().map(|p| p.len()).sum();
    if n >= total as u64 {
        return Ok(None);
    }
    // A number that a little more than n others are probably below: only what is not above it needs be kept.
    let step = (total / SAMPLE).max(1);
    let mut skip = 0;
    let mut sample: Vec<R> = Vec::with_capacity(total / step + 1);
    for piece in pieces {
        sample.extend(piece.iter().skip(skip).step_by(step));
        skip = (skip + step - piece.len() % step) % step;
    }
    sample.sort_unstable_by(R::total_order);
    let share = n as f64 / total as f64;
    let guess = share * sample.len() as f64 + 4.0 * (share * sample.len() as f64).sqrt() + 8.0;
    let bound = if total > 2 * SAMPLE { sample.get(guess as usize).copied() } else { None };
    let collect = |bound: Option<R>| {
        let chunks = pieces.par_iter().with_min_len(16).fold(
            || Ok(Vec::new()),
            |kept: Result<Vec<R>, Cancelled>, piece| {
                let mut kept = kept?;
                progress.check()?;
                match bound {
                    Some(bound) => kept.extend(piece.iter().copied().filter(|&v| v <= bound)),
                    None => kept.extend_from_slice(piece),
                }
                Ok(kept)
            },
        );
        chunks.try_reduce(Vec::new, |mut a, mut b| {
            // In any order: what is asked is the number, how many are below, and how many equal.
            if a.len() < b.len() {
                std::mem::swap(&mut a, &mut b);
            }
            a.append(&mut b);
            Ok(a)
        })
    };
    let mut kept = collect(bound)?;
    if kept.len() as u64 <= n {
        kept = collect(None)?;
    }
    progress.check()?;
    let value = *kept.select_nth_unstable_by(n as usize, R::total_order).1;
    let below = kept.iter().filter(|&&v| v < value).count() as u64;
    let equal = kept.iter().filter(|&&v| v == value).count() as u64;
    Ok(Some(Place { value, below, equal }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rows::Stored;
    use super::*;

    proptest! {
        #[test]
        fn grouped_numbers_are_those_of_their_labels(
            rows in prop::collection::vec((0_u32..4, 0_u8..50), 1..20_000),
            times in 1_usize..4,
        ) {
            let rows: Vec<(u32, u8)> = rows.iter().copied().cycle().take(rows.len() * times).collect();
            let labels: Vec<LabelId> = rows.iter().map(|r| if r.0 == 3 { NO_LABEL } else { r.0 }).collect();
            let cells: Vec<f32> = rows.iter().flat_map(|r| [f32::from(r.1) / 49.0; 3]).collect();
            let progress = Progress::new();
            let stored = Stored { cells: &cells, cols: 3 };
            let grouped = Grouped::read(&labels, &stored, 3, &progress).unwrap();
            let thresholds = grouped.thresholds(&progress).unwrap();
            for y in 0..3 {
                let own: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] as usize == y).collect();
                let want: Vec<f32> = own.iter().map(|&i| cells[3 * i]).collect();
                prop_assert_eq!(grouped.of_label(y).concat(), want.clone());
                let wide: Vec<f64> = want.iter().map(|&v| f64::from(v)).collect();
                let mean = if wide.is_empty() { NEVER } else { pairwise_sum(&wide) / wide.len() as f64 };
                prop_assert_eq!(thresholds[y].to_bits(), mean.max(2e-6).to_bits());
                if let Some(&first) = want.first() {
                    let ties: Vec<u32> =
                        own.iter().filter(|&&i| cells[3 * i] == first).map(|&i| i as u32).collect();
                    for (n, &row) in ties.iter().enumerate() {
                        prop_assert_eq!(grouped.row_of(y, first, n as u64, &labels), Some(row));
                    }
                    prop_assert_eq!(grouped.row_of(y, first, ties.len() as u64, &labels), None);
                }
            }
        }

        #[test]
        fn the_nth_of_pieces_is_the_nth_of_all(
            pieces in prop::collection::vec(prop::collection::vec(-3_i16..2000, 0..900), 1..30),
            share in 0.0..1.1_f64,
        ) {
            let pieces: Vec<Vec<f32>> =
                pieces.iter().map(|p| p.iter().map(|&v| f32::from(v).max(0.0) / 7.0).collect()).collect();
            let slices: Vec<&[f32]> = pieces.iter().map(Vec::as_slice).collect();
            let mut all = pieces.concat();
            all.sort_by(f32::total_cmp);
            let n = (all.len() as f64 * share) as usize;
            let want = all.get(n).map(|&value| Place {
                value,
                below: all.iter().filter(|&&v| v < value).count() as u64,
                equal: all.iter().filter(|&&v| v == value).count() as u64,
            });
            prop_assert_eq!(nth(&slices, n as u64, &Progress::new()).unwrap(), want);
        }
    }
}
