//! What a view shows while there is nothing to show: still shapes while loading, or why and what to do.

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::app::request::Request;
use crate::app::widgets::paint::{Button, spoken, text, text_block};
use crate::app::widgets::theme::{Theme, font};

/// Grey bars of the final geometry, still.
pub fn loading(ui: &Ui, rect: Rect) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(rect);
    for i in 0..8 {
        let y = rect.top() + 28.0 + 36.0 * i as f32;
        let widths = [0.14, 0.42, 0.2];
        let mut x = rect.left() + 16.0;
        for (k, w) in widths.iter().enumerate() {
            let width = rect.width() * w * if (i + k) % 3 == 0 { 0.8 } else { 1.0 };
            p.rect_filled(Rect::from_min_size(pos2(x, y), vec2(width, 10.0)), 2.0, theme.hover);
            x += rect.width() * w + 24.0;
        }
    }
}

/// What is the case, which condition is to blame, and the ways out.
pub fn nothing(
    ui: &Ui,
    rect: Rect,
    title: &str,
    why: &str,
    buttons: Vec<(String, Request)>,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let left = rect.left() + 16.0;
    let y = rect.top() + 32.0;
    text(p, pos2(left, y), Align2::LEFT_CENTER, title, font::heading(), theme.text);
    let block = text_block(
        p,
        pos2(left, y + 16.0),
        (rect.width() - 32.0).min(620.0),
        why,
        font::body(),
        theme.text_2,
    );
    spoken(ui, block, &format!("{title}. {why}"));
    let mut x = left;
    for (i, (words, request)) in buttons.into_iter().enumerate() {
        let (response, right) = Button::new(&words).show(ui, pos2(x, block.bottom() + 12.0), ("empty", i));
        if response.clicked() {
            out.push(request);
        }
        x = right + 8.0;
    }
}
