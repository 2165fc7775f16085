//! A map of all pairs of a few named things, with a number in each cell.

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::app::widgets::heatmap::{Grid, HeatMapResponse, heat_map};
use crate::app::widgets::paint::{text, text_cut, text_width};
use crate::app::widgets::theme::{Theme, font};

/// What a cell shows: its colour, as a share of the darkest, and its number in words.
pub(in crate::app::views) type CellOf<'a> = &'a dyn Fn(usize, usize) -> Option<(f32, String)>;

/// The map.
pub(in crate::app::views) struct PairMap<'a> {
    /// What it is called by those who hear the screen.
    pub title: &'a str,
    /// Names of rows and columns.
    pub names: &'a [&'a str],
    /// The row that is set off.
    pub selected: Option<usize>,
    /// Its cells.
    pub cell: CellOf<'a>,
    /// Height and largest side of a cell.
    pub room: (f32, f32),
}

impl PairMap<'_> {
    /// Paints it with its top left at `r`'s; gives what the reader did, and where the map ends.
    pub(in crate::app::views) fn show(&self, ui: &Ui, r: Rect) -> (HeatMapResponse, f32) {
        let theme = Theme::of(ui.ctx());
        let p = ui.painter().clone();
        let n = self.names.len();
        let width = |name: &str| text_width(&p, name, font::caption());
        let names = self.names.iter().map(|name| width(name)).fold(0.0_f32, f32::max).min(132.0);
        let origin = pos2(r.left() + names + 10.0, r.top());
        let (height, largest) = self.room;
        let size = (height / n as f32).min((r.right() - origin.x) / n as f32).clamp(8.0, largest);
        let grid = Grid { origin, size, n, gap_before: &|_| 0.0 };
        // Names stand on each other's feet where rows are low: only some are told, and that of the cursor.
        let every = (12.0 / size).ceil().max(1.0) as usize;
        let told = |i: usize| {
            self.selected == Some(i)
                || i.is_multiple_of(every)
                    && (every == 1 || self.selected.is_none_or(|s| s.abs_diff(i) >= every))
        };
        for (i, name) in self.names.iter().enumerate().filter(|(i, _)| told(*i)) {
            let width = width(name).min(names);
            let at = pos2(origin.x - 8.0 - width, origin.y + grid.edge(i) + size / 2.0);
            let color = if self.selected == Some(i) { theme.text } else { theme.text_2 };
            text_cut(&p, at, width + 1.0, name, font::caption(), color);
        }
        let shade = |a: usize, b: usize| Some(theme.quantity((self.cell)(a, b)?.0));
        let map = heat_map(ui, self.title, &grid, shade, self.selected);
        for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|_| size >= 22.0) {
            let Some((share, words)) = (self.cell)(a, b).filter(|_| a != b) else { continue };
            if text_width(&p, &words, font::mono_small()) < size - 3.0 {
                let centre = origin + vec2(grid.edge(b) + size / 2.0 - 0.5, grid.edge(a) + size / 2.0 - 0.5);
                let color = Theme::on(theme.quantity(share));
                text(&p, centre, Align2::CENTER_CENTER, &words, font::mono_small(), color);
            }
        }
        (map, origin.y + grid.edge(n.max(1) - 1) + size)
    }
}
