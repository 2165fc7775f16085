//! Which label became which: types in A by types in B, and none.

use std::collections::BTreeMap;

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::Shown;
use crate::analysis::versions::Which;
use crate::app::widgets::paint::{heading, hit_as, text, text_block, text_cut, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};

/// Most types that have a row.
const MOST: usize = 7;

/// Types that stand against others, those most often first to be kept; in their order, none last.
fn in_play(shown: Shown<'_>) -> (Vec<Option<u32>>, usize) {
    let cells = shown.pair.label_pairs();
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for cell in &cells {
        for kind in [cell.first, cell.second].into_iter().flatten() {
            *counts.entry(kind).or_default() += cell.n;
        }
    }
    let mut counts: Vec<(u32, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|&(kind, n)| (std::cmp::Reverse(n), kind));
    let hidden = counts.len().saturating_sub(MOST);
    counts.truncate(MOST);
    let mut kinds: Vec<u32> = counts.into_iter().map(|c| c.0).collect();
    kinds.sort_unstable();
    (kinds.into_iter().map(Some).chain([None]).collect(), hidden)
}

/// Paints the panel; gives where it ends, and the cell that was clicked.
pub(super) fn ui(ui: &Ui, r: Rect, which: Which, shown: Shown<'_>) -> (f32, Option<Which>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Which label became which", "A in rows");
    let (kinds, hidden) = in_play(shown);
    if kinds.len() == 1 {
        let words = "No label did: the two differ in boundaries, or not at all.";
        let block = text_block(p, r.min + vec2(0.0, 24.0), r.width(), words, font::caption(), theme.text_3);
        return (block.bottom() + 12.0, None);
    }
    let k = kinds.len();
    let name = |kind: Option<u32>| shown.report.kind(kind);
    let widest = kinds.iter().map(|&l| text_width(p, name(l), font::caption())).fold(30.0_f32, f32::max);
    let names = widest.min(r.width() * 0.24);
    let said = 92.0;
    let (left, top) = (r.left() + names + 12.0, r.top() + 44.0);
    let size = ((r.right() - said - left) / k as f32).clamp(16.0, 34.0);
    let height = size.min(24.0).max((size * 0.72).min(26.0));
    let cells: Vec<(Option<u32>, Option<u32>, u64)> = shown
        .pair
        .label_pairs()
        .iter()
        .map(|c| {
            let [a, b] = shown.turned([c.first, c.second]);
            (a, b, c.n)
        })
        .collect();
    let n_of = |a, b| cells.iter().find(|c| (c.0, c.1) == (a, b)).map_or(0, |c| c.2);
    let most = cells.iter().map(|c| c.2).max().unwrap_or(1).max(1);
    let mut clicked = None;
    for (i, &a) in kinds.iter().enumerate() {
        let y = top + height * i as f32;
        let middle = y + (height - 2.0) / 2.0;
        let width = text_width(p, name(a), font::caption()).min(names);
        text_cut(p, pos2(left - 8.0 - width, middle), width + 1.0, name(a), font::caption(), theme.text);
        if let Some(kind) = a {
            let edge = Rect::from_min_size(pos2(left - 5.0, y), vec2(2.0, height - 2.0));
            p.rect_filled(edge, 0.0, theme.label(kind));
        }
        for (j, &b) in kinds.iter().enumerate() {
            let cell = Rect::from_min_size(pos2(left + size * j as f32, y), vec2(size - 2.0, height - 2.0));
            if i == 0 {
                let width = text_width(p, name(b), font::caption()).min(size - 3.0);
                let at = pos2(cell.center().x - width / 2.0, top - 12.0);
                text_cut(p, at, size - 2.0, name(b), font::caption(), theme.text);
                if let Some(kind) = b {
                    let edge = Rect::from_min_size(pos2(cell.left(), top - 4.0), vec2(size - 2.0, 2.0));
                    p.rect_filled(edge, 0.0, theme.label(kind));
                }
            }
            if a == b {
                p.rect(cell, 2.0, theme.panel, Stroke::new(1.0, theme.line), StrokeKind::Inside);
                continue;
            }
            let n = n_of(a, b);
            let ground = if n == 0 { theme.raised } else { theme.quantity(n as f32 / most as f32) };
            p.rect_filled(cell, 2.0, ground);
            let on = which == shown.cell(a, b);
            if on {
                p.rect_stroke(cell.expand(1.0), 2.0, Stroke::new(2.0, theme.text), StrokeKind::Outside);
            }
            if n == 0 {
                continue;
            }
            let digits = thousands(n);
            if text_width(p, &digits, font::mono_small()) <= size - 3.0 {
                let ink = Theme::on(ground);
                text(p, cell.center(), Align2::CENTER_CENTER, &digits, font::mono_small(), ink);
            }
            let words = format!("{} became {}: {n}", name(a), name(b));
            let response = hit_as(ui, cell, ui.scope_id().with(("cell", i, j)), &words, Some(on));
            if response.clicked() {
                clicked = Some(shown.cell(a, b));
            }
            response.on_hover_text(format!("{words}. Click to read them; ← and → walk"));
        }
    }
    let bottom = top + height * k as f32;
    // What the cell that is on says, or the largest.
    let on = match which {
        Which::Types(first, second) => {
            let [a, b] = shown.turned([first, second]);
            Some((a, b, n_of(a, b)))
        }
        _ => cells.first().copied(),
    };
    if let Some((a, b, n)) = on {
        let x = left + size * k as f32 + 10.0;
        let room = r.right() - x;
        text_cut(p, pos2(x, top + 8.0), room, &thousands(n), font::fact(), theme.text);
        let back = n_of(b, a);
        let words = format!("{} became {}; {} the other way", name(a), name(b), thousands(back));
        text_block(p, pos2(x, top + 24.0), room, &words, font::caption(), theme.text_2);
    }
    if hidden > 0 {
        let words = format!("{hidden} more types, which stand against others less");
        text_cut(p, pos2(r.left(), bottom + 8.0), r.width(), &words, font::caption(), theme.text_3);
        return (bottom + 22.0, clicked);
    }
    (bottom + 12.0, clicked)
}
