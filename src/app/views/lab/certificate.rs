//! Majority vote's certificate: the error that all raters share, the items that are safe and those that are not, and
//! raters who are worse than chance.

use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::LabState;
use super::bars::RaterBars;
use crate::analysis::certificate::Certified;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{count, heading, hit, link, number, text, text_block, thousands, two_panes};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::aggregation::Verdicts;

/// Rows that open items.
pub(super) const N_ROWS: usize = 4;

const HINTS: [&str; N_ROWS] = [
    "Whatever the votes were, no weighting of these raters could overrule their majority, in 97.5 % of resamples too",
    "Some votes of these raters would be overruled; whether theirs were is the next line",
    "One label has most votes, and the votes weighted by reliability say another",
    "Several labels have as many votes; the weighted vote takes one of them",
];

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
    let (left, right) = two_panes(ui, rect, 0.55, (360.0, 760.0));
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
            "How often a rater gives another label than the true one, if all err alike (one-coin model); 95 % interval by resampling items",
        ),
        (
            "Margin at a lead of one vote",
            format!("{}{}", number(global.margin, 3), span(global.margin_interval, 2)),
            "Log odds by which one vote more outweighs the most uneven shares of labels; from 0 on no rule can do better",
        ),
        (
            "Certified for all items",
            if global.certified { "yes" } else { "no" }.to_owned(),
            "Whether the whole interval of the margin is at 0 or above",
        ),
    ];
    for (what, value, hint) in &facts {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y += FACT;
    }
    y += 12.0;
    heading(&p, theme, pos2(r.left(), y + 8.0), "Raters of their own", "open a line to see its items");
    y += 22.0;
    for (i, (what, items)) in rows(c).into_iter().enumerate() {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let value = thousands(items.len() as u64);
        if (Fact { what, value: &value, opens: true, selected: state.row == i, hint: HINTS[i] })
            .show(ui, line, what)
        {
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
            Fact {
                what,
                value: &verdict(v),
                opens: false,
                selected: false,
                hint: "Ties count in parts; gold that nobody gave is wrong for both",
            }
            .show(ui, line, what);
            y += FACT;
        }
    }
    y += 20.0;
    if link(ui, pos2(r.left(), y), "What is certified, and what is not", "certificate page").clicked() {
        out.push(Request::Explain("vote_certificate"));
    }
    y += 22.0;
    let rest = Rect::from_min_max(pos2(r.left(), y), pos2(r.right(), r.bottom().min(y + 240.0)));
    margins_ui(ui, rest, c, out);
    let right = right.shrink2(vec2(16.0, 12.0));
    raters_ui(ui, right, doc, c, out);
}

/// How many items have which margin; a bar opens its items.
fn margins_ui(ui: &Ui, r: Rect, c: &Certified, out: &mut Vec<Request>) {
    if r.height() < 90.0 {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let caption = "from 0 on the majority is safe, if resamples say so too; open a bar";
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Margin of each item", caption);
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 34.0), pos2(r.right(), r.bottom() - 20.0));
    let most = c.bins.iter().map(|b| b.items.len()).max().unwrap_or(0).max(1);
    let width = (area.width() / c.bins.len().max(1) as f32).min(56.0);
    // Every so many bounds that their numbers do not touch.
    let every = (44.0 / width).ceil().max(1.0) as usize;
    let zero = c.bins.iter().position(|b| b.from == 0.0).unwrap_or(0);
    p.hline(area.left()..=area.left() + width * c.bins.len() as f32, area.bottom(), theme.border());
    let digits = |v: f64| usize::from(v.fract() != 0.0) + usize::from((v * 10.0).fract().abs() > 1e-6);
    for (i, bin) in c.bins.iter().enumerate() {
        let x = area.left() + width * i as f32;
        if (i + every * c.bins.len() - zero).is_multiple_of(every) {
            let words = number(bin.from, digits(bin.from));
            let at = pos2(x, area.bottom() + 10.0);
            text(&p, at, Align2::CENTER_CENTER, &words, font::mono_small(), theme.text_3);
        }
        if bin.items.is_empty() {
            continue;
        }
        let height = (area.height() * bin.items.len() as f32 / most as f32).max(2.0);
        let bar =
            Rect::from_min_max(pos2(x + 1.0, area.bottom() - height), pos2(x + width - 1.0, area.bottom()));
        let whole = Rect::from_min_max(pos2(x, area.top()), bar.max);
        let words = format!(
            "Margin {} to {}: {}",
            number(bin.from, digits(bin.from)),
            number(bin.to, digits(bin.to)),
            count(bin.items.len(), "item", "items")
        );
        let response = hit(ui, whole, ui.scope_id().with(("margin", i)), &words);
        let color = if bin.from < 0.0 { theme.warn } else { theme.mark };
        p.rect_filled(bar, 1.0, if response.hovered() { theme.accent } else { color });
        if response.clicked() {
            let words = words.split(':').next().unwrap_or_default().to_lowercase();
            out.push(Request::Filter(vec![Condition::among(words, Arc::clone(&bin.items))]));
        }
        response.on_hover_text(words);
    }
    p.vline(area.left() + width * zero as f32, area.y_range(), theme.border());
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
    let second = match c.sure.len() {
        n if n == all => "With an error of their own for each rater, every majority is still safe.".to_owned(),
        0 => "But raters differ: with an error of their own for each, no majority is safe whatever the votes are; it \
              depends on who gave them."
            .to_owned(),
        n => format!(
            "With an error of their own for each rater, the majority is safe on {} of {}; on the others it depends on who voted.",
            thousands(n as u64),
            count(all, "item", "items")
        ),
    };
    let worse = match c.certificate.worse_than_chance.len() {
        0 => String::new(),
        n => format!(
            " {} worse than chance: such a vote speaks against its own label.",
            count(n, "rater is", "raters are")
        ),
    };
    format!("{first} {second}{worse}")
}

/// The raters' errors, largest first.
fn raters_ui(ui: &Ui, r: Rect, doc: &Document, c: &Certified, out: &mut Vec<Request>) {
    let k = doc.dataset.labels.len().max(2) as f64;
    let chance = 1.0 - 1.0 / k;
    let bad = &c.certificate.worse_than_chance;
    let caption = match bad.len() {
        0 => "error of each; none is worse than chance".to_owned(),
        n => format!("error of each; {n} worse than chance, {}", number(chance, 2)),
    };
    let mut errors: Vec<(u32, f64)> =
        c.certificate.error.iter().enumerate().filter_map(|(i, e)| Some((i as u32, (*e)?))).collect();
    errors.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    RaterBars { caption: &caption, values: &errors, range: (0.0, 1.0), bad }.show(ui, r, doc, out);
}
