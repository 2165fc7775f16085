//! The command line: what was typed. Each command turns it into settings and calls the rooms below.
//!
//! Data goes to stdout, words about the work to stderr. Exit 0 done, 1 the data could not be used, 2 wrong usage.

pub mod analyze;
pub mod export;
pub mod log;
pub mod render;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// See where raters disagree, understand why, and put right what is wrong.
#[derive(Debug, Parser)]
#[command(name = "dissensus", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// A headless command; without one, the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to open in the window.
    #[command(flatten)]
    pub open: OpenArgs,
    /// What stands in for a given label where the data has none
    #[arg(long, value_name = "METHOD", default_value = "majority_vote")]
    pub consensus: ConsensusArg,
    /// Who is reviewing; names the correction log
    #[arg(long, value_name = "NAME")]
    pub reviewer: Option<String>,
}

/// The headless commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compute every statistic that the data allows
    Analyze(AnalyzeArgs),
    /// Write the cleaned file
    Export(ExportArgs),
    /// Verify, show or merge correction logs
    Log(LogArgs),
    /// Paint a view into a picture, without a display
    Render(RenderArgs),
}

/// Which data, and what its columns mean.
#[derive(Debug, Clone, Default, Args)]
pub struct OpenArgs {
    /// The table: CSV or TSV, long, wide or single label; or a one-dimensional label .npy
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Predicted probabilities: a CSV or .npy, one row an item
    #[arg(long, value_name = "[NAME=]PATH")]
    pub probs: Option<String>,
    /// What a column means: item, rater, label, given, gold, text, time, probability:LABEL, meta, ignore
    #[arg(long = "role", value_name = "COL=ROLE")]
    pub roles: Vec<String>,
    /// The labels in their order
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub labels: Vec<String>,
    /// Take probabilities as they are, even if rows do not sum to 1
    #[arg(long)]
    pub probs_as_is: bool,
    /// Apply the decisions of a correction log
    #[arg(long, value_name = "LOG")]
    pub log: Vec<PathBuf>,
}

/// How a consensus label is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ConsensusArg {
    /// Most votes; a tie has no consensus.
    #[default]
    MajorityVote,
    /// Best label of the Dawid–Skene posterior.
    DawidSkene,
}

/// `dissensus analyze`
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// Which data.
    #[command(flatten)]
    pub open: OpenArgs,
    /// What stands in for a given label where the data has none
    #[arg(long, value_name = "METHOD", default_value = "majority_vote")]
    pub consensus: ConsensusArg,
    /// Only these sections of the report
    #[arg(long, value_name = "SECTIONS", value_delimiter = ',')]
    pub only: Vec<SectionArg>,
    /// Seed of whatever is random
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Threads to compute on (default: all cores)
    #[arg(long)]
    pub threads: Option<usize>,
    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FormatArg,
    /// Write the report here instead of stdout
    #[arg(long, value_name = "REPORT")]
    pub out: Option<PathBuf>,
    /// Write a table of items here (CSV)
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// Write a table of raters here (CSV)
    #[arg(long, value_name = "FILE")]
    pub raters: Option<PathBuf>,
    /// Write a table of votes here (CSV)
    #[arg(long, value_name = "FILE")]
    pub votes: Option<PathBuf>,
}

/// Sections of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SectionArg {
    /// Coefficients of agreement.
    Agreement,
    /// Labels made out of votes.
    Aggregation,
    /// Label errors.
    ConfidentLearning,
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// For a terminal.
    Text,
    /// For a program.
    Json,
    /// Markdown.
    Md,
    /// A page that stands alone.
    Html,
}

/// `dissensus export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Which data; `--log` names the decisions.
    #[command(flatten)]
    pub open: OpenArgs,
    /// Where the cleaned file goes; never the source
    #[arg(long, value_name = "CLEAN")]
    pub out: PathBuf,
    /// Also write one row an item: label, soft label, status
    #[arg(long, value_name = "OUT")]
    pub consensus: Option<PathBuf>,
    /// What happens to excluded items
    #[arg(long, default_value = "drop")]
    pub excluded: ExcludedArg,
    /// Defuse cells that a spreadsheet would run as formulas
    #[arg(long)]
    pub spreadsheet_safe: bool,
    /// Replace rater names by R1, R2, …; the map goes to a file of its own
    #[arg(long)]
    pub pseudonymise: bool,
}

/// What happens to excluded items on export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExcludedArg {
    /// Their rows are left out.
    #[default]
    Drop,
    /// Their rows stay, with a status.
    Keep,
}

/// `dissensus log`
#[derive(Debug, Args)]
pub struct LogArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What to do with logs.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check the chain of hashes, line by line
    Verify {
        /// Correction logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
    },
    /// Print the live decisions
    Show {
        /// Correction logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
        /// Form.
        #[arg(long, default_value = "text")]
        format: LogFormatArg,
    },
    /// Merge logs of several reviewers; conflicts are kept as conflicts
    Merge {
        /// Correction logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
        /// Where the merged log goes.
        #[arg(long)]
        out: PathBuf,
    },
}

/// Forms of a printed log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// For a terminal.
    Text,
    /// One row a live decision; cells that a spreadsheet would run are defused.
    Csv,
}

/// `dissensus render`
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Which view.
    pub view: ViewArg,
    /// Which data.
    #[command(flatten)]
    pub open: OpenArgs,
    /// What stands in for a given label where the data has none
    #[arg(long, value_name = "METHOD", default_value = "majority_vote")]
    pub consensus: ConsensusArg,
    /// Where the picture goes
    #[arg(long, value_name = "PICTURE.png")]
    pub out: PathBuf,
    /// Colours
    #[arg(long, default_value = "dark")]
    pub theme: ThemeArg,
    /// Size in points
    #[arg(long, value_name = "WxH", default_value = "1440x900")]
    pub size: String,
    /// Pixels a point
    #[arg(long, default_value_t = 1.0)]
    pub scale: f32,
    /// The item under the cursor
    #[arg(long, value_name = "KEY")]
    pub item: Option<String>,
}

/// Views that can be painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViewArg {
    /// What the columns mean, before anything is computed.
    Open,
    /// The whole at a glance.
    Overview,
    /// The table of items.
    Items,
    /// One item to decide.
    Review,
    /// Who agrees with whom.
    Raters,
    /// What was decided.
    Log,
}

/// Themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThemeArg {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}
