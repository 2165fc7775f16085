//! Raters and items out of a model whose agreement is known, and how often intervals hold it.
//!
//! An item's true label is drawn from `prior`; each rater says it with probability `skill`, else one of the others,
//! each alike; each rating is missing with probability `missing`. So the value of every coefficient on endless items has a
//! closed form: with P(k | z) as said, agreement is Σ_z P(z) Σ_k P(k | z)², and all raters have the same shares of labels.

use dissensus::dataset::{Annotations, AnnotationsBuilder};
use dissensus::progress::Progress;
use dissensus::stats::agreement::{
    IntervalKind, IntervalSpec, Kind, Levels, ReliabilityData, Spec, coefficient,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// A cell of the simulation.
pub struct Design {
    pub name: &'static str,
    pub prior: &'static [f64],
    pub raters: u32,
    pub skill: f64,
    pub missing: f64,
    /// Whether labels are about equally frequent.
    pub balanced: bool,
}

pub const DESIGNS: [Design; 6] = [
    Design {
        name: "3 labels, 3 raters",
        prior: &[1.0; 3],
        raters: 3,
        skill: 0.8667,
        missing: 0.0,
        balanced: true,
    },
    Design {
        name: "4 labels, 5 raters, 30 % missing",
        prior: &[1.0; 4],
        raters: 5,
        skill: 0.775,
        missing: 0.3,
        balanced: true,
    },
    Design {
        name: "2 labels, 10 raters",
        prior: &[1.0; 2],
        raters: 10,
        skill: 0.85,
        missing: 0.0,
        balanced: true,
    },
    Design {
        name: "3 labels, 2 raters",
        prior: &[1.0; 3],
        raters: 2,
        skill: 0.8667,
        missing: 0.0,
        balanced: true,
    },
    Design {
        name: "skewed 5 %, 3 raters",
        prior: &[0.95, 0.05],
        raters: 3,
        skill: 0.989,
        missing: 0.0,
        balanced: false,
    },
    Design {
        name: "skewed 5 %, 2 raters",
        prior: &[0.95, 0.05],
        raters: 2,
        skill: 0.989,
        missing: 0.0,
        balanced: false,
    },
];

fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

impl Design {
    fn k(&self) -> usize {
        self.prior.len()
    }

    fn prior_of(&self, label: usize) -> f64 {
        self.prior[label] / self.prior.iter().sum::<f64>()
    }

    /// The coefficients that fit: Cohen's kappa is for two raters.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds =
            vec![Kind::Krippendorff, Kind::Gwet, Kind::Fleiss, Kind::BrennanPrediger, Kind::Conger];
        if self.raters == 2 {
            kinds.push(Kind::Cohen);
        }
        kinds
    }

    /// The coefficient on endless items.
    pub fn truth(&self, kind: Kind) -> f64 {
        let k = self.k();
        let said = |z: usize, l: usize| {
            if z == l { self.skill } else { (1.0 - self.skill) / (k - 1) as f64 }
        };
        let agreement: f64 =
            (0..k).map(|z| self.prior_of(z) * (0..k).map(|l| said(z, l).powi(2)).sum::<f64>()).sum();
        let share = |l: usize| (0..k).map(|z| self.prior_of(z) * said(z, l)).sum::<f64>();
        let same: f64 = (0..k).map(|l| share(l).powi(2)).sum();
        let chance = match kind {
            Kind::Gwet => (1.0 - same) / (k - 1) as f64,
            Kind::BrennanPrediger => 1.0 / k as f64,
            _ => same,
        };
        (agreement - chance) / (1.0 - chance)
    }

    /// Sample `replicate` of `n` items.
    fn draw(&self, n: u32, seed: u64, replicate: u64) -> Annotations {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(replicate);
        let k = self.k() as u32;
        let mut builder = AnnotationsBuilder::new();
        for item in 0..n {
            let mut at = uniform(&mut rng);
            let mut truth = 0;
            while truth + 1 < k && at >= self.prior_of(truth as usize) {
                at -= self.prior_of(truth as usize);
                truth += 1;
            }
            for rater in 0..self.raters {
                let (right, other, there) = (uniform(&mut rng), uniform(&mut rng), uniform(&mut rng));
                let other = (truth + 1 + (other * f64::from(k - 1)) as u32) % k;
                if there >= self.missing {
                    builder.push(item, rater, if right < self.skill { truth } else { other }, None);
                }
            }
        }
        builder.finish(n as usize, self.raters as usize)
    }
}

/// How intervals did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Covered {
    /// Samples with an interval.
    pub intervals: u32,
    /// Those that hold the true value.
    pub held: u32,
    pub width: f64,
}

impl Covered {
    pub fn share(&self) -> f64 {
        f64::from(self.held) / f64::from(self.intervals)
    }

    pub fn mean_width(&self) -> f64 {
        self.width / f64::from(self.intervals)
    }
}

/// Coverage of each of `asked` on `samples` samples of `n` items, in order.
pub fn coverage(design: &Design, n: u32, samples: u32, asked: &[(Kind, IntervalKind)]) -> Vec<Covered> {
    const SEED: u64 = 20;
    let truth: Vec<f64> = asked.iter().map(|&(kind, _)| design.truth(kind)).collect();
    let found: Vec<Vec<Option<(f64, f64)>>> = (0..samples)
        .into_par_iter()
        .map(|replicate| {
            let annotations = design.draw(n, SEED, u64::from(replicate));
            let data = ReliabilityData::new(&annotations, Levels::positions(design.k()));
            let interval = |&(kind, interval): &(Kind, IntervalKind)| {
                // Each sample has resamples of its own: with the same, their luck would be that of all samples.
                let interval = match interval {
                    IntervalKind::Bootstrap { replicates, .. } => {
                        IntervalKind::Bootstrap { replicates, seed: u64::from(replicate) }
                    }
                    other => other,
                };
                let spec = IntervalSpec::new(interval);
                let found = coefficient(&data, &Spec::new(kind), &spec, &Progress::new()).ok()?;
                found.estimate()?.ci
            };
            asked.iter().map(interval).collect()
        })
        .collect();
    let of = |place: usize| {
        let mut covered = Covered::default();
        for (low, high) in found.iter().filter_map(|sample| sample[place]) {
            covered.intervals += 1;
            covered.held += u32::from(low <= truth[place] && truth[place] <= high);
            covered.width += high - low;
        }
        covered
    };
    (0..asked.len()).map(of).collect()
}
