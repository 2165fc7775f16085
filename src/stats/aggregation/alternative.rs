//! The alternative annotator test (Calderon, Reichart & Dror 2025): may a model, or any rater, stand in for a human?
//!
//! Each human j in turn is left out. On every item that j, another human and the candidate labelled, the candidate and
//! j are scored by how well they match the *other* humans: S_f and S_h. With W_f = 1[S_f ≥ S_h], W_h = 1[S_h ≥ S_f] and
//! d = W_h − W_f, a one-sided t-test asks whether the mean of d is below ε, the price of a human. The p-values pass
//! Benjamini & Yekutieli's procedure (2001), which holds for tests that depend on each other.
//!
//! - winning rate ω: share of humans against whom the candidate wins; it passes at ½;
//! - advantage probability ρ: mean of P(W_f) over humans.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Layout;
use crate::dataset::{LabelId, NO_LABEL};
use crate::stats::Undefined;

/// How two labels match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MatchScore<'a> {
    /// Share of other humans with the same label.
    Accuracy,
    /// −√(mean squared difference) to the other humans; one value a label.
    NegativeRmse(&'a [f64]),
}

/// How [`alternative_annotator_test`] decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlternativeOptions<'a> {
    /// ε: how much worse the candidate may be for being cheaper. The authors use 0.2 against experts, 0.15 against
    /// skilled raters, 0.1 against crowds.
    pub epsilon: f64,
    /// Bound of the false discovery rate.
    pub false_discovery: f64,
    /// How labels are compared.
    pub score: MatchScore<'a>,
    /// Humans whom an item needs, at least 2.
    pub min_humans: usize,
    /// Items whom a human needs to be tested.
    pub min_items: usize,
}

impl Default for AlternativeOptions<'_> {
    fn default() -> Self {
        Self {
            epsilon: 0.2,
            false_discovery: 0.05,
            score: MatchScore::Accuracy,
            min_humans: 2,
            min_items: 30,
        }
    }
}

/// The candidate against one human.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duel {
    /// Rater number of the human.
    pub rater: usize,
    /// Items compared.
    pub n_items: usize,
    /// Share of items on which the candidate is at least as good, in 0..=1.
    pub advantage: f64,
    /// Mean of d, in −1..=1; below 0 where the candidate is better.
    pub difference: f64,
    /// One-sided p of "the candidate is worse by ε or more".
    pub p: f64,
    /// Whether that is rejected: the candidate wins.
    pub wins: bool,
}

/// What the test says.
#[derive(Debug, Clone, PartialEq)]
pub struct AlternativeTest {
    /// One a human with enough items, ascending.
    pub duels: Vec<Duel>,
    /// Humans with some but too few items, ascending.
    pub too_few_items: Vec<usize>,
    /// ω, in 0..=1.
    pub winning_rate: f64,
    /// ρ, in 0..=1.
    pub advantage: f64,
    /// Whether ω is ½ or more.
    pub passes: bool,
}

/// Tests a candidate, one label an item ([`NO_LABEL`] where it gave none), against the raters of `layout`. Of several
/// annotations of an item by one rater the last counts.
///
/// Undefined where no human has enough items, and for `NegativeRmse` where a label has no finite value.
pub fn alternative_annotator_test(
    layout: &Layout,
    candidate: &[LabelId],
    options: AlternativeOptions,
) -> Result<AlternativeTest, Undefined> {
    if let MatchScore::NegativeRmse(values) = options.score
        && (values.len() < layout.n_labels() || values.iter().any(|v| !v.is_finite()))
    {
        return Err(Undefined::Because("a label has no number".to_owned()));
    }
    let mut differences: Vec<Vec<i8>> = vec![Vec::new(); layout.n_raters()];
    let mut own: Vec<(u32, LabelId)> = Vec::new();
    for (item, &label) in candidate.iter().enumerate().take(layout.n_items()) {
        if label as usize >= layout.n_labels() {
            continue;
        }
        own.clear();
        for vote in layout.votes(item) {
            match own.iter_mut().find(|(rater, _)| *rater == vote.rater) {
                Some(known) => known.1 = vote.label,
                None => own.push((vote.rater, vote.label)),
            }
        }
        if own.len() < options.min_humans.max(2) {
            continue;
        }
        for &(rater, said) in &own {
            let others = || own.iter().filter(move |o| o.0 != rater).map(|o| o.1);
            let model = options.score.of(label, others());
            let human = options.score.of(said, others());
            // W_h − W_f: 0 where both are as good.
            let d = i8::from(human >= model) - i8::from(model >= human);
            differences[rater as usize].push(d);
        }
    }
    let mut duels = Vec::new();
    let mut too_few_items = Vec::new();
    for (rater, d) in differences.iter().enumerate() {
        if d.len() >= options.min_items.max(2) {
            duels.push(duel(rater, d, options.epsilon));
        } else if !d.is_empty() {
            too_few_items.push(rater);
        }
    }
    if duels.is_empty() {
        return Err(Undefined::Because(format!(
            "no rater shares {} items with another rater and the candidate",
            options.min_items.max(2)
        )));
    }
    let p: Vec<f64> = duels.iter().map(|d| d.p).collect();
    for (duel, wins) in duels.iter_mut().zip(benjamini_yekutieli(&p, options.false_discovery)) {
        duel.wins = wins;
    }
    let n = duels.len() as f64;
    let winning_rate = duels.iter().filter(|d| d.wins).count() as f64 / n;
    Ok(AlternativeTest {
        winning_rate,
        advantage: duels.iter().map(|d| d.advantage).sum::<f64>() / n,
        passes: winning_rate >= 0.5,
        duels,
        too_few_items,
    })
}

impl MatchScore<'_> {
    fn of(self, label: LabelId, others: impl Iterator<Item = LabelId>) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for other in others {
            n += 1.0;
            sum += match self {
                Self::Accuracy => f64::from(u8::from(other == label)),
                Self::NegativeRmse(values) => {
                    let difference = values[other as usize] - values[label as usize];
                    difference * difference
                }
            };
        }
        match self {
            Self::Accuracy => sum / n,
            Self::NegativeRmse(_) => -(sum / n).sqrt(),
        }
    }
}

fn duel(rater: usize, d: &[i8], epsilon: f64) -> Duel {
    let n = d.len() as f64;
    let sum: i64 = d.iter().map(|&d| i64::from(d)).sum();
    let squares: i64 = d.iter().map(|&d| i64::from(d) * i64::from(d)).sum();
    let mean = sum as f64 / n;
    let variance = ((squares as f64 - n * mean * mean) / (n - 1.0)).max(0.0);
    let constant = d.windows(2).all(|w| w[0] == w[1]);
    let p = if constant {
        // Without spread there is nothing to test: it is so, or it is not.
        f64::from(u8::from(mean >= epsilon))
    } else {
        let t = (mean - epsilon) / (variance / n).sqrt();
        StudentsT::new(0.0, 1.0, n - 1.0).map_or(1.0, |dist| dist.cdf(t))
    };
    let advantage = d.iter().filter(|&&d| d <= 0).count() as f64 / n;
    Duel { rater, n_items: d.len(), advantage, difference: mean, p, wins: false }
}

/// Which hypotheses are rejected at a false discovery rate of `q`, whatever their dependence (Benjamini & Yekutieli
/// 2001): those up to the largest k with p₍ₖ₎ ≤ k q/(m Σ 1/i).
pub fn benjamini_yekutieli(p: &[f64], q: f64) -> Vec<bool> {
    let m = p.len() as f64;
    let harmonic: f64 = (1..=p.len()).map(|i| 1.0 / i as f64).sum();
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let last = (1..=p.len()).rev().find(|&k| p[order[k - 1]] <= k as f64 * q / (m * harmonic)).unwrap_or(0);
    let mut rejected = vec![false; p.len()];
    order[..last].iter().for_each(|&i| rejected[i] = true);
    rejected
}

/// The layout without one rater, and that rater's labels as a candidate ([`NO_LABEL`] where there is none; the last of
/// several): to test a rater against the rest.
pub fn rater_as_candidate(layout: &Layout, rater: usize) -> (Layout, Vec<LabelId>) {
    let mut candidate = vec![NO_LABEL; layout.n_items()];
    if rater < layout.n_raters() {
        for answer in layout.answers(rater) {
            candidate[answer.item as usize] = answer.label;
        }
    }
    (layout.without(rater), candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    fn layout(rows: &[[LabelId; 3]]) -> Layout {
        let mut b = AnnotationsBuilder::new();
        for (item, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(rater, &label)| b.push(item as u32, rater as u32, label, None));
        }
        Layout::new(&b.finish(rows.len(), 3), 3)
    }

    #[test]
    fn a_candidate_like_the_majority_wins_against_everybody() {
        let rows: Vec<[LabelId; 3]> = (0..40).map(|i| [i % 3, i % 3, (i + i / 3) % 3]).collect();
        let candidate: Vec<LabelId> = (0..40).map(|i| i % 3).collect();
        let test =
            alternative_annotator_test(&layout(&rows), &candidate, AlternativeOptions::default()).unwrap();
        assert_eq!((test.winning_rate, test.advantage, test.passes), (1.0, 1.0, true));
        // The first two equal the candidate on every item, so their differences are constant.
        assert_eq!(test.duels[0].p, 0.0);
        let numbers = [0.0, 1.0, 2.0];
        let options = AlternativeOptions { score: MatchScore::NegativeRmse(&numbers), ..Default::default() };
        assert!(alternative_annotator_test(&layout(&rows), &candidate, options).unwrap().passes);
    }

    #[test]
    fn too_little_data_says_so() {
        let l = layout(&[[0, 0, 1]; 29]);
        let found = alternative_annotator_test(&l, &[0; 29], AlternativeOptions::default());
        assert_eq!(
            found.unwrap_err().to_string(),
            "no rater shares 30 items with another rater and the candidate"
        );
        let options = AlternativeOptions { score: MatchScore::NegativeRmse(&[0.0]), ..Default::default() };
        assert!(alternative_annotator_test(&l, &[0; 29], options).is_err());
    }

    #[test]
    fn a_rater_can_be_the_candidate() {
        let l = layout(&[[0, 1, 2], [1, 1, 2]]);
        let (rest, candidate) = rater_as_candidate(&l, 2);
        assert_eq!((candidate, rest.len(), rest.n_active()), (vec![2, 2], 4, 2));
        assert_eq!(rater_as_candidate(&l, 9).0, l);
    }

    #[test]
    fn the_step_up_takes_all_below_the_last_that_passes() {
        // Σ 1/i = 1.5: thresholds 0.0167 and 0.0333.
        assert_eq!(benjamini_yekutieli(&[0.03, 0.02], 0.05), [true, true]);
        assert_eq!(benjamini_yekutieli(&[0.04, 0.02], 0.05), [false, false]);
        assert!(benjamini_yekutieli(&[], 0.05).is_empty());
    }
}
