//! `dissensus log`: verify, show, compare and merge correction logs.

mod compare;
mod conflicts;
mod feedback;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{LogArgs, LogCommand, LogFormatArg, OpenArgs};
use crate::review::log::Log;
use crate::review::merge::{self, Verdict};
use crate::review::merged_file::write_merged;
use crate::review::reviewers::{Reviewers, Side};
use crate::review::self_agreement::self_agreement;
use crate::review::{self, Codebook, codes, double_coding, export_log, words};
use crate::stats::Statistic;

/// Runs the command. An error means that a log could not be used: exit code 1.
pub fn run(args: &LogArgs) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = match &args.command {
        LogCommand::Verify { logs } => verify(logs, &mut out),
        LogCommand::Show { logs, format } => show(logs, *format, &mut out),
        LogCommand::Codes { logs, codebook } => coded(logs, codebook.as_deref(), &mut out),
        LogCommand::Conflicts { logs, all, format } => conflicts::run(logs, *all, *format, &mut out),
        LogCommand::Compare(args) => compare::run(args, &mut out),
        LogCommand::Feedback(args) => feedback::run(args, &mut out),
        LogCommand::Methods { open } => methods(open, &mut out),
        LogCommand::Merge { logs, out: merged } => merge_to(logs, merged, &mut out),
    };
    match result.and_then(|()| Ok(out.flush()?)) {
        // Whoever reads the output (`head`, say) has had enough of it.
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            Ok(())
        }
        other => other,
    }
}

/// The paragraph on methods of the logs over their data.
fn methods(open: &OpenArgs, out: &mut impl Write) -> anyhow::Result<()> {
    if open.log.is_empty() {
        bail!("name the correction log with --log");
    }
    let dataset = super::analyze::watched(|progress| super::open(open, progress))?;
    let log = read(&open.log)?;
    Ok(writeln!(out, "{}", review::methods::methods(&dataset, &log.events, false, None))?)
}

/// Every log is checked, also after one that is damaged; each that is whole gets a line.
fn verify(paths: &[PathBuf], out: &mut impl Write) -> anyhow::Result<()> {
    let mut damaged = Vec::new();
    let mut whole = Vec::new();
    for path in paths {
        match Log::verify(path) {
            Ok(log) => {
                let decisions = merge::live(&log.events).len();
                let (events, logs) = (log.events.len(), log.log_ids().len());
                let of = if logs > 1 { format!(" of {logs} logs") } else { String::new() };
                let (s, d) = (plural(events), plural(decisions));
                writeln!(
                    out,
                    "{}: whole, {events} event{s}{of}, {decisions} live decision{d}",
                    path.display()
                )?;
                itself(&log, out)?;
                whole.push(log);
            }
            Err(e) => damaged.push(e.to_string()),
        }
    }
    if damaged.is_empty() {
        merge::union(whole)?;
        return Ok(());
    }
    out.flush()?;
    bail!("{}", damaged.join("\n"))
}

/// Whether the reviewers decide alike when asked again, and what they change that nothing flagged.
fn itself(log: &Log, out: &mut impl Write) -> io::Result<()> {
    let found = self_agreement(&log.events, None);
    let value = |s: &Statistic| {
        s.estimate().map_or_else(String::new, |e| {
            let (low, high) = e.ci.unwrap_or((e.value, e.value));
            format!("{:.3} [{low:.3}, {high:.3}]", e.value)
        })
    };
    if found.n_repeats > 0 {
        let (same, n) = (found.n_same, found.n_repeats);
        writeln!(out, "  decided alike when asked again: {same} of {n}, {}", value(&found.same))?;
    }
    if found.n_controls > 0 {
        let (changed, n) = (found.n_changed, found.n_controls);
        writeln!(out, "  unflagged controls changed: {changed} of {n}, {}", value(&found.changed))?;
    }
    Ok(())
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn read(paths: &[PathBuf]) -> anyhow::Result<Log> {
    let (log, torn) = merge::read_all(paths)?;
    for words in torn {
        writeln!(io::stderr(), "warning: {words}")?;
    }
    Ok(log)
}

fn show(paths: &[PathBuf], format: LogFormatArg, out: &mut impl Write) -> anyhow::Result<()> {
    let log = read(paths)?;
    if format == LogFormatArg::Csv {
        let mut csv = Vec::new();
        export_log::write_csv(&log.events, &mut csv, true)?;
        return Ok(out.write_all(&csv)?);
    }
    let mut rows = vec![
        ["ITEM", "DECISION", "REVIEWER", "SURE", "REASON", "NOTE", "VERDICT", "WHEN"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for judged in merge::judge(&log.events) {
        let stale = judged.stale_adjudications.iter().map(|l| (l, "stale"));
        for (live, verdict) in judged.decisions.iter().map(|l| (l, judged.verdict.as_str())).chain(stale) {
            let before = words::before_of(&live.ruling());
            let after = words::after_of(&live.ruling());
            let event = live.event;
            rows.push(vec![
                visible(live.item),
                visible(&if before == "—" || before == after {
                    after
                } else {
                    format!("{before} → {after}")
                }),
                visible(live.reviewer()),
                event.confidence().map_or_else(String::new, |c| c.to_string()),
                visible(event.reason().unwrap_or("")),
                visible(live.note),
                verdict.to_owned(),
                visible(&event.head().ts),
            ]);
        }
    }
    Ok(table(&rows, out)?)
}

/// A cell on one line: what would move the cursor or hide is shown as a code point.
fn visible(cell: &str) -> String {
    use std::fmt::Write;
    let mut s = String::with_capacity(cell.len());
    for c in cell.chars() {
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            // Writing to a string cannot fail.
            let _ = write!(s, "<U+{:04X}>", c as u32);
        } else {
            s.push(c);
        }
    }
    s
}

fn table(rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |c: usize| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, &width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// How often each coder gave each reason, and how far two of them agree.
fn coded(paths: &[PathBuf], codebook: Option<&Path>, out: &mut impl Write) -> anyhow::Result<()> {
    let log = read(paths)?;
    let book = match codebook {
        Some(path) => {
            let json =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Codebook::parse(&json).with_context(|| path.display().to_string())?
        }
        None => Codebook::entities(),
    };
    let coders = codes::coders(&log.events);
    if coders.is_empty() {
        return Ok(writeln!(out, "no difference between versions is coded in these logs")?);
    }
    let mut rows = vec![["CODER", "REASON", "DIFFERENCES"].map(str::to_owned).to_vec()];
    for coder in &coders {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        coder.codes.values().for_each(|code| *counts.entry(code).or_default() += 1);
        for (code, n) in counts {
            rows.push(vec![visible(&coder.reviewer), visible(&book.words(code)), n.to_string()]);
        }
    }
    table(&rows, out)?;
    for (at, a) in coders.iter().enumerate() {
        for b in &coders[at + 1..] {
            let found = double_coding(&book, codes::side_by_side(a.iter(), b.iter()));
            let value = |s: &Statistic| match s {
                Statistic::Undefined(reason) => format!("— {reason}"),
                Statistic::Defined(e) => format!("{:.3}", e.value),
            };
            writeln!(
                out,
                "{} and {}: {} differences coded by both, {} by one; kappa {}, on the first level {}",
                visible(&a.reviewer),
                visible(&b.reviewer),
                found.n_items,
                found.n_single,
                value(&found.codes),
                value(&found.first_level)
            )?;
        }
    }
    Ok(())
}

fn merge_to(paths: &[PathBuf], target: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let log = read(paths)?;
    write_merged(&log, paths, target)?;
    let found = Reviewers::new(&log.events, None);
    let counts = found.counts;
    writeln!(
        out,
        "{}: {} events of {} logs; {} agreed, {} single, {} in conflict, {} adjudicated",
        target.display(),
        log.events.len(),
        log.log_ids().len(),
        counts.agreed,
        counts.single,
        counts.conflicts,
        counts.adjudicated
    )?;
    conflicts::summary(&found, out)?;
    for conflict in found.of(Verdict::Conflict) {
        let says =
            |s: &Side| format!("{} says {}", visible(&found.reviewers[s.reviewer].name), visible(&s.words));
        let sides: Vec<String> = conflict.settled.iter().chain(&conflict.sides).map(says).collect();
        writeln!(out, "conflict on {}: {}", visible(&conflict.key), sides.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(names: &[&str]) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/dissensus_log");
        names.iter().map(|n| folder.join(format!("{n}.corrections.jsonl"))).collect()
    }

    fn said(f: impl FnOnce(&mut Vec<u8>) -> anyhow::Result<()>) -> String {
        let mut out = Vec::new();
        f(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn verify_goes_on_after_a_damaged_log_and_names_file_line_and_damage() {
        let text = said(|out| verify(&data(&["r1", "r2"]), out));
        assert!(text.contains("r1.corrections.jsonl: whole, 8 events, 4 live decisions"), "{text}");
        let dir = tempfile::tempdir().unwrap();
        let (bad, cut) = (dir.path().join("bad.jsonl"), dir.path().join("cut.jsonl"));
        let whole = std::fs::read_to_string(&data(&["r1"])[0]).unwrap();
        std::fs::write(&bad, whole.replacen("\"item\":\"t3\"", "\"item\":\"t1\"", 1)).unwrap();
        std::fs::write(&cut, &whole[..whole.len() - 5]).unwrap();
        let mut out = Vec::new();
        let e = verify(&[bad, data(&["r2"])[0].clone(), cut, dir.path().join("none")], &mut out).unwrap_err();
        let lines: Vec<String> = e.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("line 6") && lines[0].contains("hash") && lines[0].contains("bad.jsonl"));
        assert!(lines[1].contains("line 8") && lines[1].contains("middle") && lines[1].contains("cut.jsonl"));
        assert!(lines[2].contains("none"));
        assert!(String::from_utf8(out).unwrap().contains("r2.corrections.jsonl: whole"));
    }

    #[test]
    fn show_prints_live_decisions_with_their_verdict() {
        let text = said(|out| show(&data(&["r1", "r2", "lead"]), LogFormatArg::Text, out));
        let rows: Vec<Vec<&str>> =
            text.lines().map(|l| l.split("  ").map(str::trim).filter(|c| !c.is_empty()).collect()).collect();
        assert_eq!(rows.len(), 8);
        assert_eq!(rows[1][..4], ["t2", "negative", "r1", "3"]);
        assert_eq!(rows[4][..3], ["t4", "neutral", "r1"]);
        assert_eq!(rows[5][..5], ["t5", "neutral", "lead", "ambiguous", "two clauses disagree"]);
        assert_eq!(rows[6][..3], ["t5", "negative → positive", "r1"]);
        assert!(text.lines().nth(5).unwrap().contains("adjudicated"));
        let csv = said(|out| show(&data(&["r1"]), LogFormatArg::Csv, out));
        assert_eq!(csv.lines().count(), 5);
        assert_eq!(visible("a\u{202e}b\n"), "a<U+202E>b<U+000A>");
    }

    #[test]
    fn merge_is_order_free_and_replaces_nothing_that_it_does_not_hold() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.jsonl"), dir.path().join("two.jsonl"));
        let text = said(|out| merge_to(&data(&["r1", "r2"]), &one, out));
        assert!(
            text.contains("11 events of 2 logs; 1 agreed, 2 single, 1 in conflict, 0 adjudicated"),
            "{text}"
        );
        assert!(text.contains("conflict on t5: r1 says positive, r2 says negative"), "{text}");
        said(|out| merge_to(&data(&["r2", "r1"]), &two, out));
        assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
        // Merging goes on from merged files, and a merge may replace what it contains.
        let lead = data(&["lead"])[0].clone();
        said(|out| merge_to(&[lead.clone(), one.clone()], &two, out));
        assert!(said(|out| verify(std::slice::from_ref(&two), out)).contains("13 events of 3 logs"));

        let mut sink = Vec::new();
        assert!(merge_to(std::slice::from_ref(&one), &one, &mut sink).is_err(), "an input");
        assert!(merge_to(std::slice::from_ref(&lead), &two, &mut sink).is_err(), "it holds more");
        let other = dir.path().join("data.csv");
        std::fs::write(&other, "item,label\n").unwrap();
        assert!(merge_to(&[lead], &other, &mut sink).is_err(), "no log at all");
        assert_eq!(std::fs::read(&other).unwrap(), b"item,label\n");
    }
}
