//! Puts verdicts into a LeWiDi file: `other_info.dissensus` and `hard_label` change, the annotators' labels never.

use super::super::error::FormatError;
use super::super::intake::json_error;
use super::super::json::{Kind, Node, Patches, Records, quoted};
use super::super::registry::Product;
use super::super::write::{Decision, WriteBack};
use super::lewidi::{VERDICT, is_metadata};
use super::{leave_out, one_file};
use crate::progress::Progress;

/// The file with the decisions in it.
pub(super) fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let mut data = work.files.iter().filter(|f| !is_metadata(f));
    let Some(file) = data.next() else { return Ok(Product::File(Vec::new())) };
    one_file(file, data.next())?;
    let source = work.text(file, progress)?;
    let text = &source.text;
    let mut records = Records::new(text);
    let mut patches = Patches::default();
    let mut list = Vec::new();
    let mut decided = std::collections::HashSet::new();
    while let Some(entry) = records.next().map_err(|e| json_error(&file.path, text, &e))? {
        let key = entry.key.clone().unwrap_or_else(|| (entry.number + 1).to_string());
        // A key that stands twice is the first one's.
        let decision = work.decision(&key).filter(|_| decided.insert(key.clone()));
        let dropped = decision.is_some_and(|d| d.dropped);
        if let Some(decision) = decision.filter(|_| !dropped) {
            apply(&mut patches, text, &entry.node, decision, work);
        }
        list.push((entry.node.range, dropped));
    }
    leave_out(&mut patches, text, records.shape, &list);
    Ok(Product::File(source.encoded(patches.apply(text).trim_start_matches('\u{feff}'))?))
}

fn apply(patches: &mut Patches, text: &str, node: &Node, decision: &Decision, work: &WriteBack<'_>) {
    let label = match decision.labels.as_slice() {
        [] => None,
        [one] => Some(quoted(one)),
        many => Some(format!("[{}]", many.iter().map(|l| quoted(l)).collect::<Vec<_>>().join(", "))),
    };
    let mut verdict: Vec<String> = label.iter().map(|l| format!("\"label\": {l}")).collect();
    verdict.push(format!("\"status\": {}", quoted(decision.status)));
    verdict.push(format!("\"reviewer\": {}", quoted(&decision.reviewer)));
    let verdict = format!("{{{}}}", verdict.join(", "));
    let mut members: Vec<(&str, String)> = Vec::new();
    match node.get("other_info") {
        Some(info) if info.is_object() => patches.set(text, info, &[(VERDICT, verdict)]),
        None => members.push(("other_info", format!("{{\"{VERDICT}\": {verdict}}}"))),
        Some(info) if info.is_null() => members.push(("other_info", format!("{{\"{VERDICT}\": {verdict}}}"))),
        Some(_) => members.push((VERDICT, verdict)),
    }
    // A hard label of another label set (yes or no beside grades) says something else.
    if let (Some(hard), [label]) = (node.some("hard_label"), decision.labels.as_slice())
        && hard.scalar().is_some_and(|h| h != *label && work.dataset.labels.id(&h).is_some())
    {
        let number = matches!(hard.kind, Kind::Number(_)) && label.parse::<f64>().is_ok();
        members.push(("hard_label", if number { label.clone() } else { quoted(label) }));
    }
    patches.set(text, node, &members);
}
