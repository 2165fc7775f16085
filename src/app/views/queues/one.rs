//! A queue that there is: how it was made, what became of it, what its reviewer is worth in it.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::model::QueuesState;
use super::said;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::queues::Kept;
use crate::app::request::Request;
use crate::app::views::review::itself;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{Button, count, text_block, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut QueuesState,
    id: u64,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let Some(kept) = doc.queues.get(id) else { return };
    let left = rect.left() + 24.0;
    let width = (rect.width() - 48.0).min(640.0);
    let y = rect.top() + 32.0;
    match &mut state.renaming {
        Some((which, typed, focused)) if *which == id => {
            let field = Rect::from_min_size(pos2(left, y - 14.0), vec2(width.min(420.0), 28.0));
            let edit = egui::TextEdit::singleline(typed).desired_width(field.width());
            let response = ui.put(field, edit).accessible_name("Name of the queue");
            if !*focused {
                response.request_focus();
                *focused = true;
            }
            let (enter, escape) =
                ui.input(|i| (i.key_pressed(egui::Key::Enter), i.key_pressed(egui::Key::Escape)));
            if response.lost_focus() || enter || escape {
                if !escape {
                    out.push(Request::RenameQueue(id, typed.clone()));
                }
                state.renaming = None;
            }
        }
        _ => {
            if text_cut(ui.painter(), pos2(left, y), width, kept.title(), font::heading(), theme.text) {
                let r = Rect::from_min_size(pos2(left, y - 12.0), vec2(width, 24.0));
                ui.interact(r, ui.scope_id().with("title"), egui::Sense::hover()).on_hover_text(kept.title());
            }
        }
    }
    let how = if kept.queue.how.is_empty() { "a list of items" } else { &kept.queue.how };
    let block = text_block(ui.painter(), pos2(left, y + 16.0), width, how, font::body(), theme.text_2);
    crate::app::widgets::paint::spoken(ui, block, how);
    let mut y = block.bottom() + 20.0;
    if kept.title() != kept.queue.name {
        let words = format!("The log calls it “{}”", kept.queue.name);
        said(ui, pos2(left, y), width, &words, font::caption(), theme.text_3);
        y += 24.0;
    }
    let (kept_, changed, unsure) = kept.counts;
    let facts = [
        ("items", thousands(kept.queue.len() as u64)),
        ("left", thousands(kept.left as u64)),
        ("kept", thousands(kept_ as u64)),
        ("changed", thousands(changed as u64)),
        ("unsure", thousands(unsure as u64)),
    ];
    let column = Rect::from_min_size(pos2(left, y), vec2(width.min(420.0), rect.height()));
    let mut line = column;
    for (what, value) in &facts {
        Fact { what, value, opens: false, selected: false, hint: "" }.show(ui, line, *what);
        line = line.translate(vec2(0.0, FACT));
    }
    line = line.translate(vec2(0.0, 14.0));
    let bottom = itself::facts_ui(ui, line, doc, Some(&kept.queue.name), out);
    buttons_ui(ui, pos2(left, bottom + 16.0), kept, state, out);
}

fn buttons_ui(ui: &Ui, at: egui::Pos2, kept: &Kept, state: &mut QueuesState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let keys = [Command::OpenRow, Command::RenameQueue, Command::RemoveQueue].map(Command::key);
    let words = if kept.left > 0 { "Continue" } else { "Look through it again" };
    let (response, right) = Button::primary(words).key(&keys[0]).show(ui, at, "continue");
    if response.clicked() {
        out.push(Request::ResumeQueue(kept.id));
    }
    let (response, right) = Button::new("Rename…").key(&keys[1]).show(ui, pos2(right + 8.0, at.y), "rename");
    if response.clicked() {
        state.rename(kept.id, kept.title().to_owned());
    }
    let (response, _) = Button::new("Remove").key(&keys[2]).show(ui, pos2(right + 8.0, at.y), "remove");
    if response.clicked() {
        out.push(Request::RemoveQueue(kept.id));
    }
    let words = format!(
        "Removing a queue takes back none of its {}",
        count(kept.n_decided(), "decision", "decisions")
    );
    let y = at.y + 46.0;
    crate::app::widgets::paint::text(
        ui.painter(),
        pos2(at.x, y),
        Align2::LEFT_CENTER,
        &words,
        font::caption(),
        theme.text_3,
    );
}
