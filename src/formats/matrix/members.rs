//! Probabilities of the single labels that sets are made of: columns that need not sum to anything.

use std::collections::{BTreeSet, HashMap};

use super::super::error::FormatError;
use super::super::load::{LoadOptions, tolerance};
use super::super::notes::Notes;
use super::Matrix;
use super::check::{Fit, check};
use crate::dataset::{Dataset, NOTHING, Width};
use crate::progress::Progress;

impl Matrix {
    /// Whether the columns are those of the single labels that `values` hold, joined by `|`, and not of the values
    /// themselves.
    pub(crate) fn is_of_members(&self, values: &[String]) -> bool {
        let values: BTreeSet<&str> = values.iter().map(String::as_str).filter(|v| *v != NOTHING).collect();
        let members: BTreeSet<&str> =
            values.iter().flat_map(|v| v.split('|')).filter(|m| !m.is_empty()).collect();
        self.columns_of_members(&members.into_iter().collect::<Vec<_>>(), &values).is_some()
    }

    /// For each single label, its column, where columns are those of single labels and not of sets.
    fn columns_of_members(&self, members: &[&str], sets: &BTreeSet<&str>) -> Option<Vec<u32>> {
        let Some(names) = &self.labels else {
            let cols = self.numbers.stored_cols();
            let fits = cols == members.len() && cols != sets.len();
            return fits.then(|| (0..cols as u32).collect());
        };
        let known: HashMap<&str, u32> = (0..).zip(names).map(|(c, name)| (name.as_str(), c)).collect();
        if known.len() < names.len() || sets.iter().all(|set| known.contains_key(set)) {
            return None;
        }
        members.iter().map(|m| known.get(m).copied()).collect()
    }

    /// For each single label of a dataset of sets, its column, where columns are those of single labels.
    pub(super) fn member_columns_of(&self, dataset: &Dataset) -> Option<Vec<u32>> {
        let sets = dataset.sets.as_ref()?;
        let members: Vec<&str> = sets.members.iter().map(String::as_str).collect();
        let labels = dataset.labels.names().iter().map(String::as_str);
        self.columns_of_members(&members, &labels.filter(|l| *l != NOTHING).collect())
    }

    /// Checks the numbers, matches them to items, and puts them into the dataset.
    pub(super) fn attach_members(
        mut self,
        dataset: &mut Dataset,
        columns: Vec<u32>,
        has_keys: bool,
        options: &LoadOptions,
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<(), FormatError> {
        self.choose_keys(dataset);
        let order = self.match_rows(dataset, has_keys, notes)?;
        let fit = Fit::new(&columns, self.numbers.stored_cols(), self.numbers.rows(), 0);
        let is_half = self.width == Width::F16;
        let checked = check(&self.numbers, &[], fit, tolerance(self.width), true, is_half, progress)?
            .map_err(|bad| self.bad_number(&bad))?;
        self.note_ties(&checked, notes);
        let name = self.name(dataset, options);
        let mut numbers = self.numbers.with_columns(columns);
        if let Some(order) = order {
            numbers = numbers.with_row_order(order);
        }
        numbers.name = name;
        dataset.member_probabilities = Some(numbers);
        dataset.source.probabilities = self.file;
        Ok(())
    }
}
