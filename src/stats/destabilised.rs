//! Do label errors change which of two models is better? (Northcutt, Athalye & Mueller 2021, *Pervasive label errors in test sets destabilize
//! machine learning benchmarks*, §5.)
//!
//! C are items whose label was upheld, B those that were corrected; what was excluded or left open counts for neither. With A_C a model's
//! accuracy on C, A_B on B by the original labels and A*_B by the corrected ones, at a prevalence N of errors the original labels give it
//! (1 − N) A_C + N A_B and the corrected ones (1 − N) A_C + N A*_B. Two models with Δ_C and Δ*_B of unlike sign change places at
//! N* = Δ_C/(Δ_C − Δ*_B): below it the one that looks better on upheld labels is better, above it the other.

use rayon::prelude::*;

use super::random::Stream;
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Corrected items below which N* is hardly known.
pub const FEW: usize = 10;

/// A reviewed item: its original label, and what it was corrected to, or `None` where it was upheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewed {
    /// Which item.
    pub item: u32,
    /// What was given.
    pub original: LabelId,
    /// What is right instead.
    pub corrected: Option<LabelId>,
}

/// A model on reviewed items.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Accuracies {
    /// On upheld labels; `None` without one.
    pub upheld: Option<f64>,
    /// On corrected items, by their original labels.
    pub original: Option<f64>,
    /// On corrected items, by their corrected labels.
    pub corrected: Option<f64>,
    /// Upheld and corrected items that the model answered.
    pub n: (usize, usize),
}

impl Accuracies {
    /// Accuracy by the original and by the corrected labels at a prevalence of errors, in 0..=1.
    pub fn at(&self, prevalence: f64) -> Option<(f64, f64)> {
        let mix = |b: f64| Some((1.0 - prevalence) * self.upheld? + prevalence * b);
        Some((mix(self.original?)?, mix(self.corrected?)?))
    }
}

/// Accuracies of a model with a label an item ([`NO_LABEL`] for none), each reviewed item `times` often.
fn accuracies(reviewed: &[Reviewed], model: &[LabelId], times: impl Fn(usize) -> u32) -> Accuracies {
    let (mut upheld, mut original, mut corrected) = ([0_u64; 2], [0_u64; 2], [0_u64; 2]);
    for (k, r) in reviewed.iter().enumerate() {
        let said = model.get(r.item as usize).copied().unwrap_or(NO_LABEL);
        let n = u64::from(times(k));
        if said == NO_LABEL || n == 0 {
            continue;
        }
        let count = |sums: &mut [u64; 2], right: bool| {
            sums[0] += if right { n } else { 0 };
            sums[1] += n;
        };
        match r.corrected {
            None => count(&mut upheld, said == r.original),
            Some(label) => {
                count(&mut original, said == r.original);
                count(&mut corrected, said == label);
            }
        }
    }
    let share = |sums: [u64; 2]| (sums[1] > 0).then(|| sums[0] as f64 / sums[1] as f64);
    Accuracies {
        upheld: share(upheld),
        original: share(original),
        corrected: share(corrected),
        n: (upheld[1] as usize, corrected[1] as usize),
    }
}

/// N* of two models; `None` where they never change places.
pub fn swap_at(a: &Accuracies, b: &Accuracies) -> Option<f64> {
    let upheld = a.upheld? - b.upheld?;
    let corrected = a.corrected? - b.corrected?;
    (upheld * corrected < 0.0).then(|| upheld / (upheld - corrected))
}

/// Two models that change places, or might.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swap {
    /// Which models; the first is better on upheld labels, or stands before where both are as good.
    pub models: (usize, usize),
    /// Prevalence of errors from which the second is better.
    pub at: Option<f64>,
    /// 95 % percentile interval over items, of draws in which they change places.
    pub ci: Option<(f64, f64)>,
    /// Share of draws in which they do.
    pub share: f64,
}

/// Models on reviewed items, and all pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Destabilised {
    /// One a model.
    pub models: Vec<Accuracies>,
    /// Pairs that change places in the data or in one draw of twenty, the earliest first.
    pub swaps: Vec<Swap>,
    /// Upheld and corrected items.
    pub n: (usize, usize),
    /// Share of reviewed labels that were corrected.
    pub prevalence: Option<f64>,
    /// Draws.
    pub draws: u32,
}

const DRAWS: u64 = 1_000;

/// Compares models, which have a label an item each ([`NO_LABEL`] for none).
///
/// # Errors
/// If it was cancelled.
pub fn destabilised(
    reviewed: &[Reviewed],
    models: &[&[LabelId]],
    seed: u64,
    progress: &Progress,
) -> Result<Destabilised, Cancelled> {
    let found: Vec<Accuracies> = models.iter().map(|m| accuracies(reviewed, m, |_| 1)).collect();
    let n_corrected = reviewed.iter().filter(|r| r.corrected.is_some()).count();
    let n = reviewed.len();
    let draws = if n == 0 { 0 } else { (200_000_000 / (n * models.len().max(1)) as u64).clamp(100, DRAWS) };
    let drawn: Vec<Result<Vec<Accuracies>, Cancelled>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut rng = Stream::new(seed, draw);
            let mut times = vec![0_u32; n];
            (0..n).for_each(|_| times[rng.below(n)] += 1);
            Ok(models.iter().map(|m| accuracies(reviewed, m, |k| times[k])).collect())
        })
        .collect();
    let drawn: Vec<Vec<Accuracies>> = drawn.into_iter().collect::<Result<_, _>>()?;
    let mut swaps = Vec::new();
    for a in 0..models.len() {
        for b in a + 1..models.len() {
            let better =
                |x: usize, y: usize| found[x].upheld.unwrap_or(0.0) >= found[y].upheld.unwrap_or(0.0);
            let (first, second) = if better(a, b) { (a, b) } else { (b, a) };
            let mut own: Vec<f64> = drawn.iter().filter_map(|d| swap_at(&d[first], &d[second])).collect();
            own.sort_unstable_by(f64::total_cmp);
            let share = own.len() as f64 / draws.max(1) as f64;
            let at = swap_at(&found[first], &found[second]);
            if at.is_none() && share < 0.05 {
                continue;
            }
            let place =
                |share: f64| own[((share * (own.len() - 1) as f64).round() as usize).min(own.len() - 1)];
            let ci = (!own.is_empty()).then(|| (place(0.025), place(0.975)));
            swaps.push(Swap { models: (first, second), at, ci, share });
        }
    }
    swaps.sort_by(|x, y| {
        x.at.is_none().cmp(&y.at.is_none()).then(x.at.unwrap_or(0.0).total_cmp(&y.at.unwrap_or(0.0)))
    });
    Ok(Destabilised {
        models: found,
        swaps,
        n: (n - n_corrected, n_corrected),
        prevalence: (n > 0).then(|| n_corrected as f64 / n as f64),
        draws: draws as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example() {
        let large = Accuracies { upheld: Some(0.95), original: Some(0.60), corrected: Some(0.30), n: (0, 0) };
        let small = Accuracies { upheld: Some(0.93), original: Some(0.30), corrected: Some(0.70), n: (0, 0) };
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12;
        assert!(near(large.at(0.1).unwrap(), (0.915, 0.885)) && near(small.at(0.1).unwrap(), (0.867, 0.907)));
        assert!((swap_at(&large, &small).unwrap() - 0.02 / 0.42).abs() < 1e-12);
        assert!(swap_at(&large, &large).is_none());
    }

    #[test]
    fn models_that_change_places_are_found_with_an_interval() {
        let reviewed: Vec<Reviewed> = (0..400)
            .map(|i| Reviewed { item: i, original: 0, corrected: (i % 10 == 0).then_some(1) })
            .collect();
        // The first repeats what was given, the second knows what is right but for a few upheld ones.
        let first = vec![0; 400];
        let second: Vec<u32> = (0..400).map(|i| u32::from(i % 10 == 0 || i % 40 == 3)).collect();
        let gone = vec![NO_LABEL; 400];
        let found = destabilised(&reviewed, &[&second, &first, &gone], 1, &Progress::new()).unwrap();
        assert_eq!((found.n, found.prevalence), ((360, 40), Some(0.1)));
        assert_eq!(found.swaps.len(), 1);
        let swap = found.swaps[0];
        // Δ_C = 10/360, Δ*_B = −1.
        let want = (10.0 / 360.0) / (10.0 / 360.0 + 1.0);
        assert!(swap.models == (1, 0) && (swap.at.unwrap() - want).abs() < 1e-12, "{swap:?}");
        let (low, high) = swap.ci.unwrap();
        assert!(low < want && want < high && swap.share > 0.99, "{swap:?}");
        assert!(found.models[2].upheld.is_none());
    }

    #[test]
    fn nothing_reviewed_is_nothing_said() {
        let found = destabilised(&[], &[&[0, 1], &[1, 1]], 1, &Progress::new()).unwrap();
        assert!(found.swaps.is_empty() && found.prevalence.is_none() && found.draws == 0);
    }
}
