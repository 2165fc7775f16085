//! The words of a sentence set side by side and wrapped, with room for what is marked.
//!
//! Tokens are words already: each is laid out by itself, in its own direction, and placed here.

use std::sync::Arc;

use egui::{Color32, Galley, Rect, Ui, Vec2, pos2, vec2};

use crate::app::widgets::bidi;
use crate::app::widgets::text::{TextStyle, line};
use crate::app::widgets::theme::font;
use crate::stats::versions::Entity;

/// Space at both ends of a mark.
pub(super) const PAD: f32 = 3.0;
/// Space between two words.
const SPACE: f32 = 4.5;
/// Widest word.
const MOST_WIDTH: f32 = 2000.0;

/// A word in its place, from the top left of the sentence.
pub(super) struct Word {
    pub(super) token: u32,
    pub(super) rect: Rect,
    pub(super) galley: Arc<Galley>,
}

/// A sentence in its place.
pub(super) struct Flow {
    pub(super) words: Vec<Word>,
    /// For each mark, where its name stands.
    pub(super) tags: Vec<Rect>,
    pub(super) height: f32,
    /// Height of a line with its lanes.
    pub(super) step: f32,
}

/// How lines are set.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) width: f32,
    /// Height of a line of text.
    pub(super) line: f32,
    /// Height below a line that is left for lanes.
    pub(super) lanes: f32,
    /// Whether the names of marks stand in the line.
    pub(super) names: bool,
}

/// Sets the words from token `from` on; `marks` are ascending, each with the width of its name.
pub(super) fn flow(
    ui: &Ui,
    words: &[&str],
    from: u32,
    marks: &[(Entity, f32)],
    setting: Setting,
    colors: (Color32, Color32),
) -> Flow {
    let style = TextStyle::new(font::reading(), colors.0, colors.1);
    let step = setting.line + setting.lanes;
    let rtl = words.iter().find_map(|w| {
        let directed = w.chars().any(char::is_alphabetic);
        directed.then(|| bidi::is_rtl_paragraph(w))
    });
    let mut placed = Vec::with_capacity(words.len());
    let mut tags = Vec::with_capacity(marks.len());
    let mut at = pos2(0.0, 0.0);
    let mut marks = marks.iter().peekable();
    for (i, word) in words.iter().enumerate() {
        let token = from + i as u32;
        let galley = line(ui, word, &style, setting.width.min(MOST_WIDTH));
        let opens = marks.peek().is_some_and(|(e, _)| e.start == token);
        let closes = marks.peek().filter(|(e, _)| e.end == token + 1).map(|m| m.1);
        let before = if opens && setting.names { PAD } else { 0.0 };
        let name = if setting.names { closes } else { None };
        let size = galley.size();
        let width = before + size.x + name.map_or(0.0, |w| 4.0 + w + PAD);
        if at.x > 0.0 && at.x + width > setting.width {
            at = pos2(0.0, at.y + step);
        }
        let left = at.x + before;
        let top = at.y + (setting.line - size.y) / 2.0;
        placed.push(Word { token, rect: Rect::from_min_size(pos2(left, top), size), galley });
        if let Some(w) = name {
            let tag = pos2(left + size.x + 4.0, at.y);
            tags.push(Rect::from_min_size(tag, vec2(w, setting.line)));
        }
        if closes.is_some() {
            marks.next();
        }
        at.x += width + SPACE;
    }
    if rtl == Some(true) {
        // What is read from the right stands at the right.
        let turn = |r: &mut Rect| {
            *r = Rect::from_min_size(pos2(setting.width - r.right(), r.top()), r.size());
        };
        placed.iter_mut().for_each(|w| turn(&mut w.rect));
        tags.iter_mut().for_each(turn);
    }
    Flow { words: placed, tags, height: at.y + step, step }
}

impl Flow {
    /// The stretches of a mark, one a line, with its name where that stands in the line.
    pub(super) fn stretches(&self, entity: &Entity, tag: Option<&Rect>) -> Vec<Rect> {
        let own = self.words.iter().filter(|w| (entity.start..entity.end).contains(&w.token));
        let mut lines: Vec<(i64, Rect)> = Vec::new();
        let row = |y: f32| (y / self.step.max(1.0)).floor() as i64;
        for rect in own.map(|w| w.rect).chain(tag.copied()) {
            let at = row(rect.center().y);
            match lines.iter_mut().find(|l| l.0 == at) {
                Some((_, known)) => *known = known.union(rect),
                None => lines.push((at, rect)),
            }
        }
        lines.into_iter().map(|l| l.1.expand2(Vec2::new(PAD, 0.0))).collect()
    }
}
