//! Decisions in words, for the log view, for undo messages and for the command line.

use super::event::{After, Before, Body, Event, Marked, Ruling, Verb};

/// What was decided, as a label or what stands in its place.
pub fn after(after: Option<&After>) -> String {
    match after {
        None => "excluded".to_owned(),
        Some(After::Value { value: Some(name) }) => name.clone(),
        Some(After::Span { start, end, value }) => placed(value, *start, *end),
        Some(After::Value { value: None }) => "unsure".to_owned(),
        Some(After::Values { values }) if values.is_empty() => "none of the labels".to_owned(),
        Some(After::Values { values }) => values.join(" + "),
        Some(After::Dist { dist }) => {
            let mut parts: Vec<_> = dist.iter().collect();
            parts.sort_by(|a, b| b.1.total_cmp(a.1));
            parts.iter().map(|(l, p)| format!("{l} {:.0} %", **p * 100.0)).collect::<Vec<_>>().join(", ")
        }
        Some(After::Other(_)) => "something that a newer version knows".to_owned(),
    }
}

/// The label that stood there; an em dash where there was none.
pub fn before(before: Option<&Before>) -> String {
    before.and_then(|b| b.value.clone()).unwrap_or_else(|| "—".to_owned())
}

/// A span in words: `PER 14–27`, in code points.
pub fn placed(label: &str, start: u32, end: u32) -> String {
    format!("{label} {start}–{end}")
}

/// What stood there before a ruling, on an item or on a span.
pub fn before_of(r: &Ruling<'_>) -> String {
    match r.target() {
        None => before(r.before),
        Some(_) if r.verb == Some(Verb::AddSpan) => "—".to_owned(),
        Some(t) => placed(t.label.as_deref().unwrap_or("?"), t.start, t.end),
    }
}

/// What a ruling comes to, on an item or on a span.
pub fn after_of(r: &Ruling<'_>) -> String {
    match (r.target(), r.after) {
        (Some(_), None) => "removed".to_owned(),
        (Some(t), Some(After::Value { value: Some(name) })) => placed(name, t.start, t.end),
        _ => after(r.after),
    }
}

/// What a ruling comes to, with the span that it is about, if it is about one.
pub fn decided(r: &Ruling<'_>) -> String {
    match r.target() {
        None => after(r.after),
        Some(_) => format!("{} → {}", before_of(r), after_of(r)),
    }
}

/// What a version marks, in words; an em dash where it marks nothing.
pub fn marked(mark: Option<&Marked>) -> String {
    mark.map_or_else(|| "—".to_owned(), |m| m.label.clone())
}

/// One ruling, without its item: `neutral → positive`, `kept neutral`, `excluded`.
pub fn ruling(r: &Ruling<'_>) -> String {
    if r.span.is_some() {
        return decided(r);
    }
    let now = after(r.after);
    match (r.verb, r.after) {
        (Some(Verb::Keep), _) => format!("kept {now}"),
        (_, None | Some(After::Value { value: None })) => now,
        (None, _) => format!("adjudicated {now}"),
        _ => format!("{} → {now}", before(r.before)),
    }
}

/// A whole event: `t4: neutral → positive`, `38 items → positive`, `note on t4`.
pub fn event(e: &Event) -> String {
    let rulings = e.rulings();
    match (e.body(), &rulings[..]) {
        (Body::Note(n), _) => format!("note on {}", n.item),
        (Body::Code(c), _) => format!("{}: because {}", c.item, c.reason.as_deref().unwrap_or("of nothing")),
        (_, [one]) => format!("{}: {}", one.item, ruling(one)),
        (_, [first, rest @ ..]) => {
            let n = rulings.len();
            if rulings.iter().all(|r| r.verb == Some(Verb::Keep)) {
                format!("{n} items kept")
            } else if rest.iter().all(|r| r.after == first.after) {
                format!("{n} items → {}", after(first.after))
            } else {
                format!("{n} items decided")
            }
        }
        (Body::Undo(c), _) => format!("undo of {}", c.target.seq),
        (Body::Redo(c), _) => format!("redo of {}", c.target.seq),
        (Body::Reveal(r), _) => format!("evidence shown on {}", r.item),
        (Body::SessionStart(_), _) => "a run begins".to_owned(),
        (Body::SessionEnd(_), _) => "a run ends".to_owned(),
        (Body::Export(x), _) => format!("exported to {}", x.file),
        (Body::ImportLog(i), _) => format!("{} logs taken in", i.logs.len()),
        _ => "something that a newer version knows".to_owned(),
    }
}
