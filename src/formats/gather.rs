//! What readers of documents hand over, in whatever order their files have it → [`Dataset`].
//!
//! A reader names items, raters and questions as it meets them and says what it saw: votes, absences, given
//! and gold labels, verdicts of an earlier review, spans. [`Gathering::finish`] chooses one question and makes
//! the columns. Labels are ordered by the house's rule; declared ones come first.

mod adopt;
mod spans;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::alike::merged;
use super::error::{FormatError, visible};
use super::intern::Interner;
use super::load::{LoadOptions, MAX_LABELS, declared_labels};
use super::matrix::Matrix;
use super::notes::{Notes, Place};
use super::votes::VOTES;
use crate::dataset::{
    Absence, AnnotationsBuilder, Dataset, LabelColumn, LabelId, LabelSet, LabelSets, Missing, NO_LABEL,
    NOTHING, Question, RaterKind, Raters, Scale, Source, SourceFile, Task, TextColumn, Verdict, Warning,
};

/// Greatest count of votes for one label of one item, and of votes that come from counts: a short line could else
/// ask for any amount of memory.
const MAX_COUNT: u32 = 1_000_000;
const MAX_COUNTED: usize = 100_000_000;

/// A rater's answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'v> {
    /// One label.
    One(&'v str),
    /// Any number of labels, also none.
    Set(&'v [String]),
}

struct Vote {
    item: u32,
    rater: u32,
    value: u32,
    seconds: Option<f32>,
}

struct Mark {
    document: u32,
    rater: u32,
    start: u32,
    end: u32,
    value: u32,
}

#[derive(Default)]
struct Asked {
    task: Task,
    declared: Vec<String>,
    values: Interner,
    /// Multi-label: value → its labels, sorted.
    sets: Vec<Vec<String>>,
    votes: Vec<Vote>,
    /// When votes were given, in seconds: one a vote, up to the last that has a moment.
    moments: Vec<f64>,
    given: BTreeMap<u32, u32>,
    gold: BTreeMap<u32, u32>,
    absences: Vec<Absence>,
    verdicts: Vec<Verdict>,
    marks: Vec<Mark>,
    covered: Vec<(u32, u32)>,
    stretches: spans::Stretches,
}

/// Collects what a source says.
pub(crate) struct Gathering {
    path: PathBuf,
    pub(crate) notes: Notes,
    /// Every file that was read.
    pub(crate) files: Vec<SourceFile>,
    items: Interner,
    texts: Vec<Option<u32>>,
    strings: Interner,
    focus: HashMap<u32, (u32, u32)>,
    media: HashMap<u32, u32>,
    metadata: Vec<(String, HashMap<u32, u32>)>,
    raters: Interner,
    kinds: HashMap<u32, RaterKind>,
    attributes: Vec<(String, HashMap<u32, String>)>,
    questions: Vec<(String, Asked)>,
    anonymous: bool,
    warnings: Vec<Warning>,
}

/// The number of a question.
pub(crate) type Ask = usize;

impl Gathering {
    /// Of the file or folder at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            notes: Notes::new(path),
            files: Vec::new(),
            items: Interner::default(),
            texts: Vec::new(),
            strings: Interner::default(),
            focus: HashMap::new(),
            media: HashMap::new(),
            metadata: Vec::new(),
            raters: Interner::default(),
            kinds: HashMap::new(),
            attributes: Vec::new(),
            questions: Vec::new(),
            anonymous: false,
            warnings: Vec::new(),
        }
    }

    fn too_many(&self, what: &str) -> FormatError {
        FormatError::of(&self.path, format!("there are more than 4 billion {what}"), "split the file")
    }

    /// Something that was noticed elsewhere.
    pub(crate) fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// The item (or document) of this key.
    pub(crate) fn item(&mut self, key: &str) -> Result<u32, FormatError> {
        let (item, new) = self.items.intern(key).ok_or_else(|| self.too_many("items"))?;
        if new {
            self.texts.push(None);
        }
        Ok(item)
    }

    /// Whether an item of this key is known.
    pub(crate) fn has_item(&self, key: &str) -> bool {
        self.items.get(key).is_some()
    }

    fn string(&mut self, text: &str) -> Result<u32, FormatError> {
        self.strings.intern(text).map(|(n, _)| n).ok_or_else(|| self.too_many("texts"))
    }

    /// What an item says. Items with the same text share it.
    pub(crate) fn text(&mut self, item: u32, text: &str) -> Result<(), FormatError> {
        let text = self.string(text)?;
        self.texts[item as usize] = Some(text);
        Ok(())
    }

    /// The part of its text that an item is about, in code points.
    pub(crate) fn focus(&mut self, item: u32, start: u32, end: u32) {
        self.focus.insert(item, (start, end));
    }

    /// A picture of an item, by path as the source has it.
    pub(crate) fn media(&mut self, item: u32, path: &str) -> Result<(), FormatError> {
        let path = self.string(path)?;
        self.media.insert(item, path);
        Ok(())
    }

    /// Something else about an item.
    pub(crate) fn meta(&mut self, item: u32, name: &str, value: &str) -> Result<(), FormatError> {
        let value = self.string(value)?;
        let at = match self.metadata.iter().position(|(n, _)| n == name) {
            Some(at) => at,
            None => {
                self.metadata.push((name.to_owned(), HashMap::new()));
                self.metadata.len() - 1
            }
        };
        self.metadata[at].1.insert(item, value);
        Ok(())
    }

    /// The rater of this name.
    pub(crate) fn rater(&mut self, name: &str) -> Result<u32, FormatError> {
        self.raters.intern(name).map(|(n, _)| n).ok_or_else(|| self.too_many("raters"))
    }

    /// The rater of this name, if somebody of this name was met before.
    pub(crate) fn known_rater(&self, name: &str) -> Option<u32> {
        self.raters.get(name)
    }

    /// Says that a rater is a model.
    pub(crate) fn is_model(&mut self, rater: u32) {
        self.kinds.insert(rater, RaterKind::Model);
    }

    /// Something about a rater.
    pub(crate) fn attribute(&mut self, rater: u32, name: &str, value: &str) {
        let at = match self.attributes.iter().position(|(n, _)| n == name) {
            Some(at) => at,
            None => {
                self.attributes.push((name.to_owned(), HashMap::new()));
                self.attributes.len() - 1
            }
        };
        self.attributes[at].1.insert(rater, value.to_owned());
    }

    /// The question of this name; `task` counts where it is new.
    pub(crate) fn question(&mut self, name: &str, task: Task) -> Ask {
        if let Some(at) = self.questions.iter().position(|(n, _)| n == name) {
            return at;
        }
        self.questions.push((name.to_owned(), Asked { task, ..Asked::default() }));
        self.questions.len() - 1
    }

    /// Labels of a question in the order that the source declares.
    pub(crate) fn declare(&mut self, question: Ask, labels: &[String]) {
        let declared = &mut self.questions[question].1.declared;
        for label in labels {
            if !declared.contains(label) {
                declared.push(label.clone());
            }
        }
    }

    /// Says that a question turned out to have answers of another kind.
    pub(crate) fn set_task(&mut self, question: Ask, task: Task) {
        self.questions[question].1.task = task;
    }

    fn value(&mut self, question: Ask, value: Value<'_>) -> Result<u32, FormatError> {
        let path = &self.path;
        let (name, asked) = &mut self.questions[question];
        let (text, set) = match value {
            Value::One(label) => (label.to_owned(), vec![label.to_owned()]),
            Value::Set(labels) => {
                let mut set = labels.to_vec();
                set.sort();
                set.dedup();
                (if set.is_empty() { NOTHING.to_owned() } else { set.join("|") }, set)
            }
        };
        let Some((number, new)) = asked.values.intern(&text) else {
            return Err(FormatError::of(path, "there are more than 4 billion labels", "split the file"));
        };
        if new {
            asked.sets.push(set);
        }
        if asked.values.len() > MAX_LABELS {
            let what = format!("“{}” has more than {MAX_LABELS} different answers", visible(name));
            return Err(FormatError::of(path, what, "choose another question"));
        }
        Ok(number)
    }

    /// A rater's answer.
    pub(crate) fn vote(
        &mut self,
        question: Ask,
        item: u32,
        rater: u32,
        value: Value<'_>,
        seconds: Option<f32>,
    ) -> Result<(), FormatError> {
        let value = self.value(question, value)?;
        self.questions[question].1.votes.push(Vote { item, rater, value, seconds });
        Ok(())
    }

    /// Says when the vote on a question that came last was given, in seconds, as far as the source knows.
    pub(crate) fn given_at(&mut self, question: Ask, moment_s: Option<f64>) {
        let asked = &mut self.questions[question].1;
        if let (Some(moment), Some(last)) = (moment_s, asked.votes.len().checked_sub(1)) {
            asked.moments.resize(last, f64::NAN);
            asked.moments.push(moment);
        }
    }

    /// `n` answers of people whose names are not known.
    pub(crate) fn counted(
        &mut self,
        question: Ask,
        item: u32,
        label: &str,
        n: u32,
    ) -> Result<(), FormatError> {
        self.anonymous_votes(question, item, Value::One(label), n)
    }

    /// `n` answers of several labels each (or none) of people whose names are not known.
    pub(crate) fn counted_set(
        &mut self,
        question: Ask,
        item: u32,
        labels: &[String],
        n: u32,
    ) -> Result<(), FormatError> {
        self.anonymous_votes(question, item, Value::Set(labels), n)
    }

    fn anonymous_votes(
        &mut self,
        question: Ask,
        item: u32,
        value: Value<'_>,
        n: u32,
    ) -> Result<(), FormatError> {
        self.anonymous = true;
        let value = self.value(question, value)?;
        let votes = &self.questions[question].1.votes;
        if n > MAX_COUNT || votes.len() + n as usize > MAX_COUNTED {
            let what = format!("a count of {n} votes is more than can be taken apart");
            return Err(FormatError::of(&self.path, what, "give shares of a smaller number of votes"));
        }
        let have = votes.iter().rev().take_while(|v| v.item == item).count();
        for k in 0..n as usize {
            let rater = self.rater(&format!("vote {}", have + k + 1))?;
            self.questions[question].1.votes.push(Vote { item, rater, value, seconds: None });
        }
        Ok(())
    }

    /// `n` people whose names are not known, who handed in no answer.
    pub(crate) fn counted_empty(&mut self, question: Ask, item: u32, n: u32) -> Result<(), FormatError> {
        self.anonymous = true;
        let asked = &self.questions[question].1;
        if n > MAX_COUNT || asked.absences.len() + n as usize > MAX_COUNTED {
            let what = format!("a count of {n} empty answers is more than can be taken apart");
            return Err(FormatError::of(&self.path, what, "give shares of a smaller number of votes"));
        }
        let votes = asked.votes.iter().rev().take_while(|v| v.item == item).count();
        let have = votes + asked.absences.iter().rev().take_while(|a| a.item == item).count();
        for k in 0..n as usize {
            let rater = self.rater(&format!("vote {}", have + k + 1))?;
            self.absent(question, item, rater, Missing::Empty);
        }
        Ok(())
    }

    /// Says that the source does not tell its raters apart: their names are places in a list.
    pub(crate) fn set_anonymous(&mut self) {
        self.anonymous = true;
    }

    /// An answer that is not there.
    pub(crate) fn absent(&mut self, question: Ask, item: u32, rater: u32, why: Missing) {
        self.questions[question].1.absences.push(Absence { item, rater, why });
    }

    /// The label under suspicion.
    pub(crate) fn given(&mut self, question: Ask, item: u32, value: Value<'_>) -> Result<(), FormatError> {
        let value = self.value(question, value)?;
        self.questions[question].1.given.insert(item, value);
        Ok(())
    }

    /// A trusted label.
    pub(crate) fn gold(&mut self, question: Ask, item: u32, value: Value<'_>) -> Result<(), FormatError> {
        let value = self.value(question, value)?;
        self.questions[question].1.gold.insert(item, value);
        Ok(())
    }

    /// What an earlier review decided.
    pub(crate) fn verdict(&mut self, question: Ask, item: u32, reviewer: &str, label: &str) {
        let verdict = Verdict { item, reviewer: reviewer.to_owned(), label: label.to_owned() };
        self.questions[question].1.verdicts.push(verdict);
    }

    /// A stretch of a document's text, in code points, half open. The document is an item here; when the question is
    /// chosen, the stretches become the items.
    pub(crate) fn mark(
        &mut self,
        question: Ask,
        document: u32,
        rater: u32,
        range: std::ops::Range<u32>,
        label: &str,
    ) -> Result<(), FormatError> {
        let value = self.value(question, Value::One(label))?;
        let (start, end) = (range.start, range.end);
        self.questions[question].1.marks.push(Mark { document, rater, start, end, value });
        Ok(())
    }

    /// Says that a rater worked on a document, so that what they did not mark they saw as nothing.
    pub(crate) fn covered(&mut self, question: Ask, document: u32, rater: u32) {
        self.questions[question].1.covered.push((document, rater));
    }

    /// What each question is, with the questions "does this label apply?" of multi-label ones.
    fn catalogue(&self) -> Vec<(Question, Ask, Option<String>)> {
        let mut list = Vec::new();
        for (at, (name, asked)) in self.questions.iter().enumerate() {
            let n_annotations = (asked.votes.len() + asked.marks.len()) as u64;
            list.push((Question { name: name.clone(), task: asked.task, n_annotations }, at, None));
            if asked.task == Task::MultiLabel {
                let seen = asked.sets.iter().flatten().cloned();
                let labels = LabelSet::new(&asked.declared, seen);
                for label in labels.names() {
                    let question =
                        Question { name: format!("{name}: {label}"), task: Task::Single, n_annotations };
                    list.push((question, at, Some(label.clone())));
                }
            }
        }
        list
    }

    /// The dataset of one question: of `options.question`, or of the first that has answers.
    ///
    /// # Errors
    /// No item or no answer, or a question that does not exist.
    pub(crate) fn finish(
        mut self,
        format: &str,
        options: &LoadOptions,
        matrix: Option<&Matrix>,
    ) -> Result<Dataset, FormatError> {
        let catalogue = self.catalogue();
        let wanted = options.question.as_str();
        let chosen = if wanted.is_empty() {
            catalogue.iter().position(|(q, _, _)| q.n_annotations > 0).or(catalogue.iter().position(|_| true))
        } else {
            catalogue.iter().position(|(q, _, _)| q.name == wanted)
        };
        let Some(chosen) = chosen else {
            let names: Vec<String> = catalogue.iter().take(30).map(|(q, _, _)| visible(&q.name)).collect();
            return Err(if wanted.is_empty() {
                FormatError::of(
                    &self.path,
                    "this file asks no question that could be read",
                    "name another file",
                )
            } else {
                let what = format!("there is no question called “{}”", visible(wanted));
                FormatError::of(&self.path, what, format!("there are {}", names.join(", ")))
            });
        };
        let (question, at, member) = &catalogue[chosen];
        let asked = std::mem::take(&mut self.questions[*at].1);
        let mut dataset = match question.task {
            Task::Spans => self.spans_of(asked),
            _ => self.answers_of(format, asked, member.as_deref(), options, matrix)?,
        };
        if dataset.n_items() == 0 {
            return Err(FormatError::of(
                &self.path,
                "this file holds no item that could be read",
                "name another file",
            ));
        }
        let (table, files) = self.sources();
        dataset.name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        dataset.task = question.task;
        dataset.source = Source {
            format: format.to_owned(),
            question: if catalogue.len() > 1 { question.name.clone() } else { String::new() },
            table,
            files,
            declared_labels: options.declared_labels.clone(),
            merges: options.merges.clone(),
            label_field: question.name.clone(),
            ..Source::default()
        };
        dataset.question = chosen;
        dataset.questions =
            if catalogue.len() > 1 { catalogue.into_iter().map(|(q, _, _)| q).collect() } else { Vec::new() };
        dataset.warnings = self.warnings(&dataset);
        Ok(dataset)
    }

    /// One file, or all of them with a digest over their digests.
    fn sources(&mut self) -> (SourceFile, Vec<SourceFile>) {
        use sha2::Digest as _;
        let files = std::mem::take(&mut self.files);
        match files.as_slice() {
            [one] if one.path == self.path => (one.clone(), Vec::new()),
            _ => {
                let mut hasher = sha2::Sha256::new();
                for file in &files {
                    hasher.update(file.digest.as_bytes());
                    hasher.update(b"\n");
                }
                let bytes = files.iter().map(|f| f.bytes).sum();
                let digest = super::text::hex_digest(hasher);
                (SourceFile { path: self.path.clone(), digest, bytes }, files)
            }
        }
    }

    fn warnings(&mut self, dataset: &Dataset) -> Vec<Warning> {
        let n = dataset.annotations.n_duplicates() as u64;
        if !dataset.raters.anonymous {
            self.notes.add("duplicate_pair", Place::FILE, n, || {
                (
                    "Raters labelled the same item more than once; the last label counts in agreement".into(),
                    "Choose another rule for duplicates in the settings".into(),
                )
            });
        }
        let mut all = std::mem::take(&mut self.warnings);
        all.extend(std::mem::take(&mut self.notes).into_warnings());
        all
    }

    fn answers_of(
        &mut self,
        format: &str,
        mut asked: Asked,
        member: Option<&str>,
        options: &LoadOptions,
        matrix: Option<&Matrix>,
    ) -> Result<Dataset, FormatError> {
        let mut names: Vec<String> =
            asked.values.strings().iter().map(|v| merged(v, &options.merges).to_owned()).collect();
        if format == VOTES.id && member.is_none() {
            name_numbers(&mut names, &mut asked.sets, &mut asked.declared, &options.declared_labels);
        }
        if let Some(member) = member {
            let says = |set: &Vec<String>| set.iter().any(|l| l == member);
            let word = |set| if says(set) { member.to_owned() } else { format!("not {member}") };
            names = asked.sets.iter().map(word).collect();
        }
        let order = match (member, asked.task) {
            (Some(member), _) => vec![format!("not {member}"), member.to_owned()],
            // A declared label need not stand alone in any set.
            (None, Task::MultiLabel) => Vec::new(),
            (None, _) => match declared_labels(&self.path, options, matrix, &names)? {
                declared if declared.is_empty() => asked.declared.clone(),
                declared => declared,
            },
        };
        let mut labels = LabelSet::new(&order, names.iter().cloned());
        if matches!(asked.task, Task::Ordinal) && member.is_none() {
            labels.scale = Scale::Ordinal;
        } else if asked.task == Task::Number {
            labels.scale = Scale::Interval;
        }
        let map: Vec<LabelId> = names.iter().map(|n| labels.id(n).unwrap_or(NO_LABEL)).collect();
        let sets = (asked.task == Task::MultiLabel && member.is_none()).then(|| {
            let members = LabelSet::new(&asked.declared, asked.sets.iter().flatten().cloned());
            let mut of_label = vec![Vec::new(); labels.len()];
            for (value, set) in asked.sets.iter().enumerate() {
                let mut numbers: Vec<u32> = set.iter().filter_map(|l| members.id(l)).collect();
                numbers.sort_unstable();
                if let Some(slot) = of_label.get_mut(map[value] as usize) {
                    *slot = numbers;
                }
            }
            LabelSets { members: members.names().to_vec(), of_label }
        });
        let mut builder = AnnotationsBuilder::new();
        for (at, vote) in asked.votes.iter().enumerate() {
            builder.push(vote.item, vote.rater, map[vote.value as usize], vote.seconds);
            builder.given_at(asked.moments.get(at).copied());
        }
        let n_items = self.items.len();
        let column = |name: &str, of: &BTreeMap<u32, u32>| {
            (!of.is_empty()).then(|| {
                let mut ids = vec![NO_LABEL; n_items];
                of.iter().for_each(|(&item, &value)| ids[item as usize] = map[value as usize]);
                LabelColumn { name: name.to_owned(), ids }
            })
        };
        let (given, gold) = (column("given", &asked.given), column("gold", &asked.gold));
        let texts = self.texts.iter().any(Option::is_some).then(|| self.shared(|g, i| g.texts[i]));
        let media = (!self.media.is_empty()).then(|| self.shared(|g, i| g.media.get(&(i as u32)).copied()));
        let focus = (!self.focus.is_empty()).then(|| {
            let at = |i: usize| self.focus.get(&(i as u32)).map_or(0..0, |&(a, b)| a..b);
            (0..n_items).map(at).collect()
        });
        let metadata = self.all_metadata(None);
        let spans = self.entities_of(&asked);
        Ok(Dataset {
            spans,
            keys: std::mem::take(&mut self.items).into_strings(),
            texts,
            focus,
            media,
            metadata,
            labels,
            sets,
            annotations: builder.finish(n_items, self.raters.len()),
            raters: self.all_raters(),
            absences: asked.absences,
            verdicts: adopt::last_of_each(asked.verdicts),
            given,
            gold,
            ..Dataset::default()
        })
    }

    /// A column of strings, one an item, sharing equal ones.
    fn shared(&self, of: impl Fn(&Self, usize) -> Option<u32>) -> TextColumn {
        let mut column = TextColumn::new();
        let mut known: HashMap<u32, u32> = HashMap::new();
        let mut rows = Vec::with_capacity(self.items.len());
        for item in 0..self.items.len() {
            let row = match of(self, item) {
                None => u32::MAX,
                Some(string) => *known
                    .entry(string)
                    .or_insert_with(|| column.push(self.strings.strings().get(string as usize)) as u32),
            };
            rows.push(row);
        }
        TextColumn::sharing(column, rows)
    }

    /// `of`: which of the items each row of the result stands for; `None`: all in order.
    fn all_metadata(&self, of: Option<&[u32]>) -> Vec<(String, TextColumn)> {
        let column = |values: &HashMap<u32, u32>| match of {
            None => self.shared(|_, i| values.get(&(i as u32)).copied()),
            Some(of) => of
                .iter()
                .map(|item| values.get(item).map_or("", |&s| self.strings.strings().get(s as usize)))
                .collect(),
        };
        self.metadata.iter().map(|(name, values)| (name.clone(), column(values))).collect()
    }

    fn all_raters(&mut self) -> Raters {
        let n = self.raters.len() as u32;
        let of = |values: &HashMap<u32, String>| {
            (0..n).map(|r| values.get(&r).cloned().unwrap_or_default()).collect::<Vec<_>>()
        };
        Raters {
            attributes: self.attributes.iter().map(|(name, values)| (name.clone(), of(values))).collect(),
            kinds: (0..n).map(|r| self.kinds.get(&r).copied().unwrap_or_default()).collect(),
            names: std::mem::take(&mut self.raters).into_strings().iter().map(str::to_owned).collect(),
            anonymous: self.anonymous,
        }
    }
}

/// A matrix numbers its labels: names that the user declares are theirs, in that order. Declared numbers are an order.
fn name_numbers(names: &mut [String], sets: &mut [Vec<String>], members: &mut [String], declared: &[String]) {
    let name_of = |number: &str| number.parse::<usize>().ok().and_then(|n| declared.get(n));
    let unnamed = |number: &String| name_of(number).is_some() && !declared.contains(number);
    if !sets.iter().flatten().all(unnamed) {
        return;
    }
    let rename = |number: &mut String| {
        if let Some(name) = name_of(number) {
            name.clone_into(number);
        }
    };
    members.iter_mut().for_each(rename);
    for (set, name) in sets.iter_mut().zip(names).filter(|(set, _)| !set.is_empty()) {
        set.iter_mut().for_each(rename);
        *name = set.join("|");
    }
}

#[cfg(test)]
mod tests;
