//! What is listed, and how the text is shown.

use egui::{Align2, Rect, Ui, pos2};

use super::{Shown, VersionsState};
use crate::analysis::versions::Which;
use crate::app::command::Command;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, hit, text, text_cut, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};

/// Paints the line.
pub(super) fn ui(ui: &Ui, r: Rect, state: &mut VersionsState, shown: Shown<'_>, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    p.hline(r.x_range(), r.bottom() - 0.5, theme.border());
    let y = r.center().y;
    let top = y - 14.0;
    // From the right: how it is shown.
    let mut right = r.right() - 12.0;
    let mut button = |words: &str, on: Option<bool>, id: &str, hint: &str| {
        let button = Button { on, ..Button::new(words) };
        right -= button.width(&p);
        let (response, _) = button.show(ui, pos2(right, top), id);
        right -= 6.0;
        let clicked = response.clicked();
        response.on_hover_text(hint);
        clicked
    };
    if button("Inline", Some(state.inline), "inline", "Both versions under one text") {
        state.set_inline(!state.inline);
    }
    if button(
        "Whole text",
        Some(state.whole_text),
        "whole",
        "Every sentence, not only those with a difference",
    ) {
        state.whole_text = !state.whole_text;
        state.reveal = true;
    }
    if button("Swap", None, "swap", &format!("A and B change places: {}", Command::SwapSides.key())) {
        out.push(Request::Run(Command::SwapSides));
    }
    let n = shown.n(state.which);
    if n > 0
        && button("Review", None, "review", "Review the tokens of what is listed, one after the other")
        && let Some(listed) = shown.listed(state.which)
    {
        let from = listed.items.first().copied().unwrap_or_default();
        let name = shown.words(state.which);
        out.push(Request::ReviewList { name, items: listed.items.clone(), from });
    }
    // From the left: where one is.
    let all = shown.n(Which::All);
    let place = if n == 0 {
        "No difference".to_owned()
    } else {
        format!("{} of {}", thousands(state.at as u64 + 1), thousands(n as u64))
    };
    let mut x = r.left() + 16.0;
    let at = text(&p, pos2(x, y), Align2::LEFT_CENTER, &place, font::strong(), theme.text);
    x = at.right() + 8.0;
    if state.which == Which::All {
        let words = if n == 1 { "difference" } else { "differences" };
        text_cut(&p, pos2(x, y), right - x - 8.0, words, font::body(), theme.text_2);
    } else {
        let words = match state.which {
            Which::Kind(kind) => kind.name().to_owned(),
            Which::Types(first, second) => {
                let [a, b] = shown.turned([first, second]).map(|k| shown.report.kind(k));
                format!("{a} in A · {b} in B")
            }
            Which::All => String::new(),
        };
        let words = format!("{words}  ×");
        let width = (text_width(&p, &words, font::body()) + 16.0).min((right - x - 8.0).max(30.0));
        let chip = Rect::from_min_max(pos2(x, y - 12.0), pos2(x + width, y + 12.0));
        p.rect(chip, 4.0, theme.selected, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
        text_cut(&p, pos2(x + 8.0, y), width - 14.0, &words, font::body(), theme.text);
        let response = hit(ui, chip, ui.scope_id().with("listed"), &words);
        if response.clicked() {
            state.list(Which::All);
        }
        response.on_hover_text("List all differences again: Esc");
        let of = format!("of {} differences", thousands(all as u64));
        let left = chip.right() + 8.0;
        text_cut(&p, pos2(left, y), right - left - 8.0, &of, font::caption(), theme.text_3);
    }
}
