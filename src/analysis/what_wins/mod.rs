//! What wins: which properties of two sides go with being preferred, by whose taste?
//!
//! Properties are counted in the two texts, or are columns of numbers that come in twos (`length_a`, `length_b`). Raters' votes only: no
//! decision changes them.

pub(super) mod properties;

use std::sync::Arc;

use self::properties::{Listed, Properties, Sides, listed, option_column, properties, sides_of};
use super::Settings;
use super::judge_validation::judges_of;
use super::preferences::Said;
use crate::dataset::{Dataset, LabelId, NO_LABEL, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::preference::{Outcome, bradley_terry};
use crate::stats::preference_factors::concordance::order_agreement;
use crate::stats::preference_factors::factor_wins::{PRIOR, factor_wins, with_prior};
use crate::stats::preference_factors::{
    Comparison, Concordance, Personal, Weight, Weights, concordance, pairwise, personal,
};

/// How strongly a rater's own weights are drawn to those of all.
const PULL: f64 = 1.0;
/// Most comparisons for which weights are fitted.
const MOST_FITTED: usize = 1_000_000;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatWinsAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// Seed of the folds.
    pub seed: u64,
}

/// A property against the choices.
#[derive(Debug, Clone)]
pub struct PropertyRow {
    /// What it is called.
    pub name: String,
    /// Its weight; `None` where both sides always have as much of it, or no weights could be fitted.
    pub weight: Option<Weight>,
    /// How often the winner has more of it.
    pub all: Concordance,
    /// The same of people and of models, where there are both.
    pub sides: Option<(Concordance, Concordance)>,
    /// Items whose loser has more of it, the widest gap first.
    pub against: Arc<[u32]>,
}

/// A factor against the others.
#[derive(Debug, Clone)]
pub struct FactorRow {
    /// What it is called.
    pub name: String,
    /// Its worth by Bradley & Terry; those of all sum to 1.
    pub worth: f64,
    /// How often it won over, and lost to, a factor of the other side.
    pub won_lost: (f64, f64),
    /// Items in which a side with it lost to one without, ascending.
    pub lost: Arc<[u32]>,
}

/// Factors that are listed of each side.
#[derive(Debug, Clone)]
pub struct Factors {
    /// What the columns that list them are called.
    pub stem: String,
    /// The factors, that of most worth first.
    pub rows: Vec<FactorRow>,
    /// Wins added in every cell where some factor never lost, or never won.
    pub prior: Option<f64>,
}

/// What is rewarded.
#[derive(Debug, Clone)]
pub struct WhatWins {
    /// What was asked for.
    pub asked: WhatWinsAsked,
    /// What the two sides are called.
    pub sides: (String, String),
    /// Properties, the largest weight first.
    pub rows: Vec<PropertyRow>,
    /// The control for length, by its name.
    pub control: Option<String>,
    /// All weights, by the number of a property as they were read.
    pub weights: Result<Weights, Undefined>,
    /// Votes for one of the two sides.
    pub n: usize,
    /// Votes for neither.
    pub n_ties: usize,
    /// Votes that say nothing about the two sides.
    pub n_passed_over: usize,
    /// Comparisons of items of which a property is not known.
    pub n_incomplete: usize,
    /// Choices of people and of models, where there are both.
    pub n_of: Option<(usize, usize)>,
    /// Whether people and models order the properties alike: Kendall's τ_b.
    pub order: Result<f64, Undefined>,
    /// Raters with weights of their own.
    pub personal: Result<Personal, Undefined>,
    /// Names of properties by number, as in [`Personal::raters`].
    pub names: Vec<String>,
    /// Properties that were left out, and why.
    pub left_out: Vec<(String, String)>,
    /// Factors by how often they win over one another; `None` where no two columns list any.
    pub factors: Option<Result<Factors, Undefined>>,
}

/// Whether the items of `dataset` compare two sides.
pub fn compares_sides(dataset: &Dataset) -> bool {
    sides_of(dataset).is_some()
}

impl WhatWins {
    /// The lean to one side, in words.
    pub fn lean(&self) -> String {
        let Ok(weights) = &self.weights else { return "Not known".to_owned() };
        let percent = |p: f64| format!("{:.1} %", 100.0 * p);
        let chance = |b: f64| percent(1.0 / (1.0 + (-b).exp()));
        let (beta, (low, high)) = weights.side;
        let (told, subject) = if low > 0.0 {
            (format!("A lean to the first side, {}", self.sides.0), "it")
        } else if high < 0.0 {
            (format!("A lean to the second side, {}", self.sides.1), "it")
        } else {
            ("No lean to a side that could be told from chance".to_owned(), "the first")
        };
        // Told of the side that is leaned to.
        let (share, beta, low, high) = if high < 0.0 {
            (1.0 - weights.first, -beta, -high, -low)
        } else {
            (weights.first, beta, low, high)
        };
        format!(
            "{told}: {subject} wins {} of comparisons, and would win {} ({} to {}) of those between equals.",
            percent(share),
            chance(beta),
            chance(low),
            chance(high),
        )
    }

    /// Whether raters reward different things, in words.
    pub fn taste(&self) -> String {
        match &self.personal {
            Err(reason) => format!("Not known: {reason}."),
            Ok(p) => {
                let gain = p.own - p.shared;
                let told = if gain >= 0.01 {
                    "Raters reward different things"
                } else {
                    "Weights of one's own foretell no better"
                };
                format!(
                    "{told}: of choices that were held out, weights of all tell {:.3} and each rater's own {:.3} (area under the curve; {} of {} raters).",
                    p.shared,
                    p.own,
                    if p.n == 1 { "1 choice".to_owned() } else { format!("{} choices", p.n) },
                    p.raters.len(),
                )
            }
        }
    }
}

/// What a label says of the sides of an item.
struct Teller<'a> {
    dataset: &'a Dataset,
    sides: &'a Sides,
}

impl Teller<'_> {
    fn says(&self, item: usize, label: LabelId) -> Option<Outcome> {
        let option =
            |at: usize| option_column(self.dataset, at).map(|c| c.get(item)).filter(|v| !v.is_empty());
        let options = self.sides.columns.map(|(a, b)| (option(a), option(b)));
        // An option against itself says nothing.
        if let Some((a, b)) = options
            && (a.is_none() || b.is_none() || a == b)
        {
            return None;
        }
        match self.sides.outcomes.get(label as usize)? {
            Said::Outcome(outcome) => Some(*outcome),
            Said::Name(name) => match options {
                Some((Some(a), _)) if a == name => Some(Outcome::Left),
                Some((_, Some(b))) if b == name => Some(Outcome::Right),
                _ => None,
            },
            Said::Nothing => None,
        }
    }
}

/// A choice: which item, and whether the first side won.
type Choice = (u32, bool);

fn against(difference: &[f64], choices: &[Choice]) -> Arc<[u32]> {
    let mut widest: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    for &(item, first) in choices {
        let d = difference[item as usize];
        let more_in_loser = if first { -d } else { d };
        if more_in_loser > 0.0 {
            let gap = widest.entry(item).or_default();
            *gap = gap.max(more_in_loser);
        }
    }
    let mut items: Vec<(u32, f64)> = widest.into_iter().collect();
    items.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    items.into_iter().map(|i| i.0).collect()
}

/// Worths of factors by the choices between sides that have them.
fn factors(listed: &Listed, choices: &[Choice]) -> Result<Factors, Undefined> {
    let of = |&(item, first): &Choice| {
        let [a, b] = &listed.of[item as usize];
        if first { (a.as_slice(), b.as_slice()) } else { (b.as_slice(), a.as_slice()) }
    };
    let pairs = factor_wins(listed.names.len(), choices.iter().map(of));
    if pairs.as_slice().is_empty() {
        return Err(Undefined::Because("no two sides differ in what is listed".to_owned()));
    }
    let (model, prior) = match bradley_terry(&pairs, 0.0) {
        Ok(model) => (model, None),
        Err(_) => (bradley_terry(&with_prior(&pairs, PRIOR), 0.0)?, Some(PRIOR)),
    };
    let worth = model.worth();
    let sum: f64 = worth.iter().sum();
    let mut rows: Vec<FactorRow> = (0..listed.names.len())
        .map(|at| {
            let own = pairs.as_slice().iter().filter(|p| p.first as usize == at || p.second as usize == at);
            let won_lost = own.fold((0.0, 0.0), |(won, lost), p| {
                let (a, b) = (p.wins_first, p.wins_second);
                if p.first as usize == at { (won + a, lost + b) } else { (won + b, lost + a) }
            });
            let mut lost: Vec<u32> = choices
                .iter()
                .filter(|c| {
                    let (won, lost) = of(c);
                    lost.contains(&(at as u32)) && !won.contains(&(at as u32))
                })
                .map(|c| c.0)
                .collect();
            lost.dedup();
            FactorRow { name: listed.names[at].clone(), worth: worth[at] / sum, won_lost, lost: lost.into() }
        })
        .collect();
    rows.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    Ok(Factors { stem: listed.stem.clone(), rows, prior })
}

fn concord(difference: &[f64], choices: &[Choice]) -> Concordance {
    concordance(choices.iter().filter_map(|&(item, first)| {
        let d = difference[item as usize];
        d.is_finite().then_some(if first { d } else { -d })
    }))
}

/// Looks at which properties win.
///
/// Undefined where items do not compare two sides, where no property is known of both, and without a choice.
///
/// # Errors
/// If it was cancelled.
pub fn what_wins(
    dataset: &Dataset,
    asked: &WhatWinsAsked,
    progress: &Progress,
) -> Result<Result<WhatWins, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    progress.stage("properties of the two sides", 0);
    let Some(sides) = sides_of(dataset) else {
        return because(
            "the items do not compare two sides: it takes two columns such as model_a and model_b, or response_a and \
             response_b, and labels that say which is better",
        );
    };
    let Properties { all, length, left_out } = properties(dataset, &sides);
    progress.check()?;
    let listed = listed(dataset, &sides);
    if all.is_empty() && listed.is_none() {
        let why = left_out.first().map_or_else(
            || "no property of the two sides is known: it takes two texts, or two columns of numbers such as length_a and length_b".to_owned(),
            |(name, why)| format!("no property of the two sides is known; {name}: {why}"),
        );
        return Ok(Err(Undefined::Because(why)));
    }
    let votes = asked.settings.counted(dataset).resolved(asked.settings.duplicates);
    let teller = Teller { dataset, sides: &sides };
    let (mut choices, mut comparisons, mut of_people) = (Vec::new(), Vec::new(), Vec::new());
    let (mut n_ties, mut n_passed_over, mut n_incomplete) = (0, 0, 0);
    for item in 0..votes.n_items() {
        if item % 4096 == 0 {
            progress.check()?;
        }
        for a in votes.of_item(item) {
            let first = match teller.says(item, a.label) {
                None => {
                    n_passed_over += 1;
                    continue;
                }
                Some(Outcome::Tie) => {
                    n_ties += 1;
                    continue;
                }
                Some(side) => side == Outcome::Left,
            };
            choices.push((a.item, first));
            if dataset.raters.kinds.get(a.rater as usize) != Some(&RaterKind::Model) {
                of_people.push((a.item, first));
            }
            let difference: Vec<f64> = all.iter().map(|p| p.difference[item]).collect();
            if difference.iter().all(|d| d.is_finite()) {
                comparisons.push(Comparison { difference, first, rater: a.rater });
            } else {
                n_incomplete += 1;
            }
        }
    }
    if choices.is_empty() {
        return because("no vote prefers one side to the other");
    }
    let mut of_models = Vec::new();
    for judge in judges_of(dataset, None, progress)? {
        for (item, &label) in judge.labels.iter().enumerate().filter(|(_, l)| **l != NO_LABEL) {
            match teller.says(item, label) {
                None | Some(Outcome::Tie) => {}
                Some(side) => of_models.push((item as u32, side == Outcome::Left)),
            }
        }
    }
    progress.stage("weights of the properties", 0);
    let controls: Vec<usize> = length.into_iter().collect();
    let too_many = || Undefined::Because(format!("there are more than {MOST_FITTED} comparisons"));
    let fits = comparisons.len() <= MOST_FITTED;
    let weights = if all.is_empty() {
        Err(Undefined::Because("no property is a number".to_owned()))
    } else if fits {
        pairwise(&comparisons, all.len(), &controls)
    } else {
        Err(too_many())
    };
    progress.check()?;
    progress.stage("weights of each rater", 0);
    let personal = if dataset.raters.anonymous {
        Err(Undefined::AnonymousVotes)
    } else if all.is_empty() {
        Err(Undefined::Because("no property is a number".to_owned()))
    } else if fits {
        personal(&comparisons, all.len(), PULL, asked.seed, progress)?
    } else {
        Err(too_many())
    };
    let both = !of_people.is_empty() && !of_models.is_empty();
    let mut rows: Vec<PropertyRow> = all
        .iter()
        .enumerate()
        .map(|(column, p)| PropertyRow {
            name: p.name.clone(),
            weight: weights
                .as_ref()
                .ok()
                .and_then(|w| w.weights.iter().find(|w| w.column == column).cloned()),
            all: concord(&p.difference, &choices),
            sides: both.then(|| (concord(&p.difference, &of_people), concord(&p.difference, &of_models))),
            against: against(&p.difference, &choices),
        })
        .collect();
    let order = if both {
        let (people, models): (Vec<Concordance>, Vec<Concordance>) =
            rows.iter().filter_map(|r| r.sides).unzip();
        order_agreement(&people, &models)
    } else {
        Err(Undefined::Because("there are not both people and models".to_owned()))
    };
    let size = |r: &PropertyRow| r.weight.as_ref().map_or(-1.0, |w| w.joint.abs());
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)));
    Ok(Ok(WhatWins {
        asked: asked.clone(),
        sides: sides.names.clone(),
        rows,
        control: length.map(|at| all[at].name.clone()),
        weights,
        n: choices.len(),
        n_ties,
        n_passed_over,
        n_incomplete,
        n_of: both.then_some((of_people.len(), of_models.len())),
        order,
        personal,
        factors: listed.map(|l| factors(&l, &choices)),
        names: all.into_iter().map(|p| p.name).collect(),
        left_out,
    }))
}

#[cfg(test)]
mod tests;
