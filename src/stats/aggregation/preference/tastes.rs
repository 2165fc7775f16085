//! One taste or several? Pooling Bradley–Terry over raters who want different things estimates what nobody holds.
//!
//! - Known groups: LR = 2 (Σ log L of each group's fit − log L of the pooled), (G − 1)(K − 1) degrees of freedom. Where raters
//!   compare more than once their choices hang together, and p comes from giving raters groups at random.
//! - Unknown groups: mixtures of 1 to C tastes by expectation maximisation over *raters*, compared by
//!   BIC = −2 log L + parameters × ln(comparisons).

use rayon::prelude::*;

use super::super::random::Stream;
use super::super::softmax::normalise;
use super::bradley_terry::{log_beats, log_likelihood, maximise};
use super::fit_test::chi_squared_above;
use super::{Comparison, Outcome, Pair, Pairs};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Rounds of one fit, and wins that keep those of random groups finite.
const ROUNDS: usize = 20_000;
const RANDOM_ROUNDS: usize = 1000;
const RANDOM_PRIOR: f64 = 1e-3;
/// Wins of the prior in each direction of every pair that a taste may have seen.
const MIXTURE_PRIOR: f64 = 0.1;
/// Gain per comparison that ends a mixture's rounds, the most rounds, rounds of worths within one, and starts.
const TOLERANCE: f64 = 1e-9;
const MIXTURE_ROUNDS: usize = 2000;
const INNER_ROUNDS: usize = 10;
const STARTS: usize = 10;

/// Whether groups of raters share one taste.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupTest {
    /// Names of the groups, as given, ascending.
    pub groups: Vec<u32>,
    /// θ of each group, in the order of `groups`.
    pub theta: Vec<Vec<f64>>,
    /// θ of all together.
    pub pooled_theta: Vec<f64>,
    /// LR, 0 or more.
    pub likelihood_ratio: f64,
    /// (G − 1)(K − 1).
    pub df: usize,
    /// P of an LR as large if all share one taste, by χ²: takes comparisons for independent.
    pub p: f64,
    /// The same by groups given to raters at random, (1 + at least as large)/(permutations + 1); `None` without
    /// permutations.
    pub p_permuted: Option<f64>,
    /// BIC of the pooled fit and of the separate ones: the smaller is better.
    pub bic: (f64, f64),
}

/// Tests groups. `group_of(rater)` is `None` for raters who take no part.
///
/// Undefined with fewer than two groups, or where a group's comparisons have no finite worths.
pub fn group_test(
    n_options: usize,
    comparisons: &[Comparison],
    group_of: impl Fn(u32) -> Option<u32>,
    permutations: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Result<GroupTest, Undefined>, Cancelled> {
    let by_rater = ByRater::new(n_options, comparisons.iter().filter(|c| group_of(c.rater).is_some()));
    let own: Vec<u32> = by_rater.raters.iter().filter_map(|&r| group_of(r)).collect();
    let mut groups = own.clone();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() < 2 {
        return Ok(Err(Undefined::Because("there are fewer than two groups of raters".to_owned())));
    }
    let index: Vec<usize> = own.iter().map(|g| groups.partition_point(|x| x < g)).collect();
    let pooled = by_rater.pairs(|_| true);
    let separate: Vec<Pairs> = (0..groups.len()).map(|g| by_rater.pairs(|r| index[r] == g)).collect();
    if let Some(reason) = std::iter::once(&pooled).chain(&separate).find_map(|p| p.check().err()) {
        return Ok(Err(reason));
    }
    let fit = |pairs: &Pairs| {
        let (theta, _, _) = maximise(pairs, vec![0.0; n_options], ROUNDS);
        (log_likelihood(pairs, &theta), theta)
    };
    let (pooled_likelihood, pooled_theta) = fit(&pooled);
    let fits: Vec<(f64, Vec<f64>)> = separate.iter().map(fit).collect();
    let separate_likelihood: f64 = fits.iter().map(|f| f.0).sum();
    let likelihood_ratio = (2.0 * (separate_likelihood - pooled_likelihood)).max(0.0);
    let (g, k) = (groups.len(), n_options);
    let df = (g - 1) * (k - 1);

    progress.stage("One taste or several", permutations as u64);
    let larger = (0..permutations)
        .into_par_iter()
        .map(|permutation| {
            progress.check()?;
            let mut shuffled = index.clone();
            Stream::new(seed, permutation as u64).shuffle(&mut shuffled);
            let of = |group: usize| {
                let pairs = by_rater.pairs(|r| shuffled[r] == group);
                let start = pooled_theta.clone();
                let (theta, _, _) = maximise(&pairs.with_prior(RANDOM_PRIOR), start, RANDOM_ROUNDS);
                log_likelihood(&pairs, &theta)
            };
            let likelihood: f64 = (0..g).map(of).sum();
            progress.add(1);
            // The same split in other words has the same LR, up to the prior and the rounds.
            Ok(usize::from(2.0 * (likelihood - pooled_likelihood) >= likelihood_ratio * (1.0 - 1e-3)))
        })
        .collect::<Result<Vec<usize>, Cancelled>>()?;
    let log_n = pooled.total().ln();
    Ok(Ok(GroupTest {
        groups,
        theta: fits.into_iter().map(|f| f.1).collect(),
        pooled_theta,
        likelihood_ratio,
        df,
        p: chi_squared_above(likelihood_ratio, df),
        p_permuted: (permutations > 0)
            .then(|| (1 + larger.iter().sum::<usize>()) as f64 / (permutations + 1) as f64),
        bic: (
            (k - 1) as f64 * log_n - 2.0 * pooled_likelihood,
            (g * (k - 1)) as f64 * log_n - 2.0 * separate_likelihood,
        ),
    }))
}

/// A mixture of tastes.
#[derive(Debug, Clone, PartialEq)]
pub struct TasteMixture {
    /// Share of raters of each taste, the largest first; sums to 1.
    pub share: Vec<f64>,
    /// θ of each taste.
    pub theta: Vec<Vec<f64>>,
    /// Raters with comparisons, ascending.
    pub raters: Vec<u32>,
    /// P(taste) of each rater, raters × tastes, row-major. Below 0.8 it says little.
    pub posterior: Vec<f64>,
    /// Without the prior, natural logarithm.
    pub log_likelihood: f64,
    /// −2 log L + (C (K − 1) + C − 1) ln(comparisons): the smallest is best.
    pub bic: f64,
    /// Rounds of the start that was kept.
    pub iterations: usize,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
}

/// Fits mixtures of 1 to `max_tastes` tastes, each from ten random starts; no more tastes than raters.
///
/// Undefined without comparisons, and where some options were never compared, even through others.
pub fn taste_mixtures(
    n_options: usize,
    comparisons: &[Comparison],
    max_tastes: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Vec<TasteMixture>, Undefined>, Cancelled> {
    let by_rater = ByRater::new(n_options, comparisons);
    if let Err(reason) = by_rater.pairs(|_| true).with_prior(MIXTURE_PRIOR).check() {
        return Ok(Err(reason));
    }
    let most = max_tastes.clamp(1, by_rater.raters.len());
    progress.stage("Mixtures of tastes", (most * STARTS) as u64);
    let mut mixtures = Vec::with_capacity(most);
    for tastes in 1..=most {
        let starts = if tastes == 1 { 1 } else { STARTS };
        let fits = (0..starts)
            .into_par_iter()
            .map(|start| by_rater.mixture(tastes, seed, start as u64, progress))
            .collect::<Result<Vec<_>, Cancelled>>()?;
        let mut kept: Option<TasteMixture> = None;
        for fit in fits {
            if kept.as_ref().is_none_or(|k| fit.log_likelihood > k.log_likelihood) {
                kept = Some(fit);
            }
        }
        mixtures.extend(kept);
    }
    Ok(Ok(mixtures))
}

/// Comparisons of the set, by rater.
struct ByRater {
    n_options: usize,
    raters: Vec<u32>,
    /// Pairs of each rater, in the order of `raters`.
    own: Vec<Pairs>,
}

impl ByRater {
    fn new<'a>(n_options: usize, comparisons: impl IntoIterator<Item = &'a Comparison>) -> Self {
        let in_set = |c: &&Comparison| c.left != c.right && (c.left.max(c.right) as usize) < n_options;
        let mut rows: Vec<Comparison> = comparisons.into_iter().filter(in_set).copied().collect();
        rows.sort_by_key(|c| c.rater);
        let runs = || rows.chunk_by(|a, b| a.rater == b.rater);
        Self {
            n_options,
            raters: runs().map(|r| r[0].rater).collect(),
            own: runs().map(|r| Pairs::new(n_options, r)).collect(),
        }
    }

    /// Pairs of the raters that are wanted, by their place.
    fn pairs(&self, wanted: impl Fn(usize) -> bool) -> Pairs {
        self.weighted(|r| f64::from(u8::from(wanted(r))))
    }

    fn weighted(&self, weight: impl Fn(usize) -> f64) -> Pairs {
        let rows = self.own.iter().enumerate().flat_map(|(r, pairs)| {
            let weight = weight(r);
            pairs.as_slice().iter().flat_map(move |p| p.counted(weight))
        });
        Pairs::weighted(self.n_options, rows.filter(|(_, w)| *w > 0.0))
    }

    fn mixture(
        &self,
        tastes: usize,
        seed: u64,
        start: u64,
        progress: &Progress,
    ) -> Result<TasteMixture, Cancelled> {
        let n = self.raters.len();
        let all = self.pairs(|_| true);
        let total = all.total();
        // Every taste has the prior of all pairs, so that worths stay finite for those that its raters never met.
        let prior = |pairs: Pairs| pairs.with_wins_on(&all, MIXTURE_PRIOR);
        let mut stream = Stream::new(seed, ((tastes as u64) << 32) + start);
        let mut posterior = vec![1.0; n * tastes];
        for row in posterior.chunks_exact_mut(tastes) {
            row.iter_mut().for_each(|p| *p = -(1.0 - stream.uniform()).ln() + 1e-3);
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= sum);
        }
        let mut theta = vec![vec![0.0; self.n_options]; tastes];
        let mut share = vec![0.0; tastes];
        let (mut last, mut iterations, mut converged) = (f64::NEG_INFINITY, 0, false);
        let mut likelihood = f64::NEG_INFINITY;
        while iterations < MIXTURE_ROUNDS && !converged {
            progress.check()?;
            iterations += 1;
            for (taste, (theta, share)) in theta.iter_mut().zip(&mut share).enumerate() {
                let pairs = prior(self.weighted(|r| posterior[r * tastes + taste]));
                *theta = maximise(&pairs, std::mem::take(theta), INNER_ROUNDS).0;
                *share = (0..n).map(|r| posterior[r * tastes + taste]).sum::<f64>() / n as f64;
            }
            likelihood = 0.0;
            for (pairs, row) in self.own.iter().zip(posterior.chunks_exact_mut(tastes)) {
                for ((p, theta), share) in row.iter_mut().zip(&theta).zip(&share) {
                    *p = share.ln() + log_likelihood(pairs, theta);
                }
                likelihood += normalise(row);
            }
            let penalty: f64 = theta.iter().map(|t| prior_term(&all, t)).sum();
            let next = likelihood + penalty;
            converged = next - last < TOLERANCE * total;
            last = next;
        }
        progress.add(1);
        let mut order: Vec<usize> = (0..tastes).collect();
        order.sort_by(|&a, &b| share[b].total_cmp(&share[a]));
        let parameters = tastes * (self.n_options - 1) + tastes - 1;
        Ok(TasteMixture {
            share: order.iter().map(|&t| share[t]).collect(),
            theta: order.iter().map(|&t| theta[t].clone()).collect(),
            raters: self.raters.clone(),
            posterior: posterior.chunks_exact(tastes).flat_map(|row| order.iter().map(|&t| row[t])).collect(),
            log_likelihood: likelihood,
            bic: parameters as f64 * total.ln() - 2.0 * likelihood,
            iterations,
            converged,
        })
    }
}

fn prior_term(all: &Pairs, theta: &[f64]) -> f64 {
    let of = |p: &Pair| {
        let (i, j) = (theta[p.first as usize], theta[p.second as usize]);
        MIXTURE_PRIOR * (log_beats(i, j) + log_beats(j, i))
    };
    all.as_slice().iter().map(of).sum()
}

impl Pair {
    /// The pair as comparisons with weights.
    fn counted(&self, weight: f64) -> [(Comparison, f64); 3] {
        let of = |outcome, n: f64| {
            (Comparison { left: self.first, right: self.second, outcome, rater: 0 }, n * weight)
        };
        [
            of(Outcome::Left, self.wins_first),
            of(Outcome::Right, self.wins_second),
            of(Outcome::Tie, self.ties),
        ]
    }
}

impl Pairs {
    /// The same with `wins` more in each direction of every pair of `others`.
    fn with_wins_on(self, others: &Self, wins: f64) -> Self {
        let own = self.pairs.iter().flat_map(|p| p.counted(1.0));
        let more = others
            .pairs
            .iter()
            .flat_map(|p| Pair { wins_first: wins, wins_second: wins, ties: 0.0, ..*p }.counted(1.0));
        Self::weighted(self.n_options, own.chain(more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups with opposite tastes; `raters` to each.
    fn opposites(raters: u32, times: usize) -> Vec<Comparison> {
        let mut rows = Vec::new();
        for rater in 0..2 * raters {
            for (a, b, wins, losses) in [(0, 1, 5, 1), (0, 2, 5, 1), (1, 2, 4, 2)] {
                let (wins, losses) = if rater < raters { (wins, losses) } else { (losses, wins) };
                let one = |outcome| Comparison { left: a, right: b, outcome, rater };
                rows.extend(std::iter::repeat_n(one(Outcome::Left), wins * times));
                rows.extend(std::iter::repeat_n(one(Outcome::Right), losses * times));
            }
        }
        rows
    }

    #[test]
    fn opposite_tastes_pool_to_nothing() {
        let rows = opposites(1, 1);
        let found = group_test(3, &rows, Some, 0, 0, &Progress::new()).unwrap().unwrap();
        let near = |x: f64, y: f64, tol: f64| assert!((x - y).abs() < tol, "{x} {y}");
        for (theta, expected) in found.theta[0].iter().zip([1.088_705, -0.277_894, -0.810_811]) {
            near(*theta, expected, 5e-7);
        }
        found.pooled_theta.iter().for_each(|&t| near(t, 0.0, 1e-9));
        near(found.likelihood_ratio, 12.698_642, 5e-7);
        assert_eq!((found.df, found.p_permuted), (2, None));
        near(found.p, 0.001_748, 5e-7);
        near(found.bic.0, 57.07, 5e-3);
        near(found.bic.1, 51.54, 5e-3);
    }

    #[test]
    fn random_groups_explain_less_than_true_ones() {
        let rows = opposites(6, 1);
        let group = |rater: u32| Some(u32::from(rater < 6));
        let found = group_test(3, &rows, group, 199, 0, &Progress::new()).unwrap().unwrap();
        assert!(found.p_permuted.unwrap() < 0.02, "{found:?}");
        let parity = |rater: u32| Some(rater % 2);
        let found = group_test(3, &rows, parity, 199, 0, &Progress::new()).unwrap().unwrap();
        assert!(found.p_permuted.unwrap() > 0.5, "{found:?}");
    }

    #[test]
    fn a_mixture_finds_both_tastes() {
        let rows = opposites(5, 2);
        let found = taste_mixtures(3, &rows, 3, 0, &Progress::new()).unwrap().unwrap();
        let best = found.iter().enumerate().min_by(|a, b| a.1.bic.total_cmp(&b.1.bic)).unwrap().0;
        assert_eq!(best, 1, "two tastes: {:?}", found.iter().map(|m| m.bic).collect::<Vec<_>>());
        let two = &found[1];
        let first = |rater: usize| two.posterior[rater * 2] > 0.5;
        assert!((0..5).all(|r| first(r) == first(0)) && (5..10).all(|r| first(r) != first(0)));
        assert!((two.share.iter().sum::<f64>() - 1.0).abs() < 1e-9 && two.converged);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let again = pool.install(|| taste_mixtures(3, &rows, 3, 0, &Progress::new()));
        assert_eq!(again.unwrap().unwrap(), found);
    }

    #[test]
    fn degenerate_inputs_say_why() {
        let p = Progress::new();
        let rows = opposites(1, 1);
        assert!(group_test(3, &rows, |_| Some(1), 9, 0, &p).unwrap().is_err());
        assert!(group_test(3, &rows, |_| None, 9, 0, &p).unwrap().is_err());
        assert!(taste_mixtures(4, &rows, 2, 0, &p).unwrap().is_err(), "one option was never compared");
        assert_eq!(
            taste_mixtures(3, &rows, 9, 0, &p).unwrap().unwrap().len(),
            2,
            "no more tastes than raters"
        );
    }
}
