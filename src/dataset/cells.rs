//! One look at a row of probabilities where it is stored, without copying it: its highest number and what else is asked.
//!
//! Rows of ten numbers by the ten million are read several times, so each look is written for the vector units of the
//! processor: in lanes, without branches. What comes out does not depend on the lanes, except for the last bits of the sum.

use std::ops::{Add, AddAssign};

/// All numbers of a matrix, row-major; numbers in mapped files are little-endian bytes of any alignment.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// Single precision.
    Single(&'a [f32]),
    /// Double precision.
    Double(&'a [f64]),
    /// Single precision, mapped.
    SingleBytes(&'a [[u8; 4]]),
    /// Double precision, mapped.
    DoubleBytes(&'a [[u8; 8]]),
}

/// A floating-point number as it is stored. Widening to `f64` keeps its value and its order.
pub trait Real:
    Copy + Send + Sync + PartialOrd + Add<Output = Self> + AddAssign + Into<f64> + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Below every number.
    const LOWEST: Self;
    /// A column number; exact up to 2²⁴.
    fn of_index(i: usize) -> Self;
    /// The column that such a number stands for.
    fn index(self) -> usize;
    /// The lowest number that is at least `bound`: `p ≥ bound` where `p` is at least it.
    fn at_least(bound: f64) -> Self;
    /// Total order, as [`f64::total_cmp`].
    fn total_order(&self, other: &Self) -> std::cmp::Ordering;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const LOWEST: Self = Self::NEG_INFINITY;

    fn of_index(i: usize) -> Self {
        i as Self
    }

    fn index(self) -> usize {
        self as usize
    }

    fn at_least(bound: f64) -> Self {
        let near = bound as Self;
        if f64::from(near) < bound { near.next_up() } else { near }
    }

    fn total_order(&self, other: &Self) -> std::cmp::Ordering {
        self.total_cmp(other)
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const LOWEST: Self = Self::NEG_INFINITY;

    fn of_index(i: usize) -> Self {
        i as Self
    }

    fn index(self) -> usize {
        self as usize
    }

    fn at_least(bound: f64) -> Self {
        bound
    }

    fn total_order(&self, other: &Self) -> std::cmp::Ordering {
        self.total_cmp(other)
    }
}

/// A stored number.
pub trait Number: Copy + Send + Sync + 'static {
    /// What it is.
    type Real: Real;
    /// Its value.
    fn real(self) -> Self::Real;
    /// Its value, widened.
    #[inline]
    fn wide(self) -> f64 {
        self.real().into()
    }
}

impl Number for f32 {
    type Real = Self;
    #[inline]
    fn real(self) -> Self {
        self
    }
}

impl Number for f64 {
    type Real = Self;
    #[inline]
    fn real(self) -> Self {
        self
    }
}

impl Number for [u8; 4] {
    type Real = f32;
    #[inline]
    fn real(self) -> f32 {
        f32::from_le_bytes(self)
    }
}

impl Number for [u8; 8] {
    type Real = f64;
    #[inline]
    fn real(self) -> f64 {
        f64::from_le_bytes(self)
    }
}

/// What a look at a row gives.
#[derive(Debug, Clone, Copy)]
pub struct Look<R> {
    /// The highest number (what is no number is passed over).
    pub top: R,
    /// Whether every number is one and is at least the least that is allowed.
    pub in_range: bool,
    /// Sum, where it was asked for: in some order, so good to about 1e-12 for numbers in 0..=1.
    pub sum: f64,
    /// How many numbers reach the floor of their column, where that was asked for.
    pub confident: usize,
    /// The column that does, where it is only one.
    pub only: usize,
}

/// Looks at a row. `floors` is empty, or has one entry a column. The row is not empty.
#[inline(always)]
#[allow(clippy::inline_always)] // The loop around it knows how long rows are, and on what processor it runs.
pub fn look<const SUM: bool, N: Number>(row: &[N], least: N::Real, floors: &[N::Real]) -> Look<N::Real> {
    if row.len() >= 32 {
        lanes::<16, SUM, N>(row, least, floors)
    } else if row.len() >= 8 {
        lanes::<8, SUM, N>(row, least, floors)
    } else {
        lanes::<4, SUM, N>(row, least, floors)
    }
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn lanes<const L: usize, const SUM: bool, N: Number>(
    row: &[N],
    least: N::Real,
    floors: &[N::Real],
) -> Look<N::Real> {
    let with_floors = !floors.is_empty();
    let (zero, one) = (N::Real::ZERO, N::Real::ONE);
    let mut top = [N::Real::LOWEST; L];
    let (mut here, step) = (std::array::from_fn::<_, L, _>(N::Real::of_index), N::Real::of_index(L));
    let mut sum = [0.0_f64; L];
    let (mut allowed, mut confident, mut only) = ([zero; L], [zero; L], [zero; L]);
    let (body, tail) = row.as_chunks::<L>();
    let (floor_body, floor_tail) = floors.as_chunks::<L>();
    for (b, numbers) in body.iter().enumerate() {
        let values: [N::Real; L] = numbers.map(N::real);
        for l in 0..L {
            let v = values[l];
            top[l] = if v > top[l] { v } else { top[l] };
            allowed[l] += if v >= least { one } else { zero };
        }
        if SUM {
            for l in 0..L {
                sum[l] += values[l].into();
            }
        }
        if with_floors {
            let floor = &floor_body[b];
            for l in 0..L {
                let reaches = values[l] >= floor[l];
                confident[l] += if reaches { one } else { zero };
                only[l] += if reaches { here[l] } else { zero };
            }
            for index in &mut here {
                *index += step;
            }
        }
    }
    for (l, number) in tail.iter().enumerate() {
        let v = number.real();
        top[l] = if v > top[l] { v } else { top[l] };
        allowed[l] += if v >= least { one } else { zero };
        if SUM {
            sum[l] += v.into();
        }
        if with_floors {
            let reaches = v >= floor_tail[l];
            confident[l] += if reaches { one } else { zero };
            only[l] += if reaches { here[l] } else { zero };
        }
    }
    // Halves are joined with halves, as lanes are.
    let mut half = L / 2;
    while half > 0 {
        for l in 0..half {
            top[l] = if top[l + half] > top[l] { top[l + half] } else { top[l] };
            allowed[l] += allowed[l + half];
            if SUM {
                sum[l] += sum[l + half];
            }
            if with_floors {
                confident[l] += confident[l + half];
                only[l] += only[l + half];
            }
        }
        half /= 2;
    }
    Look {
        top: top[0],
        in_range: allowed[0].index() == row.len(),
        sum: sum[0],
        confident: confident[0].index(),
        only: only[0].index(),
    }
}

/// The first column that holds `top`, the highest number of the row; quick where that is `likely`.
#[inline(always)]
#[allow(clippy::inline_always, clippy::needless_bitwise_bool)] // A lazy operator would be a branch.
pub fn first_top<N: Number>(row: &[N], top: N::Real, likely: usize) -> usize {
    if row.get(likely).is_some_and(|n| n.real() == top) {
        // Short rows are gone through whole, since the compiler then knows how long that is.
        let before = if row.len() < 32 {
            row.iter().enumerate().fold(false, |met, (i, n)| met | ((n.real() == top) & (i < likely)))
        } else {
            row[..likely].iter().fold(false, |met, n| met | (n.real() == top))
        };
        if !before {
            return likely;
        }
    }
    row.iter().position(|n| n.real() == top).unwrap_or(0)
}

/// Runs `work`, which is inlined, with the widest vectors that are of use here and that the processor has.
#[inline]
pub fn vectorised<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn with_avx2<T>(work: impl FnOnce() -> T) -> T {
            work()
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just said that it knows these instructions.
            #[allow(unsafe_code)]
            return unsafe { with_avx2(work) };
        }
    }
    work()
}

/// Calls `f` for each row of `cells`, in order. `cols` is at least 1. Rows of few numbers are cut by a length that the
/// compiler knows.
#[inline(always)]
#[allow(clippy::inline_always)]
pub fn each_row<N: Number>(cells: &[N], cols: usize, mut f: impl FnMut(&[N])) {
    macro_rules! known {
        ($($k:literal)*) => {
            match cols {
                $($k => cells.as_chunks::<$k>().0.iter().for_each(|row| f(row)),)*
                _ => cells.chunks_exact(cols).for_each(f),
            }
        };
    }
    known!(2 3 4 5 6 7 8 9 10 12 16 20);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a look says, one number after the other.
    fn plainly(row: &[f32], floors: &[f32]) -> (usize, bool, Vec<usize>) {
        let mut argmax = 0;
        for (i, &v) in row.iter().enumerate() {
            if v > row[argmax] {
                argmax = i;
            }
        }
        let reach = (0..row.len()).filter(|&i| row[i] >= floors[i]).collect();
        (argmax, row.iter().all(|&v| v >= -1e-6), reach)
    }

    #[test]
    fn a_floor_in_single_precision_says_the_same_as_in_double() {
        for bound in [0.1_f64, 0.3 - 1e-6, 1.0 / 3.0, 2.0 - 1e-6, -1e-6, 0.5] {
            let floor = f32::at_least(bound);
            for p in [floor.next_down(), floor, floor.next_up()] {
                assert_eq!(p >= floor, f64::from(p) >= bound, "{p} {bound}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_look_in_lanes_says_what_a_plain_one_says(
            tenths in prop::collection::vec((0_i8..=10, 0_i8..=10), 1..40),
            below in prop::option::of(0_usize..40),
            cols in 1_usize..40,
        ) {
            let mut row: Vec<f32> = tenths.iter().map(|t| f32::from(t.0) / 10.0).collect();
            let floors: Vec<f32> = tenths.iter().map(|t| f32::from(t.1) / 10.0 + 0.3).collect();
            if let Some(i) = below.filter(|&i| i < row.len()) {
                row[i] = if i % 2 == 0 { -0.1 } else { f32::NAN };
            }
            let (argmax, in_range, reach) = plainly(&row, &floors);
            let bytes: Vec<[u8; 4]> = row.iter().map(|v| v.to_le_bytes()).collect();
            let found = vectorised(|| look::<true, _>(&bytes, f32::at_least(-1e-6), &floors));
            prop_assert_eq!(found.in_range, in_range);
            prop_assert_eq!(found.confident, reach.len());
            if let [only] = reach[..] {
                prop_assert_eq!(found.only, only);
            }
            if in_range {
                let wide: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
                let floors: Vec<f64> = floors.iter().map(|&v| f64::from(v)).collect();
                let double = look::<true, _>(&wide, -1e-6, &floors);
                prop_assert_eq!((f64::from(found.top), double.top), (wide[argmax], wide[argmax]));
                for likely in 0..=wide.len() {
                    prop_assert_eq!(first_top(&wide, double.top, likely), argmax);
                }
                prop_assert_eq!((double.confident, double.only), (found.confident, found.only));
                let sum: f64 = wide.iter().sum();
                prop_assert!((found.sum - sum).abs() < 1e-12 && (double.sum - sum).abs() < 1e-12);
            }
            let mut rows = Vec::new();
            each_row(&bytes, cols, |row| rows.push(row.to_vec()));
            prop_assert_eq!(rows, bytes.chunks_exact(cols).map(<[_]>::to_vec).collect::<Vec<_>>());
        }
    }
}
