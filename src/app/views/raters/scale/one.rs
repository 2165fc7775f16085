//! Agreement before and after each rescaling, and one rater's labels beside those of the others on the same items.

use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

use super::{farthest, left_raw};
use crate::analysis::scale_use::{Compared, RaterRow, ScaleUseReport};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{
    Button, bar_bare, bar_outline, count, heading, hit_as, link, number, spoken, text, text_block, text_cut,
    thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::stats::Undefined;
use crate::stats::scale_use::Rescaling;

/// Height of a line of the comparison.
const LINE: f32 = 24.0;

fn name(how: Rescaling) -> (&'static str, &'static str) {
    match how {
        Rescaling::AsGiven => {
            ("as given", "Of the raters who can be rescaled, so that all three are of the same votes")
        }
        Rescaling::StandardScore => {
            ("standard scores", "Each number less its rater’s mean, over its rater’s standard deviation")
        }
        Rescaling::MidRank => ("mid-ranks", "Each number’s place among its rater’s own, from 0 to 1"),
    }
}

fn told(value: &Result<f64, Undefined>, digits: usize) -> String {
    value.as_ref().map_or_else(|_| "—".to_owned(), |v| number(*v, digits))
}

/// What rescaling says, in a sentence.
pub(super) fn sentence(report: &ScaleUseReport) -> String {
    match report.reading() {
        Some((before, after, how, reading)) => {
            let is_less = after < before;
            let (before, after) = (number(before, 2), number(after, 2));
            let moved = if before == after {
                format!("Alpha stays at {before}")
            } else {
                let how = if is_less { "falls" } else { "rises" };
                format!("Alpha {how} from {before} to {after}")
            };
            format!("{moved} once each rater is put on one scale ({}): {}.", name(how).0, reading.words())
        }
        None => {
            let why = report.compared.iter().find_map(|c| c.alpha.as_ref().err());
            let why = why.map_or_else(String::new, ToString::to_string);
            format!("Agreement before and after cannot be compared: {why}.")
        }
    }
}

/// Paints both.
pub(super) fn ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &ScaleUseReport,
    row: Option<usize>,
    out: &mut Vec<Request>,
) {
    let y = compared_ui(ui, r, report, out);
    if let Some((at, row)) = row.and_then(|at| Some((at, report.raters.get(at)?))) {
        let theme = Theme::of(ui.ctx());
        ui.painter().hline(r.x_range().expand(16.0), y, theme.border());
        let below = Rect::from_min_max(pos2(r.left(), y + 14.0), r.max);
        rater_ui(ui, below, doc, report, (at, row), out);
    }
}

/// Three lines of alpha and one of τ; where they end.
fn compared_ui(ui: &Ui, r: Rect, report: &ScaleUseReport, out: &mut Vec<Request>) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let mut y = r.top() + 8.0;
    let caption = if r.width() > 380.0 { "interval alpha" } else { "" };
    heading(p, theme, pos2(r.left(), y), "Agreement on one scale", caption);
    let link_at = pos2(r.right() - 132.0, y);
    if r.width() > 300.0 && link(ui, link_at, "How this is computed", "page").clicked() {
        out.push(Request::Explain("scale_use"));
    }
    y += 16.0;
    for compared in &report.compared {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), LINE));
        compared_line(ui, line, compared);
        y += LINE;
    }
    let (what, value, hint) = tau_words(report);
    let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
    Fact { what: &what, value: &value, opens: false, selected: false, hint: &hint }.show(ui, line, "tau");
    y += FACT;
    if report.n_left_raw > 0 {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        let value = told(&report.alpha, 2);
        let hint = "Interval alpha of all votes as they were given, with raters who cannot be rescaled";
        let what = "alpha with those left raw";
        Fact { what, value: &value, opens: false, selected: false, hint }.show(ui, line, "all");
        y += FACT;
    }
    let words = sentence(report);
    let block = text_block(p, pos2(r.left(), y + 6.0), r.width(), &words, font::body(), theme.text);
    spoken(ui, block, &words);
    block.bottom() + 14.0
}

fn compared_line(ui: &Ui, line: Rect, compared: &Compared) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let (what, hint) = name(compared.how);
    let value = told(&compared.alpha, 2);
    let words = format!("{what}: {value}");
    let id = ui.scope_id().with(("compared", what));
    let response = ui.interact(line, id, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    let why = compared.alpha.as_ref().err().map(|why| format!("{hint}. Not defined: {why}"));
    response.on_hover_text(why.as_deref().unwrap_or(hint));
    let y = line.center().y;
    text_cut(p, pos2(line.left(), y), 112.0, what, font::body(), theme.text_2);
    let space = Rect::from_min_max(pos2(line.left() + 120.0, y - 5.0), pos2(line.right() - 52.0, y + 5.0));
    p.rect_filled(space, 1.0, theme.grid);
    if let Ok(alpha) = compared.alpha {
        // Below 0 there is no bar; the number says it.
        bar_bare(p, space, alpha.max(0.0) as f32, theme.mark);
    }
    text(p, pos2(line.right(), y), Align2::RIGHT_CENTER, &value, font::mono(), theme.text);
}

/// The order that raters give to items: what, how much, and what it means.
fn tau_words(report: &ScaleUseReport) -> (String, String, String) {
    let meaning = "Mean of Kendall’s τ_b over pairs of raters with ten common items or more. Standard scores and mid-ranks keep each rater’s \
                   order, and τ with it: what it lacks to 1 no rescaling can mend";
    match &report.tau {
        Ok(tau) => {
            let n = count(tau.pairs.len(), "pair", "pairs");
            let mut hint = meaning.to_owned();
            if tau.n_few > 0 {
                hint.push_str(&format!(". {} have fewer items in common", count(tau.n_few, "pair", "pairs")));
            }
            if let Err(why) = &tau.mean {
                hint = format!("Not defined: {why}");
            }
            (format!("order (mean τ of {n}), before and after"), told(&tau.mean, 2), hint)
        }
        Err(why) => ("order (mean τ)".to_owned(), "—".to_owned(), format!("Not defined: {why}")),
    }
}

/// Who a rater is beside the others, in a sentence.
fn about(row: &RaterRow) -> String {
    let used = &row.used;
    let mut words = match used.severity {
        None => "Nobody else rated the same items".to_owned(),
        Some(s) => {
            let n = count(s.n_items, "item", "items");
            let side = if s.mean < 0.0 { "lower" } else { "higher" };
            let size = number(s.mean.abs(), 2);
            match (row.is_known(), row.side()) {
                (false, _) => format!("{size} {side} than the others on {n}, too few to say more"),
                (true, 0) => format!("{size} {side} than the others on {n}, which may be chance"),
                _ => format!("{size} {side} than the others on the same {n}"),
            }
        }
    };
    if let Some((tau, _)) = row.tau {
        words.push_str(&format!("; order of items τ {}", number(tau, 2)));
    }
    if let Some(why) = used.left_raw {
        words.push_str(&format!("; left raw: {}", left_raw(why)));
    }
    words.push('.');
    words
}

fn rater_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &ScaleUseReport,
    (at, row): (usize, &RaterRow),
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let who = doc.rater_name(row.used.rater);
    text_cut(p, pos2(r.left(), r.top() + 8.0), r.width(), who, font::heading(), theme.text);
    let words = about(row);
    let block = text_block(p, pos2(r.left(), r.top() + 22.0), r.width(), &words, font::body(), theme.text_2);
    spoken(ui, block, &format!("{who}: {words}"));
    let opens = farthest(doc, report, at);
    let foot = if opens.is_some() { 40.0 } else { 0.0 };
    let plot = Rect::from_min_max(pos2(r.left(), block.bottom() + 12.0), pos2(r.right(), r.bottom() - foot));
    // A plot that is much higher than it is wide says nothing more.
    let plot = Rect::from_min_size(plot.min, vec2(plot.width(), plot.height().min(300.0)));
    if plot.height() > 70.0 {
        plot_ui(ui, plot, doc, report, (at, row), out);
    }
    if let Some(request) = opens {
        let n = thousands(row.used.farthest.len() as u64);
        let words = if row.used.farthest.len() == 1 {
            "Open the item where they differ".to_owned()
        } else {
            format!("Open {n} items, farthest first")
        };
        let (response, _) =
            Button::primary(&words).key("Enter").show(ui, pos2(r.left(), plot.bottom() + 10.0), "farthest");
        if response.clicked() {
            out.push(request);
        }
    }
}

/// One column a stretch of the scale: the rater's share, filled, beside that of the others on the same items, outlined.
fn plot_ui(
    ui: &Ui,
    r: Rect,
    doc: &Document,
    report: &ScaleUseReport,
    (at, row): (usize, &RaterRow),
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let used = &row.used;
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 8.0),
        "Labels",
        "share in %; outlined: the others on the same items",
    );
    let area = Rect::from_min_max(pos2(r.left(), r.top() + 40.0), pos2(r.right(), r.bottom() - 20.0));
    let share = |n: u32| f64::from(n) / used.n.max(1) as f64;
    let others = |bin: usize| used.others.get(bin).copied();
    let all = (0..report.bins.len()).flat_map(|bin| [share(used.counts[bin]), others(bin).unwrap_or(0.0)]);
    let most = all.fold(1e-9, f64::max);
    let step = (area.width() / report.bins.len() as f32).min(96.0);
    let who = doc.rater_name(used.rater);
    for (bin, name) in report.bins.iter().enumerate() {
        let (own, rest) = (share(used.counts[bin]), others(bin));
        let slot = Rect::from_min_size(
            pos2(area.left() + step * bin as f32, r.top() + 22.0),
            vec2(step - 1.0, r.bottom() - r.top() - 22.0),
        );
        let beside = rest.map_or_else(String::new, |v| format!(", others {} %", number(100.0 * v, 0)));
        let n = count(used.counts[bin] as usize, "item", "items");
        let words = format!("{name}: {who} {} %{beside}, {n}", number(100.0 * own, 0));
        let items = report.behind(at, bin);
        if items.is_empty() {
            spoken(ui, slot, &words);
        } else {
            let response = hit_as(ui, slot, ui.scope_id().with(("bin", bin)), &words, None);
            if response.hovered() {
                p.rect_filled(slot, 2.0, theme.hover);
            }
            if response.clicked() {
                let words = format!("{who} gave {name}");
                out.push(Request::Filter(vec![Condition::among(words, items.into())]));
            }
            response.on_hover_text(format!("{words}. Click for them"));
        }
        let width = ((step - 6.0) / 2.0).clamp(1.5, 30.0);
        let middle = slot.center().x;
        let column = |left: f32, v: f64| {
            let top =
                area.bottom() - (area.height() * (v / most) as f32).max(if v > 0.0 { 1.0 } else { 0.0 });
            Rect::from_min_max(pos2(left, top), pos2(left + width, area.bottom()))
        };
        let own_bar = column(middle - width - 0.5, own);
        if own > 0.0 {
            p.rect_filled(own_bar, 1.0, theme.mark);
        }
        if let Some(rest) = rest.filter(|v| *v > 0.0) {
            bar_outline(p, column(middle + 0.5, rest), 1.0, theme.mark);
        }
        if own > 0.0 && step >= 24.0 {
            let at = own_bar.center_top() - vec2(0.0, 3.0);
            text(p, at, Align2::CENTER_BOTTOM, &number(100.0 * own, 0), font::mono_small(), theme.text);
        }
        axis_name(ui, slot, name, (bin, report.bins.len()), step);
    }
    p.hline(
        area.left()..=area.left() + step * report.bins.len() as f32,
        area.bottom(),
        Stroke::new(1.0, theme.line_strong),
    );
}

/// The name of a stretch below it; of many only the first and the last.
fn axis_name(ui: &Ui, slot: Rect, name: &str, (bin, n): (usize, usize), step: f32) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let y = slot.bottom() - 8.0;
    if step >= 30.0 || n <= 11 {
        let width = crate::app::widgets::paint::text_width(p, name, font::caption()).min(step - 3.0);
        let at = pos2(slot.center().x - width / 2.0, y);
        text_cut(p, at, width + 1.0, name, font::caption(), theme.text_3);
    } else if bin == 0 {
        text(p, pos2(slot.left(), y), Align2::LEFT_CENTER, name, font::caption(), theme.text_3);
    } else if bin + 1 == n {
        text(p, pos2(slot.right(), y), Align2::RIGHT_CENTER, name, font::caption(), theme.text_3);
    }
}
