//! The leader's page: sign in, prepare, run.

use leptos::prelude::*;

use super::desk::Desk;
use super::editor::Editor;
use super::run::Run;
use super::{BOARD, CONFIG};
use crate::demos::sign_in::SignIn;

/// The page at `/quiz/lead`.
#[component]
pub fn Lead() -> impl IntoView {
    let key = RwSignal::new(None::<String>);
    view! {
        <header class="hero"><h1>{text!(demos.quiz.lead.heading)}</h1></header>
        {move || match key.get() {
            None => view! { <SignIn board=BOARD config=CONFIG done=Callback::new(move |good| key.set(Some(good))) /> }.into_any(),
            Some(key) => view! { <AtDesk key=key /> }.into_any(),
        }}
        <crate::demos::quiz::choose::HowItWorks />
    }
}

#[component]
fn AtDesk(key: String) -> impl IntoView {
    let desk = Desk::new(key);
    let is_running = RwSignal::new(false);
    if let Some(kept) = Desk::kept() {
        desk.take(kept);
        is_running.set(true);
    }
    let again = Callback::new(move |()| {
        desk.put_away();
        is_running.set(false);
    });
    view! {
        {move || desk.error.get().map(|text| view! { <p class="error sheet" role="alert">{text}</p> })}
        {move || if is_running.get() {
            view! { <Run desk=desk again=again /> }.into_any()
        } else {
            view! { <Editor desk=desk opened=Callback::new(move |()| is_running.set(true)) /> }.into_any()
        }}
    }
}
