//! Candidate sets: answers that name every label which may be right, distilled to one posterior an item.
//!
//! An item's posterior is q(k) ∝ π_k 1[k in all its sets], and π the mean of the posteriors, by expectation maximisation.
//! Nothing holds π back from drifting to the extremes: labels that share sets with more frequent ones lose everything in
//! the end. A Dirichlet prior, or a limit to the rounds, keeps them.
//!
//! An empty set is an abstention: it says nothing, and is counted apart. A set of all labels says nothing either. Sets of
//! one item that have no label in common are a conflict: the item takes no part, and is listed.

use super::em::{self, Model, StoppingRule};
use super::{Layout, em::Options};
use crate::dataset::{AnnotationsBuilder, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// What the sets say.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateFit {
    /// P(true label), items × labels, row-major; π for an item without a set, with abstentions only, or in conflict.
    pub posterior: Vec<f64>,
    /// π: share of each label.
    pub prior: Vec<f64>,
    /// Items whose sets have no label in common, ascending.
    pub conflicts: Vec<usize>,
    /// Empty sets.
    pub abstentions: usize,
    /// Rounds.
    pub iterations: usize,
    /// Observed log-likelihood, natural logarithm.
    pub log_likelihood: f64,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
}

/// Distils sets, given as (item, labels). `extra` is what a Dirichlet(1 + extra) adds to every label's count, 0 for
/// maximum likelihood.
///
/// Undefined without a set that names a label, where items × labels is beyond 2²⁸, and for `extra` below 0. Labels from
/// `n_labels` on and items from `n_items` on take no part.
pub fn candidate_sets(
    n_items: usize,
    n_labels: usize,
    sets: &[(usize, Vec<LabelId>)],
    extra: f64,
    rule: StoppingRule,
    progress: &Progress,
) -> Result<Result<CandidateFit, Undefined>, Cancelled> {
    if extra.is_nan() || extra < 0.0 {
        return Ok(Err(Undefined::Because("a prior count is 0 or more".to_owned())));
    }
    // The layout holds each item's candidates as its votes, by one rater.
    let mut own: Vec<(usize, Vec<LabelId>)> = Vec::new();
    let mut abstentions = 0;
    for (item, labels) in sets.iter().filter(|s| s.0 < n_items) {
        let mut labels: Vec<LabelId> = labels.iter().copied().filter(|&l| (l as usize) < n_labels).collect();
        labels.sort_unstable();
        labels.dedup();
        if labels.is_empty() {
            abstentions += 1;
        } else {
            own.push((*item, labels));
        }
    }
    own.sort_by_key(|s| s.0);
    let mut conflicts = Vec::new();
    let mut builder = AnnotationsBuilder::new();
    for run in own.chunk_by(|a, b| a.0 == b.0) {
        let item = run[0].0;
        let common = run[0].1.iter().filter(|l| run.iter().all(|s| s.1.binary_search(l).is_ok()));
        let before = builder.len();
        common.for_each(|&l| builder.push(item as u32, 0, l, None));
        if builder.len() == before {
            conflicts.push(item);
        }
    }
    if builder.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    let layout = Layout::new(&builder.finish(n_items, 1), n_labels);
    if let Err(reason) = layout.check_size() {
        return Ok(Err(reason));
    }
    progress.stage("Candidate sets", rule.max_iterations as u64);
    let mut model = Candidates { extra, prior: vec![1.0 / n_labels as f64; n_labels] };
    let options = Options { rule, ..Options::default() };
    let fit = em::fit(&mut model, &layout, layout.vote_shares(), options, progress)?;
    Ok(Ok(CandidateFit {
        posterior: fit.posterior,
        prior: model.prior,
        conflicts,
        abstentions,
        iterations: fit.iterations,
        log_likelihood: fit.log_likelihood,
        converged: fit.converged,
    }))
}

struct Candidates {
    extra: f64,
    prior: Vec<f64>,
}

impl Model for Candidates {
    fn maximise(&mut self, layout: &Layout, posterior: &[f64], _: &Progress) {
        let n = layout.n_voted() as f64;
        let total = n + self.extra * layout.n_labels() as f64;
        self.prior =
            em::mean_posterior(layout, posterior).iter().map(|p| (n * p + self.extra) / total).collect();
    }

    fn log_joint(&self, layout: &Layout, item: usize, row: &mut [f64]) -> f64 {
        row.fill(f64::NEG_INFINITY);
        layout.votes(item).iter().for_each(|v| row[v.label as usize] = self.prior[v.label as usize].ln());
        0.0
    }

    fn prior(&self, row: &mut [f64]) {
        row.copy_from_slice(&self.prior);
    }

    fn parameter_term(&self) -> f64 {
        if self.extra == 0.0 {
            return 0.0;
        }
        self.extra * self.prior.iter().map(|p| p.ln()).sum::<f64>()
    }
}

/// How well sets serve, against a gold label each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetQuality {
    /// Sets that name a label and have a gold label.
    pub n_sets: usize,
    /// Share of sets that hold the gold label, in 0..=1.
    pub coverage: f64,
    /// Mean (K − |S|)/(K − 1), in 0..=1: 1 for single labels, 0 for sets of all.
    pub specificity: f64,
    /// Harmonic mean of the two; 0 where both are.
    pub balance: f64,
    /// Mean number of labels.
    pub mean_size: f64,
    /// Empty sets, which take no part.
    pub abstentions: usize,
}

/// Scores sets, each with the gold label of its item ([`NO_LABEL`] where there is none). Undefined with fewer than two
/// labels, and where no set that names a label has a gold one.
pub fn set_quality(n_labels: usize, sets: &[(Vec<LabelId>, LabelId)]) -> Result<SetQuality, Undefined> {
    if n_labels < 2 {
        return Err(Undefined::Because("there is only one label to choose".to_owned()));
    }
    let abstentions = sets.iter().filter(|s| s.0.is_empty()).count();
    let used = || sets.iter().filter(|s| !s.0.is_empty() && s.1 != NO_LABEL);
    let n = used().count();
    if n == 0 {
        return Err(Undefined::Because("no set has a gold label".to_owned()));
    }
    let count = n as f64;
    let coverage = used().filter(|s| s.0.contains(&s.1)).count() as f64 / count;
    let mean_size = used().map(|s| s.0.len()).sum::<usize>() as f64 / count;
    let specificity = (n_labels as f64 - mean_size) / (n_labels as f64 - 1.0);
    let sum = coverage + specificity;
    Ok(SetQuality {
        n_sets: n,
        coverage,
        specificity,
        balance: if sum > 0.0 { 2.0 * coverage * specificity / sum } else { 0.0 },
        mean_size,
        abstentions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets() -> Vec<(usize, Vec<LabelId>)> {
        [vec![0], vec![0, 1], vec![1, 2], vec![2], vec![0, 1, 2]].into_iter().enumerate().collect()
    }

    #[test]
    fn a_worked_example() {
        let rule = StoppingRule::exactly(200);
        let found = candidate_sets(5, 3, &sets(), 0.0, rule, &Progress::new()).unwrap().unwrap();
        for (p, expected) in found.prior.iter().zip([0.4969, 0.0062, 0.4969]) {
            assert!((p - expected).abs() < 5e-5, "{:?}", found.prior);
        }
        for (p, expected) in found
            .posterior
            .iter()
            .zip([1.0, 0.0, 0.0, 0.988, 0.012, 0.0, 0.0, 0.012, 0.988, 0.0, 0.0, 1.0, 0.497, 0.006, 0.497])
        {
            assert!((p - expected).abs() < 6e-4, "{:?}", found.posterior);
        }
        let kept =
            candidate_sets(5, 3, &sets(), 0.1, StoppingRule::default(), &Progress::new()).unwrap().unwrap();
        assert!(kept.prior[1] > 0.02, "the prior keeps it: {:?}", kept.prior);
    }

    #[test]
    fn conflicts_and_abstentions_are_told() {
        let rows = [(0, vec![0]), (0, vec![1]), (1, vec![]), (2, vec![1, 0, 9]), (2, vec![1]), (9, vec![0])];
        let found =
            candidate_sets(4, 2, &rows, 0.0, StoppingRule::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!((found.conflicts, found.abstentions), (vec![0], 1));
        assert_eq!(found.posterior[4..6], [0.0, 1.0]);
        assert_eq!(found.posterior[..2], found.prior);
        let nothing = candidate_sets(1, 2, &[(0, vec![])], 0.0, StoppingRule::default(), &Progress::new());
        assert_eq!(nothing.unwrap(), Err(Undefined::NoAnnotations));
    }

    #[test]
    fn sets_are_scored_against_gold() {
        let gold = [0, 1, 0, 2, 1];
        let rows: Vec<_> = sets().into_iter().zip(gold).map(|((_, s), g)| (s, g)).collect();
        let q = set_quality(3, &rows).unwrap();
        assert_eq!((q.coverage, q.mean_size), (0.8, 1.8));
        assert!((q.specificity - 0.6).abs() < 1e-12 && (q.balance - 0.6857).abs() < 5e-5);
        assert!(set_quality(3, &[(vec![], 0)]).is_err() && set_quality(1, &rows).is_err());
    }
}
