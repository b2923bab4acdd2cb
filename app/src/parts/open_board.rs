//! How a board's pages are opened: its title first, then a key if it is private.

use leptos::prelude::*;

use super::frame::SiteHead;
use super::icons::{Glyph, Icon};
use super::sign_in_with::SignInWith;
use crate::client::boards::{self, BoardInfo};
use crate::client::credential::{self, Keep};
use crate::client::exchange;
use crate::client::http::{Failure, Kind};
use crate::client::{last, share};

/// What a page needs to know of its board.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// Its name in addresses.
    pub name: String,
    /// For people.
    pub title: String,
    /// Whether everybody may read it.
    pub is_public: bool,
    /// Whether it has a scoreboard.
    pub has_scores: bool,
    /// The key it was opened with.
    pub key: Option<String>,
    /// How it wants to be shown.
    pub info: BoardInfo,
}

impl Board {
    /// From its config.
    pub fn new(name: &str, key: Option<String>, info: BoardInfo) -> Self {
        Self {
            name: name.to_owned(),
            title: if info.title.is_empty() { name.to_owned() } else { info.title.clone() },
            is_public: info.visibility == "public",
            has_scores: info.scores.is_some(),
            key,
            info,
        }
    }
}

/// Opens a board and shows what `then` makes of it.
#[component]
pub fn WithBoard<F, V>(
    /// Its name in addresses.
    name: String,
    /// The page.
    then: F,
) -> impl IntoView
where
    F: Fn(Board) -> V + Copy + Send + 'static,
    V: IntoView + 'static,
{
    let answer = RwSignal::new(None::<Result<Board, Failure>>);
    let name = StoredValue::new(name);
    let load = move || {
        answer.set(None);
        leptos::task::spawn_local(async move {
            let opened = open(&name.get_value()).await;
            let _ = answer.try_set(Some(opened));
        });
    };
    load();
    move || {
        match answer.get() {
        Some(Ok(board)) => then(board).into_any(),
        other => view! {
            <SiteHead />
            <main id="main" class="page" tabindex="-1">
                {match other {
                    Some(Err(error)) if error.kind() == Kind::Unauthorised => view! { <KeyForm name=name refusal=refusal(&error) load=load /> }.into_any(),
                    Some(Err(error)) => view! { <Failed error=error name=name load=load /> }.into_any(),
                    Some(Ok(_)) | None => view! {
                        <p class="loading-line" role="status"><span class="spinner"></span>{text!(parts.open_board.opening)}</p>
                    }.into_any(),
                }}
            </main>
        }
        .into_any(),
    }
    }
}

/// Opens a board with the link that led here, or with its key; where it has none, without one and then with the one that was
/// given last.
async fn open(name: &str) -> Result<Board, Failure> {
    if let Some(code) = exchange::arrived() {
        credential::set_link(name, &code);
    }
    if let Some(code) = credential::get(name).as_deref().and_then(share::code_of) {
        exchange::fresh(code).await.inspect_err(|failure| {
            if exchange::is_over(failure) {
                credential::forget_link(name);
            }
        })?;
        exchange::keep_fresh(code.to_owned());
    }
    let key = credential::get(name);
    let answer = boards::board(name, key.as_deref()).await;
    match (answer, key, credential::latest()) {
        (Err(error), None, Some(latest)) if error.kind() == Kind::Unauthorised => {
            // A key that is good knows that there is no such board.
            let told = |with_latest: Failure| if with_latest.kind() == Kind::NotFound { with_latest } else { error };
            let info = boards::board(name, Some(&latest)).await.map_err(told)?;
            credential::proven(name);
            Ok(Board::new(name, Some(latest), info))
        }
        (Err(error), None, _) => match error.kind() {
            Kind::Unreachable => kept(name).ok_or(error),
            Kind::Unauthorised | Kind::NotFound => {
                last::forget(name);
                Err(error)
            }
            Kind::Passing | Kind::Refused => Err(error),
        },
        (answer, key, _) => {
            let info = answer?;
            if key.is_some() {
                credential::proven(name);
            }
            Ok(Board::new(name, key, info))
        }
    }
}

/// The board as this device saw it last: its pages show what they have, and try again by themselves.
fn kept(name: &str) -> Option<Board> {
    let text = last::of(name)?.config;
    let info: BoardInfo = serde_json::from_str(&text).ok()?;
    Some(Board::new(name, None, BoardInfo { text, ..info }))
}

/// Why a key did not open the board.
fn refusal(error: &Failure) -> &'static str {
    match error.status {
        403 => text!(parts.open_board.refused),
        _ => text!(parts.open_board.unknown),
    }
}

#[component]
fn Failed(error: Failure, name: StoredValue<String>, load: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let (title, text) = match error.kind() {
        _ if exchange::is_over(&error) => {
            (text!(parts.open_board.link_over), text!(parts.open_board.link_over_about).to_owned())
        }
        Kind::NotFound => (text!(parts.open_board.none), text!(parts.open_board.none_called, name = name.get_value())),
        Kind::Unreachable | Kind::Unauthorised | Kind::Passing | Kind::Refused => {
            (text!(parts.open_board.failed), error.sentence())
        }
    };
    view! {
        <div class="notice" role="alert">
            <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
            <h1>{title}</h1>
            <p>{text}</p>
            <p>
                <button class="button primary" type="button" on:click=move |_| load()>{text!(words.try_again)}</button>
                " " <a class="button" href="/">{text!(words.all_boards)}</a>
            </p>
        </div>
    }
}

#[component]
fn KeyForm(name: StoredValue<String>, refusal: &'static str, load: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let is_kept = RwSignal::new(false);
    let was_refused = credential::get(&name.get_value()).is_some();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = key.get_untracked();
        match text.trim() {
            "" => credential::forget(&name.get_value()),
            key => credential::set(&name.get_value(), key, Keep::chosen(is_kept.get_untracked())),
        }
        load();
    };
    view! {
        <form class="notice key-form" on:submit=submit>
            <span class="notice-icon"><Icon glyph=Glyph::Lock /></span>
            <h1>{text!(parts.open_board.private)}</h1>
            <SignInWith scope=name.get_value() />
            <p>{text!(parts.open_board.paste)}
                <a href="/docs#makeKey" rel="external">{text!(parts.open_board.how)}</a> "."</p>
            {was_refused.then(|| view! { <p class="error" role="alert">{refusal}</p> })}
            <label class="field">
                <span>{text!(parts.open_board.key)}</span>
                <input type="password" autocomplete="off" spellcheck="false" required
                    prop:value=key on:input=move |event| key.set(event_target_value(&event)) />
            </label>
            <KeepKey is_kept=is_kept />
            <p>
                <button class="button primary" type="submit">{text!(parts.open_board.open)}</button>
                " " <a class="button" href="/">{text!(words.all_boards)}</a>
            </p>
        </form>
    }
}

/// Asks for how long a key is kept.
#[component]
pub fn KeepKey(
    /// Whether it outlives the tab.
    is_kept: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <label class="keep-key">
            <input type="checkbox" prop:checked=is_kept on:change=move |event| is_kept.set(event_target_checked(&event)) />
            <span>{text!(parts.open_board.keep)}</span>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_without_a_title_has_its_name() {
        let info = |config| serde_json::from_value::<BoardInfo>(config).unwrap();
        let board = Board::new("icpc", None, info(serde_json::json!({"visibility": "public", "scores": {}})));
        assert_eq!((board.title.as_str(), board.is_public, board.has_scores), ("icpc", true, true));
        assert!(!Board::new("icpc", None, info(serde_json::json!({"title": "Finals"}))).has_scores);
    }
}
