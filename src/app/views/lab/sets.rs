//! Answers of several labels, read as candidates: what share each label comes to, and which items are decided.

use egui::{Rect, Ui, pos2, vec2};

use super::LabState;
use crate::analysis::sets::{DECIDED, SetsReport};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{Button, heading, link, number, text_block, thousands, two_panes};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Estimate;

const COLUMNS: [(&str, &str); 2] =
    [("in sets", "Answers that name the label"), ("items", "Items of which it is the most probable label")];

/// What lies behind a row: the items of which it is the most probable label.
pub(super) fn behind(report: &SetsReport, row: usize) -> Option<Request> {
    let member = report.members.get(row)?;
    let words = format!("candidates come to “{}”", member.name);
    Some(Request::Filter(vec![Condition::among(words, member.items.clone())]))
}

/// Paints the tab.
pub(super) fn ui(ui: &mut Ui, rect: Rect, report: &SetsReport, state: &mut LabState, out: &mut Vec<Request>) {
    let (left, right) = two_panes(ui, rect, 0.6, (420.0, 900.0));
    let rows: Vec<forest::Row> = report
        .members
        .iter()
        .map(|member| forest::Row {
            name: member.name.clone(),
            statistic: Estimate::new(member.share, member.items.len(), 0).into(),
            cells: vec![thousands(member.n_sets as u64), thousands(member.items.len() as u64)],
            ringed: false,
        })
        .collect();
    let plot = Forest {
        title: ("Labels", "share that the sets come to; open a row to see its items"),
        columns: &COLUMNS,
        rows: &rows,
        selected: Some(state.row),
        whole: None,
        quiet: false,
        open: false,
    };
    if let Some(row) = plot.show(ui, left.shrink2(vec2(16.0, 12.0)), std::mem::take(&mut state.reveal)) {
        state.row = row;
        out.extend(behind(report, row));
    }
    facts_ui(ui, right.shrink2(vec2(16.0, 12.0)), report, state, out);
}

fn facts_ui(ui: &Ui, r: Rect, report: &SetsReport, state: &mut LabState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Answers as candidates", "");
    let words = "An answer of several labels is read as “one of these”. Answers on an item are narrowed down to what they \
                 have in common; what stays open goes by how frequent labels are.";
    let block = text_block(&p, pos2(r.left(), r.top() + 26.0), r.width(), words, font::body(), theme.text_2);
    let mut y = block.bottom() + 12.0;
    let kinds = [
        (0, "Maximum likelihood", "Labels that are never needed lose everything in the end"),
        (1, "Keep rare labels", "A tenth of a count more for each label (Dirichlet 1.1)"),
    ];
    let mut x = r.left();
    for (tenths, name, hint) in kinds {
        let on = state.extra_tenths == tenths;
        let (response, right) = Button::new(name).on(on).show(ui, pos2(x, y), ("extra", tenths));
        if response.clicked() {
            state.extra_tenths = tenths;
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    y += 42.0;
    let fact = |y: f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y + FACT
    };
    y = fact(
        y,
        "Answers that name a label",
        &thousands(report.n_sets as u64),
        "One by each rater on each item",
    );
    y = fact(
        y,
        "labels an answer, mean",
        &number(report.mean_size, 2),
        "1 where every answer is a single label",
    );
    y = fact(
        y,
        "Answers that name none",
        &thousands(report.fit.abstentions as u64),
        "Empty answers: they say nothing and are counted apart",
    );
    let lists = [
        ("Items decided", "candidates come to one label", &report.decided),
        ("Items still open", "candidates leave several labels", &report.open),
        ("Items whose answers have nothing in common", "candidates contradict each other", &report.conflicts),
    ];
    for (what, words, items) in lists {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let value = thousands(items.len() as u64);
        if (Fact { what, value: &value, opens: true, selected: false, hint: "" }).show(ui, line, what) {
            out.push(Request::Filter(vec![Condition::among(words.to_owned(), items.clone())]));
        }
        y += FACT;
    }
    let words = format!("Decided is a probability of {} or more.", number(DECIDED, 2));
    y = text_block(&p, pos2(r.left(), y + 4.0), r.width(), &words, font::caption(), theme.text_3).bottom()
        + 14.0;
    heading(&p, theme, pos2(r.left(), y + 8.0), "Against gold", "");
    y += 22.0;
    match &report.quality {
        Ok(q) => {
            y = fact(
                y,
                "Coverage: answers that hold the gold label",
                &number(q.coverage, 3),
                "Share of answers that name the gold label among others",
            );
            y = fact(
                y,
                "Specificity: 1 for single labels, 0 for all",
                &number(q.specificity, 3),
                "Mean of (labels in all − labels in the answer) ÷ (labels in all − 1)",
            );
            y = fact(
                y,
                "Harmonic mean of the two",
                &number(q.balance, 3),
                "High only where answers hold the gold label and little else",
            );
        }
        Err(reason) => {
            let words = format!("Undefined: {reason}.");
            y = text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2).bottom();
        }
    }
    if link(ui, pos2(r.left(), y + 18.0), "What candidate sets are", "candidate sets page").clicked() {
        out.push(Request::Explain("candidate_sets"));
    }
}
