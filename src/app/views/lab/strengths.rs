//! Counted wins against added-up strengths, two options a row: on opposite sides of the middle, they name opposite winners.

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use crate::analysis::preferences::{PairStrength, Preferences};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{heading, hit_as, number, text, text_cut};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::preference_factors::Verdict;

/// Height of a row.
const STEP: f32 = 26.0;
/// Above the first row, and below the last.
const HEAD: f32 = 46.0;
/// Width of a number.
const VALUE: f32 = 56.0;
/// Width of the verdict.
const VERDICT: f32 = 176.0;

/// How high all of it is.
pub(super) fn height(found: &Preferences) -> f32 {
    found.strengths.as_ref().map_or(0.0, |s| HEAD + STEP * s.pairs.len() as f32 + 12.0)
}

fn name(found: &Preferences, at: u32) -> &str {
    found.options.get(at as usize).map_or("", |o| o.name.as_str())
}

fn pair_name(found: &Preferences, pair: &PairStrength) -> String {
    format!("{} against {}", name(found, pair.options.0), name(found, pair.options.1))
}

/// What lies behind a row: the strongest votes for the one with fewer wins.
pub(super) fn behind(found: &Preferences, row: usize) -> Option<Request> {
    let pair = found.strengths.as_ref().ok()?.pairs.get(row)?;
    let words = format!("strong votes against the winner: {}", pair_name(found, pair));
    (!pair.drivers.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, pair.drivers.clone())]))
}

/// What a row says on hover: the same by other measures of strength.
fn further(pair: &PairStrength) -> String {
    let mut words = format!(
        "{}: in {} % of draws counts and strengths name opposite winners.",
        pair.found.verdict.words(),
        number(100.0 * pair.found.drawn.2, 0)
    );
    words.push_str(&match &pair.per_rater {
        Ok(c) => format!(
            "\nDivided by each rater’s median strength: mean {}, {}.",
            number(c.strength.0, 2),
            c.verdict.words()
        ),
        Err(reason) => format!("\nDivided by each rater’s median strength: — {reason}."),
    });
    if let Some(v) = pair.at_three {
        words.push_str(&format!("\nWhere a lot is 3 times a little: {}.", v.words()));
    }
    words
}

/// Paints the list; gives the row that was clicked.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    found: &Preferences,
    selected: Option<usize>,
    reveal: bool,
) -> Option<usize> {
    let s = found.strengths.as_ref().ok()?;
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let caption = format!("by {}; a row opens the strongest votes for the one with fewer wins", s.from);
    heading(&p, theme, pos2(r.left(), r.top() + 10.0), "Counted and added up", &caption);
    let names = (r.width() * 0.36).clamp(120.0, 340.0);
    let axis = ((r.width() - names - 2.0 * VALUE - VERDICT - 32.0) / 2.0).max(40.0);
    let counts = Rangef::new(r.left() + names, r.left() + names + axis);
    let strengths = Rangef::new(counts.max + VALUE + 16.0, counts.max + VALUE + 16.0 + axis);
    let ends = |pair: &PairStrength| {
        let (m, ci) = pair.found.strength;
        ci.map_or(m.abs(), |(a, b)| a.abs().max(b.abs()).max(m.abs()))
    };
    let most = s.pairs.iter().map(ends).fold(0.0_f64, f64::max).max(1e-9);
    let heads = [
        (counts, "share of wins", "Wins of the first; a tie is half. The line is one half."),
        (strengths, "mean strength", "Strengths for the first less those for the second. The line is 0."),
    ];
    for (range, what, hint) in heads {
        let at = Rect::from_x_y_ranges(range, Rangef::new(r.top() + 26.0, r.top() + 44.0));
        let response = hit_as(ui, at, ui.scope_id().with(("head", what)), what, None);
        text(&p, at.center(), Align2::CENTER_CENTER, what, font::caption(), theme.text_3);
        response.on_hover_text(hint);
    }
    let area = Rect::from_min_max(pos2(r.left(), r.top() + HEAD), r.max);
    let shown = area.height().min(STEP * s.pairs.len() as f32);
    for range in [counts, strengths] {
        p.vline(
            range.center(),
            Rangef::new(area.top(), area.top() + shown),
            Stroke::new(1.0, theme.line_strong),
        );
    }
    let mut clicked = None;
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).id_salt("strengths"), |ui| {
        ui.set_clip_rect(area.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("strengths").auto_shrink(false).show(ui, |ui| {
            let size = vec2(area.width(), STEP * s.pairs.len() as f32);
            let (all, _) = ui.allocate_exact_size(size, Sense::hover());
            for (i, pair) in s.pairs.iter().enumerate() {
                let top = all.top() + STEP * i as f32;
                let line = Rect::from_min_max(pos2(all.left() - 4.0, top), pos2(all.right(), top + STEP));
                if selected == Some(i) && reveal {
                    ui.scroll_to_rect(line, None);
                }
                let row = Row { counts, strengths, most, on: selected == Some(i) };
                if row.show(ui, line, found, pair, i) {
                    clicked = Some(i);
                }
            }
        });
    });
    clicked
}

struct Row {
    counts: Rangef,
    strengths: Rangef,
    most: f64,
    on: bool,
}

impl Row {
    fn show(&self, ui: &Ui, line: Rect, found: &Preferences, pair: &PairStrength, at: usize) -> bool {
        let theme = Theme::of(ui.ctx());
        let p = ui.painter();
        let name = pair_name(found, pair);
        let (wins, strength) = (&pair.found.wins, &pair.found.strength);
        let verdict = pair.found.verdict;
        let words = format!(
            "{name}: share of wins {}, mean strength {}, {}",
            number(wins.0, 2),
            number(strength.0, 2),
            verdict.words()
        );
        let response = hit_as(ui, line, ui.scope_id().with(("strength", at)), &words, Some(self.on));
        if self.on {
            p.rect_filled(line, 2.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        let y = line.center().y;
        let room = self.counts.min - line.left() - 18.0;
        text_cut(p, pos2(line.left() + 6.0, y), room, &name, font::body(), theme.text);
        let opposite = matches!(verdict, Verdict::Conflict | Verdict::Unsettled);
        let ink = if opposite { theme.accent } else { theme.text };
        let of_count = |v: f64| self.counts.min + self.counts.span() * v as f32;
        let of_strength = |v: f64| {
            self.strengths.center() + self.strengths.span() * 0.5 * (v / self.most).clamp(-1.0, 1.0) as f32
        };
        p.hline(of_count(wins.1.0)..=of_count(wins.1.1), y, Stroke::new(2.0, ink));
        p.circle_filled(pos2(of_count(wins.0), y), 4.0, ink);
        if let Some((low, high)) = strength.1 {
            p.hline(of_strength(low)..=of_strength(high), y, Stroke::new(2.0, ink));
        }
        p.circle_filled(pos2(of_strength(strength.0), y), 4.0, ink);
        for (range, value) in [(self.counts, wins.0), (self.strengths, strength.0)] {
            let right = pos2(range.max + VALUE - 8.0, y);
            text(p, right, Align2::RIGHT_CENTER, &number(value, 2), font::mono(), theme.text);
        }
        let left = self.strengths.max + VALUE + 8.0;
        let ink = if opposite { theme.text } else { theme.text_3 };
        text_cut(p, pos2(left, y), line.right() - left - 4.0, verdict.words(), font::caption(), ink);
        response.on_hover_text(further(pair)).clicked()
    }
}
