//! A soft label: which labels apply, and how much.

use super::LabelId;

/// How far the shares of a soft label may be from adding up to 1.
const TOLERANCE: f64 = 1e-6;

/// Labels by ascending number, each with its share: finite, above 0, together 1 (within 1e-6). At least two labels.
///
/// Shares are kept bit by bit as they came: nothing is made to add up.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares(Vec<(LabelId, f64)>);

// No share is NaN: `new` lets only finite ones in.
impl Eq for Shares {}

impl Shares {
    /// A soft label, labels in any order; those with a share of 0 are left out. `None` where a label stands twice, a share is
    /// negative or no number, the shares do not add up to 1, or fewer than two labels have one.
    pub fn new(shares: impl IntoIterator<Item = (LabelId, f64)>) -> Option<Self> {
        let mut list: Vec<(LabelId, f64)> = shares.into_iter().collect();
        if list.iter().any(|&(_, share)| !share.is_finite() || share < 0.0) {
            return None;
        }
        list.sort_by_key(|s| s.0);
        if list.windows(2).any(|w| w[0].0 == w[1].0) {
            return None;
        }
        list.retain(|&(_, share)| share > 0.0);
        let sum: f64 = list.iter().map(|s| s.1).sum();
        (list.len() >= 2 && (sum - 1.0).abs() <= TOLERANCE).then_some(Self(list))
    }

    /// The same from whole per cent.
    pub fn of_percents(percents: &[(LabelId, u32)]) -> Option<Self> {
        Self::new(percents.iter().map(|&(label, n)| (label, f64::from(n) / 100.0)))
    }

    /// By ascending label.
    pub fn iter(&self) -> impl Iterator<Item = (LabelId, f64)> + '_ {
        self.0.iter().copied()
    }

    /// The share of `label`; 0 where it has none.
    pub fn of(&self, label: LabelId) -> f64 {
        self.0.binary_search_by_key(&label, |s| s.0).map_or(0.0, |at| self.0[at].1)
    }

    /// The label with the largest share, or all that share that place, in label order.
    pub fn leaders(&self) -> Vec<LabelId> {
        let most = self.0.iter().map(|s| s.1).fold(0.0, f64::max);
        self.iter().filter(|&(_, share)| share >= most).map(|s| s.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_as_they_came_and_must_add_up() {
        let third = 1.0 / 3.0;
        let s = Shares::new([(4, third), (1, third), (2, third), (0, 0.0)]).unwrap();
        assert_eq!(s.iter().collect::<Vec<_>>(), [(1, third), (2, third), (4, third)]);
        assert_eq!((s.of(0), s.of(2), s.leaders()), (0.0, third, vec![1, 2, 4]));
        assert_eq!(Shares::of_percents(&[(3, 60), (0, 40)]).unwrap().leaders(), [3]);
        for bad in [
            &[(0, 0.5), (1, 0.4)][..],
            &[(0, 1.0)],
            &[(0, 0.5), (0, 0.5)],
            &[(0, 1.5), (1, -0.5)],
            &[(0, f64::NAN), (1, 1.0)],
            &[],
        ] {
            assert_eq!(Shares::new(bad.iter().copied()), None, "{bad:?}");
        }
    }
}
