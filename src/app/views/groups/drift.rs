//! Labels batch by batch: shares, how far from the first, where they change.

use egui::{Align2, Rangef, Rect, Stroke, Ui, pos2, vec2};

use crate::analysis::drift::DriftReport;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    Button, heading, hit_as, label_chip, link, number, text, text_cut, text_width, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::drift::ChangePoint;

const COLUMNS: [Column<'static>; 6] = [
    Column::new("batch", 0.0),
    Column::new("labels", 70.0).right(),
    Column::new("from the first", 96.0)
        .right()
        .hint("Total variation distance of the shares of labels from those of the first batch"),
    Column::new("p", 58.0)
        .right()
        .hint("By permuting items between the two batches; adjusted over all batches"),
    Column::new("shared", 62.0).right().hint("The same over the items that both batches have"),
    Column::new("p", 58.0).right(),
];

fn p_words(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.001 => "p below .001".to_owned(),
        Some(p) => format!("p {}", number(p, 3)),
        None => "not tested".to_owned(),
    }
}

/// What was found, in a sentence.
pub(super) fn finding(report: &DriftReport) -> String {
    let told = |c: &ChangePoint| {
        let name = &report.names[c.batch as usize];
        let p = p_words(c.p_value);
        if c.p_value.is_some_and(|p| p < 0.05) {
            format!("Labels change at {name}: {} from what was before ({p})", number(c.tvd, 2))
        } else {
            format!("No change of labels by {} that is more than chance ({p} at {name})", report.by)
        }
    };
    match &report.found.change {
        Ok(change) => told(change),
        Err(reason) => super::super::capital(&reason.to_string()),
    }
}

/// The items of a batch.
pub(super) fn behind(report: &DriftReport, row: usize) -> Option<Request> {
    let batch = report.found.batches.get(row)?;
    let words = format!("{} is {}", report.by, report.names[batch.batch as usize]);
    Some(Request::Filter(vec![Condition::among(words, report.items[row].clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    (row, place, reveal): (&mut usize, &mut TableState, bool),
    report: &DriftReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.52, (420.0, 1400.0));
    *row = (*row).min(report.found.batches.len().saturating_sub(1));
    if reveal {
        place.reveal(*row as u64);
    }
    shares_ui(ui, left.shrink2(vec2(16.0, 12.0)), doc, row, report);
    list_ui(ui, right, row, place, report, out);
}

/// One column a batch: the shares of its labels.
fn shares_ui(ui: &Ui, r: Rect, doc: &Document, row: &mut usize, report: &DriftReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let what = if report.by_votes { "votes" } else { "given labels" };
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Labels by batch", &format!("shares of {what}"));
    let labels = &report.found.labels;
    let side = 130.0_f32.min(r.width() * 0.3);
    let area =
        Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 30.0), pos2(r.right() - side, r.bottom() - 36.0));
    for v in [0.0, 0.5, 1.0] {
        let y = area.bottom() - area.height() * v;
        let at = pos2(area.left() - 6.0, y);
        text(p, at, Align2::RIGHT_CENTER, &number(100.0 * f64::from(v), 0), font::mono_small(), theme.text_3);
    }
    let n = report.found.batches.len().max(1);
    let step = area.width() / n as f32;
    let change = report.found.change.as_ref().ok();
    for (i, batch) in report.found.batches.iter().enumerate() {
        let left = area.left() + step * i as f32;
        let gap = if step > 8.0 { 2.0 } else { 0.0 };
        let column = Rect::from_min_max(pos2(left + gap, area.top()), pos2(left + step - gap, area.bottom()));
        let mut y = column.bottom();
        for (share, &label) in batch.shares.iter().zip(labels) {
            let height = column.height() * *share as f32;
            let part = Rect::from_min_max(pos2(column.left(), y - height), pos2(column.right(), y));
            p.rect_filled(part, 0.0, theme.label(label));
            y -= height;
        }
        let name = &report.names[batch.batch as usize];
        let on = *row == i;
        if on {
            p.rect_stroke(column.expand(1.0), 1.0, Stroke::new(2.0, theme.accent), egui::StrokeKind::Outside);
        }
        let width = text_width(p, name, font::caption()).min(step - 2.0);
        if step > 22.0 {
            let at = pos2(column.center().x - width / 2.0, area.bottom() + 11.0);
            text_cut(p, at, step - 2.0, name, font::caption(), theme.text_2);
        }
        let shares: Vec<String> = batch
            .shares
            .iter()
            .zip(labels)
            .map(|(s, &l)| format!("{} {} %", doc.label(l), number(100.0 * s, 1)))
            .collect();
        let words = format!("{name}: {} labels; {}", thousands(batch.n_votes), shares.join(", "));
        let response = hit_as(ui, column, ui.scope_id().with(("batch", i)), &words, Some(on));
        if response.clicked() {
            *row = i;
        }
        response.on_hover_text(words);
        if change.is_some_and(|c| c.batch == batch.batch) {
            p.vline(left, Rangef::new(area.top() - 8.0, area.bottom()), Stroke::new(2.0, theme.text));
            text(
                p,
                pos2(left + 5.0, area.top() - 8.0),
                Align2::LEFT_CENTER,
                "change",
                font::caption(),
                theme.text,
            );
        }
    }
    let x = area.right() + 18.0;
    for (i, &label) in labels.iter().take(14).enumerate() {
        let y = area.bottom() - 10.0 - 22.0 * i as f32;
        if y > area.top() {
            label_chip(p, theme, pos2(x, y), side - 20.0, label, doc.label(label), theme.text_2);
        }
    }
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    row: &mut usize,
    place: &mut TableState,
    report: &DriftReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let batches = &report.found.batches;
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - 104.0));
    let table = Table {
        name: "Batches",
        columns: &COLUMNS,
        rows: batches.len() as u64,
        selected: Some(*row as u64),
        sorted: None,
    };
    let digits = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 3));
    let name_of = |at: u64| {
        let b = &batches[at as usize];
        format!("{}: {}", report.names[b.batch as usize], digits(b.all.map(|d| d.tvd)))
    };
    let events = table.show(ui, area, place, name_of, |ui, at, cells, _| {
        let b = &batches[at as usize];
        let p = ui.painter();
        let name = &report.names[b.batch as usize];
        text_cut(p, cells[0].left_center(), cells[0].width(), name, font::body(), theme.text);
        let told = [
            thousands(b.n_votes),
            digits(b.all.map(|d| d.tvd)),
            digits(b.all.and_then(|d| d.adjusted)),
            digits(b.shared.map(|d| d.tvd)),
            digits(b.shared.and_then(|d| d.adjusted)),
        ];
        for (i, words) in told.iter().enumerate() {
            let ink = if i == 0 || i % 2 == 0 { theme.text_2 } else { theme.text };
            text(p, cells[i + 1].right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
        }
    });
    if let Some(at) = events.clicked.or(events.opened) {
        *row = at as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(report, *row));
    }
    let p = ui.painter();
    p.hline(r.x_range(), area.bottom(), theme.border());
    let left = r.left() + 16.0;
    let y = area.bottom() + 18.0;
    let time = match &report.found.time {
        Ok(t) => format!(
            "The last batch is {} from the first; as far already at {}",
            number(t.final_tvd, 2),
            report.names[t.batch as usize]
        ),
        Err(Undefined::Because(reason)) => super::super::capital(reason),
        Err(reason) => reason.to_string(),
    };
    text_cut(p, pos2(left, y), r.width() - 32.0, &time, font::body(), theme.text);
    let note = if report.found.same_items {
        format!("Every item is in every batch · {} permutations", report.permutations)
    } else {
        format!(
            "Batches have different items: their labels may differ because the items do · {} permutations",
            report.permutations
        )
    };
    text_cut(p, pos2(left, y + 20.0), r.width() - 32.0, &note, font::caption(), theme.text_3);
    let n = report.items.get(*row).map_or(0, |i| i.len());
    let words = format!("Open {} items", thousands(n as u64));
    let (response, right) = Button::new(&words).key("Enter").show(ui, pos2(left, y + 38.0), "open batch");
    if response.clicked() {
        out.extend(behind(report, *row));
    }
    if link(ui, pos2(right + 14.0, y + 52.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("label_drift"));
    }
}
