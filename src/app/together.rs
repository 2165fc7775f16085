//! Decisions on many items at once: one event of the log, one undo.

use super::widgets::paint::count;
use super::{App, Stage};
use crate::review::event::Reached;
use crate::review::{Action, Context};

impl App {
    /// Writes `decisions` down as one event. `words` say what the items have in common; `flagged` whether flags chose them.
    pub(super) fn decide_together(
        &mut self,
        ctx: &egui::Context,
        decisions: &[(usize, Action)],
        words: &str,
        flagged: bool,
    ) {
        let Stage::Ready(doc) = &mut self.stage else { return };
        let dataset = std::sync::Arc::clone(&doc.dataset);
        let shown = ["text", "given", "suggestion", "raters"];
        let context = Context {
            reached: Some(if flagged { Reached::Flag } else { Reached::Browse }),
            queue: Some(format!("Grid: {words}")),
            shown: shown.map(str::to_owned).to_vec(),
            ..Context::default()
        };
        match doc.session.bulk_decide(&dataset, decisions, context) {
            Ok(_) => {
                doc.last = None;
                self.grid.done();
                self.edits_changed(ctx);
                let n = count(decisions.len(), "item", "items");
                self.word = Some(format!("Decided on {n} at once; Ctrl Z takes all of it back"));
            }
            Err(error) => self.tell("Nothing was decided", error.to_string(), true),
        }
    }
}
