//! The page at `/b/{board}`: what the board is for. That is its map, here, or another document.

use heliograph_shared::home::Home;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use super::page::OpenBoard;
use crate::browser::percent::encode;
use crate::client::boards;
use crate::parts::frame::SiteHead;
use crate::parts::open_board::{Board, WithBoard};

/// Any position on earth.
const POSITIONS: &str = "items?bbox=-180,-90,180,90&limit=1";

/// The page at `/b/{board}`.
#[component]
pub fn HomePage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("board").unwrap_or_default()));
    move || view! { <WithBoard name=name.get() then=|board: Board| view! { <Opened board=board /> } /> }
}

/// The map, or a moment's wait for another page.
#[component]
fn Opened(board: Board) -> impl IntoView {
    let home = RwSignal::new(if is_view() { Some(Home::Map) } else { known(&board) });
    let board = StoredValue::new(board);
    if home.get_untracked().is_none() {
        leptos::task::spawn_local(async move {
            let found = board.with_value(Board::clone);
            let has_positions = has_positions(&found).await;
            let _ = home.try_set(Some(Home::otherwise(found.has_scores, has_positions)));
        });
    }
    move || match home.get() {
        Some(Home::Map) => view! { <OpenBoard board=board.get_value() /> }.into_any(),
        elsewhere => {
            if let (Some(page), Some(window)) = (elsewhere, web_sys::window()) {
                let path = board.with_value(|board| page.path(&encode(&board.name)));
                // It can only fail for addresses that are none; going back does not come here again.
                let _ = window.location().replace(&path);
            }
            view! {
                <SiteHead />
                <main id="main" class="page" tabindex="-1">
                    <p class="loading-line" role="status"><span class="spinner"></span>{text!(parts.open_board.opening)}</p>
                </main>
            }
            .into_any()
        }
    }
}

/// Whether the address holds a view of the map: somebody sent it.
fn is_view() -> bool {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return false };
    let part = |text: Result<String, _>| text.is_ok_and(|text: String| !text.is_empty());
    part(location.search()) || part(location.hash())
}

/// What the config says; a board without scores has its map.
fn known(board: &Board) -> Option<Home> {
    board.info.home.or_else(|| (!board.has_scores).then_some(Home::Map))
}

/// Whether any item that may be seen has a position. Where that can't be told, the map says why.
async fn has_positions(board: &Board) -> bool {
    let answer = boards::ask(&board.name, POSITIONS, board.key.as_deref(), None).await;
    answer.map_or(true, |items: Value| items["items"].as_array().is_some_and(|items| !items.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::boards::BoardInfo;

    #[test]
    fn only_of_a_board_with_scores_that_names_no_home_its_positions_are_asked() {
        let home = |config| known(&Board::new("a", None, serde_json::from_value::<BoardInfo>(config).unwrap()));
        assert_eq!(home(serde_json::json!({})), Some(Home::Map));
        assert_eq!(home(serde_json::json!({"scores": {}})), None);
        assert_eq!(home(serde_json::json!({"scores": {}, "home": "scores"})), Some(Home::Scores));
    }
}
