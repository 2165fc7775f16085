//! What the keys mean: digits, and the keys of the mode that is on. Commands are read before.

use egui::{Event, Key};

use super::model;
use super::{Mode, ReviewState, find, soft};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::review::Action;

/// Reads the digits and the keys of the present mode; commands were read before.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut ReviewState, out: &mut Vec<Request>) {
    let now = ctx.input(|i| i.time);
    let Some(m) = model::build(doc, 1) else { return };
    state.arrive(m.item.item, now);
    if ctx.text_edit_focused() && !state.mode.types() {
        return;
    }
    if let Mode::Soft(begun) = &mut state.mode {
        if let Some(ended) = soft::keys(ctx, &m, begun) {
            state.mode = Mode::Decide;
            out.push(ended);
        }
        return;
    }
    if let Mode::Reasons(at) = state.mode {
        reason_keys(ctx, doc, at, state, out);
        if state.mode != Mode::Decide {
            return;
        }
    }
    // With many labels, whatever letter is no command begins the search for one.
    if state.mode == Mode::Decide
        && m.more_labels
        && let Some(text) = find::begun(ctx, doc.dataset.stretches().is_some())
    {
        state.mode = Mode::Find { text, cursor: 0 };
        state.focus = false;
        return;
    }
    let mut digits: Vec<char> = Vec::new();
    let (mut enter, mut escape, mut up, mut down) = (false, false, false, false);
    let typing = state.mode.types();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            if modifiers.command || modifiers.alt || (modifiers.shift && !typing) {
                return true;
            }
            let digit = match key {
                Key::Num0 => '0',
                Key::Num1 => '1',
                Key::Num2 => '2',
                Key::Num3 => '3',
                Key::Num4 => '4',
                Key::Num5 => '5',
                Key::Num6 => '6',
                Key::Num7 => '7',
                Key::Num8 => '8',
                Key::Num9 => '9',
                Key::Enter if state.mode != Mode::Decide => {
                    enter = true;
                    return false;
                }
                Key::Escape if state.mode != Mode::Decide || state.span.is_some() => {
                    escape = true;
                    return false;
                }
                Key::ArrowUp if typing => {
                    up = true;
                    return false;
                }
                Key::ArrowDown if typing => {
                    down = true;
                    return false;
                }
                _ => return true,
            };
            if typing {
                return true;
            }
            if !*repeat {
                digits.push(digit);
            }
            false
        });
    });
    if escape {
        state.keep_draft();
        if state.mode == Mode::Decide {
            state.let_go();
        }
        state.mode = Mode::Decide;
        return;
    }
    let ready = state.ready(now);
    match &mut state.mode {
        Mode::Decide => {
            for d in digits {
                if ready && let Some(l) = m.strip.iter().find(|l| l.key == d) {
                    out.push(Request::Decide(Action::Relabel(l.label)));
                }
            }
        }
        Mode::Several(picked) => {
            for d in digits {
                if let Some(l) = m.strip.iter().find(|l| l.key == d) {
                    match picked.iter().position(|&p| p == l.label) {
                        Some(i) => drop(picked.remove(i)),
                        None => picked.push(l.label),
                    }
                }
            }
            if enter {
                let mut labels = std::mem::take(picked);
                labels.sort_unstable();
                state.mode = Mode::Decide;
                match labels.as_slice() {
                    [] => {}
                    [one] => out.push(Request::Decide(Action::Relabel(*one))),
                    _ => out.push(Request::Decide(Action::Several(labels))),
                }
            }
        }
        Mode::Find { text, cursor } => {
            let matches = state.found.of(doc, text);
            if up {
                *cursor = cursor.saturating_sub(1);
            }
            if down {
                *cursor = (*cursor + 1).min(matches.len().saturating_sub(1));
            }
            if enter {
                let hit = matches.get(*cursor).copied();
                state.mode = Mode::Decide;
                if let Some(label) = hit {
                    out.push(Request::Decide(Action::Relabel(label)));
                }
            }
        }
        Mode::Note(note) => {
            if enter {
                let note = std::mem::take(note);
                state.mode = Mode::Decide;
                out.push(Request::SaveNote(note));
            }
        }
        // Both read their keys above.
        Mode::Soft(_) | Mode::Reasons(_) => {}
        Mode::Adopt => {
            if let Some(d) = digits.first().and_then(|d| d.to_digit(10)) {
                let raters = model::shuffled_raters(doc, &m.item);
                state.mode = Mode::Decide;
                if let Some(&(rater, label)) = raters.get((d as usize).wrapping_sub(1)) {
                    out.push(Request::Decide(Action::AdoptRater { rater, label }));
                }
            }
        }
    }
}

/// The keys of a list of reasons: a digit takes one, Enter and Escape leave, and every other key is what it always is.
fn reason_keys(
    ctx: &egui::Context,
    doc: &Document,
    at: Option<usize>,
    state: &mut ReviewState,
    out: &mut Vec<Request>,
) {
    let book = doc.reasons();
    let (mut taken, mut ended, mut other) = (None, false, false);
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            let plain = !modifiers.any();
            let digit = key.name().parse::<usize>().ok().filter(|n| plain && !repeat && (1..=9).contains(n));
            match (key, digit) {
                (_, Some(n)) => taken = taken.or(Some(n - 1)),
                (Key::Enter | Key::Escape, _) if plain => ended = true,
                _ => {
                    other = true;
                    return true;
                }
            }
            false
        });
    });
    if ended || other {
        state.mode = Mode::Decide;
    }
    let Some(n) = taken else { return };
    match at {
        None if n < book.codes.len() => out.push(Request::Reason(n)),
        Some(at) => {
            if let Some(finer) = book.codes.get(at).and_then(|c| c.children.get(n)) {
                state.mode = Mode::Decide;
                out.push(Request::Because(finer.code.clone()));
            }
        }
        None => {}
    }
}
