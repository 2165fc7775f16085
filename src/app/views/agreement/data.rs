//! The numbers that the view of agreement shows.

use std::sync::Arc;

use super::{AgreementState, Part, cuts_by};
use crate::analysis::coefficients::Coefficients;
use crate::analysis::cuts::{Cell, Cuts};
use crate::analysis::spans::{Measure, SpansReport};
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps, of_found};
use crate::dataset::Dataset;
use crate::report::extras::beside_words;

impl AgreementState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        match &self.part {
            Part::Coefficients => of_found(doc.panels.coefficients(), coefficients),
            Part::Cut(by) => {
                let found = cuts_by(doc, by).ok_or_else(|| NOT_YET.to_owned())?;
                if let Err(reason) = found.as_ref() {
                    return Err(format!("Undefined: {reason}"));
                }
                let by = by.words(&doc.dataset);
                let dataset = Arc::clone(&doc.dataset);
                of_found(Some(found), move |c| c.as_ref().map(|c| cut(&dataset, c, &by)).unwrap_or_default())
            }
            Part::Spans => {
                let found = doc.panels.spans().ok_or_else(|| NOT_YET.to_owned())?;
                if let Err(reason) = found.as_ref() {
                    return Err(format!("Undefined: {reason}"));
                }
                let dataset = Arc::clone(&doc.dataset);
                of_found(Some(found), move |r| r.as_ref().map(|r| spans(&dataset, r)).unwrap_or_default())
            }
        }
    }
}

fn coefficients(found: &Coefficients) -> Data {
    let mut data = Data::default();
    for row in &found.rows {
        data.at("coefficients", row.about.name, row.by).stat(row.about.id, &row.statistic);
    }
    data
}

fn cut(dataset: &Dataset, found: &Cuts, by: &str) -> Data {
    let mut data = Data::default();
    if let Some((name, whole)) = &found.whole {
        data.at(by, name, "").stat(&found.name, whole);
    }
    for row in &found.rows {
        let mut at = data.at(by, &row.name, "");
        at.stat(&found.name, &row.statistic);
        for ((column, _), cell) in found.asked.by.columns().iter().zip(&row.cells) {
            match *cell {
                Cell::Count(n) => at.count(column, n),
                Cell::Number(value) => at.optional(column, value, "undefined for this part"),
            };
        }
    }
    for (what, value) in found.beside.iter().flat_map(|b| beside_words(dataset, b)) {
        data.at(by, what, "").words("value", &value);
    }
    data
}

/// Every measure of the whole, and F1 of each two raters.
fn spans(dataset: &Dataset, r: &SpansReport) -> Data {
    let mut data = Data::default();
    for measure in Measure::ALL {
        data.at("spans", measure.name(), "").stat(measure.id(), r.statistic(measure));
    }
    let name = |rater: u32| dataset.raters.names.get(rater as usize).map_or("", String::as_str);
    for pair in &r.pairs {
        data.at("pairs", name(pair.raters.0), name(pair.raters.1))
            .stat("f1", &pair.f1)
            .count("documents", pair.n_documents);
    }
    data
}
