//! What a team is given, as its row shows it: a medal as a word, and a line where its stretch of the ranking ends.

use heliograph_shared::scores::ScoreRow;
use heliograph_shared::scores::award::{AwardKind, AwardRule, Medal, Standing};
use serde::Deserialize as _;
use serde_json::Value;

/// The awards of a board that its viewers are told of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Awards(Vec<AwardRule>);

/// What a row shows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowAwards {
    /// The name of its stretch for styles (`gold`, `silver`, `bronze` or `other`), and its word.
    pub zone: Option<(&'static str, String)>,
    /// What else it is given, that neither its rank nor its cells say.
    pub others: String,
    /// Whether its stretch ends below it.
    pub ends: bool,
}

impl Awards {
    /// Reads what the API calls `about`; what it does not know it leaves out.
    pub fn read(about: &Value) -> Self {
        let list = about["awards"].as_array().into_iter().flatten();
        Self(list.filter_map(|award| AwardRule::deserialize(award).ok()).collect())
    }

    /// Whether there are medals: they are other than the first three ranks then.
    pub fn has_medals(&self) -> bool {
        self.0.iter().any(|award| matches!(award.kind(), AwardKind::Medal(_)))
    }

    fn of<'a>(&'a self, row: &ScoreRow) -> impl Iterator<Item = &'a AwardRule> {
        let has_something = row.values.iter().any(|value| *value != 0.0);
        let standing = Standing { key: &row.key, rank: row.rank, has_something };
        self.0.iter().filter(move |award| award.goes_to(standing))
    }

    /// The award whose stretch a row stands in: a medal before another that goes by rank.
    fn zone(&self, row: &ScoreRow) -> Option<&AwardRule> {
        let medal = |award: &&AwardRule| match award.kind() {
            AwardKind::Medal(medal) => Some(medal),
            AwardKind::Winner | AwardKind::FirstToSolve | AwardKind::Rank | AwardKind::Other => None,
        };
        let best = self.of(row).filter(|award| medal(award).is_some()).min_by_key(medal);
        let by_rank = |award: &&AwardRule| !award.is_by_key() && says_something(award);
        best.or_else(|| self.of(row).find(by_rank))
    }

    /// What a row shows; `below` is the row under it, if there is one.
    pub fn row(&self, row: &ScoreRow, below: Option<&ScoreRow>) -> RowAwards {
        if self.0.is_empty() {
            return RowAwards::default();
        }
        let zone = self.zone(row);
        let is_zone = |award: &&AwardRule| zone.is_some_and(|zone| zone.id == award.id);
        let others: Vec<String> =
            self.of(row).filter(|award| says_something(award) && !is_zone(award)).map(words).collect();
        RowAwards {
            zone: zone.map(|award| (code(award.kind()), words(award))),
            others: others.join(" · "),
            ends: zone.is_some() && below.is_some_and(|below| self.zone(below) != zone),
        }
    }

    /// Everything that a row is given, in words.
    pub fn all(&self, row: &ScoreRow) -> Vec<String> {
        self.of(row).map(words).collect()
    }
}

/// Whether an award says what neither a rank nor a cell says.
fn says_something(award: &AwardRule) -> bool {
    match award.kind() {
        AwardKind::Medal(_) | AwardKind::Winner | AwardKind::Other => true,
        AwardKind::FirstToSolve | AwardKind::Rank => false,
    }
}

/// The name for styles.
const fn code(kind: AwardKind) -> &'static str {
    match kind {
        AwardKind::Medal(Medal::Gold) => "gold",
        AwardKind::Medal(Medal::Silver) => "silver",
        AwardKind::Medal(Medal::Bronze) => "bronze",
        AwardKind::Winner | AwardKind::FirstToSolve | AwardKind::Rank | AwardKind::Other => "other",
    }
}

/// An award in words: a medal in the page's language, any other by its citation.
fn words(award: &AwardRule) -> String {
    let cited = || award.citation.clone();
    match award.kind() {
        AwardKind::Medal(Medal::Gold) => text!(contest.award.gold).to_owned(),
        AwardKind::Medal(Medal::Silver) => text!(contest.award.silver).to_owned(),
        AwardKind::Medal(Medal::Bronze) => text!(contest.award.bronze).to_owned(),
        AwardKind::Winner => cited().unwrap_or_else(|| text!(contest.award.winner).to_owned()),
        AwardKind::FirstToSolve | AwardKind::Rank | AwardKind::Other => cited().unwrap_or_else(|| award.id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::time::Millis;

    fn row(rank: u32, solved: f64) -> ScoreRow {
        ScoreRow {
            key: format!("t{rank}"),
            name: format!("Team {rank}"),
            position: rank,
            rank,
            tied: false,
            values: vec![solved],
            reached: Millis(0),
            groups: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn zones(awards: &Awards, rows: &[ScoreRow]) -> Vec<String> {
        let zone = |(at, row): (usize, &ScoreRow)| {
            let shown = awards.row(row, rows.get(at + 1));
            let (code, word) = shown.zone.unwrap_or_default();
            format!("{code} {word}{}", if shown.ends { " |" } else { "" })
        };
        rows.iter().enumerate().map(zone).collect()
    }

    #[test]
    fn a_line_is_drawn_where_a_medal_ends_and_nobody_gets_one_for_nothing() {
        let awards = Awards::read(&serde_json::json!({"awards": [
            {"id": "bronze-medal", "ranks": [4, 9]}, {"id": "gold-medal", "ranks": [1, 1]}, {"id": "silver-medal", "ranks": [2, 3]},
        ]}));
        assert!(awards.has_medals());
        let rows: Vec<ScoreRow> = (1..=6).map(|rank| row(rank, if rank < 6 { 3.0 } else { 0.0 })).collect();
        assert_eq!(
            zones(&awards, &rows),
            ["gold Gold |", "silver Silver", "silver Silver |", "bronze Bronze", "bronze Bronze |", " "]
        );
        let teams_at_the_start = [row(1, 0.0), row(1, 0.0)];
        assert_eq!(zones(&awards, &teams_at_the_start), [" ", " "]);
    }

    #[test]
    fn a_feed_s_medals_go_to_those_it_names_and_the_rest_is_said_by_its_citation() {
        let awards = Awards::read(&serde_json::json!({"awards": [
            {"id": "winner", "citation": "Champions", "keys": ["t1"]},
            {"id": "gold-medal", "citation": "Gold medal winner", "keys": ["t1", "t3"]},
            {"id": "rank-1", "citation": "1st place", "keys": ["t1"]},
            {"id": "first-to-solve-C", "citation": "First to solve C", "keys": ["t1"]},
            {"id": "spirit", "citation": "Team spirit", "keys": ["t2"]},
            {"id": "odd", "keys": ["t2"]},
            {"id": 5}, "no award",
        ]}));
        let rows = [row(1, 9.0), row(2, 8.0), row(3, 7.0)];
        assert_eq!(zones(&awards, &rows), ["gold Gold |", " ", "gold Gold"]);
        assert_eq!(awards.row(&rows[0], None).others, "Champions");
        assert_eq!(awards.row(&rows[1], None).others, "Team spirit · odd");
        assert_eq!(awards.all(&rows[0]), ["Champions", "Gold", "1st place", "First to solve C"]);
    }

    #[test]
    fn a_stretch_of_ranks_that_is_no_medal_has_its_citation() {
        let about = serde_json::json!({"awards": [{"id": "advance", "citation": "To the final", "ranks": [1, 2]}]});
        let awards = Awards::read(&about);
        assert!(!awards.has_medals());
        let rows = [row(1, 9.0), row(2, 8.0), row(3, 7.0)];
        assert_eq!(zones(&awards, &rows), ["other To the final", "other To the final |", " "]);
        assert_eq!(awards.row(&rows[0], None).others, "");
        assert_eq!(Awards::read(&Value::Null).row(&rows[0], None), RowAwards::default());
    }
}
