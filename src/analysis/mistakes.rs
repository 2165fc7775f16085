//! How likely each given label is a mistake, by how often labels are taken for each other: plausible relabelings.
//!
//! With T[k][g] = P(given g | true k) and a prior π_i of an item's true label, P(true k | given g) ∝ T[k][g] π_i(k). The prior is that of
//! all items, or what a model says of the item. Relabelings drawn from it are plausible clean versions of the data; between which numbers
//! their flips lie is the interval. *Typical* ones have, for each given label, a number of flips within η of what is expected (Nagaraj et al.
//! 2025): how many are says how much a single relabeling can be trusted. Where fewer than one in a hundred is, η is doubled until that many are.
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
/// How far a typical draw may be from what is expected, at first.
pub const ETA: f64 = 0.1;
/// Least share of typical draws.
const TYPICAL: f64 = 0.01;
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
    /// 2.5 % and 97.5 % quantiles of that number over all draws.
    pub interval: (u64, u64),
    /// Share of the draws that are typical.
    pub accepted: f64,
    /// η, in units of what is expected.
    pub eta: f64,
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
    let mut found = Mistakes {
        asked: asked.clone(),
        wrong: vec![None; labels.len()],
        mistake: vec![None; labels.len()],
        likely: vec![NO_LABEL; labels.len()],
        probably: Arc::from([]),
        order: Arc::from([]),
        by_label: vec![None; k],
        expected: 0.0,
        interval: (0, 0),
        accepted: 0.0,
        eta: ETA,
        regret: 0.0,
        curve: Vec::new(),
        n: 0,
    };
    // Mistake and regret of each item.
    let mut rows: Vec<(f64, f64)> = Vec::new();
    let mut flips: Vec<Flip> = Vec::new();
    for (item, &label) in labels.iter().enumerate().filter(|(_, l)| **l != NO_LABEL) {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let given = label as usize;
        let p = match asked.prior {
            Prior::Model => posterior(noise, given, &probabilities.row(item)),
            Prior::Labels => posterior(noise, given, all),
        };
        let (wrong, mistake) = (1.0 - p[given], 1.0 - p[learned.predicted[item] as usize]);
        found.wrong[item] = Some(wrong);
        found.mistake[item] = Some(mistake);
        found.likely[item] = (0..k).fold(0, |best, l| if p[l] > p[best] { l } else { best }) as LabelId;
        found.by_label[given].get_or_insert_with(|| 1.0 - posterior(noise, given, all)[given]);
        found.expected += wrong;
        // Told "right" where it is wrong, or "wrong" where it is right.
        let regret = if learned.predicted[item] == label { mistake } else { 1.0 - mistake };
        rows.push((mistake, regret));
        flips.push(Flip { given: label, wrong });
    }
    progress.add(labels.len() as u64);
    found.n = rows.len();
    let wrong = |i: u32| found.wrong[i as usize].unwrap_or(0.0);
    let mut order: Vec<u32> = (0..labels.len() as u32).filter(|&i| labels[i as usize] != NO_LABEL).collect();
    order.sort_by(|&a, &b| wrong(b).total_cmp(&wrong(a)).then(a.cmp(&b)));
    found.probably = order.iter().copied().take_while(|&i| wrong(i) > 0.5).collect();
    found.order = order.into();
    found.curve = curve(rows);
    found.regret = found.curve.last().map_or(0.0, |all| all.regret);
    let mut draws = draw(&flips, k, asked.seed, progress)?;
    let typical = |eta: f64| draws.iter().filter(|d| d.farthest <= eta).count() as f64 / DRAWS as f64;
    while typical(found.eta) < TYPICAL {
        found.eta *= 2.0;
    }
    found.accepted = typical(found.eta);
    draws.sort_unstable_by_key(|d| d.flips);
    let at = |p: f64| draws[(p * (DRAWS - 1) as f64).round() as usize].flips;
    found.interval = (at(0.025), at(0.975));
    Ok(Ok(found))
}

/// Risk and regret of ever more items, the least doubtful first; nothing without items.
fn curve(mut rows: Vec<(f64, f64)>) -> Vec<Coverage> {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let point = |point: usize| {
        let kept = &rows[..(rows.len() * point).div_ceil(POINTS)];
        let mean = |of: fn(&(f64, f64)) -> f64| kept.iter().map(of).sum::<f64>() / kept.len() as f64;
        let share = kept.len() as f64 / rows.len() as f64;
        (!kept.is_empty()).then(|| Coverage { share, risk: mean(|r| r.0), regret: mean(|r| r.1) })
    };
    (1..=POINTS).filter_map(point).collect()
}

/// A given label and the probability that it is wrong.
#[derive(Debug, Clone, Copy)]
struct Flip {
    given: LabelId,
    wrong: f64,
}

/// One relabeling.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Draw {
    /// Labels that are flipped.
    flips: u64,
    /// How far the flips of a label are from what is expected, at most, in units of that.
    farthest: f64,
}

/// [`DRAWS`] relabelings.
fn draw(items: &[Flip], k: usize, seed: u64, progress: &Progress) -> Result<Vec<Draw>, Cancelled> {
    use rayon::prelude::*;

    let mut expected = vec![0.0; k];
    items.iter().for_each(|item| expected[item.given as usize] += item.wrong);
    (0..DRAWS)
        .into_par_iter()
        .map(|number| {
            progress.check()?;
            progress.add(1);
            let mut stream = Stream::new(seed, number as u64);
            let mut flips = vec![0u64; k];
            for item in items {
                flips[item.given as usize] += u64::from(stream.uniform() < item.wrong);
            }
            let far = |(&n, &e): (&u64, &f64)| if e > 0.0 { (n as f64 - e).abs() / e } else { 0.0 };
            let farthest = flips.iter().zip(&expected).map(far).fold(0.0, f64::max);
            Ok(Draw { flips: flips.iter().sum(), farthest })
        })
        .collect()
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
        let items = vec![Flip { given: 0, wrong: 0.2 }; 4000];
        let first = draw(&items, 2, 7, &Progress::new()).unwrap();
        assert_eq!(first, draw(&items, 2, 7, &Progress::new()).unwrap());
        let typical = |draws: &[Draw]| draws.iter().filter(|d| d.farthest <= ETA).count();
        assert!(typical(&first) > 990 && first.iter().all(|d| (680..=920).contains(&d.flips)));
        // 1.4 are expected: no whole number is within a tenth of that.
        assert_eq!(typical(&draw(&items[..7], 2, 7, &Progress::new()).unwrap()), 0);
    }

    #[test]
    fn the_curve_ends_at_all_items() {
        let found = curve(vec![(0.4, 0.6), (0.1, 0.1), (0.2, 0.2), (0.3, 0.3)]);
        assert_eq!((found[0].share, found[0].risk, found[0].regret), (0.25, 0.1, 0.1));
        let last = found[POINTS - 1];
        assert!(last.share == 1.0 && (last.risk - 0.25).abs() < 1e-12 && (last.regret - 0.3).abs() < 1e-12);
        assert!(curve(Vec::new()).is_empty());
    }
}
