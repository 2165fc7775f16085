//! Do disagreements come in runs? The indicator of disagreement along the units of a text, or the rows of a document.
//!
//! With x_t = 1 where raters disagree on unit t and m its mean, the lag-1 autocorrelation is the mean of (x_t − m)(x_{t+1} − m) over pairs of neighbours,
//! over the variance of x: the ρ of an AR(1) process, whose covariances are ρ^|i−j| (after segmentation with spatially noisy labels). No pair
//! reaches over the end of a sequence, nor over a unit of which nothing is known.

use super::Undefined;

/// Disagreement along sequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    /// Sequences with a unit that is known.
    pub n_sequences: usize,
    /// Units that are known.
    pub n: usize,
    /// Those on which raters disagree.
    pub n_differ: usize,
    /// Pairs of neighbours after a disagreement: those that disagree again, and all.
    pub after_difference: (usize, usize),
    /// The same after agreement.
    pub after_agreement: (usize, usize),
    /// Lag-1 autocorrelation within sequences.
    pub autocorrelation: Result<f64, Undefined>,
}

impl Runs {
    /// P(disagree | the one before disagrees); `None` where no unit follows a disagreement.
    pub fn again(&self) -> Option<f64> {
        share(self.after_difference)
    }

    /// P(disagree | the one before agrees).
    pub fn anew(&self) -> Option<f64> {
        share(self.after_agreement)
    }
}

fn share((of, all): (usize, usize)) -> Option<f64> {
    (all > 0).then(|| of as f64 / all as f64)
}

/// Follows disagreement along sequences; `None` where it is not known whether raters disagree.
pub fn runs<S: AsRef<[Option<bool>]>>(sequences: impl IntoIterator<Item = S>) -> Runs {
    let mut r = Runs {
        n_sequences: 0,
        n: 0,
        n_differ: 0,
        after_difference: (0, 0),
        after_agreement: (0, 0),
        autocorrelation: Err(Undefined::Because("no two units follow each other".to_owned())),
    };
    for sequence in sequences {
        let sequence = sequence.as_ref();
        r.n_sequences += usize::from(sequence.iter().any(Option::is_some));
        r.n += sequence.iter().flatten().count();
        r.n_differ += sequence.iter().flatten().filter(|x| **x).count();
        for pair in sequence.windows(2) {
            if let [Some(before), Some(now)] = *pair {
                let after = if before { &mut r.after_difference } else { &mut r.after_agreement };
                after.0 += usize::from(now);
                after.1 += 1;
            }
        }
    }
    let pairs = r.after_difference.1 + r.after_agreement.1;
    if r.n > 0 && (r.n_differ == 0 || r.n_differ == r.n) {
        let all = if r.n_differ == 0 { "no" } else { "every" };
        r.autocorrelation = Err(Undefined::Because(format!("raters disagree on {all} unit")));
    } else if pairs > 0 {
        let m = r.n_differ as f64 / r.n as f64;
        // Products of two disagreements, of one, and of none.
        let (both, follow) =
            (r.after_difference.0, r.after_agreement.0 + r.after_difference.1 - r.after_difference.0);
        let neither = pairs - both - follow;
        let sum = both as f64 * (1.0 - m).powi(2) - follow as f64 * m * (1.0 - m) + neither as f64 * m * m;
        r.autocorrelation = Ok(sum / pairs as f64 / (m * (1.0 - m)));
    }
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_never_over_a_break() {
        let x =
            |s: &str| -> Vec<Option<bool>> { s.chars().map(|c| (c != '?').then_some(c == '1')).collect() };
        // m = 1/2; pairs 11, 10, 00 of the first and 01 of the second: (¼ − ¼ + ¼ − ¼)/4.
        let r = runs([x("1100"), x("01")]);
        assert_eq!((r.n_sequences, r.n, r.n_differ), (2, 6, 3));
        assert_eq!((r.after_difference, r.after_agreement), ((1, 2), (1, 2)));
        assert!(r.autocorrelation.unwrap().abs() < 1e-12);
        // As one sequence there would be a pair more.
        let r = runs([x("11110000")]);
        // Pairs: three 11, one 10, three 00, m = ½: (6 − 1)/7.
        assert!((r.autocorrelation.as_ref().unwrap() - 5.0 / 7.0).abs() < 1e-12);
        assert_eq!((r.again(), r.anew()), (Some(0.75), Some(0.0)));
        // Nothing is known of the unit between.
        assert_eq!(runs([x("1?1")]).after_difference, (0, 0));
        assert!(runs([x("1?0")]).autocorrelation.is_err());
    }

    #[test]
    fn what_never_changes_has_no_autocorrelation() {
        let r = runs([[Some(false); 5]]);
        assert_eq!(r.autocorrelation, Err(Undefined::Because("raters disagree on no unit".to_owned())));
        assert_eq!((r.again(), r.anew()), (None, Some(0.0)));
        assert!(runs(Vec::<[Option<bool>; 0]>::new()).autocorrelation.is_err());
    }
}
