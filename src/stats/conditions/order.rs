//! In what order do systems come out under a template, and is it the same under others?

use statrs::function::erf::erfc;

use crate::stats::Undefined;

/// Up to this many differences, the signed-rank test is exact.
const MOST_EXACT: usize = 60;

/// Two systems under one template.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemPair {
    /// The first system.
    pub a: usize,
    /// The second, above the first.
    pub b: usize,
    /// Items on which the first, neither, and the second scores higher.
    pub wins: [usize; 3],
    /// Wilcoxon's signed-rank test of the two, two-sided; undefined where no item separates them.
    pub p_value: Result<f64, Undefined>,
    /// The same adjusted for all pairs of the template (Holm 1979); `None` where undefined.
    pub adjusted: Option<f64>,
    /// 1 where the first has the larger sum of ranks, −1 where the second has, 0 where they are equal.
    pub direction: i8,
}

/// Wilcoxon's signed-rank test (1945): p-value, two-sided, and the sum of signed ranks. Zeros are left out, equal differences have mid-ranks. Exact, ties
/// included, for up to 60 differences, by the normal distribution with a continuity correction above. Undefined where no difference is left.
pub fn wilcoxon(differences: &[f64]) -> Result<(f64, f64), Undefined> {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0 && d.is_finite()).collect();
    if sorted.is_empty() {
        return Err(Undefined::Because("no difference is other than 0".to_owned()));
    }
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    // Twice the mid-ranks, whole numbers.
    let mut ranks: Vec<u64> = Vec::with_capacity(sorted.len());
    let mut before = 0_u64;
    for tied in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let t = tied.len() as u64;
        ranks.extend(std::iter::repeat_n(2 * before + t + 1, tied.len()));
        before += t;
    }
    let all: u64 = ranks.iter().sum();
    let above: u64 = sorted.iter().zip(&ranks).filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    let smaller = above.min(all - above);
    let p_value = if ranks.len() <= MOST_EXACT {
        // How many of the 2ⁿ signs have each sum.
        let mut ways = vec![0.0; all as usize + 1];
        ways[0] = 1.0;
        let mut top = 0;
        for &rank in &ranks {
            for sum in (0..=top).rev() {
                ways[sum + rank as usize] += ways[sum];
            }
            top += rank as usize;
        }
        let tail: f64 = ways[..=smaller as usize].iter().sum();
        2.0 * tail / 2.0_f64.powi(ranks.len() as i32)
    } else {
        let squares: f64 = ranks.iter().map(|&r| (r as f64).powi(2)).sum();
        // In units of doubled ranks one step is 2, half of it 1.
        let distance = (0.5 * all as f64 - smaller as f64 - 1.0).max(0.0);
        erfc(distance / (0.25 * squares).sqrt() / std::f64::consts::SQRT_2)
    };
    let signed = (above as f64 - (all - above) as f64) / 2.0;
    Ok((p_value.min(1.0), signed))
}

/// x − y on a grid of 30 binary digits of the larger: means that are equal on paper differ in their last digits, and ties would be decided by them.
fn difference(x: f64, y: f64) -> f64 {
    let unit = x.abs().max(y.abs()) * 2.0_f64.powi(-30);
    if unit > 0.0 && unit.is_finite() { ((x - y) / unit).round() * unit } else { x - y }
}

/// Every pair of systems under one template, in order: `scores[s][i]` is the score of system s on item i, if any; items that both have are compared.
pub fn system_order(scores: &[Vec<Option<f64>>]) -> Vec<SystemPair> {
    let mut pairs = Vec::new();
    for a in 0..scores.len() {
        for b in a + 1..scores.len() {
            let known = scores[a].iter().zip(&scores[b]).filter_map(|(x, y)| Some(((*x)?, (*y)?)));
            let differences: Vec<f64> =
                known.map(|(x, y)| difference(x, y)).filter(|d| d.is_finite()).collect();
            let count = |of: fn(&f64) -> bool| differences.iter().filter(|d| of(d)).count();
            let wins = [count(|d| *d > 0.0), count(|d| *d == 0.0), count(|d| *d < 0.0)];
            let test = wilcoxon(&differences);
            let direction =
                test.as_ref().map_or(0, |&(_, signed)| i8::from(signed > 0.0) - i8::from(signed < 0.0));
            pairs.push(SystemPair { a, b, wins, p_value: test.map(|t| t.0), adjusted: None, direction });
        }
    }
    let mut order: Vec<(f64, usize)> =
        pairs.iter().enumerate().filter_map(|(i, p)| Some((*p.p_value.as_ref().ok()?, i))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (n, mut largest) = (order.len(), 0.0_f64);
    for (rank, &(p, i)) in order.iter().enumerate() {
        largest = largest.max((p * (n - rank) as f64).min(1.0));
        pairs[i].adjusted = Some(largest);
    }
    pairs
}

/// Pairs of systems that are significantly ordered one way under one template and the other way under another, as (a, b). Orders agree where there is
/// none.
pub fn order_conflicts(templates: &[Vec<SystemPair>], level: f64) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let significant = |d: i8| {
        let all = templates.iter().flatten();
        let sure = all.filter(move |p| p.direction == d && p.adjusted.is_some_and(|q| q <= level));
        sure.map(|p| (p.a, p.b)).collect::<std::collections::BTreeSet<_>>()
    };
    found.extend(significant(1).intersection(&significant(-1)));
    found
}
