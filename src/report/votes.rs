//! Which votes are probably mistakes, for programs and for people.

use serde_json::{Map, Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, rounded, table};
use crate::analysis::votes::VotesReport;
use crate::stats::Undefined;
use crate::stats::error_or_variation::{ItemKind, VoteScore};

/// The section of the report for programs.
pub(super) fn votes_json(subject: &Subject, found: &Result<VotesReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let data = subject.dataset;
    let mistake = |&at: &u32| {
        let score: &VoteScore = &r.found.scores[at as usize];
        let by = r.distributions.iter().zip(&score.evidence.distributions);
        json!({
            "item": data.keys.get(score.item as usize),
            "label": r.label(score.label),
            "n_for": score.n_for,
            "n_of": score.n_of,
            "mistake": score.mistake,
            "for_it_in_log_odds": {
                "votes": score.evidence.votes,
                "other_labels": score.evidence.company,
                "label": score.evidence.usual,
                "distributions": by.map(|(name, x)| (name.clone(), json!(x))).collect::<Map<_, _>>(),
            },
        })
    };
    let kinds = ItemKind::ALL.into_iter().zip(&r.kinds);
    let kinds = kinds.map(|(kind, items)| (kind.key().to_owned(), json!(subject.keys(items))));
    let guidelines = r.found.guidelines.iter().zip(&r.of_guideline).map(|(g, items)| {
        let (_, values) = r.sides(g, &data.raters.names);
        let counts = values.into_iter().zip(&g.counts).map(|(v, c)| (v, json!(c)));
        let camps = [0, 1].map(|camp| {
            let own = g.camps.iter().enumerate().filter(|(_, c)| **c == camp);
            own.map(|(rater, _)| subject.rater_name(rater)).collect::<Vec<_>>()
        });
        json!({
            "labels": g.labels.map(|l| r.label(l)),
            "attribute": g.attribute.map(|at| &r.groups[at].0),
            "camps": if g.attribute.is_none() { Some(camps) } else { None },
            "counts": counts.collect::<Map<_, _>>(),
            "strength": g.strength,
            "items": subject.keys(items),
        })
    });
    let rates: Vec<Value> = if data.raters.are_known() {
        let rates = r.found.rates.iter().enumerate();
        rates.map(|(rater, rate)| json!({ "rater": subject.rater_name(rater), "mistakes": rate })).collect()
    } else {
        r.found.rates.iter().map(|rate| json!({ "rater": Value::Null, "mistakes": rate })).collect()
    };
    let weights = r.distributions.iter().zip(&r.found.weights).map(|(name, w)| (name.clone(), json!(w)));
    json!({
        "n_labels_given": r.found.scores.len(),
        "n_mistakes": r.mistakes.len(),
        "mistakes": r.mistakes.iter().map(mistake).collect::<Vec<_>>(),
        "kinds": kinds.collect::<Map<_, _>>(),
        "guidelines": guidelines.collect::<Vec<_>>(),
        "rates": rates,
        "weights": weights.collect::<Map<_, _>>(),
    })
}

/// The same for people.
pub(super) fn votes_blocks(subject: &Subject, found: &Result<VotesReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Mistakes among votes: — {reason}"))],
        Ok(r) => r,
    };
    let title = format!(
        "Mistakes among votes: {} of {} labels that somebody gave",
        count(r.mistakes.len()),
        count(r.found.scores.len())
    );
    let rows = r.mistakes.iter().take(SHOWN).map(|&at| {
        let score = &r.found.scores[at as usize];
        vec![
            subject.dataset.keys.get(score.item as usize).to_owned(),
            r.label(score.label).to_owned(),
            format!("{} of {}", score.n_for, score.n_of),
            rounded(score.mistake),
        ]
    });
    let mut blocks = vec![table(&title, &["item", "label", "given by", "mistake"], 2, rows.collect())];
    more(&mut blocks, r.mistakes.len(), "the JSON report");
    let rows = ItemKind::ALL.into_iter().zip(&r.kinds);
    let rows = rows.map(|(kind, items)| vec![kind.words().0.to_owned(), count(items.len())]);
    blocks.push(table("", &["kind of disagreement", "items"], 1, rows.collect()));
    let rows = r.found.guidelines.iter().zip(&r.of_guideline).take(SHOWN).map(|(g, items)| {
        let [a, b] = g.labels.map(|l| r.label(l));
        vec![
            format!("{a} or {b}"),
            r.sides(g, &subject.dataset.raters.names).0,
            rounded(g.strength),
            count(items.len()),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        blocks.push(table("", &["labels over which groups part", "raters by", "strength", "items"], 2, rows));
    }
    blocks
}
