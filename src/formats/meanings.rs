//! What the values of a column mean, found once a value: a number of the dataset's, or one of a few marks.

use super::batch::{Batch, Coded, NO_CELL};

/// The empty cell, or none.
pub(super) const EMPTY: u32 = u32::MAX;
/// Nobody asked yet.
pub(super) const UNSEEN: u32 = u32::MAX - 1;
/// A reviewer, who is no rater.
pub(super) const REVIEWER: u32 = u32::MAX - 2;
/// A list in a cell.
pub(super) const LIST: u32 = u32::MAX - 3;
/// Nothing that could be used.
pub(super) const BAD: u32 = u32::MAX - 4;

/// A label does not apply.
pub(super) const NO: u32 = 0;
/// A label applies.
pub(super) const YES: u32 = 1;

/// By its status, a row's label counts.
pub(super) const COUNTS: u32 = 0;
/// It was not accepted.
pub(super) const REJECTED: u32 = 1;
/// The rater passed it over.
pub(super) const SKIPPED: u32 = 2;
/// The status is not known.
pub(super) const ODD: u32 = 3;

/// A batch's column, with what each of its values was found to be.
pub(super) struct Lookup<'b> {
    pub(super) column: &'b Coded,
    pub(super) found: Vec<u32>,
}

impl<'b> Lookup<'b> {
    /// Nothing is known of its values yet.
    pub(super) fn new(batch: &'b Batch, column: usize) -> Self {
        let column = &batch.columns[column];
        Self { column, found: vec![UNSEEN; column.values.len()] }
    }

    /// What the cell in `row` is; `find` is asked once a value, and never for the empty one.
    pub(super) fn at<E>(
        &mut self,
        row: usize,
        find: impl FnOnce(&'b str) -> Result<u32, E>,
    ) -> Result<u32, E> {
        let code = self.column.code(row);
        if code == NO_CELL {
            return Ok(EMPTY);
        }
        let Some(slot) = self.found.get_mut(code as usize) else { return Ok(EMPTY) };
        if *slot == UNSEEN {
            *slot = match self.column.values.get(code as usize) {
                "" => EMPTY,
                value => find(value)?,
            };
        }
        Ok(*slot)
    }
}

/// Whether a cell says that a label applies.
pub(super) fn presence_of(cell: &str) -> u32 {
    match cell.trim().to_lowercase().as_str() {
        "" => EMPTY,
        "1" | "1.0" | "true" | "t" | "yes" | "y" | "on" | "x" => YES,
        "0" | "0.0" | "false" | "f" | "no" | "n" | "off" => NO,
        _ => BAD,
    }
}

/// What a status says; in a column of `tainted` marks, "true" says that the label does not count.
pub(super) fn status_of(cell: &str, tainted: bool) -> u32 {
    match cell.trim().to_lowercase().as_str() {
        "" => COUNTS,
        "approved" | "accepted" | "submitted" | "completed" => COUNTS,
        "rejected" | "tainted" => REJECTED,
        "skipped" | "skip" | "ignored" | "ignore" | "cancelled" | "canceled" => SKIPPED,
        "true" | "1" | "yes" => {
            if tainted {
                REJECTED
            } else {
                COUNTS
            }
        }
        "false" | "0" | "no" => {
            if tainted {
                COUNTS
            } else {
                REJECTED
            }
        }
        _ => ODD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presence_and_status_are_read_in_many_spellings() {
        for (cell, meaning) in
            [("1", YES), ("True", YES), ("0.0", NO), ("False", NO), ("", EMPTY), ("2", BAD)]
        {
            assert_eq!(presence_of(cell), meaning, "{cell}");
        }
        for (cell, tainted, meaning) in [
            ("APPROVED", false, COUNTS),
            ("Submitted", false, COUNTS),
            ("Rejected", false, REJECTED),
            ("true", true, REJECTED),
            ("false", true, COUNTS),
            ("true", false, COUNTS),
            ("Skipped", false, SKIPPED),
            ("", false, COUNTS),
            ("odd", false, ODD),
        ] {
            assert_eq!(status_of(cell, tainted), meaning, "{cell}");
        }
    }

    #[test]
    fn a_value_is_asked_about_once() {
        let column = Coded { codes: vec![0, 1, 0, NO_CELL], values: ["a", ""].iter().collect() };
        let batch = Batch { rows: 4, columns: vec![column], ..Batch::default() };
        let (mut lookup, mut asked) = (Lookup::new(&batch, 0), 0);
        let found: Vec<u32> = (0..4)
            .map(|row| {
                lookup
                    .at(row, |_| {
                        asked += 1;
                        Ok::<u32, ()>(7)
                    })
                    .unwrap()
            })
            .collect();
        assert_eq!((found, asked), (vec![7, EMPTY, 7, EMPTY], 1));
    }
}
