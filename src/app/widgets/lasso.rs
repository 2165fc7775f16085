//! A free outline around some points of a plot: drawn with Shift held, or while its button is on; Escape drops it.

use egui::{Key, Pos2, Rect, Response, Shape, Stroke, Ui, pos2};

use super::paint::Button;
use super::theme::Theme;

/// Points of the outline are at least so far apart.
const STEP: f32 = 3.0;
/// Most points of an outline.
const MOST: usize = 5_000;
/// Plots narrower than this have no room for the button.
const NARROW: f32 = 260.0;

/// The outline that is being drawn.
#[derive(Debug, Default)]
pub struct Lasso {
    /// Whether every drag draws, with Shift or without.
    on: bool,
    outline: Vec<Pos2>,
}

impl Lasso {
    /// The button at the right of a plot's heading.
    pub fn button_ui(&mut self, ui: &Ui, plot: Rect) {
        if plot.width() < NARROW {
            return;
        }
        let button = Button::new("Lasso").on(self.on);
        let place = pos2(plot.right() - button.width(ui.painter()), plot.top() - 6.0);
        let (response, _) = button.show(ui, place, "lasso");
        if response.clicked() {
            self.on = !self.on;
        }
        response.on_hover_text("Drag a line around some points, here or with Shift; Esc drops it");
    }

    /// Draws while `plot`, which senses drags, is dragged. Gives the outline once it is let go.
    pub fn drawn(&mut self, ui: &Ui, plot: &Response) -> Option<Vec<Pos2>> {
        let pointer = plot.interact_pointer_pos().map(|p| plot.rect.clamp(p));
        let (shift, escape) = ui.input(|i| (i.modifiers.shift, i.key_pressed(Key::Escape)));
        if plot.drag_started() && (self.on || shift) {
            // A drag is known as one only some way from where it began.
            let origin = ui.input(|i| i.pointer.press_origin()).map(|p| plot.rect.clamp(p));
            self.outline = origin.or(pointer).into_iter().collect();
        }
        if escape {
            self.outline.clear();
        }
        if let (Some(&last), Some(pointer)) = (self.outline.last(), pointer)
            && last.distance(pointer) >= STEP
            && self.outline.len() < MOST
        {
            self.outline.push(pointer);
        }
        if plot.drag_stopped() {
            let outline = std::mem::take(&mut self.outline);
            return (outline.len() > 2).then_some(outline);
        }
        if let [first, .., last] = self.outline.as_slice() {
            let theme = Theme::of(ui.ctx());
            let p = ui.painter();
            p.add(Shape::line(self.outline.clone(), Stroke::new(1.5, theme.accent)));
            p.extend(Shape::dashed_line(&[*last, *first], Stroke::new(1.0, theme.accent), 4.0, 3.0));
        }
        None
    }
}

/// Whether `point` is within `outline`, which ends where it began; where it crosses itself, what is enclosed twice is outside.
pub fn encloses(outline: &[Pos2], point: Pos2) -> bool {
    let mut inside = false;
    let mut before = outline.last().copied().unwrap_or(point);
    for &here in outline {
        // Edges that cross the line to the right of the point; an end counts with one of its two edges.
        if (before.y > point.y) != (here.y > point.y) {
            let at = before.x + (here.x - before.x) * (point.y - before.y) / (here.y - before.y);
            inside ^= point.x < at;
        }
        before = here;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(points: &[(f32, f32)]) -> Vec<Pos2> {
        points.iter().map(|&(x, y)| pos2(x, y)).collect()
    }

    #[test]
    fn points_are_within_or_not_whichever_way_the_line_runs() {
        // An L: the notch is outside.
        let mut l = outline(&[(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 2.0), (2.0, 4.0), (0.0, 4.0)]);
        for _ in 0..2 {
            for within in [(1.0, 1.0), (3.0, 1.0), (1.0, 3.0), (0.5, 2.0)] {
                assert!(encloses(&l, within.into()), "{within:?}");
            }
            for outside in [(3.0, 3.0), (-1.0, 1.0), (5.0, 1.0), (1.0, 5.0), (1.0, -1.0), (2.5, 2.5)] {
                assert!(!encloses(&l, outside.into()), "{outside:?}");
            }
            l.reverse();
        }
    }

    #[test]
    fn what_has_no_area_encloses_nothing_and_a_crossing_turns_over() {
        for points in [&[][..], &[(1.0, 1.0)], &[(0.0, 0.0), (2.0, 2.0)]] {
            assert!(!encloses(&outline(points), pos2(1.0, 1.0)), "{points:?}");
        }
        // A bow tie: both wings are within, what lies above and below the knot is not.
        let bow = outline(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0)]);
        assert!(encloses(&bow, pos2(0.5, 2.0)) && encloses(&bow, pos2(3.5, 2.0)));
        assert!(!encloses(&bow, pos2(2.0, 0.5)) && !encloses(&bow, pos2(2.0, 3.5)));
        // Each point of a grid is in exactly one of two halves of a square.
        let lower = outline(&[(0.0, 0.0), (8.0, 0.0), (8.0, 8.0)]);
        let upper = outline(&[(0.0, 0.0), (8.0, 8.0), (0.0, 8.0)]);
        for x in 1..8_u8 {
            for y in 1..8_u8 {
                let p = pos2(f32::from(x), f32::from(y));
                assert!(encloses(&lower, p) ^ encloses(&upper, p), "{p:?}");
            }
        }
    }
}
