//! How many differences there are of each kind, which label became which, and why the one under the cursor is there.

use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};

use super::{Shown, VersionsState, coding, matrix};
use crate::analysis::versions::Which;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{bar_bare, heading, hit_as, link, number, text, text_cut, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Statistic;
use crate::stats::versions::{DecodingRule, DifferenceKind};

const LINE: f32 = 24.0;

fn meaning(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Tag => "other label",
        DifferenceKind::Missing => "one side only",
        DifferenceKind::Span => "other words",
        DifferenceKind::Both => "both of these",
    }
}

/// Paints the panel.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut VersionsState,
    shown: Shown<'_>,
    out: &mut Vec<Request>,
) {
    let bottom = kinds_ui(ui, r, state, shown, out);
    let theme = Theme::of(ui.ctx());
    let rule = |ui: &Ui, y: f32| ui.painter().hline(r.expand(16.0).x_range(), y, theme.border());
    rule(ui, bottom);
    let room = Rect::from_min_max(pos2(r.left(), bottom + 12.0), r.max);
    let (bottom, clicked) = matrix::ui(ui, room, state.which, shown);
    if let Some(which) = clicked {
        state.toggle(which);
    }
    rule(ui, bottom);
    let room = Rect::from_min_max(pos2(r.left(), bottom + 10.0), r.max);
    ui.scope_builder(UiBuilder::new().max_rect(room).id_salt("coding"), |ui| {
        coding::ui(ui, room, doc, state, shown, out);
    });
}

fn kinds_ui(ui: &Ui, r: Rect, state: &mut VersionsState, shown: Shown<'_>, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let pair = shown.pair;
    let total = pair.total();
    let f1 = match pair.f1() {
        Statistic::Defined(e) => format!("F1 {}", number(e.value, 3)),
        Statistic::Undefined(_) => "F1 —".to_owned(),
    };
    let title =
        format!("{} {}", thousands(total), if total == 1 { "entity differs" } else { "entities differ" });
    let caption = format!("{} alike · {f1}", thousands(pair.n_agree));
    heading(p, theme, pos2(r.left(), r.top() + 8.0), &title, &caption);
    let help = link(ui, pos2(r.right() - 34.0, r.top() + 8.0), "Page", "versions");
    if help.clicked() {
        out.push(Request::Explain("versions"));
    }
    let most = DifferenceKind::ALL.map(|k| pair.count(k)).into_iter().max().unwrap_or(0).max(1);
    let mut y = r.top() + 36.0;
    let left = r.left() + 62.0;
    let bar = (r.width() - 62.0) * 0.34;
    for kind in DifferenceKind::ALL {
        let n = pair.count(kind);
        let line = Rect::from_min_size(pos2(r.left() - 8.0, y - LINE / 2.0), vec2(r.width() + 16.0, LINE));
        let on = state.which == Which::Kind(kind);
        if n > 0 {
            let words = format!("{}: {}", kind.name(), thousands(n));
            let response = hit_as(ui, line, ui.scope_id().with(("kind", kind)), &words, Some(on));
            if on {
                p.rect_filled(line, 4.0, theme.selected);
            } else if response.hovered() {
                p.rect_filled(line, 4.0, theme.hover);
            }
            if response.clicked() {
                state.toggle(Which::Kind(kind));
            }
            let share = pair.share(kind);
            let percent = match &share {
                Statistic::Defined(e) => {
                    let of = |v: f64| number(100.0 * v, 1);
                    let interval = e.ci.map_or_else(String::new, |(a, b)| format!(" [{}, {}]", of(a), of(b)));
                    format!("{}{interval} % of the differences", of(e.value))
                }
                Statistic::Undefined(reason) => reason.to_string(),
            };
            response.on_hover_text(format!("{words}: {}. {percent}. Click to list them", meaning(kind)));
        }
        let ink = if n == 0 { theme.text_3 } else { theme.text };
        text(p, pos2(r.left(), y), Align2::LEFT_CENTER, kind.name(), font::body(), ink);
        let area = Rect::from_min_size(pos2(left, y - 5.0), vec2(bar, 10.0));
        bar_bare(p, area, n as f32 / most as f32, theme.mark);
        let end = left + bar * (n as f32 / most as f32).max(0.0);
        let digits = text(p, pos2(end + 6.0, y), Align2::LEFT_CENTER, &thousands(n), font::mono(), ink);
        let from = digits.right().max(left + bar + 40.0) + 8.0;
        text_cut(p, pos2(from, y), r.right() - from, meaning(kind), font::caption(), theme.text_3);
        y += LINE;
    }
    y = reading_ui(ui, r, y, state, shown);
    y + 2.0
}

/// Where tags were malformed: how many tokens depend on how they are read, and the other way to read them.
fn reading_ui(ui: &Ui, r: Rect, y: f32, state: &mut VersionsState, shown: Shown<'_>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let touched: u64 = (0..2).filter_map(|s| shown.version(s)).map(|v| v.facts.n_touched).sum();
    if touched == 0 {
        return y;
    }
    let words = format!("{} tokens have tags that do not fit", thousands(touched));
    let (now, other, next) = match state.rule {
        DecodingRule::TypeChange => ("another type begins an entity", "Only B-", DecodingRule::BeginOnly),
        DecodingRule::BeginOnly => ("only B- begins an entity", "Any change", DecodingRule::TypeChange),
    };
    let p = ui.painter();
    let width = crate::app::widgets::paint::text_width(p, other, font::body());
    text_cut(
        p,
        pos2(r.left(), y),
        r.width() - width - 10.0,
        &format!("{words}: {now}"),
        font::caption(),
        theme.text_3,
    );
    if link(ui, pos2(r.right() - width, y), other, "reading")
        .on_hover_text("Read them the other way")
        .clicked()
    {
        state.rule = next;
    }
    y + LINE
}
