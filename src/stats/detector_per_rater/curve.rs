//! All thresholds of a score in one pass, for each rater at once.

use super::{AgainstRater, RaterMarks, UNJUDGED, YES};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Units between two looks at whether to stop.
pub(super) const CHECK_EVERY: usize = 1 << 16;

/// The threshold with the greatest F1; of equal ones the highest, which flags least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestF1 {
    /// F1, in 0..=1.
    pub f1: f64,
    /// Units at or above this score are flagged.
    pub threshold: f64,
    /// Share of flagged units that are marked.
    pub precision: f64,
    /// Share of marked units that are flagged.
    pub recall: f64,
}

/// F1 at a threshold that was chosen elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChosenF1 {
    /// F1, in 0..=1.
    pub f1: f64,
    /// The threshold.
    pub threshold: f64,
}

/// Units with a score, the highest score first, equal ones by number.
pub(super) fn descending(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).filter(|&u| !scores[u as usize].is_nan()).collect();
    // Negative nought is nought.
    let score = |u: u32| scores[u as usize] + 0.0;
    order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
    order
}

/// What one rater is at, on the way down.
#[derive(Debug, Clone, Copy, Default)]
struct Running {
    marked: u64,
    units: u64,
    flagged: u64,
    hits: u64,
    /// Hits before the present score.
    hits_before: u64,
    precisions: f64,
}

/// 2 hits / (flagged + marked): equal ratios give equal numbers, as division is rounded correctly.
fn f1(hits: u64, flagged: u64, marked: u64) -> f64 {
    if flagged + marked == 0 { 0.0 } else { 2.0 * hits as f64 / (flagged + marked) as f64 }
}

/// A detector against each rater. `order` are the units by descending score.
pub(super) fn against_each(
    order: &[u32],
    scores: &[f64],
    marks: &RaterMarks,
    progress: &Progress,
) -> Result<Vec<AgainstRater>, Cancelled> {
    let n_raters = marks.n_raters();
    let mut at = vec![Running::default(); n_raters];
    for chunk in order.chunks(CHECK_EVERY) {
        progress.check()?;
        for &unit in chunk {
            for (rater, &said) in at.iter_mut().zip(marks.of_unit(unit as usize)) {
                rater.units += u64::from(said != UNJUDGED);
                rater.marked += u64::from(said == YES);
            }
        }
    }
    let all_marked: u64 = at.iter().map(|r| r.marked).sum();
    let mut best: Vec<Option<BestF1>> = vec![None; n_raters];
    // F1 of the others at the best threshold of theirs, and what that threshold gives.
    let mut chosen: Vec<Option<(f64, ChosenF1)>> = vec![None; n_raters];
    let mut since = 0;
    for tied in order.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
        since += tied.len();
        if since >= CHECK_EVERY {
            since = 0;
            progress.check()?;
        }
        for &unit in tied {
            for (rater, &said) in at.iter_mut().zip(marks.of_unit(unit as usize)) {
                rater.flagged += u64::from(said != UNJUDGED);
                rater.hits += u64::from(said == YES);
            }
        }
        let threshold = scores[tied[0] as usize] + 0.0;
        let all = at.iter().fold((0, 0), |sum, r| (sum.0 + r.hits, sum.1 + r.flagged));
        for (number, r) in at.iter_mut().enumerate() {
            if r.marked == 0 {
                continue;
            }
            let own = f1(r.hits, r.flagged, r.marked);
            if r.hits > r.hits_before {
                let precision = r.hits as f64 / r.flagged as f64;
                r.precisions += (r.hits - r.hits_before) as f64 * precision;
                r.hits_before = r.hits;
                if best[number].is_none_or(|b| own > b.f1) {
                    let recall = r.hits as f64 / r.marked as f64;
                    best[number] = Some(BestF1 { f1: own, threshold, precision, recall });
                }
            }
            let others = f1(all.0 - r.hits, all.1 - r.flagged, all_marked - r.marked);
            if all_marked > r.marked && chosen[number].is_none_or(|(f1, _)| others > f1) {
                chosen[number] = Some((others, ChosenF1 { f1: own, threshold }));
            }
        }
    }
    let no_mark = || Undefined::Because("the rater marked nothing".to_owned());
    let alone = || Undefined::Because("no other rater marked anything".to_owned());
    Ok(at
        .iter()
        .zip(best)
        .zip(chosen)
        .map(|((r, best), chosen)| AgainstRater {
            n_units: r.units,
            n_marked: r.marked,
            average_precision: if r.marked > 0 { Ok(r.precisions / r.marked as f64) } else { Err(no_mark()) },
            best: best.ok_or_else(no_mark),
            chosen: match chosen {
                Some((_, chosen)) => Ok(chosen),
                None if r.marked == 0 => Err(no_mark()),
                None => Err(alone()),
            },
        })
        .collect())
}
