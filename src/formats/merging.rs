//! Rows of a table, batch by batch → items, raters, labels and who said what.
//!
//! Whatever depends on a value alone is found once for each value of a batch's dictionaries and kept as a number;
//! rows then only look numbers up.

mod lists;
mod times;

use std::collections::HashMap;
use std::path::PathBuf;

use super::asking::{Ask, Asking};
use super::batch::{Batch, Coded, NO_CELL};
use super::columns::{Columns, key_of, reviewer};
use super::constant::Constant;
use super::delimited::parse_number;
use super::error::{FormatError, visible};
use super::intern::Interner;
use super::listed::list_in;
use super::matrix;
use super::meanings::{
    BAD, COUNTS, EMPTY, LIST, Lookup, ODD, REJECTED, REVIEWER, SKIPPED, UNSEEN, YES, flag_of, presence_of,
    status_of,
};
use super::npy::LabelCodes;
use super::schema::{Layout, is_milliseconds};
use super::tallies::Tallies;
use super::words::Words;
use crate::dataset::{Absence, AnnotationsBuilder, LabelId, Missing, NO_LABEL, NOTHING, TextColumn, Verdict};

/// Most labels. A column with more different values holds something else.
pub(crate) const MAX_LABELS: usize = 10_000;
/// Most votes that a cell may count, and all cells together.
const MAX_COUNT: f64 = 1e5;
const MAX_COUNTED: usize = 50_000_000;
/// Most annotations that room is made for before they come.
const MAX_EXPECTED: usize = 16 << 20;

/// Rows whose items are looked up soon: what that needs must fit into the processor's cache.
const NEAR: usize = 1 << 11;

/// A further column: kept while it is constant within items, or within raters.
pub(super) struct Meta {
    pub(super) column: usize,
    pub(super) by_item: Constant,
    pub(super) by_rater: Constant,
}

/// Collects rows.
pub(super) struct Merging {
    path: PathBuf,
    layout: Layout,
    pub(super) names: Vec<String>,
    pub(super) columns: Columns,
    decimal_comma: bool,
    /// Seconds in one unit of the column of times.
    unit: f64,
    pub(super) tallies: Tallies,
    pub(super) items: Interner,
    /// Items that have no other name than their number.
    pub(super) numbered: usize,
    pub(super) raters: Interner,
    pub(super) values: Interner,
    pub(super) builder: AnnotationsBuilder,
    pub(super) given: Vec<LabelId>,
    pub(super) gold: Vec<LabelId>,
    texts: Words,
    media: Words,
    pub(super) meta: Vec<Meta>,
    pub(super) probabilities: Vec<f64>,
    pub(super) asking: Asking,
    ask: Ask,
    /// Sets of labels that were met: which labels apply → the value.
    combinations: HashMap<Vec<bool>, LabelId>,
    /// Value → its labels, for sets.
    pub(super) sets: HashMap<LabelId, Vec<String>>,
    pub(super) absences: Vec<Absence>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) anonymous: bool,
    /// Columns of reviewers' decisions in wide tables, with their names.
    reviewed: Vec<(usize, String)>,
    /// Whether the status column marks checks of attention: those are no items at all.
    checks: bool,
    rows: u64,
}

impl Merging {
    /// For a table of these columns.
    pub(super) fn new(
        path: PathBuf,
        names: Vec<String>,
        layout: Layout,
        columns: Columns,
        decimal_comma: bool,
        question: &str,
    ) -> Result<Self, FormatError> {
        let asking = Asking::new(&path, &columns, &names, question)?;
        let mut raters = Interner::default();
        let listed = layout == Layout::Wide && columns.labels.len() == 1 && columns.given.is_none();
        if layout == Layout::Wide && !listed {
            for &column in &columns.labels {
                raters.intern(&names[column]);
            }
        }
        let meta = |&column: &usize| Meta {
            column,
            by_item: Constant::new(),
            by_rater: if layout == Layout::Long { Constant::new() } else { Constant::Varies },
        };
        let reviewed = match layout {
            Layout::Wide => {
                names.iter().enumerate().filter_map(|(i, n)| Some((i, reviewer(n)?.to_owned()))).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            ask: asking.ask(),
            asking,
            meta: columns.meta.iter().map(meta).collect(),
            texts: Words::new(columns.texts.clone()),
            media: Words::new(columns.media.into_iter().collect()),
            unit: if columns.time.is_some_and(|c| is_milliseconds(&names[c])) { 1e-3 } else { 1.0 },
            reviewed,
            checks: columns.status.is_some_and(|c| names[c].to_lowercase().contains("check")),
            path,
            layout,
            names,
            columns,
            decimal_comma,
            tallies: Tallies::default(),
            items: Interner::default(),
            numbered: 0,
            raters,
            values: Interner::default(),
            builder: AnnotationsBuilder::new(),
            given: Vec::new(),
            gold: Vec::new(),
            probabilities: Vec::new(),
            combinations: HashMap::new(),
            sets: HashMap::new(),
            absences: Vec::new(),
            verdicts: Vec::new(),
            anonymous: false,
            rows: 0,
        })
    }

    /// Says that the table has about this many rows.
    pub(super) fn expect(&mut self, rows: u64) {
        let each = match self.layout {
            Layout::Long => 1,
            Layout::Wide => self.columns.labels.len(),
            Layout::Single | Layout::Document => 0,
        };
        // An estimate may be a little low, and is not trusted far.
        let rows = usize::try_from(rows + rows / 16).unwrap_or(MAX_EXPECTED).saturating_mul(each);
        self.builder.expect(rows.min(MAX_EXPECTED), self.columns.time.is_some());
    }

    /// Which columns are still to be read.
    pub(super) fn wanted(&self) -> Vec<bool> {
        let mut wanted = self.columns.wanted(self.names.len());
        for meta in &self.meta {
            wanted[meta.column] = meta.by_item.holds() || meta.by_rater.holds();
        }
        for (column, _) in &self.reviewed {
            wanted[*column] = true;
        }
        wanted
    }

    /// What the items say, and their pictures, where there are columns of either.
    pub(super) fn take_words(&mut self) -> [Option<TextColumn>; 2] {
        [&mut self.texts, &mut self.media].map(Words::take)
    }

    pub(super) fn error(&self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::of(&self.path, what, remedy)
    }

    fn too_many(&self, what: &str) -> FormatError {
        self.error(format!("there are more than 4 billion {what}"), "split the file")
    }

    /// Items that are called by their numbers and given a label: arrays have no more.
    pub(super) fn number(&mut self, labels: LabelCodes) -> Result<(), FormatError> {
        if u32::try_from(labels.ids.len()).is_err() {
            return Err(self.too_many("items"));
        }
        for (i, label) in labels.values.iter().enumerate() {
            let value = self.value(label)?;
            debug_assert_eq!(value as usize, i);
        }
        self.numbered = labels.ids.len();
        self.given = labels.ids;
        Ok(())
    }

    /// Adds the rows of a batch.
    pub(super) fn add(&mut self, batch: &Batch) -> Result<(), FormatError> {
        let mut rows = Rows {
            item: self.columns.item.map(|c| Lookup::new(batch, c)),
            rater: self.columns.rater.map(|c| Lookup::new(batch, c)),
            labels: self.columns.labels.iter().map(|&c| Lookup::new(batch, c)).collect(),
            given: self.columns.given.map(|c| Lookup::new(batch, c)),
            gold: self.columns.gold.map(|c| Lookup::new(batch, c)),
            time: self.columns.time.map(|c| Lookup::new(batch, c)),
            when: self.columns.when.map(|c| Lookup::new(batch, c)),
            moments: Vec::new(),
            question: self.columns.question.map(|c| Lookup::new(batch, c)),
            status: self.columns.status.map(|c| Lookup::new(batch, c)),
            present: self.columns.present.iter().map(|(c, _)| Lookup::new(batch, *c)).collect(),
            batch,
        };
        let mut near = 0;
        let mut short = batch.short.iter().peekable();
        for row in 0..batch.rows {
            if let (Some(column), Layout::Long, true) = (self.columns.item, self.layout, row % NEAR == 0) {
                near = self.bring_near(&batch.columns[column], row, near);
            }
            self.rows += 1;
            let line = batch.lines.get(row).copied().unwrap_or(self.rows);
            if let Some((_, cells)) = short.next_if(|(r, _)| *r as usize == row)
                && !self.columns.reached_by(*cells as usize, self.layout)
            {
                self.tallies.short.hit(line);
                continue;
            }
            match self.layout {
                Layout::Long => self.long(&mut rows, row, line)?,
                _ => self.whole_item(&mut rows, row, line)?,
            }
        }
        if self.builder.len() > u32::MAX as usize - 1 {
            return Err(self.too_many("annotations"));
        }
        Ok(())
    }

    /// Prepares to look up the items of the next rows; those below `from` were prepared before. Up to which they are now.
    fn bring_near(&self, column: &Coded, row: usize, from: usize) -> usize {
        let codes = column.codes.get(row..column.codes.len().min(row + NEAR));
        let codes = codes.unwrap_or_default();
        let to = codes.iter().filter(|&&c| c != NO_CELL).max().map_or(from, |&c| from.max(c as usize + 1));
        self.items.warm((from..to).map(|code| column.values.get(code)));
        to
    }

    /// One row of a long table.
    fn long(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> Result<(), FormatError> {
        let raters = &mut self.raters;
        // The rater gets a number only where the row names an item.
        let mut rater = match &mut rows.rater {
            Some(lookup) => lookup.at(row, |name| {
                Ok::<u32, FormatError>(match reviewer(name) {
                    Some(_) => REVIEWER,
                    None if name.starts_with('[') && list_in(name).is_some() => LIST,
                    None => raters.get(name).unwrap_or(BAD),
                })
            })?,
            None => return Ok(()),
        };
        if rater == REVIEWER {
            self.tallies.reviewers.hit(line);
            self.verdict(rows, row);
            return Ok(());
        }
        if self.checks && self.status(rows, row, line) == REJECTED {
            self.tallies.checks.hit(line);
            return Ok(());
        }
        let items = &mut self.items;
        let before = items.len();
        let item = match &mut rows.item {
            Some(lookup) => lookup
                .at(row, |key| items.intern(key).map(|(i, _)| i).ok_or(()))
                .map_err(|()| self.too_many("items"))?,
            None => EMPTY,
        };
        if item == EMPTY {
            self.tallies.missing_item.hit(line);
            return Ok(());
        }
        self.item_cells(rows, row, item, self.items.len() > before, line)?;
        if rater == EMPTY {
            self.tallies.missing_rater.hit(line);
            return Ok(());
        }
        if rater == LIST {
            return self.list_row(rows, row, item, line);
        }
        let before = self.raters.len();
        if rater == BAD {
            let lookup = rows.rater.as_mut().map(|l| (l.column.get(row), l.column.code(row), l));
            if let Some((name, code, lookup)) = lookup {
                rater = self.raters.intern(name).ok_or_else(|| self.too_many("raters"))?.0;
                lookup.found[code as usize] = rater;
            }
        }
        let new = self.raters.len() > before;
        for meta in &mut self.meta {
            if meta.by_rater.holds() {
                meta.by_rater.say(rater as usize, new, rows.batch.columns[meta.column].get(row));
            }
        }
        self.answer(rows, row, item, rater, line)
    }

    /// What a rater answered in a row of a long table.
    fn answer(
        &mut self,
        rows: &mut Rows<'_>,
        row: usize,
        item: u32,
        rater: u32,
        line: u64,
    ) -> Result<(), FormatError> {
        let status = self.status(rows, row, line);
        if let Some(lookup) = &mut rows.question {
            let asking = &mut self.asking;
            let code = lookup.column.code(row);
            let question = match lookup.at(row, |name| Ok::<u32, ()>(asking.named(name))) {
                Ok(EMPTY) | Err(()) => asking.named(""),
                Ok(number) => number,
            };
            debug_assert!(code == NO_CELL || question != UNSEEN);
            let answered = rows.labels.first().is_some_and(|l| !l.column.get(row).is_empty());
            if !self.asking.is_chosen(question, answered && status == COUNTS) {
                return Ok(());
            }
        } else if self.asking.n_fixed() > 1 && status == COUNTS {
            for number in 0..rows.labels.len() {
                if !rows.labels[number].column.get(row).is_empty() {
                    self.asking.answered(number);
                }
            }
            if rows.present.iter().any(|p| !p.column.get(row).is_empty()) {
                (rows.labels.len()..self.asking.n_fixed()).for_each(|number| self.asking.answered(number));
            }
        }
        let why = match status {
            REJECTED => Some(Missing::Rejected),
            SKIPPED => Some(Missing::Skipped),
            _ => None,
        };
        if let Some(why) = why {
            self.absences.push(Absence { item, rater, why });
            return Ok(());
        }
        let value = match self.ask {
            Ask::Column(number) => match rows.labels.get_mut(number) {
                Some(lookup) => lookup
                    .at(row, |label| value_of(&mut self.values, label))
                    .map_err(|e| self.label_error(e))?,
                None => NO_LABEL,
            },
            _ => self.set(rows, row, line)?,
        };
        if value == NO_LABEL {
            self.tallies.missing_label.hit(line);
            self.absences.push(Absence { item, rater, why: Missing::Empty });
            return Ok(());
        }
        let seconds = self.seconds(rows, row, line);
        self.builder.push(item, rater, value, seconds);
        let moment = self.moment(rows, row, line);
        self.builder.given_at(moment);
        Ok(())
    }

    fn status(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> u32 {
        let (Some(lookup), Some(column)) = (&mut rows.status, self.columns.status) else { return COUNTS };
        let flag = flag_of(&self.names[column]);
        match lookup.at(row, |cell| Ok::<u32, ()>(status_of(cell, flag))) {
            Ok(ODD) => {
                self.tallies.odd_status.hit(line);
                COUNTS
            }
            Ok(EMPTY) | Err(()) => COUNTS,
            Ok(status) => status,
        }
    }

    /// The labels that apply, as one value, or whether one of them does; [`NO_LABEL`] where nothing is filled in.
    fn set(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> Result<LabelId, FormatError> {
        let mut said = Vec::with_capacity(rows.present.len());
        let (mut blank, mut bad) = (true, false);
        for lookup in &mut rows.present {
            let cell = lookup.at(row, |cell| Ok::<u32, ()>(presence_of(cell))).unwrap_or(EMPTY);
            blank &= cell == EMPTY;
            bad |= cell == BAD;
            said.push(cell == YES);
        }
        if bad {
            self.tallies.bad_presence.hit(line);
        }
        if blank {
            return Ok(NO_LABEL);
        }
        if let Ask::Member(member) = self.ask {
            said = vec![said.get(member).copied().unwrap_or(false)];
        }
        if let Some(&value) = self.combinations.get(&said) {
            return Ok(value);
        }
        let value = if let Ask::Member(member) = self.ask {
            let label = self.columns.present[member].1.clone();
            self.value(&if said[0] { label } else { format!("not {label}") })?
        } else {
            let applies = self.columns.present.iter().zip(&said).filter(|(_, said)| **said);
            let mut set: Vec<String> = applies.map(|((_, label), _)| label.clone()).collect();
            set.sort();
            set.dedup();
            let value = self.value(&if set.is_empty() { NOTHING.to_owned() } else { set.join("|") })?;
            self.sets.insert(value, set);
            value
        };
        self.combinations.insert(said, value);
        Ok(value)
    }

    /// What a reviewer decided on an item that is known.
    fn verdict(&mut self, rows: &mut Rows<'_>, row: usize) {
        let cell = |lookup: &Option<Lookup<'_>>| lookup.as_ref().map_or("", |l| l.column.get(row)).to_owned();
        let (Some(item), name) = (self.items.get(&cell(&rows.item)), cell(&rows.rater)) else { return };
        let label = match self.ask {
            Ask::Column(number) => rows.labels.get(number).map_or("", |l| l.column.get(row)).to_owned(),
            _ => {
                let mut set: Vec<&str> = Vec::new();
                for (lookup, (_, label)) in rows.present.iter().zip(&self.columns.present) {
                    if presence_of(lookup.column.get(row)) == YES {
                        set.push(label);
                    }
                }
                set.sort_unstable();
                if set.is_empty() { NOTHING.to_owned() } else { set.join("|") }
            }
        };
        if let Some(reviewer) = reviewer(&name).filter(|_| !label.is_empty()) {
            self.verdicts.push(Verdict { item, reviewer: reviewer.to_owned(), label });
        }
    }

    /// One row of a table that has one row an item.
    fn whole_item(&mut self, rows: &mut Rows<'_>, row: usize, line: u64) -> Result<(), FormatError> {
        let cell = rows.item.as_ref().map_or("", |l| l.column.get(row));
        let key = key_of(cell, self.rows, self.layout).unwrap_or_default();
        if self.layout != Layout::Wide {
            let item = self.unique_item(&key, line)?;
            self.item_cells(rows, row, item, true, line)?;
            if self.columns.given.is_none() && !self.columns.present.is_empty() {
                let value = self.set(rows, row, line)?;
                self.given.push(value);
            }
            return Ok(());
        }
        let (item, new) = self.items.intern(&key).ok_or_else(|| self.too_many("items"))?;
        self.item_cells(rows, row, item, new, line)?;
        let listed = rows.labels.len() == 1 && self.columns.given.is_none();
        for (rater, lookup) in rows.labels.iter_mut().enumerate() {
            let list = if listed { list_in(lookup.column.get(row)) } else { None };
            if let Some(list) = list {
                self.anonymous = true;
                for (place, label) in list.iter().enumerate().filter(|(_, label)| !label.is_empty()) {
                    let value = self.value(label)?;
                    self.vote(item, place, value)?;
                }
                continue;
            }
            let value = lookup.at(row, |label| value_of(&mut self.values, label));
            match value.map_err(|e| self.label_error(e))? {
                NO_LABEL => {}
                value if listed => self.vote(item, 0, value)?,
                value => self.builder.push(item, rater as u32, value, None),
            }
        }
        self.counted(rows.batch, row, item, line)?;
        for (column, reviewer) in &self.reviewed {
            let label = rows.batch.columns[*column].get(row);
            if !label.is_empty() {
                let (reviewer, label) = (reviewer.clone(), label.to_owned());
                self.verdicts.push(Verdict { item, reviewer, label });
            }
        }
        Ok(())
    }

    /// A vote of somebody who is not named.
    fn vote(&mut self, item: u32, place: usize, value: LabelId) -> Result<(), FormatError> {
        // Of somebody, the number is the place; names are made once each.
        while self.raters.len() <= place {
            let name = format!("vote {}", self.raters.len() + 1);
            self.raters.intern(&name).ok_or_else(|| self.too_many("raters"))?;
        }
        self.builder.push(item, place as u32, value, None);
        Ok(())
    }

    /// The votes that a row counts.
    fn counted(&mut self, batch: &Batch, row: usize, item: u32, line: u64) -> Result<(), FormatError> {
        let mut place = 0;
        for i in 0..self.columns.counts.len() {
            self.anonymous = true;
            let cell = batch.columns[self.columns.counts[i].0].get(row);
            if cell.is_empty() {
                continue;
            }
            let number = parse_number(cell, self.decimal_comma);
            let Some(n) = number.filter(|n| n.fract() == 0.0 && (0.0..=MAX_COUNT).contains(n)) else {
                self.tallies.bad_count.hit(line);
                continue;
            };
            // A label that nobody gave is a label too.
            let label = self.columns.counts[i].1.clone();
            let value = self.value(&label)?;
            for _ in 0..n as usize {
                self.vote(item, place, value)?;
                place += 1;
            }
            if self.builder.len() > MAX_COUNTED {
                return Err(self.error(
                    "the table counts more than 50 million votes",
                    "divide the counts, or give their columns the role meta",
                ));
            }
        }
        Ok(())
    }

    /// In single-label tables every row is an item; a repeated key gets `.2`, `.3`, ….
    fn unique_item(&mut self, key: &str, line: u64) -> Result<u32, FormatError> {
        let (mut found, mut n) = (self.items.intern(key), 1);
        while let Some((_, false)) = found {
            if n == 1 {
                self.tallies.duplicate_item.hit(line);
            }
            n += 1;
            found = self.items.intern(&format!("{key}.{n}"));
        }
        found.map(|(item, _)| item).ok_or_else(|| self.too_many("items"))
    }

    fn value(&mut self, label: &str) -> Result<LabelId, FormatError> {
        value_of(&mut self.values, label).map_err(|e| self.label_error(e))
    }

    fn label_error(&self, e: TooMany) -> FormatError {
        if e == TooMany::Numbers {
            return self.too_many("labels");
        }
        let columns = self.columns.labels.iter().copied().chain(self.columns.given).chain(self.columns.gold);
        let names = columns.take(5).map(|c| visible(&self.names[c])).collect::<Vec<_>>().join(", ");
        self.error(
            format!("there are more than {MAX_LABELS} different labels in {names}"),
            "choose the column of labels with --role COLUMN=label",
        )
    }

    /// Everything that belongs to the item and not to the annotation.
    fn item_cells(
        &mut self,
        rows: &mut Rows<'_>,
        row: usize,
        item: u32,
        new: bool,
        line: u64,
    ) -> Result<(), FormatError> {
        let at = item as usize;
        if let Some(lookup) = &mut rows.given {
            let value = lookup.at(row, |label| value_of(&mut self.values, label));
            let value = value.map_err(|e| self.label_error(e))?;
            if keep_first(&mut self.given, at, new, value) {
                self.tallies.given_varies.hit(line);
            }
        }
        if let Some(lookup) = &mut rows.gold {
            let value = lookup.at(row, |label| value_of(&mut self.values, label));
            let value = value.map_err(|e| self.label_error(e))?;
            if keep_first(&mut self.gold, at, new, value) {
                self.tallies.gold_varies.hit(line);
            }
        }
        if self.texts.say(rows.batch, row, item, new) {
            self.tallies.text_varies.hit(line);
        }
        if self.media.say(rows.batch, row, item, new) {
            self.tallies.media_varies.hit(line);
        }
        for meta in &mut self.meta {
            if meta.by_item.holds() {
                meta.by_item.say(at, new, rows.batch.columns[meta.column].get(row));
            }
        }
        if new {
            for (column, _) in &self.columns.probabilities {
                let cell = rows.batch.columns[*column].get(row);
                if cell.is_empty() {
                    self.tallies.missing_probability.hit(line);
                    self.probabilities.push(f64::NAN);
                    continue;
                }
                let number = matrix::parse_cell(&self.path, cell, self.decimal_comma)
                    .map_err(|e| e.at_line(line).in_column(self.names[*column].as_str()))?;
                self.probabilities.push(number);
            }
        }
        Ok(())
    }
}

/// The columns of one batch.
struct Rows<'b> {
    batch: &'b Batch,
    item: Option<Lookup<'b>>,
    rater: Option<Lookup<'b>>,
    labels: Vec<Lookup<'b>>,
    given: Option<Lookup<'b>>,
    gold: Option<Lookup<'b>>,
    time: Option<Lookup<'b>>,
    when: Option<Lookup<'b>>,
    /// Moments of this batch, by what `when` found.
    moments: Vec<f64>,
    question: Option<Lookup<'b>>,
    status: Option<Lookup<'b>>,
    present: Vec<Lookup<'b>>,
}

/// Why a label got no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TooMany {
    Numbers,
    Labels,
}

/// The number of a label, before labels are ordered.
fn value_of(values: &mut Interner, label: &str) -> Result<LabelId, TooMany> {
    let (value, _) = values.intern(label).ok_or(TooMany::Numbers)?;
    if values.len() > MAX_LABELS { Err(TooMany::Labels) } else { Ok(value) }
}

/// Keeps an item's first label; whether the new one contradicts it.
fn keep_first(column: &mut Vec<LabelId>, item: usize, new: bool, value: LabelId) -> bool {
    if new {
        column.push(value);
        return false;
    }
    let slot = &mut column[item];
    if *slot == NO_LABEL {
        *slot = value;
    }
    value != NO_LABEL && *slot != value
}
