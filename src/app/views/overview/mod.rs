//! The whole at a glance: three facts, the evidence below them, what to do next.

pub mod model;

use egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use self::model::{Fact, Overview};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::{BINS, Condition};
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    self, Button, bar_bare, bar_outline, count, heading, hit, label_chip, link, number, text, text_block,
    text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;

/// What the view remembers.
#[derive(Debug, Clone)]
pub struct OverviewState {
    /// Everything below this quality is meant.
    pub threshold: f64,
}

impl Default for OverviewState {
    fn default() -> Self {
        Self { threshold: 0.25 }
    }
}

const SIDE: f32 = 300.0;
const FACTS: f32 = 232.0;
const PAD: f32 = 16.0;

/// Paints the overview.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut OverviewState, out: &mut Vec<Request>) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else {
        empty::loading(ui, ui.max_rect());
        return;
    };
    let o = &derived.overview;
    let full = ui.max_rect();
    let side = if full.width() > 980.0 { SIDE } else { 0.0 };
    let left = Rect::from_min_max(full.min, pos2(full.right() - side, full.bottom()));
    let n_labels = o.labels.len();
    let middle = (46.0 * n_labels as f32 + 70.0).clamp(300.0, 480.0);
    let wanted = FACTS + middle + if o.raters.is_empty() { 0.0 } else { 210.0 };
    let theme = Theme::of(ui.ctx());
    ui.scope_builder(egui::UiBuilder::new().max_rect(left).id_salt("overview"), |ui| {
        ui.set_clip_rect(left.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("overview").auto_shrink(false).show(ui, |ui| {
            let height = wanted.max(left.height());
            let (rect, _) = ui.allocate_exact_size(vec2(left.width(), height), Sense::hover());
            let facts = Rect::from_min_size(rect.min, vec2(rect.width(), FACTS));
            facts_ui(ui, facts, doc, o, out);
            let mid_height =
                if o.raters.is_empty() { height - FACTS } else { middle + (height - wanted) * 0.4 };
            let mid = Rect::from_min_size(pos2(rect.left(), facts.bottom()), vec2(rect.width(), mid_height));
            ui.painter().hline(rect.x_range(), mid.top(), theme.border());
            let third = mid.width() / 3.0;
            let column = |i: usize| {
                Rect::from_min_size(pos2(mid.left() + third * i as f32, mid.top()), vec2(third, mid.height()))
            };
            for i in 1..3 {
                ui.painter().vline(column(i).left(), mid.y_range(), theme.border());
            }
            labels_ui(ui, column(0), doc, o, out);
            agreement_ui(ui, column(1), doc, analysis, out);
            quality_ui(ui, column(2), doc, o, state, out);
            if !o.raters.is_empty() {
                let strip = Rect::from_min_max(pos2(rect.left(), mid.bottom()), rect.max);
                ui.painter().hline(rect.x_range(), strip.top(), theme.border());
                raters_ui(ui, strip, doc, o, out);
            }
        });
    });
    if side > 0.0 {
        let right = Rect::from_min_max(pos2(left.right(), full.top()), full.max);
        ui.painter().rect_filled(right, 0.0, theme.raised);
        ui.painter().vline(right.left(), right.y_range(), theme.border());
        side_ui(ui, right, doc, o, out);
    }
}

fn facts_ui(ui: &Ui, rect: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    if o.facts.is_empty() {
        let p = ui.painter();
        let pos = rect.min + vec2(PAD, 20.0);
        text(p, pos, Align2::LEFT_TOP, "Nothing stands out", font::fact(), theme.text);
        let why = if doc.dataset.annotations.is_empty() && doc.dataset.probabilities.is_none() {
            "There are neither several raters nor predicted probabilities. Add probabilities with --probs, or \
             under File, Change columns…"
        } else {
            "No label is under suspicion, no two labels are taken for each other, and no rater stands apart"
        };
        text_block(p, pos + vec2(0.0, 36.0), 520.0, why, font::body(), theme.text_2);
        return;
    }
    let width = rect.width() / o.facts.len().max(1) as f32;
    for (i, fact) in o.facts.iter().enumerate() {
        let r =
            Rect::from_min_size(pos2(rect.left() + width * i as f32, rect.top()), vec2(width, rect.height()));
        if i > 0 {
            ui.painter().vline(r.left(), r.y_range(), theme.border());
        }
        fact_ui(ui, r.shrink2(vec2(PAD, 14.0)), doc, fact, out);
    }
}

fn fact_ui(ui: &Ui, r: Rect, doc: &Document, fact: &Fact, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(2.0));
    let names = &doc.dataset.labels;
    let n_items = doc.dataset.n_items();
    let (icon, kind, sentence, caption) = match fact {
        Fact::LabelIssues { n, .. } => (
            Icon::Cross,
            "Label errors",
            format!("{} of {} given labels look wrong", thousands(*n as u64), thousands(n_items as u64)),
            format!(
                "{} %, flagged by {}",
                number(100.0 * *n as f64 / n_items as f64, 1),
                doc.flag_method_words()
            ),
        ),
        Fact::Parted { a, b, n, of, .. } => (
            Icon::Fork,
            "Guidelines",
            format!("Raters part most on {} or {}", names.name(*a), names.name(*b)),
            format!("{} of {} split items have votes for both", thousands(*n as u64), thousands(*of as u64)),
        ),
        Fact::WeakRaters { raters, .. } => (
            Icon::Grid,
            "Raters",
            format!(
                "{} of {} pull agreement down",
                raters.len(),
                count(doc.dataset.raters.len(), "rater", "raters")
            ),
            format!(
                "{} · Krippendorff α",
                raters.iter().take(4).map(|&r| doc.rater_name(r)).collect::<Vec<_>>().join(", ")
            ),
        ),
    };
    icon.paint(&p, r.min + vec2(7.0, 8.0), 14.0, theme.text_2);
    text(&p, r.min + vec2(20.0, 8.0), Align2::LEFT_CENTER, kind, font::caption(), theme.text_2);
    let block = text_block(&p, r.min + vec2(0.0, 20.0), r.width(), &sentence, font::fact(), theme.text);
    let mut y = block.bottom() + 12.0;
    text_cut(&p, pos2(r.left(), y), r.width(), &caption, font::body(), theme.text_2);
    y += 20.0;
    let (words, request) = match fact {
        Fact::LabelIssues { n, pairs } => {
            pairs_ui(ui, r, y, doc, pairs, "→", Condition::Suggests, out);
            (format!("Open {}", count(*n, "item", "items")), Request::Filter(vec![Condition::Flagged]))
        }
        Fact::Parted { a, b, n, pairs, .. } => {
            pairs_ui(ui, r, y, doc, pairs, "or", Condition::Between, out);
            (
                format!("Open {}", count(*n, "item", "items")),
                Request::Filter(vec![Condition::Between(*a, *b)]),
            )
        }
        Fact::WeakRaters { raters, alpha, without } => {
            shift_ui(&p, theme, Rect::from_min_max(pos2(r.left(), y - 4.0), r.max), alpha, without);
            let first = raters.first().copied().unwrap_or_default();
            (format!("Open {}", count(raters.len(), "rater", "raters")), Request::SelectRater(first))
        }
    };
    if link(ui, pos2(r.left(), r.bottom() - 8.0), &words, ("fact", kind)).clicked() {
        if matches!(request, Request::SelectRater(_)) {
            out.push(Request::Show(View::Raters));
        }
        out.push(request);
    }
}

fn pairs_ui(
    ui: &Ui,
    r: Rect,
    top: f32,
    doc: &Document,
    pairs: &[(u32, u32, usize)],
    between: &str,
    condition: impl Fn(u32, u32) -> Condition,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    // One fact alone has the whole width; its proof stays small.
    let r = Rect::from_min_size(r.min, vec2(r.width().min(460.0), r.height()));
    let p = ui.painter_at(r);
    let most = pairs.iter().map(|x| x.2).max().unwrap_or(1) as f32;
    let name = ((r.width() - 120.0) / 2.0).clamp(48.0, 96.0);
    let rows = ((r.bottom() - 24.0 - top) / 18.0).floor().max(0.0) as usize;
    for (i, &(a, b, n)) in pairs.iter().take(rows).enumerate() {
        let y = top + 18.0 * i as f32 + 4.0;
        let row = Rect::from_min_size(pos2(r.left(), y - 9.0), vec2(r.width(), 18.0));
        let label = format!("{} {between} {}: {n}", doc.label(a), doc.label(b));
        let response = hit(ui, row, ui.scope_id().with(("pair", between, i)), &label);
        if response.hovered() {
            p.rect_filled(row, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Filter(vec![condition(a, b)]));
        }
        let color = if i == 0 { theme.text } else { theme.text_2 };
        label_chip(&p, theme, pos2(r.left(), y), name, a, doc.label(a), color);
        if between == "→" {
            Icon::Arrow.paint(&p, pos2(r.left() + name + 10.0, y), 11.0, theme.text_3);
        } else {
            text(
                &p,
                pos2(r.left() + name + 10.0, y),
                Align2::CENTER_CENTER,
                between,
                font::caption(),
                theme.text_3,
            );
        }
        label_chip(&p, theme, pos2(r.left() + name + 24.0, y), name, b, doc.label(b), color);
        let x = r.left() + 2.0 * name + 28.0;
        let room = (r.right() - x - 36.0).max(10.0);
        let bar = Rect::from_min_size(pos2(x, y - 5.0), vec2(room, 10.0));
        bar_bare(&p, bar, n as f32 / most, theme.mark);
        let end = x + room * n as f32 / most + 6.0;
        text(&p, pos2(end, y), Align2::LEFT_CENTER, &thousands(n as u64), font::mono_small(), color);
    }
}

/// "Krippendorff α with everybody → without them."
fn shift_ui(p: &egui::Painter, theme: &Theme, r: Rect, alpha: &Statistic, without: &Statistic) {
    let (Some(a), Some(b)) = (alpha.value(), without.value()) else { return };
    let low = ((a.min(b) - 0.05) * 20.0).floor() / 20.0;
    let high = (((a.max(b) + 0.05) * 20.0).ceil() / 20.0).min(1.0);
    let axis =
        Rect::from_min_max(pos2(r.left() + 12.0, r.top() + 34.0), pos2(r.right() - 16.0, r.top() + 34.0));
    let x = |v: f64| axis.left() + axis.width() * ((v - low) / (high - low).max(1e-9)) as f32;
    let y = axis.top();
    p.hline(axis.x_range(), y, Stroke::new(1.0, theme.line_strong));
    for t in 0..=((high - low) * 20.0).round() as usize {
        let v = low + t as f64 / 20.0;
        p.vline(x(v), egui::Rangef::new(y - 3.0, y + 3.0), Stroke::new(1.0, theme.line_strong));
        text(p, pos2(x(v), y + 14.0), Align2::CENTER_CENTER, &number(v, 2), font::mono_small(), theme.text_3);
    }
    p.line_segment([pos2(x(a), y), pos2(x(b), y)], Stroke::new(2.0, theme.text));
    p.circle(pos2(x(a), y), 4.5, theme.panel, Stroke::new(2.0, theme.text));
    p.circle_filled(pos2(x(b), y), 5.0, theme.text);
    let words_a = format!("all {}", number(a, 2));
    let words_b = format!("without {}", number(b, 2));
    let (left, right) = if a <= b {
        (Align2::RIGHT_CENTER, Align2::LEFT_CENTER)
    } else {
        (Align2::LEFT_CENTER, Align2::RIGHT_CENTER)
    };
    let middle = f32::midpoint(x(a), x(b));
    let gap = if a <= b { 6.0 } else { -6.0 };
    text(p, pos2(middle - gap, y - 16.0), left, &words_a, font::caption(), theme.text_2);
    text(p, pos2(middle + gap, y - 16.0), right, &words_b, font::caption(), theme.text);
}

fn labels_ui(ui: &mut Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Labels",
        &format!("given against {}", o.against),
    );
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 28.0), pos2(r.right(), r.bottom() - 22.0));
    let step = (area.height() / o.labels.len().max(1) as f32).clamp(34.0, 52.0);
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("labels"), |ui| {
        ui.set_clip_rect(area.intersect(ui.clip_rect()));
        let content = step * o.labels.len() as f32;
        egui::ScrollArea::vertical().id_salt("labels").auto_shrink(false).show(ui, |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(area.width(), content.max(1.0)), Sense::hover());
            let p = ui.painter().clone();
            let most = o.labels.iter().map(|l| l.given.max(l.against)).max().unwrap_or(1).max(1) as f32;
            let widest =
                o.labels.iter().take(40).map(|l| paint::text_width(&p, doc.label(l.label), font::body()));
            let names = (widest.fold(40.0_f32, f32::max) + 22.0).min(rect.width() * 0.36);
            for (i, row) in o.labels.iter().enumerate() {
                let y = rect.top() + step * i as f32 + step / 2.0 - 2.0;
                let line = Rect::from_min_size(pos2(rect.left(), y - 17.0), vec2(rect.width() - 8.0, 34.0));
                if !ui.is_rect_visible(line) {
                    continue;
                }
                let name = doc.label(row.label);
                let difference = row.against as i64 - row.given as i64;
                let words = format!("{name}: given {}, {} {}", row.given, o.against, row.against);
                let response = hit(ui, line, ui.scope_id().with(("label", i)), &words);
                if response.hovered() {
                    p.rect_filled(line, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(if ui.input(|i| i.modifiers.shift) {
                        Request::AddCondition(Condition::Given(row.label))
                    } else {
                        Request::Filter(vec![Condition::Given(row.label)])
                    });
                }
                label_chip(&p, theme, pos2(rect.left(), y), names - 4.0, row.label, name, theme.text);
                let x = rect.left() + names;
                let room = (rect.right() - x - 96.0).max(20.0);
                let upper = Rect::from_min_size(pos2(x, y - 13.0), vec2(room, 12.0));
                let lower = Rect::from_min_size(pos2(x, y + 1.0), vec2(room, 12.0));
                bar_bare(&p, upper, row.given as f32 / most, theme.label(row.label));
                bar_outline(&p, lower, row.against as f32 / most, theme.label(row.label));
                for (rect, n, color) in [(upper, row.given, theme.text), (lower, row.against, theme.text_3)] {
                    let end = pos2(rect.left() + room * n as f32 / most + 6.0, rect.center().y);
                    text(&p, end, Align2::LEFT_CENTER, &thousands(n as u64), font::mono_small(), color);
                }
                let strong = difference.unsigned_abs() >= 10;
                let words = match difference {
                    0 => "±0".to_owned(),
                    d if d > 0 => format!("+{d}"),
                    d => format!("−{}", -d),
                };
                let color = if strong { theme.text } else { theme.text_3 };
                text(&p, pos2(rect.right() - 10.0, y), Align2::RIGHT_CENTER, &words, font::mono(), color);
            }
        });
    });
    let p = ui.painter();
    let y = r.bottom() - 6.0;
    let words = format!("{} ({})", o.against, doc.consensus_words());
    let words = if o.against == "consensus" { words } else { o.against.to_owned() };
    let w = paint::text_width(p, &words, font::caption());
    let x = r.right() - w;
    text(p, pos2(x, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2);
    let square = |x: f32| Rect::from_center_size(pos2(x, y), vec2(9.0, 9.0));
    p.rect_stroke(square(x - 10.0), 1.0, Stroke::new(1.0, theme.text_2), StrokeKind::Inside);
    text(p, pos2(x - 24.0, y), Align2::RIGHT_CENTER, "given", font::caption(), theme.text_2);
    p.rect_filled(square(x - 62.0), 1.0, theme.text_3);
}

fn agreement_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    analysis: &crate::analysis::Analysis,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let a = &analysis.agreement;
    if let Statistic::Undefined(reason) = &a.percent_agreement {
        heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), "Agreement", "");
        let words = format!(
            "Undefined: {reason}. It needs a table in which several raters labelled the same items: one row a vote, or \
             one column a rater"
        );
        text_block(
            ui.painter(),
            pos2(r.left(), r.top() + 32.0),
            r.width(),
            &words,
            font::body(),
            theme.text_2,
        );
        return;
    }
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Agreement",
        "95 % intervals, then α by label",
    );
    let mut rows: Vec<(String, &Statistic, Option<u32>, &'static str)> = vec![
        ("Percent agreement".to_owned(), &a.percent_agreement, None, "percent_agreement"),
        ("Krippendorff α".to_owned(), &a.krippendorff_alpha_nominal, None, "krippendorff_alpha"),
        ("Fleiss κ".to_owned(), &a.fleiss_kappa, None, "fleiss_kappa"),
        ("Cohen κ, pair mean".to_owned(), &a.cohen_kappa.mean, None, "cohen_kappa"),
    ];
    for (l, s) in a.per_label.iter().enumerate() {
        rows.push((doc.label(l as u32).to_owned(), s, Some(l as u32), "krippendorff_alpha"));
    }
    let p = ui.painter_at(r);
    let top = r.top() + 30.0;
    let bottom = r.bottom() - 20.0;
    let step = ((bottom - top) / rows.len() as f32).clamp(18.0, 25.0);
    let shown = ((bottom - top) / step).floor() as usize;
    let lowest = rows
        .iter()
        .filter_map(|x| x.1.estimate())
        .map(|e| e.ci.map_or(e.value, |c| c.0))
        .fold(1.0_f64, f64::min);
    let low = if lowest >= 0.5 { 0.5 } else { (lowest * 4.0).floor() / 4.0 }.max(-1.0);
    let axis = egui::Rangef::new(r.left() + 142.0, r.right() - 44.0);
    let x = |v: f64| axis.min + axis.span() * ((v - low) / (1.0 - low)) as f32;
    let ticks = if axis.span() > 90.0 { 2 } else { 1 };
    for i in 0..=ticks {
        let v = low + (1.0 - low) * f64::from(i) / f64::from(ticks);
        p.vline(x(v), egui::Rangef::new(top, bottom), Stroke::new(1.0, theme.grid));
        text(
            &p,
            pos2(x(v), bottom + 10.0),
            Align2::CENTER_CENTER,
            &number(v, 2),
            font::mono_small(),
            theme.text_3,
        );
    }
    for (i, (name, statistic, label, page)) in rows.iter().take(shown).enumerate() {
        let y = top + step * (i as f32 + 0.5);
        if i == 4 {
            p.hline(r.x_range(), y - step / 2.0, Stroke::new(1.0, theme.grid));
        }
        let line = Rect::from_min_max(pos2(r.left() - 4.0, y - step / 2.0), pos2(r.right(), y + step / 2.0));
        let value = statistic.value().map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let response = hit(ui, line, ui.scope_id().with(("agreement", i)), &format!("{name}: {value}"));
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(match label {
                Some(l) => Request::Filter(vec![Condition::Voted(*l), Condition::Split]),
                None => Request::Explain(page),
            });
        }
        response.on_hover_ui(|ui| statistic_tip(ui, name, statistic, page));
        match label {
            Some(l) => drop(label_chip(&p, theme, pos2(r.left(), y), 132.0, *l, name, theme.text)),
            None => drop(text_cut(&p, pos2(r.left(), y), 138.0, name, font::body(), theme.text)),
        }
        let color = if label.is_some() { theme.text_3 } else { theme.text };
        if let Some(e) = statistic.estimate() {
            if let Some((from, to)) = e.ci {
                p.hline(x(from.max(low))..=x(to), y, Stroke::new(2.0, color));
            }
            p.circle_filled(pos2(x(e.value.max(low)), y), 4.0, color);
        }
        let color = if statistic.value().is_some() { theme.text } else { theme.text_3 };
        text(&p, pos2(r.right(), y), Align2::RIGHT_CENTER, &value, font::mono(), color);
    }
}

/// What a number means: definition, interval, n; or why there is none.
pub fn statistic_tip(ui: &mut Ui, name: &str, statistic: &Statistic, page: &str) {
    ui.strong(name);
    match statistic {
        Statistic::Defined(e) => {
            let ci = e.ci.map_or_else(String::new, |(a, b)| {
                format!(", 95 % interval {} to {}", number(a, 3), number(b, 3))
            });
            ui.label(format!("{}{ci}", number(e.value, 4)));
            ui.label(format!(
                "n = {}, {}",
                count(e.n_items, "item", "items"),
                count(e.n_raters, "rater", "raters")
            ));
            if e.n_items < 50 && e.ci.is_some() {
                ui.small("With few items the interval is too narrow whatever one does");
            }
        }
        Statistic::Undefined(reason) => {
            ui.label(format!("Undefined: {reason}"));
        }
    }
    if let Some(page) = crate::app::pages::get(page) {
        ui.separator();
        ui.small(page.summary);
    }
}

fn quality_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    o: &Overview,
    state: &mut OverviewState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let p = ui.painter().clone();
    let total: u32 = o.quality.iter().map(|b| b.0 + b.1).sum();
    if total == 0 {
        heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Label quality", "");
        let words = doc.quality_missing_words();
        text_block(&p, pos2(r.left(), r.top() + 32.0), r.width(), &words, font::body(), theme.text_2);
        return;
    }
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Label quality", "drag to select the low end");
    let plot = Rect::from_min_max(pos2(r.left() - 4.0, r.top() + 30.0), pos2(r.right(), r.bottom() - 22.0));
    let below = |q: f64| {
        let upto = (q * BINS as f64).round() as usize;
        o.quality.iter().take(upto).fold((0, 0), |s, b| (s.0 + b.0 + b.1, s.1 + b.0))
    };
    let most = f64::from(o.quality.iter().map(|b| b.0 + b.1).max().unwrap_or(1));
    let width = 1.0 / BINS as f64;
    let bars = |color: Color32, pick: Pick<'_>| {
        o.quality
            .iter()
            .enumerate()
            .filter(|(_, b)| pick(b).0 > 0)
            .map(|(i, b)| {
                let (n, base) = pick(b);
                egui_plot::Bar::new((i as f64 + 0.5) * width, f64::from(n))
                    .width(width * 0.82)
                    .base_offset(f64::from(base))
                    .fill(color)
                    .stroke(Stroke::NONE)
            })
            .collect::<Vec<_>>()
    };
    let flagged = bars(theme.accent, &|b| (b.0, 0));
    let rest = bars(theme.mark, &|b| (b.1, b.0));
    let threshold = state.threshold;
    let response = ui
        .scope_builder(egui::UiBuilder::new().max_rect(plot).id_salt("quality"), |ui| {
            ui.visuals_mut().override_text_color = Some(theme.text_3);
            ui.style_mut().text_styles.insert(egui::TextStyle::Body, font::mono_small());
            egui_plot::Plot::new("quality")
                .width(plot.width())
                .height(plot.height())
                .show_background(false)
                .allow_drag(false)
                .allow_zoom(false)
                .allow_scroll(false)
                .allow_boxed_zoom(false)
                .allow_double_click_reset(false)
                .show_x(false)
                .show_y(false)
                .show_crosshair(false)
                .show_grid([false, true])
                .grid_color(theme.grid)
                .default_x_bounds(0.0, 1.0)
                .default_y_bounds(0.0, most * 1.12)
                .auto_bounds(false)
                .set_margin_fraction(vec2(0.0, 0.0))
                .sense(Sense::click_and_drag())
                .x_grid_spacer(|_| grid(&[0.0, 0.5, 1.0]))
                .x_axis_formatter(|m, _| number(m.value, 1))
                .show(ui, |plot| {
                    plot.bar_chart(egui_plot::BarChart::new("not flagged", rest).allow_hover(false));
                    plot.bar_chart(egui_plot::BarChart::new("flagged", flagged).allow_hover(false));
                    plot.vline(
                        egui_plot::VLine::new("threshold", threshold)
                            .color(theme.text)
                            .width(1.0)
                            .allow_hover(false),
                    );
                    plot.pointer_coordinate()
                })
        })
        .inner;
    let (n, n_flagged) = below(state.threshold);
    let frame = response.response.rect;
    response.response.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Canvas,
            true,
            format!("Label quality: {n} items below {}", number(threshold, 2)),
        )
    });
    let at = response.transform.position_from_point(&egui_plot::PlotPoint::new(state.threshold, 0.0));
    p.add(egui::Shape::convex_polygon(
        vec![
            at + vec2(-5.0, 2.0),
            at + vec2(5.0, 2.0),
            at + vec2(5.0, 8.0),
            at + vec2(0.0, 12.0),
            at + vec2(-5.0, 8.0),
        ],
        theme.text,
        Stroke::NONE,
    ));
    let side = if at.x + 130.0 > frame.right() { (Align2::RIGHT_TOP, -6.0) } else { (Align2::LEFT_TOP, 6.0) };
    let words = format!(
        "below {}:\n{}, {n_flagged} flagged",
        number(state.threshold, 2),
        count(n as usize, "item", "items")
    );
    text(&p, pos2(at.x + side.1, frame.top() + 4.0), side.0, &words, font::caption(), theme.text);
    let y = r.bottom() - 6.0;
    let mut x = r.left();
    for (color, words) in [(theme.accent, "flagged"), (theme.mark, "not flagged")] {
        p.rect_filled(Rect::from_center_size(pos2(x + 4.0, y), vec2(8.0, 8.0)), 2.0, color);
        x = text(&p, pos2(x + 13.0, y), Align2::LEFT_CENTER, words, font::caption(), theme.text_2).right()
            + 12.0;
    }
    if (response.response.dragged() || response.response.clicked())
        && let Some(c) = response.inner
    {
        state.threshold = ((c.x * BINS as f64).round() / BINS as f64).clamp(width, 1.0);
    }
    if response.response.drag_stopped() || response.response.clicked() {
        out.push(Request::Filter(vec![Condition::QualityBelow(state.threshold)]));
    }
}

/// From the counts of a bin (flagged, not): how high a bar, and on what it stands.
type Pick<'a> = &'a dyn Fn(&(u32, u32)) -> (u32, u32);

fn grid(values: &[f64]) -> Vec<egui_plot::GridMark> {
    values.iter().map(|&value| egui_plot::GridMark { value, step_size: 0.5 }).collect()
}

fn raters_ui(ui: &Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 12.0));
    let p = ui.painter_at(r.expand(4.0));
    heading(
        &p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Raters",
        "competence (Dawid–Skene: the chance of giving the true label), lowest first; number of votes below",
    );
    let plot =
        Rect::from_min_max(pos2(r.left() + 34.0, r.top() + 36.0), pos2(r.right() - 6.0, r.bottom() - 40.0));
    let lowest = o.raters.first().map_or(0.0, |x| x.1);
    let low = ((lowest * 5.0).floor() / 5.0).clamp(0.0, 0.8);
    let y = |v: f64| plot.bottom() - plot.height() * ((v - low) / (1.0 - low)) as f32;
    let ticks = ((1.0 - low) / 0.2).round() as usize;
    for t in 0..=ticks {
        let v = low + 0.2 * t as f64;
        p.hline(plot.x_range(), y(v), Stroke::new(1.0, theme.grid));
        text(
            &p,
            pos2(plot.left() - 8.0, y(v)),
            Align2::RIGHT_CENTER,
            &number(v, 1),
            font::mono_small(),
            theme.text_3,
        );
    }
    let median = o.median_competence.unwrap_or(1.0);
    p.extend(egui::Shape::dashed_line(
        &[pos2(plot.left(), y(median)), pos2(plot.right(), y(median))],
        Stroke::new(1.0, theme.text_3),
        2.0,
        3.0,
    ));
    text(
        &p,
        pos2(plot.right(), y(median) + 11.0),
        Align2::RIGHT_CENTER,
        &format!("median {}", number(median, 2)),
        font::caption(),
        theme.text_3,
    );
    let weak: &[u32] = o
        .facts
        .iter()
        .find_map(|f| if let Fact::WeakRaters { raters, .. } = f { Some(raters.as_slice()) } else { None })
        .unwrap_or_default();
    let n = o.raters.len();
    let step = plot.width() / n.max(1) as f32;
    let most = o.raters.iter().map(|x| x.2).max().unwrap_or(1).max(1) as f32;
    let base = r.bottom() - 30.0;
    text(
        &p,
        pos2(plot.left() - 8.0, base + 6.0),
        Align2::RIGHT_CENTER,
        "n",
        font::mono_small(),
        theme.text_3,
    );
    // More raters than pixels would hide one another: then every one is a line of its own no more.
    for (i, &(rater, competence, votes)) in o.raters.iter().enumerate() {
        let x = plot.left() + step * (i as f32 + 0.5);
        let stands_out = weak.contains(&rater);
        let color = if stands_out { theme.text } else { theme.mark };
        let dot = pos2(x, y(competence.max(low)));
        if n <= 400 {
            p.vline(
                x,
                egui::Rangef::new(dot.y.min(y(median)), dot.y.max(y(median))),
                Stroke::new(1.0, if stands_out { theme.text } else { theme.line_strong }),
            );
        }
        p.circle_filled(dot, if stands_out { 5.0 } else { 4.0_f32.min(step * 0.45).max(1.5) }, color);
        if stands_out {
            // Neighbours would write over one another on one line.
            let below = if i % 2 == 0 { 13.0 } else { 26.0 };
            text(
                &p,
                dot + vec2(0.0, below),
                Align2::CENTER_CENTER,
                doc.rater_name(rater),
                font::mono_small(),
                theme.text,
            );
        }
        let bar = Rect::from_min_size(
            pos2(x - (step * 0.3).min(5.0), base),
            vec2((step * 0.6).clamp(1.0, 10.0), 28.0 * votes as f32 / most),
        );
        p.rect_filled(bar, 1.0, theme.line_strong);
        if n <= 400 {
            let zone = Rect::from_x_y_ranges(x - step / 2.0..=x + step / 2.0, plot.top()..=r.bottom());
            let words = format!(
                "{}: competence {}, {}",
                doc.rater_name(rater),
                number(competence, 2),
                count(votes, "vote", "votes")
            );
            let response = hit(ui, zone, ui.scope_id().with(("rater", rater)), &words);
            if response.clicked() {
                out.push(Request::Show(View::Raters));
                out.push(Request::SelectRater(rater));
            }
            response.on_hover_text(words);
        }
    }
}

fn side_ui(ui: &Ui, r: Rect, doc: &Document, o: &Overview, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = r.shrink2(vec2(PAD, 14.0));
    let p = ui.painter_at(r.expand(3.0));
    text(
        &p,
        pos2(r.left(), r.top() + 10.0),
        Align2::LEFT_CENTER,
        "What to do next",
        font::heading(),
        theme.text,
    );
    let mut y = r.top() + 34.0;
    let mut step = 1;
    let mut item = |title: &str,
                    words: &str,
                    button: Button<'_>,
                    request: Request,
                    out: &mut Vec<Request>| {
        text(&p, pos2(r.left(), y + 9.0), Align2::LEFT_CENTER, &step.to_string(), font::mono(), theme.text_3);
        let x = r.left() + 24.0;
        text(&p, pos2(x, y + 9.0), Align2::LEFT_CENTER, title, font::strong(), theme.text);
        let block = text_block(&p, pos2(x, y + 20.0), r.right() - x, words, font::body(), theme.text_2);
        let (response, _) = button.show(ui, pos2(x, block.bottom() + 8.0), ("next", step));
        if response.clicked() {
            out.push(request);
        }
        y = block.bottom() + 50.0;
        p.hline(r.x_range(), y - 4.0, theme.border());
        y += 6.0;
        step += 1;
    };
    let key = Command::OpenRow.key();
    if o.n_flagged > 0 {
        let minutes = (o.n_flagged as f64 * 1.05 * 11.4 / 60.0).ceil().max(1.0);
        item(
            &format!("Review {}", count(o.n_flagged, "label issue", "label issues")),
            &format!(
                "About {} with the keyboard. Most suspicious first, 5 % controls mixed in",
                count(minutes as usize, "minute", "minutes")
            ),
            Button::primary("Start review").key(&key),
            Request::Run(Command::ReviewIssues),
            out,
        );
    }
    let split = o.splits.majority + o.splits.tied;
    if split > 0 {
        item(
            &format!("Look at {}", count(split, "split item", "split items")),
            "Most divided first: is it the text, the raters, or the guideline?",
            Button::new("Review split votes"),
            Request::Run(Command::ReviewSplit),
            out,
        );
    }
    if doc.analysis.is_some() {
        item(
            &format!("Audit {} random items", doc.audit_size()),
            "The flags are no random sample. Only an audit gives an unbiased error rate",
            Button::new("Queue the audit"),
            Request::Run(Command::ReviewAudit),
            out,
        );
    }
    let s = o.splits;
    let total = s.unanimous + s.majority + s.tied + s.single;
    if total > 0 {
        y += 8.0;
        heading(&p, theme, pos2(r.left(), y + 8.0), "How items disagree", &count(total, "item", "items"));
        y += 24.0;
        let most = [s.unanimous, s.majority, s.tied, s.single].into_iter().max().unwrap_or(1).max(1) as f32;
        let rows = [
            (Icon::Check, "All agree", s.unanimous, None),
            (Icon::Fork, "A majority", s.majority, Some(Condition::Split)),
            (Icon::Half, "Tied", s.tied, Some(Condition::Tied)),
            (Icon::Rows, "One vote", s.single, None),
        ];
        for (icon, words, n, condition) in rows.into_iter().filter(|x| x.2 > 0) {
            let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), 22.0));
            let middle = line.center().y;
            if let Some(c) = condition {
                let response = hit(ui, line, ui.scope_id().with(("split", words)), &format!("{words}: {n}"));
                if response.hovered() {
                    p.rect_filled(line, 2.0, theme.hover);
                }
                if response.clicked() {
                    out.push(Request::Filter(vec![c]));
                }
            }
            icon.paint(&p, pos2(r.left() + 6.0, middle), 13.0, theme.text_2);
            text(&p, pos2(r.left() + 22.0, middle), Align2::LEFT_CENTER, words, font::body(), theme.text);
            let bar = Rect::from_min_size(pos2(r.left() + 108.0, middle - 4.0), vec2(82.0, 8.0));
            bar_bare(&p, bar, n as f32 / most, theme.mark);
            let end = bar.left() + 82.0 * n as f32 / most + 6.0;
            text(&p, pos2(end, middle), Align2::LEFT_CENTER, &thousands(n as u64), font::mono(), theme.text);
            let share = format!("{} %", number(100.0 * n as f64 / total as f64, 0));
            text(&p, pos2(r.right(), middle), Align2::RIGHT_CENTER, &share, font::mono(), theme.text_3);
            y += 22.0;
        }
    }
    y += 16.0;
    text(&p, pos2(r.left(), y + 8.0), Align2::LEFT_CENTER, "What was read", font::strong(), theme.text);
    y += 24.0;
    for (name, value) in &o.read {
        if y > r.bottom() - 18.0 {
            break;
        }
        let middle = y + 10.0;
        let right = text(&p, pos2(r.right(), middle), Align2::RIGHT_CENTER, value, font::mono(), theme.text);
        text_cut(&p, pos2(r.left(), middle), right.left() - r.left() - 8.0, name, font::body(), theme.text_2);
        y += 20.0;
    }
}
