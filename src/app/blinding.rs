//! What is hidden from a reviewer until it is asked for: raters, or raters and model.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::state::View;
use super::{App, deciding};
use crate::dataset::Dataset;
use crate::review::Reached;
use crate::review::event::Blind;

/// What is hidden, by kind of queue: each keeps what was chosen for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Blinds {
    /// In a random audit: the sample is to be judged on its own, not on what a model thinks of it.
    pub audit: Blind,
    /// Elsewhere: in label issues the given label is the question, and the evidence helps to answer it.
    pub elsewhere: Blind,
}

impl Default for Blinds {
    fn default() -> Self {
        Self { audit: Blind::RatersAndModel, elsewhere: Blind::Open }
    }
}

impl Blinds {
    /// What a place says that was kept when there was one switch for all queues; `reached` is of the queue it was kept with.
    pub fn of_first_version(blind: bool, reached: Option<Reached>) -> Self {
        let was = if blind { Blind::RatersAndModel } else { Blind::Open };
        match reached {
            None => Self::default(),
            Some(Reached::Audit) => Self { audit: was, ..Self::default() },
            Some(_) => Self { elsewhere: was, ..Self::default() },
        }
    }

    /// What is hidden where items were reached so.
    pub fn of(&mut self, reached: Option<Reached>) -> &mut Blind {
        if reached == Some(Reached::Audit) { &mut self.audit } else { &mut self.elsewhere }
    }
}

/// What can be hidden of this dataset, with what that leaves in words: nothing first, everything second.
pub fn choices(dataset: &Dataset) -> Vec<(Blind, &'static str)> {
    let raters = !dataset.annotations.is_empty();
    match (raters, dataset.probabilities.is_some()) {
        (true, true) => vec![
            (Blind::Open, "Nothing hidden"),
            (Blind::RatersAndModel, "Raters and model hidden"),
            (Blind::Raters, "Raters hidden"),
        ],
        // What is suggested is made of the votes.
        (true, false) => vec![(Blind::Open, "Nothing hidden"), (Blind::RatersAndModel, "Raters hidden")],
        (false, true) => vec![(Blind::Open, "Nothing hidden"), (Blind::RatersAndModel, "Model hidden")],
        (false, false) => vec![(Blind::Open, "Nothing to hide")],
    }
}

impl Document {
    /// What is hidden in the present queue.
    pub fn blind(&self) -> Blind {
        let mut blinds = self.blinds;
        *blinds.of(self.queue.as_ref().map(|q| q.reached))
    }
}

/// Views that say nothing of a single item.
const OF_THE_WHOLE: [View; 4] = [View::Overview, View::Label, View::Queues, View::Review];

impl App {
    /// Whether `view` would tell what is hidden of the item that is under review beside it.
    pub(super) fn is_closed(&self, view: View) -> bool {
        if OF_THE_WHOLE.contains(&view) || !self.on_screen().contains(&View::Review) {
            return false;
        }
        self.document().is_some_and(|doc| deciding::current(doc).is_some() && !self.review.sees_raters(doc))
    }

    /// Hides this much in queues of the present kind.
    pub(super) fn hide(&mut self, ctx: &egui::Context, blind: Blind) {
        if let Some(doc) = self.document_mut() {
            let reached = doc.queue.as_ref().map(|q| q.reached);
            *doc.blinds.of(reached) = blind;
        }
        self.place_moved(ctx);
    }

    /// Goes on to the next choice.
    pub(super) fn hide_next(&mut self, ctx: &egui::Context) {
        let Some(doc) = self.document() else { return };
        let (choices, now) = (choices(&doc.dataset), doc.blind());
        let at = choices.iter().position(|c| c.0 == now).map_or(0, |at| (at + 1) % choices.len());
        if let Some(&(next, words)) = choices.get(at) {
            self.hide(ctx, next);
            self.word = Some(words.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_the_first_version_keeps_what_it_hid() {
        let audit = Blinds::of_first_version(false, Some(Reached::Audit));
        assert_eq!((audit.audit, audit.elsewhere), (Blind::Open, Blind::Open));
        let flags = Blinds::of_first_version(true, Some(Reached::Flag));
        assert_eq!((flags.audit, flags.elsewhere), (Blind::RatersAndModel, Blind::RatersAndModel));
        assert_eq!(Blinds::of_first_version(true, None), Blinds::default());
        let old: crate::app::state::Place =
            serde_json::from_str(r#"{"position": 3, "blind": true}"#).unwrap();
        assert_eq!((old.position, old.blind, old.blinds), (3, true, None));
    }
}
