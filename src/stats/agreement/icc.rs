//! Intraclass correlation: which share of the variance of ratings is between the items.
//!
//! Six forms (Shrout & Fleiss 1979; names of McGraw & Wong 1996) from the mean squares between items MSR, between raters
//! MSC, within items MSW, and of what is left MSE, of n items by k raters. Items that a rater skipped are left out, but by
//! the three forms that take all ratings: see [`unbalanced`](super::unbalanced).
//! Negative estimates are told as they are.

use statrs::function::beta::beta_reg;

use super::complete::Complete;
use super::reliability::ReliabilityData;
use crate::stats::estimate::Method;
use crate::stats::{Estimate, Undefined};

/// Which intraclass correlation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IccForm {
    /// Items rated by any raters: ICC(1,1), ICC(1).
    OneWay,
    /// The mean of k such ratings: ICC(1,k).
    OneWayMean,
    /// The same raters, a sample of raters; their levels count: ICC(2,1), ICC(A,1).
    Agreement,
    /// The mean of k such ratings: ICC(2,k), ICC(A,k).
    AgreementMean,
    /// The same raters, whose levels do not count: ICC(3,1), ICC(C,1).
    Consistency,
    /// The mean of k such ratings: ICC(3,k), ICC(C,k), Cronbach's alpha.
    ConsistencyMean,
    /// [`Self::OneWay`] from all ratings, items with few of them included.
    OneWayAll,
    /// [`Self::Agreement`] from all ratings, by variance components.
    AgreementAll,
    /// [`Self::Consistency`] from all ratings, by variance components.
    ConsistencyAll,
}

impl IccForm {
    /// Whether items that a rater skipped take part.
    pub fn takes_all(self) -> bool {
        matches!(self, Self::OneWayAll | Self::AgreementAll | Self::ConsistencyAll)
    }

    /// The form for items that all raters rated, which is the same on complete data.
    fn complete(self) -> Self {
        match self {
            Self::OneWayAll => Self::OneWay,
            Self::AgreementAll => Self::Agreement,
            Self::ConsistencyAll => Self::Consistency,
            form => form,
        }
    }
}

/// Mean squares of n items by k raters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanSquares {
    /// Items.
    pub n: f64,
    /// Raters.
    pub k: f64,
    /// Between items.
    pub rows: f64,
    /// Between raters.
    pub columns: f64,
    /// Within items.
    pub within: f64,
    /// Residual.
    pub error: f64,
}

impl MeanSquares {
    /// Of the items that all raters rated. Undefined where there are fewer than two.
    pub fn of(data: &ReliabilityData<'_>) -> Result<Self, Undefined> {
        let complete = Complete::new(data.single()?, data.levels())?;
        Self::new(&complete, |_| 1.0).ok_or_else(one_item)
    }

    /// Where item i counts `times(i)`. One item or none has no mean squares.
    pub(super) fn new(data: &Complete, times: impl Fn(usize) -> f64) -> Option<Self> {
        let k = data.k as f64;
        let n: f64 = (0..data.n()).map(&times).sum();
        if n < 1.5 {
            return None;
        }
        let mut columns = vec![0.0; data.k];
        for (i, row) in data.rows().enumerate() {
            columns.iter_mut().zip(row).for_each(|(c, x)| *c += times(i) * x / n);
        }
        let grand = columns.iter().sum::<f64>() / k;
        let (mut between, mut within, mut error) = (0.0, 0.0, 0.0);
        for (i, row) in data.rows().enumerate() {
            let mean = row.iter().sum::<f64>() / k;
            let w = times(i);
            between += w * k * (mean - grand).powi(2);
            for (x, c) in row.iter().zip(&columns) {
                within += w * (x - mean).powi(2);
                error += w * (x - mean - c + grand).powi(2);
            }
        }
        let columns = n * columns.iter().map(|c| (c - grand).powi(2)).sum::<f64>() / (k - 1.0);
        Some(Self {
            n,
            k,
            rows: between / (n - 1.0),
            columns,
            within: within / (n * (k - 1.0)),
            error: error / ((n - 1.0) * (k - 1.0)),
        })
    }

    /// The correlation. `None` where all ratings are alike (0/0), and where the estimate of the whole variance is not
    /// above 0: raters whose errors cancel out leave none.
    pub fn icc(&self, form: IccForm) -> Option<f64> {
        let Self { n, k, rows, columns, within, error } = *self;
        let (over, under) = match form.complete() {
            IccForm::OneWay | IccForm::OneWayAll => (rows - within, rows + (k - 1.0) * within),
            IccForm::OneWayMean => (rows - within, rows),
            IccForm::Agreement | IccForm::AgreementAll => {
                (rows - error, rows + (k - 1.0) * error + k * (columns - error) / n)
            }
            IccForm::AgreementMean => (rows - error, rows + (columns - error) / n),
            IccForm::Consistency | IccForm::ConsistencyAll => (rows - error, rows + (k - 1.0) * error),
            IccForm::ConsistencyMean => (rows - error, rows),
        };
        let value = over / under;
        let some = 1e-12 * (rows + columns + within);
        (value.is_finite() && under > some).then_some(value)
    }

    /// 95 % limits (McGraw & Wong 1996, table 7). `None` for fewer than two items, without residual variance, and
    /// where items do not differ.
    pub fn interval(&self, form: IccForm) -> Option<(f64, f64)> {
        let Self { n, k, rows, columns, within, error } = *self;
        let form = form.complete();
        // What is left of a difference of equal numbers is no variance.
        let none = |residual: f64| residual <= 1e-14 * (rows + columns + within);
        // Items that do not differ at all have limits that are one point, which says nothing.
        if none(rows)
            || none(within)
            || (none(error) && !matches!(form, IccForm::OneWay | IccForm::OneWayMean))
        {
            return None;
        }
        let one = |f: f64| (f - 1.0) / (f + k - 1.0);
        let mean = |f: f64| 1.0 - 1.0 / f;
        let ratio = |f: f64, df: f64| (f / f_975(n - 1.0, df), f * f_975(df, n - 1.0));
        let limits = match form {
            IccForm::OneWay | IccForm::OneWayMean | IccForm::OneWayAll => ratio(rows / within, n * (k - 1.0)),
            IccForm::Consistency | IccForm::ConsistencyMean | IccForm::ConsistencyAll => {
                ratio(rows / error, (n - 1.0) * (k - 1.0))
            }
            IccForm::Agreement | IccForm::AgreementMean | IccForm::AgreementAll => {
                let rho = self.icc(IccForm::Agreement)?;
                let f = columns / error;
                let b = n * (1.0 + (k - 1.0) * rho) - k * rho;
                let v = (k - 1.0) * (n - 1.0) * (k * rho * f + b).powi(2)
                    / ((n - 1.0) * k * k * rho * rho * f * f + b * b);
                let (up, down) = (f_975(n - 1.0, v), f_975(v, n - 1.0));
                let both = k * columns + (k * n - k - n) * error;
                (
                    n * (rows - up * error) / (up * both + n * rows),
                    n * (down * rows - error) / (both + n * down * rows),
                )
            }
        };
        // Below −1/(k − 1) there is no variance to step up, and next to it a limit is rounding.
        let stepped = |rho: f64| {
            let under = 1.0 + (k - 1.0) * rho;
            if under > 1e-6 { k * rho / under } else { f64::NAN }
        };
        let (low, high) = match form {
            IccForm::OneWay | IccForm::OneWayAll | IccForm::Consistency | IccForm::ConsistencyAll => {
                (one(limits.0), one(limits.1))
            }
            IccForm::OneWayMean | IccForm::ConsistencyMean => (mean(limits.0), mean(limits.1)),
            IccForm::Agreement | IccForm::AgreementAll => limits,
            IccForm::AgreementMean => (stepped(limits.0), stepped(limits.1)),
        };
        (low.is_finite() && high.is_finite() && low <= high).then_some((low, high.min(1.0)))
    }
}

/// f with P(F ≤ f) = 0.975 for these degrees of freedom, by halving.
fn f_975(d1: f64, d2: f64) -> f64 {
    if !(d1 > 0.0 && d2 > 0.0 && d1.is_finite() && d2.is_finite()) {
        return f64::NAN;
    }
    // In 1 − x = d2/(d1 f + d2), which does not lose digits where f is large.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if beta_reg(0.5 * d2, 0.5 * d1, middle) < 0.025 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let rest = 0.5 * (low + high);
    d2 * (1.0 - rest) / (d1 * rest)
}

fn one_item() -> Undefined {
    Undefined::Because("variance between items needs two of them".to_owned())
}

/// The estimate on complete data, with its interval. Undefined for one item, and where all ratings are alike.
pub(super) fn icc(data: &Complete, form: IccForm) -> Result<Estimate, Undefined> {
    let squares = MeanSquares::new(data, |_| 1.0).ok_or_else(one_item)?;
    let value = squares
        .icc(form)
        .ok_or_else(|| Undefined::Because("ratings vary no more than errors that cancel out".to_owned()))?;
    let ci = squares.interval(form);
    Ok(Estimate {
        method: ci.map(|_| Method::Analytic),
        n_pairable: Some(data.values.len() as u64),
        ..Estimate::new(value, data.n(), data.k).with_ci(ci)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shrout & Fleiss (1979), table 2.
    fn published() -> Complete {
        let values = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7];
        Complete { values: values.map(f64::from).to_vec(), k: 4 }
    }

    #[test]
    fn forms_are_those_of_shrout_and_fleiss() {
        use IccForm::{Agreement, AgreementMean, Consistency, ConsistencyMean, OneWay, OneWayMean};
        let printed = [(OneWay, 0.17), (Agreement, 0.29), (Consistency, 0.71)];
        let means = [(OneWayMean, 0.44), (AgreementMean, 0.62), (ConsistencyMean, 0.91)];
        for (form, value) in printed.into_iter().chain(means) {
            let found = icc(&published(), form).unwrap().value;
            assert!((found - value).abs() < 0.005, "{form:?} {found}");
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_one_stepped_up() {
        // A package that multiplies by k twice gives .039 to .929 here.
        let (low, high) = icc(&published(), IccForm::AgreementMean).unwrap().ci.unwrap();
        assert!((low - 0.071_136_815).abs() < 1e-8 && (high - 0.927_232_040).abs() < 1e-8, "{low} {high}");
    }

    #[test]
    fn ratings_that_do_not_vary_have_none() {
        let flat = Complete { values: vec![3.0; 8], k: 2 };
        assert!(icc(&flat, IccForm::OneWay).is_err());
        assert!(icc(&Complete { values: vec![1.0, 2.0], k: 2 }, IccForm::OneWay).is_err());
        // Perfect consistency: a value, and no interval.
        let shifted = Complete { values: vec![1.0, 2.0, 2.0, 3.0, 5.0, 6.0], k: 2 };
        let found = icc(&shifted, IccForm::Consistency).unwrap();
        assert_eq!((found.value, found.ci), (1.0, None));
    }

    #[test]
    fn quantiles_of_f_are_those_of_tables() {
        for (d1, d2, f) in [(5.0, 18.0, 3.3820), (5.0, 15.0, 3.5764), (1.0, 1.0, 647.7890), (2.0, 2.0, 39.0)]
        {
            assert!((f_975(d1, d2) - f).abs() < 5e-5_f64.max(1e-12 * f), "{}", f_975(d1, d2));
        }
    }
}
