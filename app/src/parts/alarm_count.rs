//! How many alarms of a board stand, for whoever may manage it: a way to the console's page. Nothing for others.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::open_board::Board;
use super::seconds::every_second;
use crate::browser::dom;
use crate::browser::percent::encode;
use crate::client::alarms;

/// How often it is asked for while the page is seen, in seconds.
const EVERY_S: u32 = 30;

/// The key with which alarms are asked for; none where the board was not opened as a manager's.
fn key_of(board: &Board) -> Option<String> {
    board.key.clone().filter(|_| board.info.is_whole)
}

/// The count, once it is known and is not none.
#[component]
pub fn AlarmCount(
    /// The board.
    board: Board,
) -> impl IntoView {
    let key = StoredValue::new(key_of(&board)?);
    let path = format!("/b/{}/manage/alarms", encode(&board.name));
    let name = StoredValue::new(board.name);
    let count = RwSignal::new(0_usize);
    let ask = move || {
        leptos::task::spawn_local(async move {
            // A count that is not fresh is better than none: the page it leads to says more.
            if let Ok(known) = alarms::count(&name.get_value(), &key.get_value()).await
                && count.try_get_untracked().is_some_and(|before| before != known)
            {
                count.set(known);
            }
        });
    };
    ask();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds = seconds.wrapping_add(1));
        if seconds.get_value().is_multiple_of(EVERY_S) && dom::is_seen() {
            ask();
        }
    });
    Some(move || {
        let count = count.get();
        (count > 0).then(|| view! {
            <a class="alarm-count" href=path.clone() rel="external" data-testid="alarm-count"><Icon glyph=Glyph::Warning />{counted!(count, parts.board_tabs.alarms)}</a>
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::boards::BoardInfo;

    #[test]
    fn only_who_may_manage_is_asked_for() {
        let board = |key: Option<&str>, is_whole| {
            Board::new("a", key.map(str::to_owned), BoardInfo { is_whole, ..BoardInfo::default() })
        };
        assert_eq!(key_of(&board(Some("k"), true)).as_deref(), Some("k"));
        assert_eq!(key_of(&board(Some("k"), false)), None);
        assert_eq!(key_of(&board(None, true)), None);
    }
}
