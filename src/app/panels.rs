//! What is computed only when somebody looks at it: each panel with what was asked for and what came of it.
//!
//! One job a kind. What was found stays on screen until the next is whole; what was stopped is not started again by
//! itself.

use std::sync::Arc;

use crate::analysis::Settings;
use crate::analysis::candidate::{CandidateAsked, CandidateReport, candidate};
use crate::analysis::certificate::{Certified, certified};
use crate::analysis::coefficients::{Asked, Coefficients, coefficients};
use crate::analysis::cuts::{Cuts, CutsAsked, cuts};
use crate::analysis::lab::{self, Lab, lab};
use crate::analysis::preferences::{Preferences, PreferencesAsked, preferences};
use crate::analysis::sets::{SetsAsked, SetsReport, sets};
use crate::analysis::soft::{Soft, SoftAsked, soft};
use crate::analysis::spans::{SpansAsked, SpansReport, spans};
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::Undefined;
use crate::stats::aggregation::{AGGREGATORS, Which};

/// Which panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Every coefficient.
    Coefficients,
    /// One coefficient cut up.
    Cuts,
    /// Agreement on spans.
    Spans,
    /// Every aggregator.
    Lab,
    /// Soft labels.
    Soft,
    /// Answers of several labels as candidates.
    Sets,
    /// A candidate among the raters.
    Candidate,
    /// Majority vote's certificate.
    Certificate,
    /// Preferences.
    Preferences,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// Every coefficient.
    Coefficients(Asked),
    /// One coefficient cut up.
    Cuts(CutsAsked),
    /// Agreement on spans.
    Spans(SpansAsked),
    /// Every aggregator.
    Lab(Settings),
    /// Soft labels.
    Soft(SoftAsked),
    /// Answers of several labels as candidates.
    Sets(SetsAsked),
    /// A candidate among the raters.
    Candidate(CandidateAsked),
    /// Majority vote's certificate.
    Certificate(Settings),
    /// Preferences.
    Preferences(PreferencesAsked),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Found {
    /// Every coefficient.
    Coefficients(Arc<Coefficients>),
    /// One coefficient cut up, or why it cannot be.
    Cuts(Arc<Result<Cuts, Undefined>>),
    /// Agreement on spans, or why there is none.
    Spans(Arc<Result<SpansReport, Undefined>>),
    /// Every aggregator.
    Lab(Arc<Lab>),
    /// Soft labels.
    Soft(Arc<Soft>),
    /// Answers of several labels as candidates, or why they are none.
    Sets(Arc<Result<SetsReport, Undefined>>),
    /// A candidate among the raters.
    Candidate(Arc<CandidateReport>),
    /// Majority vote's certificate, or why there is none.
    Certificate(Arc<Result<Certified, Undefined>>),
    /// Preferences, or why there are none.
    Preferences(Arc<Result<Preferences, Undefined>>),
}

impl Wanted {
    /// Which panel.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Coefficients(_) => Kind::Coefficients,
            Self::Cuts(_) => Kind::Cuts,
            Self::Spans(_) => Kind::Spans,
            Self::Lab(_) => Kind::Lab,
            Self::Soft(_) => Kind::Soft,
            Self::Sets(_) => Kind::Sets,
            Self::Candidate(_) => Kind::Candidate,
            Self::Certificate(_) => Kind::Certificate,
            Self::Preferences(_) => Kind::Preferences,
        }
    }

    /// The job's name, as shown.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Coefficients(_) => "Agreement",
            Self::Cuts(_) => "Cut of agreement",
            Self::Spans(_) => "Agreement on spans",
            Self::Lab(_) => "Aggregation",
            Self::Soft(_) => "Soft labels",
            Self::Sets(_) => "Candidate sets",
            Self::Candidate(_) => "Candidate",
            Self::Certificate(_) => "Certificate",
            Self::Preferences(_) => "Preferences",
        }
    }

    /// Computes it, on a worker.
    pub fn compute(&self, dataset: &Dataset, progress: &Progress) -> Result<Found, Cancelled> {
        Ok(match self {
            Self::Coefficients(asked) => {
                Found::Coefficients(Arc::new(coefficients(dataset, asked.clone(), progress)?))
            }
            Self::Cuts(asked) => Found::Cuts(Arc::new(cuts(dataset, asked, progress)?)),
            Self::Spans(asked) => Found::Spans(Arc::new(spans(dataset, asked, progress)?)),
            Self::Lab(settings) => {
                let all: Vec<Which> = AGGREGATORS.iter().map(|a| a.which).collect();
                Found::Lab(Arc::new(lab(dataset, settings, &all, lab::SEED, progress)?))
            }
            Self::Soft(asked) => Found::Soft(Arc::new(soft(dataset, asked, progress)?)),
            Self::Sets(asked) => Found::Sets(Arc::new(sets(dataset, asked, progress)?)),
            Self::Candidate(asked) => Found::Candidate(Arc::new(candidate(dataset, asked, progress)?)),
            Self::Certificate(settings) => {
                Found::Certificate(Arc::new(certified(dataset, settings, progress)?))
            }
            Self::Preferences(asked) => Found::Preferences(Arc::new(preferences(dataset, asked, progress)?)),
        })
    }
}

#[derive(Debug)]
struct Slot {
    wanted: Wanted,
    /// What came of it, and what had been asked for then.
    found: Option<(Wanted, Found)>,
    stopped: bool,
}

/// All panels of one dataset.
#[derive(Debug, Default)]
pub struct Panels {
    slots: Vec<Slot>,
}

impl Panels {
    fn slot(&self, kind: Kind) -> Option<&Slot> {
        self.slots.iter().find(|s| s.wanted.kind() == kind)
    }

    /// Whether nobody has begun on `wanted` yet.
    pub fn is_news(&self, wanted: &Wanted) -> bool {
        self.slot(wanted.kind()).is_none_or(|s| s.wanted != *wanted)
    }

    /// Work on `wanted` begins.
    pub fn begin(&mut self, wanted: Wanted) {
        match self.slots.iter_mut().find(|s| s.wanted.kind() == wanted.kind()) {
            Some(slot) => {
                slot.wanted = wanted;
                slot.stopped = false;
            }
            None => self.slots.push(Slot { wanted, found: None, stopped: false }),
        }
    }

    /// Work on `wanted` has come to its end.
    pub fn finish(&mut self, wanted: &Wanted, found: Found) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.wanted == *wanted) {
            slot.found = Some((wanted.clone(), found));
        }
    }

    /// Work was stopped before its end.
    pub fn stop(&mut self, kind: Kind) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.wanted.kind() == kind) {
            slot.stopped = true;
            // Nothing says that what is there answers what was asked for.
            slot.found = None;
        }
    }

    /// What was stopped may begin again.
    pub fn again(&mut self) {
        self.slots.retain(|s| !s.stopped);
    }

    /// Whether work was stopped before its end.
    pub fn is_stopped(&self, kind: Kind) -> bool {
        self.slot(kind).is_some_and(|s| s.stopped)
    }

    /// What came of the panel of this kind.
    fn found(&self, kind: Kind) -> Option<&Found> {
        Some(&self.slot(kind)?.found.as_ref()?.1)
    }

    /// What the panel of this kind answers; what is asked for now may be something else.
    pub fn answered(&self, kind: Kind) -> Option<&Wanted> {
        Some(&self.slot(kind)?.found.as_ref()?.0)
    }

    /// Every coefficient.
    pub fn coefficients(&self) -> Option<Arc<Coefficients>> {
        match self.found(Kind::Coefficients)? {
            Found::Coefficients(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// One coefficient cut up.
    pub fn cuts(&self) -> Option<Arc<Result<Cuts, Undefined>>> {
        match self.found(Kind::Cuts)? {
            Found::Cuts(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Agreement on spans.
    pub fn spans(&self) -> Option<Arc<Result<SpansReport, Undefined>>> {
        match self.found(Kind::Spans)? {
            Found::Spans(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Every aggregator.
    pub fn lab(&self) -> Option<Arc<Lab>> {
        match self.found(Kind::Lab)? {
            Found::Lab(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Soft labels.
    pub fn soft(&self) -> Option<Arc<Soft>> {
        match self.found(Kind::Soft)? {
            Found::Soft(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Answers of several labels as candidates.
    pub fn sets(&self) -> Option<Arc<Result<SetsReport, Undefined>>> {
        match self.found(Kind::Sets)? {
            Found::Sets(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// A candidate among the raters.
    pub fn candidate(&self) -> Option<Arc<CandidateReport>> {
        match self.found(Kind::Candidate)? {
            Found::Candidate(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Majority vote's certificate.
    pub fn certificate(&self) -> Option<Arc<Result<Certified, Undefined>>> {
        match self.found(Kind::Certificate)? {
            Found::Certificate(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    /// Preferences.
    pub fn preferences(&self) -> Option<Arc<Result<Preferences, Undefined>>> {
        match self.found(Kind::Preferences)? {
            Found::Preferences(found) => Some(Arc::clone(found)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_stays_until_the_next_is_whole_and_what_is_stopped_waits() {
        let (dataset, progress) = (Dataset::default(), Progress::new());
        let mut panels = Panels::default();
        let first = Wanted::Coefficients(Asked::default());
        assert!(panels.is_news(&first));
        panels.begin(first.clone());
        assert!(!panels.is_news(&first) && panels.coefficients().is_none());
        panels.finish(&first, first.compute(&dataset, &progress).unwrap());
        let measure = Some(crate::analysis::coefficients::Measure::Ordinal);
        let second = Wanted::Coefficients(Asked { measure, ..Asked::default() });
        assert!(panels.is_news(&second));
        panels.begin(second.clone());
        assert!(panels.coefficients().is_some());
        // What comes late, of the earlier question, is not taken for an answer.
        panels.finish(&first, first.compute(&dataset, &progress).unwrap());
        assert_eq!(panels.coefficients().unwrap().asked.measure, None);
        panels.stop(Kind::Coefficients);
        assert!(panels.is_stopped(Kind::Coefficients) && !panels.is_news(&second));
        assert!(panels.coefficients().is_none());
        panels.again();
        assert!(panels.is_news(&second));
    }
}
