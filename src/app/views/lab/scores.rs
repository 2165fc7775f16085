//! What a score rewards: points that each flag costs, how the fit goes with its penalty, and what speaks against a cost.

use egui::{Align2, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::LabState;
use crate::analysis::score_rewards::{FlagRow, ScoreRewards};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{
    Button, heading, link, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::{Estimate, Undefined};

const COLUMNS: [(&str, &str); 6] = [
    ("R² −", "How much less is explained without it"),
    (
        "ridge",
        "Points lost by each rater’s own level (ridge on votes); flags raised fewer than ten times are one",
    ),
    ("% have", "Percent of items of which most raters raise it"),
    ("short", "Percent of the third with the shortest texts"),
    ("long", "Percent of the third with the longest texts"),
    ("α", "Agreement of raters on the flag, Krippendorff’s nominal α"),
];
/// Penalties that can be chosen, in millionths.
const PENALTIES: [(u32, &str); 4] = [(1_000, "0.001"), (10_000, "0.01"), (30_000, "0.03"), (100_000, "0.1")];
/// Lines of the path that have a name.
const NAMED: usize = 6;

/// What lies behind a row: the items with the flag, those with the highest scores first.
pub(super) fn behind(found: &ScoreRewards, row: usize) -> Option<Request> {
    let row = found.rows.get(row)?;
    let words = format!("flagged: {}", row.name);
    (!row.items.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, row.items.clone())]))
}

fn row(found: &ScoreRewards, row: &FlagRow) -> forest::Row {
    let dash = |v: Option<f64>, digits: usize| v.map_or_else(|| "—".to_owned(), |v| number(v, digits));
    let percent = |v: f64| number(100.0 * v, 1);
    let estimate = Estimate::new(row.cost.0, found.fit.n, 0).with_ci(row.cost.1);
    forest::Row {
        name: row.name.clone(),
        statistic: estimate.into(),
        cells: vec![
            number(row.gain, 3),
            dash(row.within, 2),
            percent(row.prevalence),
            row.by_length.map_or_else(|| "—".to_owned(), |l| percent(l.0)),
            row.by_length.map_or_else(|| "—".to_owned(), |l| percent(l.1)),
            dash(row.alpha.value(), 2),
        ],
        ringed: false,
    }
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    found: &ScoreRewards,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, rect, 0.68, (560.0, 1200.0));
    let rows: Vec<forest::Row> = found.rows.iter().map(|r| row(found, r)).collect();
    let title = format!("What {} takes off for", found.score);
    let plot = Forest {
        title: (
            &title,
            "points lost where most raters raise it; a row opens its items, the highest scores first",
        ),
        columns: &COLUMNS,
        rows: &rows,
        selected: Some(state.row.min(rows.len().saturating_sub(1))),
        whole: None,
        quiet: false,
        open: true,
    };
    if let Some(row) = plot.show(ui, left.shrink2(vec2(16.0, 12.0)), std::mem::take(&mut state.reveal)) {
        state.row = row;
        out.extend(behind(found, row));
    }
    fit_ui(ui, right.shrink2(vec2(16.0, 12.0)), doc, found, state, out);
}

fn fit_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    found: &ScoreRewards,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let end = r.bottom() - 28.0;
    let fact = |y: f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y + FACT
    };
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Fit", "the Lasso on mean scores");
    let mut y = r.top() + 24.0;
    y = fact(y, "Items", &thousands(found.fit.n as u64), "With a score, and every flag known");
    if found.n_incomplete > 0 {
        let n = thousands(found.n_incomplete as u64);
        y = fact(y, "Left out: a flag is not known", &n, "Nobody said whether it applies");
    }
    y = fact(
        y,
        "Score without any flag",
        &number(found.fit.intercept, 3),
        "Intercept: what an item without any flag is given",
    );
    y = fact(y, "R²", &number(found.fit.r_squared, 3), "Share of the variance of scores that flags explain");
    y = match &found.within {
        Ok(n) => fact(y, "Votes behind the ridge", &thousands(*n as u64), "Each less its rater’s mean"),
        Err(reason) => fact(y, "Votes behind the ridge", "—", &reason.to_string()),
    };
    text(&p, pos2(r.left(), y + 17.0), Align2::LEFT_CENTER, "Penalty α", font::body(), theme.text_2);
    let mut x = r.left() + 76.0;
    for (millionths, name) in PENALTIES {
        let button = Button::new(name).on(state.penalty_millionths == millionths);
        let (response, right) = button.show(ui, pos2(x, y + 4.0), ("penalty", name));
        if response.clicked() {
            state.penalty_millionths = millionths;
        }
        x = right + 4.0;
    }
    y += 46.0;
    let selected = state.row.min(found.rows.len().saturating_sub(1));
    let room = (end - y).min(300.0);
    if room > 130.0 {
        path_ui(ui, Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), room)), found, selected);
        y += room + 10.0;
    }
    let mut notes: Vec<String> =
        found.left_out.iter().map(|(name, why)| format!("{name} is left out: {why}.")).collect();
    if doc.dataset.annotations.is_empty() {
        notes.push("There are no votes: the score is the source’s label.".to_owned());
    }
    for words in notes {
        if y + 18.0 > end {
            break;
        }
        let area = text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
        spoken(ui, area, &words);
        y = area.bottom() + 4.0;
    }
    if link(ui, pos2(r.left(), r.bottom() - 6.0), "How this is computed", "scores page").clicked() {
        out.push(Request::Explain("score_rewards"));
    }
}

/// Weights from the largest penalty to the smallest.
fn path_ui(ui: &Ui, r: Rect, found: &ScoreRewards, selected: usize) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 10.0), "Path", "points lost as the penalty falls");
    let names = 110.0_f32.min(r.width() * 0.34);
    let plot =
        Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 30.0), pos2(r.right() - names, r.bottom() - 22.0));
    let (Some((most, _)), Some((least, _))) = (found.path.first(), found.path.last()) else { return };
    let weights = || found.path.iter().flat_map(|(_, w)| w.iter().copied());
    let (low, high) = (weights().fold(0.0_f64, f64::min), weights().fold(0.0_f64, f64::max));
    if !(*most > 0.0 && high > low) {
        return;
    }
    let x = |alpha: f64| {
        let at = (most.ln() - alpha.max(*least).min(*most).ln()) / (most.ln() - least.ln());
        plot.left() + plot.width() * at as f32
    };
    let y = |w: f64| plot.bottom() - plot.height() * ((w - low) / (high - low)) as f32;
    p.hline(plot.x_range(), y(0.0), Stroke::new(1.0, theme.line_strong));
    for value in [low, high] {
        if value != 0.0 {
            let at = pos2(plot.left() - 5.0, y(value));
            text(p, at, Align2::RIGHT_CENTER, &number(value, 2), font::mono_small(), theme.text_3);
        }
    }
    text(p, pos2(plot.left() - 5.0, y(0.0)), Align2::RIGHT_CENTER, "0", font::mono_small(), theme.text_3);
    let chosen = x(found.asked.alpha);
    p.extend(Shape::dashed_line(
        &[pos2(chosen, plot.top()), pos2(chosen, plot.bottom())],
        Stroke::new(1.0, theme.accent),
        4.0,
        3.0,
    ));
    for (alpha, side) in [(*most, Align2::LEFT_CENTER), (*least, Align2::RIGHT_CENTER)] {
        let at = pos2(x(alpha), plot.bottom() + 10.0);
        text(p, at, side, &format!("α {}", short(alpha)), font::mono_small(), theme.text_3);
    }
    let line = |at: usize| -> Vec<egui::Pos2> {
        found.path.iter().map(|(alpha, w)| pos2(x(*alpha), y(w[at]))).collect()
    };
    for at in (0..found.rows.len()).filter(|&at| at != selected) {
        p.add(Shape::line(line(at), Stroke::new(1.2, theme.text_3)));
    }
    p.add(Shape::line(line(selected), Stroke::new(2.2, theme.accent)));
    // Names beside the ends, the largest first, where there is room.
    let mut ends: Vec<(usize, f64)> =
        found.path.last().map_or_else(Vec::new, |(_, w)| w.iter().copied().enumerate().collect());
    ends.sort_by(|a, b| (a.0 != selected).cmp(&(b.0 != selected)).then(b.1.abs().total_cmp(&a.1.abs())));
    let mut taken: Vec<Rangef> = Vec::new();
    for (at, w) in ends.into_iter().take(NAMED) {
        let own = Rangef::point(y(w)).expand(7.0);
        if taken.iter().any(|t| t.min < own.max && own.min < t.max) {
            continue;
        }
        taken.push(own);
        let ink = if at == selected { theme.text } else { theme.text_3 };
        let place = pos2(plot.right() + 6.0, y(w));
        text_cut(p, place, names - 8.0, &found.rows[at].name, font::caption(), ink);
    }
    spoken(ui, plot, &format!("Path of {} weights as the penalty falls", found.rows.len()));
}

/// A penalty in few digits.
fn short(alpha: f64) -> String {
    let digits = (2.0 - alpha.log10().floor()).clamp(0.0, 6.0) as usize;
    number(alpha, digits.saturating_sub(1))
}

/// Why there is nothing to show.
pub(super) fn why(reason: &Undefined) -> String {
    let words = reason.to_string();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |c| format!("{}{}.", c.to_uppercase(), letters.as_str()))
}
