//! The frame around the views: title bar, navigation, filter line, status bar.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::command::{self, Command};
use super::document::Document;
use super::queues::Kept;
use super::request::Request;
use super::state::View;
use super::widgets::icon::Icon;
use super::widgets::paint::{
    self, bar, count, hit, hit_as, key_cap, key_width, text, text_cut, text_width, thousands,
};
use super::widgets::text::elide;
use super::widgets::theme::{Theme, font};
use crate::analysis::models::has_models;
use crate::dataset::Dataset;

/// Height of the title bar.
pub const TITLE: f32 = 40.0;
/// Height of the status bar.
pub const STATUS: f32 = 24.0;
/// Height of the filter line.
pub const FILTER: f32 = 36.0;

/// Width of the navigation: folded where Review is on screen and in narrow windows.
pub fn navigation_width(width: f32, reviewing: bool) -> f32 {
    if reviewing || width < 1180.0 { 48.0 } else { 200.0 }
}

/// What the frame knows of the program.
#[derive(Debug)]
pub struct FrameState<'a> {
    /// The view that is shown.
    pub view: View,
    /// Whether there is a view to go back to, and forward to.
    pub history: (bool, bool),
    /// The document, once one is open.
    pub doc: Option<&'a Document>,
    /// What runs: name, stage, share.
    pub running: Vec<(String, String, Option<f32>)>,
    /// Seconds that the last analysis took.
    pub analysis_s: Option<f64>,
    /// A sentence about what just happened.
    pub word: Option<&'a str>,
}

/// The bar at the top.
pub fn title_ui(ui: &mut Ui, rect: Rect, state: &FrameState<'_>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(rect, 0.0, theme.window);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, theme.border());
    let y = rect.center().y;
    let p = ui.painter().clone();
    let x =
        text(&p, pos2(rect.left() + 12.0, y), Align2::LEFT_CENTER, "dissensus", font::strong(), theme.text)
            .right();
    let mut x = (rect.left() + 192.0).max(x + 24.0);
    for (icon, command, on, name) in [
        (Icon::Left, Command::Back, state.history.0, "Back"),
        (Icon::Right, Command::Forward, state.history.1, "Forward"),
    ] {
        icon_button(ui, pos2(x, y), icon, command, on, name, out);
        x += 26.0;
    }
    let name = if state.doc.is_some() { state.view.name() } else { "Open a dataset" };
    text(&p, pos2(x + 6.0, y), Align2::LEFT_CENTER, name, font::strong(), theme.text);
    let menu = Rect::from_min_max(pos2(rect.right() - 72.0, y - 14.0), pos2(rect.right() - 10.0, y + 14.0));
    menu_ui(ui, menu, state.doc.is_some(), out);
    let width = 264.0_f32.min(rect.width() * 0.26);
    let search =
        Rect::from_min_max(pos2(menu.left() - 12.0 - width, y - 14.0), pos2(menu.left() - 12.0, y + 14.0));
    let response = hit(ui, search, ui.scope_id().with("search"), "Search or run a command");
    let fill = if response.hovered() { theme.hover } else { theme.panel };
    p.rect(search, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    Icon::Search.paint(&p, pos2(search.left() + 16.0, y), 13.0, theme.text_3);
    let key = Command::Palette.key();
    let cap = key_width(&p, &key);
    key_cap(&p, pos2(search.right() - cap - 7.0, y), &key, theme.text_3, theme.line_strong);
    text_cut(
        &p,
        pos2(search.left() + 30.0, y),
        search.width() - cap - 44.0,
        "Search or run a command",
        font::body(),
        theme.text_3,
    );
    if response.clicked() {
        out.push(Request::Run(Command::Palette));
    }
    if let Some(doc) = state.doc {
        let (undo, redo) = (doc.session.undo_words().is_some(), doc.session.redo_words().is_some());
        icon_button(ui, pos2(search.left() - 52.0, y), Icon::Undo, Command::Undo, undo, "Undo", out);
        icon_button(ui, pos2(search.left() - 24.0, y), Icon::Redo, Command::Redo, redo, "Redo", out);
    }
}

fn icon_button(
    ui: &Ui,
    at: egui::Pos2,
    icon: Icon,
    command: Command,
    on: bool,
    name: &str,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = Rect::from_center_size(at, vec2(26.0, 26.0));
    if !on {
        icon.paint(ui.painter(), at, 15.0, theme.line_strong);
        return;
    }
    let response = hit(ui, r, ui.scope_id().with(("icon", name)), name);
    if response.hovered() {
        ui.painter().rect_filled(r, 4.0, theme.hover);
    }
    icon.paint(ui.painter(), at, 15.0, theme.text_2);
    if response.clicked() {
        out.push(Request::Run(command));
    }
    let key = command.key();
    response.on_hover_text(format!("{}  {key}", command.entry().name));
}

fn menu_ui(ui: &mut Ui, rect: Rect, open: bool, out: &mut Vec<Request>) {
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect).id_salt("menu"), |ui| {
        ui.menu_button("Menu", |ui| {
            ui.set_min_width(180.0);
            let mut menus: Vec<&str> = command::ALL.iter().map(|e| e.menu).collect();
            menus.dedup();
            for menu in menus {
                if !open && matches!(menu, "Queue" | "Decide" | "Spans" | "Rows" | "Edit" | "Go") {
                    continue;
                }
                ui.menu_button(menu, |ui| {
                    ui.set_min_width(250.0);
                    for e in command::ALL.iter().filter(|e| e.menu == menu) {
                        let key = e.keys.first().map(command::words).unwrap_or_default();
                        let button = egui::Button::new(e.name).shortcut_text(key);
                        if ui.add(button).on_hover_text(e.help).clicked() {
                            out.push(Request::Run(e.command));
                            ui.close();
                        }
                    }
                });
            }
        });
    });
}

/// Whether the data has what a view shows.
pub fn is_there(view: View, doc: &Document) -> bool {
    match view {
        View::Versions => doc.has_tags,
        View::Models => has_models(&doc.dataset) || doc.metric_columns.is_some(),
        View::Conflicts => doc.has_others(),
        _ => true,
    }
}

/// The list of views at the left.
pub fn navigation_ui(ui: &mut Ui, rect: Rect, state: &FrameState<'_>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    ui.painter().rect_filled(rect, 0.0, theme.window);
    ui.painter().vline(rect.right() - 0.5, rect.y_range(), theme.border());
    let Some(doc) = state.doc else { return };
    let files = files_ui(ui, rect, out);
    let inside = Rect::from_min_max(rect.min, pos2(rect.right() - 1.0, files));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inside).id_salt("navigation"), |ui| {
        ui.set_clip_rect(inside.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("navigation").auto_shrink(false).show(ui, |ui| {
            // With many queues the list is longer than the window: it scrolls as a whole.
            let top = ui.cursor().top();
            let rect = Rect::from_min_size(pos2(rect.left(), top), rect.size());
            let bottom = rows_ui(ui, rect, state, doc, out);
            ui.allocate_rect(
                Rect::from_min_max(rect.min, pos2(rect.left() + 1.0, bottom + 8.0)),
                egui::Sense::hover(),
            );
        });
    });
}

/// What stands in the list; where it ends.
fn rows_ui(ui: &mut Ui, rect: Rect, state: &FrameState<'_>, doc: &Document, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let folded = rect.width() < 100.0;
    let left = rect.left() + 16.0;
    let mut y = rect.top() + 14.0;
    if !folded {
        let d = &doc.dataset;
        text_cut(&p, pos2(left, y + 8.0), rect.width() - 28.0, &d.name, font::strong(), theme.text);
        y += 28.0;
        let mut lines = vec![count(d.n_items(), "item", "items")];
        if !d.raters.is_empty() {
            if d.raters.anonymous {
                lines[0] = format!("{} · raters unknown", lines[0]);
            } else {
                lines[0] = format!("{} · {}", lines[0], count(d.raters.len(), "rater", "raters"));
            }
            lines.push(count(d.annotations.len(), "vote", "votes"));
        }
        for line in lines {
            text_cut(&p, pos2(left, y + 2.0), rect.width() - 28.0, &line, font::caption(), theme.text_3);
            y += 20.0;
        }
        if !d.questions.is_empty() {
            y = question_ui(
                ui,
                Rect::from_min_size(pos2(left - 8.0, y), vec2(rect.width() - 20.0, 26.0)),
                d,
                out,
            );
        }
        y += 12.0;
        text(&p, pos2(left, y + 2.0), Align2::LEFT_CENTER, "Views", font::caption(), theme.text_3);
        y += 16.0;
    }
    for view in View::ALL.into_iter().filter(|&view| is_there(view, doc)) {
        let (icon, command, n) = match view {
            View::Overview => (Icon::Dashboard, Command::ShowOverview, None),
            View::Label => (Icon::Sheet, Command::ShowLabel, None),
            View::Items => (Icon::Rows, Command::ShowItems, Some(doc.dataset.n_items())),
            View::Raters => (
                Icon::Grid,
                Command::ShowRaters,
                Some(doc.dataset.raters.len()).filter(|_| doc.dataset.raters.are_known()),
            ),
            View::Compare => (Icon::Mirror, Command::ShowCompare, None),
            View::Groups => (Icon::People, Command::ShowGroups, None),
            View::Models => (Icon::Curve, Command::ShowModels, None),
            View::Versions => (Icon::Columns, Command::ShowVersions, None),
            View::Agreement => (Icon::Forest, Command::ShowAgreement, None),
            View::Aggregation => (Icon::Sum, Command::ShowAggregation, None),
            View::Errors => (Icon::Warning, Command::ShowErrors, None),
            View::Review => (Icon::Queue, Command::ShowReview, doc.queue.as_ref().map(|q| q.items.len())),
            View::Grid => (Icon::Tiles, Command::ShowGrid, None),
            View::Conflicts => (
                Icon::Fork,
                Command::ShowConflicts,
                doc.panels.reviewers().map(|g| g.reviewers.counts.conflicts).filter(|&n| n > 0),
            ),
            View::Log => (Icon::Log, Command::ShowLog, Some(doc.edits().len()).filter(|&n| n > 0)),
            View::Queues => (Icon::Plus, Command::BuildQueue, None),
        };
        let row = Row { icon, name: view.name(), n, on: state.view == view };
        if row_ui(ui, rect, &mut y, folded, &row).clicked() {
            out.push(Request::Run(command));
        }
    }
    if !folded {
        y += 14.0;
        text(&p, pos2(left, y + 2.0), Align2::LEFT_CENTER, "Queues", font::caption(), theme.text_3);
        let new = "New…";
        let w = text_width(&p, new, font::body());
        if paint::link(ui, pos2(rect.right() - 16.0 - w, y + 2.0), new, "new queue").clicked() {
            out.push(Request::Run(Command::BuildQueue));
        }
        y += 16.0;
        for kept in doc.queues.list().iter().rev() {
            let on = state.view == View::Review && doc.queues.active_id() == Some(kept.id);
            if queue_ui(ui, rect, &mut y, kept, on).clicked() {
                out.push(Request::ResumeQueue(kept.id));
            }
        }
        let o = doc.derived.as_ref().map(|d| &d.overview);
        let issues = o.map_or(0, |o| o.n_flagged);
        let split = o.map_or(0, |o| o.splits.majority + o.splits.tied);
        let queues = [
            ("Label issues", Command::ReviewIssues, issues),
            ("Split votes", Command::ReviewSplit, split),
            ("Random audit", Command::ReviewAudit, doc.audit_size()),
        ];
        // What has been begun stands above.
        let begun = |name: &str| doc.queues.list().iter().any(|k| k.queue.name == name);
        for (name, command, n) in queues.into_iter().filter(|q| q.2 > 0 && !begun(q.0)) {
            let row = Row { icon: Icon::Queue, name, n: Some(n), on: false };
            if row_ui(ui, rect, &mut y, folded, &row).clicked() {
                out.push(Request::Run(command));
            }
        }
    }
    y
}

/// What is done with files, always at the bottom; where it begins.
fn files_ui(ui: &Ui, rect: Rect, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let folded = rect.width() < 100.0;
    let top = rect.bottom() - if folded { 68.0 } else { 92.0 };
    p.hline(rect.left()..=rect.right() - 1.0, top + 0.5, theme.border());
    let mut y = top + 8.0;
    if !folded {
        text(
            p,
            pos2(rect.left() + 16.0, y + 8.0),
            Align2::LEFT_CENTER,
            "Files",
            font::caption(),
            theme.text_3,
        );
        y += 22.0;
    }
    for (icon, name, command) in
        [(Icon::Download, "Export…", Command::Export), (Icon::Folder, "Open…", Command::Open)]
    {
        let row = Row { icon, name, n: None, on: false };
        if row_ui(ui, rect, &mut y, folded, &row).clicked() {
            out.push(Request::Run(command));
        }
    }
    top
}

/// A queue with what remains of it.
fn queue_ui(ui: &Ui, rect: Rect, y: &mut f32, kept: &Kept, on: bool) -> egui::Response {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let r = Rect::from_min_size(pos2(rect.left() + 8.0, *y), vec2(rect.width() - 16.0, 26.0));
    *y += 28.0;
    let spoken = format!("Go on with {}: {}", kept.title(), kept.state_words());
    let response = hit_as(ui, r, ui.scope_id().with(("queue", kept.id)), &spoken, Some(on));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if on {
        p.rect_filled(r, 4.0, theme.selected);
    } else if response.hovered() {
        p.rect_filled(r, 4.0, theme.hover);
    }
    let middle = r.center().y;
    Icon::Queue.paint(p, pos2(r.left() + 15.0, middle), 15.0, theme.text_2);
    let mut right = r.right() - 8.0;
    if kept.left == 0 {
        Icon::Check.paint(p, pos2(right - 6.0, middle), 12.0, theme.text_2);
        right -= 16.0;
    } else {
        let words = kept.state_words();
        right =
            text(p, pos2(right, middle), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3).left();
    }
    let x = r.left() + 31.0;
    text_cut(p, pos2(x, middle), right - x - 8.0, kept.title(), font::body(), theme.text_2);
    response.on_hover_text(spoken)
}

/// The question that is read, with a menu of the others; where it ends.
fn question_ui(ui: &mut Ui, rect: Rect, dataset: &Dataset, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let asked = dataset.questions.get(dataset.question);
    let name = asked.map_or("", |q| q.name.as_str());
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect).id_salt("question"), |ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 4.0);
        // The name is cut to the width that there is, which its letters decide.
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
        let words = format!("{}/{} · {}", dataset.question + 1, dataset.questions.len(), elide(name, 60));
        let response = ui.menu_button(egui::RichText::new(words).color(theme.text), |ui| {
            ui.style_mut().wrap_mode = None;
            ui.set_min_width(260.0);
            egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                for (i, question) in dataset.questions.iter().enumerate() {
                    let n = count(question.n_annotations as usize, "vote", "votes");
                    let words = format!("{}   {} · {n}", elide(&question.name, 60), question.task.words());
                    if ui.selectable_label(i == dataset.question, words).clicked() {
                        out.push(Request::Question(question.name.clone()));
                        ui.close();
                    }
                }
            });
        });
        let n = dataset.questions.len();
        response.response.on_hover_text(format!("Question {} of {n}: {name}", dataset.question + 1));
    });
    rect.bottom() + 6.0
}

struct Row<'a> {
    icon: Icon,
    name: &'a str,
    n: Option<usize>,
    on: bool,
}

fn row_ui(ui: &Ui, rect: Rect, y: &mut f32, folded: bool, row: &Row<'_>) -> egui::Response {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let r = Rect::from_min_size(pos2(rect.left() + 8.0, *y), vec2(rect.width() - 16.0, 26.0));
    *y += 28.0;
    let response = hit_as(ui, r, ui.scope_id().with(("navigation", row.name)), row.name, Some(row.on));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if row.on {
        p.rect_filled(r, 4.0, theme.selected);
    } else if response.hovered() {
        p.rect_filled(r, 4.0, theme.hover);
    }
    let color = if row.on { theme.text } else { theme.text_2 };
    let middle = r.center().y;
    if folded {
        row.icon.paint(p, r.center(), 15.0, color);
        return response.on_hover_text(row.name);
    }
    row.icon.paint(p, pos2(r.left() + 15.0, middle), 15.0, color);
    let font = if row.on { font::strong() } else { font::body() };
    text(p, pos2(r.left() + 31.0, middle), Align2::LEFT_CENTER, row.name, font, color);
    if let Some(n) = row.n {
        text(
            p,
            pos2(r.right() - 8.0, middle),
            Align2::RIGHT_CENTER,
            &thousands(n as u64),
            font::mono_small(),
            theme.text_3,
        );
    }
    response
}

/// The one filter, in words, always in the same place.
pub fn filter_ui(
    ui: &mut Ui,
    rect: Rect,
    state: &FrameState<'_>,
    search: &mut String,
    focus: &mut bool,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.border());
    let Some(doc) = state.doc else { return };
    let y = rect.center().y;
    let all = doc.dataset.n_items();
    let shown = doc.rows.as_ref().map_or(all, |r| r.items.len());
    let mut x = rect.left() + 16.0;
    x = paint::spans(
        &p,
        pos2(x, y),
        &[
            ("Showing ", font::body(), theme.text),
            (&thousands(shown as u64), font::strong(), theme.text),
            (&format!(" of {}", count(all, "item", "items")), font::body(), theme.text),
        ],
    ) + 10.0;
    let everything = doc.query.is_everything();
    // The chips say the rest.
    let words = format!("Showing {} of {}", thousands(shown as u64), count(all, "item", "items"));
    paint::spoken(
        ui,
        Rect::from_min_max(pos2(rect.left() + 16.0, rect.top()), pos2(x - 10.0, rect.bottom())),
        &words,
    );
    if everything {
        x = text(&p, pos2(x, y), Align2::LEFT_CENTER, "· no filter", font::body(), theme.text_3).right()
            + 14.0;
    } else if !doc.query.conditions.is_empty() {
        x = text(&p, pos2(x, y), Align2::LEFT_CENTER, "where", font::body(), theme.text_3).right() + 10.0;
    }
    let limit = rect.right() - 330.0;
    for (i, condition) in doc.query.conditions.iter().enumerate() {
        let words = condition.words(&doc.dataset);
        let w = text_width(&p, &words, font::body()).min(220.0) + 34.0;
        if x + w > limit {
            let rest = doc.query.conditions.len() - i;
            x = text(
                &p,
                pos2(x, y),
                Align2::LEFT_CENTER,
                &format!("and {rest} more"),
                font::body(),
                theme.text_2,
            )
            .right()
                + 10.0;
            break;
        }
        let chip = Rect::from_min_size(pos2(x, y - 12.0), vec2(w, 24.0));
        let response =
            hit(ui, chip, ui.scope_id().with(("condition", i)), &format!("Drop condition: {words}"));
        let fill = if response.hovered() { theme.hover } else { theme.raised };
        p.rect(chip, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        text_cut(&p, pos2(x + 10.0, y), w - 34.0, &words, font::body(), theme.text);
        Icon::Cross.paint(&p, pos2(chip.right() - 13.0, y), 9.0, theme.text_3);
        if response.clicked() {
            out.push(Request::ToggleCondition(condition.clone()));
        }
        x += w + 8.0;
    }
    let key = Command::AddCondition.key();
    let w = 18.0 + text_width(&p, "condition", font::body()) + 6.0 + key_width(&p, &key);
    let zone = Rect::from_min_size(pos2(x - 4.0, y - 12.0), vec2(w + 8.0, 24.0));
    let response = hit(ui, zone, ui.scope_id().with("add condition"), "Add condition");
    if response.hovered() {
        p.rect_filled(zone, 4.0, theme.hover);
    }
    Icon::Plus.paint(&p, pos2(x + 6.0, y), 11.0, theme.text_2);
    let end =
        text(&p, pos2(x + 16.0, y), Align2::LEFT_CENTER, "condition", font::body(), theme.text_2).right();
    key_cap(&p, pos2(end + 6.0, y), &key, theme.text_2, theme.line_strong);
    if response.clicked() {
        out.push(Request::Run(Command::AddCondition));
    }
    let mut right = rect.right() - 16.0;
    if !everything {
        let w = text_width(&p, "Clear", font::body());
        let at = pos2(right - w, y);
        if paint::link(ui, at, "Clear", "clear").clicked() {
            out.push(Request::Run(Command::ClearFilter));
        }
        right -= w + 14.0;
    }
    let width = 180.0_f32.min((right - zone.right() - 20.0).max(60.0));
    let field = Rect::from_min_max(pos2(right - width, y - 14.0), pos2(right, y + 14.0));
    let edit = egui::TextEdit::singleline(search)
        .hint_text("Search text and keys")
        .desired_width(width)
        .align(egui::Align2::LEFT_CENTER)
        .margin(egui::Margin::symmetric(8, 2));
    let response = ui.put(field, edit).accessible_name("Search text and keys");
    if std::mem::take(focus) {
        response.request_focus();
    }
}

/// Decisions after which a break is worth it.
const BREAK: usize = 250;
/// Decisions for which that is said.
const SAID: usize = 10;

/// Whether so much was decided in this window that a break is due: one line, for a while.
fn break_due(doc: Option<&Document>) -> bool {
    doc.is_some_and(|d| d.n_decided >= BREAK && d.n_decided % BREAK < SAID)
}

/// The bar at the bottom: what runs, what was saved.
pub fn status_ui(ui: &Ui, rect: Rect, state: &FrameState<'_>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    p.rect_filled(rect, 0.0, theme.window);
    p.hline(rect.x_range(), rect.top() + 0.5, theme.border());
    let y = rect.center().y;
    let x = rect.left() + 12.0;
    let left = if let Some((name, stage, share)) = state.running.first() {
        let words =
            if stage.is_empty() { format!("{name}…") } else { format!("{name}: {}", stage.to_lowercase()) };
        let mut x =
            text(&p, pos2(x, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2).right() + 10.0;
        if let Some(share) = share {
            bar(
                &p,
                Rect::from_min_size(pos2(x, y - 2.0), vec2(120.0, 4.0)),
                *share,
                theme.accent,
                theme.grid,
            );
            x += 130.0;
        }
        let w = text_width(&p, "Cancel", font::caption());
        let zone = Rect::from_min_size(pos2(x - 4.0, y - 9.0), vec2(w + 8.0, 18.0));
        if hit(ui, zone, ui.scope_id().with("cancel"), "Cancel").clicked() {
            out.push(Request::Run(Command::CancelJobs));
        }
        text(&p, pos2(x, y), Align2::LEFT_CENTER, "Cancel", font::caption(), theme.accent).right()
    } else {
        let words = match (state.word, state.analysis_s) {
            (Some(word), _) => word.to_owned(),
            (None, _) if break_due(state.doc) => {
                let n = state.doc.map_or(0, |d| d.n_decided / BREAK * BREAK);
                let words = format!("{n} decisions since you began: a break keeps them good");
                paint::spoken(
                    ui,
                    Rect::from_min_max(pos2(x, rect.top()), pos2(x + 300.0, rect.bottom())),
                    &words,
                );
                words
            }
            (None, Some(s)) => {
                format!("Analysis up to date · {} s", paint::number(s, if s < 0.095 { 2 } else { 1 }))
            }
            (None, None) => "Ready".to_owned(),
        };
        let right = rect.right() - 420.0;
        text_cut(&p, pos2(x, y), right - x, &words, font::caption(), theme.text_2);
        x + text_width(&p, &words, font::caption()).min(right - x)
    };
    let key = Command::Help.key();
    let mut right = rect.right() - 12.0;
    let w = text_width(&p, "keys", font::caption());
    let cap = key_width(&p, &key);
    let zone = Rect::from_min_max(pos2(right - w - cap - 12.0, y - 10.0), pos2(right + 4.0, y + 10.0));
    if hit(ui, zone, ui.scope_id().with("keys"), "Keys").clicked() {
        out.push(Request::Run(Command::Help));
    }
    text(&p, pos2(right, y), Align2::RIGHT_CENTER, "keys", font::caption(), theme.text_2);
    right -= w + 6.0 + cap;
    key_cap(&p, pos2(right, y), &key, theme.text_2, theme.line_strong);
    right -= 20.0;
    let Some(doc) = state.doc else { return };
    let saved = doc.saved();
    let n = doc.edits().len();
    let words = if let Some(error) = &saved.error {
        format!("Log not saved: {error}")
    } else if saved.pending > 0 {
        format!("Log: {}, saving…", count(n, "decision", "decisions"))
    } else if let Some(why) = doc.session.read_only() {
        format!("Read-only: {why}")
    } else if n == 0 {
        "Log: no decisions yet".to_owned()
    } else {
        format!("Log: {}, saved", count(n, "decision", "decisions"))
    };
    let w = text_width(&p, &words, font::caption()).min((right - left - 20.0).max(40.0));
    text_cut(&p, pos2(right - w, y), w + 1.0, &words, font::caption(), theme.text_2);
}
