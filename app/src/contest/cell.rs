//! A team at a problem, as its cell shows it: a sign, a number and words, so that no colour is needed.

use heliograph_shared::scores::TaskCell;

use crate::scores::words::points;

/// How a team stands at a problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing was tried.
    #[default]
    Untried,
    /// Tried, and not solved.
    Wrong,
    /// Not judged yet, or not shown.
    Pending,
    /// Solved.
    Solved,
    /// Solved before anybody else.
    First,
}

impl State {
    /// How a cell stands; `first`: nobody solved it before.
    pub fn of(cell: &TaskCell, first: bool) -> Self {
        match cell {
            TaskCell { minute: Some(_), .. } if first => Self::First,
            TaskCell { minute: Some(_), .. } => Self::Solved,
            TaskCell { pending: 1.., .. } => Self::Pending,
            TaskCell { tries: 1.., .. } => Self::Wrong,
            TaskCell { .. } => Self::Untried,
        }
    }

    /// The name for styles.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Untried => "",
            Self::Wrong => "wrong",
            Self::Pending => "pending",
            Self::Solved => "solved",
            Self::First => "first",
        }
    }

    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Untried => "",
            Self::Wrong => "\u{2212}",
            Self::Pending => "?",
            Self::Solved => "+",
            Self::First => "\u{2605}",
        }
    }
}

/// What a cell shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellView {
    /// How it stands.
    pub state: State,
    /// The sign, and how many tries.
    pub tries: String,
    /// The minute, where it is solved.
    pub time: String,
}

impl CellView {
    /// From the board's cell.
    pub fn of(cell: &TaskCell, first: bool) -> Self {
        let state = State::of(cell, first);
        let sign = state.sign();
        let tries = match state {
            State::Untried => String::new(),
            // Those that are known, and those that are not.
            State::Pending if cell.tries == 0 => format!("{sign}{}", cell.pending),
            State::Pending => format!("{sign}{}+{}", cell.tries, cell.pending),
            // The first try needs no number.
            State::Solved | State::First if cell.tries <= 1 => sign.to_owned(),
            State::Wrong | State::Solved | State::First => format!("{sign}{}", cell.tries),
        };
        let time = cell.minute.map(|minute| points(minute.number())).unwrap_or_default();
        Self { state, tries, time }
    }
}

/// A cell in words.
pub fn words(cell: &TaskCell, first: bool) -> String {
    match State::of(cell, first) {
        State::Untried => text!(contest.cell.untried).to_owned(),
        State::Wrong => counted!(cell.tries, contest.cell.wrong),
        State::Pending => counted!(cell.pending, contest.cell.pending),
        State::Solved | State::First => {
            let minute = cell.minute.map(|minute| points(minute.number())).unwrap_or_default();
            let first = if first { text!(contest.cell.first) } else { "" };
            format!("{}{first}", counted!(cell.tries, contest.cell.solved, minute = minute))
        }
    }
}

/// What became of a row's cells that are other than before: for each its place, in words.
pub fn resolved(before: &[TaskCell], now: &[TaskCell], labels: &[String]) -> Vec<String> {
    let none = TaskCell::default();
    labels
        .iter()
        .enumerate()
        .filter_map(|(at, label)| {
            let (was, is) = (before.get(at).unwrap_or(&none), now.get(at).unwrap_or(&none));
            (was != is).then(|| {
                let outcome = if is.minute.is_some() {
                    text!(contest.resolver.solved)
                } else if is.pending > 0 {
                    text!(contest.resolver.open)
                } else {
                    text!(contest.resolver.failed)
                };
                format!("{label} {outcome}")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::scores::points::Points;

    fn cell(tries: u32, minute: Option<i64>, pending: u32) -> TaskCell {
        TaskCell { tries, minute: minute.map(Points::whole), pending }
    }

    #[test]
    fn every_state_has_a_sign_of_its_own() {
        let text = |cell: TaskCell, first| {
            let view = CellView::of(&cell, first);
            (view.state.code(), view.tries, view.time)
        };
        assert_eq!(text(cell(0, None, 0), false), ("", String::new(), String::new()));
        assert_eq!(text(cell(3, None, 0), false), ("wrong", "\u{2212}3".into(), String::new()));
        assert_eq!(text(cell(0, None, 2), false), ("pending", "?2".into(), String::new()));
        assert_eq!(text(cell(1, None, 2), false), ("pending", "?1+2".into(), String::new()));
        assert_eq!(text(cell(1, Some(57), 0), false), ("solved", "+".into(), "57".into()));
        assert_eq!(text(cell(4, Some(257), 0), true), ("first", "\u{2605}4".into(), "257".into()));
    }

    #[test]
    fn cells_have_words_for_those_who_listen() {
        assert_eq!(words(&cell(0, None, 0), false), "not tried");
        assert_eq!(words(&cell(1, None, 0), false), "1 wrong try");
        assert_eq!(words(&cell(2, None, 3), false), "3 tries pending");
        assert_eq!(words(&cell(2, Some(57), 0), true), "solved with 2 tries in minute 57, first to solve");
    }

    #[test]
    fn a_row_that_is_revealed_says_what_came_of_each_problem() {
        let labels = ["A".to_owned(), "B".to_owned(), "C".to_owned()];
        let before = [cell(1, Some(9), 0), cell(0, None, 2), cell(1, None, 1)];
        let now = [cell(1, Some(9), 0), cell(2, Some(250), 0), cell(2, None, 0)];
        assert_eq!(resolved(&before, &now, &labels), ["B solved", "C not solved"]);
        assert!(resolved(&now, &now, &labels).is_empty());
    }
}
