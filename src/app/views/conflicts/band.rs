//! Facts about the logs: how many items several decided, how far reviewers agree, and each pair of them.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::ConflictsState;
use super::model::{self, List};
use crate::app::command::Command;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{count, heading, link, number, text, text_cut, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::review::gathered::Gathered;
use crate::review::reviewers::{Agreement, Reviewers};
use crate::stats::Statistic;

/// Height of the band.
pub(super) const HEIGHT: f32 = 126.0;
/// Reviewers of which a table is shown.
const TABLE: usize = 6;

pub(super) fn ui(ui: &Ui, rect: Rect, found: &Gathered, state: &mut ConflictsState, out: &mut Vec<Request>) {
    let r = rect.shrink2(vec2(16.0, 10.0));
    let gap = 32.0;
    let width = (r.width() - 2.0 * gap) / 3.0;
    let column = |k: f32| Rect::from_min_size(r.min + vec2(k * (width + gap), 0.0), vec2(width, r.height()));
    items_ui(ui, column(0.0), found, state, out);
    agreement_ui(ui, column(1.0), &found.reviewers);
    reviewers_ui(ui, column(2.0), found, state, out);
}

fn items_ui(ui: &Ui, r: Rect, found: &Gathered, state: &mut ConflictsState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let c = found.reviewers.counts;
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 8.0), "Items", "that somebody decided");
    let words = "What is this?";
    let at = r.right() - text_width(ui.painter(), words, font::body());
    if link(ui, pos2(at, r.top() + 8.0), words, "about conflicts").clicked() {
        out.push(Request::Explain("adjudication"));
    }
    let settled =
        format!("{} of {}", thousands(c.adjudicated as u64), thousands((c.adjudicated + c.conflicts) as u64));
    let facts = [
        (
            "decided by several",
            thousands(c.several as u64),
            None,
            "Two reviewers or more; “unsure” counts as a decision here",
        ),
        (
            "conflicts settled",
            settled,
            Some(List::Adjudicated),
            "By an adjudication that names the decisions it is between",
        ),
        (
            "adjudications that are stale",
            thousands(c.stale as u64),
            (c.stale > 0).then_some(List::Adjudicated),
            "A decision that it names was superseded, so that it does not count any more",
        ),
    ];
    let mut line = Rect::from_min_size(r.min + vec2(0.0, 20.0), vec2(r.width(), FACT));
    for (what, value, opens, hint) in facts {
        let fact = Fact { what, value: &value, opens: opens.is_some(), selected: false, hint };
        if let (true, Some(list)) = (fact.show(ui, line, what), opens) {
            state.list = list;
        }
        line = line.translate(vec2(0.0, FACT));
    }
    let left_out = found.reviewers.stale.len();
    if left_out > 0 {
        let words =
            format!("{} not fit the data and left out", count(left_out, "decision does", "decisions do"));
        text_cut(
            ui.painter(),
            pos2(r.left(), line.top() + 8.0),
            r.width(),
            &words,
            font::caption(),
            theme.text_3,
        );
    }
}

/// A value with its interval.
fn value(s: &Statistic) -> String {
    match s {
        Statistic::Undefined(_) => "—".to_owned(),
        Statistic::Defined(e) => match e.ci {
            Some((low, high)) => format!("{} [{}, {}]", number(e.value, 2), number(low, 2), number(high, 2)),
            None => number(e.value, 2),
        },
    }
}

fn agreement_ui(ui: &Ui, r: Rect, reviewers: &Reviewers) {
    let theme = Theme::of(ui.ctx());
    let Some(a) = reviewers.agreement.first() else { return };
    let caption = format!("on {} that several decided", count(a.n_shared, "item", "items"));
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 8.0), "Agreement of reviewers", &caption);
    let mut facts = vec![(
        "observed",
        &a.observed,
        "Share of pairs of decisions that are alike, item by item; “unsure” takes no part",
    )];
    if let Some(kappa) = &a.kappa {
        facts.push(("Cohen's kappa", kappa, "Agreement of two beyond chance, with its interval"));
    }
    facts.push((
        "Krippendorff's alpha",
        &a.alpha,
        "Agreement of any number beyond chance, with its interval",
    ));
    let mut line = Rect::from_min_size(r.min + vec2(0.0, 20.0), vec2(r.width(), FACT));
    for (what, statistic, hint) in facts {
        let words = value(statistic);
        let reason = statistic.reason().map(|why| format!("{hint}. Undefined: {why}"));
        let hint = reason.as_deref().unwrap_or(hint);
        Fact { what, value: &words, opens: false, selected: false, hint }.show(ui, line, what);
        line = line.translate(vec2(0.0, FACT));
    }
    let words = "Items under suspicion rather than a random sample";
    text_cut(ui.painter(), pos2(r.left(), line.top() + 8.0), r.width(), words, font::caption(), theme.text_3);
}

fn reviewers_ui(ui: &Ui, r: Rect, found: &Gathered, state: &ConflictsState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let reviewers = &found.reviewers;
    let a = reviewers.agreement.first().filter(|a| (3..=TABLE).contains(&a.reviewers.len()));
    let n = reviewers.reviewers.len();
    let caption = match a {
        _ if !state.names_shown => "",
        Some(_) => "Cohen's kappa of each pair",
        None => "decisions",
    };
    heading(p, theme, pos2(r.left(), r.top() + 8.0), &count(n, "reviewer", "reviewers"), caption);
    let body = Rect::from_min_max(r.min + vec2(0.0, 20.0), r.max);
    if let Some(a) = a.filter(|_| state.names_shown) {
        pairs_ui(ui, body, reviewers, a);
    } else if !state.names_shown {
        text_cut(
            p,
            pos2(r.left(), body.top() + 12.0),
            r.width(),
            "Names are hidden",
            font::body(),
            theme.text_3,
        );
    } else {
        let mut line = Rect::from_min_size(body.min, vec2(r.width(), FACT));
        for reviewer in reviewers.reviewers.iter().take(if n > 3 { 2 } else { 3 }) {
            let value = thousands(reviewer.n_decisions as u64);
            let hint = if reviewer.n_adjudications > 0 {
                format!("and {}", count(reviewer.n_adjudications, "adjudication", "adjudications"))
            } else {
                String::new()
            };
            Fact { what: &reviewer.name, value: &value, opens: false, selected: false, hint: &hint }.show(
                ui,
                line,
                ("reviewer", &reviewer.log_id),
            );
            line = line.translate(vec2(0.0, FACT));
        }
        if n > 3 {
            let words = format!("and {} more", n - 2);
            text_cut(p, pos2(r.left(), line.top() + 10.0), r.width(), &words, font::caption(), theme.text_3);
        }
    }
    if let Some((path, why)) = found.refused.first() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let words = format!("{} left out: {name}", count(found.refused.len(), "log", "logs"));
        let at = pos2(r.left(), r.bottom() - 4.0);
        text_cut(p, at, r.width() - 90.0, &words, font::caption(), theme.text_2);
        let zone = Rect::from_min_size(pos2(r.left(), at.y - 9.0), vec2(r.width() - 90.0, 18.0));
        let response = ui.interact(zone, ui.scope_id().with("refused"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{words}: {why}")));
        response.on_hover_text(why);
        if link(ui, pos2(r.right() - 74.0, at.y), "Read again", "look again").clicked() {
            out.push(Request::Run(Command::ShowConflicts));
        }
    } else if found.files.iter().any(|f| f.is_torn) {
        let words = "The end of a log is not whole and was left out";
        text_cut(p, pos2(r.left(), r.bottom() - 4.0), r.width(), words, font::caption(), theme.text_2);
    }
}

/// Kappa of each pair, names at the left and by number above.
fn pairs_ui(ui: &Ui, r: Rect, reviewers: &Reviewers, a: &Agreement) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let k = a.reviewers.len();
    let step = (r.height() / k as f32).min(20.0);
    let cell = 42.0_f32.min((r.width() - 70.0) / k as f32);
    let left = r.right() - cell * k as f32;
    let name = |at: usize| model::name_at(reviewers, at, a.reviewers[at], false);
    for row in 0..k {
        let y = r.top() + step * (row as f32 + 0.5);
        text_cut(p, pos2(r.left(), y), left - r.left() - 8.0, &name(row), font::body(), theme.text_2);
        for column in 0..k {
            let area = Rect::from_min_size(
                pos2(left + cell * column as f32, y - step / 2.0),
                vec2(cell - 2.0, step - 2.0),
            );
            if row == column {
                p.rect_filled(area, 2.0, theme.grid);
                continue;
            }
            let (low, high) = (row.min(column) as u32, row.max(column) as u32);
            let pair = a.pairs.iter().find(|p| (p.a, p.b) == (low, high));
            let kappa = pair.and_then(|pair| pair.kappa.value());
            let words = kappa.map_or_else(|| "—".to_owned(), |k| number(k, 2));
            text(
                p,
                area.right_center() - vec2(4.0, 0.0),
                Align2::RIGHT_CENTER,
                &words,
                font::mono_small(),
                theme.text,
            );
            let response = ui.interact(area, ui.scope_id().with(("pair", row, column)), Sense::hover());
            let all = match pair {
                Some(pair) => format!(
                    "{} and {}: kappa {}, {} % alike on {}",
                    name(row),
                    name(column),
                    value(&pair.kappa),
                    number(100.0 * pair.percent_agreement, 0),
                    count(pair.n_items, "item", "items")
                ),
                None => format!("{} and {} decided no item in common", name(row), name(column)),
            };
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &all));
            response.on_hover_text(all);
        }
    }
}
