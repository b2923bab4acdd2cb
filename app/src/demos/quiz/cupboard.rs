//! What a leader finds on any device: the sittings that run, and the saved quizzes.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::desk::Desk;
use super::opening::fresh_id;
use super::shelf::{self, Quiz, SAVED_MAX, Shelf};
use super::sitting::Sitting;
use crate::browser::percent::encode;
use crate::client::http::{self, Failure};
use crate::demos::confirm::Question;

/// The two lists.
#[component]
pub fn Cupboard(
    /// Whose it is.
    desk: Desk,
    /// What is in it.
    shelf: RwSignal<Shelf>,
    /// What is in the editor.
    quiz: RwSignal<Quiz>,
    /// Asked before something is deleted.
    question: RwSignal<Option<Question>>,
    /// Looks again what there is.
    refresh: Callback<()>,
    /// Goes on with a sitting.
    go_on: Callback<Sitting>,
) -> impl IntoView {
    let work = move |work: std::pin::Pin<Box<dyn Future<Output = Result<(), Failure>>>>| {
        spawn_local(async move {
            if let Err(failure) = work.await {
                let _ = desk.error.try_set(Some(failure.message));
            }
            refresh.run(());
        });
    };
    let copy = move |from: Quiz| {
        let copy =
            Quiz { id: fresh_id(), title: text!(demos.quiz.cupboard.copy_of, title = from.title.clone()), ..from };
        work(Box::pin(async move { shelf::save(&desk.key(), &copy).await }));
    };
    let delete = move |gone: Quiz| {
        if quiz.with_untracked(|open| open.id == gone.id) {
            quiz.set(Quiz::default());
        }
        work(Box::pin(async move { remove(&desk.key(), &gone).await }));
    };
    let ask = move |gone: Quiz| {
        question.set(Some(Question {
            title: text!(demos.quiz.cupboard.delete_title, title = gone.title.clone()),
            text: text!(demos.quiz.cupboard.delete_text).to_owned(),
            label: text!(demos.quiz.cupboard.delete),
            work: Callback::new(move |()| delete(gone.clone())),
        }));
    };
    let is_full = move || shelf.with(|shelf| shelf.quizzes.len() >= SAVED_MAX);
    let sittings = move || {
        let list = shelf.with(|shelf| shelf.sittings.clone());
        (!list.is_empty()).then(|| view! {
            <section class="sheet" aria-labelledby="running-title" data-testid="running">
                <h2 id="running-title">{text!(demos.quiz.cupboard.running)}</h2>
                <ul class="shelf">{list.into_iter().map(|sitting| {
                    let (title, code) = (sitting.title.clone(), sitting.code.clone());
                    view! {
                        <li><span class="shelf-name">{title.clone()}<small>{text!(demos.quiz.cupboard.code, code = code)}</small></span>
                            <button class="button primary small" type="button" aria-label=text!(demos.quiz.cupboard.go_on_with, title = title)
                                on:click=move |_| go_on.run(sitting.clone())>{text!(demos.quiz.cupboard.go_on)}</button></li>
                    }
                }).collect_view()}</ul>
            </section>
        })
    };
    let quizzes = move || {
        let list = shelf.with(|shelf| shelf.quizzes.clone());
        if list.is_empty() {
            return view! { <p class="quiet-text">{text!(demos.quiz.cupboard.empty)}</p> }.into_any();
        }
        let rows = list.into_iter().map(|saved| {
            let (id, title, many) = (saved.id.clone(), saved.title.clone(), saved.questions.len());
            let is_open = move || quiz.with(|open| open.id == id);
            let (open, twin, gone) = (saved.clone(), saved.clone(), saved);
            view! {
                <li class:open=is_open>
                    <span class="shelf-name">{title.clone()}<small>{counted!(many, demos.quiz.cupboard.questions)}</small></span>
                    <span class="buttons">
                        <button class="button small" type="button" aria-label=text!(demos.quiz.cupboard.open_this, title = title.clone())
                            on:click=move |_| quiz.set(open.clone())>{text!(demos.quiz.cupboard.open)}</button>
                        <button class="button small" type="button" disabled=is_full aria-label=text!(demos.quiz.cupboard.copy_this, title = title.clone())
                            on:click=move |_| copy(twin.clone())>{text!(demos.quiz.cupboard.copy)}</button>
                        <button class="button small" type="button" aria-label=text!(demos.quiz.cupboard.delete_this, title = title)
                            on:click=move |_| ask(gone.clone())>{text!(demos.quiz.cupboard.delete)}</button>
                    </span>
                </li>
            }
        });
        view! { <ul class="shelf" data-testid="saved">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        {sittings}
        <section class="sheet" aria-labelledby="saved-title">
            <div class="line">
                <h2 id="saved-title">{text!(demos.quiz.cupboard.saved)}</h2>
                {move || quiz.with(|open| !open.id.is_empty()).then(|| view! {
                    <button class="button small" type="button" on:click=move |_| quiz.set(Quiz::default())>{text!(demos.quiz.cupboard.fresh)}</button>
                })}
            </div>
            {quizzes}
            {move || is_full().then(|| view! { <p class="quiet-text">{text!(demos.quiz.cupboard.full, most = SAVED_MAX)}</p> })}
        </section>
    }
}

/// Deletes a quiz, its board and the results on it.
async fn remove(key: &str, quiz: &Quiz) -> Result<(), Failure> {
    let path = format!("/v1/boards/{}", encode(&quiz.board()));
    match http::send_for_text(Method::DELETE, &path, Some(key), None).await {
        Err(failure) if failure.status != 404 => return Err(failure),
        _ => {}
    }
    shelf::end(key, &quiz.board()).await?;
    shelf::remove(key, quiz).await
}
