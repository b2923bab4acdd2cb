//! The check: what everybody ends with against a recount of what was sent.

use super::answers::{Ledger, Student, key_name};

/// Problems that are told; more say no more.
pub const TOLD: usize = 5;

type Row = (Student, u64, u32);

/// Checks a whole ranking: every student with the right values, the most points first.
pub fn server(rows: &[Row], ledger: &Ledger, problems: &mut Vec<String>) {
    top("the server", rows, usize::MAX, ledger, problems);
}

/// Checks the first rows of a ranking. Students with equal points may stand in any order: who was first is the
/// server's to say.
pub fn top(who: &str, rows: &[Row], top: usize, ledger: &Ledger, problems: &mut Vec<String>) {
    let expected = ledger.recount();
    let expected_points: Vec<u64> = expected.iter().take(top).map(|row| row.1).collect();
    let points: Vec<u64> = rows.iter().map(|row| row.1).collect();
    if points != expected_points {
        let at = points.iter().zip(&expected_points).position(|(a, b)| a != b).unwrap_or(points.len().min(top));
        problems.push(format!(
            "{who} has {} rows instead of {}; row {} has {:?} points instead of {:?}",
            points.len(),
            expected_points.len(),
            at + 1,
            points.get(at),
            expected_points.get(at),
        ));
    }
    let wrong = rows.iter().find(|row| !expected.contains(row));
    if let Some((student, points, answers)) = wrong {
        problems.push(format!("{who} has {} with {points} points of {answers} answers", key_name(*student)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Answer;
    use super::*;

    fn problems(rows: &[Row], first: usize) -> usize {
        let mut ledger = Ledger::default();
        let answer = |student, points| Answer { student, points, due: 0, accepted: 0 };
        ledger.add(vec![answer(1, 5), answer(2, 3), answer(3, 2), answer(3, 3)]);
        let mut problems = Vec::new();
        top("a viewer", rows, first, &ledger, &mut problems);
        problems.len()
    }

    #[test]
    fn equal_points_may_stand_in_any_order_and_everything_else_is_a_problem() {
        assert_eq!(problems(&[(1, 5, 1), (3, 5, 2), (2, 3, 1)], 10), 0);
        assert_eq!(problems(&[(3, 5, 2), (1, 5, 1)], 2), 0);
        assert_eq!(problems(&[(3, 5, 2)], 2), 1, "a row is missing");
        assert_eq!(problems(&[(2, 3, 1), (1, 5, 1), (3, 5, 2)], 10), 1, "the order is wrong");
        assert_eq!(problems(&[(1, 5, 2), (3, 5, 2), (2, 3, 1)], 10), 1, "a number of answers is wrong");
    }
}
