//! The numbers that the view of aggregation shows.

use std::sync::Arc;

use super::{LabState, Tab};
use crate::analysis::lab::Lab;
use crate::app::document::Document;
use crate::app::tidy::{Data, Perhaps, of_found};
use crate::dataset::Dataset;

impl LabState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        let by =
            |option: &str| Err(format!("dissensus analyze {option} --format json writes this tab’s numbers"));
        match self.tab(doc) {
            Tab::Methods => {
                let dataset = Arc::clone(&doc.dataset);
                of_found(doc.panels.lab(), move |lab| methods(&dataset, lab))
            }
            Tab::Soft => Err("File, Soft labels as CSV, writes a distribution an item".to_owned()),
            Tab::Sets => by("--candidate-sets"),
            Tab::Candidate => by("--candidate WHO"),
            Tab::Certificate => by("--certificate"),
            Tab::Preferences => by("--preferences"),
        }
    }
}

/// Methods, how each two of them differ, and what each thinks of each rater.
fn methods(dataset: &Dataset, lab: &Lab) -> Data {
    let mut data = Data::default();
    for m in &lab.methods {
        let name = m.which.row().name;
        let o = match &m.outcome {
            Ok(o) => o,
            Err(reason) => {
                data.at("methods", name, "").undefined("accuracy_vs_gold", &reason.to_string());
                continue;
            }
        };
        let none = "it has no probabilities";
        data.at("methods", name, "")
            .stat("accuracy_vs_gold", &o.accuracy_vs_gold)
            .count("items_other_than_majority", o.n_other_than_majority)
            .optional("mean_confidence", o.mean_confidence, none)
            .optional("mean_entropy_bits", o.mean_entropy_bits, none)
            .count("iterations", o.iterations);
    }
    let name = |at: usize| lab.methods.get(at).map_or("", |m| m.which.row().name);
    for d in &lab.differences {
        data.at("differences", name(d.first), name(d.second)).count("items", d.n_items).optional(
            "divergence_bits",
            d.divergence_bits,
            "one has no probabilities, or there are too many",
        );
    }
    for m in &lab.methods {
        let Ok(o) = &m.outcome else { continue };
        for (rater, skill) in dataset.raters.names.iter().zip(&o.skill) {
            data.at("skills", m.which.row().name, rater).optional("skill", *skill, "no vote");
        }
    }
    data
}
