//! A soft label in the making: whole per cent for each label, together always 100.

use egui::{Align2, Event, Key, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::model::ReviewModel;
use super::strip::hints_ui;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{bar, hit_as, text, text_cut};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, Shares};
use crate::review::Action;

/// Labels that are offered, at most.
const MOST: usize = 16;
/// What + and − move.
const STEP: i64 = 5;

/// Per cent by label, and which of them is under the hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftLabel {
    rows: Vec<(LabelId, u32)>,
    at: usize,
    /// Rows that were set by hand, the last one last: others give way first.
    set: Vec<usize>,
    /// The number that is being typed.
    typed: Option<String>,
}

impl SoftLabel {
    /// Begins from the shares of the votes, if they can be seen and there are any, else from even ones: nothing is given away.
    pub fn begin(m: &ReviewModel, sees_votes: bool) -> Self {
        let votes = |label| m.item.labels.iter().find(|l| l.label == label).map_or(0, |l| l.votes);
        let mut labels: Vec<LabelId> = m.strip.iter().map(|l| l.label).collect();
        if sees_votes {
            let voted = m.item.labels.iter().filter(|l| l.votes > 0).map(|l| l.label);
            labels.extend(voted.filter(|l| m.strip.iter().all(|s| s.label != *l)));
        }
        labels.truncate(MOST);
        let counts: Vec<u64> = labels.iter().map(|&l| u64::from(votes(l))).collect();
        let weights =
            if sees_votes && counts.iter().any(|&n| n > 0) { counts } else { vec![1; labels.len()] };
        let rows: Vec<(LabelId, u32)> = labels.into_iter().zip(divided(100, &weights)).collect();
        let most = rows.iter().map(|r| r.1).max();
        let at = rows.iter().position(|r| Some(r.1) == most).unwrap_or(0);
        Self { rows, at, set: Vec::new(), typed: None }
    }

    /// Labels with their per cent.
    pub fn rows(&self) -> &[(LabelId, u32)] {
        &self.rows
    }

    /// Puts the hand on the row `at`, if there is one.
    pub fn choose(&mut self, at: usize) {
        self.finish();
        if at < self.rows.len() {
            self.at = at;
        }
    }

    /// Puts the hand on a label, if it is offered.
    pub fn choose_label(&mut self, label: LabelId) {
        if let Some(at) = self.rows.iter().position(|r| r.0 == label) {
            self.choose(at);
        }
    }

    /// Goes on by so many rows, round the ends.
    pub fn step(&mut self, by: i64) {
        let n = self.rows.len().max(1) as i64;
        self.choose((self.at as i64 + by).rem_euclid(n) as usize);
    }

    /// Changes what is under the hand by so many per cent.
    pub fn add(&mut self, by: i64) {
        self.finish();
        let now = self.rows.get(self.at).map_or(0, |r| i64::from(r.1));
        self.put((now + by).clamp(0, 100) as u32);
    }

    /// Sets what is under the hand; the others make up the rest: those that nobody set in proportion to what they have, and only
    /// then those that somebody did.
    pub fn put(&mut self, percent: u32) {
        let Some(row) = self.rows.get_mut(self.at) else { return };
        row.1 = percent.min(100);
        let rest = 100 - row.1;
        self.set.retain(|&i| i != self.at);
        let free: Vec<usize> =
            (0..self.rows.len()).filter(|i| *i != self.at && !self.set.contains(i)).collect();
        let held: u32 = self.set.iter().map(|&i| self.rows[i].1).sum();
        // Where nobody else has anything to give, those that were set are what is left to move.
        let nothing_free = free.iter().all(|&i| self.rows[i].1 == 0) && !self.set.is_empty();
        let (moving, to) = if held > rest || nothing_free {
            free.iter().for_each(|&i| self.rows[i].1 = 0);
            (self.set.clone(), rest)
        } else {
            (free, rest - held)
        };
        let weights: Vec<u64> = moving.iter().map(|&i| u64::from(self.rows[i].1)).collect();
        for (i, n) in moving.into_iter().zip(divided(to, &weights)) {
            self.rows[i].1 = n;
        }
        self.set.push(self.at);
    }

    /// Types one more digit of a number; the first one begins it.
    pub fn type_digit(&mut self, digit: char) {
        let typed = self.typed.get_or_insert_default();
        typed.push(digit);
        if typed.parse::<u32>().is_ok_and(|n| n > 100) {
            *typed = digit.to_string();
        }
    }

    /// Takes the typed number over; whether one was being typed.
    pub fn finish(&mut self) -> bool {
        let Some(typed) = self.typed.take() else { return false };
        if let Ok(n) = typed.parse() {
            self.put(n);
        }
        true
    }

    /// What is decided by it: a soft label, or one label if that has everything.
    pub fn action(&self) -> Option<Action> {
        match self.rows.iter().filter(|r| r.1 > 0).collect::<Vec<_>>()[..] {
            [] => None,
            [&(only, _)] => Some(Action::Relabel(only)),
            _ => Shares::of_percents(&self.rows).map(Action::Soft),
        }
    }
}

/// `whole` divided in proportion to `weights` (evenly, if all are 0) into whole parts that add up to it: largest remainders are
/// rounded up, of equal ones the first.
fn divided(whole: u32, weights: &[u64]) -> Vec<u32> {
    if weights.is_empty() {
        return Vec::new();
    }
    let even = vec![1; weights.len()];
    let weights = if weights.iter().all(|&w| w == 0) { &even[..] } else { weights };
    let sum: u128 = weights.iter().map(|&w| u128::from(w)).sum();
    let scaled: Vec<u128> = weights.iter().map(|&w| u128::from(w) * u128::from(whole)).collect();
    let mut parts: Vec<u32> = scaled.iter().map(|&s| (s / sum) as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(scaled[i] % sum));
    let missing = whole - parts.iter().sum::<u32>();
    order.into_iter().cycle().take(missing as usize).for_each(|i| parts[i] += 1);
    parts
}

/// Reads the keys of this mode; some request ends it.
pub(super) fn keys(ctx: &egui::Context, m: &ReviewModel, soft: &mut SoftLabel) -> Option<Request> {
    let mut end = None;
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            if modifiers.command || modifiers.alt {
                return true;
            }
            let digit = key.name().chars().next().filter(char::is_ascii_digit);
            match key {
                Key::Escape => end = Some(Request::Leave),
                Key::Enter if soft.finish() => {}
                Key::Enter if !repeat => end = soft.action().map(Request::Decide),
                Key::ArrowLeft => soft.step(-1),
                Key::ArrowRight => soft.step(1),
                Key::ArrowUp => soft.add(1),
                Key::ArrowDown => soft.add(-1),
                // On many keyboards the plus is the shifted sign of equality.
                Key::Plus => soft.add(STEP),
                Key::Equals if modifiers.shift => soft.add(STEP),
                Key::Minus => soft.add(-STEP),
                Key::Equals => soft.typed = Some(String::new()),
                Key::Backspace if soft.typed.is_some() => {
                    soft.typed.as_mut().map(String::pop);
                }
                _ => {
                    let Some(digit) = digit.filter(|_| !repeat && !modifiers.shift) else { return true };
                    if soft.typed.is_some() {
                        soft.type_digit(digit);
                    } else if let Some(label) = m.strip.iter().find(|l| l.key == digit) {
                        soft.choose_label(label.label);
                    }
                }
            }
            false
        });
    });
    end
}

/// Paints the labels with their shares and what the keys do.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    m: &ReviewModel,
    soft: &mut SoftLabel,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let n = soft.rows.len().max(1);
    let lines = if r.width() / n as f32 >= 92.0 { 1 } else { 2 };
    let columns = n.div_ceil(lines);
    let height = if lines == 1 { 54.0 } else { 40.0 };
    let width = ((r.width() + 8.0) / columns as f32 - 8.0).clamp(40.0, 190.0);
    let mut chosen = None;
    for (i, &(label, percent)) in soft.rows.iter().enumerate() {
        let (column, line) = (i % columns, i / columns);
        let at = pos2(r.left() + (width + 8.0) * column as f32, r.top() + (height + 4.0) * line as f32);
        let cell = Rect::from_min_size(at, vec2(width, height));
        let name = elide(doc.label(label), 80);
        let on = i == soft.at;
        let shown = match &soft.typed {
            Some(typed) if on => format!("{typed}_ %"),
            _ => format!("{percent} %"),
        };
        let words = format!("{name}: {percent} %");
        let response = hit_as(ui, cell, ui.scope_id().with(("soft", label)), &words, Some(on));
        if response.clicked() {
            chosen = Some(i);
        }
        let fill = if on {
            theme.selected
        } else if response.hovered() {
            theme.hover
        } else {
            theme.panel
        };
        let line = if on { Stroke::new(2.0, theme.text) } else { Stroke::new(1.0, theme.line_strong) };
        p.rect(cell, 4.0, fill, line, StrokeKind::Inside);
        let key = m.strip.iter().find(|l| l.label == label).map_or(String::new(), |l| format!("{} ", l.key));
        let y = cell.top() + if lines == 1 { 15.0 } else { 13.0 };
        let share = text(
            p,
            pos2(cell.right() - 10.0, y),
            Align2::RIGHT_CENTER,
            &shown,
            font::mono(),
            if percent > 0 || on { theme.text } else { theme.text_3 },
        );
        let title = format!("{key}{name}");
        let left = cell.left() + 10.0;
        if text_cut(p, pos2(left, y), share.left() - left - 6.0, &title, font::body(), theme.text) {
            response.on_hover_text(name);
        }
        let area = Rect::from_min_max(
            pos2(left, cell.bottom() - if lines == 1 { 18.0 } else { 14.0 }),
            pos2(cell.right() - 10.0, cell.bottom() - 8.0),
        );
        bar(p, area, percent as f32 / 100.0, theme.label(label), theme.grid);
    }
    if let Some(at) = chosen {
        soft.choose(at);
    }
    let y = r.top() + (height + 4.0) * lines as f32 + 18.0;
    let keys =
        [("1…9 ← →", "choose a label"), ("+ −", "5 % more or less"), ("↑ ↓", "1 %"), ("=", "type per cent")];
    let x = hints_ui(ui, pos2(r.left(), y), &keys);
    let ends = [
        ("Enter", "ambiguous: keep these shares", soft.action().map(Request::Decide)),
        ("Esc", "go back", Some(Request::Leave)),
    ];
    let mut x = x + 12.0;
    for (key, words, what) in ends {
        let right = hints_ui(ui, pos2(x, y), &[(key, words)]);
        let zone = Rect::from_min_max(pos2(x - 4.0, y - 12.0), pos2(right - 12.0, y + 12.0));
        if hit_as(ui, zone, ui.scope_id().with(("soft", key)), words, None).clicked() {
            out.extend(what);
        }
        x = right;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn soft(rows: &[u32]) -> SoftLabel {
        let rows = rows.iter().enumerate().map(|(i, &n)| (i as LabelId, n)).collect();
        SoftLabel { rows, at: 0, set: Vec::new(), typed: None }
    }

    fn percents(s: &SoftLabel) -> Vec<u32> {
        s.rows.iter().map(|r| r.1).collect()
    }

    #[test]
    fn what_was_set_by_hand_gives_way_last() {
        let mut s = soft(&[34, 33, 33]);
        s.put(60);
        assert_eq!(percents(&s), [60, 20, 20]);
        s.choose(1);
        s.put(40);
        assert_eq!(percents(&s), [60, 40, 0], "the third was never set");
        s.choose(2);
        s.put(10);
        assert_eq!(percents(&s), [54, 36, 10], "now all were");
        s.put(100);
        assert_eq!((percents(&s), s.action()), (vec![0, 0, 100], Some(Action::Relabel(2))));
        s.add(-STEP);
        assert_eq!(percents(&s).iter().sum::<u32>(), 100);
        // There and back again.
        let mut s = soft(&[20, 20, 20, 20, 20]);
        s.put(60);
        s.choose(2);
        s.put(40);
        s.add(1);
        s.add(-1);
        assert_eq!(percents(&s), [60, 0, 40, 0, 0]);
    }

    #[test]
    fn a_number_is_typed_and_taken() {
        let mut s = soft(&[50, 50]);
        s.typed = Some(String::new());
        "73".chars().for_each(|c| s.type_digit(c));
        assert_eq!(percents(&s), [50, 50], "not before it is whole");
        assert!(s.finish() && !s.finish());
        assert_eq!(percents(&s), [73, 27]);
        s.typed = Some(String::new());
        "1009".chars().for_each(|c| s.type_digit(c));
        s.finish();
        assert_eq!(percents(&s), [9, 91], "no number above 100 is typed");
    }

    proptest! {
        #[test]
        fn it_always_adds_up_to_100(
            votes in prop::collection::vec(0..9u64, 2..16),
            steps in prop::collection::vec((0..16usize, 0..4u8, 0..120u32), 0..40),
        ) {
            let rows: Vec<u32> = divided(100, &votes);
            let mut s = soft(&rows);
            for (at, what, n) in steps {
                match what {
                    0 => s.choose(at),
                    1 => s.add(i64::from(n) - 60),
                    2 => s.step(i64::from(n) - 60),
                    _ => s.put(n),
                }
                prop_assert_eq!(percents(&s).iter().sum::<u32>(), 100);
            }
            match s.action() {
                Some(Action::Soft(shares)) => {
                    let sum: f64 = shares.iter().map(|x| x.1).sum();
                    prop_assert!((sum - 1.0).abs() < 1e-9);
                }
                Some(Action::Relabel(l)) => prop_assert_eq!(s.rows[l as usize].1, 100),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
