//! The data that the examples render, and how much of it a file holds.

use std::collections::BTreeSet;

use dissensus::dataset::{Dataset, Missing, NOTHING};

use crate::support::data;

/// Raters as the file calls them, in its order, and as the canonical data does.
pub type Names = &'static [(&'static str, &'static str)];

/// How much of the canonical votes a file holds, and how.
pub struct Votes {
    pub who: Who,
    /// What negative, neutral and positive are called.
    pub labels: [&'static str; 3],
    pub keys: Keys,
    pub texts: bool,
    /// Labels that the file says are not there, by canonical names.
    pub absent: &'static [(&'static str, &'static str, Missing)],
    /// What the first vote took, where all have times.
    pub seconds: Option<&'static str>,
    /// Further columns, with what they say of the first item.
    pub meta: &'static [&'static str],
    /// How near its probabilities are, where it has some.
    pub probabilities: Option<f64>,
    /// All else that the data says, in the place of the lines of the same beginning if there are some.
    pub more: &'static [&'static str],
}

pub enum Who {
    Raters(Names),
    /// Votes are counted, and nobody is named.
    Nobody,
    /// No raters: one given label an item, as written here; empty for none.
    Given([&'static str; 5]),
}

/// What a file calls the items.
pub enum Keys {
    Canonical,
    /// Numbers from this one.
    From(usize),
}

/// How much of the canonical stretches a file holds, and how.
pub struct Spans {
    pub document: &'static str,
    /// Empty where ana's stretches are given labels.
    pub who: Names,
    pub labels: &'static str,
    /// Its text, where it is not the canonical one.
    pub text: Option<&'static str>,
    /// How far places after the emoji are off, where the file does not say what they are counted in.
    pub shift: u64,
    /// Stretches of its own.
    pub plus: &'static [(&'static str, u64, u64, &'static str)],
    pub more: &'static [&'static str],
}

/// The tags of the canonical sentence by rater, or given by nobody (the empty name).
pub struct Tokens {
    pub tags: &'static [(&'static str, &'static str)],
    pub labels: &'static str,
    pub more: &'static [&'static str],
}

pub const ONESELF: Names = &[("ana", "ana"), ("ben", "ben"), ("chi", "chi")];
pub const V: Votes = Votes {
    who: Who::Raters(ONESELF),
    labels: ["negative", "neutral", "positive"],
    keys: Keys::Canonical,
    texts: true,
    absent: &[],
    seconds: None,
    meta: &[],
    probabilities: None,
    more: &[],
};
pub const S: Spans = Spans {
    document: "doc1.txt",
    who: &[("ana", "ana"), ("ben", "ben")],
    labels: "LOC, ORG, PER, ∅",
    text: None,
    shift: 0,
    plus: &[],
    more: &[],
};

impl Votes {
    /// Takes times, further columns and probabilities out of what was found, and holds them against what is stated.
    pub fn beside(&self, found: &mut Vec<String>, dataset: &Dataset, canonical: &Canonical) -> Vec<String> {
        let mut differences = Vec::new();
        let is = |fact: &str, what: &str| fact.split(' ').nth(1) == Some(what);
        let took: Vec<&String> = found.iter().filter(|f| is(f, "took")).collect();
        let first = took.first().and_then(|t| t.split(' ').nth(3));
        if first != self.seconds || ![0, dataset.annotations.len()].contains(&took.len()) {
            differences.push(format!("{} times: {took:?}", took.len()));
        }
        let meta: Vec<String> =
            dataset.metadata.iter().map(|(name, column)| format!("{name}={}", column.get(0))).collect();
        if meta != self.meta {
            differences.push(format!("further columns {meta:?}"));
        }
        match (&dataset.probabilities, self.probabilities) {
            (None, None) => {}
            (Some(p), Some(near)) => {
                let off = |(item, row): (usize, &Vec<f64>)| {
                    p.row(item).iter().zip(row).any(|(a, b)| (a - b).abs() > near)
                };
                if canonical.probabilities.iter().enumerate().any(off) {
                    differences.push(format!("probabilities {:?}", p.row(0)));
                }
            }
            (p, _) => differences.push(format!("probabilities: {}", p.is_some())),
        }
        found.retain(|f| !["took", "meta", "probabilities"].iter().any(|what| is(f, what)));
        differences
    }
}

/// The data that all examples render.
pub struct Canonical {
    /// Key and text.
    items: Vec<(String, String)>,
    votes: serde_json::Value,
    probabilities: Vec<Vec<f64>>,
    sentence: String,
    /// Rater, start, end, label.
    marks: Vec<(String, u64, u64, String)>,
}

impl Canonical {
    pub fn read() -> Self {
        let json = |name: &str| -> serde_json::Value {
            serde_json::from_str(&std::fs::read_to_string(data(name)).unwrap()).unwrap()
        };
        let (votes, spans) = (json("canonical.json"), json("canonical_spans.json"));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut marks = Vec::new();
        for (rater, list) in spans["spans"].as_object().unwrap() {
            for mark in list.as_array().unwrap() {
                marks.push((
                    rater.clone(),
                    mark[0].as_u64().unwrap(),
                    mark[1].as_u64().unwrap(),
                    text(&mark[2]),
                ));
            }
        }
        Self {
            items: votes["items"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, t)| (key.clone(), text(t)))
                .collect(),
            probabilities: serde_json::from_value(votes["pred_probs"].clone()).unwrap(),
            votes: votes["votes"].clone(),
            sentence: text(&spans["text"]),
            marks,
        }
    }

    pub fn votes(&self, v: &Votes) -> Vec<String> {
        let label = |name: &str| {
            v.labels[["negative", "neutral", "positive"].iter().position(|l| *l == name).unwrap()]
        };
        let raters = match v.who {
            Who::Raters(names) => names.iter().map(|n| n.0).collect::<Vec<_>>().join(", "),
            Who::Nobody => "nobody".to_owned(),
            Who::Given(_) => String::new(),
        };
        let mut facts = vec![
            "task Single, 5 items".to_owned(),
            format!("labels {}", v.labels.join(", ")),
            format!("raters {raters}"),
        ];
        for (i, (name, text)) in self.items.iter().enumerate() {
            let key = match v.keys {
                Keys::Canonical => name.clone(),
                Keys::From(n) => (n + i).to_string(),
            };
            if v.texts {
                facts.push(format!("{key} text {text:?}"));
            }
            let said = |rater: &str| self.votes[name][rater].as_str().map(label);
            match v.who {
                Who::Raters(names) => {
                    facts.extend(
                        names
                            .iter()
                            .filter_map(|(own, rater)| Some(format!("{key} vote {own} {}", said(rater)?))),
                    );
                    let own = |rater| names.iter().find(|n| n.1 == rater).unwrap().0;
                    let absent = v.absent.iter().filter(|a| a.0 == name);
                    facts.extend(
                        absent.map(|(_, rater, why)| format!("{key} absent {} {why:?}", own(*rater))),
                    );
                }
                Who::Nobody => {
                    let count = |l: &str| ONESELF.iter().filter(|r| said(r.1) == Some(l)).count();
                    let counts = v.labels.iter().map(|l| (count(l), l)).filter(|c| c.0 > 0);
                    facts.extend(counts.map(|(n, l)| format!("{key} votes {n} × {l}")));
                }
                Who::Given(labels) => {
                    facts.extend((!labels[i].is_empty()).then(|| format!("{key} given {}", labels[i])));
                }
            }
        }
        with(facts, v.more)
    }

    pub fn spans(&self, s: &Spans) -> Vec<String> {
        let given = s.who.is_empty();
        let after = |place: u64| place + if place > 17 { s.shift } else { 0 };
        let own = |rater: &str| {
            if given {
                (rater == "ana").then_some("")
            } else {
                s.who.iter().find(|n| n.1 == rater).map(|n| n.0)
            }
        };
        let mut marks: Vec<(u64, u64, &str, &str)> = self
            .marks
            .iter()
            .filter_map(|(rater, a, b, l)| Some((after(*a), after(*b), own(rater)?, l.as_str())))
            .collect();
        marks.extend(s.plus.iter().map(|&(rater, a, b, l)| (a, b, own(rater).unwrap(), l)));
        let regions: BTreeSet<(u64, u64)> = marks.iter().map(|m| (m.0, m.1)).collect();
        let raters = s.who.iter().map(|n| n.0).collect::<Vec<_>>().join(", ");
        let mut facts = vec![
            format!("task Spans, {} items", regions.len()),
            format!("labels {}", s.labels),
            format!("raters {raters}"),
        ];
        for (a, b) in regions {
            let key = format!("{}:{a}-{b}", s.document);
            facts.extend([
                format!("{key} text {:?}", s.text.unwrap_or(&self.sentence)),
                format!("{key} focus {a}..{b}"),
            ]);
            let said = |rater: &str| {
                marks.iter().find(|m| (m.0, m.1, m.2) == (a, b, rater)).map_or(NOTHING, |m| m.3)
            };
            facts.extend(s.who.iter().map(|(rater, _)| format!("{key} vote {rater} {}", said(rater))));
            facts.extend(given.then(|| format!("{key} given {}", said(""))));
        }
        facts.extend(
            marks
                .iter()
                .filter(|_| !given)
                .map(|(a, b, rater, l)| format!("{} mark {rater} {a}-{b} {l}", s.document)),
        );
        with(facts, s.more)
    }

    pub fn tokens(&self, t: &Tokens) -> Vec<String> {
        let raters: Vec<&str> = t.tags.iter().map(|(rater, _)| *rater).filter(|r| !r.is_empty()).collect();
        let mut facts = vec![
            "task Tokens, 9 items".to_owned(),
            format!("labels {}", t.labels),
            format!("raters {}", raters.join(", ")),
        ];
        let mut at = 0;
        for (i, token) in self.sentence.split(' ').enumerate() {
            let (key, end) = (format!("1:{}", i + 1), at + token.chars().count());
            facts.extend([format!("{key} text {:?}", self.sentence), format!("{key} focus {at}..{end}")]);
            at = end + 1;
            for (rater, tags) in t.tags {
                let tag = tags.split(' ').nth(i).unwrap();
                facts.push(match *rater {
                    "" => format!("{key} given {tag}"),
                    _ if tag == "?" => format!("{key} absent {rater} {:?}", Missing::Unknown),
                    _ => format!("{key} vote {rater} {tag}"),
                });
            }
        }
        with(facts, t.more)
    }
}

/// Facts with more of them, which take the place of what is said of the same: the whole data set, or an item's text.
fn with(mut facts: Vec<String>, more: &[&str]) -> Vec<String> {
    let about = |fact: &str| -> Option<String> {
        let words: Vec<&str> = fact.splitn(3, ' ').collect();
        match words.as_slice() {
            ["task" | "labels" | "raters", ..] => Some(words[0].to_owned()),
            [_, "text", _] => Some(words[..2].join(" ")),
            _ => None,
        }
    };
    let taken: Vec<String> = more.iter().filter_map(|m| about(m)).collect();
    facts.retain(|fact| about(fact).is_none_or(|a| !taken.contains(&a)));
    facts.extend(more.iter().map(|m| (*m).to_owned()));
    facts
}
