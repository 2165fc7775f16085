//! Table or label array → [`Dataset`], in one pass that hashes, counts progress and can be cancelled.
//!
//! Cells stay what they are: `NA`, `None`, `007` are values, only the empty cell is missing, and nothing is
//! merged, rounded or trimmed. What was left out or looks odd is a [`Warning`](crate::dataset::Warning).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::alike::{groups, merged};
use super::asking::Ask;
use super::batch::{Batch, Batches};
use super::columns::{Columns, whole};
use super::error::{FormatError, plural, visible};
use super::intern::Interner;
use super::magic::FileKind;
use super::matrix::{self, Matrix};
pub(crate) use super::merging::MAX_LABELS;
use super::merging::Merging;
use super::notes::{Notes, Place};
use super::npy::Array;
use super::schema::{Inspection, Layout};
use super::tabular::table_of;
use crate::dataset::{
    Dataset, LabelColumn, LabelId, LabelSet, LabelSets, NO_LABEL, NOTHING, RaterKind, Raters, Role, Source,
    SourceFile, Task, TextColumn, Width,
};
use crate::progress::Progress;

/// What loading needs beside the roles of columns.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// A file of predicted probabilities (CSV or `.npy`), instead of those in columns of the table.
    pub probabilities: Option<PathBuf>,
    /// Further models: what each is called (its file's stem where that is empty), and its probabilities.
    pub further: Vec<(String, PathBuf)>,
    /// Label shares that other crowds gave, likewise.
    pub crowds: Vec<(String, PathBuf)>,
    /// A file of embeddings (`.npy` or CSV), one row an item.
    pub embeddings: Option<PathBuf>,
    /// Raters that are models; empty to go by their names.
    pub models: Vec<String>,
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
    /// Leave out the digests of arrays, which only logs of decisions and the window need: hashing a large file takes
    /// longer than all that is computed from it.
    pub undigested: bool,
}

impl LoadOptions {
    /// As a source was read.
    pub fn of(source: &Source) -> Self {
        Self {
            probabilities: source.probabilities.as_ref().map(|p| p.path.clone()),
            embeddings: source.embeddings.clone(),
            further: source.further.clone(),
            crowds: source.crowds.clone(),
            models: source.models.clone(),
            declared_labels: source.declared_labels.clone(),
            probabilities_as_is: source.probabilities_as_is,
            merges: source.merges.clone(),
            joins: source.joins.clone(),
            question: source.question.clone(),
            ..Self::default()
        }
    }
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
    super::models::tell_models(&mut dataset, &options.models);
    dataset.source.models.clone_from(&options.models);
    if let Some(embeddings) = &options.embeddings {
        matrix::attach_embeddings(&mut dataset, embeddings, progress)?;
    }
    for (name, path) in &options.further {
        let shares = matrix::read_beside(&mut dataset, path, name, progress)?;
        dataset.models.extend(shares);
    }
    for (name, path) in &options.crowds {
        let shares = matrix::read_beside(&mut dataset, path, name, progress)?;
        dataset.crowds.extend(shares);
    }
    dataset.source.further.clone_from(&options.further);
    dataset.source.crowds.clone_from(&options.crowds);
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
    let mut notes = Notes::new(path);
    let names: Vec<String> = inspection.columns.iter().map(|c| c.name.clone()).collect();
    let question = match inspection.questions.get(inspection.question) {
        Some(question) if options.question.is_empty() => question.name.as_str(),
        _ => options.question.as_str(),
    };
    let begin = |names, decimal_comma| {
        let columns = Columns::of(&inspection.roles(), layout);
        Merging::new(path.to_owned(), names, layout, columns, decimal_comma, question)
    };
    let mut classes = None;
    let (merging, table) = if inspection.kind == FileKind::Array {
        let mut merging = begin(names, false)?;
        merging.number(Array::open(path)?.coded_labels(progress)?)?;
        (merging, super::text::file_of(path, options.undigested, progress)?)
    } else {
        progress.stage("Reading the table", std::fs::metadata(path).map_or(0, |m| m.len()));
        let tabular = table_of(path, Some(inspection.dialect.encoding), &mut notes)?;
        if tabular.batches.names() != names {
            let what = "the columns changed since the file was looked at";
            return Err(FormatError::of(path, what, "open it again"));
        }
        let labelled = |role: &Role| matches!(role, Role::Given | Role::Label);
        let mut labels = inspection.columns.iter().enumerate().filter(|(_, c)| labelled(&c.role));
        classes = labels.find_map(|(i, _)| tabular.batches.declared(i)).map(<[String]>::to_vec);
        let mut merging = begin(names, tabular.decimal_comma())?;
        merging.expect(inspection.rows);
        let table = read(tabular.batches, &mut merging, &mut notes, progress)?;
        (merging, table)
    };
    let mut options = Cow::Borrowed(options);
    if options.probabilities.is_none() && super::npz::holds_probabilities(path) {
        options.to_mut().probabilities = Some(path.to_owned());
    }
    Loader { path: path.to_owned(), layout, notes, classes, merging }
        .finish(inspection, &options, table, progress)
}

/// Reads a table to its end: what comes next is read while what was read is added.
fn read(
    mut batches: Box<dyn Batches>,
    merging: &mut Merging,
    notes: &mut Notes,
    progress: &Progress,
) -> Result<SourceFile, FormatError> {
    let mut waiting: Vec<Batch> = Vec::new();
    loop {
        let wanted = merging.wanted();
        let more = || {
            let mut list = Vec::new();
            while let Some(batch) = batches.next_batch(&wanted, notes, progress)? {
                list.push(batch);
                if !batches.is_ready() {
                    break;
                }
            }
            Ok::<Vec<Batch>, FormatError>(list)
        };
        let add = || waiting.drain(..).try_for_each(|batch| merging.add(&batch));
        let (list, added) = rayon::join(more, add);
        // What is wrong with earlier rows is told first.
        added?;
        waiting = list?;
        if waiting.is_empty() {
            return batches.finish(progress);
        }
    }
}

/// What was read, on its way to a dataset.
struct Loader {
    path: PathBuf,
    layout: Layout,
    notes: Notes,
    /// Labels in the order that the source declares.
    classes: Option<Vec<String>>,
    merging: Merging,
}

impl Loader {
    fn finish(
        mut self,
        inspection: &Inspection,
        options: &LoadOptions,
        table: SourceFile,
        progress: &Progress,
    ) -> Result<Dataset, FormatError> {
        let n_items = self.merging.items.len() + self.merging.numbered;
        if n_items == 0 {
            return Err(self
                .merging
                .error("no row of the table could be used", "check the roles of its columns"));
        }
        let m = &mut self.merging;
        m.tallies.note(&m.names, &m.columns, &mut self.notes);
        let roles: Vec<(String, Role)> =
            inspection.columns.iter().map(|c| (c.name.clone(), c.role.clone())).collect();
        let item_name = m.columns.item.map(|i| m.names[i].clone());
        let matrix = match &options.probabilities {
            Some(path) => {
                let (name, bare) = (item_name.as_deref(), options.undigested);
                Some(matrix::read(path, name, bare, &mut self.notes, progress)?)
            }
            None if m.columns.probabilities.is_empty() || m.tallies.missing_probability.count > 0 => None,
            None => {
                let labels = m.columns.probabilities.iter().map(|(_, l)| l.clone()).collect();
                Some(Matrix::from_table(&self.path, labels, std::mem::take(&mut m.probabilities), n_items)?)
            }
        };
        let values: Vec<String> =
            m.values.strings().iter().map(|v| merged(v, &options.merges).to_owned()).collect();
        let ask = m.asking.ask();
        let of_members = matrix.as_ref().is_some_and(|m| m.is_of_members(&values));
        let for_labels = matrix.as_ref().filter(|_| !of_members);
        let declared = match &ask {
            Ask::Member(i) => {
                let label = &m.columns.present[*i].1;
                vec![format!("not {label}"), label.clone()]
            }
            // A declared label need not stand alone in any set.
            Ask::Set => Vec::new(),
            Ask::Column(_) => {
                let declared = declared_labels(&self.path, options, for_labels, &values)?;
                let named = for_labels.is_some_and(|m| m.named_labels(&values).is_some());
                match self.classes.clone().or_else(|| counted_labels(&m.columns)) {
                    // Classes of a schema and columns of counts stand in an order that somebody chose.
                    Some(counted) if options.declared_labels.is_empty() && !named => counted,
                    _ => declared,
                }
            }
        };
        let from_matrix = for_labels.and_then(|m| m.named_labels(&values)).unwrap_or_default();
        let labels = LabelSet::new(&declared, values.iter().cloned().chain(from_matrix));
        let map: Vec<LabelId> = values.iter().map(|v| labels.id(v).unwrap_or(NO_LABEL)).collect();
        // In a column of given labels a reviewer's "several" is written so too, which changes no task.
        let plural = m.columns.given.is_some_and(|c| m.names[c].eq_ignore_ascii_case("labels"));
        let asked = matches!(ask, Ask::Column(_)) && (!m.columns.labels.is_empty() || plural);
        let joined = asked && for_labels.is_none() && are_joined(&values);
        let sets = (ask == Ask::Set || joined).then(|| sets_of(m, &labels, &values, &map));
        m.builder.relabel(&map);
        let n_raters = m.raters.len();
        let annotations = std::mem::take(&mut m.builder).finish(n_items, n_raters);
        let same = map.iter().enumerate().all(|(i, &label)| label == i as LabelId);
        let renumber = |mut ids: Vec<LabelId>| {
            if !same {
                ids.iter_mut().for_each(|v| *v = map.get(*v as usize).copied().unwrap_or(NO_LABEL));
            }
            ids
        };
        let column = |name: &str, ids| LabelColumn { name: name.to_owned(), ids: renumber(ids) };
        let given_name = match m.columns.given {
            Some(c) => Some(m.names[c].as_str()),
            None if self.layout == Layout::Single => Some("labels"),
            None => None,
        };
        let given = given_name.map(|name| column(name, std::mem::take(&mut m.given)));
        let gold = m.columns.gold.map(|c| column(&m.names[c], std::mem::take(&mut m.gold)));
        if !m.anonymous {
            note_duplicates(&mut self.notes, annotations.n_duplicates() as u64);
        }
        note_similar(&mut self.notes, &labels);
        let (metadata, attributes) = self.metadata();
        let m = &mut self.merging;
        let whole_items = whole_column(&m.items, m.tallies.missing_item.count);
        let whole_raters = whole_column(&m.raters, m.tallies.missing_rater.count);
        for (column, whole) in [(m.columns.item, &whole_items), (m.columns.rater, &whole_raters)] {
            let (Some(column), true) = (column, whole.is_some()) else { continue };
            self.notes.add("whole_numbers", Place { line: None, column: Some(&m.names[column]) }, 1, || {
                (
                    "Whole numbers were written with .0, as programs do beside empty cells; it was taken off"
                        .into(),
                    "Nothing to do; exports keep the column".into(),
                )
            });
        }
        let label_field = match (&ask, self.layout) {
            (Ask::Column(i), Layout::Long) => m.columns.labels.get(*i).map(|&c| m.names[c].clone()),
            (Ask::Set | Ask::Member(_), _) => Some("labels".to_owned()),
            _ => None,
        };
        let [texts, media] = m.take_words();
        let raters = Raters {
            names: whole_raters
                .unwrap_or_else(|| std::mem::take(&mut m.raters).into_strings())
                .iter()
                .map(str::to_owned)
                .collect(),
            kinds: vec![RaterKind::Human; n_raters],
            attributes,
            anonymous: m.anonymous,
        };
        let keys = match m.numbered {
            0 => whole_items.unwrap_or_else(|| std::mem::take(&mut m.items).into_strings()),
            n => TextColumn::counted(n),
        };
        let (absences, verdicts) = (std::mem::take(&mut m.absences), std::mem::take(&mut m.verdicts));
        let (questions, question) = self.merging.asking.finish(&self.path)?;
        let mut dataset = Dataset {
            name: self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            texts,
            media,
            keys,
            metadata,
            labels,
            raters,
            annotations,
            given,
            gold,
            task: if sets.is_some() { Task::MultiLabel } else { Task::Single },
            sets,
            absences,
            verdicts,
            source: Source {
                table,
                probabilities: None,
                embeddings: None,
                further: Vec::new(),
                crowds: Vec::new(),
                models: Vec::new(),
                question: questions.get(question).map_or(String::new(), |q| q.name.clone()),
                format: String::new(),
                more: Vec::new(),
                files: Vec::new(),
                joins: Vec::new(),
                merges: options.merges.clone(),
                encoding: inspection.dialect.encoding.label().to_owned(),
                roles,
                declared_labels: options.declared_labels.clone(),
                label_field: label_field.unwrap_or_else(|| "label".to_owned()),
                probabilities_as_is: options.probabilities_as_is,
            },
            questions,
            question,
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

    #[allow(clippy::type_complexity)] // Both halves are the dataset's own types.
    fn metadata(&mut self) -> (Vec<(String, TextColumn)>, Vec<(String, Vec<String>)>) {
        let (mut metadata, mut attributes) = (Vec::new(), Vec::new());
        for meta in std::mem::take(&mut self.merging.meta) {
            let name = &self.merging.names[meta.column];
            if let Some(column) = meta.by_item.into_column() {
                metadata.push((name.clone(), column));
            } else if let Some(values) = meta.by_rater.into_column() {
                attributes.push((name.clone(), values.iter().map(str::to_owned).collect()));
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
}

/// Which labels each value stands for, where values are sets.
fn sets_of(m: &Merging, labels: &LabelSet, values: &[String], map: &[LabelId]) -> LabelSets {
    let asked = m.columns.present.iter().map(|(_, label)| label.clone());
    let read = |value: usize| -> Vec<String> {
        match m.sets.get(&(value as LabelId)) {
            Some(set) => set.clone(),
            None if values[value] == NOTHING => Vec::new(),
            // Given and trusted labels are written as sets are named.
            None => values[value].split('|').map(str::to_owned).collect(),
        }
    };
    let members = LabelSet::new(&[], asked.chain((0..values.len()).flat_map(read)));
    let mut of_label = vec![Vec::new(); labels.len()];
    for value in 0..values.len() {
        let mut numbers: Vec<u32> = read(value).iter().filter_map(|l| members.id(l)).collect();
        numbers.sort_unstable();
        if let Some(slot) = of_label.get_mut(map[value] as usize) {
            *slot = numbers;
        }
    }
    LabelSets { members: members.names().to_vec(), of_label }
}

/// The same names without `.0`, where all of them have it and cells are empty beside them.
fn whole_column(names: &Interner, empty: u64) -> Option<TextColumn> {
    let all = empty > 0 && names.len() > 0 && names.strings().iter().all(|n| whole(n).is_some());
    all.then(|| names.strings().iter().filter_map(whole).collect())
}

fn note_duplicates(notes: &mut Notes, n: u64) {
    notes.add("duplicate_pair", Place::FILE, n, || {
        (
            "Raters labelled the same item more than once; the last label counts in agreement".into(),
            "If the table holds several questions, give the column that names them the role question".into(),
        )
    });
}

/// Labels that look alike are listed and never merged.
fn note_similar(notes: &mut Notes, labels: &LabelSet) {
    let alike = groups(labels.names().iter().map(String::as_str));
    notes.add("similar_labels", Place::FILE, alike.len() as u64, || {
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

/// Whether labels are joined by `|` in cells, as check boxes are exported: what stands joined stands elsewhere too.
fn are_joined(values: &[String]) -> bool {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    values.iter().flat_map(|v| v.split('|')).for_each(|part| *uses.entry(part).or_default() += 1);
    let parts: BTreeSet<&str> =
        values.iter().filter(|v| v.contains('|')).flat_map(|v| v.split('|')).collect();
    let again = parts.iter().filter(|p| uses.get(*p).is_some_and(|&n| n > 1)).count();
    !parts.is_empty() && !parts.contains("") && again * 2 >= parts.len()
}

/// The labels of columns of counts, in their order, unless they are numbers.
fn counted_labels(columns: &Columns) -> Option<Vec<String>> {
    let labels: Vec<String> = columns.counts.iter().map(|(_, l)| l.clone()).collect();
    labels.iter().any(|l| l.parse::<f64>().is_err()).then_some(labels)
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
