//! Confidence and reasons, added to the decision just made.

use super::command::Command;
use super::document::{Document, LastDecision};
use super::views::review::Mode;
use super::{App, Stage};
use crate::review::Codebook;

/// The commands of the first level, in the order of the codebook.
pub const COMMANDS: [Command; 9] = [
    Command::ReasonError,
    Command::ReasonAmbiguous,
    Command::ReasonGuideline,
    Command::Reason4,
    Command::Reason5,
    Command::Reason6,
    Command::Reason7,
    Command::Reason8,
    Command::Reason9,
];

/// The number of the reason that a command gives, if it gives one.
pub(super) fn reason_of(command: Command) -> Option<usize> {
    COMMANDS.iter().position(|&c| c == command)
}

/// Whether `code` is the reason `at` of the first level, or belongs to it.
pub fn belongs(book: &Codebook, at: usize, code: &str) -> bool {
    book.codes.get(at).is_some_and(|c| c.code == code || c.children.iter().any(|child| child.code == code))
}

/// Confidence in words.
pub const fn sure(confidence: u8) -> &'static str {
    match confidence {
        1 => "not sure",
        2 => "fairly sure",
        _ => "very sure",
    }
}

impl App {
    /// Gives the last decision the reason `at` of the first level; its finer ones are offered.
    pub(super) fn first_reason(&mut self, ctx: &egui::Context, at: usize) {
        let Some(doc) = self.document() else { return };
        let Some(reason) = doc.reasons().codes.get(at) else {
            self.word = Some(format!("The codebook has no reason {}", at + 1));
            return;
        };
        let (code, finer) = (reason.code.clone(), !reason.children.is_empty());
        if self.amend(ctx, None, Some(&code)) {
            self.review_mode(if finer { Mode::Reasons(Some(at)) } else { Mode::Decide });
        }
    }

    /// Says how sure the last decision was, or gives it a reason of the first level as it stands.
    pub(super) fn amend_with(&mut self, ctx: &egui::Context, command: Command) {
        let (sure, at) = match command {
            Command::SureLow => (Some(1), None),
            Command::SureMid => (Some(2), None),
            Command::SureHigh => (Some(3), None),
            other => (None, reason_of(other)),
        };
        let book = self.document().map(Document::reasons);
        let reason = at.and_then(|at| Some(book?.codes.get(at)?.code.clone()));
        if sure.is_some() || reason.is_some() {
            self.amend(ctx, sure, reason.as_deref());
        }
    }

    /// Adds confidence (1 to 3) or a reason to the last decision; whether that was done.
    pub(super) fn amend(
        &mut self,
        ctx: &egui::Context,
        confidence: Option<u8>,
        reason: Option<&str>,
    ) -> bool {
        let Stage::Ready(doc) = &mut self.stage else { return false };
        let has = doc.session.last_added();
        // The same again says nothing new: no event, nothing more to undo.
        let says_nothing =
            (confidence.is_none() || confidence == has.0) && (reason.is_none() || reason == has.1);
        let dataset = std::sync::Arc::clone(&doc.dataset);
        let done = if says_nothing {
            Ok(0)
        } else {
            doc.session.amend_last(&dataset, confidence, reason.map(str::to_owned))
        };
        match done {
            Ok(_) => {
                // What it was added to is told where it is not the decision that is told already.
                if doc.last.as_ref().is_none_or(|last| !last.decides)
                    && let Some(row) = doc.session.last_decision()
                {
                    let key = if row.key.is_empty() {
                        super::widgets::paint::count(row.items, "item", "items")
                    } else {
                        row.key.to_owned()
                    };
                    let words = row.after.clone();
                    doc.last = Some(LastDecision { key, from: None, to: None, words, decides: true });
                }
                self.edits_changed(ctx);
                true
            }
            Err(error) => {
                self.word = Some(error.to_string());
                false
            }
        }
    }
}
