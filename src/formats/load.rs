//! Table or label array → [`Dataset`], in one pass that hashes, counts progress and can be cancelled.
//!
//! Cells stay what they are: `NA`, `None`, `007` are values, only the empty cell is missing, and nothing is
//! merged, rounded or trimmed. What was left out or looks odd is a [`Warning`](crate::dataset::Warning).

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::alike::{groups, merged};
use super::delimited::parse_number;
use super::error::{FormatError, plural, visible};
use super::intern::Interner;
use super::magic::FileKind;
use super::matrix::{self, Matrix};
use super::notes::{Notes, Place};
use super::npy::Array;
use super::schema::{Inspection, Layout, is_milliseconds};
use super::table::{Row, Table};
use super::tallies::Tallies;
use super::text::Encoding;
use crate::dataset::{
    AnnotationsBuilder, Dataset, LabelColumn, LabelId, LabelSet, NO_LABEL, RaterKind, Raters, Role, Source,
    SourceFile, TextColumn, Width,
};
use crate::progress::Progress;

/// Most labels. A column with more different values holds something else.
pub(crate) const MAX_LABELS: usize = 10_000;

/// What loading needs beside the roles of columns.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// A file of predicted probabilities (CSV or `.npy`), instead of those in columns of the table.
    pub probabilities: Option<PathBuf>,
    /// What the model is called; empty for the file's stem.
    pub probabilities_name: String,
    /// Labels in the order that the user declared; empty for the house's rule.
    pub declared_labels: Vec<String>,
    /// Leave rows that do not sum to one as they are.
    pub probabilities_as_is: bool,
    /// Labels that are taken for others, (from, to): only what the user chose.
    pub merges: Vec<(String, String)>,
    /// Tables with further facts about items or raters, joined by key.
    pub joins: Vec<PathBuf>,
    /// Which question to read, where the source asks several; empty for the first.
    pub question: String,
}

/// Column numbers by role.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(crate) item: Option<usize>,
    pub(crate) rater: Option<usize>,
    /// One in long tables, one a rater in wide ones, none in single-label ones.
    pub(crate) labels: Vec<usize>,
    pub(crate) given: Option<usize>,
    pub(crate) gold: Option<usize>,
    pub(crate) texts: Vec<usize>,
    pub(crate) time: Option<usize>,
    probabilities: Vec<(usize, String)>,
    meta: Vec<usize>,
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
                Role::Probability(label) => columns.probabilities.push((i, label.clone())),
                Role::Meta => columns.meta.push(i),
                Role::Question
                | Role::Present(_)
                | Role::Count(_)
                | Role::Status
                | Role::Media
                | Role::Ignore => {}
            }
        }
        columns
    }

    /// Whether a row reaches as far as the columns without which it says nothing.
    pub(crate) fn reached_by(&self, row: &Row<'_>, layout: Layout) -> bool {
        let has = |column: Option<usize>| column.is_none_or(|c| c < row.record.len());
        has(self.item)
            && match layout {
                Layout::Long => has(self.rater) && has(self.labels.first().copied()),
                Layout::Wide => has(self.labels.first().copied()),
                Layout::Single | Layout::Document => has(self.given),
            }
    }

    /// The item's key; `None` where a long table's row names no item. Rows of other tables without a key are
    /// called by their number.
    pub(crate) fn key<'r>(&self, row: &Row<'r>, layout: Layout) -> Option<Cow<'r, str>> {
        let cell = self.item.map(|i| row.cell(i)).filter(|c| !c.is_empty());
        match layout {
            Layout::Long => cell,
            Layout::Wide | Layout::Single | Layout::Document => {
                Some(cell.unwrap_or_else(|| row.number.to_string().into()))
            }
        }
    }
}

/// Whether this "rater" is a reviewer, whose decisions an earlier export appended.
pub(crate) fn is_reviewer(rater: &str) -> bool {
    rater.starts_with("reviewer:")
}

/// Reads a file as [`inspect`](super::inspect) understood it.
///
/// # Errors
/// No layout, no rows, damaged text, more than 10,000 labels, or probabilities that do not fit.
pub fn load(
    path: &Path,
    inspection: &Inspection,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    let mut dataset = if inspection.kind == FileKind::Document || !inspection.detected.format.is_empty() {
        super::document::load(path, inspection, options, progress)?
    } else {
        load_table(path, inspection, options, progress)?
    };
    for side in &options.joins {
        super::join::join(&mut dataset, side, progress)?;
    }
    dataset.source.joins.clone_from(&options.joins);
    Ok(dataset)
}

fn load_table(
    path: &Path,
    inspection: &Inspection,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    let layout = match &inspection.layout {
        Ok(layout) => *layout,
        Err((what, remedy)) => return Err(FormatError::of(path, what.clone(), remedy.clone())),
    };
    let columns = Columns::of(&inspection.roles(), layout);
    let mut loader = Loader::new(path, inspection, layout, columns);
    let table = match inspection.kind {
        FileKind::Array => loader.read_array(path, progress)?,
        FileKind::Table | FileKind::Document => loader.read_table(path, progress)?,
    };
    loader.finish(inspection, options, table, progress)
}

/// A further column: kept while it is constant within items, or within raters.
struct Meta {
    column: usize,
    by_item: Option<TextColumn>,
    by_rater: Option<Vec<Option<String>>>,
}

struct Loader {
    path: PathBuf,
    layout: Layout,
    names: Vec<String>,
    columns: Columns,
    decimal_comma: bool,
    encoding: Encoding,
    notes: Notes,
    tallies: Tallies,
    items: Interner,
    raters: Interner,
    values: Interner,
    builder: AnnotationsBuilder,
    given: Vec<LabelId>,
    gold: Vec<LabelId>,
    texts: TextColumn,
    meta: Vec<Meta>,
    probabilities: Vec<f64>,
}

impl Loader {
    fn new(path: &Path, inspection: &Inspection, layout: Layout, columns: Columns) -> Self {
        let meta = columns.meta.iter().map(|&column| Meta {
            column,
            by_item: Some(TextColumn::new()),
            by_rater: (layout == Layout::Long).then(Vec::new),
        });
        Self {
            path: path.to_owned(),
            layout,
            names: inspection.columns.iter().map(|c| c.name.clone()).collect(),
            decimal_comma: inspection.dialect.delimiter != b',',
            encoding: inspection.dialect.encoding,
            notes: Notes::new(path),
            tallies: Tallies::default(),
            items: Interner::default(),
            raters: Interner::default(),
            values: Interner::default(),
            builder: AnnotationsBuilder::new(),
            given: Vec::new(),
            gold: Vec::new(),
            texts: TextColumn::new(),
            meta: meta.collect(),
            probabilities: Vec::new(),
            columns,
        }
    }

    fn error(&self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::of(&self.path, what, remedy)
    }

    fn read_array(&mut self, path: &Path, progress: &Progress) -> Result<SourceFile, FormatError> {
        let (labels, _) = Array::open(path)?.labels(progress)?;
        for (i, label) in labels.iter().enumerate() {
            self.items.intern(&(i + 1).to_string()).ok_or_else(|| self.too_many("items"))?;
            let value = self.value(label)?;
            self.given.push(value);
        }
        super::text::digest_of(path, progress)
    }

    fn too_many(&self, what: &str) -> FormatError {
        self.error(format!("there are more than 4 billion {what}"), "split the file")
    }

    fn read_table(&mut self, path: &Path, progress: &Progress) -> Result<SourceFile, FormatError> {
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
        let dialect = super::sniff::sniff_as(path, Some(self.encoding))?;
        progress.stage("Reading the table", bytes);
        if dialect.is_unusual() {
            self.notes.add("dialect", Place { line: Some(1), column: None }, 1, || {
                (
                    format!("The file was read as {}", dialect.describe()),
                    "The cleaned file is written alike".into(),
                )
            });
        }
        let mut table = Table::open(path, &dialect, &mut self.notes, progress)?;
        if table.names != self.names {
            return Err(self.error("the columns changed since the file was looked at", "open it again"));
        }
        if self.layout == Layout::Wide {
            for &column in &self.columns.labels {
                self.raters.intern(&self.names[column]);
            }
        }
        let width = table.width();
        while let Some(row) = table.next_row()? {
            let line = row.record.line;
            if row.record.len() != width {
                self.tallies.ragged.hit(line);
            }
            if row.record.raw.contains('\0') {
                self.tallies.nul.hit(line);
            }
            // Most rows hold none of these characters at all.
            if row.record.raw.contains(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
                && (0..row.record.len()).any(|c| super::neutralise::is_risky(&row.cell(c)))
            {
                self.tallies.formula.hit(line);
            }
            if !self.columns.reached_by(&row, self.layout) {
                self.tallies.short.hit(line);
                continue;
            }
            self.row(&row)?;
        }
        table.finish()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), FormatError> {
        let line = row.record.line;
        if self.columns.rater.is_some_and(|r| is_reviewer(&row.cell(r))) {
            self.tallies.reviewers.hit(line);
            return Ok(());
        }
        let Some(key) = self.columns.key(row, self.layout) else {
            self.tallies.missing_item.hit(line);
            return Ok(());
        };
        let (item, new) = match self.layout {
            Layout::Single | Layout::Document => (self.unique_item(&key, line)?, true),
            Layout::Long | Layout::Wide => self.items.intern(&key).ok_or_else(|| self.too_many("items"))?,
        };
        self.item_cells(row, item, new)?;
        match self.layout {
            Layout::Long => self.annotation(row, item)?,
            Layout::Wide => {
                for rater in 0..self.columns.labels.len() {
                    let cell = row.cell(self.columns.labels[rater]);
                    if !cell.is_empty() {
                        let value = self.value(&cell)?;
                        self.builder.push(item, rater as u32, value, None);
                    }
                }
            }
            Layout::Single | Layout::Document => {}
        }
        if self.builder.len() > u32::MAX as usize - 1 {
            return Err(self.too_many("annotations"));
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

    /// The number of a label, before labels are ordered.
    fn value(&mut self, cell: &str) -> Result<LabelId, FormatError> {
        if cell.is_empty() {
            return Ok(NO_LABEL);
        }
        let Some((value, _)) = self.values.intern(cell) else { return Err(self.too_many("labels")) };
        if self.values.len() > MAX_LABELS {
            let columns: Vec<usize> = self
                .columns
                .labels
                .iter()
                .copied()
                .chain(self.columns.given)
                .chain(self.columns.gold)
                .collect();
            let names =
                columns.iter().take(5).map(|&c| visible(&self.names[c])).collect::<Vec<_>>().join(", ");
            return Err(self.error(
                format!("there are more than {MAX_LABELS} different labels in {names}"),
                "choose the column of labels with --role COLUMN=label",
            ));
        }
        Ok(value)
    }

    /// Everything that belongs to the item and not to the annotation.
    fn item_cells(&mut self, row: &Row<'_>, item: u32, new: bool) -> Result<(), FormatError> {
        let line = row.record.line;
        let at = item as usize;
        if let Some(column) = self.columns.given {
            let value = self.value(&row.cell(column))?;
            if merge(&mut self.given, at, new, value) {
                self.tallies.given_varies.hit(line);
            }
        }
        if let Some(column) = self.columns.gold {
            let value = self.value(&row.cell(column))?;
            if merge(&mut self.gold, at, new, value) {
                self.tallies.gold_varies.hit(line);
            }
        }
        if let [first, more @ ..] = self.columns.texts.as_slice() {
            let mut text = row.cell(*first);
            for &column in more {
                text.to_mut().push('\n');
                text.to_mut().push_str(&row.cell(column));
            }
            if new {
                self.texts.push(&text);
            } else if self.texts.get(at) != text {
                self.tallies.text_varies.hit(line);
            }
        }
        for meta in &mut self.meta {
            if let Some(column) = &mut meta.by_item {
                let cell = row.cell(meta.column);
                if new {
                    column.push(&cell);
                } else if column.get(at) != cell {
                    meta.by_item = None;
                }
            }
        }
        if new {
            for (column, _) in &self.columns.probabilities {
                let cell = row.cell(*column);
                let number = matrix::parse_cell(&self.path, &cell, self.decimal_comma)
                    .map_err(|e| e.at_line(line).in_column(self.names[*column].as_str()))?;
                self.probabilities.push(number);
            }
        }
        Ok(())
    }

    /// The annotation of one row of a long table.
    fn annotation(&mut self, row: &Row<'_>, item: u32) -> Result<(), FormatError> {
        let line = row.record.line;
        let (Some(rater), Some(&label)) = (self.columns.rater, self.columns.labels.first()) else {
            return Ok(());
        };
        let rater = row.cell(rater);
        if rater.is_empty() {
            self.tallies.missing_rater.hit(line);
            return Ok(());
        }
        let (rater, new) = self.raters.intern(&rater).ok_or_else(|| self.too_many("raters"))?;
        for meta in &mut self.meta {
            if let Some(values) = &mut meta.by_rater {
                let cell = row.cell(meta.column);
                if new {
                    values.push(Some(cell.into_owned()));
                } else if values[rater as usize].as_deref() != Some(&cell) {
                    meta.by_rater = None;
                }
            }
        }
        let label = row.cell(label);
        if label.is_empty() {
            self.tallies.missing_label.hit(line);
            return Ok(());
        }
        let value = self.value(&label)?;
        let seconds = self.columns.time.and_then(|column| {
            let cell = row.cell(column);
            let scale = if is_milliseconds(&self.names[column]) { 1e-3 } else { 1.0 };
            let number = parse_number(&cell, self.decimal_comma).filter(|&s| s >= 0.0);
            if number.is_none() && !cell.is_empty() {
                self.tallies.bad_time.hit(line);
            }
            number.map(|s| (s * scale) as f32)
        });
        self.builder.push(item, rater, value, seconds);
        Ok(())
    }

    fn finish(
        mut self,
        inspection: &Inspection,
        options: &LoadOptions,
        table: SourceFile,
        progress: &Progress,
    ) -> Result<Dataset, FormatError> {
        let n_items = self.items.len();
        if n_items == 0 {
            return Err(self.error("no row of the table could be used", "check the roles of its columns"));
        }
        self.tallies.note(&self.names, &self.columns, &mut self.notes);
        let roles: Vec<(String, Role)> =
            inspection.columns.iter().map(|c| (c.name.clone(), c.role.clone())).collect();
        let item_name = self.columns.item.map(|i| self.names[i].clone());
        let matrix = match &options.probabilities {
            Some(path) => Some(matrix::read(path, item_name.as_deref(), &mut self.notes, progress)?),
            None => self.own_matrix(n_items)?,
        };
        let values: Vec<String> =
            self.values.strings().iter().map(|v| merged(v, &options.merges).to_owned()).collect();
        let declared = declared_labels(&self.path, options, matrix.as_ref(), &values)?;
        let from_matrix = matrix.as_ref().and_then(|m| m.named_labels(&values)).unwrap_or_default();
        let labels = LabelSet::new(&declared, values.iter().cloned().chain(from_matrix));
        let map: Vec<LabelId> = values.iter().map(|v| labels.id(v).unwrap_or(NO_LABEL)).collect();
        self.builder.relabel(&map);
        let n_raters = self.raters.len();
        let annotations = std::mem::take(&mut self.builder).finish(n_items, n_raters);
        let renumber = |ids: Vec<LabelId>| {
            ids.iter().map(|&v| map.get(v as usize).copied().unwrap_or(NO_LABEL)).collect()
        };
        let column = |name: String, ids: Vec<LabelId>| LabelColumn { name, ids: renumber(ids) };
        let given =
            self.columns.given.map(|c| column(self.names[c].clone(), std::mem::take(&mut self.given)));
        let gold = self.columns.gold.map(|c| column(self.names[c].clone(), std::mem::take(&mut self.gold)));
        self.note_duplicates(annotations.n_duplicates() as u64);
        self.note_similar(&labels);
        let (metadata, attributes) = self.metadata(n_raters);
        let mut label_field = "label".to_owned();
        if let (Layout::Long, Some(&c)) = (self.layout, self.columns.labels.first()) {
            label_field.clone_from(&self.names[c]);
        }
        let mut dataset = Dataset {
            name: self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            texts: (!self.columns.texts.is_empty()).then_some(self.texts),
            keys: self.items.into_strings(),
            metadata,
            labels,
            raters: Raters {
                names: self.raters.into_strings().iter().map(str::to_owned).collect(),
                kinds: vec![RaterKind::Human; n_raters],
                attributes,
                anonymous: false,
            },
            annotations,
            given,
            gold,
            probabilities: None,
            source: Source {
                table,
                probabilities: None,
                question: String::new(),
                format: String::new(),
                more: Vec::new(),
                files: Vec::new(),
                joins: Vec::new(),
                merges: options.merges.clone(),
                encoding: inspection.dialect.encoding.label().to_owned(),
                roles,
                declared_labels: options.declared_labels.clone(),
                label_field,
                probabilities_as_is: options.probabilities_as_is,
            },
            warnings: Vec::new(),
            ..Dataset::default()
        };
        if let Some(matrix) = matrix {
            matrix.attach(&mut dataset, item_name.is_some(), options, &mut self.notes, progress)?;
        }
        // What inspection noted about the header was noted again while loading.
        let mut warnings = self.notes.into_warnings();
        let again =
            |w: &crate::dataset::Warning| warnings.iter().any(|x| x.code == w.code && x.column == w.column);
        let mut earlier: Vec<_> = inspection.warnings.iter().filter(|w| !again(w)).cloned().collect();
        earlier.append(&mut warnings);
        dataset.warnings = earlier;
        Ok(dataset)
    }

    /// The probabilities in columns of the table.
    fn own_matrix(&mut self, rows: usize) -> Result<Option<Matrix>, FormatError> {
        if self.columns.probabilities.is_empty() {
            return Ok(None);
        }
        let labels: Vec<String> = self.columns.probabilities.iter().map(|(_, l)| l.clone()).collect();
        let values = std::mem::take(&mut self.probabilities);
        Matrix::from_table(&self.path, labels, values, rows).map(Some)
    }

    #[allow(clippy::type_complexity)] // Both halves are the dataset's own types.
    fn metadata(&mut self, n_raters: usize) -> (Vec<(String, TextColumn)>, Vec<(String, Vec<String>)>) {
        let (mut metadata, mut attributes) = (Vec::new(), Vec::new());
        for meta in std::mem::take(&mut self.meta) {
            let name = &self.names[meta.column];
            if let Some(column) = meta.by_item {
                metadata.push((name.clone(), column));
            } else if let Some(values) = meta.by_rater {
                debug_assert_eq!(values.len(), n_raters);
                attributes.push((name.clone(), values.into_iter().map(Option::unwrap_or_default).collect()));
            } else {
                self.notes.add("column_varies", Place { line: None, column: Some(name) }, 1, || {
                    (
                        format!(
                            "“{}” varies within items and within raters, so it is not shown",
                            visible(name)
                        ),
                        "Nothing to do; exports keep the column".into(),
                    )
                });
            }
        }
        (metadata, attributes)
    }

    fn note_duplicates(&mut self, n: u64) {
        self.notes.add("duplicate_pair", Place::FILE, n, || {
            (
                "Raters labelled the same item more than once; the last label counts in agreement".into(),
                "If the table holds several questions, split it into one file a question".into(),
            )
        });
    }

    /// Labels that look alike are listed and never merged.
    fn note_similar(&mut self, labels: &LabelSet) {
        let alike = groups(labels.names().iter().map(String::as_str));
        self.notes.add("similar_labels", Place::FILE, alike.len() as u64, || {
            let shown: Vec<String> = alike
                .iter()
                .take(5)
                .map(|g| g.iter().map(|l| format!("“{}”", visible(l))).collect::<Vec<_>>().join(" and "))
                .collect();
            let what = plural(alike.len() as u64, "group");
            (
                format!(
                    "{what} of labels differ only by case, spaces or invisible characters: {}",
                    shown.join("; ")
                ),
                "Merge them when the file is opened if they mean the same; so far they count as different".into(),
            )
        });
    }
}

/// Keeps an item's first label; whether the new one contradicts it.
fn merge(column: &mut Vec<LabelId>, item: usize, new: bool, value: LabelId) -> bool {
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

/// The labels whose order is declared: by the user, or by the probabilities.
pub(super) fn declared_labels(
    path: &Path,
    options: &LoadOptions,
    matrix: Option<&Matrix>,
    values: &[String],
) -> Result<Vec<String>, FormatError> {
    if !options.declared_labels.is_empty() {
        let mut sorted = options.declared_labels.clone();
        sorted.sort();
        if let Some([twice, _]) = sorted.windows(2).find(|w| w[0] == w[1]) {
            let what = format!("the label “{}” is declared twice", visible(twice));
            return Err(FormatError::of(path, what, "name each label once in --labels"));
        }
        return Ok(options.declared_labels.clone());
    }
    Ok(matrix.and_then(|m| m.named_labels(values).or_else(|| m.numbered_labels(values))).unwrap_or_default())
}

/// The tolerance within which a row of probabilities sums to one.
pub(crate) fn tolerance(width: Width) -> f64 {
    if width == Width::F16 { 1e-2 } else { 1e-6 }
}
