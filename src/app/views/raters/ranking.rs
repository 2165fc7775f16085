//! The table of raters, ranked.

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{RaterSort, RatersState};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::views::capital;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    bar, bar_outline, label_chip, number, text, text_cut, text_width, vote_bar,
};
use crate::app::widgets::table::{Column, Sorted, Table};
use crate::app::widgets::theme::{Theme, font};
use crate::report::judging::map_words;

pub(super) fn table_ui(
    ui: &mut Ui,
    rect: Rect,
    doc: &Document,
    state: &mut RatersState,
    out: &mut Vec<Request>,
) {
    let (Some(analysis), Some(derived)) = (&doc.analysis, &doc.derived) else { return };
    let theme = Theme::of(ui.ctx());
    let durations = derived.raters.median_duration_s.is_some();
    let groups = derived.raters.grouped_by.clone();
    let wide = rect.width() > 560.0;
    // The map beside the table tells groups apart too.
    let has_group = groups.is_some() && rect.width() > 680.0;
    let mut columns = vec![Column::new("Rater", 64.0).sortable()];
    let mut keys = vec![Some(RaterSort::Name)];
    if let (Some(name), true) = (&groups, has_group) {
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
            state.table.measure(ui, rect.height());
            state.table.reveal(row as u64);
        }
    }
    let sorted = keys
        .iter()
        .position(|k| *k == Some(state.sort))
        .map(|column| Sorted { column, descending: state.descending });
    let rows = state.rows.clone();
    let turned = |rater: u32| {
        let names = |label: u32| doc.label(label).to_owned();
        RatersState::suspect(doc, rater).map(|s| map_words(&names, &s.map))
    };
    let table = Table {
        name: "Raters",
        columns: &columns,
        rows: rows.len() as u64,
        selected: selected.map(|s| s as u64),
        sorted,
    };
    let events = table.show(
        ui,
        rect,
        &mut state.table,
        |row| {
            let rater = rows[row as usize];
            let warning = turned(rater).map_or_else(String::new, |words| format!(", {words}"));
            format!("{}{warning}", doc.rater_name(rater))
        },
        |ui, row, cells, _| {
            let rater = rows[row as usize];
            let Some(s) = analysis.raters.get(rater as usize) else { return };
            let p = ui.painter();
            let y = cells[0].center().y;
            let mut next = cells.iter();
            let mut cell = || next.next().copied().unwrap_or(Rect::NOTHING);
            let mut c = cell();
            if let Some(words) = turned(rater) {
                let mark = Rect::from_min_max(pos2(c.right() - 14.0, c.top()), c.max);
                Icon::Warning.paint(p, mark.center(), 12.0, theme.warn);
                let id = ui.scope_id().with(("turned", rater));
                ui.interact(mark, id, egui::Sense::hover()).on_hover_text(capital(&words));
                c.max.x = mark.left() - 4.0;
            }
            let counts = doc.settings.counts(&doc.dataset.raters, rater);
            let color = if counts { theme.text } else { theme.text_3 };
            text_cut(p, pos2(c.left(), y), c.width(), doc.rater_name(rater), font::mono(), color);
            if !counts {
                let width = text_width(p, doc.rater_name(rater), font::mono()).min(c.width());
                p.hline(c.left()..=c.left() + width, y, egui::Stroke::new(1.0, theme.text_3));
            }
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
                None => {
                    text(p, pos2(c.left() + 118.0, y), Align2::RIGHT_CENTER, "—", font::mono(), theme.text_3);
                }
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
                    None => {
                        text(
                            p,
                            pos2(c.left(), y),
                            Align2::LEFT_CENTER,
                            "none found",
                            font::body(),
                            theme.text_3,
                        );
                    }
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

pub(super) fn sorted_rows(
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
