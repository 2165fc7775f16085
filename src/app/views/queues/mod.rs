//! Queues: at the left the presets that make one and those that there are, at the right the one under the cursor.

mod making;
mod model;
mod one;

use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};

use self::model::{Cursor, words};
pub use self::model::{Pick, QueuesState, choices};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{heading, hit_as, spoken, text, text_cut, text_width};
use crate::app::widgets::theme::{Theme, font};

/// Width of the list.
const LIST: f32 = 264.0;
const ROW: f32 = 28.0;

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut QueuesState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let full = ui.max_rect();
    state.fit(doc);
    if state.chosen().is_some_and(|id| doc.queues.get(id).is_none()) {
        state.forget();
    }
    let list = Rect::from_min_size(full.min, vec2(LIST, full.height()));
    let right = Rect::from_min_max(pos2(list.right(), full.top()), full.max);
    ui.painter().rect_filled(list, 0.0, theme.raised);
    ui.painter().vline(list.right(), list.y_range(), theme.border());
    list_ui(ui, list, doc, state, out);
    match state.chosen() {
        Some(id) => one::ui(ui, right, doc, state, id, out),
        None => making::ui(ui, right, doc, state, out),
    }
}

fn list_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut QueuesState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let inside = rect.shrink2(vec2(0.0, 8.0));
    ui.scope_builder(UiBuilder::new().max_rect(inside).id_salt("queue list"), |ui| {
        ui.set_clip_rect(inside.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("queue list").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let head = |ui: &mut Ui, title: &str, caption: &str| {
                let (r, _) = ui.allocate_exact_size(vec2(rect.width() - 8.0, 32.0), egui::Sense::hover());
                heading(ui.painter(), theme, pos2(rect.left() + 16.0, r.center().y), title, caption);
            };
            head(ui, "Make a queue", "");
            for at in 0..state.presets.len() {
                let name = words(&state.presets[at].0).0;
                let on = state.cursor == Cursor::Preset(at);
                if row_ui(ui, rect, ("preset", at as u64), name, "", Icon::Plus, on) {
                    state.cursor = Cursor::Preset(at);
                    state.renaming = None;
                }
            }
            ui.add_space(10.0);
            let n = doc.queues.list().len();
            head(ui, "Your queues", if n == 0 { "none yet" } else { "" });
            for kept in doc.queues.list().iter().rev() {
                let on = state.cursor == Cursor::Queue(kept.id);
                let icon = if kept.left == 0 { Icon::Check } else { Icon::Queue };
                if row_ui(ui, rect, ("queue", kept.id), kept.title(), &kept.state_words(), icon, on) {
                    state.cursor = Cursor::Queue(kept.id);
                    state.renaming = None;
                }
            }
            if let Some(removed) = doc.queues.removed() {
                let (r, _) = ui.allocate_exact_size(vec2(rect.width() - 8.0, 58.0), egui::Sense::hover());
                let words = format!("Removed “{}”", removed.title());
                let p = ui.painter();
                text_cut(
                    p,
                    pos2(rect.left() + 16.0, r.top() + 18.0),
                    rect.width() - 32.0,
                    &words,
                    font::caption(),
                    theme.text_3,
                );
                let at = pos2(rect.left() + 16.0, r.top() + 40.0);
                if crate::app::widgets::paint::link(ui, at, "Put it back", "restore").clicked() {
                    out.push(Request::Run(Command::RestoreQueue));
                }
            }
        });
    });
}

fn row_ui(ui: &mut Ui, rect: Rect, id: (&str, u64), name: &str, state: &str, icon: Icon, on: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let (r, _) = ui.allocate_exact_size(vec2(rect.width() - 8.0, ROW), egui::Sense::hover());
    let r = Rect::from_min_max(
        pos2(rect.left() + 8.0, r.top() + 1.0),
        pos2(rect.right() - 8.0, r.bottom() - 1.0),
    );
    let spoken = if state.is_empty() { format!("Preset {name}") } else { format!("Queue {name}: {state}") };
    let response = hit_as(ui, r, ui.scope_id().with(id), &spoken, Some(on));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let p = ui.painter();
    if on {
        p.rect_filled(r, 4.0, theme.selected);
    } else if response.hovered() {
        p.rect_filled(r, 4.0, theme.hover);
    }
    let y = r.center().y;
    icon.paint(p, pos2(r.left() + 14.0, y), 13.0, theme.text_3);
    let w = text_width(p, state, font::caption());
    text(p, pos2(r.right() - 8.0, y), Align2::RIGHT_CENTER, state, font::caption(), theme.text_3);
    let f = if on { font::strong() } else { font::body() };
    let cut = text_cut(p, pos2(r.left() + 28.0, y), r.width() - w - 48.0, name, f, theme.text);
    let clicked = response.clicked();
    if cut {
        response.on_hover_text(name);
    }
    clicked
}

/// Words that are painted and spoken, cut at `width`.
fn said(ui: &Ui, at: egui::Pos2, width: f32, words: &str, f: egui::FontId, color: egui::Color32) {
    text_cut(ui.painter(), at, width, words, f, color);
    spoken(ui, Rect::from_min_size(at - vec2(0.0, 9.0), vec2(width, 18.0)), words);
}
