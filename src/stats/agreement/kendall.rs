//! Kendall's coefficient of concordance: do all raters put the items in the same order?

use rayon::prelude::*;
use statrs::function::gamma::gamma_ur;

use super::complete::Complete;
use super::reliability::ReliabilityData;
use crate::stats::Undefined;

/// W of n items ranked by m raters, mid-ranks for ties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KendallW {
    /// 12 S/(m² (n³ − n)), S the sum of squares of rank sums about their mean. Too small where there are ties.
    pub plain: f64,
    /// 12 S/(m² (n³ − n) − m Σ (t³ − t)), t sizes of groups of ties: 1 for the same order throughout.
    pub corrected: f64,
    /// m (n − 1) W with W corrected for ties; χ² with n − 1 degrees of freedom if there is no concordance.
    pub chi_squared: f64,
    /// P(χ² ≥ [`Self::chi_squared`]).
    pub p_value: f64,
    /// Items n.
    pub n_items: usize,
    /// Raters m.
    pub n_raters: usize,
}

/// W of the items that all raters rated, with its test. Undefined as the coefficient is.
pub fn concordance(data: &ReliabilityData<'_>) -> Result<KendallW, Undefined> {
    kendall_w(&Complete::new(data.single()?, data.levels())?, None)
}

/// W where item i is there `times[i]` times (`None`: each once). Undefined for one item, and where each rater gives one
/// value throughout.
pub(super) fn kendall_w(data: &Complete, times: Option<&[f64]>) -> Result<KendallW, Undefined> {
    let times = |i: usize| times.map_or(1.0, |t| t[i]);
    let m = data.k as f64;
    let n: f64 = (0..data.n()).map(times).sum();
    if n < 1.5 {
        return Err(Undefined::Because("an order needs two items".to_owned()));
    }
    let value = |i: usize, rater: usize| data.values[i * data.k + rater] + 0.0;
    let counted: Vec<usize> = (0..data.n()).filter(|&i| times(i) > 0.0).collect();
    // The mid-rank of each value of each rater: of numbers of which many are equal, in little more than a walk.
    let ranks = (0..data.k).into_par_iter().map(|rater| {
        let mut values: Vec<f64> = counted.iter().map(|&i| value(i, rater)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let place = |v: f64| values.partition_point(|&w| w < v);
        let mut tied = vec![0.0; values.len()];
        counted.iter().for_each(|&i| tied[place(value(i, rater))] += times(i));
        let mut below = 0.0;
        let ranks: Vec<f64> = tied
            .iter()
            .map(|t| {
                below += t;
                below - 0.5 * (t - 1.0)
            })
            .collect();
        (values, ranks, tied.iter().map(|t| t * t * t - t).sum::<f64>())
    });
    let ranks: Vec<(Vec<f64>, Vec<f64>, f64)> = ranks.collect();
    let ties: f64 = ranks.iter().map(|r| r.2).sum();
    let mut sums = vec![0.0; data.n()];
    for &i in &counted {
        for (rater, (values, ranks, _)) in ranks.iter().enumerate() {
            sums[i] += ranks[values.partition_point(|&w| w < value(i, rater))];
        }
    }
    let mean = 0.5 * m * (n + 1.0);
    let s: f64 = sums.iter().enumerate().map(|(i, r)| times(i) * (r - mean).powi(2)).sum();
    let whole = m * m * (n * n * n - n);
    let left = whole - m * ties;
    if left <= 1e-12 * whole {
        return Err(Undefined::NoVariation);
    }
    let corrected = 12.0 * s / left;
    let chi_squared = m * (n - 1.0) * corrected;
    Ok(KendallW {
        plain: 12.0 * s / whole,
        corrected,
        chi_squared,
        p_value: if chi_squared > 0.0 { gamma_ur(0.5 * (n - 1.0), 0.5 * chi_squared) } else { 1.0 },
        n_items: data.n(),
        n_raters: data.k,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_order_is_one_with_and_without_ties() {
        let data = Complete { values: vec![1.0, 2.0, 1.0, 2.0, 5.0, 9.0], k: 2 };
        let w = kendall_w(&data, None).unwrap();
        assert!((w.corrected - 1.0).abs() < 1e-12 && w.plain < 1.0);
        let flat = Complete { values: vec![4.0; 6], k: 2 };
        assert_eq!(kendall_w(&flat, None), Err(Undefined::NoVariation));
        assert!(kendall_w(&Complete { values: vec![1.0, 2.0], k: 2 }, None).is_err());
    }

    #[test]
    fn an_item_that_counts_twice_is_there_twice() {
        let twice = Complete { values: vec![1.0, 2.0, 3.0, 1.0, 5.0, 9.0, 5.0, 9.0], k: 2 };
        let times = Complete { values: vec![1.0, 2.0, 3.0, 1.0, 5.0, 9.0], k: 2 };
        let (a, b) = (kendall_w(&twice, None).unwrap(), kendall_w(&times, Some(&[1.0, 1.0, 2.0])).unwrap());
        assert!((a.corrected - b.corrected).abs() < 1e-12 && (a.p_value - b.p_value).abs() < 1e-12);
    }
}
