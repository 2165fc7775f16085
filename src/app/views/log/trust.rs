//! How far the given labels are to be trusted, and how far a model, by the audit.

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::analysis::audit_estimates::{EstimatesReport, ModelTrust};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    heading, link, number, spoken, text, text_block, text_cut, text_width, thousands,
};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};

/// Height of the heading with its margins, and of what is said of a model.
const HEAD: f32 = 44.0;
const MODEL: f32 = 3.0 * FACT + 4.0;

/// Height of the block in a pane of this height: as many models as leave most of it to the numbers, one at least.
pub(super) fn height(report: &EstimatesReport, pane: f32) -> Option<f32> {
    let room = ((0.4 * pane - HEAD) / MODEL).floor().max(1.0);
    (!report.trust.is_empty() && pane > 2.5 * (HEAD + MODEL))
        .then(|| HEAD + MODEL * room.min(report.trust.len() as f32))
}

/// Labels of which it is shown what each is called.
const MOST_LABELS: usize = 5;
const ROW: f32 = 20.0;

/// Paints the block: the weight of the first model and of others, and what is called what.
pub(super) fn ui(ui: &Ui, r: Rect, doc: &Document, report: &EstimatesReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    p.hline(r.x_range(), r.top(), theme.border());
    let inner = r.shrink2(vec2(16.0, 10.0));
    heading(
        p,
        theme,
        pos2(inner.left(), inner.top() + 8.0),
        "Given label or model?",
        "how far each is to be trusted, by the audit",
    );
    let words = "How this is computed";
    let at = pos2(inner.right() - text_width(p, words, font::body()), inner.top() + 8.0);
    if link(ui, at, words, "trust page").clicked() {
        out.push(Request::Explain("trusted_labels"));
    }
    let labels = doc.dataset.labels.len();
    let first = report.trust.first().and_then(|t| t.trust.as_ref().ok());
    let matrix = first.filter(|_| labels <= MOST_LABELS).map(|t| &t.called);
    let width = if matrix.is_some() { inner.width() * 0.52 } else { inner.width() };
    let mut y = inner.top() + 24.0;
    for t in &report.trust {
        if y + MODEL > inner.bottom() + 8.0 {
            break;
        }
        y = model_ui(ui, Rect::from_min_size(pos2(inner.left(), y), vec2(width, 0.0)), t, out);
    }
    if let Some(called) = matrix {
        let left = inner.left() + width + 28.0;
        matrix_ui(ui, Rect::from_min_max(pos2(left, inner.top() + 24.0), inner.max), doc, called);
    }
}

fn model_ui(ui: &Ui, r: Rect, t: &ModelTrust, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let line = |y: f32| Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
    let found = match &t.trust {
        Ok(found) => found,
        Err(reason) => {
            let words = format!("{}: — {reason}", t.model);
            let block = text_block(ui.painter(), r.min, r.width(), &words, font::caption(), theme.text_2);
            spoken(ui, block, &words);
            return block.bottom() + 4.0;
        }
    };
    let what = format!("Weight of {}", t.model);
    let hint = "w of the least log loss of w · model + (1 − w) · given label on audited items: 0 trusts the label alone, 1 the model alone";
    Fact { what: &what, value: &number(found.gate, 2), opens: false, selected: false, hint }.show(
        ui,
        line(r.top()),
        ("gate", &t.model),
    );
    let value = format!(
        "{} · {} · {}",
        number(found.loss, 3),
        number(found.loss_of_model, 3),
        number(found.loss_of_both, 3)
    );
    let hint = "Mean log loss in nats: with that weight, of the model alone, and of both by what is called what, each item by the others";
    Fact { what: "Log loss: so, model, both", value: &value, opens: false, selected: false, hint }.show(
        ui,
        line(r.top() + FACT),
        ("loss", &t.model),
    );
    let opens = Fact {
        what: "Another label is likelier",
        value: &thousands(t.otherwise.len() as u64),
        opens: !t.otherwise.is_empty(),
        selected: false,
        hint: "Items for which the model’s probability times the chance to be called what is given is largest for another label",
    };
    if opens.show(ui, line(r.top() + 2.0 * FACT), ("otherwise", &t.model)) {
        let words = format!("{} and the given label make another likelier", t.model);
        out.push(Request::Filter(vec![Condition::listed(words, t.otherwise.clone())]));
    }
    r.top() + MODEL
}

/// The chance that what is right is called what, in percent.
fn matrix_ui(ui: &Ui, r: Rect, doc: &Document, called: &[Vec<f64>]) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let name = (r.width() * 0.36).min(150.0);
    let column = ((r.width() - name) / called.len().max(1) as f32).min(84.0);
    text_cut(p, pos2(r.left(), r.top() + 8.0), name, "right, called, %", font::caption(), theme.text_3);
    let at = |l: usize| r.left() + name + column * (l + 1) as f32;
    for given in 0..called.len() {
        let words = elide(doc.label(given as u32), (column / 7.0) as usize);
        let place = pos2(at(given), r.top() + 8.0);
        text(p, place, Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
    }
    for (truth, row) in called.iter().enumerate() {
        let y = r.top() + 8.0 + ROW * (truth + 1) as f32;
        text_cut(p, pos2(r.left(), y), name - 6.0, doc.label(truth as u32), font::body(), theme.text_2);
        for (given, &share) in row.iter().enumerate() {
            let ink = if given == truth { theme.text } else { theme.text_2 };
            let words = number(100.0 * share, 0);
            text(p, pos2(at(given), y), Align2::RIGHT_CENTER, &words, font::mono(), ink);
        }
        let words: Vec<String> = (row.iter().enumerate())
            .map(|(given, share)| format!("{} {:.1} %", doc.label(given as u32), 100.0 * share))
            .collect();
        let line = Rect::from_min_max(pos2(r.left(), y - 9.0), pos2(r.right(), y + 9.0));
        spoken(ui, line, &format!("{} is called: {}", doc.label(truth as u32), words.join(", ")));
    }
}
