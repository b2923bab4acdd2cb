//! The time bar under the map, the list and the table: play, pause, a slider over all that is kept, steps from event to
//! event, the speed, and the way back to live.

use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::player::{Note, View};
use super::run;
use super::signals::Bar;
use super::speed::Speed;
use crate::board::state::Page;
use crate::browser::clock;
use crate::parts::icons::{Glyph, Icon};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Closed,
    Word,
    Open,
}

/// The bar; nothing while the board is live.
#[component]
pub fn ReplayBar(
    /// The board.
    page: Page,
) -> impl IntoView {
    let bar = page.replay.bar;
    let kind = Memo::new(move |_| {
        bar.with(|bar| match bar {
            Bar::Closed => Kind::Closed,
            Bar::Asking | Bar::Nothing | Bar::Failed(_) => Kind::Word,
            Bar::Open(_) => Kind::Open,
        })
    });
    move || {
        let inside = match kind.get() {
            Kind::Closed => return None,
            Kind::Word => view! { <Word page=page /> }.into_any(),
            Kind::Open => view! { <Controls page=page /> }.into_any(),
        };
        Some(view! {
            <section class="replay" aria-label=text!(board.replay.label) data-testid="replay">{inside}</section>
        })
    }
}

/// While it is not known what is kept, or nothing is.
#[component]
fn Word(page: Page) -> impl IntoView {
    let bar = page.replay.bar;
    view! {
        {move || bar.with(|bar| match bar {
            Bar::Failed(reason) => {
                view! { <Failed page=page words=text!(board.replay.failed, reason = reason) /> }.into_any()
            }
            Bar::Nothing => {
                view! { <p class="replay-word" role="status">{text!(board.replay.nothing)}</p> }.into_any()
            }
            Bar::Closed | Bar::Asking | Bar::Open(_) => {
                view! { <p class="replay-word" role="status">{text!(board.replay.loading)}</p> }.into_any()
            }
        })}
        <LiveButton page=page />
    }
}

#[component]
fn Failed(page: Page, words: String) -> impl IntoView {
    view! {
        <p class="replay-word failed" role="alert">
            <Icon glyph=Glyph::Warning />
            <span>{words}</span>
        </p>
        <button class="button small" type="button" on:click=move |_| run::retry(page)>{text!(board.replay.again)}</button>
    }
}

#[component]
fn LiveButton(page: Page) -> impl IntoView {
    view! {
        <button class="button replay-live" type="button" title=text!(board.replay.to_live) aria-label=text!(board.replay.to_live)
            data-testid="replay-live" on:click=move |_| run::leave(page)>
            <Icon glyph=Glyph::Live />{text!(board.replay.live)}
        </button>
    }
}

/// What a view says that is open, and the fallback while it closes.
fn part<T>(page: Page, closed: T, read: impl FnOnce(&View) -> T) -> T {
    page.replay.bar.with(|bar| match bar {
        Bar::Open(view) => read(view),
        Bar::Closed | Bar::Asking | Bar::Nothing | Bar::Failed(_) => closed,
    })
}

fn seconds(at: Millis) -> i64 {
    at.0.div_euclid(1_000)
}

#[component]
fn Controls(page: Page) -> impl IntoView {
    let ui = page.ui;
    let is_playing = Memo::new(move |_| part(page, false, |view| view.is_playing));
    let is_waiting = Memo::new(move |_| part(page, false, |view| view.is_waiting));
    let note = Memo::new(move |_| part(page, None, |view| view.note.clone()));
    let second = Memo::new(move |_| part(page, 0, |view| seconds(view.at)));
    let time = Memo::new(move |_| clock::local_text(Millis(second.get() * 1_000)));
    let name = move |of: fn(&str) -> String, any: &'static str| {
        ui.selected.with(|key| key.as_deref().map_or_else(|| any.to_owned(), of))
    };
    let back = move || name(|key| text!(board.replay.step_back_of, key = key), text!(board.replay.step_back));
    let on = move || name(|key| text!(board.replay.step_on_of, key = key), text!(board.replay.step_on));
    let play = move || if is_playing.get() { text!(board.replay.pause) } else { text!(board.replay.play) };
    view! {
        <div class="replay-buttons" role="group" aria-label=text!(board.replay.label)>
            <button class="button icon-only" type="button" title=back aria-label=back data-testid="replay-back"
                on:click=move |_| run::step(page, false)>
                <Icon glyph=Glyph::StepBack />
            </button>
            <button class="button icon-only primary" type="button" title=play aria-label=play data-testid="replay-play"
                on:click=move |_| run::toggle(page)>
                {move || view! { <Icon glyph=if is_playing.get() { Glyph::Pause } else { Glyph::Play } /> }}
            </button>
            <button class="button icon-only" type="button" title=on aria-label=on data-testid="replay-on"
                on:click=move |_| run::step(page, true)>
                <Icon glyph=Glyph::StepOn />
            </button>
        </div>
        <Slider page=page time=time is_playing=is_playing />
        <p class="replay-time" data-testid="replay-time">
            <span class="replay-wait" role="status">
                {move || is_waiting.get().then(|| view! {
                    <span class="spinner" aria-hidden="true"></span>
                    <span class="sr-only">{text!(board.replay.loading)}</span>
                })}
            </span>
            <time datetime=move || Millis(second.get() * 1_000).to_rfc3339()>{time}</time>
        </p>
        <select class="select replay-speed" aria-label=text!(board.replay.speed) data-testid="replay-speed"
            on:change=move |event| ui.speed.set(Speed::of(&event_target_value(&event)).unwrap_or_default())>
            {Speed::ALL.map(|speed| view! {
                <option value=speed.times().to_string() selected=move || ui.speed.get() == speed>
                    {text!(board.replay.times, n = speed.times())}
                </option>
            }).collect_view()}
        </select>
        <LiveButton page=page />
        {move || note.get().map(|note| {
            let words = match note {
                Note::Failed(reason) => {
                    view! { <Failed page=page words=text!(board.replay.failed, reason = reason) /> }.into_any()
                }
                Note::End => said(text!(board.replay.end)),
                Note::NoLater => said(text!(board.replay.no_later)),
                Note::NoEarlier => said(text!(board.replay.no_earlier)),
            };
            view! { <div class="replay-note">{words}</div> }
        })}
    }
}

fn said(words: &'static str) -> AnyView {
    view! { <p class="replay-word" role="status">{words}</p> }.into_any()
}

#[component]
fn Slider(page: Page, time: Memo<String>, is_playing: Memo<bool>) -> impl IntoView {
    let span = Memo::new(move |_| part(page, None, |view| Some(view.span)).unwrap_or_default());
    let at = Memo::new(move |_| part(page, Millis(0), |view| view.at).0.to_string());
    // Who listens hears where it stands, and not each second while it plays.
    let said = Memo::new(move |before: Option<&String>| match before {
        Some(before) if is_playing.get() => before.clone(),
        Some(_) | None => time.get(),
    });
    view! {
        <input class="replay-slider" type="range" aria-label=text!(board.replay.time) data-testid="replay-slider"
            min=move || span.get().from.0.to_string()
            max=move || span.get().slider_end().0.to_string()
            step=move || span.get().step().to_string()
            aria-valuetext=said
            prop:value=at
            on:input=move |event| {
                if let Ok(at) = event_target_value(&event).parse() {
                    run::seek(page, Millis(at));
                }
            }
        />
    }
}
