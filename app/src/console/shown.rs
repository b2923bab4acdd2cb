//! What was asked of the server, as it is shown: on its way, there, or why it is not.

use std::future::Future;

use leptos::prelude::*;

use crate::client::http::{Failure, Kind};
use crate::parts::icons::{Glyph, Icon};

/// An answer of the server, once there is one.
pub type Answer<T> = RwSignal<Option<Result<T, Failure>>>;

/// Asks, and keeps the answer. An answer that is there already is better than a failure.
pub fn ask<T, F>(answer: Answer<T>, question: F)
where
    T: PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    leptos::task::spawn_local(async move {
        let news = question.await;
        let had = answer.try_with_untracked(|old| matches!(old, Some(Ok(_)))).unwrap_or(false);
        let is_new = answer.try_with_untracked(|old| old.as_ref() != Some(&news)).unwrap_or(false);
        if is_new && (news.is_ok() || !had) {
            let _ = answer.try_set(Some(news));
        }
    });
}

/// Shows an answer with `then`; `retry` asks again.
#[component]
pub fn Shown<T, V>(
    /// The answer.
    #[prop(into)]
    answer: Signal<Option<Result<T, Failure>>>,
    /// Asks again.
    retry: Callback<()>,
    /// What is shown of it.
    then: impl Fn(T) -> V + Copy + Send + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    move || match answer.get() {
        None => view! {
            <p class="loading-line" role="status"><span class="spinner"></span>{text!(console.shown.loading)}</p>
        }
        .into_any(),
        Some(Ok(value)) => then(value).into_any(),
        Some(Err(failure)) => {
            let text = sentence(failure);
            view! {
                <div class="notice" role="alert">
                    <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
                    <h2>{text!(console.shown.failed)}</h2>
                    <p>{text}</p>
                    <p><button class="button primary" type="button" on:click=move |_| retry.run(())>{text!(words.try_again)}</button></p>
                </div>
            }
            .into_any()
        }
    }
}

/// A failure for people: what is missing, and where it comes from.
pub fn sentence(failure: Failure) -> String {
    match failure.kind() {
        Kind::Unauthorised => text!(console.shown.not_allowed).to_owned(),
        Kind::Unreachable | Kind::NotFound | Kind::Passing | Kind::Refused => failure.sentence(),
    }
}

/// What went wrong with something that was done, until it is dismissed; and, for who listens, what was done.
#[component]
pub fn Said(
    /// What went wrong.
    error: RwSignal<Option<String>>,
    /// What was done.
    done: RwSignal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="said">
            {move || error.get().map(|text| view! {
                <p class="banner error" role="alert"><Icon glyph=Glyph::Warning /><span>{text}</span>
                    <button class="button small icon-only" type="button" aria-label=text!(console.page.dismiss) on:click=move |_| error.set(None)><Icon glyph=Glyph::Close /></button>
                </p>
            })}
            <p class="said-done" role="status">{done}</p>
        </div>
    }
}
