//! Soft labels: distributions over labels made in several ways, side by side, and the average of those that are ticked.
//!
//! Raters' votes only: no decision changes them.

use std::sync::Arc;

use super::Settings;
use super::lab::SEED;
use crate::dataset::{Dataset, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{
    AGGREGATORS, AggregateOptions, Divergence, Layout, MajorityVote, SoftScore, Which, aggregate, average,
    conflation, divergences, entropy_nats, item_divergence, most_probable, soft_score, softmax_of_counts,
};

/// Most probabilities (components × items × labels) that are kept at once.
const MAX_CELLS: usize = 60_000_000;
/// Most items that are listed where components differ most.
pub const MAX_HARDEST: usize = 100;

/// A way to make a distribution out of votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// Shares of votes.
    Shares,
    /// Softmax of counts.
    Softmax,
    /// The posterior of an aggregator.
    Posterior(Which),
}

impl Component {
    /// All of them; majority vote's posterior is the shares of votes, and KOS has none.
    pub fn all() -> Vec<Self> {
        let models = AGGREGATORS.iter().map(|a| a.which);
        let models = models.filter(|w| !matches!(w, Which::MajorityVote | Which::Kos));
        [Self::Shares, Self::Softmax].into_iter().chain(models.map(Self::Posterior)).collect()
    }

    /// The five that Wright & Augenstein average: shares, softmax, Dawid–Skene, GLAD and MACE among them.
    pub fn usual() -> Vec<Self> {
        vec![
            Self::Shares,
            Self::Softmax,
            Self::Posterior(Which::DawidSkene),
            Self::Posterior(Which::Glad),
            Self::Posterior(Which::Mace),
        ]
    }

    /// Name for files and the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Shares => "shares",
            Self::Softmax => "softmax",
            Self::Posterior(which) => which.row().id,
        }
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shares => "Shares of votes",
            Self::Softmax => "Softmax of counts",
            Self::Posterior(which) => which.row().name,
        }
    }

    /// What it is, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Shares => "Votes for each label over all votes: the standard soft label.",
            Self::Softmax => "e to the number of votes, normalised: no label has probability 0.",
            Self::Posterior(which) => which.row().about,
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// What is averaged, in the order of [`Component::all`].
    pub ticked: Vec<Component>,
    /// Whether the product of components is taken, not their mean (conflation).
    pub multiplied: bool,
}

/// What one distribution is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Mean entropy over items with a vote, in bits.
    pub mean_entropy_bits: f64,
    /// Against gold; `None` without.
    pub score: Option<SoftScore>,
}

/// One component, or why there is none.
#[derive(Debug, Clone)]
pub struct SoftRow {
    /// Which.
    pub component: Component,
    /// What it is like.
    pub summary: Result<Summary, Undefined>,
    /// Its most probable labels; empty where it could not be made.
    pub labels: Arc<MajorityVote>,
}

/// Soft labels.
#[derive(Debug, Clone)]
pub struct Soft {
    /// What was asked for.
    pub asked: SoftAsked,
    /// One a component that was ticked.
    pub rows: Vec<SoftRow>,
    /// The average (or product) of those that could be made.
    pub together: Result<Summary, Undefined>,
    /// Every pair of those that could be made: numbers of `rows`.
    pub divergences: Vec<Divergence>,
    /// Items on which components differ most, with the mean Jensen–Shannon divergence of pairs in bits, most first.
    pub hardest: Vec<(u32, f64)>,
    /// The average, items × labels, row-major; zeros where nobody voted. Empty where there is none.
    pub distribution: Arc<Vec<f64>>,
    /// Items with a vote.
    pub n_voted: usize,
}

impl Soft {
    /// The average's distribution of an item; empty where there is none.
    pub fn of(&self, item: usize, n_labels: usize) -> &[f64] {
        self.distribution.get(item * n_labels..(item + 1) * n_labels).unwrap_or_default()
    }

    /// The most probable labels of an item, several where they tie.
    pub fn labels_of(&self, item: usize, n_labels: usize) -> Vec<u32> {
        most_probable(self.of(item, n_labels))
    }
}

/// Makes soft labels. What cannot be made has its reason in its row and takes no part in the average.
pub fn soft(dataset: &Dataset, asked: &SoftAsked, progress: &Progress) -> Result<Soft, Cancelled> {
    let layout = Layout::new(&asked.settings.counted(dataset), dataset.labels.len());
    let models: Vec<&Probabilities> = dataset.probabilities.iter().collect();
    let options = AggregateOptions { seed: SEED, models: &models, ..AggregateOptions::default() };
    let cells = layout.n_items().saturating_mul(layout.n_labels());
    let too_many = cells.saturating_mul(asked.ticked.len() + 1) > MAX_CELLS;
    let mut made: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut rows = Vec::new();
    for &component in &asked.ticked {
        progress.check()?;
        progress.stage(component.name(), 0);
        let found = match component {
            _ if too_many => Err(Undefined::Because(
                "too many items and labels to be held for so many components".to_owned(),
            )),
            Component::Shares if layout.is_empty() => Err(Undefined::NoAnnotations),
            Component::Shares => Ok(layout.vote_shares()),
            Component::Softmax if layout.is_empty() => Err(Undefined::NoAnnotations),
            Component::Softmax => Ok(softmax_of_counts(&layout)),
            Component::Posterior(_) if dataset.raters.anonymous => Err(Undefined::AnonymousVotes),
            Component::Posterior(which) => {
                aggregate(&layout, which, &options, progress)?.map(|a| a.posterior)
            }
        };
        let mut labels = MajorityVote::default();
        let summary = found.map(|mut rows_of| {
            silence(&layout, &mut rows_of);
            labels = MajorityVote::of_rows(&layout, &rows_of);
            let summary = summary(dataset, &layout, &rows_of);
            made.push((rows.len(), rows_of));
            summary
        });
        rows.push(SoftRow { component, summary, labels: Arc::new(labels) });
    }
    progress.check()?;
    progress.stage("comparing", 0);
    let parts: Vec<&[f64]> = made.iter().map(|(_, p)| p.as_slice()).collect();
    let together = if asked.multiplied { conflation(&parts, layout.n_labels()) } else { average(&parts) };
    let pairs = divergences(&layout, &parts).unwrap_or_default();
    let pairs = pairs
        .into_iter()
        .map(|d| Divergence { first: made[d.first].0, second: made[d.second].0, ..d })
        .collect();
    let hardest = hardest(item_divergence(&layout, &parts).unwrap_or_default());
    let (summary, distribution) = match together {
        Ok(distribution) => (Ok(summary(dataset, &layout, &distribution)), distribution),
        Err(reason) => (Err(reason), Vec::new()),
    };
    Ok(Soft {
        asked: asked.clone(),
        rows,
        together: summary,
        divergences: pairs,
        hardest,
        distribution: Arc::new(distribution),
        n_voted: layout.n_voted(),
    })
}

/// Models give a prior to items that nobody voted on; nobody is to take it for a label.
fn silence(layout: &Layout, rows: &mut [f64]) {
    for (item, row) in rows.chunks_exact_mut(layout.n_labels().max(1)).enumerate() {
        if layout.votes(item).is_empty() {
            row.fill(0.0);
        }
    }
}

fn summary(dataset: &Dataset, layout: &Layout, rows: &[f64]) -> Summary {
    let entropy: f64 = rows.chunks_exact(layout.n_labels().max(1)).map(entropy_nats).sum();
    Summary {
        mean_entropy_bits: entropy / std::f64::consts::LN_2 / layout.n_voted().max(1) as f64,
        score: dataset.gold.as_ref().and_then(|gold| soft_score(layout, rows, &gold.ids).ok()),
    }
}

fn hardest(of: Vec<Option<f64>>) -> Vec<(u32, f64)> {
    let mut order: Vec<(u32, f64)> = of
        .into_iter()
        .enumerate()
        .filter_map(|(i, d)| Some((i as u32, d? / std::f64::consts::LN_2)))
        .filter(|&(_, d)| d > 1e-9)
        .collect();
    let most_first = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if order.len() > MAX_HARDEST {
        order.select_nth_unstable_by(MAX_HARDEST, most_first);
        order.truncate(MAX_HARDEST);
    }
    order.sort_by(most_first);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelColumn, LabelSet, Raters};

    fn dataset() -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for (item, votes) in [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]].iter().enumerate() {
            for (rater, &label) in votes.iter().enumerate() {
                builder.push(item as u32, rater as u32, label, None);
            }
        }
        Dataset {
            keys: ["a", "b", "c", "d", "unseen"].into_iter().collect(),
            labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], std::iter::empty()),
            annotations: builder.finish(5, 3),
            raters: Raters { names: ["p", "q", "r"].map(str::to_owned).to_vec(), ..Raters::default() },
            gold: Some(LabelColumn { name: "gold".to_owned(), ids: vec![0, 0, 1, 1, 0] }),
            ..Dataset::default()
        }
    }

    fn made(ticked: Vec<Component>, multiplied: bool) -> Soft {
        let asked = SoftAsked { settings: Settings::default(), ticked, multiplied };
        soft(&dataset(), &asked, &Progress::new()).unwrap()
    }

    #[test]
    fn the_average_is_the_mean_of_what_is_ticked() {
        let both = made(vec![Component::Shares, Component::Softmax], false);
        let shares = 2.0 / 3.0;
        let softmax = 1.0 / (1.0 + (-1.0_f64).exp());
        assert!((both.of(1, 2)[0] - f64::midpoint(shares, softmax)).abs() < 1e-12);
        assert_eq!(both.of(4, 2), [0.0, 0.0]);
        assert_eq!((both.n_voted, both.labels_of(2, 2)), (4, vec![1]));
        assert_eq!(both.together.unwrap().score.unwrap().accuracy, 1.0);
        assert_eq!((both.divergences.len(), both.hardest.len()), (1, 4));
    }

    #[test]
    fn the_product_is_certain_where_one_of_them_is() {
        let product = made(vec![Component::Shares, Component::Softmax], true);
        assert_eq!(product.of(0, 2), [1.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_made_takes_no_part() {
        let ticked = vec![Component::Shares, Component::Posterior(Which::Crowdlab)];
        let found = made(ticked, false);
        assert!(matches!(found.rows[1].summary, Err(Undefined::NoProbabilities)));
        assert_eq!(found.of(1, 2)[0], 2.0 / 3.0);
        assert!(found.hardest.is_empty());
        assert!(made(Vec::new(), false).together.is_err());
    }
}
