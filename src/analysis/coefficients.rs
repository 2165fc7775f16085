//! Every coefficient of agreement on one scale, with intervals of one kind: what an explorer shows side by side.
//!
//! Computed when somebody asks for it. Raters' votes only: no decision changes them.

use crate::dataset::{Dataset, DuplicateRule, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{
    Advice, COEFFICIENTS, Coefficient, IntervalSpec, Kind, Metric, ReliabilityData, Spec, Takes, Weights,
    advise, coefficient,
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
    /// Which one fits these data and why, and what to mind; or why nothing can be computed.
    pub advice: Result<Advice, Undefined>,
}

impl Coefficients {
    /// The one that fits; Krippendorff's alpha where nothing can be computed.
    pub fn recommended(&self) -> Kind {
        self.advice.as_ref().map_or(Kind::Krippendorff, |advice| advice.spec.kind)
    }

    /// For people: which one fits and why, and what to mind, each a sentence.
    pub fn words(&self) -> (Option<String>, Vec<String>) {
        let Ok(advice) = &self.advice else { return (None, Vec::new()) };
        let best = self.row(advice.spec.kind).map(|row| format!("{} fits: {}.", row.about.name, advice.why));
        let also = advice.also.iter().filter_map(|(spec, why)| {
            Some(format!("Look at {} too: {why}.", self.row(spec.kind)?.about.name))
        });
        (best, advice.warnings.iter().cloned().chain(also).collect())
    }

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
    let advice = advise(&data);
    Ok(Coefficients { asked, scale, rows, advice })
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
        assert_eq!(c.recommended(), Kind::Cohen);
        let (best, warnings) = c.words();
        assert!(best.unwrap().starts_with("Cohen's kappa fits: "));
        for part in [
            "only 12 items",
            "only 1 ratings",
            "AC1 is 0.91 and alpha 0.00",
            "Look at Gwet's AC1/AC2 too: one label has 96 %",
        ] {
            assert!(warnings.iter().any(|w| w.contains(part)), "{part}: {warnings:?}");
        }
        let icc = c.row(Kind::KendallW).unwrap();
        assert!(icc.statistic.reason().unwrap().contains("no order"));
    }

    #[test]
    fn numbers_of_one_panel_have_an_intraclass_correlation() {
        let votes: Vec<&[u32]> = vec![&[0, 1, 0], &[1, 1, 2], &[3, 3, 3], &[2, 3, 2], &[4, 4, 3]];
        let c = all(&dataset(&votes, &["1", "2", "3", "4", "5"]), Some(Scale::Interval));
        assert!(
            c.words().1.iter().any(|w| w.starts_with("Look at ICC(2,1) = ICC(A,1) too")),
            "{:?}",
            c.words()
        );
        assert!(c.row(Kind::KendallW).unwrap().statistic.value().is_some_and(|w| w > 0.8));
        assert_eq!(c.row(Kind::Krippendorff).unwrap().by, "interval");
    }
}
