//! Label quality beyond the three plain scores: adjusted for thresholds, and of several models together.
//!
//! Source: Kuan & Mueller 2022. Scores have one entry an item, `None` where it has no label.

use rayon::prelude::*;

use super::scan::{SLACK, Scan, block_rows, scan, score};
use super::sums::pairwise_sum;
use super::{ConfidentError, Quality, order};
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};

/// How the models of an ensemble are weighted.
#[derive(Debug, Clone, PartialEq)]
pub enum Weighting {
    /// All alike.
    Uniform,
    /// By the share of items whose most probable label is the given one.
    Accuracy,
    /// By exp(−T · log loss), with the T of 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 200 whose weighted average of the
    /// probabilities has the lowest log loss (the first of equals).
    LogLossSearch,
    /// By these numbers, one a model, as they are.
    Custom(Vec<f64>),
}

const TEMPERATURES: [f64; 8] = [1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 200.0];

/// What the log loss of a certain error is capped by: scikit-learn's clipping of `f64` probabilities.
const LOG_LOSS_CLIP: f64 = f64::EPSILON;

/// Label quality from probabilities less the thresholds of their labels, plus the highest threshold, rescaled to
/// sum to 1: fairer to labels that the model is rarely sure of. Thresholds are estimated from the data.
///
/// # Errors
/// As [`confident_learning`](super::confident_learning); also [`Quality::ConfidenceWeightedEntropy`], which has no
/// adjusted form, and a row whose adjusted probabilities sum to 0.
pub fn adjusted_quality(
    labels: &[LabelId],
    probabilities: &Probabilities,
    quality: Quality,
    progress: &Progress,
) -> Result<Vec<Option<f64>>, ConfidentError> {
    let scan = scan(labels, probabilities, progress)?;
    Ok(optional(adjusted(labels, probabilities, &scan, quality, progress)?))
}

fn optional(scores: Vec<f64>) -> Vec<Option<f64>> {
    scores.into_iter().map(|s| (!s.is_nan()).then_some(s)).collect()
}

/// NaN where there is no label.
fn adjusted(
    labels: &[LabelId],
    probabilities: &Probabilities,
    scan: &Scan,
    quality: Quality,
    progress: &Progress,
) -> Result<Vec<f64>, ConfidentError> {
    if quality == Quality::ConfidenceWeightedEntropy {
        let words = "confidence-weighted entropy cannot be adjusted for thresholds";
        return Err(ConfidentError::Parameter(words.into()));
    }
    let highest = scan.thresholds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    per_row(labels, probabilities, progress, |row, y, terms| {
        for (p, t) in row.iter_mut().zip(&scan.thresholds) {
            *p = *p - t + highest;
        }
        let sum = pairwise_sum(row);
        if sum <= 0.0 {
            return None;
        }
        for p in row.iter_mut() {
            *p /= sum;
        }
        Some(score(quality, row, y, 0.0, terms))
    })
}

/// A number for each labelled row, NaN for the others; `f` may change the row, gets scratch of its length, and
/// says `None` where the row sums to 0.
fn per_row(
    labels: &[LabelId],
    probabilities: &Probabilities,
    progress: &Progress,
    f: impl Fn(&mut [f64], usize, &mut [f64]) -> Option<f64> + Sync,
) -> Result<Vec<f64>, ConfidentError> {
    let k = probabilities.cols();
    let block = block_rows(k);
    progress.stage("Scoring labels", labels.len() as u64);
    let mut scores = vec![f64::NAN; labels.len()];
    let empty = scores
        .par_chunks_mut(block)
        .zip(labels.par_chunks(block))
        .enumerate()
        .map_init(
            || (vec![0.0; block * k], vec![0.0; k]),
            |(numbers, terms), (b, (scores, ids))| {
                progress.check()?;
                let numbers = &mut numbers[..ids.len() * k];
                probabilities.read(b * block, numbers);
                for (i, (row, &label)) in numbers.chunks_exact_mut(k).zip(ids).enumerate() {
                    if label != NO_LABEL {
                        match f(row, label as usize, terms) {
                            Some(s) => scores[i] = s,
                            None => return Ok(b * block + i),
                        }
                    }
                }
                progress.add(ids.len() as u64);
                Ok::<_, Cancelled>(usize::MAX)
            },
        )
        .try_reduce(|| usize::MAX, |a, b| Ok(a.min(b)))?;
    if empty < usize::MAX { Err(ConfidentError::EmptyRow { item: empty }) } else { Ok(scores) }
}

/// Label quality as the weighted mean over several models. All `models` are of the same items and labels.
///
/// # Errors
/// As [`confident_learning`](super::confident_learning) for each model; no model at all; custom weights that are
/// not one finite number a model; accuracy weights where no model gets an item right; with `adjust` as
/// [`adjusted_quality`].
pub fn ensemble_quality(
    labels: &[LabelId],
    models: &[Probabilities],
    quality: Quality,
    adjust: bool,
    weighting: &Weighting,
    progress: &Progress,
) -> Result<Vec<Option<f64>>, ConfidentError> {
    let refuse = |words: &str| Err(ConfidentError::Parameter(words.into()));
    if models.is_empty() {
        return refuse("an ensemble needs at least one model");
    }
    if models.iter().any(|m| m.cols() != models[0].cols()) {
        return refuse("the models of an ensemble have different numbers of labels");
    }
    let mut scores = Vec::with_capacity(models.len());
    let mut confidences = Vec::with_capacity(models.len());
    let mut accuracies = Vec::with_capacity(models.len());
    for model in models {
        let mut scan = scan(labels, model, progress)?;
        let right = labels.iter().zip(&scan.predicted).filter(|(y, p)| y == p).count();
        accuracies.push(right as f64 / labels.iter().filter(|&&y| y != NO_LABEL).count() as f64);
        confidences.push(scan.quality[Quality::SelfConfidence as usize].clone());
        scores.push(if adjust {
            adjusted(labels, model, &scan, quality, progress)?
        } else {
            std::mem::take(&mut scan.quality[quality as usize])
        });
    }
    let weights = match weighting {
        Weighting::Uniform => vec![1.0 / models.len() as f64; models.len()],
        Weighting::Accuracy => {
            let sum: f64 = accuracies.iter().sum();
            if sum == 0.0 {
                return refuse("no model predicts a single given label, so accuracy cannot weight them");
            }
            accuracies.iter().map(|a| a / sum).collect()
        }
        Weighting::LogLossSearch => log_loss_weights(labels, models, &confidences, progress)?,
        Weighting::Custom(w) if w.len() == models.len() && w.iter().all(|x| x.is_finite()) => w.clone(),
        Weighting::Custom(_) => return refuse("custom weights must be one number a model"),
    };
    let mean: Vec<f64> = (0..labels.len())
        .into_par_iter()
        .map(|i| scores.iter().zip(&weights).map(|(s, w)| s[i] * w).sum())
        .collect();
    progress.check()?;
    Ok(optional(mean))
}

/// `confidences` has one column of P(given) a model.
fn log_loss_weights(
    labels: &[LabelId],
    models: &[Probabilities],
    confidences: &[Vec<f64>],
    progress: &Progress,
) -> Result<Vec<f64>, ConfidentError> {
    let labelled: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] != NO_LABEL).collect();
    let loss = |confidence: &(dyn Fn(usize) -> f64 + Sync)| {
        let terms: Vec<f64> = labelled
            .par_iter()
            .map(|&i| -confidence(i).clamp(LOG_LOSS_CLIP, 1.0 - LOG_LOSS_CLIP).ln())
            .collect();
        pairwise_sum(&terms) / labelled.len() as f64
    };
    let mut losses = Vec::with_capacity(models.len());
    for model in models {
        let clipped = per_row(labels, model, progress, |row, y, _| {
            for p in row.iter_mut() {
                *p = p.max(SLACK);
            }
            Some(row[y] / pairwise_sum(row))
        })?;
        losses.push(loss(&|i| clipped[i]));
    }
    let mut best = (f64::INFINITY, vec![1.0 / models.len() as f64; models.len()]);
    for t in TEMPERATURES {
        progress.check()?;
        let raw: Vec<f64> = losses.iter().map(|l| (-t * l).exp()).collect();
        let sum: f64 = raw.iter().sum();
        // All weights underflow: this T says nothing.
        if sum > 0.0 {
            let weights: Vec<f64> = raw.iter().map(|w| w / sum).collect();
            let mixed = loss(&|i| confidences.iter().zip(&weights).map(|(c, w)| c[i] * w).sum());
            if mixed < best.0 {
                best = (mixed, weights);
            }
        }
    }
    Ok(best.1)
}

/// The `top` items of lowest score, lowest first, ties by item; items without a score are left out.
///
/// # Errors
/// Cancellation; [`ConfidentError::TooManyItems`].
pub fn lowest_scores(
    scores: &[Option<f64>],
    top: usize,
    progress: &Progress,
) -> Result<Vec<u32>, ConfidentError> {
    count_items(scores.len())?;
    let entries = scores
        .iter()
        .enumerate()
        .filter_map(|(i, s)| s.filter(|s| !s.is_nan()).map(|s| (s, i as u32)))
        .collect();
    let mut rows = order::sorted_rows(entries, progress)?;
    rows.truncate(top);
    Ok(rows)
}

fn count_items(items: usize) -> Result<(), ConfidentError> {
    u32::try_from(items).map(|_| ()).map_err(|_| ConfidentError::TooManyItems(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(values: &[f64]) -> Probabilities {
        Probabilities::from_f64(values.to_vec(), values.len() / 2, 2).unwrap()
    }

    #[test]
    fn entropy_has_no_adjusted_form() {
        let m = model(&[0.5, 0.5, 0.2, 0.8]);
        let result =
            adjusted_quality(&[0, 1], &m, Quality::ConfidenceWeightedEntropy, &Progress::new()).unwrap_err();
        assert!(matches!(result, ConfidentError::Parameter(_)));
    }

    #[test]
    fn a_row_of_zeros_cannot_be_rescaled() {
        // Both thresholds are 0.5, so the adjusted row is the row itself.
        let m = model(&[0.5, 0.5, 0.5, 0.5, 0.0, 0.0]);
        let result =
            adjusted_quality(&[0, 1, NO_LABEL], &m, Quality::SelfConfidence, &Progress::new()).unwrap();
        assert_eq!(result, [Some(0.5), Some(0.5), None]);
        let m = model(&[0.5, 0.5, 1.0, 0.5, 0.0, 0.0, 0.5, 0.5]);
        let result = adjusted_quality(&[1, 0, 0, 1], &m, Quality::SelfConfidence, &Progress::new());
        assert_eq!(result, Err(ConfidentError::EmptyRow { item: 2 }));
    }

    #[test]
    fn weights_that_do_not_fit_are_refused() {
        let models = [model(&[0.5, 0.5, 0.2, 0.8])];
        let run = |labels: &[LabelId], w: Weighting| {
            ensemble_quality(labels, &models, Quality::SelfConfidence, false, &w, &Progress::new())
        };
        assert!(run(&[0, 1], Weighting::Custom(vec![0.5, 0.5])).is_err());
        assert!(run(&[0, 1], Weighting::Custom(vec![f64::NAN])).is_err());
        assert_eq!(run(&[0, 1], Weighting::Uniform).unwrap(), [Some(0.5), Some(0.8)]);
        let wrong = [model(&[0.2, 0.8, 0.8, 0.2])];
        let result = ensemble_quality(
            &[0, 1],
            &wrong,
            Quality::SelfConfidence,
            false,
            &Weighting::Accuracy,
            &Progress::new(),
        );
        assert!(result.is_err());
    }

    #[test]
    fn lowest_scores_come_first_and_ties_by_item() {
        let scores = [Some(0.5), None, Some(0.1), Some(0.5), Some(0.1)];
        assert_eq!(lowest_scores(&scores, 3, &Progress::new()).unwrap(), [2, 4, 0]);
        assert_eq!(lowest_scores(&scores, 9, &Progress::new()).unwrap(), [2, 4, 0, 3]);
    }
}
