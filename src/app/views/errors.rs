//! How given labels were checked: the joint of given and true labels, each label's health, the seven filters and
//! why their counts differ. A cell opens the items behind it.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{
    self, count, heading, hit, label_chip, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::confident::{ConfidentLearning, Filter};

/// Labels that the matrix shows at most.
const MOST: usize = 12;

/// Paints the page into `r`. True if the reader asked for items, so that it should close.
pub fn ui(ui: &Ui, r: Rect, doc: &Document, out: &mut Vec<Request>) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    text(
        p,
        r.min + vec2(0.0, 8.0),
        Align2::LEFT_CENTER,
        "How labels were checked",
        font::heading(),
        theme.text,
    );
    let Some(analysis) = &doc.analysis else { return false };
    let confident = match analysis.confident.as_ref() {
        Ok(c) => c,
        Err(reason) => {
            let words = format!("Confident learning is undefined: {reason}");
            text_block(p, r.min + vec2(0.0, 28.0), r.width(), &words, font::body(), theme.text_2);
            return false;
        }
    };
    let words = format!(
        "Health {}: the share of {} that confident learning leaves alone",
        number(confident.health_score, 3),
        count(confident.rows.len(), "labelled item", "labelled items")
    );
    text_cut(p, r.min + vec2(0.0, 30.0), r.width(), &words, font::body(), theme.text_2);
    let top = r.top() + 52.0;
    let half = (r.width() * 0.52).floor();
    let left = Rect::from_min_max(pos2(r.left(), top), pos2(r.left() + half, r.bottom()));
    let right = Rect::from_min_max(pos2(r.left() + half + 24.0, top), r.max);
    let asked = joint_ui(ui, left, doc, confident, out);
    let y = labels_ui(ui, right, doc, confident);
    filters_ui(ui, Rect::from_min_max(pos2(right.left(), y + 14.0), right.max), confident);
    asked
}

fn joint_ui(ui: &Ui, r: Rect, doc: &Document, c: &ConfidentLearning, out: &mut Vec<Request>) -> bool {
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
        .min(52.0);
    let off = |g: usize, t: usize| if g == t { 0 } else { c.calibrated_joint[g][t] };
    let most =
        (0..k).flat_map(|g| (0..k).map(move |t| (g, t))).map(|(g, t)| off(g, t)).max().unwrap_or(0).max(1);
    let mut asked = false;
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
                    asked = true;
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
    asked
}

fn labels_ui(ui: &Ui, r: Rect, doc: &Document, c: &ConfidentLearning) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Labels", "lowest quality first");
    let columns =
        [(r.left() + 170.0, "threshold"), (r.left() + 236.0, "issues"), (r.left() + 306.0, "quality")];
    let mut y = r.top() + 30.0;
    for (x, title) in columns {
        text(p, pos2(x, y), Align2::RIGHT_CENTER, title, font::caption(), theme.text_3);
    }
    for health in c.per_label.iter().take(MOST) {
        y += 20.0;
        label_chip(p, theme, pos2(r.left(), y), 104.0, health.label, doc.label(health.label), theme.text);
        let threshold = c.thresholds.get(health.label as usize).filter(|t| **t <= 1.0);
        let cells = [
            threshold.map_or_else(|| "—".to_owned(), |t| number(*t, 3)),
            thousands(health.label_issues),
            health.quality.map_or_else(|| "—".to_owned(), |q| number(q, 3)),
        ];
        for ((x, _), words) in columns.iter().zip(cells) {
            text(p, pos2(*x, y), Align2::RIGHT_CENTER, &words, font::mono(), theme.text_2);
        }
    }
    y + 12.0
}

fn filters_ui(ui: &Ui, r: Rect, c: &ConfidentLearning) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Filters", "items that each flags; tied at its cut");
    let mut y = r.top() + 12.0;
    for (i, filter) in Filter::ALL.iter().enumerate() {
        y += 19.0;
        let name = filter.key().replace('_', " ");
        let default = if *filter == Filter::PruneByNoiseRate { ", used for flags" } else { "" };
        text_cut(p, pos2(r.left(), y), 226.0, &format!("{name}{default}"), font::body(), theme.text);
        text(
            p,
            pos2(r.left() + 262.0, y),
            Align2::RIGHT_CENTER,
            &thousands(c.counts[i]),
            font::mono(),
            theme.text,
        );
        let ties = if c.ties_at_cut[i] > 0 { format!("{} tied", c.ties_at_cut[i]) } else { String::new() };
        text(p, pos2(r.left() + 306.0, y), Align2::RIGHT_CENTER, &ties, font::caption(), theme.text_3);
    }
    let words = format!(
        "Estimated number of errors: {} off the diagonal of the confident joint, {} after calibrating it to the given \
         counts. They are different estimators; with fewer than four labels the calibrated one is the better.",
        thousands(c.num_off_diagonal),
        thousands(c.num_off_diagonal_calibrated)
    );
    text_block(p, pos2(r.left(), y + 16.0), r.width(), &words, font::caption(), theme.text_3);
}
