//! Use of the scale: every rater on one axis, how far each is from the others on the same items, and who is left as they are.

mod one;

use std::sync::Arc;

use egui::{Align2, Painter, Rect, Stroke, Ui, pos2, vec2};

use crate::analysis::scale_use::{NO_SCALE, Numbers, RaterRow, ScaleUseAsked, ScaleUseReport};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{absent_ui, finding_ui};
use crate::app::widgets::paint::{
    bar_bare, bar_outline, count, number, text, text_cut, text_width, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Sorted, Table, TableState};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::scale_use::{LEAST_RATINGS, LeftRaw};

const COLUMNS: [Column<'static>; 9] = [
    Column::new("Rater", 0.0).sortable().hint("By name"),
    Column::new("n", 48.0).right().hint("Items rated"),
    Column::new("mean", 50.0).right().hint("Mean of what the rater gave"),
    Column::new("SD", 46.0).right().hint("Standard deviation of what the rater gave"),
    Column::new("on the scale", 92.0).hint("Shares of the labels given, from the lowest to the highest: one axis for all"),
    Column::new("severity", 128.0).sortable().hint(
        "Mean difference from the mean of the others on the same items, in units of the scale: left of the line the rater gives less, \
         right of it more. Filled where that is beyond chance (p below .05, adjusted over all raters). Raters with fewer than five such \
         items stand last",
    ),
    Column::new("low %", 46.0).right().hint("Share of ratings at the lowest label of the scale"),
    Column::new("high %", 52.0).right().hint("Share of ratings at the highest label of the scale"),
    Column::new("order", 50.0)
        .right()
        .hint("Mean τ_b with the other raters, over ten common items or more: whether items are put in the same order, whatever the scale"),
];

/// Width from which all columns have room.
const WIDE: f32 = 610.0;

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sort {
    #[default]
    Severity,
    Name,
}

/// What the tab remembers.
#[derive(Debug, Default)]
pub(super) struct ScaleState {
    sort: Sort,
    /// Whether the other end of the order comes first.
    reversed: bool,
    table: TableState,
    /// Rows of the report, in the order shown; kept while what they depend on stays the same.
    rows: Vec<u32>,
    key: Option<(usize, Sort, bool)>,
    /// Last selection that was scrolled to.
    seen: Option<u32>,
}

fn report(doc: &Document) -> Option<Arc<ScaleUseReport>> {
    let found = doc.panels.scale_use()?;
    found.as_ref().as_ref().ok().cloned()
}

pub(super) fn wanted(doc: &Document) -> Vec<Wanted> {
    vec![Wanted::ScaleUse(ScaleUseAsked { settings: doc.settings.clone() })]
}

/// The row of the rater under the cursor, or that of whoever stands first.
fn selected(doc: &Document, report: &ScaleUseReport) -> Option<usize> {
    let under = doc.rater.and_then(|rater| report.row_of(rater));
    under.or_else(|| report.by_severity.first().map(|&row| row as usize))
}

/// The items on which the rater under the cursor is farthest from the others.
pub(super) fn behind(doc: &Document) -> Option<Request> {
    let report = report(doc)?;
    farthest(doc, &report, selected(doc, &report)?)
}

impl ScaleState {
    /// The rater below, or above.
    pub(super) fn step(&self, doc: &Document, by: i64) -> Option<u32> {
        let report = report(doc)?;
        let here = selected(doc, &report)?;
        let at = self.rows.iter().position(|&row| row as usize == here)?;
        let next = (at as i64).saturating_add(by).clamp(0, self.rows.len() as i64 - 1) as usize;
        Some(report.raters.get(self.rows[next] as usize)?.used.rater)
    }

    /// Puts rows in order, where that is another than before.
    fn arrange(&mut self, doc: &Document, report: &Arc<ScaleUseReport>) {
        let key = (Arc::as_ptr(report) as usize, self.sort, self.reversed);
        if self.key == Some(key) {
            return;
        }
        self.key = Some(key);
        self.rows = report.by_severity.to_vec();
        if self.sort == Sort::Name {
            self.rows.sort_by_key(|&row| doc.rater_name(report.raters[row as usize].used.rater));
        }
        if self.reversed {
            self.rows.reverse();
        }
    }
}

fn farthest(doc: &Document, report: &ScaleUseReport, row: usize) -> Option<Request> {
    let used = &report.raters.get(row)?.used;
    if used.farthest.is_empty() {
        return None;
    }
    let words = format!("{} is farthest from the others", doc.rater_name(used.rater));
    Some(Request::Filter(vec![Condition::listed(words, used.farthest.clone().into())]))
}

/// Why a rater is left as they are.
fn left_raw(why: LeftRaw) -> String {
    match why {
        LeftRaw::Few => format!("fewer than {LEAST_RATINGS} ratings"),
        LeftRaw::Constant => "always the same label".to_owned(),
    }
}

/// A difference with its sign.
fn signed(value: f64) -> String {
    let words = number(value, 2);
    if value > 0.0 && words != "0.00" { format!("+{words}") } else { words }
}

/// What was found, in a sentence.
fn finding(doc: &Document, report: &ScaleUseReport) -> String {
    let clear = report.raters.iter().filter(|r| r.side() != 0).count();
    let first = report.by_severity.iter().map(|&row| &report.raters[row as usize]).find(|r| r.side() != 0);
    let of = format!("of {}", count(report.raters.len(), "rater", "raters"));
    let Some((first, severity)) = first.and_then(|r| Some((r, r.used.severity?))) else {
        return format!("None {of} gives less or more than the others of the same items, beyond chance");
    };
    let side = if severity.mean < 0.0 { "lower" } else { "higher" };
    format!(
        "{clear} {of} rate lower or higher than the others of the same items; farthest: {}, {} {side}",
        doc.rater_name(first.used.rater),
        number(severity.mean.abs(), 2)
    )
}

/// Paints the tab into `body`; what was found stands above it from `x` on.
pub(super) fn ui(
    ui: &mut Ui,
    (body, x): (Rect, f32),
    doc: &Document,
    state: &mut ScaleState,
    out: &mut Vec<Request>,
) {
    let Some(report) = report(doc) else {
        let reason = doc.panels.scale_use().and_then(|f| f.as_ref().as_ref().err().cloned());
        let wanted = wanted(doc);
        let is_words = |r: &Undefined| matches!(r, Undefined::Because(why) if why == NO_SCALE);
        if reason.as_ref().is_some_and(is_words) && !doc.panels.is_news_of(Panel::ScaleUse, &wanted) {
            no_scale_ui(ui, body, out);
            return;
        }
        let why = ("Use of the scale is not known", reason.as_ref());
        absent_ui(ui, body, doc, (Panel::ScaleUse, &wanted), why, Command::ShowRaters, out);
        return;
    };
    finding_ui(ui, body, x, &finding(doc, &report));
    state.arrange(doc, &report);
    let (left, right) = two_panes(ui, body, 0.6, (520.0, 1200.0));
    list_ui(ui, left, doc, state, &report, out);
    one::ui(ui, right.shrink2(vec2(16.0, 14.0)), doc, &report, selected(doc, &report), out);
}

/// Labels are words without an order.
fn no_scale_ui(ui: &Ui, body: Rect, out: &mut Vec<Request>) {
    let why = "How strict or lenient a rater is can be told where labels are numbers (1 to 5, 0 to 100), or steps of a rating that the source \
               says is ordered. If another column has the numbers, make that one the label. The words complete, missing_minor, missing_major and \
               missing_all count 100, 70, 30 and 0.";
    let change = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
    empty::nothing(ui, body, "Labels are not on a scale", why, change, out);
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ScaleState,
    report: &ScaleUseReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let area = Rect::from_min_max(r.min, pos2(r.right(), r.bottom() - 38.0));
    let here = selected(doc, report);
    let at = here.and_then(|here| state.rows.iter().position(|&row| row as usize == here));
    if state.seen != doc.rater {
        state.seen = doc.rater;
        at.into_iter().for_each(|at| state.table.reveal(at as u64));
    }
    // Where there is no room, the ends of the scale are in the distribution.
    let ends = [6, 7];
    let is_wide = r.width() >= WIDE;
    let shown: Vec<usize> = (0..COLUMNS.len()).filter(|c| is_wide || !ends.contains(c)).collect();
    let columns: Vec<Column<'static>> = shown.iter().map(|&c| COLUMNS[c]).collect();
    let table = Table {
        name: "Use of the scale",
        columns: &columns,
        rows: state.rows.len() as u64,
        selected: at.map(|at| at as u64),
        sorted: Some(match state.sort {
            Sort::Severity => Sorted { column: 5, descending: !state.reversed },
            Sort::Name => Sorted { column: 0, descending: state.reversed },
        }),
    };
    let rows = &state.rows;
    let row_of = |at: u64| &report.raters[rows[at as usize] as usize];
    let most = report.by_severity.first().and_then(|&row| report.raters[row as usize].used.severity);
    let most = most.map_or(0.0, |s| s.mean.abs());
    let name_of = |at: u64| spoken_row(doc, row_of(at));
    let events = table.show(ui, area, &mut state.table, name_of, |ui, at, cells, _| {
        let row = row_of(at);
        let used = &row.used;
        let p = ui.painter();
        let ink = if row.is_known() { theme.text } else { theme.text_2 };
        name_ui(p, theme, cells[0], doc.rater_name(used.rater), used.left_raw.is_some());
        let percent = |share: f64| number(100.0 * share, 0);
        let told = [
            (1, thousands(used.n as u64)),
            (2, number(used.mean, 2)),
            (3, used.sd.map_or_else(|| "—".to_owned(), |sd| number(sd, 2))),
            (6, percent(used.ends.0)),
            (7, percent(used.ends.1)),
            (8, row.tau.map_or_else(|| "—".to_owned(), |tau| number(tau.0, 2))),
        ];
        for (column, words) in &told {
            let Some(at) = shown.iter().position(|c| c == column) else { continue };
            text(p, cells[at].right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text_2);
        }
        strip(p, theme, cells[4], &used.counts);
        let (bar, figure) = (cells[5].width() - 54.0, cells[5].right_center());
        let words = used.severity.map_or_else(|| "—".to_owned(), |s| signed(s.mean));
        text(p, figure, Align2::RIGHT_CENTER, &words, font::mono(), ink);
        if let Some(severity) = used.severity {
            let area = Rect::from_min_size(cells[5].min, vec2(bar, cells[5].height()));
            severity_bar(p, theme, area, severity.mean / most.max(1e-300), row.side() != 0);
        }
    });
    if let Some(at) = events.clicked.or(events.opened) {
        let row = rows[at as usize] as usize;
        out.push(Request::SelectRater(report.raters[row].used.rater));
        if events.opened.is_some() {
            out.extend(farthest(doc, report, row));
        }
    }
    if let Some((column, _)) = events.sort {
        let sort = if column == 0 { Sort::Name } else { Sort::Severity };
        state.reversed = state.sort == sort && !state.reversed;
        state.sort = sort;
    }
    let p = ui.painter();
    p.hline(r.x_range(), area.bottom(), theme.border());
    let at = pos2(r.left() + 16.0, area.bottom() + 19.0);
    text_cut(p, at, r.width() - 32.0, &notes(report), font::caption(), theme.text_3);
}

/// A row for those who hear it.
fn spoken_row(doc: &Document, row: &RaterRow) -> String {
    let used = &row.used;
    let mut words = format!("{}: mean {}", doc.rater_name(used.rater), number(used.mean, 2));
    if let Some(severity) = used.severity {
        words.push_str(&format!(", severity {}", signed(severity.mean)));
    }
    if let Some(why) = used.left_raw {
        words.push_str(&format!(", left raw: {}", left_raw(why)));
    }
    words
}

/// What the numbers are, and who is left out of what.
fn notes(report: &ScaleUseReport) -> String {
    let mut notes = vec![match report.numbers {
        Numbers::Names => {
            let (low, high) = report.ends();
            format!("scale {low} to {high}")
        }
        Numbers::Places => "labels count by their places in the order, from 0".to_owned(),
        Numbers::Rubric => {
            "complete counts 100, missing_minor 70, missing_major 30, missing_all 0".to_owned()
        }
    }];
    notes.push("left of the line: lower than the others".to_owned());
    if report.n_left_raw > 0 {
        let n = thousands(report.n_left_raw as u64);
        notes.push(format!(
            "raw: not rescaled, {n} with fewer than {LEAST_RATINGS} ratings or one label only"
        ));
    }
    notes.join(" · ")
}

/// The name, marked where the rater is left as they are.
fn name_ui(p: &Painter, theme: &Theme, cell: Rect, name: &str, is_raw: bool) {
    let mark = if is_raw { text_width(p, "raw", font::caption()) + 8.0 } else { 0.0 };
    let room = (cell.width() - mark).max(8.0);
    text_cut(p, cell.left_center(), room, name, font::mono(), theme.text);
    if is_raw {
        let x = cell.left() + text_width(p, name, font::mono()).min(room) + 8.0;
        text(p, pos2(x, cell.center().y + 0.5), Align2::LEFT_CENTER, "raw", font::caption(), theme.text_3);
    }
}

/// Shares of labels over the scale, the highest as high as there is room.
fn strip(p: &Painter, theme: &Theme, cell: Rect, counts: &[u32]) {
    let most = counts.iter().max().copied().unwrap_or(0).max(1) as f32;
    let (base, high) = (cell.bottom() - 5.0, cell.height() - 10.0);
    p.hline(cell.x_range(), base + 0.5, Stroke::new(1.0, theme.line_strong));
    let step = cell.width() / counts.len().max(1) as f32;
    for (bin, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        let left = cell.left() + step * bin as f32;
        let gap = if step > 6.0 { 2.0 } else { 0.5 };
        let height = (high * n as f32 / most).max(1.0);
        let bar =
            Rect::from_min_max(pos2(left + gap / 2.0, base - height), pos2(left + step - gap / 2.0, base));
        p.rect_filled(bar, 0.0, theme.mark);
    }
}

/// A bar from the middle to the side of `share` (−1..=1), filled where that is beyond chance.
fn severity_bar(p: &Painter, theme: &Theme, area: Rect, share: f64, is_clear: bool) {
    let middle = area.center().x;
    let half = (area.width() / 2.0 - 1.0) * (share.abs().min(1.0)) as f32;
    let (from, to) = if share < 0.0 { (middle - half, middle) } else { (middle, middle + half) };
    let bar = Rect::from_min_max(pos2(from, area.center().y - 5.0), pos2(to, area.center().y + 5.0));
    if is_clear {
        bar_bare(p, bar, 1.0, theme.text_2);
    } else {
        bar_outline(p, bar, 1.0, theme.mark);
    }
    p.vline(middle, area.top() + 5.0..=area.bottom() - 5.0, Stroke::new(1.0, theme.line_strong));
}
