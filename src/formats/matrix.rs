//! Predicted probabilities → the dataset: read, checked, matched to items and to labels.
//!
//! Rows are matched by key where the file has one, else by position, and then there must be as many rows as
//! items. Columns are matched by name, else by position in label order; what that implies for accuracy is said.
//! Nothing is renormalised here: [`RowRepair`] does it as rows are read.

mod arrays;
mod beside;
mod check;
mod members;
mod records;
mod softmax;
mod stored;
mod vectors;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub(crate) use self::beside::read_beside;
use self::check::{Bad, Checked, Fit, check};
pub(crate) use self::vectors::attach_embeddings;
use super::columnar;
use super::delimited::parse_number;
use super::error::{FormatError, plural, visible};
use super::json_rows::is_json;
use super::load::{LoadOptions, MAX_LABELS, tolerance};
use super::magic::{HEAD, file_kind};
use super::notes::{Notes, Place};
use super::npz::Bundle;
use super::schema::{is_key_name, probability_label};
use super::sniff::sniff;
use super::table::Table;
use super::text::open_regular;
use crate::dataset::{Dataset, LabelId, LabelSet, NO_LABEL, Probabilities, RowRepair, SourceFile, Width};
use crate::progress::Progress;

/// Labels up to which another order is looked for.
const MAX_CONFUSION: usize = 2_000;
/// How much better another order must fit to be worth a word.
const FAR_BETTER: f64 = 0.2;

/// Probabilities that were read and not yet matched.
pub(crate) struct Matrix {
    path: PathBuf,
    /// What the numbers are, for messages.
    noun: &'static str,
    numbers: Probabilities,
    width: Width,
    /// What the header calls the columns.
    labels: Option<Vec<String>>,
    /// Whether the names carry a prefix that says that they are labels.
    prefixed: bool,
    keys: Option<Vec<String>>,
    /// Further columns that could be the key.
    other_keys: Vec<Vec<String>>,
    file: Option<SourceFile>,
}

/// One number of a text file.
pub(crate) fn parse_cell(path: &Path, cell: &str, decimal_comma: bool) -> Result<f64, FormatError> {
    parse_number(cell, decimal_comma).ok_or_else(|| {
        let what = match cell {
            "" => "a probability is missing".to_owned(),
            _ => format!("“{}” is not a probability", visible(cell)),
        };
        FormatError::of(path, what, "give every row numbers between 0 and 1 that sum to 1")
    })
}

/// Reads a file of probabilities. `item_name` is the name of the table's item column; arrays are left without a digest
/// where they are `undigested`.
pub(crate) fn read(
    path: &Path,
    item_name: Option<&str>,
    undigested: bool,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<Matrix, FormatError> {
    use std::io::Read as _;
    let (file, bytes) = open_regular(path)?;
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).map_err(|e| FormatError::io(path, "read", &e))?;
    progress.stage("Reading probabilities", bytes);
    if head.starts_with(b"\x93NUMPY") {
        return arrays::read(path, undigested, progress);
    }
    if Bundle::is_one(&head) {
        return arrays::read_bundle(path, progress);
    }
    if columnar::is_columnar(&head) {
        return stored::read(path, item_name, notes, progress);
    }
    if is_json(&head) {
        return records::read(path, item_name, notes, progress);
    }
    file_kind(path, &head)?;
    read_table(path, item_name, false, notes, progress)
}

/// Probabilities that are in memory, and whether their names say that they are logits.
struct Numbers {
    values: Vec<f64>,
    cols: usize,
    logits: bool,
    /// Whether they are no probabilities.
    raw: bool,
}

/// The columns of probabilities among `names`: those with telling names, with their labels; and whether these say
/// that they are logits.
fn telling(names: &[String]) -> (Vec<(usize, String)>, bool) {
    let is_logit = |name: &String| name.strip_prefix("logit_").map(str::to_owned);
    let mut columns = Vec::new();
    let mut logits = false;
    for (i, name) in names.iter().enumerate() {
        if let Some(label) = is_logit(name) {
            logits = true;
            columns.push((i, label));
        } else if let Some((_, label)) = probability_label(name) {
            columns.push((i, label));
        }
    }
    (columns, logits)
}

/// The first names of a list.
fn shown(names: &[String]) -> String {
    let list = names.iter().take(12).map(|n| visible(n)).collect::<Vec<_>>().join(", ");
    if names.len() > 12 { format!("{list}, …") } else { list }
}

/// `raw` numbers are no probabilities, and stay what they are.
fn read_table(
    path: &Path,
    item_name: Option<&str>,
    raw: bool,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<Matrix, FormatError> {
    let dialect = sniff(path)?;
    let comma = dialect.delimiter != b',';
    let mut table = Table::open(path, &dialect, notes, progress)?;
    let names = table.names.clone();
    // A first row of fractions is no header.
    let first: Vec<Option<f64>> = table.header.cells.iter().map(|c| parse_number(c, comma)).collect();
    let headless = first.iter().all(Option::is_some) && first.iter().flatten().any(|x| x.fract() != 0.0);
    let (mut columns, logits) = if headless { (Vec::new(), false) } else { telling(&names) };
    let prefixed = columns.len() >= 2;
    let key = if headless {
        None
    } else {
        let free = |i: usize| !prefixed || !columns.iter().any(|&(c, _)| c == i);
        let named = names.iter().position(|n| Some(n.as_str()) == item_name).filter(|&i| free(i));
        named.or_else(|| (0..names.len()).find(|&i| free(i) && is_key_name(&names[i])))
    };
    let (mut values, mut keys, mut rows) = (Vec::new(), Vec::new(), 0usize);
    if headless {
        columns = names.iter().cloned().enumerate().collect();
        values.extend(first.into_iter().flatten());
        rows = 1;
    }
    while let Some(row) = table.next_row()? {
        if rows == 0 && !prefixed {
            // Without telling names, the numbers of the first row are the probabilities.
            let number = |i: &usize| Some(*i) != key && parse_number(&row.cell(*i), comma).is_some();
            columns = (0..names.len()).filter(number).map(|i| (i, names[i].clone())).collect();
        }
        if columns.len() < 2 {
            break;
        }
        for (i, _) in &columns {
            let number = parse_cell(path, &row.cell(*i), comma)
                .map_err(|e| e.at_line(row.record.line).in_column(names[*i].as_str()))?;
            values.push(number);
        }
        if let Some(key) = key {
            keys.push(row.cell(key).into_owned());
        }
        rows += 1;
    }
    let file = table.finish()?;
    if columns.len() < 2 || rows == 0 {
        let remedy = "write one row an item with columns such as prob_positive, prob_negative";
        return Err(FormatError::of(path, "no columns of probabilities were found", remedy));
    }
    let numbers = Numbers { values, cols: columns.len(), logits, raw };
    let labels = (!headless).then(|| columns.into_iter().map(|(_, l)| l).collect());
    Matrix::of_numbers(path, numbers, labels, prefixed, key.map(|_| keys), Some(file), notes)
}

impl Matrix {
    /// From an array.
    fn of_array(path: &Path, numbers: Probabilities, width: Width, file: SourceFile) -> Self {
        let (path, file) = (path.to_owned(), Some(file));
        let (labels, keys, other_keys) = (None, None, Vec::new());
        Self { path, noun: "probabilities", numbers, width, labels, prefixed: false, keys, other_keys, file }
    }

    /// From numbers in memory; scores become probabilities, and that is noted.
    fn of_numbers(
        path: &Path,
        mut numbers: Numbers,
        labels: Option<Vec<String>>,
        prefixed: bool,
        keys: Option<Vec<String>>,
        file: Option<SourceFile>,
        notes: &mut Notes,
    ) -> Result<Self, FormatError> {
        let cols = numbers.cols;
        let rows = numbers.values.len() / cols.max(1);
        if cols > 0 && !numbers.raw && softmax::are_logits(&numbers.values, cols, numbers.logits) {
            softmax::softmax(&mut numbers.values, cols);
            notes.add("softmax", Place::FILE, 1, || {
                let why = if numbers.logits { "are called logits" } else { "are not between 0 and 1" };
                (
                    format!(
                        "The numbers {why} and rows do not sum to 1: a softmax made probabilities of them"
                    ),
                    "If they are something else, convert them before".into(),
                )
            });
        }
        let numbers = Probabilities::from_f64(numbers.values, rows, cols)
            .map_err(|e| FormatError::of(path, e.to_string(), "give every row the same number of columns"))?;
        let (path, width, other_keys) = (path.to_owned(), Width::F64, Vec::new());
        Ok(Self { path, noun: "probabilities", numbers, width, labels, prefixed, keys, other_keys, file })
    }

    /// From columns of the table itself, one row an item.
    pub(crate) fn from_table(
        path: &Path,
        labels: Vec<String>,
        values: Vec<f64>,
        rows: usize,
    ) -> Result<Self, FormatError> {
        let cols = labels.len();
        let numbers = Probabilities::from_f64(values, rows, cols)
            .map_err(|e| FormatError::of(path, e.to_string(), "give every row the same number of columns"))?;
        let path = path.to_owned();
        Ok(Self {
            noun: "probabilities",
            path,
            numbers,
            width: Width::F64,
            labels: Some(labels),
            prefixed: true,
            keys: None,
            other_keys: Vec::new(),
            file: None,
        })
    }

    /// The header's labels, if they are labels: their names say so, or they are those of the data.
    pub(crate) fn named_labels(&self, values: &[String]) -> Option<Vec<String>> {
        let labels = self.labels.as_ref()?;
        let known = values.iter().all(|v| labels.contains(v));
        // p0, p1, … beside labels that are words are positions.
        let positions = labels.iter().all(|l| l.bytes().all(|b| b.is_ascii_digit()));
        (known || (self.prefixed && !positions)).then(|| labels.clone())
    }

    /// `0`, `1`, … where the columns have no names and the labels of the data are among these numbers, and
    /// fewer than the columns: the labels that occur are not all there are.
    pub(crate) fn numbered_labels(&self, values: &[String]) -> Option<Vec<String>> {
        let cols = self.numbers.stored_cols();
        if cols > MAX_LABELS {
            return None;
        }
        let numbers: Vec<String> = (0..cols).map(|c| c.to_string()).collect();
        let among = values.iter().all(|v| v.parse::<usize>().is_ok_and(|n| n < cols && numbers[n] == *v));
        (among && values.len() < cols).then_some(numbers)
    }

    /// Checks the numbers, matches them to items and labels, and puts them into the dataset. Where labels are sets and the
    /// columns are those of single labels, rows may sum to anything.
    pub(crate) fn attach(
        mut self,
        dataset: &mut Dataset,
        has_keys: bool,
        options: &LoadOptions,
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<(), FormatError> {
        if let Some(columns) = self.member_columns_of(dataset) {
            return self.attach_members(dataset, columns, has_keys, options, notes, progress);
        }
        let columns = self.match_columns(&dataset.labels)?;
        self.choose_keys(dataset);
        let order = self.match_rows(dataset, has_keys, notes)?;
        let tolerance = tolerance(self.width);
        let fit = Fit::new(&columns, self.numbers.stored_cols(), self.numbers.rows(), MAX_CONFUSION);
        let labels = reference_labels(dataset);
        let labels = match &order {
            None => labels,
            Some(order) => {
                let mut by_row = vec![NO_LABEL; self.numbers.rows()];
                order.iter().zip(labels.iter()).for_each(|(&row, &label)| by_row[row as usize] = label);
                Cow::Owned(by_row)
            }
        };
        let as_is = options.probabilities_as_is;
        let is_half = self.width == Width::F16;
        let checked = check(&self.numbers, &labels, fit, tolerance, as_is, is_half, progress)?
            .map_err(|bad| self.bad_number(&bad))?;
        drop(labels);
        Self::note_sums(&checked, tolerance, as_is, notes);
        self.note_ties(&checked, notes);
        self.note_fit(dataset, &columns, checked.fit, notes);
        let name = self.name(dataset, options);
        let mut numbers = self.numbers;
        if columns.iter().enumerate().any(|(i, &c)| i != c as usize) {
            numbers = numbers.with_columns(columns);
        }
        if let Some(order) = order {
            numbers = numbers.with_row_order(order);
        }
        if checked.off > 0 && !options.probabilities_as_is {
            numbers = numbers.with_repair(Some(RowRepair { tolerance, rows: checked.off }));
        }
        numbers.name = name;
        dataset.probabilities = Some(numbers);
        dataset.source.probabilities = self.file;
        Ok(())
    }

    /// What the model is called.
    fn name(&self, dataset: &Dataset, options: &LoadOptions) -> String {
        match (options.probabilities_name.as_str(), &self.file) {
            ("", Some(_)) => self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            ("", None) => dataset.name.clone(),
            (name, _) => name.to_owned(),
        }
    }

    fn error(&self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::of(&self.path, what, remedy)
    }

    /// For each label, its stored column.
    fn match_columns(&self, labels: &LabelSet) -> Result<Vec<u32>, FormatError> {
        let cols = self.numbers.stored_cols();
        let list = shown;
        if let Some(names) = self.named_labels(labels.names()) {
            let mut columns = HashMap::new();
            for (i, name) in names.iter().enumerate() {
                if columns.insert(name.as_str(), i as u32).is_some() {
                    let what = format!("two columns hold the probability of “{}”", visible(name));
                    return Err(self.error(what, "keep one of them"));
                }
            }
            let missing: Vec<String> =
                labels.names().iter().filter(|l| !columns.contains_key(l.as_str())).cloned().collect();
            if missing.is_empty() {
                return Ok(labels.names().iter().map(|l| columns[l.as_str()]).collect());
            }
            let what = format!("no column holds the probability of the labels {}", list(&missing));
            return Err(self.error(what, format!("the columns are {}; add the missing ones", list(&names))));
        }
        if labels.len() != cols {
            let what = format!(
                "probabilities have {}, the data has {}",
                plural(cols as u64, "column"),
                plural(labels.len() as u64, "label")
            );
            let remedy = format!(
                "name the columns prob_LABEL in a CSV, or declare all labels in their order with --labels (labels found: {})",
                list(labels.names())
            );
            return Err(self.error(what, remedy));
        }
        Ok((0..cols as u32).collect())
    }

    /// Of several columns that could be the key, the one that names the most items; of equals the first.
    fn choose_keys(&mut self, dataset: &Dataset) {
        if self.other_keys.is_empty() {
            return;
        }
        let items: std::collections::HashSet<&str> = dataset.keys.iter().collect();
        let hits = |list: &Vec<String>| list.iter().filter(|k| items.contains(k.as_str())).count();
        let mut most = self.keys.as_ref().map_or(0, hits);
        for list in std::mem::take(&mut self.other_keys) {
            let n = hits(&list);
            if n > most {
                (most, self.keys) = (n, Some(list));
            }
        }
    }

    /// For each item, its stored row; `None` where they are the same.
    fn match_rows(
        &self,
        dataset: &Dataset,
        has_keys: bool,
        notes: &mut Notes,
    ) -> Result<Option<Vec<u32>>, FormatError> {
        let (rows, items) = (self.numbers.rows(), dataset.n_items());
        if let Some(keys) = &self.keys {
            let mut by_key: HashMap<&str, u32> = HashMap::with_capacity(keys.len());
            for (row, key) in keys.iter().enumerate() {
                if let Some(first) = by_key.insert(key, row as u32) {
                    let what =
                        format!("the key “{}” occurs in rows {} and {}", visible(key), first + 1, row + 1);
                    return Err(self.error(what, "give each item one row"));
                }
            }
            let order: Vec<Option<u32>> = dataset.keys.iter().map(|k| by_key.get(k).copied()).collect();
            let found = order.iter().flatten().count();
            if found == items {
                notes.add("probabilities_unused_rows", Place::FILE, (rows - found) as u64, || {
                    (format!("Rows of {} belong to no item of the table", self.noun), "Nothing to do".into())
                });
                let order: Vec<u32> = order.into_iter().flatten().collect();
                let same = rows == items && order.iter().enumerate().all(|(i, &r)| i == r as usize);
                return Ok((!same).then_some(order));
            }
            if has_keys {
                let missing = order.iter().position(Option::is_none).unwrap_or(0);
                let what = format!(
                    "{} without {}, first “{}”",
                    plural((items - found) as u64, "item"),
                    self.noun,
                    visible(dataset.keys.get(missing))
                );
                return Err(
                    self.error(what, "add their rows, or remove the key column to match rows by position")
                );
            }
        }
        if rows != items {
            let what = format!("{} have {rows} rows, the items {items}", self.noun);
            return Err(self
                .error(what, "give one row an item in the order of the table, or a CSV with a key column"));
        }
        if self.file.is_some() && has_keys && out_of_order(dataset) {
            notes.add("probability_rows_doubtful", Place::FILE, 1, || {
                (
                    "Items are numbered but do not stand in the order of their numbers; probabilities were matched by \
                     the order in which items first appear"
                        .into(),
                    "If row n belongs to item n, give the probabilities as a CSV with a key column".into(),
                )
            });
        }
        Ok(None)
    }

    fn bad_number(&self, bad: &Bad) -> FormatError {
        let mut row = format!("row {}", bad.row + 1);
        if let Some(key) = self.keys.as_ref().and_then(|k| k.get(bad.row)) {
            row = format!("{row} (“{}”)", visible(key));
        }
        let Some(col) = bad.col else {
            return self.error(format!("{row} is all zeros"), "give every row numbers that sum to 1");
        };
        let column = match &self.labels {
            Some(labels) => format!("of “{}”", visible(&labels[col])),
            None => format!("in column {}", col + 1),
        };
        let remedy = if bad.value.is_nan() {
            "fill in the missing predictions, or remove these items"
        } else {
            "these look like logits or scores: turn them into probabilities with a softmax first"
        };
        self.error(format!("{row} has {} {column}, which is not a probability", bad.value), remedy)
    }

    /// Half precision tells few numbers apart: how many items share their highest probability with another.
    fn note_ties(&self, checked: &Checked, notes: &mut Notes) {
        let ties: u64 = checked.highest.iter().filter(|&&n| n > 1).map(|&n| u64::from(n)).sum();
        let different = checked.highest.iter().filter(|&&n| n > 0).count();
        notes.add("half_precision_ties", Place::FILE, u64::from(ties > 0), || {
            (
                format!(
                    "The probabilities are half precision (float16), which tells few numbers apart: {} have {} \
                     highest probabilities, ties: {ties}",
                    plural(self.numbers.rows() as u64, "item"),
                    different
                ),
                "Save them as float32 where items are to be ranked".into(),
            )
        });
    }

    fn note_sums(checked: &Checked, tolerance: f64, as_is: bool, notes: &mut Notes) {
        let (code, done) = if as_is {
            ("probability_sums", "they are used as they are")
        } else {
            ("probability_repaired", "they were divided by their sum")
        };
        notes.add(code, Place::FILE, checked.off, || {
            let remedy = if checked.worst > 0.1 {
                "Sums this far from 1 come from independent (sigmoid) outputs: check that each item has one label"
            } else {
                "Nothing to do; --probs-as-is leaves such rows alone"
            };
            let message = format!(
                "Rows of probabilities do not sum to 1 within {tolerance:e} (off by up to {:.2e}); {done}",
                checked.worst
            );
            (message, remedy.into())
        });
    }

    /// Says what the order of columns implies, and whether another fits far better.
    fn note_fit(&self, dataset: &Dataset, columns: &[u32], fit: Fit, notes: &mut Notes) {
        let k = columns.len();
        let (n, hits) = (fit.n, fit.hits);
        if n == 0 {
            return;
        }
        let accuracy = hits as f64 / n as f64;
        let (permuted, swaps) = greedy_permutation(fit.into_cells(), k);
        let better = permuted as f64 / n as f64;
        let name = |l: LabelId| visible(dataset.labels.name(l));
        if better >= accuracy + FAR_BETTER {
            notes.add("probability_order_doubtful", Place::FILE, 1, || {
                let shown: Vec<String> =
                    swaps.iter().take(4).map(|&(label, column)| format!("“{}” → “{}”", name(column), name(label))).collect();
                (
                    format!(
                        "The predicted label agrees with the data on {:.1} % of items; with other columns ({}) it would \
                         be {:.1} %",
                        accuracy * 100.0,
                        shown.join(", "),
                        better * 100.0
                    ),
                    "Check the order of the columns; --labels declares it".into(),
                )
            });
        } else if self.named_labels(dataset.labels.names()).is_none() {
            notes.add("probability_order", Place::FILE, 1, || {
                let shown: Vec<String> = (0..k.min(12)).map(|l| name(l as LabelId)).collect();
                let more = if k > 12 { ", …" } else { "" };
                (
                    format!(
                        "Columns of probabilities have no names and were taken as {}{more}; the predicted label then \
                         agrees with the data on {:.1} % of items",
                        shown.join(", "),
                        accuracy * 100.0
                    ),
                    "If the order is another, declare it with --labels".into(),
                )
            });
        }
    }
}

/// The given label of each item, else the label with most votes (none on ties).
fn reference_labels(dataset: &Dataset) -> Cow<'_, [LabelId]> {
    if let Some(given) = &dataset.given {
        return Cow::Borrowed(&given.ids);
    }
    (0..dataset.n_items()).map(|item| majority(dataset.annotations.labels_of(item))).collect()
}

/// The label with most votes; [`NO_LABEL`] on ties.
pub fn majority(votes: &[LabelId]) -> LabelId {
    let mut votes = votes.to_vec();
    votes.sort_unstable();
    let (mut best, mut most, mut tied) = (NO_LABEL, 0, false);
    for run in votes.chunk_by(|a, b| a == b) {
        if run.len() > most {
            (best, most, tied) = (run[0], run.len(), false);
        } else if run.len() == most {
            tied = true;
        }
    }
    if tied { NO_LABEL } else { best }
}

/// Pairs labels with predictions, most frequent pairs first: how many items it hits, and the pairs that differ.
fn greedy_permutation(mut cells: Vec<((LabelId, LabelId), u64)>, k: usize) -> (u64, Vec<(LabelId, LabelId)>) {
    cells.sort_unstable_by_key(|&(cell, n)| (std::cmp::Reverse(n), cell));
    let (mut used_label, mut used_column) = (vec![false; k], vec![false; k]);
    let (mut hits, mut swaps) = (0, Vec::new());
    for ((label, predicted), n) in cells {
        let (l, p) = (label as usize, predicted as usize);
        if l < k && p < k && !used_label[l] && !used_column[p] {
            (used_label[l], used_column[p]) = (true, true);
            hits += n;
            if l != p {
                swaps.push((label, predicted));
            }
        }
    }
    (hits, swaps)
}

/// Keys are the numbers 0..n or 1..=n, not ascending.
fn out_of_order(dataset: &Dataset) -> bool {
    let numbers: Option<Vec<u64>> = dataset.keys.iter().map(|k| k.parse().ok()).collect();
    let Some(mut numbers) = numbers.filter(|n| !n.is_sorted()) else { return false };
    numbers.sort_unstable();
    let first = numbers.first().copied().unwrap_or(2);
    first <= 1 && numbers.iter().zip(first..).all(|(&n, m)| n == m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_has_no_majority() {
        assert_eq!(majority(&[1, 0, 1]), 1);
        assert_eq!(majority(&[1, 0]), NO_LABEL);
        assert_eq!(majority(&[2, 1, 0, 2, 0]), NO_LABEL);
        assert_eq!(majority(&[]), NO_LABEL);
    }

    #[test]
    fn the_permutation_takes_the_most_frequent_pairs_first() {
        let cells = vec![((0, 0), 1), ((0, 1), 9), ((1, 0), 8), ((2, 2), 5)];
        assert_eq!(greedy_permutation(cells, 3), (22, vec![(0, 1), (1, 0)]));
    }
}
