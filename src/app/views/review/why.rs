//! What can be added to the decision just made: why raters disagree, in two levels, and how sure the reviewer is.

use egui::{Align2, Rect, Ui, pos2};

use super::strip::hints_ui;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::reasons::{COMMANDS, belongs};
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{Button, link, text};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::review::codebook::Code;

/// Width of the question how sure one is.
const SURE: f32 = 520.0;
/// Characters of a reason that a button shows.
const SHOWN: usize = 36;

/// Confidence and reason of the decision that is told below; none where none is told.
fn added(doc: &Document) -> (Option<u8>, Option<&str>) {
    match doc.last_decision() {
        Some(last) if last.decides => doc.session.last_added(),
        _ => (None, None),
    }
}

fn icon_of(code: &Code) -> Option<Icon> {
    match code.code.as_str() {
        "annotator_error" => Some(Icon::Cross),
        "ambiguous" => Some(Icon::Half),
        "guideline_gap" => Some(Icon::Fork),
        _ => None,
    }
}

/// Whether reasons and confidence stand on one line.
pub(super) fn on_one_line(r: Rect) -> bool {
    r.width() >= 1_500.0
}

/// The first level as far as there is room, and how sure; what is set is on.
pub(super) fn why_ui(ui: &Ui, r: Rect, y: f32, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (confidence, reason) = added(doc);
    let book = doc.reasons();
    let words = "Why do they disagree?";
    let mut x = text(p, pos2(r.left(), y + 12.0), Align2::LEFT_CENTER, words, font::body(), theme.text_2)
        .right()
        + 14.0;
    let limit = if on_one_line(r) { r.right() - SURE } else { r.right() };
    let key = Command::Reasons.key();
    let more = Button::new("All reasons…").key(&key);
    let room = limit - more.width(p) - 8.0;
    for (at, code) in book.codes.iter().enumerate() {
        let key = COMMANDS.get(at).map(|c| c.key()).unwrap_or_default();
        let name = elide(&code.label, SHOWN);
        let mut button =
            Button::new(&name).key(&key).on(reason.is_some_and(|reason| belongs(book, at, reason)));
        if let Some(icon) = icon_of(code) {
            button = button.icon(icon);
        }
        if x + button.width(p) > room {
            break;
        }
        let (response, right) = button.show(ui, pos2(x, y - 2.0), ("reason", at));
        if response.clicked() {
            out.push(Request::Reason(at));
        }
        if !code.definition.is_empty() {
            response.on_hover_text(&code.definition);
        }
        x = right + 8.0;
    }
    if x + more.width(p) <= limit && more.show(ui, pos2(x, y - 2.0), "all reasons").0.clicked() {
        out.push(Request::Run(Command::Reasons));
    }
    let at = if on_one_line(r) { pos2(limit + 16.0, y) } else { pos2(r.left(), y + 32.0) };
    sure_ui(ui, at, confidence, out);
}

/// How sure the reviewer was, from `at` (its left top) on.
fn sure_ui(ui: &Ui, at: egui::Pos2, confidence: Option<u8>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let words = "How sure are you?";
    let asked = pos2(at.x, at.y + 12.0);
    let mut x =
        text(ui.painter(), asked, Align2::LEFT_CENTER, words, font::body(), theme.text_2).right() + 14.0;
    for (command, words, n) in
        [(Command::SureLow, "low", 1), (Command::SureMid, "mid", 2), (Command::SureHigh, "high", 3)]
    {
        let key = command.key();
        let button = Button::new(words).key(&key).on(confidence == Some(n));
        let (response, right) = button.show(ui, pos2(x, at.y - 2.0), words);
        if response.clicked() {
            out.push(Request::Run(command));
        }
        x = right + 8.0;
    }
}

/// A numbered list of reasons: the first level, or the finer ones of one of it.
pub(super) fn list_ui(ui: &Ui, r: Rect, doc: &Document, at: Option<usize>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let book = doc.reasons();
    let (_, reason) = added(doc);
    let above = at.and_then(|at| book.codes.get(at));
    let codes = above.map_or(&book.codes, |code| &code.children);
    let title = match above {
        Some(code) => format!("{}: what kind?", elide(&code.label, SHOWN)),
        None => "Why do they disagree?".to_owned(),
    };
    let y = r.top() + 12.0;
    let x = text(p, pos2(r.left(), y), Align2::LEFT_CENTER, &title, font::strong(), theme.text).right();
    let digits = format!("1…{}", codes.len().clamp(1, 9));
    let keys = [(digits.as_str(), "take one"), ("Esc", "as it is")];
    let x = hints_ui(ui, pos2(x + 20.0, y), &keys);
    if link(ui, pos2(x + 8.0, y), "Edit codebook…", "codebook").clicked() {
        out.push(Request::EditCodebook);
    }
    let (mut x, mut y) = (r.left(), r.top() + 30.0);
    for (n, code) in codes.iter().enumerate() {
        let key = if n < 9 { (n + 1).to_string() } else { String::new() };
        let name = elide(&code.label, SHOWN);
        let on = match at {
            None => reason.is_some_and(|reason| belongs(book, n, reason)),
            Some(_) => reason == Some(code.code.as_str()),
        };
        let button = Button::new(&name).key(&key).on(on);
        if x + button.width(p) > r.right() && x > r.left() {
            (x, y) = (r.left(), y + 34.0);
        }
        if y + 28.0 > r.bottom() {
            break;
        }
        let (response, right) = button.show(ui, pos2(x, y), ("finer reason", n));
        if response.clicked() {
            out.push(match at {
                None => Request::Reason(n),
                Some(_) => Request::Because(code.code.clone()),
            });
            if at.is_some() {
                out.push(Request::Leave);
            }
        }
        if !code.definition.is_empty() {
            response.on_hover_text(&code.definition);
        }
        x = right + 8.0;
    }
}
