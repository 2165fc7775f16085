//! Whose votes count: people's unless they were switched out, models' only once they were switched in.

use std::borrow::Cow;

use super::Settings;
use crate::dataset::{Annotations, Dataset, RaterKind, Raters};

impl Settings {
    /// Whether `rater` counts. Where there are only models, they count as people do.
    pub fn counts(&self, raters: &Raters, rater: u32) -> bool {
        let switched = raters.names.get(rater as usize).is_some_and(|name| self.switched.contains(name));
        counts_unasked(raters, rater) != switched
    }

    /// Switches a rater: out who counted, in who did not.
    pub fn switch(&mut self, raters: &Raters, rater: u32) {
        if let Some(name) = raters.names.get(rater as usize)
            && !self.switched.remove(name)
        {
            self.switched.insert(name.clone());
        }
    }

    /// Raters who do not count, ascending; empty for anonymous votes.
    pub fn left_out(&self, raters: &Raters) -> Vec<u32> {
        let people_only = raters.kinds.iter().all(|&k| k == RaterKind::Human);
        if !raters.are_known() || (people_only && self.switched.is_empty()) {
            return Vec::new();
        }
        (0..raters.len() as u32).filter(|&r| !self.counts(raters, r)).collect()
    }

    /// The annotations that count.
    pub fn counted<'a>(&self, dataset: &'a Dataset) -> Cow<'a, Annotations> {
        let out = self.left_out(&dataset.raters);
        if out.is_empty() {
            return Cow::Borrowed(&dataset.annotations);
        }
        Cow::Owned(dataset.annotations.keep(|_, rater| out.binary_search(&rater).is_err()))
    }
}

fn counts_unasked(raters: &Raters, rater: u32) -> bool {
    raters.kinds.get(rater as usize) != Some(&RaterKind::Model)
        || raters.kinds.iter().all(|&k| k == RaterKind::Model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::AnnotationsBuilder;

    #[test]
    fn models_count_when_asked_and_people_until_told_otherwise() {
        let mut builder = AnnotationsBuilder::new();
        (0..3).for_each(|rater| builder.push(0, rater, 0, None));
        let kinds = vec![RaterKind::Human, RaterKind::Model, RaterKind::Human];
        let names = ["a", "m", "b"].map(str::to_owned).to_vec();
        let mut dataset = Dataset {
            raters: Raters { names, kinds, ..Raters::default() },
            annotations: builder.finish(1, 3),
            ..Dataset::default()
        };
        let mut settings = Settings::default();
        assert_eq!(settings.left_out(&dataset.raters), [1]);
        assert_eq!(settings.counted(&dataset).raters_of(0), [0, 2]);
        [0, 1].into_iter().for_each(|r| settings.switch(&dataset.raters, r));
        assert_eq!(settings.counted(&dataset).raters_of(0), [1, 2]);
        dataset.raters.kinds = vec![RaterKind::Model; 3];
        assert!(matches!(Settings::default().counted(&dataset), Cow::Borrowed(_)));
    }
}
