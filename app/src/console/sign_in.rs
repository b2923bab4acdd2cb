//! Asks for the key, once, and says where one comes from.

use leptos::prelude::*;

use super::seat::{self, Opened};
use crate::client::credential::{self, Keep};
use crate::client::http::{Failure, Kind};
use crate::parts::frame::SiteHead;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::KeepKey;
use crate::parts::sign_in_with::SignInWith;

/// Where the page stands on its way to its content.
#[derive(Clone)]
enum Step {
    /// A key that is there already is being tried.
    Trying,
    /// A key is asked for, perhaps with a reason why the last one did not do.
    Asking(Option<String>),
    /// It is open.
    In(Box<Opened>),
}

/// Shows `then` to whoever may see it.
#[component]
pub fn SignedIn<F, V>(
    /// The board; none for the server's own console.
    board: Option<String>,
    /// The page.
    then: F,
) -> impl IntoView
where
    F: Fn(Opened) -> V + Copy + Send + 'static,
    V: IntoView + 'static,
{
    let step = RwSignal::new(Step::Asking(None));
    let board = StoredValue::new(board);
    let sign_in = move |key: String, keep: Option<Keep>| {
        if keep.is_none() {
            step.set(Step::Trying);
        }
        leptos::task::spawn_local(async move {
            let name = board.get_value();
            let scope = seat::scope(name.as_deref());
            let next = match seat::open(name.as_deref(), &key).await {
                Ok(opened) => {
                    if let Some(keep) = keep {
                        credential::set(scope, &key, keep);
                    }
                    credential::proven(scope);
                    Step::In(Box::new(opened))
                }
                // A key of another board was worth a try, and nobody gave it here.
                Err(error)
                    if keep.is_none() && credential::get(scope).is_none() && error.kind() == Kind::Unauthorised =>
                {
                    Step::Asking(None)
                }
                Err(error) => Step::Asking(Some(reason(error, name.as_deref()))),
            };
            let _ = step.try_set(next);
        });
    };
    let scope = board.with_value(|board| seat::scope(board.as_deref()).to_owned());
    if let Some(key) = credential::get(&scope).or_else(credential::latest) {
        sign_in(key, None);
    }
    let said = Memo::new(move |_| step.with(|step| if let Step::Asking(said) = step { said.clone() } else { None }));
    // While a key is asked for, the form stays: what was typed is not lost by a wrong key.
    let shown = Memo::new(move |_| {
        step.with(|step| match step {
            Step::Trying => 0,
            Step::Asking(_) => 1,
            Step::In(_) => 2,
        })
    });
    move || {
        if shown.get() == 1 {
            let scope = board.with_value(|board| seat::scope(board.as_deref()).to_owned());
            return view! { <KeyForm said=said scope=scope sign_in=sign_in /> }.into_any();
        }
        match step.get_untracked() {
            Step::In(opened) => then(*opened).into_any(),
            Step::Trying | Step::Asking(_) => view! {
                <SiteHead />
                <main id="main" class="page" tabindex="-1">
                    <p class="loading-line" role="status"><span class="spinner"></span>{text!(console.sign_in.opening)}</p>
                </main>
            }
            .into_any(),
        }
    }
}

/// Why a key did not do, and what to do about it.
fn reason(error: Failure, board: Option<&str>) -> String {
    match (error.status, board) {
        (401, _) => text!(parts.open_board.unknown).to_owned(),
        (403, _) => text!(console.page.not_allowed).to_owned(),
        (404, Some(name)) => text!(parts.open_board.none_called, name = name),
        _ => error.sentence(),
    }
}

#[component]
fn KeyForm(
    said: Memo<Option<String>>,
    scope: String,
    sign_in: impl Fn(String, Option<Keep>) + Copy + Send + 'static,
) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let is_kept = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = key.get_untracked().trim().to_owned();
        if !text.is_empty() {
            sign_in(text, Some(Keep::chosen(is_kept.get_untracked())));
        }
    };
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <form class="notice key-form" on:submit=submit>
                <span class="notice-icon"><Icon glyph=Glyph::Lock /></span>
                <h1>{text!(console.page.heading)}</h1>
                <SignInWith scope=scope />
                <p>{text!(console.page.sign_in_with)}
                    <a href="/docs#makeKey" rel="external">{text!(parts.open_board.how)}</a> "."</p>
                {move || said.get().map(|text| view! { <p class="error" role="alert">{text}</p> })}
                <label class="field">
                    <span>{text!(parts.open_board.key)}</span>
                    <input type="password" autocomplete="off" spellcheck="false" required data-testid="key"
                        prop:value=key on:input=move |event| key.set(event_target_value(&event)) />
                </label>
                <KeepKey is_kept=is_kept />
                <p><button class="button primary" type="submit">{text!(console.page.sign_in)}</button></p>
            </form>
        </main>
    }
}
