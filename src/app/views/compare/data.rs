//! The numbers that a comparison of two sides shows.

use std::sync::Arc;

use super::CompareState;
use crate::analysis::compare::CompareReport;
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps};
use crate::dataset::Dataset;

impl CompareState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        if let Some(Err(reason)) = doc.panels.compare().as_deref() {
            return Err(format!("Undefined: {reason}"));
        }
        let report = self.report(doc).ok_or_else(|| NOT_YET.to_owned())?;
        let dataset = Arc::clone(&doc.dataset);
        Ok(Box::new(move || data(&dataset, &report)))
    }
}

fn data(dataset: &Dataset, r: &CompareReport) -> Data {
    let mut data = Data::default();
    let names = r.asked.sides.each_ref().map(|side| side.words(dataset));
    for (side, name) in names.iter().enumerate() {
        let letter = ["A", "B"][side];
        data.at("sides", letter, "")
            .words("name", name)
            .count("raters", r.n_raters[side])
            .count("votes", r.n_votes[side]);
    }
    data.at("sides", "A", "B")
        .count("items_with_a_label_ahead", r.found.n_items)
        .count("items_parted", r.parted.len())
        .count("items_tied", r.tied.len())
        .optional("cohen_kappa", r.found.kappa.map(|k| k.kappa), "no shared item, or chance agreement is 1");
    data.at("sides", "A", "B")
        .stat("weighted_jaccard", &r.found.answers.jaccard)
        .stat("overlap_of_5_most_given", &r.found.answers.top);
    for l in &r.found.labels {
        data.at("labels", dataset.labels.name(l.label), "")
            .number("share_a", l.shares[0])
            .number("share_b", l.shares[1])
            .between("b_less_a", l.difference(), l.interval)
            .optional("cohen_kappa", l.kappa.map(|k| k.kappa), "chance agreement is 1");
    }
    for m in &r.found.meetings {
        let [a, b] = [m.a, m.b].map(|l| dataset.labels.name(l));
        data.at("what A says, what B says", a, b).count("items", m.items.len());
    }
    data
}
