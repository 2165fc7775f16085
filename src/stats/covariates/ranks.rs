//! The test of Mann & Whitney (1947).

use statrs::distribution::{ContinuousCDF as _, Normal};

use crate::stats::Undefined;

/// Up to this many items, the test is exact, with ties and without. The counts of orders are exact in 53 bits.
const EXACT: usize = 50;

/// A test of two samples by ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Pairs in which the value of the first group is the larger one, half of those with equal values.
    pub u: f64,
    /// Two-sided: twice the smaller tail.
    pub p_value: f64,
    /// Whether all orders were counted; otherwise from the normal distribution, corrected for ties and continuity.
    pub exact: bool,
}

/// The test by ranks of two groups of finite numbers, each of two or more.
pub(super) fn mann_whitney(first: &[f64], second: &[f64]) -> Result<MannWhitney, Undefined> {
    let mut all: Vec<(f64, bool)> = first.iter().map(|&v| (v + 0.0, true)).collect();
    all.extend(second.iter().map(|&v| (v + 0.0, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Twice the mid-ranks, which are whole numbers.
    let mut doubled: Vec<u64> = Vec::with_capacity(all.len());
    let (mut sum, mut cubes) = (0_u64, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let (below, t) = (doubled.len() as u64, tied.len() as u64);
        let rank = 2 * below + t + 1;
        sum += rank * tied.iter().filter(|v| v.1).count() as u64;
        cubes += (t as f64).powi(3) - t as f64;
        doubled.extend(tied.iter().map(|_| rank));
    }
    let n = doubled.len() as f64;
    let (na, nb) = (first.len() as f64, second.len() as f64);
    if doubled.first() == doubled.last() {
        return Err(Undefined::Because("all values are equal".to_owned()));
    }
    let u = 0.5 * sum as f64 - 0.5 * na * (na + 1.0);
    if doubled.len() <= EXACT {
        return Ok(MannWhitney { u, p_value: exact_p(&doubled, first.len(), sum as usize), exact: true });
    }
    let variance = na * nb / 12.0 * (n + 1.0 - cubes / (n * (n - 1.0)));
    let away = ((u - 0.5 * na * nb).abs() - 0.5).max(0.0);
    let p_value = match Normal::new(0.0, 1.0) {
        Ok(normal) => (2.0 * normal.sf(away / variance.sqrt())).min(1.0),
        // The parameters above are valid.
        Err(_) => 1.0,
    };
    Ok(MannWhitney { u, p_value, exact: false })
}

/// Twice the smaller tail of the sum of `size` of these ranks, every choice alike.
fn exact_p(doubled: &[u64], size: usize, sum: usize) -> f64 {
    let most: usize = doubled.iter().sum::<u64>() as usize;
    // Number of choices of so many ranks with that sum, at [size][sum].
    let mut ways = vec![vec![0.0_f64; most + 1]; size + 1];
    ways[0][0] = 1.0;
    for &rank in doubled {
        let rank = rank as usize;
        for taken in (0..size).rev() {
            let (from, to) = ways.split_at_mut(taken + 1);
            let (from, to) = (&from[taken], &mut to[0]);
            for s in 0..=most - rank {
                to[s + rank] += from[s];
            }
        }
    }
    let counts = &ways[size];
    let all: f64 = counts.iter().sum();
    let low: f64 = counts[..=sum].iter().sum();
    let high: f64 = counts[sum..].iter().sum();
    (2.0 * low.min(high) / all).min(1.0)
}
