//! The arena's page: the game, and the board beside it.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::scores::{ScoreRow, ScoreWindow};
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::BOARD;
use super::stage::{Hud, Stage, Turn};
use super::stream::{Stream, StreamState};
use crate::browser::dom::Listener;
use crate::client::feed::News;
use crate::demos::join::{self, JoinForm, Player};
use crate::demos::live::{self, Eyes, Live, Ticket};
use crate::demos::widgets::{LinkPill, Ranks, number};

/// Rows beside the game.
const TOP: u32 = 10;
/// How often the run is told to those who listen, in seconds.
const TELL_S: u32 = 15;

/// The page at `/arena`.
#[component]
pub fn Arena() -> impl IntoView {
    let ticket = StoredValue::new_local(None::<Ticket>);
    let player = RwSignal::new(None::<Player>);
    let hud = RwSignal::new(Hud::default());
    let stream = RwSignal::new(StreamState { settled: true, ..StreamState::default() });
    let stage = StoredValue::new_local(None::<Stage>);
    let enter = move |joined: Player| {
        ticket.set_value(Some(Ticket::new(joined.clone())));
        player.set(Some(joined));
    };
    if let Some(known) = join::known(BOARD, join::asked_for("code").as_deref()) {
        enter(known);
    }
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get().filter(|_| stage.with_value(Option::is_none)) {
            stage.set_value(Stage::new(canvas, hud));
        }
    });
    let go = move || {
        let Some(stage) = stage.get_value() else { return };
        match hud.with_untracked(|hud| hud.turn) {
            Turn::Running | Turn::Paused => stage.toggle(),
            Turn::Ready | Turn::Over if !stream.with_untracked(|s| s.settled || s.refused.is_some()) => {}
            Turn::Ready | Turn::Over => {
                stage.start(ticket.get_value().map(|ticket| Stream::new(ticket, stream)));
            }
        }
    };
    let keys = web_sys::window().map(|window| {
        Listener::new(&window, "keydown", move |event| {
            let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let is_free =
                target.is_none_or(|element| matches!(element.tag_name().as_str(), "BODY" | "CANVAS" | "MAIN"));
            if is_free && !event.repeat() && matches!(event.key().as_str(), " " | "p" | "P") {
                event.prevent_default();
                go();
            }
        })
    });
    let keys = StoredValue::new_local(keys);
    on_cleanup(move || {
        keys.dispose();
        if let Some(stage) = stage.try_get_value().flatten() {
            stage.stop();
        }
    });
    // A tap begins or goes on; at the end of a run the finger may still be down.
    let tap = move |_| {
        if matches!(hud.get_untracked().turn, Turn::Ready | Turn::Paused) {
            go();
        }
    };
    let left = Callback::new(move |()| {
        join::forget(BOARD);
        ticket.set_value(None);
        player.set(None);
    });
    view! {
        <header class="hero"><h1>{text!(demos.arena.heading)}</h1>
            <p>{text!(demos.arena.intro)}</p></header>
        <div class="arena">
            <section class="stage" aria-label=text!(demos.arena.game)>
                <canvas node_ref=canvas tabindex="0" role="application" data-testid="canvas" on:click=tap
                    aria-label=text!(demos.arena.canvas)></canvas>
                <Status hud=hud />
                <div class="buttons">
                    <button class="button primary wide" type="button" data-testid="go" on:click=move |_| go()
                        disabled=move || matches!(hud.get().turn, Turn::Ready | Turn::Over) && stream.with(|s| !s.settled && s.refused.is_none())>
                        {move || match hud.get().turn {
                            Turn::Ready => text!(demos.arena.start),
                            Turn::Running => text!(demos.arena.pause),
                            Turn::Paused => text!(demos.arena.go_on),
                            Turn::Over => text!(demos.arena.again),
                        }}
                    </button>
                </div>
                <p class="quiet-text">{text!(demos.arena.keys)} <kbd>"←"</kbd> " " <kbd>"→"</kbd> {text!(demos.arena.steer)} <kbd>{text!(demos.arena.space)}</kbd> {text!(demos.arena.starts)}</p>
            </section>
            <aside class="beside" aria-label=text!(demos.arena.board)>
                {move || match player.get() {
                    Some(joined) => view! { <Me player=joined stream=stream left=left /> }.into_any(),
                    None => view! {
                        <p class="quiet-text" data-testid="practice">{text!(demos.arena.practice)}</p>
                        <JoinForm board=BOARD action=text!(demos.join.join) done=Callback::new(enter) />
                    }.into_any(),
                }}
                {move || {
                    player.track();
                    view! { <Board ticket=ticket.get_value() /> }
                }}
                <p class="quiet-text">{text!(demos.arena.managed)}<a href=format!("/b/{BOARD}/manage/scores")>{text!(demos.words.console)}</a>". "
                    <a href=format!("/b/{BOARD}/scores")>{text!(demos.arena.whole)}</a></p>
            </aside>
        </div>
    }
}

/// The run in words: always to be read, and told now and then.
#[component]
fn Status(hud: RwSignal<Hud>) -> impl IntoView {
    let told = Memo::new(move |old: Option<&(Hud, String)>| {
        let now = hud.get();
        let is_news = old.is_none_or(|(before, _)| {
            before.turn != now.turn || before.lives != now.lives || before.left_s.saturating_sub(now.left_s) >= TELL_S
        });
        match old {
            Some(old) if !is_news => old.clone(),
            _ => (now, sentence(&now)),
        }
    });
    view! {
        <p class="hud" data-testid="hud">{move || sentence(&hud.get())}</p>
        <p class="sr-only" role="status" aria-live="polite">{move || told.with(|(_, text)| text.clone())}</p>
    }
}

fn sentence(hud: &Hud) -> String {
    let Hud { turn, points, lives, left_s } = *hud;
    let lives = counted!(lives, demos.arena.lives);
    match turn {
        Turn::Ready => text!(demos.arena.ready).to_owned(),
        Turn::Running => text!(demos.arena.running, points = points, lives = lives, left = left_s),
        Turn::Paused => text!(demos.arena.paused, points = points, lives = lives, left = left_s),
        Turn::Over => text!(demos.arena.is_over, points = points),
    }
}

#[component]
fn Me(player: Player, stream: RwSignal<StreamState>, left: Callback<()>) -> impl IntoView {
    view! {
        <div class="sheet" data-testid="me">
            <p>{text!(demos.arena.you_play)} <strong>{player.name}</strong> ". "
                <button class="link" type="button" on:click=move |_| left.run(())>{text!(demos.words.leave)}</button></p>
            <p role="status" data-testid="stream">{move || stream.with(|state| match &state.refused {
                Some(why) => why.clone(),
                None if state.settled => text!(demos.arena.settled, points = state.confirmed),
                None => text!(demos.arena.on_their_way, points = state.confirmed),
            })}</p>
        </div>
    }
}

#[component]
fn Board(ticket: Option<Ticket>) -> impl IntoView {
    let rows = RwSignal::new(Vec::<ScoreRow>::new());
    let own = RwSignal::new(None::<ScoreRow>);
    let about = RwSignal::new(String::new());
    let link = RwSignal::new(LinkStatus::Connecting { attempt: 0 });
    let key = ticket.as_ref().map(|ticket| ticket.player().joined.key);
    let session = ticket.as_ref().map(|ticket| ticket.player().joined.session);
    let window = ScoreWindow { top: TOP, around: key.clone(), span: 1, session, ..ScoreWindow::default() };
    let eyes = ticket.map_or(Eyes::Guest, Eyes::Player);
    let feed = StoredValue::new_local(None::<Live>);
    let wanted = key.clone();
    let live = Live::open(BOARD, eyes, vec![live::scores(window)], move |news| {
        let Some(live) = feed.try_get_value().flatten() else { return };
        if let News::Scores(..) = news {
            live.with_scores(|scores| {
                rows.set(scores.rows().to_vec());
                own.set(scores.around().iter().find(|row| Some(&row.key) == wanted.as_ref()).cloned());
                about.set(session_text(&scores.about()["session"]));
            });
        }
        let _ = link.try_set(live.status());
    });
    link.set(live.status());
    feed.set_value(Some(live));
    on_cleanup(move || {
        if let Some(live) = feed.try_get_value().flatten() {
            live.stop();
        }
    });
    let own_key = Signal::derive(move || key.clone());
    view! {
        <section class="sheet" aria-labelledby="top-title">
            <div class="line"><h2 id="top-title">{text!(demos.arena.top)}</h2><LinkPill status=link /></div>
            <p class="quiet-text">{about}</p>
            <Ranks rows=rows.into() own=own_key label=text!(demos.arena.top) unit=text!(demos.words.points) />
            {move || rows.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(demos.arena.nobody)}</p> })}
            {move || own.get().filter(|row| row.position > TOP).map(|row| view! {
                <p data-testid="own">{text!(demos.arena.you, rank = row.rank, points = row.values.first().copied().map(number).unwrap_or_default())}</p>
            })}
            {move || link.with(|link| matches!(link, LinkStatus::Stopped { .. })).then(|| view! {
                <p class="quiet-text">{text!(demos.arena.no_board)} <code>"heliograph board apply boards/arena.json"</code> "."</p>
            })}
        </section>
    }
}

fn session_text(session: &serde_json::Value) -> String {
    let title = session["title"].as_str().unwrap_or_default();
    match session["phase"].as_str() {
        Some("open") => text!(demos.arena.phase_open, title = title),
        Some("frozen") => text!(demos.arena.phase_frozen, title = title),
        Some("created") => text!(demos.arena.phase_created, title = title),
        Some(_) => text!(demos.arena.phase_over, title = title),
        None => text!(demos.arena.no_game).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_is_told_in_words() {
        let hud = Hud { turn: Turn::Running, points: 120, lives: 1, left_s: 34 };
        assert_eq!(sentence(&hud), "120 points, 1 life, 34 s left.");
        assert_eq!(sentence(&Hud { turn: Turn::Over, ..hud }), "The run is over: 120 points.");
        let session = serde_json::json!({"title": "Game 1", "phase": "closed"});
        assert_eq!(session_text(&session), "Game 1: over");
        assert_eq!(session_text(&serde_json::Value::Null), "No game is open.");
    }
}
