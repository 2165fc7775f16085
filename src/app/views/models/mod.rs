//! People against models: whether a model spreads its probability as people spread their votes, beside what people reach among
//! themselves; and which categories it could take over.

mod benchmark;
mod categories;
mod data;
mod difficulty;
mod items;
mod judging;
mod metrics;
mod per_rater;
mod plots;
mod routing;
mod table;

pub(in crate::app::views) use self::judging::warning_words;

use std::sync::Arc;

use egui::{Rect, Ui, UiBuilder, vec2};

use crate::analysis::categories::{BehindCategory, CategoriesAsked, CategoriesReport};
use crate::analysis::difficulty::{DifficultyAsked, DifficultyReport, QUADRANTS};
use crate::analysis::judge_validation::{Cut, JudgingAsked, JudgingReport};
use crate::analysis::metrics::{MetricColumns, MetricsAsked, MetricsReport};
use crate::analysis::models::{ModelReport, ModelsAsked, ModelsReport, has_models};
use crate::analysis::per_rater::{PerRaterAsked, PerRaterReport};
use crate::app::command::Command;
use crate::app::document::Document;
use crate::app::panels::{Kind as Panel, Wanted};
use crate::app::query::Condition;
use crate::app::request::Request;
use crate::app::views::empty;
use crate::app::views::tabs::{Choice, absent_ui, finding_ui, tabs_ui};
use crate::app::widgets::table::TableState;
use crate::app::widgets::theme::Theme;
use crate::dataset::LabelId;
use crate::stats::Statistic;
use crate::stats::human_distribution::HISTOGRAM_BINS;

/// Seed of everything that is drawn here.
const SEED: u64 = 42;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Distributions of probability and of votes.
    #[default]
    Distributions,
    /// Which categories a model could take over.
    Categories,
    /// A detector of one label, each rater by itself.
    PerRater,
    /// Judges held against people as people are against each other.
    Judges,
    /// Models before and after labels were corrected.
    Benchmark,
    /// Which items are worth a person.
    Routing,
    /// Columns of numbers against people.
    Metrics,
    /// What is hard for people and for models.
    Difficulty,
}

/// What narrows the list of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Brush {
    #[default]
    None,
    /// A bin of distances.
    Distance(usize),
    /// A bin of confidence.
    Confidence(usize),
    /// A slice by how far people disagree.
    Entropy(usize),
    /// The label of most is the second choice.
    Near,
    /// Labels are ranked otherwise than by the votes.
    Ranked,
    /// The trusted label has fewer than half of the votes.
    Minority,
    /// Nobody voted for the trusted label.
    Unsupported,
}

/// A column that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Chosen {
    /// The one whose name says it.
    #[default]
    ByName,
    Nothing,
    Column(usize),
}

/// What the view remembers.
#[derive(Debug, Default)]
pub struct ModelsState {
    /// What is shown.
    pub tab: Tab,
    /// Which model.
    model: usize,
    brush: Brush,
    row: usize,
    reveal: bool,
    table: TableState,
    /// The category, or the rater, under the cursor.
    category: usize,
    /// The label that is detected; the last of the label set if `None`.
    label: Option<LabelId>,
    /// Which detector.
    detector: usize,
    /// What judges can be cut by, and are.
    cuts: Arc<[Cut]>,
    cut: Option<Cut>,
    routing: routing::RoutingState,
    /// Which columns say system and source.
    by: [Chosen; 2],
    /// Over what metrics are shown.
    level: metrics::Over,
    /// Which column says conditions of difficulty.
    condition: Option<usize>,
}

/// Whether there is a model, or a metric.
fn is_there(doc: &Document) -> bool {
    has_models(&doc.dataset) || doc.metric_columns.is_some()
}

impl ModelsState {
    /// What is shown of data with models, with metrics, or both.
    fn tab(&self, doc: &Document) -> Tab {
        match self.tab {
            Tab::Metrics if doc.metric_columns.is_none() => Tab::Distributions,
            _ if !has_models(&doc.dataset) => Tab::Metrics,
            tab => tab,
        }
    }

    /// The columns of system and of source.
    fn columns(&self, columns: &MetricColumns) -> [Option<usize>; 2] {
        let of = |chosen, by_name| match chosen {
            Chosen::ByName => by_name,
            Chosen::Nothing => None,
            Chosen::Column(at) => Some(at),
        };
        [of(self.by[0], columns.system), of(self.by[1], columns.source)]
    }

    /// What is to be computed.
    pub fn wanted(&self, doc: &Document) -> Vec<Wanted> {
        if !is_there(doc) {
            return Vec::new();
        }
        let settings = doc.settings.clone();
        vec![match self.tab(doc) {
            Tab::Distributions => Wanted::Models(ModelsAsked { settings, seed: SEED }),
            Tab::Categories => Wanted::Categories(CategoriesAsked { settings, seed: SEED }),
            Tab::PerRater => {
                let last = doc.dataset.labels.len().saturating_sub(1) as LabelId;
                let label = self.label.map_or(last, |l| l.min(last));
                Wanted::PerRater(PerRaterAsked { settings, label, seed: SEED })
            }
            Tab::Benchmark => return benchmark::wanted(doc),
            Tab::Routing => return routing::wanted(doc, &self.routing),
            Tab::Difficulty => {
                let condition = self.condition.filter(|c| doc.difficulty_conditions.contains(c));
                Wanted::Difficulty(DifficultyAsked { settings, condition, seed: SEED })
            }
            Tab::Metrics => {
                let Some(columns) = &doc.metric_columns else { return Vec::new() };
                let [system, source] = self.columns(columns);
                Wanted::Metrics(MetricsAsked { settings, system, source, seed: SEED })
            }
            Tab::Judges => {
                let cut = self.cut.clone().filter(|c| doc.judge_cuts.contains(c));
                Wanted::Judging(JudgingAsked { settings, cut, seed: SEED })
            }
        }]
    }

    fn report(doc: &Document) -> Option<Arc<ModelsReport>> {
        let found = doc.panels.models()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn categories(doc: &Document) -> Option<Arc<CategoriesReport>> {
        let found = doc.panels.categories()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn per_rater(doc: &Document) -> Option<Arc<PerRaterReport>> {
        let found = doc.panels.per_rater()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn metrics(doc: &Document) -> Option<Arc<MetricsReport>> {
        let found = doc.panels.metrics()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn difficulty(doc: &Document) -> Option<Arc<DifficultyReport>> {
        let found = doc.panels.difficulty()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn judging(doc: &Document) -> Option<Arc<JudgingReport>> {
        let found = doc.panels.judging()?;
        found.as_ref().as_ref().ok().cloned()
    }

    fn brush_on(&mut self, brush: Brush) {
        self.brush = if self.brush == brush { Brush::None } else { brush };
        (self.row, self.reveal) = (0, true);
        self.table = TableState::default();
    }

    fn take(&mut self, model: usize) {
        if self.model != model {
            (self.model, self.brush, self.row) = (model, Brush::None, 0);
            self.table = TableState::default();
        }
    }

    /// The items that are listed.
    fn listed(&self, report: &ModelsReport) -> Arc<[u32]> {
        let Some(model) = report.models.get(self.model) else { return Arc::from([]) };
        let calibration = model.calibration.as_ref().ok();
        let items = match self.brush {
            Brush::None => Some(&model.farthest),
            Brush::Distance(at) => calibration.and_then(|c| c.by_distance.get(at)),
            Brush::Confidence(at) => calibration.and_then(|c| c.bins.get(at)).map(|b| &b.items),
            Brush::Entropy(at) => model.by_entropy.get(at).map(|s| &s.items),
            Brush::Near => Some(&model.near_misses),
            Brush::Ranked => model.ranking.as_ref().ok().map(|r| &r.worst),
            Brush::Minority => Some(&report.of_support[0]),
            Brush::Unsupported => Some(&report.of_support[1]),
        };
        items.map_or_else(|| Arc::from([]), Arc::clone)
    }

    /// What is listed, in words.
    fn words(&self, report: &ModelsReport) -> String {
        let Some(model) = report.models.get(self.model) else { return String::new() };
        let name = &model.name;
        match self.brush {
            Brush::None => format!("{name} is farthest from people first"),
            Brush::Distance(at) => {
                let n = HISTOGRAM_BINS as f64;
                let edge = |i: usize| i as f64 / n;
                format!("{name} is {:.2} to {:.2} from people", edge(at), edge(at + 1))
            }
            Brush::Confidence(at) => {
                let bin = model.calibration.as_ref().ok().and_then(|c| c.bins.get(at));
                bin.map_or_else(String::new, |b| format!("{name} is {:.1} to {:.1} sure", b.low, b.high))
            }
            Brush::Entropy(0) => "all people agree".to_owned(),
            Brush::Entropy(at) => {
                let n = model.by_entropy.len().saturating_sub(1).max(1);
                format!("people disagree, part {at} of {n}")
            }
            Brush::Near => format!("the label of most is {name}’s second choice"),
            Brush::Ranked => format!("{name} ranks labels otherwise than people, the farthest first"),
            Brush::Minority => "the label has fewer than half of the votes".to_owned(),
            Brush::Unsupported => "nobody voted for the label".to_owned(),
        }
    }

    /// Moves to the row below, or above.
    pub fn step(&mut self, doc: &Document, by: i64) {
        let moved = |at: usize, n: usize| {
            (at as i64).saturating_add(by).clamp(0, n.saturating_sub(1) as i64) as usize
        };
        match self.tab(doc) {
            Tab::Distributions => {
                let Some(report) = Self::report(doc) else { return };
                self.row = moved(self.row, self.listed(&report).len());
                self.reveal = true;
            }
            Tab::Categories => {
                let Some(report) = Self::categories(doc) else { return };
                self.category = moved(self.category, report.found.points.len());
            }
            Tab::PerRater => {
                let Some(report) = Self::per_rater(doc) else { return };
                self.category = moved(self.category, report.raters.len());
            }
            Tab::Judges => {
                let Some(report) = Self::judging(doc) else { return };
                self.category = moved(self.category, judging::n_rows(&report));
            }
            Tab::Difficulty => self.category = moved(self.category, QUADRANTS.len()),
            Tab::Metrics => {
                let Some(report) = Self::metrics(doc) else { return };
                self.category = moved(self.category, report.rows.len());
                self.reveal = true;
            }
            Tab::Benchmark => {
                let Some(report) = benchmark::report(doc) else { return };
                self.category = moved(self.category, report.found.swaps.len());
            }
            Tab::Routing => {
                let Some(report) = routing::report(doc) else { return };
                self.category = moved(self.category, routing::n_rows(&report));
            }
        }
    }

    /// What lies behind the row under the cursor.
    pub fn behind(&self, doc: &Document) -> Option<Request> {
        match self.tab(doc) {
            Tab::Distributions => {
                let report = Self::report(doc)?;
                let items = self.listed(&report);
                let from = items.get(self.row).copied()?;
                Some(Request::ReviewList { name: self.words(&report), items, from })
            }
            Tab::Categories => {
                let report = Self::categories(doc)?;
                behind_category(&report, self.category)
            }
            Tab::PerRater => {
                let report = Self::per_rater(doc)?;
                per_rater::behind(doc, &report, self.detector, self.category)
            }
            Tab::Judges => {
                let report = Self::judging(doc)?;
                judging::behind(doc, &report, self.category)
            }
            Tab::Benchmark => benchmark::behind(doc),
            Tab::Routing => {
                let report = routing::report(doc)?;
                routing::behind(doc, &self.routing, &report, self.category)
            }
            Tab::Difficulty => difficulty::behind(Self::difficulty(doc)?.as_ref(), self.category),
            Tab::Metrics => metrics::behind(Self::metrics(doc)?.as_ref(), self.category),
        }
    }
}

fn behind_category(report: &CategoriesReport, at: usize) -> Option<Request> {
    Some(match report.behind.get(at)? {
        BehindCategory::Items(_, items) => {
            let name = &report.found.points.get(at)?.name;
            let words = format!("a person and a model part over {name}");
            Request::Filter(vec![Condition::among(words, items.clone())])
        }
        BehindCategory::Question(name) => Request::Question(name.clone()),
    })
}

/// Paints the view.
pub fn ui(ui: &mut Ui, doc: &Document, state: &mut ModelsState, out: &mut Vec<Request>) {
    let full = ui.max_rect();
    if doc.analysis.is_none() {
        empty::loading(ui, full);
        return;
    }
    if !is_there(doc) {
        let why = "It takes people’s votes on one label an item, and a model: predicted probabilities, or raters that are models; or people’s scores and a column of numbers about items.";
        let ways = vec![("Change columns…".to_owned(), Request::Run(Command::Reload))];
        empty::nothing(ui, full, "No model to hold against people", why, ways, out);
        return;
    }
    let all = [
        (Tab::Distributions, "Distributions", "How a model spreads its probability, beside people’s votes"),
        (Tab::Judges, "Judges", "Each judge against people, as people are held against each other"),
        (Tab::Benchmark, "Benchmark", "Whether corrected labels change which model is better"),
        (Tab::Categories, "Categories", "Which categories a model could take over"),
        (Tab::PerRater, "Per rater", "A detector of one label, each rater as the truth by itself"),
        (Tab::Routing, "Routing", "Which items are worth a person, and what an order of them is worth"),
        (Tab::Difficulty, "Difficulty", "What is hard for people against what is hard for models"),
        (
            Tab::Metrics,
            "Metrics",
            "Columns of numbers against what people say, over items, sources and systems",
        ),
    ];
    let with_models = has_models(&doc.dataset);
    let all = all.into_iter().filter(|(tab, ..)| match tab {
        Tab::Metrics => doc.metric_columns.is_some(),
        _ => with_models,
    });
    let (tabs, choices): (Vec<Tab>, Vec<Choice<'_>>) =
        all.map(|(tab, name, hint)| (tab, Choice { group: "", name, hint })).unzip();
    let shown = state.tab(doc);
    let (picked, x, body) = tabs_ui(ui, full, &choices, tabs.iter().position(|t| *t == shown));
    if let Some(at) = picked {
        (state.tab, state.category, state.table) = (tabs[at], 0, TableState::default());
    }
    let (kind, reason, words) = match state.tab(doc) {
        Tab::Distributions => {
            let found = doc.panels.models();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::report(doc);
            let words = report.as_ref().map(|r| finding(r, state.model));
            if let Some(report) = report {
                distributions_ui(ui, body, doc, state, &report, out);
            }
            (Panel::Models, reason, words)
        }
        Tab::Categories => {
            let found = doc.panels.categories();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::categories(doc);
            let words = report.as_ref().map(|r| categories::finding(r));
            if let Some(report) = report {
                categories::ui(ui, body, state, &report, out);
            }
            (Panel::Categories, reason, words)
        }
        Tab::PerRater => {
            let found = doc.panels.per_rater();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::per_rater(doc);
            let words = report.as_ref().map(|r| per_rater::finding(doc, r, state.detector));
            if let Some(report) = report {
                per_rater::ui(ui, body, doc, state, &report, out);
            }
            (Panel::PerRater, reason, words)
        }
        Tab::Benchmark => {
            let found = doc.panels.benchmark();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = benchmark::report(doc);
            let words = report.as_ref().map(|r| benchmark::finding(r));
            if let Some(report) = report {
                benchmark::ui(ui, body, state, &report, out);
            }
            (Panel::Benchmark, reason, words)
        }
        Tab::Routing => {
            let report = routing::report(doc);
            let words = report.as_ref().map(|r| routing::finding(doc, r));
            if let Some(report) = report {
                routing::ui(ui, body, doc, state, &report, out);
            }
            (Panel::Routing, None, words)
        }
        Tab::Judges => {
            let found = doc.panels.judging();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::judging(doc);
            let words = report.as_ref().map(|r| judging::finding(doc, r));
            if let Some(report) = report {
                state.cuts = Arc::clone(&doc.judge_cuts);
                judging::ui(ui, body, doc, state, &report, out);
            }
            (Panel::Judging, reason, words)
        }
        Tab::Difficulty => {
            let found = doc.panels.difficulty();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::difficulty(doc);
            let words = report.as_ref().map(|r| difficulty::finding(r));
            if let Some(report) = report {
                difficulty::ui(ui, body, doc, state, &report, out);
            }
            (Panel::Difficulty, reason, words)
        }
        Tab::Metrics => {
            let found = doc.panels.metrics();
            let reason = found.as_ref().and_then(|f| f.as_ref().as_ref().err().cloned());
            let report = ModelsState::metrics(doc);
            let words = report.as_ref().map(|r| metrics::finding(r));
            if let Some(report) = report {
                metrics::ui(ui, body, doc, state, &report, out);
            }
            (Panel::Metrics, reason, words)
        }
    };
    match words {
        Some(words) => finding_ui(ui, body, x, &words),
        None => {
            let why = ("Cannot be told from these data", reason.as_ref());
            absent_ui(ui, body, doc, (kind, &state.wanted(doc)), why, Command::ShowModels, out);
        }
    }
}

/// What was found, in a sentence.
fn finding(report: &ModelsReport, model: usize) -> String {
    let Some(model) = report.models.get(model) else { return String::new() };
    let Ok(c) = &model.calibration else { return String::new() };
    let sure = match &c.entropy_signed {
        Statistic::Defined(e) => match e.ci {
            Some((_, high)) if high < 0.0 => "surer than people are",
            Some((low, _)) if low > 0.0 => "less sure than people are",
            _ => "about as sure as people are",
        },
        Statistic::Undefined(_) => "not to be compared in how sure it is",
    };
    let distance = c.distance.value().unwrap_or_default();
    let half = report.ceiling.as_ref().map_or_else(
        |_| String::new(),
        |h| format!("; half of the people are {:.2} from the other half", h.distance.mean),
    );
    format!("{} is {sure}, and {distance:.2} from their votes on average{half}", model.name)
}

fn distributions_ui(
    ui: &mut Ui,
    body: Rect,
    doc: &Document,
    state: &mut ModelsState,
    report: &ModelsReport,
    out: &mut Vec<Request>,
) {
    let theme = Theme::of(ui.ctx());
    state.model = state.model.min(report.models.len().saturating_sub(1));
    let Some(model) = report.models.get(state.model) else { return };
    let head = Rect::from_min_size(body.min, vec2(body.width(), table::height(report)));
    table::ui(ui, head, state, report, out);
    let rest = body.bottom() - head.bottom();
    let height = (rest * 0.46).clamp(180.0, 320.0);
    let band = Rect::from_min_size(head.left_bottom(), vec2(body.width(), height));
    ui.painter().hline(body.x_range(), band.top(), theme.border());
    ui.painter().hline(body.x_range(), band.bottom(), theme.border());
    plots::ui(ui, band, state, report, model);
    let list = Rect::from_min_max(band.left_bottom(), body.max);
    ui.scope_builder(UiBuilder::new().max_rect(list).id_salt("items"), |ui| {
        items::ui(ui, list, doc, state, report, out);
    });
}

/// What is known of a model on one item.
fn score_of(model: &ModelReport, item: u32) -> Option<&crate::stats::human_distribution::ItemScore> {
    let c = model.calibration.as_ref().ok()?;
    let at = c.items.binary_search_by_key(&item, |s| s.item).ok()?;
    Some(&c.items[at])
}
