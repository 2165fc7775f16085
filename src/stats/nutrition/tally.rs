//! What stands in one column, counted in a stream and within bounds.
//!
//! Up to [`MAX_VALUES`] different values are counted by themselves. A value that comes after the room is taken is counted among
//! "others": those that are kept were kept since they first came, so their counts stay exact, and what the others might hide is
//! said. Numbers for the median are kept to [`MAX_KEPT`]; beyond that every second, every fourth, … is.

use std::collections::HashMap;

use crate::stats::Undefined;

/// Different values of a column that are counted by themselves.
pub const MAX_VALUES: usize = 100_000;
/// Bytes of these values.
const MAX_BYTES: usize = 16 << 20;
/// Columns that each get as much; the room of more is shared out.
const FULL: usize = 16;
/// Numbers of a column that are kept for its median.
pub const MAX_KEPT: usize = 1 << 20;

/// Which value is there most, or least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frequent {
    /// One value.
    One {
        /// What it says.
        value: String,
        /// How often.
        n: u64,
    },
    /// Several, equally often.
    Several {
        /// How many.
        values: u64,
        /// How often each.
        n: u64,
    },
    /// Every value is there once.
    AllUnique,
}

/// A median, and of which numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    /// The middle of the sorted numbers, the mean of the middle two where they are even in number.
    pub value: f64,
    /// 1 where all numbers were looked at; k where every k-th was, in the order of the rows.
    pub every: u64,
}

/// Moments of a column of numbers, over cells that are not empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// Cells that are not empty.
    pub n: u64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the population: the sum of squares is divided by n.
    pub sd: f64,
    /// Median.
    pub median: Median,
    /// Cells that say 0.
    pub zeros: u64,
    /// Whether all are whole numbers.
    pub whole: bool,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnStats {
    /// Rows, those with an empty cell among them.
    pub rows: u64,
    /// Rows with an empty cell.
    pub missing: u64,
    /// Different values, "missing" counted as one where it occurs; `None` where there are more than were counted.
    pub unique: Option<u64>,
    /// Values that were counted by themselves, missing not among them.
    pub counted: u64,
    /// The commonest value that is not missing.
    pub most: Result<Frequent, Undefined>,
    /// The rarest.
    pub least: Result<Frequent, Undefined>,
    /// The commonest values with their counts, most first, ties in the order of their text.
    pub top: Vec<(String, u64)>,
    /// As numbers; undefined where one cell is no number.
    pub numbers: Result<Numbers, Undefined>,
}

impl ColumnStats {
    /// Numbers the values, the commonest first, as in `rater 1`, in place of what they say; the names that it gave.
    pub fn unnamed(&mut self, what: &str) -> HashMap<String, String> {
        let names: HashMap<String, String> =
            (1..).zip(&self.top).map(|(n, (value, _))| (value.clone(), format!("{what} {n}"))).collect();
        let called = |value: &str| names.get(value).cloned().unwrap_or_else(|| format!("a {what}"));
        for (value, _) in &mut self.top {
            *value = called(value);
        }
        for frequent in [&mut self.most, &mut self.least].into_iter().flatten() {
            if let Frequent::One { value, .. } = frequent {
                *value = called(value);
            }
        }
        names
    }

    /// Missing cells as a share of rows, in 0..=1; `None` without rows.
    pub fn missing_share(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.missing as f64 / self.rows as f64)
    }

    /// Cells that say 0 as a share of rows.
    pub fn zeros_share(&self) -> Option<f64> {
        let numbers = self.numbers.as_ref().ok()?;
        (self.rows > 0).then(|| numbers.zeros as f64 / self.rows as f64)
    }
}

/// Numbers one by one: Welford's moments, and a thinned list for the median.
#[derive(Debug, Clone)]
struct Moments {
    n: u64,
    min: f64,
    max: f64,
    mean: f64,
    squares: f64,
    zeros: u64,
    whole: bool,
    kept: Vec<f64>,
    every: u64,
    room: usize,
}

impl Moments {
    fn new(room: usize) -> Self {
        Self {
            n: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            mean: 0.0,
            squares: 0.0,
            zeros: 0,
            whole: true,
            kept: Vec::new(),
            every: 1,
            room: room.max(2),
        }
    }

    fn add(&mut self, x: f64) {
        if self.n.is_multiple_of(self.every) {
            if self.kept.len() == self.room {
                let mut at = 0;
                self.kept.retain(|_| {
                    at += 1;
                    at % 2 == 1
                });
                self.every *= 2;
            }
            if self.n.is_multiple_of(self.every) {
                self.kept.push(x);
            }
        }
        self.n += 1;
        let from = x - self.mean;
        self.mean += from / self.n as f64;
        self.squares += from * (x - self.mean);
        self.min = self.min.min(x);
        self.max = self.max.max(x);
        self.zeros += u64::from(x == 0.0);
        self.whole &= x.fract() == 0.0;
    }

    fn finish(mut self) -> Result<Numbers, Undefined> {
        let why = |words: &str| Err(Undefined::Because(words.to_owned()));
        if self.n == 0 {
            return why("every cell is missing");
        }
        let sd = (self.squares / self.n as f64).max(0.0).sqrt();
        if !sd.is_finite() || !self.mean.is_finite() {
            return why("the numbers are too large to be summed");
        }
        self.kept.sort_unstable_by(f64::total_cmp);
        let middle = self.kept.len() / 2;
        // At least one number is kept: the first always is.
        let value = if self.kept.len().is_multiple_of(2) {
            // Halved before they are added, so that no sum overflows.
            self.kept[middle - 1] / 2.0 + self.kept[middle] / 2.0
        } else {
            self.kept[middle]
        };
        Ok(Numbers {
            n: self.n,
            min: self.min,
            max: self.max,
            mean: self.mean.clamp(self.min, self.max),
            sd,
            median: Median { value, every: self.every },
            zeros: self.zeros,
            whole: self.whole,
        })
    }
}

/// Counts one column, batch by batch.
#[derive(Debug, Clone)]
pub struct Tally {
    rows: u64,
    missing: u64,
    counts: HashMap<String, u64>,
    bytes: usize,
    room: usize,
    room_bytes: usize,
    /// Cells whose value found no room.
    others: u64,
    moments: Moments,
    /// Cells that are no number.
    words: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self::with_room(MAX_VALUES, MAX_KEPT)
    }
}

impl Tally {
    /// With room for so many different values, and so many numbers.
    pub fn with_room(values: usize, numbers: usize) -> Self {
        Self {
            rows: 0,
            missing: 0,
            counts: HashMap::new(),
            bytes: 0,
            room: values,
            room_bytes: MAX_BYTES,
            others: 0,
            moments: Moments::new(numbers),
            words: 0,
        }
    }

    /// For one of so many columns: all together have a bounded room.
    pub fn one_of(columns: usize) -> Self {
        let shared = |room: usize| if columns <= FULL { room } else { room * FULL / columns };
        let tally = Self::with_room(shared(MAX_VALUES), shared(MAX_KEPT));
        Self { room_bytes: shared(MAX_BYTES), ..tally }
    }

    /// Adds rows: what each says as an index into `values` (past the end for an empty cell), and what each value is as a number.
    pub fn add<'a>(&mut self, codes: &[u32], values: impl Fn(u32) -> &'a str, numbers: &[Option<f64>]) {
        let known = numbers.len();
        let mut counts = vec![0_u64; known];
        for &code in codes {
            self.rows += 1;
            let at = code as usize;
            if at >= known || values(code).is_empty() {
                self.missing += 1;
                continue;
            }
            counts[at] += 1;
            match numbers[at] {
                Some(x) => self.moments.add(x),
                None => self.words += 1,
            }
        }
        // In the order of the dictionary, which is that of first appearance or fixed by the file.
        for (at, &n) in counts.iter().enumerate().filter(|c| *c.1 > 0) {
            self.count(values(at as u32), n);
        }
    }

    fn count(&mut self, value: &str, n: u64) {
        if let Some(count) = self.counts.get_mut(value) {
            *count += n;
        } else if self.counts.len() < self.room && self.bytes + value.len() <= self.room_bytes {
            self.bytes += value.len();
            self.counts.insert(value.to_owned(), n);
        } else {
            self.others += n;
        }
    }

    /// What was counted, with the `top` commonest values.
    pub fn finish(self, top: usize) -> ColumnStats {
        let (rows, missing, others) = (self.rows, self.missing, self.others);
        let counted = self.counts.len() as u64;
        let numbers = match self.words {
            0 => self.moments.finish(),
            1 => Err(Undefined::Because("one cell is no number".to_owned())),
            n => Err(Undefined::Because(format!("{n} cells are no numbers"))),
        };
        let empty = || Undefined::Because("every cell is missing".to_owned());
        let hidden = || {
            let words = format!("there are more than {counted} different values, and no more are counted");
            Undefined::Because(words)
        };
        let of = |n: u64, values: u64, value: &str| match (n, values) {
            (1, values) if values > 1 && values == counted && others == 0 => Frequent::AllUnique,
            (n, 1) => Frequent::One { value: value.to_owned(), n },
            (n, values) => Frequent::Several { values, n },
        };
        let end = |n: Option<u64>| {
            let n = n?;
            let mut with = self.counts.iter().filter(|c| *c.1 == n).map(|c| c.0);
            // There is one: `n` is the count of one of them.
            let first = with.next()?;
            Some(of(n, 1 + with.count() as u64, first))
        };
        let (high, low) = (self.counts.values().copied().max(), self.counts.values().copied().min());
        let most = match high {
            None => Err(empty()),
            // Any other value is there at most as often as all others together.
            Some(n) if n > others => end(high).ok_or_else(empty),
            Some(_) => Err(hidden()),
        };
        let least = if low.is_some() && others > 0 { Err(hidden()) } else { end(low).ok_or_else(empty) };
        let mut list: Vec<(&String, u64)> = self.counts.iter().map(|(v, &n)| (v, n)).collect();
        list.sort_unstable_by_key(|&(value, n)| (std::cmp::Reverse(n), value));
        let top = list.into_iter().take(top).map(|(v, n)| (v.clone(), n)).collect();
        let unique = (others == 0).then_some(counted + u64::from(missing > 0));
        ColumnStats { rows, missing, unique, counted, most, least, top, numbers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str], tally: Tally) -> ColumnStats {
        let mut tally = tally;
        // In batches of three rows, each with a dictionary of its own.
        for rows in cells.chunks(3) {
            let codes: Vec<u32> = (0..rows.len() as u32).collect();
            let numbers: Vec<Option<f64>> = rows.iter().map(|c| c.parse().ok()).collect();
            tally.add(&codes, |c| rows[c as usize], &numbers);
        }
        tally.finish(3)
    }

    #[test]
    fn the_worked_example_of_words() {
        let found = of(&["yes", "no", "yes", "", "maybe", "yes"], Tally::default());
        assert_eq!((found.rows, found.missing, found.unique), (6, 1, Some(4)));
        assert_eq!(found.most, Ok(Frequent::One { value: "yes".into(), n: 3 }));
        assert_eq!(found.least, Ok(Frequent::Several { values: 2, n: 1 }));
        assert_eq!(format!("{:.2}", 100.0 * found.missing_share().unwrap()), "16.67");
        assert_eq!(found.top[0], ("yes".to_owned(), 3));
        assert!(found.numbers.unwrap_err().to_string().contains("5 cells are no numbers"));
    }

    #[test]
    fn numbers_have_the_deviation_of_a_population() {
        let found = of(&["2", "4", "", "4", "4", "5", "5", "7", "9", "0"], Tally::default());
        let n = found.numbers.clone().unwrap();
        assert_eq!((found.rows, n.n, n.min, n.max, n.zeros, n.whole), (10, 9, 0.0, 9.0, 1, true));
        assert!((n.mean - 40.0 / 9.0).abs() < 1e-12);
        // Σ (x − 40/9)² = 232 − 1600/9.
        assert!((n.sd - ((232.0 - 1600.0 / 9.0) / 9.0_f64).sqrt()).abs() < 1e-12);
        assert_eq!(n.median, Median { value: 4.0, every: 1 });
        assert_eq!((found.missing_share(), found.zeros_share()), (Some(0.1), Some(0.1)));
        let even = of(&["1", "2", "10", "3"], Tally::default()).numbers.unwrap();
        assert_eq!(even.median.value, 2.5);
    }

    #[test]
    fn nothing_and_only_different_values_are_said() {
        let empty = of(&["", ""], Tally::default());
        assert!(empty.most.is_err() && empty.least.is_err() && empty.numbers.is_err());
        assert_eq!((empty.unique, empty.missing_share()), (Some(1), Some(1.0)));
        let none = of(&[], Tally::default());
        assert_eq!((none.rows, none.missing_share(), none.unique), (0, None, Some(0)));
        let unique = of(&["a", "b", "c"], Tally::default());
        assert_eq!((unique.most, unique.least), (Ok(Frequent::AllUnique), Ok(Frequent::AllUnique)));
        let one = of(&["a"], Tally::default());
        assert_eq!(one.most, Ok(Frequent::One { value: "a".into(), n: 1 }));
        let same = of(&["a", "a"], Tally::default());
        assert_eq!(same.least, Ok(Frequent::One { value: "a".into(), n: 2 }));
    }

    #[test]
    fn what_finds_no_room_is_told_and_what_is_certain_stays() {
        let cells = ["a", "a", "a", "b", "c", "d", "a"];
        let found = of(&cells, Tally::with_room(2, 10));
        assert_eq!((found.unique, found.counted), (None, 2));
        assert_eq!(found.most, Ok(Frequent::One { value: "a".into(), n: 4 }), "two others cannot be four");
        assert!(found.least.unwrap_err().to_string().contains("more than 2 different values"));
        let unsure = of(&["a", "b", "c", "d"], Tally::with_room(2, 10));
        assert!(unsure.most.is_err());
    }

    #[test]
    fn a_long_column_has_the_median_of_every_kth_number() {
        let cells: Vec<String> = (0..100).map(|i| i.to_string()).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let found = of(&cells, Tally::with_room(1000, 16)).numbers.unwrap();
        assert_eq!(found.median.every, 8);
        // 0, 8, …, 96.
        assert_eq!(found.median.value, 48.0);
        assert_eq!(found.mean, 49.5);
        let exact = of(&cells, Tally::with_room(10, 100)).numbers.unwrap();
        assert_eq!(exact.median, Median { value: 49.5, every: 1 });
    }

    #[test]
    fn numbers_too_large_to_be_summed_are_no_numbers_here() {
        let found = of(&["1e308", "-1e308", "1e308"], Tally::default());
        assert!(found.numbers.unwrap_err().to_string().contains("too large"));
    }

    proptest::proptest! {
        #[test]
        fn batches_change_nothing(cells in proptest::collection::vec("[ab0-3]{0,2}", 0..60), cut in 1_usize..20) {
            let rows: Vec<&str> = cells.iter().map(String::as_str).collect();
            let all = |size: usize| {
                let mut tally = Tally::default();
                for rows in rows.chunks(size) {
                    let codes: Vec<u32> = (0..rows.len() as u32).collect();
                    let numbers: Vec<Option<f64>> = rows.iter().map(|c| c.parse().ok()).collect();
                    tally.add(&codes, |c| rows[c as usize], &numbers);
                }
                tally.finish(5)
            };
            proptest::prop_assert_eq!(all(cut), all(60));
        }
    }
}
