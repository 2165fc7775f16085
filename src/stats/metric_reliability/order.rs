//! Could systems in any other order correlate as well? Every order of few, many orders of more.

use crate::progress::{Cancelled, Progress};
use crate::stats::correlation::mid_ranks;
use crate::stats::random::Stream;

/// Systems up to which every order is tried.
pub const MOST_EXACT: usize = 8;
/// Orders that are drawn of more.
const DRAWS: u64 = 9_999;

/// A correlation against those of all orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderTest {
    /// P(|correlation| at least as large); of drawn orders (1 + as large)/(1 + draws).
    pub p: f64,
    /// The least that it could have been.
    pub least: f64,
    /// Orders that were tried.
    pub n_orders: u64,
    /// Whether those are all.
    pub is_exact: bool,
}

/// What of r, ρ and τ_b an order of y changes: their denominators are the same in every order.
struct Numerators {
    x: Vec<f64>,
    ranks: (Vec<f64>, Vec<f64>),
    y: Vec<f64>,
}

impl Numerators {
    fn new(x: &[f64], y: &[f64]) -> Self {
        let centred = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|v| v - mean).collect::<Vec<f64>>()
        };
        Self { x: centred(x), ranks: (centred(&mid_ranks(x)), centred(&mid_ranks(y))), y: centred(y) }
    }

    fn of(&self, order: &[usize]) -> [f64; 3] {
        let (mut r, mut rho, mut tau) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (i, &at) in order.iter().enumerate() {
            r += self.x[i] * self.y[at];
            rho += self.ranks.0[i] * self.ranks.1[at];
            for (j, &other) in order[..i].iter().enumerate() {
                let (a, b) = (self.ranks.0[i] - self.ranks.0[j], self.ranks.1[at] - self.ranks.1[other]);
                tau += if a * b > 0.0 {
                    1.0
                } else if a * b < 0.0 {
                    -1.0
                } else {
                    0.0
                };
            }
        }
        [r.abs(), rho.abs(), tau.abs()]
    }
}

/// Tests Pearson's r, Spearman's ρ and Kendall's τ_b of means of systems by permuting `y`. `None` where either is constant, and for fewer than
/// two systems.
///
/// # Errors
/// If it was cancelled.
pub fn order_tests(
    x: &[f64],
    y: &[f64],
    seed: u64,
    progress: &Progress,
) -> Result<Option<[OrderTest; 3]>, Cancelled> {
    let is_constant = |v: &[f64]| v.windows(2).all(|w| w[0] == w[1]);
    if x.len() != y.len() || x.len() < 2 || is_constant(x) || is_constant(y) {
        return Ok(None);
    }
    let numerators = Numerators::new(x, y);
    let n = x.len();
    let mut order: Vec<usize> = (0..n).collect();
    let found = numerators.of(&order);
    let is_exact = n <= MOST_EXACT;
    let mut all: Vec<[f64; 3]> = Vec::new();
    if is_exact {
        // Heap's algorithm (1963).
        all.push(found);
        let (mut counters, mut i) = (vec![0; n], 1);
        while i < n {
            if counters[i] < i {
                order.swap(if i % 2 == 0 { 0 } else { counters[i] }, i);
                all.push(numerators.of(&order));
                counters[i] += 1;
                i = 1;
            } else {
                counters[i] = 0;
                i += 1;
            }
        }
        progress.check()?;
    } else {
        for draw in 0..DRAWS {
            progress.check()?;
            Stream::new(seed, draw).shuffle(&mut order);
            all.push(numerators.of(&order));
        }
    }
    Ok(Some([0, 1, 2].map(|which| {
        // Sums in another order differ in the last digits.
        let most = all.iter().map(|v| v[which]).fold(found[which], f64::max);
        let at_least = |least: f64| {
            all.iter().filter(|v| v[which] >= least - 1e-9 * most.max(f64::MIN_POSITIVE)).count() as f64
        };
        let total = all.len() as f64;
        let share = |least: f64| {
            if is_exact { at_least(least) / total } else { (1.0 + at_least(least)) / (1.0 + total) }
        };
        OrderTest {
            p: share(found[which]),
            least: if is_exact { share(most) } else { 1.0 / (1.0 + total) },
            n_orders: all.len() as u64,
            is_exact,
        }
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(x: &[f64], y: &[f64]) -> [OrderTest; 3] {
        order_tests(x, y, 1, &Progress::new()).unwrap().unwrap()
    }

    /// Six systems have 720 orders; the best and its reverse are 2 of them.
    #[test]
    fn six_systems_have_a_least_p_of_2_in_720() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let [r, rho, tau] = of(&x, &[0.1, 0.2, 0.4, 0.8, 1.6, 3.2]);
        let least = 2.0 / 720.0;
        for test in [rho, tau] {
            assert_eq!((test.p, test.least, test.n_orders, test.is_exact), (least, least, 720, true));
        }
        assert_eq!((r.p, r.least), (least, least));
        // Published table of Spearman's ρ for six: P(|ρ| ≥ .886) = 24/720.
        let [_, rho, _] = of(&x, &[1.0, 3.0, 2.0, 5.0, 4.0, 6.0]);
        assert!((rho.p - 24.0 / 720.0).abs() < 1e-12, "{rho:?}");
    }

    #[test]
    fn of_many_systems_orders_are_drawn() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let [r, ..] = of(&x, &x);
        assert!(!r.is_exact && r.p == r.least && r.p == 1e-4, "{r:?}");
        assert_eq!(order_tests(&x, &[1.0; 12], 1, &Progress::new()), Ok(None));
        assert_eq!(order_tests(&[1.0], &[1.0], 1, &Progress::new()), Ok(None));
    }
}
