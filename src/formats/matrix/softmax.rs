//! Scores that are no probabilities yet.

/// Whether rows of `cols` numbers are scores (logits): few of the rows sum to one, and either their name says so or
/// some numbers are outside 0..=1.
pub(super) fn are_logits(values: &[f64], cols: usize, named: bool) -> bool {
    let (mut rows, mut odd, mut outside) = (0u64, 0u64, 0u64);
    for row in values.chunks_exact(cols) {
        if row.iter().any(|x| !x.is_finite()) {
            return false;
        }
        rows += 1;
        odd += u64::from((row.iter().sum::<f64>() - 1.0).abs() > 1e-3);
        outside += u64::from(row.iter().any(|x| !(0.0..=1.0).contains(x)));
    }
    // One bad row in many is a mistake, not another scale.
    odd * 2 > rows && (named || outside * 2 > rows)
}

/// Turns each row into probabilities: `exp(x − max)`, divided by their sum.
pub(super) fn softmax(values: &mut [f64], cols: usize) {
    for row in values.chunks_exact_mut(cols) {
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|x| *x = (*x - most).exp());
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_decide() {
        let logs = [-1.0, -3.0, 0.5, 2.0, -0.1, -0.2];
        assert!(are_logits(&logs, 2, false));
        assert!(!are_logits(&[0.5, 0.5, 0.5, 0.5, -2.5, 3.0], 2, false), "one bad row");
        assert!(!are_logits(&[0.5, 0.5, 0.25, 0.75], 2, true), "called logits, and are none");
        assert!(are_logits(&[0.2, 0.9, 0.4, 0.9], 2, true));
        let mut values = [0.0, 3f64.ln(), 1000.0, 1000.0];
        softmax(&mut values, 2);
        assert_eq!(values.map(|x| (x * 1e9).round() / 1e9), [0.25, 0.75, 0.5, 0.5]);
    }
}
