//! Entities that are probably wrong, without any model: from the marks alone and from the words below them.
//!
//! * *Types*: the same words marked with different labels. Every mark of another label than most marks of these words
//!   is suspicious; so is one that differs among marks with the same neighbours (variation n-grams, Dickinson & Meurers
//!   2003, with a context of one token).
//! * *Boundaries*: the same words marked with and without the word beside them.
//! * *Coverage*: words that are marked in most places and not here, or marked here and in few other places.
//! * *Raters*: an entity that raters of one document see in another place, under another label, or not at all.
//!
//! Illegal sequences of tags are found by [`tag_findings`], which needs the tags themselves.
//!
//! What most do is evidence, not truth. The suspicion of a finding is the lower end of Wilson's 95 % interval of the
//! share that does otherwise: 1 against 2 is little, 1 against 50 is much. A tie has no majority and is no finding,
//! except between raters.

mod corpus;
mod forms;
mod raters;
mod transitions;

pub use corpus::{EntityCorpus, EntityMark};
pub use forms::InconsistentForm;
pub use transitions::{TagFinding, TagFindings, tag_findings};

use crate::dataset::LabelId;
use crate::progress::{Cancelled, Progress};
use crate::stats::proportion::wilson_of;

/// What is wrong with a mark, or with a place without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// Most marks of these words have another label.
    Type,
    /// Most marks of these words between these neighbours have another label.
    TypeInContext,
    /// Most marks of these words take in, or leave out, the word beside them.
    Boundary,
    /// These words are marked in most places, and here they are not.
    Unmarked,
    /// These words are marked here, and in most places they are not.
    SeldomMarked,
    /// Most raters mark the same stretch with another label.
    RaterType,
    /// Most raters begin or end it elsewhere.
    RaterBoundary,
    /// Most raters begin or end it elsewhere and give it another label.
    RaterBoth,
    /// Most raters mark something here, and these mark nothing.
    RaterMissing,
    /// Most raters mark nothing here, and these mark something.
    RaterExtra,
}

impl EntityKind {
    /// All, in the order shown.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::TypeInContext,
        Self::Boundary,
        Self::Unmarked,
        Self::SeldomMarked,
        Self::RaterType,
        Self::RaterBoundary,
        Self::RaterBoth,
        Self::RaterMissing,
        Self::RaterExtra,
    ];

    /// Key in reports.
    pub fn key(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::TypeInContext => "type_in_context",
            Self::Boundary => "boundary",
            Self::Unmarked => "unmarked",
            Self::SeldomMarked => "seldom_marked",
            Self::RaterType => "rater_type",
            Self::RaterBoundary => "rater_boundary",
            Self::RaterBoth => "rater_boundary_and_type",
            Self::RaterMissing => "rater_missing",
            Self::RaterExtra => "rater_extra",
        }
    }

    /// In words, of one finding.
    pub fn words(self) -> &'static str {
        match self {
            Self::Type => "the same words have another label elsewhere",
            Self::TypeInContext => "the same words between the same neighbours have another label elsewhere",
            Self::Boundary => "the same words are marked with other boundaries elsewhere",
            Self::Unmarked => "the same words are marked elsewhere",
            Self::SeldomMarked => "the same words are left unmarked elsewhere",
            Self::RaterType => "other raters give it another label",
            Self::RaterBoundary => "other raters begin or end it elsewhere",
            Self::RaterBoth => "other raters begin or end it elsewhere and give it another label",
            Self::RaterMissing => "other raters mark something here",
            Self::RaterExtra => "other raters mark nothing here",
        }
    }
}

/// One suspicious mark, or one place without a mark.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityFinding {
    /// What is wrong.
    pub kind: EntityKind,
    /// Document number.
    pub document: u32,
    /// First code point.
    pub start: u32,
    /// The code point after the last.
    pub end: u32,
    /// The words, as they stand there, with single spaces between tokens.
    pub form: String,
    /// Whose mark (or whose want of one) it is, ascending.
    pub raters: Vec<u32>,
    /// Its label; `None` where nothing is marked.
    pub given: Option<LabelId>,
    /// What most do here: stretch in code points and label; `None` where most mark nothing.
    pub majority: Option<(u32, u32, LabelId)>,
    /// Cases that do as most do: marks, places (`Unmarked`, `SeldomMarked`) or raters.
    pub n_majority: u64,
    /// Cases that do as is done here.
    pub n_here: u64,
    /// Lower end of Wilson's 95 % interval of `n_majority` out of both, in 0..=1.
    pub suspicion: f64,
}

/// Everything that marks and words say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityFindings {
    /// The most suspicious first; ties by document, place, kind and label.
    pub list: Vec<EntityFinding>,
    /// Words that are marked with different labels in two places or more; the largest weighted discrepancy first.
    pub forms: Vec<InconsistentForm>,
    /// Marks that were looked at.
    pub n_marks: usize,
    /// Different words that were marked.
    pub n_forms: usize,
    /// Marks that touch no token, and were left out.
    pub n_empty: u64,
}

impl EntityFindings {
    /// How many findings there are of a kind.
    pub fn count(&self, kind: EntityKind) -> usize {
        self.list.iter().filter(|f| f.kind == kind).count()
    }
}

/// Looks for marks that are inconsistent with each other. The same input gives the same findings in the same order.
///
/// Time and memory are of the order of tokens and marks.
///
/// # Errors
/// Cancellation.
pub fn entity_findings(corpus: &EntityCorpus, progress: &Progress) -> Result<EntityFindings, Cancelled> {
    progress.stage("Comparing entities", 0);
    let mut list = Vec::new();
    let (forms, n_forms) = forms::findings(corpus, &mut list, progress)?;
    raters::findings(corpus, &mut list, progress)?;
    let place = |f: &EntityFinding| (f.document, f.start, f.end, f.kind, f.given);
    // The same mark by several raters is one finding, and so is one that could be mended in two ways.
    list.sort_by(|a, b| {
        let by_place = place(a).cmp(&place(b)).then(b.suspicion.total_cmp(&a.suspicion));
        by_place.then_with(|| (a.majority, &a.raters).cmp(&(b.majority, &b.raters)))
    });
    list.dedup_by(|next, first| {
        let same = place(next) == place(first);
        if same {
            first.raters.append(&mut next.raters);
        }
        same
    });
    for finding in &mut list {
        finding.raters.sort_unstable();
        finding.raters.dedup();
    }
    progress.check()?;
    list.sort_by(|a, b| b.suspicion.total_cmp(&a.suspicion).then_with(|| place(a).cmp(&place(b))));
    Ok(EntityFindings { list, forms, n_marks: corpus.n_marks(), n_forms, n_empty: corpus.n_empty() })
}

/// How suspicious it is to do as `n_here` do, where `n_majority` do otherwise.
fn suspicion(n_majority: u64, n_here: u64) -> f64 {
    wilson_of(n_majority, n_majority + n_here).0
}

#[cfg(test)]
mod tests;
