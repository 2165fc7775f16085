//! Which columns go together: the pairs, most dependent first, and the one under the cursor as a histogram of two dimensions.

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};

use super::model;
use crate::analysis::nutrition::{ColumnsReport, PairPlot, measure_words};
use crate::app::views::capital;
use crate::app::widgets::paint::{
    Button, spoken, text, text_block, text_cut, text_width, thousands, two_panes,
};
use crate::app::widgets::table::{Column as Head, Table, TableState};
use crate::app::widgets::theme::{Theme, font};

/// Places of words that are drawn; the last holds all that follow.
const PLACES: usize = 20;

/// Paints the list and the pair.
pub fn ui(
    ui: &mut Ui,
    body: Rect,
    found: &ColumnsReport,
    (at, table): (&mut usize, &mut TableState),
    pinned: &mut Vec<(usize, usize)>,
) {
    let order = model::pairs(found);
    if order.is_empty() {
        let why = "A pair takes two columns with between two and fifty different values, or with numbers.";
        super::super::empty::nothing(
            ui,
            body,
            "No two columns can be shown together",
            why,
            Vec::new(),
            &mut Vec::new(),
        );
        return;
    }
    *at = (*at).min(order.len() - 1);
    let (left, right) = two_panes(ui, body, 0.38, (320.0, 560.0));
    let heads = [Head::new("Pair", 0.0), Head::new("Dependence", 110.0).right()];
    let list = Table {
        name: "Pairs of columns",
        columns: &heads,
        rows: order.len() as u64,
        selected: Some(*at as u64),
        sorted: None,
    };
    let of = |row: u64| order.get(row as usize).and_then(|&i| found.dependence.get(i));
    let words = |row: u64| of(row).map(|p| model::pair_words(found, p)).unwrap_or_default();
    let name = |row: u64| {
        let (pair, value) = words(row);
        format!("{pair}: {value}")
    };
    let events = list.show(ui, left, table, name, |ui, row, cells, _| {
        let [pair, value] = cells else { return };
        let theme = Theme::of(ui.ctx());
        let (names, number) = words(row);
        text_cut(ui.painter(), pair.left_center(), pair.width() - 6.0, &names, font::body(), theme.text);
        text(
            ui.painter(),
            value.right_center() - vec2(6.0, 0.0),
            Align2::RIGHT_CENTER,
            &number,
            font::mono(),
            theme.text,
        );
    });
    if let Some(row) = events.clicked {
        *at = row as usize;
    }
    if let Some(pair) = of(*at as u64) {
        one(ui, right.shrink2(vec2(16.0, 12.0)), found, pair, pinned);
    }
}

fn one(ui: &mut Ui, r: Rect, found: &ColumnsReport, pair: &PairPlot, pinned: &mut Vec<(usize, usize)>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let (names, value) = model::pair_words(found, pair);
    let is_pinned = pinned.contains(&(pair.x, pair.y));
    let pin = Button::new("Into the label").on(is_pinned);
    let x = r.right() - pin.width(&p);
    text_cut(&p, pos2(r.left(), r.top() + 10.0), x - r.left() - 12.0, &names, font::heading(), theme.text);
    let (response, _) = pin.show(ui, pos2(x, r.top() - 4.0), "pin");
    if response.clicked() {
        if is_pinned {
            pinned.retain(|&p| p != (pair.x, pair.y));
        } else {
            pinned.push((pair.x, pair.y));
        }
    }
    response.on_hover_text(
        "The label shows the pairs that you choose; without a choice, the three that go together most",
    );
    let d = &pair.dependence;
    let words = match &d.value {
        Ok(_) => format!("{} {value} over {} rows", capital(d.measure.name()), thousands(d.n)),
        Err(why) => format!("Undefined: {why}"),
    };
    let line = Rect::from_min_size(pos2(r.left(), r.top() + 26.0), vec2(r.width(), 20.0));
    text_cut(&p, line.left_center(), r.width(), &words, font::body(), theme.text_2);
    spoken(ui, line, &words);
    let about = measure_words(d.measure);
    text_block(&p, pos2(r.left(), r.top() + 48.0), r.width(), about, font::caption(), theme.text_3);
    plot(ui, Rect::from_min_max(pos2(r.left(), r.top() + 76.0), r.max), found, pair);
}

fn plot(ui: &Ui, r: Rect, found: &ColumnsReport, pair: &PairPlot) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let column = |c: usize| found.columns.get(c).and_then(|c| Some((c, c.axis.as_ref()?)));
    let (Some((x, x_axis)), Some((y, y_axis))) = (column(pair.x), column(pair.y)) else { return };
    let grid = pair.grid.folded(PLACES, PLACES);
    let (names, margin, below) = (120.0, 44.0, 84.0);
    let side = (r.width() - names - margin - 8.0).min(r.height() - margin - below).clamp(80.0, 860.0);
    let area = Rect::from_min_size(pos2(r.left() + names, r.top() + margin), vec2(side, side));
    let (w, h) = (side / grid.width as f32, side / grid.height as f32);
    let most = grid.counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let folded = |len: usize, places: usize, at: usize| len > places && at + 1 == places;
    let place = |axis: &crate::stats::nutrition::Axis, places: usize, at: usize| {
        if folded(axis.len(), places, at) { "(other)".to_owned() } else { model::place(axis, at) }
    };
    for row in 0..grid.height {
        for at in 0..grid.width {
            let n = grid.at(at, row);
            let min = pos2(area.left() + w * at as f32, area.bottom() - h * (row as f32 + 1.0));
            let cell = Rect::from_min_size(min, vec2((w - 1.0).max(1.0), (h - 1.0).max(1.0)));
            if n > 0 {
                let share = (n as f32 / most).sqrt();
                p.rect_filled(cell, 0.0, theme.quantity(share));
            }
            let id = ui.scope_id().with(("cell", pair.x, pair.y, at, row));
            ui.interact(cell, id, Sense::hover()).on_hover_ui(|ui| {
                ui.label(format!("{}: {}", x.name, place(x_axis, grid.width, at)));
                ui.label(format!("{}: {}", y.name, place(y_axis, grid.height, row)));
                ui.strong(format!("{} rows", thousands(n)));
            });
        }
    }
    p.rect_stroke(area, 0.0, theme.border(), egui::StrokeKind::Outside);
    let (across, up) = (grid.margin_x(), grid.margin_y());
    let high = |list: &[u64]| list.iter().copied().max().unwrap_or(0).max(1) as f32;
    for (at, &n) in across.iter().enumerate() {
        let tall = (margin - 8.0) * n as f32 / high(&across);
        let min = pos2(area.left() + w * at as f32, area.top() - 4.0 - tall);
        p.rect_filled(Rect::from_min_size(min, vec2((w - 1.0).max(1.0), tall)), 0.0, theme.text_3);
    }
    for (at, &n) in up.iter().enumerate() {
        let long = (margin - 8.0) * n as f32 / high(&up);
        let min = pos2(area.right() + 4.0, area.bottom() - h * (at as f32 + 1.0));
        p.rect_filled(Rect::from_min_size(min, vec2(long, (h - 1.0).max(1.0))), 0.0, theme.text_3);
    }
    let numbers = |axis: &crate::stats::nutrition::Axis| {
        Some([
            crate::report::figure(axis.bounds(0)?.0),
            crate::report::figure(axis.bounds(axis.len() - 1)?.1),
        ])
    };
    if let Some([from, to]) = numbers(y_axis) {
        for (words, y) in [(from, area.bottom() - 6.0), (to, area.top() + 6.0)] {
            text(
                p,
                pos2(area.left() - 6.0, y),
                Align2::RIGHT_CENTER,
                &words,
                font::mono_small(),
                theme.text_2,
            );
        }
    } else if h >= 11.0 {
        for at in 0..grid.height {
            let words = place(y_axis, grid.height, at);
            let y = area.bottom() - h * (at as f32 + 0.5);
            let width = text_width(p, &words, font::caption()).min(names - 8.0);
            text_cut(
                p,
                pos2(area.left() - 6.0 - width, y),
                width + 1.0,
                &words,
                font::caption(),
                theme.text_2,
            );
        }
    }
    if let Some([from, to]) = numbers(x_axis) {
        text(
            p,
            pos2(area.left(), area.bottom() + 10.0),
            Align2::LEFT_CENTER,
            &from,
            font::mono_small(),
            theme.text_2,
        );
        text(
            p,
            pos2(area.right(), area.bottom() + 10.0),
            Align2::RIGHT_CENTER,
            &to,
            font::mono_small(),
            theme.text_2,
        );
    } else {
        // Words on a slant would leave the pane; every place is told on hover, and those that fit are written.
        for at in 0..grid.width {
            let words = place(x_axis, grid.width, at);
            let left = area.left() + w * at as f32;
            if w >= 34.0 {
                text_cut(
                    p,
                    pos2(left + 2.0, area.bottom() + 10.0),
                    w - 6.0,
                    &words,
                    font::caption(),
                    theme.text_2,
                );
            }
        }
    }
    let caption = format!("across: {}, up: {}; the bars are the margins", x.name, y.name);
    text_cut(
        p,
        pos2(r.left() + names, area.bottom() + 30.0),
        r.width() - names,
        &caption,
        font::caption(),
        theme.text_3,
    );
    spoken(
        ui,
        area,
        &format!("{} against {}: {} rows in {} by {} cells", x.name, y.name, grid.n, grid.width, grid.height),
    );
}
