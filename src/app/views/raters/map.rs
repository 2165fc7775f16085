//! The map of pairs: a pattern at a glance, a click opens the items of a pair.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{RatersState, Shows, model};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::heatmap::{Grid, heat_map};
use crate::app::widgets::paint::{self, count, heading, hit, number, text, text_cut, text_width};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn map_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut RatersState,
    out: &mut Vec<Request>,
) {
    let Some(derived) = &doc.derived else { return };
    let theme = Theme::of(ui.ctx());
    let m = &derived.raters;
    let r = rect.shrink2(vec2(16.0, 12.0));
    let caption = match state.shows {
        Shows::Kappa => "Cohen κ, shrunk; alike together",
        Shows::Percent => "share of shared items with the same label",
        Shows::Items => "number of shared items",
    };
    let room = Rect::from_min_max(rect.min, pos2(r.right() - 108.0, rect.bottom()));
    let cut = ui.painter_at(room.intersect(ui.clip_rect()));
    heading(&cut, theme, pos2(r.left(), r.top() + 12.0), "Rater × rater", caption);
    let mut x = r.right() - 102.0;
    for (shows, words) in [(Shows::Kappa, "κ"), (Shows::Percent, "%"), (Shows::Items, "n")] {
        let button = Rect::from_min_size(pos2(x, r.top()), vec2(34.0, 24.0));
        let name = format!("Map shows {words}");
        let response =
            paint::hit_as(ui, button, ui.scope_id().with(words), &name, Some(state.shows == shows));
        let fill = if state.shows == shows { theme.selected } else { theme.panel };
        ui.painter().rect(button, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        text(ui.painter(), button.center(), Align2::CENTER_CENTER, words, font::body(), theme.text);
        if response.clicked() {
            state.shows = shows;
        }
        x += 34.0;
    }
    let n = m.order.len();
    let names = n <= 60;
    let left = if names { 46.0 } else { 8.0 };
    let gaps = 6.0 * m.groups.len().saturating_sub(1) as f32;
    let head = if m.grouped_by.is_some() { 22.0 } else { 6.0 };
    let area =
        Rect::from_min_max(pos2(r.left() + left, r.top() + 34.0 + head), pos2(r.right(), r.bottom() - 52.0));
    let size = ((area.width().min(area.height()) - gaps) / n.max(1) as f32).min(24.0);
    let gap_before = |place: usize| 6.0 * m.groups.iter().filter(|g| g.1 > 0 && g.1 <= place).count() as f32;
    let grid = Grid { origin: area.min, size, n, gap_before: &gap_before };
    let most = m.cells.values().map(|c| c.n).max().unwrap_or(1).max(1) as f32;
    let color = |row: usize, column: usize| {
        let cell = m.cell(m.order[row], m.order[column])?;
        if cell.n < 3 && state.shows != Shows::Items {
            return None;
        }
        match state.shows {
            Shows::Kappa => cell.shrunk.map(|k| theme.agreement(((k - m.median) / m.spread) as f32)),
            Shows::Percent => Some(theme.agreement((cell.percent * 2.0 - 1.0) as f32)),
            Shows::Items => Some(theme.quantity(cell.n as f32 / most)),
        }
    };
    let place_of = |rater: Option<u32>| rater.and_then(|r| m.order.iter().position(|&o| o == r));
    let selected = place_of(doc.rater);
    let response = heat_map(ui, "Rater by rater agreement", &grid, color, selected);
    if let Some((row, column)) = response.hovered {
        let (a, b) = (m.order[row], m.order[column]);
        let words = pair_words(doc, m, a, b);
        response.response.clone().on_hover_text_at_pointer(words);
    }
    if let Some((row, column)) = response.clicked {
        let (a, b) = (m.order[row], m.order[column]);
        if a == b {
            out.push(Request::SelectRater(a));
        } else {
            out.push(Request::Pair(a, b));
        }
    }
    let p = ui.painter();
    for (name, start, number_of) in &m.groups {
        if m.grouped_by.is_none() {
            break;
        }
        let from = grid.edge(*start);
        let to = grid.edge(start + number_of - 1) + size;
        let y = area.top() - 6.0;
        p.hline(area.left() + from..=area.left() + to - 1.0, y, Stroke::new(1.0, theme.line_strong));
        let width = (to - from).max(30.0);
        let words = if name.is_empty() { "unknown" } else { name };
        let w = paint::text_width(p, words, font::caption()).min(width);
        text_cut(
            p,
            pos2(area.left() + (from + to - w) / 2.0, y - 10.0),
            width,
            words,
            font::caption(),
            theme.text_2,
        );
    }
    if names && size >= 9.0 {
        for (place, &rater) in m.order.iter().enumerate() {
            let y = area.top() + grid.edge(place) + size / 2.0;
            let line =
                Rect::from_min_max(pos2(r.left(), y - size / 2.0), pos2(area.left() - 4.0, y + size / 2.0));
            let response = hit(ui, line, ui.scope_id().with(("name", rater)), doc.rater_name(rater));
            let color =
                if doc.rater == Some(rater) || response.hovered() { theme.text } else { theme.text_3 };
            let mut name_font = font::mono_small();
            name_font.size = 10.5_f32.min(size.max(9.0));
            text_cut(
                ui.painter(),
                pos2(line.left(), y),
                line.width(),
                doc.rater_name(rater),
                name_font,
                color,
            );
            if response.clicked() {
                out.push(Request::SelectRater(rater));
            }
        }
    }
    legend_ui(
        ui,
        pos2(area.left(), (area.top() + grid.edge(n.saturating_sub(1)) + size + 16.0).min(r.bottom() - 44.0)),
        rect.right(),
        m,
        state.shows,
        most,
    );
}

pub(super) fn pair_words(doc: &Document, m: &model::Raters, a: u32, b: u32) -> String {
    if a == b {
        return doc.rater_name(a).to_owned();
    }
    let names = format!("{} and {}", doc.rater_name(a), doc.rater_name(b));
    match m.cell(a, b) {
        None => format!("{names}: no item in common"),
        Some(c) => {
            let kappa = c.kappa.map_or_else(|| "— (one label only)".to_owned(), |k| number(k, 2));
            format!(
                "{names}: κ {kappa}, {} % agree, {}. Click to see them",
                number(100.0 * c.percent, 0),
                count(c.n as usize, "shared item", "shared items")
            )
        }
    }
}

fn legend_ui(ui: &Ui, at: egui::Pos2, right: f32, m: &model::Raters, shows: Shows, most: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let width = 174.0;
    for i in 0..58 {
        let t = i as f32 / 57.0;
        let color = if shows == Shows::Items { theme.quantity(t) } else { theme.agreement(t * 2.0 - 1.0) };
        p.rect_filled(Rect::from_min_size(at + vec2(3.0 * i as f32, 0.0), vec2(3.0, 9.0)), 0.0, color);
    }
    let (low, middle, high) = match shows {
        Shows::Kappa => (
            format!("≤ {}", number(m.median - m.spread, 2)),
            format!("median {}", number(m.median, 2)),
            format!("≥ {}", number(m.median + m.spread, 2)),
        ),
        Shows::Percent => ("0 %".to_owned(), "50 %".to_owned(), "100 %".to_owned()),
        Shows::Items => ("0".to_owned(), String::new(), format!("{most}")),
    };
    let y = at.y + 19.0;
    text(p, pos2(at.x, y), Align2::LEFT_CENTER, &low, font::mono_small(), theme.text_3);
    text(p, pos2(at.x + width / 2.0, y), Align2::CENTER_CENTER, &middle, font::mono_small(), theme.text_3);
    text(p, pos2(at.x + width, y), Align2::RIGHT_CENTER, &high, font::mono_small(), theme.text_3);
    if shows != Shows::Items {
        let words = "fewer than 3 items in common";
        let room = 40.0 + text_width(p, words, font::caption());
        let beside = at.x + width + room < ui.clip_rect().right().min(right);
        let at = if beside { at + vec2(width + 24.0, 0.0) } else { at + vec2(0.0, 32.0) };
        p.line_segment([at + vec2(0.0, 9.0), at + vec2(8.0, 0.0)], Stroke::new(1.0, theme.text_3));
        text(p, at + vec2(16.0, 5.0), Align2::LEFT_CENTER, words, font::caption(), theme.text_3);
    }
}
