//! The head of the screen: which queue it is, and what is hidden, in words.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::app::blinding::choices;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{self, hit_as, key_cap, text, text_cut};
use crate::app::widgets::theme::{Theme, font};

/// Below this width only what is hidden now is said; a click goes on to the next.
const NARROW: f32 = 860.0;

pub(super) fn head_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.center().y;
    let left = hidden_ui(ui, rect, doc, out);
    let name = doc.queues.active().map_or("", |k| k.title());
    let x = rect.left() + 16.0;
    let room = left - x - 24.0;
    text_cut(p, pos2(x, y), room, name, font::strong(), theme.text);
    let end = x + paint::text_width(p, name, font::strong()).min(room) + 10.0;
    let why = "Why hide?";
    let width = paint::text_width(p, why, font::body());
    if left - end > 180.0 {
        let at = pos2(left - width - 16.0, y);
        if paint::link(ui, at, why, "reviewing").clicked() {
            out.push(Request::Explain("reviewing"));
        }
        let room = at.x - end - 24.0;
        text_cut(p, pos2(end, y), room, &doc.queue_words(), font::body(), theme.text_2);
    }
}

/// The choice of what is hidden, at the right; its left edge.
fn hidden_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.center().y;
    let mut all = choices(&doc.dataset);
    if all.len() < 2 {
        return rect.right() - 16.0;
    }
    // From nothing to everything, as on a scale; the key goes by way of everything.
    all.sort_by_key(|c| c.0 as u8);
    let now = doc.blind();
    if rect.width() < NARROW {
        all.retain(|c| c.0 == now);
    }
    let key = Command::ToggleBlind.key();
    let right = rect.right() - 12.0;
    key_cap(p, pos2(right - paint::key_width(p, &key), y), &key, theme.text_2, theme.line_strong);
    let mut x = right - paint::key_width(p, &key) - 10.0;
    let narrow = all.len() == 1;
    let edge = x;
    for &(blind, words) in all.iter().rev() {
        let on = blind == now;
        let icon = if on { 22.0 } else { 0.0 };
        let width = paint::text_width(p, words, font::body()) + 22.0 + icon;
        let zone = Rect::from_min_max(pos2(x - width, rect.top() + 5.0), pos2(x, rect.bottom() - 5.0));
        let response = hit_as(ui, zone, ui.scope_id().with(("hidden", blind)), words, Some(on));
        if on {
            p.rect_filled(zone, 4.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(zone, 4.0, theme.hover);
        }
        if response.clicked() {
            out.push(if narrow { Request::Run(Command::ToggleBlind) } else { Request::Hide(blind) });
        }
        let color = if on { theme.text } else { theme.text_2 };
        if on {
            Icon::Eye.paint(p, pos2(zone.left() + 17.0, y), 14.0, theme.text_2);
        }
        text(p, pos2(zone.left() + 11.0 + icon, y), Align2::LEFT_CENTER, words, font::body(), color);
        x = zone.left();
    }
    let frame = Rect::from_min_max(pos2(x, rect.top() + 5.0), pos2(edge, rect.bottom() - 5.0));
    p.rect_stroke(
        frame.expand2(vec2(0.5, 0.5)),
        4.0,
        Stroke::new(1.0, theme.line_strong),
        StrokeKind::Inside,
    );
    x
}
