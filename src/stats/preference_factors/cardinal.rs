//! Do counted wins and added-up strengths name the same winner?
//!
//! Of comparisons of A with B, each with a signed strength d (0 for a tie): W = mean(1[d > 0] + ½ 1[d = 0]) counts, M = mean d adds up. They are in
//! conflict where (W − ½) M < 0: more raters prefer one, but those who prefer the other do so more strongly. How sure that is comes from
//! drawing items anew, or raters, where they come back. Strengths can be divided by each rater's median |d|, since raters use a scale differently.

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::t_975;
use crate::stats::proportion::wilson;
use crate::stats::random::Stream;

/// One comparison of A with B: above 0 where A is preferred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// Which item.
    pub item: u32,
    /// Who.
    pub rater: u32,
    /// How much.
    pub d: f64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both name the same winner.
    Agree,
    /// They name opposite ones, in 95 % of draws or more.
    Conflict,
    /// They name opposite ones, but not in so many draws.
    Unsettled,
    /// One of them names nobody.
    Even,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Agree => "same winner",
            Self::Conflict => "opposite winners",
            Self::Unsettled => "opposite winners, not settled",
            Self::Even => "one names no winner",
        }
    }
}

/// Wins and strengths of A.
#[derive(Debug, Clone, PartialEq)]
pub struct Cardinal {
    /// W with Wilson's interval.
    pub wins: (f64, (f64, f64)),
    /// M with Student's interval, where there are two comparisons.
    pub strength: (f64, Option<(f64, f64)>),
    /// Shares of draws with W > ½, with M < 0, and in conflict.
    pub drawn: (f64, f64, f64),
    /// In a word.
    pub verdict: Verdict,
    /// The strongest comparisons on the side of fewer wins, strongest first: indices into what was given.
    pub drivers: Vec<usize>,
    /// Comparisons that count.
    pub n: usize,
    /// Raters left out, since all of theirs are ties.
    pub n_left_out: usize,
}

const DRAWS: u64 = 10_000;
const DRIVERS: usize = 50;

/// Divides each rater's strengths by the median of their |d| without ties; raters with ties only are left out and counted.
pub fn scaled(all: &[Strength]) -> (Vec<Strength>, usize) {
    let mut by_rater: std::collections::BTreeMap<u32, Vec<f64>> = std::collections::BTreeMap::new();
    for s in all {
        let own = by_rater.entry(s.rater).or_default();
        if s.d != 0.0 {
            own.push(s.d.abs());
        }
    }
    let medians: std::collections::BTreeMap<u32, Option<f64>> = by_rater
        .into_iter()
        .map(|(rater, mut own)| {
            own.sort_unstable_by(f64::total_cmp);
            let n = own.len();
            let median = (n > 0).then(|| f64::midpoint(own[(n - 1) / 2], own[n / 2]));
            (rater, median)
        })
        .collect();
    let out = medians.values().filter(|m| m.is_none()).count();
    let kept = all.iter().filter_map(|s| {
        let median = medians.get(&s.rater).copied().flatten()?;
        Some(Strength { d: s.d / median, ..*s })
    });
    (kept.collect(), out)
}

fn of(sum: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (mut wins, mut strength, mut n) = (0.0, 0.0, 0.0);
    for (d, times) in sum {
        let win = if d > 0.0 {
            1.0
        } else if d == 0.0 {
            0.5
        } else {
            0.0
        };
        wins += times * win;
        strength += times * d;
        n += times;
    }
    (wins / n, strength / n)
}

/// Compares the two ways to name a winner. `per_rater` divides by each rater's use of the scale first.
///
/// Undefined without a comparison, and with a strength that is not finite.
///
/// # Errors
/// If it was cancelled.
pub fn cardinal(
    all: &[Strength],
    per_rater: bool,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Cardinal, Undefined>, Cancelled> {
    if all.iter().any(|s| !s.d.is_finite()) {
        return Ok(Err(Undefined::Because("a strength is not finite".to_owned())));
    }
    let (kept, n_left_out) = if per_rater { scaled(all) } else { (all.to_vec(), 0) };
    let n = kept.len();
    if n == 0 {
        return Ok(Err(Undefined::Because("there is no comparison with a strength".to_owned())));
    }
    let (wins, mean) = of(kept.iter().map(|s| (s.d, 1.0)));
    let variance = kept.iter().map(|s| (s.d - mean).powi(2)).sum::<f64>() / (n.max(2) - 1) as f64;
    let half = t_975(n.max(2) - 1) * (variance / n as f64).sqrt();
    // What is drawn: raters where any comes back, else items.
    let unit = |s: &Strength, raters: bool| if raters { s.rater } else { s.item };
    let mut seen = std::collections::HashSet::new();
    let raters_repeat = kept.iter().any(|s| !seen.insert(s.rater));
    let n_raters = kept.iter().map(|s| s.rater).collect::<std::collections::HashSet<_>>().len();
    let by_raters = raters_repeat && n_raters > 1;
    let mut units: Vec<u32> = kept.iter().map(|s| unit(s, by_raters)).collect();
    units.sort_unstable();
    units.dedup();
    let places: Vec<usize> =
        kept.iter().map(|s| units.binary_search(&unit(s, by_raters)).unwrap_or(0)).collect();
    let draws = (200_000_000 / n as u64).clamp(200, DRAWS);
    let found: Vec<Result<(bool, bool, bool), Cancelled>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut rng = Stream::new(seed, draw);
            let mut times = vec![0.0; units.len()];
            (0..units.len()).for_each(|_| times[rng.below(units.len())] += 1.0);
            let (w, m) = of(kept.iter().zip(&places).map(|(s, &at)| (s.d, times[at])));
            Ok((w > 0.5, m < 0.0, (w - 0.5) * m < 0.0))
        })
        .collect();
    let found: Vec<(bool, bool, bool)> = found.into_iter().collect::<Result<_, _>>()?;
    let share =
        |of: fn(&(bool, bool, bool)) -> bool| found.iter().filter(|d| of(d)).count() as f64 / draws as f64;
    let drawn = (share(|d| d.0), share(|d| d.1), share(|d| d.2));
    let product = (wins - 0.5) * mean;
    let verdict = if product > 0.0 {
        Verdict::Agree
    } else if product < 0.0 {
        if drawn.2 >= 0.95 { Verdict::Conflict } else { Verdict::Unsettled }
    } else {
        Verdict::Even
    };
    let minority = if wins > 0.5 { -1.0 } else { 1.0 };
    let mut drivers: Vec<usize> = (0..all.len()).filter(|&i| all[i].d * minority > 0.0).collect();
    drivers.sort_by(|&a, &b| all[b].d.abs().total_cmp(&all[a].d.abs()));
    drivers.truncate(DRIVERS);
    Ok(Ok(Cardinal {
        wins: (wins, wilson(wins, n as f64, 1.0)),
        strength: (mean, (n > 1).then_some((mean - half, mean + half))),
        drawn,
        verdict,
        drivers,
        n,
        n_left_out,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let d = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -5.0, -6.0, -4.0];
        let all: Vec<Strength> =
            d.iter().enumerate().map(|(i, &d)| Strength { item: i as u32, rater: i as u32, d }).collect();
        let found = cardinal(&all, false, 1, &Progress::new()).unwrap().unwrap();
        let near = |a: f64, b: f64, e: f64| (a - b).abs() < e;
        assert!(
            near(found.wins.0, 0.7, 1e-12)
                && near(found.wins.1.0, 0.397, 5e-4)
                && near(found.wins.1.1, 0.892, 5e-4)
        );
        let (low, high) = found.strength.1.unwrap();
        assert!(
            near(found.strength.0, -0.8, 1e-12) && near(low, -2.90, 5e-3) && near(high, 1.30, 5e-3),
            "{found:?}"
        );
        assert!(near(found.drawn.1, 0.82, 0.02) && near(found.drawn.2, 0.67, 0.02), "{found:?}");
        assert_eq!((found.verdict, found.drivers.as_slice()), (Verdict::Unsettled, &[8, 7, 9][..]));
    }

    #[test]
    fn raters_scales_are_taken_out() {
        let all = [
            Strength { item: 0, rater: 0, d: 100.0 },
            Strength { item: 1, rater: 0, d: -50.0 },
            Strength { item: 0, rater: 1, d: 1.0 },
            Strength { item: 1, rater: 2, d: 0.0 },
        ];
        let (kept, out) = scaled(&all);
        assert_eq!(out, 1);
        assert!(
            (kept[0].d - 100.0 / 75.0).abs() < 1e-12 && (kept[2].d - 1.0).abs() < 1e-12 && kept.len() == 3
        );
        assert!(cardinal(&[], false, 1, &Progress::new()).unwrap().is_err());
        let even = [Strength { item: 0, rater: 0, d: 0.0 }];
        assert_eq!(cardinal(&even, false, 1, &Progress::new()).unwrap().unwrap().verdict, Verdict::Even);
    }
}
