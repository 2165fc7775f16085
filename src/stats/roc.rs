//! How well a score tells two kinds of items apart: the area under the ROC curve.
//!
//! AUC = (#(s⁺ > s⁻) + ½ #ties)/(n⁺ n⁻), with the variance of DeLong, DeLong & Clarke-Pearson (1988) in the form by mid-ranks of Sun & Xu (2014).

use super::correlation::mid_ranks;
use super::estimate::Z_975;
use super::{Estimate, Method, Undefined};

/// The AUC of `scores`, one an item, against whether each is of the kind that should be high; DeLong's interval, within 0..=1.
///
/// Undefined without an item of either kind, and with a score that is not finite. There is no interval with one item of a kind, and where nothing
/// overlaps: the variance is 0 then, which says nothing of the next items.
pub fn auc(scores: &[f64], is_high: &[bool]) -> Result<Estimate, Undefined> {
    if scores.len() != is_high.len() || scores.iter().any(|s| !s.is_finite()) {
        return Err(Undefined::Because("a score is not known".to_owned()));
    }
    let of = |kind: bool| -> (Vec<usize>, Vec<f64>) {
        let own = (0..scores.len()).filter(|&i| is_high[i] == kind);
        own.map(|i| (i, scores[i])).unzip()
    };
    let ((high, high_scores), (low, low_scores)) = (of(true), of(false));
    if high.is_empty() || low.is_empty() {
        return Err(Undefined::Because("all items are of one kind".to_owned()));
    }
    let all = mid_ranks(scores);
    let (m, n) = (high.len() as f64, low.len() as f64);
    // Share of the other kind on the right side of each item.
    let placed = |items: &[usize], own: &[f64], others: f64| -> Vec<f64> {
        let ranks = mid_ranks(own);
        items.iter().zip(ranks).map(|(&i, rank)| (all[i] - rank) / others).collect()
    };
    let (above, below) = (placed(&high, &high_scores, n), placed(&low, &low_scores, m));
    let value = above.iter().sum::<f64>() / m;
    let variance = |shares: &[f64]| {
        let n = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / n;
        shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
    };
    let mut found = Estimate::new(value, scores.len(), 0);
    if high.len() > 1 && low.len() > 1 {
        let se = (variance(&above) + variance(&below)).sqrt();
        if se > 0.0 {
            found.se = Some(se);
            found.ci = Some(((value - Z_975 * se).max(0.0), (value + Z_975 * se).min(1.0)));
            found.method = Some(Method::Analytic);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 3½ of 4 pairs; shares 1, ¾ above and ¼, 0 below, so that each variance is 1/32 and SE² = 1/64 + 1/64.
    #[test]
    fn four_items_by_hand() {
        let found = auc(&[0.8, 0.4, 0.4, 0.2], &[true, true, false, false]).unwrap();
        assert!((found.value - 0.875).abs() < 1e-12);
        assert!((found.se.unwrap() - (1.0_f64 / 32.0).sqrt()).abs() < 1e-12);
        assert_eq!(found.ci.unwrap().1, 1.0);
    }

    #[test]
    fn a_score_turned_round_has_the_rest_and_what_is_apart_no_interval() {
        let scores: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 40)).collect();
        let kinds: Vec<bool> = (0..40).map(|i| i % 3 == 0).collect();
        let turned: Vec<f64> = scores.iter().map(|s| -s).collect();
        let (a, b) = (auc(&scores, &kinds).unwrap(), auc(&turned, &kinds).unwrap());
        assert!((a.value + b.value - 1.0).abs() < 1e-12 && (a.se.unwrap() - b.se.unwrap()).abs() < 1e-12);
        let apart = auc(&[1.0, 2.0, 3.0, 4.0], &[false, false, true, true]).unwrap();
        assert_eq!((apart.value, apart.ci), (1.0, None));
        assert!(auc(&[1.0, 2.0], &[true, true]).is_err() && auc(&[f64::NAN, 2.0], &[true, false]).is_err());
    }
}
