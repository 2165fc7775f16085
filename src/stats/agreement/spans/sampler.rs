//! Continua as chance would make them: what the disorder of raters is compared with.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;

use super::continuum::{Continuum, Unit};
use crate::stats::agreement::resample::{below, stream};

/// How random continua are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Each rater anew: the number of units, gaps and lengths are normal with the mean and standard deviation that
    /// raters have, labels as frequent as they are (Titeux & Riad 2021, *Journal of Open Source Software* 6).
    #[default]
    Statistical,
    /// Each line is one rater's own, drawn with replacement and shifted by a random amount around the continuum;
    /// shifts are at least half a mean unit apart, as far as there is room (Mathet et al. 2015, §5.2).
    Shuffle,
}

/// What of a continuum the samples need.
pub(super) struct Sampler<'a> {
    continuum: &'a Continuum,
    sampling: Sampling,
    /// Mean and standard deviation of units a rater, of gaps, of lengths.
    count: (f64, f64),
    gap: (f64, f64),
    length: (f64, f64),
    /// Labels, and how many units have them or one before.
    labels: Vec<(u32, usize)>,
    bounds: (f64, f64),
}

/// Mean and standard deviation (of all, not of a sample).
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Normal (Box & Muller 1958).
fn normal(rng: &mut ChaCha8Rng, (mean, sd): (f64, f64)) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(rng)).ln()).sqrt();
    mean + sd * radius * (std::f64::consts::TAU * uniform(rng)).cos()
}

impl<'a> Sampler<'a> {
    /// `None` for a continuum without units.
    pub(super) fn new(continuum: &'a Continuum, sampling: Sampling) -> Option<Self> {
        let bounds = continuum.bounds()?;
        let lines = continuum.lines();
        let counts: Vec<f64> = lines.iter().map(|l| l.len() as f64).collect();
        // The first gap of 0 keeps continua of one unit in hand.
        let mut gaps = vec![0.0];
        let mut lengths = Vec::with_capacity(continuum.n_units());
        let mut labels: Vec<u32> = Vec::with_capacity(continuum.n_units());
        for line in lines {
            gaps.extend(line.first().map(|u| u.start).filter(|&s| s > 0.0));
            gaps.extend(line.windows(2).map(|w| w[1].start - w[0].end));
            lengths.extend(line.iter().map(|u| u.length()));
            labels.extend(line.iter().map(|u| u.label));
        }
        labels.sort_unstable();
        let mut upto = 0;
        let labels = labels
            .chunk_by(|a, b| a == b)
            .map(|c| {
                upto += c.len();
                (c[0], upto)
            })
            .collect();
        let (count, gap, length) = (moments(&counts), moments(&gaps), moments(&lengths));
        Some(Self { continuum, sampling, count, gap, length, labels, bounds })
    }

    /// Sample number `number` of `seed`. It has a unit at least.
    pub(super) fn sample(&self, seed: u64, number: u64) -> Continuum {
        let mut rng = stream(seed, number);
        let lines = match self.sampling {
            Sampling::Statistical => self.statistical(&mut rng),
            Sampling::Shuffle => self.shuffled(&mut rng),
        };
        Continuum::new(lines)
    }

    fn statistical(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Unit>> {
        let mut empty = true;
        let mut lines = Vec::with_capacity(self.continuum.lines().len());
        for _ in self.continuum.lines() {
            let drawn = normal(rng, self.count).abs() as usize;
            let n = if empty { drawn.max(1) } else { drawn };
            empty = false;
            let mut last = 0.0;
            let mut line = Vec::with_capacity(n);
            for _ in 0..n {
                let start = last + normal(rng, self.gap);
                let mut length = normal(rng, self.length).abs();
                if length < 1e-6 {
                    length = self.length.0;
                }
                let all = self.labels.last().map_or(1, |l| l.1);
                let at = below(rng, all);
                let label = self.labels[self.labels.partition_point(|l| l.1 <= at)].0;
                last = start + length;
                line.push(Unit { start, end: last, label });
            }
            lines.push(line);
        }
        lines
    }

    fn shuffled(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Unit>> {
        let lines = self.continuum.lines();
        let (low, high) = self.bounds;
        let apart = self.length.0 / 2.0;
        loop {
            let mut free = vec![(low, high)];
            let mut out = Vec::with_capacity(lines.len());
            for _ in lines {
                let room: f64 = free.iter().map(|f| f.1 - f.0).sum();
                let pivot = if room > 0.0 {
                    let mut left = uniform(rng) * room;
                    let mut at = high;
                    for &(a, b) in &free {
                        if left < b - a {
                            at = a + left;
                            break;
                        }
                        left -= b - a;
                    }
                    at
                } else {
                    low + uniform(rng) * (high - low)
                };
                free = free
                    .into_iter()
                    .flat_map(|(a, b)| [(a, b.min(pivot - apart)), (a.max(pivot + apart), b)])
                    .filter(|f| f.1 > f.0)
                    .collect();
                let shift = |u: &Unit| {
                    let by = if u.start + (pivot - low) > high { pivot - high } else { pivot - low };
                    Unit { start: u.start + by, end: u.end + by, label: u.label }
                };
                out.push(lines[below(rng, lines.len())].iter().map(shift).collect::<Vec<_>>());
            }
            if out.iter().any(|l| !l.is_empty()) {
                return out;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Continuum {
        let line = |shift: f64| {
            (0..20)
                .map(|i| {
                    let start = shift + 10.0 * f64::from(i);
                    Unit { start, end: start + 3.0 + f64::from(i % 3), label: u32::from(i % 4 == 0) }
                })
                .collect()
        };
        Continuum::new(vec![line(1.0), line(2.0), Vec::new()])
    }

    #[test]
    fn statistical_samples_are_like_the_raters() {
        let c = example();
        let sampler = Sampler::new(&c, Sampling::Statistical).unwrap();
        let samples: Vec<Continuum> = (0..200).map(|i| sampler.sample(3, i)).collect();
        let n: usize = samples.iter().map(Continuum::n_units).sum();
        // |N(40/3, 20√2/3)|: a little above the mean of 40 units a sample, since counts below 0 are turned round.
        assert!((38.0..46.0).contains(&(n as f64 / 200.0)), "{n}");
        let zero = samples.iter().flat_map(|s| s.lines().iter().flatten()).filter(|u| u.label == 1).count();
        assert!((zero as f64 / n as f64 - 0.25).abs() < 0.03);
        assert_ne!(samples[0], samples[1]);
        assert_eq!(samples[5], sampler.sample(3, 5));
    }

    #[test]
    fn shuffled_lines_keep_lengths_and_stay_near() {
        let c = example();
        let sampler = Sampler::new(&c, Sampling::Shuffle).unwrap();
        let (low, high) = c.bounds().unwrap();
        for i in 0..50 {
            for line in sampler.sample(9, i).lines() {
                assert!(line.is_empty() || line.len() == 20);
                assert!(line.iter().all(|u| u.start >= low - 1e-9 && u.start <= high));
            }
        }
    }
}
