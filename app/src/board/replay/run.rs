//! A replay as it runs: its requests, its frames, and the address that says where it is.

use heliograph_shared::api::items::ItemsPage;
use heliograph_shared::limits::PAGE_ROWS_MAX;
use heliograph_shared::time::Millis;
use heliograph_shared::views::events::EventsPage;
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;

use super::player::{Ask, Player, Turn};
use super::reader::PAGE;
use super::signals::{Bar, Beat};
use super::span::Span;
use crate::board::state::Page;
use crate::browser::percent::encode;
use crate::browser::{clock, dom};
use crate::client::http::Failure;
use crate::client::{boards, credential};

/// A page that was in the background goes on where it was, and not where it would have been.
const FRAME_MS: f64 = 250.0;
/// Numbers are read by people.
const SHOW_EVERY_MS: f64 = 100.0;
/// Browsers do not like an address that changes with each frame.
const WRITE_EVERY_MS: f64 = 2_000.0;
/// The status of an answer about what was there once.
const GONE: u16 = 410;

/// The part of the summary that says what is kept.
#[derive(Deserialize)]
struct Summary {
    past: Option<Span>,
}

/// Follows the address, and learns what is kept once the board is there.
pub fn begin(page: Page) {
    Effect::new(move |_| {
        let at = page.ui.at.get();
        if page.replay.told.get_value() != at {
            page.replay.told.set_value(at);
            untrack(|| match at {
                Some(at) => open(page, at),
                None => close(page),
            });
        }
    });
    Effect::new(move |asked: Option<bool>| {
        let _ = page.ui.data.get();
        let is_due = asked != Some(true) && page.store().resets() > 0;
        if is_due && !page.replay.is_open() {
            leptos::task::spawn_local(async move {
                // Without it the page is live, and says nothing of it.
                if let Ok(past) = ask_past(page).await {
                    let _ = page.replay.past.try_set(past);
                }
            });
        }
        asked == Some(true) || is_due
    });
    Effect::new(move |_| {
        let speed = page.ui.speed.get();
        untrack(|| {
            if page.store().past_at().is_some() {
                page.store().set_jumping(speed.jumps());
            }
            tell(page, |player| player.set_speed(speed));
        });
    });
}

/// Begins to look back.
pub fn enter(page: Page) {
    if let (Some(past), false) = (page.replay.past.get_untracked(), page.replay.is_open()) {
        // The board may have gone on since that was asked.
        let to = page.store().newest().map_or(past.to, |newest| newest.max(past.to));
        page.ui.at.set(Some(Span { to, ..past }.beginning()));
    }
}

/// Back to now.
pub fn leave(page: Page) {
    page.ui.at.set(None);
}

/// Plays, or stands still.
pub fn toggle(page: Page) {
    tell(page, |player| if player.is_playing() { player.pause() } else { player.play() });
    write(page);
}

/// Goes to a time.
pub fn seek(page: Page, at: Millis) {
    tell(page, |player| player.seek(at));
}

/// To the next event, or to the one before: of the selected item, or of any.
pub fn step(page: Page, is_on: bool) {
    let key = page.ui.selected.get_untracked();
    tell(page, |player| if is_on { player.step_on(key) } else { player.step_back(key) });
    write(page);
}

/// Asks again for what could not be had.
pub fn retry(page: Page) {
    match page.replay.bar.get_untracked() {
        Bar::Failed(_) => {
            if let Some(at) = page.ui.at.get_untracked() {
                open(page, at);
            }
        }
        Bar::Open(_) => tell(page, Player::retry),
        Bar::Closed | Bar::Asking | Bar::Nothing => {}
    }
}

/// The address says so: the board at a time, standing still.
fn open(page: Page, at: Millis) {
    let replay = page.replay;
    let is_known = replay.with(|player| {
        player.pause();
        player.seek(at);
    });
    if is_known.is_some() {
        return go_on(page);
    }
    replay.bar.set(Bar::Asking);
    leptos::task::spawn_local(async move {
        let answer = ask_past(page).await;
        // The viewer may have left meanwhile, or wants to see another time.
        let Some(at) = page.ui.at.try_get_untracked().flatten() else { return };
        if replay.with(|_| ()).is_some() {
            return;
        }
        match answer {
            Err(failure) => replay.bar.set(Bar::Failed(failure.sentence())),
            Ok(None) => replay.bar.set(Bar::Nothing),
            Ok(Some(past)) => {
                replay.past.set(Some(past));
                let speed = page.ui.speed.get_untracked();
                let turn = replay.turn.get_value();
                replay.player.set_value(Some(Player::new(past, at, speed, turn)));
                go_on(page);
            }
        }
    });
}

fn close(page: Page) {
    let replay = page.replay;
    if let Some(player) = replay.player.try_update_value(Option::take).flatten() {
        replay.turn.set_value(player.turn().next());
    }
    let had_focus = is_focused();
    replay.bar.set(Bar::Closed);
    page.store().show_live();
    page.ui.turned.update(|n| *n = n.wrapping_add(1));
    if had_focus {
        dom::focus("main");
    }
}

/// Whether what has the focus goes away with the bar.
fn is_focused() -> bool {
    let focused = web_sys::window().and_then(|window| window.document()?.active_element());
    focused.is_some_and(|element| is_within(&element))
}

/// Whether an event began in the bar.
pub fn is_in_bar(event: &web_sys::Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| is_within(&element))
}

fn is_within(element: &web_sys::Element) -> bool {
    element.closest(".replay").is_ok_and(|bar| bar.is_some())
}

async fn ask_past(page: Page) -> Result<Option<Span>, Failure> {
    let Some(board) = page.store.try_get_value().map(|store| store.board.clone()) else { return Ok(None) };
    let summary: Summary = boards::read(&board, "summary", credential::get(&board).as_deref()).await?;
    Ok(summary.past.filter(|past| past.from <= past.to))
}

fn tell(page: Page, tell: impl FnOnce(&mut Player)) {
    if page.replay.with(tell).is_some() {
        go_on(page);
    }
}

/// Asks for what is wanted, shows what is known, and has a frame if anything moves.
fn go_on(page: Page) {
    pass(page, 0.0);
    ask(page);
    show(page, true);
    let is_going = page.replay.with(|player| player.is_going()).unwrap_or_default();
    let is_awaited = page.replay.beat.try_with_value(|beat| beat.last.is_some()).unwrap_or(true);
    if is_going && !is_awaited {
        page.replay.beat.update_value(|beat| beat.last = Some(clock::steady()));
        dom::on_next_frame(move || frame(page));
    }
}

fn frame(page: Page) {
    let now = clock::steady();
    let last = page.replay.beat.try_update_value(|beat| beat.last.replace(now)).flatten();
    let Some(last) = last else { return };
    pass(page, (now - last).clamp(0.0, FRAME_MS));
    ask(page);
    let is_going = page.replay.with(|player| player.is_going()).unwrap_or_default();
    show(page, !is_going);
    if is_going {
        return dom::on_next_frame(move || frame(page));
    }
    let _ = page.replay.beat.try_update_value(|beat| beat.last = None);
    write(page);
}

/// The clock goes on, and the board with it.
fn pass(page: Page, millis: f64) {
    let passed = page.replay.with(|player| {
        let before = player.time();
        let due = player.tick(millis);
        (player.time(), due, before)
    });
    let Some((at, due, before)) = passed else { return };
    if at != before || !due.is_empty() {
        page.store().pass(at, due);
    }
}

fn show(page: Page, is_urgent: bool) {
    let Some(view) = page.replay.with(|player| player.view()) else { return };
    let now = clock::steady();
    let Beat { shown, written, .. } = page.replay.beat.get_value();
    let is_other = page.replay.bar.with_untracked(|bar| match bar {
        Bar::Open(before) => (before.is_waiting, &before.note) != (view.is_waiting, &view.note),
        Bar::Closed | Bar::Asking | Bar::Nothing | Bar::Failed(_) => true,
    });
    if view.is_playing && now - written >= WRITE_EVERY_MS {
        write(page);
    }
    if is_urgent || is_other || now - shown >= SHOW_EVERY_MS {
        page.replay.beat.update_value(|beat| beat.shown = now);
        let fresh = Bar::Open(view);
        if page.replay.bar.with_untracked(|bar| *bar != fresh) {
            page.replay.bar.set(fresh);
        }
    }
}

/// The address says which time is shown, to the second.
fn write(page: Page) {
    let Some(at) = page.replay.with(|player| player.time()) else { return };
    let at = Some(if page.replay.with(|player| player.is_going()).unwrap_or_default() {
        Millis(at.0 - at.0.rem_euclid(1_000))
    } else {
        at
    });
    page.replay.beat.update_value(|beat| beat.written = clock::steady());
    page.replay.told.set_value(at);
    if page.ui.at.get_untracked() != at {
        page.ui.at.set(at);
    }
}

fn ask(page: Page) {
    let Some((turn, ask)) = page.replay.with(Player::ask).flatten() else { return };
    let Some(board) = page.store.try_get_value().map(|store| store.board.clone()) else { return };
    leptos::task::spawn_local(async move {
        let key = credential::get(&board);
        let answered = match ask {
            Ask::Items { at, after } => {
                let after = after.map(|after| format!("&after={}", encode(&after))).unwrap_or_default();
                let path = format!("items?at={}&limit={PAGE_ROWS_MAX}&format=json{after}", at.0);
                let answer = boards::read::<ItemsPage>(&board, &path, key.as_deref()).await;
                answer.map(|items| take_items(page, turn, items))
            }
            Ask::Events(wanted) => {
                let after = wanted.after.map(|after| format!("&after={after}")).unwrap_or_default();
                let path = format!("events?from={}&to={}&limit={PAGE}{after}", wanted.from.0, wanted.to.0);
                let answer = boards::read::<EventsPage>(&board, &path, key.as_deref()).await;
                answer.map(|events| {
                    page.replay.with(|player| player.take_events(turn, events));
                })
            }
        };
        if let Err(failure) = answered {
            let is_gone = failure.status == GONE;
            page.replay.with(|player| player.fail(turn, is_gone, failure.sentence()));
        }
        go_on(page);
    });
}

fn take_items(page: Page, turn: Turn, items: ItemsPage) {
    let Some((items, at)) = page.replay.with(|player| Some((player.take_items(turn, items)?, player.time()))).flatten()
    else {
        return;
    };
    let store = page.store();
    store.show_past(at, items);
    store.set_jumping(page.ui.speed.get_untracked().jumps());
    page.ui.turned.update(|n| *n = n.wrapping_add(1));
    write(page);
}
