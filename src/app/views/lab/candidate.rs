//! Somebody beside the raters, or in the place of each: agreement, the alternative annotator test, the scarce pool.

use std::sync::Arc;

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::LabState;
use crate::analysis::candidate::{Candidate, CandidateReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{
    Button, count, heading, link, number, text, text_block, text_cut, text_width, thousands, two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::RaterKind;
use crate::stats::aggregation::PoolSize;
use crate::stats::{Estimate, Undefined};

const COLUMNS: [(&str, &str); 4] = [
    ("left out", "Control: alpha of the others without this rater and without the candidate"),
    ("wins", "Share of items on which the candidate is at least as close to the other raters as this one"),
    ("p", "One-sided p of “the candidate is worse by ε or more”; small is good for the candidate"),
    ("beaten", "Whether that is rejected, at a false discovery rate of 5 % (Benjamini–Yekutieli)"),
];

/// Rows of the plot.
pub(super) fn n_rows(report: &CandidateReport) -> usize {
    report.extra.as_ref().map_or(0, |e| e.replacements.len())
}

/// What lies behind a row: the rater.
pub(super) fn behind(report: &CandidateReport, row: usize) -> Option<Request> {
    let rater = report.extra.as_ref().ok()?.replacements.get(row)?.rater;
    match report.asked.candidate {
        Candidate::Rater(candidate) => {
            Some(Request::Filter(vec![Condition::Parted(candidate, rater as u32)]))
        }
        _ => Some(Request::Filter(vec![Condition::Rater(rater as u32)])),
    }
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    report: &CandidateReport,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let (left, right) = two_panes(ui, rect, 0.6, (420.0, 900.0));
    let mut r = left.shrink2(vec2(16.0, 12.0));
    r.min.y = choose_ui(ui, r, doc, report, state);
    let p = ui.painter().clone();
    match &report.extra {
        Err(reason) => {
            let words = format!("No agreement to compare with: {reason}.");
            text_block(&p, r.min, r.width(), &words, font::body(), theme.text_2);
        }
        Ok(extra) => {
            let rows: Vec<forest::Row> = extra
                .replacements
                .iter()
                .map(|one| {
                    let duel = report.duel(one.rater);
                    let dash = || "—".to_owned();
                    forest::Row {
                        name: doc.rater_name(one.rater as u32).to_owned(),
                        statistic: one.replaced.map_or_else(
                            || Undefined::Because("no agreement is left in this place".to_owned()).into(),
                            |v| Estimate::new(v, report.n_items, extra.replacements.len()).into(),
                        ),
                        cells: vec![
                            one.dropped.map_or_else(dash, |v| number(v, 3)),
                            duel.map_or_else(dash, |d| number(d.advantage, 2)),
                            duel.map_or_else(dash, |d| p_value(d.p)),
                            duel.map_or_else(dash, |d| if d.wins { "yes" } else { "no" }.to_owned()),
                        ],
                        ringed: false,
                    }
                })
                .collect();
            let plot = Forest {
                title: (
                    "In the place of each rater",
                    "alpha with the candidate there, the highest first; the dashed line is the raters alone",
                ),
                columns: &COLUMNS,
                rows: &rows,
                selected: Some(state.row),
                whole: Some(extra.alone),
                quiet: false,
                open: false,
            };
            if let Some(row) = plot.show(ui, r, std::mem::take(&mut state.reveal)) {
                state.row = row;
                out.extend(behind(report, row));
            }
        }
    }
    verdict_ui(ui, right.shrink2(vec2(16.0, 12.0)), doc, report, out);
}

/// Who stands, and ε. Gives where it ends.
fn choose_ui(ui: &Ui, r: Rect, doc: &Document, report: &CandidateReport, state: &mut LabState) -> f32 {
    let name = report.asked.candidate.words(&doc.dataset);
    let words = format!("{name} …");
    let x = word(ui, pos2(r.left(), r.top() + 14.0), "Candidate");
    let (response, right) = Button::new(&words).show(ui, pos2(x + 10.0, r.top()), "candidate");
    egui::Popup::menu(&response).show(|ui| {
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for candidate in Candidate::all(&doc.dataset) {
                let kind = match candidate {
                    Candidate::Rater(r)
                        if doc.dataset.raters.kinds.get(r as usize) == Some(&RaterKind::Model) =>
                    {
                        "a model among the raters"
                    }
                    Candidate::Rater(_) => "a person",
                    Candidate::Model => "predicted probabilities",
                    Candidate::Given => "given label",
                    Candidate::Gold => "gold",
                };
                let words = format!("{}   {kind}", candidate.words(&doc.dataset));
                if ui.selectable_label(candidate == report.asked.candidate, words).clicked() {
                    (state.candidate, state.row) = (Some(candidate), 0);
                }
            }
        });
    });
    let mut x = right + 20.0;
    x = word(ui, pos2(x, r.top() + 14.0), "ε") + 8.0;
    for (thousandths, hint) in
        [(100, "against crowds"), (150, "against skilled raters"), (200, "against experts")]
    {
        let words = number(f64::from(thousandths) / 1000.0, 2);
        let on = state.epsilon_thousandths == thousandths;
        let (response, right) =
            Button::new(&words).on(on).show(ui, pos2(x, r.top()), ("epsilon", thousandths));
        if response.clicked() {
            state.epsilon_thousandths = thousandths;
        }
        response.on_hover_text(format!("How much worse the candidate may be for being cheaper: {hint}"));
        x = right + 4.0;
    }
    r.top() + 40.0
}

/// Paints a word and gives its right end.
fn word(ui: &Ui, at: egui::Pos2, words: &str) -> f32 {
    let theme = Theme::of(ui.ctx());
    text(ui.painter(), at, Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
}

/// The verdict, and the pool.
fn verdict_ui(ui: &Ui, r: Rect, doc: &Document, report: &CandidateReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let name = report.asked.candidate.words(&doc.dataset);
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "May it stand in for a rater?",
        "alternative annotator test",
    );
    let words = match &report.test {
        Ok(test) => format!(
            "{name} {}: with ε {} it beats {} of {}, winning rate {} where ½ passes, advantage {}.{}",
            if test.passes { "may" } else { "may not" },
            number(f64::from(report.asked.epsilon_thousandths) / 1000.0, 2),
            test.duels.iter().filter(|d| d.wins).count(),
            count(test.duels.len(), "rater", "raters"),
            number(test.winning_rate, 3),
            number(test.advantage, 3),
            match test.too_few_items.len() {
                0 => String::new(),
                n => format!(
                    " {} too few items with it to be tested.",
                    count(n, "rater shares", "raters share")
                ),
            },
        ),
        Err(reason) => format!("Undefined: {reason}."),
    };
    let mut y = text_block(&p, pos2(r.left(), r.top() + 26.0), r.width(), &words, font::body(), theme.text)
        .bottom()
        + 12.0;
    if let Ok(extra) = &report.extra {
        let dash = || "—".to_owned();
        let replaced = extra.replaced().map_or_else(dash, |(mean, low, high)| {
            format!("{}  {} to {}", number(mean, 3), number(low, 3), number(high, 3))
        });
        let facts = [
            (
                "Alpha of the raters alone",
                number(extra.alone, 3),
                "Krippendorff's alpha without the candidate",
            ),
            (
                "with the candidate added",
                extra.added.map_or_else(dash, |v| number(v, 3)),
                "The candidate as one rater more",
            ),
            (
                "in somebody's place, mean and range",
                replaced,
                "The candidate in the place of each rater, one after the other",
            ),
            (
                "Match with the others' consensus",
                extra.consensus_match.map_or_else(dash, |v| number(v, 3)),
                "Share of items on which the two are the same; where labels have an order, their rank correlation",
            ),
        ];
        for (what, value, hint) in &facts {
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
            Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
            y += FACT;
        }
    }
    let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
    let value =
        format!("{} of {}", thousands(report.parted.len() as u64), thousands(report.n_compared as u64));
    if (Fact {
        what: "Items where it parts from the majority",
        value: &value,
        opens: true,
        selected: false,
        hint: "Of the items that both labelled; a person who stands does not vote in the majority",
    })
    .show(ui, line, "parted")
    {
        let words = format!("{name} and the majority of the others differ");
        out.push(Request::Filter(vec![Condition::among(words, Arc::clone(&report.parted))]));
    }
    y += FACT;
    if let Candidate::Rater(rater) = report.asked.candidate {
        y += 8.0;
        if link(ui, pos2(r.left(), y + 8.0), "Open the candidate among the raters", "candidate rater")
            .clicked()
        {
            out.push(Request::SelectRater(rater));
            out.push(Request::Show(View::Raters));
        }
        y += 18.0;
    }
    y += 14.0;
    let pool = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), (y + 250.0).min(r.bottom() - 26.0)));
    let below = pos2(r.left(), pool_ui(ui, pool, report) + 16.0);
    if link(ui, below, "How this is tested", "alternative page").clicked() {
        out.push(Request::Explain("alternative_annotator"));
    }
}

/// A p that is not 0 is not shown as 0.
fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { number(p, 3) }
}

/// What a line of the pool's plot shows.
type Line = fn(&PoolSize) -> Option<f64>;

/// What a candidate is worth beside k raters. Gives where it ends.
fn pool_ui(ui: &Ui, r: Rect, report: &CandidateReport) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    if r.height() < 90.0 {
        return r.top();
    }
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Scarce pool",
        "match with the consensus of all raters, by number of raters",
    );
    let pool = match &report.pool {
        Ok(pool) => pool,
        Err(reason) => {
            let words = format!("Undefined: {reason}.");
            let at = pos2(r.left(), r.top() + 24.0);
            return text_block(&p, at, r.width(), &words, font::body(), theme.text_2).bottom();
        }
    };
    let lines: [(&str, Line, egui::Color32); 3] = [
        ("k raters", |s| s.alone, theme.text_3),
        ("and the candidate", |s| s.with_candidate, theme.accent),
        ("and one more rater", |s| s.with_rater, theme.text),
    ];
    let values = || lines.iter().flat_map(|(_, of, _)| pool.iter().filter_map(of));
    let low = values().fold(1.0_f64, f64::min);
    let low = ((low * 10.0).floor() / 10.0).clamp(-1.0, 0.9);
    let area =
        Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 44.0), pos2(r.right() - 12.0, r.bottom() - 18.0));
    let n = pool.len().max(1);
    let at = |k: usize, v: f64| {
        let x = if n == 1 { area.center().x } else { area.left() + area.width() * k as f32 / (n - 1) as f32 };
        pos2(x, area.bottom() - area.height() * ((v - low) / (1.0 - low)) as f32)
    };
    for v in [low, f64::midpoint(low, 1.0), 1.0] {
        let y = at(0, v).y;
        p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
        let words = number(v, 2);
        text(&p, pos2(area.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::mono_small(), theme.text_3);
    }
    let every = n.div_ceil(10);
    for (k, size) in pool.iter().enumerate().filter(|(k, _)| k % every == 0) {
        let words = size.raters.to_string();
        let x = at(k, low).x;
        text(
            &p,
            pos2(x, area.bottom() + 10.0),
            Align2::CENTER_CENTER,
            &words,
            font::mono_small(),
            theme.text_3,
        );
    }
    let mut x = r.left();
    for (name, of, color) in lines {
        let points: Vec<egui::Pos2> =
            pool.iter().enumerate().filter_map(|(k, size)| Some(at(k, of(size)?))).collect();
        points.iter().for_each(|&point| {
            p.circle_filled(point, 3.0, color);
        });
        p.line(points, Stroke::new(1.5, color));
        p.hline(x..=x + 14.0, r.top() + 28.0, Stroke::new(2.0, color));
        text_cut(&p, pos2(x + 18.0, r.top() + 28.0), r.right() - x, name, font::caption(), theme.text_2);
        x += text_width(&p, name, font::caption()) + 34.0;
    }
    r.bottom()
}
