//! The big screen: how to join, the question, what was right, how it stands, and who won. It is read from the last row.

use leptos::prelude::*;

use super::pace::seconds_left;
use super::play::{BEAT_MS, TimeLeft};
use super::podium::{from_the_left, steps};
use super::question::{Asked, letter};
use super::screen::Screen;
use super::stage::{Stage, stage};
use crate::browser::dom;
use crate::demos::widgets::{LinkPill, Ranks, number, ticking};
use crate::parts::qr::QrPicture;
use crate::parts::theme::ThemeButton;

/// The page at `/quiz/{board}/room`.
#[component]
pub fn Room(
    /// What it knows of its board.
    screen: Screen,
) -> impl IntoView {
    let stage = Memo::new(move |_| {
        screen.session.with(|session| screen.sheet.with(|sheet| stage(session.as_ref(), sheet.as_ref())))
    });
    let title = Memo::new(move |_| {
        let title = screen.session.with(|session| session.as_ref().map(|session| session.title.clone()));
        title.filter(|title| !title.is_empty()).unwrap_or_else(|| text!(demos.quiz.name).to_owned())
    });
    view! {
        <header class="room-head">
            <h1>{title}</h1>
            <div class="room-actions">
                <LinkPill status=screen.link />
                <ThemeButton />
                <button class="button small" type="button" on:click=move |_| dom::toggle_fullscreen()>{text!(demos.quiz.room.full_screen)}</button>
            </div>
        </header>
        <div class="room-stage" data-testid="stage" data-stage=move || name(stage.get())>
            {move || match stage.get() {
                Stage::Waiting => view! { <p class="room-words">{text!(demos.quiz.room.waiting)}</p> }.into_any(),
                Stage::Lobby => view! { <Lobby screen=screen /> }.into_any(),
                Stage::Question(at) => view! { <Question screen=screen at=at is_solved=false /> }.into_any(),
                Stage::Answer(at) => view! { <Question screen=screen at=at is_solved=true /> }.into_any(),
                Stage::Alone => view! { <Alone screen=screen /> }.into_any(),
                Stage::Over => view! { <p class="room-words">{text!(demos.quiz.room.over)}</p> }.into_any(),
                Stage::Podium => view! { <Podium screen=screen /> }.into_any(),
            }}
        </div>
        {move || matches!(stage.get(), Stage::Question(_) | Stage::Answer(_) | Stage::Alone).then(|| view! { <Strip screen=screen /> })}
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::Lobby => "lobby",
        Stage::Question(_) => "question",
        Stage::Answer(_) => "answer",
        Stage::Alone => "alone",
        Stage::Over => "over",
        Stage::Podium => "podium",
    }
}

/// Where one joins, and the address that has the code in it.
fn addresses(code: &str) -> (String, String) {
    let origin = crate::browser::dom::origin();
    let shown = format!("{}/quiz", origin.split("//").last().unwrap_or_default());
    (shown, format!("{origin}/quiz/play?code={code}"))
}

fn joined(screen: Screen) -> Signal<usize> {
    Signal::derive(move || {
        let id = screen.session.with(|session| session.as_ref().map(|session| session.id.clone()));
        screen.sheet.with(|sheet| {
            sheet.as_ref().filter(|sheet| Some(&sheet.sitting) == id.as_ref()).map_or(0, |sheet| sheet.room.joined)
        })
    })
}

#[component]
fn Lobby(screen: Screen) -> impl IntoView {
    let joined = joined(screen);
    view! {
        <div class="room-lobby">
            {move || match screen.code.get() {
                Some(code) => {
                    let (shown, whole) = addresses(&code);
                    view! {
                        <div class="room-join">
                            <p class="room-words">{text!(demos.quiz.room.join_at)} " " <strong>{shown}</strong></p>
                            <p class="room-code" data-testid="room-code">{code}</p>
                        </div>
                        <QrPicture text=whole label=text!(demos.quiz.room.qr) />
                    }.into_any()
                }
                None => view! { <p class="room-words">{text!(demos.quiz.room.no_code)}</p> }.into_any(),
            }}
            <p class="room-count" role="status"><strong data-testid="joined">{move || counted!(joined.get(), demos.quiz.room.joined)}</strong></p>
        </div>
    }
}

#[component]
fn Strip(screen: Screen) -> impl IntoView {
    let joined = joined(screen);
    view! {
        <footer class="room-strip">
            {move || screen.code.get().map(|code| {
                let (shown, whole) = addresses(&code);
                view! {
                    <QrPicture text=whole label=text!(demos.quiz.room.qr) />
                    <p>{text!(demos.quiz.room.join_at)} " " <strong>{shown}</strong> {text!(demos.quiz.run.with_code)} " " <strong class="strip-code">{code}</strong></p>
                }
            })}
            <p class="strip-joined">{move || counted!(joined.get(), demos.quiz.room.joined)}</p>
        </footer>
    }
}

#[component]
fn Question(screen: Screen, at: usize, is_solved: bool) -> impl IntoView {
    let asked =
        Memo::new(move |_| screen.sheet.with(|sheet| sheet.as_ref().and_then(|sheet| sheet.asked.get(at).cloned())));
    let room = Memo::new(move |_| {
        screen.sheet.with(|sheet| sheet.as_ref().map(|sheet| sheet.room.clone()).unwrap_or_default())
    });
    let count = Memo::new(move |_| screen.sheet.with(|sheet| sheet.as_ref().map_or(0, |sheet| sheet.count)));
    let beat = ticking(BEAT_MS);
    let left = Memo::new(move |_| {
        beat.track();
        Some(seconds_left(room.with(|room| room.ends_at)?, screen.server_now()?))
    });
    let standings = Signal::derive(move || screen.rows.with(|rows| rows.iter().take(5).cloned().collect::<Vec<_>>()));
    let is_open = move || screen.session.with(|session| session.as_ref().is_some_and(|session| !session.is_hidden));
    view! {
        <div class="room-question" class:solved=is_solved>
            <p class="room-number">
                <span>{move || text!(demos.quiz.room.number, number = at + 1, count = count.get())}</span>
                <span role="status"><strong data-testid="answered">{move || room.with(|room| room.answered)}</strong>
                    {move || room.with(|room| text!(demos.quiz.room.answered, joined = room.joined.max(room.answered)))}</span>
            </p>
            <h2 data-testid="room-question">{move || asked.get().map(|asked| asked.text)}</h2>
            {(!is_solved).then(|| view! { <TimeLeft left=left limit=Signal::derive(move || room.with(|room| room.limit_s)) /> })}
            <ul class="room-options">
                {move || asked.get().map(|asked| options(&asked, &room.with(|room| room.chosen.clone())))}
            </ul>
            {move || (is_solved && is_open() && !standings.with(Vec::is_empty)).then(|| view! {
                <section class="room-standings" aria-label=text!(demos.quiz.room.standings)>
                    <h3>{text!(demos.quiz.room.standings)}</h3>
                    <Ranks rows=standings own=Signal::derive(|| None) label=text!(demos.quiz.room.standings) unit=text!(demos.words.points) />
                </section>
            })}
        </div>
    }
}

fn options(asked: &Asked, chosen: &[usize]) -> impl IntoView + use<> {
    let (right, all) = (asked.right, chosen.iter().sum::<usize>().max(1));
    let rows = asked.options.iter().enumerate().map(|(i, option)| {
        let count = right.map(|_| chosen.get(i).copied().unwrap_or_default());
        let is_right = right == Some(i);
        view! {
            <li class:right=is_right class:wrong=right.is_some() && !is_right>
                <span class="room-letter" aria-hidden="true">{letter(i)}</span>
                <span class="room-option">{option.clone()}
                    {is_right.then(|| view! { <span class="tick">" ✓"</span><span class="sr-only">{text!(demos.quiz.play.right)}</span> })}</span>
                {count.map(|count| view! {
                    <span class="room-chosen" data-testid=format!("chosen-{}", letter(i))>{count}</span>
                    <span class="room-bar" aria-hidden="true"><span style:width=format!("{}%", 100 * count / all)></span></span>
                })}
            </li>
        }
    });
    rows.collect_view()
}

#[component]
fn Alone(screen: Screen) -> impl IntoView {
    let room = move || {
        screen.sheet.with(|sheet| sheet.as_ref().map(|sheet| (sheet.count, sheet.room.clone())).unwrap_or_default())
    };
    view! {
        <div class="room-alone">
            <p class="room-words">{move || counted!(room().0, demos.quiz.room.alone)}</p>
            <p class="room-count" role="status"><strong data-testid="answered">{move || room().1.answered}</strong>
                {move || text!(demos.quiz.room.done, joined = room().1.joined)}</p>
        </div>
    }
}

#[component]
fn Podium(screen: Screen) -> impl IntoView {
    let steps = Memo::new(move |_| screen.rows.with(|rows| from_the_left(&steps(rows))));
    let rest = Signal::derive(move || {
        screen.rows.with(|rows| rows.iter().filter(|row| row.rank > 3).cloned().collect::<Vec<_>>())
    });
    view! {
        <div class="room-podium">
            {move || steps.with(Vec::is_empty).then(|| view! { <p class="room-words">{text!(demos.quiz.room.nobody)}</p> })}
            <ol class="podium" data-testid="podium" aria-label=text!(demos.quiz.room.winners)>
                {move || steps.get().into_iter().map(|step| view! {
                    <li class=format!("step step-{}", step.rank)>
                        <span class="step-names">{step.names.into_iter().map(|name| view! { <span>{name}</span> }).collect_view()}</span>
                        <span class="step-points">{number(step.points)} " " {text!(demos.words.points)}</span>
                        <span class="step-block"><span class="sr-only">{text!(words.rank)} " "</span>{step.rank}</span>
                    </li>
                }).collect_view()}
            </ol>
            {move || (!rest.with(Vec::is_empty)).then(|| view! {
                <Ranks rows=rest own=Signal::derive(|| None) label=text!(demos.quiz.room.others) unit=text!(demos.words.points) />
            })}
        </div>
    }
}
