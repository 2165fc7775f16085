//! Where a dataset came from: what a session needs to open it again and to write it back.

use std::path::{Path, PathBuf};

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Identifies the item.
    Item,
    /// Names the rater.
    Rater,
    /// Long tables: the rater's label. Wide tables: the labels that the rater named by the header gave.
    Label,
    /// The label under suspicion.
    Given,
    /// A trusted label.
    Gold,
    /// What the item says.
    Text,
    /// Seconds that the annotation took.
    Time,
    /// Long tables: when the annotation was given.
    When,
    /// Which question was answered.
    Question,
    /// A model's probability of the named label.
    Probability(String),
    /// Whether the rater of the row gave the named label: one of several that may all be right.
    Present(String),
    /// How many people, whose names are not known, gave the item the named label.
    Count(String),
    /// Long tables: whether the annotation counts (approved, rejected, skipped, …).
    Status,
    /// A picture of the item, by path.
    Media,
    /// Something else worth showing: constant within an item, or within a rater.
    Meta,
    /// Not used.
    Ignore,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Item => f.write_str("item"),
            Self::Rater => f.write_str("rater"),
            Self::Label => f.write_str("label"),
            Self::Given => f.write_str("given"),
            Self::Gold => f.write_str("gold"),
            Self::Text => f.write_str("text"),
            Self::Time => f.write_str("time"),
            Self::When => f.write_str("when"),
            Self::Question => f.write_str("question"),
            Self::Probability(label) => write!(f, "probability:{label}"),
            Self::Present(label) => write!(f, "present:{label}"),
            Self::Count(label) => write!(f, "count:{label}"),
            Self::Status => f.write_str("status"),
            Self::Media => f.write_str("media"),
            Self::Meta => f.write_str("meta"),
            Self::Ignore => f.write_str("ignore"),
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Ok(match s {
            "item" => Self::Item,
            "rater" => Self::Rater,
            "label" => Self::Label,
            "given" => Self::Given,
            "gold" => Self::Gold,
            "text" => Self::Text,
            "time" => Self::Time,
            "when" => Self::When,
            "question" => Self::Question,
            "status" => Self::Status,
            "media" => Self::Media,
            "meta" => Self::Meta,
            "ignore" => Self::Ignore,
            _ => match s.split_once(':') {
                Some(("probability", label)) if !label.is_empty() => Self::Probability(label.to_owned()),
                Some(("present", label)) if !label.is_empty() => Self::Present(label.to_owned()),
                Some(("count", label)) if !label.is_empty() => Self::Count(label.to_owned()),
                _ => {
                    return Err(format!(
                        "no role is called “{s}”; roles are item, rater, label, given, gold, text, time, \
                         when, question, status, media, probability:LABEL, present:LABEL, count:LABEL, meta and ignore"
                    ));
                }
            },
        })
    }
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SourceFile {
    /// Path as given.
    pub path: PathBuf,
    /// `sha256:` and 64 hexadecimal digits, of the bytes that were read.
    pub digest: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// Everything needed to open the same dataset again without a question.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The format it was read as, by its identifier; empty for a delimited table or a label array.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// Which question was read, where the source asks several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// The encoding that somebody chose for its text; empty for Unicode.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub encoding: String,
    /// The table, or the only or first file; where a folder was opened, the folder, with a digest over all files.
    pub table: SourceFile,
    /// Further files that were named beside [`Self::table`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<PathBuf>,
    /// Every file that was read, where there are several, in the order they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SourceFile>,
    /// Labels that were taken for others, (from, to).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<(String, String)>,
    /// Tables with further facts, joined by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<PathBuf>,
    /// The file of predicted probabilities, if they were not columns of the table.
    pub probabilities: Option<SourceFile>,
    /// The file of embeddings, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<PathBuf>,
    /// Further models: what each is called, and the file of its probabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<(String, PathBuf)>,
    /// Other crowds: what each is called, and the file of its shares of labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crowds: Vec<(String, PathBuf)>,
    /// Raters that somebody called models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Column name → role, in column order, as used.
    pub roles: Vec<(String, Role)>,
    /// Labels in the order that the user declared, if any.
    pub declared_labels: Vec<String>,
    /// Name of the column that decisions are about when there is no given column.
    pub label_field: String,
    /// Whether rows of probabilities were taken as they are.
    pub probabilities_as_is: bool,
}

impl Source {
    /// The encoding that somebody chose, if any.
    pub fn chosen_encoding(&self) -> Option<&str> {
        (!self.encoding.is_empty()).then_some(self.encoding.as_str())
    }

    /// Every file that was read, or named to be read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let files = std::iter::once(&self.table).chain(&self.files).chain(&self.probabilities);
        files
            .map(|f| &f.path)
            .chain(&self.more)
            .chain(&self.joins)
            .chain(&self.embeddings)
            .chain(self.further.iter().chain(&self.crowds).map(|f| &f.1))
            .map(PathBuf::as_path)
    }
}

/// Something that the import noticed and went on from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Warning {
    /// A stable name for grouping, such as `ragged_row`.
    pub code: String,
    /// What happened, in a sentence without a full stop.
    pub message: String,
    /// What the reader can do about it.
    pub remedy: String,
    /// File name.
    pub file: String,
    /// First line where it happened, from 1.
    pub line: Option<u64>,
    /// Column name or number.
    pub column: Option<String>,
    /// How often.
    pub count: u64,
}

impl Warning {
    /// Whether it should be read before the numbers are: not for what is merely stated, such as which order of
    /// labels was taken.
    pub fn is_serious(&self) -> bool {
        !matches!(
            self.code.as_str(),
            "dialect"
                | "probability_order"
                | "formula_cell"
                | "column_varies"
                | "duplicate_pair"
                | "renormalised"
                | "renormalised_rows"
                | "label_config"
                | "offset_unit"
                | "votes_in_rows"
                | "stated_majority"
                | "whole_numbers"
                | "tag_scheme"
                | "not_used"
        )
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.message)?;
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}
