//! Vectors of numbers, made ready for learning: each number less its mean and by its standard deviation, so that none
//! counts for its unit, and the whole of length about 1, as vectors of texts are.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Rows;
use crate::dataset::Embeddings;
use crate::progress::{Cancelled, Progress};

/// Scaled vectors, one an item.
pub(super) struct Dense {
    /// 0, 1, 2, …
    numbers: Vec<u32>,
    values: Vec<f32>,
}

impl Dense {
    /// Scales vectors. Numbers that are the same for all items are left out.
    pub(super) fn new(vectors: &Embeddings, progress: &Progress) -> Result<Self, Cancelled> {
        let (n, cols) = (vectors.rows(), vectors.cols());
        // Sums of differences from the first row, which keep their digits where numbers are large and alike.
        let (mut sums, mut squares) = (vec![0.0_f64; cols], vec![0.0_f64; cols]);
        for item in 0..n {
            if item % 4096 == 0 {
                progress.check()?;
            }
            for (at, (x, first)) in vectors.row(item).iter().zip(vectors.row(0)).enumerate() {
                let apart = f64::from(*x) - f64::from(*first);
                sums[at] += apart;
                squares[at] += apart * apart;
            }
        }
        // Which number, its mean, and what it is divided by.
        let mut kept: Vec<(usize, f64, f64)> = Vec::new();
        for at in 0..cols {
            let mean = sums[at] / n as f64;
            let variance = squares[at] / n as f64 - mean * mean;
            if variance > 1e-12 * (squares[at] / n as f64) && variance.is_finite() {
                kept.push((at, f64::from(vectors.row(0)[at]) + mean, variance.sqrt()));
            }
        }
        let length = (kept.len() as f64).sqrt();
        let mut values = Vec::with_capacity(n * kept.len());
        for item in 0..n {
            if item % 4096 == 0 {
                progress.check()?;
            }
            let row = vectors.row(item);
            values.extend(
                kept.iter().map(|&(at, mean, sd)| ((f64::from(row[at]) - mean) / (sd * length)) as f32),
            );
        }
        Ok(Self { numbers: (0..kept.len() as u32).collect(), values })
    }

    /// What items with the same numbers have in common. Others hardly ever have it too, and then share a fold, no more.
    pub(super) fn same(&self, item: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.row(item).1.iter().for_each(|x| x.to_bits().hash(&mut hasher));
        hasher.finish()
    }
}

impl Rows for Dense {
    fn n_features(&self) -> usize {
        self.numbers.len()
    }

    fn row(&self, item: usize) -> (&[u32], &[f32]) {
        (&self.numbers, &self.values[item * self.numbers.len()..][..self.numbers.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_scaled_and_constant_ones_left_out() {
        let values = vec![1.0, 7.0, 1e6, 3.0, 7.0, 1e6 + 1.0, 5.0, 7.0, 1e6 + 2.0];
        let found =
            Dense::new(&Embeddings::new("e".into(), values, 3, 3).unwrap(), &Progress::new()).unwrap();
        assert_eq!(found.n_features(), 2);
        // Half of the variance of 1 each: numbers are divided by the square root of how many there are.
        let far = 1.5_f32.sqrt() / 2.0_f32.sqrt();
        for (item, z) in [(0, -far), (1, 0.0), (2, far)] {
            assert!(found.row(item).1.iter().all(|x| (x - z).abs() < 1e-5), "{:?}", found.row(item));
        }
        assert!(found.same(0) != found.same(1));
    }
}
