//! A list with what is behind each of its rows, choices above it and facts beside it: what most tabs are.
//!
//! A tab says what is in its cells; this paints them, so that all tabs look and behave alike.

use std::borrow::Cow;
use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};

use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, heading, label_chip, link, spans, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::{LabelId, NO_LABEL};

/// Letters of a text beside the list.
const MOST_TEXT: usize = 600;
/// Share of the width that the list takes.
const LIST: f32 = 0.68;

/// What stands in a cell.
#[derive(Debug, Clone)]
pub(super) enum Cell<'a> {
    /// Words, cut where they do not fit.
    Words(Cow<'a, str>),
    /// A number, set to the right.
    Number(String),
    /// A label with its square.
    Label(u32, &'a str),
    /// A stretch of text with what stands before and after it.
    Excerpt(&'a str, &'a str, &'a str),
}

impl<'a> Cell<'a> {
    pub(super) fn words(words: impl Into<Cow<'a, str>>) -> Self {
        Self::Words(words.into())
    }

    /// A label, or a dash where there is none.
    pub(super) fn label(doc: &'a Document, label: LabelId) -> Self {
        if label == NO_LABEL { Self::words("—") } else { Self::Label(label, doc.label(label)) }
    }

    /// An item's key.
    pub(super) fn key(doc: &'a Document, item: u32) -> Self {
        Self::words(doc.dataset.keys.get(item as usize))
    }

    /// An item's text; empty where items have none.
    pub(super) fn text(doc: &'a Document, item: u32) -> Self {
        Self::words(doc.dataset.texts.as_ref().map_or("", |t| t.get(item as usize)))
    }

    pub(super) fn spoken(&self) -> Cow<'a, str> {
        match self {
            Self::Words(words) => words.clone(),
            Self::Number(words) => words.clone().into(),
            Self::Label(_, name) | Self::Excerpt(_, name, _) => (*name).into(),
        }
    }
}

/// What a click opens; made only then, as lists may be long.
pub(super) type Opens<'a> = Option<Box<dyn Fn() -> Condition + 'a>>;

/// One thing beside the list.
pub(super) enum Block<'a> {
    /// A title with a caption.
    Title(String, String),
    /// Words.
    Words(String),
    /// What, how much, what it is, and the items behind it.
    Fact(String, String, &'static str, Opens<'a>),
}

impl<'a> Block<'a> {
    pub(super) fn title(title: &str) -> Self {
        Self::Title(title.to_owned(), String::new())
    }

    pub(super) fn fact(what: impl Into<String>, value: impl Into<String>, hint: &'static str) -> Self {
        Self::Fact(what.into(), value.into(), hint, None)
    }

    /// A list of items that opens, unless it is empty; `words` follow "where".
    pub(super) fn items(
        what: impl Into<String>,
        hint: &'static str,
        items: &'a Arc<[u32]>,
        words: impl Fn() -> String + 'a,
    ) -> Self {
        let opens = move || Condition::among(words(), items.clone());
        let opens: Opens<'a> = if items.is_empty() { None } else { Some(Box::new(opens)) };
        Self::Fact(what.into(), thousands(items.len() as u64), hint, opens)
    }
}

/// Key and text of an item, the text cut.
pub(super) fn about<'a>(doc: &Document, item: u32) -> Vec<Block<'a>> {
    let mut blocks = vec![Block::title(doc.dataset.keys.get(item as usize))];
    if let Some(texts) = &doc.dataset.texts {
        blocks.push(Block::Words(texts.get(item as usize).chars().take(MOST_TEXT).collect()));
    }
    blocks
}

/// The first `n` of a list, in its order; `words` follow "where".
pub(super) fn first_of(list: &[u32], n: usize, words: &str) -> Condition {
    let items = list.get(..n).unwrap_or(list);
    Condition::listed(format!("{words} (the first {})", thousands(items.len() as u64)), items.into())
}

/// One of several ways to look at it.
#[derive(Debug)]
pub(super) struct Choice {
    /// Its name.
    pub(super) name: Cow<'static, str>,
    /// What it is, on hover.
    pub(super) hint: &'static str,
    /// Whether it is taken.
    pub(super) on: bool,
}

/// What a tab shows.
pub(super) trait Sheet {
    /// Title and caption of the list.
    fn title(&self) -> (&'static str, String);
    /// Its columns.
    fn columns(&self) -> &'static [Column<'static>];
    /// Its rows.
    fn n_rows(&self) -> usize;
    /// What stands in one cell.
    fn cell(&self, row: usize, column: usize) -> Cell<'_>;
    /// The items behind a row.
    fn behind(&self, row: usize) -> Option<Condition>;
    /// Choices, group after group.
    fn choices(&self) -> Vec<Vec<Choice>> {
        Vec::new()
    }
    /// What stands beside the list, with the cursor on a row.
    fn side(&self, row: usize) -> Vec<Block<'_>>;
    /// What an empty list means.
    fn empty(&self) -> &'static str;
    /// The page that explains it.
    fn page(&self) -> &'static str;
}

/// Where the reader is in a sheet.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The row under the cursor.
    pub(super) row: usize,
    /// Whether the cursor is to be brought into view.
    pub(super) reveal: bool,
    table: TableState,
}

/// What the reader took: group and choice.
pub(super) type Taken = Option<(usize, usize)>;

/// Paints a sheet.
pub(super) fn ui(
    ui: &mut Ui,
    rect: Rect,
    sheet: &dyn Sheet,
    place: &mut Place,
    out: &mut Vec<Request>,
) -> Taken {
    let theme = Theme::of(ui.ctx());
    let (left, right) = two_panes(ui, rect, LIST, (520.0, 1400.0));
    let (title, caption) = sheet.title();
    let at = pos2(left.left() + 16.0, left.top() + 22.0);
    let painter = ui.painter_at(left);
    heading(&painter, theme, at, title, &caption);
    let mut y = left.top() + 40.0;
    let mut taken = None;
    let mut x = at.x;
    for (g, group) in sheet.choices().iter().enumerate() {
        for (c, choice) in group.iter().enumerate() {
            let button = Button::new(&choice.name).on(choice.on);
            if x + button.width(ui.painter()) > left.right() - 8.0 {
                x = at.x;
                y += 32.0;
            }
            let (response, end) = button.show(ui, pos2(x, y), ("choice", g, c));
            if response.clicked() {
                taken = Some((g, c));
            }
            response.on_hover_text(choice.hint);
            x = end + 4.0;
        }
        x += 16.0;
    }
    if x > at.x {
        y += 36.0;
    }
    let list = Rect::from_min_max(pos2(left.left(), y), left.max);
    list_ui(ui, list, sheet, place, out);
    side_ui(ui, right.shrink2(vec2(16.0, 12.0)), sheet, place.row, out);
    taken
}

fn list_ui(ui: &mut Ui, rect: Rect, sheet: &dyn Sheet, place: &mut Place, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let n = sheet.n_rows();
    if n == 0 {
        let width = (rect.width() - 32.0).min(620.0);
        text_block(
            ui.painter(),
            rect.min + vec2(16.0, 8.0),
            width,
            sheet.empty(),
            font::body(),
            theme.text_2,
        );
        return;
    }
    place.row = place.row.min(n - 1);
    if std::mem::take(&mut place.reveal) {
        place.table.reveal(place.row as u64);
    }
    let columns = sheet.columns();
    let table = Table {
        name: sheet.title().0,
        columns,
        rows: n as u64,
        selected: Some(place.row as u64),
        sorted: None,
    };
    let name_of = |row: u64| {
        let cells = (0..columns.len()).map(|c| (columns[c].title, sheet.cell(row as usize, c).spoken()));
        cells.map(|(title, words)| format!("{title}: {words}")).collect::<Vec<_>>().join(", ")
    };
    let events = table.show(ui, rect, &mut place.table, name_of, |ui, row, boxes, _| {
        for (c, r) in boxes.iter().enumerate() {
            cell_ui(ui, *r, &sheet.cell(row as usize, c));
        }
    });
    if let Some(row) = events.clicked {
        place.row = row as usize;
    }
    if let Some(row) = events.opened {
        out.extend(behind(sheet, row as usize));
    }
}

/// The items behind a row, to be shown.
pub(super) fn behind(sheet: &dyn Sheet, row: usize) -> Option<Request> {
    (row < sheet.n_rows()).then(|| sheet.behind(row)).flatten().map(|c| Request::Filter(vec![c]))
}

fn cell_ui(ui: &Ui, r: Rect, cell: &Cell<'_>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter_at(r);
    let at = pos2(r.left(), r.center().y);
    match cell {
        Cell::Words(words) => {
            if text_cut(&p, at, r.width(), words, font::body(), theme.text) {
                let id = ui.scope_id().with(("cell", r.min.x as i32, r.min.y as i32));
                ui.interact(r, id, egui::Sense::hover()).on_hover_text(words.as_ref());
            }
        }
        Cell::Number(words) => {
            text(&p, pos2(r.right(), at.y), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        }
        Cell::Label(label, name) => {
            label_chip(&p, theme, at, r.width(), *label, name, theme.text);
        }
        Cell::Excerpt(before, inside, after) => excerpt_ui(&p, theme, r, before, inside, after),
    }
}

/// The stretch stands at a third of the width; what is before it ends there.
fn excerpt_ui(p: &egui::Painter, theme: &Theme, r: Rect, before: &str, inside: &str, after: &str) {
    let one_line = |s: &str| s.replace(['\n', '\r', '\t'], " ");
    let (before, inside, after) = (one_line(before), one_line(inside), one_line(after));
    let width = p.layout_no_wrap(before.clone(), font::body(), theme.text_3).size().x;
    let x = (r.left() + width.min(r.width() * 0.34)).round();
    let left = Rect::from_min_max(r.min, pos2(x, r.bottom()));
    text(
        &p.with_clip_rect(left.intersect(p.clip_rect())),
        pos2(x, r.center().y),
        Align2::RIGHT_CENTER,
        &before,
        font::body(),
        theme.text_3,
    );
    let parts = [(inside.as_str(), font::strong(), theme.text), (after.as_str(), font::body(), theme.text_3)];
    spans(p, pos2(x, r.center().y), &parts);
}

fn side_ui(ui: &mut Ui, r: Rect, sheet: &dyn Sheet, row: usize, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let foot = pos2(r.left(), r.bottom() - 8.0);
    let room = Rect::from_min_max(r.min, pos2(r.right() + 8.0, foot.y - 14.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(room).id_salt(("side", sheet.title().0)), |ui| {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            let mut y = top.y;
            let p = ui.painter().clone();
            let mut after_fact = false;
            for (i, block) in sheet.side(row).into_iter().enumerate() {
                let is_fact = matches!(block, Block::Fact(..));
                match block {
                    Block::Title(title, caption) => {
                        y += if i == 0 { 0.0 } else { 12.0 };
                        heading(&p, theme, pos2(top.x, y + 10.0), &title, &caption);
                        y += 26.0;
                    }
                    Block::Words(words) => {
                        y += if after_fact { 6.0 } else { 0.0 };
                        let at = pos2(top.x, y);
                        y = text_block(&p, at, r.width(), &words, font::body(), theme.text_2).bottom() + 8.0;
                    }
                    Block::Fact(what, value, hint, items) => {
                        let line = Rect::from_min_size(pos2(top.x, y), vec2(r.width(), FACT));
                        let opens = items.is_some();
                        let fact = Fact { what: &what, value: &value, opens, selected: false, hint };
                        if fact.show(ui, line, ("block", i))
                            && let Some(condition) = items
                        {
                            out.push(Request::Filter(vec![condition()]));
                        }
                        y += FACT;
                    }
                }
                after_fact = is_fact;
            }
            ui.allocate_space(vec2(r.width(), y - top.y));
        });
    });
    if link(ui, foot, "Definitions", "sheet page").clicked() {
        out.push(Request::Explain(sheet.page()));
    }
}
