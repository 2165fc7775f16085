//! `dissensus log conflicts`: what reviewers decided, side by side, and how far they agree.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::ConflictsFormatArg;
use super::{read, table, visible};
use crate::review::merge::Verdict;
use crate::review::reviewers::{Agreement, Case, Reviewers, Side};
use crate::stats::Statistic;

/// Prints them.
pub(super) fn run(
    paths: &[PathBuf],
    all: bool,
    format: ConflictsFormatArg,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let log = read(paths)?;
    let found = Reviewers::new(&log.events, None);
    let cases: Vec<&Case> = found.cases.iter().filter(|c| all || c.verdict == Verdict::Conflict).collect();
    match format {
        ConflictsFormatArg::Text => text(&found, &cases, out),
        ConflictsFormatArg::Csv => csv(&found, &cases, out),
        ConflictsFormatArg::Json => {
            serde_json::to_writer_pretty(&mut *out, &as_json(&found, &cases))?;
            Ok(writeln!(out)?)
        }
    }
}

/// How items stand, and how far reviewers agree, in sentences.
pub(super) fn summary(found: &Reviewers, out: &mut impl Write) -> anyhow::Result<()> {
    let c = found.counts;
    let stale = match c.stale {
        0 => String::new(),
        1 => "; 1 adjudication is stale: a decision that it names was superseded".to_owned(),
        n => format!("; {n} adjudications are stale: decisions that they name were superseded"),
    };
    writeln!(out, "{} items decided by several{stale}", c.several)?;
    for agreement in &found.agreement {
        let several = found.agreement.len() > 1;
        let of = if several { format!(" on {}", visible(&agreement.field)) } else { String::new() };
        writeln!(out, "{}", agreement_words(agreement, &of))?;
        if agreement.reviewers.len() > 2 {
            for pair in &agreement.pairs {
                let name = |at: u32| visible(&found.reviewers[agreement.reviewers[at as usize]].name);
                writeln!(
                    out,
                    "  {} and {}: {:.1} % alike on {} items, kappa {}",
                    name(pair.a),
                    name(pair.b),
                    100.0 * pair.percent_agreement,
                    pair.n_items,
                    number(&pair.kappa)
                )?;
            }
        }
    }
    Ok(())
}

fn agreement_words(a: &Agreement, of: &str) -> String {
    if a.n_shared == 0 {
        return format!("agreement{of}: — no item was decided by two of them");
    }
    let mut parts = vec![format!("observed {}", number(&a.observed))];
    if let Some(kappa) = &a.kappa {
        parts.push(format!("Cohen's kappa {}", number(kappa)));
    }
    parts.push(format!("Krippendorff's alpha {}", number(&a.alpha)));
    format!("agreement{of} on {} items that several decided: {}", a.n_shared, parts.join(", "))
}

fn number(s: &Statistic) -> String {
    match s {
        Statistic::Undefined(reason) => format!("— {reason}"),
        Statistic::Defined(e) => match e.ci {
            Some((low, high)) => format!("{:.3} [{low:.3}, {high:.3}]", e.value),
            None => format!("{:.3}", e.value),
        },
    }
}

/// What a reviewer says, with how sure and why.
fn cell(side: &Side) -> String {
    let more: Vec<String> = side
        .confidence
        .map(|c| format!("sure {c}"))
        .into_iter()
        .chain(side.reason.as_ref().map(|r| visible(r)))
        .collect();
    let words = visible(&side.words);
    if more.is_empty() { words } else { format!("{words} ({})", more.join(", ")) }
}

/// One cell a reviewer; empty where nothing was decided. An adjudication stands in the cell of its reviewer.
fn cells(found: &Reviewers, case: &Case) -> Vec<String> {
    let mut cells = vec![Vec::new(); found.reviewers.len()];
    for side in &case.sides {
        cells[side.reviewer].push(cell(side));
    }
    for (list, word) in [(&case.settled, "adjudicated"), (&case.stale, "stale adjudication")] {
        for side in list {
            cells[side.reviewer].push(format!("{word}: {}", cell(side)));
        }
    }
    cells.into_iter().map(|c| c.join("; ")).collect()
}

fn text(found: &Reviewers, cases: &[&Case], out: &mut impl Write) -> anyhow::Result<()> {
    summary(found, out)?;
    if cases.is_empty() {
        return Ok(writeln!(out, "no conflict waits for an adjudication")?);
    }
    let fields = found.agreement.len() > 1;
    let mut head = vec!["ITEM".to_owned()];
    if fields {
        head.push("FIELD".to_owned());
    }
    head.extend(found.reviewers.iter().map(|r| visible(&r.name)));
    head.push("VERDICT".to_owned());
    let mut rows = vec![head];
    for case in cases {
        let mut row = vec![visible(&case.key)];
        if fields {
            row.push(visible(&case.field));
        }
        row.extend(cells(found, case));
        row.push(case.verdict.as_str().to_owned());
        rows.push(row);
    }
    Ok(table(&rows, out)?)
}

fn csv(found: &Reviewers, cases: &[&Case], out: &mut impl Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let safe = crate::review::export_log::defused;
    let mut head =
        vec!["item".to_owned(), "field".to_owned(), "verdict".to_owned(), "adjudicated".to_owned()];
    for r in &found.reviewers {
        let name = safe(&r.name).into_owned();
        head.extend(["", " confidence", " reason", " note"].map(|part| format!("{name}{part}")));
    }
    csv.write_record(&head)?;
    for case in cases {
        let settled = case.settled.first().map_or("", |s| s.words.as_str());
        let mut row = vec![
            safe(&case.key).into_owned(),
            safe(&case.field).into_owned(),
            case.verdict.as_str().to_lowercase(),
            safe(settled).into_owned(),
        ];
        for reviewer in 0..found.reviewers.len() {
            let side = case.sides.iter().find(|s| s.reviewer == reviewer);
            let part =
                |get: &dyn Fn(&Side) -> String| side.map_or_else(String::new, |s| safe(&get(s)).into_owned());
            row.push(part(&|s| s.words.clone()));
            row.push(part(&|s| s.confidence.map_or_else(String::new, |c| c.to_string())));
            row.push(part(&|s| s.reason.clone().unwrap_or_default()));
            row.push(part(&|s| s.note.clone()));
        }
        csv.write_record(&row)?;
    }
    Ok(csv.flush()?)
}

fn as_json(found: &Reviewers, cases: &[&Case]) -> Value {
    let name = |reviewer: usize| found.reviewers[reviewer].name.as_str();
    let side = |s: &Side| {
        json!({
            "reviewer": name(s.reviewer),
            "event": s.event,
            "after": s.after,
            "confidence": s.confidence,
            "reason": s.reason,
            "note": s.note,
        })
    };
    let sides = |list: &[Side]| list.iter().map(side).collect::<Vec<_>>();
    let c = found.counts;
    let agreement = |a: &Agreement| {
        let who = |at: u32| name(a.reviewers[at as usize]);
        json!({
            "field": a.field,
            "reviewers": a.reviewers.iter().map(|&r| name(r)).collect::<Vec<_>>(),
            "n_items": a.n_shared,
            "percent_agreement": a.observed,
            "cohen_kappa": a.kappa,
            "krippendorff_alpha": a.alpha,
            "pairs": a.pairs.iter().map(|p| json!({
                "a": who(p.a),
                "b": who(p.b),
                "n_items": p.n_items,
                "percent_agreement": p.percent_agreement,
                "cohen_kappa": p.kappa,
            })).collect::<Vec<_>>(),
        })
    };
    json!({
        "reviewers": found.reviewers.iter().map(|r| json!({
            "name": r.name,
            "log_id": r.log_id,
            "n_decisions": r.n_decisions,
            "n_adjudications": r.n_adjudications,
        })).collect::<Vec<_>>(),
        "counts": {
            "several": c.several,
            "agreed": c.agreed,
            "single": c.single,
            "conflicts": c.conflicts,
            "adjudicated": c.adjudicated,
            "stale_adjudications": c.stale,
        },
        "agreement": found.agreement.iter().map(agreement).collect::<Vec<_>>(),
        "items": cases.iter().map(|case| json!({
            "item": case.key,
            "field": case.field,
            "verdict": case.verdict.as_str().to_lowercase(),
            "decisions": sides(&case.sides),
            "adjudications": sides(&case.settled),
            "stale_adjudications": sides(&case.stale),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn data(names: &[&str]) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format_examples/dissensus_log");
        names.iter().map(|n| folder.join(format!("{n}.corrections.jsonl"))).collect()
    }

    fn said(names: &[&str], all: bool, format: ConflictsFormatArg) -> String {
        let mut out = Vec::new();
        run(&data(names), all, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn conflicts_stand_side_by_side_in_every_form() {
        let text = said(&["r2", "r1"], false, ConflictsFormatArg::Text);
        let row = text.lines().find(|l| l.starts_with("t5")).unwrap();
        assert!(row.contains("positive") && row.contains("negative") && row.ends_with("CONFLICT"), "{text}");
        assert!(row.find("positive") < row.find("negative"), "r1 stands left in either order: {text}");
        assert!(text.contains("agreement on 2 items that several decided: observed 0.500"), "{text}");
        let csv = said(&["r1", "r2"], true, ConflictsFormatArg::Csv);
        assert_eq!(csv.lines().count(), 5, "{csv}");
        assert!(csv.starts_with("item,field,verdict,adjudicated,r1,r1 confidence,r1 reason,r1 note,r2,"));
        let found: Value =
            serde_json::from_str(&said(&["r1", "r2", "lead"], true, ConflictsFormatArg::Json)).unwrap();
        assert_eq!(found["counts"]["adjudicated"], 1);
        assert_eq!(found["agreement"][0]["n_items"], 2);
        assert!(found["agreement"][0]["percent_agreement"]["value"].is_number());
        let items = found["items"].as_array().unwrap();
        let t5 = items.iter().find(|i| i["item"] == "t5").unwrap();
        assert_eq!(t5["adjudications"][0]["reviewer"], "lead");
        assert!(said(&["r1"], false, ConflictsFormatArg::Text).contains("no conflict waits"));
    }
}
