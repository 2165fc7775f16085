//! The label in words: sections of tables, for a terminal and for Markdown; the page of HTML adds pictures to them.

use super::{NOT_PROVIDED, NutritionLabel, date_of};
use crate::analysis::nutrition::{Column, ColumnsReport, Spread, Whose, measure_words};
use crate::formats::RowIs;
use crate::report::outline::count;
use crate::report::{Block, Outline, Section};
use crate::stats::nutrition::{FEW, Frequent, MANY, Measure};
use crate::stats::{Statistic, Undefined};

use super::about::Field;

/// Longest value that is shown, in characters.
const LONGEST: usize = 60;

/// The label as an outline.
pub fn nutrition_outline(label: &NutritionLabel<'_>) -> Outline {
    let mut sections = vec![metadata(label), provenance(label)];
    match label.columns {
        Ok(columns) => {
            sections.push(variables(label, columns));
            sections.push(statistics(columns));
            sections.push(pair_plots(columns));
            sections.push(dependence(columns));
        }
        Err(why) => {
            let note = format!("The columns could not be read: {why}");
            sections.push(Section { title: "Statistics".into(), blocks: vec![Block::Note(note)] });
        }
    }
    sections.push(truth(label));
    sections.push(annotation(label));
    sections.push(balance(label));
    Outline { title: format!("Dataset nutrition label: {}", label.title()), sections }
}

/// A value on one line, cut.
pub(crate) fn shown(value: &str) -> String {
    let mut out: String = value.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

/// A number as people write it: two digits after the point, up to four figures below 1, a real minus.
pub fn figure(x: f64) -> String {
    let size = x.abs();
    let words = if x == 0.0 {
        "0".to_owned()
    } else if x.fract() == 0.0 && size < 1e15 {
        format!("{x:.0}")
    } else if !(1e-4..1e15).contains(&size) {
        format!("{x:.3e}")
    } else if size >= 1.0 {
        format!("{x:.2}")
    } else {
        let digits = 3 - size.log10().floor() as i32;
        format!("{x:.*}", digits.clamp(2, 8) as usize).trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    words.replace('-', "−")
}

/// A share in percent; a dash for none.
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), |s| format!("{:.2} %", 100.0 * s))
}

/// The commonest or rarest value in words.
pub fn frequent(found: &Result<Frequent, Undefined>) -> String {
    match found {
        Ok(Frequent::One { value, n }) => format!("{} ({})", shown(value), count(*n)),
        Ok(Frequent::Several { .. }) => "multiple detected".to_owned(),
        Ok(Frequent::AllUnique) => "--".to_owned(),
        Err(why) => format!("— {why}"),
    }
}

/// How many different values there are, in words.
pub fn unique(column: &Column) -> String {
    match (column.stats.unique, column.stats.missing) {
        (Some(n), 0) => count(n),
        (Some(n), _) => format!("{} including missing", count(n)),
        (None, _) => format!("more than {}", count(column.stats.counted)),
    }
}

fn table(caption: &str, header: &[&str], numeric: &[bool], rows: Vec<Vec<String>>) -> Block {
    let header = header.iter().map(|&h| h.to_owned()).collect();
    Block::Table { caption: caption.to_owned(), header, numeric: numeric.to_vec(), rows }
}

fn pairs(caption: &str, rows: Vec<(String, String)>) -> Block {
    table(caption, &["", ""], &[false, false], rows.into_iter().map(|(a, b)| vec![a, b]).collect())
}

fn said(label: &NutritionLabel<'_>, field: Field) -> (String, String) {
    let text = label.about.get(field).trim();
    (field.name().to_owned(), if text.is_empty() { NOT_PROVIDED.to_owned() } else { text.to_owned() })
}

fn metadata(label: &NutritionLabel<'_>) -> Section {
    let mut rows: Vec<(String, String)> = vec![("File".to_owned(), label.file())];
    if let Ok(columns) = label.columns {
        rows.push(("Format".to_owned(), columns.format.to_owned()));
    }
    let moments = label.annotation.moments_s.map(|(from, to)| (date_of(from), date_of(to)));
    for field in Field::METADATA {
        let (name, mut text) = said(label, field);
        if let (Field::DateRange, NOT_PROVIDED, Some((Some(from), Some(to)))) =
            (field, text.as_str(), &moments)
        {
            text = format!("{NOT_PROVIDED}; annotations were given from {from} to {to}");
        }
        rows.push((name, text));
    }
    let mut blocks = Vec::new();
    if let Ok(columns) = label.columns {
        let of = match columns.row_is {
            RowIs::Row => "Rows",
            RowIs::Annotation => "Rows (annotations)",
            RowIs::Item => "Rows (items)",
        };
        rows.push((of.to_owned(), count(columns.rows)));
        rows.push(("Columns".to_owned(), count(columns.n_columns as u64)));
        rows.push(("Missing cells".to_owned(), percent(columns.missing_share())));
        if columns.row_is != RowIs::Row {
            let words = "The file has no columns of its own: these are those that its reader gives";
            blocks.push(Block::Note(words.to_owned()));
        }
    }
    if let Some(digest) = label.digest() {
        rows.push(("Digest".to_owned(), digest.to_owned()));
    }
    blocks.insert(0, pairs("", rows));
    Section { title: "Metadata".into(), blocks }
}

fn provenance(label: &NutritionLabel<'_>) -> Section {
    let rows = Field::PROVENANCE.into_iter().map(|f| said(label, f)).collect();
    Section { title: "Provenance".into(), blocks: vec![pairs("", rows)] }
}

fn variables(label: &NutritionLabel<'_>, columns: &ColumnsReport) -> Section {
    let row = |c: &Column| {
        let text = label.about.of_column(&c.name).trim();
        let role = c.role.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = if text.is_empty() { NOT_PROVIDED } else { text };
        vec![c.name.clone(), role, c.kind.name().to_owned(), text.to_owned()]
    };
    let rows = columns.columns.iter().map(row).collect();
    let mut blocks = vec![table("", &["name", "role", "kind", "description"], &[false; 4], rows)];
    if columns.n_columns > columns.columns.len() {
        let (n, all) = (columns.columns.len(), columns.n_columns);
        blocks.push(Block::Note(format!("Only the first {n} of {all} columns are read")));
    }
    Section { title: "Variables".into(), blocks }
}

fn statistics(columns: &ColumnsReport) -> Section {
    let words: Vec<Vec<String>> = columns
        .columns
        .iter()
        .filter(|c| !is_numbers(c))
        .map(|c| {
            vec![
                c.name.clone(),
                c.kind.name().to_owned(),
                count(c.stats.rows),
                unique(c),
                frequent(&c.stats.most),
                frequent(&c.stats.least),
                percent(c.stats.missing_share()),
            ]
        })
        .collect();
    let numbers: Vec<Vec<String>> = columns
        .columns
        .iter()
        .filter_map(|c| Some((c, c.stats.numbers.as_ref().ok().filter(|_| is_numbers(c))?)))
        .map(|(c, n)| {
            let median = if n.median.every > 1 { "≈ " } else { "" };
            vec![
                c.name.clone(),
                c.kind.name().to_owned(),
                count(c.stats.rows),
                figure(n.min),
                format!("{median}{}", figure(n.median.value)),
                figure(n.max),
                figure(n.mean),
                figure(n.sd),
                percent(c.stats.missing_share()),
                percent(c.stats.zeros_share()),
            ]
        })
        .collect();
    let mut blocks = Vec::new();
    if !words.is_empty() {
        let header = ["name", "kind", "count", "unique", "most frequent", "least frequent", "missing"];
        let numeric = [false, false, true, false, false, false, true];
        blocks.push(table("Ordinal and nominal", &header, &numeric, words));
    }
    if !numbers.is_empty() {
        let header = ["name", "kind", "count", "min", "median", "max", "mean", "SD", "missing", "zeros"];
        let numeric = [false, false, true, true, true, true, true, true, true, true];
        blocks.push(table("Continuous and discrete", &header, &numeric, numbers));
    }
    let mut notes = vec![
        "Count is rows, those with an empty cell among them; only the empty cell is missing. Mean, median and standard deviation \
         (of the population) are over cells that are not empty; missing and zeros are shares of all rows"
            .to_owned(),
    ];
    for c in &columns.columns {
        if let Ok(n) = &c.stats.numbers
            && is_numbers(c)
            && n.median.every > 1
        {
            notes.push(format!("{}: the median is that of every {}th number", c.name, n.median.every));
        }
    }
    blocks.extend(notes.into_iter().map(Block::Note));
    Section { title: "Statistics".into(), blocks }
}

/// Whether a column is told by its moments.
pub(crate) fn is_numbers(column: &Column) -> bool {
    column.kind.is_numeric() && column.stats.numbers.is_ok()
}

fn pair_plots(columns: &ColumnsReport) -> Section {
    let name = |c: usize| columns.columns.get(c).map_or(String::new(), |c| c.name.clone());
    let rows: Vec<Vec<String>> = columns
        .pairs
        .iter()
        .map(|p| {
            let d = &p.dependence;
            vec![name(p.x), name(p.y), count(d.n), d.measure.name().to_owned(), value(&d.value)]
        })
        .collect();
    let blocks = if rows.is_empty() {
        vec![Block::Note("No two columns can be shown together; name a pair".to_owned())]
    } else {
        let numeric = [false, false, true, false, true];
        vec![table("", &["across", "up", "rows", "measure", "value"], &numeric, rows)]
    };
    Section { title: "Pair plots".into(), blocks }
}

fn value(value: &Result<f64, Undefined>) -> String {
    match value {
        Ok(v) => format!("{v:.3}").replace('-', "−"),
        Err(why) => format!("— {why}"),
    }
}

fn dependence(columns: &ColumnsReport) -> Section {
    let name = |c: usize| columns.columns.get(c).map_or("", |c| c.name.as_str());
    let names: Vec<&str> = columns.dependent.iter().map(|&c| name(c)).collect();
    let cell = |x: usize, y: usize| {
        let (a, b) = (x.min(y), x.max(y));
        match columns.dependence.iter().find(|d| (d.x, d.y) == (a, b)) {
            Some(p) => p
                .dependence
                .value
                .as_ref()
                .map_or_else(|_| "—".to_owned(), |v| format!("{v:.2}").replace('-', "−")),
            None => String::new(),
        }
    };
    let mut blocks = Vec::new();
    if columns.dependent.len() > 1 {
        let header: Vec<&str> = std::iter::once("").chain(names.iter().copied()).collect();
        let numeric: Vec<bool> = (0..header.len()).map(|i| i > 0).collect();
        let rows = columns
            .dependent
            .iter()
            .map(|&x| {
                std::iter::once(name(x).to_owned())
                    .chain(columns.dependent.iter().map(|&y| if x == y { String::new() } else { cell(x, y) }))
                    .collect()
            })
            .collect();
        blocks.push(table("How far one column tells another", &header, &numeric, rows));
        let mut used: Vec<Measure> = Vec::new();
        for p in &columns.dependence {
            if !used.contains(&p.dependence.measure) {
                used.push(p.dependence.measure);
            }
        }
        let words: Vec<String> =
            used.iter().map(|&m| format!("{}: {}", capital(m.name()), measure_words(m))).collect();
        blocks.push(Block::Note(words.join(". ")));
        blocks.push(Block::Note(
            "Over rows in which both columns say something; no cause is implied".to_owned(),
        ));
    } else {
        blocks.push(Block::Note("Fewer than two columns can be compared".to_owned()));
    }
    if !columns.left_out.is_empty() {
        let list: Vec<String> =
            columns.left_out.iter().map(|(c, why)| format!("{} ({why})", name(*c))).collect();
        blocks.push(Block::Note(format!("Left out: {}", list.join(", "))));
    }
    Section { title: "Probabilistic model".into(), blocks }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn truth(label: &NutritionLabel<'_>) -> Section {
    let blocks = match &label.annotation.truths {
        Err(why) => vec![Block::Note(format!("Undefined: {why}"))],
        Ok(list) if list.is_empty() => {
            vec![Block::Note("What was joined says nothing that can be held against the labels".to_owned())]
        }
        Ok(list) => {
            let row = |t: &crate::analysis::nutrition::Truth| {
                let whose = match t.whose {
                    Whose::Items => "items",
                    Whose::Raters => "raters",
                };
                let d = &t.dependence;
                vec![
                    t.reference.clone(),
                    whose.to_owned(),
                    t.with.clone(),
                    count(d.n),
                    d.measure.name().to_owned(),
                    value(&d.value),
                ]
            };
            let header = ["reference", "of", "against", "rows", "measure", "value"];
            let numeric = [false, false, false, true, false, true];
            vec![table("", &header, &numeric, list.iter().map(row).collect())]
        }
    };
    Section { title: "Ground-truth correlations".into(), blocks }
}

fn spread(found: &Result<Spread, Undefined>) -> String {
    match found {
        Ok(s) => format!("min {}, median {}, max {}", count(s.min), figure(s.median), count(s.max)),
        Err(why) => format!("— {why}"),
    }
}

fn statistic(s: &Statistic, digits: usize) -> String {
    match s {
        Statistic::Defined(e) => format!("{:.digits$}", e.value).replace('-', "−"),
        Statistic::Undefined(why) => format!("— {why}"),
    }
}

fn annotation(label: &NutritionLabel<'_>) -> Section {
    let a = label.annotation;
    let share = |n: usize, of: usize| if of == 0 { None } else { Some(n as f64 / of as f64) };
    let raters = a.n_raters.map_or_else(|| "not known by name".to_owned(), |n| count(n as u64));
    let mut rows: Vec<(String, String)> = vec![
        ("Items".into(), count(a.n_items as u64)),
        ("Raters".into(), raters),
        ("Annotations".into(), count(a.n_annotations as u64)),
        ("Votes per item".into(), spread(&a.votes_per_item)),
        ("Votes per rater".into(), spread(&a.votes_per_rater)),
        ("Krippendorff’s α (nominal)".into(), statistic(&a.alpha, 3)),
        ("Mean entropy of votes (bits)".into(), statistic(&a.mean_entropy_bits, 3)),
        (
            "Majority ties".into(),
            match a.n_voted {
                0 => "— there are no annotations".to_owned(),
                n => format!(
                    "{} of {} ({})",
                    count(a.n_tied as u64),
                    count(n as u64),
                    percent(share(a.n_tied, n))
                ),
            },
        ),
    ];
    for c in &a.coverage {
        let words = format!("{} of {} raters", count(c.known as u64), count(c.raters as u64));
        rows.push((format!("Raters’ {} known", c.attribute), words));
    }
    for (why, n) in &a.missing {
        rows.push((format!("Missing annotations ({})", why.words()), count(*n)));
    }
    let review = &label.review;
    let never = a.n_items.saturating_sub(review.decided);
    rows.push((
        "Items never reviewed".into(),
        format!(
            "{} of {} ({})",
            count(never as u64),
            count(a.n_items as u64),
            percent(share(never, a.n_items))
        ),
    ));
    let corrected =
        review.changed + review.several + review.soft_labels + review.none_of_labels + review.excluded;
    rows.push((
        "Corrections logged".into(),
        format!("{} ({} decisions)", count(corrected as u64), count(review.decided as u64)),
    ));
    Section { title: "Annotation".into(), blocks: vec![pairs("", rows)] }
}

fn balance(label: &NutritionLabel<'_>) -> Section {
    let a = label.annotation;
    let i = &a.imbalance;
    let names = label.dataset.labels.names();
    let rows: Vec<Vec<String>> = names
        .iter()
        .zip(&a.label_counts)
        .map(|(name, &n)| {
            let share = (i.n > 0).then(|| n as f64 / i.n as f64);
            vec![shown(name), count(n), percent(share)]
        })
        .collect();
    let facts = vec![
        ("Items with a label".to_owned(), count(i.n)),
        ("Imbalance ratio ρ (largest over smallest)".to_owned(), statistic(&i.ratio, 2)),
        ("Evenness (entropy over ln K)".to_owned(), statistic(&i.evenness, 3)),
        ("Effective classes (e to the entropy)".to_owned(), statistic(&i.effective, 2)),
        ("Gini (1 − Σ p²)".to_owned(), statistic(&i.gini, 3)),
        (format!("Labels with many items (over {MANY})"), count(i.many as u64)),
        (format!("Labels with medium ({FEW} to {MANY})"), count(i.medium as u64)),
        (format!("Labels with few (under {FEW})"), count(i.few as u64)),
    ];
    let mut blocks = vec![
        Block::Note(format!("Labels as they stand: {}", a.labels_are)),
        pairs("", facts),
        table("Items by label", &["label", "items", "share"], &[false, true, true], rows),
    ];
    if !i.empty.is_empty() {
        let list: Vec<String> = i.empty.iter().filter_map(|&c| names.get(c)).map(|n| shown(n)).collect();
        blocks.push(Block::Note(format!("Labels without an item: {}", list.join(", "))));
    }
    Section { title: "Balance of labels".into(), blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_are_worth() {
        let cases = [
            (134.206, "134.21"),
            (14.0, "14"),
            (-2.5, "−2.50"),
            (0.016_77, "0.01677"),
            (0.5, "0.5"),
            (0.999_998, "1"),
            (0.0, "0"),
            (1e20, "1.000e20"),
            (0.000_012, "1.200e−5"),
        ];
        for (x, words) in cases {
            assert_eq!(figure(x), words);
        }
        assert_eq!(percent(Some(1.0 / 6.0)), "16.67 %");
        assert_eq!(shown(&"x".repeat(80)).chars().count(), 61);
    }
}
