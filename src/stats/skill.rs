//! Do raters get better with practice? Scores of judgements in the order in which each rater gave them (Dugan et al. 2023, Real
//! or Fake Text?: the mean score of the first k judgements of those who gave k, and the slope of the line through it).
//!
//! A score is whatever there is: 1 for right and 0 for wrong, points. Only raters with k judgements or more take part, each
//! with the first k: otherwise the later part of the curve would be of those who stayed. How many stay is told
//! ([`SkillOverTime::n_with`]), since those who do may differ from those who leave.
//!
//! Judgements of one rater are not independent: intervals draw raters. Groups of raters are compared by
//! [`number_gap`](super::rater_groups::number_gap), which gives groups to other raters.

use rayon::prelude::*;

use super::agreement::{Spread, spearman};
use super::random::Stream;
use super::{Estimate, Statistic, Undefined, agreement};
use crate::progress::{Cancelled, Progress};

/// Numbers of first judgements that are offered.
pub const OFFERED: [usize; 4] = [10, 20, 50, 100];
/// Fewest judgements of which a course is made.
pub const LEAST: usize = 3;
/// Raters that a smaller number of first judgements needs, where there are as many.
const ENOUGH: usize = 5;
/// Most resamples.
const MOST_REPLICATES: u32 = 100_000;
/// Fewer raters have no interval.
const LEAST_RATERS: usize = 5;
/// Resamples that share a stream.
const CHUNK: u32 = 64;

/// Scores of judgements, rater by rater, each in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct Courses {
    ends: Vec<usize>,
    /// In 32 bits: whole points are exact.
    scores: Vec<f32>,
}

impl Courses {
    /// Without a rater.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next rater's scores. One that is not finite is passed over.
    pub fn push(&mut self, scores: impl IntoIterator<Item = f32>) {
        self.scores.extend(scores.into_iter().filter(|s| s.is_finite()));
        self.ends.push(self.scores.len());
    }

    /// Number of raters.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no rater.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The scores of rater number `rater`; none past the end.
    pub fn of(&self, rater: usize) -> &[f32] {
        let start = rater.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        self.ends.get(rater).map_or(&[], |&end| &self.scores[start..end])
    }

    /// How many judgements each rater gave.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|rater| self.of(rater).len())
    }
}

/// How many first judgements to look at: the most of [`OFFERED`] that half of the raters reach, and two of them; else the most
/// below, from [`LEAST`] on, that five raters reach (all, where there are fewer). Raters without a judgement are nobody. `None`
/// where nobody reaches [`LEAST`].
pub fn usual_first(lengths: &[usize]) -> Option<usize> {
    let mut known: Vec<usize> = lengths.iter().copied().filter(|&n| n > 0).collect();
    known.sort_unstable_by_key(|&n| std::cmp::Reverse(n));
    let reach = |k: usize| known.partition_point(|&n| n >= k);
    let usual = OFFERED.into_iter().rev().find(|&k| reach(k) >= 2 && 2 * reach(k) >= known.len());
    usual.or_else(|| {
        // The fifth longest course, or that of fewer where not even five come so far.
        let of = |n: usize| known.get(n.min(known.len()).checked_sub(1)?).copied();
        (1..=ENOUGH).rev().find_map(|n| of(n).filter(|&k| k >= LEAST)).map(|k| k.min(OFFERED[0]))
    })
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillOptions {
    /// Judgements k of each rater.
    pub first: usize,
    /// Resamples of raters for the interval; 0 for none, at most 100 000.
    pub replicates: u32,
    /// Their seed.
    pub seed: u64,
}

impl Default for SkillOptions {
    fn default() -> Self {
        Self { first: 10, replicates: 2000, seed: 0 }
    }
}

/// The first k judgements of a rater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RaterSkill {
    /// Number of the rater in [`Courses`].
    pub rater: u32,
    /// Mean score of the first k.
    pub mean: f64,
    /// Slope of the least-squares line: what the score gains from one judgement to the next.
    pub slope: f64,
}

/// A place of the learning curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Mean score over raters.
    pub mean: f64,
    /// Its standard error; `None` for one rater.
    pub se: Option<f64>,
}

/// Skill over time.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillOverTime {
    /// Raters with k judgements or more, by number.
    pub raters: Vec<RaterSkill>,
    /// For the first, second, … k-th judgement, how many raters gave as many.
    pub n_with: Vec<usize>,
    /// Mean scores of the first, second, … k-th judgement, of the raters with k.
    pub curve: Vec<CurvePoint>,
    /// Slope of the least-squares line through the curve, which is the mean of the raters' slopes, with percentiles of
    /// resampled raters. `n_items` are judgements.
    pub slope: Statistic,
    /// Score that the line gives the first judgement.
    pub start: f64,
    /// Pearson's r of place and mean score. Undefined for a flat curve.
    pub r: Result<f64, Undefined>,
    /// Spearman's ρ, which asks only whether the curve rises.
    pub rho: Result<f64, Undefined>,
}

/// The learning curve of raters. Undefined for k below 2, and where nobody has as many judgements.
pub fn skill_over_time(
    courses: &Courses,
    options: SkillOptions,
    progress: &Progress,
) -> Result<Result<SkillOverTime, Undefined>, Cancelled> {
    let k = options.first;
    if k < 2 {
        return Ok(Err(Undefined::Because("a slope needs two judgements of each rater".to_owned())));
    }
    progress.stage("Following raters", 0);
    let longest = courses.lengths().max().unwrap_or(0);
    if longest < k {
        let reason = format!("no rater has {k} judgements that can be right or wrong; the most is {longest}");
        return Ok(Err(Undefined::Because(reason)));
    }
    let middle = 0.5 * (k as f64 + 1.0);
    // Σ (x − x̄)² of 1..=k.
    let spread = k as f64 * ((k as f64).powi(2) - 1.0) / 12.0;
    let mut raters = Vec::new();
    let mut n_with = vec![0; k];
    let (mut sums, mut squares) = (vec![0.0; k], vec![0.0; k]);
    for rater in 0..courses.len() {
        let own = courses.of(rater);
        n_with[..own.len().min(k)].iter_mut().for_each(|n| *n += 1);
        if own.len() < k {
            continue;
        }
        let scores = || own[..k].iter().map(|&s| f64::from(s));
        let mean = scores().sum::<f64>() / k as f64;
        let product: f64 = scores().enumerate().map(|(x, y)| (x as f64 + 1.0 - middle) * (y - mean)).sum();
        raters.push(RaterSkill { rater: rater as u32, mean, slope: product / spread });
        sums.iter_mut().zip(scores()).for_each(|(sum, y)| *sum += y);
    }
    progress.check()?;
    let n = raters.len() as f64;
    let means: Vec<f64> = sums.iter().map(|s| s / n).collect();
    for rater in &raters {
        let own = &courses.of(rater.rater as usize)[..k];
        let away = own.iter().zip(&means).map(|(&score, mean)| (f64::from(score) - mean).powi(2));
        squares.iter_mut().zip(away).for_each(|(sum, square)| *sum += square);
    }
    let se = |square: f64| (raters.len() > 1).then(|| (square / (n - 1.0) / n).sqrt());
    let slope = raters.iter().map(|r| r.slope).sum::<f64>() / n;
    let draws = resampled_means(&raters, options, progress)?;
    let mut estimate = Estimate::new(slope, raters.len() * k, raters.len());
    if let Some(spread) = Spread::percentiles(&draws) {
        estimate.ci = Some(spread.ci);
        estimate.se = Some(spread.se);
        estimate.method = Some(spread.method);
    }
    let mean = means.iter().sum::<f64>() / k as f64;
    // Places and scores as the table of two raters.
    let values: Vec<f64> = (1..=k).map(|x| x as f64).chain(means.iter().copied()).collect();
    let cells: Vec<(u32, u32, u64)> = (0..k as u32).map(|x| (x, k as u32 + x, 1)).collect();
    Ok(Ok(SkillOverTime {
        curve: means
            .iter()
            .zip(&squares)
            .map(|(&mean, &square)| CurvePoint { mean, se: se(square) })
            .collect(),
        slope: estimate.into(),
        start: mean - slope * (middle - 1.0),
        r: agreement::pearson(&cells, &values),
        rho: spearman(&cells, &values),
        raters,
        n_with,
    }))
}

/// Mean slopes of raters drawn with replacement; none of fewer than five.
fn resampled_means(
    raters: &[RaterSkill],
    options: SkillOptions,
    progress: &Progress,
) -> Result<Vec<Option<f64>>, Cancelled> {
    // Draws of fewer than five say next to nothing of their spread: of three, one in 27 is all of the lowest.
    let replicates = if raters.len() < LEAST_RATERS { 0 } else { options.replicates.min(MOST_REPLICATES) };
    progress.stage("Drawing raters", u64::from(replicates));
    let chunks: Vec<Vec<Option<f64>>> = (0..replicates.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut stream = Stream::new(options.seed, u64::from(chunk));
            let n = CHUNK.min(replicates - chunk * CHUNK);
            let mut draws = Vec::with_capacity(n as usize);
            for _ in 0..n {
                progress.check()?;
                let sum: f64 = (0..raters.len()).map(|_| raters[stream.below(raters.len())].slope).sum();
                draws.push(Some(sum / raters.len() as f64));
            }
            progress.add(u64::from(n));
            Ok(draws)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(chunks.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn courses(raters: &[&[f32]]) -> Courses {
        let mut courses = Courses::new();
        raters.iter().for_each(|scores| courses.push(scores.iter().copied()));
        courses
    }

    fn skill(courses: &Courses, first: usize) -> Result<SkillOverTime, Undefined> {
        let options = SkillOptions { first, replicates: 500, seed: 3 };
        skill_over_time(courses, options, &Progress::new()).unwrap()
    }

    const CURVE: [f32; 10] = [0.0, 1.0, 0.0, 2.0, 2.0, 3.0, 2.0, 4.0, 5.0, 5.0];

    #[test]
    fn the_worked_example() {
        let found = skill(&courses(&[&CURVE]), 10).unwrap();
        let slope = found.slope.estimate().unwrap();
        assert!((slope.value - 0.5697).abs() < 5e-5 && slope.ci.is_none(), "{slope:?}");
        assert!((found.r.unwrap() - 0.938).abs() < 5e-4);
        assert!((found.start + 4.5 * slope.value - 2.4).abs() < 1e-12);
        assert_eq!((found.curve[3].mean, found.curve[3].se, found.n_with), (2.0, None, vec![1; 10]));
    }

    #[test]
    fn those_who_leave_are_counted_and_take_no_part() {
        let all = courses(&[&[7.0, f32::NAN, 1.0, 0.0, 1.0], &[0.0, 1.0], &[], &[0.0, 0.0, 0.0, 9.0]]);
        let found = skill(&all, 3).unwrap();
        assert_eq!(found.n_with, [3, 3, 2]);
        let means: Vec<f64> = found.curve.iter().map(|c| c.mean).collect();
        assert_eq!((means, found.raters[0].slope), (vec![3.5, 0.5, 0.0], -3.5));
        assert_eq!((found.raters[1].rater, found.raters[1].slope), (3, 0.0));
        assert_eq!(found.curve[0].se, Some(3.5));
        assert_eq!(found.slope.estimate().unwrap().ci, None, "of two raters");
        let many = [&[0.0, 1.0][..], &[0.0, 1.0], &[0.0, 0.5], &[0.0, 1.0], &[0.0, 0.5]];
        let found = skill(&courses(&many), 2).unwrap();
        let (low, high) = found.slope.estimate().unwrap().ci.unwrap();
        assert!((0.5..0.8).contains(&low) && high > 0.8 && high <= 1.0, "{low} {high}");
        assert!(skill(&all, 5).is_err() && skill(&all, 1).is_err() && skill(&Courses::new(), 2).is_err());
        assert!(skill(&courses(&[&[1.0, 1.0]]), 2).unwrap().r.is_err());
        assert_eq!((all.of(9), all.lengths().collect::<Vec<_>>()), (&[][..], vec![4, 2, 0, 4]));
    }

    #[test]
    fn how_many_are_looked_at_follows_what_half_of_the_raters_reach() {
        assert_eq!(usual_first(&[60, 60, 9, 9]), Some(50));
        assert_eq!(usual_first(&[60, 19, 19, 9, 0, 0, 0]), Some(10));
        assert_eq!(usual_first(&[500, 500]), Some(100));
        // One in three reaches ten: as far as five raters come, but no further.
        assert_eq!(usual_first(&[40, 40, 40, 40, 40, 40, 2, 2, 2, 2, 2, 2, 2]), Some(10));
        assert_eq!(usual_first(&[9, 8, 7, 6, 5, 4]), Some(5));
        assert_eq!(usual_first(&[9, 8, 7, 1]), Some(7));
        assert_eq!(
            (usual_first(&[40]), usual_first(&[4]), usual_first(&[2, 2]), usual_first(&[])),
            (Some(10), Some(4), None, None)
        );
    }

    proptest! {
        #[test]
        fn the_slope_of_the_curve_is_the_mean_slope(
            raters in prop::collection::vec(prop::collection::vec(-9..9_i8, 4), 1..6)
        ) {
            let scores: Vec<Vec<f32>> = raters.iter().map(|r| r.iter().map(|&s| f32::from(s)).collect()).collect();
            let all = courses(&scores.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let found = skill(&all, 4).unwrap();
            let y: Vec<f64> = found.curve.iter().map(|c| c.mean).collect();
            let want = (-1.5 * y[0] - 0.5 * y[1] + 0.5 * y[2] + 1.5 * y[3]) / 5.0;
            let slope = found.slope.value().unwrap();
            prop_assert!((slope - want).abs() < 1e-9);
            if let Some((low, high)) = found.slope.estimate().and_then(|e| e.ci) {
                let slopes = || found.raters.iter().map(|r| r.slope);
                prop_assert!(low >= slopes().fold(f64::INFINITY, f64::min) - 1e-9);
                prop_assert!(high <= slopes().fold(f64::NEG_INFINITY, f64::max) + 1e-9);
            }
        }
    }
}
