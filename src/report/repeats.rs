//! Tokens that are labelled otherwise elsewhere, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, rounded, table};
use crate::analysis::repeats::RepeatsReport;
use crate::stats::Undefined;

/// The section of the report for programs.
pub(super) fn repeats_json(subject: &Subject, found: &Result<RepeatsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let name = |l: u32| subject.dataset.labels.name(l);
    let findings = r.rows.iter().map(|row| {
        let f = &row.finding;
        json!({
            "item": subject.dataset.keys.get(f.word as usize),
            "words": row.stretch,
            "at_the_end": f.at_the_end,
            "label": name(f.given),
            "majority": name(f.majority),
            "n_here": f.n_here,
            "n_majority": f.n_majority,
            "suspicion": f.suspicion,
        })
    });
    let words = r.words.iter().map(|row| {
        let labels = row.variation.labels.iter().map(|&(l, n)| json!({ "label": name(l), "n": n }));
        json!({
            "word": row.word,
            "labels": labels.collect::<Vec<_>>(),
            "entropy_bits": row.variation.entropy_bits,
            "label_entropy": row.variation.label_entropy,
            "weighted_discrepancy": row.variation.weighted_discrepancy,
        })
    });
    json!({
        "n_tokens": r.n_tokens,
        "n_sentences": r.n_sentences,
        "n_findings": r.items.len(),
        "findings": findings.collect::<Vec<_>>(),
        "n_words_with_several_labels": r.n_words,
        "words_with_several_labels": words.collect::<Vec<_>>(),
    })
}

/// The same for people.
pub(super) fn repeats_blocks(subject: &Subject, found: &Result<RepeatsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Labelled otherwise elsewhere: — {reason}"))],
        Ok(r) => r,
    };
    let name = |l: u32| subject.dataset.labels.name(l).to_owned();
    let title =
        format!("Labelled otherwise elsewhere: {} of {} tokens", count(r.items.len()), count(r.n_tokens));
    let rows = r.rows.iter().take(SHOWN).map(|row| {
        let f = &row.finding;
        vec![
            subject.dataset.keys.get(f.word as usize).to_owned(),
            row.stretch.clone(),
            name(f.given),
            name(f.majority),
            format!("{} : {}", count(f.n_majority as usize), count(f.n_here as usize)),
            rounded(f.suspicion),
        ]
    });
    let head = ["item", "words around it", "label", "most have", "for and against", "suspicion"];
    let mut blocks = vec![table(&title, &head, 4, rows.collect())];
    more(&mut blocks, r.items.len(), "the JSON report");
    let rows = r.words.iter().take(SHOWN).map(|row| {
        let labels = row.variation.labels.iter().map(|&(l, n)| format!("{} {}", name(l), count(n as usize)));
        let scores = [row.variation.entropy_bits, row.variation.weighted_discrepancy].map(rounded);
        [vec![row.word.clone(), labels.collect::<Vec<_>>().join(", ")], scores.to_vec()].concat()
    });
    let head = ["word with several labels", "labels", "entropy (bits)", "discrepancy"];
    blocks.push(table("", &head, 2, rows.collect()));
    more(&mut blocks, r.n_words, "the JSON report");
    blocks
}
