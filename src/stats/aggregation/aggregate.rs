//! One function that runs any aggregator and says what they have in common: labels, their probabilities, raters' skill.
//!
//! What differs between the models (matrices, abilities, strategies) stays with their own functions.

use super::{
    Assignment, DawidSkeneOptions, IbccOptions, KosOptions, Layout, MaceOptions, MaceUpdate, MajorityVote,
    Needs, OneCoinOptions, StoppingRule, WeightedVote, Which, crowd_truth, crowdlab, dawid_skene_on, glad,
    ibcc, kos, mace, majority_skill, mmsr, one_coin, wawa, zero_based_skill,
};
use crate::dataset::{LabelId, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// What every aggregator can be told.
#[derive(Debug, Clone, Copy)]
pub struct AggregateOptions<'a> {
    /// When models stop; `None` for each one's default.
    pub rule: Option<StoppingRule>,
    /// Trusted labels, one an item: items that the models by expectation maximisation keep certain. The others pass
    /// them over.
    pub gold: Option<&'a [LabelId]>,
    /// Seed of random starts (MACE, KOS).
    pub seed: u64,
    /// Random starts of MACE.
    pub restarts: usize,
    /// Models' probabilities, for CROWDLAB; the others pass them over.
    pub models: &'a [&'a Probabilities],
}

impl Default for AggregateOptions<'_> {
    fn default() -> Self {
        Self { rule: None, gold: None, seed: 0, restarts: 10, models: &[] }
    }
}

/// What an aggregator says.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Which it was.
    pub which: Which,
    /// Number of labels: the width of `posterior`.
    pub n_labels: usize,
    /// Distribution over labels, items × labels, row-major, rows sum to 1: a posterior, or weighted shares of votes.
    /// An item without a vote has the model's prior, or zeros where there is none. Empty for KOS.
    pub posterior: Vec<f64>,
    /// The label of each item; ties are kept.
    pub labels: MajorityVote,
    /// One number a rater; see [`Aggregator::skill`](super::Aggregator::skill). `None` without annotations.
    pub skill: Vec<Option<f64>>,
    /// Rounds.
    pub iterations: usize,
    /// Whether it stopped because nothing was gained any more; methods of fixed length always have.
    pub converged: bool,
    /// See [`Aggregator::objective`](super::Aggregator::objective); natural logarithm.
    pub objective: Option<f64>,
}

impl Aggregation {
    /// Distribution over labels of `item`; empty past the end, and for KOS.
    pub fn posterior_of(&self, item: usize) -> &[f64] {
        self.posterior.get(item * self.n_labels..(item + 1) * self.n_labels).unwrap_or_default()
    }

    /// Probability of the label of `item`, or of each of those that tie; `None` without votes, and for KOS.
    pub fn confidence(&self, item: usize) -> Option<f64> {
        let label = *self.labels.labels_of(item).first()?;
        self.posterior_of(item).get(label as usize).copied()
    }
}

/// Runs one aggregator.
///
/// Undefined without annotations, with a single rater where raters are needed, with other than two labels for KOS, or
/// where tables would be too large; the reasons are those of the models' own functions.
pub fn aggregate(
    layout: &Layout,
    which: Which,
    options: &AggregateOptions,
    progress: &Progress,
) -> Result<Result<Aggregation, Undefined>, Cancelled> {
    if layout.is_empty() {
        return Ok(Err(Undefined::NoAnnotations));
    }
    let checked = match which.row().needs {
        Needs::Votes => layout.check_size(),
        Needs::Raters | Needs::RatersAndTwoLabels | Needs::RatersAndModel => layout.check(),
    };
    if let Err(reason) = checked {
        return Ok(Err(reason));
    }
    match which {
        Which::MajorityVote => {
            let shares = layout.vote_shares();
            let vote = WeightedVote {
                shares,
                skill: majority_skill(layout),
                rounds: 1,
                n_labels: layout.n_labels(),
            };
            Ok(Ok(voted(layout, which, vote)))
        }
        Which::Wawa => Ok(Ok(voted(layout, which, wawa(layout)))),
        Which::ZeroBasedSkill => Ok(Ok(voted(layout, which, zero_based_skill(layout, progress)?))),
        _ => modelled(layout, which, options, progress),
    }
}

fn voted(layout: &Layout, which: Which, vote: WeightedVote) -> Aggregation {
    Aggregation {
        which,
        n_labels: vote.n_labels,
        labels: MajorityVote::of_rows(layout, &vote.shares),
        posterior: vote.shares,
        skill: vote.skill,
        iterations: vote.rounds,
        converged: true,
        objective: None,
    }
}

/// What the models have in common.
struct Outcome {
    posterior: Vec<f64>,
    skill: Vec<Option<f64>>,
    iterations: usize,
    converged: bool,
    objective: Option<f64>,
}

fn modelled(
    layout: &Layout,
    which: Which,
    options: &AggregateOptions,
    progress: &Progress,
) -> Result<Result<Aggregation, Undefined>, Cancelled> {
    let fitted = match which {
        Which::OneCoin => a_coin(layout, options, progress)?,
        Which::FastDawidSkene => matrices(layout, Assignment::Hard, options, progress)?,
        Which::HybridDawidSkene => matrices(layout, Assignment::Hybrid, options, progress)?,
        Which::Ibcc => bayes(layout, options, progress)?,
        Which::Glad => abilities(layout, options, progress)?,
        Which::Mace => spammers(layout, MaceUpdate::VARIATIONAL, options, progress)?,
        Which::MaceEm => {
            spammers(layout, MaceUpdate::Smoothed(0.01 / layout.n_labels() as f64), options, progress)?
        }
        Which::Mmsr => mmsr(layout, progress)?.map(|m| Outcome {
            posterior: m.posterior,
            skill: m.accuracy,
            iterations: m.iterations,
            converged: m.converged,
            objective: None,
        }),
        Which::Kos => return messages(layout, options, progress),
        Which::CrowdTruth => crowd(layout, progress)?,
        Which::Crowdlab => crowdlab(layout, options.models, progress)?.map(|c| Outcome {
            posterior: c.posterior,
            skill: c.rater_quality,
            iterations: 2,
            converged: true,
            objective: None,
        }),
        Which::DawidSkene | Which::MajorityVote | Which::Wawa | Which::ZeroBasedSkill => {
            matrices(layout, Assignment::Soft, options, progress)?
        }
    };
    Ok(fitted.map(|o| Aggregation {
        which,
        n_labels: layout.n_labels(),
        labels: MajorityVote::of_rows(layout, &o.posterior),
        posterior: o.posterior,
        skill: o.skill,
        iterations: o.iterations,
        converged: o.converged,
        objective: o.objective,
    }))
}

/// Unit–annotation scores, each row as shares; where nobody of any quality voted, the shares of votes.
fn crowd(layout: &Layout, progress: &Progress) -> Modelled {
    Ok(crowd_truth(layout, true, progress)?.map(|c| {
        let (mut posterior, shares) = (c.item_label, layout.vote_shares());
        let k = layout.n_labels().max(1);
        for (row, shares) in posterior.chunks_exact_mut(k).zip(shares.chunks_exact(k)) {
            let sum: f64 = row.iter().sum();
            if sum > 0.0 {
                row.iter_mut().for_each(|p| *p /= sum);
            } else {
                row.copy_from_slice(shares);
            }
        }
        Outcome {
            posterior,
            skill: c.rater,
            iterations: c.iterations,
            converged: c.converged,
            objective: None,
        }
    }))
}

type Modelled = Result<Result<Outcome, Undefined>, Cancelled>;

fn a_coin(layout: &Layout, options: &AggregateOptions, progress: &Progress) -> Modelled {
    let own = OneCoinOptions { rule: options.rule.unwrap_or_default(), shared: false, gold: options.gold };
    Ok(one_coin(layout, own, progress)?.map(|m| Outcome {
        posterior: m.posterior,
        skill: m.accuracy,
        iterations: m.iterations,
        converged: m.converged,
        objective: Some(m.log_likelihood),
    }))
}

fn matrices(
    layout: &Layout,
    assignment: Assignment,
    options: &AggregateOptions,
    progress: &Progress,
) -> Modelled {
    let own = DawidSkeneOptions { rule: options.rule.unwrap_or_default(), assignment, gold: options.gold };
    Ok(dawid_skene_on(layout, own, progress)?.map(|m| Outcome {
        skill: of_active(layout, |rater| m.accuracy(rater)),
        posterior: m.posterior,
        iterations: m.iterations,
        converged: m.converged,
        objective: Some(m.log_likelihood),
    }))
}

fn bayes(layout: &Layout, options: &AggregateOptions, progress: &Progress) -> Modelled {
    let own =
        IbccOptions { rule: options.rule.unwrap_or_default(), gold: options.gold, ..IbccOptions::default() };
    Ok(ibcc(layout, own, progress)?.map(|m| Outcome {
        skill: of_active(layout, |rater| m.accuracy(rater)),
        posterior: m.posterior,
        iterations: m.iterations,
        converged: m.converged,
        objective: Some(m.lower_bound),
    }))
}

fn abilities(layout: &Layout, options: &AggregateOptions, progress: &Progress) -> Modelled {
    Ok(glad(layout, options.rule.unwrap_or_default(), options.gold, progress)?.map(|m| Outcome {
        posterior: m.posterior,
        skill: m.ability,
        iterations: m.iterations,
        converged: m.converged,
        objective: Some(m.objective),
    }))
}

fn spammers(
    layout: &Layout,
    update: MaceUpdate,
    options: &AggregateOptions,
    progress: &Progress,
) -> Modelled {
    let default = MaceOptions::default();
    let own = MaceOptions {
        update,
        rule: options.rule.unwrap_or(default.rule),
        restarts: options.restarts,
        seed: options.seed,
        gold: options.gold,
        ..default
    };
    Ok(mace(layout, &own, progress)?.map(|m| Outcome {
        posterior: m.posterior,
        skill: m.competence,
        iterations: m.iterations,
        // Restarts of a fixed number of iterations, as published.
        converged: m.converged || options.rule.is_none(),
        objective: Some(m.log_likelihood),
    }))
}

fn messages(
    layout: &Layout,
    options: &AggregateOptions,
    progress: &Progress,
) -> Result<Result<Aggregation, Undefined>, Cancelled> {
    let own = KosOptions { seed: options.seed, ..KosOptions::default() };
    Ok(kos(layout, &own, progress)?.map(|m| {
        // Labels have no probabilities; a score of 0 is a tie.
        let rows: Vec<f64> = m
            .score
            .iter()
            .flat_map(|&s| [f64::from(u8::from(s >= 0.0)), f64::from(u8::from(s <= 0.0))])
            .collect();
        Aggregation {
            which: Which::Kos,
            n_labels: 2,
            labels: MajorityVote::of_rows(layout, &rows),
            posterior: Vec::new(),
            skill: m.weight,
            iterations: m.iterations,
            converged: true,
            objective: None,
        }
    }))
}

fn of_active(layout: &Layout, skill: impl Fn(usize) -> Option<f64>) -> Vec<Option<f64>> {
    let raters = 0..layout.n_raters();
    raters.map(|w| if layout.answers(w).is_empty() { None } else { skill(w) }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::AGGREGATORS;
    use super::*;
    use crate::dataset::{AnnotationsBuilder, NO_LABEL};

    fn layout(rows: &[(u32, u32, u32)], n_items: usize, n_raters: usize, k: usize) -> Layout {
        let mut b = AnnotationsBuilder::new();
        rows.iter().for_each(|&(item, rater, label)| b.push(item, rater, label, None));
        Layout::new(&b.finish(n_items, n_raters), k)
    }

    fn run(layout: &Layout, which: Which) -> Result<Aggregation, Undefined> {
        let model = model(layout);
        let models: Vec<&Probabilities> = model.iter().collect();
        let options = AggregateOptions { restarts: 2, models: &models, ..AggregateOptions::default() };
        aggregate(layout, which, &options, &Progress::new()).unwrap()
    }

    /// One that leans to the first label, more on some items than on others.
    fn model(layout: &Layout) -> Option<Probabilities> {
        let (n, k) = (layout.n_items(), layout.n_labels());
        let row = |item: usize| {
            let first = 0.4 + 0.05 * (item % 3) as f64;
            (0..k).map(move |l| if l == 0 { first } else { (1.0 - first) / (k - 1).max(1) as f64 })
        };
        Probabilities::from_f64((0..n).flat_map(row).collect(), n, k).ok()
    }

    #[test]
    fn degenerate_inputs_have_their_reasons() {
        let silence = layout(&[], 3, 2, 2);
        let alone = layout(&[(0, 1, 0), (1, 1, 1)], 2, 3, 2);
        let three = layout(&[(0, 0, 2), (0, 1, 2)], 1, 2, 3);
        for a in &AGGREGATORS {
            assert_eq!(run(&silence, a.which), Err(Undefined::NoAnnotations), "{}", a.id);
            let expected = (a.needs != Needs::Votes).then_some(Undefined::FewerThanTwoRaters);
            assert_eq!(run(&alone, a.which).err(), expected, "{}", a.id);
            assert_eq!(run(&three, a.which).is_err(), a.which == Which::Kos, "{}", a.id);
        }
    }

    #[test]
    fn one_label_needs_no_model_of_errors() {
        let one = layout(&[(0, 0, 0), (0, 1, 0)], 1, 2, 1);
        for a in &AGGREGATORS {
            if let Ok(found) = run(&one, a.which) {
                assert_eq!((found.labels.label[0], found.confidence(0)), (0, Some(1.0)), "{}", a.id);
            }
        }
    }

    #[test]
    fn a_cancelled_run_stops() {
        let l = layout(&[(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)], 2, 2, 2);
        let progress = Progress::new();
        progress.cancel();
        let model = model(&l);
        let models: Vec<&Probabilities> = model.iter().collect();
        let options = AggregateOptions { models: &models, ..AggregateOptions::default() };
        for a in AGGREGATORS.iter().filter(|a| !matches!(a.which, Which::MajorityVote | Which::Wawa)) {
            let found = aggregate(&l, a.which, &options, &progress);
            assert_eq!(found, Err(Cancelled), "{}", a.id);
        }
    }

    #[test]
    fn gold_labels_are_believed() {
        // Everybody says 0, and gold says 1 on the first item.
        let rows: Vec<_> = (0..6).flat_map(|i| [(i, 0, i % 2), (i, 1, i % 2), (i, 2, 0)]).collect();
        let l = layout(&rows, 6, 3, 2);
        let gold = [1, NO_LABEL, NO_LABEL, NO_LABEL, NO_LABEL, NO_LABEL];
        let options = AggregateOptions { gold: Some(&gold), restarts: 1, ..AggregateOptions::default() };
        for which in [Which::OneCoin, Which::DawidSkene, Which::Ibcc, Which::Glad, Which::Mace] {
            let found = aggregate(&l, which, &options, &Progress::new()).unwrap().unwrap();
            assert_eq!(found.posterior_of(0), [0.0, 1.0], "{which:?}");
        }
    }

    #[test]
    fn threads_change_nothing() {
        let rows: Vec<_> =
            (0..30_000_u32).map(|i| (i % 9000, i % 7, (i.wrapping_mul(2_654_435_761) >> 16) % 2)).collect();
        let l = layout(&rows, 9000, 7, 2);
        let model = model(&l);
        let models: Vec<&Probabilities> = model.iter().collect();
        let on = |n, which| {
            let rule = StoppingRule { gain_per_annotation: 1e-7, max_iterations: 8 };
            let options = AggregateOptions {
                rule: Some(rule),
                restarts: 2,
                models: &models,
                ..AggregateOptions::default()
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| aggregate(&l, which, &options, &Progress::new())).unwrap().unwrap()
        };
        for a in &AGGREGATORS {
            assert_eq!(on(1, a.which), on(5, a.which), "{}", a.id);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn rows_are_distributions_and_labels_their_largest_entries(
            rows in prop::collection::vec((0..10_u32, 0..4_u32, 0..3_u32), 2..60),
        ) {
            let l = layout(&rows, 11, 5, 3);
            for a in &AGGREGATORS {
                let Ok(found) = run(&l, a.which) else { continue };
                prop_assert_eq!(found.labels.label.len(), 11);
                for item in 0..11 {
                    let row = found.posterior_of(item);
                    let voted = !l.votes(item).is_empty();
                    let sum: f64 = row.iter().sum();
                    prop_assert!(!voted || (sum - 1.0).abs() < 1e-9, "{} {row:?}", a.id);
                    prop_assert!(row.iter().all(|p| (0.0..=1.0 + 1e-9).contains(p)), "{} {row:?}", a.id);
                    prop_assert_eq!(found.labels.labels_of(item).is_empty(), !voted);
                    prop_assert_eq!(found.confidence(item).is_some(), voted);
                }
                for rater in 0..5 {
                    let skill = found.skill[rater];
                    prop_assert!(skill.is_none_or(f64::is_finite), "{}", a.id);
                    prop_assert!(skill.is_none() || !l.answers(rater).is_empty());
                }
            }
        }

        #[test]
        fn the_order_of_rows_changes_nothing(
            rows in prop::collection::vec((0..8_u32, 0..4_u32, 0..3_u32), 2..40),
            turn in 0..40_usize,
        ) {
            let mut turned = rows.clone();
            turned.rotate_left(turn % rows.len());
            let (x, y) = (layout(&rows, 8, 4, 3), layout(&turned, 8, 4, 3));
            for which in [Which::MajorityVote, Which::Wawa, Which::OneCoin, Which::Ibcc, Which::Mace] {
                let rule = StoppingRule::exactly(8);
                let options = AggregateOptions { rule: Some(rule), restarts: 1, ..AggregateOptions::default() };
                let run = |l| aggregate(l, which, &options, &Progress::new()).unwrap();
                if let (Ok(x), Ok(y)) = (run(&x), run(&y)) {
                    for (p, q) in x.posterior.iter().zip(&y.posterior) {
                        prop_assert!((p - q).abs() < 1e-9, "{which:?} {p} {q}");
                    }
                }
            }
        }
    }
}
