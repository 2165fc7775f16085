//! What another rater reaches, and what chance reaches.

use std::ops::Range;

use rayon::prelude::*;

use super::curve::{against_each, descending};
use super::{DetectorOptions, RaterMarks, Summary, UNJUDGED, YES};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::spans::Matched;
use crate::stats::random::Stream;
use crate::stats::{Statistic, Undefined, proportion};

/// Units of one chunk.
const CHUNK: usize = 1 << 16;
/// Most random scores.
const MOST_DRAWS: u32 = 1000;

/// Bounds with one rater as the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterCeiling {
    /// F1 of each other rater against this one, over units that both judged. Undefined without another rater, or a mark.
    pub human_f1: Result<Summary, Undefined>,
    /// Share of the judged units that the rater marked, with Wilson's interval: the AP of a random score.
    pub prevalence: Statistic,
    /// F1* of random scores, over draws. Undefined where the rater marked nothing.
    pub random_best_f1: Result<Summary, Undefined>,
}

/// Bounds for each rater.
pub(super) fn ceilings(
    marks: &RaterMarks,
    options: DetectorOptions,
    progress: &Progress,
) -> Result<Vec<RaterCeiling>, Cancelled> {
    let n = marks.n_raters();
    progress.stage("Comparing raters with each other", 0);
    // Sums of whole numbers are the same in any order.
    let add = |mut sum: Vec<Matched>, more: Vec<Matched>| {
        if sum.is_empty() {
            return more;
        }
        for (sum, more) in sum.iter_mut().zip(more) {
            sum.a += more.a;
            sum.b += more.b;
            sum.both += more.both;
        }
        sum
    };
    let table = (0..marks.n_units().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            progress.check()?;
            Ok(pair_tables(marks, chunk * CHUNK..marks.n_units().min((chunk + 1) * CHUNK)))
        })
        .try_reduce(Vec::new, |sum, more| Ok(add(sum, more)))?;
    let draws = options.draws.min(MOST_DRAWS);
    progress.stage("Drawing random scores", u64::from(draws));
    let random: Vec<Vec<Option<f64>>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            progress.check()?;
            let mut stream = Stream::new(options.seed, u64::from(draw));
            let scores: Vec<f64> = (0..marks.n_units()).map(|_| stream.uniform()).collect();
            let found = against_each(&descending(&scores), &scores, marks, progress)?;
            progress.add(1);
            Ok(found.iter().map(|r| r.best.as_ref().ok().map(|b| b.f1)).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok((0..n)
        .map(|truth| {
            let others = (0..n).filter(|&other| other != truth);
            let own = table[truth * n + truth];
            // Without units that both judged, or marks on them, there is no F1.
            let f1 = others.filter_map(|other| table[truth * n + other].f1());
            RaterCeiling {
                human_f1: if own.both == 0 {
                    Err(Undefined::Because("the rater marked nothing".to_owned()))
                } else {
                    Summary::of(f1, "no other rater judged the same units")
                },
                prevalence: proportion::share(own.both as usize, own.a as usize, "the rater judged nothing"),
                random_best_f1: Summary::of(
                    random.iter().filter_map(|draw| draw[truth]),
                    "the rater marked nothing",
                ),
            }
        })
        .collect())
}

/// For each pair of raters, marks of the one and of the other on units that both judged, and marks of both; for a rater
/// alone, the units judged (`a`) and marked (`both`).
fn pair_tables(marks: &RaterMarks, units: Range<usize>) -> Vec<Matched> {
    let n = marks.n_raters();
    let mut table = vec![Matched::default(); n * n];
    let mut judged: Vec<(usize, u64)> = Vec::with_capacity(n);
    for unit in units {
        judged.clear();
        let said = marks.of_unit(unit).iter().enumerate().filter(|(_, said)| **said != UNJUDGED);
        judged.extend(said.map(|(rater, &said)| (rater, u64::from(said == YES))));
        for &(rater, mark) in &judged {
            table[rater * n + rater].a += 1;
            table[rater * n + rater].both += mark;
            for &(other, its) in judged.iter().filter(|j| j.0 != rater) {
                let cell = &mut table[rater * n + other];
                cell.a += mark;
                cell.b += its;
                cell.both += mark * its;
            }
        }
    }
    table
}
