//! What is hard for people against what is hard for models, item by item and by the values of a column.
//!
//! With a trusted label: people's share of wrong votes, and models' error. Without: the entropy of people's votes, and of models' probabilities. Raters'
//! votes only: no decision changes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Settings;
use super::judge_validation::judges_of;
use super::judge_validation::peoples_votes;
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL};
use crate::progress::{Cancelled, Progress};
use crate::stats::aggregation::entropy_nats;
use crate::stats::correlation::{Correlation, correlation_p_value};
use crate::stats::difficulty::{Split, Times, believed, classical, item_rest};
use crate::stats::variation::{VoteCounts, entropy_bits};
use crate::stats::{Statistic, Undefined};

/// Resamples of few items; of many, fewer.
const DRAWS: (usize, usize) = (100, 1_000);
const WORK: usize = 4_000_000;
/// Values of a column that are conditions.
const CONDITIONS: std::ops::RangeInclusive<usize> = 3..=200;
/// Most columns that are looked at.
const MOST_COLUMNS: usize = 200;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifficultyAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// The column about items whose values are conditions.
    pub condition: Option<usize>,
    /// Seed of the resamples.
    pub seed: u64,
}

/// What is known of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemDifficulty {
    /// Which.
    pub item: u32,
    /// How hard for people: share of wrong votes, or bits of their votes.
    pub people: f64,
    /// How hard for models: mean error, or bits.
    pub models: Option<f64>,
    /// ln((1 − p)/p) of the share p of right votes, where there is a trusted label.
    pub b: Option<f64>,
    /// Correlation of a right answer with the rest of a rater's answers.
    pub rest: Option<f64>,
    /// Mean ln seconds of the votes that are believed.
    pub log_time: Option<f64>,
    /// Votes of people.
    pub n_votes: usize,
}

impl ItemDifficulty {
    /// Whether those who answer it rightly answer the rest worse, by more than chance.
    pub fn is_against(&self) -> bool {
        self.rest.is_some_and(|r| r < 0.0 && correlation_p_value(r, self.n_votes).is_some_and(|p| p < 0.05))
    }
}

/// Mean difficulty under a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionDifficulty {
    /// The value.
    pub name: String,
    /// Its items, ascending.
    pub items: Arc<[u32]>,
    /// Means over items: people, models, ln seconds.
    pub means: [Option<f64>; 3],
}

/// Correlations of two of the three numbers of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What, in words.
    pub name: &'static str,
    /// Over items: Spearman's ρ with its interval, and Pearson's r.
    pub items: [Statistic; 2],
    /// Over the means of conditions, where there are some.
    pub conditions: Option<[Statistic; 2]>,
}

/// Items by which side they are hard for: easy for both, hard for people only, hard for models only, hard for both. Those that part the two are
/// listed from the widest gap of ranks on.
#[derive(Debug, Clone)]
pub struct Quadrants {
    /// What is hard for people, and for models.
    pub splits: [Split; 2],
    /// The items.
    pub items: [Arc<[u32]>; 4],
}

/// Names of the quadrants.
pub const QUADRANTS: [&str; 4] = [
    "easy for both",
    "hard for people, easy for models",
    "easy for people, hard for models",
    "hard for both",
];

/// Difficulty for people and for models.
#[derive(Debug, Clone)]
pub struct DifficultyReport {
    /// What was asked for.
    pub asked: DifficultyAsked,
    /// What people's difficulty is, in words.
    pub people: &'static str,
    /// What models' is.
    pub models: &'static str,
    /// The models.
    pub names: Vec<String>,
    /// Items with people's difficulty, ascending.
    pub items: Vec<ItemDifficulty>,
    /// People with models, people with time, models with time: as far as they are there.
    pub pairs: Vec<Pair>,
    /// The four quadrants.
    pub quadrants: Result<Quadrants, Undefined>,
    /// The column of conditions, and each.
    pub conditions: Option<(String, Vec<ConditionDifficulty>)>,
    /// Times, one a vote; `None` where the data has none.
    pub times: Option<Times>,
    /// Items without a trusted label, left out where others have one.
    pub n_without_gold: usize,
}

/// Columns about items whose values may be conditions: few that come again.
pub fn condition_columns(dataset: &Dataset) -> Vec<usize> {
    let few = |column: &crate::dataset::TextColumn| {
        let mut seen = std::collections::HashSet::new();
        let within = column.iter().filter(|v| !v.is_empty()).all(|v| {
            seen.insert(v);
            seen.len() <= *CONDITIONS.end()
        });
        within && CONDITIONS.contains(&seen.len()) && 2 * seen.len() <= column.len()
    };
    (0..dataset.metadata.len().min(MOST_COLUMNS)).filter(|&at| few(&dataset.metadata[at].1)).collect()
}

/// Holds what is hard for people against what is hard for models.
///
/// Undefined for several labels an item, without people's votes, and without a model.
///
/// # Errors
/// If it was cancelled.
pub fn difficulty(
    dataset: &Dataset,
    asked: &DifficultyAsked,
    progress: &Progress,
) -> Result<Result<DifficultyReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    if dataset.sets.is_some() {
        return because("items have several labels");
    }
    progress.stage("Difficulty", 0);
    let votes = peoples_votes(dataset, &asked.settings);
    if votes.is_empty() {
        return because("no person’s vote counts");
    }
    let n = dataset.n_items();
    let gold = |item: usize| {
        let ids = dataset.gold.as_ref()?.ids.get(item)?;
        Some(*ids).filter(|&l| l != NO_LABEL)
    };
    let has_gold = (0..n).any(|item| gold(item).is_some() && votes.count(item) > 0);
    let times = votes.has_durations().then(|| {
        let own = (0..n).flat_map(|item| votes.of_item(item));
        believed(&own.map(|a| votes.duration_s(a.index).map(f64::from)).collect::<Vec<_>>())
    });
    let (names, hard, what) = match models(dataset, has_gold, &gold, progress)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let rest = if has_gold && dataset.raters.are_known() {
        let right =
            |a: crate::dataset::Annotation| Some((a.item, a.rater, a.label == gold(a.item as usize)?));
        let answers: Vec<_> = (0..n).flat_map(|item| votes.of_item(item)).filter_map(right).collect();
        item_rest(&answers, n, dataset.raters.len())
    } else {
        vec![None; n]
    };
    let items = items(&votes, dataset.labels.len(), has_gold, &gold, (&hard, &rest, times.as_ref()));
    let conditions = asked.condition.and_then(|at| dataset.metadata.get(at)).map(|(name, column)| {
        let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            let value = column.get(item.item as usize);
            if !value.is_empty() {
                of.entry(value).or_default().push(at);
            }
        }
        let all = of.into_iter().map(|(value, own)| condition(value, &own, &items));
        (name.clone(), all.collect::<Vec<_>>())
    });
    let pairs = pairs(&items, conditions.as_ref().map(|c| c.1.as_slice()), asked.seed, progress)?;
    let n_without_gold =
        if has_gold { (0..n).filter(|&i| votes.count(i) > 0 && gold(i).is_none()).count() } else { 0 };
    Ok(Ok(DifficultyReport {
        asked: asked.clone(),
        people: if has_gold {
            "share of people’s votes that are wrong"
        } else {
            "entropy of people’s votes, bits"
        },
        models: what,
        names,
        quadrants: quadrants(&items),
        items,
        pairs,
        conditions,
        times,
        n_without_gold,
    }))
}

/// Names of the models, how hard each item is for them, and what that is.
type OfModels = (Vec<String>, Vec<Option<f64>>, &'static str);

fn models(
    dataset: &Dataset,
    has_gold: bool,
    gold: &dyn Fn(usize) -> Option<LabelId>,
    progress: &Progress,
) -> Result<Result<OfModels, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    let n = dataset.n_items();
    if has_gold {
        let judges = judges_of(dataset, None, progress)?;
        if judges.is_empty() {
            return because("there is no model");
        }
        let wrong = |item: usize| {
            let gold = gold(item)?;
            let said = judges.iter().filter_map(|j| j.labels.get(item).filter(|&&l| l != NO_LABEL));
            let wrong: Vec<f64> = said.map(|&l| f64::from(u8::from(l != gold))).collect();
            (!wrong.is_empty()).then(|| wrong.iter().sum::<f64>() / wrong.len() as f64)
        };
        let what = "share of models that are wrong";
        let names = judges.iter().map(|j| j.name.clone()).collect();
        // One model is right or wrong; what it gives the trusted label says more.
        if let ([_], Some(model)) =
            (judges.as_slice(), dataset.probabilities.as_ref().or(dataset.models.first()))
        {
            let mut row = vec![0.0; model.cols()];
            let hard = (0..n).map(|item| {
                let gold = gold(item)?;
                (item < model.rows()).then(|| model.read(item, &mut row))?;
                let sum: f64 = row.iter().sum();
                (sum > 0.0).then(|| 1.0 - row.get(gold as usize).copied().unwrap_or(0.0) / sum)
            });
            return Ok(Ok((names, hard.collect(), "1 − the model’s probability of the trusted label")));
        }
        return Ok(Ok((names, (0..n).map(wrong).collect(), what)));
    }
    let own: Vec<_> = dataset
        .probabilities
        .iter()
        .chain(&dataset.models)
        .filter(|m| m.cols() == dataset.labels.len())
        .collect();
    if own.is_empty() {
        return because("without a trusted label it takes a model’s probabilities");
    }
    let (mut sums, mut counts) = (vec![0.0; n], vec![0_u32; n]);
    for model in &own {
        let mut row = vec![0.0; model.cols()];
        for item in 0..n.min(model.rows()) {
            if item % 4096 == 0 {
                progress.check()?;
            }
            model.read(item, &mut row);
            let sum: f64 = row.iter().sum();
            if sum > 0.0 {
                row.iter_mut().for_each(|p| *p /= sum);
                (sums[item], counts[item]) =
                    (sums[item] + entropy_nats(&row) / std::f64::consts::LN_2, counts[item] + 1);
            }
        }
    }
    let hard = sums.iter().zip(&counts).map(|(s, &c)| (c > 0).then(|| s / f64::from(c)));
    let name = |m: &str| if m.is_empty() { "probabilities".to_owned() } else { m.to_owned() };
    let names = own.iter().map(|m| name(&m.name)).collect();
    Ok(Ok((names, hard.collect(), "entropy of the models’ probabilities, bits")))
}

fn items(
    votes: &Annotations,
    n_labels: usize,
    has_gold: bool,
    gold: &dyn Fn(usize) -> Option<LabelId>,
    (hard, rest, times): (&[Option<f64>], &[Option<f64>], Option<&Times>),
) -> Vec<ItemDifficulty> {
    let counts = VoteCounts::new(votes, n_labels);
    let (mut found, mut from) = (Vec::new(), 0);
    for item in 0..votes.n_items() {
        let n = votes.count(item);
        let log: Vec<f64> =
            times.map_or_else(Vec::new, |t| t.log[from..from + n].iter().flatten().copied().collect());
        from += n;
        if n == 0 {
            continue;
        }
        let n_right = gold(item).map(|gold| votes.labels_of(item).iter().filter(|&&l| l == gold).count());
        let people = match (has_gold, n_right) {
            (true, Some(right)) => 1.0 - right as f64 / n as f64,
            // One vote has no entropy to speak of.
            (false, _) if n > 1 => match entropy_bits(counts.counts_of(item)) {
                Some(bits) => bits,
                None => continue,
            },
            _ => continue,
        };
        found.push(ItemDifficulty {
            item: item as u32,
            people,
            models: hard[item],
            b: n_right.and_then(|right| classical(right, n)),
            rest: rest[item],
            log_time: (!log.is_empty()).then(|| log.iter().sum::<f64>() / log.len() as f64),
            n_votes: n,
        });
    }
    found
}

fn condition(name: &str, own: &[usize], items: &[ItemDifficulty]) -> ConditionDifficulty {
    let mean = |of: &dyn Fn(&ItemDifficulty) -> Option<f64>| {
        let known: Vec<f64> = own.iter().filter_map(|&at| of(&items[at])).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    ConditionDifficulty {
        name: name.to_owned(),
        items: own.iter().map(|&at| items[at].item).collect(),
        means: [mean(&|i| Some(i.people)), mean(&|i| i.models), mean(&|i| i.log_time)],
    }
}

fn pairs(
    items: &[ItemDifficulty],
    conditions: Option<&[ConditionDifficulty]>,
    seed: u64,
    progress: &Progress,
) -> Result<Vec<Pair>, Cancelled> {
    let numbers = |i: &ItemDifficulty| [Some(i.people), i.models, i.log_time];
    let mut found = Vec::new();
    for (name, a, b) in
        [("people and models", 0, 1), ("people and their time", 0, 2), ("models and people’s time", 1, 2)]
    {
        let both = |three: [Option<f64>; 3]| three[a].zip(three[b]);
        let (x, y): (Vec<f64>, Vec<f64>) = items.iter().filter_map(|i| both(numbers(i))).unzip();
        if x.is_empty() {
            continue;
        }
        let replicates = (WORK / x.len()).clamp(DRAWS.0, DRAWS.1) as u32;
        let of = |c: Correlation| c.with_interval((&x, &y), (replicates, seed), progress);
        let statistic = |s: Result<crate::stats::Estimate, Undefined>| s.map_or_else(Into::into, Into::into);
        let own = [statistic(of(Correlation::Spearman)?), statistic(of(Correlation::Pearson)?)];
        let over = conditions.map(|all| {
            let (x, y): (Vec<f64>, Vec<f64>) = all.iter().filter_map(|c| both(c.means)).unzip();
            [Correlation::Spearman, Correlation::Pearson].map(|c| match c.of(&x, &y) {
                Ok(v) => crate::stats::Estimate::new(v, x.len(), 0).into(),
                Err(reason) => Statistic::from(reason),
            })
        });
        found.push(Pair { name, items: own, conditions: over });
    }
    Ok(found)
}

fn quadrants(items: &[ItemDifficulty]) -> Result<Quadrants, Undefined> {
    let known = || items.iter().filter_map(|i| Some((i.item, i.people, i.models?)));
    let (people, models): (Vec<f64>, Vec<f64>) = known().map(|k| (k.1, k.2)).unzip();
    let same = |who: &str| Undefined::Because(format!("all items are as hard for {who}"));
    let splits = [
        Split::of(&people).ok_or_else(|| same("people"))?,
        Split::of(&models).ok_or_else(|| same("models"))?,
    ];
    let ranks = [&people, &models].map(|v| crate::stats::correlation::mid_ranks(v));
    let mut of: [Vec<(f64, u32)>; 4] = Default::default();
    for (at, (item, p, m)) in known().enumerate() {
        let which = usize::from(splits[0].is_hard(p)) + 2 * usize::from(splits[1].is_hard(m));
        let gap = if matches!(which, 1 | 2) { (ranks[0][at] - ranks[1][at]).abs() } else { 0.0 };
        of[which].push((gap, item));
    }
    for own in &mut of {
        own.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    Ok(Quadrants { splits, items: of.map(|own| own.into_iter().map(|o| o.1).collect()) })
}

#[cfg(test)]
mod tests;
