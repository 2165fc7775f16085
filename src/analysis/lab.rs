//! Every aggregator side by side: what each makes of the votes, and where they part.
//!
//! Computed when somebody asks for it, since some of them take long. Whole distributions are kept only while they are
//! compared; what stays is one label an item, how sure it is, and one number a rater.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Dataset, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::aggregation::{
    AGGREGATORS, AggregateOptions, Aggregation, Layout, MajorityVote, SoftScore, Which, aggregate,
    entropy_nats, jensen_shannon, majority_accuracy, soft_score,
};
use crate::stats::{Statistic, Undefined};

/// Seed of random starts where none was given.
pub const SEED: u64 = 42;
/// Most probabilities (methods × items × labels) that are kept at once to be compared.
const MAX_COMPARED: usize = 60_000_000;

/// What one aggregator made of the votes.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The label of each item; ties are kept.
    pub labels: Arc<MajorityVote>,
    /// One number a rater; its meaning is in the table of aggregators. `None` without annotations.
    pub skill: Vec<Option<f64>>,
    /// Rounds.
    pub iterations: usize,
    /// Whether it stopped because nothing was gained any more.
    pub converged: bool,
    /// What it maximised, natural logarithm; its meaning is in the table of aggregators.
    pub objective: Option<f64>,
    /// Mean probability of its own label, over items with a vote; `None` where it has no probabilities.
    pub mean_confidence: Option<f64>,
    /// Mean entropy of its distributions in bits, over items with a vote; `None` where it has no probabilities.
    pub mean_entropy_bits: Option<f64>,
    /// Share of items whose label is the gold one, 1/t where t labels tie.
    pub accuracy_vs_gold: Statistic,
    /// How its distributions score against gold; `None` without gold or probabilities.
    pub score: Option<SoftScore>,
    /// Items with a vote that it labels otherwise than the majority (as sets, where some tie).
    pub n_other_than_majority: usize,
}

/// One aggregator, and what came of it.
#[derive(Debug, Clone)]
pub struct Method {
    /// Which.
    pub which: Which,
    /// What it made, or why it cannot be run.
    pub outcome: Result<Outcome, Undefined>,
}

/// How two aggregators differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Number of the one in [`Lab::methods`].
    pub first: usize,
    /// Of the other, larger.
    pub second: usize,
    /// Items with a vote that they label differently (as sets, where some tie).
    pub n_items: usize,
    /// Mean Jensen–Shannon divergence of their distributions in bits, 0..=1; `None` where one has none, or where there
    /// are too many to be kept side by side.
    pub divergence_bits: Option<f64>,
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Lab {
    /// In the order of the table of aggregators; those asked for.
    pub methods: Vec<Method>,
    /// Each pair that could be run.
    pub differences: Vec<Difference>,
    /// Items with a vote.
    pub n_voted: usize,
    /// Seed of random starts.
    pub seed: u64,
}

impl Lab {
    /// How two methods differ, either way round.
    pub fn difference(&self, a: usize, b: usize) -> Option<&Difference> {
        let (first, second) = (a.min(b), a.max(b));
        self.differences.iter().find(|d| d.first == first && d.second == second)
    }
}

/// Runs the aggregators in `wanted`, in the order of the table, with random starts by `seed`.
///
/// Where the data does not say who voted, those that need to know are undefined.
pub fn lab(
    dataset: &Dataset,
    settings: &Settings,
    wanted: &[Which],
    seed: u64,
    progress: &Progress,
) -> Result<Lab, Cancelled> {
    let layout = Layout::new(&settings.counted(dataset), dataset.labels.len());
    let models: Vec<&Probabilities> = dataset.probabilities.iter().collect();
    let wanted: Vec<Which> = AGGREGATORS.iter().map(|a| a.which).filter(|w| wanted.contains(w)).collect();
    let cells = layout.n_items() * layout.n_labels();
    let comparable = cells.saturating_mul(wanted.len()) <= MAX_COMPARED;
    let options = AggregateOptions { seed, models: &models, ..AggregateOptions::default() };
    let majority = aggregate(&layout, Which::MajorityVote, &options, progress)?.ok().map(|a| a.labels);
    let (mut methods, mut distributions) = (Vec::new(), Vec::new());
    for which in wanted {
        progress.check()?;
        progress.stage(which.row().name, 0);
        let unknown = dataset.raters.anonymous && which != Which::MajorityVote;
        let ran = if unknown {
            Err(Undefined::AnonymousVotes)
        } else {
            aggregate(&layout, which, &options, progress)?
        };
        let (outcome, distribution) = match ran {
            Ok(mut aggregation) => {
                let outcome = outcome(dataset, &layout, majority.as_ref(), &aggregation);
                (Ok(outcome), std::mem::take(&mut aggregation.posterior))
            }
            Err(reason) => (Err(reason), Vec::new()),
        };
        methods.push(Method { which, outcome });
        distributions.push(if comparable { distribution } else { Vec::new() });
    }
    progress.stage("comparing", 0);
    let mut differences = Vec::new();
    for second in 0..methods.len() {
        for first in 0..second {
            progress.check()?;
            if let (Ok(a), Ok(b)) = (&methods[first].outcome, &methods[second].outcome) {
                differences.push(Difference {
                    first,
                    second,
                    n_items: n_different(&layout, &a.labels, &b.labels),
                    divergence_bits: divergence(&layout, &distributions[first], &distributions[second]),
                });
            }
        }
    }
    Ok(Lab { methods, differences, n_voted: layout.n_voted(), seed })
}

fn outcome(
    dataset: &Dataset,
    layout: &Layout,
    majority: Option<&MajorityVote>,
    aggregation: &Aggregation,
) -> Outcome {
    let voted = || (0..layout.n_items()).filter(|&item| !layout.votes(item).is_empty());
    let has_rows = !aggregation.posterior.is_empty();
    let mean = |value: &dyn Fn(usize) -> f64| {
        has_rows.then(|| voted().map(value).sum::<f64>() / layout.n_voted().max(1) as f64)
    };
    let gold = dataset.gold.as_ref();
    Outcome {
        mean_confidence: mean(&|item| aggregation.confidence(item).unwrap_or(0.0)),
        mean_entropy_bits: mean(&|item| {
            entropy_nats(aggregation.posterior_of(item)) / std::f64::consts::LN_2
        }),
        accuracy_vs_gold: majority_accuracy(&aggregation.labels, gold, layout.n_active()),
        score: gold
            .filter(|_| has_rows)
            .and_then(|gold| soft_score(layout, &aggregation.posterior, &gold.ids).ok()),
        n_other_than_majority: majority.map_or(0, |m| n_different(layout, m, &aggregation.labels)),
        labels: Arc::new(aggregation.labels.clone()),
        skill: aggregation.skill.clone(),
        iterations: aggregation.iterations,
        converged: aggregation.converged,
        objective: aggregation.objective,
    }
}

/// Items with a vote that have other labels.
fn n_different(layout: &Layout, a: &MajorityVote, b: &MajorityVote) -> usize {
    (0..layout.n_items()).filter(|&item| !layout.votes(item).is_empty() && differ(a, b, item)).count()
}

/// Whether two methods label `item` differently; of labels that tie, all count.
pub fn differ(a: &MajorityVote, b: &MajorityVote, item: usize) -> bool {
    a.label.get(item) != b.label.get(item) || (a.is_tied(item) && a.labels_of(item) != b.labels_of(item))
}

/// Items that both label, and differently, ascending.
pub fn parted(a: &MajorityVote, b: &MajorityVote) -> Arc<[u32]> {
    let both = |item: usize| !a.labels_of(item).is_empty() && !b.labels_of(item).is_empty();
    (0..a.label.len()).filter(|&i| both(i) && differ(a, b, i)).map(|i| i as u32).collect()
}

fn divergence(layout: &Layout, a: &[f64], b: &[f64]) -> Option<f64> {
    let k = layout.n_labels();
    if a.is_empty() || a.len() != b.len() || layout.n_voted() == 0 {
        return None;
    }
    let rows = a.chunks_exact(k).zip(b.chunks_exact(k)).enumerate();
    let voted = rows.filter(|(item, _)| !layout.votes(*item).is_empty());
    let sum: f64 = voted.map(|(_, (p, q))| jensen_shannon(p, q)).sum();
    Some(sum / layout.n_voted() as f64 / std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, NO_LABEL, Raters};

    /// Three items: two agree, one is tied; the third rater is always wrong.
    fn dataset(anonymous: bool) -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for (item, rater, label) in
            [(0, 0, 0), (0, 1, 0), (0, 2, 1), (1, 0, 1), (1, 1, 1), (1, 2, 0), (2, 0, 0), (2, 2, 1)]
        {
            builder.push(item, rater, label, None);
        }
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        Dataset {
            keys: ["1", "2", "3"].iter().collect(),
            labels: LabelSet::new(&["x".to_owned(), "y".to_owned()], std::iter::empty()),
            annotations: builder.finish(3, 3),
            raters: Raters { names, anonymous, ..Raters::default() },
            gold: Some(LabelColumn { name: "gold".into(), ids: vec![0, 1, 0] }),
            ..Dataset::default()
        }
    }

    #[test]
    fn weights_break_the_tie_that_a_majority_keeps() {
        let all: Vec<Which> = AGGREGATORS.iter().map(|a| a.which).collect();
        let lab = lab(&dataset(false), &Settings::default(), &all, 1, &Progress::new()).unwrap();
        assert_eq!(lab.methods.len(), AGGREGATORS.len());
        let outcome = |which| {
            let method = lab.methods.iter().find(|m| m.which == which).unwrap();
            method.outcome.as_ref().unwrap()
        };
        let (majority, wawa) = (outcome(Which::MajorityVote), outcome(Which::Wawa));
        assert_eq!((majority.labels.n_tied, majority.n_other_than_majority), (1, 0));
        assert_eq!(majority.labels.label, [0, 1, NO_LABEL]);
        assert_eq!((wawa.labels.label.as_slice(), wawa.n_other_than_majority), (&[0, 1, 0][..], 1));
        assert_eq!(majority.accuracy_vs_gold.value(), Some(2.5 / 3.0));
        assert_eq!(wawa.accuracy_vs_gold.value(), Some(1.0));
        let at = |which| lab.methods.iter().position(|m| m.which == which).unwrap();
        let difference = lab.difference(at(Which::Wawa), at(Which::MajorityVote)).unwrap();
        assert_eq!(difference.n_items, 1);
        assert!(difference.divergence_bits.is_some_and(|d| d > 0.0 && d < 1.0));
        assert_eq!(wawa.skill[2], Some(0.0), "agrees with no majority");
    }

    #[test]
    fn votes_of_nobody_have_a_majority_only() {
        let two = [Which::DawidSkene, Which::MajorityVote];
        let lab = lab(&dataset(true), &Settings::default(), &two, 1, &Progress::new()).unwrap();
        assert_eq!(lab.methods[0].which, Which::MajorityVote, "in the order of the table");
        assert!(lab.methods[0].outcome.is_ok());
        assert_eq!(lab.methods[1].outcome.as_ref().unwrap_err(), &Undefined::AnonymousVotes);
        assert!(lab.differences.is_empty());
    }
}
