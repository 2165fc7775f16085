//! Which methods label alike: a map of all pairs.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{LabState, parted};
use crate::analysis::lab::Lab;
use crate::app::request::Request;
use crate::app::widgets::heatmap::{Grid, heat_map};
use crate::app::widgets::paint::{count, heading, number, text, text_cut, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};

const PAD: f32 = 16.0;

pub(super) fn pairs_ui(ui: &mut Ui, rect: Rect, lab: &Lab, state: &LabState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let r = rect.shrink2(vec2(PAD, 12.0));
    heading(
        ui.painter(),
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Where methods part",
        "items that a pair labels differently",
    );
    let (n, selected) = (lab.methods.len(), state.method(lab));
    let ran = lab.methods.iter().filter(|m| m.outcome.is_ok()).count();
    if ran < 2 {
        let words = "Fewer than two methods could be run on these votes";
        text(
            ui.painter(),
            pos2(r.left(), r.top() + 40.0),
            Align2::LEFT_CENTER,
            words,
            font::body(),
            theme.text_2,
        );
        return;
    }
    let p = ui.painter().clone();
    let name = |i: usize| lab.methods[i].which.row().name;
    let names = (0..n).map(|i| text_width(&p, name(i), font::caption())).fold(0.0_f32, f32::max).min(132.0);
    let origin = pos2(r.left() + names + 10.0, r.top() + 28.0);
    let size =
        ((r.bottom() - 26.0 - origin.y) / n as f32).min((r.right() - origin.x) / n as f32).clamp(8.0, 34.0);
    let most = lab.differences.iter().map(|d| d.n_items).max().unwrap_or(0).max(1) as f32;
    let grid = Grid { origin, size, n, gap_before: &|_| 0.0 };
    let shown = |row: usize, column: usize| {
        let difference = lab.difference(row, column)?;
        Some(theme.quantity(difference.n_items as f32 / most))
    };
    for i in 0..n {
        let y = origin.y + grid.edge(i) + size / 2.0;
        let width = text_width(&p, name(i), font::caption()).min(names);
        let color = if i == selected { theme.text } else { theme.text_2 };
        text_cut(&p, pos2(origin.x - 8.0 - width, y), width + 1.0, name(i), font::caption(), color);
    }
    let map = heat_map(ui, "Methods against methods", &grid, shown, Some(selected));
    if size >= 22.0 {
        for row in 0..n {
            for column in (0..n).filter(|&c| c != row) {
                let Some(difference) = lab.difference(row, column) else { continue };
                let centre =
                    origin + vec2(grid.edge(column) + size / 2.0 - 0.5, grid.edge(row) + size / 2.0 - 0.5);
                let color = Theme::on(theme.quantity(difference.n_items as f32 / most));
                let words = thousands(difference.n_items as u64);
                if text_width(&p, &words, font::mono_small()) < size - 3.0 {
                    text(&p, centre, Align2::CENTER_CENTER, &words, font::mono_small(), color);
                }
            }
        }
    }
    let words = match map.hovered.and_then(|(a, b)| Some((a, b, lab.difference(a, b)?))) {
        Some((a, b, difference)) => {
            let apart = difference
                .divergence_bits
                .map_or_else(String::new, |d| format!(", divergence {} bits", number(d, 3)));
            format!("{} and {}: {}{apart}", name(a), name(b), count(difference.n_items, "item", "items"))
        }
        None => format!("of {} with votes", count(lab.n_voted, "item", "items")),
    };
    let below = origin.y + grid.edge(n - 1) + size + 14.0;
    text_cut(
        &p,
        pos2(r.left(), below.min(r.bottom() - 4.0)),
        r.width(),
        &words,
        font::caption(),
        theme.text_3,
    );
    if let Some((a, b)) = map.clicked {
        out.extend(parted(lab, a, b).map(|condition| Request::Filter(vec![condition])));
    }
}
