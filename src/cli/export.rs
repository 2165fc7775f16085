//! `dissensus export`: the cleaned file, and one row an item on request; a summary by label pair on stderr.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{ExcludedArg, ExportArgs};
use crate::analysis::Settings;
use crate::analysis::soft::{Component, SoftAsked, soft};
use crate::dataset::{Dataset, Edits, LabelId};
use crate::formats::{Excluded, WriteOptions, WriteSummary, refuse_source, write, write_consensus};
use crate::progress::Progress;
use crate::report::{self, write_beside};
use crate::review;
use crate::review::methods::{Written, methods};

/// Label pairs, and unresolved items, that are printed.
const SHOWN: usize = 20;

/// Opens what `args` names, replays its logs, and writes the cleaned file.
///
/// # Errors
/// What opening, the logs and writing refuse.
pub fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let (dataset, edits) = super::analyze::watched(|progress| -> anyhow::Result<_> {
        let dataset = super::open(&args.open, progress)?;
        let edits = super::edits(&dataset, &args.open.log)?;
        Ok((dataset, edits))
    })?;
    super::tell_warnings(&dataset);
    let labels = labels_before(&dataset);
    super::analyze::watched(|progress| export(&dataset, &labels, &edits, args, progress))?;
    Ok(())
}

/// Writes `dataset` with `edits` applied to where `args` says and prints the summary to stderr. `labels` has one
/// label an item before the decisions: the given label, else the consensus.
///
/// # Errors
/// What [`write`] and [`write_consensus`] refuse.
pub fn export(
    dataset: &Dataset,
    labels: &[LabelId],
    edits: &Edits,
    args: &ExportArgs,
    progress: &Progress,
) -> anyhow::Result<WriteSummary> {
    let targets: Vec<(&str, &PathBuf)> = [
        ("--out", Some(&args.out)),
        ("--consensus", args.consensus.as_ref()),
        ("--soft-labels", args.soft_labels.as_ref()),
        ("--methods", args.methods.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, path)| Some((name, path?)))
    .collect();
    let real: Vec<PathBuf> = targets.iter().map(|(_, path)| in_its_folder(path)).collect();
    for (at, (a, _)) in targets.iter().enumerate() {
        if let Some(b) = (at + 1..targets.len()).find(|&b| real[b] == real[at]) {
            anyhow::bail!("{a} and {} name the same file; give them different names", targets[b].0);
        }
    }
    let options = WriteOptions {
        excluded: match args.excluded {
            ExcludedArg::Drop => Excluded::Drop,
            ExcludedArg::Keep => Excluded::Keep,
        },
        spreadsheet_safe: args.spreadsheet_safe,
        pseudonymise: args.pseudonymise,
        overwrite: true,
        status: args.status,
    };
    // Nothing is written before it is known that everything may be.
    for (_, out) in &targets {
        refuse_source(&dataset.source, out)?;
        if review::place::is_log(out, &dataset.source.table.path, &args.open.log) {
            anyhow::bail!(
                "{}: this is the correction log, which is never overwritten; name a new file",
                out.display()
            );
        }
    }
    let mut summary = write(dataset, edits, &options, &args.out, progress)?;
    if let Some(out) = &args.consensus {
        let after = edits.apply(labels);
        write_consensus(dataset, &after, edits, &options, out, progress)?;
        summary.files.push(out.clone());
    }
    if let Some(out) = &args.soft_labels {
        let settings = Settings {
            duplicates: args.open.duplicates.into(),
            switched: super::switched(&dataset.raters, &args.open)?,
            ..Settings::default()
        };
        let asked = SoftAsked { settings, ticked: Component::usual(), multiplied: false };
        let found = soft(dataset, &asked, progress)?;
        if let Err(why) = &found.together {
            anyhow::bail!("--soft-labels: {why}");
        }
        write_beside(&dataset.source, out, |to| {
            Ok(report::tables::soft_labels(dataset, &found, options.spreadsheet_safe, to)?)
        })?;
        summary.files.push(out.clone());
    }
    if let Some(out) = &args.methods {
        if args.open.log.is_empty() {
            anyhow::bail!("--methods: name the correction log with --log");
        }
        let (log, _) = review::merge::read_all(&args.open.log)?;
        let file = args.out.file_name().unwrap_or_default().to_string_lossy();
        let written = Written { file: &file, summary: &summary, options: &options };
        let words = methods(dataset, &log.events, options.pseudonymise, Some(written));
        write_beside(&dataset.source, out, |to| Ok(writeln!(to, "{words}")?))?;
        summary.files.push(out.clone());
    }
    print(&summary, args.spreadsheet_safe, &mut std::io::stderr().lock())
        .context("cannot write to stderr")?;
    Ok(summary)
}

/// A path by the real name of its folder, so that two spellings of one file are alike before it is there.
fn in_its_folder(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}

fn print(s: &WriteSummary, safe: bool, to: &mut impl std::io::Write) -> std::io::Result<()> {
    writeln!(to, "{} rows read, {} written", s.rows_in, s.rows_out)?;
    writeln!(
        to,
        "{} changed, {} kept, {} with several labels, {} with a soft label, {} with none of the labels, {} unsure, {} excluded, {} undecided",
        s.changed, s.kept, s.several, s.soft_labels, s.none_of_labels, s.unsure, s.excluded, s.undecided
    )?;
    for (from, to_label, n) in s.by_label_pair.iter().take(SHOWN) {
        let from = if from.is_empty() { "(no label)" } else { from };
        writeln!(to, "  {n:>7}  {} → {}", from.escape_debug(), to_label.escape_debug())?;
    }
    if s.by_label_pair.len() > SHOWN {
        writeln!(to, "  … and {} more pairs", s.by_label_pair.len() - SHOWN)?;
    }
    for (key, status) in s.unresolved.iter().take(SHOWN) {
        writeln!(to, "not changed ({status}): {}", key.escape_debug())?;
    }
    if s.unresolved.len() > SHOWN {
        writeln!(to, "… and {} more items that did not change", s.unresolved.len() - SHOWN)?;
    }
    if s.risky_cells > 0 && !safe {
        writeln!(
            to,
            "warning: {} cells begin like a formula; --spreadsheet-safe defuses them if a spreadsheet will open the file",
            s.risky_cells
        )?;
    }
    for note in &s.notes {
        writeln!(to, "note: {note}")?;
    }
    for file in &s.files {
        writeln!(to, "wrote {}", file.display())?;
    }
    Ok(())
}

/// The labels before any decision where no consensus method is asked for: the given label, else the majority.
pub fn labels_before(dataset: &Dataset) -> Vec<LabelId> {
    match &dataset.given {
        Some(given) => given.ids.clone(),
        None => (0..dataset.n_items())
            .map(|i| crate::formats::majority(dataset.annotations.labels_of(i)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_pairs_and_risky_cells() {
        let summary = WriteSummary {
            rows_in: 3,
            rows_out: 2,
            changed: 1,
            by_label_pair: vec![(String::new(), "b".into(), 1)],
            unresolved: vec![("t1".into(), "unsure".into())],
            risky_cells: 4,
            ..WriteSummary::default()
        };
        let mut out = Vec::new();
        print(&summary, false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("(no label) → b") && text.contains("(unsure): t1") && text.contains("4 cells"),
            "{text}"
        );
    }
}
