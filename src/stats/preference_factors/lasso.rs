//! The Lasso: (1/2n) ‖y − Xb − b₀‖² + α ‖b‖₁, by coordinate descent (Friedman, Hastie & Tibshirani 2010), columns as they are, the intercept free.
//!
//! With y the mean score and x = −(1 where most raters see the error, ½ where they are tied), b is how much a score falls with each error
//! (Hosking, Blunsom & Bartolo 2024). All fits of one table go by its second moments, so that penalties, columns left out and resamples cost
//! little beyond one pass each.

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::agreement::Spread;
use crate::stats::linear::solve;
use crate::stats::random::Stream;

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasso {
    /// b₀.
    pub intercept: f64,
    /// One a column; 0 for what is left out, and for a constant column.
    pub weights: Vec<f64>,
    /// Share of the variance of y that is explained.
    pub r_squared: f64,
    /// Rows.
    pub n: usize,
}

const ROUNDS: usize = 10_000;
const CLOSE: f64 = 1e-10;
/// Below this a column does not vary.
const FLAT: f64 = 1e-15;

/// Means, variances and covariances of y and the columns.
#[derive(Debug, Clone)]
pub struct Moments {
    n: f64,
    mean: f64,
    variance: f64,
    means: Vec<f64>,
    /// Covariances of columns, row by row.
    gram: Vec<f64>,
    /// Covariances of columns with y.
    cross: Vec<f64>,
}

impl Moments {
    /// Of `y` and `columns`, each as long; rows counted `times` if given.
    ///
    /// Undefined without two rows, with a number that is not finite, and where y is constant.
    pub fn new(y: &[f64], columns: &[Vec<f64>], times: Option<&[f64]>) -> Result<Self, Undefined> {
        let undefined = |words: &str| Err(Undefined::Because(words.to_owned()));
        if y.len() < 2 || columns.iter().any(|c| c.len() != y.len()) {
            return undefined("two rows with all columns are needed");
        }
        if y.iter().chain(columns.iter().flatten()).any(|v| !v.is_finite()) {
            return undefined("a number is not finite");
        }
        let time = |row: usize| times.map_or(1.0, |t| t[row]);
        let n: f64 = (0..y.len()).map(time).sum();
        let mean_of = |v: &[f64]| v.iter().enumerate().map(|(i, v)| time(i) * v).sum::<f64>() / n;
        let (mean, k) = (mean_of(y), columns.len());
        let means: Vec<f64> = columns.iter().map(|c| mean_of(c)).collect();
        let covariance = |a: &[f64], ma: f64, b: &[f64], mb: f64| {
            a.iter().zip(b).enumerate().map(|(i, (a, b))| time(i) * (a - ma) * (b - mb)).sum::<f64>() / n
        };
        let variance = covariance(y, mean, y, mean);
        if variance <= 0.0 {
            return undefined("all scores are equal");
        }
        let mut gram = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..=i {
                let both = covariance(&columns[i], means[i], &columns[j], means[j]);
                (gram[i * k + j], gram[j * k + i]) = (both, both);
            }
        }
        let cross = (0..k).map(|j| covariance(&columns[j], means[j], y, mean)).collect();
        Ok(Self { n, mean, variance, means, gram, cross })
    }

    /// The least penalty that leaves no weight.
    pub fn most(&self) -> f64 {
        self.cross.iter().fold(0.0, |most, c| c.abs().max(most))
    }

    fn explained(&self, weights: &[f64]) -> f64 {
        let k = weights.len();
        let twice: f64 = weights.iter().zip(&self.cross).map(|(w, c)| 2.0 * w * c).sum();
        let square: f64 = (0..k)
            .flat_map(|i| (0..k).map(move |j| (i, j)))
            .map(|(i, j)| weights[i] * weights[j] * self.gram[i * k + j])
            .sum();
        (twice - square) / self.variance
    }

    fn fit(&self, weights: Vec<f64>) -> Lasso {
        let intercept = self.mean - weights.iter().zip(&self.means).map(|(w, m)| w * m).sum::<f64>();
        let r_squared = self.explained(&weights);
        Lasso { intercept, weights, r_squared, n: self.n as usize }
    }

    /// The fit with penalty `alpha`, without column `left_out` if there is one.
    pub fn lasso(&self, alpha: f64, left_out: Option<usize>) -> Lasso {
        let k = self.means.len();
        let mut weights = vec![0.0; k];
        for _ in 0..ROUNDS {
            let mut largest = 0.0_f64;
            for j in (0..k).filter(|j| Some(*j) != left_out) {
                let square = self.gram[j * k + j];
                if square <= FLAT {
                    continue;
                }
                let others: f64 = (0..k).filter(|i| *i != j).map(|i| self.gram[j * k + i] * weights[i]).sum();
                let own = self.cross[j] - others;
                let next = own.signum() * (own.abs() - alpha).max(0.0) / square;
                largest = largest.max((next - weights[j]).abs());
                weights[j] = next;
            }
            if largest < CLOSE {
                break;
            }
        }
        self.fit(weights)
    }

    /// Ridge regression: ‖y − Xb − b₀‖² + λ ‖b‖². `None` where there is no single solution.
    pub fn ridge(&self, lambda: f64) -> Option<Lasso> {
        let k = self.means.len();
        let row = |i: usize| -> Vec<f64> {
            (0..k).map(|j| self.n * self.gram[i * k + j] + if i == j { lambda } else { 0.0 }).collect()
        };
        let weights = solve((0..k).map(row).collect(), self.cross.iter().map(|c| c * self.n).collect())?;
        Some(self.fit(weights))
    }
}

/// 95 % percentile intervals of the weights over `draws` resamples of the rows; `None` where they are undefined.
///
/// # Errors
/// If it was cancelled.
pub fn lasso_intervals(
    y: &[f64],
    columns: &[Vec<f64>],
    alpha: f64,
    (draws, seed): (u64, u64),
    progress: &Progress,
) -> Result<Vec<Option<(f64, f64)>>, Cancelled> {
    let all: Vec<Result<Option<Lasso>, Cancelled>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut rng = Stream::new(seed, draw);
            let mut times = vec![0.0; y.len()];
            (0..y.len()).for_each(|_| times[rng.below(y.len())] += 1.0);
            Ok(Moments::new(y, columns, Some(&times)).ok().map(|m| m.lasso(alpha, None)))
        })
        .collect();
    let all: Vec<Option<Lasso>> = all.into_iter().collect::<Result<_, _>>()?;
    let of =
        |j: usize| -> Vec<Option<f64>> { all.iter().map(|fit| fit.as_ref().map(|f| f.weights[j])).collect() };
    Ok((0..columns.len()).map(|j| Spread::percentiles(&of(j)).map(|s| s.ci)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: scikit-learn 1.9.1, `Lasso(alpha=0.1, tol=1e-12).fit(X, y)`.
    #[test]
    fn as_scikit_learn_has_it() {
        let x1 = vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let x2 = vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        let constant = vec![3.0; 8];
        let y = [1.0, 2.5, 2.9, 4.4, 5.2, 5.7, 6.9, 8.3];
        let found = Moments::new(&y, &[x1, x2, constant], None).unwrap().lasso(0.1, None);
        assert!((found.weights[0] - 0.958_433_73).abs() < 1e-8, "{found:?}");
        assert!(
            (found.weights[1] + 0.095_783_13).abs() < 1e-8 && (found.intercept - 1.305_873_49).abs() < 1e-8
        );
        assert!(found.weights[2] == 0.0 && (found.r_squared - 0.990_720_62).abs() < 1e-8);
    }

    #[test]
    fn a_large_penalty_leaves_the_mean() {
        let y = [1.0, 2.0, 6.0];
        let moments = Moments::new(&y, &[vec![0.0, 1.0, 2.0]], None).unwrap();
        let found = moments.lasso(100.0, None);
        assert!(
            found.weights == [0.0] && (found.intercept - 3.0).abs() < 1e-12 && found.r_squared.abs() < 1e-12
        );
        assert!((moments.most() - 5.0 / 3.0).abs() < 1e-12);
        assert_eq!(moments.lasso(0.01, Some(0)).weights, [0.0]);
        assert!(Moments::new(&[1.0, 1.0], &[vec![0.0, 1.0]], None).is_err());
        assert!(Moments::new(&[1.0], &[], None).is_err());
    }

    #[test]
    fn ridge_shrinks_and_rows_count_as_often_as_they_are_drawn() {
        let x = vec![vec![0.0, 1.0, 0.0, 1.0]];
        let y = [1.0, 3.0, 1.0, 5.0];
        let moments = Moments::new(&y, &x, None).unwrap();
        // Sum of squares 1, of products 3: b = 3/(1 + λ).
        assert!((moments.ridge(0.0).unwrap().weights[0] - 3.0).abs() < 1e-12);
        assert!((moments.ridge(1.0).unwrap().weights[0] - 1.5).abs() < 1e-12);
        let twice = Moments::new(&y, &x, Some(&[1.0, 2.0, 0.0, 1.0])).unwrap();
        let same = Moments::new(&[1.0, 3.0, 3.0, 5.0], &[vec![0.0, 1.0, 1.0, 1.0]], None).unwrap();
        assert_eq!(twice.lasso(0.0, None), same.lasso(0.0, None));
        let drawn = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| lasso_intervals(&y, &x, 0.01, (200, 3), &Progress::new()).unwrap())
        };
        let (low, high) = drawn(1)[0].unwrap();
        assert!(low < 3.0 && high > 2.0 && drawn(1) == drawn(3));
    }
}
