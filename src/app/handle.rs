//! What each request and each command does.

use super::command::Command;
use super::layout::Preset;
use super::query::{Condition, Query, SortKey};
use super::request::Request;
use super::state::View;
use super::views::grid::GridAnswers;
use super::widgets::palette::Palette;
use super::widgets::theme::Density;
use super::{App, Overlay, PathOf, Stage, samples};
use crate::review::Reached;
use crate::review::recipe::{Listed, Recipe};

/// Rows of a page.
const PAGE: i64 = 20;

impl App {
    /// Does what a view asked for.
    pub fn handle(&mut self, ctx: &egui::Context, request: Request) {
        match request {
            Request::Run(command) => self.run(ctx, command),
            Request::Show(view) => self.show(ctx, view),
            Request::Filter(conditions) => {
                if let Some(doc) = self.document_mut() {
                    // The cursor goes to the first of what is asked for.
                    doc.selected = None;
                }
                self.change_query(ctx, |q| {
                    q.conditions = conditions;
                    q.search.clear();
                    if q.conditions.iter().any(|c| c.order().is_some()) {
                        (q.sort, q.descending) = (SortKey::Listed, false);
                    } else if matches!(q.sort, SortKey::File | SortKey::Listed) {
                        q.sort = SortKey::Quality;
                    }
                });
                self.show(ctx, View::Items);
            }
            Request::AddCondition(c) => self.change_query(ctx, |q| q.add(c)),
            Request::ToggleCondition(c) => self.change_query(ctx, |q| q.toggle(c)),
            Request::Sort(key) => self.change_query(ctx, |q| {
                q.descending = if q.sort == key {
                    !q.descending
                } else {
                    matches!(key, SortKey::Entropy | SortKey::Votes)
                };
                q.sort = key;
            }),
            Request::Select(item) => self.select(ctx, item),
            Request::SelectRater(rater) => {
                if let Some(doc) = self.document_mut() {
                    doc.rater = Some(rater);
                }
            }
            Request::Pair(a, b) => {
                self.handle(ctx, Request::Filter(vec![Condition::Shared(a, b), Condition::Parted(a, b)]));
            }
            Request::ReviewFrom(item) => {
                self.select(ctx, item);
                self.review_shown(ctx);
            }
            Request::ReviewItem(item) => self.review_one(ctx, item),
            Request::ReviewList { name, items, from } => {
                let listed = Listed { words: name, items, reached: Reached::Browse };
                self.review_list(ctx, listed, Some(from));
            }
            Request::StartQueue => self.start_built(ctx),
            Request::ResumeQueue(id) => self.resume_queue(ctx, id),
            Request::RemoveQueue(id) => self.remove_queue(ctx, id),
            Request::RenameQueue(id, title) => self.rename_queue(ctx, id, &title),
            Request::PickForQueue(pick) => self.pick_for_queue(pick),
            Request::ChooseSide(at) => {
                self.overlay = Overlay::Side(at, super::widgets::palette::Palette::default());
            }
            Request::CompareSides(sides) => {
                self.compare.set_both(sides);
                self.show_again(ctx, View::Compare);
            }
            Request::ChooseVersion(at) => {
                self.overlay = Overlay::Version(at, super::widgets::palette::Palette::default());
            }
            Request::Code { item, target, reason } => self.code(item, *target, reason),
            Request::SayAbout(about) => self.say_about(*about),
            Request::EditCodebook => self.edit_codebook(),
            Request::Adjudicate { key, action, pressed } => self.adjudicate(ctx, &key, action, pressed),
            Request::TakeSpan { event, pressed } => self.take_span(ctx, &event, pressed),
            Request::AnotherLabel(key) => {
                self.overlay = Overlay::Adjudicate(key, super::widgets::palette::Palette::default());
            }
            Request::AddLog(path) => self.add_log(ctx, path),
            Request::BrowseLog => self.browse_log(ctx),
            Request::WriteMerged(path) => self.write_merged(ctx, path),
            Request::WriteFeedback(folder, pseudonymise) => self.write_feedback(ctx, folder, pseudonymise),
            Request::Decide(action) => self.decide(ctx, action),
            Request::DecideTogether { decisions, words, flagged } => {
                self.decide_together(ctx, &decisions, &words, flagged);
            }
            Request::ChooseGridRater | Request::ChooseGridLabel => {
                let raters = matches!(request, Request::ChooseGridRater);
                let Stage::Ready(doc) = &self.stage else { return };
                let answers = if raters {
                    GridAnswers::raters(&doc.dataset)
                } else {
                    GridAnswers::labels(&doc.dataset)
                };
                self.overlay = Overlay::GridAnswer(Palette::default(), answers);
            }
            Request::Hide(blind) => self.hide(ctx, blind),
            Request::Leave => self.review_mode(super::views::review::Mode::Decide),
            Request::Because(code) => {
                self.amend(ctx, None, Some(&code));
            }
            Request::Reason(at) => self.first_reason(ctx, at),
            Request::SaveNote(note) => self.save_note(ctx, &note),
            Request::GoTo(position) => self.go_to(ctx, position),
            Request::SwitchRater(rater) => self.switch_rater(ctx, rater),
            Request::Explain(page) => self.overlay = Overlay::Page(page),
            Request::OpenFile(path) => self.open_path(ctx, path, Vec::new()),
            Request::Search(words) => self.change_query(ctx, |q| q.search = words),
            Request::OpenSample(at) => {
                let Some(sample) = samples::ALL.get(at) else { return };
                match sample.unpack(&self.data_folder) {
                    Ok(wanted) => self.open(ctx, wanted),
                    Err(error) => self.tell("The sample could not be written", format!("{error:#}"), true),
                }
            }
            Request::OpenRecent(recent) => {
                let mut wanted = super::open::Wanted::table(recent.table);
                wanted.more = recent.more;
                wanted.options.probabilities = recent.probabilities;
                self.open(ctx, wanted);
            }
            Request::Question(name) => self.ask(ctx, &name),
            Request::Copy(text) => ctx.copy_text(text),
            Request::RetrySave => {
                if let Some(doc) = self.document_mut() {
                    doc.session.retry();
                }
            }
        }
    }

    /// Does what a command says.
    pub fn run(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::Open => self.open_with_dialog(ctx),
            Command::OpenSample => self.handle(ctx, Request::OpenSample(0)),
            Command::OpenPath => self.ask_path(PathOf::Table, String::new()),
            Command::AddLog => self.ask_path(PathOf::Log, String::new()),
            Command::WriteMerged | Command::Feedback => self.ask_where(command),
            Command::ExportMerged => self.export_merged(ctx),
            Command::NextConflict | Command::AnotherLabel | Command::HideNames => {
                self.run_on_conflicts(command);
            }
            Command::Reload => self.change_columns(ctx),
            Command::PictureFolder => self.picture_folder_dialog(ctx),
            Command::Embeddings => self.embeddings_dialog(ctx),
            Command::NextQuestion => self.next_question(ctx),
            Command::SwitchRater => {
                if let Some(rater) = self.document().and_then(|d| d.rater) {
                    self.switch_rater(ctx, rater);
                }
            }
            Command::Export => self.start_export(ctx),
            Command::ExportLog => self.export_log(),
            Command::LearnLabels => self.learn_labels(ctx),
            Command::SaveProject => self.save_project(),
            Command::SavePicture => {
                // The next frame is painted without what stands over the view now.
                self.picture_wanted = true;
                ctx.request_repaint();
            }
            Command::SaveData => self.save_view_data(ctx),
            Command::SaveSoftLabels => self.save_soft_labels(ctx),
            Command::SaveLabel => self.save_label(ctx),
            Command::Quit => self.quit = true,
            Command::Palette => {
                let all = std::sync::Arc::new(super::search::Catalogue::of(self));
                self.overlay = Overlay::Palette(Palette::default(), all);
            }
            Command::Help => self.overlay = Overlay::Help,
            Command::ToggleTheme => {
                let dark = ctx.theme() == egui::Theme::Dark;
                self.preferences.theme =
                    Some(if dark { egui::ThemePreference::Light } else { egui::ThemePreference::Dark });
                self.preferences.apply_looks(ctx);
            }
            Command::SystemTheme => {
                self.preferences.theme = Some(egui::ThemePreference::System);
                self.preferences.apply_looks(ctx);
            }
            Command::ToggleDensity => {
                self.preferences.density = match self.preferences.density {
                    Density::Comfortable => Density::Compact,
                    Density::Compact => Density::Comfortable,
                };
                self.preferences.apply_looks(ctx);
            }
            Command::ZoomIn => self.preferences.zoom(ctx, Some(0.1)),
            Command::ZoomOut => self.preferences.zoom(ctx, Some(-0.1)),
            Command::ZoomReset => self.preferences.zoom(ctx, None),
            Command::CancelJobs => self.jobs.cancel_all(),
            Command::ShowOverview => self.show(ctx, View::Overview),
            Command::ShowLabel => self.show_again(ctx, View::Label),
            Command::ShowItems => self.show(ctx, View::Items),
            Command::ShowRaters => self.show_again(ctx, View::Raters),
            Command::ShowAgreement => self.show_again(ctx, View::Agreement),
            Command::ShowAggregation => self.show_again(ctx, View::Aggregation),
            Command::ShowErrors => self.show_again(ctx, View::Errors),
            Command::ShowCompare => self.show_again(ctx, View::Compare),
            Command::ShowGroups => self.show_again(ctx, View::Groups),
            Command::ShowModels => self.show_again(ctx, View::Models),
            Command::ShowVersions => self.show_again(ctx, View::Versions),
            Command::SideA
            | Command::SideB
            | Command::SwapSides
            | Command::NextPair
            | Command::PreviousPair => {
                self.run_between_two(ctx, command);
            }
            Command::ShowReview => self.show(ctx, View::Review),
            Command::ShowGrid => self.show(ctx, View::Grid),
            Command::ShowConflicts => self.show_conflicts(ctx),
            Command::ShowLog => self.show_again(ctx, View::Log),
            Command::SplitRight | Command::SplitDown => {
                let down = command == Command::SplitDown;
                self.overlay = Overlay::Split(down, super::widgets::palette::Palette::default());
            }
            Command::CloseTile => self.close_tile(),
            Command::NextTile => self.next_tile(false),
            Command::PreviousTile => self.next_tile(true),
            Command::LayoutOne => self.arrange(Preset::One),
            Command::LayoutExplore => self.arrange(Preset::Explore),
            Command::LayoutReview => self.arrange(Preset::Review),
            Command::LayoutRaters => self.arrange(Preset::Raters),
            Command::LayoutModels => self.arrange(Preset::Models),
            Command::Back => self.back(),
            Command::Forward => self.forward(),
            Command::Undo | Command::Redo => self.undo_or_redo(ctx, command == Command::Undo),
            Command::Search => {
                if self.view == View::Review || self.view == View::Log {
                    self.show(ctx, View::Items);
                }
                self.focus_search = true;
            }
            Command::AddCondition => {
                self.overlay = Overlay::Conditions(super::widgets::palette::Palette::default());
            }
            Command::ClearFilter => self.change_query(ctx, |q| {
                q.conditions.clear();
                q.search.clear();
            }),
            Command::FlaggedOnly => self.change_query(ctx, |q| q.toggle(Condition::Flagged)),
            Command::NextRow => self.move_by(ctx, 1),
            Command::PreviousRow => self.move_by(ctx, -1),
            Command::PageDown => self.move_by(ctx, PAGE),
            Command::PageUp => self.move_by(ctx, -PAGE),
            Command::FirstRow => self.move_by(ctx, i64::MIN / 2),
            Command::LastRow => self.move_by(ctx, i64::MAX / 2),
            Command::OpenRow => match self.view {
                View::Overview => self.review_preset(ctx, Recipe::ISSUES),
                View::Queues => self.start_built(ctx),
                View::Raters => {
                    let behind = self.document().and_then(|d| self.raters.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Agreement => {
                    let behind = self.document().map(|d| self.agreement.behind(d));
                    behind.into_iter().flatten().for_each(|request| self.handle(ctx, request));
                }
                View::Aggregation => {
                    let behind = self.document().map(|d| self.lab.behind(d));
                    behind.into_iter().flatten().for_each(|request| self.handle(ctx, request));
                }
                View::Errors => {
                    let behind = self.document().and_then(|d| self.errors.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Compare => {
                    let behind = self.document().and_then(|d| self.compare.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Groups => {
                    let behind = self.document().and_then(|d| self.groups.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Models => {
                    let behind = self.document().and_then(|d| self.models.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Versions => {
                    let behind = self.document().and_then(|d| self.versions.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                // The grid reads its own keys.
                View::Grid | View::Label => {}
                View::Log if self.log.tab == super::views::log::Tab::Audit => {
                    let behind = self.document().and_then(|d| self.log.behind(d));
                    behind.into_iter().for_each(|request| self.handle(ctx, request));
                }
                View::Log | View::Conflicts => {
                    if let Some(item) = self.document().and_then(|d| d.selected) {
                        self.review_one(ctx, item);
                    }
                }
                View::Items | View::Review => self.review_shown(ctx),
            },
            Command::ReviewShown => self.review_shown(ctx),
            Command::ReviewIssues => self.review_preset(ctx, Recipe::ISSUES),
            Command::ReviewSplit => self.review_preset(ctx, Recipe::SPLIT),
            Command::ReviewAudit => self.review_preset(ctx, Recipe::AUDIT),
            Command::BuildQueue => {
                self.queues.forget();
                self.show_again(ctx, View::Queues);
            }
            Command::RestoreQueue => self.restore_queue(ctx),
            Command::RenameQueue | Command::RemoveQueue => {
                if self.view == View::Queues
                    && let Some(id) = self.queues.chosen()
                {
                    if command == Command::RemoveQueue {
                        self.remove_queue(ctx, id);
                    } else if let Some(doc) = self.document() {
                        let title = doc.queues.get(id).map_or_else(String::new, |k| k.title().to_owned());
                        self.queues.rename(id, title);
                    }
                }
            }
            _ => self.run_in_review(ctx, command),
        }
    }

    fn run_between_two(&mut self, ctx: &egui::Context, command: Command) {
        let Stage::Ready(doc) = &self.stage else { return };
        if self.view == View::Versions {
            match command {
                Command::SideA => self.handle(ctx, Request::ChooseVersion(0)),
                Command::SideB => self.handle(ctx, Request::ChooseVersion(1)),
                Command::SwapSides => self.versions.swap(),
                Command::NextPair => self.versions.step_cell(doc, 1),
                Command::PreviousPair => self.versions.step_cell(doc, -1),
                _ => {}
            }
            return;
        }
        if self.view == View::Conflicts {
            match command {
                Command::NextPair => self.conflicts.step_list(1),
                Command::PreviousPair => self.conflicts.step_list(-1),
                _ => {}
            }
            return;
        }
        if self.view == View::Queues {
            let pick = match command {
                Command::SideA => self.queues.first_pick(),
                Command::SideB => self.queues.second_pick(),
                Command::SwapSides => {
                    self.queues.swap();
                    None
                }
                _ => None,
            };
            if let Some(pick) = pick {
                self.pick_for_queue(pick);
            }
            return;
        }
        if self.view != View::Compare {
            return;
        }
        match command {
            Command::SideA if self.compare.sides().is_some() => self.handle(ctx, Request::ChooseSide(0)),
            Command::SideB if self.compare.sides().is_some() => self.handle(ctx, Request::ChooseSide(1)),
            Command::SwapSides => self.compare.swap(),
            Command::NextPair => self.compare.step_pair(doc, 1),
            Command::PreviousPair => self.compare.step_pair(doc, -1),
            _ => {}
        }
    }

    /// Shows a view whose panels may have been stopped: they begin again.
    pub(super) fn show_again(&mut self, ctx: &egui::Context, view: View) {
        if let Some(doc) = self.document_mut() {
            doc.panels.again();
        }
        self.show(ctx, view);
    }

    /// Shows a view and remembers the one before.
    pub fn show(&mut self, ctx: &egui::Context, view: View) {
        self.say_what_is_typed();
        if self.view != view {
            self.history.push(self.view);
            self.future.clear();
            self.view = view;
            self.place_moved(ctx);
        }
    }

    fn back(&mut self) {
        if let Some(view) = self.history.pop() {
            self.future.push(std::mem::replace(&mut self.view, view));
        }
    }

    fn forward(&mut self) {
        if let Some(view) = self.future.pop() {
            self.history.push(std::mem::replace(&mut self.view, view));
        }
    }

    /// Changes the query and runs it.
    pub(super) fn change_query(&mut self, ctx: &egui::Context, change: impl FnOnce(&mut Query)) {
        if let Stage::Ready(doc) = &mut self.stage {
            change(&mut doc.query);
            self.start_query(ctx);
            self.place_moved(ctx);
        }
    }

    fn select(&mut self, ctx: &egui::Context, item: u32) {
        if let Stage::Ready(doc) = &mut self.stage {
            doc.selected = Some(item);
            // The clicked row is in sight already; only its number is needed.
            doc.find_row();
            self.place_moved(ctx);
        }
    }

    /// Switches a rater out of all statistics, or in again; they follow.
    fn switch_rater(&mut self, ctx: &egui::Context, rater: u32) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        if !doc.dataset.raters.are_known() {
            return;
        }
        doc.settings.switch(&doc.dataset.raters, rater);
        let counts = doc.settings.counts(&doc.dataset.raters, rater);
        let words =
            format!("{} {}", doc.rater_name(rater), if counts { "counts again" } else { "does not count" });
        self.word = Some(words);
        self.place_moved(ctx);
    }

    fn move_by(&mut self, ctx: &egui::Context, by: i64) {
        match self.view {
            View::Raters => {
                let Stage::Ready(doc) = &mut self.stage else { return };
                self.raters.step(doc, by);
            }
            View::Agreement => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.agreement.step(doc, by);
            }
            View::Aggregation => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.lab.step(doc, by);
            }
            View::Errors => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.errors.step(doc, by);
            }
            View::Compare => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.compare.step(doc, by);
            }
            View::Groups => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.groups.step(doc, by);
            }
            View::Models => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.models.step(doc, by);
            }
            View::Versions => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.versions.step(doc, by);
            }
            View::Queues => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.queues.step(doc, by);
            }
            View::Conflicts => {
                let Stage::Ready(doc) = &mut self.stage else { return };
                self.conflicts.step(doc, by);
            }
            View::Label => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.label.step(doc, by);
            }
            View::Log => {
                let Stage::Ready(doc) = &self.stage else { return };
                self.log.step(doc, by);
            }
            _ => {
                if let Stage::Ready(doc) = &mut self.stage {
                    let Some(rows) = &doc.rows else { return };
                    let Some(last) = rows.items.len().checked_sub(1) else { return };
                    let here = doc.row.map_or(if by > 0 { -1 } else { 0 }, |r| r as i64);
                    let row = here.saturating_add(by).clamp(0, last as i64) as usize;
                    doc.selected = rows.items.get(row).copied();
                    doc.row = Some(row);
                    doc.reveal = Some(row);
                    self.place_moved(ctx);
                }
            }
        }
    }

    fn export_log(&mut self) {
        let Some(doc) = self.document() else { return };
        let path = doc.dataset.source.table.path.with_extension("corrections.csv");
        let n = doc.edits().len();
        match super::export::write_log_csv(doc, &path) {
            Ok(()) => self.tell(
                format!("Wrote {}", super::widgets::paint::count(n, "decision", "decisions")),
                path.display().to_string(),
                false,
            ),
            Err(error) => self.tell("The log could not be written as CSV", error.to_string(), true),
        }
    }
}
