//! A number with its sample sizes and interval, or the reason why there is none.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// 97.5 % point of the normal distribution.
pub const Z_975: f64 = 1.959_963_984_540_054;

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// From a variance in closed form, large-sample or linearised.
    Analytic,
    /// By leaving out one after the other.
    Jackknife,
    /// From percentiles of resamples.
    Bootstrap {
        /// Resamples drawn.
        replicates: u32,
        /// Share of them, in 0..=1, on which the statistic is undefined; they were left out.
        dropped: f32,
    },
}

/// A statistic that could be computed. Make one with [`Estimate::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// 95 % interval, where one was computed.
    pub ci: Option<(f64, f64)>,
    /// Items that entered it.
    pub n_items: usize,
    /// Raters that entered it.
    pub n_raters: usize,
    /// Standard error, where one was computed.
    pub se: Option<f64>,
    /// How the interval was made, where there is one.
    pub method: Option<Method>,
    /// Annotations on items with two or more, where that was counted.
    pub n_pairable: Option<u64>,
}

impl Estimate {
    /// A value without an interval.
    pub fn new(value: f64, n_items: usize, n_raters: usize) -> Self {
        Self { value, ci: None, n_items, n_raters, se: None, method: None, n_pairable: None }
    }

    /// The same with an interval.
    #[must_use]
    pub fn with_ci(self, ci: Option<(f64, f64)>) -> Self {
        Self { ci, ..self }
    }
}

/// Why a statistic has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Nothing was labelled.
    #[error("there are no annotations")]
    NoAnnotations,
    /// Agreement needs two.
    #[error("there are fewer than two raters")]
    FewerThanTwoRaters,
    /// Nobody knows who gave which label.
    #[error("the source gives votes without saying whose they are")]
    AnonymousVotes,
    /// No item was labelled twice.
    #[error("no item has two annotations")]
    NoPairableItem,
    /// Chance agreement is 1.
    #[error("only one label is used, so chance agreement is 1 (observed agreement is 100 %)")]
    NoVariation,
    /// The coefficient needs the same number of annotations on every item.
    #[error("items have different numbers of annotations")]
    UnequalCounts,
    /// There is no model.
    #[error("needs predicted probabilities")]
    NoProbabilities,
    /// Something else.
    #[error("{0}")]
    Because(String),
}

/// A value or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Statistic {
    /// It could be computed.
    Defined(Estimate),
    /// It could not.
    Undefined(Undefined),
}

impl Statistic {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Defined(e) => Some(e.value),
            Self::Undefined(_) => None,
        }
    }

    /// The estimate, if there is one.
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Defined(e) => Some(e),
            Self::Undefined(_) => None,
        }
    }

    /// The reason, if there is no value.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Defined(_) => None,
            Self::Undefined(u) => Some(u.to_string()),
        }
    }
}

impl From<Estimate> for Statistic {
    fn from(e: Estimate) -> Self {
        Self::Defined(e)
    }
}

impl From<Undefined> for Statistic {
    fn from(u: Undefined) -> Self {
        Self::Undefined(u)
    }
}

impl From<Result<Estimate, Undefined>> for Statistic {
    fn from(r: Result<Estimate, Undefined>) -> Self {
        r.map_or_else(Self::Undefined, Self::Defined)
    }
}

impl Serialize for Statistic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Defined(e) => {
                map.serialize_entry("value", &e.value)?;
                if let Some((low, high)) = e.ci {
                    map.serialize_entry("ci_low", &low)?;
                    map.serialize_entry("ci_high", &high)?;
                }
                map.serialize_entry("n_items", &e.n_items)?;
                map.serialize_entry("n_raters", &e.n_raters)?;
            }
            Self::Undefined(u) => {
                map.serialize_entry("value", &Option::<f64>::None)?;
                map.serialize_entry("reason", &u.to_string())?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_is_null_with_its_reason() {
        let s = Statistic::from(Undefined::NoPairableItem);
        assert_eq!(
            serde_json::to_string(&s).unwrap(),
            r#"{"value":null,"reason":"no item has two annotations"}"#
        );
    }

    #[test]
    fn intervals_appear_only_where_there_is_one() {
        let s = Statistic::from(Estimate::new(0.5, 3, 2));
        assert_eq!(serde_json::to_string(&s).unwrap(), r#"{"value":0.5,"n_items":3,"n_raters":2}"#);
    }
}
