//! What the review has changed so far: numbers before and now, label by label, and what became what.

use std::sync::Arc;

use egui::{Align2, Rect, Sense, Ui, pos2, vec2};

use crate::analysis::before_after::{BeforeAfter, BeforeAsked, Change, Part, To, Unit};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, OfGiven, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::views::tabs::absent_ui;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    bar_bare, bar_outline, count, heading, hit, label_square, number, spoken, text, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, NO_LABEL};
use crate::stats::{Estimate, Statistic};

/// Height of a row.
const ROW: f32 = 26.0;
/// Height of the heading of a part.
const HEAD: f32 = 40.0;
/// Width of a number.
const CELL: f32 = 84.0;
/// Width from which the parts stand side by side.
const WIDE: f32 = 940.0;
const PAD: f32 = 16.0;

/// What is to be computed: nothing before the first decision.
pub(super) fn wanted(doc: &Document) -> Vec<Wanted> {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return Vec::new() };
    if derived.edits.is_empty() {
        return Vec::new();
    }
    let before = report(doc).map(|r| Arc::clone(&r.before));
    let asked = BeforeAsked { edits: Arc::clone(&derived.edits), before };
    vec![Wanted::BeforeAfter(OfGiven { asked, analysis: Arc::clone(analysis) })]
}

/// What came of it, as far as it is known.
pub(in crate::app) fn report(doc: &Document) -> Option<Arc<BeforeAfter>> {
    doc.panels.before_after()?.as_ref().as_ref().ok().cloned()
}

/// What it comes to, in one line.
pub(super) fn finding(report: &BeforeAfter) -> String {
    let n = report.flow.iter().map(|f| f.items.len()).sum();
    let mut words = format!(
        "{} of {} became another one",
        count(n, "label", "labels"),
        count(report.n_decided, "decided item", "decided items")
    );
    if let Some(c) = report.change("agreement_with_majority")
        && let (Some(_), Some(_)) = (c.before.value.value(), c.now.value.value())
    {
        let of = |s: &Statistic| written(Unit::Share, s);
        words.push_str(&format!(
            "; the majority’s on {} before, {} now",
            of(&c.before.value),
            of(&c.now.value)
        ));
    }
    words
}

/// Paints it into `body`.
pub(super) fn ui(ui: &mut Ui, body: Rect, doc: &Document, out: &mut Vec<Request>) {
    if doc.edits().is_empty() {
        let why = "With the first decision this page shows what the review changes, before against now: wrong labels, \
                   label quality, how often each label is given, and how far given labels are the majority’s";
        let buttons = vec![
            ("Review label issues".to_owned(), Request::Run(Command::ReviewIssues)),
            ("Choose items".to_owned(), Request::Show(View::Items)),
        ];
        empty::nothing(ui, body, "Nothing to compare yet", why, buttons, out);
        return;
    }
    let Some(report) = report(doc) else {
        let reason = doc.panels.before_after().and_then(|f| f.as_ref().as_ref().err().cloned());
        let why = ("Nothing to compare", reason.as_ref());
        absent_ui(ui, body, doc, (Panel::BeforeAfter, &wanted(doc)), why, Command::ShowLog, out);
        return;
    };
    let numbers = numbers_height(&report);
    let labels = HEAD + ROW * report.labels.len() as f32;
    let flow = HEAD + ROW * report.flow.len().max(1) as f32;
    let wide = body.width() >= WIDE;
    let height = if wide { numbers.max(labels + flow + PAD) } else { numbers + labels + flow + 2.0 * PAD };
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("before and after"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("before and after").auto_shrink(false).show(ui, |ui| {
            let size = vec2(body.width(), (height + PAD).max(body.height()));
            let (full, _) = ui.allocate_exact_size(size, Sense::hover());
            let (left, right) = if wide {
                let width = (full.width() * 0.52).clamp(500.0, 720.0);
                ui.painter().vline(full.left() + width, full.y_range(), Theme::of(ui.ctx()).border());
                let right = Rect::from_min_max(pos2(full.left() + width, full.top()), full.max);
                (Rect::from_min_size(full.min, vec2(width, numbers)), right)
            } else {
                let below = pos2(full.left(), full.top() + numbers + PAD);
                (
                    Rect::from_min_size(full.min, vec2(full.width(), numbers)),
                    Rect::from_min_max(below, full.max),
                )
            };
            numbers_ui(ui, left.shrink2(vec2(PAD, 0.0)), &report, out);
            let right = right.shrink2(vec2(PAD, 0.0));
            labels_ui(ui, Rect::from_min_size(right.min, vec2(right.width(), labels)), doc, &report, out);
            let below = pos2(right.left(), right.top() + labels + PAD);
            flow_ui(ui, Rect::from_min_max(below, right.max), doc, &report, out);
        });
    });
}

fn numbers_height(report: &BeforeAfter) -> f32 {
    HEAD * 3.0 + ROW * report.changes.len() as f32
}

/// A number as it is written.
pub(super) fn written(unit: Unit, value: &Statistic) -> String {
    value.value().map_or_else(
        || "—".to_owned(),
        |v| match unit {
            Unit::Count => thousands(v as u64),
            Unit::Share => format!("{} %", number(100.0 * v, 1)),
            Unit::Number => number(v, 3),
        },
    )
}

/// A difference with its sign.
pub(super) fn difference(unit: Unit, value: &Statistic) -> String {
    let Some(v) = value.value() else { return "—".to_owned() };
    let (v, digits, of) = match unit {
        Unit::Count => (v, 0, ""),
        Unit::Share => (100.0 * v, 1, " pts"),
        Unit::Number => (v, 3, ""),
    };
    let plain = number(v, digits);
    let is_zero = plain.chars().all(|c| matches!(c, '0' | '.'));
    format!("{}{plain}{of}", if v > 0.0 && !is_zero { "+" } else { "" })
}

/// Before, now, difference at the right of a row: what they say, what opens.
struct Cells<'a> {
    row: Rect,
    name: &'a str,
    hint: &'a str,
    values: [String; 3],
    opens: [Option<Vec<Condition>>; 3],
}

impl Cells<'_> {
    fn show(self, ui: &Ui, out: &mut Vec<Request>) {
        let theme = Theme::of(ui.ctx());
        let p = ui.painter();
        let sides = ["before", "now", "difference"];
        for (at, (value, opens)) in self.values.iter().zip(self.opens).enumerate() {
            let right = self.row.right() - CELL * (2 - at) as f32;
            let cell =
                Rect::from_min_max(pos2(right - CELL + 4.0, self.row.top()), pos2(right, self.row.bottom()));
            let words = format!("{}, {}: {value}", self.name, sides[at]);
            let ink = match at {
                _ if opens.is_none() => theme.text_3,
                0 => theme.text_2,
                _ => theme.text,
            };
            if let Some(conditions) = opens {
                let id = ui.scope_id().with((self.name, at));
                let response = hit(ui, cell.shrink2(vec2(0.0, 2.0)), id, &words);
                if response.hovered() {
                    p.rect_filled(cell.shrink2(vec2(0.0, 2.0)), 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(Request::Filter(conditions));
                }
                if !self.hint.is_empty() {
                    response.on_hover_text(self.hint);
                }
            } else {
                spoken(ui, cell, &words);
            }
            let font = if at == 2 { font::strong() } else { font::mono() };
            let font = if at == 2 && (value == "0" || value == "—") { font::mono() } else { font };
            text(p, pos2(cell.right() - 4.0, cell.center().y), Align2::RIGHT_CENTER, value, font, ink);
        }
    }
}

/// The heading of a part, with what its three numbers are.
fn head_ui(ui: &Ui, r: Rect, title: &str, caption: &str) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = r.top() + 26.0;
    heading(p, theme, pos2(r.left(), y), title, caption);
    for (at, words) in ["Before", "Now", "Difference"].into_iter().enumerate() {
        let right = r.right() - CELL * (2 - at) as f32 - 4.0;
        text(p, pos2(right, y), Align2::RIGHT_CENTER, words, font::caption(), theme.text_3);
    }
    p.hline(r.x_range(), r.top() + HEAD - 1.0, theme.border());
}

fn numbers_ui(ui: &Ui, r: Rect, report: &BeforeAfter, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let mut y = r.top();
    for part in [Part::Health, Part::Disagreement, Part::Review] {
        head_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), part.words(), "");
        y += HEAD;
        for change in report.changes.iter().filter(|c| c.measure.part == part) {
            let row = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), ROW));
            y += ROW;
            if !ui.is_rect_visible(row) {
                continue;
            }
            let m = change.measure;
            let width = row.width() - 3.0 * CELL - 4.0;
            let words = Rect::from_min_size(row.min, vec2(width, ROW));
            text_cut(ui.painter(), words.left_center(), width, m.words, font::body(), theme.text);
            let difference_of = change.difference();
            let reason = difference_of.reason();
            let hint = reason.as_ref().map_or_else(|| m.hint.to_owned(), |why| format!("{}. {why}", m.hint));
            ui.interact(words, ui.scope_id().with(("what", m.key)), Sense::hover()).on_hover_text(&hint);
            Cells {
                row,
                name: m.words,
                hint: &hint,
                values: [
                    written(m.unit, &change.before.value),
                    written(m.unit, &change.now.value),
                    difference(m.unit, &difference_of),
                ],
                opens: behind(change),
            }
            .show(ui, out);
        }
    }
}

/// The items behind the three numbers; nothing where there are none.
fn behind(c: &Change) -> [Option<Vec<Condition>>; 3] {
    let m = c.measure;
    let of = |items: &Arc<[u32]>, words: String| {
        (!items.is_empty()).then(|| vec![Condition::among(words, Arc::clone(items))])
    };
    [
        of(&c.before.items, format!("{} before the review", m.items)),
        of(&c.now.items, format!("{} now", m.items)),
        of(&c.changed, format!("what the review changed: {}", m.items)),
    ]
}

fn labels_ui(ui: &Ui, r: Rect, doc: &Document, report: &BeforeAfter, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let caption = if r.width() > 480.0 { "outlined before, filled now" } else { "" };
    head_ui(ui, r, "Labels", caption);
    let most = report.labels.iter().map(|l| l.before.max(l.now)).max().unwrap_or(1).max(1) as f32;
    for (at, l) in report.labels.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), r.top() + HEAD + ROW * at as f32), vec2(r.width(), ROW));
        if !ui.is_rect_visible(row) {
            continue;
        }
        let y = row.center().y;
        let room = row.width() - 3.0 * CELL - 4.0;
        let name = name_of(doc, l.label);
        let chip = (room * 0.5).clamp(60.0, 160.0);
        chip_ui(ui, pos2(row.left(), y), chip, l.label, name);
        let bars =
            Rect::from_min_size(pos2(row.left() + chip + 8.0, y - 5.0), vec2(room - chip - 12.0, 10.0));
        if bars.width() > 24.0 {
            bar_bare(p, bars.shrink2(vec2(0.0, 2.0)), l.now as f32 / most, theme.mark);
            bar_outline(p, bars, l.before as f32 / most, theme.text_2);
        }
        let changed = (!l.changed.is_empty()).then(|| {
            vec![Condition::among(format!("{name} came or went by the review"), Arc::clone(&l.changed))]
        });
        let delta = Statistic::from(Estimate::new(l.now as f64 - l.before as f64, 0, 0));
        Cells {
            row,
            name,
            hint: "",
            values: [thousands(l.before as u64), thousands(l.now as u64), difference(Unit::Count, &delta)],
            opens: [
                (l.before > 0).then(|| vec![Condition::GivenBefore(l.label)]),
                (l.now > 0).then(|| vec![Condition::Given(l.label)]),
                changed,
            ],
        }
        .show(ui, out);
    }
}

fn flow_ui(ui: &Ui, r: Rect, doc: &Document, report: &BeforeAfter, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 26.0), "What became what", "from the label of the source");
    p.hline(r.x_range(), r.top() + HEAD - 1.0, theme.border());
    if report.flow.is_empty() {
        let words = "No label became another one: every decision kept it";
        text_cut(p, pos2(r.left(), r.top() + HEAD + ROW / 2.0), r.width(), words, font::body(), theme.text_2);
        return;
    }
    let most = report.flow.first().map_or(1, |f| f.items.len()).max(1) as f32;
    for (at, f) in report.flow.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), r.top() + HEAD + ROW * at as f32), vec2(r.width(), ROW));
        if !ui.is_rect_visible(row) {
            continue;
        }
        let (from, to) = (name_of(doc, f.from), f.to.words(&doc.dataset));
        let n = thousands(f.items.len() as u64);
        let response =
            hit(ui, row, ui.scope_id().with(("flow", f.from, f.to)), &format!("{from} → {to}: {n}"));
        if response.hovered() {
            p.rect_filled(row, 2.0, theme.hover);
        }
        if response.clicked() {
            let words = format!("{from} became {to}");
            out.push(Request::Filter(vec![Condition::among(words, Arc::clone(&f.items))]));
        }
        let y = row.center().y;
        let chip = ((row.width() - 140.0) / 2.0).clamp(50.0, 160.0);
        chip_ui(ui, pos2(row.left(), y), chip, f.from, from);
        Icon::Arrow.paint(p, pos2(row.left() + chip + 12.0, y), 11.0, theme.text_3);
        let at = pos2(row.left() + chip + 28.0, y);
        match f.to {
            To::Label(label) => chip_ui(ui, at, chip, label, &to),
            _ => {
                text_cut(p, at, chip, &to, font::body(), theme.text_2);
            }
        }
        let left = at.x + chip + 8.0;
        let bar = Rect::from_min_max(pos2(left, y - 4.0), pos2(row.right() - 48.0, y + 4.0));
        if bar.width() > 24.0 {
            bar_bare(p, bar, f.items.len() as f32 / most, theme.mark);
        }
        text(p, pos2(row.right() - 4.0, y), Align2::RIGHT_CENTER, &n, font::mono(), theme.text);
    }
}

fn name_of(doc: &Document, label: LabelId) -> &str {
    if label == NO_LABEL { "no label" } else { doc.label(label) }
}

/// A label with its square, or that there is none; cut at `width`.
fn chip_ui(ui: &Ui, at: egui::Pos2, width: f32, label: LabelId, name: &str) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (indent, ink) = if label == NO_LABEL { (0.0, theme.text_2) } else { (14.0, theme.text) };
    if label != NO_LABEL {
        label_square(p, theme, at, label);
    }
    let left = at + vec2(indent, 0.0);
    text_cut(p, left, width - indent, name, font::body(), ink);
}
