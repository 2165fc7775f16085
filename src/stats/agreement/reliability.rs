//! Reliability data: who said what, what the labels are worth, and the counts, made once for many coefficients.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::levels::Levels;
use super::tally::Tally;
use crate::dataset::{Annotations, Dataset, DuplicateRule, LabelSets, Scale, Task};
use crate::stats::Undefined;

/// What coefficients are computed from. Cheap to make; counts are made when they are first asked for.
#[derive(Debug)]
pub struct ReliabilityData<'a> {
    annotations: &'a Annotations,
    levels: Levels,
    sets: Option<&'a LabelSets>,
    scale: Scale,
    anonymous: bool,
    tally: OnceLock<Result<Tally, Undefined>>,
    single: OnceLock<Cow<'a, Annotations>>,
}

impl<'a> ReliabilityData<'a> {
    /// Labels from `levels.len()` on take no part. Nominal, with known raters, without sets.
    pub fn new(annotations: &'a Annotations, levels: Levels) -> Self {
        Self {
            annotations,
            levels,
            sets: None,
            scale: Scale::Nominal,
            anonymous: false,
            tally: OnceLock::new(),
            single: OnceLock::new(),
        }
    }

    /// The annotations of a dataset (resolved as the user wants, or as they are) with its label values and scale.
    pub fn of(dataset: &'a Dataset, annotations: &'a Annotations) -> Self {
        let scale = match (dataset.labels.scale, dataset.task) {
            (Scale::Nominal, Task::Ordinal) => Scale::Ordinal,
            (Scale::Nominal, Task::Number) => Scale::Interval,
            (scale, _) => scale,
        };
        Self {
            sets: dataset.sets.as_ref(),
            scale,
            anonymous: dataset.raters.anonymous,
            ..Self::new(annotations, Levels::of(&dataset.labels))
        }
    }

    /// The same on another scale.
    #[must_use]
    pub fn on(self, scale: Scale) -> Self {
        Self { scale, ..self }
    }

    /// The same with labels that are sets.
    #[must_use]
    pub fn with_sets(self, sets: &'a LabelSets) -> Self {
        Self { sets: Some(sets), ..self }
    }

    /// The same with raters that nobody can tell apart.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self { anonymous: true, ..self }
    }

    /// Other annotations with the same labels.
    #[must_use]
    pub fn with_annotations<'b>(&self, annotations: &'b Annotations) -> ReliabilityData<'b>
    where
        'a: 'b,
    {
        ReliabilityData {
            sets: self.sets,
            scale: self.scale,
            anonymous: self.anonymous,
            ..ReliabilityData::new(annotations, self.levels.clone())
        }
    }

    /// Who said what, repeats and all.
    pub fn annotations(&self) -> &'a Annotations {
        self.annotations
    }

    /// What the labels are worth.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// What the distance between labels means.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// What members each label has, for sets.
    pub fn sets(&self) -> Option<&'a LabelSets> {
        self.sets
    }

    /// The counts. Undefined for no annotations, fewer than two raters, no item with two annotations.
    pub fn tally(&self) -> Result<&Tally, Undefined> {
        self.tally
            .get_or_init(|| Tally::new(self.annotations, self.levels.len()))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The annotations with one label a rater and item: the last counts. Undefined where votes are anonymous.
    pub fn single(&self) -> Result<&Annotations, Undefined> {
        if self.anonymous {
            return Err(Undefined::AnonymousVotes);
        }
        Ok(self.single.get_or_init(|| {
            if self.annotations.n_duplicates() == 0 {
                Cow::Borrowed(self.annotations)
            } else {
                Cow::Owned(self.annotations.resolved(DuplicateRule::Last))
            }
        }))
    }
}
