//! Entropy of the votes on one item, in bits (Shannon 1948).

use rayon::prelude::*;

use super::VoteCounts;

/// H = −Σ p log₂ p over the shares p of `counts`, in 0..=log₂(number of counts); `None` where nobody voted.
pub fn entropy_bits(counts: &[u32]) -> Option<f64> {
    let total: f64 = counts.iter().map(|&n| f64::from(n)).sum();
    if total == 0.0 {
        return None;
    }
    let bits: f64 = counts
        .iter()
        .filter(|&&n| n > 0)
        .map(|&n| {
            let p = f64::from(n) / total;
            // Not −0.0 where p is 1, on any level of optimisation.
            p * (1.0 / p).log2()
        })
        .sum();
    // No item has an entropy of minus nought.
    Some(bits.max(0.0) + 0.0)
}

/// [`entropy_bits`] of every item.
pub fn vote_entropy_bits(votes: &VoteCounts) -> Vec<Option<f64>> {
    (0..votes.n_items()).into_par_iter().map(|item| entropy_bits(votes.counts_of(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits() {
        assert_eq!(entropy_bits(&[1, 1]), Some(1.0));
        assert_eq!(entropy_bits(&[2, 2, 2, 2]), Some(2.0));
        let h = entropy_bits(&[3, 1]).unwrap();
        assert!((h - 0.811_278_124_459_132_8).abs() < 1e-15, "{h}");
    }

    #[test]
    fn one_label_has_none_and_no_vote_is_undefined() {
        assert_eq!(entropy_bits(&[7, 0]).map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert_eq!(entropy_bits(&[]), None);
        assert_eq!(entropy_bits(&[0]), None);
    }
}
