//! Whether the reviewer agrees with themselves, as facts: in a queue, or in the whole log.

use std::sync::Arc;

use egui::{Rect, Ui, vec2};

use crate::app::document::Document;
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::widgets::fact::{FACT, Fact};
use crate::app::widgets::paint::number;
use crate::review::self_agreement::{SelfAgreement, self_agreement};
use crate::stats::Statistic;

/// What the log says, read again only when it has grown.
pub(in crate::app) fn of_log(ui: &Ui, doc: &Document, queue: Option<&str>) -> Arc<SelfAgreement> {
    type Cached = (usize, std::path::PathBuf, Arc<SelfAgreement>);
    let id = egui::Id::unique(("self agreement", queue));
    let events = doc.session.events();
    let path = doc.session.path();
    if let Some((n, of, found)) = ui.data(|d| d.get_temp::<Cached>(id))
        && n == events.len()
        && of == path
    {
        return found;
    }
    let found = Arc::new(self_agreement(events, queue));
    ui.data_mut(|d| d.insert_temp::<Cached>(id, (events.len(), path.to_owned(), Arc::clone(&found))));
    found
}

/// Paints the facts at the top of `rect`, nothing where there are none; where they end.
pub(in crate::app) fn facts_ui(
    ui: &Ui,
    rect: Rect,
    doc: &Document,
    queue: Option<&str>,
    out: &mut Vec<Request>,
) -> f32 {
    let found = of_log(ui, doc, queue);
    let mut line = Rect::from_min_size(rect.min, vec2(rect.width(), FACT));
    if found.n_repeats > 0 {
        let value = of_all(found.n_same, found.n_repeats, &found.same);
        let hint = "Items that came a second time and were decided alike. Wilson's interval. Both decisions are in the log, the later one counts";
        let opens = !found.parted.is_empty();
        if (Fact { what: "alike when asked again", value: &value, opens, selected: false, hint }).show(
            ui,
            line,
            ("alike", queue),
        ) {
            let items: Vec<u32> = found.parted.iter().filter_map(|key| doc.index.get(key).copied()).collect();
            let words = "items that were decided otherwise the second time".to_owned();
            out.push(Request::Filter(vec![Condition::among(words, items.into())]));
        }
        line = line.translate(vec2(0.0, FACT));
    }
    if found.n_controls > 0 {
        let value = of_all(found.n_changed, found.n_controls, &found.changed);
        let hint = "Items that nothing flagged, mixed in without a mark. Many changed ones: either much is wrong that nothing flags, or too much is changed";
        Fact { what: "controls changed", value: &value, opens: false, selected: false, hint }.show(
            ui,
            line,
            ("controls", queue),
        );
        line = line.translate(vec2(0.0, FACT));
    }
    line.top()
}

/// "19 of 20, 95 % [76, 99]".
pub(in crate::app) fn of_all(hits: usize, n: usize, share: &Statistic) -> String {
    let percent = |x: f64| number(100.0 * x, 0);
    share.estimate().map_or_else(
        || "—".to_owned(),
        |e| {
            let ci = e
                .ci
                .map_or_else(String::new, |(low, high)| format!(" [{}, {}]", percent(low), percent(high)));
            format!("{hits} of {n}, {} %{ci}", percent(e.value))
        },
    )
}
