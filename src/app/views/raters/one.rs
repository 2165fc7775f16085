//! One rater explained: a sentence, the confusion with the consensus, the labels beside others.

use egui::{Align2, Pos2, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{RatersState, course, model};
use crate::analysis::judge_validation::Suspect;
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::models::warning_words;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    self, Button, bar_bare, bar_outline, count, heading, hit, label_chip, number, spoken, text, text_block,
    text_cut,
};
use crate::app::widgets::theme::{Theme, font};

pub(super) fn rater_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut RatersState,
    out: &mut Vec<Request>,
) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return };
    let theme = Theme::of(ui.ctx());
    let Some((rater, s)) = doc.rater.and_then(|r| Some((r, analysis.raters.get(r as usize)?))) else {
        text(
            ui.painter(),
            rect.center(),
            Align2::CENTER_CENTER,
            "Select a rater",
            font::body(),
            theme.text_3,
        );
        return;
    };
    let r = rect.shrink2(vec2(16.0, 12.0));
    let p = ui.painter().clone();
    let x = text(
        &p,
        pos2(r.left(), r.top() + 12.0),
        Align2::LEFT_CENTER,
        doc.rater_name(rater),
        font::heading(),
        theme.text,
    )
    .right();
    let group = doc.rater_group(rater);
    let mut words = if group.is_empty() { String::new() } else { format!("{group} · ") };
    words.push_str(&count(s.n_annotations, "vote", "votes"));
    if let Some(d) = s.median_duration_s {
        words.push_str(&format!(" · {} s a vote", number(d, 1)));
    }
    let counts = doc.settings.counts(&doc.dataset.raters, rater);
    if !counts {
        words.push_str(" · not counted");
    }
    text_cut(
        &p,
        pos2(x + 12.0, r.top() + 12.0),
        (r.right() - x - 280.0).max(20.0),
        &words,
        font::body(),
        theme.text_2,
    );
    let open = Button::new("Open their items");
    let width = open.width(&p);
    if open.show(ui, pos2(r.right() - width, r.top() - 2.0), "open items").0.clicked() {
        out.push(Request::Filter(vec![Condition::Rater(rater)]));
    }
    let counted = Button::new("Counts").on(counts);
    let left = r.right() - width - 6.0 - counted.width(&p);
    let (response, _) = counted.show(ui, pos2(left, r.top() - 2.0), "counts");
    if response.clicked() {
        out.push(Request::SwitchRater(rater));
    }
    response.on_hover_text("Whether the rater's votes count in every statistic. Alt+C");
    let sentence = model::sentence(&doc.dataset, analysis, &derived.raters, rater);
    let block =
        text_block(&p, pos2(r.left(), r.top() + 28.0), r.width(), &sentence, font::body(), theme.text_2);
    let below = match RatersState::suspect(doc, rater) {
        Some(suspect) => turned_ui(ui, pos2(r.left(), block.bottom() + 8.0), r.width(), doc, &suspect, out),
        None => block.bottom(),
    };
    let body = Rect::from_min_max(pos2(r.left(), below + 14.0), r.max);
    let half = (body.width() * 0.54).min(360.0);
    let left = Rect::from_min_max(body.min, pos2(body.left() + half, body.bottom()));
    let right = Rect::from_min_max(pos2(left.right() + 12.0, body.top()), body.max);
    confusion_ui(ui, left, doc, rater, &s.confusion, out);
    let compared = 56.0 + 26.0 * s.label_counts.len() as f32;
    let mut upper = right;
    if !s.course.is_empty() && right.height() >= compared + course::HEIGHT {
        let lower = Rect::from_min_max(pos2(right.left(), right.bottom() - course::HEIGHT), right.max);
        // Close below, where there is more room than the labels take.
        let close = right.top() + 56.0 + 40.0 * s.label_counts.len() as f32 + 16.0;
        let lower = lower.translate(vec2(0.0, (close - lower.top()).min(0.0)));
        upper.max.y = lower.top() - 8.0;
        course::ui(ui, lower, doc, rater, &s.course, out);
    }
    compare_ui(ui, upper, doc, state, rater, out);
}

/// What looks turned round, and what can be done; where it ends.
fn turned_ui(
    ui: &Ui,
    at: Pos2,
    width: f32,
    doc: &Document,
    suspect: &Suspect,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let words = warning_words(doc, &suspect.map);
    Icon::Warning.paint(p, at + vec2(7.0, 8.0), 13.0, theme.warn);
    let block = text_block(p, at + vec2(20.0, 0.0), width - 20.0, &words, font::body(), theme.text);
    spoken(ui, block, &words);
    let y = block.bottom() + 6.0;
    let open =
        format!("Open {} where they part with the others", count(suspect.items.len(), "item", "items"));
    let (response, x) = Button::new(&open).show(ui, pos2(block.left(), y), "open parted");
    if response.clicked() {
        let words = format!("{} parts with the majority", doc.rater_name(suspect.rater));
        out.push(Request::Filter(vec![Condition::among(words, suspect.items.clone())]));
    }
    let leave = Button::new("Leave out of statistics");
    if leave.show(ui, pos2(x + 6.0, y), "leave out").0.clicked() {
        out.push(Request::SwitchRater(suspect.rater));
    }
    y + 28.0
}

pub(super) fn confusion_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    rater: u32,
    confusion: &[Vec<u64>],
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r.expand(2.0));
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Confusion", "consensus in rows, items");
    let k = confusion.len();
    if k == 0 {
        return;
    }
    let name = 56.0;
    let area = Rect::from_min_max(pos2(r.left() + name, r.top() + 54.0), r.max);
    let size = ((area.width() / k as f32).min(area.height() / k as f32)).clamp(10.0, 44.0) - 2.0;
    text(
        &p,
        pos2(area.left() + (size + 2.0) * k as f32 / 2.0, r.top() + 26.0),
        Align2::CENTER_CENTER,
        &format!("{} says", doc.rater_name(rater)),
        font::caption(),
        theme.text_3,
    );
    let most = (0..k)
        .flat_map(|c| (0..k).filter(move |&s| s != c).map(move |s| (c, s)))
        .map(|(c, s)| confusion[c][s])
        .max()
        .unwrap_or(0)
        .max(1) as f32;
    for c in 0..k {
        let y = area.top() + (size + 2.0) * c as f32;
        if y + size > r.bottom() + 2.0 {
            break;
        }
        let edge = Rect::from_min_size(pos2(area.left() - 5.0, y + 1.0), vec2(2.0, size - 2.0));
        p.rect_filled(edge, 0.0, theme.label(c as u32));
        let label = doc.label(c as u32);
        let w = paint::text_width(&p, label, font::caption()).min(name - 10.0);
        text_cut(
            &p,
            pos2(area.left() - 9.0 - w, y + size / 2.0),
            w + 1.0,
            label,
            font::caption(),
            theme.text_2,
        );
        for said in 0..k {
            let cell =
                Rect::from_min_size(pos2(area.left() + (size + 2.0) * said as f32, y), vec2(size, size));
            if c == 0 {
                let edge =
                    Rect::from_min_size(pos2(cell.left() + 1.0, area.top() - 5.0), vec2(size - 2.0, 2.0));
                p.rect_filled(edge, 0.0, theme.label(said as u32));
                let label = doc.label(said as u32);
                let w = paint::text_width(&p, label, font::caption()).min(size + 2.0);
                text_cut(
                    &p,
                    pos2(cell.center().x - w / 2.0, area.top() - 14.0),
                    size + 4.0,
                    label,
                    font::caption(),
                    theme.text_2,
                );
            }
            let n = confusion[c][said];
            let ground = if n == 0 || c == said { theme.raised } else { theme.quantity(n as f32 / most) };
            if c == said {
                p.rect(cell, 2.0, theme.panel, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
            } else {
                p.rect_filled(cell, 2.0, ground);
            }
            if n == 0 {
                continue;
            }
            let words = format!(
                "consensus {}, {} said {}: {n}",
                doc.label(c as u32),
                doc.rater_name(rater),
                doc.label(said as u32)
            );
            let response = hit(ui, cell, ui.scope_id().with(("confusion", c, said)), &words);
            if response.hovered() {
                p.rect_stroke(cell, 2.0, Stroke::new(1.0, theme.text), StrokeKind::Outside);
            }
            if response.clicked() {
                out.push(Request::Filter(vec![Condition::RaterConfused(rater, c as u32, said as u32)]));
            }
            response.on_hover_text(format!("{words}. Click to see them"));
            if size >= 18.0 {
                let color = if c == said { theme.text_3 } else { Theme::on(ground) };
                text(&p, cell.center(), Align2::CENTER_CENTER, &n.to_string(), font::mono_small(), color);
            }
        }
    }
}

pub(super) fn compare_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut RatersState,
    rater: u32,
    out: &mut Vec<Request>,
) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return };
    let theme = Theme::of(ui.ctx());
    if state.other == Some(rater) {
        state.other = None;
    }
    let p = ui.painter().clone();
    let x =
        text(&p, pos2(r.left(), r.top() + 8.0), Align2::LEFT_CENTER, "Labels", font::strong(), theme.text)
            .right();
    text(
        &p,
        pos2(x + 8.0, r.top() + 8.5),
        Align2::LEFT_CENTER,
        "share of votes in %, beside",
        font::caption(),
        theme.text_3,
    );
    let other_name = state.other.map_or("everyone else", |o| doc.rater_name(o)).to_owned();
    let choice = Rect::from_min_size(pos2(r.left(), r.top() + 20.0), vec2(r.width().min(190.0), 26.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(choice).id_salt("other"), |ui| {
        let combo =
            egui::ComboBox::from_id_salt("other side").selected_text(&other_name).width(choice.width() - 8.0);
        let response = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut state.other, None, "everyone else");
            for &o in derived.raters.order.iter().filter(|&&o| o != rater).take(500) {
                ui.selectable_value(&mut state.other, Some(o), doc.rater_name(o));
            }
        });
        response
            .response
            .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("Compare with {other_name}")));
    });
    let own = &analysis.raters[rater as usize].label_counts;
    let all: Vec<u64> = match state.other.and_then(|o| analysis.raters.get(o as usize)) {
        Some(o) => o.label_counts.clone(),
        None => {
            let k = own.len();
            let mut rest = vec![0; k];
            for (_, s) in analysis.raters.iter().enumerate().filter(|(i, _)| *i != rater as usize) {
                for (t, n) in rest.iter_mut().zip(&s.label_counts) {
                    *t += n;
                }
            }
            rest
        }
    };
    let share = |v: &[u64], l: usize| {
        let total: u64 = v.iter().sum();
        if total > 0 { v[l] as f64 / total as f64 } else { 0.0 }
    };
    let top = r.top() + 56.0;
    let k = own.len().max(1);
    let step = ((r.bottom() - top) / k as f32).clamp(26.0, 40.0);
    let most = (0..own.len()).map(|l| share(own, l).max(share(&all, l))).fold(0.01_f64, f64::max);
    let name = 60.0;
    let room = (r.width() - name - 36.0).clamp(20.0, 420.0);
    for l in 0..own.len() {
        let y = top + step * l as f32 + step / 2.0 - 2.0;
        if y + 12.0 > r.bottom() {
            break;
        }
        let line =
            Rect::from_min_max(pos2(r.left(), y - step / 2.0 + 1.0), pos2(r.right(), y + step / 2.0 - 1.0));
        let (a, b) = (share(own, l), share(&all, l));
        let words = format!(
            "{}: {} {} %, {other_name} {} %",
            doc.label(l as u32),
            doc.rater_name(rater),
            number(100.0 * a, 0),
            number(100.0 * b, 0)
        );
        let response = hit(ui, line, ui.scope_id().with(("share", l)), &words);
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Filter(vec![Condition::RaterSaid(rater, l as u32)]));
        }
        label_chip(&p, theme, pos2(r.left(), y), name - 6.0, l as u32, doc.label(l as u32), theme.text);
        let color = theme.label(l as u32);
        let upper = Rect::from_min_size(pos2(r.left() + name, y - 10.0), vec2(room, 9.0));
        let lower = upper.translate(vec2(0.0, 11.0));
        bar_bare(&p, upper, (a / most) as f32, color);
        bar_outline(&p, lower, (b / most) as f32, color);
        for (area, v, ink) in [(upper, a, theme.text), (lower, b, theme.text_3)] {
            let end = area.left() + room * (v / most) as f32 + 6.0;
            text(
                &p,
                pos2(end, area.center().y),
                Align2::LEFT_CENTER,
                &number(100.0 * v, 0),
                font::mono_small(),
                ink,
            );
        }
    }
}
