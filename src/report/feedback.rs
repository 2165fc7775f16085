//! Feedback sheets as files: one rater's labels, what became of them, and the items to look at again.

use std::path::{Path, PathBuf};

use super::{Block, Outline, Section, html, markdown, write_beside};
use crate::dataset::{Dataset, Edits, LabelId, Outcome};
use crate::review::feedback::{Fate, Line, Sheet};
use crate::review::place::reviewer_file_name;

/// Characters of a text that a sheet shows.
const LONGEST: usize = 600;

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// Markdown.
    Markdown,
    /// A page that stands alone.
    Html,
}

impl SheetFormat {
    /// By the end of the file's name.
    pub fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_string_lossy().to_lowercase();
        match end.as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

/// What a rater is called in a sheet: by name, or `R` and the number in the data's order, from 1.
pub fn called(dataset: &Dataset, rater: u32, pseudonymise: bool) -> String {
    match dataset.raters.names.get(rater as usize) {
        Some(name) if !pseudonymise => name.clone(),
        _ => format!("R{}", rater + 1),
    }
}

/// A sheet in words. `edits` are the decisions that it was made of.
pub fn outline(dataset: &Dataset, edits: &Edits, sheet: &Sheet, pseudonymise: bool) -> Outline {
    let name = |label: LabelId| dataset.labels.name(label).to_owned();
    let who = called(dataset, sheet.rater, pseudonymise);
    let n = |fate| sheet.n(fate);
    let (confirmed, reversed, apart) = (n(Fate::Confirmed), n(Fate::Reversed), n(Fate::Apart));
    let mut about = vec![Block::Note(format!(
        "Of your {} in {}, {} on items that were decided since: {confirmed} confirmed, {reversed} reversed, and {apart} neither.",
        count(sheet.n_votes, "label", "labels"),
        dataset.name,
        if sheet.lines.len() == 1 { "1 is".to_owned() } else { format!("{} are", sheet.lines.len()) },
    ))];
    if let Some(e) = sheet.reversed.estimate() {
        let interval = e.ci.map_or_else(String::new, |(low, high)| {
            format!(" (95 % interval {:.0} % to {:.0} %)", 100.0 * low, 100.0 * high)
        });
        about.push(Block::Note(format!(
            "Reversed: {:.0} % of {}{interval}. Items are mostly decided because they were under suspicion, so this says nothing \
             about your other labels.",
            100.0 * e.value,
            count(e.n_items, "label", "labels"),
        )));
    }
    let mut sections = vec![Section { title: "In short".to_owned(), blocks: about }];
    if !sheet.pairs.is_empty() {
        let rows = sheet
            .pairs
            .iter()
            .map(|&(from, to, n)| vec![name(from), to.map_or_else(|| NONE.to_owned(), name), n.to_string()])
            .collect();
        sections.push(Section {
            title: "Which label became which".to_owned(),
            blocks: vec![table("", &["Your label", "Decided", "Items"], &[false, false, true], rows)],
        });
    }
    for (fate, title, words) in [
        (Fate::Reversed, "Reversed", "Another label was decided, or none of the labels."),
        (
            Fate::Apart,
            "Neither confirmed nor reversed",
            "Several labels are right, it is still open, or the item was taken out. None of these counts against your label.",
        ),
    ] {
        let rows: Vec<Vec<String>> =
            sheet.lines.iter().filter(|l| l.fate == fate).map(|l| row(dataset, edits, l)).collect();
        if !rows.is_empty() {
            let header = ["Item", "Text", "Your label", "Decided", "Why", "Note"];
            sections.push(Section {
                title: format!("{title} ({})", rows.len()),
                blocks: vec![Block::Note(words.to_owned()), table("", &header, &[false; 6], rows)],
            });
        }
    }
    let rows: Vec<Vec<String>> = sheet
        .by_label(Fate::Confirmed)
        .into_iter()
        .map(|(label, n)| vec![name(label), n.to_string()])
        .collect();
    if !rows.is_empty() {
        sections.push(Section {
            title: format!("Confirmed ({confirmed})"),
            blocks: vec![table("", &["Label", "Items"], &[false, true], rows)],
        });
    }
    Outline { title: format!("Feedback for {who}"), sections }
}

const NONE: &str = "none of the labels";

fn row(dataset: &Dataset, edits: &Edits, line: &Line) -> Vec<String> {
    let i = line.item as usize;
    let edit = edits.get(i);
    let name = |label: LabelId| dataset.labels.name(label).to_owned();
    let decided = match edit.map(|e| &e.outcome) {
        Some(Outcome::Kept(l) | Outcome::Changed(l)) => name(*l),
        Some(Outcome::Several(labels)) => labels.iter().map(|&l| name(l)).collect::<Vec<_>>().join(" + "),
        Some(Outcome::Soft(shares)) => {
            let parts = shares.iter().map(|(l, p)| format!("{} {:.0} %", name(l), p * 100.0));
            parts.collect::<Vec<_>>().join(", ")
        }
        Some(Outcome::NoneOfLabels) => NONE.to_owned(),
        Some(Outcome::Unsure) => "still open".to_owned(),
        Some(Outcome::Excluded) => "taken out".to_owned(),
        None => String::new(),
    };
    let text = dataset.texts.as_ref().map_or("", |t| t.get(i));
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let why = edit.and_then(|e| e.reason.as_deref()).map_or_else(String::new, |code| code.replace('_', " "));
    let note = edit.map_or_else(String::new, |e| e.note.clone());
    vec![dataset.keys.get(i).to_owned(), shown, name(line.own), decided, why, note]
}

fn table(caption: &str, header: &[&str], numeric: &[bool], rows: Vec<Vec<String>>) -> Block {
    Block::Table {
        caption: caption.to_owned(),
        header: header.iter().map(|&h| h.to_owned()).collect(),
        numeric: numeric.to_vec(),
        rows,
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Writes one sheet to the file at `out`.
///
/// # Errors
/// Where the file would replace the source, and what the disk says.
pub fn write_sheet(
    dataset: &Dataset,
    edits: &Edits,
    sheet: &Sheet,
    pseudonymise: bool,
    (out, format): (&Path, SheetFormat),
) -> anyhow::Result<()> {
    let outline = outline(dataset, edits, sheet, pseudonymise);
    let words = match format {
        SheetFormat::Markdown => markdown::markdown(&outline),
        SheetFormat::Html => html::html(&outline),
    };
    write_beside(&dataset.source, out, |to| Ok(to.write_all(words.as_bytes())?))
}

/// Writes every sheet into `folder`, as Markdown and as a page, and says which files there are. The folder is made where
/// there is none.
///
/// # Errors
/// What the disk says.
pub fn write_sheets(
    dataset: &Dataset,
    edits: &Edits,
    sheets: &[Sheet],
    pseudonymise: bool,
    folder: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    use anyhow::Context as _;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut files = Vec::new();
    for sheet in sheets {
        // No two raters share a file: a name that had to change has a mark of its own.
        let stem = reviewer_file_name(&called(dataset, sheet.rater, pseudonymise));
        for (end, format) in [("md", SheetFormat::Markdown), ("html", SheetFormat::Html)] {
            let out = folder.join(format!("feedback.{stem}.{end}"));
            write_sheet(dataset, edits, sheet, pseudonymise, (&out, format))?;
            files.push(out);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, Edit, LabelSet, Raters, TextColumn};
    use crate::progress::Progress;
    use crate::review::feedback::feedback;

    fn sample() -> (Dataset, Edits) {
        let mut b = AnnotationsBuilder::new();
        for (item, label) in [(0, 0), (1, 0), (2, 1)] {
            b.push(item, 0, label, None);
        }
        let dataset = Dataset {
            name: "d.csv".into(),
            keys: ["t0", "t1", "t2"].iter().collect::<TextColumn>(),
            texts: Some(["fine", "<script>alert(1)</script> | \"x\" & 'y'", "so"].iter().collect()),
            labels: LabelSet::new(&["a", "<b>"].map(str::to_owned), []),
            raters: Raters { names: vec!["Ann <i>".into()], ..Raters::default() },
            annotations: b.finish(3, 1),
            ..Dataset::default()
        };
        let mut edits = Edits::new();
        edits.set(0, Edit::new(Outcome::Kept(0), "r"));
        let changed = Edit {
            reason: Some("annotator_error".into()),
            note: "see <page 3>".into(),
            ..Edit::new(Outcome::Changed(1), "r")
        };
        edits.set(1, changed);
        edits.set(2, Edit::new(Outcome::Unsure, "r"));
        (dataset, edits)
    }

    #[test]
    fn a_sheet_says_what_became_of_each_label_and_nothing_in_it_is_markup() {
        let (dataset, edits) = sample();
        let sheets = feedback(&dataset, &edits, &Progress::new()).unwrap().unwrap();
        let page = html::html(&outline(&dataset, &edits, &sheets[0], false));
        assert!(page.contains("1 confirmed, 1 reversed, and 1 neither"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
        assert!(!page.contains("<script") && !page.contains("<i>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("default-src 'none'"), "nothing is loaded and nothing runs");
        assert!(page.contains("<td dir=\"auto\">annotator error</td>"), "{page}");
        let text = markdown::markdown(&outline(&dataset, &edits, &sheets[0], true));
        assert!(text.starts_with("# Feedback for R1\n") && !text.contains("Ann"), "{text}");
        assert!(text.contains("| t1 |") && text.contains("still open"), "{text}");
        assert_eq!(text.lines().filter(|l| l.starts_with("| t")).count(), 2);
    }

    #[test]
    fn files_of_a_folder_and_never_the_source() {
        let (mut dataset, edits) = sample();
        let folder = tempfile::tempdir().unwrap();
        let sheets = feedback(&dataset, &edits, &Progress::new()).unwrap().unwrap();
        let out = folder.path().join("back");
        let files = write_sheets(&dataset, &edits, &sheets, false, &out).unwrap();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|f| f.exists() && f.parent() == Some(out.as_path())));
        let source = folder.path().join("d.md");
        std::fs::write(&source, "item,label\n").unwrap();
        dataset.source.table.path.clone_from(&source);
        let to = (source.as_path(), SheetFormat::Markdown);
        assert!(write_sheet(&dataset, &edits, &sheets[0], false, to).is_err());
        assert_eq!(std::fs::read(&source).unwrap(), b"item,label\n");
    }
}
