//! Soft labels: a list to tick, what each distribution is like, where a pair of them parts, and the hardest items.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::LabState;
use super::pair_map::PairMap;
use crate::analysis::soft::{Component, Soft, Summary};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::{Condition, Labellings};
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, count, heading, hit_as, link, number, text, text_cut, thousands, two_panes,
};
use crate::app::widgets::theme::{Theme, font};

const STEP: f32 = 26.0;

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    soft: &Soft,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let gold = doc.dataset.gold.is_some();
    let (left, right) = two_panes(ui, rect, if gold { 0.52 } else { 0.44 }, (380.0, 760.0));
    list_ui(ui, left, gold, soft, state, out);
    let right = right.shrink2(vec2(16.0, 12.0));
    let below = pairs_ui(ui, right, soft, out);
    hardest_ui(ui, Rect::from_min_max(pos2(right.left(), below), right.max), doc, soft, out);
}

fn list_ui(ui: &Ui, rect: Rect, gold: bool, soft: &Soft, state: &mut LabState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let r = rect.shrink2(vec2(16.0, 12.0));
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Soft labels",
        "tick what is averaged; entropy in bits",
    );
    let columns: &[(&str, f32)] = if gold {
        &[("Entropy", 66.0), ("NLL", 60.0), ("Brier", 60.0), ("Accuracy", 70.0)]
    } else {
        &[("Entropy", 66.0)]
    };
    let mut x = r.right();
    for (name, width) in columns.iter().rev() {
        text(&p, pos2(x, r.top() + 34.0), Align2::RIGHT_CENTER, name, font::caption(), theme.text_3);
        x -= width;
    }
    let numbers = |y: f32, summary: &Summary, strong: bool| {
        let color = if strong { theme.text } else { theme.text_2 };
        let score = summary.score.as_ref();
        let cell = |v: Option<f64>, digits: usize| v.map_or_else(|| "—".to_owned(), |v| number(v, digits));
        let cells = [
            number(summary.mean_entropy_bits, 3),
            cell(score.map(|s| s.negative_log_likelihood), 3),
            cell(score.map(|s| s.brier), 3),
            cell(score.map(|s| s.accuracy), 4),
        ];
        let mut x = r.right();
        for ((_, width), cell) in columns.iter().zip(&cells).rev() {
            text(&p, pos2(x, y), Align2::RIGHT_CENTER, cell, font::mono(), color);
            x -= width;
        }
    };
    let mut y = r.top() + 46.0;
    for (i, component) in Component::all().into_iter().enumerate() {
        let line = Rect::from_min_size(pos2(r.left() - 4.0, y), vec2(r.width() + 8.0, STEP));
        let ticked = state.ticked.contains(&component);
        let words = format!("{}: {}", component.name(), if ticked { "averaged" } else { "left out" });
        let id = ui.scope_id().with(("component", component.id()));
        let response = hit_as(ui, line, id, &words, Some(ticked));
        if state.row == i {
            p.rect_filled(line, 2.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        let centre = line.center().y;
        tick(ui, pos2(r.left() + 7.0, centre), ticked);
        text_cut(
            &p,
            pos2(r.left() + 24.0, centre),
            x - r.left() - 30.0,
            component.name(),
            font::body(),
            theme.text,
        );
        if let Some(row) = soft.rows.iter().find(|row| row.component == component && ticked) {
            match &row.summary {
                Ok(summary) => numbers(centre, summary, false),
                Err(reason) => {
                    let at = pos2(r.left() + 170.0, centre);
                    text_cut(&p, at, r.right() - at.x, &format!("— {reason}"), font::caption(), theme.text_3);
                }
            }
        }
        if response.clicked() {
            state.row = i;
            if ticked {
                state.ticked.retain(|c| *c != component);
            } else {
                state.ticked.push(component);
            }
        }
        response.on_hover_text(component.about());
        y += STEP;
    }
    y += 6.0;
    p.hline(r.left()..=r.right(), y, theme.border());
    y += 8.0;
    let name = if soft.asked.multiplied { "Product of the ticked" } else { "Mean of the ticked" };
    text(&p, pos2(r.left() + 24.0, y + STEP / 2.0), Align2::LEFT_CENTER, name, font::strong(), theme.text);
    match &soft.together {
        Ok(summary) => numbers(y + STEP / 2.0, summary, true),
        Err(reason) => {
            let at = pos2(r.left() + 190.0, y + STEP / 2.0);
            text_cut(&p, at, r.right() - at.x, &format!("— {reason}"), font::caption(), theme.text_3);
        }
    }
    y += STEP + 10.0;
    let (response, right) = Button::new("Mean").on(!state.multiplied).show(ui, pos2(r.left(), y), "mean");
    if response.clicked() {
        state.multiplied = false;
    }
    let (response, _) = Button::new("Product").on(state.multiplied).show(ui, pos2(right + 4.0, y), "product");
    if response.clicked() {
        state.multiplied = true;
    }
    response.on_hover_text("Conflation (Hill 2011): certain wherever one of them is");
    let save =
        Button::new("Write as CSV").disabled(soft.together.is_err().then_some("there is nothing to write"));
    let at = pos2(r.right() - save.width(&p), y);
    let (response, _) = save.show(ui, at, "write soft labels");
    if response.clicked() {
        out.push(Request::Run(Command::SaveSoftLabels));
    }
    response.on_hover_text("One row an item, one column a label, beside the original");
    y += 48.0;
    if link(ui, pos2(r.left(), y), "What soft labels are for", "soft page").clicked() {
        out.push(Request::Explain("soft_labels"));
    }
}

/// A box with or without a tick.
fn tick(ui: &Ui, centre: egui::Pos2, on: bool) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let square = Rect::from_center_size(centre, vec2(13.0, 13.0));
    if on {
        p.rect_filled(square, 2.0, theme.accent);
        let points = [centre + vec2(-3.5, 0.0), centre + vec2(-1.0, 3.0), centre + vec2(3.5, -3.0)];
        p.line(points.to_vec(), egui::Stroke::new(1.8, Theme::on(theme.accent)));
    } else {
        p.rect_stroke(square, 2.0, egui::Stroke::new(1.0, theme.line_strong), egui::StrokeKind::Inside);
    }
}

/// Every pair of components: how far apart. Gives where it ends.
fn pairs_ui(ui: &Ui, r: Rect, soft: &Soft, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "How far apart",
        "mean Jensen–Shannon divergence, bits; open a pair's items of other labels",
    );
    let made: Vec<usize> = (0..soft.rows.len()).filter(|&i| soft.rows[i].summary.is_ok()).collect();
    let n = made.len();
    if n < 2 {
        let words = "Tick two components or more.";
        text(&p, pos2(r.left(), r.top() + 40.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
        return r.top() + 60.0;
    }
    let names: Vec<&str> = made.iter().map(|&i| soft.rows[i].component.name()).collect();
    let between = |a: usize, b: usize| {
        let (a, b) = (made[a].min(made[b]), made[a].max(made[b]));
        soft.divergences.iter().find(|d| d.first == a && d.second == b)
    };
    let most = soft.divergences.iter().map(|d| d.mean).fold(1e-9, f64::max);
    let cell = |a: usize, b: usize| {
        let nats = between(a, b)?.mean;
        Some(((nats / most) as f32, number(nats / std::f64::consts::LN_2, 3)))
    };
    let below = Rect::from_min_max(pos2(r.left(), r.top() + 28.0), r.max);
    let room = (r.height() * 0.5 - 40.0, 46.0);
    let title = "Components against components";
    let map = PairMap { title, names: &names, selected: None, cell: &cell, room };
    let (map, end) = map.show(ui, below);
    let end = end + 14.0;
    let words = match map.hovered.and_then(|(a, b)| Some((a, b, between(a, b)?))) {
        Some((a, b, d)) => format!(
            "{} and {}: {} bits, {} of another label",
            names[a],
            names[b],
            number(d.mean / std::f64::consts::LN_2, 4),
            count(d.n_other_label, "item", "items")
        ),
        None => format!("over {} with votes", count(soft.n_voted, "item", "items")),
    };
    text_cut(&p, pos2(r.left(), end), r.width(), &words, font::caption(), theme.text_3);
    if let Some((a, b)) = map.clicked {
        out.extend(parted(soft, made[a], made[b]).map(|c| Request::Filter(vec![c])));
    }
    end + 26.0
}

/// Items whose most probable labels differ between two rows.
fn parted(soft: &Soft, a: usize, b: usize) -> Option<Condition> {
    let (first, second) = (soft.rows.get(a)?, soft.rows.get(b)?);
    let words = format!("{} and {} differ", first.component.name(), second.component.name());
    (a != b)
        .then(|| Condition::MethodsPart(Labellings::new(words, first.labels.clone(), second.labels.clone())))
}

/// What lies behind a row: where its labels are others than the shares of votes, or the first of the ticked.
pub(super) fn behind(soft: &Soft, row: usize) -> Option<Request> {
    let component = *Component::all().get(row)?;
    let at = soft.rows.iter().position(|r| r.component == component && r.summary.is_ok())?;
    let first = soft.rows.iter().position(|r| r.summary.is_ok() && r.component != component)?;
    parted(soft, first, at).map(|c| Request::Filter(vec![c]))
}

/// The items on which components differ most.
fn hardest_ui(ui: &Ui, r: Rect, doc: &Document, soft: &Soft, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    if r.height() < 60.0 {
        return;
    }
    let all: std::sync::Arc<[u32]> = soft.hardest.iter().map(|h| h.0).collect();
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Hardest items", "mean divergence of pairs, bits");
    if all.is_empty() {
        let words = "All that are ticked say the same.";
        text(&p, pos2(r.left(), r.top() + 36.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2);
        return;
    }
    let room = ((r.height() - 30.0) / FACT).floor().max(0.0) as usize;
    for (i, &(item, bits)) in soft.hardest.iter().take(room).enumerate() {
        let line =
            Rect::from_min_size(pos2(r.left(), r.top() + 24.0 + FACT * i as f32), vec2(r.width(), FACT));
        let key = doc.dataset.keys.get(item as usize);
        let words = match &doc.dataset.texts {
            Some(texts) => format!("{key}  {}", first_words(texts.get(item as usize))),
            None => key.to_owned(),
        };
        let fact = Fact {
            what: &words,
            value: &number(bits, 3),
            opens: true,
            selected: false,
            hint: "Mean Jensen–Shannon divergence over all pairs of the ticked; 1 bit is opposite certainty",
        };
        if fact.show(ui, line, ("hardest", item)) {
            let condition = Condition::among("soft labels differ most".to_owned(), all.clone());
            out.push(Request::Filter(vec![condition]));
            out.push(Request::Select(item));
        }
    }
    if soft.hardest.len() > room {
        let words = format!("{} more", thousands((soft.hardest.len() - room) as u64));
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

/// As much of a text as a line can show.
fn first_words(text: &str) -> String {
    text.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
