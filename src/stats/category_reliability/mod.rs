//! May a model take over a category? People's agreement with each other against people's agreement with the model, one point a category
//! (Wang et al. 2023, *SIGHT*).
//!
//! For category c, κ_HH is the mean of Cohen's kappa over pairs of people, κ_HM over pairs of a person and a model; each pair on the items that both
//! answered. An answer that is missing is never taken for a no: that changes the coefficient. A pair whose chance agreement is 1 has no kappa and
//! takes no part in the mean. Intervals are percentiles of resampled items.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::agreement::{Spread, cohen_kappa, resample};
use super::correlation::{Correlation, correlation_p_value};
use super::least_squares::{Regression, least_squares};
use super::{Estimate, Statistic, Undefined};
use crate::progress::{Cancelled, Progress};

/// Categories from which a correlation over them is told.
pub const LEAST_CATEGORIES: usize = 5;
/// Answers for the category below which its numbers say little.
pub const FEW_POSITIVE: usize = 10;
/// Most raters of a category, people and models.
const MOST_RATERS: usize = 1_000;
/// Most kinds of items × pairs of raters × resamples.
const MAX_STEPS: f64 = 1e11;

/// What one rater said about each item: yes, no, or nothing.
pub type Answers<'a> = &'a [Option<bool>];

/// One category as people and models answered it; items past the end of a list have no answer.
#[derive(Debug, Clone, Default)]
pub struct Category<'a> {
    /// Its name.
    pub name: String,
    /// One list a person.
    pub people: Vec<Answers<'a>>,
    /// One list a model, or a version of one.
    pub models: Vec<Answers<'a>>,
}

/// Where the lines between zones are: the authors saw model agreement above .7 where people agreed above .9, and .3 to .5 where they agreed at .7 to .8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// κ_HH above which a category may be left to the model.
    pub people_sure: f64,
    /// κ_HM above which it may.
    pub model_sure: f64,
    /// κ_HH from which people's answers are good enough to review the model's by.
    pub people_usable: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { people_sure: 0.9, model_sure: 0.7, people_usable: 0.7 }
    }
}

/// What may be done with a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// People agree well and the model agrees with them.
    Automate,
    /// People agree well enough to check the model by.
    Review,
    /// People do not agree: the category needs a better definition first.
    Define,
    /// One of the two coefficients is undefined.
    Unknown,
}

impl Limits {
    /// The zone of a point.
    pub fn zone(&self, human_human: Option<f64>, human_model: Option<f64>) -> Zone {
        match (human_human, human_model) {
            (Some(people), _) if people < self.people_usable => Zone::Define,
            (Some(people), Some(model)) if people > self.people_sure && model > self.model_sure => {
                Zone::Automate
            }
            (Some(_), Some(_)) => Zone::Review,
            _ => Zone::Unknown,
        }
    }
}

/// One category.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryPoint {
    /// Its name.
    pub name: String,
    /// κ_HH; `n_items` are items that two people answered, `n_raters` people with a defined pair.
    pub human_human: Statistic,
    /// κ_HM; `n_items` are items that a person and a model answered.
    pub human_model: Statistic,
    /// The same for each model alone.
    pub of_model: Vec<Statistic>,
    /// People's yes over people's answers; `None` without an answer.
    pub prevalence: Option<f64>,
    /// People's yes.
    pub n_positive: usize,
    /// Where the point lies.
    pub zone: Zone,
}

impl CategoryPoint {
    /// Whether there are so few positive answers that the interval is wide whatever it says.
    pub fn is_rare(&self) -> bool {
        self.n_positive < FEW_POSITIVE
    }
}

/// All categories.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryReliability {
    /// One a category, in order.
    pub points: Vec<CategoryPoint>,
    /// Pearson's r of κ_HM with κ_HH over categories that have both; undefined for fewer than five.
    pub pearson: Statistic,
    /// Its p-value.
    pub pearson_p: Option<f64>,
    /// Spearman's ρ of the same.
    pub spearman: Statistic,
    /// Its p-value, by Student's t.
    pub spearman_p: Option<f64>,
    /// κ_HM on κ_HH, under the same condition.
    pub line: Result<Regression, Undefined>,
}

/// Answers of all raters of a category to items alike: as many kinds of items as there are combinations of answers.
struct Kinds {
    /// Raters who answered, people first, then models, with their answers.
    answers: Vec<Vec<(u16, bool)>>,
    n_raters: usize,
    times: Vec<f64>,
    of_item: Vec<u32>,
}

impl Kinds {
    fn new(category: &Category<'_>) -> Self {
        let raters: Vec<Answers<'_>> = category.people.iter().chain(&category.models).copied().collect();
        let n_items = raters.iter().map(|r| r.len()).max().unwrap_or(0);
        let mut numbers: HashMap<Vec<(u16, bool)>, u32> = HashMap::new();
        let (mut answers, mut times, mut of_item) = (Vec::new(), Vec::new(), Vec::with_capacity(n_items));
        for item in 0..n_items {
            let answer = |r: &Answers<'_>| r.get(item).copied().flatten();
            let known = raters.iter().enumerate().filter_map(|(at, r)| Some((at as u16, answer(r)?)));
            let row: Vec<(u16, bool)> = known.collect();
            let next = answers.len() as u32;
            let kind = *numbers.entry(row.clone()).or_insert_with(|| {
                answers.push(row);
                times.push(0.0);
                next
            });
            times[kind as usize] += 1.0;
            of_item.push(kind);
        }
        Self { answers, n_raters: raters.len(), times, of_item }
    }

    /// For each pair of raters the answers to items that both answered (no no, no yes, yes no, yes yes), where kind k is there
    /// `times[k]` times: one pass, whose work is the pairs that an item has.
    fn tables(&self, times: &[f64]) -> Tables {
        let n = self.n_raters;
        let mut cells = vec![[0_u64; 4]; n * n.saturating_sub(1) / 2];
        for (row, &t) in self.answers.iter().zip(times).filter(|(_, t)| **t > 0.0) {
            for (i, &(a, x)) in row.iter().enumerate() {
                for &(b, y) in &row[i + 1..] {
                    cells[place(n, a as usize, b as usize)][2 * usize::from(x) + usize::from(y)] += t as u64;
                }
            }
        }
        Tables { n, cells }
    }
}

/// The place of a pair, the lower number first.
fn place(n: usize, a: usize, b: usize) -> usize {
    a * (2 * n - a - 1) / 2 + b - a - 1
}

/// Answers of each two raters.
struct Tables {
    n: usize,
    cells: Vec<[u64; 4]>,
}

impl Tables {
    /// Kappa of two raters, the lower number first, and the items that both answered.
    fn kappa(&self, (a, b): (usize, usize)) -> (Option<f64>, usize) {
        let cells = self.cells[place(self.n, a, b)];
        let table: Vec<(u32, u32, u64)> =
            (0..4_u32).map(|c| (c / 2, c % 2, cells[c as usize])).filter(|c| c.2 > 0).collect();
        (cohen_kappa(&table).map(|k| k.kappa), cells.iter().sum::<u64>() as usize)
    }

    /// Mean of the defined kappas of pairs.
    fn mean(&self, pairs: &[(usize, usize)]) -> Option<f64> {
        let (mut n, mut sum) = (0.0, 0.0);
        for kappa in pairs.iter().filter_map(|&p| self.kappa(p).0) {
            n += 1.0;
            sum += kappa;
        }
        (n > 0.0).then(|| sum / n)
    }
}

/// Compares people with each other and with models, category by category, with `replicates` resamples of items (0 for no intervals); each category
/// has its own stretch of the random streams of `seed`.
pub fn category_reliability(
    categories: &[Category<'_>],
    limits: &Limits,
    (replicates, seed): (u32, u64),
    progress: &Progress,
) -> Result<CategoryReliability, Cancelled> {
    let mut points = Vec::with_capacity(categories.len());
    for (number, category) in categories.iter().enumerate() {
        progress.check()?;
        points.push(point(category, limits, (replicates, seed.wrapping_add(number as u64)), progress)?);
    }
    let both: Vec<(f64, f64)> =
        points.iter().filter_map(|p| Some((p.human_human.value()?, p.human_model.value()?))).collect();
    let (x, y): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    let over = |which: Correlation| -> Statistic {
        few(both.len()).map_or_else(|| which.of(&x, &y).map(|r| Estimate::new(r, x.len(), 0)), Err).into()
    };
    let (pearson, spearman) = (over(Correlation::Pearson), over(Correlation::Spearman));
    let p_value = |s: &Statistic| s.value().and_then(|r| correlation_p_value(r, x.len()));
    Ok(CategoryReliability {
        pearson_p: p_value(&pearson),
        spearman_p: p_value(&spearman),
        pearson,
        spearman,
        line: few(both.len()).map_or_else(|| least_squares(&y, &[&x]), Err),
        points,
    })
}

fn few(n: usize) -> Option<Undefined> {
    (n < LEAST_CATEGORIES).then(|| {
        Undefined::Because(format!(
            "{n} categories have both coefficients; a correlation needs {LEAST_CATEGORIES}"
        ))
    })
}

fn point(
    category: &Category<'_>,
    limits: &Limits,
    bootstrap: (u32, u64),
    progress: &Progress,
) -> Result<CategoryPoint, Cancelled> {
    let (h, m) = (category.people.len(), category.models.len());
    let refuse = || {
        let reason =
            || Statistic::from(Undefined::Because("there are too many raters or answers".to_owned()));
        CategoryPoint {
            name: category.name.clone(),
            human_human: reason(),
            human_model: reason(),
            of_model: vec![reason(); m],
            prevalence: None,
            n_positive: 0,
            zone: Zone::Unknown,
        }
    };
    if h + m > MOST_RATERS {
        return Ok(refuse());
    }
    let kinds = Kinds::new(category);
    let pairs_of = |row: &Vec<(u16, bool)>| (row.len() * row.len() / 2 + 1) as f64;
    let steps = kinds.answers.iter().map(pairs_of).sum::<f64>() * (f64::from(bootstrap.0) + 1.0);
    if steps > MAX_STEPS {
        return Ok(refuse());
    }
    // The pairs of people, then those with each model in turn.
    let mut sets: Vec<Vec<(usize, usize)>> =
        vec![(0..h).flat_map(|a| (a + 1..h).map(move |b| (a, b))).collect()];
    sets.push((h..h + m).flat_map(|b| (0..h).map(move |a| (a, b))).collect());
    sets.extend((h..h + m).map(|b| (0..h).map(|a| (a, b)).collect()));
    let draws: Vec<Vec<Option<f64>>> =
        resample(&kinds.of_item, kinds.times.len(), bootstrap, progress, |times| {
            let tables = kinds.tables(times);
            sets.iter().map(|pairs| tables.mean(pairs)).collect()
        })?;
    let tables = kinds.tables(&kinds.times);
    let statistic = |which: usize| -> Statistic {
        let pairs = &sets[which];
        if pairs.is_empty() {
            return match which {
                0 => Undefined::FewerThanTwoRaters,
                _ => Undefined::Because("there is no person, or no model".to_owned()),
            }
            .into();
        }
        let Some(value) = tables.mean(pairs) else {
            let shared = pairs.iter().any(|&p| tables.kappa(p).1 > 0);
            return if shared { Undefined::NoVariation } else { Undefined::NoPairableItem }.into();
        };
        // Of people among each other, or of people and models: those of the set.
        let asked: HashSet<(usize, usize)> = pairs.iter().copied().collect();
        let answered = |row: &[(u16, bool)]| {
            row.iter().enumerate().any(|(i, x)| {
                row[i + 1..].iter().any(|y| asked.contains(&(usize::from(x.0), usize::from(y.0))))
            })
        };
        let n_items: f64 =
            kinds.answers.iter().zip(&kinds.times).filter(|(row, _)| answered(row)).map(|(_, t)| t).sum();
        let mut used = vec![false; h + m];
        for &(a, b) in pairs.iter().filter(|&&p| tables.kappa(p).0.is_some()) {
            used[a] = true;
            used[b] = true;
        }
        let spread = Spread::percentiles(&draws.iter().map(|d| d[which]).collect::<Vec<_>>());
        Statistic::Defined(Estimate {
            ci: spread.map(|s| s.ci),
            se: spread.map(|s| s.se),
            method: spread.map(|s| s.method),
            ..Estimate::new(value, n_items as usize, used.iter().filter(|u| **u).count())
        })
    };
    let said =
        |answer: bool| category.people.iter().flat_map(|r| r.iter()).filter(|a| **a == Some(answer)).count();
    let (yes, no) = (said(true), said(false));
    let (human_human, human_model) = (statistic(0), statistic(1));
    Ok(CategoryPoint {
        name: category.name.clone(),
        zone: limits.zone(human_human.value(), human_model.value()),
        human_human,
        human_model,
        of_model: (0..m).map(|i| statistic(2 + i)).collect(),
        prevalence: (yes + no > 0).then(|| yes as f64 / (yes + no) as f64),
        n_positive: yes,
    })
}
