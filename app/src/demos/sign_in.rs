//! Signing in with a key, for whoever leads. The key stays in this tab.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::credential::{self, Keep};
use crate::client::http::Failure;
use crate::client::sessions;
use crate::parts::sign_in_with::SignInWith;

/// Asks for a key that may lead `board`, makes the board if it is not there, then calls `done` with the key.
#[component]
pub fn SignIn(
    /// The board.
    board: &'static str,
    /// Its config, should it have to be made.
    config: &'static str,
    /// Boards that the key may lead instead, such as `quiz-*`.
    #[prop(default = "")]
    or_boards: &'static str,
    /// The key is good.
    done: Callback<String>,
) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let check = move |key: String| {
        is_busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = check(board, config, or_boards, &key).await;
            is_busy.set(false);
            match result {
                Ok(()) => {
                    if credential::get(board).as_ref() != Some(&key) {
                        credential::set(board, &key, Keep::Tab);
                    }
                    credential::proven(board);
                    done.run(key);
                }
                Err(message) => error.set(Some(message)),
            }
        });
    };
    if let Some(known) = credential::get(board) {
        check(known);
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = key.get_untracked().trim().to_owned();
        if given.is_empty() {
            error.set(Some(text!(demos.sign_in.paste_first).to_owned()));
        } else if !is_busy.get_untracked() {
            check(given);
        }
    };
    view! {
        <form class="sheet narrow" on:submit=submit data-testid="sign-in">
            <h2>{text!(demos.sign_in.heading)}</h2>
            <SignInWith scope=board />
            <p>{text!(demos.sign_in.paste)} <code>{board}</code> {text!(demos.sign_in.stays)}</p>
            <div class="field">
                <label for="lead-key">{text!(demos.sign_in.key)}</label>
                <input id="lead-key" type="password" autocomplete="off" spellcheck="false" required=true
                    prop:value=key on:input:target=move |event| key.set(event.target().value()) />
            </div>
            {move || error.get().map(|text| view! { <p class="error" role="alert">{text}</p> })}
            <button class="button primary" type="submit" disabled=is_busy>
                {move || if is_busy.get() { text!(demos.sign_in.checking) } else { text!(console.page.sign_in) }}
            </button>
        </form>
    }
}

async fn check(board: &str, config: &str, or_boards: &str, key: &str) -> Result<(), String> {
    let lead = async {
        if !sessions::has_board(board, key).await? {
            let config = serde_json::from_str(config).unwrap_or_default();
            sessions::make_board(board, key, &config).await?;
        }
        sessions::lead_token(board, key).await.map(drop)
    };
    let mut result: Result<(), Failure> = lead.await;
    if !or_boards.is_empty() && result.as_ref().is_err_and(|failure| failure.status == 403) {
        result = sessions::lead_token(or_boards, key).await.map(drop);
    }
    result.map_err(|failure| match failure.status {
        401 => text!(demos.sign_in.unknown).to_owned(),
        403 => text!(demos.sign_in.not_allowed, board = board),
        _ => failure.message,
    })
}
