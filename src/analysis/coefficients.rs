//! Every coefficient of agreement on one scale, with intervals of one kind: what an explorer shows side by side.
//!
//! Computed when somebody asks for it. Raters' votes only: no decision changes them.

use crate::dataset::{Dataset, DuplicateRule, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{
    COEFFICIENTS, Coefficient, IntervalSpec, Kind, Metric, ReliabilityData, Spec, Takes, Weights, coefficient,
};
use crate::stats::{Statistic, Undefined};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What the distance between labels means; `None` for what the data says.
    pub scale: Option<Scale>,
    /// How intervals are made.
    pub interval: IntervalSpec,
    /// What is done with several annotations of one item by one rater.
    pub duplicates: DuplicateRule,
}

/// One coefficient.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its row of the list of coefficients.
    pub about: &'static Coefficient,
    /// The weights or metric that stand for the scale, in words; empty where it takes none.
    pub by: &'static str,
    /// Its value, or why there is none.
    pub statistic: Statistic,
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Coefficients {
    /// What was asked for.
    pub asked: Asked,
    /// The scale they were computed on.
    pub scale: Scale,
    /// One a coefficient, in the order of the list.
    pub rows: Vec<Row>,
    /// The one that fits these data best.
    pub recommended: Kind,
    /// Why.
    pub because: String,
    /// What to mind when reading them.
    pub warnings: Vec<String>,
}

/// Units below which every interval is too narrow, on skewed data above all.
const FEW_UNITS: usize = 50;
/// Votes for the rarest label below which intervals are too narrow.
const RARE: usize = 10;
/// Distance of AC1 and alpha from which on prevalence is spoken of.
const APART: f64 = 0.2;

impl Coefficients {
    /// The row of `kind`.
    pub fn row(&self, kind: Kind) -> Option<&Row> {
        self.rows.iter().find(|r| r.about.kind == kind)
    }
}

/// What a coefficient takes on `scale`, and how that is called. `None` where the scale is too low for it.
fn spec(about: &Coefficient, scale: Scale, sets: bool) -> Option<(Spec, &'static str)> {
    let kind = about.kind;
    Some(match (about.takes, scale) {
        (Takes::Nothing, _) => (Spec::new(kind), ""),
        (Takes::Weights, Scale::Nominal) => (Spec::new(kind), "unweighted"),
        (Takes::Weights, Scale::Ordinal) => (Spec::weighted(kind, Weights::Ordinal), "ordinal weights"),
        (Takes::Weights, Scale::Interval) => (Spec::weighted(kind, Weights::Quadratic), "quadratic weights"),
        (Takes::Weights, Scale::Ratio) => (Spec::weighted(kind, Weights::Ratio), "ratio weights"),
        (Takes::Metric, Scale::Nominal) if sets => (Spec::alpha(Metric::Masi), "MASI distance of sets"),
        (Takes::Metric, Scale::Nominal) => (Spec::alpha(Metric::Nominal), "nominal"),
        (Takes::Metric, Scale::Ordinal) => (Spec::alpha(Metric::Ordinal), "ordinal"),
        (Takes::Metric, Scale::Interval) => (Spec::alpha(Metric::Interval), "interval"),
        (Takes::Metric, Scale::Ratio) => (Spec::alpha(Metric::Ratio), "ratio"),
        (Takes::Values, Scale::Nominal) => return None,
        (Takes::Values, _) => (Spec::new(kind), "values"),
    })
}

/// Computes every coefficient that the data allows, in the order of the list.
pub fn coefficients(dataset: &Dataset, asked: Asked, progress: &Progress) -> Result<Coefficients, Cancelled> {
    let annotations = dataset.annotations.resolved(asked.duplicates);
    let data = ReliabilityData::of(dataset, &annotations);
    let scale = asked.scale.unwrap_or(data.scale());
    let data = data.on(scale);
    progress.stage("coefficients", COEFFICIENTS.len() as u64);
    let mut rows = Vec::with_capacity(COEFFICIENTS.len());
    for about in COEFFICIENTS {
        progress.check()?;
        let (by, statistic) = match spec(about, scale, data.sets().is_some()) {
            Some((spec, by)) => (by, coefficient(&data, &spec, &asked.interval, progress)?),
            None => ("", Undefined::Because("the labels have no order on a nominal scale".into()).into()),
        };
        rows.push(Row { about, by, statistic });
        progress.add(1);
    }
    let (recommended, because) = recommended(dataset, scale, &rows);
    let warnings = warnings(dataset, &rows);
    Ok(Coefficients { asked, scale, rows, recommended, because, warnings })
}

/// Which coefficient fits, by who rated what on which scale.
fn recommended(dataset: &Dataset, scale: Scale, rows: &[Row]) -> (Kind, String) {
    let defined = |kind: Kind| rows.iter().any(|r| r.about.kind == kind && r.statistic.value().is_some());
    let annotations = &dataset.annotations;
    let n_raters = dataset.raters.len();
    let complete =
        (0..annotations.n_items()).all(|i| annotations.count(i) == 0 || annotations.count(i) == n_raters);
    let kind = Kind::Krippendorff;
    if dataset.raters.anonymous {
        return (kind, "nobody knows who gave which vote, and it does not ask".into());
    }
    let numbers = matches!(scale, Scale::Interval | Scale::Ratio);
    let agreement = Kind::Icc(crate::stats::agreement::IccForm::Agreement);
    if numbers && complete && n_raters >= 2 && defined(agreement) {
        return (agreement, format!("the same {n_raters} raters gave numbers to every item"));
    }
    if n_raters == 2 && complete && defined(Kind::Cohen) {
        return (Kind::Cohen, "the same two raters labelled every item".into());
    }
    let why = if complete {
        format!("it takes {n_raters} raters and any scale")
    } else {
        "items were labelled by different raters, and by different numbers of them".into()
    };
    (kind, why)
}

/// What makes these numbers less sure than they look.
fn warnings(dataset: &Dataset, rows: &[Row]) -> Vec<String> {
    let mut warnings = Vec::new();
    let value = |kind: Kind| rows.iter().find(|r| r.about.kind == kind).and_then(|r| r.statistic.value());
    let units = rows.iter().find_map(|r| r.statistic.estimate()).map_or(0, |e| e.n_items);
    if (1..FEW_UNITS).contains(&units) {
        warnings.push(format!(
            "With {units} items that several raters labelled, intervals are too narrow whatever one does"
        ));
    }
    let mut counts = vec![0_usize; dataset.labels.len()];
    for item in 0..dataset.n_items().min(dataset.annotations.n_items()) {
        let labels = dataset.annotations.labels_of(item);
        if labels.len() >= 2 {
            for &label in labels {
                if let Some(n) = counts.get_mut(label as usize) {
                    *n += 1;
                }
            }
        }
    }
    let total: usize = counts.iter().sum();
    let rarest = counts.iter().enumerate().filter(|(_, n)| **n > 0).min_by_key(|(i, n)| (**n, *i));
    if let Some((label, &n)) = rarest
        && n < RARE
        && counts.iter().filter(|n| **n > 0).count() > 1
    {
        let name = dataset.labels.name(label as u32);
        warnings.push(format!(
            "“{name}” has {n} votes on shared items, too few for what is said of it to be sure"
        ));
    }
    if let (Some(alpha), Some(gwet)) = (value(Kind::Krippendorff), value(Kind::Gwet))
        && (gwet - alpha).abs() >= APART
        && let Some((label, &most)) =
            counts.iter().enumerate().max_by_key(|(i, n)| (**n, std::cmp::Reverse(*i)))
    {
        let share = 100.0 * most as f64 / total.max(1) as f64;
        warnings.push(format!(
            "Alpha and AC1 part, because “{}” takes {share:.0} % of the votes: alpha asks whether raters tell the labels apart, \
             AC1 whether they differ often",
            dataset.labels.name(label as u32)
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{AnnotationsBuilder, LabelSet, Raters};

    fn dataset(votes: &[&[u32]], labels: &[&str]) -> Dataset {
        let mut builder = AnnotationsBuilder::new();
        for (item, votes) in votes.iter().enumerate() {
            for (rater, &label) in votes.iter().enumerate() {
                builder.push(item as u32, rater as u32, label, None);
            }
        }
        let n_raters = votes.iter().map(|v| v.len()).max().unwrap_or(0);
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        Dataset {
            keys: (0..votes.len())
                .map(|i| i.to_string())
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect(),
            labels: LabelSet::new(&labels, std::iter::empty()),
            annotations: builder.finish(votes.len(), n_raters),
            raters: Raters { names: (0..n_raters).map(|r| format!("r{r}")).collect(), ..Raters::default() },
            ..Dataset::default()
        }
    }

    fn all(dataset: &Dataset, scale: Option<Scale>) -> Coefficients {
        let asked = Asked { scale, interval: IntervalSpec::default(), duplicates: DuplicateRule::Last };
        coefficients(dataset, asked, &Progress::new()).unwrap()
    }

    #[test]
    fn a_dominant_label_is_named_where_coefficients_part() {
        let mut votes: Vec<&[u32]> = vec![&[0, 0]; 11];
        votes.push(&[0, 1]);
        let c = all(&dataset(&votes, &["no", "yes"]), None);
        assert_eq!(c.rows.len(), COEFFICIENTS.len());
        let value = |kind| c.row(kind).unwrap().statistic.value().unwrap();
        assert!((value(Kind::Krippendorff) - 0.0).abs() < 1e-12, "{}", value(Kind::Krippendorff));
        assert!((value(Kind::Gwet) - 0.909_4).abs() < 1e-3, "{}", value(Kind::Gwet));
        assert_eq!(c.recommended, Kind::Cohen);
        assert!(c.warnings.iter().any(|w| w.contains("“no” takes 96 %")), "{:?}", c.warnings);
        assert!(
            c.warnings.iter().any(|w| w.contains("too narrow"))
                && c.warnings.iter().any(|w| w.contains("“yes”"))
        );
        let icc = c.row(Kind::KendallW).unwrap();
        assert!(icc.statistic.reason().unwrap().contains("no order"));
    }

    #[test]
    fn numbers_of_one_panel_have_an_intraclass_correlation() {
        let votes: Vec<&[u32]> = vec![&[0, 1, 0], &[1, 1, 2], &[3, 3, 3], &[2, 3, 2], &[4, 4, 3]];
        let c = all(&dataset(&votes, &["1", "2", "3", "4", "5"]), Some(Scale::Interval));
        assert_eq!(c.recommended, Kind::Icc(crate::stats::agreement::IccForm::Agreement));
        assert!(c.row(Kind::KendallW).unwrap().statistic.value().is_some_and(|w| w > 0.8));
        assert_eq!(c.row(Kind::Krippendorff).unwrap().by, "interval");
    }
}
