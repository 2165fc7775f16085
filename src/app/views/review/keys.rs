//! What the keys mean: digits, and the keys of the mode that is on. Commands are read before.

use egui::{Event, Key};

use super::model;
use super::{Mode, ReviewState, find};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::review::Action;

/// Reads the digits and the keys of the present mode; commands were read before.
pub fn keys(ctx: &egui::Context, doc: &Document, state: &mut ReviewState, out: &mut Vec<Request>) {
    let now = ctx.input(|i| i.time);
    let Some(m) = model::build(doc, 1) else { return };
    state.arrive(m.item.item, now);
    if ctx.text_edit_focused() && !matches!(state.mode, Mode::Find { .. } | Mode::Note(_)) {
        return;
    }
    let mut digits: Vec<char> = Vec::new();
    let (mut enter, mut escape, mut up, mut down) = (false, false, false, false);
    let typing = matches!(state.mode, Mode::Find { .. } | Mode::Note(_));
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
                Key::Escape if state.mode != Mode::Decide => {
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
            let matches = find(doc, text);
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
