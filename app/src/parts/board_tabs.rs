//! The way from one page of a board to its others.

use heliograph_shared::home::Home;
use leptos::prelude::*;

use super::alarm_count::AlarmCount;
use super::open_board::Board;
use crate::browser::percent::encode;

/// A page of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The quiz, or the game, that the board is for.
    Game(Home),
    /// The map.
    Map,
    /// The scoreboard.
    Scores,
    /// The charts.
    Explore,
    /// For managers.
    Console,
}

impl Tab {
    /// Those of a board, in the order they are shown.
    pub fn all(board: &Board) -> Vec<Self> {
        let game = board.info.home.filter(|home| matches!(home, Home::Quiz | Home::Arena)).map(Self::Game);
        // Without a key it is not known who asks; the console asks for one.
        let may_manage = board.key.is_none() || board.info.is_whole;
        let tabs = [
            game,
            Some(Self::Map),
            board.has_scores.then_some(Self::Scores),
            Some(Self::Explore),
            may_manage.then_some(Self::Console),
        ];
        tabs.into_iter().flatten().collect()
    }

    /// Its address.
    pub fn path(self, board: &str) -> String {
        let page = |home: Home| home.path(&encode(board));
        match self {
            Self::Game(home) => page(home),
            Self::Map => page(Home::Map),
            Self::Scores => page(Home::Scores),
            Self::Explore => page(Home::Explore),
            Self::Console => format!("/b/{}/manage", encode(board)),
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Game(Home::Arena) => text!(words.arena),
            Self::Game(Home::Quiz | Home::Map | Home::Scores | Home::Explore) => text!(words.quiz),
            Self::Map => text!(words.map),
            Self::Scores => text!(words.scoreboard),
            Self::Explore => text!(words.explore),
            Self::Console => text!(words.console),
        }
    }
}

/// The pages of a board; this one is marked.
pub fn board_tabs(board: &Board, here: Tab) -> impl IntoView + use<> {
    let links = Tab::all(board).into_iter().map(|tab| {
        // Documents with programs of their own: the router stays out of it.
        view! { <a href=tab.path(&board.name) rel="external" aria-current=(tab == here).then_some("page")>{tab.label()}</a> }
    });
    view! { <nav class="board-tabs" aria-label=text!(parts.board_tabs.pages)>{links.collect_view()}<AlarmCount board=board.clone() /></nav> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::boards::BoardInfo;

    fn tabs(key: Option<&str>, is_whole: bool, config: serde_json::Value) -> Vec<Tab> {
        let info = BoardInfo { is_whole, ..serde_json::from_value(config).unwrap() };
        Tab::all(&Board::new("a", key.map(str::to_owned), info))
    }

    #[test]
    fn a_board_has_the_pages_that_its_config_makes_sense_of() {
        let plain = tabs(None, false, serde_json::json!({}));
        assert_eq!(plain, [Tab::Map, Tab::Explore, Tab::Console]);
        let arena = tabs(None, false, serde_json::json!({"home": "arena", "scores": {}}));
        assert_eq!(arena, [Tab::Game(Home::Arena), Tab::Map, Tab::Scores, Tab::Explore, Tab::Console]);
        let quiz = tabs(None, false, serde_json::json!({"home": "quiz", "scores": {}}));
        assert_eq!(quiz.first().map(|tab| (tab.path("quiz-7b"), tab.label())), Some(("/quiz".to_owned(), "Quiz")));
        let paths: Vec<String> = arena.into_iter().map(|tab| tab.path("a")).collect();
        assert_eq!(paths, ["/arena", "/b/a/map", "/b/a/scores", "/b/a/explore", "/b/a/manage"]);
    }

    #[test]
    fn a_key_that_may_not_manage_is_not_led_to_the_console() {
        assert!(!tabs(Some("k"), false, serde_json::json!({})).contains(&Tab::Console));
        assert!(tabs(Some("k"), true, serde_json::json!({})).contains(&Tab::Console));
    }
}
