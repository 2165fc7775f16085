//! The label as one page that stands alone: no script, nothing from the network, made to be read and to be printed.

use std::fmt::Write;

use super::{NutritionLabel, nutrition_outline, svg};
use crate::report::html::{STYLE, escaped, table};
use crate::report::{Block, Section};

const OWN: &str = "\
.label { border: 2px solid var(--text); padding: 1rem 1.5rem; }
.label h1 { border-bottom: 8px solid var(--text); padding-bottom: .4rem; margin-top: .2rem; }
.label section { border-top: 1px solid var(--text); } .label section h2 { margin-top: .8rem; }
.label section:first-of-type { border-top: 0; }
figure { display: inline-block; margin: .5rem 1.5rem .5rem 0; vertical-align: top; } figcaption { color: var(--weak); max-width: 26rem; }
.bar { fill: #0072b2; } .margin { fill: var(--weak); } .frame, .axis { stroke: var(--line); }
@media (prefers-color-scheme: dark) { .bar { fill: #56b4e9; } }
svg text { font: 11px system-ui, sans-serif; fill: var(--text); }
td { overflow-wrap: anywhere; }
footer { color: var(--weak); margin-top: 1rem; }
@media print {
  :root { --text: #000000; --weak: #444444; --line: #bbbbbb; --page: #ffffff; }
  body { margin: 0; max-width: none; font-size: 11px; } .scroll { overflow: visible; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  .bar, .margin { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
";

/// Paints the label; whatever comes from the data is escaped.
pub fn nutrition_html(label: &NutritionLabel<'_>) -> String {
    let outline = nutrition_outline(label);
    let title = escaped(&outline.title);
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{OWN}</style>\n</head>\n<body>\n<main class=\"label\">\n\
         <h1 dir=\"auto\">{title}</h1>\n"
    );
    for section in &outline.sections {
        section_html(&mut out, label, section);
    }
    let made = concat!("Made with dissensus ", env!("CARGO_PKG_VERSION"));
    let _ = write!(out, "</main>\n<footer>{made}</footer>\n</body>\n</html>\n");
    out
}

fn section_html(out: &mut String, label: &NutritionLabel<'_>, section: &Section) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&section.title));
    for block in &section.blocks {
        match block {
            Block::Note(note) => {
                let _ = writeln!(out, "<p dir=\"auto\">{}</p>", escaped(note));
            }
            Block::Table { caption, header, numeric, rows } => table(out, caption, header, numeric, rows),
        }
    }
    if let Ok(columns) = label.columns {
        let mut figure = |svg: String, words: &str| {
            if !svg.is_empty() {
                let words = escaped(words);
                let _ = writeln!(out, "<figure>{svg}<figcaption dir=\"auto\">{words}</figcaption></figure>");
            }
        };
        match section.title.as_str() {
            "Statistics" => columns.columns.iter().for_each(|c| figure(svg::bars(c), &c.name)),
            "Pair plots" => {
                for p in &columns.pairs {
                    let name = |c: usize| columns.columns.get(c).map_or("", |c| c.name.as_str());
                    let words = format!(
                        "{} across, {} up. A darker cell holds more rows; the bars are the margins",
                        name(p.x),
                        name(p.y)
                    );
                    figure(svg::pair(columns, p), &words);
                }
            }
            _ => {}
        }
    }
    out.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::super::{About, Field, nutrition_json};
    use super::*;
    use crate::analysis::nutrition::{ColumnsAsked, annotation, columns};
    use crate::analysis::{Settings, run};
    use crate::dataset::Edits;
    use crate::formats::{LoadOptions, Overrides, open};
    use crate::progress::Progress;
    use crate::report::{ReviewSummary, markdown};

    const HOSTILE: &str = "<script>alert(1)</script>";

    /// The label of a table whose every text is hostile.
    fn hostile(paint: impl Fn(&NutritionLabel<'_>) -> String) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let mut text = format!("item,rater,label,{HOSTILE},n\n");
        for i in 0..6 {
            text.push_str(&format!("i{i},r1,{HOSTILE}{},\"\"\"><img src=x onerror=a>\",{i}\n", i % 2));
            text.push_str(&format!("i{i},r2,ok,b,{i}\n"));
        }
        std::fs::write(&path, text).unwrap();
        let progress = Progress::new();
        let dataset = open(&path, &Overrides::default(), &LoadOptions::default(), &progress).unwrap();
        let analysis = run(&dataset, &Edits::new(), &Settings::default(), None, &progress).unwrap();
        let pairs = vec![(HOSTILE.to_owned(), "label".to_owned())];
        let found = columns(&dataset, &ColumnsAsked { pairs, ..ColumnsAsked::default() }, &progress)
            .unwrap()
            .unwrap();
        let part = annotation(&dataset, &analysis, &progress).unwrap();
        let mut about = About::default();
        *about.get_mut(Field::Licence) = HOSTILE.to_owned();
        paint(&NutritionLabel {
            dataset: &dataset,
            about: &about,
            columns: Ok(&found),
            annotation: &part,
            review: ReviewSummary::default(),
        })
    }

    #[test]
    fn nothing_of_the_data_becomes_markup() {
        let page = hostile(nutrition_html);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        // A bar chart of each column with few values, and the pair.
        assert_eq!(page.matches("class=\"pair\"").count(), 1);
        assert!(page.matches("class=\"bars\"").count() >= 4);
        let words = hostile(|label| markdown(&nutrition_outline(label)));
        assert!(!words.contains("<script"), "{words}");
    }

    #[test]
    fn the_same_label_is_told_to_programs() {
        let json = hostile(|label| nutrition_json(label).to_string());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["metadata"]["licence"], HOSTILE);
        assert_eq!(
            (&json["metadata"]["url"], &json["metadata"]["rows"]),
            (&serde_json::Value::Null, &12.into())
        );
        assert_eq!(json["statistics"][4]["numbers"]["mean"], 2.5);
        assert_eq!(json["pairs"][0]["x"], HOSTILE);
        let sum = |key: &str| {
            json["pairs"][0][key]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(serde_json::Value::as_u64)
                .sum::<u64>()
        };
        assert_eq!((sum("x_margin"), sum("y_margin")), (12, 12));
        assert_eq!(json["annotation"]["votes_per_item"]["median"], 2.0);
        assert_eq!(json["balance"]["labels_are"], "majority vote");
    }
}
