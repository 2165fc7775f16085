//! The Lasso: (1/2n) ‖y − Xb − b₀‖² + α ‖b‖₁, by coordinate descent (Friedman, Hastie & Tibshirani 2010), columns as they are, the intercept free.
//!
//! With y the mean score and x = −(1 where most raters see the error, ½ where they are tied), b is how much a score falls with each error.

use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

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

/// Fits `y` by `columns`, each as long.
///
/// Undefined without rows, with a number that is not finite, and where y is constant.
///
/// # Errors
/// If it was cancelled.
pub fn lasso(
    y: &[f64],
    columns: &[Vec<f64>],
    alpha: f64,
    progress: &Progress,
) -> Result<Result<Lasso, Undefined>, Cancelled> {
    let n = y.len();
    let undefined = |words: &str| Ok(Err(Undefined::Because(words.to_owned())));
    if n < 2 || columns.iter().any(|c| c.len() != n) {
        return undefined("two rows with all columns are needed");
    }
    if y.iter().chain(columns.iter().flatten()).any(|v| !v.is_finite()) {
        return undefined("a number is not finite");
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n as f64;
    let centre = mean(y);
    let total: f64 = y.iter().map(|v| (v - centre).powi(2)).sum();
    if total <= 0.0 {
        return undefined("all scores are equal");
    }
    let means: Vec<f64> = columns.iter().map(|c| mean(c)).collect();
    // Centred columns have the same weights, and no intercept.
    let centred: Vec<Vec<f64>> =
        columns.iter().zip(&means).map(|(c, m)| c.iter().map(|v| v - m).collect()).collect();
    let squares: Vec<f64> = centred.iter().map(|c| c.iter().map(|v| v * v).sum::<f64>() / n as f64).collect();
    let mut left: Vec<f64> = y.iter().map(|v| v - centre).collect();
    let mut weights = vec![0.0; columns.len()];
    for round in 0..ROUNDS {
        if round % 64 == 0 {
            progress.check()?;
        }
        let mut largest = 0.0_f64;
        for (j, column) in centred.iter().enumerate() {
            if squares[j] <= 1e-15 {
                continue;
            }
            let own: f64 = column.iter().zip(&left).map(|(x, r)| x * r).sum::<f64>() / n as f64
                + squares[j] * weights[j];
            let next = own.signum() * (own.abs() - alpha).max(0.0) / squares[j];
            let step = next - weights[j];
            if step != 0.0 {
                left.iter_mut().zip(column).for_each(|(r, x)| *r -= step * x);
                weights[j] = next;
                largest = largest.max(step.abs());
            }
        }
        if largest < CLOSE {
            break;
        }
    }
    let unexplained: f64 = left.iter().map(|r| r * r).sum();
    let intercept = centre - weights.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>();
    Ok(Ok(Lasso { intercept, weights, r_squared: 1.0 - unexplained / total, n }))
}

/// x of an error flag: −1 where most raters see it, −½ where they are tied.
pub fn error_column(flags: &[(u32, u32)]) -> Vec<f64> {
    flags
        .iter()
        .map(|&(yes, no)| match yes.cmp(&no) {
            std::cmp::Ordering::Greater => -1.0,
            std::cmp::Ordering::Equal if yes > 0 => -0.5,
            _ => 0.0,
        })
        .collect()
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
        let found = lasso(&y, &[x1, x2, constant], 0.1, &Progress::new()).unwrap().unwrap();
        assert!((found.weights[0] - 0.958_433_73).abs() < 1e-8, "{found:?}");
        assert!(
            (found.weights[1] + 0.095_783_13).abs() < 1e-8 && (found.intercept - 1.305_873_49).abs() < 1e-8
        );
        assert!(found.weights[2] == 0.0 && (found.r_squared - 0.990_720_62).abs() < 1e-8);
    }

    #[test]
    fn a_large_penalty_leaves_the_mean() {
        let found =
            lasso(&[1.0, 2.0, 6.0], &[vec![0.0, 1.0, 2.0]], 100.0, &Progress::new()).unwrap().unwrap();
        assert!(
            found.weights == [0.0] && (found.intercept - 3.0).abs() < 1e-12 && found.r_squared.abs() < 1e-12
        );
        assert!(lasso(&[1.0, 1.0], &[vec![0.0, 1.0]], 0.1, &Progress::new()).unwrap().is_err());
        assert!(lasso(&[1.0], &[], 0.1, &Progress::new()).unwrap().is_err());
        assert_eq!(error_column(&[(2, 1), (1, 1), (0, 3), (0, 0)]), [-1.0, -0.5, 0.0, 0.0]);
    }
}
