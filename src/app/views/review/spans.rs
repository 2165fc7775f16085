//! The spans of the text under review: which is chosen, where its boundaries go, and how they are painted and told.

use egui::{Rect, Ui, pos2};
use unicode_segmentation::UnicodeSegmentation as _;

use super::ReviewState;
use super::strip::hints_ui;
use crate::app::ahead::style_of;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::widgets::paint::{hit_as, spoken};
use crate::app::widgets::text::{Mark, MarkedText, Underline, elide, signed};
use crate::app::widgets::theme::Theme;
use crate::dataset::{CurrentSpan, LabelId, NO_LABEL, Placed, SpanId, current_spans};

/// The span under the hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Which; `None` while it is being added.
    pub id: Option<SpanId>,
    /// Where it is put; it has no label while it is being added.
    pub place: Placed,
    /// Where it stands, if it does.
    pub stands: Option<Placed>,
    /// Whether the keys move its beginning, and not its end.
    pub moves_start: bool,
}

impl Chosen {
    /// A span as it stands.
    pub fn of(span: &CurrentSpan) -> Self {
        Self { id: Some(span.id), place: span.now, stands: Some(span.now), moves_start: false }
    }

    /// Whether something waits for Enter.
    pub fn is_moving(&self) -> bool {
        self.stands != Some(self.place)
    }
}

/// Code points at which characters, as a reader takes them, begin; and the text's end.
fn characters(text: &str) -> Vec<u32> {
    let mut at = 0;
    let mut all = vec![0];
    for cluster in text.graphemes(true) {
        at += cluster.chars().count() as u32;
        all.push(at);
    }
    all
}

/// The words of a text, in code points.
fn words(text: &str) -> Vec<(u32, u32)> {
    let (mut byte, mut point) = (0, 0u32);
    let place = |(at, word): (usize, &str)| {
        point += text[byte..at].chars().count() as u32;
        byte = at;
        (point, point + word.chars().count() as u32)
    };
    text.unicode_word_indices().map(place).collect()
}

/// Where the chosen span is after its boundary went on or back by a character or a word. It never becomes empty.
pub fn step(text: &str, chosen: Chosen, on: bool, by_word: bool) -> Placed {
    let Placed { start, end, .. } = chosen.place;
    let edges: Vec<u32> = if by_word {
        let edge = |w: (u32, u32)| if chosen.moves_start { w.0 } else { w.1 };
        words(text).into_iter().map(edge).collect()
    } else {
        characters(text)
    };
    let from = if chosen.moves_start { start } else { end };
    let found =
        if on { edges.into_iter().find(|&e| e > from) } else { edges.into_iter().rfind(|&e| e < from) };
    match found {
        Some(to) if chosen.moves_start && to < end => Placed { start: to, ..chosen.place },
        Some(to) if !chosen.moves_start && to > start => Placed { end: to, ..chosen.place },
        _ => chosen.place,
    }
}

/// A new span goes to the word after it, or before it.
pub fn placed_by(text: &str, chosen: Chosen, on: bool) -> Chosen {
    let all = words(text);
    let Placed { start, end, .. } = chosen.place;
    let found =
        if on { all.into_iter().find(|w| w.0 >= end) } else { all.into_iter().rfind(|w| w.1 <= start) };
    let (start, end) = found.unwrap_or((start, end));
    Chosen { place: Placed { start, end, ..chosen.place }, ..chosen }
}

/// A new span at the first word from `from` on that is in no other, else at the first word of all.
pub fn fresh(text: &str, all: &[CurrentSpan], from: u32) -> Option<Chosen> {
    let found = words(text);
    let is_free = |w: &&(u32, u32)| all.iter().all(|s| s.now.end <= w.0 || w.1 <= s.now.start);
    let mut free = found.iter().filter(is_free);
    let first = free.clone().next();
    let place = free.find(|w| w.0 >= from).or(first).or(found.first()).copied();
    // A text without words has a first character.
    let (start, end) = place.or_else(|| Some((0, *characters(text).get(1)?)))?;
    let place = Placed { start, end, label: NO_LABEL };
    Some(Chosen { id: None, place, stands: None, moves_start: false })
}

fn label_words(doc: &Document, label: LabelId) -> &str {
    if label == NO_LABEL { "?" } else { doc.label(label) }
}

/// What a span covers, to be read out.
fn covered(text: &str, place: Placed) -> String {
    let words: String = text
        .chars()
        .skip(place.start as usize)
        .take((place.end.saturating_sub(place.start)) as usize)
        .collect();
    signed(&elide(&words, 80)).into_owned()
}

/// `span 2 of 5: PER, “Anna Karenina”, characters 14 to 27`.
fn told(doc: &Document, text: &str, number: Option<(usize, usize)>, place: Placed) -> String {
    let which = number.map_or_else(|| "new span".to_owned(), |(n, of)| format!("span {n} of {of}"));
    let label = match (number, place.label) {
        (None, NO_LABEL) => "no label yet".to_owned(),
        (_, NO_LABEL) => "raters are tied".to_owned(),
        (_, label) => signed(doc.label(label)).into_owned(),
    };
    format!("{which}: {label}, “{}”, characters {} to {}", covered(text, place), place.start, place.end)
}

/// Paints the text with its spans; a click chooses one.
pub(super) fn text_ui(ui: &mut Ui, doc: &Document, state: &mut ReviewState, item: u32, text: &str) {
    let theme = Theme::of(ui.ctx());
    let document = doc.dataset.stretches().and_then(|s| s.document_of(item)).unwrap_or_default();
    let all = current_spans(&doc.dataset, doc.edits(), document);
    let chosen = state.span;
    let own = doc.focus(item).filter(|f| !f.is_empty());
    let mark = |place: Placed, handle: Option<bool>, is_own: bool| Mark {
        range: place.start..place.end,
        is_own,
        color: if place.label == NO_LABEL { theme.text_2 } else { theme.label(place.label) },
        underline: Underline::of(if place.label == NO_LABEL { 1 } else { place.label }),
        tag: format!(" {} ", elide(label_words(doc, place.label), 24)),
        chosen: handle,
    };
    let mut marks: Vec<Mark> = Vec::new();
    let mut names: Vec<(String, Option<SpanId>)> = Vec::new();
    for (n, span) in all.iter().enumerate() {
        let under_hand = chosen.filter(|c| c.id == Some(span.id));
        let place = under_hand.map_or(span.now, |c| c.place);
        let is_own = !span.id.added && span.id.item == item;
        marks.push(mark(place, under_hand.map(|c| c.moves_start), is_own));
        names.push((told(doc, text, Some((n + 1, all.len())), place), Some(span.id)));
    }
    if let Some(new) = chosen.filter(|c| c.id.is_none()) {
        marks.push(mark(new.place, Some(new.moves_start), false));
        names.push((told(doc, text, None, new.place), None));
    }
    // What the item is about is seen also where it is no span.
    if let Some(own) = own.filter(|_| marks.iter().all(|m| !m.is_own)) {
        let place = Placed { start: own.start, end: own.end, label: NO_LABEL };
        marks.push(Mark { tag: String::new(), ..mark(place, None, true) });
        let said = format!("under review: “{}”, from {} to {}", covered(text, place), place.start, place.end);
        names.push((said, None));
    }
    let rects = MarkedText::new(text, style_of(text, theme), &marks).ui(ui);
    for ((rects, (name, id)), mark) in rects.iter().zip(&names).zip(&marks) {
        let Some(first) = rects.first() else { continue };
        let response =
            hit_as(ui, *first, ui.scope_id().with(("span", id)), name, Some(mark.chosen.is_some()));
        if response.clicked() && !state.is_moving() {
            state.span = all.iter().find(|s| Some(s.id) == *id).map(Chosen::of);
        }
        if mark.chosen.is_some() && state.shown_span != state.span {
            ui.scroll_to_rect(first.expand(40.0), None);
        }
    }
    state.shown_span = state.span;
}

/// What the keys do to spans, on the line of the keys of decisions; `true` where a span is chosen.
pub(super) fn keys_ui(ui: &Ui, doc: &Document, state: &ReviewState, rect: Rect, y: f32) -> bool {
    let Some(chosen) = state.span.filter(|_| doc.dataset.stretches().is_some()) else { return false };
    let end = if chosen.moves_start { "beginning" } else { "end" };
    let arrows = format!("move its {end}");
    let mut hints =
        vec![("Shift ← →", arrows.as_str()), ("Ctrl Shift ← →", "by words"), ("O", "the other end")];
    let lines = if chosen.id.is_none() {
        hints.insert(0, ("F B", "another word"));
        [hints, vec![("1…9", "its label: adds it"), ("/", "find a label"), ("Esc", "no new span")]]
    } else if chosen.is_moving() {
        [hints, vec![("Enter", "keep it here"), ("1…9", "keep it here and retag"), ("Esc", "where it was")]]
    } else {
        hints.insert(0, ("F B", "next, before"));
        let remove = ("Shift D", "remove");
        [
            hints,
            vec![("1…9", "retag"), ("A", "add one"), remove, ("Space", "keep the item"), ("Esc", "let go")],
        ]
    };
    for (n, hints) in lines.iter().enumerate() {
        let at = pos2(rect.left(), y + 10.0 + 30.0 * n as f32);
        let right = hints_ui(ui, at, hints);
        let said: Vec<String> = hints.iter().map(|(key, words)| format!("{key} {words}")).collect();
        let zone = Rect::from_min_max(pos2(rect.left(), at.y - 12.0), pos2(right, at.y + 12.0));
        spoken(ui, zone, &said.join(", "));
    }
    true
}

/// Width of the two keys to begin with.
pub(super) const HINT: f32 = 216.0;

/// The two keys to begin with, below the text.
pub(super) fn hint_ui(ui: &Ui, state: &ReviewState, at: egui::Pos2) {
    if state.span.is_none() {
        let keys = [Command::NextSpan.key(), Command::AddSpan.key()];
        let hints = [(keys[0].as_str(), "choose a span"), (keys[1].as_str(), "add one")];
        let right = hints_ui(ui, at, &hints);
        let zone = Rect::from_min_max(pos2(at.x, at.y - 11.0), pos2(right, at.y + 11.0));
        let said = hints.map(|(key, words)| format!("{key} {words}")).join(", ");
        spoken(ui, zone, &said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Ada met e\u{301}clair 😊 Bo.";

    fn chosen(start: u32, end: u32, moves_start: bool) -> Chosen {
        let place = Placed { start, end, label: 0 };
        Chosen { id: None, place, stands: Some(place), moves_start }
    }

    fn ends(place: Placed) -> (u32, u32) {
        (place.start, place.end)
    }

    #[test]
    fn boundaries_go_by_what_a_reader_takes_for_a_character_or_a_word() {
        let step = |c, on, by_word| ends(step(TEXT, c, on, by_word));
        assert_eq!(step(chosen(0, 3, false), true, false), (0, 4));
        assert_eq!(step(chosen(0, 8, false), true, false), (0, 10), "an accent goes with its letter");
        assert_eq!(step(chosen(0, 3, false), true, true), (0, 7));
        assert_eq!(step(chosen(0, 7, false), false, true), (0, 3));
        assert_eq!(step(chosen(4, 5, false), false, false), (4, 5), "never empty");
        assert_eq!(step(chosen(4, 7, true), false, true), (0, 7));
        assert_eq!(step(chosen(0, 7, true), true, true), (4, 7));
        assert_eq!(step(chosen(0, 1, true), false, false), (0, 1));
        let length = TEXT.chars().count() as u32;
        assert_eq!(step(chosen(0, length, false), true, false), (0, length));
    }

    #[test]
    fn a_new_span_is_a_word_that_is_free() {
        let id = SpanId { item: 0, start: 0, end: 3, label: 0, added: false };
        let ada = CurrentSpan { id, now: Placed { start: 0, end: 3, label: 0 }, is_decided: false };
        let new = fresh(TEXT, &[ada], 0).unwrap();
        assert_eq!(ends(new.place), (4, 7));
        let next = placed_by(TEXT, new, true);
        assert_eq!(ends(next.place), (8, 15));
        assert_eq!(ends(placed_by(TEXT, next, false).place), (4, 7));
        assert_eq!(ends(fresh(TEXT, &[ada], 99).unwrap().place), (4, 7), "round the end");
        assert_eq!(ends(fresh("…!", &[], 0).unwrap().place), (0, 1));
        assert!(fresh("", &[], 0).is_none());
    }
}
