//! Several files, or a folder of them, as one dataset: "these N files are N raters of the same items".
//!
//! Files of one registry format are read into one gathering. Tables and label arrays without a column of raters
//! become one rater each, named after what tells the files apart (their names, or their folders' names); tables
//! that name raters themselves are put one below the other.

use std::path::{Path, PathBuf};

use super::document::{Found, detect};
use super::error::{FormatError, plural};
use super::gather::{Gathering, Value};
use super::intake::InputFile;
use super::load::LoadOptions;
use super::registry::{Evidence, Format};
use super::schema::{Detected, Inspection, Layout, Overrides, PreviewRow, inspect_one};
use crate::dataset::{Dataset, Task};
use crate::progress::Progress;

/// Identifier of the format that several tables have together.
pub(crate) const TABLES: &str = "tables";

/// Most previewed raters of an item.
const SHOWN: usize = 8;

/// What each of `files` is called: the first part of its path, from the end, in which not all are alike.
pub(crate) fn names_of(files: &[PathBuf]) -> Vec<String> {
    let parts = |path: &PathBuf| -> Vec<String> {
        let mut parts: Vec<String> =
            path.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
        if let Some(last) = parts.last_mut() {
            let file = InputFile::alone(Path::new(last));
            file.stem().clone_into(last);
        }
        parts.reverse();
        parts
    };
    let all: Vec<Vec<String>> = files.iter().map(parts).collect();
    let depth = all.iter().map(Vec::len).max().unwrap_or(0);
    let at = |parts: &Vec<String>, d: usize| parts.get(d).cloned().unwrap_or_default();
    let distinct = |d: usize| {
        let mut names: Vec<String> = all.iter().map(|p| at(p, d)).collect();
        names.sort();
        names.dedup();
        names.len()
    };
    match (0..depth).find(|&d| distinct(d) == files.len()) {
        Some(d) => all.iter().map(|p| at(p, d)).collect(),
        None => files.iter().map(|p| p.display().to_string()).collect(),
    }
}

/// What several files are together.
pub(super) enum Together {
    /// Files of one registry format.
    Format(&'static Format, Evidence),
    /// Tables or arrays.
    Tables(Vec<InputFile>),
}

/// What `paths` are together.
///
/// # Errors
/// Files of different formats.
pub(super) fn together(paths: &[PathBuf], wanted: Option<&str>) -> Result<Together, FormatError> {
    let mut formats: Vec<(&'static Format, Evidence)> = Vec::new();
    let mut tables: Vec<PathBuf> = Vec::new();
    for path in paths {
        match detect(path, wanted)? {
            Some(Found::Format(format, evidence)) => formats.push((format, evidence)),
            Some(Found::Tables(files)) => tables.extend(files.into_iter().map(|f| f.path)),
            None => tables.push(path.clone()),
        }
    }
    match (formats.as_slice(), tables.is_empty()) {
        ([], _) => Ok(Together::Tables(inputs(&tables))),
        ([(first, _), rest @ ..], true) => {
            if let Some((other, _)) = rest.iter().find(|(f, _)| f.id != first.id) {
                let what = format!("these files are of different formats: {} and {}", first.name, other.name);
                return Err(FormatError::of(&paths[0], what, "open files of one format together"));
            }
            let (format, because) = (*first, formats[0].1.because.clone());
            let mut files: Vec<InputFile> = formats.into_iter().flat_map(|(_, e)| e.files).collect();
            let names = names_of(&files.iter().map(|f| f.path.clone()).collect::<Vec<_>>());
            for (file, name) in files.iter_mut().zip(names) {
                file.rater.get_or_insert(name);
            }
            Ok(Together::Format(format, Evidence { because, files }))
        }
        ([(format, _), ..], false) => {
            let what = format!("one of these files is {}, another a table", format.name);
            Err(FormatError::of(
                &paths[0],
                what,
                "open files of one kind together; side tables go with --join",
            ))
        }
    }
}

/// Files with the names that tell them apart.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<InputFile> {
    let names = names_of(paths);
    let input = |(path, name): (&PathBuf, String)| InputFile { rater: Some(name), ..InputFile::alone(path) };
    paths.iter().zip(names).map(input).collect()
}

/// Looks at several tables.
pub(super) fn inspect_tables(
    path: &Path,
    files: &[InputFile],
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Inspection, FormatError> {
    let mut looks = Vec::new();
    for file in files {
        looks.push(inspect_one(&file.path, overrides, progress)?);
    }
    let Some(first) = looks.first() else {
        return Err(FormatError::of(path, "no file was named", "name a file"));
    };
    let one_each = matches!(first.layout, Ok(Layout::Single));
    // Labels without raters beside raters' labels are no further rater, and a table without labels is none at all.
    let kind = |look: &Inspection| look.layout.as_ref().ok().map(|l| *l == Layout::Single);
    if let Some(other) = looks.iter().find(|l| kind(l) != kind(first)) {
        let names = [first, other].map(|l| l.path.file_name().unwrap_or_default().to_string_lossy());
        let what = match [first, other].map(|l| kind(l).is_none()) {
            [false, false] => format!("of {} and {} one names raters, the other none", names[0], names[1]),
            [a, _] => format!("{} holds no labels, {} does", names[usize::from(!a)], names[usize::from(a)]),
        };
        let remedy = "open the table of the raters' labels alone, and add the other with --join";
        return Err(FormatError::of(path, what, remedy));
    }
    let detected = Detected {
        format: TABLES.to_owned(),
        name: if one_each {
            format!("{} files, one rater each", files.len())
        } else {
            plural(files.len() as u64, "table")
        },
        because: if one_each {
            "each holds one label an item and none names a rater".to_owned()
        } else {
            "several were named, and they name their raters themselves".to_owned()
        },
        files: files.len(),
    };
    let mut preview = Vec::new();
    for (n, row) in first.preview.iter().enumerate() {
        let of = |look: &Inspection| look.preview.iter().find(|r| r.item == row.item).cloned();
        let rows: Vec<Option<PreviewRow>> = looks.iter().take(SHOWN).map(of).collect();
        if !one_each || n >= 5 {
            preview.push(row.clone());
            continue;
        }
        let said: Vec<(&str, String)> = rows
            .into_iter()
            .zip(files)
            .filter_map(|(r, f)| Some((f.rater.as_deref().unwrap_or_default(), r?.label)))
            .collect();
        preview.push(PreviewRow {
            rater: said.iter().map(|s| s.0).collect::<Vec<_>>().join(" · "),
            label: said.iter().map(|s| s.1.as_str()).collect::<Vec<_>>().join(" · "),
            ..row.clone()
        });
    }
    let mut inspection = first.clone();
    inspection.warnings = looks.iter().flat_map(|l| l.warnings.iter().cloned()).collect();
    inspection.rows = looks.iter().map(|l| l.rows).sum();
    inspection.rows_exact = looks.iter().all(|l| l.rows_exact);
    path.clone_into(&mut inspection.path);
    inspection.detected = detected;
    inspection.preview = preview;
    Ok(inspection)
}

/// Reads several tables into one dataset.
pub(super) fn load_tables(
    path: &Path,
    files: &[InputFile],
    overrides: &Overrides,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Gathering, FormatError> {
    let mut gathering = Gathering::new(path);
    let alone = LoadOptions {
        probabilities: None,
        joins: Vec::new(),
        further: Vec::new(),
        crowds: Vec::new(),
        ..options.clone()
    };
    for file in files {
        let inspection = inspect_one(&file.path, overrides, progress)?;
        let dataset = super::load::load(&file.path, &inspection, &alone, progress)?;
        absorb(&mut gathering, &dataset, file)?;
    }
    Ok(gathering)
}

/// Adds what one table says.
fn absorb(to: &mut Gathering, from: &Dataset, file: &InputFile) -> Result<(), FormatError> {
    let question = to.question(from.field(), if from.sets.is_some() { Task::MultiLabel } else { from.task });
    to.declare(question, &from.source.declared_labels);
    if from.raters.anonymous {
        to.set_anonymous();
    }
    let own = from.raters.is_empty();
    let mut raters = Vec::new();
    for (r, name) in from.raters.names.iter().enumerate() {
        let rater = to.rater(name)?;
        for (attribute, values) in &from.raters.attributes {
            to.attribute(rater, attribute, &values[r]);
        }
        raters.push(rater);
    }
    let alone = match (own, &file.rater) {
        (true, Some(name)) => Some(to.rater(name)?),
        _ => None,
    };
    let labels_of = |label| match &from.sets {
        Some(sets) => sets.of_label.get(label as usize).map_or(Vec::new(), |set| {
            set.iter().filter_map(|&m| sets.members.get(m as usize)).cloned().collect()
        }),
        None => vec![from.labels.name(label).to_owned()],
    };
    let sets: Vec<Vec<String>> = (0..from.labels.len() as u32).map(labels_of).collect();
    let value = |label: u32| match &from.sets {
        Some(_) => Value::Set(&sets[label as usize]),
        None => Value::One(&sets[label as usize][0]),
    };
    for item in 0..from.n_items() {
        let number = to.item(from.keys.get(item))?;
        if let Some(texts) = &from.texts {
            to.text(number, texts.get(item))?;
        }
        for (name, column) in &from.metadata {
            to.meta(number, name, column.get(item))?;
        }
        if let Some(media) = &from.media {
            to.media(number, media.get(item))?;
        }
        if let Some(label) = from.gold.as_ref().and_then(|g| g.get(item)) {
            to.gold(question, number, value(label))?;
        }
        match (alone, from.given.as_ref().and_then(|g| g.get(item))) {
            (Some(rater), Some(label)) => to.vote(question, number, rater, value(label), None)?,
            (None, Some(label)) => to.given(question, number, value(label))?,
            (_, None) => {}
        }
        for a in from.annotations.of_item(item) {
            let seconds = from.annotations.duration_s(a.index);
            to.vote(question, number, raters[a.rater as usize], value(a.label), seconds)?;
            to.given_at(question, from.annotations.moment_s(a.index));
        }
    }
    for absence in &from.absences {
        let item = to.item(from.keys.get(absence.item as usize))?;
        to.absent(question, item, raters[absence.rater as usize], absence.why);
    }
    for verdict in &from.verdicts {
        let item = to.item(from.keys.get(verdict.item as usize))?;
        to.verdict(question, item, &verdict.reviewer, &verdict.label);
    }
    for warning in &from.warnings {
        to.warn(warning.clone());
    }
    to.files.push(from.source.table.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str]) -> Vec<String> {
        names_of(&paths.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn files_are_called_by_what_tells_them_apart() {
        assert_eq!(names(&["x/ana.csv", "x/ben.csv"]), ["ana", "ben"]);
        assert_eq!(names(&["x/job_41/a.xml", "x/job_42/a.xml"]), ["job_41", "job_42"]);
        assert_eq!(names(&["a/x/f.csv", "a/x/f.csv"]), ["a/x/f.csv", "a/x/f.csv"]);
    }
}
