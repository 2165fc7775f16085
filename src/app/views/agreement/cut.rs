//! One coefficient cut up: its parts on one axis, and what the cut means.

use egui::{Rect, Ui, pos2, vec2};

use super::super::capital;
use super::{AgreementState, page};
use crate::analysis::cuts::{Behind, Beside, By, Cell, CutRow, Cuts};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::forest::{self, Forest};
use crate::app::widgets::paint::{count, link, number, text_block, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::report::extras::beside_words;
use crate::stats::Undefined;

/// The parts.
pub(super) fn parts_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    cuts: &Result<Cuts, Undefined>,
    state: &mut AgreementState,
    out: &mut Vec<Request>,
) {
    let r = rect.shrink2(vec2(16.0, 12.0));
    let cuts = match cuts {
        Ok(cuts) => cuts,
        Err(reason) => {
            let why = format!("{}.", capital(&reason.to_string()));
            empty::nothing(ui, rect, "This cut says nothing here", &why, Vec::new(), out);
            return;
        }
    };
    state.row = state.row.min(cuts.rows.len().saturating_sub(1));
    let rows: Vec<forest::Row> = cuts
        .rows
        .iter()
        .map(|row| forest::Row {
            name: row.name.clone(),
            statistic: row.statistic.clone(),
            cells: row.cells.iter().map(cell).collect(),
            ringed: false,
        })
        .collect();
    let more = if cuts.n_more > 0 {
        format!("; {} more are not shown", thousands(cuts.n_more as u64))
    } else {
        String::new()
    };
    let caption = format!(
        "{}{}; open a row to see what is behind it{more}",
        cuts.name,
        if cuts.whole.is_some() { "; the dashed line is the whole" } else { "" }
    );
    let title = capital(&cuts.asked.by.words(&doc.dataset));
    let plot = Forest {
        title: (&title, &caption),
        columns: cuts.asked.by.columns(),
        rows: &rows,
        selected: Some(state.row),
        whole: cuts.whole.as_ref().and_then(|w| w.1.value()),
        quiet: false,
        open: false,
    };
    if let Some(row) = plot.show(ui, r, std::mem::take(&mut state.reveal)) {
        state.row = row;
        out.extend(behind(doc, cuts, row));
    }
}

/// What a row stands for, to be opened.
pub(super) fn behind(doc: &Document, cuts: &Cuts, row: usize) -> Vec<Request> {
    let Some(CutRow { name, behind, .. }) = cuts.rows.get(row) else { return Vec::new() };
    let filter = |conditions| vec![Request::Filter(conditions)];
    match behind {
        Behind::Label(label) => filter(vec![Condition::Voted(*label), Condition::Split]),
        Behind::Rater(rater) => vec![Request::SelectRater(*rater), Request::Show(View::Raters)],
        Behind::Parted(items) => {
            let words = format!("{name} and all others have other majorities");
            filter(vec![Condition::among(words, items.clone())])
        }
        Behind::Items(items) => {
            let words = match cuts.asked.by {
                By::Before => format!("they stand {name}"),
                _ => format!("{} is {name}", slice_of(doc, &cuts.asked.by)),
            };
            filter(vec![Condition::among(words, items.clone())])
        }
        Behind::Item(item) => {
            // Those that lower it; the one that was opened in any case.
            let lowers = |r: &CutRow| matches!(r.cells.get(1), Some(Cell::Number(Some(v))) if *v < 0.0);
            let items = cuts.rows.iter().filter_map(|r| match r.behind {
                Behind::Item(other) if other == *item || lowers(r) => Some(other),
                _ => None,
            });
            let words = "they lower agreement most".to_owned();
            vec![Request::Filter(vec![Condition::among(words, items.collect())]), Request::Select(*item)]
        }
        Behind::Question(name) => vec![Request::Question(name.clone())],
        Behind::Whole => filter(vec![Condition::Split]),
    }
}

fn slice_of<'a>(doc: &'a Document, by: &By) -> &'a str {
    match by {
        By::Slice(column) => doc.dataset.metadata.get(*column).map_or("", |(n, _)| n.as_str()),
        _ => "",
    }
}

/// What the cut means, and what to mind.
pub(super) fn about_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    cuts: &Result<Cuts, Undefined>,
    state: &AgreementState,
    out: &mut Vec<Request>,
) {
    let Ok(cuts) = cuts else { return };
    let theme = Theme::of(ui.ctx());
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter_at(rect).clone();
    let block = |y: f32, words: &str, font: egui::FontId, color: egui::Color32| {
        text_block(&p, pos2(r.left(), y), r.width(), words, font, color).bottom()
    };
    let mut y = block(r.top(), &meaning(&cuts.asked.by), font::body(), theme.text);
    if let Some((name, whole)) = &cuts.whole {
        let words = match whole.value() {
            Some(v) => format!("Of all: {name} {}", number(v, 3)),
            None => format!("Of all: {name} undefined, {}", whole.reason().unwrap_or_default()),
        };
        y = block(y + 10.0, &words, font::mono(), theme.text);
    }
    if let Some(beside) = &cuts.beside {
        y = beside_ui(ui, pos2(r.left(), y + 8.0), r.width(), doc, beside, out);
    }
    for note in &cuts.notes {
        y = block(y + 8.0, note, font::body(), theme.text_2);
    }
    y += 18.0;
    let about = match cuts.asked.by {
        By::Group(_) => "group_agreement",
        By::Label => "label_set",
        By::Before => "runs_of_disagreement",
        _ => page(state.kind(doc)),
    };
    if link(ui, pos2(r.left(), y), "Definition, and when not to use it", "cut page").clicked() {
        out.push(Request::Explain(about));
    }
    y += 18.0;
    for (name, what) in cuts.asked.by.columns() {
        y = block(y, &format!("{name}: {what}."), font::caption(), theme.text_3) + 4.0;
    }
    let left_out = doc.settings.left_out(&doc.dataset.raters);
    if !left_out.is_empty() {
        let words = format!(
            "{} not counted; switch raters in Raters.",
            count(left_out.len(), "rater is", "raters are")
        );
        block(y + 6.0, &words, font::caption(), theme.text_3);
    }
}

/// What a cut tells beside its parts, line by line; where it ends.
fn beside_ui(
    ui: &Ui,
    at: egui::Pos2,
    width: f32,
    doc: &Document,
    beside: &Beside,
    out: &mut Vec<Request>,
) -> f32 {
    let mut y = at.y;
    for (what, value) in beside_words(&doc.dataset, beside) {
        let uncovered = match beside {
            Beside::Labels(h) if what == "Coverage" && !h.uncovered.is_empty() => Some(&h.uncovered),
            _ => None,
        };
        let line = Rect::from_min_size(pos2(at.x, y), vec2(width, FACT));
        let fact =
            Fact { what, value: &value, opens: uncovered.is_some(), selected: false, hint: hint(what) };
        if fact.show(ui, line, ("beside", what))
            && let Some(items) = uncovered
        {
            let words = "a vote is outside of the labels".to_owned();
            out.push(Request::Filter(vec![Condition::among(words, items.clone())]));
        }
        y += FACT;
    }
    y
}

fn hint(what: &str) -> &'static str {
    match what {
        "Coverage" => {
            "Share of ratings that are no “other”, with Wilson's 95 % interval; open it to read what no label holds"
        }
        "Outside of it" => "Labels that stand for all that the others do not hold",
        "Never given" => "Labels that nobody gave",
        "Below chance" => "Labels whose κ, or without one α, is below 0: read in several ways",
        "Lag-1 autocorrelation" => {
            "How disagreement on an item goes with that on the one before it: 0 as if they were dealt out"
        }
        "Differ" => "Share of items on which ratings are not all the same",
        _ => "",
    }
}

fn meaning(by: &By) -> String {
    match by {
        By::Label => "Each label against all others: where a label's agreement is low, its definition is the first suspect.",
        By::Level => "The same votes with labels cut to their first levels. Where agreement jumps, raters tell the classes \
                      apart but not their kinds.",
        By::Rater => "The coefficient of everybody else. A rater without whom it rises goes another way: careless, or of \
                      another mind.",
        By::Group(_) => "Agreement within groups and across them. Where raters of a group agree with each other and not \
                         with the rest, the majority hides their view.",
        By::Slice(_) => "The coefficient on parts of the items. Where it drops, items are harder or the guideline is \
                         silent.",
        By::Item => "What each item does to the whole: read the first of them before anything else.",
        By::Before => "Agreement after a disagreement, after agreement, and at a beginning. Where raters disagree again and again, \
                       it is about longer stretches; single ones are slips, or hard words.",
        By::Question => "All questions of the source: which of them do raters answer alike?",
    }
    .to_owned()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Count(n) => thousands(*n),
        Cell::Number(None) => "—".to_owned(),
        Cell::Number(Some(v)) if *v != 0.0 && v.abs() < 0.001 => number(*v, 5),
        Cell::Number(Some(v)) => number(*v, 3),
    }
}
