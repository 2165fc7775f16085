//! Is this vote a mistake, or a legitimate reading?
//!
//! Each label that somebody gave an item has a chance of being a mistake, from everything that is there: how many of how many
//! gave it, who they are, what else was said of the item, and what models and other crowds think of it. What
//! the model of votes is stands in [`fit`]; it is fitted to the votes themselves, as nobody says which of them are mistakes. Items
//! are told apart by what is left when probable mistakes are taken away ([`ItemKind`]).
//!
//! Source: the question and its data are those of Weber-Genzel, Peng, de Marneffe & Plank (2024), *VariErr NLI: Separating
//! Annotation Error from Human Label Variation*; the model is this program's own, in the line of Dawid & Skene (1979) and
//! Hovy et al. (2013).

mod ballots;
mod fit;
mod kinds;
pub mod simulation;
pub mod trial;

use rayon::prelude::*;

pub use ballots::Ballots;
pub use fit::Evidence;
pub use kinds::{Groups, Guideline, ItemKind};

use self::fit::{Fit, logistic};
use crate::dataset::{LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Most items × labels, raters × labels, and labels.
const MAX_CELLS: usize = 1 << 26;
const MAX_RATES: usize = 1 << 24;
const MAX_LABELS: usize = 2000;
/// Least ballots on items with two or more, for anything to be learned.
const LEAST_BALLOTS: usize = 20;
/// Items that are looked at together.
const CHUNK: usize = 1024;

/// One label that somebody gave an item.
#[derive(Debug, Clone, PartialEq)]
pub struct VoteScore {
    /// Which item.
    pub item: u32,
    /// Which label.
    pub label: LabelId,
    /// Ballots with it.
    pub n_for: u32,
    /// Ballots on the item.
    pub n_of: u32,
    /// Chance that it is a mistake, in 0..=1.
    pub mistake: f64,
    /// What speaks for its being acceptable, in log-odds.
    pub evidence: Evidence,
}

/// What votes are, and what items are like.
#[derive(Debug, Clone)]
pub struct ErrorOrVariation {
    /// By item, then label.
    pub scores: Vec<VoteScore>,
    /// For each item, where its scores begin; one more at the end.
    starts: Vec<u32>,
    /// One an item.
    pub kinds: Vec<ItemKind>,
    /// Which guideline an item follows, where it is [`ItemKind::GuidelineLike`].
    pub follows: Vec<Option<u32>>,
    /// Pairs of labels over which groups part, the strongest first.
    pub guidelines: Vec<Guideline>,
    /// Each rater's rate of mistakes; one for all where nobody knows who voted.
    pub rates: Vec<f64>,
    /// How much each distribution counts: what the log-odds gain when the logarithm of its probability grows by 1.
    pub weights: Vec<f64>,
}

impl ErrorOrVariation {
    /// Scores of an item, by label.
    pub fn of_item(&self, item: usize) -> &[VoteScore] {
        let range = self.starts.get(item).copied().zip(self.starts.get(item + 1).copied());
        range.map_or(&[], |(from, to)| &self.scores[from as usize..to as usize])
    }
}

/// Tells mistakes from readings. `distributions` (models' predictions, other crowds' shares) have one column a label of `ballots` and
/// one row an item; rows need not sum to 1. `groups` has, for each attribute of raters, the group of each.
///
/// Undefined with fewer than 20 ballots on items that have two or more, with one label only, for more than 2,000 labels, 2²⁶ items × labels
/// or 2²⁴ raters × labels, and where a distribution is of another shape. Time is O(ballots × labels) a round, on at most 20,000 items while weights
/// are learned.
///
/// # Errors
/// Cancellation.
pub fn error_or_variation(
    ballots: &Ballots,
    distributions: &[&Probabilities],
    groups: Groups,
    progress: &Progress,
) -> Result<Result<ErrorOrVariation, Undefined>, Cancelled> {
    let because = |words: String| Ok(Err(Undefined::Because(words)));
    let (n, k) = (ballots.n_items(), ballots.n_labels);
    if k < 2 {
        return because("there is only one label".to_owned());
    }
    if n.saturating_mul(k) > MAX_CELLS || k > MAX_LABELS {
        return because(format!("{n} items times {k} labels are too many"));
    }
    if ballots.n_hands().saturating_mul(k) > MAX_RATES {
        return because(format!("{} raters times {k} labels are too many", ballots.n_hands()));
    }
    if let Some(p) = distributions.iter().find(|p| p.rows() != n || p.cols() != k) {
        return because(format!("“{}” has {} rows of {} numbers", p.name, p.rows(), p.cols()));
    }
    let paired: usize = (0..n).map(|i| ballots.n_of(i)).filter(|&m| m > 1).sum();
    if paired < LEAST_BALLOTS {
        return because(format!(
            "it takes {LEAST_BALLOTS} answers on items that have two or more, and there are {paired}"
        ));
    }
    let fit = Fit::new(ballots, distributions, progress)?;
    let guidelines = if ballots.anonymous { Vec::new() } else { kinds::guidelines(ballots, groups) };
    let parts: Vec<Part> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            progress.check()?;
            let mut part: Part = Default::default();
            let mut counts = vec![0.0; k];
            for item in chunk * CHUNK..((chunk + 1) * CHUNK).min(n) {
                let m = ballots.n_of(item);
                let first = part.0.len();
                if m > 0 {
                    ballots.counts(item, &mut counts);
                    let evidence = fit.evidence(item);
                    for (label, evidence) in
                        evidence.into_iter().enumerate().filter(|(l, _)| counts[*l] > 0.0)
                    {
                        part.0.push(VoteScore {
                            item: item as u32,
                            label: label as LabelId,
                            n_for: counts[label] as u32,
                            n_of: m as u32,
                            mistake: logistic(-evidence.sum()),
                            evidence,
                        });
                    }
                }
                let scores = &part.0[first..];
                let (kind, follows) = kind(ballots, groups, &guidelines, item, scores);
                part.1.push((scores.len() as u32, kind, follows));
            }
            Ok(part)
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut found = ErrorOrVariation {
        scores: Vec::new(),
        starts: vec![0],
        kinds: Vec::with_capacity(n),
        follows: Vec::with_capacity(n),
        guidelines,
        rates: fit.rates.clone(),
        weights: fit.weights().to_vec(),
    };
    for (scores, items) in parts {
        for (n_scores, kind, follows) in items {
            let end = found.starts.last().copied().unwrap_or(0) + n_scores;
            found.starts.push(end);
            found.kinds.push(kind);
            found.follows.push(follows);
        }
        found.scores.extend(scores);
    }
    Ok(Ok(found))
}

/// Scores of some items, and for each item how many they are, its kind and its guideline.
type Part = (Vec<VoteScore>, Vec<(u32, ItemKind, Option<u32>)>);

fn kind(
    ballots: &Ballots,
    groups: Groups,
    guidelines: &[Guideline],
    item: usize,
    scores: &[VoteScore],
) -> (ItemKind, Option<u32>) {
    if ballots.n_of(item) < 2 {
        return (ItemKind::Undecided, None);
    }
    if scores.len() == 1 {
        return (ItemKind::Unanimous, None);
    }
    let acceptable: Vec<LabelId> = scores.iter().filter(|s| s.mistake < 0.5).map(|s| s.label).collect();
    match acceptable.len() {
        0 => (ItemKind::Undecided, None),
        1 => (ItemKind::ErrorLike, None),
        _ => match kinds::follows(ballots, groups, guidelines, item, &acceptable) {
            Some(at) => (ItemKind::GuidelineLike, Some(at as u32)),
            None => (ItemKind::Ambiguous, None),
        },
    }
}

#[cfg(test)]
mod tests;
