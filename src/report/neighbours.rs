//! What neighbours say, for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, optional, rounded, table};
use crate::analysis::neighbours::{Alike, NeighboursReport, OnGraph};
use crate::stats::Undefined;

/// Most items in the order of all detectors together.
const SHOWN_IN_ORDER: usize = 1000;

/// The section of the report for programs.
pub(super) fn neighbours_json(subject: &Subject, found: &Result<NeighboursReport, Undefined>) -> Value {
    let r = match found {
        Err(reason) => return undefined(reason),
        Ok(r) => r,
    };
    let item = |&item: &u32| {
        let at = item as usize;
        let prototype = r.prototypes.get(at).copied().flatten();
        json!({
            "item": subject.dataset.keys.get(at),
            "neighbours_say": r.shares.weighted[at].map(|l| subject.dataset.labels.name(l)),
            "own_share": r.shares.own[at],
            "entropy_bits": r.shares.entropy_bits[at],
            "prototype_margin": prototype.map(|p| p.margin()),
            "from_centre": prototype.map(|p| p.from_centre),
            "nearest_other": prototype.map(|p| subject.dataset.labels.name(p.nearest)),
            "value": r.value[at],
            "all_detectors": r.together(at),
        })
    };
    let outlier = |&item: &u32| {
        let at = item as usize;
        json!({
            "item": subject.dataset.keys.get(at),
            "distance": r.outliers.distance[at],
            "score": r.outliers.score[at],
        })
    };
    let rare = r
        .rare
        .iter()
        .map(|(l, items)| json!({ "label": subject.dataset.labels.name(*l), "items": subject.keys(items) }));
    json!({
        "by": match &r.alike { Alike::Embeddings(name) => name.as_str(), Alike::Texts => "texts" },
        "metric": r.neighbours.metric.words(),
        "k": r.neighbours.k,
        "near_duplicates": {
            "below": r.duplicates.threshold,
            "n_groups": r.groups.len(),
            "n_contradicting": r.duplicates.n_contradicting,
            "groups": r.groups.iter().map(|g| subject.keys(g)).collect::<Vec<_>>(),
        },
        "disagreeing": r.disagreeing.iter().map(item).collect::<Vec<_>>(),
        "by_all_detectors": r.by_all.iter().take(SHOWN_IN_ORDER).map(item).collect::<Vec<_>>(),
        "misplaced": subject.keys(&r.misplaced),
        "unfamiliar": subject.keys(&r.unfamiliar),
        "outliers": {
            "above": r.outliers.threshold,
            "items": r.outlying.iter().map(outlier).collect::<Vec<_>>(),
        },
        "order_of_items": match &r.order {
            Ok(o) => json!({ "statistic": o.statistic, "p": o.p, "scores": o.score }),
            Err(reason) => undefined(reason),
        },
        "rare_labels": rare.collect::<Vec<_>>(),
        "graph": graph_json(subject, &r.graph),
    })
}

fn graph_json(subject: &Subject, graph: &OnGraph) -> Value {
    let name = |l: usize| subject.dataset.labels.name(l as u32);
    let convexity = graph.convexity.iter().enumerate().map(|(l, found)| match found {
        Ok(c) => {
            json!({ "label": name(l), "share": c.share, "n_pairs": c.n_pairs, "n_without_a_way": c.n_apart })
        }
        Err(reason) => json!({ "label": name(l), "share": null, "reason": reason.to_string() }),
    });
    json!({
        "by": graph.column.as_deref().unwrap_or("neighbours"),
        "n_unknown_keys": graph.n_unknown,
        "homophily": match &graph.homophily {
            Ok(h) => json!({
                "n_edges": h.n_edges,
                "share": h.share,
                "adjusted": h.adjusted.as_ref().map_or_else(undefined, |a| json!(a)),
                "ends_of_edges": h.ends,
            }),
            Err(reason) => undefined(reason),
        },
        "convexity": convexity.collect::<Vec<_>>(),
        "among_others": subject.keys(&graph.odd),
    })
}

/// The same for people.
pub(super) fn neighbours_blocks(
    subject: &Subject,
    found: &Result<NeighboursReport, Undefined>,
) -> Vec<Block> {
    let r = match found {
        Err(reason) => return vec![Block::Note(format!("Neighbours: — {reason}"))],
        Ok(r) => r,
    };
    let by = match &r.alike {
        Alike::Embeddings(name) => format!("embeddings {name}"),
        Alike::Texts => "texts".to_owned(),
    };
    let contradicting = r.groups.iter().take(r.duplicates.n_contradicting.min(SHOWN));
    let rows = contradicting.map(|g| vec![subject.keys(&g[..g.len().min(6)]).join(", "), count(g.len())]);
    let title = format!(
        "Duplicates by {by}: {} groups, {} with different labels",
        count(r.groups.len()),
        count(r.duplicates.n_contradicting)
    );
    let mut blocks = vec![table(&title, &["items", "how many"], 1, rows.collect())];
    more(&mut blocks, r.duplicates.n_contradicting, "the JSON report");
    let rows = r.disagreeing.iter().take(SHOWN).map(|&item| {
        let at = item as usize;
        let says = r.shares.weighted[at].map_or("—", |l| subject.dataset.labels.name(l));
        vec![subject.dataset.keys.get(at).to_owned(), says.to_owned(), optional(r.shares.own[at])]
    });
    let title = format!("Items whose neighbours have another label: {}", count(r.disagreeing.len()));
    blocks.push(table(&title, &["item", "neighbours say", "share of its own"], 2, rows.collect()));
    more(&mut blocks, r.disagreeing.len(), "the JSON report");
    let rows = r.outlying.iter().take(SHOWN).map(|&item| {
        let at = item as usize;
        vec![subject.dataset.keys.get(at).to_owned(), optional(r.outliers.distance[at])]
    });
    let title = format!("Outliers: {}", count(r.outlying.len()));
    blocks.push(table(&title, &["item", "mean distance"], 1, rows.collect()));
    more(&mut blocks, r.outlying.len(), "the JSON report");
    if let Ok(order) = &r.order {
        let words =
            if order.p < 0.05 { "neighbours stand near each other in the file" } else { "says nothing" };
        blocks.push(Block::Note(format!("The order of the items {words} (p {})", rounded(order.p))));
    }
    let graph = &r.graph;
    let by = graph.column.as_ref().map_or_else(|| "by neighbours".to_owned(), |c| format!("by “{c}”"));
    blocks.push(Block::Note(match &graph.homophily {
        Ok(h) => format!(
            "Edges {by}: {}, homophily {}, adjusted {}; {} items stand among other labels",
            count(h.n_edges),
            rounded(h.share),
            h.adjusted.as_ref().map_or_else(|reason| format!("— {reason}"), |a| rounded(*a)),
            count(graph.odd.len())
        ),
        Err(reason) => format!("Edges {by}: — {reason}"),
    }));
    let rows = graph.convexity.iter().enumerate().take(SHOWN).map(|(l, found)| {
        let share = found.as_ref().map_or_else(|reason| format!("— {reason}"), |c| rounded(c.share));
        vec![subject.dataset.labels.name(l as u32).to_owned(), share, count(graph.odd_of[l].len())]
    });
    blocks.push(table("Labels on the graph", &["label", "convexity", "among others"], 1, rows.collect()));
    more(&mut blocks, graph.convexity.len(), "the JSON report");
    for (label, items) in &r.rare {
        let name = subject.dataset.labels.name(*label);
        blocks.push(Block::Note(format!("Rare label: {name}, {} items", count(items.len()))));
    }
    blocks
}
