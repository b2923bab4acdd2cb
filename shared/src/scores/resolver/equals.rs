//! What stands between rows that are equal in their columns and reached them in the same millisecond.
//!
//! The board goes by its log there, which no row tells. A number for each row does the same: it keeps the order of the
//! frozen rows at the beginning, that of the final ones at the end, and is the same for a row that did not change.

use std::collections::HashMap;

use crate::cursor::Seq;
use crate::scores::replica::ScoreRow;

/// A row's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Among the frozen rows.
    pub first: Seq,
    /// Among the final ones.
    pub last: Seq,
}

/// More than there are rows, so that changed ones fit between those that stay.
const APART: Seq = 1 << 20;

/// The numbers of the final rows.
pub fn orders(frozen: &HashMap<&str, &ScoreRow>, last: &[ScoreRow]) -> Vec<Orders> {
    let mut orders = Vec::with_capacity(last.len());
    let mut before: Option<(&ScoreRow, Seq)> = None;
    for row in last {
        let is_like = |other: &ScoreRow| other.values == row.values && other.reached == row.reached;
        let first = frozen.get(row.key.as_str()).copied();
        let own = first.map_or(0, |first| Seq::from(first.position) * APART);
        let behind = before.filter(|(above, _)| is_like(above)).map_or(0, |(_, seq)| seq + 1);
        let stays = first.is_some_and(is_like);
        let number = if stays { own.max(behind) } else { behind };
        orders.push(Orders { first: own, last: number });
        before = Some((row, number));
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    fn rows(list: &[(&str, f64)]) -> Vec<ScoreRow> {
        let row = |(at, (key, value)): (usize, &(&str, f64))| ScoreRow {
            key: (*key).to_owned(),
            name: String::new(),
            position: at as u32 + 1,
            rank: 1,
            tied: true,
            values: vec![*value],
            reached: Millis(5),
            groups: Vec::new(),
            cells: Vec::new(),
        };
        list.iter().enumerate().map(row).collect()
    }

    #[test]
    fn both_orders_are_kept_and_rows_that_stay_keep_their_number() {
        let frozen = rows(&[("c", 2.0), ("d", 2.0), ("a", 1.0), ("b", 1.0)]);
        let last = rows(&[("b", 2.0), ("c", 2.0), ("x", 2.0), ("d", 2.0), ("a", 1.0)]);
        let by_key = frozen.iter().map(|row| (row.key.as_str(), row)).collect();
        let orders = orders(&by_key, &last);
        let first = |key: &str| orders[last.iter().position(|row| row.key == key).unwrap()].first;
        assert!(first("c") < first("d") && first("d") < first("a") && first("a") < first("b"));
        let group: Vec<Seq> = orders[..4].iter().map(|order| order.last).collect();
        assert!(group.is_sorted() && group[0] < group[1] && group[1] < group[2] && group[2] < group[3]);
        for key in ["c", "d", "a"] {
            let order = orders[last.iter().position(|row| row.key == key).unwrap()];
            assert_eq!(order.first, order.last, "{key}");
        }
    }
}
