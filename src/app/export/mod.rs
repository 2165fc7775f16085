//! The cleaned file on its way out: a check-list with what would change and what the file cannot say, then the writing.

pub mod checklist;
mod ui;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::checklist::{Checked, Mark, Others, lists, others};
use super::document::Document;
use super::jobs::JobError;
use super::open::expand;
use super::widgets::paint::count;
use super::{App, JobKey, Outcome, Overlay, Stage};
use crate::analysis::soft::{Component, SoftAsked, soft};
use crate::dataset::{Dataset, Edits, span_changes};
use crate::formats::{self, Excluded, FormatError, WriteOptions, WriteRule, WriteSummary};
use crate::report;
use crate::review::gathered::Gathered;
use crate::review::log::Log;
use crate::review::methods::{Written, methods};

type Target = (String, Vec<PathBuf>, Result<bool, String>);

/// The check-list.
#[derive(Debug, Clone, Default)]
pub struct ExportDialog {
    /// Where the cleaned file goes, as typed.
    pub path: String,
    /// Whether excluded items stay, with a status.
    pub keep_excluded: bool,
    /// Whether a column says what was decided.
    pub status: bool,
    /// Whether cells that a spreadsheet would run are defused.
    pub spreadsheet_safe: bool,
    /// Whether raters are called R1, R2, ….
    pub pseudonymise: bool,
    /// Whether one row an item is written as well.
    pub consensus: bool,
    /// Whether soft labels are written as well.
    pub soft: bool,
    /// Whether the paragraph on methods is written as well.
    pub methods: bool,
    /// Whether an existing file may be replaced.
    pub overwrite: bool,
    /// All reviewers together; `None` exports this reviewer's own decisions.
    pub merged: Option<Arc<Gathered>>,
    /// What was found out.
    pub checked: Option<Arc<Checked>>,
    /// Why writing failed.
    pub error: Option<String>,
    /// What was looked at: the path as typed, all files, and whether any is there already, or why it must not be written to.
    target: Option<Target>,
    planned_for: Option<WriteOptions>,
    focused: bool,
}

impl ExportDialog {
    fn options(&self) -> WriteOptions {
        WriteOptions {
            excluded: if self.keep_excluded { Excluded::Keep } else { Excluded::Drop },
            spreadsheet_safe: self.spreadsheet_safe,
            pseudonymise: self.pseudonymise,
            overwrite: self.overwrite,
            status: self.status,
        }
    }

    /// The decisions that are exported.
    fn edits(&self, doc: &Document) -> Edits {
        self.merged.as_ref().map_or_else(|| doc.session.edits().clone(), |m| m.applied.edits.clone())
    }

    /// Every file that is written, the cleaned one first.
    fn targets(&self, path: &Path) -> Vec<PathBuf> {
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        let beside = [
            (self.consensus && self.is_written(), path.with_extension("consensus.csv")),
            (self.soft, path.with_extension("soft_labels.csv")),
            (self.methods, path.with_extension("methods.txt")),
            (self.pseudonymise, with(".raters.csv")),
            (self.spreadsheet_safe, with(".escapes.json")),
        ];
        let beside = beside.into_iter().filter(|b| b.0).map(|b| b.1);
        std::iter::once(path.to_owned()).chain(beside).collect()
    }

    /// Whether the source's own format is written; before anybody knows, it is thought so.
    fn is_written(&self) -> bool {
        self.checked.as_ref().is_none_or(|c| c.rule.is_written)
    }
}

impl App {
    pub(super) fn start_export(&mut self, ctx: &egui::Context) {
        self.start_export_of(ctx, None);
    }

    /// Opens the check-list for this reviewer's decisions, or for those of all reviewers together.
    pub(super) fn start_export_of(&mut self, ctx: &egui::Context, merged: Option<Arc<Gathered>>) {
        let Some(doc) = self.document() else { return };
        let source = &doc.dataset.source.table.path;
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let extension = source.extension().unwrap_or_default().to_string_lossy();
        let extension = if extension == "npy" { "csv".into() } else { extension };
        let kind = if merged.is_some() { "merged" } else { "clean" };
        let path = source.with_file_name(format!("{stem}.{kind}.{extension}"));
        let dialog = ExportDialog { path: path.display().to_string(), merged, ..ExportDialog::default() };
        self.overlay = Overlay::Export(Box::new(dialog));
        ctx.request_repaint();
    }

    fn start_plan(&mut self, ctx: &egui::Context, dialog: &ExportDialog, options: WriteOptions) {
        let Stage::Ready(doc) = &self.stage else { return };
        let (dataset, edits, merged) = (Arc::clone(&doc.dataset), dialog.edits(doc), dialog.merged.clone());
        let log = doc.session.path().to_owned();
        self.jobs.start(ctx, JobKey::Plan, "Export plan", move |progress| {
            let rule = WriteRule::of(&dataset);
            let plan = match formats::plan(&dataset, &edits, &options, progress) {
                Err(FormatError::Cancelled(c)) => return Err(c.into()),
                other => other.map_err(|e| e.to_string()),
            };
            let (by_status, by_pair) = lists(&dataset, &edits);
            progress.check()?;
            let decided = decided(merged.as_deref(), &log);
            let others = match &merged {
                Some(merged) => Others::together(&dataset, merged),
                None => others(&dataset, &decided, &log),
            };
            progress.check()?;
            let methods = methods(&dataset, &decided.events, options.pseudonymise, None);
            let spans = span_changes(&dataset, &edits);
            Ok(Outcome::Planned(Box::new(Checked { rule, plan, by_status, by_pair, spans, others, methods })))
        });
    }

    pub(super) fn planned(&mut self, checked: Checked) {
        if let Overlay::Export(dialog) = &mut self.overlay {
            if !checked.rule.is_written && dialog.checked.is_none() {
                // One row an item is a table, whatever the source is.
                let path = Path::new(&dialog.path).with_extension("csv");
                dialog.path = path.display().to_string();
            }
            dialog.checked = Some(Arc::new(checked));
            dialog.error = None;
        }
    }

    pub(super) fn could_not_export(&mut self, why: &str) {
        match &mut self.overlay {
            Overlay::Export(dialog) => dialog.error = Some(why.to_owned()),
            _ => self.tell("The cleaned file was not written", why.to_owned(), true),
        }
    }

    pub(super) fn exported(&mut self, summary: &WriteSummary, paths: &[PathBuf], digest: &str) {
        let merged = match &self.overlay {
            Overlay::Export(dialog) => dialog.merged.clone(),
            _ => None,
        };
        // Which logs the file was made of, so that it can be made again.
        let last: Option<Vec<_>> =
            merged.as_ref().map(|m| m.reviewers.reviewers.iter().map(|r| &r.last).collect());
        let settings = match &self.overlay {
            Overlay::Export(dialog) => serde_json::json!({
                "merged": last,
                "excluded": if dialog.keep_excluded { "keep" } else { "drop" },
                "status": dialog.status,
                "spreadsheet_safe": dialog.spreadsheet_safe,
                "pseudonymise": dialog.pseudonymise,
                "own_format": dialog.is_written(),
            }),
            _ => serde_json::Value::Null,
        };
        let takes_spans = match &self.overlay {
            Overlay::Export(dialog) => {
                dialog.checked.as_ref().is_some_and(|c| c.rule.is_written && c.rule.takes_spans)
            }
            _ => false,
        };
        self.overlay = Overlay::None;
        let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        let spans: u64 = summary.spans.iter().sum();
        let spans = if spans == 0 || !takes_spans {
            String::new()
        } else {
            format!(", {}", count(spans as usize, "span corrected", "spans corrected"))
        };
        let what = format!(
            "Wrote the cleaned file: {} changed, {} kept, {} excluded{spans}",
            summary.changed, summary.kept, summary.excluded
        );
        self.tell(what, names.join("\n"), false);
        if let Stage::Ready(doc) = &mut self.stage
            && (merged.is_some()
                || !doc.session.edits().is_empty()
                || doc.session.edits().spans().next().is_some())
            && let Some(path) = paths.first()
            && let Err(error) = doc.session.exported(path, digest, settings)
        {
            log::warn!("the export was not logged: {error}");
        }
    }

    /// Writes the soft labels on screen beside the source.
    pub(super) fn save_soft_labels(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        let Some(soft) = doc.panels.soft().filter(|soft| soft.together.is_ok()) else {
            self.word = Some("Soft labels are under Aggregation".to_owned());
            return;
        };
        let dataset = Arc::clone(&doc.dataset);
        self.jobs.start(ctx, JobKey::Export, "Soft labels", move |_| {
            let path = dataset.source.table.path.with_extension("soft_labels.csv");
            let write =
                |out: &mut dyn std::io::Write| Ok(report::tables::soft_labels(&dataset, &soft, false, out)?);
            report::write_beside(&dataset.source, &path, write).map_err(JobError::failed)?;
            Ok(Outcome::Written(count(soft.n_voted, "soft label", "soft labels"), path))
        });
    }

    fn start_writing(&mut self, ctx: &egui::Context, dialog: &ExportDialog) {
        let Stage::Ready(doc) = &self.stage else { return };
        let (dataset, edits) = (Arc::clone(&doc.dataset), dialog.edits(doc));
        let after = doc.analysis.as_ref().map(|a| edits.apply(&a.given.original));
        let (path, options) = (expand(dialog.path.trim()), dialog.options());
        let (consensus, wants_soft, wants_methods) = (dialog.consensus, dialog.soft, dialog.methods);
        let (is_written, merged) = (dialog.is_written(), dialog.merged.clone());
        let (settings, log) = (doc.settings.clone(), doc.session.path().to_owned());
        self.jobs.start(ctx, JobKey::Export, "Export", move |progress| {
            let mut files = Vec::new();
            let summary = if is_written {
                let summary =
                    formats::write(&dataset, &edits, &options, &path, progress).map_err(JobError::failed)?;
                files.extend(summary.files.iter().cloned());
                if files.is_empty() {
                    files.push(path.clone());
                }
                summary
            } else {
                files.push(path.clone());
                counted(&dataset, &edits)
            };
            if (consensus || !is_written)
                && let Some(after) = after
            {
                let beside = if is_written { path.with_extension("consensus.csv") } else { path.clone() };
                formats::write_consensus(&dataset, &after, &edits, &options, &beside, progress)
                    .map_err(JobError::failed)?;
                if is_written {
                    files.push(beside);
                }
            }
            if wants_soft && !dataset.annotations.is_empty() {
                let asked = SoftAsked { settings, ticked: Component::usual(), multiplied: false };
                let found = soft(&dataset, &asked, progress)?;
                if let Err(why) = &found.together {
                    return Err(JobError::failed(format!("soft labels: {why}")));
                }
                let beside = path.with_extension("soft_labels.csv");
                let write = |out: &mut dyn std::io::Write| {
                    Ok(report::tables::soft_labels(&dataset, &found, options.spreadsheet_safe, out)?)
                };
                report::write_beside(&dataset.source, &beside, write).map_err(JobError::failed)?;
                files.push(beside);
            }
            if wants_methods {
                let decided = decided(merged.as_deref(), &log);
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let written = Written { file: &file, summary: &summary, options: &options };
                let words = methods(&dataset, &decided.events, options.pseudonymise, Some(written));
                let beside = path.with_extension("methods.txt");
                let write = |out: &mut dyn std::io::Write| Ok(writeln!(out, "{words}")?);
                report::write_beside(&dataset.source, &beside, write).map_err(JobError::failed)?;
                files.push(beside);
            }
            let digest = formats::digest_of(&path, progress).map_err(JobError::failed)?.digest;
            Ok(Outcome::Exported(summary, files, digest))
        });
    }
}

/// The decisions that are exported, as events: those of all reviewers together, else those of the log at `own`. One that is in
/// memory only, or not begun, says nothing.
fn decided<'a>(merged: Option<&'a Gathered>, own: &Path) -> Cow<'a, Log> {
    match merged {
        Some(merged) => Cow::Borrowed(&merged.union),
        None => Cow::Owned(Log::read(own).unwrap_or_default()),
    }
}

/// What is in a table of one row an item.
fn counted(dataset: &Dataset, edits: &Edits) -> WriteSummary {
    let (by_status, _) = lists(dataset, edits);
    let n = |status: &str| by_status.get(status).map_or(0, |list| list.len() as u64);
    let decided: u64 = by_status.values().map(|list| list.len() as u64).sum();
    WriteSummary {
        changed: n("changed"),
        kept: n("kept"),
        several: n("several"),
        soft_labels: n("soft_label"),
        none_of_labels: n("none_of_labels"),
        unsure: n("unsure"),
        excluded: n("excluded"),
        undecided: (dataset.n_items() as u64).saturating_sub(decided),
        ..WriteSummary::default()
    }
}

/// Why nothing can be written now; `None` where it can.
fn stopped(lines: &[checklist::Line]) -> Option<&str> {
    lines.iter().find(|l| l.mark == Mark::Stop).map(|l| l.what.as_str())
}

/// Writes the live decisions as CSV, cells that a spreadsheet would run defused.
pub fn write_log_csv(doc: &Document, path: &Path) -> anyhow::Result<()> {
    report::write_beside(&doc.dataset.source, path, |out| {
        Ok(crate::review::export_log::write_csv(doc.session.events(), out, true)?)
    })
}
