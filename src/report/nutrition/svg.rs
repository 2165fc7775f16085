//! Bars and pair plots as SVG in the page: no script, and every word escaped.

use std::fmt::Write;

use super::words::{figure, shown};
use crate::analysis::nutrition::{Column, ColumnsReport, PairPlot};
use crate::report::html::escaped;
use crate::stats::nutrition::Axis;

/// Places of words that are drawn; the last holds all that follow.
const PLACES: usize = 20;
/// Characters of a word beside an axis.
const WORD: usize = 16;

fn word(text: &str) -> String {
    let mut out: String = text.chars().take(WORD).collect();
    if text.chars().nth(WORD).is_some() {
        out.push('…');
    }
    escaped(&out)
}

/// What stands at a place of an axis, in words.
pub(super) fn place_words(axis: &Axis, place: usize, folded: bool) -> String {
    match axis.bounds(place) {
        Some((from, to)) if from == to => figure(from),
        Some((from, to)) => format!("{} to {}", figure(from), figure(to)),
        None if folded => "(other)".to_owned(),
        None => axis.word(place).unwrap_or_default().to_owned(),
    }
}

/// A column's rows by place, as small bars; empty where it has none, or as many values as rows.
pub(super) fn bars(column: &Column) -> String {
    let Some(axis) = &column.axis else { return String::new() };
    let most = column.bars.iter().copied().max().unwrap_or(0);
    let whole = axis.is_numeric() || axis.is_complete();
    if most == 0 || !whole {
        return String::new();
    }
    let n = column.bars.len();
    let (width, height) = (160.0, 34.0);
    let step = width / n as f64;
    let mut out = format!(
        "<svg class=\"bars\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><title>{}</title>",
        escaped(&format!("Rows by value of {}", shown(&column.name)))
    );
    for (place, &count) in column.bars.iter().enumerate() {
        let tall = if count == 0 { 0.0 } else { ((height - 2.0) * count as f64 / most as f64).max(1.0) };
        let _ = write!(
            out,
            "<rect class=\"bar\" x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{tall:.2}\"><title>{}: {count}</title></rect>",
            step * place as f64,
            height - 1.0 - tall,
            (step - 1.0).max(0.5),
            escaped(&shown(&place_words(axis, place, false)))
        );
    }
    let _ = write!(
        out,
        "<line class=\"axis\" x1=\"0\" x2=\"{width}\" y1=\"{0}\" y2=\"{0}\"/></svg>",
        height - 0.5
    );
    out
}

/// Two columns together: a square of cells, darker for more rows, with their margins.
pub(super) fn pair(columns: &ColumnsReport, plot: &PairPlot) -> String {
    let of = |c: usize| columns.columns.get(c).and_then(|c| Some((c, c.axis.as_ref()?)));
    let (Some((x, x_axis)), Some((y, y_axis))) = (of(plot.x), of(plot.y)) else { return String::new() };
    let grid = plot.grid.folded(PLACES, PLACES);
    let folded = |axis: &Axis, places: usize, at: usize| axis.len() > places && at + 1 == places;
    let side = 260.0;
    let (left, top, margin) = (120.0, 44.0, 36.0);
    let (total_w, total_h) = (left + side + margin + 8.0, top + side + 96.0);
    let (w, h) = (side / grid.width as f64, side / grid.height as f64);
    let most = grid.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let title = format!("{} across, {} up: {} rows", shown(&x.name), shown(&y.name), grid.n);
    let mut out = format!(
        "<svg class=\"pair\" role=\"img\" width=\"{total_w}\" height=\"{total_h}\" viewBox=\"0 0 {total_w} {total_h}\"><title>{}</title>",
        escaped(&title)
    );
    for row in 0..grid.height {
        for column in 0..grid.width {
            let n = grid.at(column, row);
            if n == 0 {
                continue;
            }
            let words = format!(
                "{}, {}: {n}",
                shown(&place_words(x_axis, column, folded(x_axis, grid.width, column))),
                shown(&place_words(y_axis, row, folded(y_axis, grid.height, row)))
            );
            let _ = write!(
                out,
                "<rect class=\"bar\" x=\"{:.2}\" y=\"{:.2}\" width=\"{w:.2}\" height=\"{h:.2}\" fill-opacity=\"{:.3}\"><title>{}</title></rect>",
                left + w * column as f64,
                top + side - h * (row as f64 + 1.0),
                0.08 + 0.92 * (n as f64 / most).sqrt(),
                escaped(&words)
            );
        }
    }
    let _ = write!(
        out,
        "<rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{side}\" height=\"{side}\" fill=\"none\"/>"
    );
    let (across, up) = (grid.margin_x(), grid.margin_y());
    let high = |margin: &[u64]| margin.iter().copied().max().unwrap_or(0).max(1) as f64;
    for (column, &n) in across.iter().enumerate() {
        let tall = margin * n as f64 / high(&across);
        let _ = write!(
            out,
            "<rect class=\"margin\" x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{tall:.2}\"/>",
            left + w * column as f64 + 0.5,
            top - 4.0 - tall,
            (w - 1.0).max(0.5)
        );
    }
    for (row, &n) in up.iter().enumerate() {
        let long = margin * n as f64 / high(&up);
        let _ = write!(
            out,
            "<rect class=\"margin\" x=\"{}\" y=\"{:.2}\" width=\"{long:.2}\" height=\"{:.2}\"/>",
            left + side + 4.0,
            top + side - h * (row as f64 + 1.0) + 0.5,
            (h - 1.0).max(0.5)
        );
    }
    ticks(&mut out, x_axis, grid.width, &|share, words| {
        let (x, y) = (left + side * share, top + side + 12.0);
        if x_axis.is_numeric() {
            let anchor = if share == 0.0 { "start" } else { "end" };
            format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>")
        } else {
            format!(
                "<text transform=\"translate({x:.1} {y:.1}) rotate(-45)\" text-anchor=\"end\">{words}</text>"
            )
        }
    });
    ticks(&mut out, y_axis, grid.height, &|share, words| {
        let (x, y) = (left - 6.0, top + side * (1.0 - share) + 4.0);
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{words}</text>")
    });
    out.push_str("</svg>");
    out
}

/// The words beside an axis: the ends of numbers, every place of words.
fn ticks(out: &mut String, axis: &Axis, places: usize, place: &dyn Fn(f64, &str) -> String) {
    if let (Some((from, _)), Some((_, to))) = (axis.bounds(0), axis.bounds(axis.len() - 1)) {
        out.push_str(&place(0.0, &escaped(&figure(from))));
        if from != to {
            out.push_str(&place(1.0, &escaped(&figure(to))));
        }
        return;
    }
    for at in 0..places {
        let folded = axis.len() > places && at + 1 == places;
        let words = word(&place_words(axis, at, folded));
        out.push_str(&place((at as f64 + 0.5) / places as f64, &words));
    }
}
