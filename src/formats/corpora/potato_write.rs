//! Writes decisions where Potato's own adjudication keeps them. The annotators' files are a running server's state and
//! are never written.

use super::super::error::FormatError;
use super::super::intake::{json_error, text_of};
use super::super::json::{Patches, Records, Repairs, parse, quoted};
use super::super::registry::Product;
use super::super::write::{Decision, WriteBack};
use super::leave_out;
use super::potato::{DECISIONS, REVIEWER};
use crate::progress::Progress;

/// The question that decisions are about.
fn schema<'w>(work: &'w WriteBack<'_>) -> &'w str {
    &work.dataset.source.label_field
}

/// A label, or a list of several.
fn value(labels: &[String]) -> String {
    match labels {
        [one] => quoted(one),
        many => format!("[{}]", many.iter().map(|l| quoted(l)).collect::<Vec<_>>().join(", ")),
    }
}

/// The decisions appended to `decisions.json`, and the merged result.
pub(super) fn folder(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let mut new: Vec<String> = Vec::new();
    for (item, decision) in work.decisions() {
        new.push(decision_of(work, item, decision));
    }
    let known = work.files.iter().find(|f| f.name.ends_with(DECISIONS));
    let bytes = match known {
        Some(file) => {
            let source = text_of(&file.path, progress)?;
            work.verify(&source.file)?;
            let text = &source.text;
            let root =
                parse(text, 0, &mut Repairs::default()).map_err(|e| json_error(&file.path, text, &e))?;
            let mut patches = Patches::default();
            match root.get("decisions").filter(|l| l.is_list()) {
                _ if new.is_empty() => {}
                Some(list) => patches.push(text, list, &new.join(", ")),
                None => patches.set(text, &root, &[("decisions", format!("[{}]", new.join(", ")))]),
            }
            source.encoded(patches.apply(text).trim_start_matches('\u{feff}'))?
        }
        None => format!(
            "{{\n  \"decisions\": [\n    {}\n  ],\n  \"last_updated\": \"\"\n}}\n",
            new.join(",\n    ")
        )
        .into(),
    };
    let mut files = vec![(DECISIONS.to_owned(), bytes)];
    // Where nothing was decided, nothing is said anew.
    if new.is_empty() {
        files.truncate(usize::from(known.is_some()));
    } else {
        files.push(("adjudicated_final.jsonl".to_owned(), merged(work).into()));
    }
    Ok(Product::Folder(files))
}

/// One decision as Potato keeps them. Nobody timed it, so times are empty.
fn decision_of(work: &WriteBack<'_>, item: usize, decision: &Decision) -> String {
    let dataset = work.dataset;
    let schema = quoted(schema(work));
    let labels = match decision.labels.as_slice() {
        [] => "{}".to_owned(),
        labels => format!("{{{schema}: {}}}", value(labels)),
    };
    let whose = decision.label.as_ref().and_then(|label| {
        let votes = dataset.annotations.of_item(item);
        votes.into_iter().find(|a| dataset.labels.name(a.label) == label).map(|a| a.rater as usize)
    });
    let source = whose.map_or("adjudicator", |r| &dataset.raters.names[r]);
    let source = if decision.labels.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{{schema}: {}}}", quoted(source))
    };
    format!(
        "{{\"instance_id\": {}, \"adjudicator_id\": {}, \"timestamp\": \"\", \"label_decisions\": {labels}, \
         \"span_decisions\": [], \"source\": {source}, \"confidence\": \"\", \"notes\": {}, \"error_taxonomy\": [], \
         \"guideline_update_flag\": false, \"guideline_update_notes\": \"\", \"time_spent_ms\": 0}}",
        quoted(dataset.keys.get(item)),
        quoted(&decision.reviewer),
        quoted(decision.status),
    )
}

/// One line an item: decided, unanimous, or unresolved.
fn merged(work: &WriteBack<'_>) -> String {
    let dataset = work.dataset;
    let schema = quoted(schema(work));
    let mut out = String::new();
    for item in 0..dataset.n_items() {
        let decision = work.decision_of(item);
        if decision.is_some_and(|d| d.dropped) {
            continue;
        }
        let votes = dataset.votes(item);
        let earlier = dataset.verdicts.iter().rev().find(|v| v.item as usize == item);
        let members = |label: u32| match &dataset.sets {
            Some(sets) => {
                let of = sets.of_label.get(label as usize).map_or(&[][..], Vec::as_slice);
                of.iter().map(|&m| sets.members[m as usize].clone()).collect()
            }
            None => vec![dataset.labels.name(label).to_owned()],
        };
        let (labels, source, by): (Vec<String>, &str, Option<&str>) =
            match (decision, earlier, votes.as_slice()) {
                (Some(d), _, _) if !d.labels.is_empty() => {
                    (d.labels.clone(), "adjudicated", Some(&d.reviewer))
                }
                (None, Some(v), _) => {
                    (v.label.split('|').map(str::to_owned).collect(), "adjudicated", Some(&v.reviewer))
                }
                (None, None, &[(label, _)]) => (members(label), "unanimous", None),
                _ => (Vec::new(), "unresolved", None),
            };
        let key = quoted(dataset.keys.get(item));
        let text = dataset.texts.as_ref().map(|t| t.get(item)).filter(|t| !t.is_empty());
        let text = text.map_or(String::new(), |t| format!(",\"text\":{}", quoted(t)));
        let labels = if labels.is_empty() { String::new() } else { format!("{schema}:{}", value(&labels)) };
        let by = by.map_or(String::new(), |b| format!(",\"adjudicator\":{}", quoted(b)));
        let n = dataset.annotations.of_item(item).len();
        out.push_str(&format!(
            "{{\"instance_id\":{key},\"item_data\":{{\"id\":{key}{text}}},\"labels\":{{{labels}}},\
             \"source\":\"{source}\",\"num_annotators\":{n}{by}}}\n"
        ));
    }
    out
}

/// A line an item decided after the last line of an export.
pub(super) fn lines(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let Some(file) = work.files.first() else { return Ok(Product::File(Vec::new())) };
    let source = work.text(file, progress)?;
    let text = &source.text;
    let mut records = Records::new(text);
    let mut list = Vec::new();
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, text, &e))? {
        let key = entry.node.get("instance_id").and_then(super::Node::scalar).unwrap_or_default();
        list.push((entry.node.range, work.decision(&key).is_some_and(|d| d.dropped)));
    }
    let mut patches = Patches::default();
    leave_out(&mut patches, text, records.shape, &list);
    let mut out = patches.apply(text);
    let schema = quoted(schema(work));
    for (item, decision) in work.decisions().filter(|(_, d)| !d.dropped && !d.labels.is_empty()) {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        let labels: Vec<String> = decision.labels.iter().map(|l| format!("{}:\"true\"", quoted(l))).collect();
        out.push_str(&format!(
            "{{\"instance_id\":{},\"user_id\":{},\"labels\":{{{schema}:{{{}}}}},\"spans\":{{}},\"links\":{{}}}}\n",
            quoted(work.dataset.keys.get(item)),
            quoted(&format!("{REVIEWER}{}", decision.reviewer)),
            labels.join(",")
        ));
    }
    Ok(Product::File(source.encoded(out.trim_start_matches('\u{feff}'))?))
}

/// The final labels with those decided replaced.
pub(super) fn finals(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let Some(file) = work.files.first() else { return Ok(Product::File(Vec::new())) };
    let source = work.text(file, progress)?;
    let text = &source.text;
    let mut records = Records::new(text);
    let mut patches = Patches::default();
    let mut list = Vec::new();
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, text, &e))? {
        let node = &entry.node;
        let key = node.get("instance_id").and_then(super::Node::scalar).unwrap_or_default();
        let decision = work.decision(&key);
        let dropped = decision.is_some_and(|d| d.dropped);
        if let Some(decision) = decision.filter(|d| !d.dropped && !d.labels.is_empty()) {
            if let Some(labels) = node.get("labels").filter(|l| l.is_object()) {
                patches.set(text, labels, &[(schema(work), value(&decision.labels))]);
            }
            let members = [("source", quoted("adjudicated")), ("adjudicator", quoted(&decision.reviewer))];
            patches.set(text, node, &members);
        }
        list.push((node.range.clone(), dropped));
    }
    leave_out(&mut patches, text, records.shape, &list);
    Ok(Product::File(source.encoded(patches.apply(text).trim_start_matches('\u{feff}'))?))
}
