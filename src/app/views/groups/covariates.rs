//! What goes with disagreement: each property of the items, tested, and the items that have it.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use crate::analysis::covariates::{CovariatesReport, Disagreement, PropertyRow};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, bar_bare, heading, hit_as, link, number, p_value, text, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::covariates::{Correlated, Found};
use crate::stats::two_samples::TTest;

const COLUMNS: [Column<'static>; 6] = [
    Column::new("property of the item", 0.0),
    Column::new("items", 64.0).right().hint("Items with two votes or more that have it, or have a number"),
    Column::new("without", 64.0).right().hint("Mean disagreement of the items without it"),
    Column::new("with", 64.0).right().hint("… and with it; of a number, Pearson’s r with disagreement"),
    Column::new("p", 62.0).right().hint("Of Welch’s t, or of Pearson’s r; adjusted over all properties"),
    Column::new("p ranks", 66.0)
        .right()
        .hint("Of Mann and Whitney’s test, or of Spearman’s ρ; adjusted likewise"),
];

/// What is counted.
fn units(report: &CovariatesReport) -> &'static str {
    match report.asked.of {
        Disagreement::Votes => "items",
        Disagreement::Highlights => "texts",
    }
}

/// What was found, in a sentence.
pub(super) fn finding(report: &CovariatesReport) -> String {
    let clear = report.rows.iter().filter(|r| r.p().is_some_and(|p| p < 0.05)).count();
    let Some(first) = report.rows.first().filter(|_| clear > 0) else {
        return format!(
            "None of {} properties goes with disagreement by more than chance",
            report.rows.len()
        );
    };
    let how = match &first.test.found {
        Found::Groups(two) => {
            let mean = |s: Option<f64>| s.map_or_else(|| "—".to_owned(), |v| number(v, 2));
            format!("{} with it, {} without", mean(two.second.mean), mean(two.first.mean))
        }
        Found::Numbers(_) => format!("r {}", number(first.size().unwrap_or(0.0), 2)),
    };
    format!(
        "{clear} of {} properties go with disagreement; clearest: {} ({how}, p {})",
        report.rows.len(),
        first.name,
        p_value(first.p())
    )
}

/// The items with the property, or with the highest numbers.
pub(super) fn behind(report: &CovariatesReport, row: usize) -> Option<Request> {
    let property = report.rows.get(row)?;
    part(property, property.bars.len().checked_sub(1)?)
}

fn part(property: &PropertyRow, at: usize) -> Option<Request> {
    let bar = property.bars.get(at)?;
    let words = format!("{}, {}", property.name, bar.name);
    Some(Request::Filter(vec![Condition::among(words, bar.items.clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    (row, place, reveal): (&mut usize, &mut TableState, bool),
    report: &CovariatesReport,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, body, 0.56, (440.0, 1200.0));
    *row = (*row).min(report.rows.len().saturating_sub(1));
    if reveal {
        place.reveal(*row as u64);
    }
    list_ui(ui, left, row, place, report, out);
    if let Some(property) = report.rows.get(*row) {
        one_ui(ui, right.shrink2(vec2(16.0, 14.0)), property, report, out);
    }
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    row: &mut usize,
    place: &mut TableState,
    report: &CovariatesReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - 38.0));
    let table = Table {
        name: "Properties",
        columns: &COLUMNS,
        rows: report.rows.len() as u64,
        selected: Some(*row as u64),
        sorted: None,
    };
    let name_of = |at: u64| {
        let p = &report.rows[at as usize];
        format!("{}: p {}", p.name, p_value(p.test.adjusted))
    };
    let events = table.show(ui, area, place, name_of, |ui, at, cells, _| {
        let property = &report.rows[at as usize];
        let p = ui.painter();
        let ink = if property.p().is_some_and(|p| p < 0.05) { theme.text } else { theme.text_2 };
        text_cut(p, cells[0].left_center(), cells[0].width(), &property.name, font::body(), ink);
        let mean = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 3));
        let (n, without, with) = match &property.test.found {
            Found::Groups(two) => (two.second.n, mean(two.first.mean), mean(two.second.mean)),
            Found::Numbers(two) => (two.n, String::new(), format!("r {}", mean(property.size()))),
        };
        let told = [
            thousands(n as u64),
            without,
            with,
            p_value(property.test.adjusted),
            p_value(property.test.adjusted_rank),
        ];
        for (words, cell) in told.iter().zip(&cells[1..]) {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
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
    let mut words = match report.asked.of {
        Disagreement::Votes => format!("{} items with two votes or more", thousands(report.n_items as u64)),
        Disagreement::Highlights => {
            format!("{} texts with two raters of whom one marked something", thousands(report.n_items as u64))
        }
    };
    if report.n_more > 0 {
        words.push_str(&format!(" · {} further properties are left out", report.n_more));
    }
    let at = pos2(r.left() + 16.0, area.bottom() + 19.0);
    text_cut(p, at, r.width() - 32.0, &words, font::caption(), theme.text_3);
}

/// One property: disagreement part by part, and the tests.
fn one_ui(ui: &Ui, r: Rect, property: &PropertyRow, report: &CovariatesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    text_cut(p, pos2(r.left(), r.top() + 8.0), r.width(), &property.name, font::strong(), theme.text);
    let mut y = r.top() + 36.0;
    let what = match report.asked.of {
        Disagreement::Votes => "share of pairs of votes that differ",
        Disagreement::Highlights => "share of marked words that one of two marked alone",
    };
    heading(p, theme, pos2(r.left(), y), "Disagreement", what);
    y += 18.0;
    let most = property.bars.iter().map(|b| b.mean).fold(report.mean, f64::max).max(1e-9);
    let (name, figures) = (150.0_f32.min(r.width() * 0.32), 120.0);
    let scale = |v: f64| r.left() + name + (r.width() - name - figures) * (v / most) as f32;
    let top = y;
    for (at, bar) in property.bars.iter().enumerate() {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 26.0));
        let words = format!("{}: {} of {} items", bar.name, number(bar.mean, 3), thousands(bar.n as u64));
        let response = hit_as(ui, line, ui.scope_id().with(("part", at)), &words, None);
        if response.clicked() {
            out.extend(part(property, at));
        }
        response.on_hover_text(format!("{words}. Click for them"));
        let middle = line.center().y;
        text_cut(p, pos2(r.left(), middle), name - 8.0, &bar.name, font::body(), theme.text_2);
        let space = Rect::from_min_max(pos2(scale(0.0), middle - 7.0), pos2(scale(most), middle + 7.0));
        bar_bare(p, space, (bar.mean / most) as f32, theme.mark);
        let told = format!("{}  of {}", number(bar.mean, 2), thousands(bar.n as u64));
        text(p, pos2(r.right(), middle), Align2::RIGHT_CENTER, &told, font::mono(), theme.text);
        y += 26.0;
    }
    let mean = scale(report.mean);
    p.line_segment([pos2(mean, top), pos2(mean, y)], Stroke::new(1.0, theme.line_strong));
    let note = format!("line: all {}, {}", units(report), number(report.mean, 2));
    text_cut(p, pos2(r.left() + name, y + 10.0), r.width() - name, &note, font::caption(), theme.text_3);
    y += 40.0;
    heading(p, theme, pos2(r.left(), y), "Tests", "not adjusted");
    y += 16.0;
    for (i, (what, value, hint)) in tests(property).into_iter().enumerate() {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value: &value, opens: false, selected: false, hint: &hint }.show(ui, line, ("test", i));
        y += FACT;
    }
    if let Some(words) = warning(property) {
        text_cut(p, pos2(r.left(), y + 12.0), r.width(), words, font::caption(), theme.text);
        y += 22.0;
    }
    y += 14.0;
    let last = property.bars.last().map_or(0, |b| b.items.len());
    let words = format!("Open {} items", thousands(last as u64));
    let (response, right) = Button::primary(&words).key("Enter").show(ui, pos2(r.left(), y), "open with");
    if response.clicked() {
        out.extend(property.bars.len().checked_sub(1).and_then(|at| part(property, at)));
    }
    if link(ui, pos2(right + 14.0, y + 14.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("covariates"));
    }
}

/// Name, value and meaning of each test.
fn tests(property: &PropertyRow) -> Vec<(&'static str, String, String)> {
    let why = |reason: &Undefined| ("—".to_owned(), format!("Not defined: {reason}"));
    let t = |test: &Result<TTest, Undefined>, meaning: &str| match test {
        Ok(t) => (
            format!("t {}  df {}  p {}", number(t.t, 2), number(t.df, 1), p_value(Some(t.p_value))),
            meaning.to_owned(),
        ),
        Err(reason) => why(reason),
    };
    let r = |test: &Result<Correlated, Undefined>, sign: &str, meaning: &str| match test {
        Ok(c) => (format!("{sign} {}  p {}", number(c.r, 3), p_value(c.p_value)), meaning.to_owned()),
        Err(reason) => why(reason),
    };
    let line = |what, (value, hint)| (what, value, hint);
    match &property.test.found {
        Found::Groups(two) => {
            let ranks = match &two.mann_whitney {
                Ok(m) => {
                    let how = if m.exact { "all orders counted" } else { "from the normal distribution" };
                    let value = format!("U {}  p {}", number(m.u, 1), p_value(Some(m.p_value)));
                    (value, format!("By ranks, {how}"))
                }
                Err(reason) => why(reason),
            };
            let d = match &two.cohen_d {
                Ok(d) => (
                    number(*d, 2),
                    "Difference over the common standard deviation, below 0 where items with it disagree more".to_owned(),
                ),
                Err(reason) => why(reason),
            };
            vec![
                line(
                    "Welch",
                    t(
                        &two.welch,
                        "Those without it less those with it, without taking both spreads for the same: the one to report",
                    ),
                ),
                line("Student", t(&two.student, "Takes both spreads for the same")),
                line("Mann–Whitney", ranks),
                line("Cohen’s d", d),
            ]
        }
        Found::Numbers(two) => vec![
            line("Pearson", r(&two.pearson, "r", "Correlation with disagreement")),
            line("Spearman", r(&two.spearman, "ρ", "Of ranks, mid-ranks for ties")),
        ],
    }
}

/// Where the two tests of means part.
fn warning(property: &PropertyRow) -> Option<&'static str> {
    let Found::Groups(two) = &property.test.found else { return None };
    let (welch, student) = (two.welch.as_ref().ok()?, two.student.as_ref().ok()?);
    let clear = |t: &TTest| t.p_value < 0.05;
    (clear(student) && !clear(welch)).then_some("Student finds it, Welch does not: it hangs on equal spreads")
}
