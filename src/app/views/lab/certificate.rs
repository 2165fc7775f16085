//! Majority vote's certificate: the error that all raters share, the items that are safe and those that are not, and
//! raters who are worse than chance.

use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{FACT, Fact, LabState};
use crate::analysis::certificate::Certified;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::paint::{
    bar, count, heading, hit, link, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::aggregation::Verdicts;

/// Rows that open items.
pub(super) const N_ROWS: usize = 4;

fn rows(c: &Certified) -> [(&'static str, &Arc<[u32]>); N_ROWS] {
    [
        ("Items whose majority is safe", &c.sure),
        ("Items where a weighting could overrule it", &c.open),
        ("Items where the weighted vote does overrule it", &c.overruled),
        ("Tied items, which the weighted vote decides", &c.tied),
    ]
}

/// What lies behind a row.
pub(super) fn behind(c: &Certified, row: usize) -> Option<Request> {
    let words = [
        "the majority is safe",
        "the majority is not safe",
        "the weighted vote overrules the majority",
        "votes tied",
    ];
    let (_, items) = *rows(c).get(row)?;
    Some(Request::Filter(vec![Condition::among((*words.get(row)?).to_owned(), Arc::clone(items))]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    c: &Certified,
    state: &mut LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let width = (rect.width() * 0.55).clamp(360.0, 760.0).min(rect.width());
    let left = Rect::from_min_size(rect.min, vec2(width, rect.height()));
    ui.painter().vline(left.right(), rect.y_range(), theme.border());
    let r = left.shrink2(vec2(16.0, 12.0));
    let p = ui.painter().clone();
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Majority vote's certificate", "raters as coins");
    let mut y =
        text_block(&p, pos2(r.left(), r.top() + 26.0), r.width(), &sentence(c), font::body(), theme.text)
            .bottom()
            + 14.0;
    let global = &c.certificate.global;
    let span = |ci: Option<(f64, f64)>, digits: usize| {
        ci.map_or_else(String::new, |(a, b)| format!("  {} to {}", number(a, digits), number(b, digits)))
    };
    let facts = [
        (
            "Error ε that all raters share",
            format!("{}{}", number(global.error, 4), span(global.error_interval, 3)),
        ),
        (
            "Margin at a lead of one vote",
            format!("{}{}", number(global.margin, 3), span(global.margin_interval, 2)),
        ),
        ("Certified for all items", if global.certified { "yes" } else { "no" }.to_owned()),
    ];
    for (what, value) in &facts {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false }.show(ui, line, what);
        y += FACT;
    }
    y += 12.0;
    heading(&p, theme, pos2(r.left(), y + 8.0), "Raters of their own", "open a line to see its items");
    y += 22.0;
    for (i, (what, items)) in rows(c).into_iter().enumerate() {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let value = thousands(items.len() as u64);
        if (Fact { what, value: &value, opens: true, selected: state.row == i }).show(ui, line, what) {
            state.row = i;
            out.extend(behind(c, i));
        }
        y += FACT;
    }
    if doc.dataset.gold.is_some() {
        y += 12.0;
        heading(&p, theme, pos2(r.left(), y + 8.0), "Against gold", "majority right · weighted vote right");
        y += 22.0;
        let verdicts = [
            ("Overruled items", &c.certificate.overruled),
            ("Tied items", &c.certificate.ties),
            ("All items", &c.certificate.all),
        ];
        for (what, v) in verdicts {
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
            Fact { what, value: &verdict(v), opens: false, selected: false }.show(ui, line, what);
            y += FACT;
        }
    }
    y += 20.0;
    if link(ui, pos2(r.left(), y), "What is certified, and what is not", "certificate page").clicked() {
        out.push(Request::Explain("vote_certificate"));
    }
    let right = Rect::from_min_max(pos2(left.right(), rect.top()), rect.max).shrink2(vec2(16.0, 12.0));
    raters_ui(ui, right, doc, c, out);
}

fn verdict(v: &Verdicts) -> String {
    format!(
        "{} · {} of {}",
        number(v.majority_right, 1),
        number(v.map_right, 1),
        thousands(v.with_gold as u64)
    )
}

fn sentence(c: &Certified) -> String {
    let global = &c.certificate.global;
    let all = c.sure.len() + c.open.len();
    let first = if global.certified {
        "If all raters erred alike, no weighting could overrule a majority: it is the best there is."
    } else {
        "Even if all raters erred alike, the shares of labels could overrule a lead of one vote."
    };
    let second = if c.sure.len() == all {
        "With an error of their own for each rater, every majority is still safe.".to_owned()
    } else {
        format!(
            "With an error of their own for each rater, the majority is safe on {} of {}; on the others it depends on who voted.",
            thousands(c.sure.len() as u64),
            count(all, "item", "items")
        )
    };
    format!("{first} {second}")
}

/// The raters' errors, largest first.
fn raters_ui(ui: &Ui, r: Rect, doc: &Document, c: &Certified, out: &mut Vec<Request>) {
    const STEP: f32 = 22.0;
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(4.0));
    let k = doc.dataset.labels.len().max(2) as f64;
    let chance = 1.0 - 1.0 / k;
    let worse = c.certificate.worse_than_chance.len();
    let caption = match worse {
        0 => "error of each; none is worse than chance".to_owned(),
        n => format!("error of each; {n} worse than chance, {}", number(chance, 2)),
    };
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Raters", &caption);
    let mut errors: Vec<(u32, f64)> =
        c.certificate.error.iter().enumerate().filter_map(|(i, e)| Some((i as u32, (*e)?))).collect();
    errors.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let rows = ((r.height() - 30.0) / STEP).floor().max(1.0) as usize;
    let columns = (r.width() / 230.0).floor().clamp(1.0, 3.0) as usize;
    let width = r.width() / columns as f32;
    for (i, &(rater, error)) in errors.iter().take(rows * columns).enumerate() {
        let at = pos2(r.left() + width * (i / rows) as f32, r.top() + 26.0 + STEP * (i % rows) as f32);
        let line = Rect::from_min_size(at, vec2(width - 16.0, STEP));
        let name = doc.rater_name(rater);
        let words = format!("{name}: error {}", number(error, 2));
        let response = hit(ui, line, ui.scope_id().with(("error", rater)), &words);
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::SelectRater(rater));
            out.push(Request::Show(View::Raters));
        }
        let y = line.center().y;
        text_cut(&p, pos2(line.left() + 2.0, y), 72.0, name, font::mono(), theme.text);
        let area = Rect::from_min_max(pos2(line.left() + 80.0, y - 4.0), pos2(line.right() - 48.0, y + 4.0));
        let bad = c.certificate.worse_than_chance.binary_search(&(rater as usize)).is_ok();
        bar(&p, area, error as f32, if bad { theme.warn } else { theme.mark }, theme.grid);
        text(
            &p,
            pos2(line.right() - 2.0, y),
            Align2::RIGHT_CENTER,
            &number(error, 2),
            font::mono(),
            theme.text_2,
        );
    }
    if errors.len() > rows * columns {
        let words = format!("{} more", errors.len() - rows * columns);
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
