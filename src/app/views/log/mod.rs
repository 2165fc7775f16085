//! What was decided: one row a decision or note, the newest first; and what that changed, before against now.

mod audit;
pub(in crate::app) mod before;
mod data;
mod trust;
mod validation;

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::Wanted;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{Choice, finding_ui, tabs_ui};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{Button, label_square, text, text_cut, text_width};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::review::replay::Standing;

/// What is asked of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// One decision after the other.
    #[default]
    Decisions,
    /// What they changed.
    Before,
    /// What the random audit says of all items.
    Audit,
}

/// Tabs, with what they are called and what they show.
const TABS: [(Tab, &str, &str); 3] = [
    (Tab::Decisions, "Decisions", "One row a decision, the newest first, and how far flags can be trusted"),
    (
        Tab::Before,
        "Before and after",
        "What the review changed: labels and disagreement of the source against now",
    ),
    (Tab::Audit, "From the audit", "What the random audit says of all items, with a machine’s help"),
];

/// What the view remembers.
#[derive(Debug, Default)]
pub struct LogState {
    /// What is shown.
    pub tab: Tab,
    table: TableState,
    selected: Option<u64>,
    estimate: usize,
    estimates: TableState,
    rows: Vec<Row>,
    key: Option<(usize, Option<u64>)>,
    reveal: bool,
}

#[derive(Debug, Clone)]
struct Row {
    seq: u64,
    time: String,
    item: Option<u32>,
    key: String,
    before: String,
    after: String,
    action: String,
    reason: String,
    sure: &'static str,
    note: String,
    standing: Standing,
    saved: bool,
}

impl LogState {
    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        match self.tab {
            Tab::Decisions => Vec::new(),
            Tab::Before => before::wanted(doc),
            Tab::Audit => audit::wanted(doc),
        }
    }

    /// Shows the tab of this name.
    pub fn show_tab(&mut self, name: &str) -> anyhow::Result<()> {
        self.tab = match name {
            "decisions" => Tab::Decisions,
            "before" => Tab::Before,
            "audit" => Tab::Audit,
            _ => anyhow::bail!("--tab {name}: there are decisions, before, audit"),
        };
        Ok(())
    }

    /// Moves the cursor.
    pub fn step(&mut self, doc: &Document, by: i64) {
        if self.tab == Tab::Audit {
            let n = audit::report(doc).map_or(0, |r| r.estimates.len());
            self.estimate =
                (self.estimate as i64).saturating_add(by).clamp(0, n.saturating_sub(1) as i64) as usize;
            return;
        }
        if self.tab != Tab::Decisions {
            return;
        }
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        let here = self.selected.map_or(-1, |s| s as i64);
        self.selected = Some(here.saturating_add(by).clamp(0, last as i64) as u64);
        self.reveal = true;
    }
}

impl LogState {
    /// What lies behind the row under the cursor of a tab that has its own; `None` for decisions.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        (self.tab == Tab::Audit).then(|| audit::behind(doc, self.estimate)).flatten()
    }
}

const HEAD: f32 = 56.0;

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut LogState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let choices = TABS.map(|(_, name, hint)| Choice { group: "", name, hint });
    let on = TABS.iter().position(|t| t.0 == state.tab);
    let (picked, x, full) = tabs_ui(ui, ui.max_rect(), &choices, on);
    if let Some(at) = picked {
        state.tab = TABS[at].0;
    }
    if state.tab == Tab::Before {
        if let Some(report) = before::report(doc).filter(|_| !doc.edits().is_empty()) {
            finding_ui(ui, full, x, &before::finding(&report));
        }
        before::ui(ui, full, doc, out);
        return;
    }
    if state.tab == Tab::Audit {
        audit::ui(ui, full, x, doc, state, out);
        return;
    }
    refresh(doc, state);
    if state.rows.is_empty() {
        let path = doc.session.path();
        let is_beside = path.parent() == doc.dataset.source.table.path.parent();
        let place = match path.file_name().filter(|_| is_beside) {
            Some(name) => format!("{}, beside the data,", name.to_string_lossy()),
            None => path.display().to_string(),
        };
        let why = format!("Decisions are written to {place} as they are made");
        let buttons = vec![
            ("Review label issues".to_owned(), Request::Run(Command::ReviewIssues)),
            ("Choose items".to_owned(), Request::Show(crate::app::state::View::Items)),
        ];
        empty::nothing(ui, full, "No decisions yet", &why, buttons, out);
        return;
    }
    let head = Rect::from_min_size(full.min, vec2(full.width(), HEAD));
    head_ui(ui, head, doc, out);
    ui.painter().hline(full.x_range(), head.bottom() - 0.5, theme.border());
    let mut top = head.bottom();
    let itself = crate::app::views::review::itself::of_log(ui, doc, None);
    if let Some(v) =
        doc.derived.as_ref().map(|d| &d.validation).filter(|v| !v.is_empty() || !itself.is_empty())
    {
        let band = Rect::from_min_size(pos2(full.left(), top), vec2(full.width(), validation::HEIGHT));
        validation::ui(ui, band, doc, v, out);
        ui.painter().hline(full.x_range(), band.bottom() - 0.5, theme.border());
        top = band.bottom();
    }
    let rect = Rect::from_min_max(pos2(full.left(), top), full.max);
    let wide = rect.width() > 1000.0;
    let mut columns = vec![
        Column::new("Nº", 44.0).right(),
        Column::new("When, UTC", 156.0),
        Column::new("Item", doc.key_width() + 20.0),
        Column::new("Decision", 270.0),
        Column::new("How", 132.0),
        Column::new("Why", 130.0),
        Column::new("Sure", 44.0),
        Column::new("Note", 0.0),
        Column::new("State", 104.0),
    ];
    if !wide {
        columns.retain(|c| !matches!(c.title, "Why" | "Sure"));
    }
    let rows = std::mem::take(&mut state.rows);
    let table = Table {
        name: "Log",
        columns: &columns,
        rows: rows.len() as u64,
        selected: state.selected,
        sorted: None,
    };
    if std::mem::take(&mut state.reveal)
        && let Some(row) = state.selected
    {
        state.table.measure(ui, rect.height());
        state.table.reveal(row);
    }
    let events = table.show(
        ui,
        rect,
        &mut state.table,
        |row| {
            let r = &rows[row as usize];
            format!("{} {}: {} → {}", r.seq, r.key, r.before, r.after)
        },
        |ui, row, cells, _| {
            let r = &rows[row as usize];
            let p = ui.painter();
            let y = cells[0].center().y;
            let live = r.standing == Standing::Live;
            let ink = if live { theme.text } else { theme.text_3 };
            let mut next = cells.iter();
            let mut cell = || next.next().copied().unwrap_or(Rect::NOTHING);
            let c = cell();
            text(p, pos2(c.right(), y), Align2::RIGHT_CENTER, &r.seq.to_string(), font::mono(), theme.text_3);
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), &r.time, font::mono(), theme.text_2);
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), &r.key, font::mono(), ink);
            decision_cell(p, theme, doc, cell(), r, ink);
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), &r.action, font::body(), theme.text_2);
            if wide {
                let c = cell();
                text_cut(p, pos2(c.left(), y), c.width(), &r.reason, font::body(), theme.text_2);
                let c = cell();
                text_cut(p, pos2(c.left(), y), c.width(), r.sure, font::body(), theme.text_2);
            }
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), &r.note, font::body(), theme.text_2);
            let c = cell();
            let (icon, words) = match (r.standing, r.saved) {
                (Standing::Undone, _) => (Icon::Undo, "undone"),
                (Standing::Superseded, _) => (Icon::Arrow, "superseded"),
                (Standing::Stale, _) => (Icon::Warning, "stale"),
                (Standing::Live, true) => (Icon::Check, "saved"),
                (Standing::Live, false) => (Icon::Log, "saving…"),
            };
            let color = if r.standing == Standing::Stale { theme.warn } else { theme.text_3 };
            icon.paint(p, pos2(c.left() + 6.0, y), 12.0, color);
            text(p, pos2(c.left() + 18.0, y), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
        },
    );
    if let Some(row) = events.clicked.or(events.opened) {
        state.selected = Some(row);
        if let Some(item) = rows[row as usize].item {
            out.push(Request::Select(item));
            if events.opened.is_some() {
                out.push(Request::ReviewItem(item));
            }
        }
    }
    state.rows = rows;
}

fn refresh(doc: &Document, state: &mut LogState) {
    let key = (doc.session.events().len(), doc.saved().saved_seq);
    if state.key == Some(key) {
        return;
    }
    state.key = Some(key);
    state.rows = doc
        .session
        .decisions()
        .rev()
        .map(|d| Row {
            seq: d.seq,
            time: d.ts.replace('T', " ").chars().take(19).collect(),
            item: d.item.map(|i| i as u32),
            key: if d.items > 1 { format!("{} items", d.items) } else { d.key.to_owned() },
            before: d.before,
            after: d.after,
            action: match d.action {
                "keep" => "kept",
                "accept_suggestion" => "suggestion taken",
                "adopt_rater" => "rater adopted",
                "relabel" => "relabelled",
                "multi" => "several labels",
                "none_of_classes" => "none of the labels",
                "exclude" => "excluded",
                "code" => "coded",
                other => other,
            }
            .to_owned()
                + if d.repeat { ", again" } else { "" },
            reason: d.reason.unwrap_or_default().replace('_', " "),
            sure: match d.confidence {
                Some(1) => "low",
                Some(2) => "mid",
                Some(3) => "high",
                _ => "",
            },
            note: d.note.replace(['\n', '\r'], " "),
            standing: d.standing,
            saved: d.saved,
        })
        .collect();
}

fn decision_cell(p: &egui::Painter, theme: &Theme, doc: &Document, cell: Rect, r: &Row, ink: egui::Color32) {
    let y = cell.center().y;
    let mut x = cell.left();
    let chip = |x: f32, words: &str| -> f32 {
        let mut left = x;
        if let Some(label) = doc.dataset.labels.id(words) {
            label_square(p, theme, pos2(x, y), label);
            left += 14.0;
        }
        let room = ((cell.width() - 40.0) / 2.0).max(20.0);
        text_cut(p, pos2(left, y), room, words, font::body(), ink);
        left + text_width(p, words, font::body()).min(room)
    };
    if r.action == "note" {
        text(p, pos2(x, y), Align2::LEFT_CENTER, "note", font::body(), theme.text_2);
        return;
    }
    if r.before == r.after && r.action != "coded" {
        x = chip(x, &r.after);
        text(p, pos2(x + 8.0, y), Align2::LEFT_CENTER, "kept", font::body(), theme.text_3);
        return;
    }
    x = chip(x, &r.before);
    Icon::Arrow.paint(p, pos2(x + 14.0, y), 11.0, theme.text_3);
    chip(x + 28.0, &r.after);
}

fn head_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.center().y;
    let c = doc.session.counts();
    let mut x = rect.left() + 16.0;
    for (n, words) in [
        (c.kept, "kept"),
        (c.changed, "changed"),
        (c.several, "several labels"),
        (c.soft, "soft labels"),
        (c.none_of_labels, "none of the labels"),
        (c.unsure, "unsure"),
        (c.excluded, "excluded"),
    ] {
        if n == 0 {
            continue;
        }
        let r = text(p, pos2(x, y), Align2::LEFT_CENTER, &n.to_string(), font::strong(), theme.text);
        x = text(p, pos2(r.right() + 5.0, y), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
            + 18.0;
    }
    let key = Command::Export.key();
    let export = Button::new("Export cleaned file…").key(&key);
    let w = export.width(p);
    let mut right = rect.right() - 16.0 - w;
    if export.show(ui, pos2(right, y - 14.0), "export").0.clicked() {
        out.push(Request::Run(Command::Export));
    }
    let csv = Button::new("Log as CSV…");
    right -= csv.width(p) + 8.0;
    if csv.show(ui, pos2(right, y - 14.0), "csv").0.clicked() {
        out.push(Request::Run(Command::ExportLog));
    }
    if doc.dataset.raters.are_known() {
        let sheets = Button::new("Feedback sheets…");
        let left = right - sheets.width(p) - 8.0;
        // On a narrow window the menu has it.
        if left > x + 40.0 {
            right = left;
            if sheets.show(ui, pos2(right, y - 14.0), "feedback").0.clicked() {
                out.push(Request::Run(Command::Feedback));
            }
        }
    }
    let path = doc.session.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    if right - x > 120.0 {
        let w = text_width(p, &path, font::mono_small()).min(right - x - 24.0);
        text_cut(p, pos2(right - w - 12.0, y), w + 1.0, &path, font::mono_small(), theme.text_3);
    }
    let elsewhere = doc.session.stale().filter(|s| s.is_elsewhere(&doc.dataset)).count();
    let stale = doc.session.stale().count() - elsewhere;
    if stale + elsewhere > 0 {
        let words = match (stale, elsewhere) {
            (0, n) => format!("{n} about other questions of this source"),
            (n, 0) => format!("{n} stale: the data changed since; they are listed and not applied"),
            (n, m) => format!("{n} stale: the data changed since; {m} about other questions of this source"),
        };
        let r = Rect::from_min_size(pos2(rect.left() + 16.0, rect.bottom() - 18.0), vec2(8.0, 8.0));
        p.rect_stroke(r, 1.0, Stroke::new(1.0, theme.warn), StrokeKind::Inside);
        text(
            p,
            pos2(r.right() + 8.0, r.center().y),
            Align2::LEFT_CENTER,
            &words,
            font::caption(),
            theme.text_2,
        );
    }
}
