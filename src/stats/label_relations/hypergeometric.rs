//! Tails of the hypergeometric distribution: how many of `drawn` items have a mark that `marked` of `n` items have.

use statrs::function::gamma::ln_gamma;

/// P(X ≤ k) and P(X ≥ k). `marked` and `drawn` are at most `n`, and k is possible: at most both, at least
/// `marked` + `drawn` − `n`.
///
/// One term from logarithms of factorials, the others by the ratio of neighbours, from k away from the mode, so that
/// terms only fall; the other tail is what is left.
pub(super) fn tails(n: u64, marked: u64, drawn: u64, k: u64) -> (f64, f64) {
    let ln_factorial = |x: u64| ln_gamma(x as f64 + 1.0);
    let ln_choose = |a: u64, b: u64| ln_factorial(a) - ln_factorial(b) - ln_factorial(a - b);
    let at = (ln_choose(marked, k) + ln_choose(n - marked, drawn - k) - ln_choose(n, drawn)).exp();
    let [n, marked, drawn, k] = [n, marked, drawn, k].map(|x| x as f64);
    let mode = ((marked + 1.0) * (drawn + 1.0) / (n + 2.0)).floor();
    let (low, high) = ((marked + drawn - n).max(0.0), marked.min(drawn));
    // P(X = x − 1) / P(X = x), and P(X = x + 1) / P(X = x).
    let down = |x: f64| x * (n - marked - drawn + x) / ((marked - x + 1.0) * (drawn - x + 1.0));
    let up = |x: f64| (marked - x) * (drawn - x) / ((x + 1.0) * (n - marked - drawn + x + 1.0));
    let (mut sum, mut term, mut x) = (at, at, k);
    let below = k <= mode;
    while (if below { x > low } else { x < high }) && term > sum * 1e-18 {
        term *= if below { down(x) } else { up(x) };
        x += if below { -1.0 } else { 1.0 };
        sum += term;
    }
    let tail = sum.clamp(0.0, 1.0);
    let other = (1.0 - tail + at).clamp(0.0, 1.0);
    if below { (tail, other) } else { (other, tail) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn choose(n: u128, k: u128) -> u128 {
        if k > n { 0 } else { (0..k).fold(1, |c, i| c * (n - i) / (i + 1)) }
    }

    proptest! {
        #[test]
        fn tails_equal_those_of_whole_numbers(n in 1..60_u64, a in 0..60_u64, b in 0..60_u64, k in 0..60_u64) {
            let (a, b) = (a % (n + 1), b % (n + 1));
            let low = (a + b).saturating_sub(n);
            let k = low + k % (a.min(b) - low + 1);
            let ways = |x: u64| choose(a.into(), x.into()) * choose((n - a).into(), (b - x).into());
            let all = choose(n.into(), b.into()) as f64;
            let want_low = (low..=k).map(ways).sum::<u128>() as f64 / all;
            let want_high = (k..=a.min(b)).map(ways).sum::<u128>() as f64 / all;
            let (got_low, got_high) = tails(n, a, b, k);
            // The smaller tail is exact in relative terms, the larger in absolute ones.
            let close = |got: f64, want: f64| (got - want).abs() <= 1e-12;
            prop_assert!(close(got_low, want_low) && close(got_high, want_high));
            let (small, exact) = if want_low < want_high { (got_low, want_low) } else { (got_high, want_high) };
            prop_assert!((small - exact).abs() <= 1e-10 * exact, "{small} {exact}");
        }
    }

    #[test]
    fn far_tails_do_not_vanish_before_they_must() {
        // No two of 10 000 and 10 000 among a million in common: about exp(−100.5).
        let (low, high) = tails(1_000_000, 10_000, 10_000, 0);
        assert!((low.ln() + 101.0).abs() < 1.0 && high == 1.0);
        assert_eq!(tails(5, 5, 3, 3), (1.0, 1.0));
    }
}
