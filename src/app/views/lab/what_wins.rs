//! What wins: properties of the two sides by their weight, the lean to a side, people against models, raters with a taste of their own.

use egui::{Rect, Ui, pos2, vec2};

use super::LabState;
use crate::analysis::what_wins::{Factors, PropertyRow, WhatWins};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{heading, link, number, spoken, text_block, thousands, two_panes};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::preference_factors::Concordance;
use crate::stats::{Estimate, Statistic, Undefined};

const COLUMNS: [(&str, &str); 5] = [
    ("w", "Weight of one standard deviation, all properties together"),
    ("alone", "Weight beside the length only"),
    ("gain", "Mean change of the chance to win in favour of what has more"),
    ("s", "(winner has more − winner has less)/all choices"),
    ("P", "Share of choices whose winner has more, of those that differ"),
];

const FACTOR_COLUMNS: [(&str, &str); 2] =
    [("won", "Wins over a factor of the other side that it has not in common"), ("lost", "The same, lost")];

fn factors(found: &WhatWins) -> Option<&Factors> {
    found.factors.as_ref()?.as_ref().ok()
}

/// How many rows there are: properties, then factors.
pub(super) fn n_rows(found: &WhatWins) -> usize {
    found.rows.len() + factors(found).map_or(0, |f| f.rows.len())
}

/// What lies behind a row: the items whose loser has more of it, or has the factor.
pub(super) fn behind(found: &WhatWins, row: usize) -> Option<Request> {
    if let Some(at) = row.checked_sub(found.rows.len()) {
        let row = factors(found)?.rows.get(at)?;
        let words = format!("the loser has {}", row.name);
        let items = row.lost.clone();
        return (!items.is_empty()).then(|| Request::Filter(vec![Condition::among(words, items)]));
    }
    let row = found.rows.get(row)?;
    let words = format!("the loser has more: {}", row.name);
    (!row.against.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, row.against.clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    found: &WhatWins,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, rect, 0.62, (520.0, 1100.0));
    let left = left.shrink2(vec2(16.0, 12.0));
    state.row = state.row.min(n_rows(found).saturating_sub(1));
    let reveal = std::mem::take(&mut state.reveal);
    let n = found.rows.len();
    let (above, below) = match factors(found) {
        None => (left, None),
        Some(f) => {
            let wanted = 64.0 + forest::STEP * f.rows.len() as f32;
            let own = 46.0 + forest::STEP * n.max(1) as f32 + 44.0;
            let top = left.top() + own.min(left.height() - wanted.min(left.height() * 0.5));
            (
                Rect::from_min_max(left.min, pos2(left.right(), top - 12.0)),
                Some((f, Rect::from_min_max(pos2(left.left(), top), left.max))),
            )
        }
    };
    let rows: Vec<forest::Row> = found.rows.iter().map(|r| row(found, r)).collect();
    let plot = Forest {
        title: (
            "Properties",
            "chance to win with one standard deviation more; a row opens items whose loser has more",
        ),
        columns: &COLUMNS,
        rows: &rows,
        selected: (state.row < n).then_some(state.row),
        whole: Some(0.5),
        quiet: false,
        open: false,
    };
    let mut clicked = plot.show(ui, above, reveal);
    if let Some((f, below)) = below {
        ui.push_id("factors", |ui| {
            let at = factors_ui(ui, below, f, state.row.checked_sub(n), reveal);
            clicked = clicked.or(at.map(|at| n + at));
        });
    }
    if let Some(row) = clicked {
        state.row = row;
        out.extend(behind(found, row));
    }
    facts_ui(ui, right.shrink2(vec2(16.0, 12.0)), doc, found, out);
}

/// Factors by their worth; gives the row that was clicked.
fn factors_ui(ui: &mut Ui, r: Rect, f: &Factors, selected: Option<usize>, reveal: bool) -> Option<usize> {
    let rows: Vec<forest::Row> = f
        .rows
        .iter()
        .map(|row| forest::Row {
            name: row.name.clone(),
            statistic: Estimate::new(row.worth, (row.won_lost.0 + row.won_lost.1) as usize, 0).into(),
            cells: vec![number(row.won_lost.0, 0), number(row.won_lost.1, 0)],
            ringed: false,
        })
        .collect();
    let caption = match f.prior {
        Some(prior) => {
            format!("{}; {prior} wins are added each way, since some never lose or never win", f.stem)
        }
        None => format!("{}, by their worth over one another; a row opens items whose loser has it", f.stem),
    };
    let plot = Forest {
        title: ("Factors", &caption),
        columns: &FACTOR_COLUMNS,
        rows: &rows,
        selected,
        whole: Some(1.0 / f.rows.len() as f64),
        quiet: false,
        open: false,
    };
    plot.show(ui, r, reveal)
}

fn dash(v: Option<f64>, digits: usize) -> String {
    v.map_or_else(|| "—".to_owned(), |v| number(v, digits))
}

fn row(found: &WhatWins, row: &PropertyRow) -> forest::Row {
    let chance = |w: f64| 1.0 / (1.0 + (-w).exp());
    let statistic: Statistic = match (&row.weight, &found.weights) {
        (Some(w), _) => {
            Estimate::new(chance(w.joint), found.n, 0).with_ci(Some((chance(w.ci.0), chance(w.ci.1)))).into()
        }
        (None, Err(reason)) => reason.clone().into(),
        (None, Ok(_)) => Undefined::Because("both sides always have as much of it".to_owned()).into(),
    };
    let w = row.weight.as_ref();
    forest::Row {
        name: row.name.clone(),
        statistic,
        cells: vec![
            dash(w.map(|w| w.joint), 2),
            dash(w.map(|w| w.alone), 2),
            dash(w.map(|w| w.gain), 2),
            dash(row.all.score(), 2),
            dash(row.all.share().map(|s| s.0), 2),
        ],
        ringed: found.control.as_ref() == Some(&row.name),
    }
}

/// Choices, the lean to a side, people against models, raters.
fn facts_ui(ui: &Ui, r: Rect, doc: &Document, found: &WhatWins, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let end = r.bottom() - 28.0;
    let block = |y: f32, words: &str| {
        if y + 16.0 > end {
            return y;
        }
        let area = text_block(&p, pos2(r.left(), y), r.width(), words, font::body(), theme.text_2);
        spoken(ui, area, words);
        area.bottom()
    };
    let title = |y: f32, name: &str, caption: &str| {
        if y + 24.0 > end {
            return y;
        }
        heading(&p, theme, pos2(r.left(), y + 10.0), name, caption);
        y + 24.0
    };
    let fact = |y: f32, what: &str, value: &str, hint: &str| {
        if y + FACT > end {
            return y;
        }
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y + FACT
    };
    let mut y = title(r.top(), "Choices", "");
    y = fact(
        y,
        &format!("{} or {}", found.sides.0, found.sides.1),
        &thousands(found.n as u64),
        "Votes for one of the two",
    );
    for (what, n, hint) in [
        ("Ties, left out", found.n_ties, "Votes for neither"),
        ("Votes that say nothing", found.n_passed_over, "A label that is no side and no tie"),
        ("With a property unknown", found.n_incomplete, "Left out of weights, not of s and P"),
    ] {
        if n > 0 {
            y = fact(y, what, &thousands(n as u64), hint);
        }
    }
    y = match &found.control {
        Some(name) => fact(y, "Control (ringed)", name, "Has no prior; each weight alone is beside it"),
        None => block(y, "No property is a length: weights alone are beside none.") + 4.0,
    };
    y = title(y + 8.0, "Side", "");
    y = block(y, &found.lean()) + 4.0;
    if let Some((n_people, n_models)) = found.n_of {
        y = title(y + 8.0, "People and models", "s of either");
        y = fact(
            y,
            "Choices",
            &format!("{} · {}", thousands(n_people as u64), thousands(n_models as u64)),
            "Of people and of models",
        );
        for row in &found.rows {
            if let Some((people, models)) = &row.sides {
                let s = |c: &Concordance| dash(c.score(), 2);
                y = fact(
                    y,
                    &row.name,
                    &format!("{} · {}", s(people), s(models)),
                    "(winner has more − winner has less)/all choices, of people and of models",
                );
            }
        }
        y = match &found.order {
            Ok(tau) => fact(
                y,
                "Order of properties, Kendall’s τ",
                &number(*tau, 2),
                "1: people and models order the properties alike",
            ),
            Err(reason) => block(y, &format!("Order of properties undefined: {reason}.")) + 4.0,
        };
    }
    y = title(y + 8.0, "Tastes of one’s own", "");
    y = block(y, &found.taste()) + 4.0;
    if let Ok(personal) = &found.personal {
        for (rater, away) in &personal.raters {
            let most = away.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            let Some((at, most)) = most else { continue };
            if y + FACT > end {
                break;
            }
            let name = doc.rater_name(*rater);
            let sign = if *most > 0.0 { "+" } else { "" };
            let value =
                format!("{} {sign}{}", found.names.get(at).map_or("", String::as_str), number(*most, 2));
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
            let hint =
                "The property in which this rater’s weight is farthest from that of all, and by how much";
            if (Fact { what: name, value: &value, opens: true, selected: false, hint }).show(
                ui,
                line,
                ("own", rater),
            ) {
                out.push(Request::SelectRater(*rater));
                out.push(Request::Show(View::Raters));
            }
            y += FACT;
        }
    }
    for (name, why) in &found.left_out {
        y = block(y + 4.0, &format!("{name} is left out: {why}."));
    }
    if link(ui, pos2(r.left(), r.bottom() - 6.0), "How this is computed", "what wins page").clicked() {
        out.push(Request::Explain("what_wins"));
    }
}
