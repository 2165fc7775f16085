//! What stands in each column: a table, and the column under the cursor with its bars.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};

use super::model;
use crate::analysis::nutrition::{Column, ColumnsReport};
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{bar_bare, spoken, text, text_cut, thousands, two_panes};
use crate::app::widgets::table::{Column as Head, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::report::percent;

/// Paints the table and the column.
pub fn ui(ui: &mut Ui, body: Rect, found: &ColumnsReport, (at, table): (&mut usize, &mut TableState)) {
    *at = (*at).min(found.columns.len().saturating_sub(1));
    let (left, right) = two_panes(ui, body, 0.64, (420.0, 1200.0));
    let heads = [
        Head::new("Column", 150.0),
        Head::new("Role", 80.0),
        Head::new("Kind", 90.0).hint("Nominal and ordinal are names, discrete and continuous numbers"),
        Head::new("Missing", 84.0).right(),
        Head::new("What stands in it", 0.0),
    ];
    let columns = &found.columns;
    let list = Table {
        name: "Columns",
        columns: &heads,
        rows: columns.len() as u64,
        selected: Some(*at as u64),
        sorted: None,
    };
    let of = |row: u64| columns.get(row as usize);
    let name = |row: u64| of(row).map_or(String::new(), |c| format!("{}: {}", c.name, model::summary(c)));
    let events = list.show(ui, left, table, name, |ui, row, cells, _| {
        let (Some(c), [name, role, kind, missing, what]) = (of(row), cells) else { return };
        let theme = Theme::of(ui.ctx());
        let p = ui.painter();
        let cell = |r: &Rect, words: &str, font, color| {
            text_cut(p, r.left_center(), r.width() - 6.0, words, font, color)
        };
        cell(name, &c.name, font::mono(), theme.text);
        let words = c.role.as_ref().map(ToString::to_string).unwrap_or_default();
        cell(role, &words, font::body(), theme.text_2);
        cell(kind, c.kind.name(), font::body(), theme.text_2);
        let share = percent(c.stats.missing_share());
        text(
            p,
            missing.right_center() - vec2(6.0, 0.0),
            Align2::RIGHT_CENTER,
            &share,
            font::mono(),
            theme.text_2,
        );
        cell(what, &model::summary(c), font::body(), theme.text);
    });
    if let Some(row) = events.clicked {
        *at = row as usize;
    }
    if let Some(column) = columns.get(*at) {
        one(ui, right.shrink2(vec2(16.0, 12.0)), column);
    }
}

fn one(ui: &mut Ui, r: Rect, column: &Column) {
    let theme = Theme::of(ui.ctx());
    text_cut(
        ui.painter(),
        pos2(r.left(), r.top() + 10.0),
        r.width(),
        &column.name,
        font::heading(),
        theme.text,
    );
    let mut y = r.top() + 30.0;
    for (what, value) in model::facts(column) {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let hint = if value.chars().count() > 40 { value.as_str() } else { "" };
        let cut: String = value.chars().take(40).collect();
        let value = if hint.is_empty() { value.clone() } else { format!("{cut}…") };
        Fact { what, value: &value, opens: false, selected: false, hint }.show(ui, line, what);
        y += FACT;
    }
    y += 12.0;
    let Some(axis) = &column.axis else { return };
    if !axis.is_numeric() && !axis.is_complete() {
        let words = "More different values than bars have room for";
        text(
            ui.painter(),
            pos2(r.left(), y + 8.0),
            Align2::LEFT_CENTER,
            words,
            font::caption(),
            theme.text_3,
        );
        return;
    }
    let most = column.bars.iter().copied().max().unwrap_or(0).max(1) as f32;
    let room = Rect::from_min_max(pos2(r.left(), y), r.max);
    if axis.is_numeric() {
        histogram(ui, room, column, most);
        return;
    }
    let rows = (((room.height()) / 20.0).max(1.0) as usize).min(column.bars.len());
    for (place, &n) in column.bars.iter().enumerate().take(rows) {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 20.0));
        let p = ui.painter();
        let words = model::place(axis, place);
        let cut = text_cut(p, line.left_center(), r.width() * 0.4 - 8.0, &words, font::body(), theme.text);
        let bar =
            Rect::from_min_size(line.min + vec2(r.width() * 0.4, 4.0), vec2(r.width() * 0.6 - 64.0, 12.0));
        bar_bare(p, bar, n as f32 / most, theme.mark);
        text(p, line.right_center(), Align2::RIGHT_CENTER, &thousands(n), font::mono_small(), theme.text_2);
        if cut {
            ui.interact(line, ui.scope_id().with(("bar", place)), Sense::hover()).on_hover_text(&words);
        }
        spoken(ui, line, &format!("{words}: {n} rows"));
        y += 20.0;
    }
}

fn histogram(ui: &Ui, r: Rect, column: &Column, most: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(axis) = &column.axis else { return };
    let plot = Rect::from_min_size(r.min, vec2(r.width(), (r.height() - 20.0).clamp(20.0, 180.0)));
    let step = plot.width() / column.bars.len().max(1) as f32;
    for (place, &n) in column.bars.iter().enumerate() {
        let tall = (plot.height() * n as f32 / most).max(if n > 0 { 1.0 } else { 0.0 });
        let left = plot.left() + step * place as f32;
        let bar = Rect::from_min_max(
            pos2(left, plot.bottom() - tall),
            pos2(left + (step - 1.0).max(1.0), plot.bottom()),
        );
        p.rect_filled(bar, 0.0, theme.mark);
        let zone = Rect::from_min_max(pos2(left, plot.top()), pos2(left + step, plot.bottom()));
        let words = format!("{}: {} rows", model::place(axis, place), thousands(n));
        ui.interact(zone, ui.scope_id().with(("bin", place)), Sense::hover()).on_hover_text(words);
    }
    p.hline(plot.x_range(), plot.bottom(), theme.border());
    let ends = [axis.bounds(0).map(|b| b.0), axis.bounds(axis.len() - 1).map(|b| b.1)];
    for (end, (x, align)) in
        ends.into_iter().zip([(plot.left(), Align2::LEFT_CENTER), (plot.right(), Align2::RIGHT_CENTER)])
    {
        let words = end.map(crate::report::figure).unwrap_or_default();
        text(p, pos2(x, plot.bottom() + 10.0), align, &words, font::mono_small(), theme.text_3);
    }
    spoken(ui, plot, &format!("Histogram of {}, {} bins", column.name, column.bars.len()));
}
