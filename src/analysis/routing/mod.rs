//! Routing: which items are worth a person? Four orders of the items, and what each is worth.
//!
//! Where people answered, a machine's mistakes are learned from properties of the items, and the items that wait are put in order of gain; labels
//! are sorted by a model's margin up to its bend; two sources are held against each other where they differ most; two models where they can be
//! told apart. Only the margins look at given labels: everything else at raters' votes, which no decision changes.

mod features;
mod machines;
mod orders;

use std::sync::Arc;

use self::features::features;
pub use self::machines::{Machine, Who};
use self::orders::needs_two;
pub use self::orders::{Below, Decisive, Differing, Divergence, below, decisive, differing};
use super::judge_validation::peoples_votes;
use super::{Analysis, Settings};
use crate::dataset::{Dataset, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::judge_validation::People;
use crate::stats::routing::{Design, Routed, route};

/// Seed of the folds.
pub const SEED: u64 = 42;
/// Items that are taken where two differ most.
pub const TAKEN: usize = 50;

/// What was asked for; who is not said is the first that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingAsked {
    /// Whose mistakes are learned, and whose margins are sorted.
    pub machine: Option<Machine>,
    /// The two that differ.
    pub pair: (Option<Machine>, Option<Machine>),
    /// Whether items on which they differ are to be unlike each other.
    pub unlike: bool,
    /// The two that are told apart.
    pub systems: (Option<Machine>, Option<Machine>),
    /// By what.
    pub by: Divergence,
    /// Seed of the folds.
    pub seed: u64,
}

impl Default for RoutingAsked {
    fn default() -> Self {
        Self {
            machine: None,
            pair: (None, None),
            unlike: true,
            systems: (None, None),
            by: Divergence::Kl,
            seed: SEED,
        }
    }
}

/// A property by what it adds to the gain.
#[derive(Debug, Clone)]
pub struct FeatureRow {
    /// In words: a property and its bin or value.
    pub name: String,
    /// w.
    pub weight: f64,
    /// Items that it was learned from.
    pub n: usize,
    /// Of these, items on which the machine is wrong.
    pub n_wrong: usize,
    /// All items that have it, ascending.
    pub items: Arc<[u32]>,
}

/// An order that was learned.
#[derive(Debug, Clone)]
pub struct Order {
    /// Weights and the curve.
    pub routed: Routed,
    /// Properties, the largest weight first.
    pub rows: Vec<FeatureRow>,
    /// Items in the order in which a person is worth most.
    pub worklist: Arc<[u32]>,
    /// Whether none waits, so that the order is of those that people labelled, each by what was learned from others.
    pub of_known: bool,
}

impl Order {
    /// How many items of the worklist a share of it is, 1 at least.
    pub fn budget(&self, share: f64) -> usize {
        let n = self.worklist.len();
        ((share * n as f64).round() as usize).clamp(n.min(1), n)
    }

    /// The step of the curve at this share.
    pub fn at(&self, share: f64) -> crate::stats::routing::Step {
        let curve = &self.routed.curve;
        let last = curve.len().saturating_sub(1);
        curve[((share.clamp(0.0, 1.0) * last as f64).round() as usize).min(last)]
    }
}

/// What was learned from where people answered.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Whose mistakes.
    pub machine: Machine,
    /// Items with people's label and the machine's.
    pub n_known: usize,
    /// Of these, items on which they differ.
    pub n_wrong: usize,
    /// Items that the machine labelled and people did not, or not with most of their votes.
    pub n_open: usize,
    /// Share of people's votes that say what most of the others say: how right a look is.
    pub person: Option<f64>,
    /// The order, or why none was learned.
    pub order: Result<Order, Undefined>,
}

/// All four orders.
#[derive(Debug, Clone)]
pub struct RoutingReport {
    /// What was asked for.
    pub asked: RoutingAsked,
    /// Learned from mistakes.
    pub learned: Result<Learned, Undefined>,
    /// Below the bend of margins.
    pub below: Result<Below, Undefined>,
    /// Where two differ most.
    pub differing: Result<Differing, Undefined>,
    /// Where two are told apart.
    pub decisive: Result<Decisive, Undefined>,
}

/// Two of `all`, those that were asked for or the first.
pub fn two(all: &[Machine], asked: (Option<Machine>, Option<Machine>)) -> Option<(Machine, Machine)> {
    let is = |m: &Machine| all.contains(m);
    let first = asked.0.filter(is).or_else(|| all.iter().copied().find(|m| Some(*m) != asked.1))?;
    let second = asked.1.filter(is).or_else(|| all.iter().copied().find(|m| *m != first))?;
    Some((first, second))
}

/// Learns from where people answered which of the other items are worth a person.
///
/// Undefined for several labels an item, and where no item has people's label and the machine's.
pub fn learned(
    dataset: &Dataset,
    settings: &Settings,
    machine: Machine,
    seed: u64,
    progress: &Progress,
) -> Result<Result<Learned, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    progress.stage("Learning from mistakes", 0);
    let votes = peoples_votes(dataset, settings);
    let people = People { votes: &votes, n_labels: dataset.labels.len(), values: None };
    let labels = machine.labels(dataset, progress)?;
    let (mut known, mut open): (Vec<(u32, bool)>, Vec<u32>) = (Vec::new(), Vec::new());
    let (mut right, mut n_votes) = (0_usize, 0_usize);
    for (item, &own) in labels.iter().enumerate().filter(|(_, l)| **l != NO_LABEL) {
        match people.majority(item) {
            Some(most) => known.push((item as u32, most != own)),
            None => open.push(item as u32),
        }
        for &vote in votes.labels_of(item) {
            if let Some(others) = people.majority_without(item, vote) {
                n_votes += 1;
                right += usize::from(others == vote);
            }
        }
    }
    if known.is_empty() {
        return because("no item has people's label and the machine's");
    }
    progress.check()?;
    let items: Vec<u32> = known.iter().map(|k| k.0).collect();
    let design = Design::of(&features(dataset, machine, &labels), &items, dataset.n_items());
    progress.check()?;
    let n_open = open.len();
    let order = route(&design, &known, seed).map(|routed| {
        let of_known = open.is_empty();
        let mut sorted: Vec<(f64, u32)> = if of_known {
            routed.held.iter().copied().zip(items).collect()
        } else {
            open.into_iter().map(|i| (routed.gains[i as usize], i)).collect()
        };
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let worklist = sorted.into_iter().map(|s| s.1).collect();
        Order { rows: rows(&design, &known, &routed), routed, worklist, of_known }
    });
    let n_wrong = known.iter().filter(|k| k.1).count();
    let person = (n_votes > 0).then(|| right as f64 / n_votes as f64);
    Ok(Ok(Learned { machine, n_known: known.len(), n_wrong, n_open, person, order }))
}

fn rows(design: &Design, known: &[(u32, bool)], routed: &Routed) -> Vec<FeatureRow> {
    let mut items: Vec<Vec<u32>> = vec![Vec::new(); design.names.len()];
    for (item, own) in design.rows.iter().enumerate() {
        own.iter().for_each(|&c| items[c as usize].push(item as u32));
    }
    let mut counts = vec![(0, 0); design.names.len()];
    for &(item, wrong) in known {
        for &c in &design.rows[item as usize] {
            counts[c as usize].0 += 1;
            counts[c as usize].1 += usize::from(wrong);
        }
    }
    let mut rows: Vec<FeatureRow> = (design.names.iter().zip(&routed.weights).zip(items).zip(counts))
        .map(|(((name, &weight), items), (n, n_wrong))| FeatureRow {
            name: name.clone(),
            weight,
            n,
            n_wrong,
            items: items.into(),
        })
        .collect();
    rows.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    rows
}

/// The worklist of what was learned; no list where it is no better than chance.
pub fn worklist(
    dataset: &Dataset,
    settings: &Settings,
    machine: Machine,
    progress: &Progress,
) -> Result<Result<Arc<[u32]>, Undefined>, Cancelled> {
    let order = match learned(dataset, settings, machine, SEED, progress)? {
        Ok(learned) => learned.order,
        Err(reason) => return Ok(Err(reason)),
    };
    Ok(order.and_then(|order| {
        let chance = "what goes with the machine's mistakes puts items in no better order than chance does";
        if order.routed.area > 0.0 { Ok(order.worklist) } else { Err(Undefined::Because(chance.to_owned())) }
    }))
}

/// Computes all four orders.
///
/// # Errors
/// If it was cancelled.
pub fn routing(
    dataset: &Dataset,
    analysis: &Analysis,
    asked: &RoutingAsked,
    progress: &Progress,
) -> Result<RoutingReport, Cancelled> {
    let settings = &analysis.settings;
    let because = |why: &str| Undefined::Because(why.to_owned());
    let (all, systems) = (Machine::all(dataset), Machine::systems(dataset));
    let machine = asked.machine.filter(|m| all.contains(m)).or_else(|| all.first().copied());
    let learned = match machine {
        Some(machine) => learned(dataset, settings, machine, asked.seed, progress)?,
        None => Err(because("there is no model: predicted probabilities, or a rater that is one")),
    };
    let model = machine.filter(|m| systems.contains(m)).or_else(|| systems.first().copied());
    let below = match model {
        Some(model) => below(dataset, &analysis.given.current, model, progress)?,
        None => Err(Undefined::NoProbabilities),
    };
    let differing = match two(&Machine::and_people(dataset), asked.pair) {
        Some(pair) => differing(dataset, pair, TAKEN, asked.unlike, progress)?,
        None => Err(because("two are needed: models, or raters")),
    };
    let decisive = match two(&systems, asked.systems) {
        Some(pair) => decisive(dataset, &peoples_votes(dataset, settings), pair, asked.by, progress)?,
        None => Err(needs_two()),
    };
    Ok(RoutingReport { asked: asked.clone(), learned, below, differing, decisive })
}

#[cfg(test)]
mod tests;
