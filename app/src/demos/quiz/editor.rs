//! Writing questions, or importing them, and opening a sitting.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::desk::Desk;
use super::import;
use super::opening::{Reach, fresh_id};
use super::options::Options;
use super::question::{OPTIONS_MAX, QUESTIONS_MAX, Question, examples, letter};
use super::shelf::{self, Quiz};
use crate::browser::save as file;
use crate::browser::storage;

/// Where the draft is kept, with its right answers.
const DRAFT: &str = "heliograph.quiz.draft";
/// How a file is written.
const FORMAT: &str = "question,options,right,points\nWhat is 7 × 8?,54 | 56 | 58,56,5\nWhich is prime?,57 | 59,B,10";

/// The draft: a number that stays with a question while others come and go, and the question.
type Draft = RwSignal<Vec<(u32, RwSignal<Question>)>>;

fn numbered(questions: Vec<Question>, next: StoredValue<u32>) -> Vec<(u32, RwSignal<Question>)> {
    questions.into_iter().map(|question| (fresh(next), RwSignal::new(question))).collect()
}

fn fresh(next: StoredValue<u32>) -> u32 {
    next.update_value(|next| *next += 1);
    next.get_value()
}

/// The questions, and the button that opens a sitting with them.
#[component]
pub fn Editor(
    /// The desk.
    desk: Desk,
    /// What the leader's key may do.
    reach: Reach,
    /// What is written on; a saved one, or the draft of this browser.
    quiz: Quiz,
    /// It was saved.
    saved: Callback<Quiz>,
    /// The sitting is open.
    opened: Callback<()>,
) -> impl IntoView {
    let next = StoredValue::new(0_u32);
    let id = StoredValue::new(quiz.id.clone());
    let is_draft = quiz.id.is_empty();
    let kept = storage::get(storage::browser(), DRAFT).filter(|kept: &Vec<Question>| !kept.is_empty() && is_draft);
    let before = if is_draft { vec![Question::default()] } else { quiz.questions };
    let draft: Draft = RwSignal::new(numbered(kept.unwrap_or(before), next));
    let title = RwSignal::new(if is_draft { text!(demos.quiz.name).to_owned() } else { quiz.title });
    let pace = RwSignal::new(quiz.pace);
    let problems = RwSignal::new(Vec::<String>::new());
    let questions = move || -> Vec<Question> { draft.with(|list| list.iter().map(|(_, q)| q.get()).collect()) };
    if is_draft {
        Effect::new(move |_| {
            storage::set(storage::browser(), DRAFT, &questions());
        });
    }
    let add = move |_| {
        let question = RwSignal::new(Question::default());
        draft.update(|list| list.push((fresh(next), question)));
    };
    let put = move |questions: Vec<Question>| {
        problems.set(Vec::new());
        draft.set(numbered(questions, next));
    };
    let take = Callback::new(move |text: String| match import::questions(&text) {
        Ok(questions) => put(questions),
        Err(errors) => problems.set(errors.iter().map(ToString::to_string).collect()),
    });
    let written = move || -> Option<Quiz> {
        let list = untrack(questions);
        let wrong: Vec<String> = list
            .iter()
            .enumerate()
            .flat_map(|(i, q)| {
                q.wrong().into_iter().map(move |w| text!(demos.quiz.editor.wrong, number = i + 1, message = w.message))
            })
            .collect();
        let is_good = wrong.is_empty();
        problems.set(wrong);
        let title = title.get_untracked().trim().to_owned();
        let pace = pace.get_untracked();
        (is_good && !title.is_empty()).then(|| Quiz { id: id.get_value(), title, pace, questions: list })
    };
    let save = move |then: Callback<Quiz>| {
        let Some(mut quiz) = written() else { return };
        if quiz.id.is_empty() {
            quiz.id = fresh_id();
        }
        desk.error.set(None);
        spawn_local(async move {
            match shelf::save(&desk.key(), &quiz).await {
                Ok(()) => {
                    if is_draft {
                        storage::remove(storage::browser(), DRAFT);
                    }
                    then.run(quiz);
                }
                Err(failure) => drop(desk.error.try_set(Some(failure.message))),
            }
        });
    };
    let open = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_draft {
            if let Some(quiz) = written() {
                desk.open(reach, quiz, opened);
            }
        } else {
            // What is played is what is saved: another device goes on with the same questions.
            save(Callback::new(move |quiz| desk.open(reach, quiz, opened)));
        }
    };
    view! {
        <form on:submit=open data-testid="editor">
            <Import take=take put=Callback::new(put) questions=Signal::derive(questions) />
            {move || {
                let list = problems.get();
                (!list.is_empty()).then(|| view! {
                    <div class="error sheet" role="alert" data-testid="problems">
                        <p>{text!(demos.quiz.editor.mend)}</p>
                        <ul>{list.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                    </div>
                })
            }}
            <ol class="questions">
                <For each=move || draft.get() key=|(id, _)| *id let:entry>
                    <QuestionForm id=entry.0 question=entry.1 draft=draft />
                </For>
            </ol>
            <button class="button" type="button" on:click=add disabled=move || { draft.with(|list| list.len() >= QUESTIONS_MAX) }>
                {text!(demos.quiz.editor.add_question)}
            </button>
            <section class="sheet" aria-label=text!(demos.quiz.editor.sitting)>
                <div class="field">
                    <label for="quiz-title">{text!(demos.quiz.editor.title)}</label>
                    <input id="quiz-title" maxlength="80" required=true prop:value=title
                        on:input:target=move |event| title.set(event.target().value()) />
                </div>
                <Options pace=pace />
                <div class="buttons">
                <button class="button primary" type="submit" disabled=desk.is_busy data-testid="open">
                    {move || if desk.is_busy.get() { text!(demos.quiz.editor.opening) } else { text!(demos.quiz.editor.open) }}
                </button>
                {reach.own.then(|| view! {
                    <button class="button" type="button" data-testid="save" on:click=move |_| save(saved)>{text!(demos.quiz.editor.keep)}</button>
                })}
                </div>
                <p class="quiet-text">{if reach.own { text!(demos.quiz.editor.kept_there) } else { text!(demos.quiz.editor.kept_here) }}</p>
            </section>
        </form>
    }
}

#[component]
fn Import(take: Callback<String>, put: Callback<Vec<Question>>, questions: Signal<Vec<Question>>) -> impl IntoView {
    let pasted = RwSignal::new(String::new());
    let read = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some((input, file)) = input.and_then(|input| Some((input.clone(), input.files()?.get(0)?))) else { return };
        // The same file can be chosen again once it was mended.
        input.set_value("");
        spawn_local(async move {
            if let Some(text) = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
                take.run(text);
            }
        });
    };
    let save = move |_| {
        // The browser says by itself what it does not save.
        let _ = file::save(
            "questions.json",
            "application/json",
            questions.with_untracked(|list| import::to_json(list)).as_bytes(),
        );
    };
    view! {
        <details class="sheet import">
            <summary>{text!(demos.quiz.editor.import)}</summary>
            <p>{text!(demos.quiz.editor.import_what)}</p>
            <pre tabindex="0"><code>{FORMAT}</code></pre>
            <div class="field">
                <label for="quiz-file">{text!(demos.quiz.editor.file)}</label>
                <input id="quiz-file" type="file" accept=".csv,.json,.txt,text/csv,application/json" on:change=read />
            </div>
            <div class="field">
                <label for="quiz-paste">{text!(demos.quiz.editor.or_paste)}</label>
                <textarea id="quiz-paste" rows="4" spellcheck="false" prop:value=pasted
                    on:input:target=move |event| pasted.set(event.target().value())></textarea>
            </div>
            <div class="buttons">
                <button class="button" type="button" on:click=move |_| take.run(pasted.get_untracked())>{text!(demos.quiz.editor.import_pasted)}</button>
                <button class="button" type="button" on:click=move |_| put.run(examples())>{text!(demos.quiz.editor.examples)}</button>
                <button class="button" type="button" on:click=save>{text!(demos.quiz.editor.save)}</button>
            </div>
        </details>
    }
}

#[component]
fn QuestionForm(id: u32, question: RwSignal<Question>, draft: Draft) -> impl IntoView {
    let place = move || draft.with(|list| list.iter().position(|(other, _)| *other == id).map_or(0, |i| i + 1));
    let options = Memo::new(move |_| question.with(|q| q.options.len()));
    let remove = move |_| draft.update(|list| list.retain(|(other, _)| *other != id));
    let add = move |_| question.update(|q| q.options.push(String::new()));
    let drop_last = move |_| {
        question.update(|q| {
            q.options.pop();
            q.right = q.right.min(q.options.len().saturating_sub(1));
        });
    };
    view! {
        <li class="sheet">
            <fieldset>
                <legend>{move || text!(demos.quiz.editor.question, number = place())}</legend>
                <div class="field">
                    <label for=format!("q{id}-text")>{text!(demos.quiz.editor.asked)}</label>
                    <textarea id=format!("q{id}-text") rows="2" prop:value=move || question.with(|q| q.text.clone())
                        on:input:target=move |event| question.update(|q| q.text = event.target().value())></textarea>
                </div>
                <p class="field-label" id=format!("q{id}-right")>{text!(demos.quiz.editor.options)}</p>
                <div role="radiogroup" aria-labelledby=format!("q{id}-right")>
                    {move || (0..options.get()).map(|i| option_row(id, i, question)).collect_view()}
                </div>
                <div class="buttons">
                    <button class="button small" type="button" on:click=add disabled=move || { options.get() >= OPTIONS_MAX }>{text!(demos.quiz.editor.add_option)}</button>
                    <button class="button small" type="button" on:click=drop_last disabled=move || { options.get() <= 2 }>{text!(demos.quiz.editor.remove_option)}</button>
                    <label class="points">{text!(demos.quiz.editor.points)}
                        <input type="number" min="1" max="100" step="1" inputmode="numeric"
                            prop:value=move || question.with(|q| q.points.to_string())
                            on:input:target=move |event| question.update(|q| q.points = event.target().value().parse().unwrap_or(0)) />
                    </label>
                    <button class="button small" type="button" on:click=remove disabled=move || { draft.with(|list| list.len() < 2) }
                        aria-label=move || text!(demos.quiz.editor.remove_question, number = place())>{text!(demos.quiz.editor.remove)}</button>
                </div>
            </fieldset>
        </li>
    }
}

fn option_row(id: u32, i: usize, question: RwSignal<Question>) -> impl IntoView {
    let name = letter(i);
    view! {
        <div class="option-row">
            <input type="radio" name=format!("q{id}-right") aria-label=text!(demos.quiz.editor.is_right, option = name)
                prop:checked=move || question.with(|q| q.right == i)
                on:change=move |_| question.update(|q| q.right = i) />
            <span aria-hidden="true">{name}</span>
            <input type="text" aria-label=text!(demos.quiz.editor.option, name = name)
                prop:value=move || question.with(|q| q.options.get(i).cloned().unwrap_or_default())
                on:input:target=move |event| question.update(|q| if let Some(option) = q.options.get_mut(i) { *option = event.target().value(); }) />
        </div>
    }
}
