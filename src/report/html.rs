//! The outline as a page that stands alone: no script, nothing from the network, light or dark as the reader's system.

use std::fmt::Write;

use super::{Block, Outline};

pub(super) const STYLE: &str = "\
:root { color-scheme: light dark; --text: #1c1e21; --weak: #5f6670; --line: #d9dce1; --page: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e6ea; --weak: #9aa1ab; --line: #33373d; --page: #16181b; }
}
body { font: 14px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--weak); padding-bottom: .25rem; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--weak); }
.n { text-align: right; }
p { max-width: 48rem; }
";

/// Paints `outline`; names are escaped, so that none of them becomes markup.
pub fn html(outline: &Outline) -> String {
    let title = escaped(&outline.title);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{title}</h1>\n"
    );
    for section in &outline.sections {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&section.title));
        for block in &section.blocks {
            match block {
                Block::Note(note) => {
                    let _ = writeln!(out, "<p dir=\"auto\">{}</p>", escaped(note));
                }
                Block::Table { caption, header, numeric, rows } => {
                    table(&mut out, caption, header, numeric, rows);
                }
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

pub(super) fn table(
    out: &mut String,
    caption: &str,
    header: &[String],
    numeric: &[bool],
    rows: &[Vec<String>],
) {
    out.push_str("<div class=\"scroll\"><table>\n");
    if !caption.is_empty() {
        let _ = writeln!(out, "<caption>{}</caption>", escaped(caption));
    }
    let mut line = |tag: &str, cells: &[String]| {
        out.push_str("<tr>");
        for (cell, &numeric) in cells.iter().zip(numeric) {
            let class = if numeric { " class=\"n\"" } else { " dir=\"auto\"" };
            let _ = write!(out, "<{tag}{class}>{}</{tag}>", escaped(cell));
        }
        out.push_str("</tr>\n");
    };
    if header.iter().any(|h| !h.is_empty()) {
        line("th", header);
    }
    rows.iter().for_each(|row| line("td", row));
    out.push_str("</table></div>\n");
}

/// Text that cannot become markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
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
        assert_eq!(escaped("<script>\"&'\u{7}"), "&lt;script&gt;&quot;&amp;&#39; ");
    }
}
