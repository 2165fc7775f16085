//! Selecting and sorting rows by a key: exact, stable, and able to stop within milliseconds.
//!
//! Entries are (key, row) and compare by key, then by row, so no two are equal and every algorithm gives the
//! one order that a stable ascending sort would. Keys are never NaN; −0 is turned into 0 on the way in.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// A key and the row it belongs to.
pub(super) type Entry = (f64, u32);

/// Longer slices are split by hand, with checks, before the standard library's selection takes over.
const LONG: usize = 1 << 20;

/// Entries handled between two checks.
const STRIDE: usize = 1 << 16;

fn compare(a: &Entry, b: &Entry) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

/// Moves the entry that a sort would put at `n` there, smaller ones before it, and returns it. `n` is in range.
fn nth(entries: &mut [Entry], n: usize, progress: &Progress) -> Result<Entry, Cancelled> {
    let (mut low, mut high) = (0, entries.len());
    while high - low > LONG {
        let pivot = pivot(&entries[low..high], (n - low) as f64 / (high - low) as f64);
        entries.swap(low + pivot, high - 1);
        let pivot = entries[high - 1];
        let mut middle = low;
        for start in (low..high - 1).step_by(STRIDE) {
            progress.check()?;
            for i in start..(start + STRIDE).min(high - 1) {
                if compare(&entries[i], &pivot).is_lt() {
                    entries.swap(i, middle);
                    middle += 1;
                }
            }
        }
        entries.swap(middle, high - 1);
        match n.cmp(&middle) {
            Ordering::Less => high = middle,
            Ordering::Equal => return Ok(pivot),
            Ordering::Greater => low = middle + 1,
        }
    }
    progress.check()?;
    Ok(*entries[low..high].select_nth_unstable_by(n - low, compare).1)
}

/// Position of an entry that about `share` of the others precede.
fn pivot(entries: &[Entry], share: f64) -> usize {
    const SAMPLE: usize = 1023;
    let step = entries.len() / SAMPLE;
    let mut sample: Vec<usize> = (0..SAMPLE).map(|i| i * step).collect();
    sample.sort_unstable_by(|&a, &b| compare(&entries[a], &entries[b]));
    sample[((share * SAMPLE as f64) as usize).min(SAMPLE - 1)]
}

/// Where a sorted list is cut: the last entry that is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cut {
    key: f64,
    row: u32,
}

impl Cut {
    /// Takes nothing.
    pub(super) const NONE: Self = Self { key: f64::NEG_INFINITY, row: 0 };
    /// Takes everything.
    pub(super) const ALL: Self = Self { key: f64::INFINITY, row: u32::MAX };

    /// Takes everything before this entry, and it.
    pub(super) fn at(key: f64, row: u32) -> Self {
        Self { key: key + 0.0, row }
    }

    /// Whether `row` is taken.
    pub(super) fn takes(&self, key: f64, row: u32) -> bool {
        key < self.key || (key == self.key && row <= self.row)
    }

    /// Whether `row` is left out only because its row number is higher than that of the last one taken.
    pub(super) fn ties(&self, key: f64, row: u32) -> bool {
        key == self.key && row > self.row
    }
}

/// Keeps the lowest `keep` of a stream of entries whose rows ascend, in memory of about twice that.
#[derive(Debug)]
pub(super) struct Lowest {
    keep: usize,
    /// Later entries of this key or above cannot be among the lowest.
    limit: f64,
    entries: Vec<Entry>,
}

impl Lowest {
    /// For the lowest `keep`, at least 1.
    pub(super) fn new(keep: usize) -> Self {
        Self { keep: keep.max(1), limit: f64::INFINITY, entries: Vec::new() }
    }

    /// Takes one more entry. Inlined, since most are refused by the first comparison.
    #[inline]
    pub(super) fn push(&mut self, key: f64, row: u32, progress: &Progress) -> Result<(), Cancelled> {
        if key >= self.limit { Ok(()) } else { self.accept(key, row, progress) }
    }

    fn accept(&mut self, key: f64, row: u32, progress: &Progress) -> Result<(), Cancelled> {
        self.entries.push((key + 0.0, row));
        if self.entries.len() >= self.keep.saturating_mul(2).max(self.keep.saturating_add(30)) {
            self.shrink(progress)?;
        }
        Ok(())
    }

    fn shrink(&mut self, progress: &Progress) -> Result<(), Cancelled> {
        if self.entries.len() > self.keep {
            self.limit = nth(&mut self.entries, self.keep - 1, progress)?.0;
            self.entries.truncate(self.keep);
        }
        Ok(())
    }

    /// The cut through this stream and the streams of `others` together.
    pub(super) fn cut(
        mut self,
        others: impl Iterator<Item = Self>,
        progress: &Progress,
    ) -> Result<Cut, Cancelled> {
        for mut other in others {
            self.entries.append(&mut other.entries);
            self.shrink(progress)?;
        }
        self.shrink(progress)?;
        if self.entries.len() < self.keep {
            return Ok(Cut::ALL);
        }
        Ok(self.entries.into_iter().max_by(compare).map_or(Cut::NONE, |(key, row)| Cut { key, row }))
    }
}

/// Rows by ascending key, ties by row.
pub(super) fn sorted_rows(mut entries: Vec<Entry>, progress: &Progress) -> Result<Vec<u32>, Cancelled> {
    let n = entries.len();
    for entry in &mut entries {
        entry.0 += 0.0;
    }
    entries.par_chunks_mut(STRIDE).try_for_each(|chunk| {
        progress.check()?;
        chunk.sort_unstable_by(compare);
        Ok(())
    })?;
    let mut spare = entries.clone();
    let mut width = STRIDE;
    while width < n {
        spare.par_chunks_mut(2 * width).zip(entries.par_chunks(2 * width)).try_for_each(|(to, from)| {
            let (left, right) = from.split_at(width.min(from.len()));
            merge(left, right, to, progress)
        })?;
        std::mem::swap(&mut entries, &mut spare);
        width *= 2;
    }
    Ok(entries.into_iter().map(|e| e.1).collect())
}

fn merge(left: &[Entry], right: &[Entry], to: &mut [Entry], progress: &Progress) -> Result<(), Cancelled> {
    let (mut l, mut r) = (0, 0);
    for block in to.chunks_mut(STRIDE) {
        progress.check()?;
        for slot in block {
            let from_left = match (left.get(l), right.get(r)) {
                (Some(a), Some(b)) => compare(a, b).is_lt(),
                (Some(_), None) => true,
                (None, _) => false,
            };
            *slot = if from_left { left[l] } else { right[r] };
            l += usize::from(from_left);
            r += usize::from(!from_left);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys with many ties, −0 among them.
    fn entries(n: usize) -> Vec<Entry> {
        let mut state = 9_u64;
        (0..n)
            .map(|row| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let key = f64::from((state >> 40) as u32 % 997) / 100.0 - 5.0;
                (if key == 0.0 && row % 2 == 0 { -0.0 } else { key }, row as u32)
            })
            .collect()
    }

    fn stable(entries: &[Entry]) -> Vec<u32> {
        let mut sorted = entries.to_vec();
        sorted.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap());
        sorted.into_iter().map(|e| e.1).collect()
    }

    #[test]
    fn sorting_equals_a_stable_sort() {
        for n in [0, 1, 1000, STRIDE, 3 * STRIDE + 7] {
            let e = entries(n);
            assert_eq!(sorted_rows(e.clone(), &Progress::new()).unwrap(), stable(&e));
        }
    }

    #[test]
    fn selection_of_a_long_slice_equals_sorting_it() {
        let n = LONG * 2 + 3;
        let mut want: Vec<Entry> = entries(n).into_iter().map(|(k, r)| (k + 0.0, r)).collect();
        let unsorted = want.clone();
        want.sort_by(compare);
        for i in [0, 1, n / 3, n - 1] {
            let mut e = unsorted.clone();
            assert_eq!(nth(&mut e, i, &Progress::new()).unwrap(), want[i]);
            assert!(e[..i].iter().all(|x| compare(x, &want[i]).is_lt()));
        }
        let mut ascending = want.clone();
        assert_eq!(nth(&mut ascending, n / 2, &Progress::new()).unwrap(), want[n / 2]);
    }

    #[test]
    fn a_cut_takes_the_lowest_rows_of_a_tie_however_the_stream_is_split() {
        let n = 5000;
        let e = entries(n);
        let order = stable(&e);
        for keep in [1, 2, 40, 2500, 4999, 5000, 6000] {
            let taken: Vec<u32> = {
                let mut rows = order[..keep.min(n)].to_vec();
                rows.sort_unstable();
                rows
            };
            for parts in [1, 3] {
                let mut streams = e.chunks(n.div_ceil(parts)).map(|part| {
                    let mut lowest = Lowest::new(keep);
                    for &(key, row) in part {
                        lowest.push(key, row, &Progress::new()).unwrap();
                    }
                    lowest
                });
                let first = streams.next().unwrap();
                let cut = first.cut(streams, &Progress::new()).unwrap();
                let got: Vec<u32> = e.iter().filter(|x| cut.takes(x.0, x.1)).map(|x| x.1).collect();
                assert_eq!(got, taken, "{keep} of {parts} parts");
            }
        }
    }

    #[test]
    fn sorting_and_selecting_stop_when_cancelled() {
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(sorted_rows(entries(10), &progress), Err(Cancelled));
        assert_eq!(nth(&mut entries(LONG + 1), 5, &progress), Err(Cancelled));
    }
}
