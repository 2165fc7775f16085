//! ActiveLab (Goh & Mueller 2023): which item to have labelled next, whether it has labels already or not.
//!
//! Models are first tempered: P_M(k) ∝ P_M(k)^(1/T), T of the lowest mean cross-entropy between an item's shares of votes and
//! P_M, over items with a vote (see [`Calibration`]); looked for among 0.1, 0.2, 0.5, 0.8, 1, 2, 3, 5, 8, then in quarters of the steps to both
//! neighbours. With CROWDLAB's weights w_M and w_j for the tempered models, and w̄ the mean of the raters' weights, the score is
//!
//! (q (Σ_M w_M + Σ_j w_j) + w̄/K)/(Σ_M w_M + Σ_j w_j + w̄),
//!
//! over the raters j of the item, where q is the posterior of its consensus; low scores first. For an item without a vote there is no
//! j, and the posterior is the weighted mean of the models at the label that most models find most probable (ties as in
//! CROWDLAB). Where every item has one vote at most, nobody's weight can be known: T and all weights are 1, and q is the models'
//! mean probability of the label.

use rayon::prelude::*;

use super::crowdlab::{Join, check_models, read_all};
use super::{Layout, crowdlab};
use crate::dataset::{AnnotationsBuilder, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Temperatures that are tried first.
const COARSE: [f64; 9] = [0.1, 0.2, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 8.0];
/// Steps between two of them that are tried then.
const FINE: usize = 4;
/// Probabilities are at least this before their logarithm is taken.
const LEAST: f64 = 1e-30;
/// Items of one task.
const BLOCK: usize = 1 << 12;

/// What the temperature of a model is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calibration {
    /// The shares of an item's votes.
    #[default]
    Votes,
    /// What cleanlab 2.9 takes for them: the votes for an item's different labels, lowest label first, count for labels 0, 1, …
    /// whichever they are for. An item on which all agree then always speaks for label 0. Only to compare with it.
    Ranks,
}

/// What to label next.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveLab {
    /// One entry an item, in 0..=1: the lower, the more another label for it helps.
    pub score: Vec<f64>,
    /// What each model was tempered by: above 1, it was too sure of itself.
    pub temperature: Vec<f64>,
    /// w_M, one a model.
    pub model_weight: Vec<f64>,
    /// w̄.
    pub mean_rater_weight: f64,
}

/// Scores every item, those without a vote by the models alone.
///
/// Undefined without models, for models of other items or labels, with fewer than two labels, and wherever CROWDLAB is and some
/// item has two votes. Nobody need have voted at all.
pub fn active_lab(
    layout: &Layout,
    models: &[&Probabilities],
    calibration: Calibration,
    progress: &Progress,
) -> Result<Result<ActiveLab, Undefined>, Cancelled> {
    if let Err(reason) = check_models(layout, models).and_then(|()| layout.check_size()) {
        return Ok(Err(reason));
    }
    let (n, k) = (layout.n_items(), layout.n_labels());
    progress.stage("ActiveLab", models.len() as u64 + 1);
    let is_single = (0..n).all(|item| layout.votes(item).len() < 2);
    let mut rows = read_all(layout, models);
    let mut temperature = vec![1.0; models.len()];
    if !is_single {
        for (rows, t) in rows.iter_mut().zip(&mut temperature) {
            *t = best_temperature(layout, rows, calibration, progress)?;
            temper(rows, k, *t);
            progress.add(1);
        }
    }
    let (quality, model_weight, rater_weight): (Vec<Option<f64>>, Vec<f64>, Vec<Option<f64>>) = if is_single {
        let mean = mean_of(&rows);
        let own = |item: usize| layout.votes(item).first().map(|v| mean[item * k + v.label as usize]);
        let quality = (0..n).map(own).collect();
        // Items without a vote are judged by tempered rows in any case: by 1, that clips and rescales.
        rows.iter_mut().for_each(|rows| temper(rows, k, 1.0));
        (quality, vec![1.0; models.len()], vec![Some(1.0); layout.n_raters()])
    } else {
        let tempered: Vec<Probabilities> =
            rows.iter().filter_map(|r| Probabilities::from_f64(r.clone(), n, k).ok()).collect();
        let joined = crowdlab(layout, &tempered.iter().collect::<Vec<_>>(), progress)?;
        match joined {
            Err(reason) => return Ok(Err(reason)),
            Ok(c) => ((0..n).map(|item| c.quality(item)).collect(), c.model_weight, c.rater_weight),
        }
    };
    progress.check()?;
    let active = || rater_weight.iter().flatten();
    let mean_weight = if layout.is_empty() { 1.0 } else { active().sum::<f64>() / active().count() as f64 };
    let of_models: f64 = model_weight.iter().sum();
    let likely = likely_labels(layout, &rows);
    let score = (0..n).map(|item| {
        let of_raters = layout.votes(item).iter().filter_map(|v| rater_weight[v.rater as usize]);
        let known = of_models + of_raters.sum::<f64>();
        let quality = quality[item].unwrap_or_else(|| {
            let at = item * k + likely[item];
            rows.iter().zip(&model_weight).map(|(rows, w)| rows[at] * w).sum::<f64>() / of_models
        });
        (quality * known + mean_weight / k as f64) / (known + mean_weight)
    });
    let score = score.collect();
    progress.add(1);
    Ok(Ok(ActiveLab { score, temperature, model_weight, mean_rater_weight: mean_weight }))
}

/// The mean of the models.
fn mean_of(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut mean = rows[0].clone();
    for other in &rows[1..] {
        mean.iter_mut().zip(other).for_each(|(m, p)| *m += p);
    }
    mean.iter_mut().for_each(|m| *m /= rows.len() as f64);
    mean
}

/// For items without a vote, the label that most models find most probable; 0 for the others.
fn likely_labels(layout: &Layout, rows: &[Vec<f64>]) -> Vec<usize> {
    let (n, k) = (layout.n_items(), layout.n_labels());
    let open: Vec<usize> = (0..n).filter(|&item| layout.votes(item).is_empty()).collect();
    let mut likely = vec![0; n];
    if open.is_empty() {
        return likely;
    }
    // Models vote as raters do, and ties go the same ways.
    let mut votes = AnnotationsBuilder::new();
    let of = |rows: &[f64], item: usize| rows[item * k..(item + 1) * k].to_vec();
    for (o, &item) in open.iter().enumerate() {
        for (m, rows) in rows.iter().enumerate() {
            votes.push(o as u32, m as u32, super::em::best(&rows[item * k..(item + 1) * k]), None);
        }
    }
    let mean = mean_of(
        &rows
            .iter()
            .map(|rows| open.iter().flat_map(|&item| of(rows, item)).collect())
            .collect::<Vec<Vec<f64>>>(),
    );
    let votes = Layout::new(&votes.finish(open.len(), rows.len()), k);
    let majority = Join::new(&votes, vec![mean]).majority();
    for (&item, label) in open.iter().zip(majority) {
        likely[item] = if label == NO_LABEL { 0 } else { label as usize };
    }
    likely
}

/// The temperature of the lowest cross-entropy; the first of equals.
fn best_temperature(
    layout: &Layout,
    rows: &[f64],
    calibration: Calibration,
    progress: &Progress,
) -> Result<f64, Cancelled> {
    let logs: Vec<f64> = rows.par_iter().map(|p| if *p > 0.0 { p.ln() } else { f64::NEG_INFINITY }).collect();
    let best = |temperatures: &[f64]| -> Result<usize, Cancelled> {
        let mut lowest = (0, f64::INFINITY);
        for (i, &t) in temperatures.iter().enumerate() {
            progress.check()?;
            let entropy = cross_entropy(layout, &logs, calibration, t);
            if entropy < lowest.1 {
                lowest = (i, entropy);
            }
        }
        Ok(lowest.0)
    };
    let i = best(&COARSE)?;
    let mut fine = Vec::with_capacity(2 * FINE + 1);
    let steps = |from: f64, to: f64| (0..FINE).map(move |s| s as f64 * ((to - from) / FINE as f64) + from);
    if i > 0 {
        fine.extend(steps(COARSE[i - 1], COARSE[i]));
    }
    if let Some(&next) = COARSE.get(i + 1) {
        fine.extend(steps(COARSE[i], next));
        fine.push(next);
    }
    Ok(fine[best(&fine)?])
}

/// Mean over items with a vote of the cross-entropy between shares of votes and the model at temperature `t`, in units of the
/// logarithm of the number of labels.
fn cross_entropy(layout: &Layout, logs: &[f64], calibration: Calibration, t: f64) -> f64 {
    let k = layout.n_labels();
    let of_item = |item: usize| {
        let votes = layout.votes(item);
        let row = &logs[item * k..(item + 1) * k];
        let sum: f64 = row.iter().map(|l| (l / t).exp()).sum();
        let log = |label: u32| ((row[label as usize] / t).exp() / sum).max(LEAST).ln();
        let sum: f64 = match calibration {
            Calibration::Votes => votes.iter().map(|v| log(v.label)).sum(),
            Calibration::Ranks => {
                let mut labels: Vec<u32> = votes.iter().map(|v| v.label).collect();
                labels.sort_unstable();
                let runs = labels.chunk_by(|a, b| a == b).enumerate();
                runs.map(|(rank, run)| run.len() as f64 * log(rank as u32)).sum()
            }
        };
        sum / votes.len() as f64
    };
    let blocks: Vec<f64> = (0..layout.n_items().div_ceil(BLOCK))
        .into_par_iter()
        .map(|b| {
            let items = b * BLOCK..layout.n_items().min((b + 1) * BLOCK);
            items.filter(|&item| !layout.votes(item).is_empty()).map(of_item).sum::<f64>()
        })
        .collect();
    -blocks.iter().sum::<f64>() / layout.n_voted() as f64 / (k as f64).ln()
}

/// Tempers every row.
fn temper(rows: &mut [f64], k: usize, t: f64) {
    rows.par_chunks_mut(k).for_each(|row| {
        row.iter_mut().for_each(|p| *p = p.max(LEAST));
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p = ((*p / sum).ln() / t).exp());
        // Twice, so that rows sum to 1 as closely as they can.
        for _ in 0..2 {
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= sum);
        }
    });
}
