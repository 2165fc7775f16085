//! How far given labels are to be trusted, and how far a model: by items whose right label is known.
//!
//! T_ab = (c_ab + s) / (c_a + s K) is the chance that what is a is called b, s = 1; and the gate w puts w of the weight on the model's
//! distribution and 1 − w on the given label, so that the log loss of the right labels is least (Taraday & Baskin 2023, EMLC, whose teacher
//! this is, reduced to one number).

use super::Undefined;

/// s.
const SMOOTH: f64 = 1.0;
/// Lowest probability in a logarithm.
const LEAST: f64 = 1e-12;
/// Halvings of the search.
const HALVINGS: usize = 60;
/// Trusted items below which nothing is estimated.
pub const LEAST_TRUSTED: usize = 10;

/// An item whose right label is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Trusted {
    /// The right label.
    pub truth: usize,
    /// The given one.
    pub given: usize,
    /// The model's distribution, one a label.
    pub model: Vec<f64>,
}

/// What the trusted items say.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// Trusted items.
    pub n: usize,
    /// T, by the right label and the given one: rows sum to 1.
    pub called: Vec<Vec<f64>>,
    /// w: 0 trusts the given label alone, 1 the model alone.
    pub gate: f64,
    /// Mean log loss with the gate, in nats.
    pub loss: f64,
    /// Mean log loss of the model alone.
    pub loss_of_model: f64,
    /// Mean log loss of what the model and T make of the given label together, each item by a T without it.
    pub loss_of_both: f64,
}

/// T of counts `c`, by the right label and the given one.
fn called(counts: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let k = counts.len() as f64;
    let row = |row: &Vec<f64>| {
        let all: f64 = row.iter().sum();
        row.iter().map(|c| (c + SMOOTH) / (all + SMOOTH * k)).collect()
    };
    counts.iter().map(row).collect()
}

/// The model's distribution after the label `given` was seen: ∝ q_a T_a,given.
pub fn posterior(model: &[f64], called: &[Vec<f64>], given: usize) -> Vec<f64> {
    let mut p: Vec<f64> =
        model.iter().zip(called).map(|(q, row)| q * row.get(given).copied().unwrap_or(0.0)).collect();
    let sum: f64 = p.iter().sum();
    if sum > 0.0 {
        p.iter_mut().for_each(|p| *p /= sum);
    }
    p
}

/// Estimates T and w from trusted items, whose labels are below `n_labels`.
///
/// Undefined with fewer than [`LEAST_TRUSTED`]. The items must be a random sample: of flagged ones T is too dark.
pub fn trust(items: &[Trusted], n_labels: usize) -> Result<Trust, Undefined> {
    let n = items.len();
    if n < LEAST_TRUSTED {
        return Err(Undefined::Because(format!(
            "{n} audited items have a right label, a given one and probabilities, and {LEAST_TRUSTED} are needed"
        )));
    }
    let mut counts = vec![vec![0.0; n_labels]; n_labels];
    items.iter().for_each(|t| counts[t.truth][t.given] += 1.0);
    let own = |t: &Trusted| t.model.get(t.truth).copied().unwrap_or(0.0);
    let right = |t: &Trusted| f64::from(u8::from(t.given == t.truth));
    let mixed = |t: &Trusted, w: f64| w * own(t) + (1.0 - w) * right(t);
    let mean = |of: &dyn Fn(&Trusted) -> f64| {
        items.iter().map(|t| -of(t).clamp(LEAST, 1.0).ln()).sum::<f64>() / n as f64
    };
    // The loss is convex in w: its slope is looked at.
    let slope = |w: f64| items.iter().map(|t| (right(t) - own(t)) / mixed(t, w).max(LEAST)).sum::<f64>();
    let gate = if slope(0.0) >= 0.0 {
        0.0
    } else if slope(1.0) <= 0.0 {
        1.0
    } else {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if slope(middle) < 0.0 { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    let without = |t: &Trusted| {
        let mut counts = counts.clone();
        counts[t.truth][t.given] -= 1.0;
        posterior(&t.model, &called(&counts), t.given)[t.truth]
    };
    Ok(Trust {
        n,
        gate,
        loss: mean(&|t| mixed(t, gate)),
        loss_of_model: mean(&own),
        loss_of_both: mean(&without),
        called: called(&counts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(truth: usize, given: usize, sure: f64) -> Trusted {
        let mut model = vec![1.0 - sure; 2];
        model[truth] = sure;
        Trusted { truth, given, model }
    }

    #[test]
    fn counts_are_smoothed_and_the_gate_is_where_the_loss_is_least() {
        // Of 10 that are 0 eight are called so, of 10 that are 1 all; the model gives the right label 0.7.
        let items: Vec<Trusted> =
            (0..20).map(|i| item(i / 10, if i < 2 { 1 } else { i / 10 }, 0.7)).collect();
        let t = trust(&items, 2).unwrap();
        assert_eq!(t.called, [[9.0 / 12.0, 3.0 / 12.0], [1.0 / 12.0, 11.0 / 12.0]]);
        // Σ: 2 ln(0.7 w) + 18 ln(1 − 0.3 w) is largest at w = 2/(0.3 · 20) = 1/3.
        assert!((t.gate - 1.0 / 3.0).abs() < 1e-9, "{t:?}");
        let want = -(2.0 * (0.7_f64 / 3.0).ln() + 18.0 * 0.9_f64.ln()) / 20.0;
        assert!((t.loss - want).abs() < 1e-12 && (t.loss_of_model + 0.7_f64.ln()).abs() < 1e-12);
        assert!(t.loss_of_both < t.loss_of_model);
        let p = posterior(&[0.5, 0.5], &t.called, 1);
        assert!((p[1] - 11.0 / 14.0).abs() < 1e-12);
    }

    #[test]
    fn the_gate_ends_at_either_side() {
        let right: Vec<Trusted> = (0..12).map(|i| item(i % 2, i % 2, 0.6)).collect();
        assert!(trust(&right, 2).unwrap().gate == 0.0, "given labels are never wrong");
        let wrong: Vec<Trusted> = (0..12).map(|i| item(i % 2, 1 - i % 2, 0.9)).collect();
        assert!(trust(&wrong, 2).unwrap().gate == 1.0);
        assert!(trust(&right[..9], 2).is_err());
    }
}
