//! Logarithms into probabilities: what an E step spends most of its time on.
//!
//! The exponential is added up here, without a call and without a branch, so that the compiler takes several at once; a
//! logarithm is taken of the product of many items' sums rather than of each. Both are within a few units of the last
//! digit, and the same on every system, whose own functions are not.

/// ln of an evidence, in two parts: `log` + ln `factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    pub log: f64,
    pub factor: f64,
}

impl Evidence {
    /// The logarithm.
    pub(super) fn ln(self) -> f64 {
        self.log + self.factor.ln()
    }
}

/// Σ ln evidence, with few logarithms.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogSum {
    log: f64,
    product: f64,
}

impl Default for LogSum {
    fn default() -> Self {
        Self { log: 0.0, product: 1.0 }
    }
}

impl LogSum {
    #[inline]
    pub(super) fn add(&mut self, evidence: Evidence) {
        self.log += evidence.log;
        let product = self.product * evidence.factor;
        if (1e-200..1e200).contains(&product) {
            self.product = product;
        } else {
            self.log += self.product.ln() + evidence.factor.ln();
            self.product = 1.0;
        }
    }

    pub(super) fn total(self) -> f64 {
        self.log + self.product.ln()
    }
}

/// Turns logarithms into probabilities that sum to 1, and returns Σ exp.
#[inline]
pub(super) fn softmax(row: &mut [f64]) -> Evidence {
    // The compiler unrolls what it knows the length of.
    match row.len() {
        2 => of::<2>(row),
        3 => of::<3>(row),
        4 => of::<4>(row),
        5 => of::<5>(row),
        _ => of_any(row),
    }
}

/// The same; returns ln Σ exp.
pub(super) fn normalise(row: &mut [f64]) -> f64 {
    softmax(row).ln()
}

#[inline]
fn of<const K: usize>(row: &mut [f64]) -> Evidence {
    let Some(row) = row.first_chunk_mut::<K>() else { return of_any(row) };
    let mut fixed = *row;
    let found = of_any(&mut fixed);
    *row = fixed;
    found
}

#[inline]
fn of_any(row: &mut [f64]) -> Evidence {
    let max = row.iter().fold(f64::NEG_INFINITY, |m, &x| if x > m { x } else { m });
    if max == f64::NEG_INFINITY {
        // No label could have led to these annotations, within the range of the numbers.
        let share = 1.0 / row.len() as f64;
        row.fill(share);
        return Evidence { log: 0.0, factor: f64::MIN_POSITIVE };
    }
    for x in row.iter_mut() {
        *x = exp_below_zero(*x - max);
    }
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|x| *x /= sum);
    Evidence { log: max, factor: sum }
}

/// Below this, e^x is no normal number any more and taken for 0.
const LEAST: f64 = -708.0;

/// e^x for x ≤ 0: 2^n e^r with |r| ≤ ½ ln 2, by the series of e^r to r¹³ (the next term is below 10⁻¹⁷).
#[inline]
fn exp_below_zero(x: f64) -> f64 {
    // 1.5 · 2⁵²: what is added to it is rounded to a whole number, in its last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // ln 2 in two parts; the first has so few bits that its products with n are exact.
    const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
    let within = if x < LEAST { LEAST } else { x };
    let rounded = within * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = within - n * LN_2.0 - n * LN_2.1;
    let r2 = r * r;
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    // In pairs, so that few steps wait for others.
    let c = |i: usize| INVERSE_FACTORIALS[i];
    let low = (c(2) + c(3) * r) + (c(4) + c(5) * r) * r2;
    let middle = (c(6) + c(7) * r) + (c(8) + c(9) * r) * r2;
    let high = (c(10) + c(11) * r) + (c(12) + c(13) * r) * r2;
    let series = 1.0 + (r + r2 * (low + middle * r4 + high * r8));
    let power = f64::from_bits(series.to_bits().wrapping_add(rounded.to_bits() << 52));
    if x < LEAST { 0.0 } else { power }
}

/// 1/i!.
const INVERSE_FACTORIALS: [f64; 14] = {
    let mut all = [1.0; 14];
    let (mut i, mut factorial) = (1, 1_u64);
    while i < 14 {
        factorial *= i as u64;
        all[i] = 1.0 / factorial as f64;
        i += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_far_from_zero_keep_their_ratios() {
        let mut row = [-1000.0, -1000.0 + 2.0_f64.ln(), f64::NEG_INFINITY];
        let evidence = normalise(&mut row);
        assert!((evidence - (-1000.0 + 3.0_f64.ln())).abs() < 1e-12);
        assert!((row[0] - 1.0 / 3.0).abs() < 1e-12 && row[2] == 0.0);
        for k in 1..8 {
            let mut none = vec![f64::NEG_INFINITY; k];
            assert_eq!(normalise(&mut none), f64::MIN_POSITIVE.ln());
            assert_eq!(none, vec![1.0 / k as f64; k]);
        }
    }

    #[test]
    fn the_exponential_is_right_to_the_last_digits() {
        assert_eq!(exp_below_zero(0.0), 1.0);
        assert_eq!(exp_below_zero(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp_below_zero(-709.0), 0.0);
        let mut x = -708.0_f64;
        while x < 0.0 {
            let (found, wanted) = (exp_below_zero(x), x.exp());
            assert!((found / wanted - 1.0).abs() < 5e-16, "{x}: {found} {wanted}");
            x += 0.000_713;
        }
        assert!((exp_below_zero(-1e-300) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_sum_of_logarithms_is_that_of_a_product() {
        let mut sum = LogSum::default();
        for i in 0..10_000_u32 {
            sum.add(Evidence { log: -f64::from(i % 8), factor: 1.0 + f64::from(i % 5) });
        }
        sum.add(Evidence { log: 0.0, factor: f64::MIN_POSITIVE });
        // Each of 0 to 7, and of 1 to 5, as often.
        let wanted = -35_000.0 + 2000.0 * 120.0_f64.ln() + f64::MIN_POSITIVE.ln();
        assert!((sum.total() - wanted).abs() < 1e-9, "{} {wanted}", sum.total());
    }
}
