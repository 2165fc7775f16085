//! Confidence against agreement with the majority: the bins of a reliability diagram and what they sum up to.

use std::sync::Arc;

use super::ItemScore;

/// Items whose confidence lies in (low, high].
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidenceBin {
    /// Not in the bin.
    pub low: f64,
    /// In the bin.
    pub high: f64,
    /// The items, ascending.
    pub items: Arc<[u32]>,
    /// Their mean confidence; `None` without items.
    pub confidence: Option<f64>,
    /// Their mean credit, a tied majority counting 1/t.
    pub accuracy: Option<f64>,
    /// Their mean credit, a tied majority being its lowest label.
    pub accuracy_lowest: Option<f64>,
}

/// `m` bins (at least one) of equal width over 0..=1, lowest first. A confidence of 0 is in none; one that rounding put above 1 is in the last.
pub fn reliability_bins(items: &[ItemScore], m: usize) -> Vec<ConfidenceBin> {
    let m = m.clamp(1, 10_000);
    let edge = |b: usize| b as f64 / m as f64;
    let mut sums = vec![(Vec::new(), 0.0, 0.0, 0.0); m];
    for item in items.iter().filter(|i| i.confidence > 0.0) {
        let mut b = ((item.confidence * m as f64) as usize).min(m - 1);
        // The product may round across an edge; the edges decide.
        while b > 0 && item.confidence <= edge(b) {
            b -= 1;
        }
        while b + 1 < m && item.confidence > edge(b + 1) {
            b += 1;
        }
        let sum = &mut sums[b];
        sum.0.push(item.item);
        sum.1 += item.confidence;
        sum.2 += item.credit;
        sum.3 += item.credit_lowest;
    }
    let bin = |(b, (items, confidence, credit, lowest)): (usize, (Vec<u32>, f64, f64, f64))| {
        let mean = |sum: f64| (!items.is_empty()).then(|| sum / items.len() as f64);
        ConfidenceBin {
            low: edge(b),
            high: edge(b + 1),
            confidence: mean(confidence),
            accuracy: mean(credit),
            accuracy_lowest: mean(lowest),
            items: items.into(),
        }
    };
    sums.into_iter().enumerate().map(bin).collect()
}

/// Expected calibration error: Σ n_b/n |confidence_b − accuracy_b|, n all items in a bin; 0 where there is none. `accuracy` says which.
pub fn ece(bins: &[ConfidenceBin], accuracy: impl Fn(&ConfidenceBin) -> Option<f64>) -> f64 {
    let n: usize = bins.iter().map(|b| b.items.len()).sum();
    let terms = bins.iter().filter_map(|b| Some(b.items.len() as f64 * (b.confidence? - accuracy(b)?).abs()));
    terms.sum::<f64>() / n.max(1) as f64
}
