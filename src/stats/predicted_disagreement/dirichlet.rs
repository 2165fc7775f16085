//! The Dirichlet-multinomial: votes on each item from probabilities of its own, which come from one Dirichlet distribution. With two labels it
//! is the beta-binomial.
//!
//! With U_kj the number of items with more than j votes for label k, and V_j that with more than j votes at all, the logarithm of the
//! likelihood (without a constant) is Σ_kj U_kj ln(α_k + j) − Σ_j V_j ln(A + j), A = Σ α_k. Its maximum is found by Newton's method, whose
//! matrix is a diagonal and one number (Minka 2000, *Estimating a Dirichlet distribution*), with his fixed-point step where Newton's does not
//! go upwards.

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::variation::VoteCounts;

/// Most steps.
const MAX_STEPS: usize = 2_000;
/// A step that changes every α by less than this share of it is the last.
const TOLERANCE: f64 = 1e-10;
/// Above this A, items do not differ beyond chance.
const MOST: f64 = 1e6;
/// Below this A, every item is unanimous.
const LEAST: f64 = 1e-6;

/// A fitted Dirichlet distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct DirichletFit {
    /// α, one a label; 0 for labels without a vote.
    pub alpha: Vec<f64>,
    /// Logarithm of the likelihood of the votes in the order in which they came.
    pub log_likelihood: f64,
    /// Items with a vote.
    pub n_items: usize,
    /// Steps that it took.
    pub steps: usize,
}

/// Counts that the likelihood is made of.
struct Counts {
    /// U, one list a label that has votes.
    more_than: Vec<Vec<u64>>,
    /// V.
    totals: Vec<u64>,
    labels: Vec<usize>,
}

/// Maximum likelihood. Undefined without votes, where no item has two, where one label has all votes, where all items with two votes are
/// unanimous (A is 0), and where items differ no more than chance makes them (A is infinite).
pub fn fit_dirichlet_multinomial(
    votes: &VoteCounts,
    n_labels: usize,
    progress: &Progress,
) -> Result<Result<DirichletFit, Undefined>, Cancelled> {
    let (counts, n_items, start) = match prepared(votes, n_labels) {
        Ok(prepared) => prepared,
        Err(reason) => return Ok(Err(reason)),
    };
    progress.stage("fitting the distribution of probabilities", 0);
    let mut alpha = start;
    let mut likelihood = counts.log_likelihood(&alpha);
    let mut steps = 0;
    while steps < MAX_STEPS {
        progress.check()?;
        steps += 1;
        let (next, higher) = counts.step(&alpha, likelihood);
        let change = next.iter().zip(&alpha).map(|(n, a)| (n - a).abs() / a).fold(0.0, f64::max);
        alpha = next;
        likelihood = higher;
        let all: f64 = alpha.iter().sum();
        if change < TOLERANCE || !(LEAST..=MOST).contains(&all) {
            break;
        }
    }
    let all: f64 = alpha.iter().sum();
    let chance = counts.of_one_distribution();
    if all < LEAST {
        return Ok(Err(unanimous()));
    }
    if all > MOST || likelihood <= chance + 1e-9 * chance.abs() {
        return Ok(Err(Undefined::Because("items differ no more than chance makes them".to_owned())));
    }
    let mut of_label = vec![0.0; n_labels];
    counts.labels.iter().zip(&alpha).for_each(|(&l, &a)| of_label[l] = a);
    Ok(Ok(DirichletFit { alpha: of_label, log_likelihood: likelihood, n_items, steps }))
}

fn unanimous() -> Undefined {
    Undefined::Because("every item with two votes is unanimous".to_owned())
}

/// The counts, items with a vote, and where to start.
fn prepared(votes: &VoteCounts, n_labels: usize) -> Result<(Counts, usize, Vec<f64>), Undefined> {
    let mut more_than: Vec<Vec<u64>> = vec![Vec::new(); n_labels];
    let mut totals: Vec<u64> = Vec::new();
    let (mut n_items, mut pairable, mut apart) = (0, 0_usize, 0.0);
    let count = |list: &mut Vec<u64>, n: u32| {
        let n = n as usize;
        if list.len() < n {
            list.resize(n, 0);
        }
        if n > 0 {
            // How many have exactly n; added up from the top below.
            list[n - 1] += 1;
        }
    };
    for item in 0..votes.n_items() {
        let total = votes.total(item);
        if total == 0 {
            continue;
        }
        n_items += 1;
        count(&mut totals, total);
        for (label, n) in votes.of_item(item).filter(|&(l, _)| (l as usize) < n_labels) {
            count(&mut more_than[label as usize], n);
        }
        if total > 1 {
            pairable += 1;
            let t = f64::from(total);
            let same: f64 = votes.counts_of(item).iter().map(|&n| f64::from(n) * (f64::from(n) - 1.0)).sum();
            apart += 1.0 - same / (t * (t - 1.0));
        }
    }
    if n_items == 0 {
        return Err(Undefined::NoAnnotations);
    }
    if pairable == 0 {
        return Err(Undefined::NoPairableItem);
    }
    for list in more_than.iter_mut().chain(std::iter::once(&mut totals)) {
        for j in (1..list.len()).rev() {
            list[j - 1] += list[j];
        }
    }
    let labels: Vec<usize> = (0..n_labels).filter(|&l| !more_than[l].is_empty()).collect();
    if labels.len() < 2 {
        return Err(Undefined::NoVariation);
    }
    if apart <= 0.0 {
        return Err(unanimous());
    }
    more_than.retain(|list| !list.is_empty());
    // Two votes on one item differ with probability D A/(A + 1), where D is that of votes on any two items.
    let all: f64 = totals.iter().map(|&n| n as f64).sum();
    let shares: Vec<f64> = more_than.iter().map(|l| l.iter().map(|&n| n as f64).sum::<f64>() / all).collect();
    let expected = 1.0 - shares.iter().map(|s| s * s).sum::<f64>();
    let same = (1.0 - apart / pairable as f64 / expected).clamp(1e-3, 0.999);
    let start = shares.iter().map(|s| s * (1.0 - same) / same).collect();
    Ok((Counts { more_than, totals, labels }, n_items, start))
}

impl Counts {
    fn log_likelihood(&self, alpha: &[f64]) -> f64 {
        let sum = |list: &[u64], a: f64| -> f64 {
            list.iter().enumerate().map(|(j, &n)| n as f64 * (a + j as f64).ln()).sum()
        };
        let votes: f64 = self.more_than.iter().zip(alpha).map(|(list, &a)| sum(list, a)).sum();
        votes - sum(&self.totals, alpha.iter().sum())
    }

    /// The likelihood where all items have the same probabilities, those of all votes together: what A → ∞ leads to.
    fn of_one_distribution(&self) -> f64 {
        let of = |list: &[u64]| list.iter().map(|&n| n as f64).sum::<f64>();
        let all = of(&self.totals);
        self.more_than.iter().map(|l| of(l) * (of(l) / all).ln()).sum()
    }

    /// A step upwards, and the likelihood there.
    fn step(&self, alpha: &[f64], likelihood: f64) -> (Vec<f64>, f64) {
        let all: f64 = alpha.iter().sum();
        let derivatives = |list: &[u64], a: f64| {
            list.iter().enumerate().fold((0.0, 0.0), |(first, second), (j, &n)| {
                let inverse = 1.0 / (a + j as f64);
                (first + n as f64 * inverse, second + n as f64 * inverse * inverse)
            })
        };
        let (of_total, z) = derivatives(&self.totals, all);
        let of_label: Vec<(f64, f64)> =
            self.more_than.iter().zip(alpha).map(|(list, &a)| derivatives(list, a)).collect();
        let (mut up, mut down) = (0.0, 1.0 / z);
        for (first, second) in &of_label {
            up -= (first - of_total) / second;
            down -= 1.0 / second;
        }
        let b = up / down;
        let newton: Vec<f64> =
            of_label.iter().map(|(first, second)| (first - of_total - b) / second).collect();
        let mut share = 1.0;
        for _ in 0..12 {
            let next: Vec<f64> = alpha.iter().zip(&newton).map(|(a, s)| a + share * s).collect();
            if next.iter().all(|a| a.is_finite() && *a > 0.0) {
                let found = self.log_likelihood(&next);
                if found > likelihood {
                    return (next, found);
                }
            }
            share *= 0.5;
        }
        let next: Vec<f64> =
            alpha.iter().zip(&of_label).map(|(a, (first, _))| a * first / of_total).collect();
        let found = self.log_likelihood(&next);
        // At the top, both steps are rounding.
        if found > likelihood { (next, found) } else { (alpha.to_vec(), likelihood) }
    }
}
