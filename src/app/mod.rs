//! The window. `logic` drains jobs and starts them; `ui` only draws; views ask, the program changes.
//!
//! ```text
//! mod        App: what there is
//! logic      jobs that ended, jobs to start, what must be written
//! layout     which views are on screen, side by side
//! ui         one frame: overlays, frame, view
//! handle     what each request and each command does
//! deciding   what a reviewer's commands do
//! together   decisions on many items at once
//! ahead      the next items, made ready
//! blinding   what is hidden from a reviewer
//! queues     the queues of a dataset, side by side
//! queueing   how a queue begins and goes on
//! conflicts  several reviewers: settle, take in, merge, send back
//! about      what people say of a dataset, and its nutrition label
//! codebook   the book of reasons, as text to be edited
//! open       a file on its way in: dialog, inspection, columns, loading
//! reasons    confidence and reasons for the decision just made
//! export     the cleaned file on its way out
//! pictured   the view on screen as files
//! tidy       the numbers behind it as a table
//! project    what is open as one small file that moves with its data
//! document   one opened dataset and all that is derived from it
//! path       a path that is typed
//! query      which items, in which order
//! crash      what a bug leaves behind
//! command    everything that can be done, in one table
//! samples    sets to learn the program with
//! search     what the palette finds
//! state      what is remembered
//! jobs       background work
//! frame      title bar, navigation, filter line, status bar
//! views      one folder a view
//! widgets    parts that views are made of
//! headless   the same window without a window
//! ```

mod about;
mod ahead;
pub mod blinding;
mod codebook;
pub mod command;
mod conflicts;
pub mod crash;
mod deciding;
mod dialogs;
pub mod document;
pub mod export;
mod frame;
mod handle;
pub mod headless;
pub mod jobs;
pub mod layout;
mod logic;
pub mod open;
pub mod pages;
pub mod panels;
mod path;
pub mod pictured;
pub mod pictures;
pub mod project;
pub mod query;
mod queueing;
pub mod queues;
pub mod reasons;
pub mod request;
pub mod samples;
mod search;
mod spans;
pub mod state;
pub mod tidy;
mod together;
mod ui;
pub mod views;
pub mod widgets;

use std::path::PathBuf;
use std::sync::Arc;

use self::document::{Derived, Document};
use self::export::ExportDialog;
use self::jobs::Jobs;
use self::open::{Loaded, Opening, Wanted};
use self::pictures::Fetched;
use self::query::{Query, Rows};
use self::state::{Preferences, View};
use self::views::{
    agreement::AgreementState, compare::CompareState, conflicts::ConflictsState, errors::ErrorsState,
    grid::GridState, groups::GroupsState, items::ItemsState, lab::LabState, label::LabelState, log::LogState,
    models::ModelsState, overview::OverviewState, queues::QueuesState, raters::RatersState,
    review::ReviewState, versions::VersionsState,
};
use self::widgets::palette::Palette;
use crate::analysis::Analysis;
use crate::analysis::compare::Side;
use crate::dataset::Dataset;
use crate::formats::{Inspection, WriteSummary};

/// Kinds of jobs; one of a kind at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKey {
    /// Looks at a file.
    Inspect,
    /// Reads it.
    Load,
    /// Computes statistics.
    Analyze,
    /// Filters and sorts.
    Query,
    /// Counts what an export would change.
    Plan,
    /// Writes it.
    Export,
    /// Writes down where the reviewer is.
    Place,
    /// Writes the nutrition label.
    Label,
    /// Learns labels from texts.
    Learn,
    /// Decodes a picture.
    Picture,
    /// Makes the next items ready.
    Ahead,
    /// Makes a queue.
    Queue,
    /// Reads a log of another reviewer.
    TakeLog,
    /// Writes the logs of all reviewers, or what goes back to raters.
    Send,
    /// Computes a panel.
    Panel(panels::Kind),
}

/// What jobs give.
pub enum Outcome {
    /// A file was looked at.
    Inspected(Box<Inspection>),
    /// A file was read.
    Loaded(Box<Loaded>),
    /// Statistics of this dataset were computed.
    Analyzed(Arc<Dataset>, Arc<Analysis>, Arc<Derived>),
    /// Rows were found, for this query.
    Rows(Box<Query>, Rows),
    /// An export was planned.
    Planned(Box<export::checklist::Checked>),
    /// Files were written.
    Exported(WriteSummary, Vec<PathBuf>, String),
    /// A table was written: what is in it, where it is.
    Written(String, PathBuf),
    /// The place was written down.
    Placed,
    /// Labels were learned from the items of this dataset, which is the other one now.
    Learned(Arc<Dataset>, Box<Dataset>),
    /// A picture was decoded, or refused.
    Picture(Box<Fetched>),
    /// The next items are ready.
    Ahead,
    /// A queue of this dataset was made.
    Queue(Arc<Dataset>, Box<queueing::Made>),
    /// A log of another reviewer was read: where it is, and the last event of each log in it.
    LogRead(PathBuf, Vec<crate::review::EventRef>),
    /// A panel was computed, of this dataset.
    Panel(Arc<Dataset>, Box<panels::Wanted>, panels::Found),
}

/// What stands over the view.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// Commands.
    Palette(Palette, Arc<search::Catalogue>),
    /// Conditions.
    Conditions(Palette),
    /// Who stands on a side (0 or 1) of the comparison.
    Side(usize, Palette),
    /// Which version stands on a side (0 or 1).
    Version(usize, Palette),
    /// What is decided on the items of the grid.
    GridAnswer(Palette, views::grid::GridAnswers),
    /// Which view goes beside the present one; below it, if so.
    Split(bool, Palette),
    /// What a parameter of the queue builder can be.
    Queue(views::queues::Pick, Palette),
    /// A label that no reviewer chose, for the item of this key.
    Adjudicate(String, Palette),
    /// The codebook as text.
    Codebook(Box<codebook::Editor>),
    /// Every key.
    Help,
    /// A statistic explained.
    Page(&'static str),
    /// The export's check-list.
    Export(Box<ExportDialog>),
    /// A path to type.
    Path {
        /// What was typed.
        typed: String,
        /// Whether the field has been given the keyboard.
        focused: bool,
        /// What it is the path of.
        of: PathOf,
    },
}

/// What a path is typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathOf {
    /// A table to open.
    #[default]
    Table,
    /// Another reviewer's log.
    Log,
    /// The merged log.
    Merged,
    /// The folder of feedback sheets; whether raters are called R1, R2, ….
    Feedback(bool),
}

/// Something to be told, in the panel that it concerns or above all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub what: String,
    /// Why, and what to do.
    pub why: String,
    /// Whether something went wrong.
    pub wrong: bool,
}

/// What is open.
#[derive(Default)]
pub enum Stage {
    /// Nothing.
    #[default]
    Start,
    /// A file on its way in.
    Opening(Box<Opening>),
    /// A dataset.
    Ready(Box<Document>),
}

/// Where the correction log is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LogPlace {
    /// Where the reviewer's log belongs: beside the source.
    #[default]
    Beside,
    /// In memory, and gone with the window: for pictures and measurements.
    Memory,
    /// A copy of this log, to be looked at.
    Look(PathBuf),
}

/// How a window begins.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// What to open.
    pub wanted: Option<Wanted>,
    /// Who reviews, if it was said.
    pub reviewer: Option<String>,
    /// Where places and stray logs are kept; the user's data folder if not said.
    pub data_folder: Option<PathBuf>,
    /// Where the correction log is.
    pub log: LogPlace,
}

/// The program.
pub struct App {
    preferences: Preferences,
    reviewer: String,
    data_folder: PathBuf,
    jobs: Jobs<JobKey, Outcome>,
    /// What is open.
    pub stage: Stage,
    /// The view that is shown.
    pub view: View,
    /// The view whose tile had the keyboard in the last frame.
    tile: View,
    history: Vec<View>,
    future: Vec<View>,
    overlay: Overlay,
    overlay_was_open: bool,
    overlay_frames: u8,
    messages: Vec<Message>,
    word: Option<String>,
    overview: OverviewState,
    items: ItemsState,
    raters: RatersState,
    agreement: AgreementState,
    lab: LabState,
    label: LabelState,
    errors: ErrorsState,
    compare: CompareState,
    /// What the view of versions remembers.
    pub versions: VersionsState,
    models: ModelsState,
    groups: GroupsState,
    /// What the queue builder remembers.
    queues: QueuesState,
    review: ReviewState,
    grid: GridState,
    /// What the view of conflicts remembers.
    pub conflicts: ConflictsState,
    log: LogState,
    focus_search: bool,
    edits_changed_at: Option<f64>,
    place_changed_at: Option<f64>,
    analysis_s: Option<f64>,
    dialog: Option<dialogs::Dialog>,
    markdown: egui_commonmark::CommonMarkCache,
    last_action: Option<crate::review::Action>,
    log_place: LogPlace,
    quit: bool,
    /// The project file that is open.
    project: Option<PathBuf>,
    /// Whether the next frame is to be written as a picture.
    picture_wanted: bool,
    shown_saved: Option<u64>,
    ready: Option<ahead::Ready>,
}

impl App {
    /// A window that begins as `launch` says.
    pub fn new(ctx: &egui::Context, preferences: Preferences, launch: Launch) -> Self {
        widgets::theme::install(ctx);
        preferences.apply_looks(ctx);
        let reviewer =
            launch.reviewer.or_else(|| preferences.reviewer.clone()).unwrap_or_else(state::default_reviewer);
        let mut app = Self {
            preferences,
            reviewer,
            data_folder: launch.data_folder.unwrap_or_else(state::data_folder),
            jobs: Jobs::new(),
            stage: Stage::Start,
            view: View::Overview,
            tile: View::Overview,
            history: Vec::new(),
            future: Vec::new(),
            overlay: Overlay::None,
            overlay_was_open: false,
            overlay_frames: 0,
            messages: Vec::new(),
            word: None,
            overview: OverviewState::default(),
            items: ItemsState::default(),
            raters: RatersState::default(),
            agreement: AgreementState::default(),
            lab: LabState::default(),
            label: LabelState::default(),
            errors: ErrorsState::default(),
            compare: CompareState::default(),
            versions: VersionsState::default(),
            models: ModelsState::default(),
            groups: GroupsState::default(),
            queues: QueuesState::default(),
            review: ReviewState::default(),
            grid: GridState::default(),
            conflicts: ConflictsState::default(),
            log: LogState::default(),
            focus_search: false,
            edits_changed_at: None,
            place_changed_at: None,
            analysis_s: None,
            dialog: None,
            markdown: egui_commonmark::CommonMarkCache::default(),
            last_action: None,
            log_place: launch.log,
            quit: false,
            project: None,
            picture_wanted: false,
            shown_saved: None,
            ready: None,
        };
        if let Some((name, path)) = crash::news(&app.data_folder, app.preferences.crash_told.as_deref()) {
            app.preferences.crash_told = Some(name);
            let why = format!("Decisions are in their logs. What happened is written to {}", path.display());
            app.tell("The window ended by a bug the last time", why, true);
        }
        if let Some(wanted) = launch.wanted {
            app.open(ctx, wanted);
        }
        app
    }

    /// The document, once one is open.
    pub fn document(&self) -> Option<&Document> {
        if let Stage::Ready(doc) = &self.stage { Some(doc) } else { None }
    }

    /// The document, to be changed.
    pub fn document_mut(&mut self) -> Option<&mut Document> {
        if let Stage::Ready(doc) = &mut self.stage { Some(doc) } else { None }
    }

    /// Whether nothing runs in the background and everything shown is up to date.
    pub fn is_settled(&self) -> bool {
        self.jobs.is_idle()
            && self.edits_changed_at.is_none()
            && match &self.stage {
                Stage::Ready(doc) => doc.analysis.is_some() && doc.rows.is_some() && doc.saved().pending == 0,
                Stage::Opening(o) => o.inspection.is_some() || o.error.is_some(),
                Stage::Start => true,
            }
    }

    /// Whether statistics are being computed anew.
    pub fn is_analysing(&self) -> bool {
        self.jobs.is_running(JobKey::Analyze)
    }

    /// Messages that are up.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    fn tell(&mut self, what: impl Into<String>, why: impl Into<String>, wrong: bool) {
        let message = Message { what: what.into(), why: why.into(), wrong };
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.step(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, input: &mut egui::RawInput) {
        self.before_input(ctx, input);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, "preferences", &self.preferences);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.save_place_now();
    }
}

impl App {
    /// Makes the window show what a picture is asked for: a view, with the cursor on an item.
    pub fn stage_picture(
        &mut self,
        ctx: &egui::Context,
        view: View,
        item: Option<&str>,
        tab: Option<&str>,
    ) -> anyhow::Result<()> {
        let Stage::Ready(doc) = &mut self.stage else { return Ok(()) };
        // The check-list of the export stands over any view.
        let (tab, over) = if tab == Some("export") { (None, true) } else { (tab, false) };
        if let Some(tab) = tab {
            match view {
                View::Agreement => self.agreement.part = self.agreement.tab_of(doc, tab)?,
                View::Aggregation => self.lab.tab = Some(views::lab::Tab::of(tab)?),
                View::Label => self.label.tab = views::label::Tab::of(tab)?,
                View::Log => self.log.show_tab(tab)?,
                View::Errors => self.errors.tab = Some(views::errors::Tab::of(tab)?),
                View::Compare => {
                    let sides = tab.split_once('|').and_then(|(a, b)| {
                        Some([Side::find(&doc.dataset, a)?, Side::find(&doc.dataset, b)?])
                    });
                    let sides =
                        sides.ok_or_else(|| anyhow::anyhow!("--tab {tab}: two sides, A|B, are wanted"))?;
                    self.compare.set_both(sides);
                }
                View::Models if tab == "per-rater" => self.models.tab = views::models::Tab::PerRater,
                View::Models if tab == "benchmark" => self.models.tab = views::models::Tab::Benchmark,
                View::Models if tab == "routing" => self.models.tab = views::models::Tab::Routing,
                View::Models if tab == "judges" => self.models.tab = views::models::Tab::Judges,
                View::Models if tab == "metrics" => self.models.tab = views::models::Tab::Metrics,
                View::Models if tab == "difficulty" => self.models.tab = views::models::Tab::Difficulty,
                View::Models if tab == "categories" => self.models.tab = views::models::Tab::Categories,
                View::Groups if tab == "properties" => self.groups.show_properties(),
                View::Groups if tab == "conditions" => match doc.conditions.first() {
                    Some(&by) => self.groups.show_conditions(by),
                    None => anyhow::bail!("--tab {tab}: no item comes under two conditions"),
                },
                View::Groups if tab == "parts" => {
                    self.groups.show_batches(crate::analysis::drift::Batches::Parts);
                }
                View::Queues => self.queues.show_preset(doc, tab)?,
                View::Review if tab == "done" || tab == "none" => {}
                View::Conflicts => self.conflicts.show_list(tab)?,
                View::Raters => self.raters.tab = views::raters::Tab::of(tab)?,
                View::Review => {}
                View::Versions if tab == "inline" => self.versions.set_inline(true),
                _ => anyhow::bail!("--tab {tab}: this view has no tabs"),
            }
        }
        let wanted = match item {
            Some(key) => {
                let found = doc.index.get(key).copied();
                Some(found.ok_or_else(|| anyhow::anyhow!("there is no item {key}"))?)
            }
            None => None,
        };
        match view {
            View::Items if item.is_none() => {
                doc.selected = None;
                self.change_query(ctx, |q| *q = Query::flagged());
            }
            View::Queues => {
                // Queues under way beside the builder.
                self.run(ctx, command::Command::ReviewIssues);
                self.run(ctx, command::Command::ReviewAudit);
                self.messages.clear();
            }
            View::Review if tab == Some("none") => {}
            View::Review => {
                self.run(ctx, command::Command::ReviewIssues);
                if self.document().is_some_and(|d| d.queue.is_none()) {
                    self.run(ctx, command::Command::ReviewSplit);
                }
                self.messages.clear();
            }
            _ => {}
        }
        if tab == Some("done")
            && let Some(doc) = self.document_mut()
        {
            doc.position = doc.queue.as_ref().map_or(0, |q| q.len());
        }
        if let Some(item) = wanted {
            if view == View::Review {
                self.handle(ctx, request::Request::ReviewItem(item));
            } else {
                self.handle(ctx, request::Request::Select(item));
            }
        }
        self.show(ctx, view);
        self.history.clear();
        if let (View::Review, Some(tab)) = (view, tab) {
            self.stage_review(ctx, tab)?;
        }
        if over {
            self.start_export(ctx);
        }
        Ok(())
    }
}
