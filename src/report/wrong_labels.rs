//! Wrong labels in sets, contradictory entities, repeated words, relations of labels, confident learning of the paper, verdicts of votes and
//! what to label next, for programs and for people.

use serde_json::{Map, Value, json};

use super::json::undefined;
use super::outline::{Block, SHOWN, count, defined, more, optional, rounded, table};
use super::{Subject, judges, neighbours, ratings, repeats, shifted, votes};
use crate::analysis::entities::{EntitiesReport, hand};
use crate::analysis::multilabel::{MemberSource, MultiLabelReport};
use crate::analysis::next_label::NextLabel;
use crate::analysis::relations::RelationsReport;
use crate::analysis::verdicts::Verdicts;
use crate::stats::Undefined;
use crate::stats::confident::{Filter, PAPER_FILTERS, PaperLearning};
use crate::stats::label_relations::{NameEvidence, Relation};

/// What was asked for, by its name; empty where nothing was.
pub(super) fn wrong_labels_json(subject: &Subject) -> Map<String, Value> {
    let extras = subject.extras;
    let found = [
        ("sets", extras.wrong_sets.as_ref().map(|found| sets_json(subject, found))),
        ("votes", extras.votes.as_ref().map(|found| votes::votes_json(subject, found))),
        ("entities", extras.entities.as_ref().map(|found| entities_json(subject, found))),
        ("variation_ngrams", extras.repeats.as_ref().map(|found| repeats::repeats_json(subject, found))),
        ("relations", extras.relations.as_ref().map(|found| relations_json(subject, found))),
        ("paper", extras.paper.as_ref().map(|found| paper_json(subject, found))),
        ("neighbours", extras.neighbours.as_ref().map(|found| neighbours::neighbours_json(subject, found))),
        ("judges", extras.judges.as_ref().map(|found| judges::judges_json(subject, found))),
        ("shifted", extras.shifted.as_ref().map(shifted::shifted_json)),
        ("mistakes", extras.mistakes.as_ref().map(|found| judges::mistakes_json(subject, found))),
        ("ratings", extras.ratings.as_ref().map(|found| ratings::ratings_json(subject, found))),
        ("verdicts", extras.verdicts.as_ref().map(|found| verdicts_json(subject, found))),
        ("label_next", extras.next_label.as_ref().map(|found| next_json(subject, found))),
    ];
    found.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// The same for people.
pub(super) fn wrong_labels_blocks(subject: &Subject) -> Vec<Block> {
    let extras = subject.extras;
    let mut blocks = Vec::new();
    blocks.extend(extras.wrong_sets.iter().flat_map(|found| sets_blocks(subject, found)));
    blocks.extend(extras.votes.iter().flat_map(|found| votes::votes_blocks(subject, found)));
    blocks.extend(extras.entities.iter().flat_map(|found| entities_blocks(subject, found)));
    blocks.extend(extras.repeats.iter().flat_map(|found| repeats::repeats_blocks(subject, found)));
    blocks.extend(extras.relations.iter().flat_map(relations_blocks));
    blocks.extend(extras.paper.iter().map(paper_block));
    blocks.extend(extras.neighbours.iter().flat_map(|found| neighbours::neighbours_blocks(subject, found)));
    blocks.extend(extras.judges.iter().flat_map(judges::judges_blocks));
    blocks.extend(extras.shifted.iter().flat_map(shifted::shifted_blocks));
    blocks.extend(extras.mistakes.iter().flat_map(|found| judges::mistakes_blocks(subject, found)));
    blocks.extend(extras.ratings.iter().flat_map(|found| ratings::ratings_blocks(subject, found)));
    blocks.extend(extras.verdicts.iter().flat_map(|found| verdicts_blocks(subject, found)));
    blocks.extend(extras.next_label.iter().flat_map(|found| next_blocks(subject, found)));
    blocks
}

fn sets_json(subject: &Subject, found: &Result<MultiLabelReport, Undefined>) -> Value {
    let report = match found {
        Err(reason) => return undefined(reason),
        Ok(report) => report,
    };
    let names = |members: &[u32]| -> Vec<&str> {
        members.iter().map(|&m| report.members[m as usize].as_str()).collect()
    };
    let labels = report.rows.iter().map(|row| {
        json!({
            "label": row.name,
            "n_given": row.n_given,
            "n_known": row.n_known,
            "quality": row.quality,
            "joint": row.joint,
            "surplus": subject.keys(&row.surplus),
            "lacking": subject.keys(&row.lacking),
        })
    });
    let items = report.items.iter().map(|row| {
        json!({
            "item": subject.dataset.keys.get(row.item as usize),
            "score": row.score,
            "surplus": names(&row.surplus),
            "lacking": names(&row.lacking),
        })
    });
    let counts = Filter::ALL.iter().map(|f| (f.key().to_owned(), report.counts[*f as usize].into()));
    json!({
        "filter": report.asked.filter.key(),
        "score": report.asked.score.key(),
        "probabilities_of_labels_are_sums": report.source == MemberSource::Sets,
        "n_known": report.n_known,
        "n_flagged": report.flagged.len(),
        "n_tied_at_the_cut": report.ties_at_cut,
        "health": report.health,
        "n_flagged_by": counts.collect::<Map<_, _>>(),
        "labels": labels.collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
    })
}

fn sets_blocks(subject: &Subject, found: &Result<MultiLabelReport, Undefined>) -> Vec<Block> {
    let report = match found {
        Err(reason) => return vec![Block::Note(format!("Wrong labels in sets: — {reason}"))],
        Ok(report) => report,
    };
    let rows = report.rows.iter().take(SHOWN).map(|row| {
        vec![
            row.name.clone(),
            optional(row.quality),
            count(row.n_given),
            count(row.surplus.len()),
            count(row.lacking.len()),
        ]
    });
    let title = format!(
        "Wrong labels in sets: {} of {} items ({})",
        count(report.flagged.len()),
        count(report.n_known),
        report.asked.filter.key()
    );
    let head = ["label", "quality", "given", "should go", "should come"];
    let mut blocks = vec![table(&title, &head, 1, rows.collect())];
    more(&mut blocks, report.rows.len(), "the JSON report");
    let names = |members: &[u32]| -> String {
        members.iter().map(|&m| report.members[m as usize].as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = report.items.iter().take(SHOWN).map(|row| {
        let key = subject.dataset.keys.get(row.item as usize).to_owned();
        vec![key, names(&row.surplus), names(&row.lacking), rounded(row.score)]
    });
    blocks.push(table("", &["item", "should go", "should come", "score"], 3, rows.collect()));
    more(&mut blocks, report.flagged.len(), "the JSON report");
    if report.source == MemberSource::Sets {
        let words = "The model knows whole sets; a label is as probable as all sets that hold it.";
        blocks.push(Block::Note(words.to_owned()));
    }
    blocks
}

fn entities_json(subject: &Subject, found: &Result<EntitiesReport, Undefined>) -> Value {
    let report = match found {
        Err(reason) => return undefined(reason),
        Ok(report) => report,
    };
    let rater = |r: u32| subject.rater_name(r as usize);
    let kinds = report.kinds.iter().map(|row| (row.kind.key().to_owned(), row.n.into()));
    let findings = report.findings.iter().map(|row| {
        let f = &row.finding;
        let majority = f.majority.map(|(start, end, label)| {
            json!({ "start": start, "end": end, "label": report.label(label), "text": row.instead })
        });
        json!({
            "kind": f.kind.key(),
            "document": row.document,
            "start": f.start,
            "end": f.end,
            "text": row.excerpt.1,
            "label": f.given.map(|l| report.label(l)),
            "raters": f.raters.iter().map(|&r| rater(r)).collect::<Vec<_>>(),
            "majority": majority,
            "n_majority": f.n_majority,
            "n_here": f.n_here,
            "suspicion": f.suspicion,
        })
    });
    let forms = report.forms.iter().map(|row| {
        let labels =
            row.form.variation.labels.iter().map(|&(l, n)| json!({ "label": report.label(l), "n": n }));
        json!({
            "words": row.form.form,
            "labels": labels.collect::<Vec<_>>(),
            "entropy_bits": row.form.variation.entropy_bits,
            "label_entropy": row.form.variation.label_entropy,
            "weighted_discrepancy": row.form.variation.weighted_discrepancy,
        })
    });
    let tags = report.tags.iter().map(|row| {
        let illegal = row.illegal.iter().map(|(item, f)| {
            json!({
                "item": subject.dataset.keys.get(*item as usize),
                "before": f.before,
                "tag": f.tag,
                "repair": f.repair,
            })
        });
        json!({
            "rater": row.rater.map(rater),
            "scheme": row.scheme,
            "n_legal": row.n_legal,
            "suspicion": row.suspicion,
            "illegal": illegal.collect::<Vec<_>>(),
        })
    });
    json!({
        "n_documents": report.n_documents,
        "n_marks": report.n_marks,
        "of_raters": report.by_raters,
        "n_findings": report.n_findings,
        "kinds": kinds.collect::<Map<_, _>>(),
        "findings": findings.collect::<Vec<_>>(),
        "words_with_several_labels": forms.collect::<Vec<_>>(),
        "tags": tags.collect::<Vec<_>>(),
    })
}

fn entities_blocks(subject: &Subject, found: &Result<EntitiesReport, Undefined>) -> Vec<Block> {
    let report = match found {
        Err(reason) => return vec![Block::Note(format!("Contradictory entities: — {reason}"))],
        Ok(report) => report,
    };
    let title = format!(
        "Contradictory entities: {} findings on {} marks",
        count(report.n_findings),
        count(report.n_marks)
    );
    let kinds = report.kinds.iter().filter(|row| row.n > 0);
    let rows = kinds.map(|row| vec![row.kind.words().to_owned(), count(row.n)]).collect();
    let mut blocks = vec![table(&title, &["what speaks against it", "findings"], 1, rows)];
    let rows = report.findings.iter().take(SHOWN).map(|row| {
        let f = &row.finding;
        let label = |l: Option<u32>| l.map_or("—", |l| report.label(l)).to_owned();
        let instead = match (&row.instead, f.majority) {
            (Some(text), Some((_, _, l))) => format!("{text}: {}", report.label(l)),
            _ => "nothing".to_owned(),
        };
        vec![
            row.document.clone(),
            row.excerpt.1.clone(),
            label(f.given),
            instead,
            format!("{} : {}", count(f.n_majority), count(f.n_here)),
            rounded(f.suspicion),
        ]
    });
    let head = ["document", "words", "label", "most say", "for and against", "suspicion"];
    blocks.push(table("", &head, 4, rows.collect()));
    more(&mut blocks, report.n_findings, "the JSON report");
    for row in report.tags.iter().filter(|row| !row.illegal.is_empty()) {
        let rows = row.illegal.iter().take(SHOWN).map(|(item, f)| {
            let key = subject.dataset.keys.get(*item as usize).to_owned();
            vec![key, f.before.clone().unwrap_or_default(), f.tag.clone(), f.repair.clone()]
        });
        let who = hand(&subject.dataset.raters, row.rater);
        let title = format!("Tags that {} does not allow: {} of {who}", row.scheme, count(row.illegal.len()));
        blocks.push(table(&title, &["token", "before it", "tag", "should be"], 4, rows.collect()));
        more(&mut blocks, row.illegal.len(), "the JSON report");
    }
    blocks
}

fn relations_json(subject: &Subject, found: &Result<RelationsReport, Undefined>) -> Value {
    let report = match found {
        Err(reason) => return undefined(reason),
        Ok(report) => report,
    };
    let pairs = report.rows.iter().map(|row| {
        let pair = &row.pair;
        let (part, whole) = match pair.relation {
            Relation::Subset { part, whole } => (Some(report.name(part)), Some(report.name(whole))),
            _ => (None, None),
        };
        let names = pair.names.iter().map(|evidence| match evidence {
            NameEvidence::Alike(ratio) => json!({ "names_are": evidence.words(), "ratio": ratio }),
            _ => json!({ "names_are": evidence.words() }),
        });
        json!({
            "a": report.name(pair.a),
            "b": report.name(pair.b),
            "relation": pair.relation.key(),
            "part": part,
            "whole": whole,
            "n_ab": pair.n_ab,
            "n_a": pair.n_a,
            "n_b": pair.n_b,
            "expected": pair.expected,
            "jaccard": pair.jaccard,
            "b_given_a": pair.b_given_a.0,
            "a_given_b": pair.a_given_b.0,
            "pmi_bits": pair.pmi,
            "p_as_few": pair.p_low,
            "p_as_many": pair.p_high,
            "n_items_needed": pair.items_needed,
            "names": names.collect::<Vec<_>>(),
            "contradicting": subject.keys(&row.items),
        })
    });
    let named = |labels: &[u32]| -> Vec<&str> { labels.iter().map(|&l| report.name(l)).collect() };
    json!({
        "labels_are": report.carrying.words(),
        "n_items": report.found.n_items,
        "n_pairs": report.found.n_pairs,
        "n_pairs_not_listed": report.found.n_not_listed,
        "level": report.found.level,
        "rare": named(&report.found.rare),
        "everywhere": named(&report.found.everywhere),
        "one_label": report.found.groups.iter().map(|g| named(g)).collect::<Vec<_>>(),
        "pairs": pairs.collect::<Vec<_>>(),
    })
}

fn relations_blocks(found: &Result<RelationsReport, Undefined>) -> Vec<Block> {
    let report = match found {
        Err(reason) => return vec![Block::Note(format!("Relations of labels: — {reason}"))],
        Ok(report) => report,
    };
    let rows = report.rows.iter().take(SHOWN).map(|row| {
        vec![
            format!("{} and {}", report.name(row.pair.a), report.name(row.pair.b)),
            report.words(row),
            count(row.pair.n_ab),
            rounded(row.pair.expected),
            count(row.items.len()),
        ]
    });
    let title = format!(
        "Relations of labels ({}), on {} items",
        report.carrying.words(),
        count(report.found.n_items)
    );
    let head = ["labels", "what they are", "together", "expected", "against it"];
    let mut blocks = vec![table(&title, &head, 2, rows.collect())];
    more(&mut blocks, report.rows.len(), "the JSON report");
    blocks
}

fn paper_json(subject: &Subject, found: &Result<PaperLearning, Undefined>) -> Value {
    let paper = match found {
        Err(reason) => return undefined(reason),
        Ok(paper) => paper,
    };
    let flagged = PAPER_FILTERS.iter().zip(&paper.flagged);
    json!({
        "n": paper.n,
        "thresholds": paper.thresholds,
        "confident_joint": paper.confident_joint,
        "estimated": paper.estimated,
        "uncounted": paper.uncounted.iter().map(|&l| subject.dataset.labels.name(l)).collect::<Vec<_>>(),
        "flagged": flagged.map(|(f, items)| (f.key().to_owned(), json!(subject.keys(items)))).collect::<Map<_, _>>(),
    })
}

fn paper_block(found: &Result<PaperLearning, Undefined>) -> Block {
    match found {
        Err(reason) => Block::Note(format!("Confident learning of the paper: — {reason}")),
        Ok(paper) => {
            let flagged = PAPER_FILTERS.iter().zip(&paper.flagged);
            let rows = flagged.map(|(f, items)| vec![f.words().0.to_owned(), count(items.len())]);
            let title = format!("Confident learning by the letter of the paper, on {} items", count(paper.n));
            table(&title, &["filter", "flagged"], 1, rows.collect())
        }
    }
}

fn next_json(subject: &Subject, found: &Result<NextLabel, Undefined>) -> Value {
    let next = match found {
        Err(reason) => return undefined(reason),
        Ok(next) => next,
    };
    let items = next.order.iter().map(|&item| {
        json!({
            "item": subject.dataset.keys.get(item as usize),
            "score": next.found.score[item as usize],
            "n_votes": next.n_votes[item as usize],
        })
    });
    json!({
        "temperature": next.found.temperature,
        "model_weight": next.found.model_weight,
        "mean_rater_weight": next.found.mean_rater_weight,
        "n_without_a_vote": next.without.len(),
        "items": items.collect::<Vec<_>>(),
    })
}

fn next_blocks(subject: &Subject, found: &Result<NextLabel, Undefined>) -> Vec<Block> {
    let next = match found {
        Err(reason) => return vec![Block::Note(format!("What to label next: — {reason}"))],
        Ok(next) => next,
    };
    let rows = next.order.iter().take(SHOWN).map(|&item| {
        let at = item as usize;
        vec![subject.dataset.keys.get(at).to_owned(), count(next.n_votes[at]), rounded(next.found.score[at])]
    });
    let title = format!("What to label next, of {} items", count(next.order.len()));
    let mut blocks = vec![table(&title, &["item", "labels", "score"], 1, rows.collect())];
    more(&mut blocks, next.order.len(), "the JSON report");
    blocks
}

fn verdicts_json(subject: &Subject, found: &Result<Verdicts, Undefined>) -> Value {
    let v = match found {
        Err(reason) => return undefined(reason),
        Ok(v) => v,
    };
    let label = |l: u32| subject.dataset.labels.name(l);
    let replaced = v.replaced.iter().map(
        |r| json!({ "given": label(r.given), "votes_say": label(r.by), "items": subject.keys(&r.items) }),
    );
    json!({
        "n_judged": v.n_judged(),
        "n_left_out": v.n_left_out,
        "n_upheld": v.upheld.len(),
        "n_wrong": v.n_wrong(),
        "n_corrected": v.corrected.len(),
        "n_several": v.several.len(),
        "n_none": v.nothing.len(),
        "n_open": v.open.len(),
        "wrong": v.wrong,
        "population": v.asked.population,
        "prevalence": v.prevalence,
        "replaced": replaced.collect::<Vec<_>>(),
    })
}

fn verdicts_blocks(subject: &Subject, found: &Result<Verdicts, Undefined>) -> Vec<Block> {
    let v = match found {
        Err(reason) => return vec![Block::Note(format!("Verdicts on given labels: — {reason}"))],
        Ok(v) => v,
    };
    let label = |l: u32| subject.dataset.labels.name(l).to_owned();
    let rows = [
        ("upheld", v.upheld.len()),
        ("another label", v.corrected.len()),
        ("several labels", v.several.len()),
        ("no label", v.nothing.len()),
        ("open", v.open.len()),
    ];
    let rows = rows.map(|(what, n)| vec![what.to_owned(), count(n)]).to_vec();
    let title = format!("Verdicts of votes on {} given labels", count(v.n_judged()));
    let replaced = v.replaced.iter().take(SHOWN);
    let replaced = replaced.map(|r| vec![label(r.given), label(r.by), count(r.items.len())]);
    let mut blocks = vec![
        table(&title, &["more than half say", "items"], 1, rows),
        Block::Note(format!("Wrong, of what was judged: {}", defined(&v.wrong))),
        Block::Note(format!("Noise prevalence: {}", defined(&v.prevalence))),
        table("", &["given", "votes say", "items"], 2, replaced.collect()),
    ];
    more(&mut blocks, v.replaced.len(), "the JSON report");
    blocks
}
