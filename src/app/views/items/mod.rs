//! The table of items: sort, filter, search; the inspector follows the cursor.

pub mod model;

use egui::{Align2, Rect, Sense, Stroke, Ui, pos2, vec2};

use self::model::Facets;
use crate::app::document::Document;
use crate::app::query::{BINS, Condition, SortKey};
use crate::app::request::Request;
use crate::app::views::{empty, item};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{self, hit, label_chip, number, text, text_cut, vote_bar};
use crate::app::widgets::table::{Column, Sorted, Table, TableState};
use crate::app::widgets::text::elide;
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, NO_LABEL, Outcome};

/// What the view remembers.
#[derive(Debug, Default)]
pub struct ItemsState {
    /// Where the table is.
    pub table: TableState,
    /// Width of the inspector.
    pub inspector: Option<f32>,
}

const FACETS: f32 = 78.0;
/// Characters of text that a row lays out at most.
const ROW_CHARS: usize = 240;
/// Characters of a text before the part that its item is about.
const CONTEXT_CHARS: usize = 24;

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut ItemsState, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let full = ui.max_rect();
    let inspector =
        if full.width() >= 860.0 { state.inspector.unwrap_or(360.0).min(full.width() - 480.0) } else { 0.0 };
    let left = Rect::from_min_max(full.min, pos2(full.right() - inspector, full.bottom()));
    let Some(rows) = &doc.rows else {
        empty::loading(ui, full);
        return;
    };
    let facets = Rect::from_min_size(left.min, vec2(left.width(), FACETS));
    facets_ui(ui, facets, doc, out);
    ui.painter().hline(left.x_range(), facets.bottom() - 0.5, theme.border());
    let table = Rect::from_min_max(pos2(left.left(), facets.bottom()), left.max);
    if rows.items.is_empty() {
        nothing_ui(ui, table, doc, out);
    } else {
        table_ui(ui, table, doc, state, out);
    }
    if inspector > 0.0 {
        let right = Rect::from_min_max(pos2(left.right(), full.top()), full.max);
        let edge = Rect::from_center_size(pos2(right.left(), right.center().y), vec2(8.0, right.height()));
        let grip = ui
            .interact(edge, ui.scope_id().with("inspector edge"), Sense::DRAG)
            .on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        if grip.dragged() {
            state.inspector = Some((inspector - grip.drag_delta().x).clamp(320.0, 560.0));
        }
        item::ui(ui, right, doc, out);
    }
}

fn facets_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let facets = Facets::build(doc);
    let p = ui.painter_at(rect);
    let width = ((rect.width() - 330.0) / 2.0).clamp(120.0, 280.0);
    let mut x = rect.left() + 16.0;
    for (k, plot) in facets.plots.iter().enumerate() {
        let area = Rect::from_min_size(pos2(x, rect.top() + 10.0), vec2(width, 40.0));
        let most = plot.all.iter().copied().max().unwrap_or(0).max(1) as f32;
        let step = area.width() / BINS as f32;
        // Square roots: a bar of three beside one of three hundred can still be seen.
        let height = |n: u32| area.height() * (n as f32 / most).sqrt();
        for (i, (&all, &shown)) in plot.all.iter().zip(&plot.shown).enumerate() {
            let bar = |n: u32| {
                let h = height(n).max(if n > 0 { 1.0 } else { 0.0 });
                Rect::from_min_size(
                    pos2(area.left() + step * i as f32, area.bottom() - h),
                    vec2((step - 1.0).max(1.0), h),
                )
            };
            p.rect_filled(bar(all), 0.0, theme.line_strong);
            p.rect_filled(bar(shown), 0.0, theme.accent);
        }
        p.hline(area.x_range(), area.bottom() + 1.0, Stroke::new(1.0, theme.line_strong));
        let y = area.bottom() + 12.0;
        let ends =
            [(area.left(), Align2::LEFT_CENTER, "0"), (area.right(), Align2::RIGHT_CENTER, &plot.high)];
        let [low, high] = ends
            .map(|(x, align, words)| text(&p, pos2(x, y), align, words, font::mono_small(), theme.text_3));
        let middle = f32::midpoint(low.right(), high.left());
        text(&p, pos2(middle, y), Align2::CENTER_CENTER, plot.name, font::caption(), theme.text_3);
        let response =
            hit(ui, area, ui.scope_id().with(("facet", k)), &format!("{} of the items shown", plot.name));
        if plot.name == "quality" {
            if response.clicked()
                && let Some(at) = response.interact_pointer_pos()
            {
                let q = (f64::from((at.x - area.left()) / area.width()) * BINS as f64).ceil() / BINS as f64;
                out.push(Request::AddCondition(Condition::QualityBelow(q)));
            }
            response.on_hover_text(
                "Label quality: all items grey, items shown in colour. Click to keep what is below",
            );
        } else {
            response.on_hover_text("Entropy of the votes in bits: 0 where all agree");
        }
        x += width + 28.0;
    }
    let chips = [
        (Icon::Flag, "Flagged", Condition::Flagged, facets.flagged),
        (Icon::Half, "Raters split", Condition::Split, None),
        (Icon::Check, "Decided", Condition::Decided, Some(doc.edits().len())),
    ];
    let right = rect.right() - 16.0;
    for (i, (icon, name, condition, n)) in chips.into_iter().enumerate() {
        let on = doc.query.conditions.contains(&condition);
        let line = Rect::from_min_max(
            pos2(x, rect.top() + 6.0 + 22.0 * i as f32),
            pos2(right.min(x + 190.0), rect.top() + 26.0 + 22.0 * i as f32),
        );
        if line.width() < 90.0 {
            break;
        }
        let response = paint::hit_as(ui, line, ui.scope_id().with(name), name, Some(on));
        if on {
            p.rect_filled(line, 4.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 4.0, theme.hover);
        }
        icon.paint(
            &p,
            pos2(line.left() + 12.0, line.center().y),
            12.0,
            if on { theme.accent } else { theme.text_2 },
        );
        text(
            &p,
            pos2(line.left() + 26.0, line.center().y),
            Align2::LEFT_CENTER,
            name,
            font::body(),
            theme.text,
        );
        if let Some(n) = n {
            let words = paint::thousands(n as u64);
            text(
                &p,
                pos2(line.right() - 8.0, line.center().y),
                Align2::RIGHT_CENTER,
                &words,
                font::mono(),
                theme.text_3,
            );
        }
        if response.clicked() {
            out.push(Request::ToggleCondition(condition));
        }
    }
}

fn nothing_ui(ui: &Ui, rect: Rect, doc: &Document, out: &mut Vec<Request>) {
    let several = doc.query.conditions.len() + usize::from(!doc.query.search.trim().is_empty());
    let words: Vec<String> = doc
        .query
        .conditions
        .iter()
        .map(|c| c.words(&doc.dataset))
        .chain(
            (!doc.query.search.trim().is_empty()).then(|| format!("contains “{}”", doc.query.search.trim())),
        )
        .collect();
    let title = match several {
        0 => "This data has no items".to_owned(),
        1 => "No item meets this condition".to_owned(),
        n => format!("No item meets all {n} conditions"),
    };
    let mut buttons = Vec::new();
    if let Some(last) = doc.query.conditions.last() {
        buttons
            .push((format!("Drop “{}”", last.words(&doc.dataset)), Request::ToggleCondition(last.clone())));
    }
    if several > 0 {
        buttons
            .push(("Clear the filter".to_owned(), Request::Run(crate::app::command::Command::ClearFilter)));
    }
    empty::nothing(ui, rect, &title, &words.join(", and "), buttons, out);
}

fn table_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut ItemsState, out: &mut Vec<Request>) {
    let Some(rows) = &doc.rows else { return };
    // Before the first analysis the table shows what the file says.
    let analysis = doc.analysis.as_deref();
    let unknown = if analysis.is_some() { "—" } else { "…" };
    let theme = Theme::of(ui.ctx());
    let has_votes = !doc.dataset.annotations.is_empty();
    let (wide, tight) = (rect.width() > 760.0, rect.width() < 540.0);
    let key_width = doc.key_width();
    let mut columns = vec![
        Column::new("", 20.0),
        Column::new("Item", key_width).sortable(),
        Column::new("Text", 0.0).sortable(),
        Column::new(
            "Given → suggested",
            if wide {
                208.0
            } else if tight {
                148.0
            } else {
                180.0
            },
        )
        .sortable(),
    ];
    let mut keys = vec![None, Some(SortKey::Item), Some(SortKey::Text), Some(SortKey::Given)];
    if has_votes {
        columns.push(
            Column::new("Votes", if tight { 92.0 } else { 116.0 })
                .sortable()
                .hint("One bar an item, labels in their order; sort by number of votes"),
        );
        keys.push(Some(SortKey::Votes));
    }
    columns.push(Column::new("Quality", 58.0).sortable().right().hint("Label quality: low is suspicious"));
    keys.push(Some(SortKey::Quality));
    if has_votes && wide {
        columns.push(
            Column::new("Bits", 48.0).sortable().right().hint("Entropy of the votes: 0 where all agree"),
        );
        keys.push(Some(SortKey::Entropy));
    }
    let sorted = keys
        .iter()
        .position(|k| *k == Some(doc.query.sort))
        .map(|column| Sorted { column, descending: doc.query.descending });
    let table = Table {
        name: "Items",
        columns: &columns,
        rows: rows.items.len() as u64,
        selected: doc.row.map(|r| r as u64),
        sorted,
    };
    if let Some(row) = doc.reveal {
        state.table.measure(ui, rect.height());
        state.table.reveal(row as u64);
    }
    let votes_at = if has_votes { Some(4) } else { None };
    let quality_at = if has_votes { 5 } else { 4 };
    let events = table.show(
        ui,
        rect,
        &mut state.table,
        |row| row_name(doc, rows.items[row as usize]),
        |ui, row, cells, _| {
            let item = rows.items[row as usize];
            let i = item as usize;
            let p = ui.painter();
            let y = cells[0].center().y;
            let decided = doc.edits().get(i);
            let ink = if decided.is_some() { theme.text_2 } else { theme.text };
            match decided.map(|e| &e.outcome) {
                Some(outcome) => {
                    let icon = match outcome {
                        Outcome::Kept(_) => Icon::Check,
                        Outcome::Changed(_) => Icon::Arrow,
                        Outcome::Several(_) | Outcome::NoneOfLabels => Icon::Fork,
                        Outcome::Soft(_) => Icon::Half,
                        Outcome::Unsure => Icon::Question,
                        Outcome::Excluded => Icon::Excluded,
                    };
                    icon.paint(p, pos2(cells[0].left() + 6.0, y), 12.0, theme.text_2);
                }
                None if analysis.is_some_and(|a| a.items.flagged[i]) => {
                    Icon::Flag.paint(p, pos2(cells[0].left() + 6.0, y), 13.0, theme.text_2);
                }
                None => {}
            }
            text_cut(
                p,
                pos2(cells[1].left(), y),
                cells[1].width(),
                doc.dataset.keys.get(i),
                font::mono(),
                theme.text_2,
            );
            if let Some(texts) = &doc.dataset.texts {
                let words = match doc.focus(i as u32) {
                    Some(part) => elide(&around(texts.get(i), &part), ROW_CHARS).into_owned(),
                    None => elide(texts.get(i), ROW_CHARS).into_owned(),
                };
                text_cut(p, pos2(cells[2].left(), y), cells[2].width(), &words, font::body(), ink);
            }
            labels_cell(
                p,
                theme,
                doc,
                cells[3],
                i,
                match analysis {
                    Some(a) => a.given.current[i],
                    None => doc.dataset.given.as_ref().and_then(|g| g.get(i)).unwrap_or(NO_LABEL),
                },
                analysis.map_or(NO_LABEL, |a| a.items.suggested[i]),
                ink,
            );
            if let Some(c) = votes_at {
                let bar = Rect::from_min_size(
                    pos2(cells[c].left(), y - 7.0),
                    vec2(cells[c].width().min(104.0), 14.0),
                );
                vote_bar(p, theme, bar, &doc.dataset.votes(i), true);
            }
            let quality = analysis
                .and_then(|a| a.items.quality(i))
                .map_or_else(|| unknown.to_owned(), |q| number(q, 3));
            text(p, pos2(cells[quality_at].right(), y), Align2::RIGHT_CENTER, &quality, font::mono(), ink);
            if let Some(cell) = cells.get(quality_at + 1) {
                let bits = analysis
                    .and_then(|a| a.items.entropy(i))
                    .map_or_else(|| unknown.to_owned(), |e| number(e, 2));
                text(p, pos2(cell.right(), y), Align2::RIGHT_CENTER, &bits, font::mono(), theme.text_2);
            }
        },
    );
    if let Some(row) = events.clicked {
        out.push(Request::Select(rows.items[row as usize]));
    }
    if let Some(row) = events.opened {
        out.push(Request::ReviewFrom(rows.items[row as usize]));
    }
    if let Some((column, _)) = events.sort
        && let Some(key) = keys[column]
    {
        out.push(Request::Sort(key));
    }
}

fn labels_cell(
    p: &egui::Painter,
    theme: &Theme,
    doc: &Document,
    cell: Rect,
    item: usize,
    given: LabelId,
    suggested: LabelId,
    ink: egui::Color32,
) {
    let y = cell.center().y;
    let half = (cell.width() - 22.0) / 2.0;
    let original = doc.analysis.as_ref().map_or(NO_LABEL, |a| a.given.original[item]);
    let (from, to) = match doc.edits().get(item).map(|e| &e.outcome) {
        Some(Outcome::Changed(l)) => (original, Some(*l)),
        Some(Outcome::Kept(_)) => (given, None),
        Some(_) => (original, None),
        None => (given, (suggested != NO_LABEL && suggested != given).then_some(suggested)),
    };
    if from == NO_LABEL {
        text(p, pos2(cell.left(), y), Align2::LEFT_CENTER, "—", font::body(), theme.text_3);
    } else {
        label_chip(p, theme, pos2(cell.left(), y), half, from, doc.label(from), ink);
    }
    if let Some(to) = to {
        Icon::Arrow.paint(p, pos2(cell.left() + half + 8.0, y), 11.0, theme.text_3);
        label_chip(p, theme, pos2(cell.left() + half + 22.0, y), half, to, doc.label(to), ink);
    }
}

fn row_name(doc: &Document, item: u32) -> String {
    let i = item as usize;
    let text = doc.dataset.texts.as_ref().map_or_else(String::new, |t| elide(t.get(i), 80).into_owned());
    format!("{} {text}", doc.dataset.keys.get(i))
}

/// A text from shortly before the part that an item is about, which stands in brackets.
fn around(text: &str, part: &std::ops::Range<u32>) -> String {
    let (start, end) = (part.start as usize, part.end as usize);
    let from = start.saturating_sub(CONTEXT_CHARS);
    let mut out = if from > 0 { "…".to_owned() } else { String::new() };
    let mut at = from;
    for c in text.chars().skip(from).take(end.saturating_sub(from) + ROW_CHARS) {
        if at == end && end > start {
            out.push(']');
        }
        if at == start && end > start {
            out.push('[');
        }
        out.push(c);
        at += 1;
    }
    if at == end && end > start {
        out.push(']');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn a_row_shows_what_its_item_is_about() {
        assert_eq!(around("Ada met Bo", &(0..3)), "[Ada] met Bo");
        assert_eq!(around("Ada met Bo", &(8..10)), "Ada met [Bo]");
        let long = format!("{}Bo went", "x".repeat(100));
        assert!(
            around(&long, &(100..102)).starts_with("…xxx")
                && around(&long, &(100..102)).ends_with("[Bo] went")
        );
    }
}
