//! Who stands on the podium: the first three ranks, where more than one may share a step.

use heliograph_shared::scores::ScoreRow;

/// A step of the podium.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// 1 is the highest.
    pub rank: u32,
    /// Who stands on it.
    pub names: Vec<String>,
    /// With how many points.
    pub points: f64,
}

/// At most so many names fit on a step; the others stand in the list.
const NAMES: usize = 4;

/// The steps, the highest first.
pub fn steps(rows: &[ScoreRow]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for row in rows.iter().filter(|row| row.rank <= 3) {
        match steps.iter_mut().find(|step| step.rank == row.rank) {
            Some(step) if step.names.len() < NAMES => step.names.push(row.name.clone()),
            Some(_) => {}
            None => steps.push(Step {
                rank: row.rank,
                names: vec![row.name.clone()],
                points: row.values.first().copied().unwrap_or_default(),
            }),
        }
    }
    steps
}

/// The order in which they stand from left to right: the second, the first, the third.
pub fn from_the_left(steps: &[Step]) -> Vec<Step> {
    let at = |place: usize| steps.get(place).cloned();
    [at(1), at(0), at(2)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::time::Millis;

    fn row(rank: u32, name: &str, points: f64) -> ScoreRow {
        ScoreRow {
            key: name.into(),
            name: name.into(),
            position: rank,
            rank,
            tied: false,
            values: vec![points],
            reached: Millis(0),
            groups: Vec::new(),
            cells: Vec::new(),
        }
    }

    #[test]
    fn the_first_stands_in_the_middle() {
        let steps = steps(&[row(1, "Ann", 30.0), row(2, "Bob", 20.0), row(3, "Cy", 10.0), row(4, "Dee", 0.0)]);
        let names: Vec<_> = from_the_left(&steps).into_iter().map(|step| step.names.join("")).collect();
        assert_eq!(names, ["Bob", "Ann", "Cy"]);
    }

    #[test]
    fn who_shares_a_rank_shares_a_step() {
        let steps = steps(&[row(1, "Ann", 30.0), row(1, "Bob", 30.0), row(3, "Cy", 10.0)]);
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].names.len(), steps[1].rank), (2, 3));
    }

    #[test]
    fn one_alone_or_nobody_is_no_fault() {
        assert!(steps(&[]).is_empty());
        assert_eq!(from_the_left(&steps(&[row(1, "Ann", 3.0)])).len(), 1);
    }
}
