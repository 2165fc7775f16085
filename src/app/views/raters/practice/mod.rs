//! Whether raters get better: the learning curve, groups, every rater's course, and the wrong answers behind them.

mod curve;
mod one;

use std::sync::Arc;

use egui::{Align2, Rect, Shape, Stroke, Ui, pos2, vec2};

use crate::analysis::practice::{Order, PracticeAsked, PracticeReport, RaterCourse, Truth};
use crate::app::document::Document;
use crate::app::panels::Wanted;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::paint::{Button, number, p_value, text, text_cut, thousands, two_panes};
use crate::app::widgets::table::{Column, Sorted, Table, TableState};
use crate::app::widgets::theme::{Theme, font};

/// Seed of everything that is drawn.
const SEED: u64 = 42;
/// Height of the line of choices.
const STRIP: f32 = 40.0;

/// What raters are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sort {
    Name,
    Answers,
    First,
    #[default]
    Slope,
    Last,
}

/// What the tab remembers.
#[derive(Debug)]
pub struct PracticeState {
    first: Option<usize>,
    truth: Option<Truth>,
    sort: Sort,
    descending: bool,
    /// Places in [`PracticeReport::raters`], as sorted; kept while what they depend on stays the same.
    rows: Vec<u32>,
    key: Option<(usize, Sort, bool)>,
    table: TableState,
    /// The group whose curve is shown.
    group: Option<usize>,
    /// Last selection that was scrolled to.
    seen: Option<u32>,
}

impl Default for PracticeState {
    fn default() -> Self {
        Self {
            first: None,
            truth: None,
            sort: Sort::default(),
            descending: true,
            rows: Vec::new(),
            key: None,
            table: TableState::default(),
            group: None,
            seen: None,
        }
    }
}

impl PracticeState {
    /// What is to be computed.
    pub(super) fn wanted(&self, doc: &Document) -> Wanted {
        let settings = doc.settings.clone();
        Wanted::Practice(PracticeAsked { settings, first: self.first, truth: self.truth, seed: SEED })
    }

    fn take(&mut self, first: Option<usize>, truth: Option<Truth>) {
        (self.first, self.truth, self.group) = (first, truth, None);
    }

    /// The rater below (or above) the one under the cursor, in the order of the list.
    pub(super) fn step(&self, doc: &Document, by: i64) -> Option<u32> {
        let report = report(doc)?;
        let last = self.rows.len().checked_sub(1)?;
        let rater = |&at: &u32| report.raters.get(at as usize).map(|c| c.rater);
        let here = self.rows.iter().position(|at| rater(at) == doc.rater);
        let next = here.map_or(0, |i| (i as i64).saturating_add(by).clamp(0, last as i64) as usize);
        self.rows.get(next).and_then(rater)
    }

    fn sort(&mut self, doc: &Document, report: &Arc<PracticeReport>) {
        let key = (Arc::as_ptr(report) as usize, self.sort, self.descending);
        if self.key == Some(key) {
            return;
        }
        if self.key.is_none_or(|k| k.0 != key.0) {
            self.group = None;
        }
        self.key = Some(key);
        let value = |c: &RaterCourse| match self.sort {
            Sort::Name => None,
            Sort::Answers => Some(c.n as f64),
            Sort::First => c.first,
            Sort::Slope => c.slope,
            Sort::Last => c.last,
        };
        self.rows = (0..report.raters.len() as u32).collect();
        self.rows.sort_by(|&a, &b| {
            let (a, b) = (&report.raters[a as usize], &report.raters[b as usize]);
            let order = match (value(a), value(b)) {
                (Some(x), Some(y)) => x.total_cmp(&y),
                // What cannot be told stands last either way; those with more answers first.
                (Some(_), None) => return std::cmp::Ordering::Less,
                (None, Some(_)) => return std::cmp::Ordering::Greater,
                (None, None) if self.sort != Sort::Name => return b.n.cmp(&a.n),
                (None, None) => doc.rater_name(a.rater).cmp(doc.rater_name(b.rater)),
            };
            if self.descending { order.reverse() } else { order }
        });
    }
}

/// The wrong answers of the rater under the cursor.
pub(super) fn behind(doc: &Document) -> Option<Request> {
    let report = report(doc)?;
    missed(doc, &report, course_of(doc, &report)?)
}

/// What was found.
pub(super) fn report(doc: &Document) -> Option<Arc<PracticeReport>> {
    doc.panels.practice()?.as_ref().as_ref().ok().map(Arc::clone)
}

/// The course of the rater under the cursor.
fn course_of<'r>(doc: &Document, report: &'r PracticeReport) -> Option<&'r RaterCourse> {
    let rater = doc.rater?;
    let at = report.raters.binary_search_by_key(&rater, |c| c.rater).ok()?;
    report.raters.get(at)
}

/// The items that a rater answered wrong, in the order of the answers.
fn missed(doc: &Document, report: &PracticeReport, course: &RaterCourse) -> Option<Request> {
    let items: Vec<u32> = report.wrong(course).iter().map(|w| w.0).collect();
    let words = format!("{} was wrong, in the order of the answers", doc.rater_name(course.rater));
    (!items.is_empty()).then(|| Request::Filter(vec![Condition::listed(words, items.into())]))
}

/// A share as points in a hundred, with its sign.
fn points(share: f64, digits: usize) -> String {
    let words = number(100.0 * share, digits);
    let is_zero = words.chars().all(|c| matches!(c, '0' | '.'));
    if share > 0.0 && !is_zero { format!("+{words}") } else { words }
}

fn percent(share: f64) -> String {
    number(100.0 * share, 0)
}

fn p_words(p: Option<f64>) -> String {
    p.map_or_else(|| p_value(p), |_| format!("p {}", p_value(p)))
}

/// What was found, in a sentence.
pub(super) fn finding(report: &PracticeReport) -> String {
    let slope = report.found.slope.value().unwrap_or(0.0);
    let (n, all, k) = (report.found.raters.len(), report.raters.len(), report.first);
    let who = format!("first {k} answers of {} of {} raters", thousands(n as u64), thousands(all as u64));
    let Some((low, high)) = report.found.slope.estimate().and_then(|e| e.ci) else {
        return format!(
            "{} points an answer over the {who}; it takes five raters for an interval",
            points(slope, 2)
        );
    };
    // Where the order is that of the items, it may be the items that change along it.
    let what = match (report.order, low > 0.0, high < 0.0) {
        (Order::Moments, true, _) => "Raters get better",
        (Order::Moments, _, true) => "Raters get worse",
        (Order::Items, true, _) => "Later items are answered better",
        (Order::Items, _, true) => "Later items are answered worse",
        _ => "No learning to be seen",
    };
    let interval = format!("95 % {} to {}", points(low, 2), points(high, 2));
    format!("{what}: {} points an answer ({interval}) over the {who}", points(slope, 2))
}

/// The choices, also where nothing is found: another truth may do. What is left for the rest.
pub(super) fn strip_ui(
    ui: &Ui,
    body: Rect,
    doc: &Document,
    state: &mut PracticeState,
    report: Option<&PracticeReport>,
) -> Rect {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let line = Rect::from_min_size(body.min, vec2(body.width(), STRIP));
    let (mut x, y) = (line.left() + 16.0, line.top() + 6.0);
    let word = |x: f32, words: &str| {
        let at = pos2(x, line.center().y);
        text(p, at, Align2::LEFT_CENTER, words, font::caption(), theme.text_3).right() + 8.0
    };
    if let Some(report) = report {
        x = word(x, "first answers");
        for &k in &report.offered {
            let words = k.to_string();
            let button = Button::new(&words).on(k == report.first);
            let (response, right) = button.show(ui, pos2(x, y), ("first", k));
            if response.clicked() && k != report.first {
                state.take(Some(k), state.truth);
            }
            let who = report.raters.iter().filter(|c| c.n >= k).count();
            response.on_hover_text(format!("{} raters gave as many", thousands(who as u64)));
            x = right + 4.0;
        }
        x += 16.0;
    } else if state.first.is_some() {
        let (response, right) = Button::new("As many answers as fit").show(ui, pos2(x, y), "as many as fit");
        if response.clicked() {
            state.take(None, state.truth);
        }
        x = right + 16.0;
    }
    if doc.dataset.gold.is_some() && doc.dataset.raters.len() > 1 {
        x = word(x, "right is");
        let on = report.map(|r| r.truth).or(state.truth).unwrap_or(Truth::Gold);
        for (truth, name) in [(Truth::Gold, "the gold label"), (Truth::Others, "the others’ commonest label")]
        {
            let (response, right) =
                Button::new(name).on(truth == on).show(ui, pos2(x, y), ("truth", truth.id()));
            if response.clicked() && truth != on {
                state.take(None, Some(truth));
            }
            x = right + 4.0;
        }
        x += 16.0;
    } else if let Some(report) = report {
        x = word(x, &format!("right is {}", report.truth.words())) + 8.0;
    }
    if let Some(report) = report {
        let mut words = format!("in the order {}", report.order.words());
        for (n, why) in
            [(report.n_without_truth, "not judged"), (report.n_without_moment, "without a moment")]
        {
            if n > 0 {
                words.push_str(&format!(" · {} votes {why}", thousands(n as u64)));
            }
        }
        let room = line.right() - 16.0 - x;
        let cut = text_cut(p, pos2(x, line.center().y), room, &words, font::caption(), theme.text_3);
        let area = Rect::from_min_max(pos2(x, line.top() + 8.0), pos2(x + room, line.bottom() - 8.0));
        let response = ui.interact(area, ui.scope_id().with("order"), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
        if cut {
            response.on_hover_text(words);
        }
    }
    p.hline(body.x_range(), line.bottom(), theme.border());
    Rect::from_min_max(line.left_bottom(), body.max)
}

/// Paints the tab below its choices.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut PracticeState,
    report: &Arc<PracticeReport>,
    out: &mut Vec<Request>,
) {
    state.sort(doc, report);
    let (left, right) = two_panes(ui, body, 0.5, (420.0, 1000.0));
    let groups = curve::groups_height(report, left.height());
    let upper = Rect::from_min_max(left.min, pos2(left.right(), left.bottom() - groups));
    curve::ui(ui, upper.shrink2(vec2(16.0, 12.0)), state.group, report, out);
    if groups > 0.0 {
        let lower = Rect::from_min_max(upper.left_bottom(), left.max);
        ui.painter().hline(left.x_range(), lower.top(), Theme::of(ui.ctx()).border());
        curve::groups_ui(ui, lower.shrink2(vec2(16.0, 12.0)), &mut state.group, report, out);
    }
    let below = (right.height() * 0.42).clamp(190.0, 320.0).min(right.height() * 0.6);
    let list = Rect::from_min_max(right.min, pos2(right.right(), right.bottom() - below));
    list_ui(ui, list, doc, state, report, out);
    let lower = Rect::from_min_max(list.left_bottom(), right.max);
    ui.painter().hline(lower.x_range(), lower.top(), Theme::of(ui.ctx()).border());
    one::ui(ui, lower.shrink2(vec2(16.0, 12.0)), doc, report, course_of(doc, report), out);
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut PracticeState,
    report: &PracticeReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let (first, last) = (format!("first {}", report.first), format!("last {}", report.first));
    let columns = [
        Column::new("rater", 92.0).sortable(),
        Column::new("answers", 66.0).right().sortable().hint("That are known to be right or wrong"),
        Column::new("share right, running", 0.0)
            .hint("From the first answer to the last, each point an eighth of the rater’s answers, five at least; the line is one half"),
        Column::new(&first, 66.0).right().sortable().hint("Share right of them, in %"),
        Column::new("slope", 64.0)
            .right()
            .sortable()
            .hint("Points an answer: slope of the line through these first answers"),
        Column::new(&last, 62.0).right().sortable().hint("Share right of the last as many, in %"),
    ];
    let sorts =
        [Some(Sort::Name), Some(Sort::Answers), None, Some(Sort::First), Some(Sort::Slope), Some(Sort::Last)];
    let row_of = |rater: Option<u32>| {
        state.rows.iter().position(|&at| Some(report.raters[at as usize].rater) == rater)
    };
    // Someone is always under the cursor.
    if course_of(doc, report).is_none()
        && let Some(&at) = state.rows.first()
    {
        out.push(Request::SelectRater(report.raters[at as usize].rater));
    }
    let selected = row_of(doc.rater);
    if state.seen != doc.rater {
        state.seen = doc.rater;
        selected.into_iter().for_each(|row| state.table.reveal(row as u64));
    }
    let sorted = sorts
        .iter()
        .position(|s| *s == Some(state.sort))
        .map(|column| Sorted { column, descending: state.descending });
    let table = Table {
        name: "Raters’ practice",
        columns: &columns,
        rows: state.rows.len() as u64,
        selected: selected.map(|s| s as u64),
        sorted,
    };
    let rows = &state.rows;
    let share = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), percent);
    let slope = |c: &RaterCourse| c.slope.map_or_else(|| "—".to_owned(), |v| points(v, 2));
    let name_of = |row: u64| {
        let c = &report.raters[rows[row as usize] as usize];
        format!("{}: {} points an answer, last {}", doc.rater_name(c.rater), slope(c), share(c.last))
    };
    let events = table.show(ui, r, &mut state.table, name_of, |ui, row, cells, _| {
        let c = &report.raters[rows[row as usize] as usize];
        let p = ui.painter();
        let ink = if c.slope.is_some() { theme.text } else { theme.text_3 };
        text_cut(p, cells[0].left_center(), cells[0].width(), doc.rater_name(c.rater), font::mono(), ink);
        let told = [(1, thousands(c.n as u64)), (3, share(c.first)), (4, slope(c)), (5, share(c.last))];
        for (at, words) in &told {
            text(p, cells[*at].right_center(), Align2::RIGHT_CENTER, words, font::mono(), ink);
        }
        spark(p, cells[2].shrink2(vec2(4.0, 3.0)), report.points(c), theme);
    });
    if let Some((column, _)) = events.sort
        && let Some(sort) = sorts[column]
    {
        // Names from A on, numbers from the largest.
        let (again, up) = (state.sort == sort, sort == Sort::Name);
        (state.sort, state.descending) = (sort, if again { !state.descending } else { !up });
    }
    if let Some(row) = events.clicked.or(events.opened) {
        out.push(Request::SelectRater(report.raters[state.rows[row as usize] as usize].rater));
    }
    if let Some(row) = events.opened {
        out.extend(missed(doc, report, &report.raters[state.rows[row as usize] as usize]));
    }
}

/// A line from 0 (below) to 1 (above), with one half marked.
fn spark(p: &egui::Painter, area: Rect, shares: &[f32], theme: &Theme) {
    p.hline(area.x_range(), area.center().y, Stroke::new(1.0, theme.grid));
    let at = |i: usize, share: f32| {
        let x = area.left() + area.width() * i as f32 / (shares.len() - 1).max(1) as f32;
        pos2(x, area.bottom() - area.height() * share)
    };
    if let &[one] = shares {
        p.circle_filled(at(0, one), 2.0, theme.mark);
        return;
    }
    let line: Vec<egui::Pos2> = shares.iter().enumerate().map(|(i, &share)| at(i, share)).collect();
    p.add(Shape::line(line, Stroke::new(1.5, theme.mark)));
}
