//! What a reviewer's commands do: decide, note, code, take back.

use super::command::Command;
use super::document::LastDecision;
use super::reasons::reason_of;
use super::state::View;
use super::views::review::{Mode, SoftLabel, model};
use super::{App, Stage};
use crate::dataset::{LabelId, NO_LABEL, Outcome as Decided};
use crate::review::event::Blind;
use crate::review::event::Difference;
use crate::review::{Action, Algorithm, Context, Suggestion};

impl App {
    pub(super) fn run_in_review(&mut self, ctx: &egui::Context, command: Command) {
        let now = ctx.input(|i| i.time);
        if self.view == View::Conflicts && self.conflicts.just_settled {
            return self.amend_with(ctx, command);
        }
        if self.view != View::Review || self.document().is_none_or(|d| d.queue.is_none()) {
            return;
        }
        if self.review.is_moving() && !Self::may_run_while_moving(command) {
            self.word = Some("Enter keeps the new boundary, Esc drops it".to_owned());
            return;
        }
        let decides = matches!(
            command,
            Command::Keep
                | Command::TakeSuggestion
                | Command::NoneOfLabels
                | Command::Unsure
                | Command::Exclude
                | Command::Repeat
                | Command::RemoveSpan
        );
        // A held or hasty key must not decide an item that has only just come.
        if decides && !self.review.ready(now) {
            return;
        }
        match command {
            Command::Keep if self.review.is_moving() => self.keep_boundary(ctx),
            command if command.is_on_spans() => self.run_on_spans(ctx, command),
            Command::Keep => self.keep(ctx),
            Command::TakeSuggestion => self.take_suggestion(ctx),
            Command::FindLabel => self.review_mode(Mode::Find { text: String::new(), cursor: 0 }),
            Command::Several => self.review_mode(Mode::Several(Vec::new())),
            Command::SoftLabel => self.begin_soft_label(),
            Command::NoneOfLabels => self.decide(ctx, Action::NoneOfLabels),
            Command::Unsure => self.decide(ctx, Action::Unsure),
            Command::Exclude => self.decide(ctx, Action::Exclude),
            Command::Note => {
                let item = self.document().and_then(current);
                let draft = item.and_then(|item| self.review.drafts.remove(&item));
                let saved = || Some(self.document()?.edits().get(item? as usize)?.note.clone());
                let note = draft.or_else(saved).unwrap_or_default();
                self.review_mode(Mode::Note(note));
            }
            Command::Repeat => {
                if let Some(action) = self.last_action.clone() {
                    self.decide(ctx, action);
                }
            }
            Command::NextItem => self.go_by(ctx, 1),
            Command::PreviousItem => self.go_by(ctx, -1),
            Command::ToggleBlind => self.hide_next(ctx),
            Command::RevealEvidence => {
                self.review.evidence = !self.review.evidence;
                if self.review.evidence {
                    self.log_reveal();
                }
            }
            Command::AdoptRater => self.adopt_rater(),
            Command::SureLow | Command::SureMid | Command::SureHigh => self.amend_with(ctx, command),
            Command::Reasons => self.review_mode(Mode::Reasons(None)),
            other => {
                if let Some(at) = reason_of(other) {
                    self.first_reason(ctx, at);
                }
            }
        }
    }

    /// Brings the screen into a state of which a picture is wanted.
    pub(super) fn stage_review(&mut self, ctx: &egui::Context, state: &str) -> anyhow::Result<()> {
        match state {
            "raters-hidden" => self.hide(ctx, Blind::Raters),
            "hidden" => self.hide(ctx, Blind::RatersAndModel),
            "shares" => self.begin_soft_label(),
            "find" => self.review_mode(Mode::Find { text: String::new(), cursor: 0 }),
            "span" => {
                self.run_on_spans(ctx, Command::NextSpan);
                self.run_on_spans(ctx, Command::BoundaryWordOn);
            }
            "reasons" => {
                self.decide(ctx, Action::Unsure);
                _ = self.amend(ctx, Some(2), None);
                self.first_reason(ctx, 1);
            }
            "decided" => {
                self.decide(ctx, Action::Unsure);
                _ = self.amend(ctx, Some(3), Some("two_readings"));
            }
            _ => anyhow::bail!(
                "--tab {state}: Review has hidden, raters-hidden, shares, find, span, decided and reasons"
            ),
        }
        Ok(())
    }

    pub(super) fn review_mode(&mut self, mode: Mode) {
        self.review.keep_draft();
        self.review.mode = mode;
        self.review.focus = false;
    }

    /// Begins a soft label for the item under review.
    fn begin_soft_label(&mut self) {
        let Some(doc) = self.document() else { return };
        let Some(m) = model::build(doc, 1) else { return };
        if doc.dataset.labels.len() < 2 {
            self.word = Some("A soft label needs two labels".to_owned());
            return;
        }
        let begun = SoftLabel::begin(&m, self.review.sees_raters(doc));
        self.review_mode(Mode::Soft(begun));
    }

    /// Who is adopted must be seen: hidden raters are shown first.
    fn adopt_rater(&mut self) {
        let hidden = self.document().is_some_and(|doc| !self.review.sees_raters(doc));
        if hidden {
            self.review.evidence = true;
            self.log_reveal();
        }
        self.review_mode(Mode::Adopt);
    }

    /// Keeps the label; one that is hidden is shown first, as it would tell what the raters said.
    fn keep(&mut self, ctx: &egui::Context) {
        let hidden = self.document().is_some_and(|doc| !self.review.sees_given(doc));
        if hidden {
            self.review.evidence = true;
            self.log_reveal();
            self.word = Some("This is what the raters said; once more keeps it".to_owned());
            return;
        }
        self.decide(ctx, Action::Keep);
    }

    pub(super) fn take_suggestion(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        if !self.review.sees_suggestion(doc) {
            self.review.suggestion = true;
            self.log_reveal();
            return;
        }
        let suggested = current(doc).and_then(|item| {
            let label = *doc.analysis.as_ref()?.items.suggested.get(item as usize)?;
            (label != NO_LABEL).then_some(label)
        });
        match suggested {
            Some(label) => self.decide(ctx, Action::AcceptSuggestion(label)),
            None => self.word = Some("There is no suggestion for this item".to_owned()),
        }
    }

    /// What the reviewer knew when deciding, for the log.
    pub(super) fn context(&self, ctx: &egui::Context, key: Option<String>) -> Option<Context> {
        let doc = self.document()?;
        let item = current(doc)?;
        let queue = doc.queue.as_ref()?;
        let analysis = doc.analysis.as_ref()?;
        let i = item as usize;
        let suggested = analysis.items.suggested.get(i).copied().filter(|&l| l != NO_LABEL);
        let probability = suggested
            .and_then(|s| doc.dataset.probabilities.as_ref().and_then(|p| p.row(i).get(s as usize).copied()));
        let now = ctx.input(|i| i.time);
        let algorithm = match analysis.items.method {
            crate::analysis::FlagMethod::ConfidentLearning => Some("confident_learning.prune_by_noise_rate"),
            crate::analysis::FlagMethod::DawidSkenePosterior => Some("dawid_skene.posterior"),
            crate::analysis::FlagMethod::Nothing => None,
        };
        Some(Context {
            reached: Some(queue.reached_of(item)),
            blind: doc.blind() != Blind::Open,
            blind_mode: Some(doc.blind()).filter(|&mode| mode != Blind::Open),
            shown: self.review.shown(doc),
            queue: Some(queue.name.clone()),
            rank: Some(doc.position as u64 + 1),
            dwell_ms: Some(((now - self.review.since).max(0.0) * 1000.0) as u64),
            key,
            suggestion: suggested.map(|s| Suggestion {
                value: doc.label(s).to_owned(),
                prob: probability,
                score: analysis.items.quality(i),
            }),
            algo: algorithm.map(|name| Algorithm {
                name: name.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                params: serde_json::Value::Null,
            }),
            repeat: queue.is_repeat(doc.position),
            control: queue.controls.contains(&item),
            ..Context::default()
        })
    }

    pub(super) fn decide(&mut self, ctx: &egui::Context, action: Action) {
        if let (Action::Relabel(label), Some(chosen)) = (&action, self.review.span) {
            return self.label_span(ctx, chosen, *label);
        }
        let Some(context) = self.context(ctx, None) else { return };
        let Stage::Ready(doc) = &mut self.stage else { return };
        let Some(item) = current(doc) else { return };
        let i = item as usize;
        let before = doc.analysis.as_ref().and_then(|a| {
            let label = match doc.session.edits().get(i).map(|e| &e.outcome) {
                Some(Decided::Kept(l) | Decided::Changed(l)) => *l,
                _ => a.given.original[i],
            };
            (label != NO_LABEL).then_some(label)
        });
        let dataset = std::sync::Arc::clone(&doc.dataset);
        match doc.session.decide(&dataset, i, action.clone(), context) {
            Ok(_) => {
                let outcome = doc.session.edits().get(i).map(|e| e.outcome.clone());
                doc.last = Some(last(&dataset, item, before, outcome.as_ref()));
                doc.n_decided += 1;
                // Said again of another item, it is the label that is meant, not who suggested or gave it there.
                self.last_action = Some(match action {
                    Action::AcceptSuggestion(label) | Action::AdoptRater { label, .. } => {
                        Action::Relabel(label)
                    }
                    other => other,
                });
                self.word = None;
                self.edits_changed(ctx);
                self.go_by(ctx, 1);
            }
            Err(error) => self.word = Some(error.to_string()),
        }
    }

    /// Writes down why two versions differ, and goes on to the next difference.
    pub(super) fn code(&mut self, item: u32, target: Difference, reason: Option<String>) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let dataset = std::sync::Arc::clone(&doc.dataset);
        let goes_on = reason.is_some();
        match doc.session.code(&dataset, item as usize, target, reason) {
            Ok(_) if goes_on => self.versions.coded(doc),
            Ok(_) => {}
            Err(error) => self.word = Some(error.to_string()),
        }
    }

    pub(super) fn save_note(&mut self, ctx: &egui::Context, note: &str) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let Some(item) = current(doc) else { return };
        let dataset = std::sync::Arc::clone(&doc.dataset);
        match doc.session.note(&dataset, item as usize, note) {
            Ok(_) => {
                doc.last = Some(LastDecision {
                    key: dataset.keys.get(item as usize).to_owned(),
                    from: None,
                    to: None,
                    words: "note".to_owned(),
                    decides: false,
                });
                self.edits_changed(ctx);
            }
            Err(error) => self.word = Some(error.to_string()),
        }
    }

    /// Writes to the log that the evidence or the suggestion was looked at.
    pub(super) fn log_reveal(&mut self) {
        let shown = match self.document() {
            Some(doc) if doc.blind() != Blind::Open => self.review.shown(doc),
            _ => return,
        };
        let Stage::Ready(doc) = &mut self.stage else { return };
        let Some(item) = current(doc) else { return };
        let dataset = std::sync::Arc::clone(&doc.dataset);
        if let Err(error) = doc.session.reveal(&dataset, item as usize, shown) {
            self.word = Some(error.to_string());
        }
    }

    pub(super) fn undo_or_redo(&mut self, ctx: &egui::Context, undo: bool) {
        if self.view == View::Review && self.review.is_moving() {
            self.review.let_go();
            self.word = Some("The boundary is where it was".to_owned());
            return;
        }
        let Stage::Ready(doc) = &mut self.stage else { return };
        let done = if undo { doc.session.undo() } else { doc.session.redo() };
        match done {
            Ok(Some(undone)) => {
                let verb = if undo { "Undone" } else { "Redone" };
                self.word = Some(format!("{verb}: {}", undone.words));
                doc.last = None;
                self.conflicts.just_settled = false;
                // A span of the text that is on screen: the eye stays there.
                let here = current(doc).and_then(|i| doc.dataset.stretches()?.document_of(i));
                let of = undone.item.and_then(|i| doc.dataset.stretches()?.document_of(i as u32));
                let stays = undone.is_span && here.is_some() && here == of && self.view == View::Review;
                if let Some(item) = undone.item.filter(|_| !stays) {
                    let item = item as u32;
                    let n_events = doc.session.events().len();
                    self.conflicts.seek(doc.dataset.keys.get(item as usize), n_events);
                    doc.selected = Some(item);
                    doc.find_row();
                    if self.view == View::Review
                        && let Some(at) = doc.queue.as_ref().and_then(|q| place_of(q, item, doc.position))
                    {
                        doc.position = at;
                        self.review.item = None;
                    }
                }
                self.look_at_span_again();
                self.edits_changed(ctx);
            }
            Ok(None) => self.word = Some(if undo { "Nothing to undo" } else { "Nothing to redo" }.to_owned()),
            Err(error) => self.word = Some(error.to_string()),
        }
    }
}

/// Where an item stands in a queue: the last showing up to here, else the first.
fn place_of(queue: &crate::review::Queue, item: u32, here: usize) -> Option<usize> {
    let so_far = queue.items.get(..=here).unwrap_or(&queue.items);
    let is = |&i: &u32| i == item;
    so_far.iter().rposition(is).or_else(|| queue.items.iter().position(is))
}

/// The item under review.
pub(super) fn current(doc: &super::document::Document) -> Option<u32> {
    doc.queue.as_ref()?.items.get(doc.position).copied()
}

pub(super) fn last(
    dataset: &crate::dataset::Dataset,
    item: u32,
    from: Option<LabelId>,
    outcome: Option<&Decided>,
) -> LastDecision {
    let (to, words) = match outcome {
        Some(Decided::Kept(_)) => (None, "kept".to_owned()),
        Some(Decided::Changed(l)) => (Some(*l), String::new()),
        Some(Decided::Several(labels)) => {
            (None, labels.iter().map(|&l| dataset.labels.name(l)).collect::<Vec<_>>().join(" and "))
        }
        Some(Decided::Soft(shares)) => {
            let part =
                |(l, share): (LabelId, f64)| format!("{} {:.0} %", dataset.labels.name(l), share * 100.0);
            (None, format!("ambiguous: {}", shares.iter().map(part).collect::<Vec<_>>().join(", ")))
        }
        Some(Decided::NoneOfLabels) => (None, "none of the labels".to_owned()),
        Some(Decided::Unsure) => (None, "unsure".to_owned()),
        Some(Decided::Excluded) => (None, "excluded".to_owned()),
        None => (None, String::new()),
    };
    LastDecision { key: dataset.keys.get(item as usize).to_owned(), from, to, words, decides: true }
}
