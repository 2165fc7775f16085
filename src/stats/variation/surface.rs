//! Words that occur with several labels: slip, or truly ambiguous?

use std::cmp::Reverse;

use crate::dataset::LabelId;

/// The labels of one form: a word, or several.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceVariation {
    /// Labels and how often each occurs, the most frequent first, ties by label.
    pub labels: Vec<(LabelId, u64)>,
    /// Entropy of the labels in bits.
    pub entropy_bits: f64,
    /// Label entropy (Hollenstein, Schneider & Webber 2016): 1 − entropy, scaled so that 0 is the highest and 1 the lowest of all
    /// these forms; 1 where all are equal. High: nearly all agree, so the others are suspicious.
    pub label_entropy: f64,
    /// Weighted discrepancy (the same): (most − least frequent) / number of labels × occurrences, scaled to 0..=1 over all
    /// these forms; 1 where all are equal.
    pub weighted_discrepancy: f64,
}

/// Both scores of every form; `tallies` has the labels of each, how often they occur, in any order. Forms without a label have
/// entropy 0 and discrepancy 0 before scaling.
pub fn surface_variation(tallies: Vec<Vec<(LabelId, u64)>>) -> Vec<SurfaceVariation> {
    let mut rows: Vec<SurfaceVariation> = tallies
        .into_iter()
        .map(|mut labels| {
            labels.sort_unstable_by_key(|&(label, n)| (Reverse(n), label));
            let n = labels.iter().map(|l| l.1).sum::<u64>() as f64;
            let shares = labels.iter().filter(|l| l.1 > 0).map(|l| l.1 as f64 / n);
            let entropy: f64 = shares.map(|q| -q * q.log2()).sum();
            let spread = labels.first().zip(labels.last()).map_or(0, |(most, least)| most.1 - least.1) as f64;
            SurfaceVariation {
                entropy_bits: entropy,
                label_entropy: -entropy,
                weighted_discrepancy: spread / labels.len().max(1) as f64 * n,
                labels,
            }
        })
        .collect();
    scale(&mut rows, |row| &mut row.label_entropy);
    scale(&mut rows, |row| &mut row.weighted_discrepancy);
    rows
}

fn scale(rows: &mut [SurfaceVariation], column: impl Fn(&mut SurfaceVariation) -> &mut f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for row in rows.iter_mut() {
        let value = *column(row);
        low = low.min(value);
        high = high.max(value);
    }
    for row in rows {
        let value = column(row);
        *value = if high > low { (*value - low) / (high - low) } else { 1.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_against_many_are_a_slip_and_halves_are_not() {
        // 9:1, 5:5 and 2:1:1.
        let found =
            surface_variation(vec![vec![(3, 1), (1, 9)], vec![(1, 5), (2, 5)], vec![(0, 1), (1, 2), (2, 1)]]);
        assert_eq!(found[0].labels, [(1, 9), (3, 1)]);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        let entropy = -(0.9_f64 * 0.9_f64.log2() + 0.1 * 0.1_f64.log2());
        assert!(close(found[0].entropy_bits, entropy) && close(found[1].entropy_bits, 1.0));
        assert!(close(found[2].entropy_bits, 1.5));
        assert!(close(found[0].label_entropy, 1.0) && close(found[2].label_entropy, 0.0));
        // (9 − 1)/2 × 10 = 40, 0, (2 − 1)/3 × 4.
        assert!(close(found[0].weighted_discrepancy, 1.0) && close(found[1].weighted_discrepancy, 0.0));
        assert!(close(found[2].weighted_discrepancy, 4.0 / 3.0 / 40.0));
        assert_eq!(surface_variation(vec![vec![(0, 1), (1, 1)]])[0].label_entropy, 1.0);
        assert!(surface_variation(Vec::new()).is_empty());
    }
}
