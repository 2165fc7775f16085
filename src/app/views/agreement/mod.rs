//! Agreement: every coefficient with its interval, which of them fits, one of them cut up, and agreement on spans.

mod cut;
mod data;
mod forest;
mod one;
mod spans;

use std::borrow::Cow;
use std::sync::Arc;

use anyhow::Context as _;
use egui::{Rect, Ui, pos2, vec2};

use crate::analysis::coefficients::{Asked, Measure};
use crate::analysis::cuts::{By, Cuts, CutsAsked};
use crate::analysis::spans::{Measure as SpanMeasure, SpansAsked};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::state::View;
use crate::app::views::empty;
use crate::app::views::tabs::{Choice, tabs_ui};
use crate::app::widgets::paint::{Button, count, link, number, text_width, thousands};
use crate::app::widgets::theme::{Theme, font};
use crate::dataset::Dataset;
use crate::stats::agreement::spans::SpanMatch;
use crate::stats::agreement::{IntervalKind, IntervalSpec, Kind, Over};
use crate::stats::rationales::{JointlyEmpty, Unit};
use crate::stats::{Method, Statistic, Undefined};

/// What is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Part {
    /// All coefficients.
    #[default]
    Coefficients,
    /// One of them cut up.
    Cut(By),
    /// Agreement on spans.
    Spans,
}

impl Part {
    /// All that the data has.
    fn all(doc: &Document) -> Vec<Self> {
        let spans = doc.dataset.spans.is_some().then_some(Self::Spans);
        let cuts = doc.cuts.iter().cloned().map(Self::Cut);
        [Self::Coefficients].into_iter().chain(spans).chain(cuts).collect()
    }

    fn words(&self, dataset: &Dataset) -> String {
        match self {
            Self::Coefficients => "All coefficients".to_owned(),
            Self::Cut(by) => format!("By {}", by.words(dataset)),
            Self::Spans => "Spans".to_owned(),
        }
    }

    /// Name on the command line.
    fn id<'a>(&self, dataset: &'a Dataset) -> Cow<'a, str> {
        match self {
            Self::Coefficients => "coefficients".into(),
            Self::Cut(by @ (By::Group(_) | By::Slice(_))) => by.words(dataset).into(),
            Self::Cut(by) => by.id().into(),
            Self::Spans => "spans".into(),
        }
    }
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct AgreementState {
    /// The coefficient that is explained; the recommended one where none was chosen.
    pub selected: Option<Kind>,
    /// What the distance between labels means; what the data says where nothing was chosen.
    pub measure: Option<Measure>,
    /// How intervals are made.
    pub interval: IntervalSpec,
    /// What is shown.
    pub part: Part,
    /// When F1 takes two spans for the same.
    pub matching: SpanMatch,
    /// Only these items count; `None` for all.
    pub among: Option<Arc<[u32]>>,
    /// The measure of spans that is explained.
    measure_of_spans: SpanMeasure,
    unit: Unit,
    empty: JointlyEmpty,
    /// The row under the cursor.
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
        if self.part == Part::Spans {
            let settings = doc.settings.clone();
            return vec![Wanted::Spans(SpansAsked {
                settings,
                matching: self.matching,
                unit: self.unit,
                empty: self.empty,
                seed: SEED,
            })];
        }
        let asked = Asked {
            measure: self.measure,
            interval: self.interval,
            settings: doc.settings.clone(),
            items: self.among.clone(),
        };
        let mut wanted = vec![Wanted::Coefficients(asked.clone())];
        // Which coefficient fits is known only then.
        if let (Part::Cut(by), Some(_)) = (&self.part, doc.panels.coefficients()) {
            let by = by.clone();
            wanted.push(Wanted::Cuts(CutsAsked { of: asked, kind: self.kind(doc), by, seed: SEED }));
        }
        wanted
    }

    /// The coefficient that is explained and cut.
    fn kind(&self, doc: &Document) -> Kind {
        let fits = || doc.panels.coefficients().map(|c| c.recommended());
        self.selected.or_else(fits).unwrap_or(Kind::Krippendorff)
    }

    /// The part of this name: one of [`By::id`], "coefficients", "spans", or the words that the view shows for it.
    pub fn tab_of(&self, doc: &Document, name: &str) -> anyhow::Result<Part> {
        let (all, dataset) = (Part::all(doc), &doc.dataset);
        let is_it = |part: &&Part| match part {
            Part::Cut(by) => by.id() == name || by.words(dataset) == name,
            part => part.id(dataset) == name,
        };
        all.iter().find(is_it).cloned().with_context(|| {
            let known = all.iter().map(|part| part.id(dataset)).collect::<Vec<_>>().join(", ");
            format!("--tab {name}: there are {known}")
        })
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let next = |at: usize, n: usize| {
            (at as i64).saturating_add(by).clamp(0, n.saturating_sub(1) as i64) as usize
        };
        self.reveal = true;
        match &self.part {
            Part::Cut(by) => {
                let n = cuts_by(doc, by).map_or(0, |c| c.as_ref().as_ref().map_or(0, |c| c.rows.len()));
                self.row = next(self.row, n);
            }
            Part::Spans => {
                if let Some(Ok(report)) = doc.panels.spans().as_deref() {
                    self.row = next(self.row, spans::n_rows(report, self.measure_of_spans));
                    spans::follow(self);
                }
            }
            Part::Coefficients => {
                let Some(coefficients) = doc.panels.coefficients() else { return };
                let (rows, _) = forest::shown(&coefficients);
                let here = self.kind(doc);
                let at = rows.iter().position(|r| r.about.kind == here).unwrap_or(0);
                self.selected = rows.get(next(at, rows.len())).map(|r| r.about.kind);
            }
        }
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Vec<Request> {
        match &self.part {
            Part::Coefficients => vec![Request::Filter(vec![Condition::Split])],
            Part::Cut(by) => match cuts_by(doc, by).as_deref() {
                Some(Ok(cuts)) => cut::behind(doc, cuts, self.row),
                _ => Vec::new(),
            },
            Part::Spans => match doc.panels.spans().as_deref() {
                Some(Ok(report)) => spans::behind(report, self).into_iter().collect(),
                _ => Vec::new(),
            },
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
    if state.part == Part::Spans {
        spans::choices_ui(ui, choices, state);
        counted_ui(ui, choices, choices.right(), doc, state, out);
    } else {
        choices_ui(ui, choices, doc, state, out);
    }
    let parts: Vec<(Part, String)> =
        Part::all(doc).into_iter().map(|part| (part.clone(), part.words(&doc.dataset))).collect();
    let names: Vec<Choice<'_>> = parts.iter().map(|(_, name)| Choice { name, ..Choice::default() }).collect();
    let below = Rect::from_min_max(choices.left_bottom(), full.max);
    let on = parts.iter().position(|(part, _)| *part == state.part);
    let (picked, _, body) = tabs_ui(ui, below, &names, on);
    if let Some(at) = picked {
        (state.part, state.row) = (parts[at].0.clone(), 0);
    }
    let share = match state.part {
        Part::Cut(_) => 0.7,
        _ => 0.58,
    };
    let width = (body.width() * share).clamp(360.0, 1100.0).min(body.width());
    let left = Rect::from_min_size(body.min, vec2(width, body.height()));
    let right = Rect::from_min_max(pos2(left.right(), body.top()), body.max);
    let line = |ui: &Ui| ui.painter().vline(left.right(), body.y_range(), theme.border());
    let shown = match &state.part {
        Part::Coefficients => doc.panels.coefficients().map(|coefficients| {
            line(ui);
            forest::coefficients_ui(ui, left, &coefficients, state);
            one::one_ui(ui, right, doc, &coefficients, state, out);
        }),
        Part::Cut(by) => cuts_by(doc, by).map(|cuts| {
            line(ui);
            cut::parts_ui(ui, left, doc, &cuts, state, out);
            cut::about_ui(ui, right, doc, &cuts, state, out);
        }),
        Part::Spans => doc.panels.spans().map(|report| match report.as_ref() {
            Ok(report) => {
                line(ui);
                spans::measures_ui(ui, left, report, state, out);
                spans::about_ui(ui, right, doc, report, state, out);
            }
            Err(reason) => {
                let why = format!("{}.", super::capital(&reason.to_string()));
                empty::nothing(ui, body, "No spans here", &why, Vec::new(), out);
            }
        }),
    };
    if shown.is_none() {
        let panel = match state.part {
            Part::Coefficients => Panel::Coefficients,
            Part::Cut(_) => Panel::Cuts,
            Part::Spans => Panel::Spans,
        };
        let waits_for_all = state.part != Part::Spans && doc.panels.is_stopped(Panel::Coefficients);
        if doc.panels.is_stopped(panel) || waits_for_all {
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowAgreement))];
            let why = "Nothing else waits for these numbers.";
            empty::nothing(ui, body, "Stopped before the end", why, again, out);
        } else {
            empty::loading(ui, body);
        }
    }
}

/// The cut by `by`, once it is there: parts of another one have other columns.
fn cuts_by(doc: &Document, by: &By) -> Option<Arc<Result<Cuts, Undefined>>> {
    let is_it = matches!(doc.panels.answered(Panel::Cuts)?, Wanted::Cuts(asked) if asked.by == *by);
    doc.panels.cuts().filter(|_| is_it)
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

/// A value, its interval, how that was made, and what it was made of; `units` are one and several of them.
fn value_words(statistic: &Statistic, by: &str, units: (&str, &str)) -> String {
    let e = match statistic {
        Statistic::Defined(estimate) => estimate,
        Statistic::Undefined(reason) => return format!("Undefined: {reason}"),
    };
    let ci = e.ci.map_or_else(String::new, |(a, b)| format!(", {} to {}", number(a, 3), number(b, 3)));
    let how = match e.method {
        Some(Method::Analytic) => " (analytic)".to_owned(),
        Some(Method::Jackknife) => " (jackknife)".to_owned(),
        Some(Method::Bootstrap { replicates, dropped }) if dropped > 0.0 => {
            format!(
                " (bootstrap of {replicates}, {} % of them undefined)",
                number(100.0 * f64::from(dropped), 1)
            )
        }
        Some(Method::Bootstrap { replicates, .. }) => format!(" (bootstrap of {replicates})"),
        None => String::new(),
    };
    let by = if by.is_empty() { String::new() } else { format!(" · {by}") };
    let (items, raters) = (count(e.n_items, units.0, units.1), count(e.n_raters, "rater", "raters"));
    format!("{}{ci}{how}{by} · {items}, {raters}", number(e.value, 4))
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
