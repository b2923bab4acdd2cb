//! Delivery to object storage: how far it is, what failed last, and what lies where.

use heliograph_shared::api::archive::{ArchiveObject, ArchiveState};
use leptos::prelude::*;

use super::frame::BoardFrame;
use super::overview::size;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Shown};
use crate::browser::clock;
use crate::client::manage::{self, Archive};
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;

/// How often it is asked, in seconds.
const EVERY_S: u32 = 5;

fn state(state: ArchiveState) -> &'static str {
    match state {
        ArchiveState::Off => text!(console.archive.off),
        ArchiveState::Idle => text!(console.archive.idle),
        ArchiveState::Waiting => text!(console.archive.waiting),
        ArchiveState::Delivering => text!(console.archive.delivering),
        ArchiveState::Failing => text!(console.archive.failing),
        ArchiveState::TargetUnknown => text!(console.archive.target_unknown),
    }
}

/// The part.
#[component]
pub fn ArchivePart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Archive> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::archive(&name.get_value(), &seat.key()).await });
    load();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds += 1);
        if seconds.get_value().is_multiple_of(EVERY_S) {
            load();
        }
    });
    let then = move |archive: Archive| {
        if archive.state == ArchiveState::Off {
            return view! {
                <p class="empty">{text!(console.archive.nothing)} " "
                    <a href=Place::Board(name.get_value(), Part::Config).path()>{text!(console.place.config)}</a></p>
            }
            .into_any();
        }
        view! { <Facts archive=archive /> }.into_any()
    };
    view! {
        <BoardFrame board=board part=Part::Archive seat=seat>
            <section class="manage-head"><h2>{text!(console.place.archive)}</h2><p class="quiet-text">{text!(console.archive.about)}</p></section>
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        </BoardFrame>
    }
}

#[component]
fn Facts(archive: Archive) -> impl IntoView {
    let mut facts = vec![
        (text!(console.archive.state), state(archive.state).to_owned()),
        (text!(console.archive.delivered), archive.delivered.map_or_else(|| "–".to_owned(), |at| at.to_string())),
        (text!(console.archive.log), archive.cursor.to_string()),
        (
            text!(console.archive.backlog),
            text!(
                console.archive.backlog_is,
                events = format::number(archive.backlog.records as f64, 0),
                size = size(archive.backlog.bytes)
            ),
        ),
        (text!(console.archive.lag), format::age(archive.lag_ms)),
    ];
    if let Some(next) = archive.next_try {
        facts.push((text!(console.archive.next_try), clock::short_text(next)));
    }
    if let Some(target) = archive.target.as_ref().and_then(|target| serde_json::to_value(target).ok()) {
        let words: Vec<String> = target
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        facts.push((text!(console.archive.target), words.join(" · ")));
    }
    let columns: Vec<String> = archive.columns.into_iter().map(|column| column.column).collect();
    if !columns.is_empty() {
        facts.push((text!(console.archive.columns), columns.join(", ")));
    }
    view! {
        {archive.error.map(|error| {
            let when = text!(console.archive.failed, time = clock::short_text(error.at), times = error.times);
            view! {
                <p class="banner" class:error=!error.mended class:busy=error.mended role="status"><Icon glyph=Glyph::Warning />
                    <span>{when} " " <code>{error.message}</code> " " {error.mended.then(|| text!(console.archive.mended))}</span></p>
            }
        })}
        <dl class="facts sheet" data-testid="archive">
            {facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}
        </dl>
        {archive.last.map(|object| view! { <Last object=object /> })}
    }
}

#[component]
fn Last(object: ArchiveObject) -> impl IntoView {
    let about = text!(
        console.archive.object_is,
        events = format::number(object.records as f64, 0),
        size = size(object.bytes),
        time = clock::short_text(object.at)
    );
    let names = [object.object, object.manifest].join("\n");
    view! {
        <section class="sheet">
            <h3>{text!(console.archive.last)}</h3>
            <p>{about}</p>
            <pre tabindex="0"><code>{names}</code></pre>
        </section>
    }
}
