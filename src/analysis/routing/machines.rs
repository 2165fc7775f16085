//! Who can be routed around, and held against whom: models with probabilities, raters that are models, and people.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::analysis::judge_validation::most_probable;
use crate::dataset::{Dataset, LabelId, NO_LABEL, Probabilities, RaterKind};
use crate::progress::{Cancelled, Progress};

/// Most people that can be chosen among.
const MOST_PEOPLE: usize = 1_000;

/// Who gives labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Machine {
    /// A rater, by number.
    Rater(u32),
    /// A model with probabilities, by its place among the dataset's.
    Model(u32),
}

impl Machine {
    /// Models with a probability of each label: what has distributions.
    pub fn systems(dataset: &Dataset) -> Vec<Self> {
        let all = dataset.probabilities.iter().chain(&dataset.models).zip(0..);
        let fits = |p: &Probabilities| p.cols() == dataset.labels.len() && dataset.sets.is_none();
        all.filter(|(p, _)| fits(p)).map(|(_, at)| Self::Model(at)).collect()
    }

    /// Models with probabilities, and raters that are models.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let mut all = Self::systems(dataset);
        all.extend(raters(dataset, RaterKind::Model));
        all
    }

    /// The same, and people.
    pub fn and_people(dataset: &Dataset) -> Vec<Self> {
        let mut all = Self::all(dataset);
        all.extend(raters(dataset, RaterKind::Human).take(MOST_PEOPLE));
        all
    }

    /// What it is called.
    pub fn name(self, dataset: &Dataset) -> String {
        match self {
            Self::Rater(r) => dataset.raters.names.get(r as usize).cloned().unwrap_or_default(),
            Self::Model(_) => match self.model(dataset) {
                Some(model) if !model.name.is_empty() => model.name.clone(),
                _ => "probabilities".to_owned(),
            },
        }
    }

    /// Its probabilities, where it has any.
    pub fn model(self, dataset: &Dataset) -> Option<&Probabilities> {
        let Self::Model(at) = self else { return None };
        let mut all = dataset.probabilities.iter().chain(&dataset.models);
        all.nth(at as usize).filter(|p| p.cols() == dataset.labels.len())
    }

    /// Its label of every item, the most probable one of a model.
    pub(super) fn labels(self, dataset: &Dataset, progress: &Progress) -> Result<Vec<LabelId>, Cancelled> {
        let mut labels = vec![NO_LABEL; dataset.n_items()];
        if let Self::Rater(rater) = self {
            if (rater as usize) < dataset.annotations.n_raters() {
                let own = dataset.annotations.of_rater(rater as usize);
                own.for_each(|a| labels[a.item as usize] = a.label);
            }
        } else if let Some(model) = self.model(dataset) {
            let mut row = vec![0.0; model.cols()];
            for (item, label) in labels.iter_mut().enumerate().take(model.rows()) {
                if item % 4096 == 0 {
                    progress.check()?;
                }
                model.read(item, &mut row);
                *label = most_probable(&row);
            }
        }
        Ok(labels)
    }
}

/// Everybody who can be chosen; it takes a pass over the raters.
#[derive(Debug, Clone)]
pub struct Who {
    /// What has distributions.
    pub systems: Arc<[Machine]>,
    /// What is no person.
    pub machines: Arc<[Machine]>,
    /// Everybody.
    pub all: Arc<[Machine]>,
}

impl Who {
    /// Of `dataset`.
    pub fn of(dataset: &Dataset) -> Self {
        Self {
            systems: Machine::systems(dataset).into(),
            machines: Machine::all(dataset).into(),
            all: Machine::and_people(dataset).into(),
        }
    }
}

fn raters(dataset: &Dataset, kind: RaterKind) -> impl Iterator<Item = Machine> {
    let known = dataset.raters.are_known() && dataset.sets.is_none();
    let kinds = dataset.raters.kinds.iter().zip(0..).filter(move |(k, _)| known && **k == kind);
    kinds.map(|(_, rater)| Machine::Rater(rater))
}
