//! A line of choices above a view, what was found beside them, and what is there while nothing is found.

use egui::{Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{capital, empty};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, text, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;

/// Height of the line.
pub const LINE: f32 = 44.0;
/// Room for the button behind which choices stand that find no room.
const MORE: f32 = 80.0;

/// One of the choices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// What this and its neighbours are, before the first of them; nothing if empty.
    pub group: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it shows.
    pub hint: &'a str,
}

/// Paints the line at the top of `full`; the choice that was taken, where the next thing may begin, and what is below.
pub fn tabs_ui(ui: &Ui, full: Rect, choices: &[Choice<'_>], on: Option<usize>) -> (Option<usize>, f32, Rect) {
    let theme = Theme::of(ui.ctx());
    let line = Rect::from_min_size(full.min, vec2(full.width(), LINE));
    let p = ui.painter();
    let (mut x, mut group, mut picked) = (line.left() + 16.0, "", None);
    let mut shown = 0;
    while let Some(choice) = choices.get(shown) {
        let button = Button::new(choice.name).on(on == Some(shown));
        let is_new = !choice.group.is_empty() && choice.group != group;
        let words = if is_new {
            p.layout_no_wrap(choice.group.to_owned(), font::caption(), theme.text_3).size().x + 18.0
        } else {
            0.0
        };
        let room = if shown + 1 == choices.len() { 16.0 } else { 16.0 + MORE };
        if x + words + button.width(p) > line.right() - room {
            break;
        }
        if is_new {
            let left = if group.is_empty() { x } else { x + 10.0 };
            let at = pos2(left, line.center().y);
            x = text(p, at, Align2::LEFT_CENTER, choice.group, font::caption(), theme.text_3).right() + 8.0;
            group = choice.group;
        }
        let (response, right) =
            button.show(ui, pos2(x, line.top() + 8.0), ("tab", choice.group, choice.name));
        if response.clicked() && on != Some(shown) {
            picked = Some(shown);
        }
        if !choice.hint.is_empty() {
            response.on_hover_text(choice.hint);
        }
        x = right + 4.0;
        shown += 1;
    }
    if shown < choices.len() {
        let button = Button::new("More…").on(on.is_some_and(|on| on >= shown));
        let (response, right) = button.show(ui, pos2(x, line.top() + 8.0), "more tabs");
        picked = more_ui(&response, &choices[shown..], on.and_then(|on| on.checked_sub(shown)))
            .map(|at| at + shown)
            .or(picked);
        x = right + 4.0;
    }
    p.hline(full.x_range(), line.bottom(), theme.border());
    (picked, x, Rect::from_min_max(line.left_bottom(), full.max))
}

/// The choices that found no room.
fn more_ui(response: &Response, rest: &[Choice<'_>], on: Option<usize>) -> Option<usize> {
    let mut picked = None;
    egui::Popup::menu(response).show(|ui| {
        for (at, choice) in rest.iter().enumerate() {
            let words = [choice.group, choice.name].join(" ");
            if ui.selectable_label(on == Some(at), words.trim()).clicked() && on != Some(at) {
                picked = Some(at);
            }
        }
    });
    picked
}

/// Says what was found, in the line above `body` from `x` on.
pub fn finding_ui(ui: &Ui, body: Rect, x: f32, words: &str) {
    let theme = Theme::of(ui.ctx());
    let room = Rect::from_min_max(pos2(x + 12.0, body.top() - LINE), body.right_top());
    text_cut(ui.painter(), room.left_center(), room.width() - 14.0, words, font::body(), theme.text);
    let response = ui.interact(room.shrink2(vec2(0.0, 12.0)), ui.scope_id().with("finding"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response.on_hover_text(words);
}

/// Why there is nothing to see: it cannot be told, it was stopped, or it is under way.
pub fn absent_ui(
    ui: &Ui,
    body: Rect,
    doc: &Document,
    (panel, wanted): (Panel, &[Wanted]),
    (title, reason): (&str, Option<&Undefined>),
    again: Command,
    out: &mut Vec<Request>,
) {
    match reason {
        Some(reason) if !doc.panels.is_news_of(panel, wanted) => {
            let why = format!("{}.", capital(&reason.to_string()));
            empty::nothing(ui, body, title, &why, Vec::new(), out);
        }
        _ if doc.panels.is_stopped(panel) => {
            let again = vec![("Compute again".to_owned(), Request::Run(again))];
            empty::nothing(ui, body, "Stopped before the end", "Nothing else waits for it.", again, out);
        }
        _ => empty::loading(ui, body),
    }
}
