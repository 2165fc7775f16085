//! The decisions on the item under the cursor, each a card with its digit; below, every other way to settle it.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::model;
use super::table::{dots_ui, reason_icon};
use super::{ConflictsState, take};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{hit, key_cap, key_width, label_square, spoken, text, text_cut, text_width};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::review::reviewers::{Case, Reviewers, Side};

/// Height of the strip.
pub(super) const HEIGHT: f32 = 164.0;
/// Cards at most: as many as there are digits.
const MOST: usize = 9;

pub(super) fn ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    state: &ConflictsState,
    reviewers: &Reviewers,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let r = rect.shrink2(vec2(16.0, 12.0));
    let Some(case) = state.case(reviewers) else { return };
    let takes = model::takes(reviewers, case, !state.names_shown);
    let shown = takes.len().min(MOST);
    let width = ((r.width() + 8.0) / shown.max(1) as f32 - 8.0).clamp(84.0, 250.0);
    for (k, &(place, side)) in takes.iter().take(MOST).enumerate() {
        let card = Rect::from_min_size(r.min + vec2(k as f32 * (width + 8.0), 0.0), vec2(width, 78.0));
        let name = model::name_at(reviewers, place, side.reviewer, !state.names_shown);
        if card_ui(ui, card, doc, k, &name, side) {
            take(doc, case, Some(side), k, out);
        }
    }
    let mut y = r.top() + 94.0;
    standing_ui(ui, pos2(r.left(), y), r.width(), doc, state, reviewers, case);
    y += 27.0;
    let mut x = r.left();
    for (command, words) in [
        (Command::AnotherLabel, "Another label"),
        (Command::NextConflict, "Next conflict"),
        (Command::OpenRow, "Review this item"),
        (Command::Undo, "Undo"),
    ] {
        let key = command.key();
        let width = key_width(p, &key) + 8.0 + text_width(p, words, font::body());
        if x + width > r.right() {
            break;
        }
        let zone = Rect::from_min_size(pos2(x - 4.0, y - 12.0), vec2(width + 8.0, 24.0));
        let response = hit(ui, zone, ui.scope_id().with(("settle", words)), words);
        if response.hovered() {
            p.rect_filled(zone, 4.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Run(command));
        }
        let end = key_cap(p, pos2(x, y), &key, theme.text_2, theme.line_strong);
        x = text(p, pos2(end + 8.0, y), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
            + 22.0;
    }
}

/// One decision; says whether it was clicked.
fn card_ui(ui: &Ui, rect: Rect, doc: &Document, k: usize, name: &str, side: &Side) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let label: Option<LabelId> = model::label_of(&doc.dataset, side);
    let reason = side.reason.as_deref().unwrap_or_default().replace('_', " ");
    let sure = model::sure_words(side.confidence);
    let parts: Vec<&str> = [sure, &reason, &side.note].into_iter().filter(|w| !w.is_empty()).collect();
    let said = format!("Take {} of {name}", side.words);
    let response = hit(ui, rect, ui.scope_id().with(("take", k)), &said);
    p.rect_filled(rect, 4.0, if response.hovered() { theme.hover } else { theme.panel });
    p.rect_stroke(rect, 4.0, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let (left, right) = (rect.left() + 12.0, rect.right() - 10.0);
    let key = (k + 1).to_string();
    let cap = key_width(p, &key);
    let y = rect.top() + 19.0;
    let mut x = left;
    if let Some(label) = label {
        label_square(p, theme, pos2(x, y), label);
        x += 14.0;
    }
    text_cut(p, pos2(x, y), right - cap - 8.0 - x, &side.words, font::strong(), theme.text);
    key_cap(p, pos2(right - cap, y), &key, theme.text_2, theme.line_strong);
    let y = rect.top() + 41.0;
    let room = right - left - if side.confidence.is_some() { 30.0 } else { 0.0 };
    text_cut(p, pos2(left, y), room, name, font::body(), theme.text_2);
    if let Some(confidence) = side.confidence {
        dots_ui(p, theme, pos2(right - 22.0, y), confidence);
    }
    let y = rect.top() + 61.0;
    let mut x = left;
    if let Some(icon) = reason_icon(side.reason.as_deref()) {
        icon.paint(p, pos2(x + 5.0, y), 11.0, theme.text_3);
        x += 16.0;
    }
    let why: Vec<&str> = [reason.as_str(), &side.note].into_iter().filter(|w| !w.is_empty()).collect();
    let why = why.join(": ").replace(['\n', '\r'], " ");
    text_cut(p, pos2(x, y), right - x, &why, font::caption(), theme.text_3);
    let clicked = response.clicked();
    if !parts.is_empty() {
        let all = format!("{name}: {}\n{}", side.words, parts.join("\n"));
        spoken(
            ui,
            Rect::from_min_size(pos2(left, y - 8.0), vec2(1.0, 1.0)),
            &format!("{name} is {}", parts.join(", ")),
        );
        response.on_hover_text(all);
    }
    clicked
}

/// What stands: nothing, an adjudication, a stale one, or what was just done.
fn standing_ui(
    ui: &Ui,
    at: egui::Pos2,
    width: f32,
    doc: &Document,
    state: &ConflictsState,
    reviewers: &Reviewers,
    case: &Case,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let who = |s: &Side| {
        if state.names_shown {
            reviewers.reviewers[s.reviewer].name.clone()
        } else {
            "an adjudicator".to_owned()
        }
    };
    let mut parts = Vec::new();
    for s in &case.settled {
        parts.push(format!("Adjudicated {} by {}", s.words, who(s)));
    }
    if case.n_unnamed > 0 {
        parts.push(format!(
            "{} it does not name",
            if case.n_unnamed == 1 { "one decision" } else { "decisions" }
        ));
    }
    let is_stale = !case.stale.is_empty();
    for s in &case.stale {
        parts.push(format!(
            "Adjudication {} by {} is stale: a decision it names was superseded",
            s.words,
            who(s)
        ));
    }
    let mut words = parts.join("; ");
    if words.is_empty() {
        words = match &doc.last {
            Some(last) if state.just_settled => {
                let to = last.to.map_or_else(String::new, |l| doc.label(l).to_owned());
                let what = [to.as_str(), last.words.as_str()].into_iter().filter(|w| !w.is_empty());
                format!("Just now: {} settled as {}", last.key, what.collect::<Vec<_>>().join(", "))
            }
            _ if case.sides.len() > 1 => "Press the digit of the decision that is right".to_owned(),
            _ => "One reviewer decided; a digit confirms it, another label overrules it".to_owned(),
        };
    }
    let mut x = at.x;
    if is_stale {
        Icon::Warning.paint(p, pos2(x + 6.0, at.y), 13.0, theme.warn);
        x += 20.0;
    }
    text_cut(p, pos2(x, at.y), width - (x - at.x), &words, font::body(), theme.text_2);
    spoken(ui, Rect::from_min_size(pos2(x, at.y - 9.0), vec2(width, 18.0)), &words);
}
