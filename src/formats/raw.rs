//! Every column of a source again, as it stands in the file and not only as its roles say, in a stream.
//!
//! Tables come as they are. What is read by a reader of its own (an annotation tool's export, an array) has no columns: it comes as the
//! long table that it was read as, a row an annotation, or a row an item where nobody voted.

use std::path::PathBuf;

use super::batch::{Batch, Coded, NO_CELL};
use super::delimited::parse_number;
use super::encoding::chosen;
use super::error::FormatError;
use super::magic::FileKind;
use super::notes::Notes;
use super::schema::kind_of;
use super::several::TABLES;
use super::tabular::table_of;
use crate::dataset::{Dataset, LabelColumn, Role};
use crate::progress::Progress;

/// Rows of a batch that is made here.
const ROWS: usize = 1 << 16;

/// A source whose columns can be read, again and again.
#[derive(Debug)]
pub struct RawTable<'a> {
    dataset: &'a Dataset,
    columns: Vec<RawColumn>,
    /// The files that are read, one after the other; none where the dataset itself is.
    files: Vec<PathBuf>,
    kind: &'static str,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawColumn {
    /// Its name, unique.
    pub name: String,
    /// What it means; `None` where nobody asked.
    pub role: Option<Role>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowIs {
    /// A row of the file.
    Row,
    /// An annotation of the dataset.
    Annotation,
    /// An item of the dataset.
    Item,
}

/// Consecutive rows.
#[derive(Debug)]
pub struct RawRows<'a> {
    batch: &'a Batch,
    decimal_comma: bool,
}

impl RawRows<'_> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.batch.rows
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.batch.rows == 0
    }

    /// What the rows say in a column: an index into the values of [`Self::value`] each, past their end for no cell.
    pub fn codes(&self, column: usize) -> &[u32] {
        self.batch.columns.get(column).map_or(&[], |c| c.codes.as_slice())
    }

    /// The value with this code; empty past the end.
    pub fn value(&self, column: usize, code: u32) -> &str {
        match self.batch.columns.get(column) {
            Some(c) if code != NO_CELL => c.values.get(code as usize),
            _ => "",
        }
    }

    /// Every value of a column as a number, where it is one.
    pub fn numbers(&self, column: usize) -> Vec<Option<f64>> {
        let Some(column) = self.batch.columns.get(column) else { return Vec::new() };
        column.values.iter().map(|v| parse_number(v, self.decimal_comma)).collect()
    }
}

impl<'a> RawTable<'a> {
    /// Of the source of `dataset`.
    ///
    /// # Errors
    /// A file that cannot be opened any more.
    pub fn of(dataset: &'a Dataset) -> Result<Self, FormatError> {
        let source = &dataset.source;
        let is_array = source.format.is_empty()
            && (source.roles.is_empty() || kind_of(&source.table.path)?.0 == FileKind::Array);
        let files: Vec<PathBuf> = match source.format.as_str() {
            "" if !is_array => vec![source.table.path.clone()],
            TABLES if !source.files.is_empty() => source.files.iter().map(|f| f.path.clone()).collect(),
            _ => Vec::new(),
        };
        let encoding = chosen(&source.table.path, source.chosen_encoding())?;
        let (mut names, mut kind) = (Vec::<String>::new(), "a delimited table");
        for (at, file) in files.iter().enumerate() {
            let table = table_of(file, encoding, &mut Notes::new(file))?;
            if at > 0 && table.batches.names() != names {
                // Tables of different columns are one table only as the dataset has it.
                return Ok(Self::of_dataset(dataset));
            }
            (names, kind) = (table.batches.names().to_vec(), table.name);
        }
        if files.is_empty() || names.is_empty() {
            return Ok(Self::of_dataset(dataset));
        }
        let role = |name: &String| source.roles.iter().find(|r| r.0 == *name).map(|r| r.1.clone());
        let columns = names.into_iter().map(|name| RawColumn { role: role(&name), name }).collect();
        Ok(Self { dataset, columns, files, kind })
    }

    fn of_dataset(dataset: &'a Dataset) -> Self {
        let format = &dataset.source.format;
        let kind = match super::format_of(format) {
            Some(format) => format.name,
            None if format == TABLES => "several tables",
            None => "an array of labels",
        };
        let has_votes = !dataset.annotations.is_empty();
        let mut columns: Vec<RawColumn> = Vec::new();
        let mut push = |name: &str, role: Role| {
            let mut unique = name.to_owned();
            let mut n = 2;
            while columns.iter().any(|c| c.name == unique) {
                unique = format!("{name}.{n}");
                n += 1;
            }
            columns.push(RawColumn { name: unique, role: Some(role) });
        };
        push("item", Role::Item);
        if has_votes {
            push("rater", Role::Rater);
            push("label", Role::Label);
        }
        if dataset.texts.is_some() {
            push("text", Role::Text);
        }
        if let Some(given) = &dataset.given {
            push(&given.name, Role::Given);
        }
        if let Some(gold) = &dataset.gold {
            push(&gold.name, Role::Gold);
        }
        for (name, _) in &dataset.metadata {
            push(name, Role::Meta);
        }
        Self { dataset, columns, files: Vec::new(), kind }
    }

    /// The columns, in the order of the source.
    pub fn columns(&self) -> &[RawColumn] {
        &self.columns
    }

    /// What kind of file it is, in words.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What a row is.
    pub fn row_is(&self) -> RowIs {
        match (self.files.is_empty(), self.dataset.annotations.is_empty()) {
            (false, _) => RowIs::Row,
            (true, false) => RowIs::Annotation,
            (true, true) => RowIs::Item,
        }
    }

    /// Hands all rows over, batch by batch, in their order. Only the columns of `wanted` (one entry a column) need be filled.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what the dataset was read from any more; and cancelling.
    pub fn read(
        &self,
        wanted: &[bool],
        progress: &Progress,
        mut each: impl FnMut(&RawRows<'_>),
    ) -> Result<(), FormatError> {
        let source = &self.dataset.source;
        let encoding = chosen(&source.table.path, source.chosen_encoding())?;
        for file in &self.files {
            let mut notes = Notes::new(file);
            let table = table_of(file, encoding, &mut notes)?;
            let decimal_comma = table.decimal_comma();
            let mut batches = table.batches;
            if batches.names().len() != self.columns.len() {
                return Err(changed(file));
            }
            while let Some(batch) = batches.next_batch(wanted, &mut notes, progress)? {
                progress.check()?;
                each(&RawRows { batch: &batch, decimal_comma });
            }
            let read = batches.finish(progress)?;
            let known = source.files.iter().chain([&source.table]).find(|f| f.path == *file);
            if known.is_some_and(|k| !k.digest.is_empty() && k.digest != read.digest) {
                return Err(changed(file));
            }
        }
        if self.files.is_empty() {
            self.read_dataset(progress, each)?;
        }
        Ok(())
    }

    fn read_dataset(
        &self,
        progress: &Progress,
        mut each: impl FnMut(&RawRows<'_>),
    ) -> Result<(), FormatError> {
        let d = self.dataset;
        let votes = &d.annotations;
        let rows = if votes.is_empty() { d.n_items() } else { votes.len() };
        progress.stage("Reading the columns", rows as u64);
        let label =
            |column: &LabelColumn, item: usize| column.get(item).map_or("", |l| d.labels.name(l)).to_owned();
        let mut item = 0;
        for first in (0..rows).step_by(ROWS) {
            progress.check()?;
            let n = ROWS.min(rows - first);
            let mut columns = vec![Coded::default(); self.columns.len()];
            for row in first..first + n {
                let mut cells: Vec<String> = Vec::with_capacity(columns.len());
                if votes.is_empty() {
                    item = row;
                    cells.push(d.keys.get(item).to_owned());
                } else {
                    while item < d.n_items() && !votes.range(item).contains(&row) {
                        item += 1;
                    }
                    let vote = votes.at(row);
                    cells.push(d.keys.get(item).to_owned());
                    let rater = d.raters.names.get(vote.rater as usize);
                    cells.push(rater.filter(|_| !d.raters.anonymous).cloned().unwrap_or_default());
                    cells.push(d.labels.name(vote.label).to_owned());
                }
                cells.extend(d.texts.as_ref().map(|t| t.get(item).to_owned()));
                cells.extend(d.given.as_ref().map(|c| label(c, item)));
                cells.extend(d.gold.as_ref().map(|c| label(c, item)));
                cells.extend(d.metadata.iter().map(|(_, c)| c.get(item).to_owned()));
                for (column, cell) in columns.iter_mut().zip(&cells) {
                    let code = column.values.push(cell);
                    column.codes.push(code as u32);
                }
            }
            let batch = Batch { rows: n, columns, ..Batch::default() };
            each(&RawRows { batch: &batch, decimal_comma: false });
            progress.add(n as u64);
        }
        Ok(())
    }
}

fn changed(file: &std::path::Path) -> FormatError {
    FormatError::of(file, "the file changed since it was opened", "open it again")
}

/// Each cell as a number, where it is one.
pub fn numbers_of(cells: &[&str]) -> Vec<Option<f64>> {
    cells.iter().map(|c| parse_number(c, false)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{LoadOptions, Overrides, open};
    use super::*;

    fn all(dataset: &Dataset) -> (Vec<String>, Vec<Vec<String>>) {
        let table = RawTable::of(dataset).unwrap();
        let width = table.columns().len();
        let mut rows = Vec::new();
        let read = |part: &RawRows<'_>| {
            for row in 0..part.len() {
                let cell =
                    |c: usize| part.value(c, part.codes(c).get(row).copied().unwrap_or(NO_CELL)).to_owned();
                rows.push((0..width).map(cell).collect());
            }
        };
        table.read(&vec![true; width], &Progress::new(), read).unwrap();
        (table.columns().iter().map(|c| c.name.clone()).collect(), rows)
    }

    #[test]
    fn a_table_gives_every_column_also_those_that_nobody_uses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, "item,rater,label,extra\na,r1,x,7\na,r2,y,\nb,r1,x\n").unwrap();
        let overrides = Overrides::parse(&["extra=ignore".to_owned()]).unwrap();
        let dataset = open(&path, &overrides, &LoadOptions::default(), &Progress::new()).unwrap();
        let (names, rows) = all(&dataset);
        assert_eq!(names, ["item", "rater", "label", "extra"]);
        assert_eq!(rows, [["a", "r1", "x", "7"], ["a", "r2", "y", ""], ["b", "r1", "x", ""]]);
        assert_eq!(RawTable::of(&dataset).unwrap().row_is(), RowIs::Row);
        std::fs::write(&path, "item,rater,label,extra\na,r1,x,8\n").unwrap();
        let table = RawTable::of(&dataset).unwrap();
        let refused = table.read(&[true; 4], &Progress::new(), |_| {});
        assert!(refused.unwrap_err().to_string().contains("changed since it was opened"));
    }

    #[test]
    fn an_array_comes_as_items() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.npy");
        let header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let length = 128 - 10;
        bytes.extend((length as u16).to_le_bytes());
        bytes.extend(header);
        bytes.extend(vec![b' '; length - header.len() - 1]);
        bytes.extend([b'\n', 1, 0, 1]);
        std::fs::write(&path, bytes).unwrap();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let (names, rows) = all(&dataset);
        assert_eq!((names.len(), rows.len()), (2, 3));
        assert_eq!(rows[0], ["1", "1"]);
        assert_eq!(rows[1], ["2", "0"]);
    }
}
