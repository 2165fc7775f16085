//! The numbers that two versions of a text show.

use std::sync::Arc;

use super::{Shown, VersionsState};
use crate::analysis::versions::VersionsReport;
use crate::app::document::Document;
use crate::app::tidy::{Data, NOT_YET, Perhaps};
use crate::stats::versions::DifferenceKind;

impl VersionsState {
    /// What makes them.
    pub(in crate::app) fn data(&self, doc: &Document) -> Perhaps {
        if !doc.has_tags {
            return Err("These data have no tags of entities".to_owned());
        }
        if let Some(Err(reason)) = doc.panels.versions().as_deref() {
            return Err(format!("Undefined: {reason}"));
        }
        let (Some(report), Some(sides)) = (Self::report(doc), self.sides) else {
            return Err(NOT_YET.to_owned());
        };
        Ok(Box::new(move || data(&report, sides)))
    }
}

/// Of A and B as they are shown: kinds of differences, and which label became which.
fn data(report: &Arc<VersionsReport>, sides: [u32; 2]) -> Data {
    let mut data = Data::default();
    let Some(shown) = Shown::of(report, sides) else { return data };
    let pair = shown.pair;
    let [n_a, n_b] = shown.turned([pair.n_entities.0, pair.n_entities.1]);
    let (a, b) = (shown.name(0), shown.name(1));
    data.at("versions", a, "").count("entities", n_a);
    data.at("versions", b, "").count("entities", n_b);
    data.at("versions", a, b).count("sentences", pair.n_sentences).count("entities_alike", pair.n_agree);
    for kind in DifferenceKind::ALL {
        data.at("differences", kind.name(), "")
            .count("entities", pair.count(kind))
            .stat("share", &pair.share(kind));
    }
    for cell in pair.label_pairs() {
        let [first, second] = shown.turned([cell.first, cell.second]).map(|kind| report.kind(kind));
        data.at("label in A, label in B", first, second).count("entities", cell.n);
    }
    data
}
