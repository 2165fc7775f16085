//! One row a model, and what people and the best of judges would reach.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{Brush, ModelsState};
use crate::analysis::models::{ModelReport, ModelsReport};
use crate::app::request::Request;
use crate::app::widgets::paint::{count, hit_as, link, number, text, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;
use crate::stats::human_distribution::Range;

const ROW: f32 = 26.0;
const HEAD: f32 = 30.0;
/// Most models that are listed.
const MOST: usize = 8;

/// Columns.
const N: usize = 8;
/// The one that opens the items behind it.
const NDCG: usize = 7;

/// Title, and what it means.
const COLUMNS: [(&str, &str); N] = [
    (
        "distance",
        "DistCE, DistAlign: total variation distance between probabilities and shares of votes, mean over items. Lower is better",
    ),
    (
        "entropy",
        "EntCE: entropy of the probabilities minus that of the votes, mean over items, nats. Below 0: surer than people",
    ),
    (
        "order",
        "RankCS: share of items whose labels stand in the order of people’s votes; labels with the same votes in any order",
    ),
    ("right", "Share of items whose most probable label has the most votes; one of t that tie counts 1/t"),
    ("ECE", "Expected calibration error against the label of most, ten bins"),
    ("JSD", "Jensen–Shannon divergence between votes and probabilities, bits"),
    (
        "VarCorr",
        "Correlation, over items, of how far people disagree with how far the model expects it. Never read it without the two rows below",
    ),
    (
        "NDCG@3",
        "How well the model ranks labels, votes being grades: 1 where the three that it puts first are in the order of the votes. Click a number for the items that are not",
    ),
];

/// Height of the panel.
pub(super) fn height(report: &ModelsReport) -> f32 {
    let support = if report.support.is_some() { ROW } else { 0.0 };
    HEAD + ROW * (report.models.len().min(MOST) + 2) as f32 + support + 8.0
}

/// What of a row was clicked.
#[derive(Clone, Copy)]
enum Clicked {
    No,
    Row,
    Ranking,
}

struct Cells {
    values: [Option<String>; N],
    why: [String; N],
}

fn of_statistics(list: &[Result<&Statistic, String>; N]) -> Cells {
    let digits = |s: &Statistic| s.value().map(|v| number(v, 3));
    let why = |s: &Result<&Statistic, String>| match s {
        Ok(Statistic::Defined(e)) => e.ci.map_or_else(
            || format!("n = {}", thousands(e.n_items as u64)),
            |(low, high)| {
                let n = thousands(e.n_items as u64);
                format!("95 % interval {} to {}, n = {n}", number(low, 3), number(high, 3))
            },
        ),
        Ok(Statistic::Undefined(reason)) => reason.to_string(),
        Err(reason) => reason.clone(),
    };
    Cells {
        values: list.each_ref().map(|s| s.as_ref().ok().and_then(|s| digits(s))),
        why: list.each_ref().map(why),
    }
}

fn of_model(model: &ModelReport) -> Cells {
    let c = model.calibration.as_ref();
    let of = |get: fn(&crate::stats::human_distribution::HumanCalibration) -> &Statistic| {
        c.map(get).map_err(ToString::to_string)
    };
    let mut cells = of_statistics(&[
        of(|c| &c.distance),
        of(|c| &c.entropy_signed),
        of(|c| &c.ranked),
        of(|c| &c.accuracy),
        of(|c| &c.ece),
        model.targets.as_ref().map(|t| &t.jensen_shannon).map_err(ToString::to_string),
        model.disagreement.as_ref().map(|d| &d.var_corr).map_err(ToString::to_string),
        model.ranking.as_ref().map(|r| &r.ndcg).map_err(ToString::to_string),
    ]);
    if let Ok(r) = &model.ranking {
        let pairs = r.pairs.value().map_or_else(|| "—".to_owned(), |v| number(100.0 * v, 1) + " %");
        cells.why[NDCG].push_str(&format!(
            "; pairs of labels in the order of the votes: {pairs}; {} without a vote left out",
            count(r.n_without_ideal, "item", "items")
        ));
    }
    cells
}

fn of_ranges(ranges: [Option<&Range>; N], nothing: &str) -> Cells {
    let why = |r: Option<&Range>| match r {
        Some(r) => format!("from {} to {} in 95 of 100 rounds", number(r.low, 3), number(r.high, 3)),
        None => nothing.to_owned(),
    };
    Cells { values: ranges.map(|r| r.map(|r| number(r.mean, 3))), why: ranges.map(why) }
}

/// Paints the panel.
pub(super) fn ui(ui: &Ui, r: Rect, state: &mut ModelsState, report: &ModelsReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let name = (r.width() * 0.26).clamp(190.0, 420.0);
    let step = ((r.width() - name - 86.0) / N as f32).min(130.0);
    let right = |i: usize| r.left() + 16.0 + name + step * (i + 1) as f32;
    let y = r.top() + HEAD / 2.0;
    let people = format!(
        "{} people, {} votes on {} items",
        thousands(report.n_people as u64),
        thousands(report.n_votes as u64),
        thousands(report.n_items as u64)
    );
    text_cut(p, pos2(r.left() + 16.0, y), name - 10.0, &people, font::caption(), theme.text_3);
    for (i, (title, hint)) in COLUMNS.into_iter().enumerate() {
        text(p, pos2(right(i), y), Align2::RIGHT_CENTER, title, font::caption(), theme.text_2);
        let area = Rect::from_min_max(pos2(right(i) - step + 8.0, r.top()), pos2(right(i), r.top() + HEAD));
        ui.interact(area, ui.scope_id().with(("title", i)), egui::Sense::hover()).on_hover_text(hint);
    }
    let page = link(ui, pos2(r.right() - 46.0, y), "Page", "models page");
    if page.clicked() {
        out.push(Request::Explain("human_distribution"));
    }
    let mut top = r.top() + HEAD;
    let row = |ui: &Ui, top: f32, title: &str, hint: &str, cells: &Cells, on: Option<bool>| -> Clicked {
        let line = Rect::from_min_size(pos2(r.left() + 8.0, top), vec2(r.width() - 16.0, ROW));
        let y = line.center().y;
        let mut clicked = Clicked::No;
        if let Some(on) = on {
            let response = hit_as(ui, line, ui.scope_id().with(("model", top as i32)), title, Some(on));
            if on {
                p.rect_filled(line, 4.0, theme.selected);
            } else if response.hovered() {
                p.rect_filled(line, 4.0, theme.hover);
            }
            if response.clicked() {
                clicked = Clicked::Row;
            }
        } else {
            let area = Rect::from_min_size(line.min, vec2(name, ROW));
            ui.interact(area, ui.scope_id().with(("row", top as i32)), egui::Sense::hover())
                .on_hover_text(hint);
        }
        let ink = if on.is_some() { theme.text } else { theme.text_2 };
        text_cut(p, pos2(r.left() + 16.0, y), name - 10.0, title, font::body(), ink);
        for i in 0..N {
            let value = cells.values[i].as_deref().unwrap_or("—");
            text(p, pos2(right(i), y), Align2::RIGHT_CENTER, value, font::mono(), ink);
            let area = Rect::from_min_max(pos2(right(i) - 60.0, top), pos2(right(i), top + ROW));
            let opens = i == NDCG && on.is_some() && cells.values[i].is_some();
            let sense = if opens { egui::Sense::click() } else { egui::Sense::hover() };
            let response = ui.interact(area, ui.scope_id().with(("cell", top as i32, i)), sense);
            if response.clicked() {
                clicked = Clicked::Ranking;
            }
            let words = format!("{title}, {}: {value}", COLUMNS[i].0);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
            response.on_hover_text(format!("{words}. {}", cells.why[i]));
        }
        clicked
    };
    for (at, model) in report.models.iter().take(MOST).enumerate() {
        match row(ui, top, &model.name, "", &of_model(model), Some(at == state.model)) {
            Clicked::No => {}
            Clicked::Row => state.take(at),
            Clicked::Ranking => {
                state.take(at);
                state.brush_on(Brush::Ranked);
            }
        }
        top += ROW;
    }
    let (c, h, a) =
        (report.ceiling.as_ref().ok(), report.halves.as_ref().ok(), report.attainable.as_ref().ok());
    let half = of_ranges(
        [
            c.map(|c| &c.distance),
            c.and_then(|c| c.entropy_signed.as_ref()),
            c.map(|c| &c.ranked),
            c.map(|c| &c.accuracy),
            c.map(|c| &c.ece),
            None,
            h.and_then(|h| h.0.as_ref()),
            None,
        ],
        "not defined for half of the people",
    );
    let hint = "Votes of each item dealt into two hands; one hand in the place of the model. With few votes an item a cautious ceiling";
    row(ui, top, "half of the people", hint, &half, None);
    top += ROW;
    let mut ranges = [None; N];
    (ranges[0], ranges[6]) = (a.map(|a| &a.dist_align), a.map(|a| &a.var_corr));
    let known = of_ranges(ranges, "only distance and VarCorr are simulated");
    let hint = "A Dirichlet distribution fitted to the votes; what one would reach who knew each item’s true shares, as votes are so few";
    row(ui, top, "who knew the true shares", hint, &known, None);
    top += ROW;
    if let Some((column, support)) = &report.support {
        let y = top + ROW / 2.0;
        let mean = support.mean.value().map_or_else(|| "—".to_owned(), |m| number(100.0 * m, 1));
        let words = format!("“{column}” has {mean} % of the votes of an item on average");
        let end = text_cut_to(ui, pos2(r.left() + 16.0, y), r.width() * 0.5, &words);
        let minority = report.of_support[0].len();
        let mut x = end + 16.0;
        for (n, words, brush) in [
            (minority, "below one half", Brush::Minority),
            (report.of_support[1].len(), "without a vote", Brush::Unsupported),
        ] {
            if n > 0 {
                let words = format!("{} {words}", thousands(n as u64));
                let response = link(ui, pos2(x, y), &words, words.as_str());
                x = response.rect.right() + 16.0;
                if response.clicked() {
                    state.brush_on(brush);
                }
            }
        }
    }
}

fn text_cut_to(ui: &Ui, at: egui::Pos2, room: f32, words: &str) -> f32 {
    let theme = Theme::of(ui.ctx());
    text_cut(ui.painter(), at, room, words, font::caption(), theme.text_2);
    at.x + crate::app::widgets::paint::text_width(ui.painter(), words, font::caption()).min(room)
}
