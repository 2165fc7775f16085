//! The items of a list, one column a reviewer.

use egui::{Align2, Painter, Rect, Ui, pos2};

use super::ConflictsState;
use super::model::{self, List, Seat};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{label_chip, text, text_cut, text_width};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::review::reviewers::{Reviewers, Side};

/// Least width of a reviewer's column.
const NARROW: f32 = 116.0;

pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ConflictsState,
    reviewers: &Reviewers,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let deciders = model::deciders(reviewers);
    let n = deciders.len().max(1);
    let key_width = doc.key_width() + 12.0;
    let settles = state.list == List::Adjudicated;
    // A text needs room to be told from another; what does not fit is in the cards below.
    let room = rect.width() - key_width - 150.0;
    let fit = ((room / NARROW) as usize).saturating_sub(usize::from(settles)).clamp(1, n);
    let width = (room / (fit + usize::from(settles)) as f32).clamp(NARROW, 170.0);
    let letters = ((width - 10.0) / 6.8).max(3.0) as usize;
    let shown = deciders.iter().take(fit).enumerate();
    let mut names: Vec<String> = shown
        .map(|(place, &reviewer)| model::name_at(reviewers, place, reviewer, !state.names_shown))
        .map(|name| elide(&name, letters).into_owned())
        .collect();
    if let (true, Some(last)) = (fit < n, names.last_mut()) {
        *last = format!("{} + {} more", elide(last, letters.saturating_sub(9).max(3)), n - fit);
    }
    let mut columns = vec![Column::new("Item", key_width), Column::new("Text", 0.0)];
    columns.extend(names.iter().map(|name| Column::new(name, width)));
    if settles {
        columns.push(Column::new("Adjudicated", width));
    }
    if std::mem::take(&mut state.reveal) {
        state.table.measure(ui, rect.height());
        state.table.reveal(state.row as u64);
    }
    let table = Table {
        name: "Conflicts",
        columns: &columns,
        rows: state.rows.len() as u64,
        selected: Some(state.row as u64),
        sorted: None,
    };
    let (rows, hidden) = (&state.rows, !state.names_shown);
    let case_of = |row: u64| &reviewers.cases[rows[row as usize]];
    let events = table.show(
        ui,
        rect,
        &mut state.table,
        |row| model::spoken(reviewers, case_of(row), hidden),
        |ui, row, cells, _| {
            let case = case_of(row);
            let p = ui.painter();
            let y = cells[0].center().y;
            text_cut(p, pos2(cells[0].left(), y), cells[0].width(), &case.key, font::mono(), theme.text);
            let words = case.item.and_then(|i| Some(doc.dataset.texts.as_ref()?.get(i as usize)));
            let words: String =
                words.unwrap_or("").chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect();
            text_cut(p, pos2(cells[1].left(), y), cells[1].width(), &words, font::body(), theme.text_2);
            for (seat, cell) in model::seats(reviewers, case, hidden).iter().zip(&cells[2..2 + fit]) {
                seat_ui(p, theme, *cell, doc, seat);
            }
            if let (true, Some(cell)) = (settles, cells.last()) {
                let (side, is_stale) = match (case.settled.first(), case.stale.first()) {
                    (Some(side), _) => (side, false),
                    (None, Some(side)) => (side, true),
                    _ => return,
                };
                let mut cell = *cell;
                if is_stale {
                    Icon::Warning.paint(p, pos2(cell.left() + 6.0, y), 12.0, theme.warn);
                    cell.min.x += 17.0;
                    let at = text_width(p, "stale ", font::caption());
                    text(
                        p,
                        pos2(cell.left(), y),
                        Align2::LEFT_CENTER,
                        "stale",
                        font::caption(),
                        theme.text_2,
                    );
                    cell.min.x += at + 3.0;
                }
                said_ui(p, theme, cell, doc, side);
            }
        },
    );
    if let Some(row) = events.clicked.or(events.opened) {
        let case = case_of(row);
        let item = case.item;
        state.row = row as usize;
        state.cursor = Some(model::name_of(case));
        if let Some(item) = item {
            out.push(Request::Select(item));
            if events.opened.is_some() {
                out.push(Request::ReviewItem(item));
            }
        }
    }
}

fn seat_ui(p: &Painter, theme: &Theme, cell: Rect, doc: &Document, seat: &Seat<'_>) {
    match seat.side {
        Some(side) => said_ui(p, theme, cell, doc, side),
        None => {
            text(p, cell.left_center(), Align2::LEFT_CENTER, "·", font::body(), theme.text_3);
        }
    }
}

/// What was decided, then how sure as one to three dots, then a sign of the reason and of a note.
fn said_ui(p: &Painter, theme: &Theme, cell: Rect, doc: &Document, side: &Side) {
    let y = cell.center().y;
    let icon = reason_icon(side.reason.as_deref());
    let signs =
        18.0 * f32::from(u8::from(icon.is_some())) + 18.0 * f32::from(u8::from(!side.note.is_empty()));
    let dots = if side.confidence.is_some() { 26.0 } else { 0.0 };
    let room = (cell.width() - signs - dots).max(30.0);
    let mut x = match model::label_of(&doc.dataset, side) {
        Some(label) => label_chip(p, theme, pos2(cell.left(), y), room, label, &side.words, theme.text),
        None => {
            text_cut(p, pos2(cell.left(), y), room, &side.words, font::body(), theme.text_2);
            cell.left() + text_width(p, &side.words, font::body()).min(room)
        }
    } + 8.0;
    if let Some(confidence) = side.confidence {
        dots_ui(p, theme, pos2(x, y), confidence);
        x += 26.0;
    }
    if let Some(icon) = icon {
        icon.paint(p, pos2(x + 5.0, y), 11.0, theme.text_2);
        x += 18.0;
    }
    if !side.note.is_empty() {
        Icon::Log.paint(p, pos2(x + 5.0, y), 11.0, theme.text_3);
    }
}

/// How sure: one to three of three dots.
pub(super) fn dots_ui(p: &Painter, theme: &Theme, at: egui::Pos2, confidence: u8) {
    for k in 0..3 {
        let centre = at + egui::vec2(3.0 + 7.0 * f32::from(k), 0.0);
        if k < confidence {
            p.circle_filled(centre, 2.5, theme.text_2);
        } else {
            p.circle_stroke(centre, 2.0, egui::Stroke::new(1.0, theme.line_strong));
        }
    }
}

/// The shape of a reason.
pub(super) fn reason_icon(reason: Option<&str>) -> Option<Icon> {
    match reason? {
        "annotator_error" => Some(Icon::Cross),
        "ambiguous" => Some(Icon::Half),
        "guideline_gap" => Some(Icon::Fork),
        _ => Some(Icon::Question),
    }
}
