//! Why they differ: the difference under the cursor, the codebook, and how far others code alike.

use egui::{Align2, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::{Shown, VersionsState};
use crate::analysis::passages::words_of;
use crate::analysis::versions::Which;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::widgets::icon::Icon;
use crate::app::widgets::paint::{
    Button, bar, heading, hit_as, key_cap, link, number, text, text_block, text_cut, thousands,
};
use crate::app::widgets::theme::{Theme, font};
use crate::review::codebook::Code;
use crate::review::codes::side_by_side;
use crate::review::{DoubleCoding, double_coding};
use crate::stats::Statistic;
use crate::stats::versions::Disagreement;

const LINE: f32 = 25.0;
/// Height of button, progress and agreement below the codes.
const FOOT: f32 = 86.0;

/// Paints the panel.
pub(super) fn ui(
    ui: &mut Ui,
    r: Rect,
    doc: &Document,
    state: &mut VersionsState,
    shown: Shown<'_>,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter().clone();
    heading(&p, theme, pos2(r.left(), r.top() + 8.0), "Why they differ", "");
    let width = crate::app::widgets::paint::text_width(&p, "Edit codebook…", font::body());
    if link(ui, pos2(r.right() - width, r.top() + 8.0), "Edit codebook…", "codebook").clicked() {
        out.push(Request::EditCodebook);
    }
    let Some(d) = state.current(shown).and_then(|n| shown.difference(n)) else {
        let words = "Nothing is listed.";
        text_cut(&p, r.min + vec2(0.0, 30.0), r.width(), words, font::caption(), theme.text_3);
        return;
    };
    let mut y = about(ui, r, doc, shown, d);
    let target = shown.target(doc, d);
    let standing = doc.session.code_of(&target).map(str::to_owned);
    let room = Rect::from_min_max(pos2(r.left() - 8.0, y), pos2(r.right() + 8.0, r.bottom() - FOOT));
    // Button and progress follow the codes where there is room for both.
    let height = LINE * n_lines(doc, state, standing.as_deref()) as f32;
    let list = room.with_max_y((room.top() + height).min(room.bottom()));
    if list.height() > LINE {
        ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("codes"), |ui| {
            ui.set_clip_rect(list.intersect(ui.clip_rect()));
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                codes_ui(ui, list.width(), doc, state, standing.as_deref());
            });
        });
    }
    y = list.bottom() + 10.0;
    let words = if state.pick.is_some() { None } else { Some("Pick a reason first: its digit, or a click") };
    let button = Button::primary("Code and go on").key("Enter").disabled(words);
    let (response, right) = button.show(ui, pos2(r.left(), y), "code");
    if response.clicked() {
        out.extend(state.behind(doc));
    }
    if standing.is_some() {
        let clear = Button::new("Clear");
        let (response, _) = clear.show(ui, pos2(right + 8.0, y), "clear code");
        if response.clicked() {
            let item = d.tokens().start;
            out.push(Request::Code { item, target: Box::new(target), reason: None });
        }
        response.on_hover_text("Take the reason of this difference away");
    }
    foot_ui(ui, Rect::from_min_max(pos2(r.left(), y + 38.0), r.max), doc, state, shown);
}

/// What differs, in words; gives where they end.
fn about(ui: &Ui, r: Rect, doc: &Document, shown: Shown<'_>, d: &Disagreement) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let tokens = d.tokens();
    let words = words_of(&doc.dataset, sentence_items(shown, d), 2000);
    let start = shown.report.tags.sentences().get(d.sentence as usize).map_or(0, |s| s.start);
    let own = |from: u32, to: u32| {
        let range = (from - start) as usize..(to - start) as usize;
        words.get(range).unwrap_or_default().join(" ")
    };
    let [a, b] = shown.marks(d).map(|mark| match mark {
        Some(e) if (e.start, e.end) == (tokens.start, tokens.end) => {
            shown.report.kind(Some(e.kind)).to_owned()
        }
        Some(e) => format!("{} “{}”", shown.report.kind(Some(e.kind)), own(e.start, e.end)),
        None => "none".to_owned(),
    });
    let what = format!("“{}”: {a} in A, {b} in B", own(tokens.start, tokens.end));
    let block = text_block(p, r.min + vec2(0.0, 22.0), r.width(), &short(&what), font::body(), theme.text_2);
    let mut y = block.bottom() + 4.0;
    // What all versions call it, where there are more than these two.
    if shown.report.versions.len() > 2 {
        for entity in shown.marks(d).into_iter().flatten().take(1) {
            if let Some(row) = shown.report.span_of(d.sentence, &entity) {
                let spans = &shown.report.found.spans;
                let mut parts: Vec<String> = spans
                    .types_of(row)
                    .iter()
                    .map(|&(kind, n)| format!("{} {n}", shown.report.kind(Some(kind))))
                    .collect();
                if row.n_outside > 0 {
                    parts.push(format!("none {}", row.n_outside));
                }
                let words = format!("all {} versions: {}", row.n_versions, parts.join(", "));
                text_cut(p, pos2(r.left(), y + 8.0), r.width(), &words, font::caption(), theme.text_3);
                y += 20.0;
            }
        }
    }
    y + 4.0
}

fn sentence_items(shown: Shown<'_>, d: &Disagreement) -> std::ops::Range<usize> {
    let sentence = shown.report.tags.sentences().get(d.sentence as usize);
    sentence.map_or(0..0, |s| s.start as usize..s.end as usize)
}

fn short(words: &str) -> String {
    if words.chars().count() <= 160 {
        return words.to_owned();
    }
    words.chars().take(159).chain(['…']).collect()
}

/// Whether the kinds of a code are shown: those of the picked one, or else of the one that stands.
fn is_open(state: &VersionsState, at: usize, code: &Code, standing: Option<&str>) -> bool {
    let stands = || standing.is_some_and(|s| code.code == s || code.children.iter().any(|c| c.code == s));
    state.pick.map_or_else(stands, |p| p.0 == at)
}

fn n_lines(doc: &Document, state: &VersionsState, standing: Option<&str>) -> usize {
    let codes = doc.codebook.codes.iter().enumerate();
    codes.map(|(i, c)| 1 + if is_open(state, i, c, standing) { c.children.len() } else { 0 }).sum()
}

fn codes_ui(ui: &mut Ui, width: f32, doc: &Document, state: &mut VersionsState, standing: Option<&str>) {
    let book = &doc.codebook;
    for (i, code) in book.codes.iter().enumerate() {
        let open = is_open(state, i, code, standing);
        let n = code.children.len();
        let caption = match n {
            0 => String::new(),
            1 => "1 kind".to_owned(),
            n => format!("{n} kinds"),
        };
        let row = Row {
            keys: [Some(i + 1), None],
            picked: state.pick == Some((i, None)),
            standing: standing == Some(&code.code),
            caption: if open { "" } else { &caption },
        };
        if row.ui(ui, width, code) {
            state.pick = (state.pick != Some((i, None))).then_some((i, None));
        }
        if !open {
            continue;
        }
        for (j, child) in code.children.iter().enumerate() {
            let row = Row {
                keys: [Some(i + 1), Some(j + 1)],
                picked: state.pick == Some((i, Some(j))),
                standing: standing == Some(&child.code),
                caption: "",
            };
            if row.ui(ui, width, child) {
                let this = (i, Some(j));
                state.pick = (state.pick != Some(this)).then_some(this);
            }
        }
    }
}

struct Row<'a> {
    keys: [Option<usize>; 2],
    picked: bool,
    standing: bool,
    caption: &'a str,
}

impl Row<'_> {
    fn ui(&self, ui: &mut Ui, width: f32, code: &Code) -> bool {
        let theme = Theme::of(ui.ctx());
        let (line, _) = ui.allocate_exact_size(vec2(width, LINE), egui::Sense::hover());
        let id = ui.scope_id().with(("code", &code.code));
        let response = hit_as(ui, line, id, &code.label, Some(self.picked || self.standing));
        let p = ui.painter();
        if self.picked {
            p.rect_filled(line, 4.0, theme.selected);
        } else if response.hovered() {
            p.rect_filled(line, 4.0, theme.hover);
        }
        let y = line.center().y;
        let mut x = line.left() + if self.keys[1].is_some() { 30.0 } else { 8.0 };
        for key in self.keys.into_iter().flatten() {
            if key <= 9 {
                x = key_cap(p, pos2(x, y), &key.to_string(), theme.text_2, theme.line_strong) + 3.0;
            }
        }
        let ink = if self.picked || self.standing { theme.text } else { theme.text_2 };
        let font = if self.standing { font::strong() } else { font::body() };
        text_cut(p, pos2(x + 5.0, y), line.right() - x - 70.0, &code.label, font, ink);
        if self.standing {
            Icon::Check.paint(p, pos2(line.right() - 18.0, y), 13.0, theme.text);
        } else {
            let at = pos2(line.right() - 8.0, y);
            text(p, at, Align2::RIGHT_CENTER, self.caption, font::caption(), theme.text_3);
        }
        let clicked = response.clicked();
        if !code.definition.is_empty() {
            response.on_hover_text(&code.definition);
        }
        clicked
    }
}

/// How many of the pair's differences are coded, and how far others say the same.
fn foot_ui(ui: &Ui, r: Rect, doc: &Document, state: &mut VersionsState, shown: Shown<'_>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let total = shown.n(Which::All);
    let names = [shown.pair.a, shown.pair.b].map(|v| shown.report.version(v).map_or("", |v| v.name.as_str()));
    let own = doc.session.codes().filter(|(t, _)| [0, 1].iter().all(|&i| t.versions[i] == names[i]));
    let n = own.count();
    let words = format!("{} of {} coded", thousands(n as u64), thousands(total as u64));
    text(p, r.left_top() + vec2(0.0, 6.0), Align2::LEFT_CENTER, &words, font::caption(), theme.text_2);
    let area = Rect::from_min_size(r.left_top() + vec2(0.0, 20.0), vec2(r.width(), 4.0));
    bar(p, area, n as f32 / total.max(1) as f32, theme.mark, theme.grid);
    let events = doc.session.events().len();
    if state.doubled.as_ref().is_none_or(|known| known.0 != events)
        && let Some(found) = doc.panels.coders()
    {
        let all = found.0.iter().map(|coder| {
            let both = side_by_side(doc.session.codes(), coder.iter());
            (coder.reviewer.clone(), double_coding(&doc.codebook, both))
        });
        state.doubled = Some((events, all.collect()));
    }
    let Some((_, all)) = &state.doubled else { return };
    let Some((who, found)) = all.iter().max_by_key(|(_, d)| d.n_items).filter(|(_, d)| d.n_items > 0) else {
        return;
    };
    let kappa = match &found.codes {
        Statistic::Defined(e) => number(e.value, 2),
        Statistic::Undefined(_) => "—".to_owned(),
    };
    let words = format!("with {who}: κ {kappa} on {}", thousands(found.n_items as u64));
    let at = pos2(r.right(), r.top() + 6.0);
    let seen = text(p, at, Align2::RIGHT_CENTER, &words, font::caption(), theme.text_2);
    let response = ui.interact(seen, ui.scope_id().with("kappa"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    response.on_hover_text(all.iter().map(|(who, d)| told(who, d)).collect::<Vec<_>>().join("\n"));
}

/// How far another coder says the same, in words.
fn told(who: &str, found: &DoubleCoding) -> String {
    let value = |s: &Statistic| match s {
        Statistic::Defined(e) => number(e.value, 3),
        Statistic::Undefined(reason) => format!("— {reason}"),
    };
    format!(
        "{who}: {} coded by both, {} by one. Cohen’s κ {}, on the first level {}",
        found.n_items,
        found.n_single,
        value(&found.codes),
        value(&found.first_level)
    )
}
