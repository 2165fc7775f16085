//! Column numbers by role, and what follows from them for a row.

use super::schema::{Layout, question_of};
use crate::dataset::Role;

/// Column numbers by role.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(crate) item: Option<usize>,
    pub(crate) rater: Option<usize>,
    /// In long tables one a question, in wide ones one a rater, none in single-label ones.
    pub(crate) labels: Vec<usize>,
    pub(crate) given: Option<usize>,
    pub(crate) gold: Option<usize>,
    pub(crate) texts: Vec<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) when: Option<usize>,
    pub(crate) question: Option<usize>,
    pub(crate) status: Option<usize>,
    pub(crate) media: Option<usize>,
    pub(crate) probabilities: Vec<(usize, String)>,
    /// Whether a label is one of several that apply.
    pub(crate) present: Vec<(usize, String)>,
    /// How many people gave a label.
    pub(crate) counts: Vec<(usize, String)>,
    pub(crate) meta: Vec<usize>,
}

impl Columns {
    /// From roles in column order.
    pub(crate) fn of(roles: &[Role], layout: Layout) -> Self {
        let mut columns = Self::default();
        for (i, role) in roles.iter().enumerate() {
            match role {
                Role::Item => columns.item = Some(i),
                Role::Rater => columns.rater = Some(i),
                Role::Label if layout == Layout::Single => columns.given = Some(i),
                Role::Label => columns.labels.push(i),
                Role::Given => columns.given = Some(i),
                Role::Gold => columns.gold = Some(i),
                Role::Text => columns.texts.push(i),
                Role::Time => columns.time = Some(i),
                Role::When => columns.when = Some(i),
                Role::Question => columns.question = Some(i),
                Role::Status => columns.status = Some(i),
                Role::Media => columns.media = Some(i),
                Role::Probability(label) => columns.probabilities.push((i, label.clone())),
                Role::Present(label) => columns.present.push((i, label.clone())),
                Role::Count(label) => columns.counts.push((i, label.clone())),
                Role::Meta => columns.meta.push(i),
                Role::Ignore => {}
            }
        }
        columns
    }

    /// Which columns are read.
    pub(crate) fn wanted(&self, width: usize) -> Vec<bool> {
        let mut wanted = vec![false; width];
        let single = [
            self.item,
            self.rater,
            self.given,
            self.gold,
            self.time,
            self.when,
            self.question,
            self.status,
            self.media,
        ];
        let named = self.probabilities.iter().chain(&self.present).chain(&self.counts).map(|(c, _)| *c);
        let many = self.labels.iter().chain(&self.texts).chain(&self.meta).copied();
        for column in single.into_iter().flatten().chain(named).chain(many) {
            wanted[column] = true;
        }
        wanted
    }

    /// Whether a row of `cells` cells reaches as far as the columns without which it says nothing.
    pub(crate) fn reached_by(&self, cells: usize, layout: Layout) -> bool {
        let has = |column: Option<usize>| column.is_none_or(|c| c < cells);
        let first = |list: &[(usize, String)]| list.first().map(|(c, _)| *c);
        let answer = self.labels.first().copied().or_else(|| first(&self.present));
        has(self.item)
            && match layout {
                Layout::Long => has(self.rater) && has(answer),
                Layout::Wide => has(answer.or_else(|| first(&self.counts))),
                Layout::Single | Layout::Document => has(self.given.or(answer)),
            }
    }

    /// Reads only one of several questions, where each has a column of its own.
    pub(crate) fn ask(&mut self, names: &[String], question: &str) {
        if self.rater.is_some()
            && self.labels.len() > 1
            && let Some(&chosen) = self.labels.iter().find(|&&c| question_of(&names[c]) == question)
        {
            self.labels = vec![chosen];
        }
    }
}

/// The key of an item whose cell says `cell`; `None` where a long table's row names no item. Rows of other tables
/// without a key are called by their number.
pub(crate) fn key_of(cell: &str, number: u64, layout: Layout) -> Option<std::borrow::Cow<'_, str>> {
    match (cell.is_empty(), layout) {
        (false, _) => Some(cell.into()),
        (true, Layout::Long) => None,
        (true, _) => Some(number.to_string().into()),
    }
}

/// A reviewer's name, if this "rater" is one whose decisions an earlier export appended.
pub(crate) fn reviewer(rater: &str) -> Option<&str> {
    rater.strip_prefix("reviewer:")
}

/// The whole number that a program wrote as `7.0`, because numbers beside blanks became fractions.
pub(crate) fn whole(cell: &str) -> Option<&str> {
    let digits = cell.strip_suffix(".0")?;
    let bare = digits.strip_prefix('-').unwrap_or(digits);
    (!bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}
