//! Agreement on stretches of text, in three ways side by side, label by label, and where it fails.
//!
//! Raters' votes only: no decision changes them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Settings;
use crate::dataset::Dataset;
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::spans::{
    Gamma, GammaOptions, SpanData, SpanF1, SpanF1Options, SpanMatch, Unitizing, gamma, items_and_documents,
    span_f1, unitizing_alpha,
};
use crate::stats::rationales::{JointlyEmpty, RationaleOverlap, Unit, rationale_overlap};
use crate::stats::{Statistic, Undefined};

/// Most documents that are listed for each way.
pub const MAX_DOCUMENTS: usize = 200;
/// Characters of a document that are shown in a list.
const BEGINS: usize = 120;
/// Resamples of documents for intervals.
const REPLICATES: u32 = 1000;

/// When F1 takes two marks for the same, in the order shown: name, meaning.
pub const MATCHES: [(SpanMatch, &str, &str); 6] = [
    (SpanMatch::Exact, "Exact", "the same stretch and label"),
    (SpanMatch::ExactStretch, "Exact, any label", "the same stretch, whatever the label"),
    (SpanMatch::Partial, "Overlap", "they overlap and have the same label"),
    (SpanMatch::PartialStretch, "Overlap, any label", "they overlap, whatever the label"),
    (SpanMatch::Token, "Tokens", "tokens are compared, not marks"),
    (SpanMatch::Character, "Characters", "code points are compared, not marks"),
];

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpansAsked {
    /// Whose votes count.
    pub settings: Settings,
    /// When F1 takes two marks for the same.
    pub matching: SpanMatch,
    /// What of a document is marked or not.
    pub unit: Unit,
    /// What two raters are worth who marked nothing.
    pub empty: JointlyEmpty,
    /// Seed of random continua and resamples.
    pub seed: u64,
}

/// A number that says how far raters agree on spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// Alpha of unitizing.
    #[default]
    Unitizing,
    /// Gamma.
    Gamma,
    /// Gamma of labels only.
    GammaCat,
    /// F1 of counts of pairs.
    F1,
    /// Mean F1 of documents.
    F1ByDocument,
    /// Mean F1 of labels.
    F1ByLabel,
    /// Mean kappa of marked units, whatever their labels.
    HighlightKappa,
    /// Mean F1 of marked units.
    HighlightF1,
    /// Mean intersection over union of marked units.
    HighlightIou,
}

impl Measure {
    /// All, in the order shown.
    pub const ALL: [Self; 9] = [
        Self::Unitizing,
        Self::Gamma,
        Self::GammaCat,
        Self::F1,
        Self::F1ByDocument,
        Self::F1ByLabel,
        Self::HighlightKappa,
        Self::HighlightF1,
        Self::HighlightIou,
    ];

    /// Whether it looks at what is marked, not at spans.
    pub fn is_of_highlights(self) -> bool {
        matches!(self, Self::HighlightKappa | Self::HighlightF1 | Self::HighlightIou)
    }

    /// Name for files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unitizing => "unitizing_alpha",
            Self::Gamma => "gamma",
            Self::GammaCat => "gamma_cat",
            Self::F1 => "f1",
            Self::F1ByDocument => "f1_by_document",
            Self::F1ByLabel => "f1_by_label",
            Self::HighlightKappa => "highlight_kappa",
            Self::HighlightF1 => "highlight_f1",
            Self::HighlightIou => "highlight_iou",
        }
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unitizing => "α of unitizing",
            Self::Gamma => "γ",
            Self::GammaCat => "γ of labels",
            Self::F1 => "F1 of spans",
            Self::F1ByDocument => "F1, mean of documents",
            Self::F1ByLabel => "F1, mean of labels",
            Self::HighlightKappa => "κ of highlights",
            Self::HighlightF1 => "F1 of highlights",
            Self::HighlightIou => "IoU of highlights",
        }
    }

    /// What it says, in a sentence or two.
    pub fn about(self) -> &'static str {
        match self {
            Self::Unitizing => {
                "How much of the text was marked alike, label by label, against what chance would bring. Long stretches \
                 weigh more than short ones; overlaps of one label by one rater are not looked at."
            }
            Self::Gamma => {
                "Spans are matched with each other first, in place and in label; what does not fit is weighed against \
                 random texts of the same raters. A near miss costs less than a missing span."
            }
            Self::GammaCat => "Among spans that stand together: do their labels agree, beyond chance?",
            Self::F1 => {
                "Spans that are the same over all spans of two raters, the mean over pairs of raters. Not corrected for \
                 chance; where most of a text is unmarked, chance is small."
            }
            Self::F1ByDocument => {
                "F1 of each document, averaged: short documents count as much as long ones."
            }
            Self::F1ByLabel => "F1 of each label, averaged: rare labels count as much as common ones.",
            Self::HighlightKappa => {
                "Each unit of a text is marked or not, whatever the label: kappa over the units of two raters, the mean over \
                 their pairs, then over documents. For reasons that raters highlight."
            }
            Self::HighlightF1 => {
                "Units that both marked, twice, over those that each did; the mean over pairs, then over documents. Not \
                 corrected for chance."
            }
            Self::HighlightIou => {
                "Units that both marked over those that either did; the mean over pairs, then over documents."
            }
        }
    }

    /// The page that defines it.
    pub fn page(self) -> &'static str {
        match self {
            Self::Unitizing => "unitizing_alpha",
            Self::Gamma | Self::GammaCat => "gamma",
            Self::F1 | Self::F1ByDocument | Self::F1ByLabel => "span_f1",
            Self::HighlightKappa | Self::HighlightF1 | Self::HighlightIou => "highlight_overlap",
        }
    }
}

/// A document in which raters differ.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// Document number.
    pub document: u32,
    /// Its name.
    pub name: String,
    /// How its text begins.
    pub begins: String,
    /// What the way of counting says of it: its share of all disagreement for alpha, γ or F1 of it alone otherwise.
    pub value: f64,
    /// Items about it, ascending.
    pub items: Arc<[u32]>,
}

/// Two raters.
#[derive(Debug, Clone, PartialEq)]
pub struct PairRow {
    /// Rater numbers, the lower first.
    pub raters: (u32, u32),
    /// Documents that both worked on.
    pub n_documents: usize,
    /// F1 of their counts.
    pub f1: Statistic,
}

/// Agreement on spans.
#[derive(Debug, Clone)]
pub struct SpansReport {
    /// What was asked for.
    pub asked: SpansAsked,
    /// Names of labels, by number.
    pub labels: Vec<String>,
    /// Documents that two raters or more worked on.
    pub n_documents: usize,
    /// Raters who worked on a document.
    pub n_raters: usize,
    /// Spans in all; those of no length are not among them.
    pub n_spans: usize,
    /// Spans of no length.
    pub n_empty: u64,
    /// Alpha.
    pub unitizing: Unitizing,
    /// Gamma.
    pub gamma: Gamma,
    /// F1.
    pub f1: SpanF1,
    /// What raters marked, whatever the labels.
    pub highlights: RationaleOverlap,
    /// Pairs of raters, those that agree least first.
    pub pairs: Vec<PairRow>,
    /// For alpha, gamma, F1 and highlights: documents, those in which raters differ most first, at most [`MAX_DOCUMENTS`].
    documents: [Vec<DocumentRow>; 4],
    /// For each label, items of documents in which it was marked, ascending.
    label_items: Vec<Arc<[u32]>>,
}

impl SpansReport {
    /// A measure's value.
    pub fn statistic(&self, measure: Measure) -> &Statistic {
        match measure {
            Measure::Unitizing => &self.unitizing.together,
            Measure::Gamma => &self.gamma.gamma,
            Measure::GammaCat => &self.gamma.gamma_cat,
            Measure::F1 => &self.f1.micro,
            Measure::F1ByDocument => &self.f1.macro_by_document,
            Measure::F1ByLabel => &self.f1.macro_by_label,
            Measure::HighlightKappa => &self.highlights.kappa,
            Measure::HighlightF1 => &self.highlights.f1,
            Measure::HighlightIou => &self.highlights.iou,
        }
    }

    /// A measure's value for each label in use: label number, value.
    pub fn of_labels(&self, measure: Measure) -> Vec<(u32, &Statistic)> {
        match measure {
            Measure::Unitizing => self.unitizing.labels.iter().map(|l| (l.label, &l.alpha)).collect(),
            Measure::Gamma | Measure::GammaCat => {
                self.gamma.labels.iter().map(|l| (l.label, &l.gamma)).collect()
            }
            measure if measure.is_of_highlights() => Vec::new(),
            _ => self.f1.labels.iter().map(|(label, f1)| (*label, f1)).collect(),
        }
    }

    /// Documents in which raters differ, those in which they differ most first, at most [`MAX_DOCUMENTS`].
    pub fn documents(&self, measure: Measure) -> &[DocumentRow] {
        match measure {
            Measure::Unitizing => &self.documents[0],
            Measure::Gamma | Measure::GammaCat => &self.documents[1],
            measure if measure.is_of_highlights() => &self.documents[3],
            _ => &self.documents[2],
        }
    }

    /// Items of the documents in which somebody marked this label, ascending.
    pub fn items_of_label(&self, label: u32) -> Option<Arc<[u32]>> {
        self.label_items.get(label as usize).cloned()
    }

    /// A label's name.
    pub fn label(&self, label: u32) -> &str {
        self.labels.get(label as usize).map_or("", String::as_str)
    }
}

/// Measures agreement on spans. An error, not a report, where the data has none.
pub fn spans(
    dataset: &Dataset,
    asked: &SpansAsked,
    progress: &Progress,
) -> Result<Result<SpansReport, Undefined>, Cancelled> {
    let left_out = asked.settings.left_out(&dataset.raters);
    let (Some(source), Some(data)) = (&dataset.spans, SpanData::of(dataset, &left_out)) else {
        return Ok(Err(Undefined::Because("the data has no spans of text".to_owned())));
    };
    let labels = if source.types.is_empty() { dataset.labels.names() } else { &source.types };
    let unitizing = unitizing_alpha(&data, REPLICATES, asked.seed, progress)?;
    let options = SpanF1Options {
        matching: asked.matching,
        replicates: REPLICATES,
        seed: asked.seed,
        ..Default::default()
    };
    let f1 = span_f1(&data, &source.texts, &options, progress)?;
    let options = GammaOptions { seed: asked.seed, replicates: REPLICATES, ..GammaOptions::default() };
    let gamma = gamma(&data, &options, progress)?;
    let highlights = rationale_overlap(&data, &source.texts, (asked.unit, asked.empty), progress)?;

    let observed: f64 = unitizing.documents.iter().map(|d| d.observed).sum();
    let shares = unitizing.documents.iter().filter(|d| d.observed > 0.0);
    let mut by_alpha: Vec<(u32, f64)> = shares.map(|d| (d.document, d.observed / observed)).collect();
    by_alpha.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    // Of two documents in which nothing agrees, the one with more in it tells more.
    let n_marks: HashMap<u32, usize> = data
        .documents()
        .iter()
        .map(|d| (d.document, d.lines.iter().map(|line| data.marks(line).len()).sum()))
        .collect();
    let marks = |document: u32| n_marks.get(&document).copied().unwrap_or(0);
    let ascending = |mut rows: Vec<(u32, f64)>| {
        rows.sort_by(|a, b| a.1.total_cmp(&b.1).then(marks(b.0).cmp(&marks(a.0))).then(a.0.cmp(&b.0)));
        rows
    };
    let by_gamma =
        gamma.documents.iter().filter_map(|d| Some((d.document, d.gamma.value()?))).filter(|d| d.1 < 1.0);
    let by_f1 = f1.documents.iter().filter_map(|d| Some((d.document, d.f1?))).filter(|d| d.1 < 1.0);
    let by_highlights = highlights.items.iter();
    let by_highlights = by_highlights.filter_map(|i| Some((i.document, i.kappa?))).filter(|d| d.1 < 1.0);
    let mut lists = [
        by_alpha,
        ascending(by_gamma.collect()),
        ascending(by_f1.collect()),
        ascending(by_highlights.collect()),
    ];
    lists.iter_mut().for_each(|list| list.truncate(MAX_DOCUMENTS));
    let mut marked: HashMap<u32, BTreeSet<usize>> = HashMap::new();
    for document in data.documents() {
        let marks = document.lines.iter().flat_map(|line| data.marks(line));
        marked.insert(document.document, marks.map(|mark| mark.label as usize).collect());
    }
    let mut label_items: Vec<Vec<u32>> = vec![Vec::new(); data.n_labels()];
    let mut items: HashMap<u32, Vec<u32>> = lists.iter().flatten().map(|&(d, _)| (d, Vec::new())).collect();
    items_and_documents(dataset, source, |item, document| {
        if let Some(here) = items.get_mut(&document) {
            here.push(item as u32);
        }
        for &label in marked.get(&document).into_iter().flatten() {
            if label_items[label].last() != Some(&(item as u32)) {
                label_items[label].push(item as u32);
            }
        }
    });
    let items: HashMap<u32, Arc<[u32]>> = items.into_iter().map(|(d, list)| (d, list.into())).collect();
    let row = |(document, value): (u32, f64)| DocumentRow {
        document,
        name: source.documents.get(document as usize).to_owned(),
        begins: source.texts.get(document as usize).chars().take(BEGINS).collect(),
        value,
        items: items.get(&document).cloned().unwrap_or_default(),
    };
    let documents = lists.map(|list| list.into_iter().map(row).collect());

    let mut pairs: Vec<PairRow> = f1
        .pairs
        .iter()
        .map(|p| PairRow { raters: (p.a, p.b), n_documents: p.n_documents, f1: p.micro.clone() })
        .collect();
    let key = |row: &PairRow| row.f1.value().unwrap_or(f64::INFINITY);
    pairs.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.raters.cmp(&b.raters)));
    Ok(Ok(SpansReport {
        asked: asked.clone(),
        labels: labels.to_vec(),
        n_documents: data.documents().iter().filter(|d| d.lines.len() >= 2).count(),
        n_raters: data.n_raters(),
        n_spans: data.n_marks(),
        n_empty: data.n_empty(),
        unitizing,
        gamma,
        f1,
        highlights,
        pairs,
        documents,
        label_items: label_items.into_iter().map(Arc::from).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, RaterKind, Raters, Region, Span, Spans, TextColumn};

    /// Two raters and a model on two documents of 40 code points: alike in the first, one beside the other in the second.
    fn dataset() -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        let column = |strings: &[&str]| {
            let mut texts = TextColumn::new();
            strings.iter().for_each(|s| {
                texts.push(s);
            });
            texts
        };
        let text = "word ".repeat(8);
        let span = |document, rater, start: u32| Span { document, rater, start, end: start + 4, label: 0 };
        let mut list = vec![span(0, 0, 5), span(0, 1, 5), span(0, 2, 30), span(1, 0, 10), span(1, 1, 20)];
        list.sort_unstable();
        (0..2).for_each(|item| (0..3).for_each(|rater| builder.push(item, rater, 0, None)));
        let spans = Spans {
            documents: column(&["same", "apart"]),
            texts: column(&[&text, &text]),
            list,
            regions: vec![
                Region { document: 0, start: 5, end: 9 },
                Region { document: 1, start: 10, end: 14 },
            ],
            ..Spans::default()
        };
        Dataset {
            labels: LabelSet::new(&[], ["name".to_owned()]),
            raters: Raters {
                names: ["a", "b", "m"].map(str::to_owned).to_vec(),
                kinds: vec![RaterKind::Human, RaterKind::Human, RaterKind::Model],
                ..Raters::default()
            },
            annotations: builder.finish(2, 3),
            spans: Some(spans),
            ..Dataset::default()
        }
    }

    fn report(settings: Settings) -> SpansReport {
        let asked = SpansAsked {
            settings,
            matching: SpanMatch::Exact,
            unit: Unit::Token,
            empty: JointlyEmpty::Undefined,
            seed: 1,
        };
        spans(&dataset(), &asked, &Progress::new()).unwrap().unwrap()
    }

    #[test]
    fn a_document_in_which_raters_differ_leads_to_its_items() {
        let report = report(Settings::default());
        assert_eq!((report.n_documents, report.n_raters, report.n_spans), (2, 2, 4));
        // Of each rater's two spans one has a counterpart.
        assert_eq!(report.statistic(Measure::F1).value(), Some(0.5));
        for measure in Measure::ALL {
            let first = &report.documents(measure)[0];
            assert_eq!((first.name.as_str(), &*first.items), ("apart", &[1][..]), "{}", measure.name());
            assert_eq!(report.of_labels(measure).len(), usize::from(!measure.is_of_highlights()));
        }
        // All disagreement is there.
        assert_eq!(report.documents(Measure::Unitizing).iter().map(|d| d.value).sum::<f64>(), 1.0);
        assert_eq!(report.label(0), "name");
    }

    #[test]
    fn a_model_counts_once_it_is_switched_in() {
        let mut settings = Settings::default();
        settings.switch(&dataset().raters, 2);
        let report = report(settings);
        assert_eq!((report.n_raters, report.n_spans, report.pairs.len()), (3, 5, 3));
        assert!(report.pairs[0].f1.value() < report.pairs[2].f1.value());
        let none = Dataset { spans: None, ..dataset() };
        let asked = SpansAsked {
            settings: Settings::default(),
            matching: SpanMatch::Exact,
            unit: Unit::Token,
            empty: JointlyEmpty::Undefined,
            seed: 1,
        };
        assert!(spans(&none, &asked, &Progress::new()).unwrap().is_err());
    }
}
