//! A detector of one label, each rater by itself: how far its figures hang on whose marks are the truth.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::ModelsState;
use crate::analysis::per_rater::PerRaterReport;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{Button, heading, link, number, text, text_cut, thousands, two_panes};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::stats::Undefined;
use crate::stats::detector_per_rater::Summary;

const COLUMNS: [Column<'static>; 7] = [
    Column::new("rater", 96.0),
    Column::new("marked", 62.0).right().hint("Items to which this rater gave the label"),
    Column::new("from chance to others", 0.0).hint("Average precision of the detector (dot), between a random score (left end) and 1; the tick is the F1 of the other raters"),
    Column::new("AP", 56.0).right().hint("Average precision with this rater as the truth"),
    Column::new("best F1", 62.0).right().hint("The best of all thresholds, chosen on these very marks"),
    Column::new("F1", 56.0).right().hint("At the threshold that is best for all other raters together"),
    Column::new("others", 62.0).right().hint("F1 of the other raters against this one, mean"),
];

fn words(s: &Result<Summary, Undefined>) -> String {
    match s {
        Ok(s) => format!("{}  ({} to {})", number(s.mean, 3), number(s.min, 3), number(s.max, 3)),
        Err(reason) => format!("— {reason}"),
    }
}

/// What was found, in a sentence.
pub(super) fn finding(doc: &Document, report: &PerRaterReport, detector: usize) -> String {
    let Some((name, d)) = report.detectors.get(detector).zip(report.found.detectors.get(detector)) else {
        return String::new();
    };
    let label = doc.label(report.asked.label);
    match &d.average_precision {
        Ok(s) => format!(
            "{name} detects {label} with an AP of {} to {}, by whose marks are the truth",
            number(s.min, 2),
            number(s.max, 2)
        ),
        Err(reason) => super::super::capital(&reason.to_string()),
    }
}

/// The items on which the detector and a rater part.
pub(super) fn behind(
    doc: &Document,
    report: &PerRaterReport,
    detector: usize,
    row: usize,
) -> Option<Request> {
    let items = report.parted.get(detector)?.get(row)?.clone();
    let who = doc.rater_name(report.raters[row]);
    let name = &report.detectors[detector];
    let label = doc.label(report.asked.label);
    Some(Request::Filter(vec![Condition::among(format!("{name} and {who} part over {label}"), items)]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &PerRaterReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let line = Rect::from_min_size(body.min, vec2(body.width(), 40.0));
    let mut x = line.left() + 16.0;
    let y = line.top() + 6.0;
    for label in 0..doc.dataset.labels.len() as LabelId {
        let button = Button::new(doc.label(label)).on(label == report.asked.label);
        if x + button.width(ui.painter()) > line.right() - 200.0 {
            break;
        }
        let (response, right) = button.show(ui, pos2(x, y), ("label", label));
        if response.clicked() {
            state.label = Some(label);
        }
        x = right + 4.0;
    }
    if report.detectors.len() > 1 {
        x += 14.0;
        for (at, name) in report.detectors.iter().enumerate() {
            let button = Button::new(name).on(at == state.detector);
            if x + button.width(ui.painter()) > line.right() - 16.0 {
                break;
            }
            let (response, right) = button.show(ui, pos2(x, y), ("detector", at));
            if response.clicked() {
                state.detector = at;
            }
            x = right + 4.0;
        }
    }
    ui.painter().hline(body.x_range(), line.bottom(), theme.border());
    state.detector = state.detector.min(report.detectors.len().saturating_sub(1));
    let rest = Rect::from_min_max(line.left_bottom(), body.max);
    let (left, right) = two_panes(ui, rest, 0.66, (460.0, 1300.0));
    list_ui(ui, left, doc, state, report, out);
    side_ui(ui, right.shrink2(vec2(16.0, 14.0)), doc, state, report, out);
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &PerRaterReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let Some(detector) = report.found.detectors.get(state.detector) else { return };
    state.category = state.category.min(report.raters.len().saturating_sub(1));
    let mut place = std::mem::take(&mut state.table);
    place.reveal(state.category as u64);
    let table = Table {
        name: "Raters as the truth",
        columns: &COLUMNS,
        rows: report.raters.len() as u64,
        selected: Some(state.category as u64),
        sorted: None,
    };
    let digits = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 3));
    let name_of = |row: u64| {
        let one = &detector.raters[row as usize];
        let ap = digits(one.average_precision.as_ref().ok().copied());
        format!("{}: AP {ap}", doc.rater_name(report.raters[row as usize]))
    };
    let events = table.show(ui, r, &mut place, name_of, |ui, row, cells, _| {
        let at = row as usize;
        let (one, bound) = (&detector.raters[at], &report.found.ceilings[at]);
        let p = ui.painter();
        let name = doc.rater_name(report.raters[at]);
        text_cut(p, cells[0].left_center(), cells[0].width(), name, font::mono(), theme.text);
        let right = |cell: Rect, words: &str| {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        };
        right(cells[1], &thousands(one.n_marked));
        let ap = one.average_precision.as_ref().ok().copied();
        let human = bound.human_f1.as_ref().ok().map(|h| h.mean);
        right(cells[3], &digits(ap));
        right(cells[4], &digits(one.best.as_ref().ok().map(|b| b.f1)));
        right(cells[5], &digits(one.chosen.as_ref().ok().map(|c| c.f1)));
        right(cells[6], &digits(human));
        let area = cells[2].shrink2(vec2(4.0, 0.0));
        let y = area.center().y;
        let x = |v: f64| area.left() + area.width() * v.clamp(0.0, 1.0) as f32;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        if let Some(floor) = bound.prevalence.value() {
            p.hline(x(floor)..=area.right(), y, Stroke::new(2.0, theme.line_strong));
        }
        if let Some(human) = human {
            p.vline(x(human), (y - 6.0)..=(y + 6.0), Stroke::new(1.5, theme.text_2));
        }
        if let Some(ap) = ap {
            p.circle_filled(pos2(x(ap), y), 4.0, theme.text);
        }
    });
    state.table = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.category = row as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(doc, report, state.detector, state.category));
    }
}

fn side_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &ModelsState,
    report: &PerRaterReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let Some(detector) = report.found.detectors.get(state.detector) else { return };
    let mut y = r.top() + 8.0;
    heading(p, theme, pos2(r.left(), y), "Over raters", "mean (least to greatest)");
    y += 16.0;
    let fact = |y: &mut f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), *y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, ("fact", what));
        *y += FACT;
    };
    fact(&mut y, "AP", &words(&detector.average_precision), "Average precision");
    fact(&mut y, "Best F1", &words(&detector.best_f1), "At each rater’s own best threshold: optimistic");
    fact(&mut y, "F1, others’ threshold", &words(&detector.chosen_f1), "The honest one");
    let humans = report.found.ceilings.iter().filter_map(|c| c.human_f1.as_ref().ok().map(|h| h.mean));
    let (n, sum) = humans.fold((0_usize, 0.0), |(n, sum), v| (n + 1, sum + v));
    let human = if n > 0 { number(sum / n as f64, 3) } else { "—".to_owned() };
    fact(&mut y, "F1 of other raters", &human, "What a person reaches with another as the truth");
    y += 14.0;
    heading(
        p,
        theme,
        pos2(r.left(), y),
        "Does it follow how many mark?",
        "Spearman’s ρ, by raters that count",
    );
    y += 16.0;
    let sizes = detector.counts.iter().zip(&report.found.human_counts);
    let all: Vec<_> = sizes.collect();
    let step = all.len().div_ceil(6).max(1);
    for (own, human) in all.iter().step_by(step) {
        let human = human.rho.as_ref().ok().map_or_else(|| "—".to_owned(), |s| number(s.mean, 2));
        let value = match &own.rho {
            Ok(s) => format!("{}   a person {human}", number(s.mean, 2)),
            Err(_) => "—".to_owned(),
        };
        let what = if own.size == 1 { "1 rater".to_owned() } else { format!("{} raters", own.size) };
        fact(
            &mut y,
            &what,
            &value,
            "Of the score with the number of raters that mark an item; beside it, of a person who is not among them",
        );
    }
    if let Ok(table) = &report.found.ranks
        && report.detectors.len() > 1
    {
        y += 14.0;
        heading(p, theme, pos2(r.left(), y), "Which detector is best?", "by AP, rater by rater");
        y += 16.0;
        for (name, rank) in report.detectors.iter().zip(&table.mean_ranks) {
            fact(&mut y, name, &format!("mean rank {}", number(*rank, 2)), "1 is best");
        }
        let w = table.concordance.as_ref().map_or_else(|_| "—".to_owned(), |w| number(w.corrected, 2));
        let value =
            format!("W {w}, {} of {} opposite", thousands(table.n_flips), thousands(table.n_comparisons));
        fact(
            &mut y,
            "Do raters agree on it?",
            &value,
            "Kendall’s W of the rankings; pairs of raters who put two detectors in opposite orders",
        );
    }
    let n = report.parted.get(state.detector).and_then(|d| d.get(state.category)).map_or(0, |i| i.len());
    y += 12.0;
    let who = report.raters.get(state.category).map_or("", |&rater| doc.rater_name(rater));
    let button = format!("Open {} items where it parts from {who}", thousands(n as u64));
    let (response, _) = Button::new(&button).key("Enter").show(ui, pos2(r.left(), y), "open parted");
    if response.clicked() {
        out.extend(behind(doc, report, state.detector, state.category));
    }
    if link(ui, pos2(r.left(), y + 44.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("detector_per_rater"));
    }
}
