//! When majority vote is as good as any rule: the certificate (after Aljaafari et al., *The majority vote paradigm
//! shift*, and a derivation of its own for several labels and raters that differ).
//!
//! Given a prior π over labels and raters who err independently, the best rule takes the most probable label under all
//! votes (MAP). Plurality is that rule exactly if no reachable set of votes with a strict winner lets another label be
//! more probable. With one coin a rater, error ε and weight w = ln((1 − ε)(K − 1)/ε):
//!
//! - *equal raters*: d w ≥ ln(π_max/π_min), d the least lead that n votes can give: 2 for two labels and an even n, and
//!   for two votes; else 1. With two labels and an odd n that is ε ≤ min(π, 1 − π), whatever n;
//! - *unequal raters*: the worst winner has the c smallest weights, the worst loser the largest of the rest that leave
//!   it behind; the *margin* is the least difference over all c, less ln(π_max/π_min). With two labels, an odd n and no
//!   weight below 0 it is Σ of the (n + 1)/2 smallest weights − Σ of the others − |ln(π/(1 − π))|;
//! - *two coins a rater* (two labels; a = P(1 | 1), b = P(0 | 0)): u = ln(a/(1 − b)), v = ln(b/(1 − a)),
//!   s = u + v, c₀ = ln(π/(1 − π)) − Σ v: c₀ + Σ of the smallest s of a majority ≥ 0 and c₀ + Σ of the largest s of a
//!   minority ≤ 0.
//!
//! A margin of 0 or more certifies. It says that no rule can do better *under the model*: independent errors, and these
//! parameters. It does not say that labels are right. Tied items are outside: there, MAP can only gain.
//!
//! Parameters come from [`one_coin`], shared and a rater; items are resampled for intervals, and what is certified is
//! so in the whole 95 % interval.

use super::em::{StoppingRule, best};
use super::random::Stream;
use super::{Layout, OneCoin, OneCoinOptions, one_coin};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Rounding that a margin of exactly 0 may suffer.
const ROUNDING: f64 = 1e-12;

/// ln((1 − ε)(K − 1)/ε): what a vote of a rater with error ε weighs. Infinite at ε = 0.
pub fn coin_weight(error: f64, n_labels: usize) -> f64 {
    ((1.0 - error) * (n_labels.max(2) - 1) as f64 / error).ln()
}

/// ln(π_max/π_min): the most that the prior can say against a winner. Labels without a share take no part: nobody gives
/// them, and no rule would.
pub fn prior_reach(prior: &[f64]) -> f64 {
    let shares = || prior.iter().copied().filter(|&p| p > 0.0);
    let (min, max) = shares().fold((f64::INFINITY, 0.0_f64), |(min, max), p| (min.min(p), max.max(p)));
    if max > 0.0 { (max / min).ln() } else { 0.0 }
}

/// Margin for `n_votes` raters with the same error: least lead × weight − reach of the prior. `None` without a vote.
pub fn equal_coins_margin(error: f64, prior: &[f64], n_votes: usize) -> Option<f64> {
    let k = prior.len();
    let lead = match (n_votes, k) {
        (0, _) | (_, 0) => return None,
        (2, _) => 2.0,
        (n, 2) if n % 2 == 0 => 2.0,
        _ => 1.0,
    };
    let weight = coin_weight(error, k);
    // A winner of raters worse than chance is worst where the lead is all of the votes.
    let lead = if weight < 0.0 { n_votes as f64 } else { lead };
    Some(lead * weight - prior_reach(prior))
}

/// Margin for raters with weights of their own (see [`coin_weight`]); sorts them. `None` without a rater.
pub fn coins_margin(weights: &mut [f64], prior: &[f64]) -> Option<f64> {
    let (n, k) = (weights.len(), prior.len());
    if n == 0 || k < 2 {
        return None;
    }
    weights.sort_unstable_by(f64::total_cmp);
    let helpful = weights.iter().filter(|&&w| w >= 0.0).count();
    let prefix: Vec<f64> = std::iter::once(0.0)
        .chain(weights.iter().scan(0.0, |sum, w| {
            *sum += w;
            Some(*sum)
        }))
        .collect();
    let mut margin = f64::INFINITY;
    for winner in n.div_ceil(k)..=n {
        // The other labels have fewer votes each, and there are k − 2 of them beside the loser.
        let rest = n - winner;
        let (most, elsewhere) = (rest.min(winner - 1), (k - 2).saturating_mul(winner - 1));
        let least = rest.saturating_sub(elsewhere);
        if least > most {
            continue;
        }
        let loser = helpful.clamp(least, most);
        margin = margin.min(prefix[winner] - (prefix[n] - prefix[n - loser]));
    }
    Some(margin - prior_reach(prior))
}

/// Margin for two labels and raters with two coins each, (P(1 | 1), P(0 | 0)), and share `prior` of label 1: the
/// smaller of what either label keeps ahead. `None` without a rater.
pub fn two_coins_margin(coins: &[(f64, f64)], prior: f64) -> Option<f64> {
    let n = coins.len();
    if n == 0 {
        return None;
    }
    let mut start = (prior / (1.0 - prior)).ln();
    let mut gains = Vec::with_capacity(n);
    for &(a, b) in coins {
        let (u, v) = ((a / (1.0 - b)).ln(), (b / (1.0 - a)).ln());
        start -= v;
        gains.push(u + v);
    }
    gains.sort_unstable_by(f64::total_cmp);
    let majority = n / 2 + 1;
    let mut sum = start;
    let mut margin = f64::INFINITY;
    // Label 1 wins with the votes that say least for it…
    for (votes, gain) in (1..).zip(&gains) {
        sum += gain;
        if votes >= majority {
            margin = margin.min(sum);
        }
    }
    // …and loses with those that say most.
    let mut sum = start;
    margin = margin.min(-sum);
    for gain in gains.iter().rev().take(n - majority) {
        sum += gain;
        margin = margin.min(-sum);
    }
    Some(margin)
}

/// How [`certify`] estimates.
#[derive(Debug, Clone, Copy)]
pub struct CertifyOptions<'a> {
    /// Resamples of items; 0 leaves the point estimates to decide.
    pub replicates: usize,
    /// Seed of the resamples.
    pub seed: u64,
    /// When each fit stops.
    pub rule: StoppingRule,
    /// Trusted labels, one an item, to count who was right; they do not enter the estimates.
    pub gold: Option<&'a [LabelId]>,
}

impl Default for CertifyOptions<'_> {
    fn default() -> Self {
        Self { replicates: 200, seed: 0, rule: StoppingRule::default(), gold: None }
    }
}

/// The certificate for all items under equal raters.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalCertificate {
    /// ε: the one error that all raters share.
    pub error: f64,
    /// 95 % percentile interval of ε over resamples; `None` without them.
    pub error_interval: Option<(f64, f64)>,
    /// π: share of each label.
    pub prior: Vec<f64>,
    /// Margin at a lead of one vote.
    pub margin: f64,
    /// 95 % percentile interval of the margin; `None` without resamples.
    pub margin_interval: Option<(f64, f64)>,
    /// Whether the margin is not below 0, in the whole interval.
    pub certified: bool,
}

/// Who was right, against gold labels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Verdicts {
    /// Items that count.
    pub items: usize,
    /// Of those with a gold label, where majority vote is right. A tie counts 1/t where gold is one of t.
    pub majority_right: f64,
    /// Of those with a gold label, where weighted MAP is right.
    pub map_right: f64,
    /// Items with a gold label.
    pub with_gold: usize,
}

/// What can be said about majority vote on this data.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Under equal raters.
    pub global: GlobalCertificate,
    /// Under raters of their own: the margin of each item's raters; `None` without votes. Depends on who voted, not
    /// on how.
    pub margin: Vec<Option<f64>>,
    /// Whether the item's margin is not below 0, in at least 97.5 % of the resamples too.
    pub certified: Vec<bool>,
    /// Error of each rater; `None` without annotations.
    pub error: Vec<Option<f64>>,
    /// Raters who are worse than chance, ascending.
    pub worse_than_chance: Vec<usize>,
    /// Items with a strict winner whom weighted MAP overrules.
    pub overruled: Verdicts,
    /// Items whose votes tie, which MAP resolves.
    pub ties: Verdicts,
    /// All items with votes.
    pub all: Verdicts,
}

impl Certificate {
    /// Number of items that are certified under raters of their own.
    pub fn n_certified(&self) -> usize {
        self.certified.iter().filter(|&&c| c).count()
    }
}

/// Estimates the parameters and certifies. Undefined as [`one_coin`].
pub fn certify(
    layout: &Layout,
    options: CertifyOptions,
    progress: &Progress,
) -> Result<Result<Certificate, Undefined>, Cancelled> {
    let fit = |layout: &Layout, shared: bool| {
        // The stage of the whole keeps its name: the fits report to nobody.
        progress.check()?;
        one_coin(layout, OneCoinOptions { rule: options.rule, shared, gold: None }, &Progress::new())
    };
    progress.stage("Majority-vote certificate", options.replicates as u64 + 1);
    let (shared, own) = match (fit(layout, true)?, fit(layout, false)?) {
        (Ok(shared), Ok(own)) => (shared, own),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
    };
    let errors: Vec<Option<f64>> = own.accuracy.iter().map(|a| a.map(|a| 1.0 - a)).collect();
    let margin = margins(layout, &errors, &own.prior);
    let (error, global_margin) = global(&shared);
    progress.add(1);

    let voted: Vec<usize> = (0..layout.n_items()).filter(|&i| !layout.votes(i).is_empty()).collect();
    let (mut error_draws, mut margin_draws) = (Vec::new(), Vec::new());
    let mut held = vec![0_u32; layout.n_items()];
    for replicate in 0..options.replicates {
        let mut stream = Stream::new(options.seed, replicate as u64);
        let drawn: Vec<usize> = voted.iter().map(|_| voted[stream.below(voted.len())]).collect();
        let sample = layout.of_items(&drawn);
        if let (Ok(shared), Ok(own)) = (fit(&sample, true)?, fit(&sample, false)?) {
            let (error, margin) = global(&shared);
            error_draws.push(error);
            margin_draws.push(margin);
            // A rater who was not drawn keeps the estimate from all.
            let own_errors: Vec<Option<f64>> =
                own.accuracy.iter().zip(&errors).map(|(a, all)| a.map(|a| 1.0 - a).or(*all)).collect();
            for (held, margin) in held.iter_mut().zip(margins(layout, &own_errors, &own.prior)) {
                *held += u32::from(margin.is_some_and(|m| m >= -ROUNDING));
            }
        }
        progress.add(1);
    }
    let needed = 0.975 * error_draws.len() as f64;
    let certified = margin
        .iter()
        .zip(&held)
        .map(|(m, &held)| m.is_some_and(|m| m >= -ROUNDING) && f64::from(held) >= needed)
        .collect();
    let margin_interval = interval(&mut margin_draws);
    let lower = margin_interval.map_or(global_margin, |(low, _)| low.min(global_margin));
    let [overruled, ties, all] = verdicts(layout, &own, options.gold);
    Ok(Ok(Certificate {
        global: GlobalCertificate {
            error,
            error_interval: interval(&mut error_draws),
            prior: shared.prior,
            margin: global_margin,
            margin_interval,
            certified: lower >= -ROUNDING,
        },
        worse_than_chance: worse_than_chance(&errors, layout.n_labels()),
        margin,
        certified,
        error: errors,
        overruled,
        ties,
        all,
    }))
}

fn worse_than_chance(errors: &[Option<f64>], k: usize) -> Vec<usize> {
    let worse = |e: &Option<f64>| e.is_some_and(|e| coin_weight(e, k) < 0.0);
    (0..errors.len()).filter(|&w| worse(&errors[w])).collect()
}

fn global(shared: &OneCoin) -> (f64, f64) {
    let error = 1.0 - shared.accuracy.iter().copied().flatten().next().unwrap_or(1.0);
    (error, coin_weight(error, shared.prior.len()) - prior_reach(&shared.prior))
}

fn margins(layout: &Layout, errors: &[Option<f64>], prior: &[f64]) -> Vec<Option<f64>> {
    let k = layout.n_labels();
    let weights: Vec<f64> = errors.iter().map(|e| e.map_or(0.0, |e| coin_weight(e, k))).collect();
    let mut own = Vec::new();
    let of = |item| {
        own.clear();
        own.extend(layout.votes(item).iter().map(|v| weights[v.rater as usize]));
        coins_margin(&mut own, prior)
    };
    (0..layout.n_items()).map(of).collect()
}

/// 2.5 % and 97.5 % points, interpolated.
fn interval(draws: &mut [f64]) -> Option<(f64, f64)> {
    if draws.is_empty() {
        return None;
    }
    draws.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (draws.len() - 1) as f64;
        let (low, high) = (draws[place.floor() as usize], draws[place.ceil() as usize]);
        // Infinite ones have no difference.
        if low == high { low } else { low + (high - low) * place.fract() }
    };
    Some((at(0.025), at(0.975)))
}

fn verdicts(layout: &Layout, own: &OneCoin, gold: Option<&[LabelId]>) -> [Verdicts; 3] {
    let k = layout.n_labels();
    let [mut overruled, mut ties, mut all] = [Verdicts::default(); 3];
    let mut counts = vec![0_u32; k];
    for item in (0..layout.n_items()).filter(|&i| !layout.votes(i).is_empty()) {
        counts.fill(0);
        layout.votes(item).iter().for_each(|v| counts[v.label as usize] += 1);
        let most = counts.iter().copied().max().unwrap_or(0);
        let winners = counts.iter().filter(|&&c| c == most).count();
        let map = best(&own.posterior[item * k..(item + 1) * k]) as usize;
        let gold = gold.and_then(|g| g.get(item).copied()).filter(|&g| g != NO_LABEL).map(|g| g as usize);
        let majority_right =
            gold.map_or(0.0, |g| f64::from(u8::from(counts.get(g) == Some(&most))) / winners as f64);
        let count = |v: &mut Verdicts| {
            v.items += 1;
            v.with_gold += usize::from(gold.is_some());
            v.majority_right += majority_right;
            v.map_right += f64::from(u8::from(gold == Some(map)));
        };
        count(&mut all);
        if winners > 1 {
            count(&mut ties);
        } else if counts[map] != most {
            count(&mut overruled);
        }
    }
    [overruled, ties, all]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the winner of every strict plurality is a most probable label.
    fn plurality_is_best(
        n: usize,
        prior: &[f64],
        log_likelihood: impl Fn(usize, usize, usize) -> f64,
    ) -> bool {
        let k = prior.len();
        (0..k.pow(n as u32)).all(|code| {
            let votes: Vec<usize> = (0..n).map(|j| code / k.pow(j as u32) % k).collect();
            let count = |c: usize| votes.iter().filter(|&&v| v == c).count();
            let Some(winner) = (0..k).find(|&c| (0..k).all(|d| d == c || count(c) > count(d))) else {
                return true;
            };
            let score = |c: usize| {
                prior[c].ln() + votes.iter().enumerate().map(|(j, &v)| log_likelihood(j, v, c)).sum::<f64>()
            };
            (0..k).all(|c| score(winner) >= score(c) - 1e-9)
        })
    }

    fn coin(error: f64, k: usize, said: usize, truth: usize) -> f64 {
        if said == truth { (1.0 - error).ln() } else { (error / (k - 1) as f64).ln() }
    }

    #[test]
    fn worked_margins() {
        let margin = |errors: &[f64], prior: f64| {
            let mut weights: Vec<f64> = errors.iter().map(|&e| coin_weight(e, 2)).collect();
            coins_margin(&mut weights, &[1.0 - prior, prior]).unwrap()
        };
        assert!((margin(&[0.1, 0.2, 0.3], 0.5) - 0.0364).abs() < 5e-5);
        assert!(margin(&[0.1, 0.2, 0.3], 0.6) < 0.0);
        assert!((margin(&[0.05, 0.4, 0.4], 0.5) + 2.1335).abs() < 5e-5);
        let equal = |prior: f64| equal_coins_margin(0.3, &[prior, 1.0 - prior], 3).unwrap();
        assert!(equal(0.2) < 0.0 && equal(0.3).abs() < 1e-12 && equal(0.31) > 0.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn coins_are_certified_exactly_where_nothing_beats_plurality(
            errors in prop::collection::vec(0.02..0.7_f64, 1..6),
            shares in prop::collection::vec(0.2..1.0_f64, 2..4),
        ) {
            let total: f64 = shares.iter().sum();
            let prior: Vec<f64> = shares.iter().map(|s| s / total).collect();
            let k = prior.len();
            let mut weights: Vec<f64> = errors.iter().map(|&e| coin_weight(e, k)).collect();
            let margin = coins_margin(&mut weights, &prior).unwrap();
            prop_assume!(margin.abs() > 1e-6);
            let best = plurality_is_best(errors.len(), &prior, |j, said, truth| coin(errors[j], k, said, truth));
            prop_assert!(best || margin < 0.0, "certified, but beaten: {margin}");
            // With several labels the worst prior may belong to labels other than the worst votes.
            prop_assert!(!best || margin > 0.0, "not certified, but never beaten: {margin}");
        }

        #[test]
        fn equal_coins_agree_with_unequal_ones(
            error in 0.02..0.9_f64, n in 1..9_usize, shares in prop::collection::vec(0.2..1.0_f64, 2..5),
        ) {
            let total: f64 = shares.iter().sum();
            let prior: Vec<f64> = shares.iter().map(|s| s / total).collect();
            let mut weights = vec![coin_weight(error, prior.len()); n];
            let (x, y) = (equal_coins_margin(error, &prior, n), coins_margin(&mut weights, &prior));
            prop_assert!((x.unwrap() - y.unwrap()).abs() < 1e-9, "{x:?} {y:?}");
        }

        #[test]
        fn two_coins_are_certified_exactly_where_nothing_beats_the_majority(
            coins in prop::collection::vec((0.3..0.97_f64, 0.3..0.97_f64), 1..6), prior in 0.1..0.9_f64,
        ) {
            let margin = two_coins_margin(&coins, prior).unwrap();
            prop_assume!(margin.abs() > 1e-6);
            let best = plurality_is_best(coins.len(), &[1.0 - prior, prior], |j, said, truth| {
                let (a, b) = coins[j];
                let right = if truth == 1 { a } else { b };
                if said == truth { right.ln() } else { (1.0 - right).ln() }
            });
            prop_assert_eq!(best, margin > 0.0, "{}", margin);
        }
    }
}
