//! The text, sentence by sentence: both versions side by side, or both under one text.

use std::collections::HashMap;

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::flow::{Flow, Setting, flow};
use super::{Shown, VersionsState};
use crate::analysis::passages::words_of;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::paint::{hit_as, side_badge, text, text_cut, text_width, thousands};
use crate::app::widgets::table::scroll_bar;
use crate::app::widgets::theme::{Theme, font, mix};
use crate::stats::versions::{Disagreement, Entity};

/// Width of the sentence's number.
const NUMBER: f32 = 56.0;
/// Width between the versions, where the kind of difference stands.
const GUTTER: f32 = 84.0;
/// Height of the line that names the versions.
const NAMES: f32 = 32.0;
/// Height of a line of text.
const LINE: f32 = 25.0;
/// Height of a lane under a line.
const LANE: f32 = 17.0;
/// Space above and below a sentence.
const SPACE: f32 = 10.0;
/// Height of a chip.
const CHIP: f32 = 22.0;
const BAR: f32 = 10.0;
/// Most words of a sentence that are set.
const MOST_WORDS: usize = 2000;

/// How far the text is scrolled, in sentences: exact at any number of them.
#[derive(Debug, Default)]
pub(super) struct Scroll {
    top: f64,
    /// Sentences in sight when it was last painted.
    visible: u64,
}

/// The sentences that are listed: all of the text, or those with a difference of the list.
enum Rows<'a> {
    All(u32),
    Some(&'a [u32]),
}

impl Rows<'_> {
    fn len(&self) -> usize {
        match self {
            Self::All(n) => *n as usize,
            Self::Some(list) => list.len(),
        }
    }

    fn sentence(&self, row: usize) -> u32 {
        match self {
            Self::All(_) => row as u32,
            Self::Some(list) => list[row],
        }
    }

    fn row(&self, sentence: u32) -> usize {
        match self {
            Self::All(_) => sentence as usize,
            Self::Some(list) => list.partition_point(|s| *s < sentence),
        }
    }
}

/// Paints the text.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut VersionsState,
    shown: Shown<'_>,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    names_ui(ui, Rect::from_min_size(rect.min, vec2(rect.width(), NAMES)), state, shown, out);
    let area = Rect::from_min_max(pos2(rect.left(), rect.top() + NAMES), rect.max);
    let listed = shown.listed(state.which);
    let rows = match listed {
        _ if state.whole_text => Rows::All(shown.report.tags.sentences().len() as u32),
        Some(listed) => Rows::Some(&listed.sentences),
        None => Rows::Some(&[]),
    };
    if rows.len() == 0 {
        let words = "The two versions mark the same entities in every sentence that both tag.";
        text_cut(
            ui.painter(),
            area.min + vec2(16.0, 24.0),
            area.width() - 32.0,
            words,
            font::body(),
            theme.text_2,
        );
        return;
    }
    let current = state.current(shown);
    let sentence = current.and_then(|n| shown.difference(n)).map(|d| d.sentence);
    let mut painter = Sentences { ui, doc, shown, current, inline: state.inline, width: area.width() - BAR };
    let last = rows.len() - 1;
    if std::mem::take(&mut state.reveal)
        && let Some(sentence) = sentence
    {
        reveal(&mut painter, &mut state.scroll, &rows, rows.row(sentence).min(last), area.height());
    }
    if painter.ui.rect_contains_pointer(area) {
        let dy = painter.ui.input(egui::InputState::smooth_scroll_delta).y;
        let first = (state.scroll.top.max(0.0) as usize).min(last);
        let height = painter.height(rows.sentence(first));
        state.scroll.top -= f64::from(dy / height.max(1.0));
    }
    state.scroll.top = state.scroll.top.clamp(0.0, last as f64);
    let mut clicked = None;
    let mut ui_area = painter.ui.new_child(UiBuilder::new().max_rect(area).id_salt("sentences"));
    ui_area.set_clip_rect(area.intersect(painter.ui.clip_rect()));
    painter.ui = &mut ui_area;
    let first = state.scroll.top.floor() as usize;
    let mut y = area.top();
    let mut visible = 0;
    for row in first..rows.len() {
        let sentence = rows.sentence(row);
        let set = painter.set(sentence);
        if row == first {
            y -= ((state.scroll.top - state.scroll.top.floor()) as f32) * set.height;
        }
        if y >= area.bottom() {
            break;
        }
        let line = Rect::from_min_size(pos2(area.left(), y), vec2(painter.width, set.height));
        clicked = painter.paint(line, &set).or(clicked);
        y = line.bottom();
        if y <= area.bottom() {
            visible += 1;
        }
    }
    state.scroll.visible = visible.max(1);
    let max_top = rows.len().saturating_sub(state.scroll.visible as usize) as f64;
    if y < area.bottom() && state.scroll.top > 0.0 {
        // The end is in sight with room below it: as far back as fills the page.
        fill(&mut painter, &mut state.scroll, &rows, area.height());
    }
    if max_top > 0.0 {
        let bar = Rect::from_min_max(pos2(area.right() - BAR, area.top()), area.max);
        let id = painter.ui.scope_id().with("scroll");
        let n = rows.len() as u64;
        scroll_bar(
            painter.ui,
            bar,
            id,
            "Sentences",
            &mut state.scroll.top,
            (state.scroll.visible, n),
            max_top,
        );
    }
    if let Some(number) = clicked {
        match listed.and_then(|l| l.differences.binary_search(&number).ok()) {
            Some(at) => state.go(shown, at),
            None => {
                // It is none of those that are listed: list all.
                state.list(crate::analysis::versions::Which::All);
                state.at = number as usize;
            }
        }
        state.reveal = false;
    }
}

/// Scrolls as little as needed for a sentence to be in sight.
fn reveal(painter: &mut Sentences<'_>, scroll: &mut Scroll, rows: &Rows<'_>, row: usize, height: f32) {
    if (row as f64) < scroll.top {
        scroll.top = row as f64;
        return;
    }
    let mut room = height;
    let mut first = row;
    loop {
        room -= painter.height(rows.sentence(first));
        if room < 0.0 {
            first = (first + 1).min(row);
            break;
        }
        if first == 0 || first as f64 <= scroll.top {
            return;
        }
        first -= 1;
    }
    scroll.top = first as f64;
}

/// Scrolls back until the last page is full.
fn fill(painter: &mut Sentences<'_>, scroll: &mut Scroll, rows: &Rows<'_>, height: f32) {
    let mut room = height;
    let mut first = rows.len();
    while first > 0 {
        let own = painter.height(rows.sentence(first - 1));
        if own > room {
            scroll.top = scroll.top.min(first as f64 - f64::from(room / own.max(1.0)));
            return;
        }
        room -= own;
        first -= 1;
    }
    scroll.top = 0.0;
}

fn names_ui(ui: &Ui, r: Rect, state: &VersionsState, shown: Shown<'_>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    p.rect_filled(r, 0.0, theme.raised);
    p.hline(r.x_range(), r.bottom() - 0.5, theme.border());
    let several = shown.report.versions.len() > 2;
    let columns = columns(r.width() - BAR, state.inline);
    for side in 0..2 {
        let left = r.left() + columns[side].0;
        let width = if state.inline { columns[0].1 / 2.0 } else { columns[side].1 };
        let left = if state.inline && side == 1 { left + width } else { left };
        side_badge(ui, pos2(left + 9.0, r.center().y), side);
        let name = shown.name(side);
        let room = width - 150.0;
        text_cut(p, pos2(left + 28.0, r.center().y), room, name, font::strong(), theme.text);
        let after = left + 28.0 + text_width(p, name, font::strong()).min(room) + 10.0;
        let n = shown.turned([shown.pair.n_entities.0, shown.pair.n_entities.1])[side];
        let words = format!("{} entities", thousands(n));
        text_cut(p, pos2(after, r.center().y), left + width - after, &words, font::caption(), theme.text_3);
        if several {
            let area =
                Rect::from_min_max(pos2(left - 4.0, r.top() + 2.0), pos2(after - 2.0, r.bottom() - 2.0));
            let letter = ["A", "B"][side];
            let response =
                hit_as(ui, area, ui.scope_id().with(("version", side)), &format!("{letter}: {name}"), None);
            if response.clicked() {
                out.push(Request::ChooseVersion(side));
            }
            response.on_hover_text(format!("{name}. Click to choose another version"));
        }
    }
}

/// Left edge and width of the text of A and of B; of both where they share one.
fn columns(width: f32, inline: bool) -> [(f32, f32); 2] {
    if inline {
        let one = (NUMBER, width - NUMBER - GUTTER - 12.0);
        return [one, one];
    }
    let each = (width - NUMBER - GUTTER - 16.0) / 2.0;
    [(NUMBER, each), (NUMBER + each + GUTTER + 8.0, each)]
}

/// A sentence, set.
struct Set {
    sentence: u32,
    flows: Vec<Flow>,
    /// What A and B mark, each with the first difference that it is part of.
    marks: [Vec<(Entity, Option<u32>)>; 2],
    /// Numbers of its differences.
    differences: std::ops::Range<u32>,
    height: f32,
}

struct Sentences<'a> {
    ui: &'a mut Ui,
    doc: &'a Document,
    shown: Shown<'a>,
    current: Option<u32>,
    inline: bool,
    width: f32,
}

impl Sentences<'_> {
    fn height(&mut self, sentence: u32) -> f32 {
        self.set(sentence).height
    }

    fn set(&mut self, sentence: u32) -> Set {
        let theme = Theme::of(self.ui.ctx());
        let tokens = self.shown.report.tags.sentences().get(sentence as usize).cloned().unwrap_or_default();
        let words = words_of(&self.doc.dataset, tokens.start as usize..tokens.end as usize, MOST_WORDS);
        let of = |version: u32| self.shown.report.tags.entities(sentence, version).unwrap_or_default();
        let differences = self.shown.of_sentence(sentence);
        // By side and first token, as far as words are shown.
        let end = tokens.start.saturating_add(MOST_WORDS as u32);
        let mut first: HashMap<(usize, Entity), u32> = HashMap::new();
        for number in differences.clone().rev() {
            let Some(d) = self.shown.difference(number) else { continue };
            for (side, mark) in self.shown.marks(d).into_iter().enumerate() {
                if let Some(entity) = mark.filter(|e| e.end <= end) {
                    first.insert((side, entity), number);
                }
            }
        }
        let marks = [0, 1].map(|side| -> Vec<(Entity, Option<u32>)> {
            let own = of(self.shown.sides[side]).iter().take_while(|e| e.end <= end);
            own.map(|e| (*e, first.get(&(side, *e)).copied())).collect()
        });
        let p = self.ui.painter();
        let colors = (theme.text, theme.text_3);
        let columns = columns(self.width, self.inline);
        let named = |side: usize| -> Vec<(Entity, f32)> {
            let width = |e: &Entity| text_width(p, self.shown.report.kind(Some(e.kind)), font::mono_small());
            marks[side].iter().map(|(e, _)| (*e, width(e))).collect()
        };
        let set = |marks: &[(Entity, f32)], width: f32| {
            let lanes = if self.inline { 2.0 * LANE } else { 0.0 };
            let setting = Setting { width, line: LINE, lanes, names: !self.inline };
            flow(self.ui, &words, tokens.start, marks, setting, colors)
        };
        let flows = if self.inline {
            vec![set(&[], columns[0].1)]
        } else {
            vec![set(&named(0), columns[0].1), set(&named(1), columns[1].1)]
        };
        let chips = (differences.len() as f32) * (CHIP + 4.0);
        let text = flows.iter().map(|f| f.height).fold(0.0, f32::max);
        Set { sentence, flows, marks, differences, height: text.max(chips) + 2.0 * SPACE }
    }

    /// Paints a sentence; gives the difference that was clicked.
    fn paint(&self, r: Rect, set: &Set) -> Option<u32> {
        let theme = Theme::of(self.ui.ctx());
        let p = self.ui.painter();
        let here = self.current.is_some_and(|n| set.differences.contains(&n));
        if here {
            p.rect_filled(Rect::from_min_size(r.min, vec2(2.0, r.height())), 0.0, theme.accent);
        }
        p.hline(r.x_range(), r.bottom() - 0.5, Stroke::new(1.0, theme.grid));
        let number = thousands(u64::from(set.sentence) + 1);
        let at = pos2(r.left() + NUMBER - 12.0, r.top() + SPACE + LINE / 2.0);
        text(p, at, Align2::RIGHT_CENTER, &number, font::mono_small(), theme.text_3);
        let columns = columns(self.width, self.inline);
        let mut clicked = None;
        for side in 0..2 {
            let flow = &set.flows[if self.inline { 0 } else { side }];
            let origin = pos2(r.left() + columns[side].0, r.top() + SPACE);
            for (at, (entity, difference)) in set.marks[side].iter().enumerate() {
                let tag = flow.tags.get(at);
                let hit = self.mark(flow, origin, side, entity, tag, *difference);
                clicked = hit.or(clicked);
            }
            if side == 0 || !self.inline {
                for word in &flow.words {
                    p.galley(origin + word.rect.min.to_vec2(), word.galley.clone(), theme.text);
                }
            }
        }
        let gutter = if self.inline {
            r.left() + columns[0].0 + columns[0].1 + 6.0
        } else {
            r.left() + columns[0].0 + columns[0].1 + 4.0
        };
        clicked.or(self.chips(r, gutter, set))
    }

    /// A mark, and whether it was clicked.
    fn mark(
        &self,
        flow: &Flow,
        origin: egui::Pos2,
        side: usize,
        entity: &Entity,
        tag: Option<&Rect>,
        difference: Option<u32>,
    ) -> Option<u32> {
        let theme = Theme::of(self.ui.ctx());
        let p = self.ui.painter();
        let hue = theme.label(entity.kind);
        let name = self.shown.report.kind(Some(entity.kind));
        let selected = difference.is_some() && difference == self.current;
        let mut clicked = None;
        for (at, stretch) in flow.stretches(entity, tag).into_iter().enumerate() {
            let stretch = stretch.translate(origin.to_vec2());
            let area = if self.inline {
                let top = stretch.center().y + LINE / 2.0 + LANE * side as f32;
                let lane = Rect::from_min_size(
                    pos2(stretch.left(), top),
                    vec2(stretch.width().max(text_width(p, name, font::mono_small()) + 6.0), LANE - 2.0),
                );
                let share = if difference.is_some() { 0.34 } else { 0.14 };
                p.rect_filled(lane, 2.0, mix(theme.panel, hue, share));
                let edge = Rect::from_min_size(lane.min, vec2(lane.width(), 2.0));
                p.rect_filled(edge, 0.0, hue);
                text(
                    p,
                    pos2(lane.left() + 3.0, lane.center().y + 1.0),
                    Align2::LEFT_CENTER,
                    name,
                    font::mono_small(),
                    theme.text,
                );
                lane
            } else {
                let area = Rect::from_center_size(stretch.center(), vec2(stretch.width(), LINE - 3.0));
                let share = if difference.is_some() { 0.34 } else { 0.14 };
                p.rect_filled(area, 2.0, mix(theme.panel, hue, share));
                let thick = if difference.is_some() { 2.0 } else { 1.0 };
                let edge = Rect::from_min_max(pos2(area.left(), area.bottom() - thick), area.max);
                p.rect_filled(edge, 0.0, hue);
                area
            };
            if selected {
                p.rect_stroke(area.expand(1.5), 3.0, Stroke::new(2.0, theme.accent), StrokeKind::Outside);
            }
            if let Some(number) = difference {
                let id = self.ui.scope_id().with(("mark", side, entity.start, at, number));
                let response = self.ui.interact(area, id, Sense::CLICK);
                if response.clicked() {
                    clicked = Some(number);
                }
                if let Some(d) = self.shown.difference(number) {
                    response.on_hover_text(self.words(d));
                }
            }
        }
        if let (Some(tag), false) = (tag, self.inline) {
            let at = pos2(origin.x + tag.left(), origin.y + tag.center().y + 1.0);
            text(p, at, Align2::LEFT_CENTER, name, font::mono_small(), theme.text_2);
        }
        clicked
    }

    /// The kinds of difference between both texts.
    fn chips(&self, r: Rect, left: f32, set: &Set) -> Option<u32> {
        let theme = Theme::of(self.ui.ctx());
        let p = self.ui.painter();
        let mut clicked = None;
        let width = GUTTER - 8.0;
        if set.differences.is_empty() {
            let both =
                self.shown.sides.iter().all(|&v| self.shown.report.tags.entities(set.sentence, v).is_some());
            let words = if both { "same" } else { "not in both" };
            let at = pos2(left + width / 2.0, r.top() + SPACE + LINE / 2.0);
            text(p, at, Align2::CENTER_CENTER, words, font::caption(), theme.text_3);
        }
        let seen = self.ui.clip_rect();
        for (i, number) in set.differences.clone().enumerate() {
            let top = r.top() + SPACE + i as f32 * (CHIP + 4.0) + 1.0;
            let chip = Rect::from_min_size(pos2(left + 2.0, top), vec2(width - 4.0, CHIP));
            let Some(d) = self.shown.difference(number).filter(|_| seen.intersects(chip)) else { continue };
            let on = self.current == Some(number);
            let coded = self.doc.session.code_of(&self.shown.target(self.doc, d)).is_some();
            let line = if on { theme.accent } else { theme.line_strong };
            let fill = if on { theme.selected } else { theme.panel };
            p.rect(chip, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
            let ink = if on { theme.text } else { theme.text_2 };
            let mark = if coded { " ✓" } else { "" };
            let words = format!("{}{mark}", d.kind.name());
            text(p, chip.center(), Align2::CENTER_CENTER, &words, font::caption(), ink);
            let id = self.ui.scope_id().with(("chip", number));
            let said = format!("Sentence {}: {}", set.sentence + 1, self.words(d));
            let response = hit_as(self.ui, chip, id, &said, Some(on));
            if response.clicked() {
                clicked = Some(number);
            }
            response.on_hover_text(said);
        }
        clicked
    }

    fn words(&self, d: &Disagreement) -> String {
        let [a, b] = self.shown.marks(d).map(|e| self.shown.report.kind(e.map(|e| e.kind)));
        format!("{}: {a} in A, {b} in B", d.kind.name())
    }
}
