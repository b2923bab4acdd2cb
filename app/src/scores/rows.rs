//! A row as it is shown.

use heliograph_shared::scores::{ScoreReplica, ScoreRow};

use super::words;

/// What a row shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowView {
    /// Its place in the list, from 1.
    pub position: u32,
    /// Its rank, with a sign when it is shared; empty while the row is on its way.
    pub rank: String,
    /// 1, 2 or 3.
    pub medal: Option<u8>,
    /// Whose.
    pub key: String,
    /// For people.
    pub name: String,
    /// Its groups on one line.
    pub groups: String,
    /// The columns.
    pub values: Vec<String>,
    /// Why a tied row stands where it does.
    pub tie: Option<&'static str>,
    /// When it gained, if that is to be seen.
    pub gained: Option<f64>,
}

impl RowView {
    /// A row that is not here yet.
    pub fn missing(position: u32) -> Self {
        Self { position, ..Self::default() }
    }

    /// A row of the standings; `above` is the row before it, if that is known.
    pub fn of(row: &ScoreRow, above: Option<&ScoreRow>, shares_ranks: bool) -> Self {
        Self {
            position: row.position,
            rank: words::rank(row, shares_ranks),
            medal: words::medal(row),
            key: row.key.clone(),
            name: row.name.clone(),
            groups: words::groups(row),
            values: row.values.iter().map(|value| words::points(*value)).collect(),
            tie: words::tie(row, above, shares_ranks),
            gained: None,
        }
    }
}

/// The rows of these indices, from 0; those that are not here yet have nothing but their place.
pub fn read(scores: &ScoreReplica, range: std::ops::Range<usize>, shares_ranks: bool) -> Vec<RowView> {
    let rows = scores.rows();
    let first = rows.first().map_or(1, |row| row.position as usize);
    let at = |index: usize| (index + 1).checked_sub(first).and_then(|at| rows.get(at));
    range
        .map(|index| {
            let above = index.checked_sub(1).and_then(at);
            at(index).map_or_else(|| RowView::missing(index as u32 + 1), |row| RowView::of(row, above, shares_ranks))
        })
        .collect()
}

/// The rows around the pinned one.
pub fn around(scores: &ScoreReplica, shares_ranks: bool) -> Vec<RowView> {
    let rows = scores.around();
    let above = std::iter::once(None).chain(rows.iter().map(Some));
    rows.iter().zip(above).map(|(row, above)| RowView::of(row, above, shares_ranks)).collect()
}

/// How wide the columns of values are, in characters: what they hold and how they are called.
pub fn widths(labels: &[String], rows: &[RowView]) -> Vec<usize> {
    const LEAST: usize = 4;
    const MOST: usize = 14;
    let widest =
        |index: usize| rows.iter().filter_map(|row| row.values.get(index)).map(|text| text.chars().count()).max();
    labels
        .iter()
        .enumerate()
        .map(|(index, label)| widest(index).unwrap_or(0).max(label.chars().count()).clamp(LEAST, MOST))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_they_hold() {
        let rows = [RowView { values: vec!["123456".into(), "1".into()], ..RowView::default() }];
        assert_eq!(widths(&["A".into(), "Penalty".into()], &rows), [6, 7]);
        assert_eq!(widths(&["A very long label indeed".into()], &[]), [14]);
        assert_eq!(widths(&["A".into()], &[]), [4]);
    }

    #[test]
    fn rows_that_are_not_here_yet_have_their_place() {
        let rows = read(&ScoreReplica::default(), 10..12, false);
        assert_eq!(rows, [RowView::missing(11), RowView::missing(12)]);
        assert!(around(&ScoreReplica::default(), false).is_empty());
    }
}
