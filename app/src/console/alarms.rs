//! Alarms that stand, as they come and go, and what happened lately. They are asked for every few seconds while the page is
//! seen.

mod lately;
mod mutes;
mod news;
mod standing;
mod watch;

use leptos::prelude::*;

use self::lately::Lately;
use self::mutes::Mutes;
use self::standing::Standing;
use self::watch::{Deed, Watch, act, none};
use super::alarm_words;
use super::choice::Choice;
use super::frame::BoardFrame;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Said, Shown};
use crate::browser::clock;
use crate::client::alarms::Severity;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;

/// The part.
#[component]
pub fn AlarmsPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let watch = Watch::new(name, seat);
    watch.keep_looking();
    let (error, said) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let acted = Callback::new(move |deed: Deed| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match act(watch, deed).await {
                Ok(text) => drop(said.try_set(Some(text))),
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
            watch.load();
        });
    });
    let list = Memo::new(move |_| {
        watch.answer.with(|answer| match answer {
            Some(Ok(list)) => list.clone(),
            Some(Err(_)) | None => none(),
        })
    });
    // What stays the same is not drawn anew: a button keeps the focus.
    let there = Memo::new(move |_| watch.answer.with(|answer| answer.as_ref().map(|answer| answer.clone().map(drop))));
    let then = move |()| view! { <Standing list=list watch=watch act=acted /> };
    let retry = Callback::new(move |()| {
        watch.answer.set(None);
        watch.load();
    });
    view! {
        <BoardFrame board=board part=Part::Alarms seat=seat>
            <section class="manage-head"><h2>{text!(console.place.alarms)}</h2><p class="quiet-text">{text!(console.alarms.about)}
                " " <a href=Place::Board(name.get_value(), Part::AlarmRules).path()>{text!(console.alarms.to_rules)}</a></p></section>
            <Filter watch=watch />
            <Said error=error done=said />
            <p class="sr-only" role="status" aria-live="polite" data-testid="news">{watch.news}</p>
            {move || watch.is_stale.get().then(|| {
                let at = clock::local_text(watch.as_of.get());
                view! { <p class="banner" role="status" data-testid="stale"><Icon glyph=Glyph::Warning /><span>{text!(console.alarms.stale, at = at)}</span></p> }
            })}
            <Shown answer=there retry=retry then=then />
            <Mutes list=list act=acted />
            <Lately events=watch.events board=name />
        </BoardFrame>
    }
}

#[component]
fn Filter(watch: Watch) -> impl IntoView {
    let severity = RwSignal::new(String::new());
    Effect::new(move |before: Option<String>| {
        let chosen = severity.get();
        if before.is_some_and(|before| before != chosen) {
            watch.which.update(|which| which.severity = Severity::named(&chosen));
            watch.load();
        }
        chosen
    });
    let unseen = move |event| {
        watch.which.update(|which| which.is_unseen = event_target_checked(&event));
        watch.load();
    };
    view! {
        <div class="filters">
            <Choice path="severity" label=text!(console.alarms.how_grave) value=severity options=alarm_words::filter() problems=RwSignal::new(Vec::new()) />
            <label class="check"><input type="checkbox" data-testid="unseen" on:change=unseen />{text!(console.alarms.unseen)}</label>
        </div>
    }
}
