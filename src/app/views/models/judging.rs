//! Judges held against people as people are held against each other; and who seems to mean other labels by the same codes.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::ModelsState;
use crate::analysis::judge_validation::{JudgeKind, Judged, JudgingReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::capital;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    Button, count, heading, link, narrowed, number, spoken, text, text_block, text_cut, thousands, two_panes,
};
use crate::app::widgets::table::{Column, Table};
use crate::app::widgets::theme::{Theme, font};
use crate::report::judging::{disattenuated_r, map_words};
use crate::stats::judge_validation::{Agreement, Ceiling, LabelMap, Measure};

const COLUMNS: [Column<'static>; 6] = [
    Column::new("judge", 130.0),
    Column::new("against people", 0.0).hint("κ with the majority, or ρ with the mean, with its interval over items; the line is what a person reaches against the others"),
    Column::new("value", 62.0).right(),
    Column::new("rank", 62.0).right().hint("95 % interval of the rank, over items drawn anew"),
    Column::new("parts", 62.0).right().hint("Items on which it says otherwise than the majority"),
    Column::new("labels", 160.0).hint("Whether it means the same labels by the same codes"),
];

/// A row of the list: a judge by its place, or a person whose labels look turned round.
#[derive(Clone, Copy)]
enum Line {
    Judge(usize),
    Suspect(usize),
}

fn lines(report: &JudgingReport) -> Vec<Line> {
    let judges = (0..report.board.places.len()).map(Line::Judge);
    judges.chain((0..report.suspects.len()).map(Line::Suspect)).collect()
}

/// Rows of the list.
pub(super) fn n_rows(report: &JudgingReport) -> usize {
    report.board.places.len() + report.suspects.len()
}

fn judge_at(report: &JudgingReport, place: usize) -> Option<(usize, &Judged)> {
    let judge = report.board.places.get(place)?.judge;
    Some((judge, report.judges.get(judge)?))
}

/// What was found, in a sentence: warnings first.
pub(super) fn finding(doc: &Document, report: &JudgingReport) -> String {
    let warned: Vec<&str> = report
        .judges
        .iter()
        .filter(|j| j.map.as_ref().is_some_and(LabelMap::warns))
        .map(|j| j.name.as_str())
        .chain(report.suspects.iter().map(|s| doc.rater_name(s.rater)))
        .collect();
    match (warned.as_slice(), report.board.places.first()) {
        ([one], _) => format!("{one} seems to mean other labels by the same codes"),
        ([first, rest @ ..], _) => {
            format!(
                "{first} and {} seem to mean other labels by the same codes",
                count(rest.len(), "other", "others")
            )
        }
        ([], Some(best)) => {
            let name = report.judges.get(best.judge).map_or("", |j| j.name.as_str());
            let measure = letter(report.measure);
            let person = report.ceilings.left_out.map_or_else(String::new, |c| {
                let level = best
                    .value
                    .map_or("", |v| if v >= c.mean { ", as a person does" } else { ", below a person" });
                format!("{level} ({})", number(c.mean, 2))
            });
            match best.value {
                Some(value) => {
                    format!("{name} agrees best with people, {measure} {}{person}", number(value, 2))
                }
                None => "No judge can be held against people".to_owned(),
            }
        }
        ([], None) => {
            format!("Nobody of {} seems to mean other labels", count(report.n_looked_at, "person", "people"))
        }
    }
}

fn letter(measure: Measure) -> &'static str {
    match measure {
        Measure::Kappa => "κ",
        Measure::Rho => "ρ",
    }
}

/// The items on which the one under the cursor parts with people.
pub(super) fn behind(doc: &Document, report: &JudgingReport, row: usize) -> Option<Request> {
    let (name, items) = match *lines(report).get(row)? {
        Line::Judge(place) => {
            let judge = judge_at(report, place)?.1;
            (judge.name.clone(), judge.parted.clone())
        }
        Line::Suspect(at) => {
            let suspect = report.suspects.get(at)?;
            (doc.rater_name(suspect.rater).to_owned(), suspect.items.clone())
        }
    };
    Some(Request::Filter(vec![Condition::among(format!("{name} parts with the majority"), items)]))
}

/// Paints the tab.
pub(super) fn ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &JudgingReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let mut rest = body;
    if !state.cuts.is_empty() {
        let line = Rect::from_min_size(body.min, vec2(body.width(), 40.0));
        let y = line.top() + 6.0;
        let mut x = line.left() + 16.0;
        let words = "apart by";
        x = text(ui.painter(), pos2(x, y + 14.0), Align2::LEFT_CENTER, words, font::caption(), theme.text_3)
            .right()
            + 8.0;
        let mut chosen = None;
        for (at, cut) in state.cuts.iter().enumerate() {
            let on = report.asked.cut.as_ref() == Some(cut);
            let button = Button::new(cut.name()).on(on);
            if x + button.width(ui.painter()) > line.right() - 16.0 {
                break;
            }
            let (response, right) = button.show(ui, pos2(x, y), ("cut", at));
            if response.clicked() {
                chosen = Some((!on).then(|| cut.clone()));
            }
            x = right + 4.0;
        }
        if let Some(cut) = chosen {
            state.cut = cut;
        }
        ui.painter().hline(body.x_range(), line.bottom(), theme.border());
        rest = Rect::from_min_max(line.left_bottom(), body.max);
    }
    let (left, right) = two_panes(ui, rest, 0.64, (520.0, 1300.0));
    list_ui(ui, left, doc, state, report, out);
    side_ui(ui, narrowed(right.shrink2(vec2(16.0, 14.0))), doc, state, report, out);
}

fn list_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &JudgingReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let lines = lines(report);
    state.category = state.category.min(lines.len().saturating_sub(1));
    let mut place = std::mem::take(&mut state.table);
    place.reveal(state.category as u64);
    let table = Table {
        name: "Judges",
        columns: &COLUMNS,
        rows: lines.len() as u64,
        selected: Some(state.category as u64),
        sorted: None,
    };
    let names = |label: u32| doc.label(label).to_owned();
    let map_of = |line: Line| match line {
        Line::Judge(at) => judge_at(report, at).and_then(|(_, j)| j.map.as_ref()),
        Line::Suspect(at) => report.suspects.get(at).map(|s| &s.map),
    };
    let name_of = |line: Line| match line {
        Line::Judge(at) => judge_at(report, at).map_or("", |(_, j)| j.name.as_str()),
        Line::Suspect(at) => report.suspects.get(at).map_or("", |s| doc.rater_name(s.rater)),
    };
    let spoken_name = |row: u64| {
        let line = lines[row as usize];
        let warning = map_of(line)
            .filter(|m| m.warns())
            .map_or_else(String::new, |m| format!(", {}", map_words(&names, m)));
        format!("{}{warning}", name_of(line))
    };
    let events = table.show(ui, r, &mut place, spoken_name, |ui, row, cells, _| {
        let line = lines[row as usize];
        let p = ui.painter();
        text_cut(p, cells[0].left_center(), cells[0].width(), name_of(line), font::mono(), theme.text);
        let right = |cell: Rect, words: &str| {
            text(p, cell.right_center(), Align2::RIGHT_CENTER, words, font::mono(), theme.text);
        };
        let (value, ci, n_parted) = match line {
            Line::Judge(at) => {
                let place = &report.board.places[at];
                if let Some((low, high)) = place.ranks {
                    right(cells[3], &if low == high { low.to_string() } else { format!("{low}–{high}") });
                }
                (place.value, place.ci, judge_at(report, at).map_or(0, |(_, j)| j.parted.len()))
            }
            Line::Suspect(at) => {
                right(cells[3], "person");
                let s = &report.suspects[at];
                (Some(s.map.kappa), None, s.items.len())
            }
        };
        right(cells[2], &value.map_or_else(|| "—".to_owned(), |v| number(v, 3)));
        right(cells[4], &thousands(n_parted as u64));
        plot(p, theme, cells[1].shrink2(vec2(4.0, 0.0)), value, ci, report.ceilings.left_out);
        if let Some(map) = map_of(line).filter(|m| m.warns()) {
            Icon::Warning.paint(p, cells[5].left_center() + vec2(7.0, 0.0), 13.0, theme.warn);
            let at = cells[5].left_center() + vec2(20.0, 0.0);
            text_cut(p, at, cells[5].width() - 20.0, &map_words(&names, map), font::body(), theme.text);
        }
    });
    state.table = place;
    if let Some(row) = events.clicked.or(events.opened) {
        state.category = row as usize;
    }
    if events.opened.is_some() {
        out.extend(behind(doc, report, state.category));
    }
}

/// A value from −1 to 1 with its interval, and what a person reaches.
fn plot(
    p: &egui::Painter,
    theme: &Theme,
    area: Rect,
    value: Option<f64>,
    ci: Option<(f64, f64)>,
    person: Option<Ceiling>,
) {
    let y = area.center().y;
    let x = |v: f64| area.left() + area.width() * (f64::midpoint(v.clamp(-1.0, 1.0), 1.0)) as f32;
    p.hline(area.x_range(), y, Stroke::new(1.0, theme.grid));
    p.vline(x(0.0), (y - 4.0)..=(y + 4.0), Stroke::new(1.0, theme.line_strong));
    if let Some(person) = person {
        p.vline(x(person.mean), (y - 8.0)..=(y + 8.0), Stroke::new(1.5, theme.text_2));
    }
    if let Some((low, high)) = ci {
        p.hline(x(low)..=x(high), y, Stroke::new(2.0, theme.line_strong));
    }
    if let Some(value) = value {
        p.circle_filled(pos2(x(value), y), 4.0, theme.text);
    }
}

/// What looks turned round, and what speaks for it.
pub(in crate::app::views) fn warning_words(doc: &Document, map: &LabelMap) -> String {
    let names = |label: u32| doc.label(label).to_owned();
    format!(
        "{}. κ is {} as the labels stand and {} if they are read so; chance does as well in {} of 1. Ask how the question was put before anything is decided by it.",
        capital(&map_words(&names, map)),
        number(map.kappa, 2),
        number(map.kappa_max, 2),
        number(map.p.unwrap_or(1.0), 3),
    )
}

fn digits(found: Option<f64>) -> String {
    found.map_or_else(|| "—".to_owned(), |v| number(v, 3))
}

fn side_ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &ModelsState,
    report: &JudgingReport,
    out: &mut Vec<Request>,
) {
    ui.scope_builder(egui::UiBuilder::new().max_rect(r).id_salt("judge"), |ui| {
        egui::ScrollArea::vertical().id_salt(("judge", state.category)).auto_shrink(false).show(ui, |ui| {
            let top = ui.cursor().min;
            let bottom = facts_ui(ui, Rect::from_min_size(top, r.size()), doc, state, report, out);
            ui.allocate_space(vec2(r.width() - 12.0, bottom - top.y));
        });
    });
}

/// What is known of the one under the cursor; where it ends.
fn facts_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &ModelsState,
    report: &JudgingReport,
    out: &mut Vec<Request>,
) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    let fact = |y: &mut f32, what: &str, value: &str, hint: &str| {
        let line = Rect::from_min_size(pos2(r.left(), *y), vec2(r.width() - 12.0, FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, ("fact", what));
        *y += FACT;
    };
    let line = lines(report).get(state.category).copied();
    let (name, map, rater) = match line {
        Some(Line::Judge(place)) => match judge_at(report, place) {
            Some((_, j)) => {
                let rater = if let JudgeKind::Rater(rater) = j.kind { Some(rater) } else { None };
                (j.name.as_str(), j.map.as_ref(), rater)
            }
            None => return y,
        },
        Some(Line::Suspect(at)) => {
            let s = &report.suspects[at];
            (doc.rater_name(s.rater), Some(&s.map), Some(s.rater))
        }
        None => ("", None, None),
    };
    heading(p, theme, pos2(r.left(), y), name, "");
    y += 18.0;
    if let Some(map) = map.filter(|m| m.warns()) {
        let words = warning_words(doc, map);
        let block = text_block(p, pos2(r.left(), y), r.width() - 12.0, &words, font::body(), theme.text);
        spoken(ui, block, &words);
        y = block.bottom() + 10.0;
    }
    if let Some(Line::Judge(place)) = line
        && let Some((judge, j)) = judge_at(report, place)
    {
        y = judge_ui(&fact, y, report, (place, judge, j), &|rater| doc.rater_name(rater).to_owned());
        if !j.parts.is_empty() {
            y += 14.0;
            let by = report.asked.cut.as_ref().map_or("", |c| c.name());
            heading(p, theme, pos2(r.left(), y), &format!("By {by}"), letter(report.measure));
            y += 16.0;
            for (part, found) in &j.parts {
                let value = format!(
                    "{}   {}",
                    digits(found.value.as_ref().ok().copied()),
                    count(found.n, "item", "items")
                );
                fact(&mut y, if part.is_empty() { "(empty)" } else { part }, &value, "");
            }
        }
    }
    y += 20.0;
    heading(p, theme, pos2(r.left(), y), "What people reach", letter(report.measure));
    y += 16.0;
    let of = |c: Option<Ceiling>| {
        c.map_or_else(|| "—".to_owned(), |c| format!("{}  SD {}", number(c.mean, 3), number(c.sd, 3)))
    };
    fact(
        &mut y,
        "One against the others",
        &of(report.ceilings.left_out),
        "A vote of each item against the aggregate of the other votes",
    );
    fact(
        &mut y,
        "… themselves among them",
        &of(report.ceilings.included),
        "The same against the aggregate of all: optimistic, since it agrees with itself",
    );
    fact(
        &mut y,
        "Each person as a whole",
        &of(report.ceilings.by_rater),
        "Each rater's items against the others' aggregate, mean over raters",
    );
    if let Some(norms) = &report.norms {
        let halves = norms.split_half.as_ref().map_or_else(
            |_| "—".to_owned(),
            |s| {
                format!(
                    "{}  ({} to {})",
                    number(s.reliability, 3),
                    number(s.interval.0, 2),
                    number(s.interval.1, 2)
                )
            },
        );
        fact(
            &mut y,
            "Reliability, by halves",
            &halves,
            "Of people's means: random halves of each item's raters, stepped up to all of them",
        );
        let of_means = digits(norms.of_means.as_ref().ok().copied());
        fact(&mut y, "… by their errors", &of_means, "1 − mean of SD²/n over the variance of the means");
        let ceiling = norms.reliability().filter(|&r| r > 0.0).map(f64::sqrt);
        fact(
            &mut y,
            "Ceiling of r",
            &digits(ceiling),
            "No correlation with these means can be expected above it",
        );
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width() - 12.0, FACT));
        let few = Fact {
            what: "Items with few ratings",
            value: &thousands(norms.few.len() as u64),
            opens: !norms.few.is_empty(),
            selected: false,
            hint: "Fewer than five: the mean is hardly known",
        };
        if few.show(ui, line, "few") {
            let items = norms.few.clone();
            out.push(Request::Filter(vec![Condition::among("fewer than five ratings".to_owned(), items)]));
        }
        y += FACT;
    }
    if report.judges.len() > 1
        && let Some((judge, here, there)) = report.board.chosen
    {
        let name = report.judges.get(judge).map_or("", |j| j.name.as_str());
        let there = there.map_or_else(|| "—".to_owned(), |v| number(v, 2));
        let value = format!("{name}: {}, then {there}", number(here, 2));
        fact(
            &mut y,
            "Best on one half",
            &value,
            "Its value there, and on the other half: the best of many is best by luck too",
        );
    }
    y += 12.0;
    let n = match line {
        Some(Line::Judge(place)) => judge_at(report, place).map_or(0, |(_, j)| j.parted.len()),
        Some(Line::Suspect(at)) => report.suspects[at].items.len(),
        None => 0,
    };
    let button = format!("Open {} where it parts with people", count(n, "item", "items"));
    let (response, right) = Button::new(&button).key("Enter").show(ui, pos2(r.left(), y), "open parted");
    if response.clicked() {
        out.extend(behind(doc, report, state.category));
    }
    if let Some(rater) = rater {
        let counts = doc.settings.counts(&doc.dataset.raters, rater);
        let words = if counts { "Leave out of statistics" } else { "Count among the raters" };
        let button = Button::new(words);
        let at = if right + 8.0 + button.width(p) > r.right() {
            pos2(r.left(), y + 34.0)
        } else {
            pos2(right + 8.0, y)
        };
        if button.show(ui, at, "count").0.clicked() {
            out.push(Request::SwitchRater(rater));
        }
        y = at.y;
    }
    y += 44.0;
    if link(ui, pos2(r.left(), y), "How this is computed", "page").clicked() {
        out.push(Request::Explain("judge_validation"));
    }
    y + 20.0
}

fn judge_ui(
    fact: &dyn Fn(&mut f32, &str, &str, &str),
    mut y: f32,
    report: &JudgingReport,
    (place, judge, j): (usize, usize, &Judged),
    name: &dyn Fn(u32) -> String,
) -> f32 {
    let value = |a: &Agreement| match &a.value {
        Ok(v) => number(*v, 3),
        Err(reason) => format!("— {reason}"),
    };
    fact(&mut y, "κ with the majority", &value(&j.kappa), "Items whose majority is tied are left out");
    if let Some((right, bound)) = j.kappa.accuracy {
        let words = if j.kappa.n_missing == 0 {
            format!("{} %", number(100.0 * right, 1))
        } else {
            format!("{} %, {} % with missing as wrong", number(100.0 * right, 1), number(100.0 * bound, 1))
        };
        fact(&mut y, "Says what most say", &words, "Share of items; missing answers are never made up");
    }
    if j.kappa.n_tied > 0 {
        fact(&mut y, "Tied majorities", &thousands(j.kappa.n_tied as u64), "Items left out of κ");
    }
    if let Some([rho, r, tau]) = &j.on_scale {
        let of = |v: &Result<f64, _>| digits(v.as_ref().ok().copied());
        fact(
            &mut y,
            "ρ, r, τ_b with the mean",
            &format!("{}  {}  {}", of(rho), of(r), of(tau)),
            "Spearman, Pearson, Kendall",
        );
    }
    if let Some(r) = disattenuated_r(report, j) {
        let words = format!("{}{}", number(r, 3), if r > 1.0 { ", above 1: one is misjudged" } else { "" });
        fact(&mut y, "r without people's noise", &words, "r divided by the ceiling");
    }
    if let Some(o) = j.offset {
        let words = format!("{}, {} away", number(o.bias, 2), number(o.mae, 2));
        fact(&mut y, "Off the mean", &words, "Mean difference from people's mean, and mean distance");
    }
    if let Some(h) = j.hygiene {
        let words = format!(
            "{} values, {} % are {}",
            h.n_distinct,
            number(100.0 * h.modal.1, 0),
            number(h.modal.0, 1)
        );
        fact(
            &mut y,
            "Use of the scale",
            &words,
            "A correlation of ranks says little where nearly all answers are one value",
        );
        if let Some(tied) = h.tied_pairs {
            fact(&mut y, "Tied pairs of items", &format!("{} %", number(100.0 * tied, 1)), "");
        }
        if h.n_out_of_scale > 0 {
            fact(
                &mut y,
                "Out of people's scale",
                &thousands(h.n_out_of_scale as u64),
                "Below or above every answer of a person",
            );
        }
    }
    if let Some((n, same)) = j.repeated {
        let words = format!("{} the same, of {}", number(100.0 * same, 0) + " %", count(n, "item", "items"));
        fact(&mut y, "Answered again", &words, "Items that it answered more than once");
    }
    if let Some(choices) = report.choices.as_ref().and_then(|c| c.judges.get(judge)) {
        let percent = |c: Option<Ceiling>| {
            c.map_or_else(
                || "—".to_owned(),
                |c| format!("{} %  SD {}", number(100.0 * c.mean, 1), number(100.0 * c.sd, 1)),
            )
        };
        let hint = "Share of items on which both say the same, mean over people";
        fact(&mut y, "Says what each person says", &percent(choices.with_people), hint);
        let lowest = choices.people.iter().min_by(|a, b| a.share.total_cmp(&b.share));
        if let Some(p) = lowest.filter(|_| choices.people.len() > 1) {
            let words = format!("{} %, {}", number(100.0 * p.share, 1), count(p.n, "item", "items"));
            fact(
                &mut y,
                &format!("… least {}", name(p.rater)),
                &words,
                "The person with whom it agrees least",
            );
        }
        let hint = "Against the majority of the others, where t labels tie for it 1/t; the line below is people's own";
        fact(&mut y, "… in a person's place", &percent(choices.in_place), hint);
        let own = report.choices.as_ref().and_then(|c| c.ceiling);
        fact(
            &mut y,
            "… a person",
            &percent(own),
            "Each person against the majority of the others, mean over people",
        );
    }
    let beside = report.ceilings.judges.get(judge).copied().flatten();
    fact(
        &mut y,
        "Beside a person",
        &digits(beside.map(|c| c.mean)),
        "Against the same aggregates as the person left out below",
    );
    if let Some(own) = report.board.places.get(place) {
        fact(
            &mut y,
            "First among judges",
            &format!("{} %", number(100.0 * own.first, 0)),
            "Share of draws of the items in which nobody is better",
        );
    }
    y
}
