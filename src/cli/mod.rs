//! The command line: what was typed. Each command turns it into settings and calls the rooms below.
//!
//! Data goes to stdout, words about the work to stderr. Exit 0 done, 1 the data could not be used, 2 wrong usage.

pub mod analyze;
pub mod export;
pub mod label;
pub mod log;
mod panels;
pub mod render;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};

use self::panels::PanelArgs;
use crate::analysis::Settings;
use crate::analysis::learned::learn;
use crate::app::open::Wanted;
use crate::dataset::{Dataset, DuplicateRule, Edits, Raters, Source};
use crate::formats::{self, LoadOptions, Overrides};
use crate::progress::Progress;
use crate::review;

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
    /// Write the nutrition label of a dataset: what it holds, where it is from, how it was annotated
    Label(label::LabelArgs),
    /// Verify, show or merge correction logs
    Log(LogArgs),
    /// Paint a view into a picture, without a display
    Render(RenderArgs),
    /// List the formats that are read and written
    Formats,
}

/// Which data, and what its columns mean.
#[derive(Debug, Clone, Default, Args)]
pub struct OpenArgs {
    /// What to open: a table, an export of an annotation tool, or a folder of them. Several files of one kind are
    /// several raters of the same items, named after the files
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read as this format, whatever is detected: `table`, or an identifier that `dissensus formats` lists
    #[arg(long = "as", value_name = "FORMAT")]
    pub read_as: Option<String>,
    /// How text that is not Unicode is encoded, such as windows-1252 or Shift_JIS
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Which question to read, where the source asks several
    #[arg(long, value_name = "Q")]
    pub question: Option<String>,
    /// Side tables with further facts about items or raters, joined by key
    #[arg(long = "join", value_name = "FILE")]
    pub joins: Vec<PathBuf>,
    /// Predicted probabilities: a CSV or .npy, one row an item; again for each further model
    #[arg(long, value_name = "[NAME=]PATH")]
    pub probs: Vec<String>,
    /// Shares of labels that another crowd gave, one row an item, as for probabilities; again for each further crowd
    #[arg(long, value_name = "[NAME=]PATH")]
    pub crowd: Vec<String>,
    /// Embeddings: a .npy or CSV of numbers, one row an item
    #[arg(long, value_name = "PATH")]
    pub embeddings: Option<PathBuf>,
    /// Raters that are models, not people; by default those whose names say so
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub models: Vec<String>,
    /// Learn the labels from embeddings, texts or columns of numbers, where the data has no probabilities
    #[arg(long, conflicts_with = "probs")]
    pub learn: bool,
    /// What a column means: item, rater, label, given, gold, text, time, probability:LABEL, meta, ignore
    #[arg(long = "role", value_name = "COL=ROLE")]
    pub roles: Vec<String>,
    /// The labels in their order
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    pub labels: Vec<String>,
    /// Take probabilities as they are, even if rows do not sum to 1
    #[arg(long)]
    pub probs_as_is: bool,
    /// The folder below which pictures that the data names are looked for
    #[arg(long, value_name = "FOLDER")]
    pub pictures: Option<PathBuf>,
    /// Take a label for another one, such as Positive=positive
    #[arg(long = "merge", value_name = "FROM=TO")]
    pub merges: Vec<String>,
    /// Which of several labels by one rater for one item counts in agreement
    #[arg(long, value_name = "RULE", default_value = "last")]
    pub duplicates: DuplicatesArg,
    /// Raters whose votes do not count
    #[arg(long, value_name = "RATER")]
    pub leave_out: Vec<String>,
    /// Models whose votes count as people's do
    #[arg(long, value_name = "RATER")]
    pub count: Vec<String>,
    /// Apply the decisions of a correction log
    #[arg(long, value_name = "LOG")]
    pub log: Vec<PathBuf>,
}

/// Which of several labels by one rater for one item counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum DuplicatesArg {
    /// The first in the source.
    First,
    /// The last in the source.
    #[default]
    Last,
    /// Each.
    All,
}

impl From<DuplicatesArg> for DuplicateRule {
    fn from(arg: DuplicatesArg) -> Self {
        match arg {
            DuplicatesArg::First => Self::First,
            DuplicatesArg::Last => Self::Last,
            DuplicatesArg::All => Self::All,
        }
    }
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
    /// What is computed only when it is asked for
    #[command(flatten)]
    pub panels: PanelArgs,
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
    /// CROWDLAB of raters and model, alone and as JSON; `--items` is then its table.
    Crowdlab,
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
    /// Add a column that says of each decided item what was decided
    #[arg(long)]
    pub status: bool,
    /// Also write soft labels: the mean of five ways to make a distribution out of the votes
    #[arg(long, value_name = "F")]
    pub soft_labels: Option<PathBuf>,
    /// Also write the paragraph on methods, made from the logs
    #[arg(long, value_name = "F")]
    pub methods: Option<PathBuf>,
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
    /// Why versions differ: how often each coder gave each reason, and how far two agree
    Codes {
        /// Correction logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
        /// The codebook; by default the one that comes with the program.
        #[arg(long, value_name = "FILE")]
        codebook: Option<PathBuf>,
    },
    /// Where reviewers contradict each other, side by side
    Conflicts {
        /// Correction logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
        /// Every item that somebody decided, not only what waits for an adjudication
        #[arg(long)]
        all: bool,
        /// Form.
        #[arg(long, default_value = "text")]
        format: ConflictsFormatArg,
    },
    /// What the decisions changed: labels, flags and agreement with raters, before the review and now
    Compare(CompareArgs),
    /// What became of each rater's labels, to send back: Markdown and HTML, one sheet a rater
    Feedback(FeedbackArgs),
    /// The paragraph on methods for a paper: which data, which flags, how items were reached, who decided what
    Methods {
        /// Which data; `--log` names the decisions.
        #[command(flatten)]
        open: Box<OpenArgs>,
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

/// `dissensus log compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Which data, and which logs (`--log`).
    #[command(flatten)]
    pub open: OpenArgs,
    /// What stands in for a given label where the data has none
    #[arg(long, value_name = "METHOD", default_value = "majority_vote")]
    pub consensus: ConsensusArg,
    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FormatArg,
}

/// `dissensus log feedback`
#[derive(Debug, Args)]
pub struct FeedbackArgs {
    /// Which data, and which logs (`--log`).
    #[command(flatten)]
    pub open: OpenArgs,
    /// Only the sheet of this rater
    #[arg(long, value_name = "NAME")]
    pub rater: Option<String>,
    /// Call raters R1, R2, …
    #[arg(long)]
    pub pseudonymise: bool,
    /// A folder for all sheets; with --rater, or for one rater, also a file that ends with .md or .html
    #[arg(long, value_name = "FOLDER|FILE")]
    pub out: PathBuf,
}

/// Forms of a list of conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConflictsFormatArg {
    /// For a terminal.
    Text,
    /// One row an item, four columns a reviewer; cells that a spreadsheet would run are defused.
    Csv,
    /// Summary, agreement and items.
    Json,
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
    /// Where the picture goes: PNG, or SVG if it ends so
    #[arg(long, value_name = "PICTURE")]
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
    /// The tab of Agreement (label, rater, "items by COLUMN", …), of Aggregation (methods, soft, extra, …) or of Errors
    /// (labels, sets, entities, …), of the Log (decisions, before); the list of Conflicts; the sides of Compare, A|B
    #[arg(long, value_name = "TAB")]
    pub tab: Option<String>,
    /// Views side by side
    #[arg(long)]
    pub layout: Option<LayoutArg>,
}

/// Arrangements of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// Items beside Compare.
    Explore,
    /// Review beside the log.
    Review,
    /// Raters beside Items.
    Raters,
    /// Models beside Items.
    Models,
}

/// Views that can be painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ViewArg {
    /// What the columns mean, before anything is computed.
    Open,
    /// The whole at a glance.
    Overview,
    /// What the dataset holds, where it is from, how it was annotated.
    Label,
    /// The table of items.
    Items,
    /// One item to decide.
    Review,
    /// Who agrees with whom.
    Raters,
    /// Two sides against each other.
    Compare,
    /// Groups of raters.
    Groups,
    /// People against models.
    Models,
    /// Versions of a tagged text.
    Versions,
    /// Every coefficient of agreement.
    Agreement,
    /// Labels made out of votes, by every method.
    Aggregation,
    /// What speaks against labels.
    Errors,
    /// Many items at once.
    Grid,
    /// Where reviewers contradict each other.
    Conflicts,
    /// What was decided.
    Log,
    /// Queues, and how to make another.
    Queues,
}

/// Themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThemeArg {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// Runs a headless command.
pub fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Analyze(args) => analyze::run(args),
        Command::Export(args) => export::run(args),
        Command::Label(args) => label::run(args),
        Command::Log(args) => log::run(args),
        Command::Render(args) => render::run(args),
        Command::Formats => formats_table(&mut std::io::stdout().lock()).context("cannot write to stdout"),
    }
}

/// The table of formats, as people read it.
fn formats_table(to: &mut impl std::io::Write) -> std::io::Result<()> {
    for format in formats::FORMATS {
        writeln!(to, "{:<16} {}", format.id, format.name)?;
        writeln!(to, "{:<16}   reads {}", "", format.reads)?;
        if !format.writes.is_empty() {
            writeln!(to, "{:<16}   writes {}", "", format.writes)?;
        }
    }
    Ok(())
}

/// What was typed, as what is meant; `None` if no file was named.
pub fn wanted(args: &OpenArgs) -> anyhow::Result<Option<Wanted>> {
    let [table, more @ ..] = args.files.as_slice() else { return Ok(None) };
    if crate::app::project::is_project(table) {
        if !more.is_empty() {
            anyhow::bail!("{}: a project names its files itself; name nothing beside it", table.display());
        }
        let project = crate::app::project::Project::read(table)?;
        return Ok(Some(project.wanted(table)?));
    }
    // A name cannot hold a slash, so that a path with an equals sign stays a path.
    let named = |typed: &String| match typed.split_once('=') {
        Some((name, path)) if !name.contains('/') && !Path::new(typed).exists() => {
            (name.to_owned(), PathBuf::from(path))
        }
        _ => (String::new(), PathBuf::from(typed)),
    };
    let (name, probabilities) = args.probs.first().map(named).unzip();
    let mut overrides = Overrides::parse(&args.roles).map_err(|e| anyhow::anyhow!("--role: {e}"))?;
    overrides.format.clone_from(&args.read_as);
    overrides.question.clone_from(&args.question);
    overrides.encoding.clone_from(&args.encoding);
    let merge = |typed: &String| {
        let pair = typed.split_once('=').map(|(from, to)| (from.to_owned(), to.to_owned()));
        pair.with_context(|| format!("--merge: “{typed}” is not FROM=TO, such as Positive=positive"))
    };
    let settings = Settings {
        duplicates: args.duplicates.into(),
        switched: args.leave_out.iter().chain(&args.count).cloned().collect(),
        ..Settings::default()
    };
    let options = LoadOptions {
        merges: args.merges.iter().map(merge).collect::<anyhow::Result<_>>()?,
        probabilities,
        embeddings: args.embeddings.clone(),
        models: args.models.clone(),
        probabilities_name: name.unwrap_or_default(),
        further: args.probs.iter().skip(1).map(named).collect(),
        crowds: args.crowd.iter().map(named).collect(),
        declared_labels: args.labels.clone(),
        probabilities_as_is: args.probs_as_is,
        joins: args.joins.clone(),
        question: args.question.clone().unwrap_or_default(),
        undigested: false,
    };
    Ok(Some(Wanted {
        table: table.clone(),
        more: more.to_vec(),
        overrides,
        options,
        settings,
        pictures: args.pictures.clone(),
        learn: args.learn,
        ..Wanted::default()
    }))
}

/// Opens the data that `args` names. Without a log, nobody asks for digests of arrays. Where neither roles nor probabilities
/// were said, those of the first log count.
fn open(args: &OpenArgs, progress: &Progress) -> anyhow::Result<Dataset> {
    let mut wanted = wanted(args)?.context("name a table to open")?;
    wanted.options.undigested = args.log.is_empty();
    if let Some(source) = args.log.first().and_then(|log| logged_source(log)) {
        if wanted.overrides.roles.is_empty() {
            wanted.overrides.roles = source.roles;
        }
        if wanted.overrides.format.is_none() && !source.format.is_empty() {
            wanted.overrides.format = Some(source.format);
        }
        if wanted.overrides.question.is_none() && !source.question.is_empty() {
            wanted.options.question.clone_from(&source.question);
            wanted.overrides.question = Some(source.question);
        }
        if wanted.overrides.encoding.is_none() && !source.encoding.is_empty() {
            wanted.overrides.encoding = Some(source.encoding);
        }
        if wanted.options.merges.is_empty() {
            wanted.options.merges = source.merges;
        }
        if wanted.options.joins.is_empty() {
            wanted.options.joins = source.joins.into_iter().filter(|p| p.exists()).collect();
        }
        if wanted.options.declared_labels.is_empty() {
            wanted.options.declared_labels = source.declared_labels;
        }
        if wanted.options.probabilities.is_none() {
            wanted.options.probabilities = source.probabilities.map(|p| p.path).filter(|p| p.exists());
        }
    }
    let mut dataset = formats::open_all(&wanted.paths(), &wanted.overrides, &wanted.options, progress)?;
    if args.learn {
        let learned = learn(&mut dataset, &wanted.settings, progress)?;
        learned.map_err(|reason| anyhow::anyhow!("--learn: {reason}"))?;
    }
    Ok(dataset)
}

/// What the log says about the files it was made with.
fn logged_source(log: &Path) -> Option<Source> {
    let log = review::Log::read(log).ok()?;
    log.events.iter().rev().find_map(|e| match e.body() {
        review::event::Body::SessionStart(start) => serde_json::from_value(start.source.clone()?).ok(),
        _ => None,
    })
}

/// The decisions in `logs`, laid over `dataset`; what could not be applied is said on stderr.
fn edits(dataset: &Dataset, logs: &[PathBuf]) -> anyhow::Result<Edits> {
    if logs.is_empty() {
        return Ok(Edits::new());
    }
    let (log, torn) = review::merge::read_all(logs)?;
    let mut err = std::io::stderr().lock();
    for words in torn {
        writeln!(err, "warning: {words}").ok();
    }
    let applied = review::merge::apply(dataset, log);
    for stale in &applied.stale {
        writeln!(err, "not applied: {} on {}: {}", stale.reviewer, stale.item, stale.reason).ok();
    }
    for conflict in &applied.conflicts {
        let sides: Vec<String> = conflict.sides.iter().map(|(who, what)| format!("{who}: {what}")).collect();
        writeln!(err, "conflict, not applied: {} ({})", conflict.key, sides.join("; ")).ok();
    }
    Ok(applied.edits)
}

/// What the import noticed, on stderr.
fn tell_warnings(dataset: &Dataset) {
    let mut err = std::io::stderr().lock();
    for w in &dataset.warnings {
        writeln!(err, "{w}").ok();
    }
    if let Some(learned) = dataset.learned.as_ref().filter(|l| !l.is_used) {
        let (own, commonest) = (100.0 * learned.accuracy, 100.0 * learned.majority);
        let words = format!("the model of {} is not used", learned.from.words());
        writeln!(
            err,
            "warning: {words}: it is right on {own:.1} %, and the commonest label is on {commonest:.1} %"
        )
        .ok();
    }
}

/// Raters that were switched: people left out, models that count. Names that the data does not have are refused.
fn switched(raters: &Raters, args: &OpenArgs) -> anyhow::Result<BTreeSet<String>> {
    let mut settings = Settings::default();
    for (option, names, wanted) in [("--leave-out", &args.leave_out, false), ("--count", &args.count, true)] {
        for name in names {
            let rater = raters.names.iter().position(|n| n == name).map(|r| r as u32);
            let rater = rater.filter(|_| !raters.anonymous);
            let rater =
                rater.with_context(|| format!("{option} {name}: the data has no rater of this name"))?;
            if settings.counts(raters, rater) != wanted {
                settings.switch(raters, rater);
            }
        }
    }
    Ok(settings.switched)
}
