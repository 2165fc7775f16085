//! The numbers that the view of agreement shows.

use super::{AgreementState, Part, cuts_by};
use crate::analysis::coefficients::Coefficients;
use crate::analysis::cuts::{Cell, Cuts};
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps, of_found};

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
                of_found(Some(found), move |c| c.as_ref().map(|c| cut(c, &by)).unwrap_or_default())
            }
            Part::Spans => {
                Err("dissensus analyze --spans --format json writes this tab’s numbers".to_owned())
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

fn cut(found: &Cuts, by: &str) -> Data {
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
    data
}
