//! Which items are worth a person: for programs and for people.

use serde_json::{Value, json};

use super::Subject;
use super::json::undefined;
use super::outline::{Block, SHOWN, count, more, rounded, table};
use crate::analysis::routing::{Below, Decisive, Differing, Divergence, Learned, Machine, RoutingReport};
use crate::stats::Undefined;

/// Steps of the curve that people are told.
const TOLD: [f64; 6] = [0.0, 0.05, 0.1, 0.2, 0.5, 1.0];
/// Items of an order that programs are told.
const MOST_ITEMS: usize = 10_000;

fn keys(subject: &Subject, items: &[u32]) -> Value {
    let key = |&i: &u32| subject.dataset.keys.get(i as usize);
    json!(items.iter().take(MOST_ITEMS).map(key).collect::<Vec<_>>())
}

fn or_reason<T>(found: &Result<T, Undefined>, of: impl FnOnce(&T) -> Value) -> Value {
    found.as_ref().map_or_else(undefined, of)
}

fn learned(subject: &Subject, l: &Learned) -> Value {
    let order = or_reason(&l.order, |o| {
        json!({
            "area": o.routed.area,
            "area_in_sample": o.routed.area_in_sample,
            "better_than_random": o.routed.area > 0.0,
            "intercept": o.routed.intercept,
            "curve": o.routed.curve.iter().map(|s| json!({
                "share": s.share, "accuracy": s.learned, "random": s.random, "best": s.best,
                "in_sample": s.in_sample,
            })).collect::<Vec<_>>(),
            "properties": o.rows.iter().map(|r| json!({
                "property": r.name, "weight": r.weight, "n_labelled": r.n, "n_wrong": r.n_wrong,
                "n_items": r.items.len(),
            })).collect::<Vec<_>>(),
            "of_labelled_items": o.of_known,
            "n_worklist": o.worklist.len(),
            "worklist": keys(subject, &o.worklist),
        })
    });
    json!({
        "machine": l.machine.name(subject.dataset),
        "n_labelled": l.n_known,
        "n_wrong": l.n_wrong,
        "n_waiting": l.n_open,
        "people_right": l.person,
        "order": order,
    })
}

fn below(subject: &Subject, b: &Below) -> Value {
    json!({
        "model": b.model.name(subject.dataset),
        "n_labels": b.margins.len(),
        "knee": b.bend.map(|bend| json!({ "place": bend.knee, "margin": b.margins[bend.knee] })),
        "elbow": b.bend.map(|bend| json!({ "place": bend.elbow, "margin": b.margins[bend.elbow] })),
        "items": keys(subject, &b.items),
    })
}

fn names(subject: &Subject, pair: (Machine, Machine)) -> [String; 2] {
    [pair.0.name(subject.dataset), pair.1.name(subject.dataset)]
}

fn differing(subject: &Subject, d: &Differing) -> Value {
    json!({
        "pair": names(subject, d.pair),
        "n_both": d.n_both,
        "n_differ": d.n_differ,
        "unlike_by": d.unlike_by,
        "items": keys(subject, &d.items),
    })
}

/// By what two systems are told apart.
fn by(d: &Decisive) -> &'static str {
    match d.by {
        Divergence::Kl => "kullback_leibler",
        Divergence::Js => "jensen_shannon",
    }
}

fn decisive(subject: &Subject, d: &Decisive) -> Value {
    json!({
        "systems": names(subject, d.pair),
        "divergence": by(d),
        "n_known_outcomes": d.n_tied.1,
        "n_ties": d.n_tied.0,
        "ties_saved": or_reason(&d.saved, |saved| json!(saved.iter().map(|s| json!({
            "share": s.share, "n": s.n, "n_ties": s.n_tied, "saved": s.saved, "ci": s.ci,
        })).collect::<Vec<_>>())),
        "n_items": d.items.len(),
        "items": keys(subject, &d.items),
        "divergences": d.scores.iter().take(MOST_ITEMS).collect::<Vec<_>>(),
    })
}

/// The section of the report for programs.
pub(super) fn routing_json(subject: &Subject, r: &RoutingReport) -> Value {
    json!({
        "learned": or_reason(&r.learned, |l| learned(subject, l)),
        "below_the_knee": or_reason(&r.below, |b| below(subject, b)),
        "two_that_differ": or_reason(&r.differing, |d| differing(subject, d)),
        "decisive_first": or_reason(&r.decisive, |d| decisive(subject, d)),
    })
}

/// The first items of an order, in words.
fn first(subject: &Subject, items: &[u32]) -> String {
    let shown: Vec<&str> = items.iter().take(10).map(|&i| subject.dataset.keys.get(i as usize)).collect();
    let more = if items.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The same for people.
pub(super) fn routing_blocks(subject: &Subject, r: &RoutingReport) -> Vec<Block> {
    let mut blocks = Vec::new();
    match &r.learned {
        Err(reason) => blocks.push(Block::Note(format!("Learned from mistakes: — {reason}"))),
        Ok(l) => learned_blocks(subject, l, &mut blocks),
    }
    blocks.push(Block::Note(match &r.below {
        Err(reason) => format!("Below the knee: — {reason}"),
        Ok(b) => match b.bend {
            None => format!(
                "Below the knee of {}: no knee, the margins of {} labels lie on a line",
                b.model.name(subject.dataset),
                count(b.margins.len())
            ),
            Some(bend) => format!(
                "Below the knee of {}: {} of {} labels have a margin below {}: {}",
                b.model.name(subject.dataset),
                count(b.items.len()),
                count(b.margins.len()),
                rounded(b.margins[bend.knee]),
                first(subject, &b.items)
            ),
        },
    }));
    blocks.push(Block::Note(match &r.differing {
        Err(reason) => format!("Two that differ most: — {reason}"),
        Ok(d) => {
            let unlike = d.unlike_by.map_or_else(String::new, |by| format!(", unlike each other in {by}"));
            format!(
                "{} differ on {} of {} items; the {} where they do most{unlike}: {}",
                names(subject, d.pair).join(" and "),
                count(d.n_differ),
                count(d.n_both),
                count(d.items.len()),
                first(subject, &d.items)
            )
        }
    }));
    match &r.decisive {
        Err(reason) => blocks.push(Block::Note(format!("Decisive first: — {reason}"))),
        Ok(d) => {
            let by = by(d).replace('_', " ");
            blocks.push(Block::Note(format!(
                "{} told apart by {by} divergence, most decisive first: {}",
                names(subject, d.pair).join(" and "),
                first(subject, &d.items)
            )));
            match &d.saved {
                Err(reason) => blocks.push(Block::Note(format!("Ties saved: — {reason}"))),
                Ok(saved) => {
                    let rows = saved.iter().map(|s| {
                        let ci = format!("{} … {}", rounded(s.ci.0), rounded(s.ci.1));
                        vec![rounded(s.share), count(s.n), count(s.n_tied), rounded(s.saved), ci]
                    });
                    let head = ["first", "items", "ties", "saved", "95 % interval"];
                    let title =
                        format!("Ties saved, of {} in {} items", count(d.n_tied.0), count(d.n_tied.1));
                    blocks.push(table(&title, &head, 0, rows.collect()));
                }
            }
        }
    }
    blocks
}

fn learned_blocks(subject: &Subject, l: &Learned, blocks: &mut Vec<Block>) {
    let name = l.machine.name(subject.dataset);
    blocks.push(Block::Note(format!(
        "{name} is wrong on {} of {} items with people's label; {} items wait",
        count(l.n_wrong),
        count(l.n_known),
        count(l.n_open)
    )));
    let o = match &l.order {
        Ok(o) => o,
        Err(reason) => return blocks.push(Block::Note(format!("No order is learned: — {reason}"))),
    };
    let rows = TOLD.iter().map(|&share| {
        let s = o.at(share);
        [s.share, s.learned, s.random, s.best, s.in_sample].map(rounded).to_vec()
    });
    let head = ["looked at", "this order", "at random", "at best", "in-sample"];
    blocks.push(table("Accuracy by looks, cross-validated", &head, 0, rows.collect()));
    blocks.push(Block::Note(if o.routed.area > 0.0 {
        format!("Area over random {}; in-sample {}", rounded(o.routed.area), rounded(o.routed.area_in_sample))
    } else {
        format!("No better than random: area {}", rounded(o.routed.area))
    }));
    let rows =
        o.rows.iter().take(SHOWN).map(|r| {
            vec![r.name.clone(), rounded(r.weight), count(r.n), count(r.n_wrong), count(r.items.len())]
        });
    let head = ["property", "weight", "labelled", "wrong", "items"];
    blocks.push(table("What goes with its mistakes", &head, 1, rows.collect()));
    more(blocks, o.rows.len(), "the JSON report");
    let of = if o.of_known { "All items are labelled; of those" } else { "Worth a person" };
    blocks.push(Block::Note(format!("{of}, first: {}", first(subject, &o.worklist))));
}
