//! What a resolver's step says, for the hall and for those who listen.

use heliograph_shared::scores::ScoreRow;
use heliograph_shared::scores::resolver::{Resolver, Step};

use crate::contest::problems::Problems;
use crate::scores::words::points;

/// A step in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The team, where it is about one.
    pub name: Option<String>,
    /// What happened.
    pub words: String,
    /// The name for styles: `solved`, `failed`, or nothing.
    pub state: &'static str,
}

/// What the last step did, or what is about to begin.
pub fn told(resolver: &Resolver, problems: &Problems) -> Told {
    let rows = resolver.rows();
    let row_of = |key: &str| rows.iter().find(|row| row.key == key);
    let about = |row: &ScoreRow, words: String, state| Told { name: Some(row.name.clone()), words, state };
    let plain = |words: &str| Told { words: words.to_owned(), ..Told::default() };
    let said = match resolver.last() {
        None if resolver.cells() == 0 => Some(plain(text!(contest.hall.nothing))),
        None => Some(Told { words: counted!(resolver.cells(), contest.hall.ready), ..Told::default() }),
        Some(Step::Focus { key }) => row_of(key).map(|row| {
            let hidden = resolver.hidden(key);
            let words = if hidden == 0 {
                text!(contest.hall.settled, rank = row.rank)
            } else {
                counted!(hidden, contest.hall.focus, rank = row.rank)
            };
            about(row, with_award(words, resolver.just_settled().and_then(row_of), problems), "")
        }),
        Some(Step::Reveal { key, task }) => row_of(key).map(|row| {
            let label = problems.list.get(*task).map(|problem| problem.label.clone()).unwrap_or_default();
            let cell = row.cells.get(*task).copied().unwrap_or_default();
            let Some(minute) = cell.minute else {
                let words = if cell.pending > 0 {
                    text!(contest.hall.unjudged, label = label)
                } else {
                    text!(contest.hall.failed, label = label)
                };
                return about(row, words, "failed");
            };
            let minute = points(minute.number());
            let from = resolver.came_from().unwrap_or(row.position);
            let words = if row.position < from {
                text!(contest.hall.moved, label = label, minute = minute, rank = row.rank)
            } else {
                text!(contest.hall.solved, label = label, minute = minute, rank = row.rank)
            };
            about(row, words, "solved")
        }),
        Some(Step::Total { key }) => row_of(key).map(|row| about(row, text!(contest.hall.total, rank = row.rank), "")),
        Some(Step::Finish) => rows
            .first()
            .map(|row| about(row, with_award(text!(contest.hall.finished).to_owned(), Some(row), problems), "solved")),
    };
    said.unwrap_or_default()
}

/// What is said, with what the row that was settled is given.
fn with_award(words: String, settled: Option<&ScoreRow>, problems: &Problems) -> String {
    let Some(row) = settled else { return words };
    let given = problems.awards.row(row, None);
    let zone = given.zone.map(|(_, word)| word);
    let all: Vec<String> = zone.into_iter().chain(Some(given.others)).filter(|part| !part.is_empty()).collect();
    if all.is_empty() {
        return words;
    }
    format!("{words} · {}", text!(contest.hall.award, name = &row.name, award = all.join(" · ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::scores::TaskCell;
    use heliograph_shared::scores::points::Points;
    use heliograph_shared::time::Millis;

    fn row(key: &str, position: u32, solved: f64, cells: [TaskCell; 2]) -> ScoreRow {
        ScoreRow {
            key: key.to_owned(),
            name: format!("Team {key}"),
            position,
            rank: position,
            tied: false,
            values: vec![solved],
            reached: Millis(0),
            groups: Vec::new(),
            cells: cells.to_vec(),
        }
    }

    #[test]
    fn every_step_names_the_team_and_what_came_of_it() {
        let rules = serde_json::from_value(serde_json::json!({"columns": [{"name": "solved", "op": "solved"}],
            "attempts": {"per": "p", "right": [], "tasks": [{"id": "A"}, {"id": "B"}]}}))
        .unwrap();
        let wrong = TaskCell { tries: 1, ..TaskCell::default() };
        let right = TaskCell { tries: 1, minute: Some(Points::whole(251)), pending: 0 };
        let none = TaskCell::default();
        let frozen = [row("a", 1, 1.0, [right, none]), row("b", 2, 0.0, [none, none])];
        let last = [row("b", 1, 1.0, [right, wrong]), row("a", 2, 1.0, [right, none])];
        let mut resolver = Resolver::new(&rules, &frozen, &last);
        let problems = Problems::read(&serde_json::json!({
            "tasks": [{"label": "A"}, {"label": "B"}], "awards": [{"id": "gold-medal", "ranks": [1, 2]}],
        }));
        let mut heard = vec![told(&resolver, &problems).words];
        while resolver.forward().is_some() {
            let Told { name, words, .. } = told(&resolver, &problems);
            heard.push(format!("{}: {words}", name.unwrap_or_default()));
        }
        assert_eq!(heard[0], "2 cells are hidden");
        assert_eq!(heard[1], "Team b: Rank 2, 2 problems pending");
        assert!(heard.iter().any(|line| line == "Team b: B not solved"), "{heard:?}");
        assert!(heard.iter().any(|line| line.starts_with("Team b: A solved in minute 251")), "{heard:?}");
        // What a team is given is said when it is settled, not before.
        assert!(heard.iter().any(|line| line == "Team b: Rank 1, 1 problem pending · Team a: Gold"), "{heard:?}");
        assert_eq!(heard.last().unwrap(), "Team b: First place. These are the final standings · Team b: Gold");
        assert_eq!(heard.iter().filter(|line| line.contains("Gold")).count(), 2, "{heard:?}");
    }
}
