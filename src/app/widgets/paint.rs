//! The atoms of every view: text, chips, keys, bars and things to click, painted at a given place.
//!
//! Everything is a rectangle, a line, a circle or text; what can be clicked has an accessible name and, once a
//! key was pressed, a focus ring.

use egui::epaint::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, CursorIcon, FontId, Id, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

use super::icon::Icon;
use super::text::{elide, signed};
use super::theme::{Theme, font};

/// Characters of a line that are laid out, at most: wider than any screen, and no name is too long for a frame.
const MOST_CHARS: usize = 1_000;

/// Paints one line of text and says where it went.
pub fn text(painter: &Painter, pos: Pos2, align: Align2, s: &str, font: FontId, color: Color32) -> Rect {
    painter.text(pos, align, signed(s), font, color)
}

/// Paints one line cut with an ellipsis at `width`, its left centre at `pos`. True if it was cut.
pub fn text_cut(painter: &Painter, pos: Pos2, width: f32, s: &str, font: FontId, color: Color32) -> bool {
    let shown = elide(s, MOST_CHARS);
    let is_short = shown.len() == s.len();
    let mut job = LayoutJob::single_section(signed(&shown).into_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    let galley = painter.layout_job(job);
    let cut = galley.elided || !is_short;
    if cut {
        let size = vec2(width.max(1.0), galley.size().y);
        keep_cut(painter, Rect::from_min_size(pos - vec2(0.0, size.y / 2.0), size), s);
    }
    painter.galley(pos - vec2(0.0, galley.size().y / 2.0), galley, color);
    cut
}

/// Characters of a text that is shown whole under the pointer, at most.
const MOST_WHOLE: usize = 2_000;

/// What stands cut under the pointer, whole.
#[derive(Debug, Clone)]
struct Cut {
    place: Rect,
    words: String,
}

impl Cut {
    fn id() -> Id {
        Id::unique("cut under the pointer")
    }
}

/// Keeps what is painted cut in `rect`, if the pointer is on it and nothing stands over it.
fn keep_cut(painter: &Painter, rect: Rect, whole: &str) {
    let ctx = painter.ctx();
    let Some(at) = ctx.pointer_hover_pos() else { return };
    if !rect.contains(at) || !painter.clip_rect().contains(at) {
        return;
    }
    if ctx.layer_id_at(at).is_some_and(|top| top != painter.layer_id()) {
        return;
    }
    let cut = Cut { place: rect, words: signed(&elide(whole, MOST_WHOLE)).into_owned() };
    ctx.data_mut(|d| d.insert_temp(Cut::id(), cut));
}

/// Shows the whole of what stands cut under a pointer that rests: once a frame, after everything was painted.
pub fn show_cut(ctx: &egui::Context) {
    let id = Cut::id();
    let Some(cut) = ctx.data_mut(|d| {
        let cut = d.get_temp::<Cut>(id);
        d.remove::<Cut>(id);
        cut
    }) else {
        return;
    };
    let delay = ctx.global_style().interaction.tooltip_delay;
    let still = ctx.input(|i| i.pointer.time_since_last_movement().min(i.pointer.time_since_last_click()));
    // What has words of its own says them.
    if egui::Tooltip::seconds_since_last_tooltip(ctx) <= 0.0 {
        return;
    }
    if still < delay {
        ctx.request_repaint_after_secs(delay - still);
        return;
    }
    let layer = egui::LayerId::background();
    egui::Tooltip::always_open(ctx.clone(), layer, id, cut.place).width(420.0).show(|ui| {
        ui.label(cut.words);
    });
}

/// Width of one line of text.
pub fn text_width(painter: &Painter, s: &str, font: FontId) -> f32 {
    painter.layout_no_wrap(signed(&elide(s, MOST_CHARS)).into_owned(), font, Color32::PLACEHOLDER).size().x
}

/// Says what is painted in `rect` to those who hear the screen.
pub fn spoken(ui: &Ui, rect: Rect, words: &str) {
    let id = ui.scope_id().with(("spoken", words));
    ui.interact(rect, id, Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, signed(words)));
}

/// Paints wrapped text, its top left at `pos`; says where it went.
pub fn text_block(painter: &Painter, pos: Pos2, width: f32, s: &str, font: FontId, color: Color32) -> Rect {
    let galley = painter.layout(signed(s).into_owned(), font, color, width.max(1.0));
    let rect = Rect::from_min_size(pos, galley.size());
    painter.galley(pos, galley, color);
    rect
}

/// Text in pieces of different weight and colour on one line, left centre at `pos`; returns the right edge.
pub fn spans(painter: &Painter, pos: Pos2, parts: &[(&str, FontId, Color32)]) -> f32 {
    let mut x = pos.x;
    for (s, font, color) in parts {
        x = text(painter, pos2(x, pos.y), Align2::LEFT_CENTER, s, font.clone(), *color).right();
    }
    x
}

/// A label's square and its name, left centre at `pos`, cut at `width`; returns the right edge.
pub fn label_chip(
    painter: &Painter,
    theme: &Theme,
    pos: Pos2,
    width: f32,
    label: u32,
    name: &str,
    color: Color32,
) -> f32 {
    label_square(painter, theme, pos, label);
    let left = pos.x + 14.0;
    let room = (width - 14.0).max(8.0);
    text_cut(painter, pos2(left, pos.y), room, name, font::body(), color);
    left + text_width(painter, name, font::body()).min(room)
}

/// A label's 8 × 8 square, left centre at `pos`.
pub fn label_square(painter: &Painter, theme: &Theme, pos: Pos2, label: u32) {
    painter.rect_filled(Rect::from_min_size(pos - vec2(0.0, 4.0), vec2(8.0, 8.0)), 2.0, theme.label(label));
}

/// Width of a key cap.
pub fn key_width(painter: &Painter, key: &str) -> f32 {
    text_width(painter, key, font::mono_small()) + 10.0
}

/// A key cap, left centre at `pos`; returns the right edge.
pub fn key_cap(painter: &Painter, pos: Pos2, key: &str, color: Color32, line: Color32) -> f32 {
    let width = key_width(painter, key);
    let rect = Rect::from_min_size(pos - vec2(0.0, 9.0), vec2(width, 18.0));
    painter.rect_stroke(rect, 3.0, Stroke::new(1.0, line), StrokeKind::Inside);
    text(painter, rect.center(), Align2::CENTER_CENTER, key, font::mono_small(), color);
    rect.right()
}

/// A bar of `share` (0..=1) of `rect`'s width on an empty ground.
pub fn bar(painter: &Painter, rect: Rect, share: f32, color: Color32, ground: Color32) {
    painter.rect_filled(rect, 1.0, ground);
    bar_bare(painter, rect, share, color);
}

/// A bar without a ground.
pub fn bar_bare(painter: &Painter, rect: Rect, share: f32, color: Color32) {
    let width = (rect.width() * share.clamp(0.0, 1.0)).max(if share > 0.0 { 1.0 } else { 0.0 });
    if width > 0.0 {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(width, rect.height())), 1.0, color);
    }
}

/// An outlined bar of `share` of `rect`'s width.
pub fn bar_outline(painter: &Painter, rect: Rect, share: f32, color: Color32) {
    let width = rect.width() * share.clamp(0.0, 1.0);
    if width >= 1.0 {
        let rect = Rect::from_min_size(rect.min, vec2(width.max(2.0), rect.height()));
        painter.rect_stroke(rect, 1.0, Stroke::new(1.0, color), StrokeKind::Inside);
    }
}

/// Votes as one bar of fixed length: segments in label order with their counts inside.
pub fn vote_bar(painter: &Painter, theme: &Theme, rect: Rect, votes: &[(u32, u32)], numbers: bool) {
    let total: u32 = votes.iter().map(|v| v.1).sum();
    if total == 0 {
        painter.rect_filled(rect, 1.0, theme.grid);
        return;
    }
    let gaps = votes.len().saturating_sub(1) as f32;
    let room = (rect.width() - gaps).max(1.0);
    let mut x = rect.left();
    for &(label, n) in votes {
        let width = room * n as f32 / total as f32;
        let segment = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height()));
        painter.rect_filled(segment, 1.0, theme.label(label));
        if numbers && width >= 9.0 {
            let digits = n.to_string();
            if width >= 7.0 * digits.len() as f32 + 2.0 {
                let color = theme.on_label(label);
                text(painter, segment.center(), Align2::CENTER_CENTER, &digits, font::mono_small(), color);
            }
        }
        x += width + 1.0;
    }
}

/// Something to click at `rect`, with an accessible name and a focus ring; focusable with Tab.
pub fn hit(ui: &Ui, rect: Rect, id: Id, name: &str) -> Response {
    hit_as(ui, rect, id, name, None)
}

/// The same, which is also selected or not.
pub fn hit_as(ui: &Ui, rect: Rect, id: Id, name: &str, selected: Option<bool>) -> Response {
    let response = ui.interact(rect, id, Sense::click()).on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| match selected {
        Some(s) => WidgetInfo::selected(Role::Button, ui.is_enabled(), s, signed(name)),
        None => WidgetInfo::labeled(Role::Button, ui.is_enabled(), signed(name)),
    });
    focus_ring(ui, &response, rect);
    response
}

/// The ring of what has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let theme = Theme::of(ui.ctx());
        ui.painter().rect_stroke(rect.expand(1.0), 5.0, Stroke::new(2.0, theme.accent), StrokeKind::Outside);
    }
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// Outlined.
    #[default]
    Secondary,
    /// Filled: the one primary action of a screen.
    Primary,
}

/// A button.
#[derive(Debug, Clone, Copy)]
pub struct Button<'a> {
    /// What it says.
    pub label: &'a str,
    /// Its key, shown as a cap.
    pub key: Option<&'a str>,
    /// An icon before the words.
    pub icon: Option<Icon>,
    /// How it looks.
    pub weight: Weight,
    /// Why it cannot be pressed, if so.
    pub disabled: Option<&'a str>,
    /// Whether it is on.
    pub on: Option<bool>,
}

impl<'a> Button<'a> {
    /// An outlined button.
    pub fn new(label: &'a str) -> Self {
        Self { label, key: None, icon: None, weight: Weight::Secondary, disabled: None, on: None }
    }

    /// A filled one.
    pub fn primary(label: &'a str) -> Self {
        Self { weight: Weight::Primary, ..Self::new(label) }
    }

    /// With its key.
    #[must_use]
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = (!key.is_empty()).then_some(key);
        self
    }

    /// With an icon.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With a reason why it cannot be pressed.
    #[must_use]
    pub fn disabled(mut self, reason: Option<&'a str>) -> Self {
        self.disabled = reason;
        self
    }

    /// As a switch.
    #[must_use]
    pub fn on(mut self, on: bool) -> Self {
        self.on = Some(on);
        self
    }

    /// The width it takes.
    pub fn width(&self, painter: &Painter) -> f32 {
        let key = self.key.map_or(0.0, |k| key_width(painter, k) + 8.0);
        let icon = self.icon.map_or(0.0, |_| 20.0);
        text_width(painter, self.label, self.font()) + key + icon + 24.0
    }

    fn font(&self) -> FontId {
        if self.weight == Weight::Primary { font::strong() } else { font::body() }
    }

    /// Paints it with its left top at `pos`, 28 high; returns the response and the right edge.
    pub fn show(&self, ui: &Ui, pos: Pos2, id: impl std::hash::Hash + std::fmt::Debug) -> (Response, f32) {
        let rect = Rect::from_min_size(pos, vec2(self.width(ui.painter()), 28.0));
        (self.show_in(ui, rect, id), rect.right())
    }

    /// Paints it into `rect`.
    pub fn show_in(&self, ui: &Ui, rect: Rect, id: impl std::hash::Hash + std::fmt::Debug) -> Response {
        let theme = Theme::of(ui.ctx());
        let id = ui.scope_id().with(("button", id));
        let painter = ui.painter();
        if let Some(reason) = self.disabled {
            painter.rect_stroke(rect, 4.0, Stroke::new(1.0, theme.line), StrokeKind::Inside);
            let response = ui.interact(rect, id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, false, self.label));
            self.words(painter, theme, rect, theme.text_3, theme.line);
            return response.on_hover_text(reason);
        }
        let response = hit_as(ui, rect, id, self.label, self.on);
        let hovered = response.hovered();
        let (fill, line, color) = match (self.weight, self.on) {
            (Weight::Primary, _) => (theme.accent, theme.accent, theme.on_accent),
            (Weight::Secondary, Some(true)) => (theme.selected, theme.accent, theme.text),
            (Weight::Secondary, _) if hovered => (theme.hover, theme.line_strong, theme.text),
            (Weight::Secondary, _) => (theme.panel, theme.line_strong, theme.text),
        };
        painter.rect(rect, 4.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        let key_line = if self.weight == Weight::Primary { theme.on_accent } else { theme.line_strong };
        self.words(painter, theme, rect, color, key_line);
        response
    }

    fn words(&self, painter: &Painter, theme: &Theme, rect: Rect, color: Color32, key_line: Color32) {
        let mut x = rect.left() + 12.0;
        let y = rect.center().y;
        if let Some(icon) = self.icon {
            icon.paint(painter, pos2(x + 7.0, y), 14.0, color);
            x += 20.0;
        }
        let right = text(painter, pos2(x, y), Align2::LEFT_CENTER, self.label, self.font(), color).right();
        if let Some(key) = self.key {
            let key_color = if self.weight == Weight::Primary { color } else { theme.text_2 };
            key_cap(painter, pos2(right + 8.0, y), key, key_color, key_line);
        }
    }
}

/// Words in the accent that can be clicked, left centre at `pos`.
pub fn link(ui: &Ui, pos: Pos2, words: &str, id: impl std::hash::Hash + std::fmt::Debug) -> Response {
    let theme = Theme::of(ui.ctx());
    let painter = ui.painter();
    let width = text_width(painter, words, font::body());
    let rect = Rect::from_min_size(pos - vec2(0.0, 10.0), vec2(width, 20.0));
    let response = hit(ui, rect, ui.scope_id().with(("link", id)), words);
    text(painter, pos, Align2::LEFT_CENTER, words, font::body(), theme.accent);
    if response.hovered() {
        painter.hline(rect.x_range(), pos.y + 8.0, Stroke::new(1.0, theme.accent));
    }
    response
}

/// The letter of a side: solid for A, outlined for B.
pub fn side_badge(ui: &Ui, centre: Pos2, side: usize) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let r = Rect::from_center_size(centre, vec2(18.0, 18.0));
    let (letter, ink) = if side == 0 {
        p.rect_filled(r, 3.0, theme.text);
        ("A", theme.panel)
    } else {
        p.rect_stroke(r, 3.0, Stroke::new(1.5, theme.text), StrokeKind::Inside);
        ("B", theme.text)
    };
    text(p, centre, Align2::CENTER_CENTER, letter, font::strong(), ink);
}

/// A panel heading with its caption behind it, left centre at `pos`; returns the right edge.
pub fn heading(painter: &Painter, theme: &Theme, pos: Pos2, title: &str, caption: &str) -> f32 {
    let right = text(painter, pos, Align2::LEFT_CENTER, title, font::strong(), theme.text).right();
    text(
        painter,
        pos2(right + 10.0, pos.y + 0.5),
        Align2::LEFT_CENTER,
        caption,
        font::caption(),
        theme.text_3,
    )
    .right()
}

/// A pane of `share` of the width, within the bounds, and the pane at the right of it, with a line between.
pub fn two_panes(ui: &Ui, rect: Rect, share: f32, (least, most): (f32, f32)) -> (Rect, Rect) {
    let width = (rect.width() * share).clamp(least, most).min(rect.width());
    let left = Rect::from_min_size(rect.min, vec2(width, rect.height()));
    let right = Rect::from_min_max(pos2(left.right(), rect.top()), rect.max);
    ui.painter().vline(left.right(), rect.y_range(), Theme::of(ui.ctx()).border());
    (left, right)
}

/// As much of `rect` as a list of names and numbers needs: in a wide window they would stand far apart.
pub fn narrowed(rect: Rect) -> Rect {
    Rect::from_min_size(rect.min, vec2(rect.width().min(720.0), rect.height()))
}

/// `12345` → `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A number with `digits` after the point and a real minus.
pub fn number(value: f64, digits: usize) -> String {
    let s = format!("{value:.digits$}");
    // A rounded zero has no sign.
    if s.starts_with('-') && s.chars().all(|c| matches!(c, '-' | '0' | '.')) {
        return s[1..].to_owned();
    }
    s.replace('-', "−")
}

/// A p-value in three digits: never 0, and a dash where there is none.
pub fn p_value(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.0005 => "< .001".to_owned(),
        Some(p) => number(p, 3),
        None => "—".to_owned(),
    }
}

/// "1 item", "2 items".
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n as u64), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(number(-0.123_4, 2), "−0.12");
        assert_eq!(number(-0.000_1, 2), "0.00");
        assert_eq!(count(1, "item", "items"), "1 item");
    }
}
