//! Which methods label alike: a map of all pairs.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::pair_map::PairMap;
use super::{LabState, parted};
use crate::analysis::lab::Lab;
use crate::app::request::Request;
use crate::app::widgets::paint::{count, heading, number, text, text_cut, thousands};
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
    let names: Vec<&str> = lab.methods.iter().map(|m| m.which.row().name).collect();
    let most = lab.differences.iter().map(|d| d.n_items).max().unwrap_or(0).max(1) as f32;
    let cell = |row: usize, column: usize| {
        let n_items = lab.difference(row, column)?.n_items;
        Some((n_items as f32 / most, thousands(n_items as u64)))
    };
    let below = Rect::from_min_max(pos2(r.left(), r.top() + 28.0), r.max);
    let room = (below.height() - 26.0, 34.0);
    let title = "Methods against methods";
    let map = PairMap { title, names: &names, selected: Some(state.method(lab)), cell: &cell, room };
    let (map, end) = map.show(ui, below);
    let words = match map.hovered.and_then(|(a, b)| Some((a, b, lab.difference(a, b)?))) {
        Some((a, b, difference)) => {
            let apart = difference
                .divergence_bits
                .map_or_else(String::new, |d| format!(", divergence {} bits", number(d, 3)));
            format!("{} and {}: {}{apart}", names[a], names[b], count(difference.n_items, "item", "items"))
        }
        None => format!("of {} with votes", count(lab.n_voted, "item", "items")),
    };
    let at = pos2(r.left(), (end + 14.0).min(r.bottom() - 4.0));
    text_cut(ui.painter(), at, r.width(), &words, font::caption(), theme.text_3);
    if let Some((a, b)) = map.clicked {
        out.extend(parted(lab, a, b).map(|condition| Request::Filter(vec![condition])));
    }
}
