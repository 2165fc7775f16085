//! Small systems of linear equations.

/// `matrix · x = right` by elimination with partial pivoting; `None` where there is no single solution.
pub(crate) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let k = right.len();
    for c in 0..k {
        let pivot = (c..k).max_by(|&a, &b| matrix[a][c].abs().total_cmp(&matrix[b][c].abs()))?;
        if matrix[pivot][c].abs() < 1e-14 {
            return None;
        }
        matrix.swap(c, pivot);
        right.swap(c, pivot);
        for r in c + 1..k {
            let (upper, lower) = matrix.split_at_mut(r);
            let factor = lower[0][c] / upper[c][c];
            if factor != 0.0 {
                lower[0].iter_mut().zip(&upper[c]).skip(c).for_each(|(x, u)| *x -= factor * u);
                right[r] -= factor * right[c];
            }
        }
    }
    for c in (0..k).rev() {
        let known: f64 = (c + 1..k).map(|j| matrix[c][j] * right[j]).sum();
        right[c] = (right[c] - known) / matrix[c][c];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_change_places_where_they_must() {
        let found = solve(vec![vec![0.0, 2.0], vec![4.0, 1.0]], vec![6.0, 11.0]).unwrap();
        assert!((found[0] - 2.0).abs() < 1e-12 && (found[1] - 3.0).abs() < 1e-12);
        assert_eq!(solve(vec![vec![1.0, 2.0], vec![2.0, 4.0]], vec![1.0, 2.0]), None);
    }
}
