//! How hard items are: for those who answered, by their errors and their time; and beside a second difficulty, in quadrants by medians.

use super::correlation::Correlation;

/// Seconds below which nobody has read anything.
pub const FASTEST_S: f64 = 0.2;
/// A time is too long above median + this many MAD.
pub const SLOWEST_MAD: f64 = 5.0;
/// Respondents of an item from which it is correlated with the rest.
pub const LEAST_RESPONDENTS: usize = 5;

/// Classical difficulty b = ln((1 − p)/p) of an item that `n_right` of `n` answered rightly; where all or nobody did, half an answer is added to
/// both counts. `None` without an answer.
pub fn classical(n_right: usize, n: usize) -> Option<f64> {
    let (right, wrong) = (n_right as f64, n.checked_sub(n_right)? as f64);
    let more = if n_right == 0 || n_right == n { 0.5 } else { 0.0 };
    (n > 0).then(|| ((wrong + more) / (right + more)).ln())
}

/// Correlation of an item with the rest: Pearson's r over respondents between a right answer and the share of their other answers that are right.
/// `answers` are (item, rater, right), of one rater and item at most one; `None` for an item that all or nobody answered rightly, and with fewer
/// than five respondents who answered something else.
pub fn item_rest(answers: &[(u32, u32, bool)], n_items: usize, n_raters: usize) -> Vec<Option<f64>> {
    let mut totals = vec![(0.0, 0.0); n_raters];
    let mut of_item: Vec<Vec<(f64, u32)>> = vec![Vec::new(); n_items];
    for &(item, rater, right) in answers {
        let right = f64::from(u8::from(right));
        let total = &mut totals[rater as usize];
        *total = (total.0 + right, total.1 + 1.0);
        of_item[item as usize].push((right, rater));
    }
    let of = |own: &Vec<(f64, u32)>| {
        let pairs = own.iter().filter_map(|&(right, rater)| {
            let (sum, n) = totals[rater as usize];
            (n > 1.0).then(|| (right, (sum - right) / (n - 1.0)))
        });
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.unzip();
        (x.len() >= LEAST_RESPONDENTS).then(|| Correlation::Pearson.of(&x, &y).ok())?
    };
    of_item.iter().map(of).collect()
}

/// Which times are believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The times that are left, as ln s; `None` where one is dropped, or not known.
    pub log: Vec<Option<f64>>,
    /// Dropped because they are below [`FASTEST_S`].
    pub n_fast: usize,
    /// Dropped because they are above the limit.
    pub n_slow: usize,
    /// The limit, in seconds; `None` without a time, and where half of the times are the same.
    pub slowest_s: Option<f64>,
}

/// Drops times (in seconds) below 0.2 and above median + 5 MAD of all times (no limit above where the MAD is 0).
pub fn believed(times_s: &[Option<f64>]) -> Times {
    let mut known: Vec<f64> = times_s.iter().flatten().copied().collect();
    let slowest_s = median(&mut known).and_then(|middle| {
        let mut away: Vec<f64> = known.iter().map(|t| (t - middle).abs()).collect();
        Some(middle + SLOWEST_MAD * median(&mut away).filter(|&mad| mad > 0.0)?)
    });
    let (mut n_fast, mut n_slow) = (0, 0);
    let log = times_s.iter().map(|time| {
        let time = (*time)?;
        if time < FASTEST_S {
            n_fast += 1;
            return None;
        }
        if slowest_s.is_some_and(|most| time > most) {
            n_slow += 1;
            return None;
        }
        Some(time.ln())
    });
    let log = log.collect();
    Times { log, n_fast, n_slow, slowest_s }
}

/// The median, `None` of nothing; sorts them.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| f64::midpoint(values[(n - 1) / 2], values[n / 2]))
}

/// What is hard: above the median. Where nothing is (most are as hard as can be), what is at it and above the least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The median.
    pub median: f64,
    /// Whether the median itself is hard.
    pub with_median: bool,
}

impl Split {
    /// Of difficulties; `None` where all are the same.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        let median = median(&mut sorted)?;
        let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
        (least < most).then_some(Self { median, with_median: median == most })
    }

    /// Whether `value` is hard.
    pub fn is_hard(&self, value: f64) -> bool {
        value > self.median || (self.with_median && value == self.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classical_difficulty_by_hand() {
        assert!((classical(3, 4).unwrap() + 3.0_f64.ln()).abs() < 1e-12);
        assert!((classical(4, 4).unwrap() - (0.5_f64 / 4.5).ln()).abs() < 1e-12);
        assert!((classical(0, 4).unwrap() - (4.5_f64 / 0.5).ln()).abs() < 1e-12);
        assert_eq!((classical(2, 4), classical(0, 0), classical(2, 1)), (Some(0.0), None, None));
    }

    #[test]
    fn an_item_is_held_against_the_rest_without_itself() {
        // Six respondents, three items: the first goes with the second, the third is all right.
        let mut answers = Vec::new();
        for rater in 0..6 {
            answers.extend([(0, rater, rater < 3), (1, rater, rater < 3), (2, rater, true)]);
        }
        let found = item_rest(&answers, 4, 6);
        assert!((found[0].unwrap() - 1.0).abs() < 1e-12);
        assert_eq!((found[2], found[3]), (None, None));
        assert_eq!(item_rest(&answers[..9], 4, 6), [None; 4], "too few respondents");
    }

    /// Median 2, MAD 1: the limit is 7 s.
    #[test]
    fn times_too_short_and_too_long_are_dropped_and_counted() {
        let times = [Some(1.0), Some(2.0), Some(3.0), Some(0.1), Some(7.5), None, Some(2.0)];
        let found = believed(&times);
        assert_eq!(found.slowest_s, Some(7.0));
        assert_eq!((found.n_fast, found.n_slow), (1, 1));
        assert_eq!(found.log.iter().flatten().count(), 4);
        assert_eq!(found.log[1], Some(2.0_f64.ln()));
        assert_eq!(believed(&[None]).slowest_s, None);
        let same = believed(&[Some(1.0), Some(1.0), Some(1.0), Some(90.0)]);
        assert_eq!((same.slowest_s, same.n_slow), (None, 0));
    }

    #[test]
    fn hard_is_above_the_median_or_at_it_where_nothing_is_above() {
        let split = Split::of(&[0.0, 0.0, 0.0, 1.0]).unwrap();
        assert!(split.is_hard(1.0) && !split.is_hard(0.0));
        let split = Split::of(&[1.0, 1.0, 1.0, 0.0]).unwrap();
        assert!(split.is_hard(1.0) && !split.is_hard(0.0));
        assert_eq!((Split::of(&[1.0, 1.0]), Split::of(&[])), (None, None));
    }
}
