//! A sitting as its leader sees it: the code, what can be done, and the results as they come.

use heliograph_shared::scores::session::Phase;
use leptos::prelude::*;

use super::desk::Desk;
use super::question::letter;
use crate::browser::dom;
use crate::browser::percent::encode;
use crate::demos::confirm::Question;
use crate::demos::widgets::{LinkPill, number};
use crate::parts::seconds::every_second;

/// The running sitting.
#[component]
pub fn Run(
    /// The desk.
    desk: Desk,
    /// The leader puts it away.
    again: Callback<()>,
    /// Asked before the sitting is closed.
    question: RwSignal<Option<Question>>,
) -> impl IntoView {
    let marks = RwSignal::new(false);
    every_second(move || desk.beat());
    view! {
        <div class="desk" data-testid="desk">
            <Invitation desk=desk />
            <Controls desk=desk again=again question=question />
            <section class="sheet results" aria-labelledby="results-title">
                <div class="line">
                    <h2 id="results-title">{text!(demos.quiz.questions)}</h2>
                    <label class="check"><input type="checkbox" prop:checked=marks
                        on:change:target=move |event| marks.set(event.target().checked()) />{text!(demos.quiz.run.mark)}</label>
                </div>
                <ol class="asked">
                    {(0..desk.with(|book| book.questions.len())).map(|i| view! { <Asked desk=desk index=i marks=marks /> }).collect_view()}
                </ol>
            </section>
            <Students desk=desk marks=marks />
        </div>
    }
}

#[component]
fn Invitation(desk: Desk) -> impl IntoView {
    let code = desk.with(|book| book.code.clone());
    let origin = crate::browser::dom::origin();
    let address = format!("{origin}/quiz/play?code={code}");
    let session = desk.with(|book| book.session.clone());
    let room = format!("/quiz/{}/room?code={code}&sitting={}", encode(&desk.board()), encode(&session));
    let copied = RwSignal::new("");
    let copy = {
        let address = address.clone();
        move |_| {
            dom::copy(&address, move |ok| {
                copied.set(if ok { text!(demos.quiz.run.copied) } else { text!(demos.quiz.run.not_copied) });
            });
        }
    };
    view! {
        <section class="sheet invitation" aria-label=text!(demos.quiz.run.how_to_join)>
            <p class="overline">{move || desk.with(|book| book.title.clone())}</p>
            <p>{text!(demos.quiz.run.join_at)} <strong>{format!("{}/quiz", origin.split("//").last().unwrap_or_default())}</strong> {text!(demos.quiz.run.with_code)}</p>
            <p class="code" data-testid="code">{code}</p>
            <div class="buttons">
                <a class="button primary" href=room target="_blank" data-testid="room">{text!(demos.quiz.run.big_screen)}</a>
                <button class="button small" type="button" on:click=copy>{text!(demos.quiz.run.copy)}</button>
                <span role="status" class="quiet-text">{copied}</span>
            </div>
            <p class="big-count"><strong data-testid="students">{move || desk.with(|book| book.students.len())}</strong> {text!(demos.quiz.run.joined)}</p>
        </section>
    }
}

#[component]
fn Controls(desk: Desk, again: Callback<()>, question: RwSignal<Option<Question>>) -> impl IntoView {
    let phase = Memo::new(move |_| desk.phase.get());
    let total = desk.with(|book| book.questions.len());
    let board = desk.board();
    let shown = Memo::new(move |_| desk.with(|book| book.shown));
    let is_running = move || phase.get().is_some_and(Phase::is_running);
    let is_hidden = move || desk.frozen.get() && phase.get() != Some(Phase::Revealed);
    let close = move |_| {
        question.set(Some(Question {
            title: text!(demos.quiz.run.close_title).to_owned(),
            text: text!(demos.quiz.run.close_text).to_owned(),
            label: text!(demos.quiz.run.close_it),
            work: Callback::new(move |()| desk.close()),
        }));
    };
    let button = move |name: &'static str, text: &'static str, is_primary: bool, work: fn(Desk)| {
        view! {
            <button class="button" class:primary=is_primary type="button" disabled=desk.is_busy data-testid=name
                on:click=move |_| work(desk)>{text}</button>
        }
    };
    view! {
        <section class="sheet controls" aria-label=text!(demos.quiz.run.control)>
            <div class="line">
                <span class="pill" data-testid="phase">{move || phase_text(phase.get())}</span>
                <LinkPill status=desk.link />
            </div>
            <p data-testid="shown">{move || text!(demos.quiz.run.shown, shown = shown.get(), total = total)}</p>
            <div class="buttons">
                {move || (is_running() && shown.get() < total).then(|| view! {
                    {button("next", text!(demos.quiz.run.show_next), true, |desk| desk.show(desk.with(|book| book.shown) + 1))}
                    {button("all", text!(demos.quiz.run.show_all), false, |desk| desk.show(usize::MAX))}
                })}
                {move || (phase.get() == Some(Phase::Open)).then(|| button("freeze", text!(demos.quiz.run.hide), false, |desk| desk.act("freeze")))}
                {move || is_running().then(|| view! {
                    <button class="button" type="button" disabled=desk.is_busy data-testid="close" on:click=close>{text!(demos.quiz.run.close)}</button>
                })}
                {move || (is_hidden() && phase.get() != Some(Phase::Open)).then(|| button("reveal", text!(demos.quiz.run.reveal), true, |desk| desk.act("reveal")))}
                {move || (is_hidden() && matches!(phase.get(), Some(Phase::Closed | Phase::Revealing)))
                    .then(|| button("step", text!(demos.quiz.run.reveal_last), false, |desk| desk.act("reveal_step")))}
                {move || (!is_running() && phase.get().is_some() && !is_hidden()).then(|| view! {
                    <button class="button primary" type="button" data-testid="again" on:click=move |_| again.run(())>{text!(demos.quiz.run.new_sitting)}</button>
                })}
            </div>
            <p class="quiet-text">
                {move || is_hidden().then_some(text!(demos.quiz.run.hidden))}
                <a href=format!("/b/{board}/scores")>{text!(words.scoreboard)}</a> " · "
                <a href=format!("/b/{board}/manage/scores")>{text!(console.page.part)}</a>
            </p>
        </section>
    }
}

fn phase_text(phase: Option<Phase>) -> &'static str {
    match phase {
        Some(Phase::Created) => text!(demos.quiz.run.phase_created),
        Some(Phase::Open) => text!(demos.quiz.run.phase_open),
        Some(Phase::Frozen) => text!(demos.quiz.run.phase_frozen),
        Some(Phase::Closed) => text!(demos.quiz.run.phase_closed),
        Some(Phase::Revealing) => text!(demos.quiz.run.phase_revealing),
        Some(Phase::Revealed) => text!(demos.quiz.run.phase_revealed),
        None => text!(demos.quiz.run.phase_unknown),
    }
}

#[component]
fn Asked(desk: Desk, index: usize, marks: RwSignal<bool>) -> impl IntoView {
    let question = desk.with(|book| book.questions.get(index).cloned().unwrap_or_default());
    let right = question.right;
    let state = Memo::new(move |_| desk.with(|book| (index < book.shown, book.solved.contains(&index))));
    let count = Memo::new(move |_| desk.with(|book| book.count(index)));
    let summary = move || {
        let count = count.get();
        if marks.get() || state.get().1 {
            counted!(count.answers, demos.quiz.run.summary, right = count.right, wrong = count.answers - count.right)
        } else {
            counted!(count.answers, demos.quiz.run.answers)
        }
    };
    let is_open = move || state.get() == (true, false) && desk.phase.get().is_some_and(Phase::is_running);
    let bars = question.options.iter().enumerate().map(|(i, option)| {
        let chosen = move || count.with(|count| count.options.get(i).copied().unwrap_or(0));
        let part = move || count.with(|count| 100 * chosen() / count.answers.max(1));
        let is_right = move || i == right && (marks.get() || state.get().1);
        view! {
            <li class:right=is_right>
                <span class="choice-name">{letter(i)}</span>
                <span class="choice-text">{option.clone()}{move || is_right().then(|| view! { <span class="tick">" ✓"<span class="sr-only">{text!(demos.quiz.run.tick)}</span></span> })}</span>
                <span class="track" aria-hidden="true"><span class="fill" style:width=move || format!("{}%", part())></span></span>
                <span class="choice-count" data-testid=format!("count-{}-{}", index + 1, letter(i))>{chosen}</span>
            </li>
        }
    });
    view! {
        <li class:waiting=move || !state.get().0 data-testid=format!("question-{}", index + 1)>
            <div class="line">
                <h3>{format!("{}. {}", index + 1, question.text)}</h3>
                <span class="pill">{move || match state.get() {
                    (false, _) => text!(demos.quiz.run.not_shown),
                    (true, false) => text!(demos.quiz.run.phase_open),
                    (true, true) => text!(demos.quiz.run.phase_closed),
                }}</span>
            </div>
            <ul class="choices">{bars.collect_view()}</ul>
            <div class="line">
                <p class="quiet-text" data-testid=format!("summary-{}", index + 1)>{summary}</p>
                {move || is_open().then(|| view! {
                    <button class="button small" type="button" disabled=desk.is_busy data-testid=format!("solve-{}", index + 1)
                        on:click=move |_| desk.solve(index)>{text!(demos.quiz.run.solve)}</button>
                })}
            </div>
        </li>
    }
}

#[component]
fn Students(desk: Desk, marks: RwSignal<bool>) -> impl IntoView {
    // Ranked students in the board's order, then those who have not answered yet.
    let keys = Memo::new(move |_| {
        let mut keys: Vec<String> = desk.rows.with(|rows| rows.iter().map(|row| row.key.clone()).collect());
        desk.with(|book| {
            let ranked: std::collections::HashSet<&str> = keys.iter().map(String::as_str).collect();
            let mut rest: Vec<_> = book.students.iter().filter(|(key, _)| !ranked.contains(key.as_str())).collect();
            rest.sort_by(|a, b| a.1.name.cmp(&b.1.name));
            let rest: Vec<String> = rest.into_iter().map(|(key, _)| key.clone()).collect();
            keys.extend(rest);
        });
        keys
    });
    let total = desk.with(|book| book.questions.len());
    // Points would tell what is right while a question is open.
    let is_told =
        Memo::new(move |_| marks.get() || desk.with(|book| (0..book.shown).all(|i| book.solved.contains(&i))));
    view! {
        <section class="sheet" aria-labelledby="students-title">
            <h2 id="students-title">{text!(demos.quiz.run.students)}</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-labelledby="students-title">
                <table data-testid="student-table">
                    <thead><tr>
                        <th scope="col">{text!(words.rank)}</th><th scope="col">{text!(words.name)}</th><th scope="col">{text!(demos.quiz.editor.points)}</th>
                        {(1..=total).map(|i| view! { <th scope="col"><span class="sr-only">{text!(demos.quiz.run.question)}</span>{i}</th> }).collect_view()}
                    </tr></thead>
                    <tbody>
                        <For each=move || keys.get() key=|key| key.clone() let:key>
                            {student(desk, marks, is_told, key, total)}
                        </For>
                    </tbody>
                </table>
            </div>
            {move || keys.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(demos.quiz.run.nobody)}</p> })}
        </section>
    }
}

fn student(desk: Desk, marks: RwSignal<bool>, is_told: Memo<bool>, key: String, total: usize) -> impl IntoView {
    let key = StoredValue::new(key);
    let row = Memo::new(move |_| {
        desk.rows.with(|rows| {
            rows.iter().find(|row| key.with_value(|key| row.key == *key)).map(|row| (row.rank, row.values.clone()))
        })
    });
    let name = Memo::new(move |_| {
        desk.with(|book| key.with_value(|key| book.students.get(key).map_or_else(|| key.clone(), |s| s.name.clone())))
    });
    let cells = (0..total).map(move |q| {
        let answer = Memo::new(move |_| {
            desk.with(|book| key.with_value(|key| Some((book.students.get(key)?.answers.get(&q)?.choice, book.is_right(key, q)?))))
        });
        let marks = Memo::new(move |_| marks.get() || desk.with(|book| book.solved.contains(&q)));
        view! {
            <td class="cell" class:right=move || marks.get() && answer.get().is_some_and(|a| a.1)
                class:wrong=move || marks.get() && answer.get().is_some_and(|a| !a.1)>
                {move || match (answer.get(), marks.get()) {
                    (None, _) => view! { <span class="quiet-text">"–"</span> }.into_any(),
                    (Some((choice, true)), true) => view! { {letter(choice)} " ✓" <span class="sr-only">{text!(demos.quiz.run.right)}</span> }.into_any(),
                    (Some((choice, false)), true) => view! { {letter(choice)} " ✗" <span class="sr-only">{text!(demos.quiz.run.wrong)}</span> }.into_any(),
                    (Some(_), false) => view! { "•" <span class="sr-only">{text!(demos.quiz.run.answered)}</span> }.into_any(),
                }}
            </td>
        }
    });
    view! {
        <tr>
            <td>{move || row.get().filter(|_| is_told.get()).map_or_else(|| "–".to_owned(), |(rank, _)| rank.to_string())}</td>
            <th scope="row">{name}</th>
            <td class="points-cell">{move || if is_told.get() {
                row.get().and_then(|(_, values)| values.first().copied()).map_or_else(|| "0".to_owned(), number)
            } else {
                "–".to_owned()
            }}</td>
            {cells.collect_view()}
        </tr>
    }
}
