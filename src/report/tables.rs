//! The report's tables as CSV: items, raters, votes, soft labels. UTF-8, comma, one header row, `\n`; an empty cell is undefined.
//!
//! Names stand as they do in the source. Columns keep their names and order within a major version.

use std::io::Write;

use super::Subject;
use crate::analysis::lab::Outcome;
use crate::analysis::soft::Soft;
use crate::analysis::votes::VotesReport;
use crate::dataset::{Dataset, LabelId, NO_LABEL, RaterKind};
use crate::review::export_log::defused;
use crate::stats::Statistic;
use crate::stats::aggregation::{MajorityVote, Which};
use crate::stats::confident::{Filter, Quality};
use crate::stats::suspicion::{DETECTORS, Detector, DetectorRow};
use crate::stats::variation::VoteCounts;

/// Detectors that have no column among confident learning's.
fn own() -> impl Iterator<Item = &'static DetectorRow> {
    DETECTORS.iter().filter(|d| !matches!(d.detector, Detector::Quality(_)))
}

/// One row an item, in file order: votes, what they come to, and what confident learning says of the given label
/// (decisions applied).
pub fn items(subject: &Subject, out: impl Write) -> csv::Result<()> {
    let (data, analysis) = (subject.dataset, subject.analysis);
    let mut table = csv::Writer::from_writer(out);
    let mut header: Vec<String> = [
        "item",
        "given_label",
        "n_annotations",
        "entropy",
        "majority_label",
        "majority_labels",
        "dawid_skene_label",
        "dawid_skene_confidence",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(Quality::ALL.map(|q| format!("label_quality_{}", q.key())));
    header.extend(Filter::ALL.map(|f| format!("issue_{}", f.key())));
    header.push("suggested_label".to_owned());
    header.extend(own().map(|d| format!("suspicion_{}", d.key)));
    header.extend(["issue_loss_mixture", "issue_loss_mixture_by_label"].map(str::to_owned));
    let methods: Vec<(&str, &MajorityVote)> =
        compared(subject).map(|(id, o)| (id, o.labels.as_ref())).collect();
    header.extend(methods.iter().map(|(id, _)| format!("{id}_labels")));
    table.write_record(&header)?;

    let (majority, fit) = (&analysis.aggregation.majority, analysis.aggregation.dawid_skene.as_ref().ok());
    let learned = analysis.confident.as_ref().as_ref().ok();
    let suspicion = analysis.suspicion.as_ref().as_ref().ok();
    // Those that count, as in all that follows.
    let votes = analysis.settings.counted(data);
    let label = |id: Option<LabelId>| id.map_or("", |l| data.labels.name(l));
    let mut row: Vec<String> = Vec::with_capacity(header.len());
    for item in 0..data.n_items() {
        row.clear();
        row.push(data.keys.get(item).to_owned());
        let given = analysis.given.current.get(item).copied();
        row.push(label(given).to_owned());
        row.push(votes.count(item).to_string());
        row.push(cell(analysis.items.entropy(item)));
        row.push(label(majority.label.get(item).copied()).to_owned());
        let best: Vec<&str> = majority.labels_of(item).into_iter().map(|l| data.labels.name(l)).collect();
        row.push(best.join("|"));
        row.push(label(fit.and_then(|f| f.labels.get(item).copied())).to_owned());
        row.push(cell(fit.and_then(|f| f.confidence(item))));
        row.extend(Quality::ALL.map(|q| cell(learned.and_then(|l| l.quality_of(item, q)))));
        // An item that was left out is neither flagged nor cleared.
        let taken = learned.filter(|_| given.is_some_and(|l| l != NO_LABEL));
        row.extend(
            Filter::ALL
                .map(|f| taken.map_or_else(String::new, |l| u8::from(l.is_issue(item, f)).to_string())),
        );
        row.push(label(analysis.items.suggested.get(item).copied()).to_owned());
        let said = learned.zip(suspicion);
        row.extend(own().map(|d| cell(said.and_then(|(l, s)| s.of(d.detector, l, item)))));
        let mixture = taken.and(suspicion).map(|s| &s.mixture);
        row.extend([false, true].map(|by_label| {
            mixture.map_or_else(String::new, |m| u8::from(m.flags(item, by_label)).to_string())
        }));
        for (_, labels) in &methods {
            let best: Vec<&str> = labels.labels_of(item).into_iter().map(|l| data.labels.name(l)).collect();
            row.push(best.join("|"));
        }
        table.write_record(&row)?;
    }
    table.flush()?;
    Ok(())
}

/// One row a rater, in order of first appearance.
pub fn raters(subject: &Subject, out: impl Write) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let mut header: Vec<String> = [
        "rater",
        "kind",
        "n_annotations",
        "agreement_with_majority",
        "dawid_skene_accuracy",
        "median_duration_s",
    ]
    .map(str::to_owned)
    .to_vec();
    let methods: Vec<(&str, &[Option<f64>])> =
        compared(subject).map(|(id, o)| (id, o.skill.as_slice())).collect();
    header.extend(methods.iter().map(|(id, _)| format!("{id}_skill")));
    table.write_record(&header)?;
    for (rater, summary) in subject.analysis.raters.iter().enumerate() {
        let kind = match subject.dataset.raters.kinds.get(rater).copied().unwrap_or_default() {
            RaterKind::Human => "human",
            RaterKind::Model => "model",
        };
        let value = |statistic: &Statistic| cell(statistic.value());
        let mut row = vec![
            subject.rater_name(rater),
            kind.to_owned(),
            summary.n_annotations.to_string(),
            value(&summary.agreement_with_majority),
            value(&summary.dawid_skene_accuracy),
            cell(summary.median_duration_s),
        ];
        row.extend(methods.iter().map(|(_, skill)| cell(skill.get(rater).copied().flatten())));
        table.write_record(&row)?;
    }
    table.flush()?;
    Ok(())
}

/// One row for each item and label that somebody whose votes count gave it, items in file order, labels in theirs; where it was
/// asked, with the chance that the label is a mistake.
pub fn votes(subject: &Subject, out: impl Write) -> csv::Result<()> {
    let data = subject.dataset;
    let counted = subject.analysis.settings.counted(data);
    let votes = VoteCounts::new(&counted, data.labels.len());
    let mut table = csv::Writer::from_writer(out);
    let told = subject.extras.votes.as_ref().and_then(|told| told.as_ref().ok());
    table.write_record(["item", "label", "n", "share", "error_score", "item_kind"])?;
    if let Some(told) = told.filter(|told| told.by_member) {
        return of_members(data, told, table);
    }
    for item in 0..votes.n_items() {
        for ((label, n), (_, share)) in votes.of_item(item).zip(votes.shares(item)) {
            let of_item = told.map_or(&[][..], |told| told.found.of_item(item));
            let score = of_item.iter().find(|s| s.label == label).map(|s| s.mistake);
            table.write_record([
                data.keys.get(item),
                data.labels.name(label),
                &n.to_string(),
                &number(share),
                &cell(score),
                score.and(told).map_or("", |told| told.found.kinds[item].key()),
            ])?;
        }
    }
    table.flush()?;
    Ok(())
}

/// Answers that are sets: a vote for each of their labels, its share that of the answers that have it.
fn of_members<W: Write>(data: &Dataset, told: &VotesReport, mut table: csv::Writer<W>) -> csv::Result<()> {
    for score in &told.found.scores {
        let item = score.item as usize;
        table.write_record([
            data.keys.get(item),
            told.label(score.label),
            &score.n_for.to_string(),
            &number(f64::from(score.n_for) / f64::from(score.n_of)),
            &number(score.mistake),
            told.found.kinds[item].key(),
        ])?;
    }
    table.flush()?;
    Ok(())
}

/// The aggregators that were compared and could be run, beyond those that have columns in any case.
fn compared<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (&'static str, &'a Outcome)> {
    let methods = subject.extras.lab.iter().flat_map(|lab| &lab.methods);
    methods
        .filter(|m| !matches!(m.which, Which::MajorityVote | Which::DawidSkene))
        .filter_map(|m| Some((m.which.row().id, m.outcome.as_ref().ok()?)))
}

fn cell(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map(number).unwrap_or_default()
}

/// The shortest digits that read back as the same number.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{value:e}") } else { value.to_string() }
}

/// Soft labels as a table: the item, one column a label, the most probable label (several joined by `|`). With `safe` cells that a
/// spreadsheet would run are defused.
pub fn soft_labels(dataset: &Dataset, soft: &Soft, safe: bool, out: impl Write) -> csv::Result<()> {
    let cell = |text: &str| if safe { defused(text).into_owned() } else { text.to_owned() };
    let mut csv = csv::Writer::from_writer(out);
    let names = dataset.labels.names();
    csv.write_record(
        std::iter::once("item".to_owned()).chain(names.iter().map(|n| cell(n))).chain(["label".to_owned()]),
    )?;
    for item in 0..dataset.n_items() {
        let row = soft.of(item, names.len());
        let best = soft.labels_of(item, names.len());
        let best = best.iter().map(|&l| dataset.labels.name(l)).collect::<Vec<_>>().join("|");
        let empty = best.is_empty();
        let shares = (0..names.len()).map(|l| match row.get(l) {
            Some(p) if !empty => number(*p),
            _ => String::new(),
        });
        let key = std::iter::once(cell(dataset.keys.get(item)));
        csv.write_record(key.chain(shares).chain(std::iter::once(cell(&best))))?;
    }
    csv.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_read_back() {
        for (value, text) in
            [(0.1, "0.1"), (1.0, "1"), (0.0, "0"), (2.16e-77, "2.16e-77"), (1.0 / 3.0, "0.3333333333333333")]
        {
            assert_eq!(number(value), text);
            assert_eq!(text.parse::<f64>(), Ok(value));
        }
        assert_eq!((cell(None), cell(Some(f64::NAN))), (String::new(), String::new()));
    }
}
