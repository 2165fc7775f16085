//! Everything that is known about one item, ready to be shown.

use super::reasons::{self, Reason};
use crate::analysis::Analysis;
use crate::analysis::neighbours::NeighboursReport;
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::stats::confident::Filter;
use crate::stats::suspicion::{DETECTORS, DetectorRow};

/// One label's row: votes beside the model.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelEvidence {
    /// Which.
    pub label: LabelId,
    /// Votes for it.
    pub votes: u32,
    /// The model's probability.
    pub probability: Option<f64>,
    /// The model's threshold for it.
    pub threshold: Option<f64>,
}

/// One rater's vote.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterVote {
    /// Who.
    pub rater: u32,
    /// What.
    pub label: LabelId,
    /// How good they are, where that is known.
    pub competence: Option<f64>,
    /// Seconds it took.
    pub duration_s: Option<f32>,
}

/// What one detector says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Who.
    pub name: &'static str,
    /// What it looks at.
    pub words: &'static str,
    /// In 0..=1, high = suspicious.
    pub value: f64,
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemModel {
    /// Which.
    pub item: u32,
    /// Its label now.
    pub given: Option<LabelId>,
    /// What to put instead.
    pub suggested: Option<LabelId>,
    /// The model's (or the posterior's) probability of it.
    pub suggestion_probability: Option<f64>,
    /// Whether it is flagged.
    pub flagged: bool,
    /// Label quality.
    pub quality: Option<f64>,
    /// Vote entropy in bits.
    pub entropy: Option<f64>,
    /// One row a label, in label order; with many labels only those in play.
    pub labels: Vec<LabelEvidence>,
    /// Labels not shown.
    pub n_hidden: usize,
    /// All votes.
    pub n_votes: u32,
    /// Why it is flagged, or why not.
    pub reasons: Vec<Reason>,
    /// Which filters flag it; empty without probabilities.
    pub filters: Vec<(Filter, bool)>,
    /// What each detector says; empty without probabilities or without a given label.
    pub opinions: Vec<Opinion>,
    /// Votes, most competent rater first.
    pub raters: Vec<RaterVote>,
    /// Labels tied for most votes, if there are several.
    pub tied: Vec<LabelId>,
    /// The trusted label, where there is one.
    pub gold: Option<LabelId>,
    /// Further columns.
    pub metadata: Vec<(String, String)>,
}

/// Rows of labels that an inspector shows.
const MOST_LABELS: usize = 12;

/// The same as [`build`] for eyes that may not see what raters said: no votes, no raters, no statement about them, and no
/// choice of labels that would tell. What is tied is still known.
pub fn build_without_votes(
    dataset: &Dataset,
    analysis: &Analysis,
    alike: Option<&NeighboursReport>,
    item: u32,
) -> ItemModel {
    build_of(dataset, analysis, alike, item, &[])
}

/// Collects what is known about `item`; looks at this item only. `alike` is what its neighbours say, where they were asked.
pub fn build(
    dataset: &Dataset,
    analysis: &Analysis,
    alike: Option<&NeighboursReport>,
    item: u32,
) -> ItemModel {
    build_of(dataset, analysis, alike, item, &dataset.votes(item as usize))
}

fn build_of(
    dataset: &Dataset,
    analysis: &Analysis,
    alike: Option<&NeighboursReport>,
    item: u32,
    votes: &[(LabelId, u32)],
) -> ItemModel {
    let i = item as usize;
    let some = |l: LabelId| (l != NO_LABEL).then_some(l);
    let given = analysis.given.current.get(i).copied().and_then(some);
    let suggested = analysis.items.suggested.get(i).copied().and_then(some);
    let probabilities = dataset.probabilities.as_ref().map(|p| p.row(i));
    let thresholds = analysis.confident.as_ref().as_ref().ok().map(|c| &c.thresholds);
    let count = |l: LabelId| votes.iter().find(|v| v.0 == l).map_or(0, |v| v.1);
    let mut labels: Vec<LabelEvidence> = (0..dataset.labels.len() as LabelId)
        .map(|label| LabelEvidence {
            label,
            votes: count(label),
            probability: probabilities.as_ref().and_then(|p| p.get(label as usize)).copied(),
            threshold: thresholds.and_then(|t| t.get(label as usize)).copied().filter(|&t| t <= 1.0),
        })
        .collect();
    let n_all = labels.len();
    if n_all > MOST_LABELS {
        let mut order: Vec<usize> = (0..n_all).collect();
        let weight = |l: &LabelEvidence| {
            let named = Some(l.label) == given || Some(l.label) == suggested;
            (named, l.votes, l.probability.unwrap_or(0.0))
        };
        order.sort_by(|&a, &b| {
            let (x, y) = (weight(&labels[a]), weight(&labels[b]));
            y.0.cmp(&x.0).then(y.1.cmp(&x.1)).then(y.2.total_cmp(&x.2)).then(a.cmp(&b))
        });
        order.truncate(MOST_LABELS);
        order.sort_unstable();
        labels = order.into_iter().map(|k| labels[k].clone()).collect();
    }
    let n_votes: u32 = votes.iter().map(|v| v.1).sum();
    let posterior = |l: LabelId| {
        let ds = analysis.aggregation.dawid_skene.as_ref().ok()?;
        ds.posterior.get(i * n_all + l as usize).copied()
    };
    let suggestion_probability = suggested.and_then(|s| match &probabilities {
        Some(p) => p.get(s as usize).copied(),
        None => posterior(s),
    });
    let tied = if given.is_none() && n_votes > 0 { most_voted(votes) } else { Vec::new() };
    let mut raters: Vec<RaterVote> = dataset
        .annotations
        .of_item(i)
        .filter(|_| !dataset.raters.anonymous && !votes.is_empty())
        .map(|a| RaterVote {
            rater: a.rater,
            label: a.label,
            competence: analysis.raters.get(a.rater as usize).and_then(|r| r.dawid_skene_accuracy.value()),
            duration_s: dataset.annotations.duration_s(a.index),
        })
        .collect();
    raters.sort_by(|a, b| {
        b.competence.unwrap_or(-1.0).total_cmp(&a.competence.unwrap_or(-1.0)).then(a.rater.cmp(&b.rater))
    });
    let mut model = ItemModel {
        item,
        given,
        suggested,
        suggestion_probability,
        flagged: analysis.items.flagged.get(i).copied().unwrap_or(false),
        quality: analysis.items.quality(i),
        entropy: analysis.items.entropy(i),
        n_hidden: n_all - labels.len(),
        labels,
        n_votes,
        reasons: Vec::new(),
        filters: Vec::new(),
        opinions: Vec::new(),
        raters,
        tied,
        gold: dataset.gold.as_ref().and_then(|g| g.get(i)),
        metadata: dataset
            .metadata
            .iter()
            .map(|(name, column)| (name.clone(), column.get(i).to_owned()))
            .filter(|(_, v)| !v.is_empty())
            .collect(),
    };
    if let Ok(confident) = analysis.confident.as_ref() {
        model.filters = Filter::ALL.iter().map(|&f| (f, confident.is_issue(i, f))).collect();
        if let Ok(suspicion) = analysis.suspicion.as_ref() {
            let said = |detector: &'static DetectorRow| {
                let value = suspicion.of(detector.detector, confident, i)?;
                Some(Opinion { name: detector.name, words: detector.words, value })
            };
            model.opinions = DETECTORS.iter().filter_map(said).collect();
        }
        let p = probabilities.as_deref().unwrap_or_default();
        model.reasons = reasons::of_model(dataset, analysis, confident, &model, p);
    }
    model.opinions.extend(alike.into_iter().flat_map(|alike| of_neighbours(alike, i)));
    model.reasons.extend(reasons::of_votes(dataset, analysis, &model, votes, &posterior));
    model
}

/// What the item's neighbours say of its label.
fn of_neighbours(alike: &NeighboursReport, item: usize) -> Vec<Opinion> {
    let own = alike.shares.own.get(item).copied().flatten();
    let prototype = alike.prototypes.get(item).copied().flatten();
    let margin = prototype.map(|p| ((1.0 - p.margin()) / 2.0).clamp(0.0, 1.0));
    [
        ("neighbours", "share of the items most like it that have another label", own.map(|s| 1.0 - s)),
        ("prototypes", "how much nearer the mean of another label is than that of its own", margin),
        (
            "all detectors",
            "the ranks by neighbours, value, prototypes and odds, added up",
            alike.together(item),
        ),
    ]
    .into_iter()
    .filter_map(|(name, words, value)| Some(Opinion { name, words, value: value? }))
    .collect()
}

fn most_voted(votes: &[(LabelId, u32)]) -> Vec<LabelId> {
    let most = votes.iter().map(|v| v.1).max().unwrap_or(0);
    votes.iter().filter(|v| v.1 == most && most > 0).map(|v| v.0).collect()
}
