//! Orders that nothing has to be learned for.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use super::Machine;
use crate::analysis::preferences::reading::TIES;
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::jensen_shannon;
use crate::stats::routing::{Bend, TiesSaved, bend, kl, most_different, settled, ties_saved};

/// Least alike items among which unlike ones are taken.
const POOL: usize = 2_000;
/// λ: what likeness to an item taken before weighs, beside likeness of the two sources.
const LAMBDA: f64 = 0.5;
/// Lowest probability in a logarithm.
const LEAST: f64 = 1e-12;
/// Shares of the items at which saved ties are told.
const SHARES: [f64; 3] = [0.1, 0.2, 0.5];

/// Items below the bend of a model's margins for the labels under suspicion.
#[derive(Debug, Clone)]
pub struct Below {
    /// Which model.
    pub model: Machine,
    /// log p of the label − log p of the best other, ascending.
    pub margins: Vec<f64>,
    /// Where they bend; `None` on a line.
    pub bend: Option<Bend>,
    /// Items below the knee, lowest first.
    pub items: Vec<u32>,
}

/// Sorts `given` labels by the model's margin, and looks for the bend.
///
/// Undefined for a rater, and where no labelled item has probabilities.
pub fn below(
    dataset: &Dataset,
    given: &[LabelId],
    machine: Machine,
    progress: &Progress,
) -> Result<Result<Below, Undefined>, Cancelled> {
    let Some(model) = machine.model(dataset).filter(|_| dataset.sets.is_none()) else {
        return Ok(Err(Undefined::NoProbabilities));
    };
    let mut row = vec![0.0; model.cols()];
    let mut sorted: Vec<(f64, u32)> = Vec::new();
    for item in 0..dataset.n_items().min(model.rows()) {
        if item % 4096 == 0 {
            progress.check()?;
        }
        let label = given.get(item).copied().unwrap_or(NO_LABEL) as usize;
        model.read(item, &mut row);
        let Some(&own) = row.get(label) else { continue };
        let other = row.iter().enumerate().filter(|(l, _)| *l != label).map(|(_, p)| *p).fold(0.0, f64::max);
        sorted.push((settled(own.max(LEAST).ln() - other.max(LEAST).ln()), item as u32));
    }
    if sorted.is_empty() {
        let why = "no item has a label and the model's probabilities";
        return Ok(Err(Undefined::Because(why.to_owned())));
    }
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let margins: Vec<f64> = sorted.iter().map(|s| s.0).collect();
    let bend = bend(&margins);
    let items = sorted.iter().take(bend.map_or(0, |b| b.knee)).map(|s| s.1).collect();
    Ok(Ok(Below { model: machine, margins, bend, items }))
}

/// Items on which two sources differ most.
#[derive(Debug, Clone)]
pub struct Differing {
    /// Who.
    pub pair: (Machine, Machine),
    /// Items that both say something about.
    pub n_both: usize,
    /// Of these, items on which they differ at all.
    pub n_differ: usize,
    /// What items are unlike each other in, where that counted.
    pub unlike_by: Option<&'static str>,
    /// The `k` taken, in the order in which they were.
    pub items: Vec<u32>,
}

/// Takes the `k` items on which two sources differ most and which, if `unlike`, are unlike each other in their embeddings or else their words.
///
/// Likeness is 1 − the Jensen–Shannon divergence over ln 2 of two models; of labels 1 or 0, on a scale 1 − their distance over the widest.
/// Undefined for one and the same, and where they never differ.
pub fn differing(
    dataset: &Dataset,
    pair: (Machine, Machine),
    k: usize,
    unlike: bool,
    progress: &Progress,
) -> Result<Result<Differing, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    if pair.0 == pair.1 {
        return because("choose two that are not the same");
    }
    progress.stage("Where two differ", 0);
    let mut alike: Vec<(f64, u32)> = Vec::new();
    let n_both;
    if let (Some(a), Some(b)) = (pair.0.model(dataset), pair.1.model(dataset)) {
        let (mut p, mut q) = (vec![0.0; a.cols()], vec![0.0; b.cols()]);
        n_both = dataset.n_items().min(a.rows()).min(b.rows());
        for item in 0..n_both {
            if item % 4096 == 0 {
                progress.check()?;
            }
            a.read(item, &mut p);
            b.read(item, &mut q);
            alike.push((settled(1.0 - jensen_shannon(&p, &q) / std::f64::consts::LN_2), item as u32));
        }
    } else {
        let (a, b) = (pair.0.labels(dataset, progress)?, pair.1.labels(dataset, progress)?);
        let labels = &dataset.labels;
        let values = (labels.scale != Scale::Nominal)
            .then(|| labels.values().unwrap_or_else(|| (0..labels.len()).map(|l| l as f64).collect()));
        let widest = values.as_ref().map_or(1.0, |v| {
            let (low, high) =
                v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
            (high - low).max(LEAST)
        });
        for (item, (&a, &b)) in a.iter().zip(&b).enumerate() {
            if a == NO_LABEL || b == NO_LABEL {
                continue;
            }
            let likeness = match &values {
                Some(v) => settled(1.0 - (v[a as usize] - v[b as usize]).abs() / widest),
                None => f64::from(u8::from(a == b)),
            };
            alike.push((likeness, item as u32));
        }
        n_both = alike.len();
    }
    if n_both == 0 {
        return because("no item was labelled by both");
    }
    alike.retain(|a| a.0 < 1.0);
    let n_differ = alike.len();
    if n_differ == 0 {
        return because("they never differ");
    }
    alike.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    alike.truncate(POOL.max(k));
    let between = if unlike { Between::of(dataset, &alike) } else { None };
    let scores: Vec<f64> = alike.iter().map(|a| a.0).collect();
    progress.check()?;
    let taken = match &between {
        Some(between) => most_different(&scores, |a, b| between.alike(a, b), LAMBDA, k),
        None => (0..k.min(scores.len())).collect(),
    };
    Ok(Ok(Differing {
        pair,
        n_both,
        n_differ,
        unlike_by: between.as_ref().map(Between::words),
        items: taken.into_iter().map(|at| alike[at].1).collect(),
    }))
}

/// How like two items are.
enum Between {
    /// By the cosine of embeddings of length 1.
    Embeddings(Vec<Vec<f32>>),
    /// By the share of words that they have in common.
    Words(Vec<HashSet<u64>>),
}

impl Between {
    fn of(dataset: &Dataset, pool: &[(f64, u32)]) -> Option<Self> {
        if let Some(embeddings) = &dataset.embeddings {
            let unit = |&(_, item): &(f64, u32)| {
                let row = embeddings.row(item as usize);
                let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
                row.iter().map(|v| v / length).collect()
            };
            return Some(Self::Embeddings(pool.iter().map(unit).collect()));
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default();
        let texts = dataset.texts.as_ref()?;
        let words = |&(_, item): &(f64, u32)| {
            let words = texts.get(item as usize).split_whitespace();
            words.map(|w| hash.hash_one(w.to_lowercase())).collect()
        };
        Some(Self::Words(pool.iter().map(words).collect()))
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Embeddings(_) => "embeddings",
            Self::Words(_) => "words",
        }
    }

    fn alike(&self, a: usize, b: usize) -> f64 {
        match self {
            Self::Embeddings(rows) => {
                settled(rows[a].iter().zip(&rows[b]).map(|(x, y)| f64::from(x * y)).sum())
            }
            Self::Words(sets) => {
                let common = sets[a].intersection(&sets[b]).count();
                let all = sets[a].len() + sets[b].len() - common;
                if all == 0 { 1.0 } else { common as f64 / all as f64 }
            }
        }
    }
}

/// What two distributions are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Divergence {
    /// Kullback & Leibler's, of the first from the second; not the same both ways.
    #[default]
    Kl,
    /// Jensen & Shannon's.
    Js,
}

/// Items that tell two systems apart, the most decisive first.
#[derive(Debug, Clone)]
pub struct Decisive {
    /// Which systems.
    pub pair: (Machine, Machine),
    /// By what.
    pub by: Divergence,
    /// All items of both, the most decisive first.
    pub items: Vec<u32>,
    /// How far apart the two are there, in nats, descending.
    pub scores: Vec<f64>,
    /// Items that people's votes call tied, and items of which they say whether they are.
    pub n_tied: (usize, usize),
    /// Ties saved among the first 10, 20 and 50 %.
    pub saved: Result<Vec<TiesSaved>, Undefined>,
}

/// Orders items by how far apart two systems are; `votes` are people's.
///
/// Undefined but for two models with probabilities.
pub fn decisive(
    dataset: &Dataset,
    votes: &Annotations,
    pair: (Machine, Machine),
    by: Divergence,
    progress: &Progress,
) -> Result<Result<Decisive, Undefined>, Cancelled> {
    let (Some(a), Some(b)) = (pair.0.model(dataset), pair.1.model(dataset)) else {
        return Ok(Err(needs_two()));
    };
    if pair.0 == pair.1 {
        return Ok(Err(needs_two()));
    }
    progress.stage("Decisive items", 0);
    let (mut p, mut q) = (vec![0.0; a.cols()], vec![0.0; b.cols()]);
    let mut sorted: Vec<(f64, u32)> = Vec::new();
    for item in 0..dataset.n_items().min(a.rows()).min(b.rows()) {
        if item % 4096 == 0 {
            progress.check()?;
        }
        a.read(item, &mut p);
        b.read(item, &mut q);
        let apart = match by {
            Divergence::Kl => kl(&p, &q),
            Divergence::Js => jensen_shannon(&p, &q),
        };
        sorted.push((settled(apart), item as u32));
    }
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let says_tie: Vec<bool> = dataset
        .labels
        .names()
        .iter()
        .map(|l| l != "0" && TIES.contains(&l.trim().to_lowercase().as_str()))
        .collect();
    let tied: Vec<bool> =
        sorted.iter().filter_map(|&(_, item)| is_tied(votes, item as usize, &says_tie)).collect();
    let n_tied = (tied.iter().filter(|&&t| t).count(), tied.len());
    let saved = match n_tied {
        (_, 0) => Err(Undefined::Because("votes say of no item whether it is tied".to_owned())),
        _ => SHARES.iter().map(|&share| ties_saved(&tied, share)).collect(),
    };
    let (scores, items) = sorted.into_iter().unzip();
    Ok(Ok(Decisive { pair, by, items, scores, n_tied, saved }))
}

pub(super) fn needs_two() -> Undefined {
    Undefined::Because("two models with probabilities of these labels are needed".to_owned())
}

/// Whether most votes name a label that says so, or no label has most of two votes or more; `None` where that cannot be told.
fn is_tied(votes: &Annotations, item: usize, says_tie: &[bool]) -> Option<bool> {
    let labels = votes.labels_of(item);
    if labels.is_empty() || (labels.len() == 1 && !says_tie.contains(&true)) {
        return None;
    }
    let mut counts = vec![0_usize; says_tie.len()];
    labels.iter().for_each(|&l| counts[l as usize] += 1);
    let most = counts.iter().max()?;
    let mut ahead = counts.iter().enumerate().filter(|(_, n)| *n == most).map(|(l, _)| l);
    let first = ahead.next()?;
    Some(ahead.next().is_some() || says_tie[first])
}
