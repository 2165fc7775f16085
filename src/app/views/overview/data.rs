//! The numbers that the overview shows.

use std::sync::Arc;

use super::model::Overview;
use crate::analysis::Analysis;
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps};
use crate::dataset::Dataset;

/// What makes them.
pub(in crate::app) fn of_view(doc: &Document) -> Perhaps {
    let (Some(analysis), Some(derived)) = (doc.analysis.clone(), doc.derived.clone()) else {
        return Err(NOT_YET.to_owned());
    };
    let dataset = Arc::clone(&doc.dataset);
    Ok(Box::new(move || data(&dataset, &analysis, &derived.overview)))
}

fn data(dataset: &Dataset, analysis: &Analysis, o: &Overview) -> Data {
    let mut data = Data::default();
    for row in &o.labels {
        let mut at = data.at("labels", dataset.labels.name(row.label), "");
        at.count("given", row.given);
        if let Some(against) = o.against {
            at.count(against, row.against);
        }
    }
    let a = &analysis.agreement;
    data.at("agreement", "", "")
        .stat("percent_agreement", &a.percent_agreement)
        .stat("krippendorff_alpha", &a.krippendorff_alpha_nominal)
        .stat("fleiss_kappa", &a.fleiss_kappa)
        .stat("cohen_kappa_pair_mean", &a.cohen_kappa.mean);
    for (label, alpha) in (0..).zip(&a.per_label) {
        data.at("agreement", dataset.labels.name(label), "").stat("krippendorff_alpha", alpha);
    }
    let edge = |i: usize| crate::report::tables::number(i as f64 / o.quality.len().max(1) as f64);
    for (i, &(flagged, rest)) in o.quality.iter().enumerate() {
        data.at("label quality from, to", &edge(i), &edge(i + 1))
            .count("flagged", flagged)
            .count("not_flagged", rest);
    }
    let s = o.splits;
    data.at("how items disagree", "", "")
        .count("unanimous", s.unanimous)
        .count("majority", s.majority)
        .count("tied", s.tied)
        .count("one_vote", s.single)
        .count("no_vote", s.none);
    for &(rater, competence, votes) in &o.raters {
        let name = dataset.raters.names.get(rater as usize).map_or("", String::as_str);
        data.at("raters", name, "").number("competence", competence).count("votes", votes);
    }
    data
}
