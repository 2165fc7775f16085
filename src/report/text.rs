//! The outline for a terminal: aligned columns, no colour, nothing that a terminal would obey.

use std::fmt::Write;

use super::{Block, Outline};

/// Longest a cell may be before it is cut, in characters.
const CELL: usize = 48;

/// Paints `outline`. Control characters and direction marks in names become `�`.
pub fn text(outline: &Outline) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", harmless(&outline.title));
    for section in &outline.sections {
        let _ = writeln!(out, "\n{}", section.title.to_uppercase());
        for block in &section.blocks {
            match block {
                Block::Note(note) => wrap(&mut out, &harmless(note)),
                Block::Table { caption, header, numeric, rows } => {
                    if !caption.is_empty() {
                        let _ = writeln!(out, "\n  {caption}");
                    }
                    table(&mut out, header, numeric, rows);
                }
            }
        }
    }
    out
}

fn table(out: &mut String, header: &[String], numeric: &[bool], rows: &[Vec<String>]) {
    let last = header.len().saturating_sub(1);
    let cells = |row: &[String]| -> Vec<String> {
        let cut = |(column, cell): (usize, &String)| {
            // The last column may run on: nothing stands to its right.
            let cell = harmless(cell);
            if column < last && cell.chars().count() > CELL {
                cell.chars().take(CELL - 1).chain(['…']).collect()
            } else {
                cell
            }
        };
        row.iter().enumerate().map(cut).collect()
    };
    let mut lines: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
    if header.iter().any(|h| !h.is_empty()) {
        lines.insert(0, cells(header));
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    for line in &lines {
        let mut painted = String::from(" ");
        for ((cell, &width), &numeric) in line.iter().zip(&widths).zip(numeric) {
            let pad = " ".repeat(width - cell.chars().count());
            let _ = if numeric { write!(painted, " {pad}{cell} ") } else { write!(painted, " {cell}{pad} ") };
        }
        out.push_str(painted.trim_end());
        out.push('\n');
    }
}

/// Breaks a note at spaces so that lines stay within 100 characters.
fn wrap(out: &mut String, note: &str) {
    let mut line = String::from(" ");
    for word in note.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > 100 && line.len() > 1 {
            let _ = writeln!(out, "{line}");
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

/// Without what moves a cursor, clears a screen or turns the direction of writing.
fn harmless(text: &str) -> String {
    let obeyed = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Section;

    #[test]
    fn columns_line_up_and_numbers_to_the_right() {
        let outline = Outline {
            title: "t".into(),
            sections: vec![Section {
                title: "Part".into(),
                blocks: vec![Block::Table {
                    caption: String::new(),
                    header: vec!["label".into(), "n".into()],
                    numeric: vec![false, true],
                    rows: vec![vec!["é\u{1b}[2J".into(), "7".into()], vec!["b".into(), "1,000".into()]],
                }],
            }],
        };
        assert_eq!(text(&outline), "t\n\nPART\n  label      n\n  é\u{fffd}[2J      7\n  b      1,000\n");
    }

    #[test]
    fn notes_are_wrapped() {
        let mut out = String::new();
        wrap(&mut out, &"word ".repeat(40));
        assert!(out.lines().count() > 1 && out.lines().all(|line| line.chars().count() <= 100), "{out}");
    }
}
