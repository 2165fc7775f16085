//! Versions of a tagged corpus against each other, for programs and for people.

use serde_json::{Value, json};

use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, table};
use crate::analysis::versions::VersionsReport;
use crate::stats::Undefined;
use crate::stats::versions::{DifferenceKind, VersionPair};

/// What stands for "no entity" beside types.
const OUTSIDE: &str = "O";

fn kind(r: &VersionsReport, kind: Option<u32>) -> &str {
    kind.map_or(OUTSIDE, |k| r.kind(Some(k)))
}

fn name(r: &VersionsReport, number: u32) -> &str {
    r.version(number).map_or("", |v| v.name.as_str())
}

/// The section of the report for programs.
pub(super) fn versions_json(found: &Result<VersionsReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let versions = r.versions.iter().map(|v| {
        json!({
            "name": v.name,
            "scheme": v.facts.scheme,
            "n_sentences": v.facts.n_sentences,
            "n_incomplete_sentences": v.facts.n_incomplete,
            "n_entities": v.facts.n_entities,
            "n_type_changes": v.facts.n_type_changes,
            "n_orphans": v.facts.n_orphans,
            "n_tokens_read_otherwise": v.facts.n_touched,
        })
    });
    let pair = |p: &VersionPair| {
        let cells = p.label_pairs();
        let cells =
            cells.iter().map(|c| json!({ "from": kind(r, c.first), "to": kind(r, c.second), "n": c.n }));
        json!({
            "a": name(r, p.a),
            "b": name(r, p.b),
            "n_sentences": p.n_sentences,
            "n_entities_a": p.n_entities.0,
            "n_entities_b": p.n_entities.1,
            "agree": p.n_agree,
            "tag": p.count(DifferenceKind::Tag),
            "missing": p.count(DifferenceKind::Missing),
            "span": p.count(DifferenceKind::Span),
            "both": p.count(DifferenceKind::Both),
            "shares": DifferenceKind::ALL
                .map(|k| (k.name().to_lowercase(), json!(p.share(k))))
                .into_iter()
                .collect::<serde_json::Map<_, _>>(),
            "label_pairs": cells.collect::<Vec<_>>(),
            "entity_f1": p.f1(),
            "share_of_a": p.share_of_first(),
            "share_of_b": p.share_of_second(),
        })
    };
    json!({
        "reading": r.asked.rule,
        "versions": versions.collect::<Vec<_>>(),
        "pairs": r.found.pairs.iter().map(pair).collect::<Vec<_>>(),
        "n_ranges": r.found.spans.rows.len(),
        "n_ranges_that_vary": r.n_varying(),
    })
}

/// The same for people.
pub(super) fn versions_blocks(found: &Result<VersionsReport, Undefined>) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("— {reason}"))],
        Ok(r) => r,
    };
    let rows = r.versions.iter().map(|v| {
        vec![
            v.name.clone(),
            v.facts.scheme.to_owned(),
            count(v.facts.n_sentences),
            count(v.facts.n_entities),
            count(v.facts.n_type_changes),
            count(v.facts.n_orphans),
            count(v.facts.n_touched),
        ]
    });
    let head =
        ["version", "scheme", "sentences", "entities", "type changes", "I- after nothing", "tokens at issue"];
    let mut blocks = vec![table("", &head, 2, rows.collect())];
    let rows = r.found.pairs.iter().take(SHOWN).map(|p| {
        let mut row = vec![name(r, p.a).to_owned(), name(r, p.b).to_owned(), count(p.n_agree)];
        row.extend(DifferenceKind::ALL.map(|k| count(p.count(k))));
        row.push(defined(&p.f1()));
        row
    });
    let head = ["A", "B", "agree", "Tag", "Missing", "Span", "Both", "entity F1"];
    blocks.push(table("Entities that two versions mark otherwise", &head, 2, rows.collect()));
    more(&mut blocks, r.found.pairs.len(), "the JSON report");
    for p in r.found.pairs.iter().filter(|p| p.total() > 0).take(3) {
        let title = format!("Which label became which: {} to {}", name(r, p.a), name(r, p.b));
        let cells = p.label_pairs();
        let rows = cells
            .iter()
            .take(SHOWN)
            .map(|c| vec![kind(r, c.first).to_owned(), kind(r, c.second).to_owned(), count(c.n)]);
        blocks.push(table(&title, &["from", "to", "entities"], 2, rows.collect()));
        more(&mut blocks, cells.len(), "the JSON report");
    }
    blocks
}
