//! The strip under the hands: keep, the labels by number, the suggestion, and what was just done.

use egui::{Align2, Key, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::model::ReviewModel;
use super::{Mode, ReviewState, find, soft, spans, why};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::reasons::sure;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{self, hit_as, key_cap, label_chip, label_square, number, text, text_cut};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::LabelId;
use crate::review::Action;

/// Height of a label's card, or of two above each other.
const CARD: f32 = 56.0;

pub(super) fn strip_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut ReviewState,
    m: &ReviewModel,
    out: &mut Vec<Request>,
) {
    let r = rect.shrink2(vec2(24.0, 12.0));
    let n = m.strip.len();
    // Keep and the suggestion stand apart from the labels at fixed ends.
    let side = (r.width() * 0.16).clamp(120.0, 184.0);
    let room = r.width() - 2.0 * side - 64.0;
    let (columns, lines) = if room / n.max(1) as f32 >= 96.0 { (n, 1) } else { (n.div_ceil(2), 2) };
    let width = ((room + 8.0) / columns.max(1) as f32 - 8.0).clamp(40.0, 148.0);
    let height = if lines == 1 { CARD } else { CARD / 2.0 - 2.0 };
    let keep = Rect::from_min_size(r.min, vec2(side, CARD));
    let picked: Vec<LabelId> =
        if let Mode::Several(picked) = &state.mode { picked.clone() } else { Vec::new() };
    let several = matches!(state.mode, Mode::Several(_));
    let sees_given = state.sees_given(doc);
    let keep_title = match m.item.given {
        Some(g) if sees_given => format!("Keep {}", elide(doc.label(g), 60)),
        _ => "Keep".to_owned(),
    };
    let keep_hint = match m.item.given {
        _ if !sees_given => "hidden: first press shows it",
        Some(_) => "the given label is right",
        None => "there is no label to keep",
    };
    let look = Card { dashed: !sees_given, ..Card::default() };
    if card(ui, keep, &keep_title, keep_hint, &Command::Keep.key(), &look) {
        out.push(Request::Run(Command::Keep));
    }
    let start = keep.right() + 32.0;
    for (i, l) in m.strip.iter().enumerate() {
        let cell = Rect::from_min_size(
            pos2(
                start + (width + 8.0) * (i % columns) as f32,
                r.top() + (height + 4.0) * (i / columns) as f32,
            ),
            vec2(width, height),
        );
        let on = picked.contains(&l.label);
        let hint = if several {
            if on { "picked" } else { "" }
        } else if l.given && sees_given {
            "given label"
        } else {
            ""
        };
        let look =
            Card { label: Some(l.label), outlined: l.given && sees_given && !several, on, dashed: false };
        if card(
            ui,
            cell,
            &elide(doc.label(l.label), 60),
            if lines == 1 { hint } else { "" },
            &l.key.to_string(),
            &look,
        ) {
            if let Mode::Several(picked) = &mut state.mode {
                match picked.iter().position(|&p| p == l.label) {
                    Some(i) => {
                        picked.remove(i);
                    }
                    None => picked.push(l.label),
                }
                break;
            }
            if let Mode::Soft(begun) = &mut state.mode {
                begun.choose_label(l.label);
                break;
            }
            out.push(Request::Decide(Action::Relabel(l.label)));
        }
    }
    let take = Rect::from_min_size(
        pos2((start + (width + 8.0) * columns as f32 + 24.0).min(r.right() - side), r.top()),
        vec2(side, CARD),
    );
    let visible = state.sees_suggestion(doc);
    let (title, hint) = match m.item.suggested {
        Some(s) if visible => {
            let source = if doc.dataset.probabilities.is_some() { "model" } else { "posterior" };
            let value = m
                .item
                .suggestion_probability
                .map_or_else(String::new, |v| format!(", {source} {}", number(v, 2)));
            (format!("Take {}", elide(doc.label(s), 60)), format!("suggested{value}"))
        }
        Some(_) => ("Suggestion".to_owned(), "hidden: first press shows it".to_owned()),
        None => ("Suggestion".to_owned(), "there is none".to_owned()),
    };
    let look = Card { dashed: !visible, ..Card::default() };
    if card(ui, take, &title, &hint, &Command::TakeSuggestion.key(), &look) {
        out.push(Request::Run(Command::TakeSuggestion));
    }
    let mut y = r.top() + CARD + 10.0;
    match &mut state.mode {
        Mode::Find { text: typed, cursor } => {
            let area = Rect::from_min_max(pos2(r.left(), y - 6.0), r.max);
            find::ui(ui, area, doc, &mut state.found, (typed, cursor, &mut state.focus), out);
            return;
        }
        Mode::Soft(begun) => {
            let area = Rect::from_min_max(pos2(r.left(), y - 2.0), r.max);
            soft::ui(ui, area, doc, m, begun, out);
            return;
        }
        Mode::Note(note) => {
            let area = Rect::from_min_max(pos2(r.left(), y - 4.0), r.max);
            note_ui(ui, area, note, &mut state.focus);
            return;
        }
        _ => {}
    }
    if let Mode::Reasons(at) = state.mode {
        let area = Rect::from_min_max(pos2(r.left(), y - 4.0), pos2(r.right(), y + 78.0));
        why::list_ui(ui, area, doc, at, out);
    } else if state.mode != Mode::Decide || !spans::keys_ui(ui, doc, state, r, y) {
        options_ui(ui, r, y, state, out);
        why::why_ui(ui, r, y + 30.0, doc, out);
    }
    y += if why::on_one_line(r) { 68.0 } else { 96.0 };
    just_now_ui(ui, r, y, doc, out);
}

#[derive(Default)]
pub(super) struct Card {
    label: Option<LabelId>,
    outlined: bool,
    on: bool,
    dashed: bool,
}

pub(super) fn card(ui: &Ui, rect: Rect, title: &str, hint: &str, key: &str, look: &Card) -> bool {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let response = hit_as(ui, rect, ui.scope_id().with(("card", key)), title, look.label.map(|_| look.on));
    let fill = if look.on {
        theme.selected
    } else if response.hovered() {
        theme.hover
    } else {
        theme.panel
    };
    p.rect_filled(rect, 4.0, fill);
    if look.dashed {
        let c = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        p.extend(egui::Shape::dashed_line(&c, Stroke::new(1.0, theme.line_strong), 3.0, 3.0));
    } else {
        let stroke =
            if look.outlined { Stroke::new(2.0, theme.text) } else { Stroke::new(1.0, theme.line_strong) };
        p.rect_stroke(rect, 4.0, stroke, StrokeKind::Inside);
    }
    if let Some(label) = look.label {
        let inset = if look.outlined { 2.0 } else { 1.0 };
        let edge = Rect::from_min_max(
            rect.min + vec2(inset, inset),
            pos2(rect.left() + inset + 4.0, rect.bottom() - inset),
        );
        p.rect_filled(edge, 2.0, theme.label(label));
    }
    let cap = paint::key_width(p, key);
    let left = rect.left() + if look.label.is_some() { 16.0 } else { 12.0 };
    let y = if rect.height() > 50.0 { rect.top() + 17.0 } else { rect.center().y };
    let mut title_font = font::strong();
    title_font.size = 14.0;
    text_cut(p, pos2(left, y), rect.right() - left - cap - 18.0, title, title_font, theme.text);
    key_cap(p, pos2(rect.right() - cap - 10.0, y), key, theme.text_2, theme.line_strong);
    if rect.height() > 50.0 && !hint.is_empty() {
        text_cut(p, pos2(left, rect.top() + 38.0), rect.width() - 24.0, hint, font::caption(), theme.text_3);
    }
    response.clicked()
}

pub(super) fn options_ui(ui: &Ui, r: Rect, y: f32, state: &ReviewState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut x = r.left();
    let words = match &state.mode {
        Mode::Several(_) => Some("Pick every label that is right with its number, then Enter. Esc goes back"),
        Mode::Adopt => Some("Press the number of the rater whose label is right. Esc goes back"),
        _ => None,
    };
    if let Some(words) = words {
        text(p, pos2(x, y + 10.0), Align2::LEFT_CENTER, words, font::body(), theme.text);
        return;
    }
    let option = |command: Command, words: &str, at: f32, out: &mut Vec<Request>| -> f32 {
        let key = command.key();
        let width = paint::key_width(p, &key) + 8.0 + paint::text_width(p, words, font::body());
        let zone = Rect::from_min_size(pos2(at - 4.0, y - 2.0), vec2(width + 8.0, 24.0));
        let response = paint::hit(ui, zone, ui.scope_id().with(("option", words)), words);
        if response.hovered() {
            p.rect_filled(zone, 4.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Run(command));
        }
        let end = key_cap(p, pos2(at, y + 10.0), &key, theme.text_2, theme.line_strong);
        text(p, pos2(end + 8.0, y + 10.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right()
    };
    for (command, words) in [
        (Command::Several, "More than one is right"),
        (Command::SoftLabel, "Ambiguous, in shares"),
        (Command::NoneOfLabels, "None of these"),
        (Command::Unsure, "Unsure"),
        (Command::FindLabel, "Find a label"),
        (Command::Note, "Note"),
        (Command::Exclude, "Exclude"),
    ] {
        if x > r.right() - 220.0 {
            break;
        }
        x = option(command, words, x, out) + 22.0;
    }
    option(Command::PreviousItem, "Back", r.right() - 132.0, out);
    option(Command::NextItem, "Skip", r.right() - 54.0, out);
}

pub(super) fn just_now_ui(ui: &Ui, r: Rect, y: f32, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = y + 10.0;
    let Some(last) = doc.last_decision() else { return };
    let x = text(p, pos2(r.left(), y), Align2::LEFT_CENTER, "Just now", font::body(), theme.text_3).right()
        + 10.0;
    text_cut(p, pos2(x, y), 110.0, &last.key, font::mono(), theme.text);
    let mut x = x + paint::text_width(p, &last.key, font::mono()).min(110.0) + 12.0;
    if let Some(label) = last.from {
        x = label_chip(p, theme, pos2(x, y), 140.0, label, doc.label(label), theme.text) + 8.0;
    }
    if let Some(label) = last.to {
        Icon::Arrow.paint(p, pos2(x + 6.0, y), 12.0, theme.text_3);
        label_square(p, theme, pos2(x + 20.0, y), label);
        x = label_chip(p, theme, pos2(x + 20.0, y), 140.0, label, doc.label(label), theme.text) + 8.0;
    }
    let (confidence, reason) = if last.decides { doc.session.last_added() } else { (None, None) };
    let reason = reason.map(|code| doc.reasons().words(code));
    let words: Vec<String> = [
        (!last.words.is_empty()).then(|| elide(&last.words, 90).into_owned()),
        confidence.map(|c| sure(c).to_owned()),
        reason.map(|words| elide(&words, 60).into_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let words = words.join(", ");
    let line = text(p, pos2(x, y), Align2::LEFT_CENTER, &words, font::body(), theme.text_2);
    paint::spoken(ui, line, &format!("Just now {}: {words}", last.key));
    x = line.right() + 16.0;
    let saved = doc.saved();
    match &saved.error {
        Some(error) => {
            Icon::Warning.paint(p, pos2(x + 6.0, y), 13.0, theme.warn);
            let words = format!("not saved: {error}");
            let end = x + 18.0 + paint::text_width(p, &words, font::body()).min(r.right() - x - 260.0);
            text_cut(p, pos2(x + 18.0, y), r.right() - x - 260.0, &words, font::body(), theme.text);
            if paint::link(ui, pos2(end + 10.0, y), "Try again", "retry").clicked() {
                out.push(Request::RetrySave);
            }
        }
        None if saved.pending == 0 => {
            Icon::Check.paint(p, pos2(x + 6.0, y), 12.0, theme.text_2);
            text(p, pos2(x + 16.0, y), Align2::LEFT_CENTER, "saved to the log", font::body(), theme.text_2);
        }
        None => {
            text(p, pos2(x, y), Align2::LEFT_CENTER, "saving…", font::body(), theme.text_3);
        }
    }
    let key = Command::Undo.key();
    let width = paint::key_width(p, &key) + 8.0 + paint::text_width(p, "Undo", font::body());
    let zone = Rect::from_min_size(pos2(r.right() - width - 4.0, y - 12.0), vec2(width + 8.0, 24.0));
    let response = paint::hit(ui, zone, ui.scope_id().with("undo"), "Undo");
    if response.hovered() {
        p.rect_filled(zone, 4.0, theme.hover);
    }
    if response.clicked() {
        out.push(Request::Run(Command::Undo));
    }
    let end = key_cap(p, pos2(zone.left() + 4.0, y), &key, theme.text_2, theme.line_strong);
    text(p, pos2(end + 8.0, y), Align2::LEFT_CENTER, "Undo", font::body(), theme.text_2);
}

/// Keys with what they do, on one line from `at` (its left centre) on; where the next thing may begin.
pub(super) fn hints_ui(ui: &Ui, at: egui::Pos2, hints: &[(&str, &str)]) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut x = at.x;
    for (key, words) in hints {
        x = key_cap(p, pos2(x, at.y), key, theme.text_2, theme.line_strong) + 8.0;
        x = text(p, pos2(x, at.y), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right() + 16.0;
    }
    x
}

pub(super) fn note_ui(ui: &mut Ui, r: Rect, note: &mut String, focus: &mut bool) {
    let theme = Theme::of(ui.ctx());
    let edit = egui::TextEdit::multiline(note)
        .hint_text("What should somebody know about this item?")
        .desired_width(r.width().min(640.0))
        .desired_rows(3)
        .return_key(egui::KeyboardShortcut::new(egui::Modifiers::SHIFT, Key::Enter));
    let area = Rect::from_min_size(r.min, vec2(r.width().min(640.0), 72.0));
    let response = ui.put(area, edit).accessible_name("Note");
    if !*focus {
        response.request_focus();
        *focus = true;
        find::go_on_with(ui, response.id, note);
    }
    let y = area.bottom() + 18.0;
    let p = ui.painter();
    let x = key_cap(p, pos2(r.left(), y), "Enter", theme.text_2, theme.line_strong);
    let x =
        text(p, pos2(x + 8.0, y), Align2::LEFT_CENTER, "save the note", font::body(), theme.text_2).right();
    let x = key_cap(p, pos2(x + 16.0, y), "Esc", theme.text_2, theme.line_strong);
    text(p, pos2(x + 8.0, y), Align2::LEFT_CENTER, "go back", font::body(), theme.text_2);
}
