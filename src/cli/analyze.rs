//! `dissensus analyze`: every statistic that the data allows, as a report and as tables.
//!
//! Files are written whole or not at all. Threads change how long it takes, never a byte of what comes out.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::Context;

use super::{AnalyzeArgs, ConsensusArg, FormatArg, SectionArg, panels};
use crate::analysis::validation::validation;
use crate::analysis::versions::{VersionsAsked, has_tags, versions};
use crate::analysis::{self, ConsensusMethod, Settings, crowd, only_confident};
use crate::dataset::{Dataset, Edits, Source};
use crate::progress::Progress;
use crate::report::{self, Extras, ReviewSummary, Sections, Subject, write_beside};
use crate::review::Queue;
use crate::stats::versions::DecodingRule;

/// Time between two looks at the progress.
const LOOK: Duration = Duration::from_millis(200);

impl From<ConsensusArg> for ConsensusMethod {
    fn from(arg: ConsensusArg) -> Self {
        match arg {
            ConsensusArg::MajorityVote => Self::MajorityVote,
            ConsensusArg::DawidSkene => Self::DawidSkene,
        }
    }
}

type Table = fn(&Subject, &mut dyn Write) -> csv::Result<()>;

/// Opens what `args` names and reports on it.
pub fn run(args: &AnalyzeArgs) -> anyhow::Result<()> {
    let dataset = watched(|progress| super::open(&args.open, progress))?;
    super::tell_warnings(&dataset);
    let edits = super::edits(&dataset, &args.open.log)?;
    report_on(&dataset, &edits, args)
}

/// Whether label errors are all that is asked for, in numbers.
fn is_only_confident(edits: &Edits, args: &AnalyzeArgs) -> bool {
    let tables = [&args.items, &args.raters, &args.votes];
    args.only == [SectionArg::ConfidentLearning]
        && args.format == FormatArg::Json
        && edits.is_empty()
        && args.panels.is_empty()
        && tables.iter().all(|path| path.is_none())
}

/// Analyses `dataset` with the decisions in `edits` and writes what `args` asks for.
pub fn report_on(dataset: &Dataset, edits: &Edits, args: &AnalyzeArgs) -> anyhow::Result<()> {
    let settings = Settings {
        consensus: args.consensus.into(),
        duplicates: args.open.duplicates.into(),
        switched: super::switched(&dataset.raters, &args.open)?,
    };
    if args.only.contains(&SectionArg::Crowdlab) {
        return crowdlab(dataset, &settings, args);
    }
    if is_only_confident(edits, args) {
        let summary = on_threads(args.threads, || watched(|progress| only_confident(dataset, progress)))??;
        if let Some(summary) = summary {
            let mut report = Vec::new();
            report::only_confident_json(dataset, &settings, &summary, &mut report)?;
            return told(&dataset.source, args, &report);
        }
    }
    let analysis = on_threads(args.threads, || {
        watched(|progress| analysis::run(dataset, edits, &settings, None, progress))
    })??;
    let extras = on_threads(args.threads, || {
        watched(|progress| {
            panels::compute(&args.panels, dataset, edits, &analysis, &settings, args.seed, progress)
        })
    })??;
    let mut extras = extras;
    if extras.versions.is_none() && args.only.is_empty() && has_tags(dataset) && dataset.raters.len() > 1 {
        // Whoever opens several versions of one text wants to know where they differ.
        let asked = VersionsAsked { settings: settings.clone(), rule: DecodingRule::default() };
        let found = on_threads(args.threads, || {
            watched(|progress| versions(dataset, &analysis.given, &asked, progress))
        })??;
        extras.versions = Some(found);
    }
    if args.votes.is_some() && extras.votes.is_none() {
        // The table of votes says of each whether it is a mistake.
        let told = on_threads(args.threads, || {
            watched(|progress| analysis::votes::votes(dataset, &settings, progress))
        })??;
        extras.votes = Some(told);
    }
    let audit = Queue::random_audit(dataset.n_items());
    let validated = (!edits.is_empty()).then(|| validation(edits, &analysis, &audit.items));
    let extras = Extras { validation: validated, ..extras };
    let subject = Subject {
        dataset,
        analysis: &analysis,
        review: ReviewSummary::of(edits),
        sections: sections(&args.only),
        extras: &extras,
    };
    if let (Some(path), Some(soft)) = (&args.panels.soft_labels, &extras.soft) {
        write_beside(&dataset.source, path, |out| {
            Ok(report::tables::soft_labels(dataset, soft, false, out)?)
        })?;
    }
    let tables: [(&Option<_>, Table); 3] = [
        (&args.items, |subject, out| report::tables::items(subject, out)),
        (&args.raters, |subject, out| report::tables::raters(subject, out)),
        (&args.votes, |subject, out| report::tables::votes(subject, out)),
    ];
    for (path, table) in tables {
        if let Some(path) = path {
            write_beside(&dataset.source, path, |out| Ok(table(&subject, out)?))?;
        }
    }
    told(&dataset.source, args, &painted(&subject, args.format)?)
}

/// CROWDLAB alone.
fn crowdlab(dataset: &Dataset, settings: &Settings, args: &AnalyzeArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.only.len() == 1 && args.format == FormatArg::Json,
        "--only crowdlab stands alone, with --format json"
    );
    let found = on_threads(args.threads, || watched(|progress| crowd(dataset, settings, progress)))??;
    if let (Some(path), Ok(found)) = (&args.items, &found) {
        write_beside(&dataset.source, path, |out| Ok(report::crowd_items(dataset, found, out)?))?;
    }
    let mut json = Vec::new();
    report::crowd_json(dataset, &found, &mut json)?;
    told(&dataset.source, args, &json)
}

/// Writes the report where it is asked for.
fn told(source: &Source, args: &AnalyzeArgs, report: &[u8]) -> anyhow::Result<()> {
    match &args.out {
        Some(path) => write_beside(source, path, |out| Ok(out.write_all(report)?)),
        None => to_stdout(report),
    }
}

/// Runs `work` on `threads` threads (all cores where none is asked for).
pub fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .thread_name(|i| format!("analyze-{i}"))
        .build()
        .context("cannot start threads")?;
    Ok(pool.install(work))
}

/// Runs `work`, and tells its progress on stderr where that is a terminal.
pub fn watched<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::new();
    if !io::stderr().is_terminal() {
        return work(&progress);
    }
    std::thread::scope(|scope| {
        let (done, waiting) = mpsc::channel::<()>();
        let progress = &progress;
        let watcher = std::thread::Builder::new().name("progress".into()).spawn_scoped(scope, move || {
            let mut painted = false;
            while waiting.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let share = progress.share().map_or_else(String::new, |s| format!(" {:.0} %", 100.0 * s));
                // A terminal that went away is no reason to stop.
                let _ = write!(io::stderr(), "\r\x1b[K{}{share}…", progress.stage_name());
                painted = true;
            }
            if painted {
                let _ = write!(io::stderr(), "\r\x1b[K");
            }
        });
        let result = work(progress);
        // The watcher ends when its channel does; without a thread there is nothing to end.
        drop(done);
        drop(watcher);
        result
    })
}

fn sections(only: &[SectionArg]) -> Sections {
    if only.is_empty() {
        return Sections::default();
    }
    Sections {
        agreement: only.contains(&SectionArg::Agreement),
        aggregation: only.contains(&SectionArg::Aggregation),
        confident_learning: only.contains(&SectionArg::ConfidentLearning),
    }
}

/// The report in the form asked for, with a newline at its end.
fn painted(subject: &Subject, format: FormatArg) -> anyhow::Result<Vec<u8>> {
    let text = match format {
        FormatArg::Json => {
            let mut json = Vec::new();
            report::write_json(subject, &mut json)?;
            return Ok(json);
        }
        FormatArg::Text => report::text(&report::outline(subject)),
        FormatArg::Md => report::markdown(&report::outline(subject)),
        FormatArg::Html => report::html(&report::outline(subject)),
    };
    Ok(text.into_bytes())
}

/// Writes to stdout; a reader that has seen enough is no error.
pub fn to_stdout(text: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to stdout"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_what_is_left() {
        assert_eq!(sections(&[]), Sections::default());
        let some = sections(&[SectionArg::Agreement, SectionArg::Agreement]);
        assert_eq!(some, Sections { agreement: true, ..Sections::NONE });
    }

    #[test]
    fn work_runs_on_as_many_threads_as_asked_for() {
        assert_eq!(on_threads(Some(3), rayon::current_num_threads).unwrap(), 3);
    }
}
