//! `dissensus log compare`: what the decisions changed, before the review and now.

use std::io::Write;
use std::sync::Arc;

use anyhow::bail;

use super::super::analyze::watched;
use super::super::{CompareArgs, FormatArg, edits, open, switched, tell_warnings};
use crate::analysis::before_after::{BeforeAsked, before_after};
use crate::analysis::{self, Settings};
use crate::report;

/// Prints it.
pub(super) fn run(args: &CompareArgs, out: &mut impl Write) -> anyhow::Result<()> {
    if args.open.log.is_empty() {
        bail!("name the correction log with --log");
    }
    let dataset = watched(|progress| open(&args.open, progress))?;
    tell_warnings(&dataset);
    let asked = BeforeAsked { edits: Arc::new(edits(&dataset, &args.open.log)?), before: None };
    let settings = Settings {
        consensus: args.consensus.into(),
        duplicates: args.open.duplicates.into(),
        switched: switched(&dataset.raters, &args.open)?,
    };
    let found = watched(|progress| {
        let now = analysis::run(&dataset, &asked.edits, &settings, None, progress)?;
        before_after(&dataset, &now, &asked, progress)
    })?;
    let found = match found {
        Ok(found) => found,
        Err(reason) => bail!("nothing to compare: {reason}"),
    };
    let outline = report::before_after_outline(&dataset, &found);
    let text = match args.format {
        FormatArg::Json => return Ok(report::before_after_json(&dataset, &found, out)?),
        FormatArg::Text => report::text(&outline),
        FormatArg::Md => report::markdown(&outline),
        FormatArg::Html => report::html(&outline),
    };
    Ok(out.write_all(text.as_bytes())?)
}
