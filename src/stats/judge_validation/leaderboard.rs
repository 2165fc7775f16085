//! Which judge agrees best with people, and how sure is the order? Items are drawn anew, all judges on the same ones, and ranked each time;
//! the best one of a half is scored on the other half, since the best of many is best by luck too (Liu et al. 2024, AutoCalibrate).

use rayon::prelude::*;

use super::super::random::Stream;
use super::{Measure, People, Table};
use crate::dataset::{LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};

/// Items below which no judge is ranked.
pub const LEAST_ITEMS: usize = 10;

/// A judge's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Which judge.
    pub judge: usize,
    /// κ or ρ; `None` where it has no value or too few items.
    pub value: Option<f64>,
    /// 95 % percentile interval.
    pub ci: Option<(f64, f64)>,
    /// 95 % interval of its rank, from 1; ties share the better rank.
    pub ranks: Option<(usize, usize)>,
    /// Share of draws in which nobody is better.
    pub first: f64,
    /// Items with both.
    pub n: usize,
}

/// All judges, the best first, those without a value last.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaderboard {
    /// One a judge.
    pub places: Vec<Place>,
    /// The judge chosen on half of the items, its value there, and on the other half.
    pub chosen: Option<(usize, f64, Option<f64>)>,
    /// Draws.
    pub draws: u32,
}

const MOST_DRAWS: u64 = 1_000;
const WORK: u64 = 400_000_000;

/// Labels or values of people and of one judge, ready to be drawn again and again.
enum Pairs {
    /// People's and the judge's label of an item; `None` where one is missing.
    Labels(Vec<Option<(LabelId, LabelId)>>),
    /// Of items with both: which, and the places of both sides in ascending order, with where equal ones end.
    Numbers { items: Vec<u32>, sides: [Ordered; 2] },
}

/// Values in ascending order: the position of each, in runs of equal ones.
struct Ordered {
    order: Vec<u32>,
    ends: Vec<u32>,
}

impl Ordered {
    fn of(values: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        let mut ends = Vec::new();
        for i in 1..=order.len() {
            if i == order.len() || values[order[i] as usize] != values[order[i - 1] as usize] {
                ends.push(i as u32);
            }
        }
        Self { order, ends }
    }

    /// Mid-ranks under `weights`, one a position.
    fn ranks(&self, weights: &[u32]) -> Vec<f64> {
        let mut ranks = vec![0.0; self.order.len()];
        let (mut begin, mut below) = (0_usize, 0.0);
        for &end in &self.ends {
            let run = &self.order[begin..end as usize];
            let inside: u32 = run.iter().map(|&i| weights[i as usize]).sum();
            let rank = below + f64::midpoint(f64::from(inside), 1.0);
            run.iter().for_each(|&i| ranks[i as usize] = rank);
            below += f64::from(inside);
            begin = end as usize;
        }
        ranks
    }
}

fn weighted_pearson(x: &[f64], y: &[f64], weights: &[u32]) -> Option<f64> {
    let n: f64 = weights.iter().map(|&w| f64::from(w)).sum();
    let mean = |v: &[f64]| v.iter().zip(weights).map(|(v, &w)| v * f64::from(w)).sum::<f64>() / n;
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for ((a, b), &w) in x.iter().zip(y).zip(weights) {
        let (a, b, w) = (a - mx, b - my, f64::from(w));
        xx += w * a * a;
        yy += w * b * b;
        xy += w * a * b;
    }
    (n > 1.0 && xx > 1e-9 && yy > 1e-9).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

impl Pairs {
    fn of(people: &People<'_>, judge: &[LabelId], measure: Measure) -> Self {
        let n = people.votes.n_items();
        let said = |item: usize| {
            judge.get(item).copied().filter(|&l| l != NO_LABEL && (l as usize) < people.n_labels)
        };
        match measure {
            Measure::Kappa => Self::Labels((0..n).map(|i| people.majority(i).zip(said(i))).collect()),
            Measure::Rho => {
                let own = |i: usize| Some(*people.values?.get(said(i)? as usize)?);
                let both: Vec<(u32, f64, f64)> =
                    (0..n).filter_map(|i| Some((i as u32, people.mean(i)?, own(i)?))).collect();
                let side =
                    |f: fn(&(u32, f64, f64)) -> f64| Ordered::of(&both.iter().map(f).collect::<Vec<_>>());
                Self::Numbers {
                    items: both.iter().map(|b| b.0).collect(),
                    sides: [side(|b| b.1), side(|b| b.2)],
                }
            }
        }
    }

    fn n(&self) -> usize {
        match self {
            Self::Labels(pairs) => pairs.iter().flatten().count(),
            Self::Numbers { items, .. } => items.len(),
        }
    }

    /// With each item so often.
    fn value(&self, times: &[u32], n_labels: usize) -> Option<f64> {
        match self {
            Self::Labels(pairs) => {
                let mut table = Table::new(n_labels);
                for (pair, &n) in pairs.iter().zip(times) {
                    if let (Some((people, judge)), true) = (pair, n > 0) {
                        table.add(*people, *judge, u64::from(n));
                    }
                }
                table.kappa()
            }
            Self::Numbers { items, sides } => {
                let weights: Vec<u32> = items.iter().map(|&i| times[i as usize]).collect();
                weighted_pearson(&sides[0].ranks(&weights), &sides[1].ranks(&weights), &weights)
            }
        }
    }
}

/// Ranks `judges`, which have a label an item each ([`NO_LABEL`] for none).
///
/// # Errors
/// If it was cancelled.
pub fn leaderboard(
    people: &People<'_>,
    judges: &[&[LabelId]],
    measure: Measure,
    seed: u64,
    progress: &Progress,
) -> Result<Leaderboard, Cancelled> {
    let n = people.votes.n_items();
    let pairs: Vec<Pairs> = judges.par_iter().map(|judge| Pairs::of(people, judge, measure)).collect();
    let all = vec![1_u32; n];
    let value = |pairs: &Pairs, times: &[u32]| {
        (pairs.n() >= LEAST_ITEMS).then(|| pairs.value(times, people.n_labels)).flatten()
    };
    let values: Vec<Option<f64>> = pairs.iter().map(|p| value(p, &all)).collect();
    let draws = (WORK / (n as u64 * (judges.len() as u64 + 1)).max(1)).clamp(50, MOST_DRAWS);
    let drawn: Vec<Result<Vec<Option<f64>>, Cancelled>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut rng = Stream::new(seed, draw);
            let mut times = vec![0_u32; n];
            (0..n).for_each(|_| times[rng.below(n)] += 1);
            Ok(pairs.iter().map(|p| value(p, &times)).collect())
        })
        .collect();
    let drawn: Vec<Vec<Option<f64>>> = drawn.into_iter().collect::<Result<_, _>>()?;
    let mut places: Vec<Place> = (0..judges.len())
        .map(|judge| {
            let mut own: Vec<f64> = drawn.iter().filter_map(|d| d[judge]).collect();
            own.sort_unstable_by(f64::total_cmp);
            let mut ranks: Vec<usize> = drawn
                .iter()
                .filter_map(|d| {
                    d[judge].map(|own| 1 + d.iter().flatten().filter(|&&other| other > own).count())
                })
                .collect();
            ranks.sort_unstable();
            let known = values[judge].is_some() && own.len() * 2 > drawn.len();
            let at = |share: f64, n: usize| ((share * (n - 1) as f64).round() as usize).min(n - 1);
            Place {
                judge,
                value: values[judge],
                ci: known.then(|| (own[at(0.025, own.len())], own[at(0.975, own.len())])),
                ranks: known.then(|| (ranks[at(0.025, ranks.len())], ranks[at(0.975, ranks.len())])),
                first: ranks.iter().filter(|&&r| r == 1).count() as f64 / draws as f64,
                n: pairs[judge].n(),
            }
        })
        .collect();
    places.sort_by(|a, b| match (a.value, b.value) {
        (Some(x), Some(y)) => y.total_cmp(&x),
        (x, y) => y.is_some().cmp(&x.is_some()),
    });
    // Half of the items chooses, the other half tells what the choice is worth.
    let mut items: Vec<usize> = (0..n).collect();
    Stream::new(seed, u64::MAX).shuffle(&mut items);
    let mut half = vec![0_u32; n];
    items.iter().take(n.div_ceil(2)).for_each(|&i| half[i] = 1);
    let other: Vec<u32> = half.iter().map(|h| 1 - h).collect();
    let best = pairs.iter().enumerate().filter_map(|(j, p)| value(p, &half).map(|v| (j, v))).fold(
        None,
        |best: Option<(usize, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        },
    );
    let chosen = best.map(|(judge, v)| (judge, v, value(&pairs[judge], &other)));
    Ok(Leaderboard { places, chosen, draws: draws as u32 })
}

#[cfg(test)]
mod tests {
    use super::super::tests::votes;
    use super::*;

    #[test]
    fn better_judges_stand_higher_and_equal_ones_share_their_rank() {
        let truth: Vec<[u32; 3]> = (0..120_u32).map(|i| [i * 7 % 3; 3]).collect();
        let v = votes(&truth.iter().map(<[u32; 3]>::as_slice).collect::<Vec<_>>());
        let people = People { votes: &v, n_labels: 3, values: Some(&[0.0, 1.0, 2.0]) };
        let wrong_each = |k: usize| -> Vec<u32> {
            truth.iter().enumerate().map(|(i, t)| if i % k == 0 { (t[0] + 1) % 3 } else { t[0] }).collect()
        };
        let (good, twin, poor, none) = (wrong_each(20), wrong_each(20), wrong_each(2), vec![NO_LABEL; 120]);
        let judges: [&[u32]; 4] = [&poor, &good, &twin, &none];
        for measure in [Measure::Kappa, Measure::Rho] {
            let board = leaderboard(&people, &judges, measure, 5, &Progress::new()).unwrap();
            let order: Vec<usize> = board.places.iter().map(|p| p.judge).collect();
            assert_eq!(order, [1, 2, 0, 3], "{measure:?}");
            assert_eq!((board.places[0].ranks, board.places[1].ranks), (Some((1, 1)), Some((1, 1))));
            assert_eq!(board.places[2].ranks, Some((3, 3)));
            assert!(board.places[3].value.is_none() && board.places[3].ci.is_none());
            let (judge, here, there) = board.chosen.unwrap();
            assert!((judge == 1 || judge == 2) && here > 0.8 && there.unwrap() > 0.7);
        }
    }

    #[test]
    fn with_each_item_once_it_is_the_plain_coefficient() {
        let v = votes(&[
            &[0, 1],
            &[2, 2],
            &[1, 2],
            &[0],
            &[2, 0],
            &[1],
            &[0, 0],
            &[2],
            &[1, 1],
            &[0, 2],
            &[2, 1],
        ]);
        let people = People { votes: &v, n_labels: 3, values: Some(&[0.0, 1.0, 2.0]) };
        let judge = [0, 2, 1, 0, 2, 1, 1, 2, 0, 1, 2];
        let board = leaderboard(&people, &[&judge], Measure::Rho, 1, &Progress::new()).unwrap();
        let plain = super::super::agreement(&people, &judge, Measure::Rho).value.unwrap();
        assert!((board.places[0].value.unwrap() - plain).abs() < 1e-12);
    }

    #[test]
    fn any_number_of_threads_says_the_same() {
        let v = votes(&[
            &[0, 1],
            &[2, 2],
            &[1, 2],
            &[0],
            &[2, 0],
            &[1],
            &[0, 0],
            &[2],
            &[1, 1],
            &[0, 2],
            &[2, 1],
        ]);
        let people = People { votes: &v, n_labels: 3, values: None };
        let judge = [0, 2, 1, 0, 2, 1, 1, 2, 0, 1, 2];
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| leaderboard(&people, &[&judge], Measure::Kappa, 1, &Progress::new()).unwrap())
        };
        assert_eq!(run(1), run(4));
    }
}
