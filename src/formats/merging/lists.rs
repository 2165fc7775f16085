//! Rows that list raters in one cell and their labels in another: each is a vote of its own.

use super::super::columns::reviewer;
use super::super::error::FormatError;
use super::super::listed::list_in;
use super::{Constant, Merging, Rows};
use crate::dataset::{Absence, Missing, Verdict};

impl Merging {
    /// A row that lists raters in one cell and their labels in another.
    pub(super) fn list_row(
        &mut self,
        rows: &mut Rows<'_>,
        row: usize,
        item: u32,
        line: u64,
    ) -> Result<(), FormatError> {
        let lists = rows.rater.as_ref().zip(rows.labels.first());
        let lists = lists.and_then(|(r, l)| list_in(r.column.get(row)).zip(list_in(l.column.get(row))));
        let Some((raters, labels)) = lists.filter(|(r, l)| r.len() == l.len()) else {
            self.tallies.uneven_lists.hit(line);
            return Ok(());
        };
        let moment = self.moment(rows, row, line);
        for (name, label) in raters.iter().zip(&labels) {
            if let Some(who) = reviewer(name).filter(|_| !label.is_empty()) {
                self.tallies.reviewers.hit(line);
                self.verdicts.push(Verdict { item, reviewer: who.to_owned(), label: label.clone() });
                continue;
            }
            if name.is_empty() {
                self.tallies.missing_rater.hit(line);
                continue;
            }
            let before = self.raters.len();
            let (rater, _) = self.raters.intern(name).ok_or_else(|| self.too_many("raters"))?;
            if self.raters.len() > before {
                self.meta.iter_mut().for_each(|m| m.by_rater = Constant::Varies);
            }
            if label.is_empty() {
                self.absences.push(Absence { item, rater, why: Missing::Empty });
                continue;
            }
            let value = self.value(label)?;
            self.builder.push(item, rater, value, None);
            // What a row says of when is said of all its votes.
            self.builder.given_at(moment);
        }
        Ok(())
    }
}
