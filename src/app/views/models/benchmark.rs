//! Models on labels as they were and as they are: accuracies as the prevalence of errors grows, and where two of them change places.

use std::sync::Arc;

use egui::{Align2, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{ModelsState, SEED};
use crate::analysis::benchmark::{BenchmarkAsked, BenchmarkReport};
use crate::app::document::Document;
use crate::app::panels::{OfGiven, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    Button, count, heading, hit_as, link, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::destabilised::{FEW, Swap};

const ROW: f32 = 28.0;
/// Columns of numbers at the right of a model's name: width, head, what it is.
const COLUMNS: [(&str, &str); 5] = [
    ("as it was", "Accuracy on all items by the original labels"),
    ("now", "Accuracy on all items by the labels as they are now"),
    ("upheld", "Accuracy on labels that were upheld"),
    ("B, original", "Accuracy on corrected items, by their original labels"),
    ("B, corrected", "Accuracy on corrected items, by their corrected labels"),
];
const CELL: f32 = 92.0;

/// What is to be computed: nothing before the first decision.
pub(super) fn wanted(doc: &Document) -> Vec<Wanted> {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return Vec::new() };
    let asked = BenchmarkAsked { edits: Arc::clone(&derived.edits), seed: SEED };
    vec![Wanted::Benchmark(OfGiven { asked, analysis: Arc::clone(analysis) })]
}

/// What came of it.
pub(super) fn report(doc: &Document) -> Option<Arc<BenchmarkReport>> {
    doc.panels.benchmark()?.as_ref().as_ref().ok().cloned()
}

fn name(report: &BenchmarkReport, model: usize) -> &str {
    report.models.get(model).map_or("", String::as_str)
}

fn percent(v: Option<f64>) -> String {
    v.map_or_else(|| "—".to_owned(), |v| format!("{} %", number(100.0 * v, 1)))
}

/// What was found, in a sentence.
pub(super) fn finding(report: &BenchmarkReport) -> String {
    match report.found.swaps.iter().find_map(|s| s.at.map(|at| (s, at))) {
        Some((s, at)) => format!(
            "{} is better than {} if more than {} % of labels are wrong",
            name(report, s.models.1),
            name(report, s.models.0),
            number(100.0 * at, 1)
        ),
        None => format!(
            "No two of {} change places, by {} and {}",
            count(report.models.len(), "model", "models"),
            count(report.found.n.0, "upheld label", "upheld labels"),
            count(report.found.n.1, "corrected one", "corrected ones")
        ),
    }
}

/// The corrected items.
pub(super) fn behind(doc: &Document) -> Option<Request> {
    let report = report(doc)?;
    let items = report.corrected.clone();
    Some(Request::Filter(vec![Condition::among("the label was corrected".to_owned(), items)]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    state: &mut ModelsState,
    report: &BenchmarkReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.62, (560.0, 1200.0));
    let left = left.shrink2(vec2(16.0, 12.0));
    let y = table_ui(ui, left, report);
    swaps_ui(ui, Rect::from_min_max(pos2(left.left(), y + 18.0), left.max), state, report, out);
    plot_ui(ui, right.shrink2(vec2(16.0, 14.0)), state, report);
}

fn table_ui(ui: &Ui, r: Rect, report: &BenchmarkReport) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    heading(p, theme, pos2(r.left(), y), "Accuracy", "original against corrected labels");
    y += 26.0;
    let right =
        |column: usize| r.left().max(r.right() - 620.0).max(r.left() + 150.0) + CELL * (column + 1) as f32;
    for (column, (head, hint)) in COLUMNS.iter().enumerate() {
        let at = text(p, pos2(right(column), y), Align2::RIGHT_CENTER, head, font::caption(), theme.text_3);
        ui.interact(at, ui.scope_id().with(("column", column)), egui::Sense::hover()).on_hover_text(*hint);
    }
    y += 24.0;
    for (model, own) in report.found.models.iter().enumerate().take(12) {
        let room = right(0) - CELL - r.left();
        text_cut(p, pos2(r.left(), y), room, name(report, model), font::mono(), theme.text);
        let (was, now) = report.overall.get(model).copied().unwrap_or_default();
        let cells = [was, now, own.upheld, own.original, own.corrected].map(percent);
        for (column, words) in cells.iter().enumerate() {
            text(p, pos2(right(column), y), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        }
        let line = Rect::from_min_max(pos2(r.left(), y - ROW / 2.0), pos2(right(4), y + ROW / 2.0));
        let words = format!("{}: {} as it was, {} now", name(report, model), cells[0], cells[1]);
        spoken(ui, line, &words);
        y += ROW;
    }
    let (upheld, corrected) = report.found.n;
    let mut words = format!(
        "{}, {}, {} that count for neither.",
        count(upheld, "label upheld", "labels upheld"),
        count(corrected, "corrected", "corrected"),
        count(report.n_dropped, "item", "items")
    );
    if corrected < FEW {
        words.push_str(&format!(" With fewer than {FEW} corrected items N* is hardly known."));
    }
    let block = text_block(p, pos2(r.left(), y), r.width(), &words, font::caption(), theme.text_2);
    spoken(ui, block, &words);
    block.bottom()
}

fn swap_words(report: &BenchmarkReport, s: &Swap) -> String {
    let at = percent(s.at);
    let ci =
        s.ci.map_or_else(String::new, |(a, b)| format!(" ({} to {})", percent(Some(a)), percent(Some(b))));
    format!("{} and {}: N* {at}{ci}", name(report, s.models.0), name(report, s.models.1))
}

fn swaps_ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &BenchmarkReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    heading(
        p,
        theme,
        pos2(r.left(), y),
        "Changes of place",
        "prevalence of errors from which the second is better",
    );
    y += 18.0;
    if report.found.swaps.is_empty() {
        let words = "None: the models are ordered alike on upheld and on corrected labels";
        text(p, pos2(r.left(), y + 8.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
        y += ROW;
    }
    state.category = state.category.min(report.found.swaps.len().saturating_sub(1));
    for (at, swap) in report.found.swaps.iter().enumerate().take(20) {
        let line = Rect::from_min_size(pos2(r.left() - 6.0, y), vec2(r.width() + 12.0, ROW));
        if line.bottom() > r.bottom() - 60.0 {
            break;
        }
        let words = swap_words(report, swap);
        let on = at == state.category;
        let response = hit_as(ui, line, ui.scope_id().with(("swap", at)), &words, Some(on));
        if on {
            p.rect_filled(line, 2.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            state.category = at;
        }
        text_cut(p, pos2(r.left(), line.center().y), r.width() - 130.0, &words, font::body(), theme.text);
        let share = format!("{} % of draws", number(100.0 * swap.share, 0));
        text(
            p,
            pos2(r.right(), line.center().y),
            Align2::RIGHT_CENTER,
            &share,
            font::caption(),
            theme.text_3,
        );
        y += ROW;
    }
    y += 14.0;
    let button = format!("Open {}", count(report.corrected.len(), "corrected item", "corrected items"));
    let (response, right) = Button::new(&button).key("Enter").show(ui, pos2(r.left(), y), "open corrected");
    if response.clicked() {
        let items = report.corrected.clone();
        out.push(Request::Filter(vec![Condition::among("the label was corrected".to_owned(), items)]));
    }
    let upheld = format!("{} upheld", thousands(report.upheld.len() as u64));
    if Button::new(&upheld).show(ui, pos2(right + 8.0, y), "open upheld").0.clicked() {
        let items = report.upheld.clone();
        out.push(Request::Filter(vec![Condition::among("the label was upheld".to_owned(), items)]));
    }
    if link(ui, pos2(r.left(), y + 46.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("benchmark"));
    }
}

/// Accuracy by the corrected labels against the prevalence of errors: all models faint, the chosen two strong.
fn plot_ui(ui: &Ui, r: Rect, state: &ModelsState, report: &BenchmarkReport) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "As errors become commoner",
        "accuracy by corrected labels",
    );
    let area = Rect::from_min_max(
        pos2(r.left() + 40.0, r.top() + 34.0),
        pos2((r.right() - 84.0).min(r.left() + 620.0), (r.top() + 420.0).min(r.bottom() - 40.0)),
    );
    if area.height() < 60.0 || area.width() < 80.0 {
        return;
    }
    let lines: Vec<Option<[f64; 2]>> =
        report.found.models.iter().map(|m| Some([m.at(0.0)?.1, m.at(1.0)?.1])).collect();
    let at = |prevalence: f64, accuracy: f64| -> Pos2 {
        pos2(
            area.left() + area.width() * prevalence as f32,
            area.bottom() - area.height() * accuracy.clamp(0.0, 1.0) as f32,
        )
    };
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = at(0.0, tick).y;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let words = number(tick, 2);
        text(p, pos2(area.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
        let x = at(tick, 0.0).x;
        let words = format!("{} %", number(100.0 * tick, 0));
        text(
            p,
            pos2(x, area.bottom() + 14.0),
            Align2::CENTER_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
    }
    let swap = report.found.swaps.get(state.category);
    let strong = |model: usize| swap.is_none_or(|s| s.models.0 == model || s.models.1 == model);
    if let Some((low, high)) = swap.and_then(|s| s.ci) {
        let band = Rect::from_min_max(pos2(at(low, 0.0).x, area.top()), pos2(at(high, 0.0).x, area.bottom()));
        p.rect_filled(band, 0.0, theme.hover);
    }
    for (model, line) in lines.iter().enumerate() {
        let Some([from, to]) = *line else { continue };
        let points = [at(0.0, from), at(1.0, to)];
        let is_second = swap.is_some_and(|s| s.models.1 == model);
        let ink = if strong(model) { theme.text } else { theme.line_strong };
        if is_second {
            p.extend(Shape::dashed_line(&points, Stroke::new(2.0, ink), 6.0, 4.0));
        } else {
            p.line_segment(points, Stroke::new(if strong(model) { 2.0 } else { 1.0 }, ink));
        }
        if strong(model) {
            let end = points[1] + vec2(6.0, 0.0);
            text_cut(p, end, r.right() - end.x, name(report, model), font::caption(), theme.text_2);
        }
    }
    if let Some(prevalence) = report.found.prevalence {
        let x = at(prevalence, 0.0).x;
        p.extend(Shape::dashed_line(
            &[pos2(x, area.top()), pos2(x, area.bottom())],
            Stroke::new(1.0, theme.text_3),
            2.0,
            3.0,
        ));
        text(
            p,
            pos2(x + 4.0, area.bottom() - 10.0),
            Align2::LEFT_CENTER,
            "reviewed",
            font::caption(),
            theme.text_3,
        );
    }
    if let Some(s) = swap
        && let Some(cross) = s.at
        && let Some((_, accuracy)) = report.found.models.get(s.models.0).and_then(|m| m.at(cross))
    {
        let ring = at(cross, accuracy);
        p.circle_stroke(ring, 6.0, Stroke::new(2.0, theme.accent));
        let words = format!("N* {}", percent(s.at));
        text(p, ring + vec2(10.0, -12.0), Align2::LEFT_CENTER, &words, font::strong(), theme.text);
        spoken(ui, Rect::from_center_size(ring, vec2(14.0, 14.0)), &swap_words(report, s));
    }
    p.rect_stroke(area, 0.0, Stroke::new(1.0, theme.line), StrokeKind::Inside);
}
