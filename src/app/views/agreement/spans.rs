//! Agreement on spans: three ways of measuring it on one axis, each label, and the documents in which raters differ.

use egui::{Rect, Ui, pos2, vec2};

use super::{AgreementState, value_words};
use crate::analysis::spans::{DocumentRow, MATCHES, Measure, SpansReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{Button, count, heading, link, number, text, text_block, thousands};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::stats::rationales::{JointlyEmpty, Unit};

/// Height of the plot of measures.
const MEASURES: f32 = 28.0 + forest::STEP * Measure::ALL.len() as f32 + 34.0;

/// Rows that the cursor goes over: measures, labels, documents.
pub(super) fn n_rows(report: &SpansReport, measure: Measure) -> usize {
    Measure::ALL.len() + report.of_labels(measure).len() + report.documents(measure).len()
}

/// The measure under the cursor is the one that is explained.
pub(super) fn follow(state: &mut AgreementState) {
    if let Some(measure) = Measure::ALL.get(state.row) {
        state.measure_of_spans = *measure;
    }
}

/// What lies behind the row under the cursor.
pub(super) fn behind(report: &SpansReport, state: &AgreementState) -> Option<Request> {
    let measure = state.measure_of_spans;
    let labels = report.of_labels(measure);
    match state.row.checked_sub(Measure::ALL.len()) {
        None => {
            let items = report.documents(measure).iter().flat_map(|row| row.items.iter().copied());
            let mut items: Vec<u32> = items.collect();
            items.sort_unstable();
            items.dedup();
            let words = "raters differ most on spans".to_owned();
            Some(Request::Filter(vec![Condition::among(words, items.into())]))
        }
        Some(row) => match row.checked_sub(labels.len()) {
            None => of_label(report, labels.get(row)?.0),
            Some(row) => Some(of_document(report.documents(measure).get(row)?)),
        },
    }
}

fn of_label(report: &SpansReport, label: u32) -> Option<Request> {
    let words = format!("a “{}” is in the document", report.label(label));
    let items = report.items_of_label(label)?;
    Some(Request::Filter(vec![Condition::among(words, items)]))
}

fn of_document(row: &DocumentRow) -> Request {
    let words = format!("the document is “{}”", row.name);
    Request::Filter(vec![Condition::among(words, row.items.clone())])
}

/// When F1 takes two spans for the same.
pub(super) fn choices_ui(ui: &Ui, rect: Rect, state: &mut AgreementState) {
    let theme = Theme::of(ui.ctx());
    let y = rect.top() + 8.0;
    let words = text(
        ui.painter(),
        pos2(rect.left() + 16.0, rect.center().y),
        egui::Align2::LEFT_CENTER,
        "F1 counts as the same",
        font::body(),
        theme.text_2,
    );
    let mut x = words.right() + 10.0;
    for (matching, name, meaning) in MATCHES {
        let (response, right) =
            Button::new(name).on(state.matching == matching).show(ui, pos2(x, y), ("matching", name));
        if response.clicked() {
            state.matching = matching;
        }
        response.on_hover_text(format!("Two spans are the same if {meaning}"));
        x = right + 4.0;
    }
}

/// All measures, and one of them label by label.
pub(super) fn measures_ui(
    ui: &mut Ui,
    rect: Rect,
    report: &SpansReport,
    state: &mut AgreementState,
    out: &mut Vec<Request>,
) {
    let r = rect.shrink2(vec2(16.0, 12.0));
    let reveal = std::mem::take(&mut state.reveal);
    let measure = state.measure_of_spans;
    let rows: Vec<forest::Row> = Measure::ALL
        .iter()
        .map(|&m| forest::Row {
            name: m.name().to_owned(),
            statistic: report.statistic(m).clone(),
            cells: Vec::new(),
            ringed: false,
        })
        .collect();
    let plot = Forest {
        title: ("Agreement on spans", "points with 95 % intervals, by resampling documents"),
        columns: &[],
        rows: &rows,
        selected: Measure::ALL.iter().position(|&m| m == measure),
        whole: None,
        quiet: true,
        open: false,
    };
    let top = Rect::from_min_size(r.min, vec2(r.width(), MEASURES));
    if let Some(row) = plot.show(ui, top, false) {
        state.row = row;
        follow(state);
    }
    if measure.is_of_highlights() {
        return;
    }
    let labels = report.of_labels(measure);
    let rows: Vec<forest::Row> = labels
        .iter()
        .map(|&(label, statistic)| forest::Row {
            name: report.label(label).to_owned(),
            statistic: statistic.clone(),
            cells: Vec::new(),
            ringed: false,
        })
        .collect();
    let own = if measure == Measure::GammaCat { Measure::Gamma } else { measure };
    let caption = format!("{} of each label; the dashed line is the whole; open a row", own.name());
    let below = Rect::from_min_max(pos2(r.left(), top.bottom() + 6.0), r.max);
    ui.scope_builder(egui::UiBuilder::new().max_rect(below).id_salt("labels of spans"), |ui| {
        let plot = Forest {
            title: ("Each label", &caption),
            columns: &[],
            rows: &rows,
            selected: state.row.checked_sub(Measure::ALL.len()),
            whole: report.statistic(own).value(),
            quiet: false,
            open: false,
        };
        if let Some(row) = plot.show(ui, below, reveal) {
            state.row = Measure::ALL.len() + row;
            out.extend(of_label(report, labels[row].0));
        }
    });
}

/// The measure in words, what to mind, and where raters differ.
pub(super) fn about_ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    report: &SpansReport,
    state: &mut AgreementState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter_at(rect).clone();
    let block = |y: f32, words: &str, font: egui::FontId, color: egui::Color32| {
        text_block(&p, pos2(r.left(), y), r.width(), words, font, color).bottom()
    };
    let measure = state.measure_of_spans;
    let mut y = block(r.top(), measure.name(), font::heading(), theme.text);
    let words = value_words(report.statistic(measure), "", ("document", "documents"));
    y = block(y + 4.0, &words, font::mono(), theme.text);
    y = block(y + 10.0, measure.about(), font::body(), theme.text_2);
    let made_of = format!(
        "{} by {} in {} that two raters or more worked on.",
        count(report.n_spans, "span", "spans"),
        count(report.n_raters, "rater", "raters"),
        count(report.n_documents, "document", "documents")
    );
    y = block(y + 4.0, &made_of, font::caption(), theme.text_3) + 16.0;
    if link(ui, pos2(r.left(), y), "Definition, and when not to use it", "spans page").clicked() {
        out.push(Request::Explain(measure.page()));
    }
    y += 18.0;
    for warning in warnings(report, measure) {
        Icon::Warning.paint(&p, pos2(r.left() + 7.0, y + 9.0), 13.0, theme.warn);
        let at = pos2(r.left() + 20.0, y);
        y = text_block(&p, at, r.width() - 20.0, &warning, font::body(), theme.text_2).bottom() + 6.0;
    }
    if measure.is_of_highlights() {
        y = highlights_ui(ui, pos2(r.left(), y), state);
    }
    let pairs = matches!(measure, Measure::F1 | Measure::F1ByDocument) && report.pairs.len() > 1;
    let room = r.bottom() - y - 10.0;
    let documents =
        Rect::from_min_size(pos2(r.left(), y + 10.0), vec2(r.width(), room * if pairs { 0.55 } else { 1.0 }));
    documents_ui(ui, documents, report, state, out);
    if pairs {
        let rest = Rect::from_min_max(pos2(r.left(), documents.bottom() + 10.0), r.max);
        pairs_ui(ui, rest, doc, report, out);
    }
}

/// What is marked or not, and what two are worth who marked nothing; gives where it ends.
fn highlights_ui(ui: &Ui, at: egui::Pos2, state: &mut AgreementState) -> f32 {
    let theme = Theme::of(ui.ctx());
    let line = |y: f32, words: &str| {
        let at = pos2(at.x, y + 14.0);
        text(ui.painter(), at, egui::Align2::LEFT_CENTER, words, font::body(), theme.text_2).right() + 10.0
    };
    let mut x = line(at.y, "marked or not are");
    for unit in Unit::ALL {
        let button = Button::new(unit.words()).on(state.unit == unit);
        let (response, right) = button.show(ui, pos2(x, at.y), ("unit", unit.words()));
        if response.clicked() {
            state.unit = unit;
        }
        x = right + 4.0;
    }
    let y = at.y + 34.0;
    let mut x = line(y, "two who marked nothing");
    for (empty, words) in [(JointlyEmpty::Undefined, "are left out"), (JointlyEmpty::Zero, "count 0")] {
        let button = Button::new(words).on(state.empty == empty);
        let (response, right) = button.show(ui, pos2(x, y), ("both empty", words));
        if response.clicked() {
            state.empty = empty;
        }
        x = right + 4.0;
    }
    y + 34.0
}

fn warnings(report: &SpansReport, measure: Measure) -> Vec<String> {
    let mut warnings = Vec::new();
    let statistic = report.statistic(measure);
    if let (Some(1), true) =
        (statistic.estimate().map(|e| e.n_items), statistic.estimate().is_some_and(|e| e.ci.is_none()))
    {
        warnings.push("One document cannot be resampled: no interval.".to_owned());
    }
    match measure {
        Measure::Unitizing if report.unitizing.n_passed_over > 0 => warnings.push(format!(
            "{} overlap an earlier one of the same rater and label; they do not count here.",
            count(report.unitizing.n_passed_over as usize, "span", "spans")
        )),
        Measure::Gamma | Measure::GammaCat => {
            if let (Measure::Gamma, Some((low, high))) = (measure, report.gamma.monte_carlo) {
                warnings.push(format!(
                    "Chance is drawn at random, {} a document: with endless draws γ would be {} to {}.",
                    count(report.gamma.samples as usize, "text", "texts"),
                    number(low, 3),
                    number(high, 3)
                ));
            }
            let (own, drawn) = report.gamma.n_unproven;
            if own + drawn > 0 {
                warnings.push(format!(
                    "{} of the texts are too crowded for a proof that no matching is better; γ may be a little higher.",
                    count(own + drawn, "part", "parts")
                ));
            }
        }
        _ => {}
    }
    if measure.is_of_highlights() && report.highlights.n_jointly_empty > 0 {
        let what = match report.asked.empty {
            JointlyEmpty::Undefined => "left out, not counted as agreement",
            JointlyEmpty::Zero => "counted 0, as some published tables have it",
        };
        let n = report.highlights.n_jointly_empty as usize;
        let pairs = count(n, "pair of raters of a document", "pairs of raters of a document");
        warnings.push(format!("{pairs} marked nothing: {what}."));
    }
    if report.n_empty > 0 {
        let words = count(report.n_empty as usize, "span of no length does", "spans of no length do");
        warnings.push(format!("{words} not count."));
    }
    warnings
}

fn documents_ui(ui: &Ui, r: Rect, report: &SpansReport, state: &mut AgreementState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let measure = state.measure_of_spans;
    let rows = report.documents(measure);
    if rows.is_empty() || r.height() < 60.0 {
        return;
    }
    let caption = match measure {
        Measure::Unitizing => "share of all disagreement; open a line to see its items",
        measure if measure.is_of_highlights() => "κ of each alone; open a line to see its items",
        Measure::Gamma | Measure::GammaCat => "γ of each alone; open a line to see its items",
        _ => "F1 of each alone; open a line to see its items",
    };
    heading(&ui.painter_at(r), theme, pos2(r.left(), r.top() + 8.0), "Documents that differ most", caption);
    let first = Measure::ALL.len() + report.of_labels(measure).len();
    let room = ((r.height() - 24.0) / FACT).floor().max(1.0) as usize;
    more_ui(ui, r, rows.len().saturating_sub(room));
    for (i, row) in rows.iter().take(room).enumerate() {
        let at = pos2(r.left(), r.top() + 22.0 + FACT * i as f32);
        let value = number(row.value, 3);
        let selected = state.row == first + i;
        let what = format!("{}  {}", row.name, elide(&row.begins, 120));
        let fact = Fact { what: &what, value: &value, opens: true, selected, hint: "" };
        if fact.show(ui, Rect::from_min_size(at, vec2(r.width(), FACT)), ("document", row.document)) {
            state.row = first + i;
            out.push(of_document(row));
        }
    }
}

fn pairs_ui(ui: &Ui, r: Rect, doc: &Document, report: &SpansReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    if r.height() < 60.0 {
        return;
    }
    let caption = "F1 of two, the lowest first; open a line to see their items";
    heading(&ui.painter_at(r), theme, pos2(r.left(), r.top() + 8.0), "Pairs of raters", caption);
    let room = ((r.height() - 24.0) / FACT).floor().max(1.0) as usize;
    for (i, pair) in report.pairs.iter().take(room).enumerate() {
        let at = pos2(r.left(), r.top() + 22.0 + FACT * i as f32);
        let (a, b) = pair.raters;
        let what = format!(
            "{} and {}, {}",
            doc.rater_name(a),
            doc.rater_name(b),
            count(pair.n_documents, "document", "documents")
        );
        let value = pair.f1.value().map_or_else(|| "—".to_owned(), |v| number(v, 3));
        let fact = Fact { what: &what, value: &value, opens: true, selected: false, hint: "" };
        if fact.show(ui, Rect::from_min_size(at, vec2(r.width(), FACT)), ("pair", a, b)) {
            out.push(Request::Pair(a, b));
        }
    }
    more_ui(ui, r, report.pairs.len().saturating_sub(room));
}

/// How many lines have no room, at the right of a list's heading.
fn more_ui(ui: &Ui, r: Rect, n: usize) {
    if n > 0 {
        let (at, words) = (pos2(r.right(), r.top() + 8.0), format!("{} more", thousands(n as u64)));
        let color = Theme::of(ui.ctx()).text_3;
        text(ui.painter(), at, egui::Align2::RIGHT_CENTER, &words, font::caption(), color);
    }
}
