//! How likely each given label is a mistake, by how often labels are taken for each other: plausible relabelings.
//!
//! With T[k][g] = P(given g | true k) and a prior π_i of an item's true label, P(true k | given g) ∝ T[k][g] π_i(k). The prior is that of
//! all items, or what a model says of the item. Relabelings drawn from it, M of them, are plausible clean versions of the data; only
//! *typical* ones are kept, in which the share of items of each given label that is flipped is within η of what is expected (Nagaraj et al. 2025).
//! For a prediction ŷ of the model, a mistake is ŷ ≠ true: its probability, and its regret, the mean of 1(ŷ ≠ given) ≠ 1(ŷ ≠ true): how often one
//! would be told something wrong about the prediction.

use std::sync::Arc;

use super::Given;
use crate::dataset::{Dataset, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::confident::ConfidentLearning;
use crate::stats::random::Stream;

/// Relabelings that are drawn.
pub const DRAWS: usize = 1000;
/// How far a typical draw may be from what is expected.
pub const ETA: f64 = 0.1;
/// Priors are at least this.
const LEAST: f64 = 1e-6;
/// Most items × draws.
const MOST: usize = 1 << 30;
/// Points of the curve.
const POINTS: usize = 20;

/// What the prior of an item's true label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prior {
    /// What the model says of the item.
    #[default]
    Model,
    /// The share of each label among all items.
    Labels,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MistakesAsked {
    /// The prior.
    pub prior: Prior,
    /// Seed of the draws.
    pub seed: u64,
}

/// A point of the curve: the least doubtful items only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Share of the items, those with the lowest probability of a mistake.
    pub share: f64,
    /// Their mean probability that the prediction is a mistake.
    pub risk: f64,
    /// Their mean regret.
    pub regret: f64,
}

/// Given labels that are probably wrong.
#[derive(Debug, Clone)]
pub struct Mistakes {
    /// What was asked for.
    pub asked: MistakesAsked,
    /// For each item, the probability that its given label is wrong; `None` without one.
    pub wrong: Vec<Option<f64>>,
    /// For each item, the probability that the model's prediction is a mistake.
    pub mistake: Vec<Option<f64>>,
    /// The most probable true label of each item; [`NO_LABEL`] without a given one.
    pub likely: Vec<LabelId>,
    /// Items whose given label is more probably wrong than right, the most probably wrong first.
    pub probably: Arc<[u32]>,
    /// All items with a given label, the most probably wrong first, ties by item.
    pub order: Arc<[u32]>,
    /// For each label given, the probability that it is wrong by the prior of all items: [`None`] where it is never given.
    pub by_label: Vec<Option<f64>>,
    /// Expected number of wrong labels.
    pub expected: f64,
    /// Its 2.5 % and 97.5 % quantiles over typical draws; `None` where none was typical.
    pub interval: Option<(f64, f64)>,
    /// Share of the draws that are typical.
    pub accepted: f64,
    /// Expected share of items about whose prediction the given label misleads.
    pub regret: f64,
    /// Risk and regret where the most doubtful items are left out.
    pub curve: Vec<Coverage>,
    /// Items with a given label.
    pub n: usize,
}

/// P(true | given) of one item, from T[true][given] and a prior; the prior where T says nothing.
fn posterior(noise: &[Vec<f64>], given: usize, prior: &[f64]) -> Vec<f64> {
    let mut p: Vec<f64> = noise.iter().zip(prior).map(|(row, &pi)| row[given] * pi.max(LEAST)).collect();
    let sum: f64 = p.iter().sum();
    if sum > 0.0 {
        p.iter_mut().for_each(|x| *x /= sum);
        return p;
    }
    prior.to_vec()
}

/// How likely each given label is wrong, by confident learning's estimate of the noise. `given` are labels as they stand.
///
/// Undefined as confident learning, without an estimate of the noise, and for more than 2³⁰ items × draws.
pub fn mistakes(
    dataset: &Dataset,
    given: &Given,
    confident: &Result<ConfidentLearning, Undefined>,
    asked: &MistakesAsked,
    progress: &Progress,
) -> Result<Result<Mistakes, Undefined>, Cancelled> {
    let learned = match confident {
        Ok(learned) => learned,
        Err(reason) => return Ok(Err(reason.clone())),
    };
    let Some(probabilities) = &dataset.probabilities else { return Ok(Err(Undefined::NoProbabilities)) };
    let (labels, k) = (&given.current, dataset.labels.len());
    if labels.len().checked_mul(DRAWS).is_none_or(|n| n > MOST) {
        return Ok(Err(Undefined::Because(
            "there are more than a million items to draw labels for".to_owned(),
        )));
    }
    // Estimated with rows for the given label.
    let given_true = &learned.noise.noise_matrix;
    let noise: Vec<Vec<f64>> = (0..k).map(|t| given_true.iter().map(|row| row[t]).collect()).collect();
    let (noise, all) = (noise.as_slice(), &learned.noise.prior);
    progress.stage("Drawing relabelings", (labels.len() + DRAWS) as u64);
    let mut items: Vec<(u32, usize, Vec<f64>)> = Vec::new();
    for (item, &label) in labels.iter().enumerate().filter(|(_, l)| **l != NO_LABEL) {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let prior = match asked.prior {
            Prior::Model => probabilities.row(item),
            Prior::Labels => all.clone(),
        };
        items.push((item as u32, label as usize, posterior(noise, label as usize, &prior)));
    }
    progress.add(labels.len() as u64);
    let mut found = summed(labels.len(), &items, learned, asked);
    let by = |g: usize| {
        (!labels.is_empty() && labels.contains(&(g as LabelId))).then(|| 1.0 - posterior(noise, g, all)[g])
    };
    found.by_label = (0..k).map(by).collect();
    let mut counts = draw(&items, k, asked.seed, progress)?;
    found.accepted = counts.len() as f64 / DRAWS as f64;
    counts.sort_unstable();
    if let Some(last) = counts.len().checked_sub(1) {
        let at = |p: f64| counts[(p * last as f64).round() as usize] as f64;
        found.interval = Some((at(0.025), at(0.975)));
    }
    Ok(Ok(found))
}

/// Everything that needs no draws.
fn summed(
    n: usize,
    items: &[(u32, usize, Vec<f64>)],
    learned: &ConfidentLearning,
    asked: &MistakesAsked,
) -> Mistakes {
    let mut found = Mistakes {
        asked: asked.clone(),
        wrong: vec![None; n],
        mistake: vec![None; n],
        likely: vec![NO_LABEL; n],
        probably: Arc::from([]),
        order: Arc::from([]),
        by_label: Vec::new(),
        expected: 0.0,
        interval: None,
        accepted: 0.0,
        regret: 0.0,
        curve: Vec::new(),
        n: items.len(),
    };
    let mut rows: Vec<(f64, f64)> = Vec::with_capacity(items.len());
    for (item, given, p) in items {
        let at = *item as usize;
        let predicted = learned.predicted[at] as usize;
        let (wrong, mistake) = (1.0 - p[*given], 1.0 - p[predicted]);
        found.wrong[at] = Some(wrong);
        found.mistake[at] = Some(mistake);
        found.likely[at] = (0..p.len()).fold(0, |best, l| if p[l] > p[best] { l } else { best }) as LabelId;
        found.expected += wrong;
        // Told "right" where it is wrong, or "wrong" where it is right.
        let regret = if predicted == *given { mistake } else { 1.0 - mistake };
        found.regret += regret / items.len() as f64;
        rows.push((mistake, regret));
    }
    let wrong = |i: u32| found.wrong[i as usize].unwrap_or(0.0);
    let mut order: Vec<u32> = items.iter().map(|i| i.0).collect();
    order.sort_by(|&a, &b| wrong(b).total_cmp(&wrong(a)).then(a.cmp(&b)));
    found.probably = order.iter().copied().take_while(|&i| wrong(i) > 0.5).collect();
    found.order = order.into();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mean = |rows: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
        rows.iter().map(of).sum::<f64>() / rows.len() as f64
    };
    for point in 1..=POINTS {
        let kept = &rows[..(rows.len() * point).div_ceil(POINTS)];
        if !kept.is_empty() {
            let share = kept.len() as f64 / rows.len() as f64;
            found.curve.push(Coverage { share, risk: mean(kept, |r| r.0), regret: mean(kept, |r| r.1) });
        }
    }
    found
}

/// Numbers of flipped labels in the typical ones of [`DRAWS`] draws.
fn draw(
    items: &[(u32, usize, Vec<f64>)],
    k: usize,
    seed: u64,
    progress: &Progress,
) -> Result<Vec<u64>, Cancelled> {
    use rayon::prelude::*;

    let mut expected = vec![0.0; k];
    items.iter().for_each(|(_, g, p)| expected[*g] += 1.0 - p[*g]);
    let draws: Vec<Option<u64>> = (0..DRAWS)
        .into_par_iter()
        .map(|number| {
            progress.check()?;
            progress.add(1);
            let mut stream = Stream::new(seed, number as u64);
            let mut flips = vec![0u64; k];
            items.iter().for_each(|(_, g, p)| flips[*g] += u64::from(stream.uniform() >= p[*g]));
            let typical = flips.iter().zip(&expected).all(|(&n, e)| (n as f64 - e).abs() <= ETA * e + 1e-9);
            Ok(typical.then(|| flips.iter().sum()))
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(draws.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_numbers() {
        // P(given 1 | true 0) = .2, P(given 0 | true 1) = .1, 30 % are 1.
        let noise = vec![vec![0.8, 0.2], vec![0.1, 0.9]];
        let flip = |given: usize, prior: [f64; 2]| 1.0 - posterior(&noise, given, &prior)[given];
        assert!((flip(1, [0.7, 0.3]) - 0.3415).abs() < 5e-5);
        assert!((flip(0, [0.7, 0.3]) - 0.0508).abs() < 5e-5);
        assert!((flip(1, [0.95, 0.05]) - 0.8085).abs() < 5e-5);
        assert!((flip(1, [0.2, 0.8]) - 0.0526).abs() < 5e-5);
        // The model says 0 of an item that is given 1: a mistake unless the label was flipped.
        assert!((1.0 - posterior(&noise, 1, &[0.7, 0.3])[0] - 0.6585).abs() < 5e-5);
        assert_eq!(posterior(&[vec![1.0, 0.0], vec![1.0, 0.0]], 1, &[0.7, 0.3]), [0.7, 0.3]);
    }

    #[test]
    fn draws_are_near_what_is_expected_and_the_same_each_time() {
        let items: Vec<(u32, usize, Vec<f64>)> = (0..4000).map(|i| (i, 0, vec![0.8, 0.2])).collect();
        let first = draw(&items, 2, 7, &Progress::new()).unwrap();
        assert_eq!(first, draw(&items, 2, 7, &Progress::new()).unwrap());
        assert!(first.len() > 990 && first.iter().all(|&n| (720..=880).contains(&n)));
        let few: Vec<(u32, usize, Vec<f64>)> = items[..7].to_vec();
        assert!(draw(&few, 2, 7, &Progress::new()).unwrap().len() < 500);
    }
}
