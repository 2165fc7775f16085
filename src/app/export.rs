//! The cleaned file on its way out: a check-list with what would change, then the writing.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::jobs::JobError;
use super::open::expand;
use super::ui::modal;
use super::widgets::icon::Icon;
use super::widgets::paint::{Button, count, label_chip, text, text_block, text_cut, thousands};
use super::widgets::theme::{Theme, font};
use super::{App, JobKey, Outcome, Overlay, Stage};
use crate::formats::{self, Excluded, WriteOptions, WriteSummary};
use crate::report;

/// The check-list.
#[derive(Debug, Clone, Default)]
pub struct ExportDialog {
    /// Where the cleaned file goes, as typed.
    pub path: String,
    /// Whether excluded items stay, with a status.
    pub keep_excluded: bool,
    /// Whether cells that a spreadsheet would run are defused.
    pub spreadsheet_safe: bool,
    /// Whether raters are called R1, R2, ….
    pub pseudonymise: bool,
    /// Whether one row an item is written as well.
    pub consensus: bool,
    /// Whether an existing file may be replaced.
    pub overwrite: bool,
    /// What would be written.
    pub plan: Option<WriteSummary>,
    /// Why it cannot be written.
    pub error: Option<String>,
    planned_for: Option<(bool, bool, bool)>,
    focused: bool,
}

impl ExportDialog {
    fn options(&self) -> WriteOptions {
        WriteOptions {
            excluded: if self.keep_excluded { Excluded::Keep } else { Excluded::Drop },
            spreadsheet_safe: self.spreadsheet_safe,
            pseudonymise: self.pseudonymise,
            overwrite: self.overwrite,
            status: false,
        }
    }
}

impl App {
    pub(super) fn start_export(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        let source = &doc.dataset.source.table.path;
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let extension = source.extension().unwrap_or_default().to_string_lossy();
        let extension = if extension == "npy" { "csv".into() } else { extension };
        let path = source.with_file_name(format!("{stem}.clean.{extension}"));
        let dialog = ExportDialog { path: path.display().to_string(), ..ExportDialog::default() };
        self.overlay = Overlay::Export(Box::new(dialog));
        ctx.request_repaint();
    }

    fn start_plan(&mut self, ctx: &egui::Context, options: WriteOptions) {
        let Stage::Ready(doc) = &self.stage else { return };
        let (dataset, edits) = (Arc::clone(&doc.dataset), doc.session.edits().clone());
        self.jobs.start(ctx, JobKey::Plan, "Export plan", move |progress| {
            formats::plan(&dataset, &edits, &options, progress)
                .map(Outcome::Planned)
                .map_err(JobError::failed)
        });
    }

    pub(super) fn planned(&mut self, summary: WriteSummary) {
        if let Overlay::Export(dialog) = &mut self.overlay {
            dialog.plan = Some(summary);
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
        self.overlay = Overlay::None;
        let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        let what = format!(
            "Wrote the cleaned file: {} changed, {} kept, {} excluded",
            summary.changed, summary.kept, summary.excluded
        );
        self.tell(what, names.join("\n"), false);
        if let Stage::Ready(doc) = &mut self.stage
            && !doc.session.edits().is_empty()
            && let Some(path) = paths.first()
            && let Err(error) = doc.session.exported(path, digest, serde_json::Value::Null)
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
            let write = |out: &mut dyn std::io::Write| Ok(report::tables::soft_labels(&dataset, &soft, out)?);
            report::write_beside(&dataset.source, &path, write).map_err(JobError::failed)?;
            Ok(Outcome::Written(count(soft.n_voted, "soft label", "soft labels"), path))
        });
    }

    fn start_writing(&mut self, ctx: &egui::Context, dialog: &ExportDialog) {
        let Stage::Ready(doc) = &self.stage else { return };
        let (dataset, edits) = (Arc::clone(&doc.dataset), doc.session.edits().clone());
        let after = doc.analysis.as_ref().map(|a| edits.apply(&a.given.original));
        let (path, options) = (expand(dialog.path.trim()), dialog.options());
        let consensus = dialog.consensus;
        self.jobs.start(ctx, JobKey::Export, "Export", move |progress| {
            let summary =
                formats::write(&dataset, &edits, &options, &path, progress).map_err(JobError::failed)?;
            let mut files = summary.files.clone();
            if files.is_empty() {
                files.push(path.clone());
            }
            if let (true, Some(after)) = (consensus, after) {
                let beside = path.with_extension("consensus.csv");
                formats::write_consensus(&dataset, &after, &edits, &options, &beside, progress)
                    .map_err(JobError::failed)?;
                files.push(beside);
            }
            let digest = formats::digest_of(&path, progress).map_err(JobError::failed)?.digest;
            Ok(Outcome::Exported(summary, files, digest))
        });
    }

    /// Paints the check-list; says whether it stays.
    pub(super) fn export_ui(&mut self, ui: &mut Ui, screen: Rect, dialog: &mut ExportDialog) -> bool {
        let options = (dialog.keep_excluded, dialog.spreadsheet_safe, dialog.pseudonymise);
        if dialog.planned_for != Some(options) {
            dialog.planned_for = Some(options);
            self.start_plan(ui.ctx(), dialog.options());
        }
        let busy = self.jobs.is_running(JobKey::Export);
        let mut write = false;
        let keep = modal(ui, screen, vec2(700.0, 540.0), "export", |ui, r| {
            let Stage::Ready(doc) = &self.stage else { return false };
            let theme = Theme::of(ui.ctx());
            let p = ui.painter().clone();
            text(
                &p,
                r.min + vec2(0.0, 8.0),
                Align2::LEFT_CENTER,
                "Export the cleaned file",
                font::heading(),
                theme.text,
            );
            let words = "The original is never written to. Raters' own cells never change.";
            text(&p, r.min + vec2(0.0, 30.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
            let field = Rect::from_min_size(r.min + vec2(0.0, 46.0), vec2(r.width(), 28.0));
            let edit =
                egui::TextEdit::singleline(&mut dialog.path).desired_width(r.width()).font(font::mono());
            let response = ui.put(field, edit).accessible_name("Path of the cleaned file");
            if !dialog.focused {
                response.request_focus();
                dialog.focused = true;
            }
            if response.changed() {
                dialog.overwrite = false;
                dialog.error = None;
            }
            let checks = Rect::from_min_size(pos2(r.left(), field.bottom() + 10.0), vec2(r.width(), 120.0));
            ui.scope_builder(egui::UiBuilder::new().max_rect(checks).id_salt("checks"), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.checkbox(&mut dialog.keep_excluded, "Keep excluded items, with a status column");
                ui.checkbox(
                    &mut dialog.spreadsheet_safe,
                    "For spreadsheets: defuse cells that begin like a formula",
                );
                ui.checkbox(
                    &mut dialog.pseudonymise,
                    "Call raters R1, R2, … (the map goes to a file of its own)",
                );
                ui.checkbox(&mut dialog.consensus, "Also one row an item: label, soft label, status");
            });
            let mut y = checks.bottom() + 14.0;
            p.hline(r.x_range(), y - 6.0, theme.border());
            if let Some(plan) = &dialog.plan {
                y = plan_ui(
                    ui,
                    Rect::from_min_max(pos2(r.left(), y), r.max),
                    doc,
                    plan,
                    dialog.spreadsheet_safe,
                );
            } else {
                text(
                    &p,
                    pos2(r.left(), y + 10.0),
                    Align2::LEFT_CENTER,
                    "Counting what would change…",
                    font::body(),
                    theme.text_3,
                );
                y += 24.0;
            }
            if let Some(error) = &dialog.error {
                Icon::Warning.paint(&p, pos2(r.left() + 8.0, y + 14.0), 14.0, theme.warn);
                text_block(
                    &p,
                    pos2(r.left() + 24.0, y + 4.0),
                    r.width() - 30.0,
                    error,
                    font::body(),
                    theme.text,
                );
            }
            let foot = r.bottom() - 28.0;
            let exists = expand(dialog.path.trim()).exists();
            let label = if exists && !dialog.overwrite { "Replace the file" } else { "Export" };
            let reason = if busy {
                Some("It is being written")
            } else if dialog.path.trim().is_empty() {
                Some("Name a file")
            } else {
                None
            };
            let (response, right) =
                Button::primary(label).disabled(reason).show(ui, pos2(r.left(), foot), "export");
            if response.clicked() {
                dialog.overwrite = exists;
                write = true;
            }
            let (response, _) =
                Button::new("Close").key("Esc").show(ui, pos2(right + 8.0, foot), "close export");
            !response.clicked()
        });
        if write {
            let dialog = dialog.clone();
            self.start_writing(ui.ctx(), &dialog);
        }
        keep
    }
}

/// Writes the live decisions as CSV, cells that a spreadsheet would run defused.
pub fn write_log_csv(doc: &super::document::Document, path: &std::path::Path) -> anyhow::Result<()> {
    report::write_beside(&doc.dataset.source, path, |out| {
        Ok(crate::review::export_log::write_csv(doc.session.events(), out, true)?)
    })
}

fn plan_ui(ui: &Ui, r: Rect, doc: &super::document::Document, plan: &WriteSummary, safe: bool) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    let words = format!(
        "{} → {}",
        count(plan.rows_in as usize, "row", "rows"),
        count(plan.rows_out as usize, "row", "rows")
    );
    text(p, pos2(r.left(), y), Align2::LEFT_CENTER, "What changes", font::strong(), theme.text);
    text(p, pos2(r.right(), y), Align2::RIGHT_CENTER, &words, font::mono(), theme.text_2);
    y += 22.0;
    let parts: Vec<String> = [
        (plan.changed, "changed"),
        (plan.kept, "kept"),
        (plan.several, "with several labels"),
        (plan.none_of_labels, "with none of the labels"),
        (plan.unsure, "unsure"),
        (plan.excluded, "excluded"),
        (plan.undecided, "not decided"),
    ]
    .iter()
    .filter(|x| x.0 > 0)
    .map(|(n, w)| format!("{} {w}", thousands(*n)))
    .collect();
    text_cut(p, pos2(r.left(), y), r.width(), &parts.join(" · "), font::body(), theme.text_2);
    y += 22.0;
    for (from, to, n) in plan.by_label_pair.iter().take(6) {
        let chip = |x: f32, name: &str| match doc.dataset.labels.id(name) {
            Some(l) => {
                label_chip(p, theme, pos2(x, y), 150.0, l, name, theme.text);
            }
            None => {
                text(
                    p,
                    pos2(x, y),
                    Align2::LEFT_CENTER,
                    if name.is_empty() { "no label" } else { name },
                    font::body(),
                    theme.text_2,
                );
            }
        };
        chip(r.left(), from);
        Icon::Arrow.paint(p, pos2(r.left() + 170.0, y), 12.0, theme.text_3);
        chip(r.left() + 190.0, to);
        text(p, pos2(r.left() + 400.0, y), Align2::RIGHT_CENTER, &thousands(*n), font::mono(), theme.text);
        y += 20.0;
    }
    if plan.by_label_pair.len() > 6 {
        let words = format!("and {} more pairs", plan.by_label_pair.len() - 6);
        text(p, pos2(r.left(), y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
        y += 18.0;
    }
    if plan.risky_cells > 0 && !safe {
        let words = format!(
            "{} begin like a formula. If a spreadsheet will open the file, choose “For spreadsheets”.",
            count(plan.risky_cells as usize, "cell", "cells")
        );
        Icon::Warning.paint(p, pos2(r.left() + 8.0, y + 4.0), 14.0, theme.warn);
        let block = text_block(
            p,
            pos2(r.left() + 24.0, y - 5.0),
            r.width() - 24.0,
            &words,
            font::body(),
            theme.text_2,
        );
        y = block.bottom() + 10.0;
    }
    for note in plan.notes.iter().take(3) {
        let block = text_block(p, pos2(r.left(), y - 8.0), r.width(), note, font::caption(), theme.text_3);
        y = block.bottom() + 10.0;
    }
    y
}
