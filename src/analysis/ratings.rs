//! Ratings on a scale: which given ones, and which of single raters, are far from what was to be expected.
//!
//! Expected of a given label is the model's mean rating Σ p(k) · value(k), or, without a model, the mean of the item's votes; of a
//! single rating, the mean of the other raters of the item. Labels have the values they are named by, or their places in the order.

use std::sync::Arc;

use super::{Given, Settings};
use crate::dataset::{Dataset, LabelSet, NO_LABEL, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::residuals::{flagged, outre_scores, residual_scores};

/// Most ratings that are listed.
const MOST: usize = 10_000;

/// What is expected of given labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The model's mean.
    Model,
    /// The mean of the votes.
    Votes,
}

/// One rating beside what was expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingRow {
    /// The item.
    pub item: u32,
    /// Whose; `None` for the given label.
    pub rater: Option<u32>,
    /// Its value.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// exp(−|expected − value|).
    pub residual: f64,
    /// OUTRE; `None` for too few or too many.
    pub outre: Option<f64>,
}

/// Ratings that are far off.
#[derive(Debug, Clone)]
pub struct RatingsReport {
    /// What was expected of given labels; `None` where they are the votes' own and there is no model.
    pub expected: Option<Expected>,
    /// Given labels, the most suspicious first by OUTRE (else by residual), ties by item.
    pub given: Vec<RatingRow>,
    /// Items whose given label is flagged: below a twentieth of the median score, ascending.
    pub flagged: Arc<[u32]>,
    /// The farthest single ratings, likewise.
    pub single: Vec<RatingRow>,
    /// Items of flagged single ratings, ascending.
    pub flagged_single: Arc<[u32]>,
    /// Flagged single ratings, ratings in all.
    pub n_single: (usize, usize),
}

/// What labels are worth on their scale: the numbers that they are named by, or, where they are words in an order, their places in it. `None`
/// for labels of neither kind, and for fewer than two.
pub(super) fn numbers(labels: &LabelSet) -> Option<Vec<f64>> {
    let places = || (labels.scale != Scale::Nominal).then(|| (0..labels.len()).map(|i| i as f64).collect());
    labels.values().or_else(places).filter(|v| v.len() > 1)
}

/// Compares ratings with what was to be expected. Given labels are those as they stand.
///
/// Undefined for labels that are neither numbers nor ordered, and where nothing is expected of anything.
pub fn ratings(
    dataset: &Dataset,
    given: &Given,
    settings: &Settings,
    progress: &Progress,
) -> Result<Result<RatingsReport, Undefined>, Cancelled> {
    let labels = &dataset.labels;
    let Some(values) = numbers(labels) else {
        return Ok(Err(Undefined::Because("labels are neither numbers nor in an order".to_owned())));
    };
    let votes = settings.counted(dataset).resolved(settings.duplicates);
    let n = dataset.n_items();
    let model = dataset.probabilities.as_ref().filter(|p| p.rows() == n && p.cols() == labels.len());
    let own = matches!(given.source, super::GivenSource::Consensus(_));
    let expected = match model {
        Some(_) => Some(Expected::Model),
        None if !own && !votes.is_empty() => Some(Expected::Votes),
        None => None,
    };
    let mean = |item: usize| {
        let said = votes.labels_of(item);
        (!said.is_empty()).then(|| said.iter().map(|&l| values[l as usize]).sum::<f64>() / said.len() as f64)
    };
    let mut rows = Vec::new();
    for item in 0..n {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let label = given.current[item];
        let wanted = match (expected, model) {
            (None, _) => None,
            (Some(Expected::Model), Some(p)) => {
                Some(p.row(item).iter().zip(&values).map(|(p, v)| p * v).sum())
            }
            _ => mean(item),
        };
        if let (true, Some(expected)) = (label != NO_LABEL, wanted) {
            let value = values[label as usize];
            rows.push(RatingRow {
                item: item as u32,
                rater: None,
                value,
                expected,
                residual: 0.0,
                outre: None,
            });
        }
    }
    let (given_rows, flagged_given) = scored(rows, progress)?;
    let mut single = Vec::new();
    if !dataset.raters.anonymous {
        for item in 0..n {
            if item % 4096 == 0 {
                progress.check()?;
            }
            let all: Vec<(u32, f64)> =
                votes.of_item(item).map(|a| (a.rater, values[a.label as usize])).collect();
            let sum: f64 = all.iter().map(|a| a.1).sum();
            for &(rater, value) in all.iter().filter(|_| all.len() > 1) {
                let expected = (sum - value) / (all.len() - 1) as f64;
                let item = item as u32;
                single.push(RatingRow {
                    item,
                    rater: Some(rater),
                    value,
                    expected,
                    residual: 0.0,
                    outre: None,
                });
            }
        }
    }
    if given_rows.is_empty() && single.is_empty() {
        let why = "there is no model, and no item has two ratings or a rating beside its given label";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    let n_single = single.len();
    let (mut single, flagged_rows) = scored(single, progress)?;
    single.truncate(MOST);
    let items = |rows: &[(u32, Option<u32>)]| -> Arc<[u32]> {
        let mut items: Vec<u32> = rows.iter().map(|r| r.0).collect();
        items.sort_unstable();
        items.dedup();
        items.into()
    };
    Ok(Ok(RatingsReport {
        expected,
        given: given_rows,
        flagged: items(&flagged_given),
        single,
        flagged_single: items(&flagged_rows),
        n_single: (flagged_rows.len(), n_single),
    }))
}

/// Rows with their scores, the most suspicious first, and which are flagged.
#[expect(clippy::type_complexity, reason = "rows, and item and rater of the flagged ones")]
fn scored(
    mut rows: Vec<RatingRow>,
    progress: &Progress,
) -> Result<(Vec<RatingRow>, Vec<(u32, Option<u32>)>), Cancelled> {
    let (given, expected): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.value, r.expected)).unzip();
    let residual = residual_scores(&given, &expected);
    let outre = outre_scores(&given, &expected, progress)?;
    let flags = flagged(outre.as_ref().unwrap_or(&residual), &given, &expected);
    let flags = flags.into_iter().map(|at| (rows[at].item, rows[at].rater)).collect();
    for (at, row) in rows.iter_mut().enumerate() {
        row.residual = residual[at];
        row.outre = outre.as_ref().map(|o| o[at]);
    }
    let score = |r: &RatingRow| r.outre.unwrap_or(r.residual);
    rows.sort_by(|a, b| score(a).total_cmp(&score(b)).then((a.item, a.rater).cmp(&(b.item, b.rater))));
    Ok((rows, flags))
}

#[cfg(test)]
mod tests {
    use super::super::GivenSource;
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelId, Raters};

    #[test]
    fn a_rating_far_from_the_others_and_a_given_one_far_from_the_votes() {
        let mut said = AnnotationsBuilder::new();
        for item in 0..40_u32 {
            for rater in 0..4_u32 {
                // Ratings of 1 to 5 that are near each other, but for one of rater 2.
                let label = if (item, rater) == (7, 2) { 4 } else { (item % 3 + (item + rater) % 2).min(4) };
                said.push(item, rater, label, None);
            }
        }
        let names: Vec<String> = (1..6).map(|i| i.to_string()).collect();
        let dataset = Dataset {
            labels: LabelSet::new(&[], names),
            keys: (0..40).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            raters: Raters { names: ["a", "b", "c", "d"].map(str::to_owned).to_vec(), ..Raters::default() },
            annotations: said.finish(40, 4),
            ..Dataset::default()
        };
        let mut current: Vec<LabelId> = (0..40).map(|i| i % 3).collect();
        current[12] = 4;
        let source = GivenSource::Column("given".to_owned());
        let given = Given { source, original: current.clone(), current, n_tied: 0 };
        let found = ratings(&dataset, &given, &Settings::default(), &Progress::new()).unwrap().unwrap();
        assert_eq!(
            (found.expected, found.given[0].item, found.given[0].value),
            (Some(Expected::Votes), 12, 5.0)
        );
        assert_eq!((found.single[0].item, found.single[0].rater, found.n_single.1), (7, Some(2), 160));
        assert!(found.flagged.contains(&12) && found.flagged_single.contains(&7) && found.flagged.len() < 4);
        let words =
            Dataset { labels: LabelSet::new(&["x", "y", "z", "u", "v"].map(str::to_owned), []), ..dataset };
        assert!(ratings(&words, &given, &Settings::default(), &Progress::new()).unwrap().is_err());
    }
}
