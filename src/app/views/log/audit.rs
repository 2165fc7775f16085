//! What the random audit says of all items: each number by the audit alone and with a machine's help, and what more looks would be worth.

use std::sync::Arc;

use egui::{Align2, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{LogState, trust};
use crate::analysis::audit_estimates::{Estimated, EstimatesAsked, EstimatesReport, FEW, Target};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{absent_ui, finding_ui};
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, count, heading, link, narrowed, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font};

const COLUMNS: [Column<'static>; 5] = [
    Column::new("of all items", 220.0),
    Column::new("estimate", 0.0)
        .hint("Thick: with the machine's help. Thin: by the audit alone. 95 % intervals"),
    Column::new("value", 70.0).right(),
    Column::new("± with, alone", 120.0)
        .right()
        .hint("Half of the interval with the machine's help, and by the audit alone"),
    Column::new("worth", 70.0)
        .right()
        .hint("Audited items that the audit alone would need for the same interval"),
];

/// What is to be computed.
pub(super) fn wanted(doc: &Document) -> Vec<Wanted> {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return Vec::new() };
    if derived.edits.is_empty() {
        return Vec::new();
    }
    let asked = EstimatesAsked { edits: Arc::clone(&derived.edits), audit: Arc::clone(&derived.audit) };
    vec![Wanted::Estimates(OfGiven { asked, analysis: Arc::clone(analysis) })]
}

/// What came of it.
pub(super) fn report(doc: &Document) -> Option<Arc<EstimatesReport>> {
    doc.panels.estimates()?.as_ref().as_ref().ok().cloned()
}

fn title(doc: &Document, target: &Target) -> String {
    match target {
        Target::Given => "given labels are right".to_owned(),
        Target::Judge(name) => format!("{name} is right"),
        Target::Share(label) => format!("{} is right", doc.label(*label)),
        Target::Mean => "mean on the scale".to_owned(),
    }
}

fn written(target: &Target, v: f64) -> String {
    if *target == Target::Mean { number(v, 2) } else { format!("{} %", number(100.0 * v, 1)) }
}

fn half(target: &Target, (low, high): (f64, f64)) -> String {
    let half = (high - low) / 2.0;
    if *target == Target::Mean { number(half, 2) } else { number(100.0 * half, 1) }
}

/// The first number, in a sentence.
fn finding(doc: &Document, report: &EstimatesReport) -> String {
    let Some(first) = report.estimates.first() else { return String::new() };
    let n = count(report.audited.len(), "audited item", "audited items");
    match &first.powered {
        Ok(p) => {
            let (low, high) = (p.ci.0.max(0.0), p.ci.1.min(1.0));
            let words = |v| written(&first.target, v);
            format!(
                "{} of {} ({} to {}), by {n}",
                words(p.value),
                title(doc, &first.target),
                words(low),
                words(high)
            )
        }
        Err(reason) => super::super::capital(&reason.to_string()),
    }
}

/// The audited items that speak against what the row says.
pub(super) fn behind(doc: &Document, row: usize) -> Option<Request> {
    let report = report(doc)?;
    let e = report.estimates.get(row)?;
    let (items, words) = if e.against.is_empty() {
        (report.audited.clone(), "an item of the random audit".to_owned())
    } else {
        (e.against.clone(), format!("audited, and not: {}", title(doc, &e.target)))
    };
    Some(Request::Filter(vec![Condition::among(words, items)]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    x: f32,
    doc: &Document,
    state: &mut LogState,
    out: &mut Vec<Request>,
) {
    if doc.edits().is_empty() {
        let why = "A random sample of the items, reviewed without looking at flags, says how good all labels are, how good each judge is, and how often each label is right. \
                   Items picked from a list of flags cannot: they were picked because they look wrong";
        let buttons = vec![("Audit random items".to_owned(), Request::Run(Command::ReviewAudit))];
        empty::nothing(ui, body, "Nothing was audited yet", why, buttons, out);
        return;
    }
    let Some(report) = report(doc) else {
        let reason = doc.panels.estimates().and_then(|f| f.as_ref().as_ref().err().cloned());
        if let Some(reason) = reason {
            let buttons = vec![("Audit random items".to_owned(), Request::Run(Command::ReviewAudit))];
            let why = super::super::capital(&reason.to_string());
            empty::nothing(ui, body, "The audit says nothing yet", &why, buttons, out);
            return;
        }
        let why = ("The audit says nothing yet", None);
        absent_ui(ui, body, doc, (Panel::Estimates, &wanted(doc)), why, Command::ShowLog, out);
        return;
    };
    finding_ui(ui, body, x, &finding(doc, &report));
    let (left, right) = two_panes(ui, body, 0.64, (480.0, 1300.0));
    let mut list = left;
    // Where the window is too low for both, the numbers come first.
    if let Some(height) = trust::height(&report, left.height()) {
        list.max.y -= height;
        trust::ui(ui, Rect::from_min_max(list.left_bottom(), left.max), doc, &report, out);
    }
    list_ui(ui, list, doc, state, &report, out);
    side_ui(ui, narrowed(right.shrink2(vec2(16.0, 14.0))), doc, state, &report, out);
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut LogState,
    report: &EstimatesReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let n = report.estimates.len();
    state.estimate = state.estimate.min(n.saturating_sub(1));
    let mut place = std::mem::take(&mut state.estimates);
    place.reveal(state.estimate as u64);
    let table = Table {
        name: "Estimates",
        columns: &COLUMNS,
        rows: n as u64,
        selected: Some(state.estimate as u64),
        sorted: None,
    };
    let name_of = |row: u64| {
        let e = &report.estimates[row as usize];
        let value = e.powered.as_ref().map_or_else(|_| "—".to_owned(), |p| written(&e.target, p.value));
        format!("{}: {value}", title(doc, &e.target))
    };
    let events = table.show(ui, r, &mut place, name_of, |ui, row, cells, _| {
        let e = &report.estimates[row as usize];
        let p = ui.painter();
        let name = title(doc, &e.target);
        text_cut(p, cells[0].left_center(), cells[0].width(), &name, font::body(), theme.text);
        let right = |cell: Rect, words: &str| {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        };
        let plain = e.plain.estimate().and_then(|p| p.ci);
        let powered = e.powered.as_ref().ok();
        let value = powered.map(|p| p.value).or(e.plain.value());
        right(cells[2], &value.map_or_else(|| "—".to_owned(), |v| written(&e.target, v)));
        let with = powered.map_or_else(|| "—".to_owned(), |p| half(&e.target, p.ci));
        let alone = plain.map_or_else(|| "—".to_owned(), |ci| half(&e.target, ci));
        right(cells[3], &format!("{with}, {alone}"));
        if let Some(n) = powered.and_then(|p| p.effective_n) {
            right(cells[4], &thousands(n.round() as u64));
        }
        if e.target == Target::Mean {
            return;
        }
        let area = cells[1].shrink2(vec2(6.0, 0.0));
        let y = area.center().y;
        let x = |v: f64| area.left() + area.width() * v.clamp(0.0, 1.0) as f32;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        if let Some((low, high)) = plain {
            p.hline(x(low)..=x(high), y + 4.0, Stroke::new(1.0, theme.text_3));
        }
        if let Some(powered) = powered {
            p.hline(x(powered.ci.0)..=x(powered.ci.1), y - 2.0, Stroke::new(3.0, theme.line_strong));
            p.circle_filled(pos2(x(powered.value), y - 2.0), 4.0, theme.text);
        }
    });
    state.estimates = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.estimate = row as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(doc, state.estimate));
    }
}

fn side_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &LogState,
    report: &EstimatesReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(e) = report.estimates.get(state.estimate) else { return };
    let mut y = r.top() + 8.0;
    heading(p, theme, pos2(r.left(), y), &title(doc, &e.target), "three ways");
    y += 16.0;
    let fact = |y: &mut f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), *y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, ("fact", what));
        *y += FACT;
    };
    let between = |v: f64, (low, high): (f64, f64)| {
        let is_cut = e.target != Target::Mean && (low < 0.0 || high > 1.0);
        let (low, high) = if is_cut { (low.max(0.0), high.min(1.0)) } else { (low, high) };
        let words = |v| written(&e.target, v);
        format!("{}  ({} to {}{})", words(v), words(low), words(high), if is_cut { ", cut" } else { "" })
    };
    let plain = e.plain.estimate().and_then(|s| Some(between(s.value, s.ci?)));
    fact(
        &mut y,
        "By the audit alone",
        &plain.unwrap_or_else(|| "—".to_owned()),
        "Wilson’s interval of a share, Student’s of a mean",
    );
    match &e.powered {
        Ok(m) => {
            fact(
                &mut y,
                "Prediction-powered",
                &between(m.value, m.ci),
                "PPI++: the machine is believed as far as the audit bears it out",
            );
            fact(&mut y, "The machine is believed", &number(m.lambda, 2), "λ: 0 not at all, 1 wholly");
        }
        Err(reason) => fact(&mut y, "Prediction-powered", &format!("— {reason}"), ""),
    }
    if let Ok(m) = &e.controlled {
        fact(
            &mut y,
            "Control variate",
            &between(m.value, m.ci),
            "The same aim by a regression on the machine",
        );
        fact(
            &mut y,
            "Looks that the machine saves",
            &format!("{} %, ρ {}", number(100.0 * m.saving, 0), number(m.rho, 2)),
            "ρ² (1 − n/N)",
        );
    }
    fact(
        &mut y,
        "Audited, of all",
        &format!("{} of {}", thousands(e.n as u64), thousands(e.n_all as u64)),
        "",
    );
    y += 8.0;
    let mut notes = vec![format!(
        "What helps: {}. Only the random audit enters: items that somebody picked are no sample.",
        report.helper
    )];
    if report.n_elsewhere > 0 {
        notes.push(format!(
            "{} decided another way do not enter.",
            count(report.n_elsewhere, "item", "items")
        ));
    }
    if report.n_open > 0 {
        notes.push(format!(
            "{} without a single right label left out.",
            count(report.n_open, "item", "items")
        ));
    }
    if e.n < FEW {
        notes.push(format!(
            "With fewer than {FEW} items the normal approximation is unreliable: go by the audit alone."
        ));
    }
    let words = notes.join(" ");
    let block = text_block(p, pos2(r.left(), y), r.width(), &words, font::caption(), theme.text_2);
    spoken(ui, block, &words);
    y = block.bottom() + 20.0;
    if e.budget.len() > 2 {
        heading(p, theme, pos2(r.left(), y), "What more looks are worth", "half of the interval, by looks");
        let area = Rect::from_min_max(
            pos2(r.left() + 44.0, y + 20.0),
            pos2(r.right() - 90.0, (y + 170.0).min(r.bottom() - 70.0)),
        );
        if area.height() > 50.0 {
            budget_ui(ui, area, e);
            y = area.bottom() + 34.0;
        }
    }
    let n = if e.against.is_empty() { report.audited.len() } else { e.against.len() };
    let what = if e.against.is_empty() { "audited items" } else { "audited items against it" };
    let button = format!("Open {} {what}", thousands(n as u64));
    if Button::new(&button).key("Enter").show(ui, pos2(r.left(), y), "open against").0.clicked() {
        out.extend(behind(doc, state.estimate));
    }
    if link(ui, pos2(r.left(), y + 44.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("audit_estimates"));
    }
}

/// Half of the interval against looks, on a logarithmic scale: by the audit alone, and with the machine.
fn budget_ui(ui: &Ui, area: Rect, e: &Estimated) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (Some(first), Some(last)) = (e.budget.first(), e.budget.last()) else { return };
    let most = first.1.max(1e-9);
    let (low, high) = ((first.0 as f64).ln(), (last.0 as f64).ln());
    let at = |looks: usize, half: f64| -> Pos2 {
        let x = (((looks as f64).ln() - low) / (high - low).max(1e-9)) as f32;
        pos2(area.left() + area.width() * x, area.bottom() - area.height() * (half / most) as f32)
    };
    p.hline(area.x_range(), area.bottom(), Stroke::new(1.0, theme.line_strong));
    for share in [0.5, 1.0] {
        let y = area.bottom() - area.height() * share as f32;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let words =
            if e.target == Target::Mean { number(share * most, 2) } else { number(100.0 * share * most, 1) };
        text(p, pos2(area.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
    }
    for looks in [first.0, e.n, last.0] {
        let x = at(looks, 0.0).x;
        let words = thousands(looks as u64);
        text(
            p,
            pos2(x, area.bottom() + 10.0),
            Align2::CENTER_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
    }
    let now = at(e.n, 0.0).x;
    p.vline(now, area.y_range(), Stroke::new(1.0, theme.line_strong));
    let alone: Vec<Pos2> = e.budget.iter().map(|b| at(b.0, b.1)).collect();
    let with: Vec<Pos2> = e.budget.iter().map(|b| at(b.0, b.2)).collect();
    let ends = [(alone.last(), "alone", -7.0), (with.last(), "with machine", 7.0)];
    for (end, words, dy) in ends {
        if let Some(end) = end {
            text(p, *end + vec2(6.0, dy), Align2::LEFT_CENTER, words, font::caption(), theme.text_2);
        }
    }
    p.extend(Shape::dashed_line(&alone, Stroke::new(1.5, theme.text_3), 4.0, 3.0));
    p.add(Shape::line(with, Stroke::new(2.0, theme.text)));
    let words = format!(
        "Half of the interval is {} after {} looks and {} after {}, with the machine",
        number(first.2, 3),
        first.0,
        number(last.2, 3),
        last.0
    );
    spoken(ui, area, &words);
}
