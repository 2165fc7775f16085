//! Which question of a table is read, where it asks several: one a label column, one a value of a question column,
//! or, of labels that may all apply, the whole set and each label by itself.

use super::columns::Columns;
use super::error::{FormatError, visible};
use super::intern::Interner;
use crate::dataset::{Question, Task};
use std::path::Path;

/// Where the answer to a question stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// In one of the label columns, by its place among them.
    Column(usize),
    /// In all columns that say whether a label applies.
    Set,
    /// In one of these.
    Member(usize),
}

/// The questions of a table.
#[derive(Debug)]
pub(super) struct Asking {
    fixed: Vec<(Question, Ask)>,
    chosen: usize,
    /// Questions by name, as a column names them.
    named: Interner,
    counts: Vec<u64>,
    wanted: String,
}

impl Asking {
    /// Of a table with these columns; `wanted` is the question to read, empty for the first.
    pub(super) fn new(
        path: &Path,
        columns: &Columns,
        names: &[String],
        wanted: &str,
    ) -> Result<Self, FormatError> {
        let mut fixed: Vec<(Question, Ask)> = Vec::new();
        let mut ask = |name: String, task, ask| fixed.push((Question { name, task, n_annotations: 0 }, ask));
        if columns.rater.is_some() {
            for (i, &column) in columns.labels.iter().enumerate() {
                ask(names[column].clone(), Task::Single, Ask::Column(i));
            }
        }
        if !columns.present.is_empty() {
            ask("labels".into(), Task::MultiLabel, Ask::Set);
            for (i, (_, label)) in columns.present.iter().enumerate() {
                ask(format!("labels: {label}"), Task::Single, Ask::Member(i));
            }
        }
        let by_column = columns.question.is_some();
        let chosen = if by_column || wanted.is_empty() || fixed.len() < 2 {
            0
        } else {
            fixed
                .iter()
                .position(|(q, _)| q.name == wanted)
                .ok_or_else(|| unknown_question(path, wanted, fixed.iter().map(|(q, _)| q.name.as_str())))?
        };
        let wanted = if by_column { wanted.to_owned() } else { String::new() };
        Ok(Self { fixed, chosen, named: Interner::default(), counts: Vec::new(), wanted })
    }

    /// Where the answer stands.
    pub(super) fn ask(&self) -> Ask {
        self.fixed.get(self.chosen).map_or(Ask::Column(0), |(_, ask)| ask.clone())
    }

    /// Number of questions that have a place of their own.
    pub(super) fn n_fixed(&self) -> usize {
        self.fixed.len()
    }

    /// One more answer to question `number` of those with a place of their own.
    pub(super) fn answered(&mut self, number: usize) {
        if let Some((question, _)) = self.fixed.get_mut(number) {
            question.n_annotations += 1;
        }
    }

    /// The number of a question that a column names.
    pub(super) fn named(&mut self, name: &str) -> u32 {
        let Some((number, new)) = self.named.intern(name) else { return u32::MAX };
        if new {
            self.counts.push(0);
        }
        number
    }

    /// Whether a named question is the one to read, and counts an answer to it.
    pub(super) fn is_chosen(&mut self, number: u32, answered: bool) -> bool {
        if let Some(count) = self.counts.get_mut(number as usize) {
            *count += u64::from(answered);
        }
        if self.wanted.is_empty() {
            number == 0
        } else {
            self.named.strings().get(number as usize) == self.wanted
        }
    }

    /// All questions, and which was read; none where there is only one.
    pub(super) fn finish(self, path: &Path) -> Result<(Vec<Question>, usize), FormatError> {
        if self.named.len() > 0 {
            let names = self.named.strings();
            let chosen = match self.wanted.as_str() {
                "" => 0,
                wanted => (0..names.len())
                    .find(|&i| names.get(i) == wanted)
                    .ok_or_else(|| unknown_question(path, wanted, names.iter()))?,
            };
            let question = |(name, &n_annotations): (&str, &u64)| Question {
                name: name.to_owned(),
                task: Task::Single,
                n_annotations,
            };
            return Ok((names.iter().zip(&self.counts).map(question).collect(), chosen));
        }
        if self.fixed.len() < 2 {
            return Ok((Vec::new(), 0));
        }
        Ok((self.fixed.into_iter().map(|(q, _)| q).collect(), self.chosen))
    }
}

/// A question of this name is not asked.
pub(super) fn unknown_question<'n>(
    path: &Path,
    wanted: &str,
    names: impl Iterator<Item = &'n str>,
) -> FormatError {
    let known: Vec<String> = names.take(30).map(visible).collect();
    let what = format!("there is no question called “{}”", visible(wanted));
    FormatError::of(path, what, format!("there are {}", known.join(", ")))
}
