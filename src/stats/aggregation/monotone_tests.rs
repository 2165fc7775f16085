//! No model's objective falls from one iteration to the next.

use proptest::prelude::*;

use super::{
    IbccOptions, Layout, MaceOptions, MaceUpdate, OneCoinOptions, StoppingRule, glad, ibcc, mace, one_coin,
};
use crate::dataset::AnnotationsBuilder;
use crate::progress::Progress;

/// A rule that reads the objective and does not stop before `n`, as no gain is below so little.
fn after(n: usize) -> StoppingRule {
    StoppingRule { gain_per_annotation: -1e300, max_iterations: n }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn objectives_never_fall(rows in prop::collection::vec((0..9_u32, 0..4_u32, 0..3_u32), 6..60)) {
        let mut builder = AnnotationsBuilder::new();
        rows.iter().for_each(|&(item, rater, label)| builder.push(item, rater, label, None));
        let layout = Layout::new(&builder.finish(9, 4), 3);
        prop_assume!(layout.check().is_ok());
        let p = Progress::new();
        let vb = MaceUpdate::VARIATIONAL;
        let em = MaceUpdate::Smoothed(0.1);
        let objective = |model: &str, n: usize| match model {
            "one coin" => {
                let options = OneCoinOptions { rule: after(n), ..Default::default() };
                one_coin(&layout, options, &p).unwrap().unwrap().log_likelihood
            }
            "IBCC" => {
                let options = IbccOptions { rule: after(n), ..Default::default() };
                ibcc(&layout, options, &p).unwrap().unwrap().lower_bound
            }
            "GLAD" => glad(&layout, after(n), None, &p).unwrap().unwrap().objective,
            _ => {
                let update = if model == "MACE" { vb } else { em };
                let options = MaceOptions { update, rule: after(n), restarts: 1, ..Default::default() };
                mace(&layout, &options, &p).unwrap().unwrap().objective
            }
        };
        for model in ["one coin", "IBCC", "GLAD", "MACE", "MACE (EM)"] {
            let found: Vec<f64> = (1..25).map(|n| objective(model, n)).collect();
            for w in found.windows(2) {
                prop_assert!(w[1] >= w[0] - 1e-7, "{model}: {} → {}", w[0], w[1]);
            }
        }
    }
}
