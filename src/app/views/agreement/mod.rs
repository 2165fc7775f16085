//! Agreement: every coefficient with its interval on one scale, which of them fits, and each label against the rest.

mod forest;
mod one;

use egui::{Rect, Ui, pos2, vec2};

use self::forest::forest_ui;
use self::one::one_ui;
use crate::analysis::coefficients::{Asked, Coefficients};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::widgets::paint::Button;
use crate::app::widgets::theme::Theme;
use crate::dataset::Scale;
use crate::stats::agreement::{IntervalKind, IntervalSpec, Kind, Over};

/// What the view remembers.
#[derive(Debug, Default)]
pub struct AgreementState {
    /// The coefficient that is explained; the recommended one where none was chosen.
    pub selected: Option<Kind>,
    /// The scale that was chosen; what the data says where none was.
    pub scale: Option<Scale>,
    /// How intervals are made.
    pub interval: IntervalSpec,
}

/// Resamples of a bootstrap.
const REPLICATES: u32 = 1000;
/// Its seed.
const SEED: u64 = 42;

impl AgreementState {
    /// What is to be computed.
    pub fn asked(&self, doc: &Document) -> Asked {
        Asked { scale: self.scale, interval: self.interval, duplicates: doc.settings.duplicates }
    }

    /// Moves to the coefficient below, or above.
    pub fn step(&mut self, coefficients: &Coefficients, by: i64) {
        let here = self.selected.unwrap_or(coefficients.recommended());
        let (rows, _) = forest::shown(coefficients);
        let at = rows.iter().position(|r| r.about.kind == here).unwrap_or(0);
        let last = rows.len().saturating_sub(1) as i64;
        let next = (at as i64).saturating_add(by).clamp(0, last) as usize;
        self.selected = rows.get(next).map(|r| r.about.kind);
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
    let bar = Rect::from_min_size(full.min, vec2(full.width(), 48.0));
    choices_ui(ui, bar, doc, state);
    let body = Rect::from_min_max(pos2(full.left(), bar.bottom()), full.max);
    let theme = Theme::of(ui.ctx());
    ui.painter().hline(full.x_range(), bar.bottom(), theme.border());
    let Some(coefficients) = doc.coefficients.clone() else {
        if doc.coefficients_stopped {
            let again = vec![("Compute again".to_owned(), Request::Run(Command::ShowAgreement))];
            empty::nothing(
                ui,
                body,
                "Stopped before the end",
                "Nothing else waits for these numbers.",
                again,
                out,
            );
        } else {
            empty::loading(ui, body);
        }
        return;
    };
    let width = (body.width() * 0.58).clamp(360.0, 860.0).min(body.width());
    let left = Rect::from_min_size(body.min, vec2(width, body.height()));
    let right = Rect::from_min_max(pos2(left.right(), body.top()), body.max);
    ui.painter().vline(left.right(), body.y_range(), theme.border());
    forest_ui(ui, left, &coefficients, state);
    one_ui(ui, right, doc, &coefficients, state, out);
}

/// The scale, and how intervals are made.
fn choices_ui(ui: &Ui, rect: Rect, doc: &Document, state: &mut AgreementState) {
    let mut x = rect.left() + 16.0;
    let y = rect.top() + 10.0;
    let shown = doc.coefficients.as_ref().map(|c| c.scale);
    let scales = [
        (Scale::Nominal, "Nominal"),
        (Scale::Ordinal, "Ordinal"),
        (Scale::Interval, "Interval"),
        (Scale::Ratio, "Ratio"),
    ];
    for (scale, name) in scales {
        let on = state.scale.or(shown) == Some(scale);
        let (response, right) = Button::new(name).on(on).show(ui, pos2(x, y), ("scale", name));
        if response.clicked() {
            state.scale = Some(scale);
        }
        response.on_hover_text(match scale {
            Scale::Nominal => "Labels are the same or not",
            Scale::Ordinal => "Labels have an order: that of the label set",
            Scale::Interval => "Distances between labels mean something",
            Scale::Ratio => "Ratios of labels mean something: there is a zero",
        });
        x = right + 4.0;
    }
    x += 24.0;
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
    x += 24.0;
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
