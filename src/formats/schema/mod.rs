//! What each column of a file means, proposed with reasons, before anything is loaded.
//!
//! [`inspect`] looks at the first rows (all of them in a file of up to 200,000), so it is quick for any file.
//! What it proposes, the user can change: [`Overrides`].

mod groups;
mod guess;
mod hints;
mod moments;
mod profile;
mod signatures;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use rayon::prelude::*;

use crate::dataset::{LabelId, Missing, NO_LABEL, Question, Role, Source, Task, Warning};
use crate::progress::Progress;

use super::archive;
use super::asking::{Asking, unknown_question};
use super::columns::Columns;
use super::delimited::Dialect;
use super::error::{FormatError, plural, visible};
use super::magic::{FileKind, HEAD, file_kind};
use super::meanings::{YES, presence_of};
use super::notes::{Notes, Place};
use super::npy::{Array, LabelCodes};
use super::tabular::table_of;
pub(crate) use guess::probability_label;
pub(crate) use hints::is_milliseconds;
use profile::Profile;
pub(crate) use signatures::question_of;

/// Whether a column of this name identifies rows.
pub(crate) fn is_key_name(name: &str) -> bool {
    hints::hints(name).item >= 2
}

/// Whether fields of these names are a vote: one names raters, another labels.
pub(crate) fn names_votes<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let (mut rater, mut label) = (false, false);
    for name in names {
        let hints = hints::hints(name);
        rater |= hints.rater >= 2;
        label |= hints.label >= 2;
    }
    rater && label
}

/// Whether a field of this name identifies raters.
pub(crate) fn says_rater(name: &str) -> bool {
    hints::hints(name).rater >= 2
}

/// Roles of columns of which `vote` says which belong to votes, by the last part of their names: `a.rater`, `a.label`.
/// Beside votes, a column of labels of the record is the given one.
pub(crate) fn roles_of_votes(names: &[String], vote: impl Fn(usize) -> bool) -> Vec<Option<Role>> {
    let mut roles = vec![None; names.len()];
    let last = |i: usize| names[i].rsplit('.').next().unwrap_or_default();
    let mut first = |role: Role, found: Option<usize>| {
        if let Some(i) = found {
            roles[i] = Some(role);
        }
    };
    let columns = 0..names.len();
    first(Role::Rater, columns.clone().find(|&i| vote(i) && says_rater(last(i))));
    first(Role::Label, columns.clone().find(|&i| vote(i) && says_label(last(i))));
    first(Role::Item, columns.clone().find(|&i| !vote(i) && is_key_name(&names[i])));
    first(Role::Given, columns.clone().find(|&i| !vote(i) && says_label(&names[i])));
    roles
}

/// Whether a field of this name holds what most raters said.
pub(crate) fn says_majority(name: &str) -> bool {
    hints::hints(name).given == 2
}

/// Whether a field of this name holds labels.
pub(crate) fn says_label(name: &str) -> bool {
    hints::hints(name).label >= 2
}

/// Whether a field of this name says what is in it: labels, raters, texts, keys.
pub(crate) fn says_something(name: &str) -> bool {
    let hints = hints::hints(name);
    [hints.label, hints.rater, hints.text, hints.given, hints.gold].iter().any(|&h| h >= 3)
}

/// What the user says about columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Column name → role.
    pub roles: Vec<(String, Role)>,
    /// Read as this format whatever is detected: an identifier of the registry, or `table`.
    pub format: Option<String>,
    /// Which question to read, where the source asks several.
    pub question: Option<String>,
    /// How the text is encoded, by any label of the Encoding Standard; `None` for Unicode.
    pub encoding: Option<String>,
}

impl Overrides {
    /// As a source was read.
    pub fn of(source: &Source) -> Self {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            roles: source.roles.clone(),
            encoding: some(&source.encoding),
            format: some(&source.format),
            question: some(&source.question),
        }
    }

    /// From `COL=ROLE` as on the command line. The last `=` separates, as a column's name may hold one.
    ///
    /// # Errors
    /// In words, for whoever typed it.
    pub fn parse(typed: &[String]) -> Result<Self, String> {
        let mut roles = Vec::new();
        for text in typed {
            let (column, role) = text
                .rsplit_once('=')
                .ok_or_else(|| format!("“{text}” is not COL=ROLE, such as worker=rater"))?;
            roles.push((column.to_owned(), Role::from_str(role)?));
        }
        Ok(Self { roles, ..Self::default() })
    }
}

/// How rows and annotations correspond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One row an annotation.
    Long,
    /// One row an item, one column a rater.
    Wide,
    /// One row an item with one given label.
    Single,
    /// Not a table: the format says what is what.
    Document,
}

impl Layout {
    /// From the roles of all columns.
    ///
    /// # Errors
    /// What is missing or too much, and what to do.
    pub fn of(roles: &[Role]) -> Result<Self, (String, String)> {
        let count = |role: &Role| roles.iter().filter(|r| *r == role).count();
        let name = |role: Role, column: &str| format!("name it with --role {column}={role}");
        for role in [
            Role::Item,
            Role::Rater,
            Role::Given,
            Role::Gold,
            Role::Time,
            Role::When,
            Role::Question,
            Role::Status,
            Role::Media,
        ] {
            if count(&role) > 1 {
                let what =
                    format!("{} columns have the role “{role}”, which one column can have", count(&role));
                return Err((what, "give the others the role meta or ignore".into()));
            }
        }
        let present = roles.iter().filter(|r| matches!(r, Role::Present(_))).count();
        let counts = roles.iter().filter(|r| matches!(r, Role::Count(_))).count();
        let (raters, labels, givens) = (count(&Role::Rater), count(&Role::Label), count(&Role::Given));
        if count(&Role::Question) > 0 && (raters, labels, present) != (1, 1, 0) {
            let what = "a column names questions, which needs one column of raters and one of labels";
            return Err((what.into(), "give it the role meta or ignore".into()));
        }
        if present > 0 && (counts > 0 || raters == 0 && labels + givens > 0) {
            let what = "labels stand in a column of their own and in columns that say whether they apply";
            return Err((what.into(), "give one kind of them the role meta or ignore".into()));
        }
        if counts > 0 && raters + labels > 0 {
            let what = "votes are counted, and raters' labels stand beside the counts";
            return Err((what.into(), "give the counts the role meta or ignore".into()));
        }
        match (raters, labels + usize::from(present > 0), givens) {
            (1, 1.., _) if count(&Role::Item) == 0 => {
                Err(("no column identifies the items".into(), name(Role::Item, "COLUMN")))
            }
            (1, 1.., _) => Ok(Self::Long),
            (1, 0, _) => Err(("no column holds the raters' labels".into(), name(Role::Label, "COLUMN"))),
            _ if counts > 0 => Ok(Self::Wide),
            (_, 0, 0) if roles.iter().any(|r| matches!(r, Role::Probability(_))) => Err((
                "there are predicted probabilities and no column holds labels".into(),
                "open the table of labels, and name this file as its probabilities with --probs".into(),
            )),
            (_, 0, 0) => Err(("no column holds labels".into(), name(Role::Label, "COLUMN"))),
            (_, 1, 0) | (_, 0, 1) => Ok(Self::Single),
            _ => Ok(Self::Wide),
        }
    }

    /// In words, with the reason.
    fn words(self, names: &[String], roles: &[Role]) -> String {
        let named = |role: &Role| {
            let column = roles.iter().position(|r| r == role).map_or("", |i| names[i].as_str());
            format!("“{}”", visible(column))
        };
        let labels = roles.iter().filter(|r| **r == Role::Label).count();
        let present = roles.iter().filter(|r| matches!(r, Role::Present(_))).count();
        let counts = roles.iter().filter(|r| matches!(r, Role::Count(_))).count();
        match self {
            Self::Long => {
                let rater = named(&Role::Rater);
                let what = match (labels, present) {
                    (0, n) => format!("{n} columns say which labels apply"),
                    (1, 0) => format!("{} holds their labels", named(&Role::Label)),
                    (n, 0) => format!("{n} columns hold their answers, one a question"),
                    (n, m) => {
                        let answers = plural(n as u64, "column");
                        format!(
                            "{answers} of answers and {m} columns that say which labels apply stand beside it"
                        )
                    }
                };
                format!("Long table: one row an annotation, because {rater} names raters and {what}")
            }
            Self::Wide if counts > 0 => {
                format!(
                    "Votes by nobody in particular: one row an item, because {counts} columns count votes"
                )
            }
            Self::Wide => match labels {
                1 if !roles.contains(&Role::Given) => format!(
                    "Votes by nobody in particular: one row an item, because {} holds lists of labels",
                    named(&Role::Label)
                ),
                1 => format!(
                    "Wide table: one row an item, because {} holds a rater's labels",
                    named(&Role::Label)
                ),
                n => format!("Wide table: one row an item, because {n} columns hold labels, one a rater"),
            },
            Self::Single if present > 0 => format!(
                "Sets of labels: one row an item, because {present} columns say which labels apply and no column \
                 names raters"
            ),
            Self::Single => {
                let role = if roles.contains(&Role::Given) { Role::Given } else { Role::Label };
                format!(
                    "Single labels: one row an item, because only {} holds labels and no column names raters",
                    named(&role)
                )
            }
            Self::Document => String::new(),
        }
    }
}

/// One column as proposed or chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInspection {
    /// Its name, unique.
    pub name: String,
    /// What it means.
    pub role: Role,
    /// Why, in words.
    pub reason: String,
    /// Different values in the rows looked at.
    pub distinct: u64,
    /// Empty cells in the rows looked at.
    pub empty: u64,
    /// The first different short values, at most 200.
    pub examples: Vec<String>,
    /// Whether the user chose the role.
    pub chosen: bool,
}

/// One row as it would be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// The item's key.
    pub item: String,
    /// The rater, or several.
    pub rater: String,
    /// The label, or one a rater.
    pub label: String,
    /// What the item says; empty where there is no text.
    pub text: String,
}

/// What a file was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Identifier in the registry; empty for a delimited table or a label array.
    pub format: String,
    /// How people call it.
    pub name: String,
    /// Continues "because …".
    pub because: String,
    /// How many files belong to it.
    pub files: usize,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Path as given.
    pub path: PathBuf,
    /// Table, array or a format of the registry.
    pub kind: FileKind,
    /// Further files that are opened with it.
    pub more: Vec<PathBuf>,
    /// What it was taken for, and why.
    pub detected: Detected,
    /// The questions it asks, where there are several.
    pub questions: Vec<Question>,
    /// Which of them is read.
    pub question: usize,
    /// Labels that differ only by case, spaces or invisible characters.
    pub alike: Vec<Vec<String>>,
    /// Labels that are not there, by reason, where the source says so.
    pub missing: Vec<(Missing, u64)>,
    /// How the table is written.
    pub dialect: Dialect,
    /// Columns in order.
    pub columns: Vec<ColumnInspection>,
    /// How rows and annotations correspond; what is missing and what to do where that is not clear.
    pub layout: Result<Layout, (String, String)>,
    /// The layout in words, with the reason.
    pub layout_reason: String,
    /// The first five rows.
    pub preview: Vec<PreviewRow>,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Whether `rows` was counted and not estimated from the file's length.
    pub rows_exact: bool,
    /// What is odd so far; loading finds more.
    pub warnings: Vec<Warning>,
}

impl Inspection {
    /// Roles in column order.
    pub fn roles(&self) -> Vec<Role> {
        self.columns.iter().map(|c| c.role.clone()).collect()
    }
}

/// Looks at a file and proposes what its columns mean.
///
/// # Errors
/// A file that cannot be read, is not a table or array, or a role for a column that does not exist. A table
/// without a label column is not an error here: see [`Inspection::layout`].
pub fn inspect(path: &Path, overrides: &Overrides, progress: &Progress) -> Result<Inspection, FormatError> {
    inspect_all(&[path.to_owned()], overrides, progress)
}

/// Looks at several files that are one source: several raters, or parts.
///
/// # Errors
/// As for [`inspect`], and files that do not belong together.
pub fn inspect_all(
    paths: &[PathBuf],
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Inspection, FormatError> {
    progress.stage("Looking at the file", 0);
    if let Some(inspection) = super::document::inspect(paths, overrides, progress)? {
        return Ok(inspection);
    }
    match paths {
        [one] => inspect_one(one, overrides, progress),
        _ => Err(FormatError::of(Path::new(""), "no file was named", "name a file")),
    }
}

/// Looks at one table or array.
pub(super) fn inspect_one(
    path: &Path,
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Inspection, FormatError> {
    let encoding = super::encoding::chosen(path, overrides.encoding.as_deref())?;
    let (kind, bytes) = if path.is_dir() { (FileKind::Table, 0) } else { kind_of(path)? };
    if kind == FileKind::Array {
        return inspect_array(path, overrides, progress);
    }
    let mut notes = Notes::new(path);
    let mut table = table_of(path, encoding, &mut notes)?;
    let comma = table.decimal_comma();
    let profile = Profile::read(table.batches.as_mut(), comma, progress)?;
    let names = table.batches.names().to_vec();
    let dialect = table.dialect;
    let mut fixed = vec![None; names.len()];
    for (column, role) in &overrides.roles {
        let i = column_number(path, &names, column)?;
        fixed[i] = Some(role.clone());
    }
    // What the source says counts until the user says otherwise; a role that one column can have is not given twice.
    let mut known = fixed.clone();
    for (i, role) in table.batches.roles().into_iter().enumerate() {
        let taken = |role: &Role| fixed.iter().flatten().any(|f| f == role);
        if let (Some(role), None) = (role, &fixed[i])
            && !taken(&role)
        {
            known[i] = Some(role);
        }
    }
    let mut guess = guess::guess(&names, &profile, &known);
    for i in 0..names.len() {
        if known[i] != fixed[i] {
            "the file's own structure says so".clone_into(&mut guess.reasons[i]);
        }
    }
    let mut layout = Layout::of(&guess.roles);
    if let (Ok(Layout::Single), Some(i)) = (&layout, guess.roles.iter().position(|r| *r == Role::Label))
        && profile.columns[i].is_listed()
    {
        layout = Ok(Layout::Wide);
    }
    let (questions, question) = questions(path, &profile, &names, &guess.roles, overrides)?;
    let layout_reason = match &layout {
        Ok(layout) => layout.words(&names, &guess.roles),
        Err((what, remedy)) => format!("Not clear yet: {what}; {remedy}"),
    };
    if names.iter().any(|n| n.starts_with("logit_"))
        && !guess.roles.iter().any(|r| matches!(r, Role::Probability(_)))
    {
        notes.add("logits", Place::line(1), 1, || {
            ("Columns of logits are not used".into(), "Turn them into probabilities with a softmax".into())
        });
    }
    notes.add("no_header", Place::line(1), u64::from(guess.headerless.is_some()), || {
        let why = guess.headerless.clone().unwrap_or_default();
        (
            format!("The first row looks like data, not like names of columns: {why}"),
            "Add a row of names; the first row is not counted as data".into(),
        )
    });
    let preview = preview(&profile, &names, &guess.roles, layout.as_ref().ok().copied());
    let counted = table.batches.row_count();
    let rows = if let (Some(rows), false) = (counted, profile.complete) {
        rows
    } else if profile.complete || profile.bytes == 0 {
        profile.rows
    } else {
        let width = if dialect.encoding.bom().len() == 2 { 2.0 } else { 1.0 };
        let bytes = archive::expected_bytes(path, bytes);
        (bytes as f64 / width / profile.bytes as f64 * profile.rows as f64) as u64
    };
    let columns: Vec<ColumnInspection> = names
        .into_iter()
        .zip(guess.roles.into_iter().zip(guess.reasons))
        .zip(profile.columns.into_iter().zip(fixed))
        .map(|((name, (role, reason)), (column, fixed))| ColumnInspection {
            name,
            role,
            reason,
            distinct: column.distinct(),
            empty: column.empty,
            examples: column.values,
            chosen: fixed.is_some(),
        })
        .collect();
    let labels = columns.iter().filter(|c| matches!(c.role, Role::Label | Role::Given | Role::Gold));
    let alike = super::alike::groups(labels.flat_map(|c| &c.examples).map(String::as_str));
    Ok(Inspection {
        path: path.to_owned(),
        alike,
        kind,
        detected: Detected {
            format: String::new(),
            name: guess.known.as_ref().map_or(table.name, |(name, _)| name).to_owned(),
            because: guess.known.map_or(table.because, |(_, because)| because),
            files: table.files,
        },
        more: Vec::new(),
        questions,
        question,
        missing: Vec::new(),
        dialect,
        columns,
        layout,
        layout_reason,
        preview,
        rows,
        rows_exact: profile.complete || counted.is_some(),
        warnings: notes.into_warnings(),
    })
}

/// The questions that a table asks as far as its first rows tell, and which of them is to be read.
fn questions(
    path: &Path,
    profile: &Profile,
    names: &[String],
    roles: &[Role],
    overrides: &Overrides,
) -> Result<(Vec<Question>, usize), FormatError> {
    let Ok(layout) = Layout::of(roles) else { return Ok((Vec::new(), 0)) };
    let columns = Columns::of(roles, layout);
    let mut list = Asking::new(path, &columns, names, "")?.finish(path)?.0;
    for question in &mut list {
        let at = names.iter().position(|n| *n == question.name).or(columns.present.first().map(|(c, _)| *c));
        question.n_annotations = at.map_or(0, |c| profile.columns[c].filled);
    }
    if let Some(column) = columns.question {
        let count = |name: &String| profile.columns[column].count_of(name);
        let question =
            |name: &String| Question { name: name.clone(), task: Task::Single, n_annotations: count(name) };
        list = profile.columns[column].values.iter().map(question).collect();
    }
    let wanted = overrides.question.as_deref().unwrap_or_default();
    let known = list.iter().position(|q| q.name == wanted);
    if list.is_empty() && !wanted.is_empty() {
        return Err(FormatError::of(path, "this table asks one question", "leave the question out"));
    }
    match (wanted.is_empty(), known) {
        (true, _) => Ok((list, 0)),
        (false, Some(at)) => Ok((list, at)),
        (false, None) if columns.question.is_some() && !profile.complete => {
            // It may be asked further down.
            list.push(Question { name: wanted.to_owned(), ..Question::default() });
            let at = list.len() - 1;
            Ok((list, at))
        }
        (false, None) => Err(unknown_question(path, wanted, list.iter().map(|q| q.name.as_str()))),
    }
}

/// What kind of file this is, and how long.
pub(super) fn kind_of(path: &Path) -> Result<(FileKind, u64), FormatError> {
    use std::io::Read as _;
    let opened = archive::open(path)?;
    let mut head = Vec::new();
    opened.reader.take(HEAD as u64).read_to_end(&mut head).map_err(|e| FormatError::io(path, "read", &e))?;
    Ok((file_kind(path, &head)?, opened.bytes))
}

fn column_number(path: &Path, names: &[String], column: &str) -> Result<usize, FormatError> {
    names.iter().position(|n| n == column).ok_or_else(|| {
        let known = names.iter().take(30).map(|n| visible(n)).collect::<Vec<_>>().join(", ");
        FormatError::of(
            path,
            format!("no column is called “{}”", visible(column)),
            format!("there are {known}"),
        )
    })
}

fn inspect_array(path: &Path, overrides: &Overrides, progress: &Progress) -> Result<Inspection, FormatError> {
    if let Some((column, _)) = overrides.roles.first() {
        let what = format!("an array has no column “{}”", visible(column));
        return Err(FormatError::of(path, what, "leave the roles out"));
    }
    let mut array = Array::open(path)?;
    let LabelCodes { values, ids } = array.coded_labels(progress)?;
    let label = |id: LabelId| values.get(id as usize).cloned().unwrap_or_default();
    let empty = ids.par_iter().filter(|&&id| id == NO_LABEL).count() as u64;
    let mut examples: Vec<String> = values.clone();
    // What is empty is an example too.
    examples.extend((empty > 0).then(String::new));
    examples.sort();
    let distinct = examples.len() as u64;
    examples.truncate(profile::DOMAIN);
    let row = |(i, &id): (usize, &LabelId)| PreviewRow {
        item: (i + 1).to_string(),
        rater: String::new(),
        label: label(id),
        text: String::new(),
    };
    let roles = [Role::Given];
    let names = ["label".to_owned()];
    Ok(Inspection {
        path: path.to_owned(),
        kind: FileKind::Array,
        alike: super::alike::groups(examples.iter().map(String::as_str)),
        detected: Detected {
            format: String::new(),
            name: "a NumPy array of labels".to_owned(),
            because: "it begins with \\x93NUMPY".to_owned(),
            files: 1,
        },
        more: Vec::new(),
        questions: Vec::new(),
        question: 0,
        missing: Vec::new(),
        dialect: Dialect::default(),
        columns: vec![ColumnInspection {
            name: names[0].clone(),
            role: Role::Given,
            reason: format!("an array of {} labels, type {}", ids.len(), array.header.descr),
            distinct,
            empty,
            examples,
            chosen: false,
        }],
        layout: Ok(Layout::Single),
        layout_reason: Layout::Single.words(&names, &roles),
        preview: ids.iter().enumerate().take(5).map(row).collect(),
        rows: ids.len() as u64,
        rows_exact: true,
        warnings: Vec::new(),
    })
}

fn preview(profile: &Profile, names: &[String], roles: &[Role], layout: Option<Layout>) -> Vec<PreviewRow> {
    let find = |role: Role| roles.iter().position(|r| *r == role);
    let (item, rater, text) = (find(Role::Item), find(Role::Rater), find(Role::Text));
    let labels: Vec<usize> = (0..roles.len()).filter(|&i| roles[i] == Role::Label).collect();
    // Labels that apply, and labels with their votes.
    let named = |cells: &[String]| {
        let words = cells.iter().zip(roles).filter_map(|(cell, role)| match role {
            Role::Present(label) if presence_of(cell) == YES => Some(label.clone()),
            Role::Count(label) if !matches!(cell.as_str(), "" | "0" | "0.0") => {
                Some(format!("{cell} × {label}"))
            }
            _ => None,
        });
        words.take(8).collect::<Vec<_>>()
    };
    let row = |(n, cells): (usize, &Vec<String>)| {
        let cell = |i: Option<usize>| i.map_or(String::new(), |i| cells[i].replace('\0', "␀"));
        let voted = labels.iter().copied().filter(|&i| !cells[i].is_empty()).take(8);
        let wide = layout == Some(Layout::Wide);
        PreviewRow {
            item: if item.is_some() { cell(item) } else { (n + 1).to_string() },
            rater: if wide {
                voted.clone().map(|i| names[i].as_str()).collect::<Vec<_>>().join(" · ")
            } else {
                cell(rater)
            },
            label: if labels.is_empty() && find(Role::Given).is_none() {
                named(cells).join(" · ")
            } else if wide {
                voted.map(|i| cell(Some(i))).collect::<Vec<_>>().join(" · ")
            } else {
                cell(labels.first().copied().or_else(|| find(Role::Given)))
            },
            text: cell(text),
        }
    };
    profile.head.iter().enumerate().map(row).collect()
}
