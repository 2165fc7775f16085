//! One method explained: what it does and when it fits, the items that it labels otherwise, and how it sees the raters.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::bars::RaterBars;
use super::{LabState, page, parted};
use crate::analysis::lab::{Lab, Outcome};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, count, link, text, text_block, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::aggregation::Which;

pub(super) fn one_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    lab: &Lab,
    state: &LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let selected = state.method(lab);
    let Some(method) = lab.methods.get(selected) else { return };
    let about = method.which.row();
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter().clone();
    let right = text(
        &p,
        pos2(r.left(), r.top() + 12.0),
        Align2::LEFT_CENTER,
        about.name,
        font::heading(),
        theme.text,
    );
    text_cut(
        &p,
        pos2(right.right() + 12.0, r.top() + 13.0),
        (r.right() - right.right() - 12.0).max(20.0),
        about.source,
        font::caption(),
        theme.text_3,
    );
    let words = format!("{} Fits: {}", about.about, lower_first(about.fits));
    let block = text_block(&p, pos2(r.left(), r.top() + 28.0), r.width(), &words, font::body(), theme.text_2);
    let mut y = block.bottom() + 18.0;
    if link(ui, pos2(r.left(), y), "What it assumes, and when not to use it", "lab page").clicked() {
        out.push(Request::Explain(page(method.which)));
    }
    y += 16.0;
    let outcome = match &method.outcome {
        Ok(outcome) => outcome,
        Err(reason) => {
            let words = format!("Not run: {reason}");
            text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
            return;
        }
    };
    if let Some(condition) = parted(lab, 0, selected)
        && outcome.n_other_than_majority > 0
    {
        let words =
            format!("Open {} it labels otherwise", count(outcome.n_other_than_majority, "item", "items"));
        if Button::new(&words).show(ui, pos2(r.left(), y), "open parted").0.clicked() {
            out.push(Request::Filter(vec![condition]));
        }
        y += 40.0;
    } else {
        y += 8.0;
    }
    if doc.dataset.raters.are_known() {
        raters_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), doc, method.which, outcome, out);
    }
}

/// Skills, lowest first.
fn raters_ui(ui: &Ui, r: Rect, doc: &Document, which: Which, outcome: &Outcome, out: &mut Vec<Request>) {
    let mut skills: Vec<(u32, f64)> =
        outcome.skill.iter().enumerate().filter_map(|(i, s)| Some((i as u32, (*s)?))).collect();
    skills.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let low = skills.first().map_or(0.0, |s| s.1.min(0.0));
    let high = skills.last().map_or(1.0, |s| s.1.max(1.0));
    let caption = which.row().skill;
    RaterBars { caption, values: &skills, range: (low, high), bad: &[] }.show(ui, r, doc, out);
}

fn lower_first(words: &str) -> String {
    let mut chars = words.chars();
    // A proper name that begins a sentence keeps its capital.
    match chars.next() {
        Some(first)
            if chars.clone().next().is_some_and(char::is_lowercase) && !words.starts_with("Dawid") =>
        {
            first.to_lowercase().chain(chars).collect()
        }
        _ => words.to_owned(),
    }
}
