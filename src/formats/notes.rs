//! Collects what an import notices, grouped: one [`Warning`] a kind and column, with its first line and a count.

use std::path::Path;

use crate::dataset::Warning;

/// The warnings of one file.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    file: String,
    list: Vec<Warning>,
}

/// Where something was noticed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'p> {
    /// Line, from 1.
    pub(crate) line: Option<u64>,
    /// Column name.
    pub(crate) column: Option<&'p str>,
}

impl Place<'_> {
    /// Somewhere in the file.
    pub(crate) const FILE: Self = Self { line: None, column: None };

    /// On a line.
    pub(crate) fn line(line: u64) -> Self {
        Self { line: Some(line), column: None }
    }
}

impl Notes {
    /// None yet, about the file at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { file, list: Vec::new() }
    }

    /// Notes that something happened `count` times, first at `place`; `words` gives message and remedy.
    pub(crate) fn add(
        &mut self,
        code: &str,
        place: Place<'_>,
        count: u64,
        words: impl FnOnce() -> (String, String),
    ) {
        if count == 0 {
            return;
        }
        let same = |w: &&mut Warning| w.code == code && w.column.as_deref() == place.column;
        if let Some(known) = self.list.iter_mut().find(same) {
            known.count += count;
            return;
        }
        let (message, remedy) = words();
        self.list.push(Warning {
            code: code.to_owned(),
            message,
            remedy,
            file: self.file.clone(),
            line: place.line,
            column: place.column.map(str::to_owned),
            count,
        });
    }

    /// All of them, in the order of their first occurrence.
    pub(crate) fn into_warnings(self) -> Vec<Warning> {
        self.list
    }
}

/// Counts one kind of trouble in a hot loop.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// How often.
    pub(crate) count: u64,
    first_line: Option<u64>,
}

impl Tally {
    /// Once more.
    pub(crate) fn hit(&mut self, line: u64) {
        self.count += 1;
        self.first_line.get_or_insert(line);
    }

    /// `count` times more, first on `line`.
    pub(crate) fn add(&mut self, count: u64, line: u64) {
        self.count += count;
        if count > 0 {
            self.first_line.get_or_insert(line);
        }
    }

    /// Where it happened first.
    pub(crate) fn place<'p>(&self, column: Option<&'p str>) -> Place<'p> {
        Place { line: self.first_line, column }
    }
}
