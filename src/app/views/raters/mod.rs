//! Who agrees with whom: the map (pattern), the table (ranking), one rater (explanation).

pub mod model;

use egui::{Align2, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::heatmap::{Grid, heat_map};
use crate::app::widgets::paint::{
    self, Button, bar, bar_bare, bar_outline, count, heading, hit, label_chip, number, text, text_block,
    text_cut, vote_bar,
};
use crate::app::widgets::table::{Column, ROW, Sorted, Table, TableState};
use crate::app::widgets::theme::{Theme, font};

/// What the colours of the map show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shows {
    /// Cohen kappa, shrunk.
    #[default]
    Kappa,
    /// Percent agreement.
    Percent,
    /// Items in common.
    Items,
}

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RaterSort {
    /// Name.
    Name,
    /// Number of votes.
    Votes,
    /// Competence.
    #[default]
    Competence,
    /// Agreement with the majority.
    Majority,
    /// Seconds a vote.
    Duration,
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct RatersState {
    /// What the map shows.
    pub shows: Shows,
    /// Where the table is.
    pub table: TableState,
    /// How it is sorted.
    pub sort: RaterSort,
    /// Whether the largest is first.
    pub descending: bool,
    /// The other side of the comparison; everybody else where there is none.
    pub other: Option<u32>,
    /// Rows of the table; kept while what they depend on stays the same.
    rows: Vec<u32>,
    key: Option<(usize, RaterSort, bool)>,
    /// Last selection that was scrolled to.
    seen: Option<u32>,
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.dataset.raters.is_empty() {
        let why = "The data has one label an item and says nothing of who gave it. Open a table with a column of \
                   raters, or with one column a rater.";
        let change = vec![("Change columns…".to_owned(), Request::Run(crate::app::command::Command::Reload))];
        empty::nothing(ui, full, "No raters in this data", why, change, out);
        return;
    }
    if doc.derived.is_none() {
        empty::loading(ui, full);
        return;
    }
    let theme = Theme::of(ui.ctx());
    let map_width = (full.width() * 0.46).min(full.height() * 0.72).clamp(320.0, 640.0);
    let map = Rect::from_min_max(full.min, pos2(full.left() + map_width, full.bottom()));
    let right = Rect::from_min_max(pos2(map.right(), full.top()), full.max);
    ui.painter().vline(map.right(), full.y_range(), theme.border());
    map_ui(ui, map, doc, state, out);
    let share = if right.height() > 700.0 { 0.5 } else { 0.4 };
    let table =
        Rect::from_min_max(right.min, pos2(right.right(), right.top() + (right.height() * share).round()));
    let one = Rect::from_min_max(pos2(right.left(), table.bottom()), right.max);
    table_ui(ui, table, doc, state, out);
    ui.painter().hline(right.x_range(), one.top(), theme.border());
    rater_ui(ui, one, doc, state, out);
}

fn map_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
    let Some(derived) = &doc.derived else { return };
    let theme = Theme::of(ui.ctx());
    let m = &derived.raters;
    let r = rect.shrink2(vec2(16.0, 12.0));
    let caption = match state.shows {
        Shows::Kappa => "Cohen κ of each pair, shrunk by shared items",
        Shows::Percent => "share of shared items with the same label",
        Shows::Items => "number of shared items",
    };
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 12.0), "Rater × rater", caption);
    let mut x = r.right() - 102.0;
    for (shows, words) in [(Shows::Kappa, "κ"), (Shows::Percent, "%"), (Shows::Items, "n")] {
        let button = Rect::from_min_size(pos2(x, r.top()), vec2(34.0, 24.0));
        let name = format!("Map shows {words}");
        let response =
            paint::hit_as(ui, button, ui.scope_id().with(words), &name, Some(state.shows == shows));
        let fill = if state.shows == shows { theme.selected } else { theme.panel };
        ui.painter().rect(button, 4.0, fill, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        text(ui.painter(), button.center(), Align2::CENTER_CENTER, words, font::body(), theme.text);
        if response.clicked() {
            state.shows = shows;
        }
        x += 34.0;
    }
    let n = m.order.len();
    let names = n <= 60;
    let left = if names { 46.0 } else { 8.0 };
    let gaps = 6.0 * m.groups.len().saturating_sub(1) as f32;
    let head = if m.grouped_by.is_some() { 22.0 } else { 6.0 };
    let area =
        Rect::from_min_max(pos2(r.left() + left, r.top() + 34.0 + head), pos2(r.right(), r.bottom() - 52.0));
    let size = ((area.width().min(area.height()) - gaps) / n.max(1) as f32).min(24.0);
    let gap_before = |place: usize| 6.0 * m.groups.iter().filter(|g| g.1 > 0 && g.1 <= place).count() as f32;
    let grid = Grid { origin: area.min, size, n, gap_before: &gap_before };
    let most = m.cells.values().map(|c| c.n).max().unwrap_or(1).max(1) as f32;
    let color = |row: usize, column: usize| {
        let cell = m.cell(m.order[row], m.order[column])?;
        if cell.n < 3 && state.shows != Shows::Items {
            return None;
        }
        match state.shows {
            Shows::Kappa => cell.shrunk.map(|k| theme.agreement(((k - m.median) / m.spread) as f32)),
            Shows::Percent => Some(theme.agreement((cell.percent * 2.0 - 1.0) as f32)),
            Shows::Items => Some(theme.quantity(cell.n as f32 / most)),
        }
    };
    let place_of = |rater: Option<u32>| rater.and_then(|r| m.order.iter().position(|&o| o == r));
    let selected = place_of(doc.rater);
    let response = heat_map(ui, "Rater by rater agreement", &grid, color, selected);
    if let Some((row, column)) = response.hovered {
        let (a, b) = (m.order[row], m.order[column]);
        let words = pair_words(doc, m, a, b);
        response.response.clone().on_hover_text_at_pointer(words);
    }
    if let Some((row, column)) = response.clicked {
        let (a, b) = (m.order[row], m.order[column]);
        if a == b {
            out.push(Request::SelectRater(a));
        } else {
            out.push(Request::Pair(a, b));
        }
    }
    let p = ui.painter();
    for (name, start, number_of) in &m.groups {
        if m.grouped_by.is_none() {
            break;
        }
        let from = grid.edge(*start);
        let to = grid.edge(start + number_of - 1) + size;
        let y = area.top() - 6.0;
        p.hline(area.left() + from..=area.left() + to - 1.0, y, Stroke::new(1.0, theme.line_strong));
        let width = (to - from).max(30.0);
        let words = if name.is_empty() { "unknown" } else { name };
        let w = paint::text_width(p, words, font::caption()).min(width);
        text_cut(
            p,
            pos2(area.left() + (from + to - w) / 2.0, y - 10.0),
            width,
            words,
            font::caption(),
            theme.text_2,
        );
    }
    if names && size >= 9.0 {
        for (place, &rater) in m.order.iter().enumerate() {
            let y = area.top() + grid.edge(place) + size / 2.0;
            let line =
                Rect::from_min_max(pos2(r.left(), y - size / 2.0), pos2(area.left() - 4.0, y + size / 2.0));
            let response = hit(ui, line, ui.scope_id().with(("name", rater)), doc.rater_name(rater));
            let color =
                if doc.rater == Some(rater) || response.hovered() { theme.text } else { theme.text_3 };
            let mut name_font = font::mono_small();
            name_font.size = 10.5_f32.min(size.max(9.0));
            text_cut(
                ui.painter(),
                pos2(line.left(), y),
                line.width(),
                doc.rater_name(rater),
                name_font,
                color,
            );
            if response.clicked() {
                out.push(Request::SelectRater(rater));
            }
        }
    }
    legend_ui(
        ui,
        pos2(area.left(), (area.top() + grid.edge(n.saturating_sub(1)) + size + 16.0).min(r.bottom() - 34.0)),
        m,
        state.shows,
        most,
    );
}

fn pair_words(doc: &Document, m: &model::Raters, a: u32, b: u32) -> String {
    if a == b {
        return doc.rater_name(a).to_owned();
    }
    let names = format!("{} and {}", doc.rater_name(a), doc.rater_name(b));
    match m.cell(a, b) {
        None => format!("{names}: no item in common"),
        Some(c) => {
            let kappa = c.kappa.map_or_else(|| "— (one label only)".to_owned(), |k| number(k, 2));
            format!(
                "{names}: κ {kappa}, {} % agree, {}. Click to see them",
                number(100.0 * c.percent, 0),
                count(c.n as usize, "shared item", "shared items")
            )
        }
    }
}

fn legend_ui(ui: &Ui, at: egui::Pos2, m: &model::Raters, shows: Shows, most: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let width = 174.0;
    for i in 0..58 {
        let t = i as f32 / 57.0;
        let color = if shows == Shows::Items { theme.quantity(t) } else { theme.agreement(t * 2.0 - 1.0) };
        p.rect_filled(Rect::from_min_size(at + vec2(3.0 * i as f32, 0.0), vec2(3.0, 9.0)), 0.0, color);
    }
    let (low, middle, high) = match shows {
        Shows::Kappa => (
            format!("≤ {}", number(m.median - m.spread, 2)),
            format!("median {}", number(m.median, 2)),
            format!("≥ {}", number(m.median + m.spread, 2)),
        ),
        Shows::Percent => ("0 %".to_owned(), "50 %".to_owned(), "100 %".to_owned()),
        Shows::Items => ("0".to_owned(), String::new(), format!("{most}")),
    };
    let y = at.y + 19.0;
    text(p, pos2(at.x, y), Align2::LEFT_CENTER, &low, font::mono_small(), theme.text_3);
    text(p, pos2(at.x + width / 2.0, y), Align2::CENTER_CENTER, &middle, font::mono_small(), theme.text_3);
    text(p, pos2(at.x + width, y), Align2::RIGHT_CENTER, &high, font::mono_small(), theme.text_3);
    if shows != Shows::Items {
        let x = at.x + width + 24.0;
        p.line_segment([pos2(x, at.y + 9.0), pos2(x + 8.0, at.y)], Stroke::new(1.0, theme.text_3));
        let words = "fewer than 3 items in common";
        text(p, pos2(x + 16.0, at.y + 5.0), Align2::LEFT_CENTER, words, font::caption(), theme.text_3);
    }
}

fn table_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return };
    let theme = Theme::of(ui.ctx());
    let durations = derived.raters.median_duration_s.is_some();
    let groups = derived.raters.grouped_by.clone();
    let wide = rect.width() > 560.0;
    let mut columns = vec![Column::new("Rater", 64.0).sortable()];
    let mut keys = vec![Some(RaterSort::Name)];
    if let (Some(name), true) = (&groups, wide) {
        columns.push(Column::new(name, 90.0));
        keys.push(None);
    }
    columns.push(Column::new("n", 44.0).right().sortable().hint("Number of votes"));
    keys.push(Some(RaterSort::Votes));
    columns.push(
        Column::new("Competence", 132.0)
            .sortable()
            .hint("Chance of giving the true label under Dawid–Skene; hollow below 10 votes"),
    );
    keys.push(Some(RaterSort::Competence));
    columns.push(
        Column::new("Majority", 62.0)
            .right()
            .sortable()
            .hint("Share of votes that equal the majority of all votes"),
    );
    keys.push(Some(RaterSort::Majority));
    if durations && wide {
        columns.push(
            Column::new("s / vote", 78.0)
                .sortable()
                .hint("Median seconds a vote; fast: below half of the median"),
        );
        keys.push(Some(RaterSort::Duration));
    }
    columns.push(Column::new("Labels given", 0.0));
    keys.push(None);
    if wide {
        columns.push(
            Column::new("Bias, points", 104.0)
                .hint("Points above everybody's share of a label, if beyond chance"),
        );
        keys.push(None);
    }
    let key = (std::sync::Arc::as_ptr(analysis) as usize, state.sort, state.descending);
    if state.key != Some(key) {
        state.rows = sorted_rows(doc, analysis, state.sort, state.descending);
        state.key = Some(key);
    }
    let selected = doc.rater.and_then(|r| state.rows.iter().position(|&x| x == r));
    if state.seen != doc.rater {
        state.seen = doc.rater;
        if let Some(row) = selected {
            state.table.visible = ((rect.height() - ROW) / ROW).floor().max(1.0) as u64;
            state.table.reveal(row as u64);
        }
    }
    let sorted = keys
        .iter()
        .position(|k| *k == Some(state.sort))
        .map(|column| Sorted { column, descending: state.descending });
    let rows = state.rows.clone();
    let table = Table {
        name: "Raters",
        columns: &columns,
        rows: rows.len() as u64,
        selected: selected.map(|s| s as u64),
        sorted,
    };
    let has_group = groups.is_some() && wide;
    let events = table.show(
        ui,
        rect,
        &mut state.table,
        |row| doc.rater_name(rows[row as usize]).to_owned(),
        |ui, row, cells, _| {
            let rater = rows[row as usize];
            let Some(s) = analysis.raters.get(rater as usize) else { return };
            let p = ui.painter();
            let y = cells[0].center().y;
            let mut next = cells.iter();
            let mut cell = || next.next().copied().unwrap_or(Rect::NOTHING);
            let c = cell();
            text_cut(p, pos2(c.left(), y), c.width(), doc.rater_name(rater), font::mono(), theme.text);
            if has_group {
                let c = cell();
                text_cut(p, pos2(c.left(), y), c.width(), doc.rater_group(rater), font::body(), theme.text_2);
            }
            let c = cell();
            text(
                p,
                pos2(c.right(), y),
                Align2::RIGHT_CENTER,
                &s.n_annotations.to_string(),
                font::mono(),
                theme.text_2,
            );
            let c = cell();
            let few = s.n_annotations < 10;
            match s.dawid_skene_accuracy.value() {
                Some(v) => {
                    let area = Rect::from_min_size(pos2(c.left(), y - 4.0), vec2(78.0, 8.0));
                    if few {
                        bar_outline(p, area, v as f32, theme.mark);
                    } else {
                        bar(p, area, v as f32, theme.mark, theme.grid);
                    }
                    text(
                        p,
                        pos2(c.left() + 118.0, y),
                        Align2::RIGHT_CENTER,
                        &number(v, 2),
                        font::mono(),
                        theme.text,
                    );
                }
                None => drop(text(
                    p,
                    pos2(c.left() + 118.0, y),
                    Align2::RIGHT_CENTER,
                    "—",
                    font::mono(),
                    theme.text_3,
                )),
            }
            let c = cell();
            let majority = s.agreement_with_majority.value().map_or_else(|| "—".to_owned(), |v| number(v, 2));
            text(p, pos2(c.right(), y), Align2::RIGHT_CENTER, &majority, font::mono(), theme.text_2);
            if durations && wide {
                let c = cell();
                let words = s.median_duration_s.map_or_else(|| "—".to_owned(), |d| number(d, 1));
                let fast = s
                    .median_duration_s
                    .zip(derived.raters.median_duration_s)
                    .is_some_and(|(own, all)| own < all / 2.0);
                let right = text(
                    p,
                    pos2(c.left() + 30.0, y),
                    Align2::RIGHT_CENTER,
                    &words,
                    font::mono(),
                    if fast { theme.text } else { theme.text_2 },
                );
                if fast {
                    text(
                        p,
                        pos2(right.right() + 6.0, y),
                        Align2::LEFT_CENTER,
                        "fast",
                        font::caption(),
                        theme.text,
                    );
                }
            }
            let c = cell();
            let votes: Vec<(u32, u32)> = s
                .label_counts
                .iter()
                .enumerate()
                .filter(|x| *x.1 > 0)
                .map(|(l, &n)| (l as u32, n as u32))
                .collect();
            let area = Rect::from_min_size(pos2(c.left(), y - 6.0), vec2(c.width().min(150.0), 12.0));
            vote_bar(p, theme, area, &votes, false);
            if wide {
                let c = cell();
                match derived.raters.bias.get(rater as usize).copied().flatten() {
                    Some(b) => {
                        let words =
                            format!("{}{}", if b.points > 0.0 { "+" } else { "" }, number(b.points, 0));
                        let x = label_chip(
                            p,
                            theme,
                            pos2(c.left(), y),
                            68.0,
                            b.label,
                            doc.label(b.label),
                            theme.text,
                        );
                        text(p, pos2(x + 6.0, y), Align2::LEFT_CENTER, &words, font::mono(), theme.text_2);
                    }
                    None => drop(text(
                        p,
                        pos2(c.left(), y),
                        Align2::LEFT_CENTER,
                        "none found",
                        font::body(),
                        theme.text_3,
                    )),
                }
            }
        },
    );
    if let Some(row) = events.clicked.or(events.opened) {
        out.push(Request::SelectRater(rows[row as usize]));
    }
    if let Some((column, _)) = events.sort
        && let Some(sort) = keys[column]
    {
        state.descending = if state.sort == sort { !state.descending } else { false };
        state.sort = sort;
    }
}

fn sorted_rows(
    doc: &Document,
    analysis: &crate::analysis::Analysis,
    sort: RaterSort,
    down: bool,
) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..doc.dataset.raters.len() as u32).collect();
    let value = |r: u32| -> Option<f64> {
        let s = analysis.raters.get(r as usize)?;
        match sort {
            RaterSort::Name => None,
            RaterSort::Votes => Some(s.n_annotations as f64),
            RaterSort::Competence => s.dawid_skene_accuracy.value(),
            RaterSort::Majority => s.agreement_with_majority.value(),
            RaterSort::Duration => s.median_duration_s,
        }
    };
    rows.sort_by(|&a, &b| {
        let order = match (value(a), value(b)) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            (None, None) => doc.rater_name(a).cmp(doc.rater_name(b)),
            (Some(_), None) => return std::cmp::Ordering::Less,
            (None, Some(_)) => return std::cmp::Ordering::Greater,
        };
        if down { order.reverse() } else { order }
    });
    rows
}

/// The rater below (or above) the selected one in the table's order.
pub fn step(doc: &Document, state: &RatersState, by: i64) -> Option<u32> {
    let rows = &state.rows;
    let last = rows.len().checked_sub(1)?;
    let here = doc.rater.and_then(|r| rows.iter().position(|&x| x == r));
    let next = match here {
        None => 0,
        Some(i) => (i as i64).saturating_add(by).clamp(0, last as i64) as usize,
    };
    rows.get(next).copied()
}

fn rater_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut RatersState, out: &mut Vec<Request>) {
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
    text_cut(
        &p,
        pos2(x + 12.0, r.top() + 12.0),
        (r.right() - x - 190.0).max(20.0),
        &words,
        font::body(),
        theme.text_2,
    );
    let open = Button::new("Open their items");
    let width = open.width(&p);
    if open.show(ui, pos2(r.right() - width, r.top() - 2.0), "open items").0.clicked() {
        out.push(Request::Filter(vec![Condition::Rater(rater)]));
    }
    let sentence = model::sentence(&doc.dataset, analysis, &derived.raters, rater);
    let block =
        text_block(&p, pos2(r.left(), r.top() + 28.0), r.width(), &sentence, font::body(), theme.text_2);
    let body = Rect::from_min_max(pos2(r.left(), block.bottom() + 14.0), r.max);
    let half = (body.width() * 0.54).min(360.0);
    let left = Rect::from_min_max(body.min, pos2(body.left() + half, body.bottom()));
    let right = Rect::from_min_max(pos2(left.right() + 12.0, body.top()), body.max);
    confusion_ui(ui, left, doc, rater, &s.confusion, out);
    compare_ui(ui, right, doc, state, rater, out);
}

fn confusion_ui(
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

fn compare_ui(
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
