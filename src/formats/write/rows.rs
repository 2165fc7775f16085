//! Copies a delimited table with the decisions applied.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;

use super::super::columns::{Columns, key_of, whole};
use super::super::delimited::{Dialect, QuoteStyle};
use super::super::encoding::chosen;
use super::super::error::{FormatError, visible};
use super::super::intern::Interner;
use super::super::listed::{list_in, list_of};
use super::super::meanings::{NO, YES, presence_of};
use super::super::notes::Notes;
use super::super::schema::Layout;
use super::super::sniff::sniff_as;
use super::super::table::{Next, Row, Table};
use super::{Decision, Decisions, Outlet, Pseudonyms, WriteOptions, WriteSummary, changed};
use crate::dataset::{Dataset, Role, SourceFile};
use crate::progress::Progress;

/// Copies the source of `dataset` and says what was read.
pub(super) fn copy(
    dataset: &Dataset,
    decisions: &Decisions,
    options: &WriteOptions,
    outlet: &mut Outlet,
    pseudonyms: &mut Pseudonyms,
    summary: &mut WriteSummary,
    progress: &Progress,
) -> Result<SourceFile, FormatError> {
    let source = &dataset.source;
    let path = &source.table.path;
    let dialect = sniff_as(path, chosen(path, source.chosen_encoding())?)?;
    let mut table = Table::open(path, &dialect, &mut Notes::new(path), progress)?;
    if !table.names.iter().eq(source.roles.iter().map(|(name, _)| name)) {
        return Err(changed(&source.table));
    }
    let roles: Vec<Role> = source.roles.iter().map(|(_, r)| r.clone()).collect();
    let mut layout = Layout::of(&roles).map_err(|(what, remedy)| FormatError::of(path, what, remedy))?;
    if layout == Layout::Single && dataset.given.is_none() {
        // Lists of labels in a cell are votes, which stay as they are.
        layout = Layout::Wide;
    }
    let mut columns = Columns::of(&roles, layout);
    columns.ask(&table.names, &source.question);
    let mut items = Interner::default();
    if !decisions.is_empty() && layout != Layout::Single {
        for key in dataset.keys.iter() {
            items.intern(key);
        }
    }
    let status = options.tells_status() && !decisions.is_empty();
    let reviewers = if layout == Layout::Wide { reviewers_of(decisions) } else { Vec::new() };
    let mut copy = Copy {
        path: path.clone(),
        decisions,
        outlet,
        pseudonyms,
        layout,
        copied: copied_columns(dataset, &roles),
        presence: Presence::of(dataset, &columns),
        columns,
        dialect,
        width: table.width(),
        items,
        next_item: 0,
        status,
        reviewers,
        first_rows: HashMap::new(),
        line: String::new(),
        has_escapes: table.has_escapes(),
        whole: dataset.warnings.iter().any(|w| w.code == "whole_numbers"),
        lists: false,
    };
    copy.outlet.begin(table.encoding())?;
    copy.header(&table)?;
    let mut terminated = !table.header.line_end.is_empty();
    loop {
        match table.next()? {
            Next::End => break,
            Next::Blank(raw) => copy.outlet.text(raw)?,
            Next::Row(row) => {
                if copy.row(&row)? {
                    terminated = !row.record.line_end().is_empty();
                }
            }
        }
    }
    summary.rows_in = table.rows();
    if layout == Layout::Long {
        copy.reviewer_rows(dataset, terminated)?;
    }
    summary.rows_out = copy.outlet.rows().saturating_sub(1);
    table.finish()
}

struct Copy<'c> {
    path: PathBuf,
    decisions: &'c Decisions,
    outlet: &'c mut Outlet,
    pseudonyms: &'c mut Pseudonyms,
    layout: Layout,
    columns: Columns,
    dialect: Dialect,
    width: usize,
    items: Interner,
    next_item: usize,
    /// Whether a status column is added.
    status: bool,
    /// Reviewers who get a column (wide tables).
    reviewers: Vec<String>,
    /// Columns that a reviewer's row repeats from the item's first row, and these cells.
    copied: Vec<usize>,
    first_rows: HashMap<usize, Vec<String>>,
    presence: Presence,
    line: String,
    has_escapes: bool,
    /// Whether loading took the `.0` off whole numbers.
    whole: bool,
    /// Whether raters and labels are lists in their cells.
    lists: bool,
}

/// Reviewers who chose labels, in the order of their first item.
fn reviewers_of(decisions: &Decisions) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, d) in decisions.iter().filter(|(_, d)| d.label.is_some()) {
        if !names.contains(&d.reviewer) {
            names.push(d.reviewer.clone());
        }
    }
    names
}

/// What belongs to the item: a reviewer's row says it again, so that every row of an item agrees.
fn copied_columns(dataset: &Dataset, roles: &[Role]) -> Vec<usize> {
    let constant = |i: usize| dataset.metadata.iter().any(|(name, _)| *name == dataset.source.roles[i].0);
    (0..roles.len())
        .filter(|&i| match roles[i] {
            // Its key too: loading may have taken the `.0` off.
            Role::Item | Role::Text | Role::Media | Role::Gold | Role::Given | Role::Probability(_) => true,
            Role::Meta => constant(i),
            _ => false,
        })
        .collect()
}

impl Copy<'_> {
    fn header(&mut self, table: &Table<'_>) -> Result<(), FormatError> {
        let cells = &table.header.cells;
        let mut names: Vec<Cow<'_, str>> = cells.iter().map(Cow::from).collect();
        if self.layout == Layout::Wide && self.pseudonyms.used {
            for &c in &self.columns.labels {
                names[c] = self.pseudonyms.rater(&table.names[c]).into();
            }
        }
        let mut added: Vec<String> = Vec::new();
        let fresh = |wanted: &str, added: &[String]| {
            let taken = |n: &str| cells.iter().chain(&table.names).chain(added).any(|c| c == n);
            let numbered = (2..).map(|n| format!("{wanted}.{n}"));
            std::iter::once(wanted.to_owned()).chain(numbered).find(|n| !taken(n)).unwrap_or_default()
        };
        if self.status {
            added.push(fresh("status", &added));
        }
        for reviewer in &self.reviewers {
            let name = self.pseudonyms.rater(&format!("reviewer:{reviewer}"));
            added.push(fresh(&name, &added));
        }
        // The raw header holds every cell in order, with blank lines before it.
        let mut rest = table.header.raw.as_str();
        self.line.clear();
        for (i, name) in names.iter().enumerate() {
            let raw = &table.header.raw_cells[i];
            let at = if i == 0 { rest.len() - raw_len(&table.header.raw_cells) } else { 0 };
            self.line.push_str(&rest[..at]);
            let quoted = self.dialect.quoting != QuoteStyle::Literal && raw.starts_with('"');
            match self.outlet.defused(i, name) {
                Some(cell) => self.push(&cell, quoted)?,
                None if *name == cells[i] && !table.header.escaped[i] => self.line.push_str(raw),
                None => self.push(name, quoted)?,
            }
            rest = &rest[at + raw.len()..];
            if i + 1 < names.len() {
                self.line.push(self.dialect.delimiter as char);
                rest = &rest[1..];
            }
        }
        for (k, name) in added.iter().enumerate() {
            self.line.push(self.dialect.delimiter as char);
            let new = self.outlet.defused(self.width + k, name);
            self.push(new.as_deref().unwrap_or(name), false)?;
        }
        self.line.push_str(&table.header.line_end);
        self.outlet.end_row();
        self.outlet.text(&self.line)
    }

    fn push(&mut self, cell: &str, was_quoted: bool) -> Result<(), FormatError> {
        if self.dialect.push_cell(cell, was_quoted, &mut self.line) {
            return Ok(());
        }
        let what =
            format!("“{}” holds a tab or line end, which a file without quoting cannot hold", visible(cell));
        Err(FormatError::of(&self.path, what, "rename it, or save the source as CSV"))
    }

    /// The item of a row; `None` where loading left the row out. Called once a row, in order.
    fn item(&mut self, row: &Row<'_>) -> Option<usize> {
        if self.decisions.is_empty() || !self.columns.reached_by(row.record.len(), self.layout) {
            return None;
        }
        if self.layout == Layout::Single {
            self.next_item += 1;
            return Some(self.next_item - 1);
        }
        let cell = self.columns.item.map_or(Cow::Borrowed(""), |i| row.cell(i));
        let key = key_of(&cell, row.number, self.layout)?;
        // Loading may have taken the `.0` off whole numbers.
        let item = self.items.get(&key).or_else(|| whole(&key).and_then(|key| self.items.get(key)));
        item.map(|i| i as usize)
    }

    /// Copies one row; `false` if it is dropped.
    fn row(&mut self, row: &Row<'_>) -> Result<bool, FormatError> {
        let decisions = self.decisions;
        let item = self.item(row);
        let decision: Option<&Decision> = item.and_then(|i| decisions.get(i));
        if decision.is_some_and(|d| d.dropped) {
            return Ok(false);
        }
        let mut changes: Vec<(usize, String)> = Vec::new();
        if let (Some(label), Some(given)) = (decision.and_then(|d| d.label.as_ref()), self.columns.given)
            && given < row.record.len()
            && row.cell(given) != *label
        {
            changes.push((given, label.clone()));
        }
        for (i, &(column, _)) in self.columns.present.iter().enumerate() {
            let cell = row.cell(column);
            self.presence.look(i, &cell);
            let wanted =
                decision.filter(|_| self.layout == Layout::Single).and_then(|d| self.presence.says(i, d));
            // A blank cell that is right says "no" already.
            let differs = |w: bool| presence_of(&cell) != if w { YES } else { NO };
            if let Some(wanted) = wanted.filter(|&w| column < row.record.len() && differs(w)) {
                changes.push((column, self.presence.word(i, wanted).to_owned()));
            }
        }
        if let (Some(rater), true) = (self.columns.rater, self.pseudonyms.used)
            && rater < row.record.len()
        {
            let name = row.cell(rater);
            let pseudonym =
                self.pseudonyms.rater(if self.whole { whole(&name).unwrap_or(&name) } else { &name });
            if pseudonym != name {
                changes.push((rater, pseudonym));
            }
        }
        if self.layout == Layout::Long
            && let Some(item) = item
            && decision.is_some_and(|d| d.label.is_some())
            && !self.first_rows.contains_key(&item)
        {
            self.lists |= self.columns.rater.is_some_and(|r| list_in(&row.cell(r)).is_some());
            let cells = self.copied.iter().map(|&c| row.cell(c).into_owned()).collect();
            self.first_rows.insert(item, cells);
        }
        let mut extra: Vec<String> = Vec::new();
        if self.status {
            extra.push(decision.map_or("", |d| d.status).to_owned());
        }
        for reviewer in &self.reviewers {
            let label = decision.filter(|d| d.reviewer == *reviewer).and_then(|d| d.label.clone());
            extra.push(label.unwrap_or_default());
        }
        self.defuse(row, &mut changes, &mut extra);
        self.emit(row, &changes, &extra)?;
        Ok(true)
    }

    /// Defuses what is to be defused, and restores what was defused in the source otherwise.
    fn defuse(&mut self, row: &Row<'_>, changes: &mut Vec<(usize, String)>, extra: &mut [String]) {
        for i in 0..row.record.len() {
            let change = changes.iter().position(|(c, _)| *c == i);
            let cell = match change {
                Some(k) => Cow::Borrowed(changes[k].1.as_str()),
                None => row.cell(i),
            };
            let column = if i < self.width { i } else { i + extra.len() };
            let restored =
                (self.has_escapes && change.is_none() && row.is_escaped(i)).then(|| cell.to_string());
            if let Some(new) = self.outlet.defused(column, &cell).or(restored) {
                match change {
                    Some(k) => changes[k].1 = new,
                    None => changes.push((i, new)),
                }
            }
        }
        for (k, cell) in extra.iter_mut().enumerate() {
            if let Some(new) = self.outlet.defused(self.width + k, cell) {
                *cell = new;
            }
        }
        changes.sort_by_key(|(c, _)| *c);
    }

    fn emit(
        &mut self,
        row: &Row<'_>,
        changes: &[(usize, String)],
        extra: &[String],
    ) -> Result<(), FormatError> {
        let raw = row.record.raw;
        self.outlet.end_row();
        if changes.is_empty() && extra.is_empty() {
            return self.outlet.text(raw);
        }
        self.line.clear();
        let mut copied = 0;
        let last = self.width.min(row.record.len()).saturating_sub(1);
        let mut next = changes.iter().peekable();
        for i in 0..row.record.len() {
            let Some(range) = row.record.range(i) else { break };
            if let Some((_, cell)) = next.next_if(|(c, _)| *c == i) {
                self.line.push_str(&raw[copied..range.start]);
                self.push(cell, row.record.is_quoted(i))?;
                copied = range.end;
            }
            if i == last && !extra.is_empty() {
                self.line.push_str(&raw[copied..range.end]);
                copied = range.end;
                for _ in row.record.len()..self.width {
                    self.line.push(self.dialect.delimiter as char);
                }
                for cell in extra {
                    self.line.push(self.dialect.delimiter as char);
                    self.push(cell, false)?;
                }
            }
        }
        self.line.push_str(&raw[copied..]);
        self.outlet.text(&self.line)
    }

    /// One row a decided item, at the end of a long table, in item order.
    fn reviewer_rows(&mut self, dataset: &Dataset, terminated: bool) -> Result<(), FormatError> {
        let (Some(item_column), Some(rater_column)) = (self.columns.item, self.columns.rater) else {
            return Ok(());
        };
        let label_column = self.columns.labels.first().copied().filter(|_| !self.presence.asked);
        let decisions = self.decisions;
        for (item, decision) in decisions.iter() {
            let Some(label) = &decision.label else { continue };
            let mut cells = vec![String::new(); self.width];
            for (&c, cell) in self.copied.iter().zip(self.first_rows.remove(&item).unwrap_or_default()) {
                cells[c] = cell;
            }
            if cells[item_column].is_empty() {
                dataset.keys.get(item).clone_into(&mut cells[item_column]);
            }
            let cell = |said: &str| if self.lists { list_of(said) } else { said.to_owned() };
            cells[rater_column] = cell(&self.pseudonyms.rater(&format!("reviewer:{}", decision.reviewer)));
            if let Some(column) = label_column {
                cells[column] = cell(label);
            }
            for (i, &(column, _)) in self.columns.present.iter().enumerate() {
                if let Some(says) = self.presence.says(i, decision) {
                    self.presence.word(i, says).clone_into(&mut cells[column]);
                }
            }
            if let Some(column) = self.columns.question {
                dataset.source.question.clone_into(&mut cells[column]);
            }
            if let Some(given) = self.columns.given {
                cells[given].clone_from(label);
            }
            if self.status {
                cells.push(decision.status.to_owned());
            }
            self.line.clear();
            // A file without a line end at its end stays one.
            if !terminated {
                self.line.push_str(self.dialect.line_end);
            }
            for (i, cell) in cells.iter().enumerate() {
                if i > 0 {
                    self.line.push(self.dialect.delimiter as char);
                }
                let new = self.outlet.defused(i, cell);
                self.push(new.as_deref().unwrap_or(cell), false)?;
            }
            if terminated {
                self.line.push_str(self.dialect.line_end);
            }
            self.outlet.end_row();
            self.outlet.text(&self.line)?;
        }
        Ok(())
    }
}

/// Length of the cells of a header with the delimiters between them.
fn raw_len(cells: &[String]) -> usize {
    cells.iter().map(String::len).sum::<usize>() + cells.len().saturating_sub(1)
}

/// How columns that say whether a label applies spell it, and what a decision says of them.
struct Presence {
    labels: Vec<String>,
    /// "Yes" and "no" as each column writes them.
    words: Vec<(&'static str, &'static str)>,
    /// Whether these columns were read at all.
    asked: bool,
    /// The one of them that was read, where it was one.
    member: Option<usize>,
}

impl Presence {
    fn of(dataset: &Dataset, columns: &Columns) -> Self {
        let labels: Vec<String> = columns.present.iter().map(|(_, label)| label.clone()).collect();
        let question = dataset.source.question.strip_prefix("labels: ");
        let member = question.and_then(|q| labels.iter().position(|l| l == q));
        let member = member.filter(|_| dataset.sets.is_none());
        Self {
            words: vec![("1", "0"); labels.len()],
            asked: !labels.is_empty() && (member.is_some() || dataset.sets.is_some()),
            labels,
            member,
        }
    }

    /// Learns the spelling from a cell.
    fn look(&mut self, i: usize, cell: &str) {
        const SPELLINGS: [(&str, &str); 8] = [
            ("1", "0"),
            ("1.0", "0.0"),
            ("True", "False"),
            ("true", "false"),
            ("TRUE", "FALSE"),
            ("Yes", "No"),
            ("yes", "no"),
            ("on", "off"),
        ];
        if let Some(&words) = SPELLINGS.iter().find(|(yes, no)| cell == *yes || cell == *no) {
            self.words[i] = words;
        }
    }

    /// Whether a decision says that the label applies; `None` where it says nothing about it.
    fn says(&self, i: usize, decision: &Decision) -> Option<bool> {
        let label = decision.label.as_ref().filter(|_| self.asked)?;
        match self.member {
            Some(member) => (member == i).then(|| *label == self.labels[i]),
            None => Some(decision.labels.contains(&self.labels[i])),
        }
    }

    fn word(&self, i: usize, says: bool) -> &'static str {
        if says { self.words[i].0 } else { self.words[i].1 }
    }
}
