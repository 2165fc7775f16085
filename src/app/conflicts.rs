//! Several reviewers: a conflict is settled, a log is taken in, all are merged into one, labels go back to raters.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Rect, Ui};

use super::command::Command;
use super::deciding::last;
use super::document::{Document, LastDecision};
use super::jobs::JobError;
use super::state::View;
use super::views::conflicts::{ConflictsState, model};
use super::widgets::paint::count;
use super::widgets::palette::{Choice, Palette, Picked};
use super::{App, JobKey, Outcome, Overlay, PathOf, Stage, dialogs};
use crate::dataset::{LabelId, NO_LABEL};
use crate::report::feedback::write_sheets;
use crate::review::event::Context;
use crate::review::feedback::{Fate, feedback};
use crate::review::gathered::{gather, look_at};
use crate::review::merged_file::write_merged;
use crate::review::reviewers::Case;
use crate::review::{Action, EventRef, Reached};

impl App {
    /// Shows the conflicts; files may have changed meanwhile.
    pub(super) fn show_conflicts(&mut self, ctx: &egui::Context) {
        self.conflicts.look();
        self.show_again(ctx, View::Conflicts);
    }

    pub(super) fn run_on_conflicts(&mut self, command: Command) {
        if self.view != View::Conflicts {
            return;
        }
        let Stage::Ready(doc) = &mut self.stage else { return };
        match command {
            Command::NextConflict => self.conflicts.next_conflict(doc),
            Command::HideNames => self.conflicts.names_shown = !self.conflicts.names_shown,
            Command::AnotherLabel => {
                let Some(found) = doc.panels.reviewers() else { return };
                let case = self.conflicts.case(&found.reviewers);
                if case.is_some_and(|c| c.is_span) {
                    self.word = Some("A span is settled with 1…9, as one of them decided".to_owned());
                } else if let Some(case) = case {
                    self.overlay = Overlay::Adjudicate(case.key.clone(), Palette::default());
                }
            }
            _ => {}
        }
    }

    /// Settles what reviewers contradict each other about on the item of this key: an event that names their decisions.
    pub(super) fn adjudicate(
        &mut self,
        ctx: &egui::Context,
        key: &str,
        action: Action,
        pressed: Option<String>,
    ) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let Some(found) = doc.panels.reviewers() else { return };
        let Some(case) = found.reviewers.cases.iter().find(|c| c.key == key && !c.is_span) else { return };
        let Some(item) = case.item else { return };
        let i = item as usize;
        let before = doc.analysis.as_ref().and_then(|a| a.given.original.get(i).copied());
        let context = adjudicating(doc, &self.conflicts, i, ctx, pressed);
        let dataset = Arc::clone(&doc.dataset);
        match doc.session.adjudicate(&dataset, i, action, model::inputs(case), context) {
            Ok(_) => {
                let outcome = doc.session.edits().get(i).map(|e| e.outcome.clone());
                let before = before.filter(|&l| l != NO_LABEL);
                doc.last = Some(last(&dataset, item, before, outcome.as_ref()));
                self.conflicts.settled(ctx.input(|i| i.time));
                self.word = None;
                self.edits_changed(ctx);
            }
            Err(error) => self.word = Some(error.to_string()),
        }
    }

    /// Settles what reviewers contradict each other about on a span: as one of them decided.
    pub(super) fn take_span(&mut self, ctx: &egui::Context, event: &EventRef, pressed: Option<String>) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let Some(found) = doc.panels.reviewers() else { return };
        let is_meant = |c: &&Case| c.is_span && c.sides.iter().any(|s| s.event == *event);
        let Some(case) = found.reviewers.cases.iter().find(is_meant) else { return };
        let Some(taken) = found.union.events.iter().find(|e| Some(e.hash()) == event.hash.as_deref()) else {
            return;
        };
        let Some(item) = case.item else { return };
        let context = adjudicating(doc, &self.conflicts, item as usize, ctx, pressed);
        let dataset = Arc::clone(&doc.dataset);
        match doc.session.adjudicate_span(&dataset, item as usize, taken, model::inputs(case), context) {
            Ok(_) => {
                let words = doc.session.last_decision().map_or_else(String::new, |row| row.after);
                doc.last =
                    Some(LastDecision { key: case.key.clone(), from: None, to: None, words, decides: true });
                self.conflicts.settled(ctx.input(|i| i.time));
                self.word = None;
                self.edits_changed(ctx);
            }
            Err(error) => self.word = Some(error.to_string()),
        }
    }

    /// Paints the labels to choose from; says whether they stay.
    pub(super) fn adjudicate_ui(
        &mut self,
        ui: &mut Ui,
        screen: Rect,
        key: &str,
        palette: &mut Palette,
    ) -> bool {
        let Stage::Ready(doc) = &self.stage else { return false };
        let (actions, choices) = others(doc);
        match palette.ui(ui, screen, "Another label is right…", &choices, None) {
            Picked::Open => true,
            Picked::Closed => false,
            Picked::Choice(i) => {
                if let Some(action) = actions.get(i) {
                    let ctx = ui.ctx().clone();
                    self.adjudicate(&ctx, key, action.clone(), Some(Command::AnotherLabel.key()));
                }
                false
            }
        }
    }

    pub(super) fn ask_path(&mut self, of: PathOf, typed: String) {
        self.overlay = Overlay::Path { typed, focused: false, of };
    }

    /// Asks where the merged log, or what goes back to raters, is to be written.
    pub(super) fn ask_where(&mut self, command: Command) {
        let Some(doc) = self.document() else { return };
        let source = &doc.dataset.source.table.path;
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if command == Command::Feedback {
            if !doc.dataset.raters.are_known() {
                self.word = Some("The data does not say who gave which label".to_owned());
                return;
            }
            if doc.edits().is_empty() {
                self.word = Some("Nothing was decided yet that could be sent back".to_owned());
                return;
            }
            let folder = source.with_file_name(format!("{name}.feedback"));
            self.ask_path(PathOf::Feedback(false), folder.display().to_string());
        } else {
            let file = source.with_file_name(format!("{name}.merged.jsonl"));
            self.ask_path(PathOf::Merged, file.display().to_string());
        }
    }

    /// Reads a log of another reviewer, on a worker; it is taken in once it is known to be whole.
    pub(super) fn add_log(&mut self, ctx: &egui::Context, path: PathBuf) {
        let path = std::path::absolute(&path).unwrap_or(path);
        let Some(doc) = self.document() else { return };
        let same = |p: &PathBuf| {
            *p == path || p.canonicalize().is_ok_and(|p| path.canonicalize().is_ok_and(|q| p == q))
        };
        if same(&doc.session.path().to_owned()) {
            self.word = Some("This is the log of this window".to_owned());
            return;
        }
        if doc.added_logs.iter().any(same) {
            self.word = Some("This log was added already".to_owned());
            self.show_conflicts(ctx);
            return;
        }
        self.jobs.start_quick(ctx, JobKey::TakeLog, "Reading the log", move |_| {
            let last = look_at(&path).map_err(JobError::failed)?;
            Ok(Outcome::LogRead(path, last))
        });
    }

    pub(super) fn browse_log(&mut self, ctx: &egui::Context) {
        self.overlay = Overlay::None;
        self.dialog_for(ctx, dialogs::Purpose::Log);
    }

    pub(super) fn log_read(&mut self, ctx: &egui::Context, path: PathBuf, last: Vec<EventRef>) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        doc.added_logs.push(path);
        // Where nothing can be written the log is compared with all the same.
        self.word = Some(match doc.session.imported(last) {
            Ok(_) => format!("{name} is taken in"),
            Err(error) => format!("{name} is shown but not recorded: {error}"),
        });
        self.place_moved(ctx);
        self.show_conflicts(ctx);
    }

    /// Writes the logs of all reviewers to one file, on a worker.
    pub(super) fn write_merged(&mut self, ctx: &egui::Context, path: PathBuf) {
        self.conflicts.look();
        let Stage::Ready(doc) = &self.stage else { return };
        let (dataset, asked) = (Arc::clone(&doc.dataset), self.conflicts.asked(doc).clone());
        self.jobs.start(ctx, JobKey::Send, "Merged log", move |progress| {
            let found = gather(&dataset, &asked, progress)?;
            let mut inputs: Vec<PathBuf> = found.files.iter().map(|f| f.path.clone()).collect();
            inputs.push(asked.path.clone());
            crate::formats::refuse_source(&dataset.source, &path).map_err(JobError::failed)?;
            progress.stage("Writing", 0);
            write_merged(&found.union, &inputs, &path).map_err(|e| JobError::failed(format!("{e:#}")))?;
            let (n, logs) = (found.union.events.len(), found.union.log_ids().len());
            let what =
                format!("the merged log: {} of {}", count(n, "event", "events"), count(logs, "log", "logs"));
            Ok(Outcome::Written(what, path))
        });
    }

    /// Writes what became of each rater's labels, on a worker.
    pub(super) fn write_feedback(&mut self, ctx: &egui::Context, folder: PathBuf, pseudonymise: bool) {
        let Some(doc) = self.document() else { return };
        let (dataset, edits) = (Arc::clone(&doc.dataset), doc.edits().clone());
        self.jobs.start(ctx, JobKey::Send, "Feedback sheets", move |progress| {
            let sheets = feedback(&dataset, &edits, progress)?.map_err(JobError::failed)?;
            if sheets.is_empty() {
                return Err(JobError::failed("no rater labelled an item that was decided"));
            }
            progress.stage("Writing", 0);
            write_sheets(&dataset, &edits, &sheets, pseudonymise, &folder)
                .map_err(|e| JobError::failed(format!("{e:#}")))?;
            let n = |fate| sheets.iter().map(|s| s.n(fate)).sum::<usize>();
            let what = format!(
                "{}: {} confirmed, {} reversed, {} neither",
                count(sheets.len(), "feedback sheet", "feedback sheets"),
                n(Fate::Confirmed),
                n(Fate::Reversed),
                n(Fate::Apart)
            );
            Ok(Outcome::Written(what, folder))
        });
    }

    /// Exports what all reviewers say together, once their logs are read as they stand now.
    pub(super) fn export_merged(&mut self, ctx: &egui::Context) {
        self.conflicts.export_once_read = true;
        self.show_conflicts(ctx);
    }

    pub(super) fn export_merged_once_read(&mut self, ctx: &egui::Context) {
        if !self.conflicts.export_once_read {
            return;
        }
        let Stage::Ready(doc) = &self.stage else { return };
        if self.view != View::Conflicts {
            self.conflicts.export_once_read = false;
            return;
        }
        let Some(found) = self.conflicts.current(doc) else { return };
        self.conflicts.export_once_read = false;
        if found.reviewers.reviewers.is_empty() {
            self.word = Some("There are no decisions to export".to_owned());
            return;
        }
        self.start_export_of(ctx, Some(found));
    }
}

/// Every other way to settle a conflict: the labels, and what is no label.
fn others(doc: &Document) -> (Vec<Action>, Vec<Choice>) {
    let labels =
        (0..doc.dataset.labels.len() as LabelId).map(|l| (Action::Relabel(l), doc.label(l).to_owned(), ""));
    let rest = [
        (Action::NoneOfLabels, "None of the labels", "No label is right"),
        (Action::Unsure, "Unsure, ask an expert", "Leave it for somebody else"),
        (Action::Exclude, "Exclude", "Not part of the clean set"),
    ];
    let rest = rest.into_iter().map(|(action, name, hint)| (action, name.to_owned(), hint));
    labels
        .chain(rest)
        .map(|(action, name, hint)| (action, Choice { name, hint: hint.to_owned(), key: String::new() }))
        .unzip()
}

/// What whoever settles a conflict knew.
fn adjudicating(
    doc: &Document,
    state: &ConflictsState,
    i: usize,
    ctx: &egui::Context,
    pressed: Option<String>,
) -> Context {
    Context {
        // An adjudication of one's own decision is still about an item that was flagged, or drawn.
        reached: Some(doc.edits().get(i).map_or(Reached::Browse, |e| e.reached)),
        blind: !state.names_shown,
        shown: ["text", "raters", "model", "reviewers"].map(str::to_owned).to_vec(),
        queue: Some("Conflicts".to_owned()),
        dwell_ms: Some((state.dwelt_s(ctx.input(|i| i.time)) * 1000.0) as u64),
        key: pressed,
        ..Context::default()
    }
}
