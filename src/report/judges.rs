//! What judges say together, and how likely labels are mistakes, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, rounded, table};
use crate::analysis::judges::JudgesReport;
use crate::analysis::mistakes::{Mistakes, Prior};
use crate::dataset::NO_LABEL;
use crate::stats::Undefined;

/// Judges, for programs.
pub(super) fn judges_json(subject: &Subject, found: &Result<JudgesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let label = |l: u32| (l != NO_LABEL).then(|| subject.dataset.labels.name(l));
    let bins = r.bins.iter().map(|b| {
        json!({
            "above": b.low,
            "up_to": b.high,
            "n": b.n,
            "n_flagged": b.flagged.len(),
            "share": b.share,
            "n_flagged_with_people": b.n_with_people,
            "n_people_of_one_mind": b.unanimous.len(),
            "wrong": b.wrong,
        })
    });
    let flags = r.flagged.iter().map(|&item| {
        let one = r.ensemble[item as usize];
        json!({
            "item": subject.dataset.keys.get(item as usize),
            "judges_say": label(one.label),
            "confidence": one.confidence,
            "n_judges": one.n,
            "people": r.people.labels_of(item as usize).iter().map(|&l| label(l)).collect::<Vec<_>>(),
        })
    });
    let judges = r.judges.iter().map(|j| {
        json!({ "judge": j.name, "before": j.before, "after": j.after, "gain": j.gain, "n_parted": j.parted.len() })
    });
    json!({
        "n": r.n,
        "bins": bins.collect::<Vec<_>>(),
        "error_rate_at_least": r.error_rate,
        "no_spread": r.no_spread,
        "tied": subject.keys(&r.tied),
        "judges": judges.collect::<Vec<_>>(),
        "flags": flags.collect::<Vec<_>>(),
    })
}

/// Judges, for people.
pub(super) fn judges_blocks(found: &Result<JudgesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Judges: — {reason}"))],
        Ok(r) => r,
    };
    let rows = r.bins.iter().map(|b| {
        vec![
            format!("{} to {}", rounded(b.low), rounded(b.high)),
            count(b.n),
            count(b.flagged.len()),
            format!("{} of {}", b.unanimous.len(), b.n_with_people),
            defined(&b.wrong),
        ]
    });
    let title = format!(
        "Labels that {} judges contradict: {} of {}",
        r.judges.len(),
        count(r.flagged.len()),
        count(r.n)
    );
    let head = ["confidence", "items", "flagged", "people of one mind", "wrong, of reviewed"];
    let judges = r
        .judges
        .iter()
        .map(|j| vec![j.name.clone(), defined(&j.before), defined(&j.after), defined(&j.gain)]);
    vec![
        table(&title, &head, 1, rows.collect()),
        Block::Note(format!("At least so many labels are wrong: {}", defined(&r.error_rate))),
        table("", &["judge", "agrees", "after corrections", "gain"], 1, judges.collect()),
    ]
}

/// Mistakes, for programs.
pub(super) fn mistakes_json(subject: &Subject, found: &Result<Mistakes, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let items = r.order.iter().map(|&item| {
        let at = item as usize;
        json!({
            "item": subject.dataset.keys.get(at),
            "p_wrong": r.wrong[at],
            "p_prediction_is_mistake": r.mistake[at],
            "likely": (r.likely[at] != NO_LABEL).then(|| subject.dataset.labels.name(r.likely[at])),
        })
    });
    let by_label =
        (0..).zip(&r.by_label).map(|(l, p)| json!({ "label": subject.dataset.labels.name(l), "p_wrong": p }));
    let curve = r.curve.iter().map(|c| json!({ "share": c.share, "risk": c.risk, "regret": c.regret }));
    json!({
        "prior": match r.asked.prior { Prior::Model => "model", Prior::Labels => "labels" },
        "n": r.n,
        "n_probably_wrong": r.probably.len(),
        "expected_wrong": r.expected,
        "interval": [r.interval.0, r.interval.1],
        "typical_draws": r.accepted,
        "eta": r.eta,
        "regret": r.regret,
        "by_label": by_label.collect::<Vec<_>>(),
        "curve": curve.collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
    })
}

/// Mistakes, for people.
pub(super) fn mistakes_blocks(subject: &Subject, found: &Result<Mistakes, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Probable mistakes: — {reason}"))],
        Ok(r) => r,
    };
    let rows = r.order.iter().take(SHOWN).map(|&item| {
        let at = item as usize;
        let likely = subject.dataset.labels.name(r.likely[at]).to_owned();
        vec![subject.dataset.keys.get(at).to_owned(), likely, rounded(r.wrong[at].unwrap_or(0.0))]
    });
    let (low, high) = r.interval;
    let title = format!(
        "Probable mistakes: {} expected, {low} to {high} in 95 % of relabelings",
        rounded(r.expected)
    );
    let mut blocks = vec![table(&title, &["item", "likely", "P(wrong)"], 2, rows.collect())];
    more(&mut blocks, r.order.len(), "the JSON report");
    blocks
}
