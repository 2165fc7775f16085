//! The check-list on screen: what was checked on the left, what else is written and what changes on the right.

use std::path::{Path, PathBuf};

use egui::{Align2, Rect, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use super::super::open::expand;
use super::super::query::Condition;
use super::super::request::Request;
use super::super::state::View;
use super::super::ui::modal;
use super::super::widgets::icon::Icon;
use super::super::widgets::paint::{
    Button, count, hit, label_square, spoken, text, text_block, text_cut, text_width, thousands,
};
use super::super::widgets::theme::{Theme, font};
use super::super::{App, JobKey, Stage};
use super::checklist::{Asked, Behind, Checked, Line, Mark, checklist};
use super::{ExportDialog, stopped};
use crate::app::document::Document;
use crate::formats;
use crate::review::place::is_log;

const SIDE: f32 = 330.0;
/// Pairs of labels that are shown.
const MOST: usize = 12;

/// What was pressed.
enum Pressed {
    Write,
    Close,
    Copy,
    Open(Condition),
}

impl App {
    /// Paints the check-list; says whether it stays.
    pub(in crate::app) fn export_ui(&mut self, ui: &mut Ui, screen: Rect, dialog: &mut ExportDialog) -> bool {
        let options = formats::WriteOptions { overwrite: false, ..dialog.options() };
        if dialog.planned_for.as_ref() != Some(&options) {
            dialog.planned_for = Some(options.clone());
            self.start_plan(ui.ctx(), dialog, options);
        }
        let busy = self.jobs.is_running(JobKey::Export);
        let counting = self.jobs.is_running(JobKey::Plan);
        let mut pressed = None;
        let height = (screen.height() - 90.0).clamp(420.0, 760.0);
        let keep = modal(ui, screen, vec2(1000.0, height), "export", |ui, r| {
            let Stage::Ready(doc) = &self.stage else { return false };
            pressed = content(ui, r, doc, dialog, (busy, counting));
            !matches!(pressed, Some(Pressed::Close | Pressed::Open(_)))
        });
        match pressed {
            Some(Pressed::Write) => {
                let dialog = dialog.clone();
                self.start_writing(ui.ctx(), &dialog);
            }
            Some(Pressed::Copy) => {
                if let Some(checked) = &dialog.checked {
                    ui.ctx().copy_text(checked.methods.clone());
                    self.word = Some("Copied the paragraph on methods".to_owned());
                }
            }
            Some(Pressed::Open(condition)) => {
                let ctx = ui.ctx().clone();
                self.handle(&ctx, Request::Filter(vec![condition]));
                self.show(&ctx, View::Items);
            }
            Some(Pressed::Close) | None => {}
        }
        keep
    }
}

fn content(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    dialog: &mut ExportDialog,
    (busy, counting): (bool, bool),
) -> Option<Pressed> {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let mut pressed = None;
    let title = r.min + vec2(0.0, 8.0);
    let heading = if dialog.merged.is_some() { "Export the merged file" } else { "Export the cleaned file" };
    text(&p, title, Align2::LEFT_CENTER, heading, font::heading(), theme.text);
    let words = "The original is never written to. Raters’ own cells never change.";
    text(&p, r.min + vec2(0.0, 30.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
    let field = Rect::from_min_size(r.min + vec2(0.0, 46.0), vec2(r.width(), 28.0));
    path_ui(ui, field, doc, dialog);
    let foot = r.bottom() - 28.0;
    let top = field.bottom() + 14.0;
    p.hline(r.x_range(), top - 2.0, theme.border());
    let left = Rect::from_min_max(pos2(r.left(), top + 6.0), pos2(r.right() - SIDE - 20.0, foot - 12.0));
    let right = Rect::from_min_max(pos2(r.right() - SIDE, top + 6.0), pos2(r.right(), foot - 12.0));
    p.vline(right.left() - 12.0, left.y_range(), theme.border());
    let lines = dialog.checked.as_ref().map(|checked| {
        let asked = Asked {
            options: &dialog.options(),
            target: dialog.target.as_ref().map_or(&Ok(false), |t| &t.2),
            soft: (dialog.soft, !doc.dataset.annotations.is_empty()),
            stale: match &dialog.merged {
                Some(merged) => merged.applied.stale.len(),
                None => doc.session.stale().filter(|s| !s.is_elsewhere(&doc.dataset)).count(),
            },
            pending: doc.saved().pending as u64,
            attributes: !doc.dataset.raters.attributes.is_empty(),
        };
        checklist(checked, &asked)
    });
    match &lines {
        Some(lines) => {
            if let Some(behind) = lines_ui(ui, left, lines) {
                pressed = Some(Pressed::Open(behind));
            }
        }
        None => {
            let at = left.min + vec2(0.0, 10.0);
            text(&p, at, Align2::LEFT_CENTER, "Checking what would change…", font::body(), theme.text_3);
        }
    }
    let y = options_ui(ui, right, dialog);
    if let Some(checked) = dialog.checked.clone() {
        let area = Rect::from_min_max(pos2(right.left(), y + 10.0), right.max);
        if let Some(condition) = pairs_ui(ui, area, doc, &checked) {
            pressed = Some(Pressed::Open(condition));
        }
    }
    let exists = dialog.target.as_ref().is_some_and(|t| t.2 == Ok(true));
    let label = if exists && !dialog.overwrite { "Replace the file" } else { "Export" };
    let stop = lines.as_deref().and_then(stopped);
    let reason = if busy {
        Some("It is being written")
    } else if dialog.path.trim().is_empty() {
        Some("Name a file")
    } else if dialog.checked.is_none() {
        Some("It is still being checked")
    } else {
        stop
    };
    let (response, x) = Button::primary(label).disabled(reason).show(ui, pos2(r.left(), foot), "export");
    if response.clicked() {
        dialog.overwrite = exists;
        pressed = Some(Pressed::Write);
    }
    let none = dialog.checked.is_none().then_some("It is still being checked");
    let copy = Button::new("Copy methods").disabled(none);
    let (response, x) = copy.show(ui, pos2(x + 8.0, foot), "copy methods");
    if response.clicked() {
        pressed = Some(Pressed::Copy);
    }
    if let Some(checked) = &dialog.checked {
        response.on_hover_text(&checked.methods);
    }
    let (response, x) = Button::new("Close").key("Esc").show(ui, pos2(x + 8.0, foot), "close export");
    if response.clicked() {
        pressed = Some(Pressed::Close);
    }
    let room = Rect::from_min_max(pos2(x + 14.0, foot - 6.0), r.max);
    if let Some(error) = &dialog.error {
        Icon::Warning.paint(&p, pos2(room.left() + 8.0, foot + 14.0), 14.0, theme.warn);
        text_block(
            &p,
            pos2(room.left() + 24.0, foot - 4.0),
            room.width() - 24.0,
            error,
            font::caption(),
            theme.text,
        );
        spoken(ui, room, error);
    } else if busy || counting {
        let words = if busy { "Writing…" } else { "Checking…" };
        text(&p, pos2(room.left(), foot + 14.0), Align2::LEFT_CENTER, words, font::body(), theme.text_3);
    }
    pressed
}

fn path_ui(ui: &mut Ui, field: Rect, doc: &Document, dialog: &mut ExportDialog) {
    let edit = egui::TextEdit::singleline(&mut dialog.path).desired_width(field.width()).font(font::mono());
    let response = ui.put(field, edit).accessible_name("Path of the cleaned file");
    if !dialog.focused {
        response.request_focus();
        dialog.focused = true;
    }
    if response.changed() {
        dialog.overwrite = false;
        dialog.error = None;
    }
    let path = expand(dialog.path.trim());
    let files = dialog.targets(&path);
    if dialog.target.as_ref().is_none_or(|t| t.0 != dialog.path || t.1 != files) {
        // What is replaced is asked anew where there is more of it.
        dialog.overwrite = false;
        let state = if dialog.path.trim().is_empty() { Ok(false) } else { may_write(doc, &path, &files) };
        dialog.target = Some((dialog.path.clone(), files, state));
    }
}

/// Whether one of the files is there already, or why they must not be written to.
fn may_write(doc: &Document, path: &Path, files: &[PathBuf]) -> Result<bool, String> {
    for file in files {
        formats::refuse_source(&doc.dataset.source, file).map_err(|e| e.to_string())?;
        if file == doc.session.path() || is_log(file, &doc.dataset.source.table.path, &doc.added_logs) {
            return Err("This is a correction log, which is never overwritten".to_owned());
        }
    }
    match path.parent().filter(|f| !f.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(format!("There is no folder {}", folder.display())),
        _ => Ok(files.iter().any(|f| f.exists())),
    }
}

fn options_ui(ui: &mut Ui, r: Rect, dialog: &mut ExportDialog) -> f32 {
    let theme = Theme::of(ui.ctx());
    let heading = pos2(r.left(), r.top() + 8.0);
    text(ui.painter(), heading, Align2::LEFT_CENTER, "How", font::strong(), theme.text);
    let area = Rect::from_min_size(pos2(r.left(), r.top() + 20.0), vec2(r.width(), 170.0));
    let own = dialog.is_written();
    let inner = ui.scope_builder(UiBuilder::new().max_rect(area).id_salt("how"), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.checkbox(&mut dialog.keep_excluded, "Keep excluded items, with a status column");
        ui.checkbox(&mut dialog.status, "A status column for every decided item");
        ui.checkbox(&mut dialog.spreadsheet_safe, "For spreadsheets: defuse formulas");
        ui.checkbox(&mut dialog.pseudonymise, "Call raters R1, R2, …");
        if own {
            ui.checkbox(&mut dialog.consensus, "Also one row an item: label, soft label, status");
        }
        ui.checkbox(&mut dialog.soft, "Also soft labels");
        ui.checkbox(&mut dialog.methods, "Also the paragraph on methods");
        ui.min_rect().bottom()
    });
    inner.inner
}

/// The lines, each with its mark; the condition of one that was opened.
fn lines_ui(ui: &mut Ui, area: Rect, lines: &[Line]) -> Option<Condition> {
    let theme = Theme::of(ui.ctx());
    let mut opened = None;
    ui.scope_builder(UiBuilder::new().max_rect(area).id_salt("check-list"), |ui| {
        ui.set_clip_rect(area.expand(2.0).intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("check-list").auto_shrink(false).show(ui, |ui| {
            let width = area.width() - 14.0;
            for (at, line) in lines.iter().enumerate() {
                let galley = ui.painter().layout(
                    line.why.clone(),
                    font::body(),
                    theme.text_2,
                    (width - 26.0).max(40.0),
                );
                let height = 24.0 + if line.why.is_empty() { 0.0 } else { galley.size().y } + 8.0;
                let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
                if !ui.is_rect_visible(rect) {
                    continue;
                }
                let p = ui.painter().clone();
                let words = format!("{}: {}. {}", line.mark.word(), line.what, line.why);
                let condition = match &line.behind {
                    Behind::Nothing => None,
                    Behind::Undecided => Some(Condition::Undecided),
                    Behind::Items(words, items) => Some(Condition::among(words.clone(), items.clone())),
                };
                if let Some(condition) = condition {
                    let response = hit(ui, rect, ui.scope_id().with(("line", at)), &words);
                    if response.hovered() || response.has_focus() {
                        p.rect_filled(rect, 3.0, theme.hover);
                    }
                    if response.clicked() {
                        opened = Some(condition);
                    }
                    let right = rect.right() - 6.0;
                    let at = pos2(right, rect.top() + 13.0);
                    text(&p, at, Align2::RIGHT_CENTER, "open", font::caption(), theme.accent);
                } else {
                    spoken(ui, rect, &words);
                }
                mark_ui(&p, theme, pos2(rect.left() + 10.0, rect.top() + 13.0), line.mark);
                let head = pos2(rect.left() + 26.0, rect.top() + 13.0);
                text_cut(&p, head, width - 70.0, &line.what, font::strong(), theme.text);
                p.galley(pos2(rect.left() + 26.0, rect.top() + 24.0), galley, theme.text_2);
            }
        });
    });
    opened
}

/// A shape for each mark: a tick, a dot, a triangle, a cross.
fn mark_ui(p: &egui::Painter, theme: &Theme, centre: egui::Pos2, mark: Mark) {
    match mark {
        Mark::Fine => Icon::Check.paint(p, centre, 14.0, theme.text_2),
        Mark::Note => {
            p.circle_stroke(centre, 3.0, Stroke::new(1.4, theme.text_3));
        }
        Mark::Warning => Icon::Warning.paint(p, centre, 14.0, theme.warn),
        Mark::Stop => Icon::Cross.paint(p, centre, 14.0, theme.warn),
    }
}

/// Changed labels by pair; the condition of one that was opened.
fn pairs_ui(ui: &mut Ui, r: Rect, doc: &Document, checked: &Checked) -> Option<Condition> {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let heading = pos2(r.left(), r.top() + 10.0);
    text(&p, heading, Align2::LEFT_CENTER, "Labels that change", font::strong(), theme.text);
    let mut pairs: Vec<_> = checked.by_pair.iter().collect();
    pairs.sort_by_key(|(names, items)| (std::cmp::Reverse(items.len()), *names));
    if pairs.is_empty() {
        let at = pos2(r.left(), r.top() + 34.0);
        text(&p, at, Align2::LEFT_CENTER, "None", font::body(), theme.text_3);
        return None;
    }
    let mut opened = None;
    let mut y = r.top() + 24.0;
    let room = (((r.bottom() - y) / 24.0) as usize).clamp(1, MOST);
    let shown = if pairs.len() > room { room.saturating_sub(1).max(1) } else { pairs.len() };
    for (at, ((from, to), items)) in pairs.iter().take(shown).enumerate() {
        let line = Rect::from_min_size(pos2(r.left() - 4.0, y), vec2(r.width() + 4.0, 24.0));
        let from_words = if from.is_empty() { "no label" } else { from };
        let words = format!("{from_words} → {to}: {}", count(items.len(), "item", "items"));
        let response = hit(ui, line, ui.scope_id().with(("pair", at)), &words);
        if response.hovered() || response.has_focus() {
            p.rect_filled(line, 3.0, theme.hover);
        }
        if response.clicked() {
            opened = Some(Condition::among(format!("changed from {from_words} to {to}"), (*items).clone()));
        }
        let n = thousands(items.len() as u64);
        let end = text_width(&p, &n, font::mono()) + 10.0;
        let half = (r.width() - end - 28.0) / 2.0;
        let centre = line.center().y;
        let chip = |x: f32, name: &str, words: &str| {
            if let Some(label) = doc.dataset.labels.id(name) {
                label_square(&p, theme, pos2(x, centre), label);
            }
            text_cut(&p, pos2(x + 14.0, centre), half - 18.0, words, font::body(), theme.text);
        };
        chip(r.left(), from, from_words);
        Icon::Arrow.paint(&p, pos2(r.left() + half + 10.0, centre), 12.0, theme.text_3);
        chip(r.left() + half + 24.0, to, to);
        text(&p, pos2(r.right() - 2.0, centre), Align2::RIGHT_CENTER, &n, font::mono(), theme.text);
        response.on_hover_text(words);
        y += 24.0;
    }
    if pairs.len() > shown {
        let words = format!("and {} more pairs", thousands((pairs.len() - shown) as u64));
        text(&p, pos2(r.left(), y + 10.0), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
    }
    opened
}
