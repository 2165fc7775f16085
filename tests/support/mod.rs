//! What the tables of whole files share: where the examples are, and everything that a dataset says, a line a fact.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dissensus::dataset::{Dataset, LabelColumn, RaterKind};

/// An example by its name, or the folder of all of them by the empty name.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples").join(name)
}

/// Names of all files below a folder, relative to it, with `/`.
pub fn files_below(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            names.extend(files_below(&entry.path()).iter().map(|below| format!("{name}/{below}")));
        } else {
            names.insert(name);
        }
    }
    names
}

/// Everything that a dataset says of its data, a line a fact.
pub fn facts(d: &Dataset) -> Vec<String> {
    let mut facts = vec![
        format!("task {:?}, {} items", d.task, d.n_items()),
        format!("labels {}", d.labels.names().join(", ")),
        format!("raters {}", if d.raters.anonymous { "nobody".into() } else { d.raters.names.join(", ") }),
    ];
    facts.extend(
        d.raters
            .kinds
            .iter()
            .enumerate()
            .filter(|(_, k)| **k == RaterKind::Model)
            .map(|(r, k)| format!("{} is {k:?}", d.raters.names[r])),
    );
    facts.extend(
        d.raters.attributes.iter().map(|(name, values)| format!("raters' {name}: {}", values.join(", "))),
    );
    facts.extend(
        d.questions.iter().map(|q| format!("question {}: {:?}, {}", q.name, q.task, q.n_annotations)),
    );
    let label = |column: &Option<LabelColumn>, item| {
        column.as_ref().and_then(|c| c.get(item)).map(|l| d.labels.name(l).to_owned())
    };
    for (item, key) in d.keys.iter().enumerate() {
        let mut say = |what: &str, value: &str| facts.push(format!("{key} {what} {value}"));
        if let Some(texts) = &d.texts {
            say("text", &format!("{:?}", texts.get(item)));
        }
        if let Some(focus) = &d.focus {
            say("focus", &format!("{:?}", focus[item]));
        }
        if let Some(media) = &d.media {
            say("media", media.get(item));
        }
        for (name, column) in &d.metadata {
            say("meta", &format!("{name}={}", column.get(item).replace('\n', "\\n")));
        }
        if d.raters.anonymous {
            d.votes(item).iter().for_each(|&(l, n)| say("votes", &format!("{n} × {}", d.labels.name(l))));
        }
        for a in d.annotations.of_item(item).filter(|_| !d.raters.anonymous) {
            let rater = &d.raters.names[a.rater as usize];
            say("vote", &format!("{rater} {}", d.labels.name(a.label)));
            if let Some(seconds) = d.annotations.duration_s(a.index) {
                say("took", &format!("{rater} {seconds} s"));
            }
        }
        for a in d.absences.iter().filter(|a| a.item as usize == item) {
            say("absent", &format!("{} {:?}", d.raters.names[a.rater as usize], a.why));
        }
        label(&d.given, item).iter().for_each(|l| say("given", l));
        label(&d.gold, item).iter().for_each(|l| say("gold", l));
        for v in d.verdicts.iter().filter(|v| v.item as usize == item) {
            say("verdict", &format!("{} {}", v.reviewer, v.label));
        }
        if let Some(p) = &d.probabilities {
            say(
                "probabilities",
                &p.row(item).iter().map(|x| format!("{x:.3}")).collect::<Vec<_>>().join(" "),
            );
        }
    }
    if let Some(spans) = &d.spans {
        let names: Vec<&str> = if spans.types.is_empty() {
            d.labels.names().iter().map(String::as_str).collect()
        } else {
            spans.types.iter().map(String::as_str).collect()
        };
        for s in &spans.list {
            let document = spans.documents.get(s.document as usize);
            facts.push(format!(
                "{document} mark {} {}-{} {}",
                d.raters.names.get(s.rater as usize).map_or("given", String::as_str),
                s.start,
                s.end,
                names[s.label as usize]
            ));
        }
    }
    facts
}

/// Lines that are only in one of two sorted lists: `- ` those of the first, `+ ` those of the second.
pub fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let (mut a, mut b) = (before.iter().peekable(), after.iter().peekable());
    let mut lines = Vec::new();
    loop {
        match (a.peek(), b.peek()) {
            (None, None) => return lines,
            (Some(x), Some(y)) if x == y => {
                a.next();
                b.next();
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                lines.push(format!("- {x}"));
                a.next();
            }
            _ => lines.push(format!("+ {}", b.next().unwrap())),
        }
    }
}
