//! A file on its way in: dialog or drop, a look at it, its columns, loading; then a session on it.
//!
//! Nothing is computed before the reader saw what each column is taken for, unless the file was reviewed before
//! or was named on the command line with everything it needs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::Digest as _;

use super::blinding::Blinds;
use super::dialogs::Purpose;
use super::document::{Document, Prepared, prepare};
use super::jobs::JobError;
use super::panels::Panels;
use super::project;
use super::query::{self, Query, SortKey};
use super::queues::Queues;
use super::state::{Place, Recent, View};
use super::views::compare::CompareState;
use super::views::conflicts::ConflictsState;
use super::views::grid::GridState;
use super::views::groups::GroupsState;
use super::views::label::LabelState;
use super::views::log::LogState;
use super::views::models::ModelsState;
use super::views::queues::QueuesState;
use super::views::raters::RatersState;
use super::views::review::ReviewState;
use super::views::versions::VersionsState;
use super::{App, JobKey, LogPlace, Outcome, Stage};
use crate::analysis::Settings;
use crate::analysis::learned::{can_learn, learn};
use crate::dataset::{Dataset, Role};
use crate::formats::{self, Inspection, LoadOptions, Overrides};
use crate::review::{Codebook, Log, MemoryStorage, Notice, Options, ReviewError, Session, log_path};

/// What is wanted: files and what is known about them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The table, tool export or folder.
    pub table: PathBuf,
    /// Further files of the same source: several raters of the same items, or parts.
    pub more: Vec<PathBuf>,
    /// What its columns mean, as far as it was said.
    pub overrides: Overrides,
    /// How to read it.
    pub options: LoadOptions,
    /// What statistics are computed with.
    pub settings: Settings,
    /// The folder below which pictures are looked for.
    pub pictures: Option<PathBuf>,
    /// Whether labels are to be learned from the items.
    pub learn: bool,
    /// Whether to go on without showing the columns, if they are clear.
    pub at_once: bool,
    /// Where one left off, if a project says so.
    pub place: Option<Box<Place>>,
    /// Which views stood side by side, likewise.
    pub layout: Option<super::layout::Layout>,
    /// The project that this is, kept up to date while it is open.
    pub project: Option<PathBuf>,
}

impl Wanted {
    /// A table of which nothing is known.
    pub fn table(path: PathBuf) -> Self {
        Self { table: path, ..Self::default() }
    }

    /// Every file that was named.
    pub fn paths(&self) -> Vec<PathBuf> {
        std::iter::once(&self.table).chain(&self.more).cloned().collect()
    }
}

/// Fields of the opening screen that a dialog can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browse {
    /// Predicted probabilities.
    Probabilities,
    /// A table with further facts.
    Side,
}

/// A file on its way in.
#[derive(Debug)]
pub struct Opening {
    /// What is wanted.
    pub wanted: Wanted,
    /// What was found.
    pub inspection: Option<Inspection>,
    /// Why it cannot be opened.
    pub error: Option<String>,
    /// The path of the probabilities, as typed.
    pub probabilities: String,
    /// The labels in their order, as typed.
    pub labels: String,
    /// Whether the reader pressed Continue.
    pub go: bool,
    /// Whether a role was changed.
    pub changed: bool,
    /// Whether roles chosen for such a table before were taken over.
    pub recalled: bool,
    /// Whether the file is to be looked at again, as another format or for another question.
    pub again: bool,
    /// The path of a side table, as typed.
    pub side: String,
    /// Which field's dialog is wanted.
    pub browse: Option<Browse>,
    /// Whether it is being loaded.
    pub loading: bool,
}

/// A file that was read, with what takes a pass over it.
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// What takes a pass over it.
    pub prepared: Prepared,
}

impl App {
    /// Opens a file: looks at it first.
    pub fn open(&mut self, ctx: &egui::Context, wanted: Wanted) {
        self.save_place_now();
        self.messages.clear();
        self.word = None;
        let probabilities =
            wanted.options.probabilities.as_ref().map_or_else(String::new, |p| p.display().to_string());
        let labels = wanted.options.declared_labels.join(", ");
        // Several side tables can be named on the command line; here one is typed, the others stay.
        let side = wanted.options.joins.first().map_or_else(String::new, |p| p.display().to_string());
        self.stage = Stage::Opening(Box::new(Opening {
            wanted,
            inspection: None,
            error: None,
            probabilities,
            labels,
            go: false,
            changed: false,
            again: false,
            recalled: false,
            browse: None,
            side,
            loading: false,
        }));
        self.look(ctx);
    }

    /// Looks at the file that is being opened, as it is wanted by now.
    fn look(&mut self, ctx: &egui::Context) {
        let Stage::Opening(opening) = &self.stage else { return };
        let (paths, overrides) = (opening.wanted.paths(), opening.wanted.overrides.clone());
        self.jobs.start(ctx, JobKey::Inspect, "Looking at the file", move |progress| {
            let inspection = formats::inspect_all(&paths, &overrides, progress).map_err(JobError::failed)?;
            Ok(Outcome::Inspected(Box::new(inspection)))
        });
    }

    pub(super) fn inspected(&mut self, ctx: &egui::Context, inspection: Inspection) {
        let Stage::Opening(opening) = &mut self.stage else { return };
        let clear = inspection.layout.is_ok();
        let untouched = opening.wanted.overrides.roles.is_empty() && !opening.recalled;
        if let (true, Some(mapping)) =
            (untouched && !opening.wanted.at_once, self.preferences.mapping(&inspection))
        {
            // What was chosen for such a table once is chosen again, and can be changed again.
            opening.wanted.overrides.roles.clone_from(&mapping.roles);
            opening.recalled = true;
            self.look(ctx);
            return;
        }
        opening.inspection = Some(inspection);
        opening.error = None;
        if opening.wanted.at_once && clear {
            opening.wanted.at_once = false;
            opening.go = true;
            self.apply_opening(ctx);
        }
    }

    /// Goes on with an opening that the reader changed or let go.
    pub(super) fn apply_opening(&mut self, ctx: &egui::Context) {
        let Stage::Opening(opening) = &mut self.stage else { return };
        if let Some(browse) = opening.browse.take() {
            self.dialog_for(
                ctx,
                match browse {
                    Browse::Probabilities => Purpose::Probabilities,
                    Browse::Side => Purpose::Side,
                },
            );
            return;
        }
        let again = std::mem::take(&mut opening.again);
        if std::mem::take(&mut opening.changed) || again {
            if again {
                // Another format has other columns.
                opening.wanted.overrides.roles.clear();
                opening.inspection = None;
            }
            if let Some(inspection) = &opening.inspection {
                opening.wanted.overrides.roles =
                    inspection.columns.iter().map(|c| (c.name.clone(), c.role.clone())).collect();
            }
            self.look(ctx);
            return;
        }
        if std::mem::take(&mut opening.go) && !opening.loading {
            let Some(inspection) = opening.inspection.clone() else { return };
            self.preferences.remember_mapping(&inspection);
            let typed = opening.probabilities.trim();
            opening.wanted.options.probabilities = (!typed.is_empty()).then(|| expand(typed));
            let side = opening.side.trim();
            let others = opening.wanted.options.joins.iter().skip(1).cloned();
            opening.wanted.options.joins =
                (!side.is_empty()).then(|| expand(side)).into_iter().chain(others).collect();
            opening.wanted.options.declared_labels =
                opening.labels.split(',').map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect();
            opening.error = None;
            opening.loading = true;
            let (path, options) = (opening.wanted.table.clone(), opening.wanted.options.clone());
            self.jobs.start(ctx, JobKey::Load, "Reading", move |progress| {
                let dataset = formats::load(&path, &inspection, &options, progress).map_err(|e| match e {
                    formats::FormatError::Cancelled(c) => JobError::Cancelled(c),
                    other => JobError::failed(other),
                })?;
                progress.stage("Indexing", 0);
                let prepared = prepare(&dataset);
                Ok(Outcome::Loaded(Box::new(Loaded { dataset, prepared })))
            });
        }
    }

    pub(super) fn loaded(&mut self, ctx: &egui::Context, loaded: Loaded) {
        let Stage::Opening(opening) = &mut self.stage else { return };
        let Loaded { dataset, prepared } = loaded;
        let Prepared {
            index,
            label_counts,
            longest_key,
            is_preferences,
            compares_sides,
            has_scores,
            has_tags,
            judge_cuts,
            difficulty_conditions,
            metric_columns,
            who,
            batches,
            conditions,
            codebook,
            about,
            cuts,
            logs_beside,
        } = prepared;
        let settings = opening.wanted.settings.clone();
        let recent = Recent {
            table: std::path::absolute(&opening.wanted.table)
                .unwrap_or_else(|_| opening.wanted.table.clone()),
            probabilities: opening.wanted.options.probabilities.clone(),
            more: absolute(&opening.wanted.more),
        };
        let mut options = Options::new(&self.reviewer, serde_json::to_value(&settings).unwrap_or_default());
        let wake = ctx.clone();
        options.wake = Arc::new(move || wake.request_repaint());
        let path = log_path(&dataset.source.table.path, &self.reviewer);
        let opened = match &self.log_place {
            LogPlace::Beside => Session::open_file(&dataset, &path, options),
            LogPlace::Memory => Session::open(&dataset, Box::new(MemoryStorage::new(b"")), &path, options),
            LogPlace::Look(path) => look(&dataset, path, options),
        };
        let (session, notices) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                opening.loading = false;
                opening.error = Some(format!("The correction log cannot be used: {error}"));
                return;
            }
        };
        self.preferences.remember(recent);
        let own_codebook = matches!(codebook, Some(Ok(_)));
        let (codebook, why_not) = match codebook {
            Some(Ok(book)) => (book, None),
            Some(Err(why)) => (Codebook::entities(), Some(why)),
            None => (Codebook::entities(), None),
        };
        for warning in &dataset.warnings {
            log::info!("{}: {} ({})", warning.code, warning.message, warning.count);
        }
        let place = match opening.wanted.place.take() {
            Some(place) => *place,
            None => Place::load(&self.data_folder, &place_key(&dataset.source), &self.reviewer),
        };
        self.project = opening.wanted.project.take();
        if let Some(layout) = opening.wanted.layout.take() {
            self.preferences.layout = layout;
        }
        let session_path = session.path().to_owned();
        let mut doc = Document {
            dataset: Arc::new(dataset),
            index: Arc::new(index),
            label_counts,
            longest_key,
            settings,
            session,
            analysis: None,
            derived: None,
            is_preferences,
            compares_sides,
            has_scores,
            has_tags,
            judge_cuts,
            difficulty_conditions,
            metric_columns,
            who,
            batches,
            conditions,
            codebook,
            own_codebook,
            about,
            cuts,
            panels: Panels::default(),
            query: Query { sort: SortKey::File, ..Query::default() },
            rows: None,
            all_rows: None,
            selected: None,
            row: None,
            reveal: None,
            rater: None,
            queues: Queues::default(),
            queue: None,
            position: 0,
            queue_counts: (0, 0, 0),
            blinds: Blinds::default(),
            pictures: parking_lot::Mutex::default(),
            last: None,
            n_decided: 0,
            others_beside: logs_beside.iter().any(|log| *log != session_path),
            added_logs: Vec::new(),
        };
        self.view = place.view;
        let pictures = opening.wanted.pictures.clone();
        // Probabilities that came meanwhile need nothing learned.
        let learn = opening.wanted.learn || (place.learned && can_learn(&doc.dataset));
        doc.restore(place);
        if doc.query == (Query { sort: SortKey::File, ..Query::default() }) {
            // A filter needs the analysis; the file as it is does not, and can be read meanwhile.
            let items = (0..doc.dataset.n_items() as u32).collect();
            doc.rows = Some(Arc::new(query::Rows { items, ..query::Rows::default() }));
        }
        if self.view == View::Review && doc.queue.is_none() {
            self.view = View::Overview;
        }
        if pictures.is_some() {
            doc.pictures.lock().set_root(pictures);
        }
        self.history.clear();
        self.future.clear();
        self.review = ReviewState::default();
        self.grid = GridState::default();
        self.ready = None;
        self.compare = CompareState::default();
        self.versions = VersionsState::default();
        self.models = ModelsState::default();
        self.groups = GroupsState::default();
        self.queues = QueuesState::default();
        self.raters = RatersState::default();
        self.conflicts = ConflictsState::default();
        self.label = LabelState::default();
        self.log = LogState::default();
        // A label of the last file is another one here.
        self.last_action = None;
        self.stage = Stage::Ready(Box::new(doc));
        if let Some(why) = why_not {
            self.tell("The codebook beside the source is not used", why, true);
        }
        for notice in notices {
            let wrong = !matches!(notice, crate::review::Notice::Repaired(_));
            self.tell("About the correction log", notice.to_string(), wrong);
        }
        self.tell_warnings();
        if learn {
            self.learn_labels(ctx);
        }
    }

    /// Learns the labels from the items, on a worker.
    pub(super) fn learn_labels(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        if !can_learn(&doc.dataset) {
            self.word = Some(
                "This takes labels, something to learn them from, and no predicted probabilities yet"
                    .to_owned(),
            );
            return;
        }
        let (dataset, settings) = (Arc::clone(&doc.dataset), doc.settings.clone());
        self.jobs.start(ctx, JobKey::Learn, "Learning labels", move |progress| {
            let mut own = (*dataset).clone();
            learn(&mut own, &settings, progress)?.map_err(JobError::failed)?;
            Ok(Outcome::Learned(dataset, Box::new(own)))
        });
    }

    /// The dataset with what was learned takes the place of the one without.
    pub(super) fn learned(&mut self, ctx: &egui::Context, before: &Arc<Dataset>, after: Dataset) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        if !Arc::ptr_eq(&doc.dataset, before) {
            return;
        }
        doc.dataset = Arc::new(after);
        (doc.analysis, doc.rows, doc.panels) = (None, None, Panels::default());
        let learned = doc.dataset.learned.clone();
        if let Some(learned) = learned {
            let own = format!(
                "Right on {:.1} % of labels that it had not seen; the commonest label is on {:.1} %",
                100.0 * learned.accuracy,
                100.0 * learned.majority
            );
            let from = learned.from.words();
            let title = if learned.is_used {
                format!("Learned from {from}")
            } else {
                format!("Not to be learned from {from}: no better than the commonest label")
            };
            self.tell(&title, own, !learned.is_used);
        }
        self.place_moved(ctx);
        // In the place of one of the dataset as it was, if that is under way.
        self.start_analysis(ctx);
    }

    fn tell_warnings(&mut self) {
        let Some(doc) = self.document() else { return };
        let serious: Vec<String> = doc
            .dataset
            .warnings
            .iter()
            .filter(|w| w.is_serious())
            .map(|w| {
                let at = w.line.map_or_else(String::new, |l| format!(" (first in line {l})"));
                format!("{}{at}. {}", w.message, w.remedy)
            })
            .collect();
        if !serious.is_empty() {
            self.tell("The file was read, with these notes", serious.join("\n"), true);
        }
    }

    pub(super) fn could_not_open(&mut self, why: &str) {
        if let Stage::Opening(opening) = &mut self.stage {
            opening.loading = false;
            opening.error = Some(why.to_owned());
        }
    }

    pub(super) fn cancelled(&mut self, key: JobKey) {
        if let (Stage::Ready(doc), JobKey::Panel(kind)) = (&mut self.stage, key) {
            doc.panels.stop(kind);
        }
        if let (Stage::Opening(opening), JobKey::Load | JobKey::Inspect) = (&mut self.stage, key) {
            opening.loading = false;
            if opening.inspection.is_none() {
                self.stage = Stage::Start;
            }
        }
    }

    /// Shows what the columns of the open file mean.
    pub(super) fn change_columns(&mut self, ctx: &egui::Context) {
        if let Some(wanted) = self.wanted_again() {
            self.open(ctx, wanted);
        }
    }

    /// Reads another question of the open source.
    pub(super) fn ask(&mut self, ctx: &egui::Context, question: &str) {
        if let Some(mut wanted) = self.wanted_again() {
            wanted.overrides.question = Some(question.to_owned());
            question.clone_into(&mut wanted.options.question);
            wanted.at_once = true;
            self.open(ctx, wanted);
        }
    }

    /// Opens the same source again, with embeddings beside it.
    pub fn take_embeddings(&mut self, ctx: &egui::Context, path: PathBuf) {
        if let Some(mut wanted) = self.wanted_again() {
            wanted.options.embeddings = Some(path);
            wanted.at_once = true;
            self.open(ctx, wanted);
        }
    }

    /// Reads the next question of the open source, after the last one the first.
    pub(super) fn next_question(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        let questions = &doc.dataset.questions;
        match questions.get((doc.dataset.question + 1) % questions.len().max(1)) {
            Some(question) => {
                let name = question.name.clone();
                self.ask(ctx, &name);
            }
            None => self.word = Some("This source asks one question".to_owned()),
        }
    }

    /// What it takes to open the same source again.
    pub(super) fn wanted_again(&self) -> Option<Wanted> {
        let doc = self.document()?;
        let source = &doc.dataset.source;
        let wanted = Wanted {
            table: source.table.path.clone(),
            more: source.more.clone(),
            overrides: Overrides::of(source),
            options: LoadOptions::of(source),
            settings: doc.settings.clone(),
            pictures: doc.pictures.lock().root().map(Path::to_owned),
            learn: doc.dataset.learned.is_some(),
            at_once: false,
            place: None,
            layout: None,
            project: self.project.clone(),
        };
        Some(wanted)
    }

    /// Files were dropped on the window: a matrix goes with the table that is open or is dropped beside it.
    pub(super) fn open_dropped(&mut self, ctx: &egui::Context, paths: Vec<PathBuf>) {
        let is_matrix = |p: &PathBuf| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy"));
        let (matrices, tables): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_matrix);
        let mut tables = tables.into_iter();
        match (tables.next(), matrices.into_iter().next()) {
            (Some(table), matrix) => {
                let mut wanted = Wanted::table(table);
                if project::is_project(&wanted.table) {
                    self.open_path(ctx, wanted.table, Vec::new());
                    return;
                }
                // Several files together are several raters, or parts.
                wanted.more = tables.collect();
                wanted.options.probabilities = matrix;
                self.open(ctx, wanted);
            }
            (None, Some(matrix)) => match &mut self.stage {
                Stage::Opening(opening) => opening.probabilities = matrix.display().to_string(),
                Stage::Ready(_) => {
                    self.change_columns(ctx);
                    if let Stage::Opening(opening) = &mut self.stage {
                        opening.probabilities = matrix.display().to_string();
                    }
                }
                Stage::Start => self.open(ctx, Wanted::table(matrix)),
            },
            (None, None) => {}
        }
    }
}

/// A copy of the log at `path`, read-only, whoever wrote it.
fn look(dataset: &Dataset, path: &Path, mut options: Options) -> Result<(Session, Vec<Notice>), ReviewError> {
    let log = Log::read(path)?;
    if let Some(first) = log.events.first() {
        options.reviewer.clone_from(&first.head().reviewer);
    }
    let bytes = crate::review::merge::to_bytes(&log);
    let storage = MemoryStorage::new(&bytes).as_read_only("the log is only looked at");
    let (session, mut notices) = Session::open(dataset, Box::new(storage), path, options)?;
    notices.retain(|n| !matches!(n, Notice::ReadOnly(_)));
    Ok((session, notices))
}

/// Usual ends of file names that can be opened.
pub(super) fn extensions() -> Vec<&'static str> {
    let tables = [
        "csv", "tsv", "txt", "npy", "npz", "parquet", "arrow", "feather", "xlsx", "json", "jsonl", "gz",
        "zst",
    ];
    let mut all: Vec<&str> = tables.to_vec();
    for end in formats::FORMATS.iter().flat_map(|f| f.extensions) {
        if !all.contains(end) {
            all.push(end);
        }
    }
    all
}

/// `~/x` → the home directory's `x`.
pub fn expand(typed: &str) -> PathBuf {
    match typed.strip_prefix("~/") {
        Some(rest) => directories::BaseDirs::new()
            .map_or_else(|| PathBuf::from(typed), |dirs| dirs.home_dir().join(rest)),
        None => PathBuf::from(typed.strip_prefix("file://").unwrap_or(typed)),
    }
}

/// Names in the typed path's folder that begin as typed.
pub fn completion(typed: &str) -> String {
    if typed.is_empty() {
        return String::new();
    }
    let path = expand(typed);
    let (folder, start) = if typed.ends_with('/') {
        (path, String::new())
    } else {
        let start = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (path.parent().unwrap_or(Path::new(".")).to_owned(), start)
    };
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return "no such folder".to_owned() };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .take(5000)
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|n| n.starts_with(&start) && !n.starts_with('.'))
        .collect();
    names.sort();
    names.truncate(12);
    if names.is_empty() { "nothing begins so".to_owned() } else { names.join("   ") }
}

fn absolute(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|p| std::path::absolute(p).unwrap_or_else(|_| p.clone())).collect()
}

/// What a place in a dataset is remembered under: its content, and the question.
pub(super) fn place_key(source: &crate::dataset::Source) -> String {
    if source.question.is_empty() {
        return source.table.digest.clone();
    }
    // The digest is shortened for the file's name, so the question stands before it.
    let question = sha2::Sha256::digest(source.question.as_bytes());
    let start: String = question.iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("{start}{}", source.table.digest)
}

/// The label that a column of one label is about: `positive` of `n_positive`.
fn one_of(column: &str) -> &str {
    ["n_", "count_", "votes_", "is_"].iter().find_map(|p| column.strip_prefix(p)).unwrap_or(column)
}

/// Roles to choose from for a column.
pub fn choices(column: &str) -> Vec<Role> {
    let label = ["prob_", "p_", "probability_", "prob:"]
        .iter()
        .find_map(|p| column.strip_prefix(p))
        .filter(|l| !l.is_empty())
        .unwrap_or(column);
    vec![
        Role::Item,
        Role::Rater,
        Role::Label,
        Role::Given,
        Role::Gold,
        Role::Text,
        Role::Media,
        Role::Time,
        Role::When,
        Role::Question,
        Role::Status,
        Role::Present(one_of(column).to_owned()),
        Role::Count(one_of(column).to_owned()),
        Role::Probability(label.to_owned()),
        Role::Meta,
        Role::Ignore,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_people_type_them() {
        assert_eq!(expand("/a/b.csv"), PathBuf::from("/a/b.csv"));
        assert_eq!(expand("file:///a/b.csv"), PathBuf::from("/a/b.csv"));
        assert!(!expand("~/b.csv").starts_with("~"));
    }

    #[test]
    fn completion_lists_what_begins_as_typed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("votes.csv"), "").unwrap();
        std::fs::write(folder.path().join("other.csv"), "").unwrap();
        let typed = format!("{}/vo", folder.path().display());
        assert_eq!(completion(&typed), "votes.csv");
        assert_eq!(completion(&format!("{}/zz", folder.path().display())), "nothing begins so");
    }
}
