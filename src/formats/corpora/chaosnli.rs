//! ChaosNLI (Nie, Zhou and Bansal 2020): a hundred unnamed people's labels of each item, as counts.

use super::super::error::FormatError;
use super::super::gather::{Gathering, Value};
use super::super::intake::InputFile;
use super::super::json::Node;
use super::super::notes::Place;
use super::super::registry::{Evidence, Format, Look};
use super::{each_record, in_order, texts_of};
use crate::dataset::Task;
use crate::progress::Progress;

/// JSON Lines with `label_counter`.
pub(in super::super) static FORMAT: Format = Format {
    id: "chaosnli",
    name: "ChaosNLI",
    reads: "counts of labels, premises and hypotheses, the old labels",
    writes: "",
    extensions: &["jsonl"],
    detect,
    read,
    write: None,
};

fn detect(look: &Look<'_>) -> Option<Evidence> {
    let keys = ["uid", "label_counter", "label_dist"];
    look.first().filter(|r| r.has(&keys))?;
    Evidence::file(look, "its records have uid, label_counter and label_dist")
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let question = gathering.question("label", Task::Single);
    let mut seen: Vec<String> = Vec::new();
    for file in files {
        each_record(file, gathering, progress, |g, entry, line| {
            let node = &entry.node;
            let (Some(uid), Some(counter)) =
                (node.get("uid").and_then(Node::scalar), node.get("label_counter"))
            else {
                g.notes.add("no_counts", Place::line(line), 1, || {
                    (
                        "Records without uid or label_counter were passed over".into(),
                        "Add what is missing".into(),
                    )
                });
                return Ok(());
            };
            let item = g.item(&uid)?;
            if let Some(example) = node.some("example") {
                g.text(item, &texts_of(example, &["uid", "source"]))?;
                if let Some(source) = example.get("source").and_then(Node::scalar) {
                    g.meta(item, "source", &source)?;
                }
            }
            let mut most: Vec<&str> = Vec::new();
            let mut top = 0;
            for member in counter.members() {
                let Some(n) = member.value.count() else {
                    g.notes.add("bad_count", Place::line(line), 1, || {
                        ("Counts that are no whole numbers were passed over".into(), "Mend them".into())
                    });
                    continue;
                };
                if !seen.contains(&member.key) {
                    seen.push(member.key.clone());
                }
                g.counted(question, item, &member.key, n)?;
                if n > top {
                    (top, most) = (n, Vec::new());
                }
                if n == top {
                    most.push(&member.key);
                }
            }
            if let Some(stated) = node.get("majority_label").and_then(Node::scalar)
                && !most.contains(&stated.as_str())
            {
                g.notes.add("stated_majority", Place::line(line), 1, || {
                    (
                        "The stated majority_label is not the label with the most votes; the votes count"
                            .into(),
                        "Nothing to do".into(),
                    )
                });
            }
            if let Some(old) = node.get("old_label").and_then(Node::scalar) {
                g.given(question, item, Value::One(&old))?;
            }
            if let Some(old) = node.get("old_labels").filter(|n| n.is_list()) {
                let labels: Vec<String> = old.list().iter().filter_map(Node::scalar).collect();
                g.meta(item, "old_labels", &labels.join("|"))?;
            }
            Ok(())
        })?;
    }
    // The order of label_dist: entailment, neutral, contradiction.
    let nli = ["e", "n", "c"];
    let order = if seen.iter().all(|l| nli.contains(&l.as_str())) {
        nli.map(str::to_owned).to_vec()
    } else {
        in_order(seen)
    };
    gathering.declare(question, &order);
    Ok(())
}
