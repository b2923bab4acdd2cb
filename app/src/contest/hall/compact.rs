//! Rows of a resolver on an upright phone: a team's cells lie under it, on as many lines as they need.

use crate::contest::grid::ROW;

/// Where rows are so; `contest.css` says the same.
pub const NARROW: &str = "(max-width: 620px)";

/// A cell is at least so wide, with what is between it and the next, in CSS pixels.
const CELL: f64 = 44.0;
/// A line of cells is so high.
const LINE: f64 = 30.0;
/// What a row has at its two ends.
const ENDS: f64 = 12.0;

/// How many cells stand on a line of a table so wide, in CSS pixels, and how high a row is.
pub fn lines(width: f64, problems: usize) -> (usize, f64) {
    let fit = ((width - ENDS) / CELL).max(1.0) as usize;
    let count = problems.div_ceil(fit);
    // As even as it goes: thirteen are seven and six, not eight and five.
    let on_a_line = problems.div_ceil(count.max(1)).max(1);
    (on_a_line, LINE.mul_add(count as f64, ROW))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_on_as_few_lines_as_fit_evenly() {
        assert_eq!(lines(390.0, 13), (7, 106.0));
        assert_eq!(lines(390.0, 8), (8, 76.0));
        assert_eq!(lines(320.0, 13), (7, 106.0));
        assert_eq!(lines(320.0, 15), (5, 136.0));
        assert_eq!(lines(390.0, 0), (1, 46.0), "no problems, no line");
        assert_eq!(lines(0.0, 3), (1, 136.0), "before it is measured");
        for problems in 1..=64 {
            let (on_a_line, height) = lines(390.0, problems);
            let has = on_a_line * ((height - ROW) / LINE) as usize;
            assert!(on_a_line <= 8 && (problems..problems + on_a_line).contains(&has), "{problems}: {on_a_line}");
        }
    }
}
