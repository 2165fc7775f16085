//! One row an item: its label after the decisions, the share of votes for each label, status and reviewer.

use std::path::Path;

use super::error::FormatError;
use super::write::{Decisions, Excluded, Outlet, Pseudonyms, WriteOptions};
use crate::dataset::{Dataset, Edits, LabelId, NO_LABEL, Outcome};
use crate::progress::Progress;

/// Writes UTF-8 CSV with the columns `item, label, share_<label> …, status, reviewer` and says how many rows it has.
///
/// `labels_after` has one label an item, as [`Edits::apply`] gives it. Shares are of votes, or those that a
/// reviewer gave; left out where there are neither; an item without any has none. Several right labels, or several that are as
/// likely, are joined as `a|b`.
///
/// # Errors
/// A target that must not be written to, or a full disk.
pub fn write_consensus(
    dataset: &Dataset,
    labels_after: &[LabelId],
    edits: &Edits,
    options: &WriteOptions,
    out: &Path,
    progress: &Progress,
) -> Result<u64, FormatError> {
    progress.stage("Writing one row an item", dataset.n_items() as u64);
    let mut outlet = Outlet::create(dataset, out, options)?;
    let decisions = Decisions::of(dataset, edits, options);
    let pseudonyms = Pseudonyms::of(dataset, &decisions, options.pseudonymise);
    let soft = |item: usize| match edits.get(item).map(|e| &e.outcome) {
        Some(Outcome::Soft(shares)) => Some(shares),
        _ => None,
    };
    let with_shares = !dataset.annotations.is_empty() || edits.iter().any(|(item, _)| soft(item).is_some());
    let mut header = vec!["item".to_owned(), "label".to_owned()];
    if with_shares {
        header.extend(dataset.labels.names().iter().map(|l| format!("share_{l}")));
    }
    header.extend(["status".to_owned(), "reviewer".to_owned()]);
    outlet.row_of(&header)?;
    let mut rows = 0;
    for item in 0..dataset.n_items() {
        if item % 4096 == 0 {
            progress.check()?;
            progress.add(4096);
        }
        let edit = edits.get(item);
        let excluded = edit.is_some_and(|e| e.outcome == Outcome::Excluded);
        if excluded && options.excluded == Excluded::Drop {
            continue;
        }
        let decided = decisions.get(item).and_then(|d| d.label.clone());
        let after = labels_after.get(item).copied().filter(|&l| l != NO_LABEL);
        let label =
            decided.unwrap_or_else(|| after.map_or(String::new(), |l| dataset.labels.name(l).to_owned()));
        let mut cells = vec![dataset.keys.get(item).to_owned(), label];
        if with_shares {
            let votes = dataset.votes(item);
            let n = dataset.annotations.count(item);
            for label in 0..dataset.labels.len() as LabelId {
                if let Some(shares) = soft(item) {
                    cells.push(shares.of(label).to_string());
                    continue;
                }
                let count = votes.binary_search_by_key(&label, |v| v.0).map_or(0, |i| votes[i].1);
                cells.push(if n == 0 { String::new() } else { (f64::from(count) / n as f64).to_string() });
            }
        }
        cells.push(edit.map_or("", |e| e.outcome.status()).to_owned());
        cells.push(edit.map_or(String::new(), |e| pseudonyms.reviewer(&e.reviewer).to_owned()));
        outlet.row_of(&cells)?;
        rows += 1;
    }
    outlet.commit(&pseudonyms)?;
    Ok(rows)
}
