//! What a paper says of a review, in plain sentences: which data, which flags, how items were reached, who decided what, how far
//! they agree. Everything is counted from the log and the dataset; nothing that they do not say is said.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{After, Basis, Body, Context, Event, Reached, Verb};
use super::merge::{Judged, Live, Verdict, alive, judge, live, settled};
use crate::dataset::{Dataset, Task};
use crate::formats::{Excluded, WriteOptions, WriteSummary};
use crate::stats::agreement::cohen_kappa;

/// Labels that are named one by one.
const NAMED: usize = 8;
/// Reasons and queues that are named.
const LISTED: usize = 6;

/// What was written, where the cleaned file is.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// Its name, without the folder.
    pub file: &'a str,
    /// What is in it.
    pub summary: &'a WriteSummary,
    /// How it was written.
    pub options: &'a WriteOptions,
}

/// The paragraph on methods. `events` are those of one log, or of the logs of several reviewers taken together. With `pseudonyms`
/// reviewers are numbered, and queues, whose names may hold a rater's, are not named.
pub fn methods(
    dataset: &Dataset,
    events: &[Event],
    pseudonyms: bool,
    written: Option<Written<'_>>,
) -> String {
    let (spans, list): (Vec<_>, Vec<_>) = live(events).into_iter().partition(|l| l.span.is_some());
    let names = Names::of(events, pseudonyms);
    let mut all = vec![data(dataset)];
    if list.is_empty() && spans.is_empty() {
        all.push("No decision is in the log.".to_owned());
    } else {
        all.extend(review(events, &live(events), &names));
        all.extend(single_spans(&spans));
    }
    if !list.is_empty() {
        all.extend(rested_on(&list));
        all.extend(suggestions(dataset, &list));
        all.extend(reached(&list, pseudonyms));
        all.extend(hidden(events, &list));
        all.extend(kinds(events, &list));
        all.extend(reasons(&list));
        all.extend(reviewers(events, &list, &names));
        all.extend(again(events, &names));
    }
    all.extend(export(events, written));
    all.push(format!(
        "This paragraph was made from the correction log by dissensus {}.",
        env!("CARGO_PKG_VERSION")
    ));
    all.join(" ")
}

/// What reviewers are called.
struct Names<'a> {
    /// Their numbers, where they are not named.
    numbers: Option<BTreeMap<&'a str, usize>>,
}

impl<'a> Names<'a> {
    /// Numbered in the order in which they first appear.
    fn of(events: &'a [Event], pseudonyms: bool) -> Self {
        let mut numbers = BTreeMap::new();
        for event in events {
            let next = numbers.len() + 1;
            numbers.entry(event.head().reviewer.as_str()).or_insert(next);
        }
        Self { numbers: pseudonyms.then_some(numbers) }
    }

    fn call(&self, reviewer: &str) -> String {
        match &self.numbers {
            None => plain(reviewer),
            Some(numbers) => {
                numbers.get(reviewer).map_or_else(|| "A reviewer".to_owned(), |n| format!("Reviewer {n}"))
            }
        }
    }
}

/// 12345 → 12,345.
fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

fn percent(n: usize, of: usize) -> String {
    format!("{:.1} %", 100.0 * n as f64 / of.max(1) as f64)
}

/// `a`, `a and b`, `a, b and c`.
fn listed(mut words: Vec<String>) -> String {
    match (words.pop(), words.is_empty()) {
        (None, _) => String::new(),
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", words.join(", ")),
    }
}

/// A name on one line.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn data(dataset: &Dataset) -> String {
    let source = &dataset.source;
    let file = source.table.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let digest: String = source.table.digest.chars().take("sha256:".len() + 12).collect();
    let file = if digest.is_empty() { file } else { format!("{file}, {digest}…") };
    let names = dataset.labels.names();
    let labels = if names.len() <= NAMED {
        let words = names.iter().map(|n| format!("“{}”", plain(n))).collect();
        format!("with the {} {}", if names.len() == 1 { "label" } else { "labels" }, listed(words))
    } else {
        format!("with {} different labels", number(names.len()))
    };
    let votes = match (dataset.annotations.len(), dataset.raters.anonymous) {
        (0, _) => String::new(),
        (n, true) => format!(", labelled {} by raters who are not named,", count(n, "time", "times")),
        (n, false) => {
            format!(
                ", labelled {} by {},",
                count(n, "time", "times"),
                count(dataset.raters.len(), "rater", "raters")
            )
        }
    };
    let many = if dataset.task == Task::MultiLabel { " An item may have several labels." } else { "" };
    let items = count(dataset.n_items(), "item", "items");
    format!("The data are “{}” ({}): {items}{votes} {labels}.{many}", plain(&dataset.name), plain(&file))
}

/// Who, when, with what.
fn review(events: &[Event], list: &[Live<'_>], names: &Names<'_>) -> Option<String> {
    let who: BTreeSet<&str> = list.iter().map(Live::reviewer).collect();
    let day = |e: &Live<'_>| e.event.head().ts.get(..10).map(str::to_owned);
    let (first, last) = (list.iter().filter_map(day).min()?, list.iter().filter_map(day).max()?);
    let when = if first == last { format!("on {first}") } else { format!("between {first} and {last}") };
    let starts = || {
        events.iter().filter_map(|e| match e.body() {
            Body::SessionStart(s) => Some(s),
            _ => None,
        })
    };
    let apps: BTreeSet<String> = starts().map(|s| plain(&s.app)).collect();
    let apps =
        if apps.is_empty() { String::new() } else { format!(" with {}", listed(apps.into_iter().collect())) };
    let called = if names.numbers.is_some() {
        String::new()
    } else {
        format!(" ({})", listed(who.iter().map(|w| plain(w)).collect()))
    };
    let n = count(who.len(), "reviewer", "reviewers");
    let sessions = count(starts().count(), "session", "sessions");
    Some(format!("{}{called} worked {when} in {sessions}{apps}.", capital(&n)))
}

/// What was done to single spans.
fn single_spans(list: &[Live<'_>]) -> Option<String> {
    let kinds = [
        (Verb::MoveSpan, "moved"),
        (Verb::Relabel, "given another label"),
        (Verb::AddSpan, "added"),
        (Verb::RemoveSpan, "removed"),
    ];
    let n = |verb| list.iter().filter(|l| l.verb == Some(verb)).count();
    let parts = kinds.into_iter().filter_map(|(verb, what)| Some((n(verb), what)).filter(|p| p.0 > 0));
    let parts: Vec<String> = parts.map(|(n, what)| format!("{} {what}", number(n))).collect();
    let total = count(list.len(), "span was", "spans were");
    (!list.is_empty()).then(|| format!("{} decided on singly: {}.", capital(&total), listed(parts)))
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// What the labels under review rested on.
fn rested_on(list: &[Live<'_>]) -> Option<String> {
    let words = |basis: Basis| match basis {
        Basis::Given => "the given label",
        Basis::Majority => "most votes",
        Basis::Tie => "tied votes",
        Basis::Model => "a model’s consensus of the votes",
        Basis::Reviewer => "an earlier decision",
        Basis::Other => "something else",
    };
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for before in list.iter().filter_map(|l| l.before) {
        let words = words(before.basis);
        match counts.iter_mut().find(|c| c.0 == words) {
            Some(count) => count.1 += 1,
            None => counts.push((words, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    if counts.is_empty() {
        return None;
    }
    let parts = counts.iter().map(|(words, n)| format!("{words} ({})", number(*n))).collect();
    Some(format!("The label under review was {}.", listed(parts)))
}

/// Which method flagged and suggested.
fn suggestions(dataset: &Dataset, list: &[Live<'_>]) -> Option<String> {
    let mut methods: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for algo in list.iter().filter_map(|l| l.event.context()?.algo.as_ref()) {
        let params = if algo.params.is_null() { String::new() } else { plain(&algo.params.to_string()) };
        *methods.entry((plain(&algo.name), plain(&algo.version), params)).or_default() += 1;
    }
    if methods.is_empty() {
        return None;
    }
    let mut words = Vec::new();
    for ((name, version, params), n) in &methods {
        let about = match name.as_str() {
            "confident_learning.prune_by_noise_rate" => {
                let of = dataset.source.probabilities.as_ref().and_then(|p| p.path.file_name());
                let of = of.map_or_else(String::new, |f| format!(" of {}", plain(&f.to_string_lossy())));
                format!(
                    "confident learning (prune by noise rate; the threshold of a label is the mean predicted probability{of} over items \
                     given it)"
                )
            }
            "dawid_skene.posterior" => {
                "the Dawid–Skene model of the votes (flagged: tied votes, or another label is the most \
                                        probable)"
                    .to_owned()
            }
            name => format!("the method {name}"),
        };
        let params = if params.is_empty() { String::new() } else { format!(", parameters {params}") };
        words.push(format!("{about}, version {version}{params}, for {}", count(*n, "decision", "decisions")));
    }
    Some(format!("Flags and suggestions came from {}.", listed(words)))
}

fn contexts<'a>(list: &[Live<'a>]) -> Vec<&'a Context> {
    list.iter().filter_map(|l| l.event.context()).collect()
}

/// How reviewers came to the items.
fn reached(list: &[Live<'_>], pseudonyms: bool) -> Option<String> {
    let contexts = contexts(list);
    let how = |c: &Context| c.reached.unwrap_or(Reached::Browse);
    // In logs that do not say which items are controls, those of a queue of flags that nothing flagged are.
    let flagging: BTreeSet<&str> =
        contexts.iter().filter(|c| how(c) == Reached::Flag).filter_map(|c| c.queue.as_deref()).collect();
    let (mut flag, mut audit, mut control, mut browse) = (0, 0, 0, 0);
    for c in &contexts {
        match how(c) {
            _ if c.control => control += 1,
            Reached::Flag => flag += 1,
            Reached::Audit => audit += 1,
            Reached::Browse if c.queue.as_deref().is_some_and(|q| flagging.contains(q)) => control += 1,
            Reached::Browse => browse += 1,
        }
    }
    let parts: Vec<String> = [
        (flag, "because a method flagged them"),
        (audit, "in a random sample of all items, the audit"),
        (control, "as unflagged controls mixed into a queue"),
        (browse, "by browsing"),
    ]
    .iter()
    .filter(|p| p.0 > 0)
    .map(|(n, words)| format!("{words} ({})", number(*n)))
    .collect();
    if parts.is_empty() {
        return None;
    }
    let mut queues: BTreeMap<&str, usize> = BTreeMap::new();
    contexts.iter().filter_map(|c| c.queue.as_deref()).for_each(|q| *queues.entry(q).or_default() += 1);
    let mut queues: Vec<(&str, usize)> = queues.into_iter().collect();
    queues.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let more = queues.len().saturating_sub(LISTED);
    let mut named: Vec<String> =
        queues.iter().take(LISTED).map(|(q, n)| format!("“{}” ({})", plain(q), number(*n))).collect();
    if more > 0 {
        named.push(count(more, "other", "others"));
    }
    let queues = match named.len() {
        _ if pseudonyms => String::new(),
        0 => String::new(),
        1 => format!(" The queue was {}.", listed(named)),
        _ => format!(" The queues were {}.", listed(named)),
    };
    Some(format!("Reviewers came to the items {}.{queues}", listed(parts)))
}

/// Whether votes and model were hidden, and how long it took.
fn hidden(events: &[Event], list: &[Live<'_>]) -> Vec<String> {
    let contexts = contexts(list);
    let blind = contexts.iter().filter(|c| c.blind).count();
    let mut all = Vec::new();
    all.push(match blind {
        0 => "Blind mode was not used.".to_owned(),
        n => format!(
            "Votes and model were hidden in blind mode for {} of {} ({}).",
            number(n),
            count(contexts.len(), "decision", "decisions"),
            percent(n, contexts.len())
        ),
    });
    let revealed = events.iter().filter(|e| matches!(e.body(), Body::Reveal(_))).count();
    if revealed > 0 && blind > 0 {
        all.push(format!("Evidence was uncovered {} on request.", count(revealed, "time", "times")));
    }
    let mut dwell: Vec<u64> = contexts.iter().filter_map(|c| c.dwell_ms).collect();
    dwell.sort_unstable();
    if dwell.len() >= 3 {
        let middle = dwell.len() / 2;
        let median = if dwell.len().is_multiple_of(2) {
            f64::midpoint(dwell[middle - 1] as f64, dwell[middle] as f64)
        } else {
            dwell[middle] as f64
        };
        all.push(format!(
            "The median time an item was on screen before its decision was {:.1} s.",
            median / 1000.0
        ));
    }
    all
}

/// A decision in one of seven words, as exports have them.
fn kind(l: &Live<'_>) -> usize {
    match (l.verb, l.after) {
        (_, None) => 5,
        (_, Some(After::Value { value: None })) => 4,
        (_, Some(After::Dist { .. })) => 6,
        (_, Some(After::Values { values })) if values.is_empty() => 3,
        (_, Some(After::Values { values })) if values.len() > 1 => 2,
        (Some(Verb::Keep), _) => 0,
        (_, Some(After::Value { value })) if l.before.is_some_and(|b| b.value == *value) => 0,
        _ => 1,
    }
}

/// How many decisions of which kind.
fn kinds(events: &[Event], list: &[Live<'_>]) -> Vec<String> {
    let decisions: Vec<&Live<'_>> =
        list.iter().filter(|l| !matches!(l.event.body(), Body::Adjudicate(_))).collect();
    let mut counts = [0_usize; 7];
    decisions.iter().for_each(|l| counts[kind(l)] += 1);
    let words = [
        "kept the label",
        "changed it",
        "named several labels",
        "found none of the labels right",
        "were left open as unsure",
        "excluded the item",
        "gave a soft label, in shares",
    ];
    let parts: Vec<String> = counts
        .iter()
        .zip(words)
        .filter(|c| *c.0 > 0)
        .map(|(n, words)| format!("{} {words}", number(*n)))
        .collect();
    let items: BTreeSet<(&str, &str)> = decisions.iter().map(|l| (l.item, l.field)).collect();
    let mut all = vec![format!(
        "{} on {}: {}.",
        capital(&count(decisions.len(), "decision stands", "decisions stand")),
        count(items.len(), "item", "items"),
        listed(parts)
    )];
    let bulk: BTreeSet<(&str, u64)> = decisions
        .iter()
        .filter(|l| matches!(l.event.body(), Body::BulkDecide(_)))
        .map(|l| (l.event.head().log_id.as_str(), l.event.seq()))
        .collect();
    if !bulk.is_empty() {
        let n = decisions.iter().filter(|l| matches!(l.event.body(), Body::BulkDecide(_))).count();
        all.push(format!(
            "{} of them were made for many items at once, in {}.",
            number(n),
            count(bulk.len(), "step", "steps")
        ));
    }
    let undone = events.iter().filter(|e| matches!(e.body(), Body::Undo(_))).count();
    if undone > 0 {
        all.push(format!("Undo was used {}.", count(undone, "time", "times")));
    }
    all
}

fn reasons(list: &[Live<'_>]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    list.iter().filter_map(|l| l.event.reason()).for_each(|r| *counts.entry(r).or_default() += 1);
    let n: usize = counts.values().sum();
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let more = counts.len().saturating_sub(LISTED);
    let mut parts: Vec<String> =
        counts.iter().take(LISTED).map(|(r, n)| format!("{} ({})", plain(r), number(*n))).collect();
    if more > 0 {
        parts.push(count(more, "other", "others"));
    }
    (n > 0).then(|| format!("A reason was given for {}: {}.", number(n), listed(parts)))
}

/// How far reviewers agree, and what became of conflicts.
fn reviewers(events: &[Event], list: &[Live<'_>], names: &Names<'_>) -> Vec<String> {
    let mut by_log: BTreeMap<&str, (&str, Decided<'_>)> = BTreeMap::new();
    for l in list.iter().filter(|l| !matches!(l.event.body(), Body::Adjudicate(_))) {
        let head = l.event.head();
        let own = by_log.entry(&head.log_id).or_insert_with(|| (&head.reviewer, BTreeMap::new()));
        let span = l.span.map(ToString::to_string).unwrap_or_default();
        own.1.insert((l.item, l.field, span), settled(l.after));
    }
    let mut all = Vec::new();
    let logs: Vec<_> = by_log.values().collect();
    for (at, (a, one)) in logs.iter().enumerate() {
        for (b, two) in &logs[at + 1..] {
            all.push(agreement((&names.call(a), one), (&names.call(b), two)));
        }
    }
    let judged = judge(events);
    let with = |v: Verdict| judged.iter().filter(|j: &&Judged<'_>| j.verdict == v).count();
    let (conflicts, adjudicated) = (with(Verdict::Conflict), with(Verdict::Adjudicated));
    if conflicts + adjudicated > 0 {
        all.push(format!(
            "Contradictions were settled by adjudication on {} and stand open on {}, which keep their label.",
            count(adjudicated, "item", "items"),
            count(conflicts, "item", "items")
        ));
    }
    all
}

type Decided<'a> = BTreeMap<(&'a str, &'a str, String), String>;

fn agreement((a, one): (&str, &Decided<'_>), (b, two): (&str, &Decided<'_>)) -> String {
    let pairs: Vec<(&String, &String)> =
        one.iter().filter_map(|(item, said)| Some((said, two.get(item)?))).collect();
    if pairs.is_empty() {
        return format!("{a} and {b} decided on no item both.");
    }
    let mut codes: BTreeMap<&String, u32> = BTreeMap::new();
    for (x, y) in &pairs {
        for said in [x, y] {
            let next = codes.len() as u32;
            codes.entry(said).or_insert(next);
        }
    }
    let mut cells: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for (x, y) in &pairs {
        *cells.entry((codes[x], codes[y])).or_default() += 1;
    }
    let cells: Vec<(u32, u32, u64)> = cells.into_iter().map(|((x, y), n)| (x, y, n)).collect();
    let same = pairs.iter().filter(|(x, y)| x == y).count();
    let kappa = match cohen_kappa(&cells) {
        Some(k) => format!("Cohen’s κ {}", format!("{:.3}", k.kappa).replace('-', "−")),
        None => "Cohen’s κ undefined, since both said one thing only".to_owned(),
    };
    format!(
        "{a} and {b} both decided on {} and alike on {} ({}; {kappa}).",
        count(pairs.len(), "item", "items"),
        number(same),
        percent(same, pairs.len())
    )
}

/// How often somebody who decided again in a later session came to the same.
fn again(events: &[Event], names: &Names<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for log in alive(events) {
        let mut session = 0;
        let mut said: BTreeMap<(&str, &str), (u32, String)> = BTreeMap::new();
        let (mut twice, mut same) = (0, 0);
        let mut reviewer = "";
        for event in log {
            match event.body() {
                Body::SessionStart(_) => session += 1,
                Body::Decide(d) if event.amends().is_none() && d.target.is_none() => {
                    reviewer = &event.head().reviewer;
                    let now = settled(d.after.as_ref());
                    let before = said.insert((&d.item, &d.field), (session, now.clone()));
                    if let Some((_, earlier)) = before.filter(|b| b.0 < session) {
                        twice += 1;
                        same += usize::from(earlier == now);
                    }
                }
                _ => {}
            }
        }
        if twice > 0 {
            all.push(format!(
                "{} decided again in a later session on {} and came to the same on {} ({}).",
                names.call(reviewer),
                count(twice, "item", "items"),
                number(same),
                percent(same, twice)
            ));
        }
    }
    all
}

/// What was exported.
fn export(events: &[Event], written: Option<Written<'_>>) -> Option<String> {
    let Some(Written { file, summary: s, options }) = written else {
        let last = events.iter().rev().find_map(|e| match e.body() {
            Body::Export(e) => Some(e),
            _ => None,
        })?;
        return Some(format!(
            "The cleaned file was written as {} ({}).",
            plain(&last.file),
            plain(&last.digest)
        ));
    };
    let n = |n: u64| number(n as usize);
    let excluded = match (s.excluded, options.excluded) {
        (0, _) => "no item is excluded".to_owned(),
        (n, Excluded::Drop) => {
            format!("{} left out", count(n as usize, "excluded item is", "excluded items are"))
        }
        (n, Excluded::Keep) => {
            format!("{} kept with a status", count(n as usize, "excluded item is", "excluded items are"))
        }
    };
    let soft = if s.soft_labels > 0 { format!(", {} a soft label", n(s.soft_labels)) } else { String::new() };
    let names = if options.pseudonymise { " Names of raters are replaced by pseudonyms." } else { "" };
    Some(format!(
        "In the cleaned file, {}, {} of {} have another label, {} a confirmed one, {} several{soft}; {excluded}; {} undecided, unsure or with none of \
         the labels right keep the label they had.{names}",
        plain(file),
        n(s.changed),
        count(
            (s.changed
                + s.kept
                + s.several
                + s.soft_labels
                + s.none_of_labels
                + s.unsure
                + s.excluded
                + s.undecided) as usize,
            "item",
            "items"
        ),
        n(s.kept),
        n(s.several),
        count((s.undecided + s.unsure + s.none_of_labels) as usize, "item", "items"),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::formats::{LoadOptions, Overrides, open};
    use crate::progress::Progress;
    use crate::review::merge;

    fn told(logs: &[&str]) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples");
        let paths: Vec<PathBuf> =
            logs.iter().map(|l| folder.join(format!("dissensus_log/{l}.corrections.jsonl"))).collect();
        let table = tempfile::tempdir().unwrap();
        let file = table.path().join("reviews.csv");
        let mut text = "item,rater,label\n".to_owned();
        for (item, labels) in [("t1", "pp"), ("t2", "nn"), ("t3", "nn"), ("t4", "uu"), ("t5", "np")] {
            for (rater, label) in labels.chars().enumerate() {
                let label = match label {
                    'p' => "positive",
                    'n' => "negative",
                    _ => "neutral",
                };
                text.push_str(&format!("{item},a{rater},{label}\n"));
            }
        }
        std::fs::write(&file, text).unwrap();
        let dataset = open(&file, &Overrides::default(), &LoadOptions::default(), &Progress::new()).unwrap();
        let (log, _) = merge::read_all(&paths).unwrap();
        methods(&dataset, &log.events, false, None)
    }

    #[test]
    fn a_log_is_told_in_plain_sentences() {
        let words = told(&["r1"]);
        for part in [
            "The data are “reviews” (reviews.csv, sha256:",
            "5 items, labelled 10 times by 2 raters, with the labels “negative”, “neutral” and “positive”.",
            "1 reviewer (r1) worked on 2026-03-10 in 1 session with dissensus 0.1.0.",
            "The label under review was most votes (3) and tied votes (1).",
            "Reviewers came to the items by browsing (4). The queue was “cl.label_score.asc” (4).",
            "Votes and model were hidden in blind mode for 4 of 4 decisions (100.0 %).",
            // 4100, 5200, 6100, 9000.
            "before its decision was 5.7 s.",
            "4 decisions stand on 4 items: 2 kept the label, 1 changed it and 1 excluded the item.",
            "Undo was used 1 time.",
            "A reason was given for 2: ambiguous (1) and not_applicable (1).",
        ] {
            assert!(words.contains(part), "“{part}” is not in: {words}");
        }
        assert!(!words.contains("Flags and suggestions"), "nothing that the log does not say: {words}");
        assert!(!words.contains("NaN") && !words.contains("κ"), "{words}");
    }

    #[test]
    fn several_reviewers_are_told_with_their_agreement_and_contradictions() {
        let words = told(&["r1", "r2"]);
        assert!(words.contains("2 reviewers (r1 and r2)"), "{words}");
        // Both on t2 and t5: alike on t2, apart on t5.
        assert!(
            words.contains("r1 and r2 both decided on 2 items and alike on 1 (50.0 %; Cohen’s κ"),
            "{words}"
        );
        assert!(words.contains("settled by adjudication on 0 items and stand open on 1 item"), "{words}");
        assert!(
            told(&["r1", "r2", "lead"])
                .contains("settled by adjudication on 1 item and stand open on 0 items")
        );
    }

    #[test]
    fn nothing_decided_is_said() {
        let words = told(&[]);
        assert!(words.contains("No decision is in the log."), "{words}");
    }

    #[test]
    fn what_was_written_is_told() {
        let summary = WriteSummary {
            changed: 3,
            kept: 5,
            unsure: 1,
            excluded: 2,
            undecided: 9,
            ..WriteSummary::default()
        };
        let options = WriteOptions { pseudonymise: true, ..WriteOptions::default() };
        let words =
            export(&[], Some(Written { file: "c.csv", summary: &summary, options: &options })).unwrap();
        assert!(words.starts_with(
            "In the cleaned file, c.csv, 3 of 20 items have another label, 5 a confirmed one, 0 several;"
        ));
        assert!(words.contains("2 excluded items are left out; 10 items undecided"), "{words}");
        assert!(words.ends_with("pseudonyms."), "{words}");
    }
}
