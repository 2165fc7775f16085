//! GoEmotions (Demszky and others 2020), the filtered splits: a table without a header, labels as numbers whose names
//! stand in another file.

use std::ops::Range;
use std::path::Path;

use super::super::error::{FormatError, visible};
use super::super::gather::{Ask, Gathering, Value};
use super::super::intake::{InputFile, text_of};
use super::super::json::Patches;
use super::super::notes::{Place, Tally};
use super::super::registry::{Evidence, Format, Look, Product};
use super::super::write::WriteBack;
use crate::dataset::Task;
use crate::progress::Progress;

/// Text, comma-separated numbers, id.
pub(in super::super) static FORMAT: Format = Format {
    id: "goemotions",
    name: "GoEmotions split",
    reads: "texts with the numbers of their labels, named by emotions.txt or labels.txt beside",
    writes: "the numbers of the decided labels; every other byte stays",
    extensions: &["tsv"],
    detect,
    read,
    write: Some(write),
};

/// One line's cells and where the numbers stand.
struct Line<'t> {
    text: &'t str,
    numbers: &'t str,
    id: &'t str,
    at: Range<usize>,
    whole: Range<usize>,
}

fn is_numbers(cell: &str) -> bool {
    !cell.is_empty()
        && cell.split(',').all(|n| !n.is_empty() && n.len() <= 3 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The lines of a text; `Err` holds the place of one that has other cells.
fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, usize>> {
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(start..).filter(|r| !r.is_empty())?;
            let end = rest.find('\n').map_or(text.len(), |n| start + n + 1);
            let whole = start..end;
            start = end;
            let line = text[whole.clone()].trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                continue;
            }
            let cells: Vec<&str> = line.split('\t').collect();
            return Some(match cells.as_slice() {
                [text, numbers, id] if is_numbers(numbers) && !id.is_empty() => {
                    let at = whole.start + text.len() + 1;
                    Ok(Line { text, numbers, id, at: at..at + numbers.len(), whole })
                }
                _ => Err(whole.start),
            });
        }
    })
}

fn detect(look: &Look<'_>) -> Option<Evidence> {
    // The last line of the head may be cut.
    let whole = look.text.rfind('\n').map_or("", |n| &look.text[..=n]);
    let seen: Vec<Line<'_>> = lines(whole).take(50).collect::<Result<_, _>>().ok()?;
    let spoken = seen.iter().filter(|l| l.text.contains(' ')).count();
    let ids = seen.iter().all(|l| !l.id.contains(' ') && l.id.chars().any(char::is_alphabetic));
    if seen.is_empty() || spoken * 2 < seen.len() || !ids {
        return None;
    }
    let mut evidence = Evidence::file(look, "its lines are a text, numbers and an id, without a header")?;
    evidence.files.extend(names_beside(look.path));
    Some(evidence)
}

/// What the file of names is called.
const NAMES: [&str; 3] = ["emotions.txt", "labels.txt", "goemotions_emotions.txt"];

fn is_names(file: &InputFile) -> bool {
    file.path.file_name().is_some_and(|n| NAMES.iter().any(|known| n == *known))
}

fn names_beside(path: &Path) -> Option<InputFile> {
    NAMES.map(|n| path.with_file_name(n)).into_iter().find(|p| p.is_file()).map(|p| InputFile::alone(&p))
}

/// Names of labels, by number.
fn names_of(
    files: &[InputFile],
    progress: &Progress,
) -> Result<(Vec<String>, Option<super::Text>), FormatError> {
    let Some(file) = files.iter().find(|f| is_names(f)) else { return Ok((Vec::new(), None)) };
    let text = text_of(&file.path, progress)?;
    let names = text.text.trim_start_matches('\u{feff}').lines().map(|l| l.trim().to_owned()).collect();
    Ok((names, Some(text)))
}

fn read(files: &[InputFile], gathering: &mut Gathering, progress: &Progress) -> Result<(), FormatError> {
    let (names, named) = names_of(files, progress)?;
    let question = gathering.question("emotion", Task::MultiLabel);
    gathering.declare(question, &names.iter().filter(|n| !n.is_empty()).cloned().collect::<Vec<_>>());
    let mut tallies = [Tally::default(); 3];
    for file in files.iter().filter(|f| !is_names(f)) {
        read_split(file, &names, question, gathering, &mut tallies, progress)?;
    }
    gathering.files.extend(named.map(|t| t.file));
    let [odd, twice, unnamed] = tallies;
    let notes = &mut gathering.notes;
    notes.add("ragged_row", odd.place(None), odd.count, || {
        ("Lines that are not a text, numbers and an id were passed over".into(), "Mend them".into())
    });
    notes.add("duplicate_item", twice.place(None), twice.count, || {
        ("Lines with an id that came before were passed over".into(), "Make the ids unique".into())
    });
    notes.add("unnamed_label", unnamed.place(None), unnamed.count, || {
        ("Labels stay numbers".into(), "Put emotions.txt, one name a line, beside the file".into())
    });
    notes.add("aggregated", Place::FILE, 1, || {
        (
            "These labels are what at least two raters gave; who gave which is in the raw tables".into(),
            "Open goemotions_1.csv and its sisters to see raters".into(),
        )
    });
    Ok(())
}

/// One split.
fn read_split(
    file: &InputFile,
    names: &[String],
    question: Ask,
    gathering: &mut Gathering,
    [odd, twice, unnamed]: &mut [Tally; 3],
    progress: &Progress,
) -> Result<(), FormatError> {
    let text = text_of(&file.path, progress)?;
    for (n, line) in lines(&text.text).enumerate() {
        let number = n as u64 + 1;
        let Ok(line) = line else {
            odd.hit(number);
            continue;
        };
        if gathering.has_item(line.id) {
            twice.hit(number);
            continue;
        }
        let item = gathering.item(line.id)?;
        gathering.text(item, line.text)?;
        let mut labels = Vec::new();
        for number_of in line.numbers.split(',') {
            let name = number_of.parse::<usize>().ok().and_then(|i| names.get(i)).filter(|n| !n.is_empty());
            if name.is_none() {
                unnamed.hit(number);
            }
            labels.push(name.map_or(number_of, String::as_str).to_owned());
        }
        gathering.given(question, item, Value::Set(&labels))?;
        if n.is_multiple_of(4096) {
            progress.check()?;
        }
    }
    gathering.files.push(text.file);
    Ok(())
}

fn write(work: &WriteBack<'_>, progress: &Progress) -> Result<Product, FormatError> {
    let mut splits = work.files.iter().filter(|f| !is_names(f));
    let Some(file) = splits.next() else { return Ok(Product::File(Vec::new())) };
    super::one_file(file, splits.next())?;
    let (names, _) = names_of(&work.files, progress)?;
    let source = work.text(file, progress)?;
    let mut patches = Patches::default();
    let mut seen = std::collections::HashSet::new();
    for line in lines(&source.text).flatten() {
        let Some(decision) = work.decision(line.id).filter(|_| seen.insert(line.id)) else { continue };
        if decision.dropped {
            patches.replace(line.whole, "");
            continue;
        }
        let mut numbers = Vec::new();
        for label in &decision.labels {
            let number = names.iter().position(|n| n == label).or_else(|| label.parse().ok());
            let Some(number) = number else {
                let what = format!("“{}” has no number in this file", visible(label));
                return Err(FormatError::of(&file.path, what, "add it to the file of names"));
            };
            numbers.push(number);
        }
        numbers.sort_unstable();
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        if !numbers.is_empty() && numbers.join(",") != line.numbers {
            patches.replace(line.at, numbers.join(","));
        }
    }
    Ok(Product::File(source.encoded(patches.apply(&source.text).trim_start_matches('\u{feff}'))?))
}
