//! Which categories may be left to a model: people's agreement with each other against their agreement with the model.
//!
//! A category is a label (it, or any other), or, where a source asks several questions with two answers, a question. Models are
//! raters that are models; without any, predicted probabilities answer with their most probable label.

use std::sync::Arc;

use super::{Settings, questions};
use crate::dataset::{Annotations, Dataset, LabelId, NO_LABEL, RaterKind};
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::category_reliability::{Category, CategoryReliability, Limits, category_reliability};

/// Most answers that are held: items × raters × categories.
const MOST_CELLS: usize = 100_000_000;
/// Most questions that are read.
const MOST_QUESTIONS: usize = 100;
/// Resamples of items.
const REPLICATES: u32 = 1000;
/// Resampled pairs of answers in all: fewer rounds where there are many.
const WORK: usize = 150_000_000;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoriesAsked {
    /// Whose votes are people's.
    pub settings: Settings,
    /// Seed of the resamples.
    pub seed: u64,
}

/// What stands behind a category.
#[derive(Debug, Clone, PartialEq)]
pub enum BehindCategory {
    /// The items on which a person and a model part over a label.
    Items(LabelId, Arc<[u32]>),
    /// A question of the source.
    Question(String),
}

/// All categories.
#[derive(Debug, Clone)]
pub struct CategoriesReport {
    /// What was asked for.
    pub asked: CategoriesAsked,
    /// The points.
    pub found: CategoryReliability,
    /// One a point.
    pub behind: Vec<BehindCategory>,
    /// Names of the people, and of the models.
    pub people: Vec<String>,
    /// See there.
    pub models: Vec<String>,
    /// Where the lines between zones are.
    pub limits: Limits,
    /// Resamples behind each interval.
    pub replicates: u32,
}

/// Answers of one category: those of people, then of models; one list a rater, one answer an item.
type Lists = [Vec<Vec<Option<bool>>>; 2];

/// Compares people and models, category by category.
///
/// Undefined with fewer than two people, without a model, and where there are more answers than can be held.
pub fn categories(
    dataset: &Dataset,
    asked: &CategoriesAsked,
    progress: &Progress,
) -> Result<Result<CategoriesReport, Undefined>, Cancelled> {
    let because = |why: &str| Ok(Err(Undefined::Because(why.to_owned())));
    let raters = &dataset.raters;
    if !raters.are_known() || dataset.annotations.is_empty() {
        return because("it takes raters with names");
    }
    if dataset.sets.is_some() {
        return because("items have several labels: take the single labels for questions");
    }
    let is_model = |r: u32| raters.kinds.get(r as usize) == Some(&RaterKind::Model);
    let all = 0..raters.len() as u32;
    let people: Vec<u32> =
        all.clone().filter(|&r| !is_model(r) && asked.settings.counts(raters, r)).collect();
    let models: Vec<u32> = all.filter(|&r| is_model(r)).collect();
    if people.len() < 2 {
        return Ok(Err(Undefined::FewerThanTwoRaters));
    }
    let by_questions = dataset.questions.len() > 1 && dataset.labels.len() == 2;
    let predicted = models.is_empty().then_some(()).and(dataset.probabilities.as_ref());
    if models.is_empty() && (predicted.is_none() || by_questions) {
        return because("no rater is a model, and nothing is predicted");
    }
    let n_categories =
        if by_questions { dataset.questions.len().min(MOST_QUESTIONS) } else { dataset.labels.len() };
    let n_raters = people.len() + models.len().max(1);
    let cells = dataset.n_items().saturating_mul(n_raters).saturating_mul(n_categories);
    if cells > MOST_CELLS {
        return because("there are too many raters, items and categories to be held pair by pair");
    }
    let names = |list: &[u32]| list.iter().map(|&r| raters.names[r as usize].clone()).collect::<Vec<_>>();
    let (who, machines) = (names(&people), names(&models));
    let mut lists: Vec<(String, Lists)> = Vec::with_capacity(n_categories);
    let mut behind = Vec::with_capacity(n_categories);
    if by_questions {
        for (number, question) in dataset.questions.iter().take(n_categories).enumerate() {
            let own = match questions::question(dataset, number, progress)? {
                Ok(own) => own,
                Err(reason) => return Ok(Err(reason)),
            };
            let own = own.as_ref();
            if own.labels.len() != 2 {
                continue;
            }
            let votes = own.annotations.resolved(asked.settings.duplicates);
            let number_of = |name: &String| own.raters.names.iter().position(|n| n == name);
            let of = |names: &[String]| -> Vec<Vec<Option<bool>>> {
                let list =
                    |name| number_of(name).map_or_else(Vec::new, |r| said(&votes, r, 1, own.n_items()));
                names.iter().map(list).collect()
            };
            lists.push((question.name.clone(), [of(&who), of(&machines)]));
            behind.push(BehindCategory::Question(question.name.clone()));
        }
    } else {
        let votes = dataset.annotations.resolved(asked.settings.duplicates);
        let predictions: Option<Vec<LabelId>> = predicted.map(|p| {
            let mut row = vec![0.0; p.cols()];
            let label = |item: usize| {
                p.read(item, &mut row);
                let most = row.iter().copied().fold(0.0, f64::max);
                // Equal ones tie to the lowest, as everywhere.
                row.iter().position(|q| *q == most && most > 0.0).map_or(NO_LABEL, |l| l as LabelId)
            };
            (0..p.rows()).map(label).collect()
        });
        for label in 0..dataset.labels.len() as LabelId {
            progress.check()?;
            let of = |list: &[u32]| -> Vec<Vec<Option<bool>>> {
                list.iter().map(|&r| said(&votes, r as usize, label, dataset.n_items())).collect()
            };
            let mut machines = of(&models);
            if let Some(predictions) = &predictions {
                let answer = |l: &LabelId| (*l != NO_LABEL).then_some(*l == label);
                machines.push(predictions.iter().map(answer).collect());
            }
            let persons = of(&people);
            let parts = |item: usize| {
                let of = |list: &[Option<bool>]| list.get(item).copied().flatten();
                let said: Vec<bool> = persons.iter().filter_map(|p| of(p)).collect();
                machines.iter().filter_map(|m| of(m)).any(|m| said.iter().any(|&p| p != m))
            };
            let items: Arc<[u32]> = (0..dataset.n_items()).filter(|&i| parts(i)).map(|i| i as u32).collect();
            behind.push(BehindCategory::Items(label, items));
            lists.push((dataset.labels.name(label).to_owned(), [persons, machines]));
        }
    }
    // Answers of an item are compared two by two.
    let each = dataset.annotations.len().div_ceil(dataset.n_items().max(1)) + 1;
    let pairs = dataset.n_items() * n_categories * (each * each / 2 + 1);
    let replicates = ((WORK / pairs.max(1)) as u32).clamp(20, REPLICATES);
    let given: Vec<Category> = lists
        .iter()
        .map(|(name, [people, models])| Category {
            name: name.clone(),
            people: people.iter().map(Vec::as_slice).collect(),
            models: models.iter().map(Vec::as_slice).collect(),
        })
        .collect();
    let limits = Limits::default();
    let found = category_reliability(&given, &limits, (replicates, asked.seed), progress)?;
    let models = if predicted.is_some() { vec!["probabilities".to_owned()] } else { machines };
    Ok(Ok(CategoriesReport { asked: asked.clone(), found, behind, people: who, models, limits, replicates }))
}

/// Whether a rater gave this label, item by item.
fn said(votes: &Annotations, rater: usize, label: LabelId, n: usize) -> Vec<Option<bool>> {
    let mut list = vec![None; n];
    for vote in votes.of_rater(rater) {
        if let Some(slot) = list.get_mut(vote.item as usize) {
            *slot = Some(vote.label == label);
        }
    }
    list
}

#[cfg(test)]
mod tests;
