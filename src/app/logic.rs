//! What happens between frames: jobs that ended are taken in, jobs that are needed are started.

use std::sync::Arc;

use super::document::Derived;
use super::jobs::{Finished, JobError, POLL_INTERVAL};
use super::panels::Wanted;
use super::query::{self, Condition};
use super::state::View;
use super::{App, JobKey, Outcome, Stage, views};
use crate::analysis::{self, ConsensusMethod, GivenSource};

/// Seconds after the last decision before statistics are computed anew.
const DEBOUNCE_S: f64 = 0.150;
/// Seconds after the last move before the place is written down.
const PLACE_S: f64 = 1.0;

impl App {
    /// Called before each frame, and also while the window is hidden.
    pub fn step(&mut self, ctx: &egui::Context) {
        for finished in self.jobs.poll() {
            self.take(ctx, finished);
        }
        self.poll_dialog(ctx);
        let dropped: Vec<_> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
        if !dropped.is_empty() {
            self.open_dropped(ctx, dropped);
        }
        self.start_what_is_needed(ctx);
        self.export_merged_once_read(ctx);
        if !self.jobs.is_idle() {
            ctx.request_repaint_after(POLL_INTERVAL);
        }
        if std::mem::take(&mut self.quit) {
            self.save_place_now();
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn take(&mut self, ctx: &egui::Context, finished: Finished<JobKey, Outcome>) {
        let Finished { key, name, elapsed, result } = finished;
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(JobError::Cancelled(_)) => {
                self.word = Some(cancelled_words(&name));
                self.cancelled(key);
                return;
            }
            Err(error) => {
                self.failed(key, &name, &error);
                return;
            }
        };
        // What was just said about a decision stays; that this job was cancelled is over.
        if self.word.as_deref() == Some(cancelled_words(&name).as_str()) {
            self.word = None;
        }
        match outcome {
            Outcome::Inspected(inspection) => self.inspected(ctx, *inspection),
            Outcome::Loaded(loaded) => self.loaded(ctx, *loaded),
            Outcome::Analyzed(dataset, analysis, derived) => {
                // Another dataset may have come in its place meanwhile.
                if let Stage::Ready(doc) = &mut self.stage
                    && Arc::ptr_eq(&doc.dataset, &dataset)
                {
                    self.analysis_s = Some(elapsed.as_secs_f64());
                    // What "keep" keeps where the labels under suspicion are no majority of all votes.
                    let by = GivenSource::Consensus;
                    if analysis.given.source == by(ConsensusMethod::DawidSkene)
                        || (analysis.given.source == by(ConsensusMethod::MajorityVote)
                            && !analysis.settings.left_out(&doc.dataset.raters).is_empty())
                    {
                        doc.session.set_consensus(Some(analysis.given.original.clone()));
                    } else {
                        doc.session.set_consensus(None);
                    }
                    doc.all_rows = Some(Arc::clone(&derived.all_rows));
                    doc.analysis = Some(analysis);
                    doc.derived = Some(derived);
                    if doc.rater.is_none() {
                        doc.rater = doc.derived.as_ref().and_then(|d| d.overview.raters.first()).map(|r| r.0);
                    }
                    self.start_query(ctx);
                }
            }
            Outcome::Rows(query, rows) => {
                if let Stage::Ready(doc) = &mut self.stage
                    && doc.query == *query
                {
                    doc.rows = Some(Arc::new(rows));
                    if doc.selected.is_none() {
                        doc.selected = doc.rows.as_ref().and_then(|r| r.items.first()).copied();
                    }
                    doc.find_row();
                }
            }
            Outcome::Planned(checked) => self.planned(*checked),
            Outcome::Exported(summary, paths, digest) => self.exported(&summary, &paths, &digest),
            Outcome::Written(what, path) => {
                self.tell(format!("Wrote {what}"), path.display().to_string(), false);
            }
            Outcome::Learned(before, after) => self.learned(ctx, &before, *after),
            Outcome::Placed | Outcome::Ahead => {}
            Outcome::LogRead(path, last) => self.log_read(ctx, path, last),
            Outcome::Panel(dataset, wanted, found) => {
                if let Stage::Ready(doc) = &mut self.stage
                    && Arc::ptr_eq(&doc.dataset, &dataset)
                {
                    doc.panels.finish(&wanted, found);
                    self.panel_came(ctx, &wanted);
                }
            }
            Outcome::Queue(dataset, made) => {
                if self.document().is_some_and(|doc| Arc::ptr_eq(&doc.dataset, &dataset)) {
                    self.queue_made(ctx, *made);
                }
            }
            Outcome::Picture(fetched) => self.picture_fetched(ctx, *fetched),
        }
    }

    fn failed(&mut self, key: JobKey, name: &str, error: &JobError) {
        match key {
            JobKey::Inspect | JobKey::Load => self.could_not_open(&error.to_string()),
            JobKey::Plan | JobKey::Export => self.could_not_export(&error.to_string()),
            JobKey::Picture | JobKey::Ahead => log::warn!("{name}: {error}"),
            JobKey::Place => log::warn!("the place was not written down: {error}"),
            JobKey::Panel(kind) => {
                if let Stage::Ready(doc) = &mut self.stage {
                    doc.panels.stop(kind);
                }
                self.tell(format!("{name} failed"), error.to_string(), true);
            }
            JobKey::TakeLog => self.tell("The log was not taken in", error.to_string(), true),
            JobKey::Analyze
            | JobKey::Query
            | JobKey::Learn
            | JobKey::Queue
            | JobKey::Send
            | JobKey::Label => {
                self.tell(format!("{name} failed"), error.to_string(), true);
            }
        }
    }

    fn start_what_is_needed(&mut self, ctx: &egui::Context) {
        let now = ctx.input(|i| i.time);
        let views = self.on_screen();
        let Stage::Ready(doc) = &mut self.stage else { return };
        let stale = doc
            .analysis
            .as_ref()
            .is_none_or(|a| a.edits_revision != doc.session.edits().revision() || a.settings != doc.settings);
        let wanted: Vec<Wanted> = views
            .into_iter()
            .flat_map(|view| match view {
                View::Errors => self.errors.wanted(doc),
                View::Compare => self.compare.wanted(doc),
                View::Versions => self.versions.wanted(doc),
                View::Models => self.models.wanted(doc),
                View::Groups => self.groups.wanted(doc),
                View::Conflicts => self.conflicts.wanted(doc),
                View::Label => self.label.wanted(doc),
                View::Log => self.log.wanted(doc),
                View::Queues => {
                    let (wanted, wait) = self.queues.wanted(doc, now);
                    if let Some(wait) = wait {
                        ctx.request_repaint_after(std::time::Duration::from_secs_f64(wait));
                    }
                    wanted
                }
                View::Aggregation if self.lab.tab(doc) == views::lab::Tab::Scores => self.lab.wanted(doc),
                _ if doc.dataset.annotations.is_empty() => Vec::new(),
                View::Agreement => self.agreement.wanted(doc),
                View::Raters => self.raters.wanted(doc),
                View::Aggregation => self.lab.wanted(doc),
                _ => Vec::new(),
            })
            .collect();
        // Another choice replaces what is under way for the earlier one.
        let news: Vec<Wanted> = wanted.into_iter().filter(|w| doc.panels.is_news(w)).collect();
        news.iter().for_each(|w| doc.panels.begin(w.clone()));
        let dataset = Arc::clone(&doc.dataset);
        if stale && !self.jobs.is_running(JobKey::Analyze) {
            let wait = self.edits_changed_at.map_or(0.0, |at| DEBOUNCE_S - (now - at));
            if wait > 0.0 {
                ctx.request_repaint_after(std::time::Duration::from_secs_f64(wait));
            } else {
                self.edits_changed_at = None;
                self.start_analysis(ctx);
            }
        } else if !stale {
            self.edits_changed_at = None;
        }
        for wanted in news {
            let dataset = Arc::clone(&dataset);
            let (key, name) = (JobKey::Panel(wanted.kind()), wanted.name());
            // Whoever settles a conflict waits for the next with a hand on the keyboard.
            let is_quick = matches!(wanted, Wanted::Reviewers(_));
            let work = move |progress: &crate::progress::Progress| {
                let found = wanted.compute(&dataset, progress)?;
                Ok(Outcome::Panel(dataset, Box::new(wanted), found))
            };
            if is_quick {
                self.jobs.start_quick(ctx, key, name, work);
            } else {
                self.jobs.start(ctx, key, name, work);
            }
        }
        if let Some(at) = self.place_changed_at {
            let wait = PLACE_S - (now - at);
            if wait > 0.0 {
                ctx.request_repaint_after(std::time::Duration::from_secs_f64(wait));
            } else if !self.jobs.is_running(JobKey::Place) {
                self.place_changed_at = None;
                self.start_place(ctx);
            }
        }
    }

    pub(super) fn start_analysis(&mut self, ctx: &egui::Context) {
        let Stage::Ready(doc) = &self.stage else { return };
        let dataset = Arc::clone(&doc.dataset);
        let edits = doc.session.edits().clone();
        let settings = doc.settings.clone();
        let previous = doc.analysis.clone();
        let audits = doc.queues.audits();
        self.jobs.start(ctx, JobKey::Analyze, "Analysis", move |progress| {
            let analysis = analysis::run(&dataset, &edits, &settings, previous.as_deref(), progress)?;
            let derived = Derived::build(&dataset, &analysis, &edits, &audits, progress)?;
            Ok(Outcome::Analyzed(dataset, Arc::new(analysis), Arc::new(derived)))
        });
    }

    /// Runs the query again, on a worker that long work does not fill.
    pub(super) fn start_query(&mut self, ctx: &egui::Context) {
        let Stage::Ready(doc) = &self.stage else { return };
        let Some(analysis) = doc.analysis.clone() else { return };
        let dataset = Arc::clone(&doc.dataset);
        let edits = doc.session.edits().clone();
        let query = doc.query.clone();
        self.jobs.start_quick(ctx, JobKey::Query, "Filter", move |progress| {
            let rows = query::run(&dataset, &analysis, &edits, &query, progress)?;
            Ok(Outcome::Rows(Box::new(query), rows))
        });
    }

    /// Something was decided: statistics and, where the filter asks for it, rows follow.
    pub(super) fn edits_changed(&mut self, ctx: &egui::Context) {
        self.edits_changed_at = Some(ctx.input(|i| i.time));
        self.place_moved(ctx);
        if let Stage::Ready(doc) = &mut self.stage {
            doc.count_queues();
            if doc.query.conditions.iter().any(|c| matches!(c, Condition::Decided | Condition::Undecided)) {
                self.start_query(ctx);
            }
        }
    }

    /// The reviewer moved: the place is written down soon.
    pub(super) fn place_moved(&mut self, ctx: &egui::Context) {
        self.place_changed_at = Some(ctx.input(|i| i.time));
    }

    fn start_place(&mut self, ctx: &egui::Context) {
        let Stage::Ready(doc) = &self.stage else { return };
        let place = doc.place(self.view);
        let folder = self.data_folder.clone();
        let digest = super::open::place_key(&doc.dataset.source);
        let reviewer = self.reviewer.clone();
        let project = self.project_now(&place);
        self.jobs.start_quick(ctx, JobKey::Place, "Place", move |_| {
            // Who opens a project goes on in it; the place that was left without it stays for when the data is opened alone.
            match project {
                Some((path, project)) => project.save(&path).map_err(JobError::failed)?,
                None => place.save(&folder, &digest, &reviewer).map_err(JobError::failed)?,
            }
            Ok(Outcome::Placed)
        });
    }

    /// Writes the place down before the window closes.
    pub fn save_place_now(&mut self) {
        self.say_what_is_typed();
        let Stage::Ready(doc) = &self.stage else { return };
        let place = doc.place(self.view);
        let key = super::open::place_key(&doc.dataset.source);
        let saved = match self.project_now(&place) {
            Some((path, project)) => project.save(&path).map_err(anyhow::Error::from),
            None => place.save(&self.data_folder, &key, &self.reviewer),
        };
        if let Err(error) = saved {
            log::warn!("the place was not written down: {error}");
        }
    }
}

fn cancelled_words(job: &str) -> String {
    format!("{job}: cancelled")
}
