//! `dissensus label`: the nutrition label of a dataset, on one page.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{ConsensusArg, FormatArg, OpenArgs};
use crate::analysis::nutrition::{ColumnsAsked, annotation, columns};
use crate::analysis::{self, Settings};
use crate::dataset::Dataset;
use crate::formats::RawTable;
use crate::report::{
    self, About, NutritionLabel, ReviewSummary, nutrition_html, nutrition_json, nutrition_outline,
    write_beside,
};

/// `dissensus label`
#[derive(Debug, Args)]
pub struct LabelArgs {
    /// Which data; `--join` names a reference table, `--log` the decisions.
    #[command(flatten)]
    pub open: OpenArgs,
    /// What stands in for a given label where the data has none
    #[arg(long, value_name = "METHOD", default_value = "majority_vote")]
    pub consensus: ConsensusArg,
    /// What people say of the dataset; by default FILE.label.json beside it
    #[arg(long, value_name = "LABEL.json")]
    pub about: Option<PathBuf>,
    /// Two columns to be shown together; again for each further pair. By default the pairs that go together most
    #[arg(long = "pair", value_name = "A,B")]
    pub pairs: Vec<String>,
    /// Threads to compute on (default: all cores)
    #[arg(long)]
    pub threads: Option<usize>,
    /// Form of the label
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FormatArg,
    /// Write the label here instead of stdout
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

/// Opens what `args` names and writes its label.
///
/// # Errors
/// What opening, the logs, the words about the dataset and writing refuse.
pub fn run(args: &LabelArgs) -> anyhow::Result<()> {
    let dataset = super::analyze::watched(|progress| super::open(&args.open, progress))?;
    super::tell_warnings(&dataset);
    let edits = super::edits(&dataset, &args.open.log)?;
    let source = &dataset.source.table.path;
    let about = match &args.about {
        Some(path) => About::read(path),
        None => About::beside(source),
    };
    let about = about.map_err(anyhow::Error::msg)?;
    let asked = ColumnsAsked { pairs: pairs(&dataset, &args.pairs)?, kinds: about.kinds() };
    let settings = Settings {
        consensus: args.consensus.into(),
        duplicates: args.open.duplicates.into(),
        switched: super::switched(&dataset.raters, &args.open)?,
    };
    let (found, part) = super::analyze::on_threads(args.threads, || {
        super::analyze::watched(|progress| -> anyhow::Result<_> {
            let found = columns(&dataset, &asked, progress)?.map_err(anyhow::Error::new)?;
            let analysis = analysis::run(&dataset, &edits, &settings, None, progress)?;
            Ok((found, annotation(&dataset, &analysis, progress)?))
        })
    })??;
    let label = NutritionLabel {
        dataset: &dataset,
        about: &about,
        columns: Ok(&found),
        annotation: &part,
        review: ReviewSummary::of(&edits),
    };
    let text = match args.format {
        FormatArg::Json => format!("{}\n", serde_json::to_string_pretty(&nutrition_json(&label))?),
        FormatArg::Text => report::text(&nutrition_outline(&label)),
        FormatArg::Md => report::markdown(&nutrition_outline(&label)),
        FormatArg::Html => nutrition_html(&label),
    };
    match &args.out {
        Some(path) => write_beside(&dataset.source, path, |out| Ok(out.write_all(text.as_bytes())?)),
        None => super::analyze::to_stdout(text.as_bytes()),
    }
}

/// What was typed, as names of columns: a name may hold a comma itself.
fn pairs(dataset: &Dataset, typed: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let table = RawTable::of(dataset)?;
    let known = |name: &str| table.columns().iter().any(|c| c.name == name);
    let pair = |typed: &String| {
        let splits = || typed.match_indices(',').map(|(at, _)| (typed[..at].trim(), typed[at + 1..].trim()));
        let of = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        splits()
            .find(|(a, b)| known(a) && known(b))
            .or_else(|| splits().next())
            .map(of)
            .with_context(|| format!("--pair: “{typed}” is not A,B, two columns"))
    };
    typed.iter().map(pair).collect()
}
