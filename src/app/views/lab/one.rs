//! One method explained: what it does and when it fits, the items that it labels otherwise, and how it sees the raters.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{LabState, page, parted};
use crate::analysis::lab::{Lab, Outcome};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::paint::{
    Button, bar, count, heading, hit, link, number, text, text_block, text_cut,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::aggregation::Which;

pub(super) fn one_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    lab: &Lab,
    state: &LabState,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let selected = state.method(lab);
    let Some(method) = lab.methods.get(selected) else { return };
    let about = method.which.row();
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter().clone();
    let right = text(
        &p,
        pos2(r.left(), r.top() + 12.0),
        Align2::LEFT_CENTER,
        about.name,
        font::heading(),
        theme.text,
    );
    text_cut(
        &p,
        pos2(right.right() + 12.0, r.top() + 13.0),
        (r.right() - right.right() - 12.0).max(20.0),
        about.source,
        font::caption(),
        theme.text_3,
    );
    let words = format!("{} Fits: {}", about.about, lower_first(about.fits));
    let block = text_block(&p, pos2(r.left(), r.top() + 28.0), r.width(), &words, font::body(), theme.text_2);
    let mut y = block.bottom() + 18.0;
    if link(ui, pos2(r.left(), y), "What it assumes, and when not to use it", "lab page").clicked() {
        out.push(Request::Explain(page(method.which)));
    }
    y += 16.0;
    let outcome = match &method.outcome {
        Ok(outcome) => outcome,
        Err(reason) => {
            let words = format!("Not run: {reason}");
            text_block(&p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2);
            return;
        }
    };
    if let Some(condition) = parted(lab, 0, selected)
        && outcome.n_other_than_majority > 0
    {
        let words =
            format!("Open {} it labels otherwise", count(outcome.n_other_than_majority, "item", "items"));
        if Button::new(&words).show(ui, pos2(r.left(), y), "open parted").0.clicked() {
            out.push(Request::Filter(vec![condition]));
        }
        y += 40.0;
    } else {
        y += 8.0;
    }
    if doc.dataset.raters.are_known() {
        raters_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), doc, method.which, outcome, out);
    }
}

/// Skills, lowest first, in as many columns as there is room for.
fn raters_ui(ui: &Ui, r: Rect, doc: &Document, which: Which, outcome: &Outcome, out: &mut Vec<Request>) {
    const STEP: f32 = 22.0;
    const WIDTH: f32 = 190.0;
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(2.0));
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Raters", which.row().skill);
    let mut skills: Vec<(u32, f64)> =
        outcome.skill.iter().enumerate().filter_map(|(i, s)| Some((i as u32, (*s)?))).collect();
    skills.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let low = skills.first().map_or(0.0, |s| s.1.min(0.0));
    let high = skills.last().map_or(1.0, |s| s.1.max(1.0));
    let rows = ((r.height() - 24.0) / STEP).floor().max(1.0) as usize;
    let columns = (r.width() / WIDTH).floor().max(1.0) as usize;
    let room = rows * columns;
    for (i, &(rater, skill)) in skills.iter().take(room).enumerate() {
        let at = pos2(r.left() + WIDTH * (i / rows) as f32, r.top() + 24.0 + STEP * (i % rows) as f32);
        let line = Rect::from_min_size(at, vec2(WIDTH - 14.0, STEP));
        let name = doc.rater_name(rater);
        let response =
            hit(ui, line, ui.scope_id().with(("skill", rater)), &format!("{name}: {}", number(skill, 2)));
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::SelectRater(rater));
            out.push(Request::Show(View::Raters));
        }
        let y = line.center().y;
        text_cut(&p, pos2(line.left() + 2.0, y), 62.0, name, font::mono(), theme.text);
        let area = Rect::from_min_max(pos2(line.left() + 68.0, y - 4.0), pos2(line.right() - 48.0, y + 4.0));
        bar(&p, area, ((skill - low) / (high - low).max(1e-9)) as f32, theme.mark, theme.grid);
        text(
            &p,
            pos2(line.right() - 2.0, y),
            Align2::RIGHT_CENTER,
            &number(skill, 2),
            font::mono(),
            theme.text_2,
        );
    }
    if skills.len() > room {
        let words = format!("{} more", skills.len() - room);
        text(&p, pos2(r.right(), r.top() + 8.0), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
    }
}

fn lower_first(words: &str) -> String {
    let mut chars = words.chars();
    // A proper name that begins a sentence keeps its capital.
    match chars.next() {
        Some(first)
            if chars.clone().next().is_some_and(char::is_lowercase) && !words.starts_with("Dawid") =>
        {
            first.to_lowercase().chain(chars).collect()
        }
        _ => words.to_owned(),
    }
}
