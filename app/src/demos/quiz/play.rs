//! The student's page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::BOARD;
use super::question::{letter, option_of};
use super::seat::{Fate, Seat};
use crate::browser::dom::{self, Listener};
use crate::demos::join::{self, JoinForm, Player};
use crate::demos::widgets::{LinkPill, Ranks, number, ticking};

/// How often the time that is left is looked at, in milliseconds.
pub const BEAT_MS: i32 = 250;

/// The page at `/quiz/play`.
#[component]
pub fn Play() -> impl IntoView {
    let player = RwSignal::new(join::known(BOARD, join::asked_for("code").as_deref()));
    view! {
        {move || match player.get() {
            None => view! {
                <header class="hero"><h1>{text!(demos.quiz.name)}</h1></header>
                <JoinForm board=BOARD action=text!(demos.join.join) done=Callback::new(move |joined| player.set(Some(joined))) />
            }.into_any(),
            Some(joined) => view! { <Seated player=joined left=Callback::new(move |()| {
                join::forget(BOARD);
                player.set(None);
            }) /> }.into_any(),
        }}
    }
}

#[component]
fn Seated(player: Player, left: Callback<()>) -> impl IntoView {
    let seat = Seat::take(player);
    let at = RwSignal::new(0_usize);
    let shown = Memo::new(move |_| seat.sheet.with(|sheet| sheet.asked.len()));
    // A new question comes to the front when the one in front is done.
    Effect::new(move |_| {
        let shown = shown.get();
        let is_done = untrack(|| at.get() >= shown || is_done(seat, at.get()));
        if is_done {
            at.set(untrack(|| first_open(seat)).unwrap_or_else(|| shown.saturating_sub(1)));
        }
    });
    let choose = move |choice: usize| seat.answer(at.get_untracked(), choice);
    let keys = web_sys::window().map(|window| {
        Listener::new(&window, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
            let is_free = !dom::is_typing(event) && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            let key = event.key();
            let by_number = || key.parse::<usize>().ok()?.checked_sub(1);
            if let Some(choice) = option_of(&key).or_else(by_number).filter(|_| is_free && !event.repeat()) {
                choose(choice);
            }
        })
    });
    let keys = StoredValue::new_local(keys);
    on_cleanup(move || keys.dispose());
    let title = move || {
        seat.sheet
            .with(|sheet| if sheet.title.is_empty() { text!(demos.quiz.name).to_owned() } else { sheet.title.clone() })
    };
    let phase = Memo::new(move |_| seat.standing.with(|standing| standing.phase.clone()));
    view! {
        <div class="seat" data-testid="seat">
            <header class="line"><h1>{title}</h1><LinkPill status=seat.link /></header>
            <p class="quiet-text">{text!(demos.quiz.play.you_are, name = seat.name())}
                <button class="link" type="button" on:click=move |_| left.run(())>{text!(demos.words.leave)}</button></p>
            {move || if shown.get() == 0 {
                view! { <p class="sheet big" role="status">{text!(demos.quiz.play.you_are_in)}</p> }.into_any()
            } else {
                view! { <Question seat=seat at=at.read_only() /> <Turn seat=seat at=at /> }.into_any()
            }}
            <Place seat=seat phase=phase />
        </div>
    }
}

fn is_done(seat: Seat, question: usize) -> bool {
    let is_solved = seat.sheet.with(|sheet| sheet.asked.get(question).is_some_and(|asked| asked.right.is_some()));
    is_solved || seat.answers.with(|answers| answers.get(&question).is_some_and(|(_, fate)| *fate == Fate::Accepted))
}

fn first_open(seat: Seat) -> Option<usize> {
    (0..seat.sheet.with(|sheet| sheet.asked.len())).find(|question| !is_done(seat, *question))
}

#[component]
fn Question(seat: Seat, at: ReadSignal<usize>) -> impl IntoView {
    let asked = Memo::new(move |_| seat.sheet.with(|sheet| sheet.asked.get(at.get()).cloned()));
    let answer = Memo::new(move |_| seat.answers.with(|answers| answers.get(&at.get()).cloned()));
    let beat = ticking(BEAT_MS);
    let left = Memo::new(move |_| {
        beat.track();
        seat.seconds_left(at.get())
    });
    let is_late = Memo::new(move |_| left.get() == Some(0));
    let is_over = Memo::new(move |_| {
        let phase = seat.standing.with(|standing| standing.phase.clone());
        matches!(phase.as_str(), "closed" | "revealing" | "revealed")
    });
    view! {
        {move || asked.get().map(|asked| {
            let right = asked.right;
            let number = at.get() + 1;
            let is_locked = move || {
                right.is_some() || is_over.get() || is_late.get() || answer.get().is_some_and(|(_, fate)| !matches!(fate, Fate::Refused(_)))
            };
            let options = asked.options.iter().enumerate().map(|(i, option)| {
                let is_chosen = move || answer.get().is_some_and(|(choice, _)| choice == i);
                view! {
                    <button type="button" class="option" class:chosen=is_chosen class:right=right == Some(i)
                        class:wrong=move || is_chosen() && right.is_some_and(|right| right != i)
                        aria-pressed=move || is_chosen().to_string() aria-disabled=move || is_locked().to_string()
                        data-testid=format!("option-{}", letter(i))
                        on:click=move |_| seat.answer(at.get_untracked(), i)>
                        <span class="choice-name" aria-hidden="true">{letter(i)}</span>
                        <span>{option.clone()}</span>
                        {(right == Some(i)).then(|| view! { <span class="sr-only">{text!(demos.quiz.play.right)}</span> })}
                    </button>
                }
            });
            view! {
                <section class="sheet question" aria-labelledby="asked">
                    <p class="overline">{text!(demos.quiz.play.number, number = number, count = seat.sheet.with_untracked(|sheet| sheet.count), points = asked.points)}</p>
                    <h2 id="asked" aria-live="polite">{asked.text.clone()}</h2>
                    <TimeLeft left=left limit=Signal::derive(move || seat.sheet.with(|sheet| sheet.room.limit_s)) />
                    <div class="options" role="group" aria-labelledby="asked">{options.collect_view()}</div>
                    <p class="fate" role="status" data-testid="fate">{move || {
                        if is_late.get() && right.is_none() && answer.get().is_none() {
                            text!(demos.quiz.play.late).to_owned()
                        } else {
                            fate_text(answer.get().as_ref(), right, is_over.get())
                        }
                    }}</p>
                </section>
            }
        })}
    }
}

/// The seconds that are left, and a bar of them.
#[component]
pub fn TimeLeft(
    /// In seconds; none where time is not bounded.
    left: Memo<Option<i64>>,
    /// Of how many.
    #[prop(into)]
    limit: Signal<u32>,
) -> impl IntoView {
    let width = move || {
        let part = left.get().unwrap_or_default() as f64 / f64::from(limit.get().max(1));
        format!("{:.1}%", 100.0 * part.clamp(0.0, 1.0))
    };
    view! {
        {move || left.get().is_some().then(|| view! {
            <div class="time-left" class:hurry=move || left.get().is_some_and(|left| left <= 5) role="timer" data-testid="left">
                <span class="time-track" aria-hidden="true"><span class="time-fill" style:width=width></span></span>
                <span class="time-text">{move || text!(demos.quiz.play.left, n = left.get().unwrap_or_default())}</span>
            </div>
        })}
    }
}

fn fate_text(answer: Option<&(usize, Fate)>, right: Option<usize>, is_over: bool) -> String {
    match (answer, right) {
        (Some((choice, Fate::Accepted)), Some(right)) if *choice == right => text!(demos.quiz.play.is_right).to_owned(),
        (Some((_, Fate::Accepted)), Some(right)) => text!(demos.quiz.play.is_wrong, right = letter(right)),
        (_, Some(right)) => text!(demos.quiz.play.closed, right = letter(right)),
        (Some((choice, Fate::Accepted)), None) => text!(demos.quiz.play.is_in, answer = letter(*choice)),
        (Some((choice, Fate::Sending)), None) => text!(demos.quiz.play.sending, answer = letter(*choice)),
        (Some((choice, Fate::Retrying)), None) => {
            text!(demos.quiz.play.retrying, answer = letter(*choice))
        }
        (Some((_, Fate::Refused(why))), None) => text!(demos.quiz.play.refused, why = why),
        (None, None) if is_over => text!(demos.quiz.play.over).to_owned(),
        (None, None) => text!(demos.quiz.play.tap).to_owned(),
    }
}

#[component]
fn Turn(seat: Seat, at: RwSignal<usize>) -> impl IntoView {
    let shown = move || seat.sheet.with(|sheet| sheet.asked.len());
    let next = move || first_open(seat).filter(|next| *next != at.get());
    view! {
        <nav class="turn" aria-label=text!(demos.quiz.questions)>
            <button class="button" type="button" disabled=move || { at.get() == 0 } on:click=move |_| at.update(|at| *at = at.saturating_sub(1))>{text!(demos.quiz.play.back)}</button>
            <span class="quiet-text">{move || seat.answers.with(|answers| text!(demos.quiz.play.answered, answered = answers.len(), shown = shown()))}</span>
            <button class="button" class:primary=move || next().is_some() type="button" data-testid="next"
                disabled=move || { at.get() + 1 >= shown() && next().is_none() }
                on:click=move |_| at.set(untrack(next).unwrap_or_else(|| at.get_untracked() + 1))>{text!(demos.quiz.play.next)}</button>
        </nav>
    }
}

#[component]
fn Place(seat: Seat, phase: Memo<String>) -> impl IntoView {
    let own = Signal::derive(move || seat.standing.with(|standing| standing.own.as_ref().map(|row| row.key.clone())));
    let top = Signal::derive(move || seat.standing.with(|standing| standing.top.clone()));
    let is_closed = move || matches!(phase.get().as_str(), "closed" | "revealing" | "revealed");
    view! {
        <section class="sheet place" aria-label=text!(demos.quiz.play.your_place)>
            {move || is_closed().then(|| view! { <p data-testid="over"><strong>{text!(demos.quiz.play.over)}</strong></p> })}
            <p role="status" data-testid="place">{move || seat.standing.with(|standing| match (&standing.own, standing.is_hidden) {
                (Some(own), false) => text!(
                    demos.quiz.play.place,
                    rank = own.rank,
                    total = standing.total,
                    points = own.values.first().copied().map(number).unwrap_or_default()
                ),
                (_, true) if standing.phase == "revealing" => text!(demos.quiz.play.revealing).to_owned(),
                (_, true) => text!(demos.quiz.play.hidden).to_owned(),
                (None, false) => text!(demos.quiz.play.no_place).to_owned(),
            })}</p>
            {move || (!seat.standing.with(|standing| standing.is_hidden) && !top.with(Vec::is_empty)).then(|| view! {
                <Ranks rows=top own=own label=text!(demos.quiz.play.best) unit=text!(demos.words.points) />
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_is_told_what_became_of_the_answer() {
        let told = |answer: Option<(usize, Fate)>, right| fate_text(answer.as_ref(), right, false);
        assert_eq!(told(Some((1, Fate::Accepted)), None), "Your answer B is in.");
        assert_eq!(told(Some((1, Fate::Accepted)), Some(1)), "Right!");
        assert_eq!(told(Some((1, Fate::Accepted)), Some(0)), "Not this time. A was right.");
        assert_eq!(told(None, Some(0)), "Closed. A was right.");
        assert_eq!(told(Some((0, Fate::Refused("Why.".into()))), None), "Not accepted. Why.");
        assert_eq!(fate_text(None, None, true), "The sitting is over.");
    }
}
