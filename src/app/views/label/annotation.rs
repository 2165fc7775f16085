//! How the dataset was annotated, how balanced its labels are, and what a reference table says that goes with them.

use egui::{Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::analysis::nutrition::{AnnotationPart, Spread};
use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::{bar_bare, heading, hit, label_chip, number, text, text_block, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::report::{figure, percent};
use crate::stats::nutrition::{FEW, MANY};
use crate::stats::{Statistic, Undefined};

const PAD: f32 = 16.0;
/// Labels that are listed.
const MOST: usize = 200;

/// Paints the two panels.
pub fn ui(ui: &mut Ui, body: Rect, doc: &Document, part: &AnnotationPart, out: &mut Vec<Request>) {
    let counts = doc.session.counts();
    let left = annotation(part, counts.decided(), counts.changed);
    let right = balance(part);
    let labels = part.label_counts.len().min(MOST);
    let truths = part.truths.as_ref().map_or(0, Vec::len);
    let two = body.width() > 760.0;
    let left_height = 60.0 + FACT * (left.len() + truths) as f32 + 110.0;
    let right_height = 60.0 + FACT * (right.len() + labels) as f32 + 60.0;
    let height = if two { left_height.max(right_height) } else { left_height + right_height };
    ui.scope_builder(UiBuilder::new().max_rect(body).id_salt("annotation"), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        egui::ScrollArea::vertical().id_salt("annotation").auto_shrink(false).show(ui, |ui| {
            let (rect, _) =
                ui.allocate_exact_size(vec2(body.width(), height.max(body.height())), Sense::hover());
            let width = (if two { rect.width() / 2.0 } else { rect.width() }).min(640.0);
            let one = Rect::from_min_size(rect.min, vec2(width, rect.height())).shrink2(vec2(PAD, 12.0));
            let y = facts(ui, one, "Annotation", "who labelled how much, and how far they agree", &left);
            let y = reference(ui, Rect::from_min_max(pos2(one.left(), y + 12.0), one.max), part);
            let two = if two {
                Rect::from_min_size(pos2(one.right() + 2.0 * PAD, one.top()), one.size())
            } else {
                Rect::from_min_size(pos2(one.left(), y + 20.0), one.size())
            };
            let caption = format!("as they stand: {}", part.labels_are);
            let y = facts(ui, two, "Balance of labels", &caption, &right);
            list(ui, Rect::from_min_max(pos2(two.left(), y + 8.0), two.max), doc, part, out);
        });
    });
}

type Row = (String, String, String);

fn facts(ui: &Ui, r: Rect, title: &str, caption: &str, rows: &[Row]) -> f32 {
    let theme = Theme::of(ui.ctx());
    heading(ui.painter(), theme, pos2(r.left(), r.top() + 10.0), title, caption);
    let mut y = r.top() + 26.0;
    for (what, value, hint) in rows {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        Fact { what, value, opens: false, selected: false, hint }.show(ui, line, what);
        y += FACT;
    }
    y
}

/// The number, or a dash with the reason on hover.
fn told(what: &str, value: &Statistic, digits: usize) -> Row {
    let words = value.value().map_or_else(|| "—".to_owned(), |v| number(v, digits));
    (what.to_owned(), words, value.reason().map_or_else(String::new, |r| format!("Undefined: {r}")))
}

fn spread(what: &str, found: &Result<Spread, Undefined>) -> Row {
    match found {
        Ok(s) => {
            let words = format!("{} / {} / {}", thousands(s.min), figure(s.median), thousands(s.max));
            (what.to_owned(), words, "Smallest, median and largest".to_owned())
        }
        Err(why) => (what.to_owned(), "—".to_owned(), format!("Undefined: {why}")),
    }
}

fn annotation(a: &AnnotationPart, decided: usize, changed: usize) -> Vec<Row> {
    let plain = |what: &str, value: String| (what.to_owned(), value, String::new());
    let n = |n: usize| thousands(n as u64);
    let share = |n: usize, of: usize| percent((of > 0).then(|| n as f64 / of as f64));
    let mut rows = vec![
        plain("Items", n(a.n_items)),
        plain("Raters", a.n_raters.map_or_else(|| "not known by name".to_owned(), n)),
        plain("Annotations", n(a.n_annotations)),
        spread("Votes per item", &a.votes_per_item),
        spread("Votes per rater", &a.votes_per_rater),
        told("Krippendorff’s α (nominal)", &a.alpha, 3),
        told("Mean entropy of votes, bits", &a.mean_entropy_bits, 3),
        (
            "Majority ties".to_owned(),
            format!("{} ({})", n(a.n_tied), share(a.n_tied, a.n_voted)),
            format!("Of {} items with a vote", n(a.n_voted)),
        ),
    ];
    for c in &a.coverage {
        let words = format!("{} of {}", n(c.known), n(c.raters));
        rows.push((format!("Raters’ {} known", c.attribute), words, String::new()));
    }
    for (why, count) in &a.missing {
        rows.push((format!("Missing: {}", why.words()), thousands(*count), String::new()));
    }
    let never = a.n_items.saturating_sub(decided);
    rows.push(plain("Items never reviewed", format!("{} ({})", n(never), share(never, a.n_items))));
    rows.push((
        "Decisions logged".to_owned(),
        n(decided),
        format!("{} of them changed the label", n(changed)),
    ));
    rows
}

fn balance(a: &AnnotationPart) -> Vec<Row> {
    let i = &a.imbalance;
    let with = |row: Row, hint: &str| {
        let hint = if row.2.is_empty() { hint.to_owned() } else { row.2 };
        (row.0, row.1, hint)
    };
    vec![
        ("Items with a label".to_owned(), thousands(i.n), String::new()),
        with(told("Imbalance ratio ρ", &i.ratio, 2), "The largest label over the smallest"),
        with(told("Evenness", &i.evenness, 3), "Entropy over ln K: 1 if all labels are as frequent"),
        with(
            told("Effective classes", &i.effective, 2),
            "e to the entropy: as many equally frequent labels are as diverse",
        ),
        with(told("Gini", &i.gini, 3), "1 − Σ p²: the chance that two items have different labels"),
        (
            "Many / medium / few".to_owned(),
            format!("{} / {} / {}", i.many, i.medium, i.few),
            format!("Labels with more than {MANY} items, with {FEW} to {MANY}, with fewer than {FEW}"),
        ),
    ]
}

fn reference(ui: &Ui, r: Rect, part: &AnnotationPart) -> f32 {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    heading(
        p,
        theme,
        pos2(r.left(), r.top() + 10.0),
        "Ground-truth correlations",
        "what was joined, against the labels",
    );
    let mut y = r.top() + 26.0;
    match &part.truths {
        Err(why) => {
            let words = format!("Undefined: {why}.");
            text_block(p, pos2(r.left(), y), r.width(), &words, font::body(), theme.text_2).bottom()
        }
        Ok(list) => {
            for (at, t) in list.iter().enumerate() {
                let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
                let value = t.dependence.value.as_ref().map_or_else(|_| "—".to_owned(), |v| number(*v, 3));
                let hint = match &t.dependence.value {
                    Ok(_) => {
                        format!("{} over {} rows", t.dependence.measure.name(), thousands(t.dependence.n))
                    }
                    Err(why) => format!("Undefined: {why}"),
                };
                let what = format!("{} and {}", t.reference, t.with);
                Fact { what: &what, value: &value, opens: false, selected: false, hint: &hint }.show(
                    ui,
                    line,
                    ("truth", at),
                );
                y += FACT;
            }
            y
        }
    }
}

fn list(ui: &Ui, r: Rect, doc: &Document, part: &AnnotationPart, out: &mut Vec<Request>) {
    let theme = Theme::of(ui.ctx());
    let p = ui.painter();
    let most = part.label_counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let mut y = r.top();
    for (label, &n) in part.label_counts.iter().enumerate().take(MOST) {
        let line = Rect::from_min_size(pos2(r.left(), y), vec2(r.width(), FACT));
        if ui.is_rect_visible(line) {
            let name = doc.label(label as u32);
            let words = format!("{name}: {}", crate::app::widgets::paint::count(n as usize, "item", "items"));
            let response = hit(ui, line, ui.scope_id().with(("balance", label)), &words);
            if response.hovered() {
                p.rect_filled(line.expand2(vec2(4.0, 0.0)), 2.0, theme.hover);
            }
            if response.clicked() {
                out.push(Request::Filter(vec![Condition::Given(label as u32)]));
            }
            let names = r.width() * 0.4;
            label_chip(p, theme, line.left_center(), names - 8.0, label as u32, name, theme.text);
            let bar = Rect::from_min_size(line.min + vec2(names, 6.0), vec2(r.width() - names - 70.0, 12.0));
            bar_bare(p, bar, n as f32 / most, theme.label(label as u32));
            let count = if n == 0 { "no item".to_owned() } else { thousands(n) };
            text(p, line.right_center(), egui::Align2::RIGHT_CENTER, &count, font::mono(), theme.text);
        }
        y += FACT;
    }
    if part.label_counts.len() > MOST {
        let words = format!("and {} more labels, in the saved label", part.label_counts.len() - MOST);
        text(p, pos2(r.left(), y + 12.0), egui::Align2::LEFT_CENTER, &words, font::caption(), theme.text_3);
    }
}
