//! What the decisions say of the flags, and of the labels that nobody has looked at.
//!
//! Flags are no random sample: what reviewers find among them is their *precision*. Only the random audit speaks of all items;
//! there, what the model would have said helps to narrow the interval. Its items are drawn before anything is decided, so that one that was
//! decided on another way counts as well: leaving it out would leave out what is wrong.

use std::sync::Arc;

use super::Analysis;
use crate::dataset::{Edits, LabelId, NO_LABEL, Outcome, Reached};
use crate::stats::prediction_powered::{PoweredMean, powered_mean};
use crate::stats::proportion::share;
use crate::stats::{Estimate, Statistic, Undefined};

/// Decisions that the latest precision is about.
pub const RECENT: usize = 30;
/// Precision below which, for sure, further flags are hardly worth their time.
pub const WORTH: f64 = 0.15;
/// Parts that the course of the review is cut into, at most, and decisions of one, at least.
const PARTS: usize = 24;
const LEAST: usize = 5;
/// One of so many items of the audit may be left undecided.
const SKIPPED: usize = 5;

/// Decisions on some items: how many did not let the label stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    /// Share of wrong labels, with Wilson's interval.
    pub share: Statistic,
    /// Items whose label did not stand, ascending.
    pub wrong: Arc<[u32]>,
    /// Items whose label stood, ascending.
    pub right: Arc<[u32]>,
}

/// A number of errors with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// Expected.
    pub value: f64,
    /// 95 % interval.
    pub ci: (f64, f64),
}

/// What the decisions so far come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// Items on which it was decided, and whether the label was wrong: see [`decided`].
    pub decided: Arc<[(u32, bool)]>,
    /// Of items that were reviewed because they were flagged.
    pub flags: Verdicts,
    /// The last [`RECENT`] of these.
    pub recent: Verdicts,
    /// These in the order of the decisions, in parts of equal size: precision as the review went on.
    pub course: Vec<Verdicts>,
    /// Items that are flagged and not decided.
    pub n_flags_left: usize,
    /// Errors among these, at the precision of the last ones: rather too many, because the most suspicious come first.
    pub left_in_flags: Option<Left>,
    /// Whether even the upper end of the latest precision is below [`WORTH`].
    pub may_stop: bool,
    /// Of items of the random audit.
    pub audit: Verdicts,
    /// The rate of errors of the whole, with the help of the model's word on items that nobody has judged.
    pub rate: Result<PoweredMean, Undefined>,
    /// Errors that nobody has found yet, by that rate.
    pub left: Option<Left>,
    /// Errors found in any way.
    pub n_found: usize,
}

impl Validation {
    /// Nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty() && self.audit.is_empty()
    }
}

impl Verdicts {
    fn new(decisions: &[(u32, bool)], nothing: &str) -> Self {
        let of = |wanted: bool| -> Arc<[u32]> {
            let mut items: Vec<u32> =
                decisions.iter().filter(|(_, wrong)| *wrong == wanted).map(|(item, _)| *item).collect();
            items.sort_unstable();
            items.into()
        };
        let (wrong, right) = (of(true), of(false));
        Self { share: share(wrong.len(), decisions.len(), nothing), wrong, right }
    }

    /// Number of decisions.
    pub fn len(&self) -> usize {
        self.wrong.len() + self.right.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether the `original` label did not stand; `None` where nobody knows, and where there was none.
fn is_wrong(outcome: &Outcome, original: LabelId) -> Option<bool> {
    match *outcome {
        _ if original == NO_LABEL => None,
        Outcome::Kept(label) | Outcome::Changed(label) => Some(label != original),
        Outcome::Several(_) | Outcome::Soft(_) | Outcome::NoneOfLabels | Outcome::Excluded => Some(true),
        Outcome::Unsure => None,
    }
}

/// Items on which it was decided whether their `original` label stands, ascending, and whether it was wrong.
pub fn decided(edits: &Edits, original: &[LabelId]) -> Arc<[(u32, bool)]> {
    let label = |item: usize| original.get(item).copied().unwrap_or(NO_LABEL);
    edits.iter().filter_map(|(item, e)| Some((item as u32, is_wrong(&e.outcome, label(item))?))).collect()
}

/// Why an audit says nothing although some of it was decided.
pub const SKIPPED_TOO_MANY: &str =
    "too many items of the random audit were skipped: what is left of it is no random sample";

/// The audit's items that count, with what was found of each: in its random order `audit`, those up to the last one that was decided as
/// such, however they were decided; `None` where more than one in [`SKIPPED`] of them has no `verdict`.
pub fn audited<T>(edits: &Edits, audit: &[u32], verdict: impl Fn(u32) -> Option<T>) -> Option<Vec<(u32, T)>> {
    let is_audited = |&item: &u32| edits.get(item as usize).is_some_and(|e| e.reached == Reached::Audit);
    let reached = audit.iter().rposition(is_audited).map_or(0, |last| last + 1);
    let found: Vec<(u32, T)> =
        audit[..reached].iter().filter_map(|&item| Some((item, verdict(item)?))).collect();
    (SKIPPED * (reached - found.len()) <= reached).then_some(found)
}

/// Computes it from the live decisions. "Unsure" counts for nothing; every other outcome than keeping means that the label did not
/// stand. `audit` are the items of the random audit in their random order: those up to the last one that was decided as such take part.
pub fn validation(edits: &Edits, analysis: &Analysis, audit: &[u32]) -> Validation {
    let original = |item: usize| analysis.given.original.get(item).copied().unwrap_or(NO_LABEL);
    let verdict = |item: u32| {
        let edit = edits.get(item as usize)?;
        is_wrong(&edit.outcome, original(item as usize))
    };
    let mut decided: Vec<(u64, u32, Reached, bool)> = edits
        .iter()
        .filter_map(|(item, e)| {
            let wrong = is_wrong(&e.outcome, original(item))?;
            Some((e.order, item as u32, e.reached, wrong))
        })
        .collect();
    decided.sort_unstable_by_key(|d| (d.0, d.1));
    let flags: Vec<(u32, bool)> =
        decided.iter().filter(|d| d.2 == Reached::Flag).map(|d| (d.1, d.3)).collect();
    let (audited, no_audit) = match audited(edits, audit, verdict) {
        Some(audited) => (audited, "no item of the random audit was decided"),
        None => (Vec::new(), SKIPPED_TOO_MANY),
    };
    let recent = &flags[flags.len().saturating_sub(RECENT)..];
    let part = flags.len().div_ceil(PARTS).max(LEAST);
    let no_flag = "no flagged item was decided";
    let n_flags_left = analysis
        .items
        .flagged
        .iter()
        .enumerate()
        .filter(|&(item, &flagged)| flagged && edits.get(item).is_none())
        .count();
    let latest = Verdicts::new(recent, no_flag);
    let among_flags = |e: &Estimate| {
        let n = n_flags_left as f64;
        e.ci.map(|(low, high)| Left { value: n * e.value, ci: (n * low, n * high) })
    };
    let left_in_flags = latest.share.estimate().and_then(among_flags);
    let upper = latest.share.estimate().and_then(|e| e.ci).map_or(1.0, |ci| ci.1);
    let n_found = decided.iter().filter(|d| d.3).count();
    let rate = rate(analysis, &audited);
    let audit = Verdicts::new(&audited, no_audit);
    // Few decisions make a normal distribution of nothing: Wilson's interval holds there too.
    let best = match &rate {
        Ok(rate) if audited.len() >= RECENT => Some((rate.value, rate.ci)),
        _ => audit.share.estimate().and_then(|e| Some((e.value, e.ci?))),
    };
    let left = best.map(|(value, ci)| {
        let n = analysis.given.original.iter().filter(|&&l| l != NO_LABEL).count() as f64;
        let of = |share: f64| (share.clamp(0.0, 1.0) * n - n_found as f64).max(0.0);
        Left { value: of(value), ci: (of(ci.0), of(ci.1)) }
    });
    Validation {
        decided: self::decided(edits, &analysis.given.original),
        course: flags.chunks(part).map(|part| Verdicts::new(part, no_flag)).collect(),
        may_stop: recent.len() == RECENT && upper < WORTH,
        recent: latest,
        flags: Verdicts::new(&flags, no_flag),
        n_flags_left,
        left_in_flags,
        audit,
        rate,
        left,
        n_found,
    }
}

/// The rate of errors among items that have a label. The model's word is whether it (or the raters' posterior) prefers another
/// label than the original one: no decision changes that.
fn rate(analysis: &Analysis, audited: &[(u32, bool)]) -> Result<PoweredMean, Undefined> {
    if audited.len() < 2 {
        return Err(Undefined::Because("needs two decisions of the random audit".to_owned()));
    }
    let suspects = |item: usize| -> Option<f64> {
        let given = analysis.given.original.get(item).copied().filter(|&l| l != NO_LABEL)?;
        let best = analysis.items.suggested.get(item).copied().unwrap_or(NO_LABEL);
        Some(f64::from(u8::from(best != NO_LABEL && best != given)))
    };
    let judged: Vec<(f64, f64)> = audited
        .iter()
        .filter_map(|&(item, wrong)| Some((f64::from(u8::from(wrong)), suspects(item as usize)?)))
        .collect();
    let mut is_rest = vec![true; analysis.given.original.len()];
    for &(item, _) in audited {
        is_rest[item as usize] = false;
    }
    let rest = (0..is_rest.len()).filter(|&item| is_rest[item]).filter_map(suspects);
    let rate = powered_mean(&judged, rest)?;
    if rate.se > 0.0 {
        Ok(rate)
    } else {
        Err(Undefined::Because("the decisions of the audit do not differ yet".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Settings, run};
    use crate::dataset::{Dataset, Edit, LabelColumn, LabelSet, Probabilities};
    use crate::progress::Progress;

    /// Of 400 items every tenth is called 1 and looks like 0; the rest look like what they are called.
    fn dataset() -> Dataset {
        let given: Vec<u32> = (0..400).map(|i| u32::from(i % 2 == 1 || i % 10 == 0)).collect();
        let values = (0..400).flat_map(|i| if i % 2 == 1 { [0.1, 0.9] } else { [0.9, 0.1] }).collect();
        Dataset {
            labels: LabelSet::new(&["no".to_owned(), "yes".to_owned()], []),
            keys: (0..400).map(|i| i.to_string()).collect::<Vec<_>>().iter().map(String::as_str).collect(),
            given: Some(LabelColumn { name: "label".into(), ids: given }),
            probabilities: Some(Probabilities::from_f64(values, 400, 2).unwrap()),
            ..Dataset::default()
        }
    }

    fn decided(list: impl IntoIterator<Item = (u32, Outcome, Reached)>) -> Edits {
        let mut edits = Edits::new();
        for (order, (item, outcome, reached)) in list.into_iter().enumerate() {
            edits.set(item as usize, Edit { reached, order: order as u64, ..Edit::new(outcome, "r") });
        }
        edits
    }

    fn validated(edits: &Edits) -> Validation {
        let analysis = run(&dataset(), edits, &Settings::default(), None, &Progress::new()).unwrap();
        // Every seventh item is in the audit.
        let audit: Vec<u32> = (0..400).step_by(7).collect();
        validation(edits, &analysis, &audit)
    }

    #[test]
    fn nothing_decided_says_nothing() {
        let v = validated(&Edits::new());
        assert!(v.is_empty() && !v.may_stop && v.course.is_empty() && v.left.is_none());
        assert!(v.rate.is_err() && v.flags.share.value().is_none());
        assert_eq!(v.n_flags_left, 40);
    }

    #[test]
    fn precision_counts_what_did_not_stand_and_leaves_out_who_is_unsure() {
        let edits = decided([
            (0, Outcome::Changed(0), Reached::Flag),
            (10, Outcome::Kept(1), Reached::Flag),
            (20, Outcome::Unsure, Reached::Flag),
            (30, Outcome::Several(vec![0, 1]), Reached::Flag),
            (5, Outcome::Changed(0), Reached::Browse),
        ]);
        let v = validated(&edits);
        assert_eq!((v.flags.wrong.to_vec(), v.flags.right.to_vec()), (vec![0, 30], vec![10]));
        assert_eq!(v.flags.share.value(), Some(2.0 / 3.0));
        assert_eq!((v.n_found, v.n_flags_left), (3, 36));
        let left = v.left_in_flags.unwrap();
        assert!((left.value - 24.0).abs() < 1e-9 && left.ci.0 < 24.0 && left.ci.1 <= 36.0);
    }

    #[test]
    fn a_run_of_flags_that_stand_says_that_it_may_stop() {
        let flags: Vec<u32> = (0..40).map(|i| i * 10).collect();
        let kept = |n: usize| decided(flags[..n].iter().map(|&i| (i, Outcome::Kept(1), Reached::Flag)));
        assert!(!validated(&kept(29)).may_stop);
        let v = validated(&kept(30));
        assert!(v.may_stop && v.course.len() == 6 && v.course.iter().all(|p| p.len() == 5));
        let mut edits = kept(35);
        edits.set(300, Edit { reached: Reached::Flag, order: 40, ..Edit::new(Outcome::Changed(0), "r") });
        edits.set(310, Edit { reached: Reached::Flag, order: 41, ..Edit::new(Outcome::Changed(0), "r") });
        assert!(!validated(&edits).may_stop, "two of the last thirty are wrong");
    }

    #[test]
    fn the_model_narrows_what_an_audit_says() {
        // Every seventh item: 58 of 400, and what the model suspects is what is wrong.
        let audit = (0..400).step_by(7).map(|i| {
            (i, if i % 10 == 0 { Outcome::Changed(0) } else { Outcome::Kept(i % 2) }, Reached::Audit)
        });
        let v = validated(&decided(audit));
        let rate = v.rate.clone().unwrap();
        assert!(v.flags.is_empty() && v.audit.len() == 58);
        assert!((rate.value - 0.1).abs() < 0.01, "{rate:?}");
        assert!(rate.se < 0.6 * rate.classical_se, "{rate:?}");
        let left = v.left.unwrap();
        assert!(left.ci.0 <= 34.0 && 34.0 <= left.ci.1 + 1.0 && v.n_found == 6, "{left:?} {}", v.n_found);
    }

    #[test]
    fn what_was_decided_before_the_audit_counts_in_it_against_the_original_label() {
        // 0, 70 and 140 are wrong, in the audit, and were found by their flags; item 0 is met again and kept.
        let flags = [0, 70, 140].map(|i| (i, Outcome::Changed(0), Reached::Flag));
        let audit =
            (0..141).step_by(7).filter(|i| i % 70 != 0).map(|i| (i, Outcome::Kept(i % 2), Reached::Audit));
        let again = [(0, Outcome::Kept(0), Reached::Audit), (147, Outcome::Kept(1), Reached::Audit)];
        let v = validated(&decided(flags.into_iter().chain(audit).chain(again)));
        assert_eq!((v.audit.wrong.to_vec(), v.audit.len()), (vec![0, 70, 140], 22));
        assert!(v.left.is_some_and(|l| l.value > 0.0));
    }

    #[test]
    fn an_audit_without_an_error_has_an_interval_all_the_same() {
        let given = |i: u32| u32::from(i % 2 == 1 || i.is_multiple_of(10));
        let kept = |items: &[u32]| {
            validated(&decided(items.iter().map(|&i| (i, Outcome::Kept(given(i)), Reached::Audit))))
        };
        assert!(kept(&[7, 21, 35, 49]).audit.is_empty(), "every second item was skipped");
        let v = kept(&[0, 7, 14, 21, 28, 35]);
        assert!(v.rate.is_err());
        assert!(v.left.is_some_and(|l| l.value == 0.0 && l.ci.1 > 100.0), "{:?}", v.left);
    }
}
