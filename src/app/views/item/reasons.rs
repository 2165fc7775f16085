//! Why an item is flagged, or why it is not: statements with their numbers, each for or against the given label.

use super::model::ItemModel;
use crate::analysis::{Analysis, FlagMethod};
use crate::app::widgets::paint::{count, number, thousands};
use crate::dataset::{Dataset, LabelId};
use crate::stats::confident::ConfidentLearning;

/// A statement that was checked on the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Whether it speaks against the given label.
    pub against: bool,
    /// In words, with its numbers.
    pub words: String,
}

/// What thresholds, margin, cell and veto say; `p` are the item's probabilities.
pub(super) fn of_model(
    dataset: &Dataset,
    analysis: &Analysis,
    confident: &ConfidentLearning,
    model: &ItemModel,
    p: &[f64],
) -> Vec<Reason> {
    let name = |l: LabelId| dataset.labels.name(l);
    let p2 = |x: f64| number(x, 2);
    let threshold = |l: LabelId| confident.thresholds.get(l as usize).copied().unwrap_or(2.0);
    let probability = |l: LabelId| p.get(l as usize).copied().unwrap_or(0.0);
    let mut reasons = Vec::new();
    let Some(best) = model.suggested else { return reasons };
    let (value, t) = (probability(best), threshold(best));
    let above = value >= t - 1e-6;
    let side = if above { "above" } else { "below" };
    reasons.push(Reason {
        against: above && Some(best) != model.given,
        words: if t > 1.0 {
            format!("Model gives {} {}, which no item is given", name(best), p2(value))
        } else {
            format!("Model gives {} {}, {side} its threshold {}", name(best), p2(value), p2(t))
        },
    });
    let Some(given) = model.given else { return reasons };
    if given == best {
        let words =
            "The given label is the most probable one: only the two low filters could flag it".to_owned();
        reasons.push(Reason { against: false, words });
        return reasons;
    }
    let (value, t) = (probability(given), threshold(given));
    let below = value < t - 1e-6;
    let side = if below { "below" } else { "above" };
    let words = format!("Given label {} has {}, {side} its threshold {}", name(given), p2(value), p2(t));
    reasons.push(Reason { against: below, words });
    let margin = probability(best) - value;
    let words = format!("Margin {} between {} and {}", p2(margin), name(best), name(given));
    reasons.push(Reason { against: margin > 0.0, words });
    let place = analysis.suspicion.as_ref().as_ref().ok();
    if let Some((rank, size)) = place.and_then(|s| s.place_in_cell(model.item as usize, given, best)) {
        let row = confident.calibrated_joint.get(given as usize);
        let expected = row.and_then(|row| row.get(best as usize)).copied().unwrap_or(0);
        let words = format!(
            "Number {} by margin of {} given {} that look like {}, of which {} {} expected to be wrong",
            thousands(u64::from(rank)),
            count(size as usize, "item", "items"),
            name(given),
            name(best),
            if expected == 0 { "none".to_owned() } else { thousands(expected) },
            if expected > 1 { "are" } else { "is" },
        );
        reasons.push(Reason { against: u64::from(rank) <= expected, words });
    }
    reasons
}

/// What raters' votes say.
pub(super) fn of_votes(
    dataset: &Dataset,
    analysis: &Analysis,
    model: &ItemModel,
    votes: &[(LabelId, u32)],
    posterior: &dyn Fn(LabelId) -> Option<f64>,
) -> Vec<Reason> {
    let name = |l: LabelId| dataset.labels.name(l);
    let mut reasons = Vec::new();
    if model.n_votes == 0 {
        return reasons;
    }
    if !model.tied.is_empty() {
        let names: Vec<&str> = model.tied.iter().map(|&l| name(l)).collect();
        reasons
            .push(Reason { against: true, words: format!("Votes are tied between {}", names.join(" and ")) });
    } else if let Some(g) = model.given {
        let count = |l: LabelId| votes.iter().find(|v| v.0 == l).map_or(0, |v| v.1);
        let best = votes.iter().filter(|v| v.0 != g).max_by_key(|v| (v.1, std::cmp::Reverse(v.0)));
        match best {
            Some(&(other, n)) => reasons.push(Reason {
                against: n > count(g),
                words: format!(
                    "{n} of {} raters chose {}, {} chose {}",
                    model.n_votes,
                    name(other),
                    count(g),
                    name(g)
                ),
            }),
            None => reasons.push(Reason {
                against: false,
                words: if model.n_votes == 1 {
                    format!("The only rater chose {}", name(g))
                } else {
                    format!("All {} raters chose {}", model.n_votes, name(g))
                },
            }),
        }
    }
    if analysis.items.method == FlagMethod::DawidSkenePosterior
        && let (Some(s), Some(value)) = (model.suggested, model.suggested.and_then(posterior))
    {
        reasons.push(Reason {
            against: model.given.is_some_and(|g| g != s),
            words: format!("Weighing raters by competence, {} has {}", name(s), number(value, 2)),
        });
    }
    reasons
}
