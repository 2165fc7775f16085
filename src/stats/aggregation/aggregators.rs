//! The table of aggregators: which there are, when each fits, where it comes from, what it needs.
//!
//! A view or a command line reads [`AGGREGATORS`] and calls [`aggregate`](super::aggregate).

/// Which aggregator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The table says what each is.
pub enum Which {
    MajorityVote,
    Wawa,
    ZeroBasedSkill,
    OneCoin,
    DawidSkene,
    FastDawidSkene,
    HybridDawidSkene,
    Ibcc,
    Glad,
    Mace,
    MaceEm,
    Mmsr,
    Kos,
    CrowdTruth,
    Crowdlab,
}

/// What an aggregator needs beyond labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: votes may be anonymous.
    Votes,
    /// Two raters or more that are told apart.
    Raters,
    /// The same, and exactly two labels.
    RatersAndTwoLabels,
    /// Raters, and a model's probabilities.
    RatersAndModel,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Aggregator {
    /// Which it is.
    pub which: Which,
    /// Name in files and on the command line.
    pub id: &'static str,
    /// Name as the field writes it.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// When it fits.
    pub fits: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// What its [`Aggregation::skill`](super::Aggregation::skill) is.
    pub skill: &'static str,
    /// What its [`Aggregation::objective`](super::Aggregation::objective) is; empty where there is none.
    pub objective: &'static str,
}

/// All aggregators, the simplest first.
pub const AGGREGATORS: [Aggregator; 15] = [
    Aggregator {
        which: Which::MajorityVote,
        id: "majority_vote",
        name: "Majority vote",
        about: "The label with the most votes; ties stay ties.",
        fits: "Raters are about equally good, or nothing is known of them.",
        source: "Folklore",
        needs: Needs::Votes,
        skill: "share of answers that are the majority's",
        objective: "",
    },
    Aggregator {
        which: Which::Wawa,
        id: "wawa",
        name: "Wawa",
        about: "Votes again, each rater weighted by agreement with the majority.",
        fits: "A quick step beyond the majority when some raters are careless.",
        source: "Appen, worker agreement with aggregate",
        needs: Needs::Raters,
        skill: "share of answers that are the majority's",
        objective: "",
    },
    Aggregator {
        which: Which::ZeroBasedSkill,
        id: "zero_based_skill",
        name: "Zero-Based Skill",
        about: "Moves each rater's weight towards agreement with the weighted vote, a hundred times.",
        fits: "As Wawa, when one round is not enough.",
        source: "Ustalov, Pavlichenko & Tseitlin 2024, crowd-kit",
        needs: Needs::Raters,
        skill: "share of answers that are the weighted vote's",
        objective: "",
    },
    Aggregator {
        which: Which::OneCoin,
        id: "one_coin",
        name: "One coin",
        about: "Each rater is right with one probability and errs evenly.",
        fits: "Few annotations a rater, and errors that go no particular way.",
        source: "Demartini, Difallah & Cudré-Mauroux 2012, ZenCrowd",
        needs: Needs::Raters,
        skill: "probability of being right",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::DawidSkene,
        id: "dawid_skene",
        name: "Dawid–Skene",
        about: "Each rater has an error matrix: what they say under each true label.",
        fits: "Raters with many annotations, and errors that go certain ways.",
        source: "Dawid & Skene 1979",
        needs: Needs::Raters,
        skill: "probability of saying the true label",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::FastDawidSkene,
        id: "fast_dawid_skene",
        name: "Fast Dawid–Skene",
        about: "Dawid–Skene with each item wholly assigned to its most probable label.",
        fits: "Large data, when labels matter and their probabilities do not.",
        source: "Sinha, Rao & Balasubramanian 2018",
        needs: Needs::Raters,
        skill: "probability of saying the true label",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::HybridDawidSkene,
        id: "hybrid_dawid_skene",
        name: "Hybrid Dawid–Skene",
        about: "Begins as Dawid–Skene and ends as the fast one.",
        fits: "As Fast Dawid–Skene, nearer to the model of 1979.",
        source: "Sinha, Rao & Balasubramanian 2018",
        needs: Needs::Raters,
        skill: "probability of saying the true label",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::Ibcc,
        id: "ibcc",
        name: "IBCC",
        about: "Dawid–Skene with priors, so that raters with few annotations are not believed too much.",
        fits: "Few annotations a rater, or when error matrices need intervals.",
        source: "Kim & Ghahramani 2012, by variational Bayes",
        needs: Needs::Raters,
        skill: "expected probability of saying the true label",
        objective: "lower bound of the log evidence",
    },
    Aggregator {
        which: Which::Glad,
        id: "glad",
        name: "GLAD",
        about: "Items differ in ease and raters in ability.",
        fits: "Some items are hard for everybody, and errors go no particular way.",
        source: "Whitehill et al. 2009",
        needs: Needs::Raters,
        skill: "ability: 0 guesses, below 0 misleads",
        objective: "log-likelihood plus log prior",
    },
    Aggregator {
        which: Which::Mace,
        id: "mace",
        name: "MACE",
        about: "Raters know or spam; variational Bayes, the best of several starts.",
        fits: "Some raters click without looking.",
        source: "Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013",
        needs: Needs::Raters,
        skill: "competence: probability of knowing",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::MaceEm,
        id: "mace_em",
        name: "MACE (EM)",
        about: "MACE by maximum likelihood with a little smoothing.",
        fits: "As MACE, with many annotations a rater.",
        source: "Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013",
        needs: Needs::Raters,
        skill: "competence: probability of knowing",
        objective: "log-likelihood",
    },
    Aggregator {
        which: Which::Mmsr,
        id: "m_msr",
        name: "M-MSR",
        about: "Skills from how often pairs of raters agree, robust against a few who collude.",
        fits: "Raters share many items, and some may be adversaries.",
        source: "Ma & Olshevsky 2020",
        needs: Needs::Raters,
        skill: "probability of being right",
        objective: "",
    },
    Aggregator {
        which: Which::Kos,
        id: "kos",
        name: "KOS",
        about: "Messages between items and raters until their signs settle; gives labels only.",
        fits: "Two labels, and items given to raters at random.",
        source: "Karger, Oh & Shah 2011",
        needs: Needs::RatersAndTwoLabels,
        skill: "weight: below 0 for one who is mostly wrong",
        objective: "",
    },
    Aggregator {
        which: Which::CrowdTruth,
        id: "crowd_truth",
        name: "CrowdTruth",
        about: "Quality of items, raters and labels, each weighing the others; shares of votes weighted by raters.",
        fits: "Disagreement is a signal of unclear items and labels, not only of bad raters.",
        source: "Dumitrache, Inel, Aroyo, Timmermans & Welty 2018",
        needs: Needs::Raters,
        skill: "quality: how a rater's answers go with those of other raters and of the crowd",
        objective: "",
    },
    Aggregator {
        which: Which::Crowdlab,
        id: "crowdlab",
        name: "CROWDLAB",
        about: "Votes and a model's probabilities together, each weighted by how much it can be trusted.",
        fits: "There is a model with out-of-sample probabilities, and few votes an item.",
        source: "Goh, Tkachenko & Mueller 2022",
        needs: Needs::RatersAndModel,
        skill: "quality: the mean posterior of what a rater said, mixed with agreement with the consensus",
        objective: "",
    },
];

impl Which {
    /// Its row of the table.
    pub fn row(self) -> &'static Aggregator {
        // Every variant has a row, as a test sees.
        AGGREGATORS.iter().find(|a| a.which == self).unwrap_or(&AGGREGATORS[0])
    }

    /// The aggregator with this [`Aggregator::id`].
    pub fn from_id(id: &str) -> Option<Self> {
        AGGREGATORS.iter().find(|a| a.id == id).map(|a| a.which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aggregator_has_one_row() {
        for a in &AGGREGATORS {
            assert_eq!(Which::from_id(a.id), Some(a.which));
            assert_eq!(a.which.row().id, a.id);
            assert_eq!(
                serde_json::to_value(a.which)
                    .unwrap()
                    .as_str()
                    .map(|s| s.replace("mmsr", "m_msr"))
                    .as_deref(),
                Some(a.id)
            );
            assert!(a.about.ends_with('.') && a.fits.ends_with('.') && !a.skill.is_empty());
        }
        assert_eq!(Which::from_id("dice"), None);
    }
}
