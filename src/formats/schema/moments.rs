//! Which column says when a vote was given.

use super::guess::Guesser;
use super::hints::says_when;
use crate::dataset::Role;
use crate::formats::moments::{is_counted, is_written};

/// Share of the rows after the first of a key in which the cell is a new one, for the column to be about votes and not about that key.
const MOSTLY: f64 = 0.5;

impl Guesser<'_> {
    /// In a table of one vote a row, moments that differ among the votes of an item and of a rater: what does not is about the
    /// item (when it was posted) or the rater (when they were born).
    pub(super) fn moments(&mut self) {
        let of = |role: &Role| self.roles.iter().position(|r| r.as_ref() == Some(role));
        let labelled = self.roles.iter().flatten().any(|r| matches!(r, Role::Label | Role::Present(_)));
        let (Some(item), Some(rater), true, None) =
            (of(&Role::Item), of(&Role::Rater), labelled, of(&Role::When))
        else {
            return;
        };
        let varies = |i: usize, key: usize| self.profile.change(i, key).is_some_and(|s| s > MOSTLY);
        let mut best: Option<(usize, u8)> = None;
        for i in 0..self.names.len() {
            let column = &self.profile.columns[i];
            let (moment, done) = says_when(&self.names[i]);
            let is_moment = |v: &String| is_written(v) || moment && is_counted(v);
            let moments = column.values.iter().filter(|v| is_moment(v)).count();
            if !self.may_be_moments(i, done)
                || column.filled <= column.empty
                || moments < 2
                || moments * 10 < column.values.len() * 9
                || !varies(i, item)
                || !varies(i, rater)
            {
                continue;
            }
            // When it was done before when it was begun.
            let rank = 2 * u8::from(done) + u8::from(moment);
            if best.is_none_or(|(_, b)| rank > b) {
                best = Some((i, rank));
            }
        }
        if let Some((i, _)) = best {
            let reason = format!("{}; moments that differ within items and raters", self.shape(i));
            self.set(i, Role::When, reason);
        }
    }

    /// Whether nothing is known of a column, or only what a table is called that has it; what such a table does not use must
    /// say by its name that it is about votes.
    fn may_be_moments(&self, i: usize, done: bool) -> bool {
        match &self.roles[i] {
            None => true,
            Some(Role::Meta) => self.reasons[i].starts_with("of "),
            Some(Role::Ignore) => done && self.reasons[i].starts_with("not used of "),
            Some(_) => false,
        }
    }
}
