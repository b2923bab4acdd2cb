//! Joining by code, for whoever plays.

use heliograph_shared::problem::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use crate::browser::storage;
use crate::client::http::Failure;
use crate::client::sessions::{self, Joined};

/// A player in this tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// What the server gave.
    pub joined: Joined,
    /// The code, to renew the token with.
    pub code: String,
    /// The name on the scoreboard.
    pub name: String,
    /// In all ids of this player's events.
    pub nonce: String,
}

/// Boards of one game share a place: `quiz` and `quiz-7b`.
fn place(board: &str) -> String {
    format!("heliograph.player.{}", game(board))
}

/// The game that a board is for.
fn game(board: &str) -> &str {
    board.split_once('-').map_or(board, |(game, _)| game)
}

/// The player who joined in this tab, with this code if one is given.
pub fn known(board: &str, code: Option<&str>) -> Option<Player> {
    let player: Player = storage::get(storage::tab(), &place(board))?;
    code.is_none_or(|code| code.eq_ignore_ascii_case(&player.code)).then_some(player)
}

/// Keeps the player in this tab.
pub fn keep(board: &str, player: &Player) {
    storage::set(storage::tab(), &place(board), player);
}

/// Forgets the player.
pub fn forget(board: &str) {
    storage::remove(storage::tab(), &place(board));
}

/// A value of the address's query.
pub fn asked_for(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    crate::browser::percent::parameter(&search, name)
}

/// Letters and digits only, in capitals: how people read a code out is theirs.
pub fn tidy(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Asks for the code and a name.
#[component]
pub fn JoinForm(
    /// The board that the code has to lead to, or one of the same game.
    board: &'static str,
    /// What the button says.
    action: &'static str,
    /// The player is in.
    done: Callback<Player>,
) -> impl IntoView {
    let code = RwSignal::new(asked_for("code").map(|code| tidy(&code)).unwrap_or_default());
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (given, called) = (tidy(&code.get_untracked()), name.get_untracked().trim().to_owned());
        if is_busy.get_untracked() {
            return;
        }
        if given.is_empty() || called.is_empty() {
            let missing = if given.is_empty() { text!(demos.join.fill_code) } else { text!(demos.join.fill_name) };
            return error.set(Some(missing.to_owned()));
        }
        is_busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = sessions::join(&given, &called).await;
            is_busy.set(false);
            match result {
                Ok(joined) if game(&joined.board) == board => {
                    let name = joined.name.clone().unwrap_or(called);
                    let player = Player { joined, code: given, name, nonce: storage::nonce() };
                    keep(board, &player);
                    done.run(player);
                }
                Ok(joined) => {
                    error.set(Some(text!(demos.join.other_board, board = joined.board)));
                }
                Err(failure) => error.set(Some(reason(&failure))),
            }
        });
    };
    view! {
        <form class="sheet narrow" on:submit=submit data-testid="join">
            <h2>{text!(demos.join.heading)}</h2>
            <div class="field">
                <label for="join-code">{text!(demos.join.code)}</label>
                <input id="join-code" class="code-input" autocomplete="off" autocapitalize="characters" spellcheck="false"
                    maxlength="12" required=true prop:value=code
                    on:input:target=move |event| code.set(event.target().value().to_uppercase()) />
            </div>
            <div class="field">
                <label for="join-name">{text!(demos.join.name)}</label>
                <input id="join-name" autocomplete="nickname" maxlength="40" required=true prop:value=name
                    on:input:target=move |event| name.set(event.target().value()) />
            </div>
            {move || error.get().map(|text| view! { <p class="error" role="alert">{text}</p> })}
            <button class="button primary wide" type="submit" disabled=is_busy>
                {move || if is_busy.get() { text!(demos.join.joining) } else { action }}
            </button>
        </form>
    }
}

fn reason(failure: &Failure) -> String {
    match Code::named(&failure.code) {
        Some(Code::CodeUnknown) => text!(demos.join.unknown).to_owned(),
        Some(Code::SessionClosed) => text!(demos.join.over).to_owned(),
        _ => failure.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(tidy(" k7q-2mx "), "K7Q2MX");
    }

    #[test]
    fn boards_of_one_game_belong_together() {
        assert_eq!(
            [game("quiz"), game("quiz-7b"), game("quizzes"), game("arena")],
            ["quiz", "quiz", "quizzes", "arena"]
        );
    }
}
