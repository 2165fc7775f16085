//! Correlation and concordance of two raters' numbers, from the table of their labels: as much work as there are cells.

use super::table::Cell;
use crate::dataset::LabelId;
use crate::stats::Undefined;

fn constant() -> Undefined {
    Undefined::Because("one of the two gives the same value throughout".to_owned())
}

/// Means, variances and covariance (divided by n) of pairs of values.
struct Moments {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

/// Of (x, y, how many).
fn moments(pairs: &[(f64, f64, f64)]) -> Moments {
    let n: f64 = pairs.iter().map(|p| p.2).sum();
    let x = pairs.iter().map(|p| p.2 * p.0).sum::<f64>() / n;
    let y = pairs.iter().map(|p| p.2 * p.1).sum::<f64>() / n;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for p in pairs {
        let (dx, dy) = (p.0 - x, p.1 - y);
        xx += p.2 * dx * dx;
        yy += p.2 * dy * dy;
        xy += p.2 * dx * dy;
    }
    Moments { x, y, xx: xx / n, yy: yy / n, xy: xy / n }
}

fn with_values(cells: &[Cell], values: &[f64]) -> Vec<(f64, f64, f64)> {
    cells.iter().map(|&(k, l, n)| (values[k as usize], values[l as usize], n as f64)).collect()
}

/// Whether all items have one value in the rows, or in the columns.
fn is_constant(cells: &[Cell], values: &[f64]) -> bool {
    let of = |label: LabelId| values[label as usize];
    let Some(first) = cells.first() else { return true };
    cells.iter().all(|c| of(c.0) == of(first.0)) || cells.iter().all(|c| of(c.1) == of(first.1))
}

fn correlation(pairs: &[(f64, f64, f64)]) -> f64 {
    let m = moments(pairs);
    (m.xy / (m.xx * m.yy).sqrt()).clamp(-1.0, 1.0)
}

/// Pearson's r of the labels' `values`. Undefined where one rater gives the same value throughout.
pub fn pearson(cells: &[Cell], values: &[f64]) -> Result<f64, Undefined> {
    if is_constant(cells, values) {
        return Err(constant());
    }
    Ok(correlation(&with_values(cells, values)))
}

/// Spearman's ρ: Pearson's r of mid-ranks. Undefined as [`pearson`] is.
pub fn spearman(cells: &[Cell], values: &[f64]) -> Result<f64, Undefined> {
    if is_constant(cells, values) {
        return Err(constant());
    }
    let mut pairs = with_values(cells, values);
    for _ in 0..2 {
        to_mid_ranks(&mut pairs);
        pairs.iter_mut().for_each(|p| std::mem::swap(&mut p.0, &mut p.1));
    }
    Ok(correlation(&pairs))
}

/// Replaces the first values by their mid-ranks.
fn to_mid_ranks(pairs: &mut [(f64, f64, f64)]) {
    // 0.0 and -0.0 are one value.
    pairs.iter_mut().for_each(|p| p.0 += 0.0);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    for tied in pairs.chunk_by_mut(|a, b| a.0 == b.0) {
        let n: f64 = tied.iter().map(|p| p.2).sum();
        tied.iter_mut().for_each(|p| p.0 = below + 0.5 * (n + 1.0));
        below += n;
    }
}

/// Lin's concordance correlation coefficient (1989): 2 s_xy/(s_x² + s_y² + (x̄ − ȳ)²), moments divided by n.
/// Undefined where both give one and the same value throughout.
pub fn lin_concordance(cells: &[Cell], values: &[f64]) -> Result<f64, Undefined> {
    let m = moments(&with_values(cells, values));
    let whole = m.xx + m.yy + (m.x - m.y).powi(2);
    if whole > 0.0 { Ok(2.0 * m.xy / whole) } else { Err(Undefined::NoVariation) }
}

/// Kendall's τ_b (1945): (C − D)/√((n₀ − n₁)(n₀ − n₂)) with C concordant and D discordant pairs of items, n₀ all
/// pairs, n₁ and n₂ those tied in one rating. In O(cells · log labels). Undefined as [`pearson`] is.
pub fn kendall_tau_b(cells: &[Cell], values: &[f64]) -> Result<f64, Undefined> {
    if is_constant(cells, values) {
        return Err(constant());
    }
    let mut distinct: Vec<f64> = cells.iter().map(|c| values[c.1 as usize] + 0.0).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let place = |v: f64| distinct.partition_point(|d| d.total_cmp(&(v + 0.0)).is_lt());
    let mut sorted: Vec<(f64, usize, u64)> =
        cells.iter().map(|c| (values[c.0 as usize] + 0.0, place(values[c.1 as usize]), c.2)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let pairs = |n: u64| i128::from(n) * (i128::from(n) - 1) / 2;
    let total: u64 = cells.iter().map(|c| c.2).sum();
    let mut seen = Fenwick(vec![0; distinct.len() + 1]);
    let mut columns = vec![0_u64; distinct.len()];
    let (mut before, mut net, mut tied_x) = (0_u64, 0_i128, 0_i128);
    for row in sorted.chunk_by(|a, b| a.0 == b.0) {
        for &(_, y, n) in row {
            let (less, up_to) = (seen.sum(y), seen.sum(y + 1));
            net += i128::from(n) * (i128::from(less) - i128::from(before - up_to));
        }
        let mut in_row = 0;
        for &(_, y, n) in row {
            seen.add(y, n);
            columns[y] += n;
            in_row += n;
        }
        before += in_row;
        tied_x += pairs(in_row);
    }
    let tied_y: i128 = columns.iter().map(|&n| pairs(n)).sum();
    let all = pairs(total);
    let tau = net as f64 / ((all - tied_x) as f64).sqrt() / ((all - tied_y) as f64).sqrt();
    Ok(tau.clamp(-1.0, 1.0))
}

/// Running sums that can be added to.
struct Fenwick(Vec<u64>);

impl Fenwick {
    fn add(&mut self, at: usize, n: u64) {
        let mut i = at + 1;
        while i < self.0.len() {
            self.0[i] += n;
            i += i & i.wrapping_neg();
        }
    }

    /// Σ of the first `end`.
    fn sum(&self, end: usize) -> u64 {
        let (mut i, mut sum) = (end, 0);
        while i > 0 {
            sum += self.0[i];
            i &= i - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUES: [f64; 5] = [3.0, -1.0, 0.5, 8.0, 0.5];

    proptest! {
        #[test]
        fn tau_is_the_count_of_pairs(items in prop::collection::vec((0..5_u32, 0..5_u32), 2..30)) {
            let cells: Vec<Cell> = items.iter().map(|&(x, y)| (x, y, 1)).collect();
            let (mut net, mut x_apart, mut y_apart) = (0.0, 0.0, 0.0);
            for (i, a) in items.iter().enumerate() {
                for b in &items[..i] {
                    let sign = |p: u32, q: u32| {
                        let d = VALUES[p as usize] - VALUES[q as usize];
                        if d == 0.0 { 0.0 } else { d.signum() }
                    };
                    let (x, y) = (sign(a.0, b.0), sign(a.1, b.1));
                    net += x * y;
                    x_apart += x * x;
                    y_apart += y * y;
                }
            }
            match kendall_tau_b(&cells, &VALUES) {
                Ok(tau) => prop_assert!((tau - net / (x_apart * y_apart).sqrt()).abs() < 1e-12),
                Err(_) => prop_assert!(x_apart * y_apart == 0.0),
            }
        }

        #[test]
        fn merging_cells_changes_nothing(items in prop::collection::vec((0..5_u32, 0..5_u32), 2..30)) {
            let apart: Vec<Cell> = items.iter().map(|&(x, y)| (x, y, 1)).collect();
            let mut merged = std::collections::BTreeMap::new();
            items.iter().for_each(|&cell| *merged.entry(cell).or_insert(0) += 1);
            let merged: Vec<Cell> = merged.into_iter().map(|((x, y), n)| (x, y, n)).collect();
            for f in [pearson, spearman, kendall_tau_b, lin_concordance] {
                match (f(&apart, &VALUES), f(&merged, &VALUES)) {
                    (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-9),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }

    #[test]
    fn a_constant_rater_has_no_correlation() {
        let cells = [(0, 1, 2), (0, 3, 1)];
        assert_eq!(pearson(&cells, &VALUES), Err(constant()));
        assert_eq!(spearman(&cells, &VALUES), Err(constant()));
        assert_eq!(kendall_tau_b(&cells, &VALUES), Err(constant()));
        assert_eq!(lin_concordance(&cells, &VALUES), Ok(0.0));
        assert_eq!(lin_concordance(&[(2, 4, 3)], &VALUES), Err(Undefined::NoVariation));
    }

    #[test]
    fn concordance_falls_with_a_shift_and_correlation_does_not() {
        let values = [0.0, 1.0, 2.0, 3.0];
        let cells = [(0, 1, 1), (1, 2, 1), (2, 3, 1)];
        assert!((pearson(&cells, &values).unwrap() - 1.0).abs() < 1e-12);
        // 2 · ⅔/(⅔ + ⅔ + 1).
        assert!((lin_concordance(&cells, &values).unwrap() - 4.0 / 7.0).abs() < 1e-12);
    }
}
