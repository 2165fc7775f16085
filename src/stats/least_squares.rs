//! Ordinary least squares of one column on several, by correlations, with what collinearity costs.
//!
//! Columns that are constant, or a combination of those before them, say nothing of their own: they are left out and named.

use super::Undefined;

/// A column whose square left over after those before it is below this share is a combination of them.
const COLLINEAR: f64 = 1e-9;
/// Most columns: the square of their number is kept.
const MOST_COLUMNS: usize = 500;

/// A fitted regression with an intercept.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// Rows n.
    pub n: usize,
    /// The intercept.
    pub intercept: f64,
    /// One a column, in order; `None` for those that were left out.
    pub terms: Vec<Option<Term>>,
    /// R².
    pub r2: f64,
    /// 1 − (1 − R²)(n − 1)/(n − J − 1), J columns that were kept.
    pub r2_adjusted: f64,
}

/// What one column contributes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Change of y for one unit.
    pub coefficient: f64,
    /// The same where both are measured in standard deviations.
    pub standardised: f64,
    /// Variance inflation factor 1/(1 − R_j²), R_j² that of the column on the other kept ones; at least 1.
    pub vif: f64,
}

/// Mean and √Σ(x − mean)²; `None` for the second where the column is constant.
fn centred(x: &[f64]) -> (f64, Option<f64>) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let squares: f64 = x.iter().map(|v| (v - mean).powi(2)).sum();
    let varies = x.iter().any(|v| *v != x[0]) && squares > 0.0;
    (mean, varies.then(|| squares.sqrt()))
}

/// Regresses y on columns of the same length. Undefined where lengths differ, a number is not finite, y or every column is constant, there are too
/// many columns, or no more rows than columns and intercept.
pub fn least_squares(y: &[f64], columns: &[&[f64]]) -> Result<Regression, Undefined> {
    let because = |reason: &str| Err(Undefined::Because(reason.to_owned()));
    if columns.iter().any(|c| c.len() != y.len()) {
        return because("columns have different lengths");
    }
    if columns.len() > MOST_COLUMNS {
        return because("there are too many columns for a regression");
    }
    if y.is_empty() || columns.iter().flat_map(|c| c.iter()).chain(y).any(|v| !v.is_finite()) {
        return because("a regression needs numbers, all of them finite");
    }
    let (y_mean, Some(y_length)) = centred(y) else { return because("what is to be explained is constant") };
    let centres: Vec<(f64, Option<f64>)> = columns.iter().map(|c| centred(c)).collect();
    let product = |a: usize, b: Option<usize>| -> f64 {
        let (ma, la) = centres[a];
        let (other, mb, lb) =
            b.map_or((y, y_mean, Some(y_length)), |b| (columns[b], centres[b].0, centres[b].1));
        let (Some(la), Some(lb)) = (la, lb) else { return 0.0 };
        columns[a].iter().zip(other).map(|(x, z)| (x - ma) / la * ((z - mb) / lb)).sum()
    };
    // Cholesky's lower triangle of the correlations of kept columns, row by row.
    let mut kept: Vec<usize> = Vec::new();
    let mut lower: Vec<Vec<f64>> = Vec::new();
    for j in (0..columns.len()).filter(|&j| centres[j].1.is_some()) {
        let mut row: Vec<f64> = Vec::with_capacity(kept.len() + 1);
        for (i, &k) in kept.iter().enumerate() {
            let before: f64 = row.iter().zip(&lower[i]).map(|(a, b)| a * b).sum();
            row.push((product(j, Some(k)) - before) / lower[i][i]);
        }
        let left = 1.0 - row.iter().map(|v| v * v).sum::<f64>();
        if left > COLLINEAR {
            row.push(left.sqrt());
            lower.push(row);
            kept.push(j);
        }
    }
    if kept.is_empty() {
        return because("every column is constant");
    }
    let (n, used) = (y.len(), kept.len());
    if n < used + 2 {
        return because("there are too few rows for so many columns");
    }
    let with_y: Vec<f64> = kept.iter().map(|&j| product(j, None)).collect();
    let half = forward(&lower, &with_y);
    let standardised = backward(&lower, &half);
    let r2 = half.iter().map(|v| v * v).sum::<f64>().clamp(0.0, 1.0);
    let mut terms = vec![None; columns.len()];
    let mut intercept = y_mean;
    for (place, &j) in kept.iter().enumerate() {
        let mut unit = vec![0.0; used];
        unit[place] = 1.0;
        let vif: f64 = forward(&lower, &unit).iter().map(|v| v * v).sum();
        let coefficient = standardised[place] * y_length / centres[j].1.unwrap_or(1.0);
        intercept -= coefficient * centres[j].0;
        terms[j] = Some(Term { coefficient, standardised: standardised[place], vif: vif.max(1.0) });
    }
    let r2_adjusted = 1.0 - (1.0 - r2) * (n - 1) as f64 / (n - used - 1) as f64;
    Ok(Regression { n, intercept, terms, r2, r2_adjusted })
}

/// Solves L x = b.
fn forward(lower: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let mut x: Vec<f64> = Vec::with_capacity(b.len());
    for (row, &b) in lower.iter().zip(b) {
        let before: f64 = row.iter().zip(&x).map(|(l, x)| l * x).sum();
        x.push((b - before) / row[x.len()]);
    }
    x
}

/// Solves Lᵀ x = b.
fn backward(lower: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let mut x = b.to_vec();
    for i in (0..b.len()).rev() {
        let after: f64 = (i + 1..b.len()).map(|j| lower[j][i] * x[j]).sum();
        x[i] = (x[i] - after) / lower[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// y = 1 + 2 a − 3 b exactly, with a copy, a constant and a sum that add nothing.
    #[test]
    fn an_exact_relation_is_found_and_copies_are_named() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0];
        let b = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0];
        let y: Vec<f64> = a.iter().zip(b).map(|(a, b)| 1.0 + 2.0 * a - 3.0 * b).collect();
        let sum: Vec<f64> = a.iter().zip(b).map(|(a, b)| 10.0 * a + b).collect();
        let found = least_squares(&y, &[&a, &[4.0; 6], &b, &a, &sum]).unwrap();
        let coefficient = |j: usize| found.terms[j].map(|t| t.coefficient);
        assert!((coefficient(0).unwrap() - 2.0).abs() < 1e-9 && (coefficient(2).unwrap() + 3.0).abs() < 1e-9);
        assert_eq!((coefficient(1), coefficient(3), coefficient(4)), (None, None, None));
        assert!((found.intercept - 1.0).abs() < 1e-9 && (found.r2 - 1.0).abs() < 1e-9);
        // Both factors are 1/(1 − r²) with two columns.
        let r = crate::stats::correlation::Correlation::Pearson.of(&a, &b).unwrap();
        for j in [0, 2] {
            assert!((found.terms[j].unwrap().vif - 1.0 / (1.0 - r * r)).abs() < 1e-9);
        }
    }

    /// One column: the slope is cov/var and R² = r². y = 1, 3, 2, 5, 4 on 1..5: r = .8.
    #[test]
    fn one_column_is_a_line() {
        let found = least_squares(&[1.0, 3.0, 2.0, 5.0, 4.0], &[&[1.0, 2.0, 3.0, 4.0, 5.0]]).unwrap();
        assert!((found.r2 - 0.64).abs() < 1e-12 && (found.r2_adjusted - 0.52).abs() < 1e-12);
        let term = found.terms[0].unwrap();
        assert!((term.coefficient - 0.8).abs() < 1e-12 && (found.intercept - 0.6).abs() < 1e-12);
        assert!((term.vif - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let x = [1.0, 2.0, 3.0];
        for (y, columns) in [
            (&[1.0, 1.0, 1.0][..], vec![&x[..]]),
            (&[1.0, 2.0, 4.0][..], vec![&[3.0, 3.0, 3.0][..]]),
            (&[1.0, 2.0, 4.0][..], vec![&x[..], &[1.0, 0.0, 0.0][..]]),
            (&[1.0, f64::NAN, 4.0][..], vec![&x[..]]),
            (&[1.0, 2.0][..], vec![&x[..]]),
            (&[][..], vec![]),
        ] {
            assert!(least_squares(y, &columns).is_err(), "{y:?}");
        }
    }
}
