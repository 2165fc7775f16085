//! The list of coefficients: what each is, when it fits, what it takes, and where it comes from. Views, the command line
//! and reports read this one list.

use super::icc::IccForm;
use super::weights::{Metric, Weights};

/// Which coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Share of agreeing pairs of ratings.
    Percent,
    /// Share of items on which all agree.
    Unanimous,
    /// Mean share of the most frequent label.
    Majority,
    /// Cohen's kappa.
    Cohen,
    /// Scott's pi.
    Scott,
    /// Fleiss' kappa.
    Fleiss,
    /// Conger's kappa.
    Conger,
    /// Light's kappa.
    Light,
    /// Hubert's kappa.
    Hubert,
    /// Brennan–Prediger's coefficient.
    BrennanPrediger,
    /// Gwet's AC1 or AC2.
    Gwet,
    /// Krippendorff's alpha.
    Krippendorff,
    /// An intraclass correlation.
    Icc(IccForm),
    /// Kendall's W, corrected for ties.
    KendallW,
    /// Mean of Pearson's r over pairs of raters.
    Pearson,
    /// Mean of Spearman's ρ over pairs of raters.
    Spearman,
    /// Mean of Kendall's τ_b over pairs of raters.
    KendallTau,
    /// Mean of Lin's concordance over pairs of raters.
    Lin,
}

/// Whose place it is to say how far apart two labels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Labels agree or do not.
    Nothing,
    /// [`Weights`].
    Weights,
    /// A [`Metric`].
    Metric,
    /// The labels' values.
    Values,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coefficient {
    /// Which.
    pub kind: Kind,
    /// Name for files and the command line.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// When it fits.
    pub fits: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Where it comes from.
    pub source: &'static str,
}

const fn row(
    kind: Kind,
    id: &'static str,
    name: &'static str,
    takes: Takes,
    about: &'static str,
    fits: &'static str,
    source: &'static str,
) -> Coefficient {
    Coefficient { kind, id, name, about, fits, takes, source }
}

/// All of them, in the order in which they are shown.
pub const COEFFICIENTS: &[Coefficient] = &[
    row(
        Kind::Percent,
        "percent_agreement",
        "Percent agreement",
        Takes::Weights,
        "The share of pairs of ratings on an item that agree, averaged over items.",
        "Always, as the first thing to look at; it does not allow for chance.",
        "Gwet (2014), eq. 5.1",
    ),
    row(
        Kind::Unanimous,
        "unanimous_agreement",
        "Unanimous items",
        Takes::Nothing,
        "The share of items on which all raters give the same label.",
        "As many ratings on every item: it falls with their number.",
        "Proportion; interval of Wilson (1927)",
    ),
    row(
        Kind::Majority,
        "majority_agreement",
        "Majority share",
        Takes::Nothing,
        "The share of an item's ratings that go to its most frequent label, averaged over items.",
        "Many ratings on an item; it does not allow for chance and is never below 1/ratings.",
        "Plurality size (Prabhakaran et al. 2024)",
    ),
    row(
        Kind::Krippendorff,
        "krippendorff_alpha",
        "Krippendorff's alpha",
        Takes::Metric,
        "One minus observed over expected disagreement, chance being a pair of values drawn from all pairable ones.",
        "Any number of raters, missing ratings, any scale or sets of labels.",
        "Krippendorff (2011); interval: Gwet (2014), ch. 6; Hughes (2022)",
    ),
    row(
        Kind::Fleiss,
        "fleiss_kappa",
        "Fleiss' kappa",
        Takes::Weights,
        "Agreement beyond that of raters who all follow the labels' overall shares.",
        "Several interchangeable raters, not always the same ones.",
        "Fleiss (1971); Gwet (2014), ch. 5",
    ),
    row(
        Kind::Gwet,
        "gwet_ac",
        "Gwet's AC1/AC2",
        Takes::Weights,
        "Agreement beyond chance, where only items that are hard are rated at random.",
        "Rare labels, where kappa and alpha are low in spite of high agreement; depends on the number of declared labels.",
        "Gwet (2008)",
    ),
    row(
        Kind::BrennanPrediger,
        "brennan_prediger",
        "Brennan–Prediger (S, Randolph, PABAK)",
        Takes::Weights,
        "Agreement beyond that of raters who draw from all labels alike.",
        "No reason to expect some labels more than others; depends on the number of declared labels.",
        "Bennett, Alpert & Goldstein (1954); Brennan & Prediger (1981); Randolph (2005)",
    ),
    row(
        Kind::Cohen,
        "cohen_kappa",
        "Cohen's kappa",
        Takes::Weights,
        "Agreement of two raters beyond that of raters who each follow their own shares of labels.",
        "Two raters, always the same ones.",
        "Cohen (1960, 1968); Fleiss, Cohen & Everitt (1969)",
    ),
    row(
        Kind::Scott,
        "scott_pi",
        "Scott's pi",
        Takes::Weights,
        "Agreement of two raters beyond that of raters who both follow the labels' overall shares.",
        "Two raters whose shares of labels should be the same.",
        "Scott (1955)",
    ),
    row(
        Kind::Conger,
        "conger_kappa",
        "Conger's kappa",
        Takes::Weights,
        "Cohen's kappa for more raters: chance is two different raters, each with his own shares of labels.",
        "The same few raters on most items.",
        "Conger (1980); Davies & Fleiss (1982); Gwet (2014), ch. 5",
    ),
    row(
        Kind::Light,
        "light_kappa",
        "Light's kappa",
        Takes::Weights,
        "The mean of Cohen's kappas over all pairs of raters, each pair alike.",
        "The same few raters, each pair with many items in common.",
        "Light (1971)",
    ),
    row(
        Kind::Hubert,
        "hubert_kappa",
        "Hubert's kappa",
        Takes::Weights,
        "One kappa from the mean observed and the mean chance agreement of all pairs of raters.",
        "As Light's, where some pairs have hardly any variation; on complete data it is Conger's.",
        "Hubert (1977)",
    ),
    row(
        Kind::Icc(IccForm::OneWay),
        "icc_1_1",
        "ICC(1,1)",
        Takes::Values,
        "The share of the variance of one rating that is between items, raters being different on each.",
        "Numbers, complete data, any raters.",
        "Shrout & Fleiss (1979)",
    ),
    row(
        Kind::Icc(IccForm::OneWayMean),
        "icc_1_k",
        "ICC(1,k)",
        Takes::Values,
        "ICC(1,1) for the mean of all raters.",
        "Numbers that are used as means over raters.",
        "Shrout & Fleiss (1979)",
    ),
    row(
        Kind::Icc(IccForm::Agreement),
        "icc_a_1",
        "ICC(2,1) = ICC(A,1)",
        Takes::Values,
        "The share of the variance of one rating that is between items; raters who are stricter count as disagreement.",
        "Numbers, complete data, the same raters throughout.",
        "Shrout & Fleiss (1979); McGraw & Wong (1996)",
    ),
    row(
        Kind::Icc(IccForm::AgreementMean),
        "icc_a_k",
        "ICC(2,k) = ICC(A,k)",
        Takes::Values,
        "ICC(A,1) for the mean of all raters.",
        "Numbers that are used as means over the same raters.",
        "Shrout & Fleiss (1979); McGraw & Wong (1996)",
    ),
    row(
        Kind::Icc(IccForm::Consistency),
        "icc_c_1",
        "ICC(3,1) = ICC(C,1)",
        Takes::Values,
        "As ICC(A,1), but raters may be stricter or milder than others.",
        "Numbers of which only the order and the spacing matter.",
        "Shrout & Fleiss (1979); McGraw & Wong (1996)",
    ),
    row(
        Kind::Icc(IccForm::ConsistencyMean),
        "icc_c_k",
        "ICC(3,k) = ICC(C,k), Cronbach's alpha",
        Takes::Values,
        "ICC(C,1) for the mean of all raters.",
        "Means over the same raters of which only the order and the spacing matter.",
        "Cronbach (1951); Shrout & Fleiss (1979)",
    ),
    row(
        Kind::Icc(IccForm::OneWayAll),
        "icc_1_1_all",
        "ICC(1,1), all ratings",
        Takes::Values,
        "ICC(1,1) with items that some raters skipped.",
        "Numbers, incomplete data, any raters.",
        "Fisher (1925); Henderson (1953)",
    ),
    row(
        Kind::Icc(IccForm::AgreementAll),
        "icc_a_1_all",
        "ICC(A,1), all ratings",
        Takes::Values,
        "ICC(A,1) with items that some raters skipped, by components of variance.",
        "Numbers, incomplete data, raters who share items with others.",
        "Henderson (1953), method 1",
    ),
    row(
        Kind::Icc(IccForm::ConsistencyAll),
        "icc_c_1_all",
        "ICC(C,1), all ratings",
        Takes::Values,
        "ICC(C,1) with items that some raters skipped, by components of variance.",
        "Numbers, incomplete data, of which only the order and the spacing matter.",
        "Henderson (1953), method 1",
    ),
    row(
        Kind::KendallW,
        "kendall_w",
        "Kendall's W",
        Takes::Values,
        "How far all raters put the items in the same order, from 0 to 1.",
        "Ranks or ordered labels, complete data.",
        "Kendall & Babington Smith (1939)",
    ),
    row(
        Kind::Spearman,
        "spearman_rho",
        "Spearman's rho",
        Takes::Values,
        "Correlation of ranks, averaged over pairs of raters.",
        "Ordered labels of which only the order matters.",
        "Spearman (1904)",
    ),
    row(
        Kind::KendallTau,
        "kendall_tau_b",
        "Kendall's tau-b",
        Takes::Values,
        "Share of pairs of items in the same order minus share in the opposite order, averaged over pairs of raters.",
        "Ordered labels with many ties.",
        "Kendall (1945)",
    ),
    row(
        Kind::Pearson,
        "pearson_r",
        "Pearson's r",
        Takes::Values,
        "Linear correlation, averaged over pairs of raters.",
        "Numbers of which neither origin nor unit matters.",
        "Pearson (1895)",
    ),
    row(
        Kind::Lin,
        "lin_concordance",
        "Lin's concordance",
        Takes::Values,
        "Correlation about the line of equal values, averaged over pairs of raters.",
        "Measurements that should be the same, not only parallel.",
        "Lin (1989)",
    ),
];

impl Coefficient {
    /// The row of `kind`.
    pub fn of(kind: Kind) -> Option<&'static Self> {
        COEFFICIENTS.iter().find(|c| c.kind == kind)
    }

    /// The row called `id`.
    pub fn find(id: &str) -> Option<&'static Self> {
        COEFFICIENTS.iter().find(|c| c.id == id)
    }
}

/// A coefficient with what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Which.
    pub kind: Kind,
    /// Weights, for coefficients that take some.
    pub weights: Weights,
    /// Metric, for Krippendorff's alpha.
    pub metric: Metric,
}

impl Spec {
    /// With identity weights and the nominal metric.
    pub fn new(kind: Kind) -> Self {
        Self { kind, weights: Weights::Identity, metric: Metric::Nominal }
    }

    /// With weights.
    pub fn weighted(kind: Kind, weights: Weights) -> Self {
        Self { weights, ..Self::new(kind) }
    }

    /// Krippendorff's alpha with a metric.
    pub fn alpha(metric: Metric) -> Self {
        Self { metric, ..Self::new(Kind::Krippendorff) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own() {
        let mut ids: Vec<_> = COEFFICIENTS.iter().map(|c| c.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), COEFFICIENTS.len());
        for c in COEFFICIENTS {
            assert_eq!(Coefficient::find(c.id), Coefficient::of(c.kind));
            assert!(c.about.ends_with('.') && c.fits.ends_with('.') && !c.source.is_empty());
        }
    }
}
