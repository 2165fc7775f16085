//! Live decisions as CSV, one row a decision on an item: what a paper needs. The JSON Lines are the record.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;

use super::codes;
use super::event::{After, Body, Event, SpanTarget};
use super::merge::{Verdict, judge};

const HEADER: [&str; 25] = [
    "item",
    "field",
    "verdict",
    "reviewer",
    "before",
    "basis",
    "after",
    "action",
    "confidence",
    "reason",
    "note",
    "reached",
    "blind",
    "shown",
    "queue",
    "rank",
    "dwell_ms",
    "suggestion",
    "suggestion_prob",
    "suggestion_score",
    "ts",
    "log_id",
    "seq",
    "app",
    "span",
];

/// Writes the live decisions in `events`, by item, field and log; then the reasons for differences between versions, with
/// what the first calls it under `before` and the second under `after`.
///
/// `after` is empty for an excluded item, for one left open and for a span that is removed (`span` says which); several labels are joined by `|`. With
/// `spreadsheet_safe`, a cell that a spreadsheet would run as a formula is preceded by an apostrophe.
pub fn write_csv(events: &[Event], out: impl Write, spreadsheet_safe: bool) -> Result<(), csv::Error> {
    let mut apps: HashMap<&str, Vec<(u64, &str)>> = HashMap::new();
    for e in events {
        if let Body::SessionStart(s) = e.body() {
            apps.entry(&e.head().log_id).or_default().push((e.seq(), &s.app));
        }
    }
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    for judged in judge(events) {
        let stale = judged.stale_adjudications.iter().map(|l| (l, "stale"));
        for (live, verdict) in judged.decisions.iter().map(|l| (l, judged.verdict.as_str())).chain(stale) {
            let (event, head) = (live.event, live.event.head());
            // Where an adjudication settled it, what it was between is marked as an input.
            let adjudication = matches!(event.body(), Body::Adjudicate(_));
            let input = judged.verdict == Verdict::Adjudicated && !adjudication;
            let context = event.context().cloned().unwrap_or_default();
            let suggestion = context.suggestion.unwrap_or_default();
            let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
            let app = apps
                .get(head.log_id.as_str())
                .and_then(|list| list.iter().rev().find(|(seq, _)| *seq < head.seq))
                .map_or("", |(_, app)| app);
            let row: [Cow<'_, str>; 25] = [
                live.item.into(),
                live.field.into(),
                if input { "input" } else { verdict }.into(),
                head.reviewer.as_str().into(),
                live.before.and_then(|b| b.value.as_deref()).unwrap_or("").into(),
                live.before.map_or_else(String::new, |b| word(&b.basis)).into(),
                labels(live.after).into(),
                live.verb.map_or("adjudicate", super::event::Verb::as_str).into(),
                event.confidence().map_or_else(String::new, |c| c.to_string()).into(),
                event.reason().unwrap_or("").into(),
                live.note.into(),
                context.reached.map_or("", super::event::Reached::as_str).into(),
                if event.context().is_some() { context.blind.to_string() } else { String::new() }.into(),
                context.shown.join("|").into(),
                context.queue.unwrap_or_default().into(),
                context.rank.map_or_else(String::new, |r| r.to_string()).into(),
                context.dwell_ms.map_or_else(String::new, |d| d.to_string()).into(),
                suggestion.value.into(),
                number(suggestion.prob).into(),
                number(suggestion.score).into(),
                head.ts.as_str().into(),
                head.log_id.as_str().into(),
                head.seq.to_string().into(),
                app.into(),
                live.ruling().target().map_or_else(String::new, |t| span(&t)).into(),
            ];
            csv.write_record(
                row.iter().map(
                    |cell| {
                        if spreadsheet_safe { defused(cell).into_owned() } else { cell.to_string() }
                    },
                ),
            )?;
        }
    }
    for event in codes::live(events) {
        let (Body::Code(code), head) = (event.body(), event.head()) else { continue };
        let of = |column: &str| match column {
            "item" => code.item.clone(),
            "field" => code.field.clone(),
            "verdict" | "action" => "code".to_owned(),
            "reviewer" => head.reviewer.clone(),
            "before" => code.target.first.as_ref().map_or_else(String::new, |m| m.label.clone()),
            "after" => code.target.second.as_ref().map_or_else(String::new, |m| m.label.clone()),
            "basis" => code.target.versions.join("|"),
            "reason" => code.reason.clone().unwrap_or_default(),
            "note" => code.note.clone(),
            "ts" => head.ts.clone(),
            "log_id" => head.log_id.clone(),
            "seq" => head.seq.to_string(),
            _ => String::new(),
        };
        let row = HEADER.map(of);
        csv.write_record(
            row.iter().map(|cell| if spreadsheet_safe { defused(cell).into_owned() } else { cell.clone() }),
        )?;
    }
    csv.flush()?;
    Ok(())
}

/// What a decision on a span is about: the span as it was at first.
fn span(target: &SpanTarget) -> String {
    super::words::placed(target.label.as_deref().unwrap_or("?"), target.start, target.end)
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn labels(after: Option<&After>) -> String {
    match after {
        Some(After::Value { value }) => value.clone().unwrap_or_default(),
        Some(After::Values { values }) => values.join("|"),
        Some(After::Span { start, end, value }) => super::words::placed(value, *start, *end),
        Some(other @ (After::Dist { .. } | After::Other(_))) => {
            serde_json::to_string(other).unwrap_or_default()
        }
        None => String::new(),
    }
}

/// `cell` with an apostrophe before it if a spreadsheet would run it. Plain numbers run nothing.
pub(crate) fn defused(cell: &str) -> Cow<'_, str> {
    if crate::formats::is_risky(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::super::log::Log;
    use super::super::merge::union;
    use super::*;

    fn old(name: &str) -> Log {
        let path = format!(
            "{}/tests/data/format_examples/dissensus_log/{name}.corrections.jsonl",
            env!("CARGO_MANIFEST_DIR")
        );
        Log::verify(std::path::Path::new(&path)).unwrap()
    }

    #[test]
    fn one_row_a_live_decision() {
        let all = union(["r1", "r2", "lead"].map(old)).unwrap();
        let mut out = Vec::new();
        write_csv(&all.events, &mut out, true).unwrap();
        let mut csv = csv::Reader::from_reader(&out[..]);
        let rows: Vec<Vec<String>> =
            csv.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        let short: Vec<[&str; 5]> =
            rows.iter().map(|r| [&r[0], &r[2], &r[3], &r[6], &r[7]].map(String::as_str)).collect();
        assert_eq!(
            short,
            [
                ["t2", "agreed", "r1", "negative", "keep"],
                ["t2", "agreed", "r2", "negative", "keep"],
                ["t3", "single", "r1", "", "exclude"],
                ["t4", "single", "r1", "neutral", "keep"],
                ["t5", "adjudicated", "lead", "neutral", "adjudicate"],
                ["t5", "input", "r1", "positive", "relabel"],
                ["t5", "input", "r2", "negative", "relabel"],
            ]
        );
        assert_eq!(rows[0][23], "dissensus 0.1.0");
    }

    #[test]
    fn cells_that_would_run_are_defused_and_numbers_are_not() {
        for bad in ["=1+1", "+a", "-cmd|' /C calc'!A0", "@SUM(1)", "\t=1", " =1", "\u{feff}=1", "＝1", "-inf"]
        {
            assert_eq!(defused(bad), format!("'{bad}"));
        }
        for good in ["", "-5", "+1.5e3", "a=b", "neutral"] {
            assert_eq!(defused(good), good);
        }
    }
}
