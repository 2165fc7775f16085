//! Where they part: the items, and one of them with both sides face to face.

use egui::{Align2, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::CompareState;
use crate::analysis::compare::CompareReport;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    Button, bar, heading, hit, label_chip, link, number, side_badge, spoken, text, text_block, text_cut,
    text_width, thousands,
};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font, mix};
use crate::dataset::{LabelId, NO_LABEL};
use crate::stats::comparison::gap;

/// Height of the line above the list.
const LINE: f32 = 40.0;
/// Width of one side's bar in a row.
const BAR: f32 = 104.0;
/// Raters of a side that are listed beside an item.
const MOST_RATERS: usize = 40;
/// Letters of a text beside the list.
const MOST_TEXT: usize = 600;

const COLUMNS: [Column<'static>; 6] = [
    Column::new("item", 92.0),
    Column::new("text", 0.0),
    Column::new("A says", BAR + 8.0).right(),
    Column::new("B says", BAR + 8.0),
    Column::new("gap", 52.0).right().hint("Total variation distance between what both say, 0 to 1"),
    Column::new("given", 104.0),
];

/// Paints list and item; `beside` is the width of the item.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut CompareState,
    report: &CompareReport,
    beside: f32,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let list = Rect::from_min_max(rect.min, pos2(rect.right() - beside, rect.bottom()));
    let side = Rect::from_min_max(pos2(list.right(), rect.top()), rect.max);
    let items = state.listed(report);
    head_ui(
        ui,
        Rect::from_min_size(list.min, vec2(list.width(), LINE)),
        doc,
        state,
        report,
        items.len(),
        out,
    );
    let p = ui.painter().clone();
    p.vline(list.right(), rect.y_range(), theme.border());
    let area = Rect::from_min_max(pos2(list.left(), list.top() + LINE), list.max);
    p.hline(area.x_range(), area.top(), theme.border());
    if items.is_empty() {
        let words = if report.found.n_items == 0 {
            "No item is labelled by both without a tie."
        } else {
            "They agree on every item that both label."
        };
        text_cut(&p, area.min + vec2(16.0, 24.0), area.width() - 32.0, words, font::body(), theme.text_2);
        return;
    }
    state.row = state.row.min(items.len() - 1);
    if std::mem::take(&mut state.reveal) {
        state.table.reveal(state.row as u64);
    }
    let table = Table {
        name: "Where they part",
        columns: &COLUMNS,
        rows: items.len() as u64,
        selected: Some(state.row as u64),
        sorted: None,
    };
    let name_of = |row: u64| {
        let item = items[row as usize] as usize;
        let [a, b] = [0, 1].map(|s| spoken_of(doc, report, s, item));
        format!("{}, A {a}, B {b}", doc.dataset.keys.get(item))
    };
    let events = table.show(ui, area, &mut state.table, name_of, |ui, row, cells, _| {
        row_ui(ui, doc, report, items[row as usize], cells);
    });
    if let Some(row) = events.clicked {
        state.row = row as usize;
    }
    if let Some(row) = events.opened {
        state.row = row as usize;
        out.extend(state.behind(doc));
    }
    let item = items[state.row];
    ui.scope_builder(UiBuilder::new().max_rect(side).id_salt("face to face"), |ui| {
        item_ui(ui, side.shrink2(vec2(16.0, 12.0)), doc, report, item, out);
    });
}

fn head_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &mut CompareState,
    report: &CompareReport,
    n: usize,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = r.center().y;
    let mut x =
        text(p, pos2(r.left() + 16.0, y), Align2::LEFT_CENTER, "Where they part", font::strong(), theme.text)
            .right();
    let all = report.parted.len();
    let review = format!("Review {}", thousands(n as u64));
    let key = Command::OpenRow.key();
    let button = Button::new(&review).key(&key).disabled((n == 0).then_some("There is nothing to review"));
    let right = r.right() - 16.0 - button.width(p);
    if button.show(ui, pos2(right, y - 14.0), "review").0.clicked() {
        out.extend(state.behind(doc));
    }
    let mut end = right - 14.0;
    if !report.tied.is_empty() {
        let words = format!("{} tied", thousands(report.tied.len() as u64));
        end -= text_width(p, &words, font::body());
        let response = link(ui, pos2(end, y), &words, "tied");
        if response.clicked() {
            let why = "one side or both say several labels alike".to_owned();
            out.push(Request::Filter(vec![Condition::among(why, report.tied.clone())]));
        }
        response
            .on_hover_text("Items of which a side, or both, say several labels alike; they are not compared");
        end -= 14.0;
    }
    let words = match state.brush {
        None => "the widest gap first".to_owned(),
        Some((a, b)) if a == b => "here they agree".to_owned(),
        Some(_) => format!("{} of {}", thousands(n as u64), thousands(all as u64)),
    };
    if let Some((a, b)) = state.brush {
        let chip = format!("A {} · B {}  ×", doc.label(a), doc.label(b));
        let (response, right) = Button::new(&chip).on(true).show(ui, pos2(x + 10.0, y - 14.0), "brush");
        if response.clicked() {
            state.brush_on(None);
        }
        response.on_hover_text("Show all items where they part");
        x = right;
    }
    text_cut(p, pos2(x + 10.0, y), (end - x - 20.0).max(10.0), &words, font::caption(), theme.text_3);
}

/// What a side says of an item: the labels with their votes or shares.
fn said(doc: &Document, report: &CompareReport, side: usize, item: usize) -> Vec<(LabelId, f64)> {
    let Some(analysis) = &doc.analysis else { return Vec::new() };
    report.said(&doc.dataset, analysis, side, item)
}

fn spoken_of(doc: &Document, report: &CompareReport, side: usize, item: usize) -> String {
    let said = said(doc, report, side, item);
    let part = |&(l, w): &(LabelId, f64)| format!("{} {}", doc.label(l), weight(w));
    said.iter().map(part).collect::<Vec<_>>().join(" and ")
}

/// A number of votes, or a probability.
fn weight(w: f64) -> String {
    if w.fract() == 0.0 { thousands(w as u64) } else { number(w, 2) }
}

fn row_ui(ui: &Ui, doc: &Document, report: &CompareReport, item: u32, cells: &[Rect]) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let at = item as usize;
    let [key, words, a, b, far, given] = [0, 1, 2, 3, 4, 5].map(|i| cells[i]);
    text_cut(p, key.left_center(), key.width(), doc.dataset.keys.get(at), font::mono_small(), theme.text_2);
    let shown = doc.dataset.texts.as_ref().map_or("", |t| t.get(at));
    let shown: String = shown.chars().take(300).collect();
    text_cut(p, words.left_center(), words.width(), &shown, font::body(), theme.text);
    let sides = [said(doc, report, 0, at), said(doc, report, 1, at)];
    let apart = gap(&sides[0], &sides[1]);
    // A's bar grows to the left, B's to the right; a side with more votes is longer.
    for (side, said) in sides.iter().enumerate() {
        let cell = [a, b][side];
        let whole: f64 = said.iter().map(|s| s.1).sum();
        let is_votes = report.asked.sides[side].has_raters();
        let width = if is_votes { (24.0 * whole as f32).clamp(24.0, BAR) } else { BAR };
        let mut x = if side == 0 { cell.right() - width } else { cell.left() };
        for &(label, w) in said {
            let length = width * (w / whole) as f32;
            let part = Rect::from_min_max(
                pos2(x, cell.center().y - 7.0),
                pos2(x + length - 1.0, cell.center().y + 7.0),
            );
            let hue = theme.label(label);
            let (fill, ink) = if side == 0 {
                (hue, theme.on_label(label))
            } else {
                (mix(theme.panel, hue, 0.28), theme.text)
            };
            p.rect_filled(part, 1.0, fill);
            if side == 1 {
                p.rect_stroke(part, 1.0, egui::Stroke::new(1.0, hue), egui::StrokeKind::Inside);
            }
            let digits = if is_votes { weight(w) } else { doc.label(label).to_owned() };
            if text_width(p, &digits, font::mono_small()) <= length - 4.0 {
                text(p, part.center(), Align2::CENTER_CENTER, &digits, font::mono_small(), ink);
            }
            x += length;
        }
    }
    text(p, far.right_center(), Align2::RIGHT_CENTER, &number(apart, 2), font::mono(), theme.text);
    let label = doc.analysis.as_ref().and_then(|x| x.given.current.get(at).copied()).unwrap_or(NO_LABEL);
    if label == NO_LABEL {
        text(p, given.left_center(), Align2::LEFT_CENTER, "—", font::body(), theme.text_3);
    } else {
        label_chip(p, theme, given.left_center(), given.width(), label, doc.label(label), theme.text_2);
    }
}

fn item_ui(ui: &mut Ui, r: Rect, doc: &Document, report: &CompareReport, item: u32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let at = item as usize;
    let foot = pos2(r.left(), r.bottom() - 30.0);
    let (response, right) = Button::new("Open item").show(ui, foot, "open item");
    if response.clicked() {
        let words = format!("the item is {}", doc.dataset.keys.get(at));
        out.push(Request::Filter(vec![Condition::among(words, [item].into())]));
    }
    let page = link(ui, pos2(right + 14.0, foot.y + 14.0), "How this is computed", "page");
    if page.clicked() {
        out.push(Request::Explain("comparison"));
    }
    let room = Rect::from_min_max(r.min, pos2(r.right() + 8.0, foot.y - 8.0));
    ui.scope_builder(UiBuilder::new().max_rect(room).id_salt("item"), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = r.width();
            let (head, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
            heading(ui.painter(), theme, pos2(head.left(), head.center().y), doc.dataset.keys.get(at), "");
            let given =
                doc.analysis.as_ref().and_then(|x| x.given.current.get(at).copied()).unwrap_or(NO_LABEL);
            if given != NO_LABEL {
                let name = doc.label(given);
                let end = text_width(ui.painter(), name, font::body()).min(width * 0.4) + 14.0;
                let left = head.right() - end;
                text(
                    ui.painter(),
                    pos2(left - 6.0, head.center().y),
                    Align2::RIGHT_CENTER,
                    "given",
                    font::caption(),
                    theme.text_3,
                );
                label_chip(ui.painter(), theme, pos2(left, head.center().y), end, given, name, theme.text);
            }
            if let Some(texts) = &doc.dataset.texts {
                let words: String = texts.get(at).chars().take(MOST_TEXT).collect();
                let height = ui.painter().layout(words.clone(), font::reading(), theme.text, width).size().y;
                let (area, _) = ui.allocate_exact_size(vec2(width, height + 4.0), Sense::hover());
                text_block(ui.painter(), area.min, width, &words, font::reading(), theme.text);
                spoken(ui, area, &words);
            }
            sides_ui(ui, width, doc, report, at, out);
            model_ui(ui, width, doc, at);
        });
    });
}

/// Who, what, and how competent they are or how probable it is.
type Spoken = (Option<u32>, LabelId, Option<f64>);

/// Both sides' raters in two columns.
fn sides_ui(
    ui: &mut Ui,
    width: f32,
    doc: &Document,
    report: &CompareReport,
    at: usize,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let half = (width - 16.0) / 2.0;
    let voices: Vec<Vec<Spoken>> = (0..2)
        .map(|side| {
            let raters = report.raters(&doc.dataset, side, at);
            if report.asked.sides[side].has_raters() {
                let skill = |r: u32| {
                    let all = doc.analysis.as_ref()?.raters.get(r as usize)?;
                    all.dawid_skene_accuracy.value()
                };
                raters.into_iter().take(MOST_RATERS).map(|(r, l)| (Some(r), l, skill(r))).collect()
            } else {
                let many = report.asked.sides[side] == crate::analysis::compare::Side::Probabilities;
                let mut rows: Vec<_> = said(doc, report, side, at)
                    .into_iter()
                    .map(|(l, w)| (None, l, many.then_some(w)))
                    .collect();
                rows.sort_by(|x: &Spoken, y| y.2.unwrap_or(0.0).total_cmp(&x.2.unwrap_or(0.0)));
                rows.truncate(6);
                rows
            }
        })
        .collect();
    let (head, _) = ui.allocate_exact_size(vec2(width, 26.0), Sense::hover());
    for side in 0..2 {
        let left = head.left() + (half + 16.0) * side as f32;
        side_badge(ui, pos2(left + 9.0, head.center().y), side);
        let name = report.asked.sides[side].words(&doc.dataset);
        text_cut(
            ui.painter(),
            pos2(left + 26.0, head.center().y),
            half - 26.0,
            &name,
            font::body(),
            theme.text_2,
        );
    }
    let rows = voices.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        let (line, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
        for (side, voices) in voices.iter().enumerate() {
            let Some(&(rater, label, value)) = voices.get(row) else { continue };
            let left = line.left() + (half + 16.0) * side as f32;
            let y = line.center().y;
            let area = Rect::from_min_max(pos2(left - 4.0, line.top()), pos2(left + half, line.bottom()));
            let name = doc.label(label);
            let number_of = value.map_or_else(String::new, |v| number(v, 2));
            let mut x = left;
            if let Some(rater) = rater {
                let who = doc.rater_name(rater);
                let response =
                    hit(ui, area, ui.scope_id().with(("voice", side, row)), &format!("{who}: {name}"));
                if response.hovered() {
                    ui.painter().rect_filled(area, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(Request::SelectRater(rater));
                    out.push(Request::Run(Command::ShowRaters));
                }
                response.on_hover_text(format!("{who}: {name}; competence {number_of}. Click for the rater"));
                let room = half * 0.42;
                text_cut(ui.painter(), pos2(x, y), room - 6.0, who, font::mono_small(), theme.text_2);
                x += room;
            } else {
                spoken(ui, area, &format!("{name} {number_of}"));
            }
            let room = left + half - x - 34.0;
            label_chip(ui.painter(), theme, pos2(x, y), room, label, name, theme.text);
            text(
                ui.painter(),
                pos2(left + half, y),
                Align2::RIGHT_CENTER,
                &number_of,
                font::mono_small(),
                theme.text_3,
            );
        }
    }
}

/// What the model says of the item, where there is one.
fn model_ui(ui: &mut Ui, width: f32, doc: &Document, at: usize) {
    let theme = Theme::of(ui.ctx());
    let Some(p) = doc.dataset.probabilities.as_ref().filter(|p| at < p.rows()) else { return };
    let mut row: Vec<(LabelId, f64)> =
        p.row(at).into_iter().enumerate().map(|(l, p)| (l as LabelId, p)).filter(|x| x.1 > 0.0).collect();
    row.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    ui.add_space(8.0);
    let (head, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    heading(ui.painter(), theme, pos2(head.left(), head.center().y), "Model", &p.name);
    for &(label, p) in row.iter().take(4) {
        let (line, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
        let y = line.center().y;
        label_chip(ui.painter(), theme, pos2(line.left(), y), 120.0, label, doc.label(label), theme.text_2);
        let area = Rect::from_min_max(pos2(line.left() + 128.0, y - 4.0), pos2(line.right() - 44.0, y + 4.0));
        bar(ui.painter(), area, p as f32, theme.label(label), theme.grid);
        text(
            ui.painter(),
            line.right_center(),
            Align2::RIGHT_CENTER,
            &number(p, 2),
            font::mono_small(),
            theme.text,
        );
        spoken(ui, line, &format!("{}: {}", doc.label(label), number(p, 2)));
    }
}
