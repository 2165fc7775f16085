//! One item beside the table: its text in full, votes beside the model, why it is flagged, who said what.

pub mod model;
mod opinions;
mod picture;
mod reasons;

pub use opinions::opinions_ui;
pub use picture::picture_ui;

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use self::model::ItemModel;
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::query::{Condition, decided_word};
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    self, Button, bar, count, heading, hit, label_chip, number, text, text_cut,
};
use crate::app::widgets::text::{TextBlock, TextStyle};
use crate::app::widgets::theme::{Theme, font};

const PAD: f32 = 16.0;

/// Paints the inspector into `rect`.
pub fn ui(ui: &mut Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    panel(ui, rect, doc, true, out);
}

/// The same beside a list of its own: no way to other items, none to their review.
pub fn beside_ui(ui: &mut Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    panel(ui, rect, doc, false, out);
}

fn panel(ui: &mut Ui, rect: Rect, doc: &Document, leads_on: bool, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    ui.painter().vline(rect.left(), rect.y_range(), theme.border());
    let (Some(analysis), Some(item)) = (&doc.analysis, doc.selected) else {
        let p = ui.painter();
        text(p, rect.center(), Align2::CENTER_CENTER, "Select an item", font::body(), theme.text_3);
        return;
    };
    let alike = doc.alike();
    let alike = alike.as_ref().and_then(|found| found.as_ref().as_ref().ok());
    let model = model::build(&doc.dataset, analysis, alike, item);
    let foot = Rect::from_min_max(
        pos2(rect.left() + PAD, rect.bottom() - 44.0),
        pos2(rect.right() - PAD, rect.bottom()),
    );
    head(ui, rect, doc, &model, leads_on, out);
    let end = if leads_on { foot.top() - 6.0 } else { rect.bottom() };
    let body = Rect::from_min_max(pos2(rect.left() + 1.0, rect.top() + 40.0), pos2(rect.right(), end));
    ui.scope_builder(egui::UiBuilder::new().max_rect(body).id_salt("inspector"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt(("inspector", item)).auto_shrink(false).show(ui, |ui| {
            let width = body.width() - 2.0 * PAD;
            text_ui(ui, doc, item, width, out);
            labels_line(ui, doc, &model, width, out);
            let (r, _) = ui.allocate_exact_size(vec2(body.width(), 1.0), Sense::hover());
            ui.painter().hline(r.x_range(), r.center().y, theme.border());
            ui.add_space(8.0);
            evidence_ui(ui, doc, &model, width, out);
            ui.add_space(10.0);
            why_ui(ui, &model, width);
            if !model.raters.is_empty() {
                ui.add_space(14.0);
                raters_ui(ui, doc, &model, width, out);
            }
            opinions_ui(ui, &model, width);
            if !model.metadata.is_empty() || model.gold.is_some() {
                ui.add_space(14.0);
                meta_ui(ui, doc, &model, width);
            }
            ui.add_space(12.0);
        });
    });
    if !leads_on {
        return;
    }
    ui.painter().hline(rect.x_range(), foot.top() - 6.0, theme.border());
    let key = Command::OpenRow.key();
    let button = Button::primary("Review from here").key(&key);
    if button.show(ui, foot.min + vec2(0.0, 2.0), "review").0.clicked() {
        out.push(Request::ReviewFrom(item));
    }
}

fn head(ui: &Ui, rect: Rect, doc: &Document, model: &ItemModel, leads_on: bool, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = rect.top() + 20.0;
    let key = doc.dataset.keys.get(model.item as usize);
    let mut x = rect.left() + PAD;
    text_cut(p, pos2(x, y), 120.0, key, font::mono(), theme.text);
    x += paint::text_width(p, key, font::mono()).min(120.0) + 12.0;
    if let Some(edit) = doc.edits().get(model.item as usize) {
        Icon::Check.paint(p, pos2(x + 6.0, y), 12.0, theme.text_2);
        text(
            p,
            pos2(x + 18.0, y),
            Align2::LEFT_CENTER,
            decided_word(&edit.outcome),
            font::body(),
            theme.text_2,
        );
    } else if model.flagged {
        Icon::Flag.paint(p, pos2(x + 6.0, y), 13.0, theme.accent);
        text(p, pos2(x + 18.0, y), Align2::LEFT_CENTER, "flagged", font::body(), theme.text_2);
    }
    if let (true, Some(rows), Some(row)) = (leads_on, &doc.rows, doc.row) {
        let next = Rect::from_center_size(pos2(rect.right() - 24.0, y), vec2(24.0, 24.0));
        let previous = next.translate(vec2(-26.0, 0.0));
        let words = format!("item {} of {}", row + 1, rows.items.len());
        text(p, pos2(previous.left() - 6.0, y), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
        for (r, icon, command, name) in [
            (previous, Icon::Left, Command::PreviousRow, "Previous item"),
            (next, Icon::Right, Command::NextRow, "Next item"),
        ] {
            let response = hit(ui, r, ui.scope_id().with(name), name);
            if response.hovered() {
                p.rect_filled(r, 4.0, theme.hover);
            }
            icon.paint(p, r.center(), 14.0, theme.text_2);
            if response.clicked() {
                out.push(Request::Run(command));
            }
        }
    }
}

fn text_ui(ui: &mut Ui, doc: &Document, item: u32, width: f32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    ui.horizontal(|ui| {
        ui.add_space(PAD);
        ui.vertical(|ui| {
            ui.set_width(width);
            picture_ui(ui, doc, item, vec2(width, 260.0), out);
            match &doc.dataset.texts {
                Some(texts) => {
                    let style = TextStyle::new(font::reading(), theme.text, theme.text_3);
                    TextBlock::new(texts.get(item as usize), style).focus(doc.focus(item)).ui(ui);
                }
                None if doc.dataset.media.is_some() => {}
                None => {
                    ui.label(egui::RichText::new("This data has no text").color(theme.text_3));
                }
            }
        });
    });
    ui.add_space(6.0);
}

fn labels_line(ui: &mut Ui, doc: &Document, model: &ItemModel, width: f32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, 28.0), Sense::hover());
    let p = ui.painter();
    let y = r.center().y;
    let mut x = r.left() + PAD;
    let room = 96.0;
    if let Some(g) = model.given {
        let end = label_chip(p, theme, pos2(x, y), room, g, doc.label(g), theme.text);
        let zone = Rect::from_min_max(pos2(x, y - 10.0), pos2(end, y + 10.0));
        if hit(ui, zone, ui.scope_id().with("given"), &format!("Given {}", doc.label(g))).clicked() {
            out.push(Request::AddCondition(Condition::Given(g)));
        }
        x = text(p, pos2(end + 6.0, y), Align2::LEFT_CENTER, "given", font::body(), theme.text_3).right()
            + 8.0;
    } else {
        let words = if model.tied.is_empty() { "no label" } else { "tied, no label" };
        x = text(p, pos2(x, y), Align2::LEFT_CENTER, words, font::body(), theme.text_2).right() + 8.0;
    }
    if let Some(s) = model.suggested.filter(|s| Some(*s) != model.given) {
        Icon::Arrow.paint(p, pos2(x + 6.0, y), 12.0, theme.text_3);
        x = label_chip(p, theme, pos2(x + 18.0, y), room, s, doc.label(s), theme.text);
        text(p, pos2(x + 6.0, y), Align2::LEFT_CENTER, "suggested", font::body(), theme.text_3);
    }
    let right = text(p, pos2(r.right(), y), Align2::RIGHT_CENTER, "quality", font::caption(), theme.text_3);
    let quality = model.quality.map_or_else(|| "—".to_owned(), |q| number(q, 3));
    text(p, pos2(right.left() - 5.0, y), Align2::RIGHT_CENTER, &quality, font::mono(), theme.text);
}

/// Votes beside the model: one row a label, the model's thresholds as ticks.
pub fn evidence_ui(ui: &mut Ui, doc: &Document, model: &ItemModel, width: f32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let rows = model.labels.len();
    let has_model = model.labels.iter().any(|l| l.probability.is_some());
    let has_votes = model.n_votes > 0;
    let note = has_model || model.n_hidden > 0;
    let height = 22.0 + 22.0 * rows as f32 + if note { 22.0 } else { 0.0 };
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, height), Sense::hover());
    let p = ui.painter();
    let left = r.left() + PAD;
    let name = 64.0;
    let half = (width - name - 16.0) / 2.0;
    let votes_x = left + name;
    let model_x = if has_votes { votes_x + half + 16.0 } else { votes_x };
    let model_width = if has_votes { half - 36.0 } else { width - name - 40.0 };
    let votes_width = half - 18.0;
    let top = r.top() + 8.0;
    if has_votes {
        let words = format!("votes, {}", model.n_votes);
        text(p, pos2(votes_x, top), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
    }
    if has_model {
        text(p, pos2(model_x, top), Align2::LEFT_CENTER, "model", font::caption(), theme.text_3);
    }
    let most = model.labels.iter().map(|l| l.votes).max().unwrap_or(0);
    let best = model.labels.iter().filter_map(|l| l.probability).fold(0.0_f64, f64::max);
    for (i, l) in model.labels.iter().enumerate() {
        let y = r.top() + 30.0 + 22.0 * i as f32;
        let line = Rect::from_min_size(pos2(left - 4.0, y - 10.0), vec2(width + 8.0, 20.0));
        let probability = l.probability.map_or_else(String::new, |p| format!(", model {}", number(p, 2)));
        let words =
            format!("{}: {}{probability}", doc.label(l.label), count(l.votes as usize, "vote", "votes"));
        let response = ui.interact(line, ui.scope_id().with(("evidence", i)), Sense::CLICK);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &words));
        if response.clicked() && has_votes {
            out.push(Request::Filter(vec![Condition::Voted(l.label)]));
        }
        paint::label_square(p, theme, pos2(left, y), l.label);
        text_cut(p, pos2(left + 14.0, y), name - 18.0, doc.label(l.label), font::caption(), theme.text_2);
        if has_votes {
            let area = Rect::from_min_size(pos2(votes_x, y - 6.0), vec2(votes_width, 12.0));
            bar(p, area, l.votes as f32 / model.n_votes as f32, theme.label(l.label), theme.grid);
            let color = if l.votes == most && most > 0 { theme.text } else { theme.text_3 };
            let words = if l.votes == 0 { "·".to_owned() } else { l.votes.to_string() };
            text(p, pos2(area.right() + 6.0, y), Align2::LEFT_CENTER, &words, font::mono_small(), color);
        }
        if let Some(value) = l.probability {
            let area = Rect::from_min_size(pos2(model_x, y - 6.0), vec2(model_width, 12.0));
            bar(p, area, value as f32, theme.label(l.label), theme.grid);
            if let Some(t) = l.threshold {
                let x = area.left() + area.width() * t as f32;
                p.vline(x, egui::Rangef::new(y - 8.0, y + 8.0), Stroke::new(2.0, theme.text));
            }
            let color = if value == best { theme.text } else { theme.text_3 };
            text(
                p,
                pos2(left + width, y),
                Align2::RIGHT_CENTER,
                &number(value, 2),
                font::mono_small(),
                color,
            );
        }
    }
    let y = r.bottom() - 8.0;
    if has_model {
        p.vline(left + 3.0, egui::Rangef::new(y - 6.0, y + 6.0), Stroke::new(2.0, theme.text));
        text(
            p,
            pos2(left + 12.0, y),
            Align2::LEFT_CENTER,
            "threshold of the label",
            font::caption(),
            theme.text_3,
        );
    }
    if model.n_hidden > 0 {
        let words = format!("{} not shown", count(model.n_hidden, "label", "labels"));
        text(p, pos2(left + width, y), Align2::RIGHT_CENTER, &words, font::caption(), theme.text_3);
    }
}

/// The checked statements and the tally of filters, as a card.
pub fn why_ui(ui: &mut Ui, model: &ItemModel, width: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    let galleys: Vec<_> = model
        .reasons
        .iter()
        .map(|r| p.layout(r.words.clone(), font::body(), theme.text, width - 58.0))
        .collect();
    let lines: f32 = galleys.iter().map(|g| g.size().y + 4.0).sum();
    let has_filters = !model.filters.is_empty();
    let height = 40.0 + lines + if has_filters { 28.0 } else { 4.0 };
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, height), Sense::hover());
    let card = Rect::from_min_size(pos2(r.left() + PAD, r.top()), vec2(width, height));
    p.rect(card, 6.0, theme.raised, Stroke::new(1.0, theme.line), StrokeKind::Inside);
    let mut y = card.top() + 20.0;
    let title = if model.flagged { "Why flagged" } else { "Why not flagged" };
    let color = if model.flagged { theme.accent } else { theme.text_3 };
    Icon::Flag.paint(&p, pos2(card.left() + 18.0, y), 13.0, color);
    text(&p, pos2(card.left() + 32.0, y), Align2::LEFT_CENTER, title, font::strong(), theme.text);
    y += 14.0;
    if galleys.is_empty() {
        text_cut(
            &p,
            pos2(card.left() + 14.0, y + 4.0),
            width - 28.0,
            "Needs votes or predicted probabilities",
            font::body(),
            theme.text_3,
        );
    }
    for (reason, galley) in model.reasons.iter().zip(galleys) {
        let icon = if reason.against { Icon::Check } else { Icon::Cross };
        let color = if reason.against { theme.text_2 } else { theme.text_3 };
        icon.paint(&p, pos2(card.left() + 18.0, y + 9.0), 11.0, color);
        let h = galley.size().y;
        p.galley(pos2(card.left() + 32.0, y), galley, theme.text);
        y += h + 4.0;
    }
    if has_filters {
        let y = card.bottom() - 18.0;
        let n = model.filters.iter().filter(|f| f.1).count();
        for (i, (filter, on)) in model.filters.iter().enumerate() {
            let square =
                Rect::from_min_size(pos2(card.left() + 13.0 + 18.0 * i as f32, y - 7.0), vec2(14.0, 14.0));
            if *on {
                p.rect_filled(square, 2.0, theme.text_2);
            } else {
                p.rect_stroke(square, 2.0, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
            }
            let name = filter.key().replace('_', " ");
            let state = if *on { "flags it" } else { "does not flag it" };
            let response = ui.interact(square, ui.scope_id().with(("filter", i)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name} {state}")));
            response.on_hover_text(format!("{name}: {state}"));
        }
        let words = format!("{n} of {} filters agree", model.filters.len());
        text(&p, pos2(card.left() + 145.0, y), Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
    }
}

fn raters_ui(ui: &mut Ui, doc: &Document, model: &ItemModel, width: f32, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, 20.0), Sense::hover());
    let caption = format!("{}, most competent first", count(model.n_votes as usize, "vote", "votes"));
    heading(ui.painter(), theme, pos2(r.left() + PAD, r.center().y), "Raters", &caption);
    for vote in model.raters.iter().take(200) {
        let (r, _) = ui.allocate_exact_size(vec2(width + PAD, 20.0), Sense::hover());
        if !ui.is_rect_visible(r) {
            continue;
        }
        let p = ui.painter();
        let y = r.center().y;
        let left = r.left() + PAD;
        let name = doc.rater_name(vote.rater);
        let line = Rect::from_min_max(pos2(left - 4.0, r.top()), pos2(r.right() + 4.0, r.bottom()));
        let words = format!("{name} said {}", doc.label(vote.label));
        let response =
            hit(ui, line, ui.scope_id().with(("vote", vote.rater, vote.label, r.top() as i32)), &words);
        if response.hovered() {
            p.rect_filled(line, 2.0, theme.hover);
        }
        if response.clicked() {
            out.push(Request::Show(View::Raters));
            out.push(Request::SelectRater(vote.rater));
        }
        text_cut(p, pos2(left, y), 64.0, name, font::mono(), theme.text);
        let group = doc.rater_group(vote.rater);
        let mut x = left + 70.0;
        if !group.is_empty() {
            text_cut(p, pos2(x, y), 78.0, group, font::body(), theme.text_3);
            x += 84.0;
        }
        label_chip(p, theme, pos2(x, y), 96.0, vote.label, doc.label(vote.label), theme.text);
        if let Some(c) = vote.competence {
            let area = Rect::from_min_size(pos2(left + width - 82.0, y - 4.0), vec2(46.0, 8.0));
            bar(p, area, c as f32, theme.mark, theme.grid);
            text(
                p,
                pos2(left + width, y),
                Align2::RIGHT_CENTER,
                &number(c, 2),
                font::mono_small(),
                theme.text_2,
            );
        }
    }
}

fn meta_ui(ui: &mut Ui, doc: &Document, model: &ItemModel, width: f32) {
    let theme = Theme::of(ui.ctx());
    let (r, _) = ui.allocate_exact_size(vec2(width + PAD, 20.0), Sense::hover());
    heading(ui.painter(), theme, pos2(r.left() + PAD, r.center().y), "Also in the file", "");
    let gold = model.gold.map(|g| ("gold".to_owned(), doc.label(g).to_owned()));
    for (name, value) in gold.iter().chain(&model.metadata) {
        let value = crate::app::widgets::text::elide(value, 300);
        let (r, _) = ui.allocate_exact_size(vec2(width + PAD, 20.0), Sense::hover());
        let p = ui.painter();
        text_cut(p, pos2(r.left() + PAD, r.center().y), 96.0, name, font::body(), theme.text_3);
        text_cut(
            p,
            pos2(r.left() + PAD + 104.0, r.center().y),
            width - 104.0,
            &value,
            font::body(),
            theme.text_2,
        );
    }
}
