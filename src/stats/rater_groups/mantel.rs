//! Do raters with different profiles disagree more? A correlation over pairs of raters, tested by permuting raters (Mantel 1967).
//!
//! A profile is a list of numbers a rater: answers to a questionnaire on values, say, or the shares of labels that the rater gives. Pairs of raters are
//! not independent, for each rater is in many, so that a t-test over pairs finds too much; it is told for comparison (van der Meer et al. 2023, *Do
//! Differences in Values Influence Disagreements in Online Discussions?*).

use rayon::prelude::*;

use super::Ratings;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::correlation::Correlation;
use crate::stats::random::Stream;
use crate::stats::two_samples::{Sample, TTest, ln_bayes_factor, welch};

/// Most raters: all their pairs are kept.
const MOST_RATERS: usize = 4_000;
/// Most pairs of ratings that are compared.
const MAX_COMPARISONS: u64 = 4_000_000_000;
/// Most permutations.
const MOST_PERMUTATIONS: u32 = 1_000_000;
/// Most permutations × pairs.
const MAX_STEPS: u64 = 40_000_000_000;
/// Pairs of raters that a correlation needs.
const LEAST_PAIRS: usize = 3;

/// How far apart two profiles are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// 1 − cosine.
    Cosine,
    /// 1 − Kendall's τ_b of the two lists, in 0..=2.
    KendallTau,
    /// Σ |u_k/max u − v_k/max v|.
    Absolute,
}

impl Profile {
    /// Of two profiles. Undefined for different lengths, numbers that are not finite, a profile of length 0 (cosine), a largest entry that is not above
    /// 0 (absolute), a constant profile (τ).
    pub fn dissimilarity(self, u: &[f64], v: &[f64]) -> Result<f64, Undefined> {
        let because = |reason: &str| Undefined::Because(reason.to_owned());
        if u.len() != v.len() || u.is_empty() {
            return Err(because("the two profiles have different lengths, or none"));
        }
        if u.iter().chain(v).any(|x| !x.is_finite()) {
            return Err(because("a number of a profile is not finite"));
        }
        match self {
            Self::Cosine => {
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let length = (dot(u, u) * dot(v, v)).sqrt();
                let none = || because("a profile has no length");
                if length > 0.0 { Ok(1.0 - (dot(u, v) / length).clamp(-1.0, 1.0)) } else { Err(none()) }
            }
            Self::KendallTau => Correlation::KendallTauB.of(u, v).map(|tau| 1.0 - tau),
            Self::Absolute => {
                let most = |x: &[f64]| x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let (mu, mv) = (most(u), most(v));
                if mu <= 0.0 || mv <= 0.0 {
                    return Err(because("no entry of a profile is above 0"));
                }
                Ok(u.iter().zip(v).map(|(a, b)| (a / mu - b / mv).abs()).sum())
            }
        }
    }
}

/// A number for each two raters, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct PairMatrix {
    n: usize,
    /// Pairs (0, 1), (0, 2), …, (1, 2), …
    values: Vec<Option<f64>>,
}

impl PairMatrix {
    /// Of `n` raters, from a function of two numbers of raters, the lower first. Undefined for too many raters.
    pub fn new(n: usize, mut of: impl FnMut(usize, usize) -> Option<f64>) -> Result<Self, Undefined> {
        if n > MOST_RATERS {
            return Err(Undefined::Because(format!("{n} raters have too many pairs")));
        }
        let mut values = Vec::with_capacity(n * n.saturating_sub(1) / 2);
        for a in 0..n {
            for b in a + 1..n {
                values.push(of(a, b).filter(|v| v.is_finite()));
            }
        }
        Ok(Self { n, values })
    }

    /// Number of raters.
    pub fn n_raters(&self) -> usize {
        self.n
    }

    /// Of two different raters, in any order.
    pub fn get(&self, a: usize, b: usize) -> Option<f64> {
        let (a, b) = (a.min(b), a.max(b));
        if a == b || b >= self.n { None } else { self.values[place(self.n, a, b)] }
    }
}

fn place(n: usize, a: usize, b: usize) -> usize {
    a * (2 * n - a - 1) / 2 + b - a - 1
}

/// Dissimilarity of each two raters' profiles; none where it is undefined or a rater has no profile.
pub fn profile_dissimilarity(profiles: &[Option<Vec<f64>>], how: Profile) -> Result<PairMatrix, Undefined> {
    PairMatrix::new(profiles.len(), |a, b| {
        how.dissimilarity(profiles[a].as_deref()?, profiles[b].as_deref()?).ok()
    })
}

/// How often each two raters gave the same and different labels to the same item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTally {
    n: usize,
    /// (same, different), in the order of [`PairMatrix`].
    counts: Vec<(u32, u32)>,
}

impl PairTally {
    /// (same, different) of two different raters.
    pub fn get(&self, a: usize, b: usize) -> (u32, u32) {
        let (a, b) = (a.min(b), a.max(b));
        if a == b || b >= self.n { (0, 0) } else { self.counts[place(self.n, a, b)] }
    }

    /// Share of items with different labels, for pairs with at least `least` (and one) shared items.
    pub fn disagreement(&self, least: u32) -> PairMatrix {
        let share = |&(same, different): &(u32, u32)| {
            let n = same + different;
            (n >= least.max(1)).then(|| f64::from(different) / f64::from(n))
        };
        PairMatrix { n: self.n, values: self.counts.iter().map(share).collect() }
    }
}

/// Counts the pairs. Undefined for too many raters or pairs of ratings.
pub fn pair_disagreement(
    ratings: &Ratings,
    progress: &Progress,
) -> Result<Result<PairTally, Undefined>, Cancelled> {
    let layout = &ratings.layout;
    let n = layout.n_raters();
    let square = |i: usize| (layout.votes(i).len() as u64).pow(2) / 2;
    let comparisons: u64 = (0..layout.n_items()).map(square).fold(0, u64::saturating_add);
    if n > MOST_RATERS || comparisons > MAX_COMPARISONS {
        return Ok(Err(Undefined::Because("there are too many pairs of raters".to_owned())));
    }
    let mut counts = vec![(0_u32, 0_u32); n * n.saturating_sub(1) / 2];
    for item in 0..layout.n_items() {
        if item % 1024 == 0 {
            progress.check()?;
        }
        let votes = layout.votes(item);
        for (i, x) in votes.iter().enumerate() {
            for y in votes[i + 1..].iter().filter(|y| y.rater != x.rater) {
                let (a, b) = (x.rater.min(y.rater) as usize, x.rater.max(y.rater) as usize);
                let slot = &mut counts[place(n, a, b)];
                if x.label == y.label {
                    slot.0 += 1;
                } else {
                    slot.1 += 1;
                }
            }
        }
    }
    Ok(Ok(PairTally { n, counts }))
}

/// Dissimilarity against disagreement.
#[derive(Debug, Clone, PartialEq)]
pub struct MantelReport {
    /// Pearson's r of dissimilarity and disagreement over pairs of raters that have both.
    pub r: f64,
    /// Share of permutations of raters with |r| at least as large, the data themselves being one.
    pub p_value: f64,
    /// The same with r at least as large: that dissimilar raters disagree more.
    pub p_upper: f64,
    /// Permutations on which r is defined.
    pub permutations: u32,
    /// Pairs of raters with both numbers.
    pub n_pairs: usize,
    /// Raters in such a pair.
    pub n_raters: usize,
    /// Dissimilarity over pairs of equal labels on one item, and of different ones; `None` for fewer than two.
    pub samples: [Option<Sample>; 2],
    /// Welch's t of the dissimilarity behind different labels less that behind equal ones, as if pairs were independent, which they are not.
    pub naive: Option<TTest>,
    /// ln of the Bayes factor of that t, scale √½.
    pub ln_bayes_factor: Option<f64>,
}

/// The Mantel test; pairs with fewer than `least_shared` items take no part. Undefined for matrices of different raters, fewer than three pairs with both
/// numbers, and where either is constant over them.
pub fn mantel(
    dissimilarity: &PairMatrix,
    tally: &PairTally,
    least_shared: u32,
    (permutations, seed): (u32, u64),
    progress: &Progress,
) -> Result<Result<MantelReport, Undefined>, Cancelled> {
    let n = tally.n;
    if dissimilarity.n != n {
        return Ok(Err(Undefined::Because("profiles and ratings are of different raters".to_owned())));
    }
    let disagreement = tally.disagreement(least_shared);
    let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
    let mut used = vec![false; n];
    for a in 0..n {
        for b in a + 1..n {
            if let (Some(d), Some(_)) = (disagreement.get(a, b), dissimilarity.get(a, b)) {
                pairs.push((a, b, d));
                used[a] = true;
                used[b] = true;
            }
        }
    }
    if pairs.len() < LEAST_PAIRS {
        return Ok(Err(Undefined::Because("fewer than three pairs of raters can be compared".to_owned())));
    }
    let apart: Vec<f64> = pairs.iter().filter_map(|&(a, b, _)| dissimilarity.get(a, b)).collect();
    let disagreed: Vec<f64> = pairs.iter().map(|p| p.2).collect();
    let r = match Correlation::Pearson.of(&apart, &disagreed) {
        Ok(r) => r,
        Err(reason) => return Ok(Err(reason)),
    };
    let permutations = permutations.min(MOST_PERMUTATIONS);
    if u64::from(permutations).saturating_mul(pairs.len() as u64) > MAX_STEPS {
        return Ok(Err(Undefined::Because("there are too many pairs for so many permutations".to_owned())));
    }
    let raters: Vec<usize> = (0..n).filter(|&r| used[r]).collect();
    progress.stage("permuting raters", u64::from(permutations));
    let draws: Vec<Option<f64>> = (0..permutations)
        .into_par_iter()
        .map(|i| {
            progress.check()?;
            progress.add(1);
            let mut shuffled = raters.clone();
            Stream::new(seed, u64::from(i)).shuffle(&mut shuffled);
            let mut of: Vec<usize> = (0..n).collect();
            raters.iter().zip(&shuffled).for_each(|(&r, &s)| of[r] = s);
            let known = pairs.iter().filter_map(|&(a, b, d)| Some((dissimilarity.get(of[a], of[b])?, d)));
            let (x, y): (Vec<f64>, Vec<f64>) = known.unzip();
            Ok(Correlation::Pearson.of(&x, &y).ok())
        })
        .collect::<Result<_, Cancelled>>()?;
    let (mut defined, mut both, mut upper) = (0_u32, 1.0, 1.0);
    for draw in draws.into_iter().flatten() {
        defined += 1;
        both += f64::from(u8::from(draw.abs() >= r.abs() - 1e-12));
        upper += f64::from(u8::from(draw >= r - 1e-12));
    }
    let all = f64::from(defined) + 1.0;
    // One observation a pair of labels on one item: as many of each pair of raters as they share.
    let sample = |which: fn((u32, u32)) -> u32| {
        let weighed = pairs.iter().zip(&apart).map(|(&(a, b, _), &d)| (d, f64::from(which(tally.get(a, b)))));
        Sample::of(weighed)
    };
    let samples = [sample(|c| c.0), sample(|c| c.1)];
    let naive = match &samples {
        [Some(same), Some(different)] => welch(different, same).map(|w| (w, different.n, same.n)),
        _ => None,
    };
    Ok(Ok(MantelReport {
        r,
        p_value: both / all,
        p_upper: upper / all,
        permutations: defined,
        n_pairs: pairs.len(),
        n_raters: raters.len(),
        samples,
        naive: naive.map(|n| n.0),
        ln_bayes_factor: naive.and_then(|(w, n1, n2)| ln_bayes_factor(w.t, n1, n2, 0.5_f64.sqrt())),
    }))
}
