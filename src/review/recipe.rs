//! What a queue can be made of, and how: every preset of the builder, as a function of the data, the analysis and the decisions
//! so far. The same asked, the same queue, on any number of threads.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::arrange::{Arrangement, BAND, Order, REPEATED, arrange};
use super::event::Reached;
use super::queue::{AUDIT_SEED, AUDITED, Queue};
use crate::analysis::judge_validation::peoples_votes;
use crate::analysis::routing::{Divergence, Machine, below, decisive, differing, worklist};
use crate::analysis::{Analysis, FlagMethod};
use crate::dataset::{Annotations, Dataset, Edits, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::confident::Filter;

/// From so many items on some are shown twice unless somebody says otherwise.
pub const LONG: usize = 200;
/// Items that one thread looks at before it asks whether to go on.
const CHUNK: usize = 8192;

/// Which items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// Labels under suspicion, lowest quality first.
    LabelIssues {
        /// By this filter of confident learning; by the usual one if `None`.
        filter: Option<Filter>,
        /// Only those whose label quality is below; 1 takes all of them.
        below: f64,
    },
    /// Items on which raters part, highest entropy of votes first.
    SplitVotes {
        /// Only where no label has most votes.
        tied: bool,
        /// Only where the entropy of votes is at least this, in bits.
        least_bits: f64,
    },
    /// Items on which most of the others give a label other than this rater's, most of them first.
    RaterAgainstRest {
        /// Who.
        rater: u32,
    },
    /// Items between two labels, lowest quality first.
    LabelPair {
        /// The one.
        a: LabelId,
        /// The other.
        b: LabelId,
        /// Only what is called `a` and probably is `b`; else either way, and what raters call both.
        directed: bool,
    },
    /// Items on which the majorities of two groups of raters differ, those that part the most first.
    GroupsPart {
        /// Attribute of raters, by its number.
        attribute: usize,
    },
    /// Items that wait for people, in the order learned from where this machine was wrong.
    Routed {
        /// Whose mistakes.
        machine: Machine,
    },
    /// Labels below the knee of a model's sorted margins, lowest first.
    BelowKnee {
        /// Whose margins.
        model: Machine,
    },
    /// Items on which two differ most.
    Differing {
        /// The one.
        a: Machine,
        /// The other.
        b: Machine,
        /// How many.
        n: usize,
        /// Whether they are to be unlike each other.
        unlike: bool,
    },
    /// Items that tell two models apart, the most decisive first.
    Decisive {
        /// The one.
        a: Machine,
        /// The other.
        b: Machine,
        /// By what.
        by: Divergence,
    },
    /// A simple random sample of all items.
    RandomAudit {
        /// Size.
        n: usize,
        /// Seed.
        seed: u64,
    },
    /// Items that came from elsewhere, in their order: what a view shows.
    Listed,
    /// Everything but what raters agree on unanimously and nothing speaks against.
    NotYetAgreed,
}

impl Recipe {
    /// Label issues as they come.
    pub const ISSUES: Self = Self::LabelIssues { filter: None, below: 1.0 };
    /// Split votes as they come.
    pub const SPLIT: Self = Self::SplitVotes { tied: false, least_bits: 0.0 };
    /// The random audit.
    pub const AUDIT: Self = Self::RandomAudit { n: AUDITED, seed: AUDIT_SEED };

    /// Whether it is a random sample, of which nothing may be left out and into which nothing may be mixed.
    pub fn is_audit(&self) -> bool {
        matches!(self, Self::RandomAudit { .. })
    }

    /// What the queue is called.
    pub fn name(&self, dataset: &Dataset) -> String {
        let label =
            |l: LabelId| if (l as usize) < dataset.labels.len() { dataset.labels.name(l) } else { "" };
        match *self {
            Self::LabelIssues { .. } => "Label issues".to_owned(),
            Self::SplitVotes { .. } => "Split votes".to_owned(),
            Self::RaterAgainstRest { rater } => {
                let name = dataset.raters.names.get(rater as usize).map_or("", String::as_str);
                format!("{name} against the rest")
            }
            Self::LabelPair { a, b, directed: true } => format!("{} → {}", label(a), label(b)),
            Self::LabelPair { a, b, directed: false } => format!("{} or {}", label(a), label(b)),
            Self::GroupsPart { attribute } => {
                let name = dataset.raters.attributes.get(attribute).map_or("", |a| a.0.as_str());
                format!("Groups part: {name}")
            }
            Self::Routed { machine } => format!("Worth a person: {}", machine.name(dataset)),
            Self::BelowKnee { model } => format!("Below the knee: {}", model.name(dataset)),
            Self::Differing { a, b, .. } => format!("{} and {} differ", a.name(dataset), b.name(dataset)),
            Self::Decisive { a, b, .. } => {
                format!("{} and {} told apart", a.name(dataset), b.name(dataset))
            }
            Self::RandomAudit { .. } => "Random audit".to_owned(),
            Self::Listed => "What is shown".to_owned(),
            Self::NotYetAgreed => "Not yet agreed".to_owned(),
        }
    }
}

/// Whether items are shown a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// From [`LONG`] items on.
    #[default]
    WhereLong,
    /// Wherever there are enough.
    Always,
    /// Never.
    Never,
}

/// How a queue is made, whatever it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Making {
    /// Controls in percent of the chosen items.
    pub controls: u32,
    /// Whether items are shown a second time.
    pub repeats: Repeats,
    /// In which order.
    pub order: Order,
    /// Whether what is decided already is left out.
    pub leave_out_decided: bool,
    /// No more than so many of the chosen items; 0 takes all.
    pub limit: usize,
    /// Seed of what is random.
    pub seed: u64,
    /// Whether votes and model are hidden at the beginning.
    pub blind: bool,
}

/// Most controls that can be asked for, in percent.
pub const MOST_CONTROLS: u32 = 20;

impl Default for Making {
    fn default() -> Self {
        Self {
            controls: 5,
            repeats: Repeats::WhereLong,
            order: Order::Score,
            leave_out_decided: true,
            limit: 0,
            seed: 42,
            blind: false,
        }
    }
}

impl Making {
    /// The usual way for `recipe`: label issues are shuffled within bands, an audit is begun blind.
    pub fn of(recipe: &Recipe) -> Self {
        let order = match recipe {
            Recipe::LabelIssues { .. } => Order::Bands,
            Recipe::RandomAudit { .. } => Order::Random,
            _ => Order::Score,
        };
        Self { order, blind: recipe.is_audit(), ..Self::default() }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    /// Which items.
    pub recipe: Recipe,
    /// How.
    pub making: Making,
    /// The items of [`Recipe::Listed`], and what they are; not kept.
    #[serde(skip)]
    pub listed: Option<Listed>,
}

/// Items that came from elsewhere.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What they are.
    pub words: String,
    /// Which, in their order.
    pub items: Arc<[u32]>,
    /// How a reviewer comes to them.
    pub reached: Reached,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.listed, &other.listed) {
            (Some(a), Some(b)) => {
                a.words == b.words && a.reached == b.reached && Arc::ptr_eq(&a.items, &b.items)
            }
            (None, None) => true,
            _ => false,
        };
        same && self.recipe == other.recipe && self.making == other.making
    }
}

impl Asked {
    /// `recipe` in the usual way.
    pub fn usual(recipe: Recipe) -> Self {
        Self { recipe, making: Making::of(&recipe), listed: None }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The queue, with its name and how it was made.
    pub queue: Queue,
    /// Items that the recipe chooses.
    pub n_chosen: usize,
    /// Of these, decided already and therefore left out.
    pub n_left_out: usize,
}

/// Makes the queue. Why there can be none is the inner error.
pub fn build(
    dataset: &Dataset,
    analysis: &Analysis,
    edits: &Edits,
    asked: &Asked,
    progress: &Progress,
) -> Result<Result<Built, Undefined>, Cancelled> {
    progress.stage("Choosing items", dataset.n_items() as u64);
    let n = dataset.n_items();
    let making = &asked.making;
    let mut built = if let Recipe::RandomAudit { n: size, seed } = asked.recipe {
        // A simple random sample: leaving something out of it would leave out what is wrong.
        let queue = Queue::audit("", n, size, seed);
        Built { n_chosen: queue.len(), n_left_out: 0, queue }
    } else {
        let (mut chosen, reached) = match choose(dataset, analysis, asked, progress)? {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        progress.stage("Arranging", 0);
        let n_chosen = chosen.len();
        let mut taken = vec![false; n];
        chosen.retain(|&i| (i as usize) < n && !std::mem::replace(&mut taken[i as usize], true));
        if making.leave_out_decided {
            chosen.retain(|&i| edits.get(i as usize).is_none());
        }
        let n_left_out = n_chosen - chosen.len();
        let is_free = |i: usize| {
            let is_flagged = analysis.items.flagged.get(i).copied().unwrap_or(false);
            let is_decided = making.leave_out_decided && edits.get(i).is_some();
            !(taken[i] || is_flagged || is_decided)
        };
        let pool: Vec<u32> = if making.controls == 0 {
            Vec::new()
        } else {
            (0..n as u32).filter(|&i| is_free(i as usize)).collect()
        };
        progress.check()?;
        let taken = if making.limit == 0 { chosen.len() } else { chosen.len().min(making.limit) };
        let again = match making.repeats {
            Repeats::WhereLong => taken >= LONG,
            Repeats::Always => true,
            Repeats::Never => false,
        };
        let how = Arrangement {
            seed: making.seed,
            control_share: f64::from(making.controls.min(MOST_CONTROLS)) / 100.0,
            repeat_share: if again { REPEATED } else { 0.0 },
            order: making.order,
            limit: (making.limit > 0).then_some(making.limit),
        };
        Built { queue: Queue { reached, ..arrange(chosen, &pool, &how) }, n_chosen, n_left_out }
    };
    built.queue.name = match &asked.listed {
        Some(listed) if asked.recipe == Recipe::Listed => listed.words.clone(),
        _ => asked.recipe.name(dataset),
    };
    built.queue.how = how(dataset, analysis, asked, &built);
    Ok(Ok(built))
}

/// How it was made, in words.
fn how(dataset: &Dataset, analysis: &Analysis, asked: &Asked, built: &Built) -> String {
    let label = |l: LabelId| if (l as usize) < dataset.labels.len() { dataset.labels.name(l) } else { "" };
    let (what, first) = match asked.recipe {
        Recipe::LabelIssues { filter, below } => {
            let by = match (filter, analysis.items.method) {
                (Some(filter), _) => format!("“{}”", filter.words().0),
                (None, FlagMethod::DawidSkenePosterior) => "Dawid–Skene".to_owned(),
                (None, _) => "confident learning".to_owned(),
            };
            let below = if below < 1.0 { format!(", quality below {below}") } else { String::new() };
            (format!("flagged by {by}{below}"), "lowest quality first")
        }
        Recipe::SplitVotes { tied: true, .. } => ("votes tied".to_owned(), "most divided first"),
        Recipe::SplitVotes { least_bits, .. } if least_bits > 0.0 => {
            (format!("votes split by at least {least_bits} bits"), "most divided first")
        }
        Recipe::SplitVotes { .. } => ("votes split".to_owned(), "most divided first"),
        Recipe::RaterAgainstRest { .. } => {
            ("most of the others say otherwise".to_owned(), "most of them first")
        }
        Recipe::LabelPair { a, b, directed: true } => {
            (format!("called {} and probably {}", label(a), label(b)), "lowest quality first")
        }
        Recipe::LabelPair { .. } => {
            ("called one, by votes or model the other".to_owned(), "lowest quality first")
        }
        Recipe::GroupsPart { .. } => ("majorities of groups differ".to_owned(), "furthest apart first"),
        Recipe::Routed { .. } => {
            ("mistakes of the machine learned from people’s answers".to_owned(), "likeliest first")
        }
        Recipe::BelowKnee { .. } => ("margin below the knee".to_owned(), "lowest margin first"),
        Recipe::Differing { unlike: true, .. } => {
            ("two differ, on items unlike each other".to_owned(), "farthest apart first")
        }
        Recipe::Differing { .. } => ("two differ".to_owned(), "farthest apart first"),
        Recipe::Decisive { by, .. } => {
            let by = if by == Divergence::Kl { "Kullback–Leibler" } else { "Jensen–Shannon" };
            (format!("two models told apart by {by} divergence"), "most decisive first")
        }
        Recipe::RandomAudit { seed, .. } => {
            let seed = if seed == AUDIT_SEED { String::new() } else { format!(", seed {seed}") };
            return format!("a simple random sample{seed}: the only basis for an error rate");
        }
        Recipe::Listed => ("what a view showed".to_owned(), "in its order"),
        Recipe::NotYetAgreed => ("neither unanimous nor unflagged".to_owned(), "most divided first"),
    };
    let order = match asked.making.order {
        Order::Score => first.to_owned(),
        Order::Bands => format!("{first}, shuffled in bands of {BAND}"),
        Order::Random => "in random order".to_owned(),
    };
    let mut words = format!("{what}, {order}");
    if !built.queue.controls.is_empty() {
        words.push_str(&format!(", {} % controls mixed in", asked.making.controls.min(MOST_CONTROLS)));
    }
    match built.queue.repeats.len() {
        0 => {}
        n => words.push_str(&format!(", {n} shown a second time")),
    }
    words
}

/// The items, best first, and how a reviewer comes to them.
fn choose(
    dataset: &Dataset,
    analysis: &Analysis,
    asked: &Asked,
    progress: &Progress,
) -> Result<Result<(Vec<u32>, Reached), Undefined>, Cancelled> {
    let items = &analysis.items;
    let n = dataset.n_items();
    // One label a rater and item, as in the analysis.
    let rule = analysis.settings.duplicates;
    let votes: &Annotations = &analysis.settings.counted(dataset).resolved(rule);
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    let quality = |i: u32| items.quality(i as usize).unwrap_or(f64::INFINITY);
    let entropy = |i: u32| items.entropy(i as usize).unwrap_or(0.0);
    let by_quality = |mut list: Vec<u32>| {
        list.par_sort_by(|&a, &b| quality(a).total_cmp(&quality(b)));
        list
    };
    let divided_first = |mut list: Vec<u32>| {
        list.par_sort_by(|&a, &b| entropy(b).total_cmp(&entropy(a)).then(quality(a).total_cmp(&quality(b))));
        list
    };
    let flagged = |i: usize| items.flagged.get(i).copied().unwrap_or(false);
    let given = |i: usize| analysis.given.current.get(i).copied().unwrap_or(NO_LABEL);
    let suggested = |i: usize| items.suggested.get(i).copied().unwrap_or(NO_LABEL);
    let where_ = |holds: &(dyn Fn(usize) -> bool + Sync)| -> Result<Vec<u32>, Cancelled> {
        let scored = scan(n, progress, &|i| holds(i).then_some(()))?;
        Ok(scored.into_iter().map(|(i, ())| i).collect())
    };
    let found = match asked.recipe {
        Recipe::LabelIssues { filter, below } => {
            if items.method == FlagMethod::Nothing {
                return because("needs votes or predicted probabilities");
            }
            let issues = match (filter, analysis.confident.as_ref()) {
                (None, _) => None,
                (Some(filter), Ok(confident)) => Some((filter.bit(), &confident.issues)),
                (Some(_), Err(reason)) => return Ok(Err(reason.clone())),
            };
            let low = |i: usize| below >= 1.0 || items.quality(i).is_some_and(|q| q < below);
            let is_issue = |i: usize| match issues {
                None => flagged(i),
                Some((bit, issues)) => issues.get(i).is_some_and(|bits| bits & bit != 0),
            };
            (by_quality(where_(&|i| is_issue(i) && low(i))?), Reached::Flag)
        }
        Recipe::SplitVotes { .. } | Recipe::RaterAgainstRest { .. } | Recipe::NotYetAgreed
            if dataset.annotations.is_empty() =>
        {
            return Ok(Err(Undefined::NoAnnotations));
        }
        Recipe::SplitVotes { tied, least_bits } => {
            let is_tied = |i: usize| {
                !votes.labels_of(i).is_empty()
                    && analysis.aggregation.majority.label.get(i).is_some_and(|&l| l == NO_LABEL)
            };
            let split = |i: usize| {
                items.entropy(i).is_some_and(|e| e > 0.0 && e >= least_bits) && (!tied || is_tied(i))
            };
            let mut list = where_(&split)?;
            list.par_sort_by(|&a, &b| entropy(b).total_cmp(&entropy(a)));
            (list, Reached::Browse)
        }
        Recipe::RaterAgainstRest { rater } => {
            if !dataset.raters.are_known() {
                return Ok(Err(Undefined::AnonymousVotes));
            }
            if dataset.raters.len() < 2 {
                return Ok(Err(Undefined::FewerThanTwoRaters));
            }
            let said = dataset.annotations.resolved(rule);
            let part = |i: usize| {
                let own = said.of_item(i).filter(|a| a.rater == rater).last()?.label;
                let rest = counts(votes.of_item(i).filter(|a| a.rater != rater).map(|a| a.label));
                let total: u32 = rest.iter().map(|r| r.1).sum();
                let (most, ahead) = majority(&rest)?;
                (most != own).then(|| (f64::from(ahead) / f64::from(total), total))
            };
            (strongest(scan(n, progress, &part)?), Reached::Browse)
        }
        Recipe::LabelPair { a, b, directed } => {
            if a == b || a as usize >= dataset.labels.len() || b as usize >= dataset.labels.len() {
                return because("choose two different labels");
            }
            let from = |a: LabelId, b: LabelId, i: usize| flagged(i) && given(i) == a && suggested(i) == b;
            if directed {
                (by_quality(where_(&|i| from(a, b, i))?), Reached::Flag)
            } else {
                let both = |i: usize| {
                    let labels = votes.labels_of(i);
                    labels.contains(&a) && labels.contains(&b)
                };
                let between = |i: usize| from(a, b, i) || from(b, a, i) || both(i);
                (by_quality(where_(&between)?), Reached::Browse)
            }
        }
        Recipe::GroupsPart { attribute } => {
            let Some((_, of)) = dataset.raters.attributes.get(attribute) else {
                return because("needs an attribute of raters");
            };
            let values = dataset.raters.values(attribute);
            if values.len() < 2 || !dataset.raters.are_known() {
                return because("needs an attribute of raters with two values");
            }
            let group: Vec<usize> =
                of.iter().map(|v| values.iter().position(|x| x == v).unwrap_or(values.len())).collect();
            let part = |i: usize| apart(votes, i, &group, values.len());
            (strongest(scan(n, progress, &part)?), Reached::Browse)
        }
        Recipe::NotYetAgreed => {
            let agreed = |i: usize| {
                let labels = votes.labels_of(i);
                let original = analysis.given.original.get(i).copied().unwrap_or(NO_LABEL);
                labels.len() > 1
                    && labels.iter().all(|&l| l == labels[0])
                    && (original == NO_LABEL || original == labels[0])
                    && !flagged(i)
            };
            (divided_first(where_(&|i| !agreed(i))?), Reached::Browse)
        }
        Recipe::Routed { machine } => match worklist(dataset, &analysis.settings, machine, progress)? {
            Ok(items) => (items.to_vec(), Reached::Browse),
            Err(reason) => return Ok(Err(reason)),
        },
        Recipe::BelowKnee { model } => match below(dataset, &analysis.given.current, model, progress)? {
            Ok(found) if found.bend.is_none() => {
                return because("the margins lie on a line: there is no knee");
            }
            Ok(found) => (found.items, Reached::Browse),
            Err(reason) => return Ok(Err(reason)),
        },
        Recipe::Differing { a, b, n, unlike } => match differing(dataset, (a, b), n, unlike, progress)? {
            Ok(found) => (found.items, Reached::Browse),
            Err(reason) => return Ok(Err(reason)),
        },
        Recipe::Decisive { a, b, by } => {
            let votes = peoples_votes(dataset, &analysis.settings);
            match decisive(dataset, &votes, (a, b), by, progress)? {
                Ok(found) => (found.items, Reached::Browse),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Recipe::Listed => match &asked.listed {
            Some(listed) => (listed.items.to_vec(), listed.reached),
            None => return because("nothing is shown yet"),
        },
        // Drawn before anything is chosen.
        Recipe::RandomAudit { .. } => (Vec::new(), Reached::Audit),
    };
    Ok(Ok(found))
}

/// What `of` says of items, in their order; on all threads.
fn scan<T: Send>(
    n: usize,
    progress: &Progress,
    of: &(dyn Fn(usize) -> Option<T> + Sync),
) -> Result<Vec<(u32, T)>, Cancelled> {
    let chunks: Vec<Vec<(u32, T)>> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|c| {
            progress.check()?;
            let range = c * CHUNK..((c + 1) * CHUNK).min(n);
            progress.add(range.len() as u64);
            Ok(range.filter_map(|i| Some((i as u32, of(i)?))).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(chunks.into_iter().flatten().collect())
}

/// The items with the greatest share first; ties by more votes, then by item.
fn strongest(mut scored: Vec<(u32, (f64, u32))>) -> Vec<u32> {
    scored.par_sort_by(|(_, (x, n)), (_, (y, m))| y.total_cmp(x).then(m.cmp(n)));
    scored.into_iter().map(|(item, _)| item).collect()
}

/// Votes by label, in the order in which labels first come.
fn counts(labels: impl Iterator<Item = LabelId>) -> Vec<(LabelId, u32)> {
    let mut counts: Vec<(LabelId, u32)> = Vec::new();
    for label in labels {
        match counts.iter_mut().find(|c| c.0 == label) {
            Some(c) => c.1 += 1,
            None => counts.push((label, 1)),
        }
    }
    counts
}

/// The one label with most votes, and how many.
fn majority(counts: &[(LabelId, u32)]) -> Option<(LabelId, u32)> {
    let most = counts.iter().map(|c| c.1).max()?;
    let mut ahead = counts.iter().filter(|c| c.1 == most);
    let first = *ahead.next()?;
    ahead.next().is_none().then_some(first)
}

/// How far the two groups that part the most are from each other on an item: half the sum of the differences of their shares of
/// votes, in 0..=1, with the number of votes; `None` where no two groups have different majorities.
fn apart(votes: &Annotations, item: usize, group: &[usize], n_groups: usize) -> Option<(f64, u32)> {
    /// A majority, the votes of its group by label, and how many these are.
    type Side = (LabelId, Vec<(LabelId, u32)>, f64);
    let mut of: Vec<Vec<LabelId>> = vec![Vec::new(); n_groups];
    for a in votes.of_item(item) {
        if let Some(labels) = group.get(a.rater as usize).and_then(|&g| of.get_mut(g)) {
            labels.push(a.label);
        }
    }
    let total: u32 = of.iter().map(|labels| labels.len() as u32).sum();
    let sides: Vec<Side> = of
        .into_iter()
        .filter_map(|labels| {
            let n = labels.len() as f64;
            let counts = counts(labels.into_iter());
            Some((majority(&counts)?.0, counts, n))
        })
        .collect();
    let mut widest: Option<f64> = None;
    for (at, (x, mine, n)) in sides.iter().enumerate() {
        for (y, theirs, m) in &sides[at + 1..] {
            if x == y {
                continue;
            }
            let share = |list: &[(LabelId, u32)], label: LabelId, n: f64| {
                list.iter().find(|c| c.0 == label).map_or(0.0, |c| f64::from(c.1) / n)
            };
            let one = mine.iter().map(|c| (f64::from(c.1) / n - share(theirs, c.0, *m)).abs());
            let rest = theirs.iter().filter(|c| share(mine, c.0, *n) == 0.0).map(|c| f64::from(c.1) / m);
            let gap = f64::midpoint(one.sum(), rest.sum());
            widest = Some(widest.map_or(gap, |w| w.max(gap)));
        }
    }
    widest.map(|gap| (gap, total))
}

#[cfg(test)]
mod tests;
