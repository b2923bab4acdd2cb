//! The leader's page: sign in, prepare, run.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::cupboard::Cupboard;
use super::desk::Desk;
use super::editor::Editor;
use super::opening::{self, Reach};
use super::run::Run;
use super::shelf::{self, Quiz, Shelf};
use super::{BOARD, CONFIG};
use crate::demos::confirm::{Confirm, Question};
use crate::demos::sign_in::SignIn;

/// Boards that a leader may make.
const OWN: &str = "quiz-*";

/// The page at `/quiz/lead`.
#[component]
pub fn Lead() -> impl IntoView {
    let leader = RwSignal::new(None::<(String, Reach)>);
    let enter = Callback::new(move |key: String| {
        spawn_local(async move {
            let reach = opening::reach(&key).await;
            leader.set(Some((key, reach)));
        });
    });
    view! {
        <header class="hero"><h1>{text!(demos.quiz.lead.heading)}</h1></header>
        {move || match leader.get() {
            None => view! { <SignIn board=BOARD config=CONFIG or_boards=OWN done=enter /> }.into_any(),
            Some((key, reach)) => view! { <AtDesk key=key reach=reach /> }.into_any(),
        }}
        <crate::demos::quiz::choose::HowItWorks />
    }
}

#[component]
fn AtDesk(key: String, reach: Reach) -> impl IntoView {
    let desk = Desk::new(key.clone());
    let shelf = RwSignal::new(Shelf::default());
    let quiz = RwSignal::new(Quiz::default());
    let question = RwSignal::new(None::<Question>);
    let is_running = RwSignal::new(false);
    if let Some(kept) = Desk::kept() {
        desk.take(kept);
        is_running.set(true);
    }
    let refresh = Callback::new(move |()| {
        let key = key.clone();
        spawn_local(async move {
            if !reach.own {
                return;
            }
            match shelf::list(&key).await {
                Ok(list) => drop(shelf.try_set(list)),
                Err(failure) => drop(desk.error.try_set(Some(failure.message))),
            }
        });
    });
    refresh.run(());
    let again = Callback::new(move |()| {
        desk.put_away(refresh);
        is_running.set(false);
    });
    let go_on = Callback::new(move |sitting| {
        desk.take(sitting);
        is_running.set(true);
    });
    view! {
        <Confirm question=question />
        {move || desk.error.get().map(|text| view! { <p class="error sheet" role="alert">{text}</p> })}
        {move || if is_running.get() {
            view! { <Run desk=desk again=again question=question /> }.into_any()
        } else {
            view! {
                {reach.own.then(|| view! { <Cupboard desk=desk shelf=shelf quiz=quiz question=question refresh=refresh go_on=go_on /> })}
                {move || view! {
                    <Editor desk=desk reach=reach quiz=quiz.get() saved=Callback::new(move |saved| {
                        quiz.set(saved);
                        refresh.run(());
                    }) opened=Callback::new(move |()| is_running.set(true)) />
                }}
            }.into_any()
        }}
    }
}
