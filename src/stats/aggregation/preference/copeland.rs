//! Which of the options of one item wins: Copeland's score, one for each other that it beats by a majority and a half for each that it ties
//! (Copeland 1951); pairs that nobody compared do not count.

use std::collections::BTreeMap;

use super::{Comparison, Outcome, Pairs};

/// The winner of one group of options.
#[derive(Debug, Clone, PartialEq)]
pub struct Copeland {
    /// Options with their scores, the highest first; of equals the first by number.
    pub scores: Vec<(u32, f64)>,
    /// The score at the top less the next one.
    pub margin: f64,
    /// The option that beats every other by a majority (Condorcet), if there is one.
    pub winner: Option<u32>,
}

/// Scores the options that `comparisons` name; `None` without two.
pub fn copeland(n_options: usize, comparisons: &[Comparison]) -> Option<Copeland> {
    let pairs = Pairs::new(n_options, comparisons);
    let mut scores: BTreeMap<u32, f64> = BTreeMap::new();
    let mut beaten: BTreeMap<u32, usize> = BTreeMap::new();
    for p in pairs.as_slice() {
        let (a, b) = p.points();
        let (first, second) = match a.total_cmp(&b) {
            std::cmp::Ordering::Greater => (1.0, 0.0),
            std::cmp::Ordering::Less => (0.0, 1.0),
            std::cmp::Ordering::Equal => (0.5, 0.5),
        };
        *scores.entry(p.first).or_default() += first;
        *scores.entry(p.second).or_default() += second;
        *beaten.entry(p.first).or_default() += usize::from(first == 1.0);
        *beaten.entry(p.second).or_default() += usize::from(second == 1.0);
    }
    let mut scores: Vec<(u32, f64)> = scores.into_iter().collect();
    if scores.len() < 2 {
        return None;
    }
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let winner = scores.iter().find(|(o, _)| beaten.get(o) == Some(&(scores.len() - 1))).map(|s| s.0);
    Some(Copeland { margin: scores[0].1 - scores[1].1, scores, winner })
}

/// Takes a rater who names the first of two whichever is shown first, or the second, as undecided: of the same two in both orders with
/// different winners, each comparison becomes a tie. Gives how many did.
pub fn undo_flips(comparisons: &mut [Comparison]) -> usize {
    let key = |c: &Comparison| [c.rater, c.left.min(c.right), c.left.max(c.right)];
    // Both orders, and both winners.
    let mut seen: BTreeMap<[u32; 3], [[bool; 2]; 2]> = BTreeMap::new();
    for c in comparisons.iter() {
        let winner = match c.outcome {
            Outcome::Tie => continue,
            Outcome::Left => c.left,
            Outcome::Right => c.right,
        };
        let [orders, winners] = seen.entry(key(c)).or_default();
        orders[usize::from(c.left > c.right)] = true;
        winners[usize::from(winner == c.left.max(c.right))] = true;
    }
    let mut n = 0;
    for c in comparisons.iter_mut().filter(|c| c.outcome != Outcome::Tie) {
        if seen.get(&key(c)) == Some(&[[true; 2]; 2]) {
            c.outcome = Outcome::Tie;
            n += 1;
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(left: u32, right: u32, n: usize) -> Vec<Comparison> {
        vec![Comparison { left, right, outcome: Outcome::Left, rater: 0 }; n]
    }

    /// A over B 3 to 1, A and C 2 to 2, B over C 3 to 0.
    #[test]
    fn the_worked_example() {
        let all = [won(0, 1, 3), won(1, 0, 1), won(0, 2, 2), won(2, 0, 2), won(1, 2, 3)].concat();
        let found = copeland(3, &all).unwrap();
        assert_eq!(found.scores, [(0, 1.5), (1, 1.0), (2, 0.5)]);
        assert_eq!((found.margin, found.winner), (0.5, None));
        let clear = copeland(3, &[all, won(0, 2, 1)].concat()).unwrap();
        assert_eq!(clear.winner, Some(0));
        let circle = [won(0, 1, 1), won(1, 2, 1), won(2, 0, 1)].concat();
        let found = copeland(3, &circle).unwrap();
        assert!(found.winner.is_none() && found.margin == 0.0);
        assert!(copeland(3, &[]).is_none());
    }

    #[test]
    fn whoever_goes_by_the_order_decides_nothing() {
        // Rater 0 takes the left one both times; rater 1 the same option.
        let c = |left, right, outcome, rater| Comparison { left, right, outcome, rater };
        let mut all = [
            c(0, 1, Outcome::Left, 0),
            c(1, 0, Outcome::Left, 0),
            c(0, 1, Outcome::Left, 1),
            c(1, 0, Outcome::Right, 1),
        ];
        assert_eq!(undo_flips(&mut all), 2);
        assert_eq!(all.map(|c| c.outcome), [Outcome::Tie, Outcome::Tie, Outcome::Left, Outcome::Right]);
        assert_eq!(copeland(2, &all).unwrap().winner, Some(0));
    }
}
