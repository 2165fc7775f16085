//! Krippendorff's alpha for nominal labels, of all of them and of each against the rest.
//!
//! Only items with two votes or more (units) take part. With n_uk votes for label k on unit u, m_u votes on
//! the unit, n_k = Σ_u n_uk and n = Σ_k n_k (Krippendorff 2011, *Computing Krippendorff's alpha-reliability*):
//!
//! D_o = (1/n) Σ_u (m_u² − Σ_k n_uk²)/(m_u − 1), D_e = (n² − Σ_k n_k²)/(n (n − 1)), α = 1 − D_o/D_e.

use super::interval::Spread;
use super::sums::Form;
use super::tally::Tally;
use crate::dataset::Annotations;
use crate::stats::estimate::Method;
use crate::stats::{Estimate, Statistic, Undefined};

/// α, at most 1.
///
/// Interval: Gwet's linearisation (2014, ch. 6; as `krippen.alpha.raw` of irrCAC 1.4): with n₀ units,
/// r̄ votes a unit, x_u = Σ_k n_uk (n_uk − 1)/(r̄ (m_u − 1)), p′ = mean x_u, π_k = n_k/(n₀ r̄), p_e = Σ π_k² and
/// α′ = (p′ − p_e)/(1 − p_e), unit u contributes
/// [x_u − p′ d_u − p_e]/(1 − p_e) − 2 (1 − α′)[Σ_k n_uk π_k / r̄ − p_e d_u − p_e]/(1 − p_e), d_u = (m_u − r̄)/r̄;
/// the variance is that of their mean; t with (items with a vote) − 1 degrees of freedom; upper limit cut to 1.
/// `n_items` is n₀.
///
/// Undefined where nothing can be paired, and where the units use only one label (D_e = 0).
pub fn krippendorff_alpha_nominal(annotations: &Annotations, n_labels: usize) -> Statistic {
    super::percent::nominal(Form::Alpha, annotations, n_labels)
}

/// α of "this label or another", one a label (Krippendorff 1980, p. 139). Sparse: labels that an item lacks
/// cost nothing.
///
/// Undefined for a label that no unit has and for one that all have.
pub fn krippendorff_alpha_per_label(annotations: &Annotations, n_labels: usize) -> Vec<Statistic> {
    match Tally::new(annotations, n_labels) {
        Ok(tally) => per_label(&tally),
        Err(reason) => vec![reason.into(); n_labels],
    }
}

/// A unit, or several alike.
#[derive(Clone, Copy)]
struct Unit {
    /// How many are alike.
    times: f64,
    /// Votes m_u.
    votes: f64,
    /// Σ_k n_uk (n_uk − 1).
    agreeing: f64,
    /// Σ_k n_uk π_k.
    expected: f64,
}

/// What all units have in common.
struct Totals {
    /// Units n₀.
    units: usize,
    /// Votes n.
    votes: f64,
    /// Σ_k n_k².
    squares: f64,
    /// Items with a vote.
    rated: usize,
}

/// α and its interval.
fn alpha(totals: &Totals, units: impl Iterator<Item = Unit> + Clone) -> (f64, Option<Spread>) {
    let n = totals.votes;
    let disagreeing: f64 =
        units.clone().map(|u| u.times * (u.votes * (u.votes - 1.0) - u.agreeing) / (u.votes - 1.0)).sum();
    let value = 1.0 - disagreeing * (n - 1.0) / (n * n - totals.squares);

    let n0 = totals.units as f64;
    let mean = n / n0;
    let share = |u: &Unit| u.agreeing / (mean * (u.votes - 1.0));
    let observed = units.clone().map(|u| u.times * share(&u)).sum::<f64>() / n0;
    let expected = totals.squares / (n * n);
    let room = 1.0 - expected;
    let prime = (observed - expected) / room;
    let squares: f64 = units
        .map(|u| {
            let excess = (u.votes - mean) / mean;
            let own = (share(&u) - observed * excess - expected) / room;
            let chance = (u.expected / mean - expected * excess - expected) / room;
            u.times * (own - 2.0 * (1.0 - prime) * chance - prime).powi(2)
        })
        .sum();
    let variance = squares / (n0 * (n0 - 1.0));
    let spread = Spread::student(value, variance, totals.rated - 1, Method::Analytic);
    (value, spread.filter(|_| totals.units >= 2))
}

pub(super) fn per_label(tally: &Tally) -> Vec<Statistic> {
    // How many units have m votes, and the units that have each label, as (times, m_u, n_uk).
    let mut units_by_votes = std::collections::BTreeMap::<u32, u32>::new();
    let mut having: Vec<Vec<(u32, u32, u32)>> = vec![Vec::new(); tally.n_labels];
    for unit in tally.patterns().filter(|p| p.size >= 2 && p.times > 0) {
        *units_by_votes.entry(unit.size).or_default() += unit.times;
        for (&label, &count) in unit.labels.iter().zip(unit.counts) {
            having[label as usize].push((unit.times, unit.size, count));
        }
    }
    let n: f64 = units_by_votes.iter().map(|(&m, &units)| f64::from(m) * f64::from(units)).sum();

    having
        .iter()
        .map(|having| {
            let with: f64 = having.iter().map(|&(times, _, count)| f64::from(times) * f64::from(count)).sum();
            if with == 0.0 {
                return Undefined::Because("no item with two annotations or more has this label".to_owned())
                    .into();
            }
            if with == n {
                return Undefined::Because(
                    "items with two annotations or more have no other label, so chance agreement is 1"
                        .to_owned(),
                )
                .into();
            }
            let mut lacking = units_by_votes.clone();
            for (times, m, _) in having {
                lacking.entry(*m).and_modify(|units| *units -= times);
            }
            let p = with / n;
            let unit = |times: f64, m: u32, count: u32| {
                let (m, has) = (f64::from(m), f64::from(count));
                let rest = m - has;
                Unit {
                    times,
                    votes: m,
                    agreeing: has * (has - 1.0) + rest * (rest - 1.0),
                    expected: has * p + rest * (1.0 - p),
                }
            };
            let totals = Totals {
                units: tally.n_pairable,
                votes: n,
                squares: with * with + (n - with) * (n - with),
                rated: tally.n_rated,
            };
            let units = having
                .iter()
                .map(|&(times, m, count)| unit(f64::from(times), m, count))
                .chain(lacking.iter().map(|(&m, &units)| unit(f64::from(units), m, 0)));
            let (value, spread) = alpha(&totals, units);
            Estimate {
                ci: spread.map(|s| s.ci),
                se: spread.map(|s| s.se),
                method: spread.map(|s| s.method),
                n_pairable: Some(tally.n_pairable_ratings),
                ..Estimate::new(value, tally.n_pairable, tally.n_raters_pairable)
            }
            .into()
        })
        .collect()
}
