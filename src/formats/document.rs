//! Formats of the registry: which one a file or folder is, a look at it, reading it.

use std::io::Read as _;
use std::path::Path;

use super::delimited::Dialect;
use super::error::{FormatError, visible};
use super::gather::Gathering;
use super::load::LoadOptions;
use super::magic::FileKind;
use super::matrix;
use super::notes::Notes;
use super::registry::{Evidence, FORMATS, Format, Look, format_of};
use super::schema::{Detected, Inspection, Layout, Overrides, PreviewRow};
use super::text::open_regular;
use crate::dataset::{Dataset, Missing};
use crate::progress::Progress;

/// Most files of a folder that are looked at.
const MAX_LISTING: usize = 100_000;

/// The format of `path`, or `None` if it is a table or an array. `wanted` is an identifier of the registry, or
/// `table`.
pub(super) fn detect(
    path: &Path,
    wanted: Option<&str>,
) -> Result<Option<(&'static Format, Evidence)>, FormatError> {
    let forced = match wanted {
        None => None,
        Some("table") => return Ok(None),
        Some(id) => Some(format_of(id).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|f| f.id).collect();
            let what = format!("no format is called “{}”", visible(id));
            FormatError::of(path, what, format!("formats are table, {}", known.join(", ")))
        })?),
    };
    let look = look_at(path)?;
    if let Some(format) = forced {
        let evidence = (format.detect)(&look).or_else(|| Evidence::file(&look, "you said so"));
        return Ok(evidence.map(|e| (format, e)));
    }
    let found = FORMATS.iter().find_map(|f| (f.detect)(&look).map(|e| (*f, e)));
    if found.is_none() && look.listing.as_ref().is_some_and(|l| !super::columnar::is_folder(l)) {
        return Err(FormatError::of(
            path,
            "nothing in this folder was recognised as annotations",
            "name the file that holds the labels",
        ));
    }
    Ok(found)
}

fn look_at(path: &Path) -> Result<Look<'_>, FormatError> {
    let meta = std::fs::metadata(path).map_err(|e| FormatError::io(path, "open", &e))?;
    if meta.is_dir() {
        let mut listing = Vec::new();
        list(path, "", 0, &mut listing).map_err(|e| FormatError::io(path, "read", &e))?;
        listing.sort();
        return Ok(Look { path, listing: Some(listing), head: Vec::new(), text: String::new(), record: None });
    }
    let (file, _) = open_regular(path)?;
    let mut head = Vec::new();
    file.take(Look::HEAD as u64).read_to_end(&mut head).map_err(|e| FormatError::io(path, "read", &e))?;
    Ok(Look::of_head(path, head))
}

/// Regular files below a folder, not through links, at most six folders deep.
fn list(folder: &Path, prefix: &str, depth: usize, out: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        let full = format!("{prefix}{name}");
        if kind.is_dir() && depth < 6 {
            list(&entry.path(), &format!("{full}/"), depth + 1, out)?;
        } else if kind.is_file() && out.len() < MAX_LISTING {
            out.push(full);
        }
    }
    Ok(())
}

/// Reads everything once and says what it is.
pub(super) fn inspect(
    path: &Path,
    format: &'static Format,
    evidence: &Evidence,
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Inspection, FormatError> {
    let mut gathering = Gathering::new(path);
    (format.read)(&evidence.files, &mut gathering, progress)?;
    let options = LoadOptions { question: overrides.question.clone().unwrap_or_default(), ..LoadOptions::default() };
    let dataset = gathering.finish(format.id, &options, None)?;
    let count = |why| dataset.absences.iter().filter(|a| a.why == why).count() as u64;
    Ok(Inspection {
        path: path.to_owned(),
        kind: FileKind::Document,
        detected: Detected {
            format: format.id.to_owned(),
            name: format.name.to_owned(),
            because: evidence.because.clone(),
            files: evidence.files.len(),
        },
        preview: preview(&dataset),
        rows: dataset.n_items() as u64,
        missing: Missing::ALL.into_iter().map(|why| (why, count(why))).filter(|&(_, n)| n > 0).collect(),
        questions: dataset.questions,
        question: dataset.question,
        dialect: Dialect::default(),
        columns: Vec::new(),
        layout: Ok(Layout::Document),
        layout_reason: format!("{}: {}", format.name, dataset.task.words()),
        rows_exact: true,
        warnings: dataset.warnings,
    })
}

fn preview(dataset: &Dataset) -> Vec<PreviewRow> {
    let row = |item: usize| {
        let said = dataset.annotations.of_item(item).take(8);
        let names: Vec<(&str, &str)> = said
            .map(|a| (dataset.raters.names[a.rater as usize].as_str(), dataset.labels.name(a.label)))
            .collect();
        let join = |words: Vec<&str>| words.join(" · ");
        let given = dataset.given.as_ref().and_then(|g| g.get(item)).map(|l| dataset.labels.name(l));
        PreviewRow {
            item: dataset.keys.get(item).to_owned(),
            rater: join(names.iter().map(|n| n.0).collect()),
            label: if names.is_empty() {
                given.unwrap_or_default().to_owned()
            } else {
                join(names.iter().map(|n| n.1).collect())
            },
            text: dataset.texts.as_ref().map_or(String::new(), |t| t.get(item).to_owned()),
        }
    };
    (0..dataset.n_items().min(5)).map(row).collect()
}

/// Reads a source as [`inspect`] understood it.
pub(super) fn load(
    path: &Path,
    inspection: &Inspection,
    options: &LoadOptions,
    progress: &Progress,
) -> Result<Dataset, FormatError> {
    let Some((format, evidence)) = detect(path, Some(&inspection.detected.format))? else {
        return Err(FormatError::of(path, "the file changed since it was looked at", "open it again"));
    };
    let mut gathering = Gathering::new(path);
    (format.read)(&evidence.files, &mut gathering, progress)?;
    let mut options = options.clone();
    if let (true, Some(question)) = (options.question.is_empty(), inspection.questions.get(inspection.question)) {
        options.question.clone_from(&question.name);
    }
    let mut notes = Notes::new(path);
    let matrix = match &options.probabilities {
        Some(probabilities) => Some(matrix::read(probabilities, None, &mut notes, progress)?),
        None => None,
    };
    let mut dataset = gathering.finish(format.id, &options, matrix.as_ref())?;
    if let Some(matrix) = matrix {
        matrix.attach(&mut dataset, true, &options, &mut notes, progress)?;
    }
    dataset.warnings.extend(notes.into_warnings());
    Ok(dataset)
}
