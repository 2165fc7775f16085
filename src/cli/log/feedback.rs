//! `dissensus log feedback`: one sheet a rater with what became of their labels.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::super::{FeedbackArgs, analyze, edits, open, tell_warnings};
use super::visible;
use crate::report::feedback::{SheetFormat, called, write_sheet, write_sheets};
use crate::review::feedback::{Fate, feedback};

/// Writes the sheets and says how many labels met which fate.
pub(super) fn run(args: &FeedbackArgs, out: &mut impl Write) -> anyhow::Result<()> {
    if args.open.log.is_empty() {
        bail!("--log: name the log, or the logs, that say what was decided");
    }
    let (dataset, edits, sheets) = analyze::watched(|progress| -> anyhow::Result<_> {
        let dataset = open(&args.open, progress)?;
        let edits = edits(&dataset, &args.open.log)?;
        let sheets = feedback(&dataset, &edits, progress)?.map_err(|why| anyhow::anyhow!(why))?;
        Ok((dataset, edits, sheets))
    })?;
    tell_warnings(&dataset);
    let mut sheets = sheets;
    if let Some(name) = &args.rater {
        let rater = dataset.raters.names.iter().position(|n| n == name);
        let rater = rater.with_context(|| format!("--rater {name}: the data has no rater of this name"))?;
        sheets.retain(|s| s.rater as usize == rater);
    }
    if sheets.is_empty() {
        bail!("no label of these raters is on an item that was decided, so there is nothing to send back");
    }
    let files = match SheetFormat::of(&args.out) {
        Some(format) if !args.out.is_dir() => {
            let [sheet] = &sheets[..] else {
                bail!(
                    "--out {}: there are {} sheets; name a folder, or one rater with --rater",
                    args.out.display(),
                    sheets.len()
                )
            };
            let logs = args.open.log.iter().map(|log| log.canonicalize());
            let target = args.out.canonicalize();
            for log in logs {
                if matches!((&log, &target), (Ok(a), Ok(b)) if a == b) {
                    bail!("{}: this is the correction log, which is never overwritten", args.out.display());
                }
            }
            write_sheet(&dataset, &edits, sheet, args.pseudonymise, (&args.out, format))?;
            vec![args.out.clone()]
        }
        _ => write_sheets(&dataset, &edits, &sheets, args.pseudonymise, &args.out)?,
    };
    for sheet in &sheets {
        writeln!(
            out,
            "{}: {} confirmed, {} reversed, {} neither",
            visible(&called(&dataset, sheet.rater, args.pseudonymise)),
            sheet.n(Fate::Confirmed),
            sheet.n(Fate::Reversed),
            sheet.n(Fate::Apart)
        )?;
    }
    for file in files {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
