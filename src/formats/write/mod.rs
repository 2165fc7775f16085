//! Dataset + decisions → the source file again, in its own format, byte for byte where nothing was decided.
//!
//! The source is read once more, row by row: an untouched row is copied raw, a touched one keeps the bytes of
//! its other cells. Raters' own cells never change. A single label or a given label is replaced; in a long
//! table each decided item gets a row by `reviewer:<name>` at the end, in a wide one such a column. The source
//! must still be what the dataset was loaded from: its digest is checked before the result appears.

mod array;
mod columnar;
mod document;
mod outlet;
mod records;
mod rows;
mod rule;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::archive;
use super::error::{FormatError, plural};
use super::magic::FileKind;
use super::matrix::majority;
use super::schema::kind_of;
use super::tabular::{Storage, storage_of};
use super::text::digest_of;
use crate::dataset::{
    Dataset, Edits, LabelId, NO_LABEL, NOTHING, Outcome, SourceFile, SpanChange, change_of, resolved,
    span_changes,
};
use crate::progress::Progress;
pub(crate) use document::WriteBack;
pub(crate) use outlet::{Outlet, Pseudonyms};
use rule::takes_spans;
pub use rule::{SeveralAre, WriteRule};

/// What happens to excluded items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Excluded {
    /// Their rows are left out.
    #[default]
    Drop,
    /// Their rows stay, and a status column says so.
    Keep,
}

/// How to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// What happens to excluded items.
    pub excluded: Excluded,
    /// Put `'` before cells that a spreadsheet would run, and record them beside the file.
    pub spreadsheet_safe: bool,
    /// Call raters R1, R2, … and reviewers V1, V2, …; the map goes to `<out>.raters.csv`.
    pub pseudonymise: bool,
    /// Replace a file that exists (never a source, never through a link).
    pub overwrite: bool,
    /// Add a column that says of each decided item what was decided, also where excluded items are left out.
    pub status: bool,
}

impl WriteOptions {
    /// Whether a table gets a column of status.
    pub(crate) fn tells_status(&self) -> bool {
        self.status || self.excluded == Excluded::Keep
    }
}

/// What was written, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WriteSummary {
    /// Rows of the source.
    pub rows_in: u64,
    /// Rows of the result.
    pub rows_out: u64,
    /// Items whose label was changed.
    pub changed: u64,
    /// Items whose label was confirmed.
    pub kept: u64,
    /// Items with more than one right label.
    pub several: u64,
    /// Items with a soft label: the most likely label is written.
    pub soft_labels: u64,
    /// Items for which none of the labels is right: nothing changes in the file.
    pub none_of_labels: u64,
    /// Items left for somebody else: nothing changes in the file.
    pub unsure: u64,
    /// Items excluded.
    pub excluded: u64,
    /// Items without a decision.
    pub undecided: u64,
    /// Spans that were moved, retagged, added and removed one by one.
    pub spans: [u64; 4],
    /// Changed items by (from, to, number), most first; `from` is empty where the item had no label.
    pub by_label_pair: Vec<(String, String, u64)>,
    /// Keys of the items under `none_of_labels` and `unsure`, with their status.
    pub unresolved: Vec<(String, String)>,
    /// Cells that a spreadsheet would run as formulas.
    pub risky_cells: u64,
    /// Cells that got an apostrophe.
    pub escaped_cells: u64,
    /// What else to know, in sentences without full stops.
    pub notes: Vec<String>,
    /// The files written; empty for a plan.
    pub files: Vec<PathBuf>,
}

/// One decision as it goes to a file.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// What the label cell says; `None` where it does not change.
    pub(crate) label: Option<String>,
    /// The labels one by one: several where more than one is right, or where the data is multi-label.
    pub(crate) labels: Vec<String>,
    pub(crate) status: &'static str,
    pub(crate) reviewer: String,
    /// 1 (low) to 3 (high).
    pub(crate) confidence: Option<u8>,
    pub(crate) dropped: bool,
    /// Where it is about a single span.
    pub(crate) span: Option<OnSpan>,
}

/// What a decision about a single span says beside its label.
#[derive(Debug, Clone)]
pub(crate) struct OnSpan {
    /// What the source calls the span; `None` where raters are tied.
    pub(crate) was: Option<String>,
    /// Where it is now, in code points, if it is elsewhere.
    pub(crate) moved: Option<Range<u32>>,
}

/// All decisions, by item.
pub(crate) struct Decisions {
    by_item: HashMap<u32, Decision>,
    /// Items by ascending number.
    order: Vec<u32>,
    /// Spans that were added: document, place, label and who says so.
    added: Vec<(u32, Range<u32>, Decision)>,
}

impl Decisions {
    pub(crate) fn of(dataset: &Dataset, edits: &Edits, options: &WriteOptions) -> Self {
        let mut decisions = Self { by_item: HashMap::new(), order: Vec::new(), added: Vec::new() };
        for (item, edit) in edits.iter().filter(|&(item, _)| item < dataset.n_items()) {
            let name = |l: u32| dataset.labels.name(l).to_owned();
            let joined =
                |labels: &[LabelId]| Some(labels.iter().map(|&l| name(l)).collect::<Vec<_>>().join("|"));
            let label = match &edit.outcome {
                Outcome::Kept(l) | Outcome::Changed(l) => Some(name(*l)),
                Outcome::Several(labels) => joined(labels),
                // The most likely label; of several that are as likely, all.
                Outcome::Soft(shares) => joined(&shares.leaders()),
                Outcome::NoneOfLabels | Outcome::Unsure | Outcome::Excluded => None,
            };
            let labels = match &edit.outcome {
                Outcome::Kept(l) | Outcome::Changed(l) => members(dataset, &[*l]),
                Outcome::Several(labels) => members(dataset, labels),
                Outcome::Soft(shares) => members(dataset, &shares.leaders()),
                Outcome::NoneOfLabels | Outcome::Unsure | Outcome::Excluded => Vec::new(),
            };
            let dropped = edit.outcome == Outcome::Excluded && options.excluded == Excluded::Drop;
            let reviewer = edit.reviewer.clone();
            let (status, confidence) = (edit.outcome.status(), edit.confidence);
            let decision = Decision { label, labels, status, reviewer, confidence, dropped, span: None };
            decisions.by_item.insert(item as u32, decision);
            decisions.order.push(item as u32);
        }
        if takes_spans(dataset) {
            decisions.lay_spans(dataset, edits);
        }
        decisions
    }

    /// Decisions about single spans stand in the place of those about their items.
    fn lay_spans(&mut self, dataset: &Dataset, edits: &Edits) {
        let name = |l: LabelId| dataset.labels.name(l).to_owned();
        let nothing = dataset.labels.id(NOTHING);
        for (&id, edit) in edits.spans() {
            let excluded = edits.get(id.item as usize).filter(|e| e.outcome == Outcome::Excluded);
            if !id.added && excluded.is_some_and(|e| e.order > edit.order) {
                continue;
            }
            let now = resolved(edits, id, edit);
            let Some(change) = change_of(id, now, nothing) else { continue };
            let label = now.map_or_else(|| NOTHING.to_owned(), |n| name(n.label));
            let moved = now.map(|n| n.start..n.end).filter(|place| *place != (id.start..id.end));
            let was = (id.label != NO_LABEL).then(|| name(id.label));
            let decision = Decision {
                labels: vec![label.clone()],
                label: Some(label),
                status: change.word(),
                reviewer: edit.reviewer.clone(),
                confidence: edit.confidence,
                dropped: false,
                span: Some(OnSpan { was, moved }),
            };
            if id.added {
                let document = dataset.stretches().and_then(|s| s.document_of(id.item));
                if let (Some(now), Some(document)) = (now, document) {
                    self.added.push((document, now.start..now.end, decision));
                }
            } else if self.by_item.insert(id.item, decision).is_none() {
                self.order.push(id.item);
            }
        }
        self.order.sort_unstable();
    }

    pub(crate) fn get(&self, item: usize) -> Option<&Decision> {
        self.by_item.get(&(item as u32))
    }

    fn is_empty(&self) -> bool {
        self.order.is_empty() && self.added.is_empty()
    }

    /// Spans that were added: document, place, label and who says so.
    pub(crate) fn added(&self) -> &[(u32, Range<u32>, Decision)] {
        &self.added
    }

    /// By ascending item.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Decision)> {
        self.order.iter().filter_map(|&i| Some((i as usize, self.by_item.get(&i)?)))
    }
}

/// The single labels that `labels` stand for, in label order.
fn members(dataset: &Dataset, labels: &[LabelId]) -> Vec<String> {
    let Some(sets) = &dataset.sets else {
        return labels.iter().map(|&l| dataset.labels.name(l).to_owned()).collect();
    };
    let mut numbers: Vec<u32> =
        labels.iter().filter_map(|&l| sets.of_label.get(l as usize)).flatten().copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.iter().filter_map(|&n| sets.members.get(n as usize)).cloned().collect()
}

/// Says what [`write()`] would do, without writing.
///
/// # Errors
/// As for [`write()`], the target apart.
pub fn plan(
    dataset: &Dataset,
    edits: &Edits,
    options: &WriteOptions,
    progress: &Progress,
) -> Result<WriteSummary, FormatError> {
    if !dataset.source.format.is_empty() {
        return document::write(dataset, edits, options, None, progress);
    }
    run(dataset, edits, options, Outlet::nowhere(options), progress).map(|(summary, _, _)| summary)
}

/// Writes the cleaned copy of the dataset's source to `out`, whole or not at all.
///
/// # Errors
/// A source that changed or vanished since it was loaded, a target that must not be written to, a label that
/// the file's format cannot hold, or a full disk.
pub fn write(
    dataset: &Dataset,
    edits: &Edits,
    options: &WriteOptions,
    out: &Path,
    progress: &Progress,
) -> Result<WriteSummary, FormatError> {
    if !dataset.source.format.is_empty() {
        return document::write(dataset, edits, options, Some(out), progress);
    }
    let outlet = Outlet::create(dataset, out, options)?;
    let (mut summary, outlet, pseudonyms) = run(dataset, edits, options, outlet, progress)?;
    progress.check()?;
    summary.notes.extend(archive::note(&dataset.source.table.path, out));
    summary.files = outlet.commit(&pseudonyms)?;
    Ok(summary)
}

fn run(
    dataset: &Dataset,
    edits: &Edits,
    options: &WriteOptions,
    mut outlet: Outlet,
    progress: &Progress,
) -> Result<(WriteSummary, Outlet, Pseudonyms), FormatError> {
    let source = &dataset.source.table;
    if source.path.is_dir() {
        return Err(FormatError::of(
            &source.path,
            "a folder of data files is not written back as one",
            "open one of its files, or write one row an item instead (the consensus table)",
        ));
    }
    let (kind, bytes) = kind_of(&source.path)?;
    if bytes != source.bytes {
        return Err(changed(source));
    }
    progress.stage("Copying the table", bytes);
    let mut summary = summarise(dataset, edits);
    let decisions = Decisions::of(dataset, edits, options);
    let mut pseudonyms = Pseudonyms::of(dataset, &decisions, options.pseudonymise);
    let storage = if kind == FileKind::Table { storage_of(&source.path)?.0 } else { Storage::Text };
    if storage != Storage::Text && options.pseudonymise {
        return Err(FormatError::of(
            &source.path,
            "raters cannot be renamed in this kind of file",
            "write one row an item instead (the consensus table), which names no rater",
        ));
    }
    let copied = match kind {
        FileKind::Table if storage == Storage::Columnar => {
            columnar::copy(dataset, &decisions, options, &mut outlet, &mut summary, progress)
        }
        FileKind::Table if storage == Storage::Records => {
            records::copy(dataset, &decisions, options, &mut outlet, &mut summary, progress)
        }
        FileKind::Table if storage != Storage::Text => {
            let what = if storage == Storage::Workbook { "a workbook" } else { "an archive of arrays" };
            Err(FormatError::of(
                &source.path,
                format!("{what} is not written back"),
                "write one row an item instead (the consensus table), or save the table as CSV and open that",
            ))
        }
        FileKind::Table | FileKind::Document => {
            rows::copy(dataset, &decisions, options, &mut outlet, &mut pseudonyms, &mut summary, progress)
        }
        FileKind::Array => array::copy(dataset, &decisions, &mut outlet, &mut summary, progress),
    };
    match copied {
        Ok(read) if read.digest == source.digest => {}
        Ok(_) => return Err(changed(source)),
        Err(FormatError::Cancelled(c)) => return Err(c.into()),
        // A source that changed explains whatever went wrong.
        Err(e) => {
            let now = digest_of(&source.path, progress)?;
            return Err(if now.digest == source.digest { e } else { changed(source) });
        }
    }
    let dropped = decisions.iter().filter(|(_, d)| d.dropped).count() as u64;
    if dropped > 0 && dataset.source.probabilities.is_some() {
        summary.notes.push(format!(
            "{} dropped: the rows of the file of probabilities no longer match by position",
            plural(dropped, "item")
        ));
    }
    if options.pseudonymise && !dataset.raters.attributes.is_empty() {
        summary.notes.push("Attributes of raters are still in the file and may identify them".into());
    }
    (summary.risky_cells, summary.escaped_cells) = outlet.risky();
    Ok((summary, outlet, pseudonyms))
}

fn changed(source: &SourceFile) -> FormatError {
    FormatError::of(
        &source.path,
        "the file changed since it was opened",
        "open it again, and replay the correction log",
    )
}

fn summarise(dataset: &Dataset, edits: &Edits) -> WriteSummary {
    let mut summary = WriteSummary::default();
    let mut pairs: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for (item, edit) in edits.iter().filter(|&(item, _)| item < dataset.n_items()) {
        match &edit.outcome {
            Outcome::Kept(_) => summary.kept += 1,
            Outcome::Changed(to) => {
                summary.changed += 1;
                let from = match &dataset.given {
                    Some(given) => given.ids.get(item).copied().unwrap_or(NO_LABEL),
                    None => majority(dataset.annotations.labels_of(item)),
                };
                *pairs.entry((from, *to)).or_insert(0) += 1;
            }
            Outcome::Several(_) => summary.several += 1,
            Outcome::Soft(_) => summary.soft_labels += 1,
            Outcome::NoneOfLabels => summary.none_of_labels += 1,
            Outcome::Unsure => summary.unsure += 1,
            Outcome::Excluded => summary.excluded += 1,
        }
        if matches!(edit.outcome, Outcome::NoneOfLabels | Outcome::Unsure) {
            summary.unresolved.push((dataset.keys.get(item).to_owned(), edit.outcome.status().to_owned()));
        }
    }
    let decided =
        summary.kept + summary.changed + summary.several + summary.soft_labels + summary.none_of_labels;
    summary.undecided =
        (dataset.n_items() as u64).saturating_sub(decided + summary.unsure + summary.excluded);
    if summary.soft_labels > 0 {
        summary.notes.push(format!(
            "{} written as the most likely label; the shares are in the table with one row an item",
            plural(summary.soft_labels, "soft label")
        ));
    }
    for (change, _) in span_changes(dataset, edits) {
        summary.spans[change as usize] += 1;
    }
    if summary.spans.iter().any(|&n| n > 0) {
        let total = plural(summary.spans.iter().sum(), "span");
        summary.notes.push(if takes_spans(dataset) {
            let parts = SpanChange::ALL.iter().filter(|&&c| summary.spans[c as usize] > 0);
            let parts: Vec<String> =
                parts.map(|&c| format!("{} {}", summary.spans[c as usize], c.word())).collect();
            format!("{total} decided one by one: {}", parts.join(", "))
        } else {
            format!("{total} decided one by one: not expressed in this kind of file, and only in the log")
        });
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|&(pair, n)| (std::cmp::Reverse(n), pair));
    let name = |l| dataset.labels.name(l).to_owned();
    summary.by_label_pair = pairs.into_iter().map(|((from, to), n)| (name(from), name(to), n)).collect();
    summary
}
