//! Which number made from a model's probabilities follows people's uncertainty best?
//!
//! Each score grows with uncertainty and is correlated, over items with two votes or more, with the entropy of the votes (in nats); one vote has no
//! entropy to speak of. Several models are an ensemble: all scores but the variance are of their mean. Scores of one table are near copies of each
//! other, which the regression on all of them shows by variance inflation.

mod score;

pub use score::Score;

use super::aggregation::entropy_nats;
use super::correlation::{Correlation, correlation_p_value};
use super::human_distribution::{fill, fits};
use super::least_squares::{Regression, least_squares};
use super::variation::VoteCounts;
use super::{Estimate, Statistic, Undefined};
use crate::dataset::Probabilities;
use crate::progress::{Cancelled, Progress};

/// Items that are read before cancellation is looked at.
const BLOCK: usize = 1 << 11;
/// Most numbers (items × scores) that are kept.
const MAX_CELLS: usize = 1 << 27;

/// One score against people.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// Which.
    pub score: Score,
    /// Pearson's r with the entropy of votes, with a bootstrap interval over items where replicates were asked for. Undefined where the score or the
    /// entropy is constant.
    pub pearson: Statistic,
    /// Spearman's ρ.
    pub spearman: Statistic,
    /// P-value of ρ, by Student's t.
    pub p_value: Option<f64>,
    /// The score of each item of [`Uncertainty::items`].
    pub values: Vec<f64>,
}

/// Scores by how well they follow people.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Items with two votes and usable rows, ascending.
    pub items: Vec<u32>,
    /// Entropy of the votes on each, nats.
    pub human: Vec<f64>,
    /// Highest ρ first; scores without one last, in the order in which they were asked for.
    pub rows: Vec<ScoreRow>,
    /// Entropy of the votes on all scores, whose terms are in the order of [`Self::rows`].
    pub regression: Result<Regression, Undefined>,
    /// Items with two votes of which a model's row is negative, not finite or 0 throughout: left out.
    pub n_bad_rows: usize,
}

/// Ranks scores. Undefined without a model, where one has other labels or items than the votes, where no item has two votes and usable rows, and
/// where there are too many numbers. `bootstrap` are resamples of items and their seed.
pub fn uncertainty(
    votes: &VoteCounts,
    n_labels: usize,
    models: &[&Probabilities],
    scores: &[Score],
    bootstrap: (u32, u64),
    progress: &Progress,
) -> Result<Result<Uncertainty, Undefined>, Cancelled> {
    if models.is_empty() {
        return Ok(Err(Undefined::NoProbabilities));
    }
    if let Some(reason) = models.iter().find_map(|m| fits(votes, n_labels, m).err()) {
        return Ok(Err(reason));
    }
    let asked: Vec<u32> = (0..votes.n_items()).filter(|&i| votes.total(i) > 1).map(|i| i as u32).collect();
    if asked.len().saturating_mul(scores.len()) > MAX_CELLS {
        return Ok(Err(Undefined::Because("too many items and scores to be held".to_owned())));
    }
    progress.stage("scores of uncertainty", asked.len() as u64);
    let (mut items, mut human, mut n_bad_rows) = (Vec::new(), Vec::new(), 0);
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); scores.len()];
    let mut members = vec![vec![0.0; n_labels]; models.len()];
    let mut counts = vec![0_u32; n_labels];
    for (i, &item) in asked.iter().enumerate() {
        if i % BLOCK == 0 {
            progress.check()?;
            progress.add(BLOCK.min(asked.len() - i) as u64);
        }
        models.iter().zip(&mut members).for_each(|(m, row)| m.read(item as usize, row));
        if !members.iter().all(|row| is_usable(row)) {
            n_bad_rows += 1;
            continue;
        }
        let mean = score::mean_row(&members);
        scores.iter().zip(&mut values).for_each(|(s, column)| column.push(s.of(&mean, &members)));
        fill(votes, item as usize, &mut counts);
        let total = f64::from(counts.iter().sum::<u32>().max(1));
        let shares: Vec<f64> = counts.iter().map(|&n| f64::from(n) / total).collect();
        human.push(entropy_nats(&shares));
        items.push(item);
    }
    if items.is_empty() {
        return Ok(Err(Undefined::NoPairableItem));
    }
    let mut rows = Vec::with_capacity(scores.len());
    for (&score, values) in scores.iter().zip(values) {
        let of = |which: Correlation| which.with_interval((&values, &human), bootstrap, progress);
        let (pearson, spearman) = if matches!(score, Score::EnsembleVariance) && models.len() < 2 {
            let reason = || {
                Statistic::from(Undefined::Because("the variance of an ensemble needs two models".to_owned()))
            };
            (reason(), reason())
        } else {
            (of(Correlation::Pearson)?.into(), of(Correlation::Spearman)?.into())
        };
        let p_value = spearman.estimate().and_then(|e: &Estimate| correlation_p_value(e.value, e.n_items));
        rows.push(ScoreRow { score, pearson, spearman, p_value, values });
    }
    // The sort is stable: equals and those without a value keep their order.
    let key = |r: &ScoreRow| r.spearman.value().unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let columns: Vec<&[f64]> = rows.iter().map(|r| r.values.as_slice()).collect();
    let regression = least_squares(&human, &columns);
    Ok(Ok(Uncertainty { items, human, rows, regression, n_bad_rows }))
}

fn is_usable(row: &[f64]) -> bool {
    row.iter().all(|p| p.is_finite() && *p >= 0.0) && row.iter().any(|p| *p > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    fn votes(counts: &[[u32; 3]]) -> VoteCounts {
        let mut b = AnnotationsBuilder::new();
        for (item, row) in counts.iter().enumerate() {
            for (label, &n) in row.iter().enumerate() {
                (0..n).for_each(|r| b.push(item as u32, r + 20 * label as u32, label as u32, None));
            }
        }
        VoteCounts::new(&b.finish(counts.len(), 60), 3)
    }

    fn model(rows: &[[f64; 3]]) -> Probabilities {
        Probabilities::from_f64(rows.concat(), rows.len(), 3).unwrap()
    }

    const COUNTS: [[u32; 3]; 6] = [[9, 0, 0], [8, 1, 0], [6, 3, 0], [5, 4, 0], [3, 3, 3], [1, 0, 0]];
    const ROWS: [[f64; 3]; 6] = [
        [0.9, 0.1, 0.0],
        [0.8, 0.2, 0.0],
        [0.7, 0.2, 0.1],
        [0.5, 0.4, 0.1],
        [0.4, 0.3, 0.3],
        [0.3, 0.3, 0.4],
    ];

    #[test]
    fn scores_that_follow_people_come_first() {
        let flat = Score::TopEntropy(1);
        let asked =
            [flat, Score::EnsembleVariance, Score::Entropy, Score::ChoiceEntropy, Score::LeastConfidence];
        let run = |models: &[&Probabilities]| {
            uncertainty(&votes(&COUNTS), 3, models, &asked, (20, 1), &Progress::new()).unwrap().unwrap()
        };
        let one = model(&ROWS);
        let found = run(&[&one]);
        assert_eq!(found.items, [0, 1, 2, 3, 4], "one vote has no entropy");
        let order: Vec<Score> = found.rows.iter().map(|r| r.score).collect();
        // The three that follow people tie at ρ = 1; the flat one and the variance have no correlation.
        assert_eq!(order[..3], [Score::Entropy, Score::ChoiceEntropy, Score::LeastConfidence]);
        assert!(found.rows[..3].iter().all(|r| (r.spearman.value().unwrap() - 1.0).abs() < 1e-12));
        assert!(found.rows[3..].iter().all(|r| r.spearman.reason().is_some() && r.p_value.is_none()));
        let regression = found.regression.unwrap();
        assert!(
            regression.terms[1].is_none(),
            "a row that sums to 1 has the same entropy after renormalising"
        );
        assert!(regression.terms[0].unwrap().vif > 1.0 && regression.terms[3].is_none());
        let other = model(&[
            [0.9, 0.1, 0.0],
            [0.9, 0.1, 0.0],
            [0.5, 0.4, 0.1],
            [0.9, 0.0, 0.1],
            [0.1, 0.1, 0.8],
            [0.3, 0.3, 0.4],
        ]);
        let both = run(&[&one, &other]);
        let variance = both.rows.iter().find(|r| r.score == Score::EnsembleVariance).unwrap();
        assert!(variance.values[0] == 0.0 && variance.spearman.value().unwrap() > 0.5);
    }

    #[test]
    fn without_models_votes_or_rows_there_is_nothing() {
        let run = |counts: &[[u32; 3]], models: &[&Probabilities]| {
            uncertainty(&votes(counts), 3, models, &[Score::Entropy], (0, 0), &Progress::new()).unwrap()
        };
        assert_eq!(run(&COUNTS, &[]).unwrap_err(), Undefined::NoProbabilities);
        assert_eq!(run(&[[1, 0, 0]], &[&model(&ROWS[..1])]).unwrap_err(), Undefined::NoPairableItem);
        assert!(run(&COUNTS, &[&model(&ROWS[..2])]).is_err());
        let bad = run(&COUNTS[..2], &[&model(&[[0.0; 3], [0.5, 0.5, 0.0]])]).unwrap();
        assert_eq!((bad.items.as_slice(), bad.n_bad_rows), ([1].as_slice(), 1));
        assert!(bad.rows[0].pearson.reason().is_some() && bad.regression.is_err());
    }
}
