//! How given labels were checked: the joint of given and true labels, each label's health, the filters of confident
//! learning as cleanlab computes them and as its paper has them, and why their counts differ. Cells and counts open the
//! items behind them.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::analysis::learned::{can_learn, source_words};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::paint::{
    self, count, heading, hit, label_chip, link, narrowed, number, text, text_block, text_cut, thousands,
    two_panes,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::confident::{ConfidentLearning, Filter, PAPER_FILTERS};

/// Labels that the matrix shows at most.
const MOST: usize = 20;
/// Height of a line of the tables.
const LINE: f32 = 22.0;

/// Paints the tab.
pub(super) fn ui(ui: &mut Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let Some(analysis) = &doc.analysis else {
        empty::loading(ui, rect);
        return;
    };
    let confident = match analysis.confident.as_ref() {
        Ok(c) => c,
        Err(reason) => {
            let why = format!("{}.", super::capital(&reason.to_string()));
            let mut ways = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
            if can_learn(&doc.dataset) {
                let words = format!("Learn labels from {}", source_words(&doc.dataset));
                let learn = (words, Request::Run(Command::LearnLabels));
                ways.insert(0, learn);
            }
            empty::nothing(ui, rect, "No confident learning on these data", &why, ways, out);
            return;
        }
    };
    let (left, right) = two_panes(ui, rect, 0.52, (420.0, 1100.0));
    joint_ui(ui, left.shrink2(vec2(16.0, 12.0)), doc, confident, out);
    let right = narrowed(right.shrink2(vec2(16.0, 12.0)));
    let foot = pos2(right.left(), right.bottom() - 8.0);
    let room = Rect::from_min_max(right.min, pos2(right.right() + 8.0, foot.y - 14.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(room).id_salt("learned side"), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            let lines = Rect::from_min_size(top, vec2(right.width(), f32::INFINITY));
            let y = filters_ui(ui, lines, doc, confident, out);
            let y = labels_ui(ui, lines.with_min_y(y + 14.0), doc, confident, out);
            ui.allocate_space(vec2(right.width(), y - top.y));
        });
    });
    let mut x = foot.x;
    for (words, page) in
        [("Confident joint", "confident_joint"), ("Filters", "label_issues"), ("Health", "health_score")]
    {
        let response = link(ui, pos2(x, foot.y), words, page);
        x = response.rect.right() + 16.0;
        if response.clicked() {
            out.push(Request::Explain(page));
        }
    }
}

fn joint_ui(ui: &Ui, r: Rect, doc: &Document, c: &ConfidentLearning, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let k = c.calibrated_joint.len().min(MOST);
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Joint",
        "given in rows, estimated true in columns, items",
    );
    let name = 64.0;
    let origin = pos2(r.left() + name, r.top() + 44.0);
    let size = ((r.width() - name) / k.max(1) as f32)
        .min((r.bottom() - origin.y - 60.0) / k.max(1) as f32)
        .min(64.0);
    let off = |g: usize, t: usize| if g == t { 0 } else { c.calibrated_joint[g][t] };
    let most =
        (0..k).flat_map(|g| (0..k).map(move |t| (g, t))).map(|(g, t)| off(g, t)).max().unwrap_or(0).max(1);
    for g in 0..k {
        let y = origin.y + size * g as f32;
        let label = doc.label(g as u32);
        let w = paint::text_width(p, label, font::caption()).min(name - 12.0);
        text_cut(p, pos2(origin.x - 10.0 - w, y + size / 2.0), w + 1.0, label, font::caption(), theme.text_2);
        for t in 0..k {
            let cell = Rect::from_min_size(pos2(origin.x + size * t as f32, y), vec2(size - 2.0, size - 2.0));
            if g == 0 {
                let label = doc.label(t as u32);
                let w = paint::text_width(p, label, font::caption()).min(size);
                text_cut(
                    p,
                    pos2(cell.center().x - w / 2.0, origin.y - 10.0),
                    size,
                    label,
                    font::caption(),
                    theme.text_2,
                );
            }
            let n = c.calibrated_joint[g][t];
            let ground = if n == 0 { theme.raised } else { theme.quantity(n as f32 / most as f32) };
            if g == t {
                p.rect(cell, 2.0, theme.panel, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
            } else {
                p.rect_filled(cell, 2.0, ground);
            }
            if n == 0 {
                continue;
            }
            let ink = if g == t { theme.text_3 } else { Theme::on(ground) };
            text(p, cell.center(), Align2::CENTER_CENTER, &thousands(n), font::mono_small(), ink);
            if g != t {
                let words = format!("given {label}, probably {}: {n}", doc.label(t as u32));
                let response = hit(ui, cell, ui.scope_id().with(("joint", g, t)), &words);
                if response.clicked() {
                    out.push(Request::Filter(vec![Condition::Suggests(g as u32, t as u32)]));
                }
                response.on_hover_text(format!("{words}. Click for the flagged ones among them"));
            }
        }
    }
    let mut y = origin.y + size * k as f32 + 18.0;
    if c.calibrated_joint.len() > k {
        let words = format!("{} more labels are in the report", c.calibrated_joint.len() - k);
        text(p, pos2(r.left(), y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
        y += 18.0;
    }
    if let Some(pair) = c.overlapping.first().filter(|o| o.n > 0) {
        let words = format!(
            "Most taken for each other: {} and {}, {} ({} %)",
            doc.label(pair.a),
            doc.label(pair.b),
            count(pair.n as usize, "item", "items"),
            number(100.0 * pair.joint_probability, 1)
        );
        text_cut(p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
    }
}

/// A count that opens what is behind it, its right centre at the place; whether it was clicked.
fn opening(ui: &Ui, right: f32, y: f32, n: u64, words: &str) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let shown = thousands(n);
    let at = pos2(right, y);
    if n == 0 {
        text(p, at, Align2::RIGHT_CENTER, &shown, font::mono(), theme.text_3);
        return false;
    }
    let width = paint::text_width(p, &shown, font::mono());
    let area =
        Rect::from_min_max(pos2(right - width - 6.0, y - LINE / 2.0), pos2(right + 6.0, y + LINE / 2.0));
    let response = hit(ui, area, ui.scope_id().with(("count", words)), &format!("{words}: {n}"));
    if response.hovered() {
        p.rect_filled(area, 2.0, theme.hover);
    }
    text(p, at, Align2::RIGHT_CENTER, &shown, font::mono(), theme.text);
    response.clicked()
}

/// Labels with threshold and health; where it ends.
fn labels_ui(ui: &Ui, r: Rect, doc: &Document, c: &ConfidentLearning, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Labels",
        "lowest quality first; wrong: by the joint, opens the flagged",
    );
    let columns = [(r.right() - 136.0, "threshold"), (r.right() - 72.0, "wrong"), (r.right(), "quality")];
    let mut y = r.top() + 30.0;
    for (x, title) in columns {
        text(p, pos2(x, y), Align2::RIGHT_CENTER, title, font::caption(), theme.text_3);
    }
    for health in &c.per_label {
        y += LINE;
        let name = doc.label(health.label);
        label_chip(p, theme, pos2(r.left(), y), r.width() - 210.0, health.label, name, theme.text);
        let threshold = c.thresholds.get(health.label as usize).filter(|t| **t <= 1.0);
        let dash = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| number(v, 3));
        let cells = [(columns[0].0, dash(threshold.copied())), (columns[2].0, dash(health.quality))];
        for (x, words) in cells {
            text(p, pos2(x, y), Align2::RIGHT_CENTER, &words, font::mono(), theme.text_2);
        }
        let words = format!("given {name}, probably wrong");
        if opening(ui, columns[1].0, y, health.label_issues, &words) {
            out.push(Request::Filter(vec![Condition::Flagged, Condition::Given(health.label)]));
        }
    }
    y + 16.0
}

/// What each filter flags, as cleanlab and as the paper computes it; where it ends.
fn filters_ui(ui: &Ui, r: Rect, doc: &Document, c: &ConfidentLearning, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let items = count(c.rows.len(), "labelled item", "labelled items");
    let words = format!("health {}: the share of {items} left alone", number(c.health_score, 3));
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Filters", &words);
    let columns =
        [(r.right() - 136.0, "as cleanlab"), (r.right() - 72.0, "tied"), (r.right(), "as the paper")];
    let mut y = r.top() + 32.0;
    for (x, title) in columns {
        text(p, pos2(x, y), Align2::RIGHT_CENTER, title, font::caption(), theme.text_3);
    }
    let paper = doc.panels.paper();
    for (i, filter) in Filter::ALL.iter().enumerate() {
        y += LINE;
        let (name, hint) = filter.words();
        let used = if *filter == Filter::PruneByNoiseRate { ", used for flags" } else { "" };
        let line =
            Rect::from_min_max(pos2(r.left(), y - LINE / 2.0), pos2(r.right() - 230.0, y + LINE / 2.0));
        text_cut(p, pos2(r.left(), y), line.width(), &format!("{name}{used}"), font::body(), theme.text);
        ui.interact(line, ui.scope_id().with(("filter", i)), egui::Sense::hover()).on_hover_text(hint);
        let words = format!("flagged as cleanlab does {name}");
        if opening(ui, columns[0].0, y, c.counts[i], &words) {
            out.push(Request::Filter(vec![Condition::FlaggedBy(*filter)]));
        }
        if c.ties_at_cut[i] > 0 {
            let ties = thousands(c.ties_at_cut[i]);
            text(p, pos2(columns[1].0, y), Align2::RIGHT_CENTER, &ties, font::mono(), theme.text_3);
        }
        let at = PAPER_FILTERS.iter().position(|f| f == filter);
        match (at, paper.as_deref()) {
            (Some(at), Some(Ok(paper))) => {
                let n = paper.flagged[at].len() as u64;
                let words = format!("flagged as the paper does {name}");
                if opening(ui, columns[2].0, y, n, &words) {
                    let items = paper.flagged[at].as_slice().into();
                    out.push(Request::Filter(vec![Condition::among(words, items)]));
                }
            }
            _ => {
                text(p, pos2(columns[2].0, y), Align2::RIGHT_CENTER, "—", font::mono(), theme.text_3);
            }
        }
    }
    let words = format!(
        "Estimated number of errors: {} off the diagonal of the confident joint, {} after calibrating it to the given \
         counts. They are different estimators; with fewer than four labels the calibrated one is the better. The paper \
         takes guesses among confident labels only, rounds halves up, and takes no flag back; cleanlab takes one back where \
         the given label is the most probable.",
        thousands(c.num_off_diagonal),
        thousands(c.num_off_diagonal_calibrated)
    );
    text_block(p, pos2(r.left(), y + 18.0), r.width(), &words, font::caption(), theme.text_3).bottom()
}
