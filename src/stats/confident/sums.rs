//! Sums in numpy's order, so that thresholds and joints are equal to the last bit.
//!
//! Up to 7 numbers one after the other; up to 128 in eight lanes; more by halving at a multiple of eight. The
//! tree depends on the length only, so the halves of a long sum may run on different threads. This is the order of
//! numpy 2.4; numpy 1.26 adds pieces of 8192 numbers one after the other.

/// Sums longer than this are halved on two threads.
const PARALLEL: usize = 1 << 16;

/// The sum of `x` in the order of numpy's pairwise summation.
pub(super) fn pairwise_sum(x: &[f64]) -> f64 {
    let n = x.len();
    if n < 8 {
        return x.iter().fold(0.0, |sum, v| sum + v);
    }
    if n <= 128 {
        let (body, tail) = x.split_at(n - n % 8);
        let (first, rest) = body.split_at(8);
        let mut lanes = [0.0; 8];
        lanes.copy_from_slice(first);
        for eight in rest.chunks_exact(8) {
            for (lane, v) in lanes.iter_mut().zip(eight) {
                *lane += v;
            }
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        return tail.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, v| sum + v);
    }
    let half = n / 2;
    let (left, right) = x.split_at(half - half % 8);
    let (left, right) = if n > PARALLEL {
        rayon::join(|| pairwise_sum(left), || pairwise_sum(right))
    } else {
        (pairwise_sum(left), pairwise_sum(right))
    };
    left + right
}

/// The most probable label of a row, the lowest on ties.
pub(super) fn argmax(row: &[f64]) -> usize {
    let mut best = 0;
    for (k, &p) in row.iter().enumerate().skip(1) {
        if p > row[best] {
            best = k;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers whose sum depends on its order: `1 / (i + 1)` with alternating magnitudes.
    fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|i| if i % 3 == 0 { 1e8 / (i + 1) as f64 } else { 1.0 / (i + 1) as f64 }).collect()
    }

    /// Printed by `numpy.sum` of numpy 2.4.6 over the same numbers.
    #[test]
    fn sums_equal_numpy_to_the_last_bit() {
        for (n, bits) in NUMPY_SUMS {
            assert_eq!(pairwise_sum(&numbers(n)).to_bits(), bits, "{n} numbers");
        }
    }

    const NUMPY_SUMS: [(usize, u64); 8] = [
        (0, 0x0000_0000_0000_0000),
        (7, 0x41a0_9aa9_a6f8_af8b),
        (8, 0x41a0_9aa9_a738_af8b),
        (100, 0x41aa_704e_a8e0_d654),
        (129, 0x41ab_603b_9a8d_19ad),
        (1_000, 0x41b1_c47a_f52e_b3ad),
        (65_537, 0x41ba_131c_0ee7_5804),
        (200_003, 0x41bc_4a97_1bed_9859),
    ];

    #[test]
    fn the_lowest_of_equals_is_the_most_probable() {
        assert_eq!(argmax(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(argmax(&[1.0]), 0);
    }
}
