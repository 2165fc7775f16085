//! Simulated raters, models and crowds whose mistakes are known, to measure how well they are found.
//!
//! Worlds, their parameters and the seeds were fixed before the method was written: seeds 0 to 4 may be looked at while
//! it is developed, seeds 1001 to 1010 are what is reported.
//!
//! An item has acceptable labels and a distribution over them: one label (clear), or two or three (ambiguous, shares by
//! Dirichlet), or two that follow a guideline (one group of raters gives the first, the other the second). A rater
//! draws a label from the item's distribution, may add another acceptable one, and at a rate of its own makes a mistake
//! instead: a label that is not acceptable. What tempts one rater may tempt others, the crowd and the model too.

use crate::dataset::{Annotations, AnnotationsBuilder, LabelId, Probabilities};
use crate::stats::random::Stream;

/// Seeds that may be looked at.
pub const DEVELOPMENT_SEEDS: std::ops::Range<u64> = 0..5;
/// Seeds that are reported.
pub const HELD_OUT_SEEDS: std::ops::Range<u64> = 1001..1011;

/// The parameters of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// What it is called.
    pub name: &'static str,
    /// Items.
    pub n_items: usize,
    /// Labels.
    pub n_labels: usize,
    /// Raters.
    pub n_raters: usize,
    /// Raters of each item.
    pub raters_per_item: usize,
    /// Share of items with one acceptable label.
    pub clear: f64,
    /// Share of items that two groups of raters read by different guidelines.
    pub guideline: f64,
    /// Median rate of mistakes, and how uneven it is among raters (standard deviation of its logarithm).
    pub mistakes: (f64, f64),
    /// Largest chance of a rater to add a second acceptable label.
    pub liberal: f64,
    /// How much of what the crowd and the model get wrong is what tempts the raters, in 0..=1.
    pub shared: f64,
    /// Whether nobody knows who voted.
    pub anonymous: bool,
}

const FOUR: World = World {
    name: "four raters",
    n_items: 500,
    n_labels: 3,
    n_raters: 4,
    raters_per_item: 4,
    clear: 0.5,
    guideline: 0.0,
    mistakes: (0.08, 0.5),
    liberal: 0.3,
    shared: 0.3,
    anonymous: false,
};

const MANY: World = World {
    name: "many raters",
    n_items: 1000,
    n_labels: 5,
    n_raters: 40,
    raters_per_item: 5,
    clear: 0.6,
    mistakes: (0.06, 0.9),
    liberal: 0.0,
    ..FOUR
};

/// Every world.
pub const WORLDS: [World; 6] = [
    FOUR,
    World { name: "shared temptation", shared: 0.9, ..FOUR },
    MANY,
    World { name: "anonymous", anonymous: true, ..MANY },
    World {
        name: "two raters an item",
        n_labels: 4,
        n_raters: 10,
        raters_per_item: 2,
        mistakes: (0.08, 0.6),
        ..MANY
    },
    World {
        name: "two guidelines",
        n_items: 800,
        n_labels: 4,
        n_raters: 8,
        raters_per_item: 6,
        guideline: 0.15,
        mistakes: (0.06, 0.5),
        liberal: 0.1,
        ..FOUR
    },
];

/// Votes of the crowd an item.
const CROWD: usize = 100;
/// Mean share of the crowd that is mistaken.
const CROWD_MISTAKES: f64 = 0.1;
/// Concentration of the crowd's distribution about the item's.
const CROWD_CONCENTRATION: f64 = 15.0;
/// Standard deviation of the noise on the model's logits, and what they are multiplied by.
const MODEL: (f64, f64) = (1.2, 1.8);
/// How well raters of a group keep to its guideline.
const OBEDIENCE: f64 = 0.92;

/// What an item was made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// One label is acceptable.
    Clear,
    /// Several are.
    Ambiguous,
    /// Two are, and groups of raters choose between them.
    Guideline,
}

/// A simulated dataset with the truth about it.
#[derive(Debug)]
pub struct Simulated {
    /// Labels.
    pub n_labels: usize,
    /// Who gave what to what.
    pub annotations: Annotations,
    /// Whether nobody knows who voted.
    pub anonymous: bool,
    /// A model's predictions.
    pub model: Probabilities,
    /// Shares of a hundred other people.
    pub crowd: Probabilities,
    /// The group of each rater, 0 or 1.
    pub groups: Vec<u32>,
    /// What each item was made as.
    pub made: Vec<Made>,
    /// Items × labels.
    pub acceptable: Vec<bool>,
}

impl Simulated {
    /// Whether `label` is a mistake on `item`.
    pub fn is_mistake(&self, item: usize, label: LabelId) -> bool {
        !self.acceptable[item * self.n_labels + label as usize]
    }
}

/// How easily a is confused with b: labels stand in a row, and neighbours are near.
fn near(a: usize, b: usize) -> f64 {
    if a == b {
        0.0
    } else if a.abs_diff(b) == 1 {
        1.0
    } else {
        0.25
    }
}

/// One of `weights`, by weight; the last if all are 0.
fn choose(rng: &mut Stream, weights: &[f64]) -> usize {
    let mut left = rng.uniform() * weights.iter().sum::<f64>();
    for (i, w) in weights.iter().enumerate() {
        left -= w;
        if left < 0.0 {
            return i;
        }
    }
    weights.len() - 1
}

/// Gamma with the given shape (Marsaglia & Tsang 2000).
fn gamma(rng: &mut Stream, shape: f64) -> f64 {
    if shape < 1.0 {
        let u = 1.0 - rng.uniform();
        return gamma(rng, shape + 1.0) * u.powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = rng.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && (1.0 - rng.uniform()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// A draw with these parameters; those that are 0 stay 0.
fn dirichlet(rng: &mut Stream, alpha: &[f64]) -> Vec<f64> {
    let mut draw: Vec<f64> = alpha.iter().map(|&a| if a > 0.0 { gamma(rng, a) } else { 0.0 }).collect();
    normalise(&mut draw);
    draw
}

fn normalise(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|w| *w /= sum);
    }
}

struct Rater {
    mistakes: f64,
    liberal: f64,
    /// What it likes to be mistaken for.
    favours: Vec<f64>,
}

/// The world with this seed.
pub fn simulate(world: &World, seed: u64) -> Simulated {
    let k = world.n_labels;
    let mut rng = Stream::new(seed, 0);
    let base: Vec<f64> = (0..k).map(|l| 1.0 / (l + 2) as f64).collect();
    let raters: Vec<Rater> = (0..world.n_raters)
        .map(|_| Rater {
            mistakes: (world.mistakes.0 * (world.mistakes.1 * rng.normal()).exp()).clamp(0.005, 0.5),
            liberal: world.liberal * rng.uniform(),
            favours: dirichlet(&mut rng, &vec![2.0; k]),
        })
        .collect();
    let groups: Vec<u32> = (0..world.n_raters).map(|r| (r % 2) as u32).collect();
    // The guideline is about one directed pair.
    let pair = (1, 2.min(k - 1));
    let mut builder = AnnotationsBuilder::new();
    let (mut made, mut acceptable) = (Vec::new(), Vec::new());
    let (mut model, mut crowd) = (Vec::new(), Vec::new());
    for item in 0..world.n_items {
        let draw = rng.uniform();
        let (kind, shares) = if draw < world.guideline {
            let mut shares = vec![0.0; k];
            (shares[pair.0], shares[pair.1]) = (0.5, 0.5);
            (Made::Guideline, shares)
        } else {
            let first = choose(&mut rng, &base);
            let mut alpha = vec![0.0; k];
            alpha[first] = 2.0;
            let is_clear = draw < world.guideline + world.clear;
            if !is_clear {
                let others = if k > 2 && rng.uniform() < 0.2 { 2 } else { 1 };
                for _ in 0..others {
                    let weights: Vec<f64> =
                        (0..k).map(|l| if alpha[l] > 0.0 { 0.0 } else { near(first, l) }).collect();
                    alpha[choose(&mut rng, &weights)] = 1.5;
                }
            }
            (if is_clear { Made::Clear } else { Made::Ambiguous }, dirichlet(&mut rng, &alpha))
        };
        let best = (0..k).fold(0, |a, b| if shares[b] > shares[a] { b } else { a });
        // What tempts to a mistake here: near labels that are not acceptable, some more than others.
        let alpha: Vec<f64> =
            (0..k).map(|l| if shares[l] > 0.0 { 0.0 } else { 0.8 * near(best, l).max(0.05) }).collect();
        let temptation = dirichlet(&mut rng, &alpha);
        let can_be_wrong = alpha.iter().any(|&a| a > 0.0);
        let mut order: Vec<usize> = (0..world.n_raters).collect();
        rng.shuffle(&mut order);
        order.truncate(world.raters_per_item);
        order.sort_unstable();
        for (place, &r) in order.iter().enumerate() {
            let rater = &raters[r];
            let said = if world.anonymous { place } else { r } as u32;
            if can_be_wrong && rng.uniform() < rater.mistakes {
                let weights: Vec<f64> = (0..k)
                    .map(|l| if shares[l] > 0.0 { 0.0 } else { (temptation[l] + 0.1) * rater.favours[l] })
                    .collect();
                builder.push(item as u32, said, choose(&mut rng, &weights) as LabelId, None);
                continue;
            }
            let label = if kind == Made::Guideline {
                let follows = rng.uniform() < OBEDIENCE;
                if (groups[r] == 0) == follows { pair.0 } else { pair.1 }
            } else {
                choose(&mut rng, &shares)
            };
            builder.push(item as u32, said, label as LabelId, None);
            let mut rest = shares.clone();
            rest[label] = 0.0;
            if rest.iter().any(|&s| s > 0.0) && rng.uniform() < rater.liberal {
                builder.push(item as u32, said, choose(&mut rng, &rest) as LabelId, None);
            }
        }
        // The crowd errs too, partly where raters are tempted.
        let lost = CROWD_MISTAKES * 2.0 * rng.uniform();
        let stray = dirichlet(&mut rng, &vec![1.0; k]);
        let wrong = |l: usize| world.shared * temptation[l] + (1.0 - world.shared) * stray[l];
        let mean: Vec<f64> = (0..k)
            .map(|l| (1.0 - lost) * shares[l] + lost * wrong(l) + 1e-3)
            .map(|m| m * CROWD_CONCENTRATION)
            .collect();
        let people = dirichlet(&mut rng, &mean);
        let mut votes = vec![0.0; k];
        (0..CROWD).for_each(|_| votes[choose(&mut rng, &people)] += 1.0);
        crowd.extend(votes.iter().map(|v| v / CROWD as f64));
        // The model sees the item through noise and is too sure.
        let lost = 0.08;
        let mut view: Vec<f64> = (0..k)
            .map(|l| ((1.0 - lost) * shares[l] + lost * wrong(l) + 0.01).ln() + MODEL.0 * rng.normal())
            .map(|z| (MODEL.1 * z).exp())
            .collect();
        normalise(&mut view);
        model.extend(view);
        made.push(kind);
        acceptable.extend(shares.iter().map(|&s| s > 0.0));
    }
    let n_raters = if world.anonymous { world.raters_per_item } else { world.n_raters };
    let matrix = |numbers| {
        Probabilities::from_f64(numbers, world.n_items, k)
            .unwrap_or_else(|e| unreachable!("items × labels numbers within 0..=1: {e}"))
    };
    Simulated {
        n_labels: k,
        annotations: builder.finish(world.n_items, n_raters),
        anonymous: world.anonymous,
        model: matrix(model),
        crowd: matrix(crowd),
        groups,
        made,
        acceptable,
    }
}

/// Average precision of `scores`, high first, as a step function of distinct scores: ties enter together.
pub fn average_precision(scores: &[f64], positive: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let total = positive.iter().filter(|&&p| p).count() as f64;
    let (mut sum, mut hits, mut seen) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let new = tied.iter().filter(|&&i| positive[i]).count() as f64;
        hits += new;
        seen += tied.len() as f64;
        sum += new / total * hits / seen;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::variation::VoteCounts;

    #[test]
    fn ties_enter_average_precision_together() {
        assert_eq!(average_precision(&[3.0, 2.0, 1.0], &[true, false, true]), 0.5 + 1.0 / 3.0);
        assert_eq!(average_precision(&[1.0, 1.0, 1.0, 1.0], &[true, false, false, false]), 0.25);
    }

    #[test]
    fn worlds_repeat_and_have_the_stated_share_of_mistakes() {
        for world in &WORLDS {
            let (one, two) = (simulate(world, 3), simulate(world, 3));
            assert_eq!(one.annotations, two.annotations);
            let votes = VoteCounts::new(&one.annotations, one.n_labels);
            let pairs: Vec<bool> = (0..world.n_items)
                .flat_map(|i| votes.of_item(i).map(move |(l, _)| (i, l)))
                .map(|(i, l)| one.is_mistake(i, l))
                .collect();
            let share = pairs.iter().filter(|&&m| m).count() as f64 / pairs.len() as f64;
            assert!((0.05..0.3).contains(&share), "{}: {share}", world.name);
        }
    }
}
