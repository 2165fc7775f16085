//! The outline as Markdown (GitHub's tables).

use std::fmt::Write;

use super::{Block, Outline};

/// Paints `outline`; names are escaped, so that none of them becomes markup.
pub fn markdown(outline: &Outline) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}", escaped(&outline.title));
    for section in &outline.sections {
        let _ = writeln!(out, "\n## {}", escaped(&section.title));
        for block in &section.blocks {
            match block {
                Block::Note(note) => {
                    let _ = writeln!(out, "\n{}", escaped(note));
                }
                Block::Table { caption, header, numeric, rows } => {
                    if !caption.is_empty() {
                        let _ = write!(out, "\n**{}**\n", escaped(caption));
                    }
                    out.push('\n');
                    line(&mut out, header);
                    let rule: Vec<&str> = numeric.iter().map(|&n| if n { "---:" } else { "---" }).collect();
                    let _ = writeln!(out, "| {} |", rule.join(" | "));
                    rows.iter().for_each(|row| line(&mut out, row));
                }
            }
        }
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_markup() {
        assert_eq!(escaped("a|b\n<i>*x*"), "a\\|b &lt;i&gt;\\*x\\*");
    }
}
