//! Every coefficient of agreement on one scale, with intervals of one kind: what an explorer shows side by side.
//!
//! Computed when somebody asks for it. Raters' votes only: no decision changes them.

use std::sync::Arc;

use super::Settings;
use crate::dataset::{Annotations, Dataset, Scale};
use crate::progress::{Cancelled, Progress};
use crate::stats::agreement::{
    Advice, COEFFICIENTS, Coefficient, IntervalSpec, Kind, Metric, ReliabilityData, Spec, Takes, Weights,
    advise, coefficient,
};
use crate::stats::{Statistic, Undefined};

/// What the distance between labels means: a [`Scale`], or more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The same or not.
    Nominal,
    /// In order.
    Ordinal,
    /// Distances mean something.
    Interval,
    /// Ratios do: there is a zero.
    Ratio,
    /// On a circle, such as hours: after the greatest value comes the least.
    Circular,
    /// Sets: 1 − |A ∩ B|/|A ∪ B|.
    Jaccard,
    /// Sets: Jaccard, less where one is part of the other than where they cross (Passonneau 2006).
    Masi,
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Nominal,
        Self::Ordinal,
        Self::Interval,
        Self::Ratio,
        Self::Circular,
        Self::Jaccard,
        Self::Masi,
    ];

    /// Name and meaning, for people.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Nominal => ("Nominal", "Labels are the same or not"),
            Self::Ordinal => ("Ordinal", "Labels have an order: that of the label set"),
            Self::Interval => ("Interval", "Distances between labels mean something"),
            Self::Ratio => ("Ratio", "Ratios of labels mean something: there is a zero"),
            Self::Circular => {
                ("Circular", "After the greatest label comes the least: hours, weekdays, directions")
            }
            Self::Jaccard => ("Jaccard", "Sets of labels: one minus the share of labels in common"),
            Self::Masi => {
                ("MASI", "Sets of labels: a part of the other set is closer than one that crosses it")
            }
        }
    }

    /// What the data says of itself.
    pub fn of(data: &ReliabilityData<'_>) -> Self {
        match data.scale() {
            Scale::Nominal if data.sets().is_some() => Self::Masi,
            Scale::Nominal => Self::Nominal,
            Scale::Ordinal => Self::Ordinal,
            Scale::Interval => Self::Interval,
            Scale::Ratio => Self::Ratio,
        }
    }

    /// Whether `dataset` can be measured so: sets need sets, circles and ratios numbers, intervals at least an order.
    pub fn fits(self, dataset: &Dataset) -> bool {
        match self {
            Self::Jaccard | Self::Masi => dataset.sets.is_some(),
            Self::Circular | Self::Ratio => dataset.labels.values().is_some(),
            Self::Interval => dataset.labels.values().is_some() || dataset.labels.scale != Scale::Nominal,
            Self::Nominal | Self::Ordinal => true,
        }
    }

    /// The scale of values that it needs.
    pub fn scale(self) -> Scale {
        match self {
            Self::Nominal | Self::Jaccard | Self::Masi => Scale::Nominal,
            Self::Ordinal => Scale::Ordinal,
            Self::Interval | Self::Circular => Scale::Interval,
            Self::Ratio => Scale::Ratio,
        }
    }

    /// The metric of Krippendorff's alpha.
    pub fn metric(self) -> Metric {
        match self {
            Self::Nominal => Metric::Nominal,
            Self::Ordinal => Metric::Ordinal,
            Self::Interval => Metric::Interval,
            Self::Ratio => Metric::Ratio,
            Self::Circular => Metric::Circular { period: None },
            Self::Jaccard => Metric::Jaccard,
            Self::Masi => Metric::Masi,
        }
    }

    /// What a coefficient takes so, and how that is called; or why it has no meaning.
    pub fn spec(self, about: &Coefficient) -> Result<(Spec, &'static str), &'static str> {
        let kind = about.kind;
        Ok(match (about.takes, self) {
            (Takes::Nothing, _) => (Spec::new(kind), ""),
            (Takes::Weights, Self::Nominal) => (Spec::new(kind), "unweighted"),
            (Takes::Weights, Self::Ordinal) => (Spec::weighted(kind, Weights::Ordinal), "ordinal weights"),
            (Takes::Weights, Self::Interval) => {
                (Spec::weighted(kind, Weights::Quadratic), "quadratic weights")
            }
            (Takes::Weights, Self::Ratio) => (Spec::weighted(kind, Weights::Ratio), "ratio weights"),
            (Takes::Weights, Self::Circular) => return Err("its weights know no circle; alpha does"),
            (Takes::Weights, Self::Jaccard | Self::Masi) => {
                (Spec::new(kind), "unweighted: equal sets or not")
            }
            (Takes::Metric, Self::Masi) => (Spec::alpha(Metric::Masi), "MASI distance of sets"),
            (Takes::Metric, Self::Jaccard) => (Spec::alpha(Metric::Jaccard), "Jaccard distance of sets"),
            (Takes::Metric, Self::Circular) => (Spec::alpha(self.metric()), "circular"),
            (Takes::Metric, Self::Nominal) => (Spec::alpha(Metric::Nominal), "nominal"),
            (Takes::Metric, Self::Ordinal) => (Spec::alpha(Metric::Ordinal), "ordinal"),
            (Takes::Metric, Self::Interval) => (Spec::alpha(Metric::Interval), "interval"),
            (Takes::Metric, Self::Ratio) => (Spec::alpha(Metric::Ratio), "ratio"),
            (Takes::Values, Self::Nominal | Self::Jaccard | Self::Masi) => {
                return Err("the labels have no order on a nominal scale");
            }
            (Takes::Values, Self::Circular) => return Err("numbers on a circle have no order"),
            (Takes::Values, _) => (Spec::new(kind), "values"),
        })
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// What the distance between labels means; `None` for what the data says.
    pub measure: Option<Measure>,
    /// How intervals are made.
    pub interval: IntervalSpec,
    /// Whose votes count, and what is done with repeats.
    pub settings: Settings,
    /// The items that count, in any order; `None` for all.
    pub items: Option<Arc<[u32]>>,
}

impl Asked {
    /// The votes that are looked at.
    pub fn votes(&self, dataset: &Dataset) -> Annotations {
        let counted = self.settings.counted(dataset).resolved(self.settings.duplicates);
        match &self.items {
            None => counted,
            Some(items) => {
                let mut kept = vec![false; dataset.n_items()];
                items.iter().filter_map(|&i| kept.get_mut(i as usize).map(|k| *k = true)).for_each(drop);
                counted.keep(|item, _| kept[item as usize])
            }
        }
    }

    /// What is measured, and the data on its scale.
    pub fn data<'a>(&self, dataset: &'a Dataset, votes: &'a Annotations) -> (Measure, ReliabilityData<'a>) {
        let data = ReliabilityData::of(dataset, votes);
        let measure = self.measure.unwrap_or(Measure::of(&data));
        (measure, data.on(measure.scale()))
    }
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
    /// What the distance between labels meant.
    pub measure: Measure,
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

/// Computes every coefficient that the data allows, in the order of the list.
pub fn coefficients(dataset: &Dataset, asked: Asked, progress: &Progress) -> Result<Coefficients, Cancelled> {
    let votes = asked.votes(dataset);
    let (measure, data) = asked.data(dataset, &votes);
    progress.stage("coefficients", COEFFICIENTS.len() as u64);
    let mut rows = Vec::with_capacity(COEFFICIENTS.len());
    for about in COEFFICIENTS {
        progress.check()?;
        let (by, statistic) = match measure.spec(about) {
            Ok((spec, by)) => (by, coefficient(&data, &spec, &asked.interval, progress)?),
            Err(why) => ("", Undefined::Because(why.into()).into()),
        };
        rows.push(Row { about, by, statistic });
        progress.add(1);
    }
    let advice = advise(&data);
    Ok(Coefficients { asked, measure, rows, advice })
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

    fn all(dataset: &Dataset, measure: Option<Measure>) -> Coefficients {
        let asked = Asked { measure, ..Asked::default() };
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
        let c = all(&dataset(&votes, &["1", "2", "3", "4", "5"]), Some(Measure::Interval));
        assert!(
            c.words().1.iter().any(|w| w.starts_with("Look at ICC(2,1) = ICC(A,1) too")),
            "{:?}",
            c.words()
        );
        assert!(c.row(Kind::KendallW).unwrap().statistic.value().is_some_and(|w| w > 0.8));
        assert_eq!(c.row(Kind::Krippendorff).unwrap().by, "interval");
    }
}
