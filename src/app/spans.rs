//! What a reviewer's keys do to single spans: choose one, move a boundary, call it otherwise, add one, remove it.

use std::sync::Arc;

use super::command::Command;
use super::deciding::current;
use super::document::LastDecision;
use super::views::review::spans::{Chosen, fresh, placed_by, step};
use super::{App, Stage};
use crate::dataset::{CurrentSpan, LabelId, NO_LABEL, NOTHING, Placed, current_spans};
use crate::review::SpanAction;

impl App {
    /// What can be done while a boundary is not where it was.
    pub(super) fn may_run_while_moving(command: Command) -> bool {
        command.is_on_spans()
            || matches!(
                command,
                Command::Keep | Command::FindLabel | Command::ToggleBlind | Command::RevealEvidence
            )
    }

    /// The text under review: its document's number.
    fn text_under_review(&self) -> Option<u32> {
        let doc = self.document()?;
        doc.dataset.stretches()?.document_of(current(doc)?)
    }

    fn spans_under_review(&self) -> Vec<CurrentSpan> {
        let (Some(doc), Some(document)) = (self.document(), self.text_under_review()) else {
            return Vec::new();
        };
        current_spans(&doc.dataset, doc.edits(), document)
    }

    pub(super) fn run_on_spans(&mut self, ctx: &egui::Context, command: Command) {
        let (Some(doc), Some(document)) = (self.document(), self.text_under_review()) else {
            self.word = Some("This data has no spans of text".to_owned());
            return;
        };
        let Some(text) = doc.dataset.stretches().map(|s| s.texts.get(document as usize)) else { return };
        let all = self.spans_under_review();
        let chosen = self.review.span;
        let on = matches!(command, Command::NextSpan | Command::BoundaryOn | Command::BoundaryWordOn);
        let next = match (command, chosen) {
            (Command::NextSpan | Command::PreviousSpan, Some(chosen)) if chosen.id.is_none() => {
                Some(placed_by(text, chosen, on))
            }
            (Command::NextSpan | Command::PreviousSpan, Some(chosen)) if chosen.is_moving() => {
                self.word = Some("Enter keeps the new boundary, Esc drops it".to_owned());
                return;
            }
            (Command::NextSpan | Command::PreviousSpan, _) => {
                let item = current(doc);
                let at = chosen.and_then(|c| all.iter().position(|s| Some(s.id) == c.id));
                // The first is the item's own.
                let own = || all.iter().position(|s| !s.id.added && Some(s.id.item) == item).unwrap_or(0);
                let n = all.len();
                let at = match at {
                    None => own(),
                    Some(at) => (if on { at + 1 } else { at + n - 1 }) % n.max(1),
                };
                let found = all.get(at).map(Chosen::of);
                if found.is_none() {
                    self.word = Some("There is no span in this text; A adds one".to_owned());
                }
                found
            }
            (Command::AddSpan, Some(chosen)) if chosen.is_moving() => {
                self.word = Some("Enter keeps the new boundary, Esc drops it".to_owned());
                return;
            }
            (Command::AddSpan, _) => {
                let item = current(doc);
                let from = chosen
                    .map(|c| c.place.end)
                    .or_else(|| Some(doc.dataset.span_of(item?)?.start))
                    .unwrap_or(0);
                fresh(text, &all, from)
            }
            (_, None) => {
                self.word = Some("Choose a span first: F goes to the next one".to_owned());
                return;
            }
            (Command::OtherBoundary, Some(chosen)) => {
                Some(Chosen { moves_start: !chosen.moves_start, ..chosen })
            }
            (Command::RemoveSpan, Some(chosen)) => {
                match chosen.id {
                    Some(id) => self.decide_span(ctx, SpanAction::Remove(id)),
                    None => self.review.let_go(),
                }
                return;
            }
            (_, Some(chosen)) => {
                let by_word = matches!(command, Command::BoundaryWordOn | Command::BoundaryWordBack);
                Some(Chosen { place: step(text, chosen, on, by_word), ..chosen })
            }
        };
        self.review.span = next.or(chosen);
        if next.is_some() {
            self.word = None;
        }
    }

    /// Decides that the boundary is where it was put.
    pub(super) fn keep_boundary(&mut self, ctx: &egui::Context) {
        let Some(chosen) = self.review.span else { return };
        match chosen.id {
            None => self.word = Some("Choose the label of the new span: 1…9, or / to find one".to_owned()),
            Some(_) if chosen.place.label == NO_LABEL => {
                self.word = Some("Raters are tied on its label; choose it with 1…9".to_owned());
            }
            Some(id) => self.decide_span(ctx, SpanAction::Set { id, to: chosen.place }),
        }
    }

    /// Calls the chosen span so, where it was put.
    pub(super) fn label_span(&mut self, ctx: &egui::Context, chosen: Chosen, label: LabelId) {
        let (Some(doc), Some(document)) = (self.document(), self.text_under_review()) else { return };
        let is_nothing = doc.dataset.labels.id(NOTHING) == Some(label);
        let place = Placed { label, ..chosen.place };
        match chosen.id {
            Some(id) if is_nothing => self.decide_span(ctx, SpanAction::Remove(id)),
            None if is_nothing => self.review.let_go(),
            Some(id) => self.decide_span(ctx, SpanAction::Set { id, to: place }),
            None => self.decide_span(ctx, SpanAction::Add { document, place }),
        }
    }

    fn decide_span(&mut self, ctx: &egui::Context, action: SpanAction) {
        let Some(context) = self.context(ctx, None) else { return };
        let Stage::Ready(doc) = &mut self.stage else { return };
        let dataset = Arc::clone(&doc.dataset);
        if let Err(error) = doc.session.decide_span(&dataset, action, context) {
            self.word = Some(error.to_string());
            return;
        }
        let row = doc.session.last_decision();
        let (key, words) = row.map_or_else(Default::default, |row| {
            (row.key.to_owned(), format!("{} → {}", row.before, row.after))
        });
        doc.last = Some(LastDecision { key, from: None, to: None, words, decides: true });
        self.word = None;
        // What was decided stays chosen, wherever it is now.
        let to = match action {
            SpanAction::Add { place, .. } => Some(place),
            SpanAction::Set { to, .. } => Some(to),
            SpanAction::Remove(_) => None,
        };
        let all = self.spans_under_review();
        let found = to.and_then(|to| all.iter().find(|s| s.now == to)).map(Chosen::of);
        self.review.span = found;
        // A held or hasty key must not decide the next thing too.
        self.review.since_decided = ctx.input(|i| i.time);
        self.edits_changed(ctx);
    }

    /// Brings what is chosen in line with what stands now.
    pub(super) fn look_at_span_again(&mut self) {
        let Some(chosen) = self.review.span else { return };
        let all = self.spans_under_review();
        self.review.span = all.iter().find(|s| Some(s.id) == chosen.id).map(Chosen::of);
    }
}
