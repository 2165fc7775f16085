//! A coefficient of each pair of raters, with the items they share: what matrices of raters show.

use super::coefficient::{Kind, Spec};
use super::distance::Distance;
use super::pairs::Pairs;
use super::rank::{kendall_tau_b, lin_concordance, pearson, spearman};
use super::reliability::ReliabilityData;
use super::student::Z_975;
use super::sums::{Form, Mass, Rule};
use super::table::{Cell, two_raters};
use crate::stats::estimate::Method;
use crate::stats::{Estimate, Statistic, Undefined};

/// How two raters agree by one coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct PairStatistic {
    /// The lower rater number.
    pub a: u32,
    /// The higher rater number.
    pub b: u32,
    /// Items that both rated.
    pub n_items: usize,
    /// The coefficient. Cohen's kappa has its large-sample interval and Pearson's r that of Fisher's z; others none.
    pub value: Statistic,
}

/// `spec` for each pair of raters that share an item, by (`a`, `b`); where a rater rated an item more than once, the last
/// counts. Light's and Hubert's kappa of a pair are Cohen's, Conger's too.
///
/// Undefined where nothing can be paired, for anonymous votes, for more comparisons than are kept, and for a coefficient
/// that two raters do not have.
pub fn pairwise(data: &ReliabilityData<'_>, spec: &Spec) -> Result<Vec<PairStatistic>, Undefined> {
    let levels = data.levels();
    let pairs = Pairs::new(data.single()?, levels.len())?;
    let form = match spec.kind {
        Kind::Percent | Kind::Unanimous => Some(Form::Percent),
        Kind::Scott | Kind::Fleiss => Some(Form::Fleiss),
        Kind::Gwet => Some(Form::Gwet),
        Kind::BrennanPrediger => Some(Form::Uniform),
        Kind::Krippendorff => Some(Form::Alpha),
        Kind::Cohen | Kind::Conger | Kind::Light | Kind::Hubert => None,
        Kind::Pearson | Kind::Spearman | Kind::KendallTau | Kind::Lin => None,
        Kind::Majority | Kind::Icc(_) | Kind::KendallW => {
            return Err(Undefined::Because("this coefficient is not shown by pairs of raters".to_owned()));
        }
    };
    let rule = match form {
        None => None,
        Some(Form::Alpha) => {
            Some(Rule::new(Form::Alpha, spec.metric.distance(levels, data.sets())?, levels)?)
        }
        Some(form) => Some(Rule::new(form, Some(spec.weights.distance(levels)?), levels)?),
    };
    let value = |table: &[Cell], n: u64| -> Result<Estimate, Undefined> {
        let plain = |value: f64| Estimate::new(value, n as usize, 2);
        if let Some(rule) = &rule {
            return of_counts(rule, table, levels.len()).map(plain).ok_or(Undefined::NoVariation);
        }
        let of_table = match spec.kind {
            Kind::Pearson => return pearson(table, levels.values()).map(|r| fisher(plain(r), n as f64)),
            Kind::Spearman => spearman,
            Kind::KendallTau => kendall_tau_b,
            Kind::Lin => lin_concordance,
            _ => {
                let found = two_raters(table, &spec.weights, levels)?;
                let kappa = found.kappa.ok_or(Undefined::NoVariation)?;
                let se = found.se.filter(|_| n >= 2);
                let ci = se.map(|se| (kappa - Z_975 * se, (kappa + Z_975 * se).min(1.0)));
                let method = ci.map(|_| Method::Analytic);
                return Ok(Estimate { ci, se, method, ..plain(kappa) });
            }
        };
        of_table(table, levels.values()).map(plain)
    };
    Ok((0..pairs.len())
        .map(|i| {
            let table = pairs.table(i);
            let n: u64 = table.iter().map(|c| c.2).sum();
            let (a, b) = pairs.raters[i];
            PairStatistic { a, b, n_items: n as usize, value: value(table, n).into() }
        })
        .collect())
}

/// A coefficient of counts from a table of two raters.
fn of_counts(rule: &Rule, table: &[Cell], n_labels: usize) -> Option<f64> {
    let mut both: Vec<(u32, f64)> =
        table.iter().flat_map(|&(k, l, n)| [(k, n as f64), (l, n as f64)]).collect();
    both.sort_by_key(|b| b.0);
    let n: f64 = table.iter().map(|c| c.2 as f64).sum();
    let alpha = rule.form == Form::Alpha;
    let mut mass = Mass::default();
    for run in both.chunk_by(|x, y| x.0 == y.0) {
        let sum: f64 = run.iter().map(|b| b.1).sum();
        mass.push(run[0].0, if alpha { sum } else { sum / 2.0 });
    }
    // Only mid-ranks need the dense column.
    let mut dense = Vec::new();
    if rule.is_ordinal() {
        dense.resize(n_labels, 0.0);
        mass.labels.iter().zip(&mass.mass).for_each(|(&l, m)| dense[l as usize] = *m);
    }
    let distance: Distance = rule.distance(&dense);
    let apart: f64 = table.iter().map(|&(k, l, n)| n as f64 * distance.between(k, l)).sum();
    if alpha {
        rule.of_sums(n, 2.0 * n, 2.0 * apart, &mass, &distance)
    } else {
        rule.of_sums(n, n, apart, &mass, &distance)
    }
}

/// tanh(atanh r ± 1.96/√(n − 3)), for more than three items and |r| < 1 (Fisher 1921).
fn fisher(estimate: Estimate, n: f64) -> Estimate {
    let z = estimate.value.atanh();
    if n <= 3.0 || !z.is_finite() {
        return estimate;
    }
    let half = Z_975 / (n - 3.0).sqrt();
    let ci = Some(((z - half).tanh(), (z + half).tanh()));
    Estimate { ci, method: Some(Method::Analytic), ..estimate }
}

/// The mean of correlations by Fisher's z, without those of exactly ±1, whose z is infinite. `None` where none is left.
pub fn fisher_mean(correlations: impl IntoIterator<Item = f64>) -> Option<f64> {
    let z: Vec<f64> = correlations.into_iter().map(f64::atanh).filter(|z| z.is_finite()).collect();
    (!z.is_empty()).then(|| (z.iter().sum::<f64>() / z.len() as f64).tanh())
}
