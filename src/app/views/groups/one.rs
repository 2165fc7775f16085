//! Two groups: how far apart, and whose majority serves whom.

use egui::{Align2, Rangef, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::{GroupsState, p_of};
use crate::analysis::rater_groups::{GroupPair, GroupsReport, ProfileReport, Unlike};
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, heading, link, number, side_badge, spoken, text, text_block, text_cut,
};
use crate::app::widgets::theme::{Theme, font, mix};
use crate::stats::rater_groups::MantelReport;

/// Paints the panel.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    state: &GroupsState,
    report: &GroupsReport,
    pair: &GroupPair,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    for side in 0..2 {
        side_badge(ui, pos2(r.left() + 9.0, y), side);
        let at = pair.groups[side];
        let words = format!("{}, {} raters", report.values[at], report.n_raters[at]);
        text_cut(p, pos2(r.left() + 28.0, y), r.width() - 28.0, &words, font::strong(), theme.text);
        y += 26.0;
    }
    let words = in_words(pair);
    let block = text_block(p, pos2(r.left(), y - 4.0), r.width(), &words, font::body(), theme.text_2);
    spoken(ui, block, &words);
    let profiles = 130.0 + FACT * report.profiles.len() as f32;
    let room =
        Rect::from_min_max(pos2(r.left(), block.bottom() + 6.0), pos2(r.right(), r.bottom() - profiles));
    y = labels_ui(ui, room, doc, pair) + 6.0;
    let button = Button::primary("Compare the two").key("Enter");
    let (response, right) = button.show(ui, pos2(r.left(), y), "compare");
    if response.clicked() {
        out.extend(state.behind(doc));
    }
    response.on_hover_text("What each calls what the other calls otherwise, and the items where they part");
    if link(ui, pos2(right + 14.0, y + 14.0), "How this is computed", "page").clicked() {
        out.push(Request::Explain("rater_groups"));
    }
    y += 48.0;
    profiles_ui(ui, Rect::from_min_max(pos2(r.left(), y), r.max), report, out);
}

/// How much more often A gives each label than B, the clearest first; gives where they end.
fn labels_ui(ui: &Ui, r: Rect, doc: &Document, pair: &GroupPair) -> f32 {
    let mut y = r.top();
    for l in &pair.labels {
        if y + FACT > r.bottom() {
            break;
        }
        let points = 100.0 * l.found.gap;
        let sign = if points > 0.0 { "+" } else { "" };
        let p = match l.adjusted {
            Some(p) => format!("p {}", number(p, 4)),
            None => "not tested".to_owned(),
        };
        let value = format!("{sign}{} points   {p}", number(points, 1));
        let hint = "Mean over shared items of A’s share of votes for the label less B’s; p over permutations of whole raters, adjusted over all labels and pairs";
        let fact = Fact { what: doc.label(l.label), value: &value, opens: false, selected: false, hint };
        fact.show(ui, Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT)), ("label", l.label));
        y += FACT;
    }
    y
}

fn in_words(pair: &GroupPair) -> String {
    let mut parts = Vec::new();
    match &pair.gap {
        Ok(gap) => {
            let above = if gap.gap >= 0.0 { "above" } else { "below" };
            let test = match p_of(Some(&gap.test)) {
                Some(p) => format!("p {}", number(p, 4)),
                None => gap.test.as_ref().err().map_or_else(String::new, ToString::to_string),
            };
            parts.push(format!(
                "On {} shared items A rates {} {above} B ({test}).",
                gap.n_items,
                number(gap.gap.abs(), 3)
            ));
        }
        Err(_) if !pair.labels.is_empty() => {}
        Err(reason) => parts.push(format!("No difference of means: {reason}.")),
    }
    match &pair.apart {
        Ok(a) => {
            let test = match p_of(Some(&a.test)) {
                Some(p) => format!("p {}", number(p, 4)),
                None => a.test.as_ref().err().map_or_else(String::new, ToString::to_string),
            };
            parts.push(format!(
                "Two raters of one group differ on {} % of items, of different groups on {} % ({test}).",
                number(100.0 * a.within, 1),
                number(100.0 * a.between, 1)
            ));
        }
        Err(reason) => parts.push(format!("Differing within and between: {reason}.")),
    }
    parts.join(" ")
}

/// How far members of a group agree with the majority of a jury, by its seats and by whom it is drawn from.
pub(super) fn juries_ui(ui: &Ui, r: Rect, report: &GroupsReport, pair: &GroupPair) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Whose majority serves whom",
        "members’ agreement, by seats",
    );
    let [a, b] = pair.groups;
    let all = [(a, a, "A for A"), (b, a, "B for A"), (a, b, "A for B"), (b, b, "B for B")];
    let lines: Vec<_> = all
        .into_iter()
        .filter_map(|(pool, target, name)| Some((name, pool == a, report.served(pool, target)?)))
        .collect();
    if lines.is_empty() {
        let words = "Juries are drawn from the four largest groups.";
        text_cut(p, r.min + vec2(0.0, 30.0), r.width(), words, font::caption(), theme.text_3);
        return;
    }
    let values = lines.iter().flat_map(|l| &l.2.seats).filter_map(|s| s.agreement.as_ref().ok());
    let (low, high) = values.fold((1.0_f64, 0.0_f64), |(low, high), v| (low.min(v.1.0), high.max(v.1.1)));
    let (low, high) = ((low * 10.0).floor() / 10.0, ((high * 10.0).ceil() / 10.0).max(low + 0.1));
    let area = Rect::from_min_max(
        pos2(r.left() + 34.0, r.top() + 30.0),
        pos2(r.right() - 66.0, (r.bottom() - 20.0).min(r.top() + 420.0)),
    );
    if area.height() < 40.0 {
        return;
    }
    let y = |v: f64| area.bottom() - area.height() * ((v - low) / (high - low)) as f32;
    for v in [low, f64::midpoint(low, high), high] {
        p.hline(area.x_range(), y(v), Stroke::new(1.0, theme.grid));
        let at = pos2(area.left() - 6.0, y(v));
        text(p, at, Align2::RIGHT_CENTER, &number(v, 2), font::mono_small(), theme.text_3);
    }
    let n = lines[0].2.seats.len().max(1);
    let x = |i: usize| area.left() + area.width() * (i as f32 + 0.5) / n as f32;
    for (i, s) in lines[0].2.seats.iter().enumerate() {
        let at = pos2(x(i), area.bottom() + 10.0);
        text(p, at, Align2::CENTER_CENTER, &s.seats.to_string(), font::mono_small(), theme.text_3);
    }
    let mut ends: Vec<(egui::Pos2, &str)> = Vec::new();
    for (k, (name, of_a, served)) in lines.iter().enumerate() {
        let shift = (k as f32 - 1.5) * 5.0;
        let mut before: Option<egui::Pos2> = None;
        for (i, s) in served.seats.iter().enumerate() {
            let Ok((mean, (low, high))) = &s.agreement else { continue };
            let point = pos2(x(i) + shift, y(*mean));
            p.vline(
                point.x,
                Rangef::new(y(*high), y(*low)),
                Stroke::new(1.0, mix(theme.panel, theme.mark, 0.6)),
            );
            if let Some(before) = before {
                p.line_segment([before, point], Stroke::new(1.0, theme.mark));
            }
            if *of_a {
                p.circle_filled(point, 3.5, theme.text);
            } else {
                p.circle(point, 3.5, theme.panel, Stroke::new(1.5, theme.text));
            }
            let words = format!(
                "{name}, {} seats: {}, 5 to 95 % of juries {} to {}",
                s.seats,
                number(*mean, 3),
                number(*low, 3),
                number(*high, 3)
            );
            let hit = Rect::from_center_size(point, vec2(10.0, 14.0));
            let response = ui.interact(hit, ui.scope_id().with(("jury", k, i)), Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
            response.on_hover_text(words);
            before = Some(point);
        }
        ends.extend(before.map(|end| (end, *name)));
    }
    // Names that would lie upon each other make room, in the order of their lines.
    ends.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    let mut least = f32::NEG_INFINITY;
    for (end, name) in ends {
        let y = end.y.max(least);
        least = y + 13.0;
        text(p, pos2(x(n - 1) + 22.0, y), Align2::LEFT_CENTER, name, font::caption(), theme.text_2);
    }
}

fn profiles_ui(ui: &Ui, r: Rect, report: &GroupsReport, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(p, theme, pos2(r.left(), r.top() + 8.0), "Raters disagree more who …", "");
    if link(ui, pos2(r.right() - 110.0, r.top() + 8.0), "How it is tested", "profiles").clicked() {
        out.push(Request::Explain("rater_profiles"));
    }
    for (i, profile) in report.profiles.iter().enumerate() {
        let (value, test) = match &profile.found {
            Ok(m) => (
                format!("r {}   p {}", number(m.r, 3), number(m.p_value, 4)),
                format!(
                    "Over {} pairs of {} raters; p is the share of permutations of raters with an r at least as far from 0{}",
                    m.n_pairs,
                    m.n_raters,
                    naive(m)
                ),
            ),
            Err(reason) => ("—".to_owned(), format!("Not defined: {reason}")),
        };
        let hint = format!(
            "{}: {}. r is Pearson’s correlation of that with the share of shared items on which labels differ. {test}",
            profile.unlike.words(),
            columns(profile)
        );
        let at = Rect::from_min_size(r.min + vec2(0.0, 22.0 + FACT * i as f32), vec2(r.width(), FACT));
        let what = profile.unlike.words();
        Fact { what, value: &value, opens: false, selected: false, hint: &hint }.show(ui, at, ("profile", i));
    }
}

fn naive(found: &MantelReport) -> String {
    let (Some(welch), Some(ln_factor)) = (found.naive, found.ln_bayes_factor) else { return String::new() };
    format!(
        ". As if pairs were independent, which they are not: Welch’s t {}, Bayes factor e^{}",
        number(welch.t, 2),
        number(ln_factor, 1)
    )
}

fn columns(profile: &ProfileReport) -> String {
    match profile.unlike {
        Unlike::Labels => format!("shares of {} labels", profile.n),
        Unlike::Attributes => format!("of {} attributes", profile.n),
        Unlike::Numbers(_) => format!("of {} attributes that are numbers", profile.n),
    }
}
