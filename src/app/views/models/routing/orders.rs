//! Three orders that nothing is learned for: below the knee, where two differ most, where two are told apart.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::super::ModelsState;
use super::{Line, behind, both, choose_ui, lines, page_ui, percent, plot};
use crate::analysis::routing::{Decisive, Differing, Divergence, Machine, RoutingReport};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, bar, count, heading, number, spoken, text, text_block, text_width, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;

/// Paints all three, one below the other.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) {
    ui.scope_builder(egui::UiBuilder::new().max_rect(r).id_salt("orders"), |ui| {
        egui::ScrollArea::vertical().id_salt("orders").auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            // Plots take what the lines leave of the height.
            let plot = ((r.height() - 470.0) / 2.0).clamp(56.0, 180.0);
            let r = Rect::from_min_size(top, vec2(r.width() - 12.0, r.height()));
            let mut y = below_ui(ui, r, plot, doc, state, report, out);
            y = differing_ui(ui, below(r, y), doc, state, report, out);
            y = decisive_ui(ui, below(r, y), plot, doc, state, report, out);
            page_ui(ui, pos2(r.left(), y + 20.0), out);
            ui.allocate_space(vec2(r.width(), y + 34.0 - top.y));
        });
    });
}

fn below(r: Rect, y: f32) -> Rect {
    Rect::from_min_max(pos2(r.left(), y + 14.0), r.right_bottom())
}

/// A line that opens an order's items.
fn open_ui(
    ui: &Ui,
    at: egui::Pos2,
    width: f32,
    (what, n, line): (&str, usize, Line),
    (doc, state, report): (&Document, &mut ModelsState, &RoutingReport),
    out: &mut Vec<Request>,
) -> f32 {
    let row = lines(report).iter().position(|&l| l == line);
    let fact = Fact {
        what,
        value: &thousands(n as u64),
        opens: row.is_some(),
        selected: row == Some(state.category),
        hint: "Click, or Enter, for the items in this order",
    };
    let area = Rect::from_min_size(at, vec2(width, FACT));
    if fact.show(ui, area, ("order", what))
        && let Some(row) = row
    {
        state.category = row;
        out.extend(behind(doc, &state.routing, report, row));
    }
    at.y + FACT
}

fn words_ui(ui: &Ui, r: Rect, y: f32, words: &str) -> f32 {
    let theme = Theme::of(ui.ctx());
    let block = text_block(ui.painter(), pos2(r.left(), y), r.width(), words, font::caption(), theme.text_2);
    spoken(ui, block, words);
    block.bottom()
}

fn reason_ui(ui: &Ui, r: Rect, y: f32, reason: &Undefined) -> f32 {
    words_ui(ui, r, y, &format!("— {reason}"))
}

fn below_ui(
    ui: &Ui,
    r: Rect,
    height: f32,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let name = report.below.as_ref().map_or_else(|_| String::new(), |b| b.model.name(&doc.dataset));
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), "Below the knee", &name);
    let y = r.top() + 28.0;
    let found = match &report.below {
        Ok(found) => found,
        Err(reason) => return reason_ui(ui, r, y, reason),
    };
    let area = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), height));
    let words = "log p of the label − log p of the best other, in ascending order, and its knee";
    plot::scores_ui(ui, area, &found.margins, found.bend.map(|b| b.knee), words);
    let y = area.bottom() + 4.0;
    let Some(bend) = found.bend else {
        let words = format!(
            "No knee: the margins of {} lie on a line. Take a fixed number of label issues instead.",
            count(found.margins.len(), "label", "labels")
        );
        return words_ui(ui, r, y + 2.0, &words);
    };
    let line = ("Labels below the knee", found.items.len(), Line::Below);
    let y = open_ui(ui, pos2(r.left(), y), r.width(), line, (doc, state, report), out);
    let share = found.items.len() as f64 / found.margins.len().max(1) as f64;
    let words = format!(
        "{} of {} labels. Margin at the knee {}, at the elbow {}.",
        percent(share),
        thousands(found.margins.len() as u64),
        number(found.margins[bend.knee], 2),
        number(found.margins[bend.elbow], 2)
    );
    words_ui(ui, r, y + 2.0, &words)
}

/// Two that are chosen, at `y`; whether the second found no room beside the first.
fn pair_ui(
    ui: &Ui,
    r: Rect,
    y: f32,
    doc: &Document,
    (all, pair): (&[Machine], (Machine, Machine)),
    id: [&str; 2],
) -> (Option<Machine>, Option<Machine>) {
    let theme = Theme::of(ui.ctx());
    let half = (r.width() - 40.0) / 2.0 - 30.0;
    let (first, right) = choose_ui(ui, (pos2(r.left(), y), half), doc, (all, pair.0), id[0]);
    let x = text(
        ui.painter(),
        pos2(right + 8.0, y + 14.0),
        Align2::LEFT_CENTER,
        "and",
        font::caption(),
        theme.text_3,
    )
    .right();
    let (second, _) = choose_ui(ui, (pos2(x + 8.0, y), half), doc, (all, pair.1), id[1]);
    (first, second)
}

/// Two choices at the right end of a heading; the one that was pressed.
fn either_ui(ui: &Ui, r: Rect, names: [(&str, &str); 2], on: usize) -> Option<usize> {
    let p = ui.painter();
    let width: f32 = names.iter().map(|n| Button::new(n.0).width(p) + 4.0).sum();
    let (mut x, mut pressed) = (r.right() + 4.0 - width, None);
    for (at, (name, hint)) in names.into_iter().enumerate() {
        let (response, right) =
            Button::new(name).on(at == on).show(ui, pos2(x, r.top() - 4.0), ("either", name));
        if response.clicked() {
            pressed = Some(at);
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    pressed
}

fn differing_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), "Two that differ most", "");
    let names = [
        ("Any", "Where the two differ most, whatever the items"),
        ("Unlike each other", "Items that are like one taken before come later: by embeddings, else words"),
    ];
    if let Some(at) = either_ui(ui, r, names, usize::from(state.routing.asked.unlike)) {
        state.routing.asked.unlike = at == 1;
    }
    let mut y = r.top() + 32.0;
    let found = report.differing.as_ref();
    let pair = found.map(|f| f.pair).ok();
    let pair = pair.or_else(|| crate::analysis::routing::two(&doc.who.all, state.routing.asked.pair));
    if let Some(pair) = pair {
        let chosen = pair_ui(ui, r, y, doc, (&doc.who.all, pair), ["first of two", "second of two"]);
        let asked = &mut state.routing.asked.pair;
        *asked = (chosen.0.or(asked.0), chosen.1.or(asked.1));
        y += 34.0;
    }
    match found {
        Err(reason) => reason_ui(ui, r, y, reason),
        Ok(found) => differing_facts_ui(ui, r, y, doc, state, (report, found), out),
    }
}

fn differing_facts_ui(
    ui: &Ui,
    r: Rect,
    y: f32,
    doc: &Document,
    state: &mut ModelsState,
    (report, found): (&RoutingReport, &Differing),
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let words =
        format!("{} of {} differ", thousands(found.n_differ as u64), count(found.n_both, "item", "items"));
    let width = text_width(p, &words, font::mono()) + 12.0;
    let share = found.n_differ as f32 / found.n_both.max(1) as f32;
    let track = Rect::from_min_max(pos2(r.left(), y + 7.0), pos2(r.right() - width, y + 15.0));
    bar(p, track, share, theme.mark, theme.grid);
    text(p, pos2(r.right(), y + 11.0), Align2::RIGHT_CENTER, &words, font::mono(), theme.text);
    spoken(ui, Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), y + 22.0)), &words);
    let what = match found.unlike_by {
        Some(by) => format!("The first, unlike each other in {by}"),
        None => "The first".to_owned(),
    };
    let line = (what.as_str(), found.items.len(), Line::Differing);
    open_ui(ui, pos2(r.left(), y + 24.0), r.width(), line, (doc, state, report), out)
}

fn decisive_ui(
    ui: &Ui,
    r: Rect,
    height: f32,
    doc: &Document,
    state: &mut ModelsState,
    report: &RoutingReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), "Decisive first", "");
    let found = match &report.decisive {
        Ok(found) => found,
        Err(reason) => return reason_ui(ui, r, r.top() + 28.0, reason),
    };
    let names = [
        ("KL", "Kullback–Leibler divergence of the first from the second: not the same both ways"),
        ("JSD", "Jensen–Shannon divergence: the same both ways"),
    ];
    if let Some(at) = either_ui(ui, r, names, usize::from(found.by == Divergence::Js)) {
        state.routing.asked.by = [Divergence::Kl, Divergence::Js][at];
    }
    let mut y = r.top() + 32.0;
    let chosen = pair_ui(ui, r, y, doc, (&doc.who.systems, found.pair), ["first system", "second system"]);
    let asked = &mut state.routing.asked.systems;
    *asked = (chosen.0.or(asked.0), chosen.1.or(asked.1));
    y += 36.0;
    let area = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), height));
    let by = if found.by == Divergence::Kl { "KL" } else { "JSD" };
    let words = format!("{by} of {} in nats, in descending order", both(doc, found.pair));
    plot::scores_ui(ui, area, &found.scores, None, &words);
    y = area.bottom() + 4.0;
    let line = ("Most decisive first", found.items.len(), Line::Decisive);
    y = open_ui(ui, pos2(r.left(), y), r.width(), line, (doc, state, report), out);
    ties_ui(ui, r, y, found)
}

fn ties_ui(ui: &Ui, r: Rect, mut y: f32, found: &Decisive) -> f32 {
    match &found.saved {
        Err(reason) => words_ui(ui, r, y + 2.0, &format!("Ties saved: — {reason}")),
        Ok(saved) => {
            for s in saved {
                let what = format!("Ties saved in the first {} %", number(100.0 * s.share, 0));
                let value = format!(
                    "{} ({} to {})",
                    percent(s.saved),
                    number(100.0 * s.ci.0, 0),
                    number(100.0 * s.ci.1, 0)
                );
                let hint = "1 − share of ties there / share of all, with Wilson’s interval of the former";
                let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
                Fact { what: &what, value: &value, opens: false, selected: false, hint }
                    .show(ui, line, &what);
                y += FACT;
            }
            let words = format!(
                "{} of {} are tied by people’s votes.",
                thousands(found.n_tied.0 as u64),
                count(found.n_tied.1, "item", "items")
            );
            words_ui(ui, r, y + 2.0, &words)
        }
    }
}
