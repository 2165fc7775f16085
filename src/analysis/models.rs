//! People against models: how far each model spreads its probability as people spread their votes, how well it knows where they
//! disagree, and what people reach among themselves.
//!
//! People are the raters who count; a model is a set of predicted probabilities, or all raters that are models together, whose
//! votes are shares. Where items have several labels nothing here applies.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Dataset, Probabilities, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::gold_support::{GoldSupport, gold_support};
use crate::stats::human_distribution::{
    Ceiling, Halves, HumanCalibration, Options, Range, calibrate, human_ceiling,
};
use crate::stats::label_ranking::{LabelRanking, label_ranking};
use crate::stats::predicted_disagreement::{
    Attainable, Choices, PredictedDisagreement, attainable, human_halves, predicted_disagreement,
    probabilities_of_votes,
};
use crate::stats::soft_targets::{Slice, SoftTargets, by_entropy, near_misses, soft_targets};
use crate::stats::uncertainty::{Score, Uncertainty, uncertainty};
use crate::stats::variation::VoteCounts;

/// Votes that are dealt, or resampled, in all: fewer rounds where there are many items.
const WORK: usize = 8_000_000;
/// Slices of items by how far people disagree, beside those on which all agree.
const SLICES: usize = 4;
/// The most k of the k best.
const MOST_K: usize = 3;
/// How far down the prediction a consensus is a near miss.
const NEAR: u32 = 2;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsAsked {
    /// Whose votes are people's.
    pub settings: Settings,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

/// One model against people.
#[derive(Debug, Clone)]
pub struct ModelReport {
    /// What it is called.
    pub name: String,
    /// Its probability against the shares of votes.
    pub calibration: Result<HumanCalibration, Undefined>,
    /// How well it knows where people disagree.
    pub disagreement: Result<PredictedDisagreement, Undefined>,
    /// The shares of votes as its target.
    pub targets: Result<SoftTargets, Undefined>,
    /// The same for items on which all agree, then by how far they disagree.
    pub by_entropy: Vec<Slice>,
    /// Which number made of its probabilities follows people's disagreement best.
    pub uncertainty: Result<Uncertainty, Undefined>,
    /// Whether it ranks labels as the votes do.
    pub ranking: Result<LabelRanking, Undefined>,
    /// Items by how far it is from people, the farthest first.
    pub farthest: Arc<[u32]>,
    /// Items whose label by most is its second choice.
    pub near_misses: Arc<[u32]>,
}

/// All models against people.
#[derive(Debug, Clone)]
pub struct ModelsReport {
    /// What was asked for.
    pub asked: ModelsAsked,
    /// People with a vote.
    pub n_people: usize,
    /// Items with a vote of theirs.
    pub n_items: usize,
    /// Their votes.
    pub n_votes: usize,
    /// One a model.
    pub models: Vec<ModelReport>,
    /// What half of the people reach against the other half.
    pub ceiling: Result<Ceiling, Undefined>,
    /// The same of VarCorr and DistAlign.
    pub halves: Result<(Option<Range>, Range), Undefined>,
    /// What somebody who knew the true shares would reach.
    pub attainable: Result<Attainable, Undefined>,
    /// Votes behind the trusted or given label, and which column that is.
    pub support: Option<(String, GoldSupport)>,
    /// Its items below one half, and those that nobody voted for.
    pub of_support: [Arc<[u32]>; 2],
    /// Votes of people by item and label.
    votes: VoteCounts,
    /// Their number of labels.
    n_labels: usize,
    rows: Vec<Row>,
}

/// Where a model's numbers are.
#[derive(Debug, Clone)]
enum Row {
    /// The dataset's own.
    Main,
    /// One of its further models.
    Further(usize),
    /// Shares of votes of the raters that are models.
    Judges(Arc<Probabilities>),
}

impl ModelsReport {
    /// Shares of people's votes on an item, one a label; `None` without a vote.
    pub fn people(&self, item: usize) -> Option<Vec<f64>> {
        let mut shares = vec![0.0; self.n_labels];
        for (label, share) in self.votes.shares(item) {
            if let Some(slot) = shares.get_mut(label as usize) {
                *slot = share;
            }
        }
        (self.votes.total(item) > 0).then_some(shares)
    }

    /// Votes of people on an item.
    pub fn n_votes_on(&self, item: usize) -> u32 {
        self.votes.total(item)
    }

    /// What a model says of an item, one number a label.
    pub fn said(&self, dataset: &Dataset, model: usize, item: usize) -> Option<Vec<f64>> {
        let rows = match self.rows.get(model)? {
            Row::Main => dataset.probabilities.as_ref()?,
            Row::Further(at) => dataset.models.get(*at)?,
            Row::Judges(shares) => shares,
        };
        (item < rows.rows()).then(|| {
            let mut row = vec![0.0; rows.cols()];
            rows.read(item, &mut row);
            row
        })
    }
}

/// Rounds of a resampling over `n` votes or items: at least 10.
fn rounds(n: usize, most: u32) -> u32 {
    ((WORK / n.max(1)) as u32).clamp(10, most)
}

/// Compares people with every model.
///
/// Undefined where nobody voted, where items have several labels, and without a model.
pub fn models(
    dataset: &Dataset,
    asked: &ModelsAsked,
    progress: &Progress,
) -> Result<Result<ModelsReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.annotations.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if dataset.sets.is_some() {
        return because("items have several labels, which are no one distribution");
    }
    let n_labels = dataset.labels.len();
    let kinds = &dataset.raters.kinds;
    let is_model = |rater: u32| kinds.get(rater as usize) == Some(&RaterKind::Model);
    let (settings, raters) = (&asked.settings, &dataset.raters);
    let all_models = !kinds.is_empty() && kinds.iter().all(|k| *k == RaterKind::Model);
    let person = |rater: u32| settings.counts(raters, rater) && (all_models || !is_model(rater));
    let people = dataset.annotations.keep(|_, rater| !raters.are_known() || person(rater));
    let people = people.resolved(settings.duplicates);
    let votes = VoteCounts::new(&people, n_labels);
    let n_items = (0..votes.n_items()).filter(|&i| votes.total(i) > 0).count();
    if n_items == 0 {
        return because("no person labelled anything");
    }
    let judges = if raters.are_known() && !all_models && kinds.contains(&RaterKind::Model) {
        let said = dataset.annotations.keep(|_, rater| is_model(rater));
        let counts = VoteCounts::new(&said.resolved(settings.duplicates), n_labels);
        probabilities_of_votes(&counts, n_labels).ok().map(Arc::new)
    } else {
        None
    };
    let mut rows: Vec<(String, Row)> = Vec::new();
    if let Some(main) = &dataset.probabilities {
        let name = if main.name.is_empty() { "probabilities".to_owned() } else { main.name.clone() };
        rows.push((name, Row::Main));
    }
    let further = dataset.models.iter().enumerate();
    rows.extend(further.map(|(at, model)| (model.name.clone(), Row::Further(at))));
    rows.extend(judges.map(|shares| ("models’ votes".to_owned(), Row::Judges(shares))));
    if rows.is_empty() {
        return because("the data has no predicted probabilities, and no rater is a model");
    }
    let mut found = Vec::with_capacity(rows.len());
    for (name, row) in &rows {
        let numbers = match row {
            Row::Main => dataset.probabilities.as_ref(),
            Row::Further(at) => dataset.models.get(*at),
            Row::Judges(shares) => Some(shares.as_ref()),
        };
        if let Some(numbers) = numbers {
            found.push(model(name, numbers, &votes, n_labels, asked.seed, progress)?);
        }
    }
    let n_votes = people.len();
    let halves = Halves { repeats: rounds(n_votes, 100), seed: asked.seed, size: None };
    let labels = dataset.gold.as_ref().or(dataset.given.as_ref());
    let support = labels.map(|c| (c.name.clone(), gold_support(&votes, &c.ids, n_labels)));
    let of_support = [false, true].map(|none| -> Arc<[u32]> {
        let items = support.iter().flat_map(|s| &s.1.items);
        items.filter(|s| if none { s.votes == 0 } else { s.is_minority() }).map(|s| s.item).collect()
    });
    let draws = (rounds(n_votes, 300), asked.seed);
    Ok(Ok(ModelsReport {
        n_people: (0..people.n_raters()).filter(|&r| !people.rows_of_rater(r).is_empty()).count(),
        n_items,
        n_votes,
        ceiling: human_ceiling(&votes, n_labels, halves, &Options::default(), progress)?,
        halves: human_halves(&votes, n_labels, halves, progress)?,
        attainable: attainable(&votes, n_labels, draws, progress)?,
        support,
        of_support,
        models: found,
        asked: asked.clone(),
        votes,
        n_labels,
        rows: rows.into_iter().map(|r| r.1).collect(),
    }))
}

fn model(
    name: &str,
    numbers: &Probabilities,
    votes: &VoteCounts,
    n_labels: usize,
    seed: u64,
    progress: &Progress,
) -> Result<ModelReport, Cancelled> {
    let calibration = calibrate(votes, n_labels, numbers, &Options::default(), progress)?;
    let bootstrap = (rounds(votes.n_items(), 1000), seed);
    let choices = Choices { bootstrap, ..Choices::default() };
    let disagreement = predicted_disagreement(votes, n_labels, numbers, choices, progress)?;
    let targets = soft_targets(votes, n_labels, numbers, MOST_K, progress)?;
    let scores = Score::usual();
    let uncertainty = uncertainty(votes, n_labels, &[numbers], &scores, (0, seed), progress)?;
    let ranking = label_ranking(votes, n_labels, numbers, progress)?;
    progress.check()?;
    let items = calibration.as_ref().map_or(&[][..], |c| c.items.as_slice());
    let mut farthest: Vec<u32> = (0..items.len() as u32).collect();
    farthest.sort_by(|&a, &b| {
        let of = |i: u32| &items[i as usize];
        of(b).distance.total_cmp(&of(a).distance).then(of(b).n_votes.cmp(&of(a).n_votes)).then(a.cmp(&b))
    });
    let farthest: Arc<[u32]> = farthest.into_iter().map(|i| items[i as usize].item).collect();
    let told = targets.as_ref().ok();
    Ok(ModelReport {
        name: name.to_owned(),
        farthest,
        near_misses: told.map_or_else(Vec::new, |t| near_misses(t, NEAR)).into(),
        by_entropy: told.map_or_else(Vec::new, |t| by_entropy(t, SLICES)),
        calibration,
        disagreement,
        targets,
        uncertainty,
        ranking,
    })
}

/// Whether there is a model to hold against people.
pub fn has_models(dataset: &Dataset) -> bool {
    let kinds = &dataset.raters.kinds;
    let judged = kinds.contains(&RaterKind::Model) && kinds.contains(&RaterKind::Human);
    !dataset.annotations.is_empty()
        && dataset.sets.is_none()
        && (dataset.probabilities.is_some() || !dataset.models.is_empty() || judged)
        && dataset.labels.len() > 1
}

#[cfg(test)]
mod tests;
