//! Numbers about all items from the few of the random audit: how good the given labels are, how good each judge is, how often each label is right,
//! what the mean rating is; with the help of what a machine says of every item.
//!
//! Only decisions on the audit's items enter, in the audit's random order up to the last that was reached: what somebody picked from a list of flags is
//! no random sample, and no help of a machine makes one of it. Each number is estimated three ways: from the audit alone, by prediction-powered inference
//! (Angelopoulos, Duchi & Zrnic 2023) and by a control variate (Zhou et al. 2025); and from the latter's correlation follows what more looks would be worth.

use std::sync::Arc;

use super::Analysis;
use super::judge_validation::judges_of;
use super::routing::Machine;
use super::validation;
use crate::dataset::{Dataset, Edits, LabelId, NO_LABEL, Outcome, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::t_975;
use crate::stats::control_variates::{ControlledMean, controlled_mean};
use crate::stats::prediction_powered::{PoweredMean, powered_mean};
use crate::stats::proportion::share;
use crate::stats::routing::settled;
use crate::stats::trusted_labels::{Trust, Trusted, posterior, trust};
use crate::stats::{Estimate, Statistic, Undefined};

/// Audited items below which a normal approximation is not to be believed.
pub const FEW: usize = 30;
/// Labels of which shares are estimated.
const MOST_LABELS: usize = 12;
/// Models beside which given labels are trusted or not.
const MOST_MODELS: usize = 8;
/// Points of a budget curve.
const STEPS: usize = 24;

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimatesAsked {
    /// The decisions.
    pub edits: Arc<Edits>,
    /// Items of the random audit, in its order.
    pub audit: Arc<[u32]>,
}

/// What is estimated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Share of given labels that are right.
    Given,
    /// Share of items on which a judge is right.
    Judge(String),
    /// Share of items of which this label is right.
    Share(LabelId),
    /// Mean on the scale.
    Mean,
}

/// One number, three ways.
#[derive(Debug, Clone)]
pub struct Estimated {
    /// What it is of.
    pub target: Target,
    /// From the audit alone: Wilson's interval of a share, Student's of a mean.
    pub plain: Statistic,
    /// With the machine, prediction-powered.
    pub powered: Result<PoweredMean, Undefined>,
    /// With the machine as a control variate.
    pub controlled: Result<ControlledMean, Undefined>,
    /// Audited items that count.
    pub n: usize,
    /// All items that count.
    pub n_all: usize,
    /// Half of the 95 % interval after so many looks: (looks, by the audit alone, with the machine).
    pub budget: Vec<(usize, f64, f64)>,
    /// Audited items on which y is 0 where it is a share, ascending.
    pub against: Arc<[u32]>,
}

/// How far a model and the given labels are to be trusted.
#[derive(Debug, Clone)]
pub struct ModelTrust {
    /// The model's name.
    pub model: String,
    /// What the audit says of it.
    pub trust: Result<Trust, Undefined>,
    /// Items for which model and given label together make another label the likeliest, the surest first.
    pub otherwise: Arc<[u32]>,
}

/// All numbers.
#[derive(Debug, Clone)]
pub struct EstimatesReport {
    /// What was asked for.
    pub asked: EstimatesAsked,
    /// What helps: the model, or who stands for one, in words.
    pub helper: String,
    /// One a target.
    pub estimates: Vec<Estimated>,
    /// Audited items.
    pub audited: Arc<[u32]>,
    /// Audited items without a single right label, left out of all but the given labels' accuracy.
    pub n_open: usize,
    /// Decided items that were reached another way, which do not enter.
    pub n_elsewhere: usize,
    /// How far given labels are to be trusted beside each model with probabilities.
    pub trust: Vec<ModelTrust>,
}

/// The audit's items that count, or why none do.
fn audited(asked: &EstimatesAsked) -> Result<Vec<u32>, Undefined> {
    let decided = |item: u32| {
        let edit = asked.edits.get(item as usize)?;
        (edit.outcome != Outcome::Unsure).then_some(())
    };
    let because = |why: &str| Err(Undefined::Because(why.to_owned()));
    match validation::audited(&asked.edits, &asked.audit, decided) {
        None => because(validation::SKIPPED_TOO_MANY),
        Some(found) if found.len() < 2 => because(
            "two items of the random audit must be decided; items that were picked from a list are no random sample",
        ),
        Some(found) => Ok(found.into_iter().map(|(item, ())| item).collect()),
    }
}

/// The label that was found right, where it is one.
fn truth(edits: &Edits, item: u32) -> Option<LabelId> {
    match edits.get(item as usize)?.outcome {
        Outcome::Kept(l) | Outcome::Changed(l) => (l != NO_LABEL).then_some(l),
        _ => None,
    }
}

/// Estimates everything that the audit speaks of.
///
/// Undefined for multi-label data, with fewer than two audited items, and where too many were skipped.
///
/// # Errors
/// If it was cancelled.
pub fn audit_estimates(
    dataset: &Dataset,
    analysis: &Analysis,
    asked: &EstimatesAsked,
    progress: &Progress,
) -> Result<Result<EstimatesReport, Undefined>, Cancelled> {
    if dataset.sets.is_some() {
        return Ok(Err(Undefined::Because("items have several labels".to_owned())));
    }
    let audited = match audited(asked) {
        Ok(audited) => audited,
        Err(why) => return Ok(Err(why)),
    };
    let edits = &asked.edits;
    let n = dataset.n_items();
    let original = |item: u32| analysis.given.original.get(item as usize).copied().filter(|&l| l != NO_LABEL);
    let suggested =
        |item: u32| analysis.items.suggested.get(item as usize).copied().filter(|&l| l != NO_LABEL);
    let model = dataset.probabilities.as_ref().filter(|p| p.cols() == dataset.labels.len());
    let mut row = vec![0.0; dataset.labels.len()];
    let is_audited: std::collections::HashSet<u32> = audited.iter().copied().collect();
    let values = (dataset.labels.scale != Scale::Nominal && dataset.labels.len() > 2)
        .then(|| dataset.labels.values())
        .flatten();
    let mut estimates = Vec::new();
    let single: Vec<u32> = audited.iter().copied().filter(|&i| truth(edits, i).is_some()).collect();

    // Whether a given label is right, with whether the model or the raters would have given another.
    if analysis.given.original.iter().any(|&l| l != NO_LABEL) {
        let f = |item: u32| {
            let given = original(item)?;
            Some(f64::from(u8::from(suggested(item).is_none_or(|s| s == given))))
        };
        let y =
            |item: u32| original(item).map(|given| f64::from(u8::from(truth(edits, item) == Some(given))));
        estimates.push(estimate(Target::Given, n, &audited, &is_audited, &y, &f));
    }
    progress.check()?;
    // A judge is right where the label it should have given is the one that stands there already.
    for judge in judges_of(dataset, None, progress)? {
        let own = |item: u32| judge.labels.get(item as usize).copied().filter(|&l| l != NO_LABEL);
        let f = |item: u32| {
            let stands = original(item)?;
            Some(f64::from(u8::from(own(item)? == stands)))
        };
        let y = |item: u32| Some(f64::from(u8::from(own(item)? == truth(edits, item)?)));
        estimates.push(estimate(Target::Judge(judge.name.clone()), n, &single, &is_audited, &y, &f));
    }
    if dataset.labels.len() <= MOST_LABELS {
        for label in 0..dataset.labels.len() as LabelId {
            progress.check()?;
            let mut column = Vec::new();
            if let Some(model) = model {
                for item in 0..n.min(model.rows()) {
                    model.read(item, &mut row);
                    column.push(row.get(label as usize).copied().unwrap_or(0.0));
                }
            }
            let f = |item: u32| match model {
                Some(_) => column.get(item as usize).copied(),
                None => original(item).map(|l| f64::from(u8::from(l == label))),
            };
            let y = |item: u32| truth(edits, item).map(|l| f64::from(u8::from(l == label)));
            estimates.push(estimate(Target::Share(label), n, &single, &is_audited, &y, &f));
        }
    }
    if let Some(values) = values {
        let mut means = Vec::new();
        if let Some(model) = model {
            for item in 0..n.min(model.rows()) {
                model.read(item, &mut row);
                let sum: f64 = row.iter().sum();
                means.push(row.iter().zip(&values).map(|(p, v)| p * v).sum::<f64>() / sum.max(1e-12));
            }
        }
        let f = |item: u32| match model {
            Some(_) => means.get(item as usize).copied(),
            None => values.get(original(item)? as usize).copied(),
        };
        let y = |item: u32| values.get(truth(edits, item)? as usize).copied();
        estimates.push(estimate(Target::Mean, n, &single, &is_audited, &y, &f));
    }
    let helper = match model {
        Some(model) if model.name.is_empty() => "the model".to_owned(),
        Some(model) => model.name.clone(),
        None => "the labels that stand there".to_owned(),
    };
    let mut trust = Vec::new();
    for machine in Machine::systems(dataset).into_iter().take(MOST_MODELS) {
        trust.extend(trust_of(dataset, &analysis.given.original, edits, &single, machine, progress)?);
    }
    let n_elsewhere = edits.iter().filter(|(item, _)| !is_audited.contains(&(*item as u32))).count();
    let n_open = audited.len() - single.len();
    Ok(Ok(EstimatesReport {
        asked: asked.clone(),
        helper,
        estimates,
        audited: audited.into(),
        n_open,
        n_elsewhere,
        trust,
    }))
}

/// Given labels and one model, by audited items.
fn trust_of(
    dataset: &Dataset,
    given: &[LabelId],
    edits: &Edits,
    single: &[u32],
    machine: Machine,
    progress: &Progress,
) -> Result<Option<ModelTrust>, Cancelled> {
    let Some(model) = machine.model(dataset) else { return Ok(None) };
    let k = dataset.labels.len();
    let given_of = |item: usize| given.get(item).map(|&l| l as usize).filter(|&l| l < k);
    let trusted: Vec<Trusted> = single
        .iter()
        .filter(|&&item| (item as usize) < model.rows())
        .filter_map(|&item| {
            let truth = truth(edits, item)? as usize;
            let given = given_of(item as usize)?;
            (truth < k).then(|| Trusted { truth, given, model: model.row(item as usize) })
        })
        .collect();
    let trust = trust(&trusted, k);
    let mut otherwise: Vec<(f64, u32)> = Vec::new();
    if let Ok(trust) = &trust {
        let mut row = vec![0.0; k];
        for item in 0..dataset.n_items().min(model.rows()) {
            if item % 4096 == 0 {
                progress.check()?;
            }
            let Some(given) = given_of(item) else { continue };
            model.read(item, &mut row);
            let p = posterior(&row, &trust.called, given);
            let best = p.iter().copied().fold(0.0, f64::max);
            if best > p[given] {
                otherwise.push((settled(best - p[given]), item as u32));
            }
        }
    }
    otherwise.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let otherwise = otherwise.into_iter().map(|o| o.1).collect();
    Ok(Some(ModelTrust { model: machine.name(dataset), trust, otherwise }))
}

/// y of the audited and f of all, three ways.
fn estimate(
    target: Target,
    n_items: usize,
    audited: &[u32],
    is_audited: &std::collections::HashSet<u32>,
    y: &dyn Fn(u32) -> Option<f64>,
    f: &dyn Fn(u32) -> Option<f64>,
) -> Estimated {
    let judged: Vec<(f64, f64)> = audited.iter().filter_map(|&item| Some((y(item)?, f(item)?))).collect();
    let plain_values: Vec<f64> = audited.iter().filter_map(|&item| y(item)).collect();
    let is_share = target != Target::Mean;
    let plain = if is_share {
        let hits = plain_values.iter().filter(|&&v| v > 0.5).count();
        share(hits, plain_values.len(), "no audited item has both")
    } else {
        mean_of(&plain_values)
    };
    let rest = || (0..n_items as u32).filter(|item| !is_audited.contains(item)).filter_map(f);
    let powered = powered_mean(&judged, rest());
    let (sum, n_rest) = rest().fold((0.0, 0_usize), |(sum, n), v| (sum + v, n + 1));
    let n_all = n_rest + judged.len();
    let mean_of_all = (sum + judged.iter().map(|j| j.1).sum::<f64>()) / (n_all.max(1)) as f64;
    let controlled = controlled_mean(&judged, mean_of_all, n_all);
    let against: Vec<u32> = if is_share {
        let mut items: Vec<u32> =
            audited.iter().copied().filter(|&i| y(i).is_some_and(|v| v < 0.5)).collect();
        items.sort_unstable();
        items
    } else {
        Vec::new()
    };
    let budget = controlled.as_ref().map_or_else(|_| Vec::new(), |c| budget(&judged, c, n_all));
    Estimated { target, plain, powered, controlled, n: judged.len(), n_all, budget, against: against.into() }
}

fn mean_of(values: &[f64]) -> Statistic {
    let n = values.len();
    if n < 2 {
        return Undefined::Because("two audited items are needed".to_owned()).into();
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
    let se = (variance / n as f64).sqrt();
    let half = t_975(n - 1) * se;
    Statistic::Defined(Estimate {
        se: Some(se),
        ci: Some((mean - half, mean + half)),
        ..Estimate::new(mean, n, 0)
    })
}

/// Half of the interval after more looks, if spread and correlation stay what they are.
fn budget(judged: &[(f64, f64)], c: &ControlledMean, n_all: usize) -> Vec<(usize, f64, f64)> {
    let n = judged.len();
    let sd = {
        let mean = c.plain;
        (judged.iter().map(|j| (j.0 - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt()
    };
    let least = n.clamp(2, 10);
    if n_all <= least || sd <= 0.0 {
        return Vec::new();
    }
    // As far again on a logarithmic scale, at most ten times the present looks.
    let most = n_all.min((n * 10).max(200));
    let ratio = (most as f64 / least as f64).ln() / STEPS as f64;
    let mut curve: Vec<(usize, f64, f64)> = (0..=STEPS)
        .map(|step| {
            let looks = (least as f64 * (ratio * step as f64).exp()).round() as usize;
            let plain = crate::stats::estimate::Z_975 * sd / (looks as f64).sqrt();
            let saving = c.saving_at_best * (1.0 - looks as f64 / n_all as f64).max(0.0);
            (looks, plain, plain * (1.0 - saving).max(0.0).sqrt())
        })
        .collect();
    curve.dedup_by_key(|point| point.0);
    curve
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Settings, run};
    use crate::dataset::{Edit, LabelColumn, LabelSet, Probabilities, Reached};

    /// Of 400 items every tenth is called yes and is none; the model sees that, but for every thirtieth.
    fn dataset() -> Dataset {
        let given: Vec<u32> = (0..400).map(|i| u32::from(i % 2 == 1 || i % 10 == 0)).collect();
        let values = (0..400)
            .flat_map(|i| if (i % 2 == 1) == (i % 30 == 7) { [0.9, 0.1] } else { [0.1, 0.9] })
            .collect();
        Dataset {
            labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], []),
            keys: (0..400).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            given: Some(LabelColumn { name: "label".into(), ids: given }),
            probabilities: Some(Probabilities::from_f64(values, 400, 2).unwrap()),
            ..Dataset::default()
        }
    }

    fn report(n: usize, reached: Reached) -> Result<EstimatesReport, Undefined> {
        let data = dataset();
        let audit: Arc<[u32]> = (0..400).map(|i| i * 7 % 400).collect();
        let mut edits = Edits::new();
        for (order, &item) in audit.iter().take(n).enumerate() {
            let (given, truth) = (u32::from(item % 2 == 1 || item % 10 == 0), u32::from(item % 2 == 1));
            let outcome = if given == truth { Outcome::Kept(truth) } else { Outcome::Changed(truth) };
            edits.set(item as usize, Edit { reached, order: order as u64, ..Edit::new(outcome, "r") });
        }
        let analysis = run(&data, &edits, &Settings::default(), None, &Progress::new()).unwrap();
        let asked = EstimatesAsked { edits: Arc::new(edits), audit };
        audit_estimates(&data, &analysis, &asked, &Progress::new()).unwrap()
    }

    #[test]
    fn the_machine_narrows_the_interval_round_the_truth() {
        let r = report(60, Reached::Audit).unwrap();
        assert_eq!((r.audited.len(), r.n_open, r.n_elsewhere), (60, 0, 0));
        let given = &r.estimates[0];
        assert_eq!(given.target, Target::Given);
        let (powered, controlled) = (given.powered.as_ref().unwrap(), given.controlled.as_ref().unwrap());
        let plain = given.plain.estimate().unwrap().ci.unwrap();
        // Nine of ten given labels are right.
        assert!(powered.ci.0 < 0.9 && 0.9 < powered.ci.1, "{powered:?}");
        assert!(
            powered.ci.1 - powered.ci.0 < plain.1 - plain.0
                && (powered.value - controlled.value).abs() < 0.02
        );
        assert!(powered.effective_n.unwrap() > 100.0 && controlled.saving > 0.4);
        // The model is right but for every thirtieth.
        let judge = r.estimates.iter().find(|e| matches!(e.target, Target::Judge(_))).unwrap();
        let p = judge.powered.as_ref().unwrap();
        assert!(p.ci.0 < 29.0 / 30.0 && 29.0 / 30.0 < p.ci.1, "{p:?}");
        let yes = r.estimates.iter().find(|e| e.target == Target::Share(1)).unwrap();
        assert!((yes.powered.as_ref().unwrap().value - 0.5).abs() < 0.05);
        // The model is the surer of the two, and takes most of the weight; what it says of every tenth is believed.
        let trust = r.trust[0].trust.as_ref().unwrap();
        assert!(trust.gate > 0.3 && trust.gate < 1.0 && trust.loss < trust.loss_of_model, "{trust:?}");
        assert!(!r.trust[0].otherwise.is_empty());
        // More looks are worth less each.
        assert!(given.budget.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 > w[1].1 && w[0].2 <= w[0].1));
        assert!(given.against.iter().all(|i| i % 10 == 0));
    }

    #[test]
    fn what_was_picked_from_a_list_does_not_enter() {
        let why = report(60, Reached::Flag).unwrap_err().to_string();
        assert!(why.contains("no random sample"), "{why}");
        assert!(report(1, Reached::Audit).is_err());
    }
}
