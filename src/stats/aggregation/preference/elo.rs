//! Elo ratings, averaged over orders.
//!
//! Each comparison moves both ratings by K × (points − expected), expected = 1/(1 + 10^((R_j − R_i)/400)). A rating so made
//! depends on the order of the comparisons, which means nothing where they have none; so orders are drawn at random and
//! the median of each option's ratings is taken, with the range that the order alone makes.

use rayon::prelude::*;

use super::super::random::Stream;
use super::{Comparison, Outcome};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Most ratings held at once (options × orders): 512 MB.
const MAX_RATINGS: usize = 1 << 26;

/// How [`elo`] rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EloOptions {
    /// K: the most that one comparison moves a rating.
    pub step: f64,
    /// Rating of everybody at the start.
    pub start: f64,
    /// Difference of ratings at which the odds are 10 to 1.
    pub scale: f64,
    /// Orders drawn; 0 counts as 1.
    pub orders: usize,
    /// Seed of the orders.
    pub seed: u64,
}

impl Default for EloOptions {
    fn default() -> Self {
        Self { step: 4.0, start: 1000.0, scale: 400.0, orders: 1000, seed: 0 }
    }
}

/// Ratings.
#[derive(Debug, Clone, PartialEq)]
pub struct Elo {
    /// Median rating of each option over the orders.
    pub rating: Vec<f64>,
    /// 2.5 % and 97.5 % points over the orders: what the order alone does, not a confidence interval.
    pub by_order: Vec<(f64, f64)>,
}

/// Rates options. Comparisons of an option with itself, or with one from `n_options` on, take no part.
///
/// Undefined without comparisons, for a scale that is not above 0, and beyond 2²⁶ options × orders.
pub fn elo(
    n_options: usize,
    comparisons: &[Comparison],
    options: EloOptions,
    progress: &Progress,
) -> Result<Result<Elo, Undefined>, Cancelled> {
    let in_set = |c: &&Comparison| c.left != c.right && (c.left.max(c.right) as usize) < n_options;
    let rows: Vec<Comparison> = comparisons.iter().filter(in_set).copied().collect();
    let orders = options.orders.max(1);
    if rows.is_empty() {
        return Ok(Err(Undefined::Because("there are no comparisons".to_owned())));
    }
    if options.scale.is_nan() || options.scale <= 0.0 {
        return Ok(Err(Undefined::Because("the scale is above 0".to_owned())));
    }
    if n_options.checked_mul(orders).is_none_or(|n| n > MAX_RATINGS) {
        return Ok(Err(Undefined::Because(format!("{n_options} options × {orders} orders are too many"))));
    }
    progress.stage("Elo", orders as u64);
    let runs = (0..orders)
        .into_par_iter()
        .map(|order| {
            progress.check()?;
            let mut shuffled = rows.clone();
            Stream::new(options.seed, order as u64).shuffle(&mut shuffled);
            progress.add(1);
            Ok(rate(n_options, &shuffled, options))
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let (mut rating, mut by_order) = (Vec::with_capacity(n_options), Vec::with_capacity(n_options));
    let mut own = Vec::with_capacity(orders);
    for option in 0..n_options {
        own.clear();
        own.extend(runs.iter().map(|r| r[option]));
        own.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (own.len() - 1) as f64;
            let (low, high) = (own[place.floor() as usize], own[place.ceil() as usize]);
            low + (high - low) * place.fract()
        };
        rating.push(at(0.5));
        by_order.push((at(0.025), at(0.975)));
    }
    Ok(Ok(Elo { rating, by_order }))
}

fn rate(n_options: usize, rows: &[Comparison], options: EloOptions) -> Vec<f64> {
    let mut ratings = vec![options.start; n_options];
    for c in rows {
        let (i, j) = (c.left as usize, c.right as usize);
        let expected = 1.0 / (1.0 + 10.0_f64.powf((ratings[j] - ratings[i]) / options.scale));
        let points = match c.outcome {
            Outcome::Left => 1.0,
            Outcome::Right => 0.0,
            Outcome::Tie => 0.5,
        };
        let step = options.step * (points - expected);
        ratings[i] += step;
        ratings[j] -= step;
    }
    ratings
}

#[cfg(test)]
mod tests {
    use super::super::tests::wins;
    use super::*;

    #[test]
    fn the_first_win_of_equals_moves_half_a_step() {
        let found = elo(2, &wins(&[(0, 1, 1)]), EloOptions::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!(found.rating, [1002.0, 998.0]);
    }

    /// A ≻ B, B ≻ C, A ~ C.
    #[test]
    fn three_verdicts_in_their_order() {
        let verdict = |left, right, outcome| Comparison { left, right, outcome, rater: 0 };
        let rows = [verdict(0, 1, Outcome::Left), verdict(1, 2, Outcome::Left), verdict(0, 2, Outcome::Tie)];
        let found = rate(3, &rows, EloOptions::default());
        let want = [1001.977, 1000.012, 998.012];
        assert!(found.iter().zip(want).all(|(r, w)| (r - w).abs() < 1e-3), "{found:?}");
    }

    #[test]
    fn the_order_of_the_source_does_not_matter_and_points_are_kept() {
        let rows = wins(&[(0, 1, 9), (1, 0, 4), (1, 2, 8), (2, 0, 2)]);
        let options = EloOptions { orders: 200, ..EloOptions::default() };
        let found = elo(3, &rows, options, &Progress::new()).unwrap().unwrap();
        assert!(found.rating[0] > found.rating[1] && found.rating[1] > found.rating[2]);
        assert!((found.rating.iter().sum::<f64>() - 3000.0).abs() < 1.0);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(pool.install(|| elo(3, &rows, options, &Progress::new())).unwrap().unwrap(), found);
        for (r, (low, high)) in found.rating.iter().zip(&found.by_order) {
            assert!(low <= r && r <= high);
        }
    }

    #[test]
    fn what_cannot_be_rated_says_why() {
        let p = Progress::new();
        assert!(elo(2, &[], EloOptions::default(), &p).unwrap().is_err());
        let rows = wins(&[(0, 1, 1)]);
        assert!(elo(2, &rows, EloOptions { scale: 0.0, ..Default::default() }, &p).unwrap().is_err());
        assert!(elo(2, &rows, EloOptions { orders: usize::MAX, ..Default::default() }, &p).unwrap().is_err());
    }
}
