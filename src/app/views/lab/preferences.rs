//! Preferences: the options from the best to the worst, whether one scale fits, whose taste it is.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{LabState, strengths};
use crate::analysis::preferences::{PRIOR, Preferences};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{heading, link, number, text, text_block, thousands, two_panes};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::{Estimate, Statistic};

const COLUMNS: [(&str, &str); 5] = [
    ("θ", "Worth by Bradley & Terry, natural logarithm, mean 0"),
    ("θ slips", "Worth when raters may slip or lean to one side (noisy Bradley–Terry)"),
    ("Elo", "Median rating over a thousand orders of the comparisons"),
    ("won", "Comparisons won; a tie is half"),
    ("of", "Comparisons"),
];
/// 97.5 % point of the normal distribution.
const Z: f64 = 1.959_964;

/// How many rows there are: options, then pairs with a strength.
pub(super) fn n_rows(found: &Preferences) -> usize {
    found.options.len() + found.strengths.as_ref().map_or(0, |s| s.pairs.len())
}

/// What lies behind a row: the items that compare the option, or the strongest votes against the winner.
pub(super) fn behind(found: &Preferences, row: usize) -> Option<Request> {
    let Some(&option) = found.order().get(row) else {
        return strengths::behind(found, row - found.options.len());
    };
    let option = &found.options[option];
    let words = format!("{} is compared", option.name);
    Some(Request::Filter(vec![Condition::among(words, option.items.clone())]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    found: &Preferences,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let (left, right) = two_panes(ui, rect, 0.66, (420.0, 1100.0));
    let left = left.shrink2(vec2(16.0, 12.0));
    let below = strengths::height(found).min(left.height() * 0.5);
    let (above, below) = (
        Rect::from_min_max(left.min, pos2(left.right(), left.bottom() - below)),
        Rect::from_min_max(pos2(left.left(), left.bottom() - below + 12.0), left.max),
    );
    // Where both fit, the second list follows the first.
    let rows_end = above.top() + 46.0 + forest::STEP * found.options.len() as f32 + 44.0;
    let below = below.translate(vec2(0.0, (rows_end - below.top()).min(0.0)));
    let reveal = std::mem::take(&mut state.reveal);
    let n_options = found.options.len();
    let order = found.order();
    let rows: Vec<forest::Row> = order.iter().map(|&i| row(found, i)).collect();
    let rankings = found.plackett_luce.is_ok();
    let caption = if rankings {
        "chance to beat the average option, by comparisons that the rankings imply"
    } else {
        "chance to beat the average option, with 95 % intervals; open a row to see its items"
    };
    let plot = Forest {
        title: ("Options", caption),
        columns: &COLUMNS,
        rows: &rows,
        selected: (state.row < n_options).then_some(state.row),
        whole: Some(0.5),
        quiet: false,
        open: false,
    };
    let of_pairs = state.row.checked_sub(n_options);
    let clicked = plot
        .show(ui, above, reveal)
        .or_else(|| Some(n_options + strengths::ui(ui, below, found, of_pairs, reveal)?));
    if let Some(row) = clicked {
        state.row = row;
        out.extend(behind(found, row));
    }
    tests_ui(ui, right.shrink2(vec2(16.0, 12.0)), doc, found, out);
}

fn row(found: &Preferences, i: usize) -> forest::Row {
    let chance = |theta: f64| 1.0 / (1.0 + (-theta).exp());
    let statistic: Statistic = match &found.bradley_terry {
        Err(reason) => reason.clone().into(),
        Ok(model) => {
            let [won, tied, lost] = found.options[i].won_tied_lost;
            let theta = model.theta[i];
            let estimate = Estimate::new(chance(theta), (won + tied + lost) as usize, 0);
            match model.se(i) {
                Some(se) => estimate.with_ci(Some((chance(theta - Z * se), chance(theta + Z * se)))).into(),
                None => estimate.into(),
            }
        }
    };
    let dash = |v: Option<f64>, digits: usize| v.map_or_else(|| "—".to_owned(), |v| number(v, digits));
    let [won, tied, lost] = found.options[i].won_tied_lost;
    forest::Row {
        name: found.options[i].name.clone(),
        statistic,
        cells: vec![
            dash(found.bradley_terry.as_ref().ok().map(|m| m.theta[i]), 3),
            dash(found.noisy.as_ref().ok().map(|m| m.theta[i]), 3),
            dash(found.elo.as_ref().ok().map(|e| e.rating[i]), 0),
            number(won as f64 + 0.5 * tied as f64, usize::from(tied % 2 == 1)),
            thousands(won + tied + lost),
        ],
        ringed: false,
    }
}

/// How the data were read, one scale or not, one taste or several, raters who lean to a side.
fn tests_ui(ui: &Ui, r: Rect, doc: &Document, found: &Preferences, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let block = |y: f32, words: &str| {
        text_block(&p, pos2(r.left(), y), r.width(), words, font::body(), theme.text_2).bottom()
    };
    let title = |y: f32, name: &str, caption: &str| {
        heading(&p, theme, pos2(r.left(), y + 10.0), name, caption);
        y + 24.0
    };
    let fact = |y: f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y + FACT
    };
    let (n, n_tied) = found.n_comparisons;
    let mut y = title(r.top(), "Read as", "");
    y = block(y, &found.read_as) + 4.0;
    let ties = match &found.davidson {
        Ok(d) if n_tied > 0 => format!("{}, ν {}", thousands(n_tied as u64), number(d.tie, 3)),
        _ => thousands(n_tied as u64),
    };
    y = fact(
        y,
        "Comparisons",
        &thousands(n as u64),
        "Votes that say which of two different options is better, or that neither is",
    );
    y = fact(
        y,
        "of them ties (Davidson's ν)",
        &ties,
        "ν: how likely a tie is between equals, against a win of either",
    );
    if found.passed_over > 0 {
        y = fact(
            y,
            "Votes that say nothing about two options",
            &thousands(found.passed_over as u64),
            "A label that is no side and no tie, or the same option on both sides",
        );
    }
    y = title(y + 8.0, "One scale?", "small p: no single order explains the choices");
    y = match &found.fit {
        Ok(fit) => {
            let p = fit.p_drawn.map_or_else(|| number(fit.p, 4), |p| format!("{} by draws", number(p, 4)));
            fact(
                y,
                "G², degrees of freedom, p",
                &format!("{}, {}, {p}", number(fit.g_squared, 2), fit.df),
                "Deviance of the worths from the shares of wins of each pair; p by chi-squared, or by draws where pairs are few",
            )
        }
        Err(reason) => block(y, &format!("Undefined: {reason}.")) + 4.0,
    };
    if found.n_components > 1 {
        let words = format!(
            "{} groups of options do not beat each other both ways: worths have a prior of {PRIOR} wins each way.",
            found.n_components
        );
        y = block(y, &words) + 4.0;
    }
    let (circular, all) = found.circular;
    y = fact(
        y,
        "Triples that go round in a circle",
        &format!("{} of {}", thousands(circular), thousands(all)),
        "A beats B, B beats C, and C beats A, by majorities of comparisons",
    );
    if let Ok(w) = &found.within {
        y = title(y + 8.0, "Winners", &format!("within each {}", w.column));
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let (n, won) = w.n;
        let value = format!("{} of {}", thousands(won as u64), thousands(n as u64));
        let hint = "By majorities over every other candidate (Condorcet). Opens the items where nobody wins: these want a person";
        let opens = !w.open.is_empty();
        if (Fact { what: "A candidate beats every other", value: &value, opens, selected: false, hint })
            .show(ui, line, "within")
        {
            let words = format!("no winner within its {}", w.column);
            out.push(Request::Filter(vec![Condition::among(words, w.open.clone())]));
        }
        y += FACT;
        if w.n_flipped > 0 {
            y = fact(
                y,
                "Went by the order of the two",
                &thousands(w.n_flipped as u64),
                "A rater saw both orders and took one side both times: counted as ties",
            );
        }
    }
    y = title(y + 8.0, "One taste or several?", "BIC of mixtures; the smallest fits best");
    match &found.tastes {
        Ok(tastes) => {
            let best = found.best_number_of_tastes();
            for taste in tastes {
                let n = taste.share.len();
                let shares: Vec<String> = taste.share.iter().map(|s| number(100.0 * s, 0)).collect();
                let mark = if best == Some(n) { "  (best)" } else { "" };
                let what =
                    format!("{n} {}: {} %{mark}", if n == 1 { "taste" } else { "tastes" }, shares.join(", "));
                y = fact(
                    y,
                    &what,
                    &number(taste.bic, 1),
                    "Bayesian information criterion: how ill the mixture fits, and a price for each worth",
                );
            }
        }
        Err(reason) => y = block(y, &format!("Undefined: {reason}.")) + 4.0,
    }
    for group in &found.groups {
        let value = match &group.test {
            Ok(test) => format!(
                "LR {}, p {}",
                number(test.likelihood_ratio, 2),
                number(test.p_permuted.unwrap_or(test.p), 4)
            ),
            Err(_) => "—".to_owned(),
        };
        let what = format!("by {} ({})", group.attribute, group.names.join(", "));
        y = fact(
            y,
            &what,
            &value,
            "Likelihood ratio of worths of each group against common ones; p by permuting raters",
        );
    }
    y += 8.0;
    let rest = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), r.bottom() - 22.0));
    raters_ui(ui, rest, doc, found, out);
    if link(ui, pos2(r.left(), r.bottom() - 6.0), "Definitions", "preference page").clicked() {
        out.push(Request::Explain("preference_models"));
    }
}

/// Reliability and lean of each rater.
fn raters_ui(ui: &Ui, r: Rect, doc: &Document, found: &Preferences, out: &mut Vec<Request>) {
    let Ok(noisy) = &found.noisy else { return };
    if r.height() < 60.0 {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Raters",
        "reliability · share of first choices among slips",
    );
    let mut order: Vec<usize> = (0..noisy.raters.len()).collect();
    order.sort_by(|&a, &b| noisy.reliability[a].total_cmp(&noisy.reliability[b]).then(a.cmp(&b)));
    let room = ((r.height() - 26.0) / FACT).floor().max(0.0) as usize;
    for (i, &at) in order.iter().take(room).enumerate() {
        let rater = noisy.raters[at];
        let name = doc.rater_name(rater);
        let value = format!("{} · {}", number(noisy.reliability[at], 2), number(noisy.left_bias[at], 2));
        let line =
            Rect::from_min_size(pos2(r.left(), r.top() + 24.0 + FACT * i as f32), vec2(r.width(), FACT));
        if (Fact { what: name, value: &value, opens: true, selected: false, hint: "Chance of answering by the worths; among the other answers, the share that took the first option" }).show(ui, line, ("noisy", rater))
        {
            out.push(Request::SelectRater(rater));
            out.push(Request::Show(View::Raters));
        }
    }
    if order.len() > room {
        let words = format!("{} more", order.len() - room);
        text(
            &p,
            pos2(r.right(), r.top() + 10.0),
            Align2::RIGHT_CENTER,
            &words,
            font::caption(),
            theme.text_3,
        );
    }
}
