//! Agreement: every coefficient with its interval, which of them fits, and one of them cut up.

mod cut;
mod forest;
mod one;

use std::sync::Arc;

use anyhow::Context as _;
use egui::{Rect, Ui, pos2, vec2};

use crate::analysis::coefficients::{Asked, Measure};
use crate::analysis::cuts::{By, CutsAsked};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::widgets::paint::{Button, count, link, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::Dataset;
use crate::stats::agreement::{IntervalKind, IntervalSpec, Kind, Over};

/// What the view remembers.
#[derive(Debug, Default)]
pub struct AgreementState {
    /// The coefficient that is explained; the recommended one where none was chosen.
    pub selected: Option<Kind>,
    /// What the distance between labels means; what the data says where nothing was chosen.
    pub measure: Option<Measure>,
    /// How intervals are made.
    pub interval: IntervalSpec,
    /// What the coefficient is cut by; `None` for all coefficients.
    pub by: Option<By>,
    /// Only these items count; `None` for all.
    pub among: Option<Arc<[u32]>>,
    /// The part under the cursor.
    row: usize,
    /// Whether the cursor is to be brought into view.
    reveal: bool,
}

/// Resamples of a bootstrap.
const REPLICATES: u32 = 1000;
/// Its seed.
const SEED: u64 = 42;
/// Height of each line of choices.
const LINE: f32 = 40.0;

impl AgreementState {
    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        let asked = Asked {
            measure: self.measure,
            interval: self.interval,
            settings: doc.settings.clone(),
            items: self.among.clone(),
        };
        let mut wanted = vec![Wanted::Coefficients(asked.clone())];
        // Which coefficient fits is known only then.
        if let Some(by) = self.by.clone().filter(|_| doc.panels.coefficients().is_some()) {
            wanted.push(Wanted::Cuts(CutsAsked { of: asked, kind: self.kind(doc), by, seed: SEED }));
        }
        wanted
    }

    /// The coefficient that is explained and cut.
    fn kind(&self, doc: &Document) -> Kind {
        let fits = || doc.panels.coefficients().map(|c| c.recommended());
        self.selected.or_else(fits).unwrap_or(Kind::Krippendorff)
    }

    /// The cut of this name: one of [`By::id`], or the words that the view shows for it.
    pub fn tab_of(&self, dataset: &Dataset, name: &str) -> anyhow::Result<By> {
        let all = By::all(dataset);
        let found = all.iter().find(|by| by.id() == name || by.words(dataset) == name).cloned();
        found.with_context(|| {
            let known = all.iter().map(|by| by.words(dataset)).collect::<Vec<_>>().join(", ");
            format!("--tab {name}: there are {known}")
        })
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let next = |at: usize, n: usize| {
            (at as i64).saturating_add(by).clamp(0, n.saturating_sub(1) as i64) as usize
        };
        self.reveal = true;
        if self.by.is_some() {
            let n = doc.panels.cuts().map_or(0, |c| c.as_ref().as_ref().map_or(0, |c| c.rows.len()));
            self.row = next(self.row, n);
        } else if let Some(coefficients) = doc.panels.coefficients() {
            let (rows, _) = forest::shown(&coefficients);
            let here = self.kind(doc);
            let at = rows.iter().position(|r| r.about.kind == here).unwrap_or(0);
            self.selected = rows.get(next(at, rows.len())).map(|r| r.about.kind);
        }
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Vec<Request> {
        match (&self.by, doc.panels.cuts()) {
            (None, _) => vec![Request::Filter(vec![Condition::Split])],
            (Some(_), Some(cuts)) => {
                cuts.as_ref().as_ref().map_or_else(|_| Vec::new(), |cuts| cut::behind(doc, cuts, self.row))
            }
            (Some(_), None) => Vec::new(),
        }
    }
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut AgreementState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.dataset.annotations.is_empty() {
        let why = "Agreement needs a table in which several raters labelled the same items: one row a vote, or one column \
                   a rater.";
        let change = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "No votes in this data", why, change, out);
        return;
    }
    let theme = Theme::of(ui.ctx());
    let choices = Rect::from_min_size(full.min, vec2(full.width(), LINE));
    choices_ui(ui, choices, doc, state, out);
    let tabs = Rect::from_min_size(choices.left_bottom(), vec2(full.width(), LINE));
    tabs_ui(ui, tabs, doc, state);
    let body = Rect::from_min_max(pos2(full.left(), tabs.bottom()), full.max);
    ui.painter().hline(full.x_range(), tabs.bottom(), theme.border());
    let panel = if state.by.is_some() { Panel::Cuts } else { Panel::Coefficients };
    let coefficients = doc.panels.coefficients();
    let cuts = doc.panels.cuts().filter(|cuts| {
        // Parts of another cut have other columns.
        cuts.as_ref().as_ref().ok().is_none_or(|c| Some(&c.asked.by) == state.by.as_ref())
    });
    let waiting = coefficients.is_none() || (state.by.is_some() && cuts.is_none());
    if waiting {
        if doc.panels.is_stopped(panel) || doc.panels.is_stopped(Panel::Coefficients) {
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowAgreement))];
            let why = "Nothing else waits for these numbers.";
            empty::nothing(ui, body, "Stopped before the end", why, again, out);
        } else {
            empty::loading(ui, body);
        }
        return;
    }
    let share = if state.by.is_some() { 0.7 } else { 0.58 };
    let width = (body.width() * share).clamp(360.0, 1100.0).min(body.width());
    let left = Rect::from_min_size(body.min, vec2(width, body.height()));
    let right = Rect::from_min_max(pos2(left.right(), body.top()), body.max);
    ui.painter().vline(left.right(), body.y_range(), theme.border());
    match (state.by.is_some(), cuts, coefficients) {
        (true, Some(cuts), _) => {
            cut::parts_ui(ui, left, doc, &cuts, state, out);
            cut::about_ui(ui, right, doc, &cuts, state, out);
        }
        (_, _, Some(coefficients)) => {
            forest::coefficients_ui(ui, left, &coefficients, state);
            one::one_ui(ui, right, doc, &coefficients, state, out);
        }
        _ => {}
    }
}

/// The scale, how intervals are made, and what counts.
fn choices_ui(ui: &Ui, rect: Rect, doc: &Document, state: &mut AgreementState, out: &mut Vec<Request>) {
    let mut x = rect.left() + 16.0;
    let y = rect.top() + 8.0;
    let shown = doc.panels.coefficients().map(|c| c.measure);
    for measure in Measure::ALL.into_iter().filter(|m| m.fits(&doc.dataset)) {
        let (name, meaning) = measure.words();
        let on = state.measure.or(shown) == Some(measure);
        let (response, right) = Button::new(name).on(on).show(ui, pos2(x, y), ("scale", name));
        if response.clicked() {
            state.measure = Some(measure);
        }
        response.on_hover_text(meaning);
        x = right + 4.0;
    }
    x += 20.0;
    let bootstrap = IntervalKind::Bootstrap { replicates: REPLICATES, seed: SEED };
    let kinds = [
        (
            IntervalKind::Analytic,
            "Analytic",
            "Gwet's linearised variance with Student's t, where there is one",
        ),
        (IntervalKind::Jackknife, "Jackknife", "Leaving out one after the other"),
        (bootstrap, "Bootstrap", "A thousand resamples of whole items or raters; the seed is fixed"),
    ];
    for (kind, name, hint) in kinds {
        let (response, right) =
            Button::new(name).on(state.interval.kind == kind).show(ui, pos2(x, y), ("interval", name));
        if response.clicked() {
            state.interval.kind = kind;
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    x += 20.0;
    let sides = [
        (Over::Items, "Over items", "How would this team agree on other items?"),
        (Over::Raters, "Over raters", "How would other raters agree on these items?"),
    ];
    for (over, name, hint) in sides {
        let (response, right) =
            Button::new(name).on(state.interval.over == over).show(ui, pos2(x, y), ("over", name));
        if response.clicked() {
            state.interval.over = over;
        }
        response.on_hover_text(hint);
        x = right + 4.0;
    }
    counted_ui(ui, rect, x + 16.0, doc, state, out);
}

/// Which items and raters count.
fn counted_ui(
    ui: &Ui,
    rect: Rect,
    mut x: f32,
    doc: &Document,
    state: &mut AgreementState,
    out: &mut Vec<Request>,
) {
    let filtered = doc.rows.as_ref().filter(|_| !doc.query.is_everything());
    if state.among.is_some() || filtered.is_some() {
        let n = state.among.as_ref().or(filtered.map(|r| &r.items)).map_or(0, |i| i.len());
        let words = format!("Only {} filtered", thousands(n as u64));
        let button = Button::new(&words).on(state.among.is_some());
        let (response, right) = button.show(ui, pos2(x, rect.top() + 8.0), "among");
        if response.clicked() {
            state.among = match state.among {
                Some(_) => None,
                None => filtered.map(|r| Arc::clone(&r.items)),
            };
        }
        response.on_hover_text("Counts only the items that the filter showed when this was switched on");
        x = right + 12.0;
    }
    let out_of_it = doc.settings.left_out(&doc.dataset.raters).len();
    if out_of_it > 0 {
        let words = format!("{} not counted", count(out_of_it, "rater", "raters"));
        let width = text_width(ui.painter(), &words, font::body());
        let at = pos2(x.max(rect.right() - 16.0 - width).min(rect.right() - width - 4.0), rect.center().y);
        let response = link(ui, at, &words, "left out");
        if response.clicked() {
            out.push(Request::Show(View::Raters));
        }
        response.on_hover_text("Models and raters who were switched out; switch them in Raters");
    }
}

/// All coefficients, or one of them cut up.
fn tabs_ui(ui: &mut Ui, rect: Rect, doc: &Document, state: &mut AgreementState) {
    let mut x = rect.left() + 16.0;
    let y = rect.top() + 4.0;
    let (response, right) =
        Button::new("All coefficients").on(state.by.is_none()).show(ui, pos2(x, y), "all coefficients");
    if response.clicked() {
        state.by = None;
    }
    x = right + 4.0;
    let mut all = By::all(&doc.dataset).into_iter().peekable();
    let mut rest = Vec::new();
    while let Some(by) = all.next() {
        let words = format!("By {}", by.words(&doc.dataset));
        let on = state.by.as_ref() == Some(&by);
        let button = Button::new(&words).on(on);
        let last = all.peek().is_none();
        if !rest.is_empty() || x + button.width(ui.painter()) > rect.right() - if last { 12.0 } else { 96.0 }
        {
            rest.push((by, words));
            continue;
        }
        let (response, right) = button.show(ui, pos2(x, y), ("by", &words));
        if response.clicked() {
            (state.by, state.row) = (Some(by), 0);
        }
        x = right + 4.0;
    }
    if !rest.is_empty() {
        let on = rest.iter().any(|(by, _)| state.by.as_ref() == Some(by));
        let (response, _) = Button::new("More…").on(on).show(ui, pos2(x, y), "more cuts");
        egui::Popup::menu(&response).show(|ui| {
            for (by, words) in rest {
                if ui.selectable_label(state.by.as_ref() == Some(&by), &words).clicked() {
                    (state.by, state.row) = (Some(by), 0);
                }
            }
        });
    }
}

/// The page that explains a coefficient.
fn page(kind: Kind) -> &'static str {
    match kind {
        Kind::Percent | Kind::Unanimous | Kind::Majority => "percent_agreement",
        Kind::Cohen | Kind::Light | Kind::Hubert => "cohen_kappa",
        Kind::Scott => "scott_pi",
        Kind::Fleiss => "fleiss_kappa",
        Kind::Conger => "conger_kappa",
        Kind::BrennanPrediger => "brennan_prediger",
        Kind::Gwet => "gwet_ac",
        Kind::Krippendorff => "krippendorff_alpha",
        Kind::Icc(_) => "icc",
        Kind::KendallW | Kind::Pearson | Kind::Spearman | Kind::KendallTau | Kind::Lin => "rank_agreement",
    }
}
