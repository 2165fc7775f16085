//! Drawing items or raters anew, the same way on any number of threads: resample i has a random stream of its own.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// Most resamples that are drawn, whatever was asked for.
pub(crate) const MOST_REPLICATES: u32 = 1_000_000;

/// The random numbers of resample `i`.
pub(super) fn stream(seed: u64, i: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(i);
    rng
}

/// A whole number below `n`, each alike (to one part in 2⁶⁴/n).
pub(super) fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// Draws as many units as there are, with replacement, `replicates` times, and computes `value` of each resample.
///
/// `kinds[u]` is the kind of unit u, below `n_kinds`; `value` is told how often each kind was drawn. A single unit could
/// only be drawn as it is, which says nothing of how far the value may move: there are no resamples of it.
pub(crate) fn resample<T: Send>(
    kinds: &[u32],
    n_kinds: usize,
    (replicates, seed): (u32, u64),
    progress: &Progress,
    value: impl Fn(&[f64]) -> T + Sync,
) -> Result<Vec<T>, Cancelled> {
    let replicates = if kinds.len() < 2 { 0 } else { replicates.min(MOST_REPLICATES) };
    progress.stage("bootstrap", u64::from(replicates));
    (0..replicates)
        .into_par_iter()
        .map_init(
            || vec![0.0; n_kinds],
            |times, i| {
                progress.check()?;
                let mut rng = stream(seed, u64::from(i));
                times.fill(0.0);
                for _ in 0..kinds.len() {
                    times[kinds[below(&mut rng, kinds.len())] as usize] += 1.0;
                }
                let drawn = value(times);
                progress.add(1);
                Ok(drawn)
            },
        )
        .collect()
}

/// `n` numbers 0..n in random order.
pub(super) fn shuffled(rng: &mut ChaCha8Rng, n: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for i in (1..n).rev() {
        order.swap(i, below(rng, i + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resamples_are_the_same_on_any_number_of_threads() {
        let kinds: Vec<u32> = (0..50).map(|u| u % 7).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let draw = || resample(&kinds, 7, (200, 42), &Progress::new(), |t| Some(t[0] + 100.0 * t[6]));
            pool.install(draw).unwrap()
        };
        let one = run(1);
        assert_eq!(one, run(4));
        assert!(one.iter().any(|x| x != &one[0]));
    }

    #[test]
    fn every_resample_has_as_many_units_as_there_are() {
        let sums = resample(&[0, 1, 1, 2], 3, (20, 1), &Progress::new(), |t| Some(t.iter().sum())).unwrap();
        assert_eq!(sums, vec![Some(4.0); 20]);
    }

    #[test]
    fn a_cancelled_run_stops() {
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(resample(&[0, 0], 1, (5, 1), &progress, |_| 0), Err(Cancelled));
    }
}
