//! What a board is for: the page that its address opens.

use serde::{Deserialize, Serialize};

/// The page that `/b/{board}` opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Home {
    /// The map.
    #[default]
    Map,
    /// The scoreboard.
    Scores,
    /// The quiz, at `/quiz`.
    Quiz,
    /// The game, at `/arena`.
    Arena,
    /// The charts.
    Explore,
}

impl Home {
    /// Of a board whose config names none: a scoreboard that nobody has a position on, or else the map.
    pub const fn otherwise(has_scores: bool, has_positions: bool) -> Self {
        if has_scores && !has_positions { Self::Scores } else { Self::Map }
    }

    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "map" => Self::Map,
            "scores" => Self::Scores,
            "quiz" => Self::Quiz,
            "arena" => Self::Arena,
            "explore" => Self::Explore,
            _ => return None,
        })
    }

    /// Whether the page is one of a board with a scoreboard.
    pub const fn needs_scores(self) -> bool {
        matches!(self, Self::Scores | Self::Quiz | Self::Arena)
    }

    /// The page's path on this site. A board's name needs no escaping.
    pub fn path(self, board: &str) -> String {
        match self {
            Self::Map => format!("/b/{board}/map"),
            Self::Scores => format!("/b/{board}/scores"),
            Self::Explore => format!("/b/{board}/explore"),
            Self::Quiz => "/quiz".to_owned(),
            Self::Arena => "/arena".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scoreboard_without_positions_opens_its_scores_and_all_else_the_map() {
        let homes = [(true, false), (true, true), (false, false), (false, true)].map(|(s, p)| Home::otherwise(s, p));
        assert_eq!(homes, [Home::Scores, Home::Map, Home::Map, Home::Map]);
    }

    #[test]
    fn a_home_is_called_as_in_the_config_and_has_an_address() {
        let all = [Home::Map, Home::Scores, Home::Quiz, Home::Arena, Home::Explore];
        let names = all.map(|home| serde_json::to_value(home).unwrap());
        assert_eq!(names, ["map", "scores", "quiz", "arena", "explore"]);
        assert_eq!(names.map(|name| Home::named(name.as_str().unwrap()).unwrap()), all);
        assert_eq!(Home::named("moon"), None);
        assert_eq!(all.map(|home| home.path("a")), ["/b/a/map", "/b/a/scores", "/quiz", "/arena", "/b/a/explore"]);
    }
}
