//! One detector, each rater by itself: a model's probability of a label held against the marks of one rater after the other.
//!
//! A detector is a model's probability of the label, or a column of numbers about items. A rater marks the items to which this
//! rater gave the label.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Dataset, LabelId, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::detector_per_rater::{DetectorOptions, DetectorsPerRater, RaterMarks, detectors_per_rater};

/// Most items times raters.
const MOST_CELLS: usize = 200_000_000;
/// Most raters: those with most votes.
const MOST_RATERS: usize = 200;
/// Marks that groups of raters are counted over, for each size: fewer groups where there are many.
const SUBSET_WORK: usize = 50_000_000;
/// Most columns of numbers that are detectors.
const MOST_COLUMNS: usize = 8;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerRaterAsked {
    /// Who counts.
    pub settings: Settings,
    /// The label that is detected.
    pub label: LabelId,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

/// Detectors beside raters.
#[derive(Debug, Clone)]
pub struct PerRaterReport {
    /// What was asked for.
    pub asked: PerRaterAsked,
    /// Names of the detectors.
    pub detectors: Vec<String>,
    /// Numbers of the raters.
    pub raters: Vec<u32>,
    /// Raters with fewer votes, who are left out.
    pub n_more: usize,
    /// What was found; raters in the order of [`Self::raters`].
    pub found: DetectorsPerRater,
    /// For each detector and rater, the items on which the two part at the threshold that the others choose: ascending.
    pub parted: Vec<Vec<Arc<[u32]>>>,
}

/// Scores of a detector, one an item; NaN where there is none.
type Scores = Vec<f64>;

fn scores(dataset: &Dataset, label: LabelId) -> Vec<(String, Scores)> {
    let n = dataset.n_items();
    let mut found: Vec<(String, Scores)> = Vec::new();
    for model in dataset.probabilities.iter().chain(&dataset.models) {
        if model.cols() != dataset.labels.len() {
            continue;
        }
        let mut row = vec![0.0; model.cols()];
        let score = |item: usize| {
            model.read(item, &mut row);
            row.get(label as usize).copied().unwrap_or(f64::NAN)
        };
        let own = (0..n.min(model.rows())).map(score).collect();
        let name = if model.name.is_empty() { "probabilities".to_owned() } else { model.name.clone() };
        found.push((name, own));
    }
    for (name, column) in &dataset.metadata {
        if found.len() >= MOST_COLUMNS {
            break;
        }
        let numbers = column.iter().map(|v| v.trim().parse::<f64>().ok().filter(|v| v.is_finite()));
        let own: Scores = numbers.map(|v| v.unwrap_or(f64::NAN)).collect();
        let known = own.iter().filter(|v| !v.is_nan()).count();
        // Almost all of it numbers, and not a number for each item in turn.
        let counts_up = own.windows(2).all(|w| w[1] - w[0] == 1.0);
        if 10 * known >= 9 * n && !counts_up && n > 1 {
            found.push((name.clone(), own));
        }
    }
    found
}

/// Holds every detector of a label against each rater.
///
/// Undefined without raters or votes, without a detector, and for more than can be held.
pub fn per_rater(
    dataset: &Dataset,
    asked: &PerRaterAsked,
    progress: &Progress,
) -> Result<Result<PerRaterReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if !dataset.raters.are_known() || dataset.annotations.is_empty() {
        return because("it takes raters with names");
    }
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    let detectors = scores(dataset, asked.label);
    if detectors.is_empty() {
        return because("there is neither a model’s probability nor a column of numbers about items");
    }
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let is_person = |r: u32| dataset.raters.kinds.get(r as usize) != Some(&RaterKind::Model);
    let n_votes = |r: u32| votes.rows_of_rater(r as usize).len();
    let mut raters: Vec<u32> =
        (0..votes.n_raters() as u32).filter(|&r| is_person(r) && n_votes(r) > 0).collect();
    raters.sort_by_key(|&r| (std::cmp::Reverse(n_votes(r)), r));
    let n_more = raters.len().saturating_sub(MOST_RATERS);
    raters.truncate(MOST_RATERS);
    raters.sort_unstable();
    if raters.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    if dataset.n_items().saturating_mul(raters.len()) > MOST_CELLS {
        return because("there are too many items and raters to be held one by one");
    }
    let mut marks = match RaterMarks::new(dataset.n_items(), raters.len()) {
        Ok(marks) => marks,
        Err(reason) => return Ok(Err(reason)),
    };
    for (at, &rater) in raters.iter().enumerate() {
        progress.check()?;
        for vote in votes.of_rater(rater as usize) {
            marks.judge(at, vote.item as usize, vote.label == asked.label);
        }
    }
    let slices: Vec<&[f64]> = detectors.iter().map(|d| d.1.as_slice()).collect();
    let usual = DetectorOptions::default();
    let subsets = (SUBSET_WORK / (dataset.n_items() * raters.len()).max(1)) as u32;
    let options = DetectorOptions { seed: asked.seed, subsets: subsets.clamp(4, usual.subsets), ..usual };
    let found = match detectors_per_rater(&slices, &marks, options, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut parted = Vec::with_capacity(detectors.len());
    for (detector, (_, scores)) in found.detectors.iter().zip(&detectors) {
        progress.check()?;
        let of = |(at, &rater): (usize, &u32)| -> Arc<[u32]> {
            let Ok(chosen) = &detector.raters[at].chosen else { return Arc::from([]) };
            let parts = |item: u32, label: LabelId| {
                let score = scores.get(item as usize).copied().unwrap_or(f64::NAN);
                !score.is_nan() && (score >= chosen.threshold) != (label == asked.label)
            };
            let own = votes.of_rater(rater as usize).filter(|v| parts(v.item, v.label));
            let mut items: Vec<u32> = own.map(|v| v.item).collect();
            items.sort_unstable();
            items.dedup();
            items.into()
        };
        parted.push(raters.iter().enumerate().map(of).collect());
    }
    Ok(Ok(PerRaterReport {
        asked: asked.clone(),
        detectors: detectors.into_iter().map(|d| d.0).collect(),
        raters,
        n_more,
        found,
        parted,
    }))
}

#[cfg(test)]
mod tests;
