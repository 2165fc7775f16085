//! Formats of the registry: which one a file or folder is, a look at it, reading it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::archive::{self, Packing};
use super::delimited::Dialect;
use super::error::{FormatError, visible};
use super::gather::Gathering;
use super::intake::InputFile;
use super::json::Node;
use super::load::LoadOptions;
use super::magic::{FileKind, refuse_document_type};
use super::matrix;
use super::notes::Notes;
use super::registry::{Evidence, FORMATS, Format, Look, format_of};
use super::schema::{Detected, Inspection, Layout, Overrides, PreviewRow};
use super::several::{self, TABLES, Together};
use super::text::Encoding;
use crate::dataset::{Dataset, Missing};
use crate::progress::Progress;

/// Most files of a folder that are looked at.
const MAX_LISTING: usize = 100_000;

/// Most files of a folder that are each looked into.
const MAX_TRIED: usize = 64;

/// What was found at a path, other than a table or an array.
pub(super) enum Found {
    /// Files of a registry format.
    Format(&'static Format, Evidence),
    /// Several tables in a folder.
    Tables(Vec<InputFile>),
}

/// The format of `path`, or `None` if it is a table or an array. `wanted` is an identifier of the registry, or
/// `table`.
pub(super) fn detect(path: &Path, wanted: Option<&str>) -> Result<Option<Found>, FormatError> {
    let forced = match wanted {
        None => None,
        Some("table") if path.is_dir() => None,
        Some("table") => return Ok(None),
        Some(TABLES) => None,
        Some(id) => Some(format_of(id).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|f| f.id).collect();
            let what = format!("no format is called “{}”", visible(id));
            FormatError::of(path, what, format!("formats are table, {}", known.join(", ")))
        })?),
    };
    let look = look_at(path)?;
    refuse_document_type(path, &look.text)?;
    if let Some(format) = forced {
        let evidence = (format.detect)(&look);
        if let (None, Some(_), true) = (&evidence, &look.listing, look.head.is_empty())
            && let Some(Found::Format(found, files)) = documents_of(&look)?
            && found.id == format.id
        {
            return Ok(Some(Found::Format(found, files)));
        }
        let evidence = evidence.or_else(|| Evidence::file(&look, "you said so"));
        return Ok(evidence.map(|e| Found::Format(format, e)));
    }
    let found = FORMATS.iter().find_map(|f| (f.detect)(&look).map(|e| Found::Format(f, e)));
    if found.is_none() {
        refuse_descriptions(&look)?;
    }
    if let (None, Some(listing)) = (&found, &look.listing)
        && !super::columnar::is_folder(listing)
    {
        if look.head.is_empty()
            && let Some(found) = documents_of(&look)?
        {
            return Ok(Some(found));
        }
        let tables: Vec<PathBuf> = [".csv", ".tsv", ".txt", ".npy"]
            .iter()
            .flat_map(|end| look.ending(end))
            .map(|name| look.input(name, None).path)
            .collect();
        if !tables.is_empty() {
            return Ok(Some(Found::Tables(several::inputs(&tables))));
        }
        let holds = listing.iter().take(5).map(|name| visible(name)).collect::<Vec<_>>().join(", ");
        let (what, remedy) = if look.head.is_empty() {
            (
                "nothing in this folder was recognised as annotations".to_owned(),
                "name the file that holds the labels",
            )
        } else {
            (
                format!("nothing in this zip archive was recognised as annotations; it holds {holds}"),
                "unpack it and open the file that holds the labels",
            )
        };
        return Err(FormatError::of(path, what, remedy));
    }
    Ok(found)
}

/// Refuses records that only tell of data: as a table they would make numbers that mean nothing.
fn refuse_descriptions(look: &Look<'_>) -> Result<(), FormatError> {
    let Some(first) = look.first() else { return Ok(()) };
    let has = |names: &[&str]| names.iter().all(|name| first.get(name).is_some());
    let (what, remedy) = if has(&["log_id", "kind", "prev", "hash"]) {
        ("this is a correction log, which holds decisions on a data set", "open what was reviewed")
    } else if has(&["features", "license"]) && first.get("features").is_some_and(Node::is_object) {
        ("this describes a folder of the datasets library and holds no rows", "open the folder")
    } else {
        return Ok(());
    };
    Err(FormatError::of(look.path, what, remedy))
}

/// The files of a folder that are of one registry format, where no other file could be a table: readmes, licences and
/// the like say nothing.
fn documents_of(look: &Look<'_>) -> Result<Option<Found>, FormatError> {
    let listing = look.listing.as_deref().unwrap_or_default();
    if listing.len() > MAX_TRIED || listing.iter().any(|name| name.contains('/')) {
        return Ok(None);
    }
    let (mut paths, mut known): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    for name in listing.iter().filter(|name| !name.starts_with('.')) {
        let path = look.path.join(name);
        // What cannot be looked at is not of the format either.
        if let Ok(Some(Found::Format(_, evidence))) = detect(&path, None) {
            known.extend(evidence.files.into_iter().map(|f| f.path));
            paths.push(path);
        }
    }
    let could = |path: &PathBuf| {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        ["csv", "tsv", "txt", "npy", "parquet", "xlsx"].iter().any(|e| ending.eq_ignore_ascii_case(e))
    };
    let left = listing.iter().map(|name| look.path.join(name)).any(|p| could(&p) && !known.contains(&p));
    match paths.as_slice() {
        [] => Ok(None),
        _ if left => Ok(None),
        [one] => detect(one, None),
        // Sets that lie beside each other are not one: only what is called train, dev, test of the same is.
        [first, rest @ ..] if rest.iter().any(|p| without_split(p) != without_split(first)) => Ok(None),
        _ => Ok(match several::together(&paths, None) {
            Ok(Together::Format(format, evidence)) => Some(Found::Format(format, evidence)),
            _ => None,
        }),
    }
}

/// A file's name in lower case, without what says which split it is.
fn without_split(path: &Path) -> String {
    const SPLITS: [&str; 7] = ["train", "dev", "test", "val", "valid", "validation", "trial"];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let words = name.split(['_', '-', '.', ' ']).filter(|word| !SPLITS.contains(word));
    words.collect::<Vec<_>>().join("_")
}

fn look_at(path: &Path) -> Result<Look<'_>, FormatError> {
    let folder = std::fs::metadata(path).is_ok_and(|m| m.is_dir());
    if folder {
        let mut listing = Vec::new();
        list(path, "", 0, &mut listing).map_err(|e| FormatError::io(path, "read", &e))?;
        listing.sort();
        return Ok(Look {
            path,
            listing: Some(listing),
            head: Vec::new(),
            text: String::new(),
            record: None,
        });
    }
    let opened = archive::open(path)?;
    let mut head = Vec::new();
    opened
        .reader
        .take(Look::HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|e| FormatError::io(path, "read", &e))?;
    let mut look = Look::of_head(path, head);
    // What is still packed is several files: a folder, unless it is a workbook or the like.
    if opened.packing.is_none() && Packing::of_head(&look.head) == Some(Packing::Zip) {
        look.listing = archive::listing(path)?;
    }
    Ok(look)
}

/// Regular files below a folder, not through links, at most six folders deep.
fn list(folder: &Path, prefix: &str, depth: usize, out: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        // Logs of reviews stand beside what was reviewed; files being written begin so.
        if name.ends_with(".corrections.jsonl") || name.starts_with(".dissensus-") {
            continue;
        }
        let full = format!("{prefix}{name}");
        if kind.is_dir() && depth < 6 {
            list(&entry.path(), &format!("{full}/"), depth + 1, out)?;
        } else if kind.is_file() && out.len() < MAX_LISTING {
            out.push(full);
        }
    }
    Ok(())
}

/// Looks at one file or folder, or at several files as one source: what [`super::inspect`] does first. `None` if
/// it is one table or array.
pub(super) fn inspect(
    paths: &[PathBuf],
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Option<Inspection>, FormatError> {
    let Some(path) = paths.first() else { return Ok(None) };
    let mut inspection = match found(paths, overrides.format.as_deref())? {
        None => return Ok(None),
        Some(Found::Tables(files)) => several::inspect_tables(path, &files, overrides, progress)?,
        Some(Found::Format(format, mut evidence)) => {
            let encoding = super::encoding::chosen(path, overrides.encoding.as_deref())?;
            evidence.files.iter_mut().for_each(|file| file.encoding = encoding);
            inspect_format(path, format, &evidence, overrides, progress)?
        }
    };
    inspection.more = paths[1..].to_vec();
    Ok(Some(inspection))
}

fn found(paths: &[PathBuf], wanted: Option<&str>) -> Result<Option<Found>, FormatError> {
    match paths {
        [] => Ok(None),
        [one] => detect(one, wanted),
        _ => Ok(Some(match several::together(paths, wanted)? {
            Together::Format(format, evidence) => Found::Format(format, evidence),
            Together::Tables(files) => Found::Tables(files),
        })),
    }
}

/// The files of the source of `dataset`, as its reader got them.
pub(super) fn files_of(dataset: &Dataset) -> Result<Vec<InputFile>, FormatError> {
    let source = &dataset.source;
    let mut paths = vec![source.table.path.clone()];
    paths.extend(source.more.iter().cloned());
    match found(&paths, Some(&source.format))? {
        Some(Found::Format(_, evidence)) => Ok(evidence.files),
        Some(Found::Tables(files)) => Ok(files),
        None => Ok(Vec::new()),
    }
}

/// Reads everything once and says what it is.
fn inspect_format(
    path: &Path,
    format: &'static Format,
    evidence: &Evidence,
    overrides: &Overrides,
    progress: &Progress,
) -> Result<Inspection, FormatError> {
    let mut gathering = Gathering::new(path);
    (format.read)(&evidence.files, &mut gathering, progress)?;
    let options =
        LoadOptions { question: overrides.question.clone().unwrap_or_default(), ..LoadOptions::default() };
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
        more: Vec::new(),
        alike: super::alike::groups(dataset.labels.names().iter().map(String::as_str)),
        preview: preview(&dataset),
        rows: dataset.n_items() as u64,
        missing: Missing::ALL.into_iter().map(|why| (why, count(why))).filter(|&(_, n)| n > 0).collect(),
        questions: dataset.questions,
        question: dataset.question,
        dialect: Dialect {
            encoding: evidence.files.first().and_then(|f| f.encoding).unwrap_or_default(),
            ..Dialect::default()
        },
        columns: Vec::new(),
        layout: Ok(Layout::Document),
        layout_reason: format!("What is asked: {}", dataset.task.words()),
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
    let mut paths = vec![path.to_owned()];
    paths.extend(inspection.more.iter().cloned());
    let encoding = inspection.dialect.encoding;
    let (format, gathering) = match found(&paths, Some(&inspection.detected.format))? {
        None => {
            return Err(FormatError::of(path, "the file changed since it was looked at", "open it again"));
        }
        Some(Found::Format(format, mut evidence)) => {
            if matches!(encoding, Encoding::Named(_)) {
                evidence.files.iter_mut().for_each(|file| file.encoding = Some(encoding));
            }
            let mut gathering = Gathering::new(path);
            (format.read)(&evidence.files, &mut gathering, progress)?;
            (format.id, gathering)
        }
        Some(Found::Tables(files)) => {
            // Roles are by name, so that tables whose columns stand in another order are read alike.
            let chosen = inspection.columns.iter().filter(|c| c.chosen);
            let roles = chosen.map(|c| (c.name.clone(), c.role.clone())).collect();
            let chosen = Some(encoding.label().to_owned()).filter(|label| !label.is_empty());
            let overrides = Overrides { roles, encoding: chosen, ..Overrides::default() };
            (TABLES, several::load_tables(path, &files, &overrides, options, progress)?)
        }
    };
    let mut options = options.clone();
    if let (true, Some(question)) =
        (options.question.is_empty(), inspection.questions.get(inspection.question))
    {
        options.question.clone_from(&question.name);
    }
    let mut notes = Notes::new(path);
    let matrix = match &options.probabilities {
        Some(probabilities) => {
            Some(matrix::read(probabilities, None, options.undigested, &mut notes, progress)?)
        }
        None => None,
    };
    let mut dataset = gathering.finish(format, &options, matrix.as_ref())?;
    dataset.source.more.clone_from(&inspection.more);
    dataset.source.roles = inspection.columns.iter().map(|c| (c.name.clone(), c.role.clone())).collect();
    encoding.label().clone_into(&mut dataset.source.encoding);
    if let Some(matrix) = matrix {
        matrix.attach(&mut dataset, true, &options, &mut notes, progress)?;
    }
    dataset.warnings.extend(notes.into_warnings());
    Ok(dataset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_of_one_set_are_called_alike() {
        let same = |a: &str, b: &str| without_split(Path::new(a)) == without_split(Path::new(b));
        assert!(same("x/dev.tsv", "x/test.tsv") && same("Set_train.json", "Set-Dev.json"));
        assert!(!same("set_350.json", "set_990.json") && !same("a_train.json", "b_train.json"));
    }
}
