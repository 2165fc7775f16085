//! Multinomial logistic regression on vectors, sparse or not, by stochastic gradients with a step of its own for each feature
//! (AdaGrad; Duchi, Hazan & Singer 2011), averaged over the last rounds.
//!
//! p(k | x) = softmax(W x + b)_k. Items come in a random order that is drawn anew each round from the seed and the number of
//! the model, one after the other, so that the result does not depend on threads.

use super::Rows;
use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::random::Stream;

/// Rounds over the items, and how many of the last have their weights averaged.
pub(super) struct Rounds {
    all: usize,
    averaged: usize,
}

impl Rounds {
    /// For vectors in which few of many features occur: few rounds of small steps keep rare words from being believed.
    pub(super) const SPARSE: Self = Self { all: 6, averaged: 3 };
    /// For vectors of which all numbers count.
    pub(super) const DENSE: Self = Self { all: 24, averaged: 8 };
}

/// The first step.
const STEP: f32 = 0.35;
/// What squares of gradients begin with.
const GROUND: f32 = 1e-2;

/// Weights, features × labels, and one more row for what is common to all items.
pub(super) struct Model {
    weights: Vec<f32>,
    n_labels: usize,
}

impl Model {
    /// Learns from the items `train`, whose labels are below `n_labels`; `stream` is a seed and the model's number.
    pub(super) fn learn<R: Rows>(
        features: &R,
        labels: &[LabelId],
        n_labels: usize,
        train: &[u32],
        rounds: &Rounds,
        stream: (u64, u64),
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let (n, k) = (features.n_features(), n_labels);
        let mut model = Self { weights: vec![0.0; (n + 1) * k], n_labels };
        let mut sum = vec![0.0_f32; (n + 1) * k];
        let mut squares = vec![GROUND; n + 1];
        let mut order = train.to_vec();
        let mut dice = Stream::new(stream.0, stream.1);
        let mut gradient = vec![0.0_f32; k];
        for round in 0..rounds.all {
            dice.shuffle(&mut order);
            for (at, &item) in order.iter().enumerate() {
                if at % 4096 == 0 {
                    progress.check()?;
                }
                let row = features.row(item as usize);
                model.scores(row, &mut gradient);
                softmax(&mut gradient);
                gradient[labels[item as usize] as usize] -= 1.0;
                let size: f32 = gradient.iter().map(|g| g * g).sum();
                for (&number, &weight) in row.0.iter().zip(row.1) {
                    model.step(&mut squares, number as usize, weight, &gradient, size);
                }
                model.step(&mut squares, n, 1.0, &gradient, size);
            }
            if round + rounds.averaged >= rounds.all {
                sum.iter_mut().zip(&model.weights).for_each(|(s, w)| *s += w / rounds.averaged as f32);
            }
        }
        model.weights = sum;
        Ok(model)
    }

    fn step(&mut self, squares: &mut [f32], number: usize, weight: f32, gradient: &[f32], size: f32) {
        squares[number] += weight * weight * size;
        let step = STEP * weight / squares[number].sqrt();
        let own = &mut self.weights[number * self.n_labels..][..self.n_labels];
        own.iter_mut().zip(gradient).for_each(|(w, g)| *w -= step * g);
    }

    /// W x + b of a vector, into `out`, one a label.
    pub(super) fn scores(&self, (numbers, weights): (&[u32], &[f32]), out: &mut [f32]) {
        let k = self.n_labels;
        out.copy_from_slice(&self.weights[self.weights.len() - k..]);
        for (&number, &weight) in numbers.iter().zip(weights) {
            let own = &self.weights[number as usize * k..][..k];
            out.iter_mut().zip(own).for_each(|(o, w)| *o += weight * w);
        }
    }
}

fn softmax(scores: &mut [f32]) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|s| *s = (*s - top).exp());
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|s| *s /= sum);
}
