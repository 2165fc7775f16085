//! CROWDLAB (Goh, Tkachenko & Mueller 2022): consensus of raters and models together.
//!
//! The posterior of item i is a weighted mean of the models' probabilities and of one vote for each annotation,
//!
//! p_i(k) = (Σ_M w_M P_M(k) + Σ_j w_j v_ij(k))/(Σ_M w_M + Σ_j w_j), v_ij(k) = L₊ where j said k, else L₋,
//!
//! over the item's annotations. With a consensus c, on items with two annotations or more: L₊ = mean share of annotations
//! equal to c, L₋ = (1 − L₊)/(K − 1); e₀ = error of always saying the most frequent consensus, at least 1e-6;
//! w_j = 1 − (1 − a_j)/e₀, a_j how often j's annotations equal others' on the same item; w_M = (1 − error of M/e₀) √(mean
//! annotations an item); both at least 1e-6.
//!
//! The consensus is first the majority vote, then the most probable label of that posterior, and everything is computed
//! once more with it; where labels tie for that, the majority stays. e₀ speaks of items with two annotations too. Votes that tie go to the label that models find more probable, then to the rarer one, then to the
//! one whose raters agree more with majorities, then to the lowest (where the reference draws lots).

use super::Layout;
use crate::dataset::{LabelId, NO_LABEL, Probabilities};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;

/// Smallest weight, and smallest error of the most frequent label.
const LEAST: f64 = 1e-6;

/// What raters and models say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowdlab {
    /// Majority vote with its ties broken; [`NO_LABEL`] without a vote.
    pub majority: Vec<LabelId>,
    /// Consensus; [`NO_LABEL`] without a vote.
    pub consensus: Vec<LabelId>,
    /// Posterior, items × labels, row-major; zeros without a vote.
    pub posterior: Vec<f64>,
    /// Share of an item's annotations that are the consensus, in 0..=1; `None` without a vote.
    pub agreement: Vec<Option<f64>>,
    /// Quality of each rater, in 0..=1: mean posterior of what they said, mixed with agreement with the consensus; `None`
    /// for one who shares no item.
    pub rater_quality: Vec<Option<f64>>,
    /// Share of each rater's annotations that are the consensus, on shared items; `None` for one who shares none.
    pub rater_agreement: Vec<Option<f64>>,
    /// The same on all items, an item's only annotation included, which mostly is its consensus; `None` without annotations.
    pub rater_agreement_all: Vec<Option<f64>>,
    /// The label of which each rater is wrong most often against the consensus; `None` without annotations.
    pub worst_label: Vec<Option<LabelId>>,
    /// w_j; `None` without annotations.
    pub rater_weight: Vec<Option<f64>>,
    /// w_M, one a model.
    pub model_weight: Vec<f64>,
    /// Number of labels.
    pub n_labels: usize,
}

impl Crowdlab {
    /// Posterior of the consensus of `item`; `None` without a vote.
    pub fn quality(&self, item: usize) -> Option<f64> {
        self.label_quality(item, *self.consensus.get(item)?)
    }

    /// Posterior of any label of `item`, such as what one rater said; `None` without a vote.
    pub fn label_quality(&self, item: usize, label: LabelId) -> Option<f64> {
        if (label as usize) >= self.n_labels || *self.consensus.get(item)? == NO_LABEL {
            return None;
        }
        self.posterior.get(item * self.n_labels + label as usize).copied()
    }
}

/// Joins raters and models. Every annotation is one vote, repeats by one rater included.
///
/// Undefined without annotations or models, with fewer than two raters or labels, where no item has two annotations, and
/// for models of other items or labels.
pub fn crowdlab(
    layout: &Layout,
    models: &[&Probabilities],
    progress: &Progress,
) -> Result<Result<Crowdlab, Undefined>, Cancelled> {
    let (n, k) = (layout.n_items(), layout.n_labels());
    let checked = layout.check().and_then(|()| check_models(layout, models)).and_then(|()| {
        if (0..n).all(|i| layout.votes(i).len() < 2) { Err(Undefined::NoPairableItem) } else { Ok(()) }
    });
    if let Err(reason) = checked {
        return Ok(Err(reason));
    }
    progress.stage("CROWDLAB", 4);
    let join = Join::new(layout, read_all(layout, models));
    progress.add(1);
    progress.check()?;
    let majority = join.majority();
    progress.add(1);
    progress.check()?;
    let (_, first) = join.posterior(&majority);
    let consensus: Vec<LabelId> = (0..n)
        .map(|item| {
            let row = &first[item * k..(item + 1) * k];
            let most = row.iter().copied().fold(0.0, f64::max);
            match majority[item] {
                NO_LABEL => NO_LABEL,
                // Of labels that tie, the majority is kept, even where it is none of them.
                label if row.iter().filter(|&&p| p == most).count() > 1 => label,
                _ => super::em::best(row),
            }
        })
        .collect();
    progress.add(1);
    progress.check()?;
    let (weights, posterior) = join.posterior(&consensus);
    let raters = join.raters(&consensus, &weights, &posterior);
    let agreement = (0..n).map(|item| join.share(item, consensus[item])).collect();
    progress.add(1);
    Ok(Ok(Crowdlab {
        majority,
        consensus,
        posterior,
        agreement,
        rater_quality: raters.iter().map(|r| r.quality).collect(),
        rater_agreement: raters.iter().map(|r| r.agreement).collect(),
        rater_agreement_all: raters.iter().map(|r| r.agreement_all).collect(),
        worst_label: raters.iter().map(|r| r.worst).collect(),
        rater_weight: weights.raters,
        model_weight: weights.models,
        n_labels: k,
    }))
}

/// Whether there are models, of these items and of at least two labels.
pub(super) fn check_models(layout: &Layout, models: &[&Probabilities]) -> Result<(), Undefined> {
    let (n, k) = (layout.n_items(), layout.n_labels());
    if models.is_empty() {
        Err(Undefined::NoProbabilities)
    } else if models.iter().any(|m| m.rows() != n || m.cols() != k) {
        Err(Undefined::Because("probabilities are of other items or labels".to_owned()))
    } else if k < 2 {
        Err(Undefined::Because("there is only one label, so nobody could be wrong".to_owned()))
    } else {
        Ok(())
    }
}

/// Each model's probabilities, items × labels.
pub(super) fn read_all(layout: &Layout, models: &[&Probabilities]) -> Vec<Vec<f64>> {
    let read = |m: &&Probabilities| {
        let mut all = vec![0.0; layout.n_items() * layout.n_labels()];
        m.read(0, &mut all);
        all
    };
    models.iter().map(read).collect()
}

/// How often a rater's annotations equal others' on the same item; those without a shared item have the mean of the rest.
fn agreement_between(layout: &Layout) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); layout.n_raters()];
    let mut counts = vec![0_u32; layout.n_labels()];
    for item in 0..layout.n_items() {
        let votes = layout.votes(item);
        votes.iter().for_each(|v| counts[v.label as usize] += 1);
        for v in votes {
            let own = &mut sums[v.rater as usize];
            own.0 += f64::from(counts[v.label as usize] - 1);
            own.1 += (votes.len() - 1) as f64;
        }
        votes.iter().for_each(|v| counts[v.label as usize] = 0);
    }
    let shares: Vec<Option<f64>> = sums.iter().map(|&(same, all)| (all > 0.0).then(|| same / all)).collect();
    filled(&shares)
}

/// Gaps have the mean of the rest.
fn filled(shares: &[Option<f64>]) -> Vec<f64> {
    let known = || shares.iter().copied().flatten();
    let mean = known().sum::<f64>() / known().count().max(1) as f64;
    shares.iter().map(|s| s.unwrap_or(mean)).collect()
}

pub(super) struct Join<'a> {
    layout: &'a Layout,
    /// Each model's probabilities, items × labels.
    rows: Vec<Vec<f64>>,
    /// a_j.
    between: Vec<f64>,
}

struct Weights {
    models: Vec<f64>,
    raters: Vec<Option<f64>>,
}

#[derive(Default)]
struct OfRater {
    quality: Option<f64>,
    agreement: Option<f64>,
    agreement_all: Option<f64>,
    worst: Option<LabelId>,
}

impl<'a> Join<'a> {
    /// `rows` are each model's probabilities, items × labels.
    pub(super) fn new(layout: &'a Layout, rows: Vec<Vec<f64>>) -> Self {
        Self { layout, rows, between: agreement_between(layout) }
    }

    fn share(&self, item: usize, label: LabelId) -> Option<f64> {
        let votes = self.layout.votes(item);
        let same = votes.iter().filter(|v| v.label == label).count();
        (!votes.is_empty()).then(|| same as f64 / votes.len() as f64)
    }

    /// Majority vote, ties broken.
    pub(super) fn majority(&self) -> Vec<LabelId> {
        let (n, k) = (self.layout.n_items(), self.layout.n_labels());
        let mut totals = vec![0_u64; k];
        let mut counts = vec![0_u32; k];
        let mut labels = vec![NO_LABEL; n];
        let mut tied = Vec::new();
        for item in 0..n {
            self.layout.votes(item).iter().for_each(|v| totals[v.label as usize] += 1);
        }
        for item in 0..n {
            let votes = self.layout.votes(item);
            if votes.is_empty() {
                continue;
            }
            counts.fill(0);
            votes.iter().for_each(|v| counts[v.label as usize] += 1);
            let mut best = largest((0..k as u32).collect(), |l| f64::from(counts[l as usize]));
            best = largest(best, |l| self.rows.iter().map(|r| r[item * k + l as usize]).sum());
            best = largest(best, |l| -(totals[l as usize] as f64));
            match best[..] {
                [label] => labels[item] = label,
                _ => tied.push((item, best)),
            }
        }
        if tied.is_empty() {
            return labels;
        }
        let shares: Vec<Option<f64>> = (0..self.layout.n_raters())
            .map(|rater| {
                let own = self.layout.answers(rater).iter().filter(|a| labels[a.item as usize] != NO_LABEL);
                let (same, all) = own.fold((0, 0), |(same, all), a| {
                    (same + usize::from(labels[a.item as usize] == a.label), all + 1)
                });
                (all > 0).then(|| f64::from(same as u32) / f64::from(all))
            })
            .collect();
        let shares = filled(&shares);
        for (item, best) in tied {
            let votes = self.layout.votes(item);
            let mean = |l: LabelId| {
                let own = || votes.iter().filter(|v| v.label == l).map(|v| shares[v.rater as usize]);
                own().sum::<f64>() / own().count().max(1) as f64
            };
            labels[item] = largest(best, mean)[0];
        }
        labels
    }

    /// Weights and posterior with a consensus.
    fn posterior(&self, consensus: &[LabelId]) -> (Weights, Vec<f64>) {
        let (n, k) = (self.layout.n_items(), self.layout.n_labels());
        let multi: Vec<usize> = (0..n).filter(|&i| self.layout.votes(i).len() > 1).collect();
        let n_multi = multi.len() as f64;
        let right = multi.iter().filter_map(|&i| self.share(i, consensus[i])).sum::<f64>() / n_multi;
        let wrong = (1.0 - right) / (k - 1) as f64;
        let mut counts = vec![0_usize; k];
        multi.iter().for_each(|&i| counts[consensus[i] as usize] += 1);
        let frequent = (0..k).rev().max_by_key(|&l| counts[l]).unwrap_or(0) as LabelId;
        let differs = multi.iter().filter(|&&i| consensus[i] != frequent).count();
        let baseline = (differs as f64 / n_multi).max(LEAST);
        let mean_votes = self.layout.len() as f64 / self.layout.n_voted() as f64;
        let model = |row: &Vec<f64>| {
            let wrong =
                multi.iter().filter(|&&i| super::em::best(&row[i * k..(i + 1) * k]) != consensus[i]).count();
            (1.0 - wrong as f64 / n_multi / baseline).max(LEAST) * mean_votes.sqrt()
        };
        let models: Vec<f64> = self.rows.iter().map(model).collect();
        let raters: Vec<f64> = self.between.iter().map(|a| (1.0 - (1.0 - a) / baseline).max(LEAST)).collect();
        let of_models: f64 = models.iter().sum();
        let mut posterior = vec![0.0; n * k];
        for (item, row) in posterior.chunks_exact_mut(k).enumerate() {
            let votes = self.layout.votes(item);
            if votes.is_empty() {
                continue;
            }
            for (weight, rows) in models.iter().zip(&self.rows) {
                row.iter_mut().zip(&rows[item * k..]).for_each(|(r, p)| *r += weight * p);
            }
            let mut all = of_models;
            for vote in votes {
                let weight = raters[vote.rater as usize];
                for (label, r) in row.iter_mut().enumerate() {
                    *r += weight * if label == vote.label as usize { right } else { wrong };
                }
                all += weight;
            }
            row.iter_mut().for_each(|r| *r /= all);
        }
        let active = |w: usize| !self.layout.answers(w).is_empty();
        let raters = raters.into_iter().enumerate().map(|(w, weight)| active(w).then_some(weight)).collect();
        (Weights { models, raters }, posterior)
    }

    fn raters(&self, consensus: &[LabelId], weights: &Weights, posterior: &[f64]) -> Vec<OfRater> {
        let k = self.layout.n_labels();
        let mean_votes = self.layout.len() as f64 / self.layout.n_voted() as f64;
        // Of one model, however many there are, as in the reference.
        let of_models = weights.models.iter().sum::<f64>() / weights.models.len() as f64;
        let of_raters: f64 = weights.raters.iter().flatten().sum();
        let models_share = of_models / (of_models + of_raters * mean_votes / self.layout.n_active() as f64);
        (0..self.layout.n_raters())
            .map(|rater| {
                let own = self.layout.answers(rater);
                let shared: Vec<_> =
                    own.iter().filter(|a| self.layout.votes(a.item as usize).len() > 1).collect();
                let quality = |a: &super::Answer| posterior[a.item as usize * k + a.label as usize];
                let n = shared.len() as f64;
                let agreement = (n > 0.0).then(|| {
                    shared.iter().filter(|a| consensus[a.item as usize] == a.label).count() as f64 / n
                });
                let right = own.iter().filter(|a| consensus[a.item as usize] == a.label).count();
                let mean = own.iter().map(quality).sum::<f64>() / own.len().max(1) as f64;
                OfRater {
                    quality: agreement
                        .map(|agreement| models_share * mean + (1.0 - models_share) * agreement),
                    agreement,
                    agreement_all: (!own.is_empty()).then(|| right as f64 / own.len() as f64),
                    worst: self.worst(rater, consensus, posterior),
                }
            })
            .collect()
    }

    /// Lowest accuracy, then most annotations, then highest mean quality of the consensus, then the lowest label.
    fn worst(&self, rater: usize, consensus: &[LabelId], posterior: &[f64]) -> Option<LabelId> {
        let k = self.layout.n_labels();
        let mut own: Vec<&super::Answer> = self.layout.answers(rater).iter().collect();
        own.sort_by_key(|a| a.label);
        let labels = own.chunk_by(|a, b| a.label == b.label).map(|run| {
            let n = run.len() as f64;
            let same = run.iter().filter(|a| consensus[a.item as usize] == a.label).count() as f64;
            let quality = run.iter().map(|a| {
                let item = a.item as usize;
                posterior[item * k + consensus[item] as usize]
            });
            (run[0].label, -same / n, n, quality.sum::<f64>() / n)
        });
        let mut best: Option<(LabelId, f64, f64, f64)> = None;
        for next in labels {
            let above = |b: &(LabelId, f64, f64, f64)| (next.1, next.2, next.3) > (b.1, b.2, b.3);
            if best.as_ref().is_none_or(above) {
                best = Some(next);
            }
        }
        best.map(|b| b.0)
    }
}

/// Those with the largest value, in order.
fn largest(labels: Vec<LabelId>, value: impl Fn(LabelId) -> f64) -> Vec<LabelId> {
    if labels.len() < 2 {
        return labels;
    }
    let most = labels.iter().map(|&l| value(l)).fold(f64::NEG_INFINITY, f64::max);
    labels.into_iter().filter(|&l| value(l) == most).collect()
}
