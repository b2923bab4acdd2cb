//! What kinds of boards there are, in the order they are shown.

use heliograph_shared::home::Home;

use crate::client::boards::BoardRow;
use crate::parts::icons::Glyph;

/// A group of boards on the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They open a map.
    Maps,
    /// They open a scoreboard.
    Scoreboards,
    /// They open a game.
    Games,
    /// They open charts.
    Charts,
}

impl Kind {
    /// In the order they are shown.
    pub const ALL: [Self; 4] = [Self::Maps, Self::Scoreboards, Self::Games, Self::Charts];

    /// That of a board.
    pub const fn of(home: Home) -> Self {
        match home {
            Home::Map => Self::Maps,
            Home::Scores => Self::Scoreboards,
            Home::Quiz | Home::Arena => Self::Games,
            Home::Explore => Self::Charts,
        }
    }

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Maps => text!(boards.kind.maps),
            Self::Scoreboards => text!(boards.kind.scoreboards),
            Self::Games => text!(boards.kind.games),
            Self::Charts => text!(boards.kind.charts),
        }
    }

    /// What it is, in a line.
    pub fn what(self) -> &'static str {
        match self {
            Self::Maps => text!(boards.kind.maps_what),
            Self::Scoreboards => text!(boards.kind.scoreboards_what),
            Self::Games => text!(boards.kind.games_what),
            Self::Charts => text!(boards.kind.charts_what),
        }
    }

    /// The name of its heading in the page.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Maps => "maps",
            Self::Scoreboards => "scoreboards",
            Self::Games => "games",
            Self::Charts => "charts",
        }
    }
}

/// What stands for a board of which there is no picture yet.
pub const fn glyph(home: Home) -> Glyph {
    match home {
        Home::Map => Glyph::Globe,
        Home::Scores => Glyph::Podium,
        Home::Quiz => Glyph::Help,
        Home::Arena => Glyph::Sun,
        Home::Explore => Glyph::Live,
    }
}

/// The boards of each kind that has some.
pub fn grouped(boards: &[BoardRow]) -> Vec<(Kind, Vec<BoardRow>)> {
    let of = |kind| boards.iter().filter(|board| Kind::of(board.home) == kind).cloned().collect::<Vec<_>>();
    Kind::ALL.into_iter().map(|kind| (kind, of(kind))).filter(|(_, boards)| !boards.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_are_grouped_by_what_they_open_and_empty_groups_are_left_out() {
        let board = |name: &str, home: &str| {
            let row = serde_json::json!({"board": name, "title": "", "description": "", "home": home, "visibility": "public",
                "stale_after_s": 300, "scores": true, "top": []});
            serde_json::from_value::<BoardRow>(row).unwrap()
        };
        let boards = [board("a", "arena"), board("b", "map"), board("c", "quiz"), board("d", "map")];
        let groups: Vec<(Kind, String)> = grouped(&boards)
            .into_iter()
            .map(|(kind, boards)| (kind, boards.iter().map(|board| board.board.as_str()).collect()))
            .collect();
        assert_eq!(groups, [(Kind::Maps, "bd".to_owned()), (Kind::Games, "ac".to_owned())]);
    }
}
