//! What the address says: the page in its path, the view in its query.

use crate::browser::percent::{encode, parameter, with_parameter};

/// A page of `scores.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The scoreboard of a board.
    Scores(String),
    /// The problems of a contest's board.
    Contest(String),
    /// Nothing.
    Nowhere,
}

impl Place {
    /// The page of a path's segments.
    pub fn of(path: &[String]) -> Self {
        match path {
            [b, board, page] if b == "b" && page == "scores" => Self::Scores(board.clone()),
            [b, board, page] if b == "b" && page == "contest" => Self::Contest(board.clone()),
            _ => Self::Nowhere,
        }
    }
}

/// The path of a board's page: `scores`, `manage`, or nothing for its map.
pub fn path_to(board: &str, page: &str) -> String {
    let path = format!("/b/{}", encode(board));
    if page.is_empty() { path } else { format!("{path}/{page}") }
}

/// What of the standings is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Only this group: `field:value`.
    pub group: Option<String>,
    /// A session's id, or `all`; the open or latest one when absent.
    pub session: Option<String>,
    /// The key that is pinned.
    pub key: Option<String>,
    /// Big, dark, no controls.
    pub projector: bool,
}

impl View {
    /// Reads `location.search`. What it does not know it ignores.
    pub fn parse(search: &str) -> Self {
        Self {
            group: parameter(search, "group").filter(|group| group.contains(':')),
            session: parameter(search, "session"),
            key: parameter(search, "key"),
            projector: parameter(search, "projector").as_deref() == Some("1"),
        }
    }

    /// The query with this view in it; what else stands there stays.
    pub fn write(&self, search: &str) -> String {
        let search = with_parameter(search, "group", self.group.as_deref());
        let search = with_parameter(&search, "session", self.session.as_deref());
        let search = with_parameter(&search, "key", self.key.as_deref());
        with_parameter(&search, "projector", self.projector.then_some("1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_pages() {
        let of = |path: &[&str]| Place::of(&path.iter().map(|&part| part.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["b", "icpc", "scores"]), Place::Scores("icpc".into()));
        assert_eq!(of(&["b", "icpc", "contest"]), Place::Contest("icpc".into()));
        assert_eq!(of(&["b", "icpc"]), Place::Nowhere);
        assert_eq!(path_to("a b", "scores"), "/b/a%20b/scores");
        assert_eq!(path_to("icpc", ""), "/b/icpc");
    }

    #[test]
    fn every_setting_survives_the_address_bar() {
        let view = View {
            group: Some("country:Côte d'Ivoire".into()),
            session: Some("s1".into()),
            key: Some("team 7/é".into()),
            projector: true,
        };
        let search = view.write("?theme=dark&key=old");
        assert_eq!(View::parse(&search), view);
        assert!(search.starts_with("?theme=dark&key="));
        assert_eq!(View::default().write(&search), "?theme=dark");
        assert_eq!(View::parse("?group=moon&projector=2"), View::default());
    }
}
