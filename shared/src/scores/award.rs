//! Awards: what a contest gives to whom, by rank or by key. They are shown beside a ranking and change nothing of it, so
//! that medals may be named when the contest is over, without a recount.
//!
//! Ids are those of the CLICS Contest API (`awards`), as far as it fixes some.

use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// An award of a board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AwardRule {
    /// Its id, such as `gold-medal`, `winner`, `first-to-solve-A`, or one of your own.
    pub id: String,
    /// What it is given for, in words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// It goes to these ranks, the first and the last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranks: Option<[u32; 2]>,
    /// Or it goes to these keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// A medal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Medal {
    /// The first.
    Gold,
    /// The second.
    Silver,
    /// The third.
    Bronze,
}

/// What an award is, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwardKind {
    /// `gold-medal`, `silver-medal`, `bronze-medal`.
    Medal(Medal),
    /// `winner`.
    Winner,
    /// `first-to-solve-…`: the cell says it.
    FirstToSolve,
    /// `rank-…`: the rank says it.
    Rank,
    /// Any other, such as `group-winner-…`: its citation says it.
    Other,
}

impl AwardKind {
    /// The kind of an id.
    pub fn of(id: &str) -> Self {
        match id {
            "gold-medal" => Self::Medal(Medal::Gold),
            "silver-medal" => Self::Medal(Medal::Silver),
            "bronze-medal" => Self::Medal(Medal::Bronze),
            "winner" => Self::Winner,
            _ if id.starts_with("first-to-solve-") => Self::FirstToSolve,
            _ if id.starts_with("rank-") => Self::Rank,
            _ => Self::Other,
        }
    }
}

/// Who may get an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Whose.
    pub key: &'a str,
    /// Its rank.
    pub rank: u32,
    /// Whether it has anything: nobody wins a medal with nothing.
    pub has_something: bool,
}

impl AwardRule {
    /// Its kind.
    pub fn kind(&self) -> AwardKind {
        AwardKind::of(&self.id)
    }

    /// Whether it names keys. Such a list says how a contest ends.
    pub const fn is_by_key(&self) -> bool {
        self.ranks.is_none()
    }

    /// Whether it goes to this row.
    pub fn goes_to(&self, row: Standing<'_>) -> bool {
        let by_rank = self.ranks.is_some_and(|[first, last]| (first..=last).contains(&row.rank));
        (by_rank && row.has_something) || self.keys.iter().any(|key| key == row.key)
    }
}

/// The awards that viewers of a ranking are told of. Those by rank belong to the ranking over all (`is_whole`), not to that
/// of a group; lists of keys are left out where who looks is not to know how it ends.
pub fn shown(awards: &[AwardRule], is_whole: bool, hides: bool) -> Vec<&AwardRule> {
    awards.iter().filter(|award| if award.is_by_key() { !hides } else { is_whole }).collect()
}

/// What is wrong with a board's awards.
pub fn errors(awards: &[AwardRule]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let most = limits::AWARDS;
    if awards.len() > most {
        errors.push(FieldError::new("awards", Code::TooMany, format!("awards has at most {most} awards")));
    }
    let mut ids = HashSet::new();
    for (i, award) in awards.iter().enumerate().take(most) {
        let mut check = |ok: bool, part: &str, code: Code, message: &str| {
            if !ok {
                let field = format!("awards[{i}].{part}");
                let message = format!("{field} {message}");
                errors.push(FieldError::new(field, code, message));
            }
        };
        check((1..=64).contains(&award.id.len()), "id", Code::Invalid, "is 1 to 64 bytes, such as gold-medal");
        check(ids.insert(award.id.as_str()), "id", Code::Duplicate, "stands for one award only");
        let cited = award.citation.as_ref().is_none_or(|text| (1..=200).contains(&text.len()));
        check(cited, "citation", Code::TooLong, "is 1 to 200 bytes");
        let one_of = award.ranks.is_some() == award.keys.is_empty();
        check(one_of, "ranks", Code::Invalid, "or keys says to whom it goes, one of them");
        let in_order = award.ranks.is_none_or(|[first, last]| 1 <= first && first <= last);
        check(in_order, "ranks", Code::OutOfRange, "is [first, last], from 1");
        check(award.keys.len() <= limits::AWARD_KEYS, "keys", Code::TooMany, "names too many keys");
        let named = award.keys.iter().all(|key| (1..=limits::KEY_BYTES).contains(&key.len()));
        check(named, "keys", Code::Invalid, "names keys of the board");
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_rank(id: &str, ranks: [u32; 2]) -> AwardRule {
        AwardRule { id: id.to_owned(), ranks: Some(ranks), ..AwardRule::default() }
    }

    fn by_key(id: &str, keys: &[&str]) -> AwardRule {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        AwardRule { id: id.to_owned(), keys, ..AwardRule::default() }
    }

    fn row(key: &str, rank: u32) -> Standing<'_> {
        Standing { key, rank, has_something: true }
    }

    #[test]
    fn an_award_goes_to_its_ranks_or_keys_and_by_rank_to_nobody_with_nothing() {
        let silver = by_rank("silver-medal", [5, 8]);
        let ranks: Vec<u32> = (1..=10).filter(|rank| silver.goes_to(row("t", *rank))).collect();
        assert_eq!(ranks, [5, 6, 7, 8]);
        assert!(!silver.goes_to(Standing { has_something: false, ..row("t", 5) }), "before anybody solved anything");
        let group = by_key("group-winner-7", &["t1", "t2"]);
        assert!(group.goes_to(Standing { has_something: false, ..row("t2", 90) }));
        assert!(!group.goes_to(row("t", 1)));
    }

    #[test]
    fn lists_of_keys_are_hidden_and_ranks_are_those_over_all() {
        let awards = [by_rank("gold-medal", [1, 4]), by_key("winner", &["t1"])];
        let ids = |is_whole, hides| -> Vec<String> {
            shown(&awards, is_whole, hides).into_iter().map(|award| award.id.clone()).collect()
        };
        assert_eq!(ids(true, false), ["gold-medal", "winner"]);
        assert_eq!(ids(true, true), ["gold-medal"]);
        assert_eq!(ids(false, false), ["winner"]);
        assert!(ids(false, true).is_empty());
    }

    #[test]
    fn kinds_are_those_of_the_contest_api() {
        assert_eq!(AwardKind::of("bronze-medal"), AwardKind::Medal(Medal::Bronze));
        assert_eq!(AwardKind::of("first-to-solve-A"), AwardKind::FirstToSolve);
        assert_eq!(AwardKind::of("rank-3"), AwardKind::Rank);
        assert_eq!(AwardKind::of("winner"), AwardKind::Winner);
        for other in ["group-winner-2", "honors", "ranking", "gold-medals", "best-name"] {
            assert_eq!(AwardKind::of(other), AwardKind::Other, "{other}");
        }
    }

    #[test]
    fn everything_wrong_is_named_with_its_place() {
        let said = |awards: &[AwardRule]| -> Vec<(String, &'static str)> {
            errors(awards).into_iter().map(|error| (error.field.clone(), error.code.name())).collect()
        };
        assert!(said(&[by_rank("gold-medal", [1, 4]), by_key("winner", &["t1"])]).is_empty());
        let both = AwardRule { ranks: Some([1, 1]), ..by_key("x", &["t1"]) };
        let list = [by_rank("a", [0, 1]), by_rank("a", [4, 1]), by_key("b", &[]), both, by_key("", &["t", ""])];
        let at = |field: &str, code: &'static str| (field.to_owned(), code);
        assert_eq!(
            said(&list),
            [
                at("awards[0].ranks", "out_of_range"),
                at("awards[1].id", "duplicate"),
                at("awards[1].ranks", "out_of_range"),
                at("awards[2].ranks", "invalid"),
                at("awards[3].ranks", "invalid"),
                at("awards[4].id", "invalid"),
                at("awards[4].keys", "invalid"),
            ]
        );
        let many: Vec<AwardRule> = (0..=limits::AWARDS).map(|n| by_rank(&format!("a{n}"), [1, 1])).collect();
        assert_eq!(said(&many), [at("awards", "too_many")]);
        let crowd: Vec<String> = (0..=limits::AWARD_KEYS).map(|n| n.to_string()).collect();
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        assert_eq!(said(&[by_key("a", &crowd)]), [at("awards[0].keys", "too_many")]);
    }
}
