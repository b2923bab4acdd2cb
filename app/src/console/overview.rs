//! How a board is: what comes in, who watches, what is stored, and what is wrong.

use heliograph_shared::api::archive::ArchiveState;
use heliograph_shared::board::Fill;
use leptos::prelude::*;

use super::first::{First, FirstEvent};
use super::frame::BoardFrame;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Shown};
use crate::client::manage::{self, Archive, Status};
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;
use crate::scores::address::path_to;

/// How often the board is asked, in seconds.
const EVERY_S: u32 = 2;

/// What is wrong with a board, and where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Warning {
    text: String,
    part: Part,
}

/// A size in the unit that fits: `4.3 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return text!(console.overview.bytes, n = bytes);
    }
    let mut value = bytes as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let decimals = usize::from(value < 99.5);
    format!("{} {}", format::number(value, decimals), UNITS.get(unit).copied().unwrap_or_default())
}

/// Events a second: whole numbers once they are not small.
fn rate(per_second: f64) -> String {
    format::number(per_second, usize::from(per_second < 9.95))
}

fn warnings(status: &Status, archive: Option<&Archive>) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |text: String, part| found.push(Warning { text, part });
    match status.storage.state {
        Fill::Full => warn(text!(console.overview.full).to_owned(), Part::Config),
        Fill::NearlyFull => warn(text!(console.overview.nearly_full).to_owned(), Part::Config),
        Fill::Roomy => {}
    }
    if status.dead_letters.bytes > 0 {
        warn(text!(console.overview.refused, size = size(status.dead_letters.bytes)), Part::Letters);
    }
    if status.dead_letters.dropped > 0 {
        let count = format::number(status.dead_letters.dropped as f64, 0);
        warn(text!(console.overview.dropped, count = count), Part::Letters);
    }
    match archive.map(|archive| archive.state) {
        Some(ArchiveState::Failing) => warn(text!(console.overview.failing).to_owned(), Part::Archive),
        Some(ArchiveState::TargetUnknown) => warn(text!(console.overview.no_target).to_owned(), Part::Archive),
        Some(ArchiveState::Off | ArchiveState::Idle | ArchiveState::Waiting | ArchiveState::Delivering) | None => {}
    }
    found
}

/// The overview of a board.
#[component]
pub fn OverviewPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let status: Answer<Status> = RwSignal::new(None);
    let archive: Answer<Archive> = RwSignal::new(None);
    let name = StoredValue::new(board.name.clone());
    let look = move || {
        shown::ask(status, async move { manage::status(&name.get_value(), &seat.key()).await });
        shown::ask(archive, async move { manage::archive(&name.get_value(), &seat.key()).await });
    };
    look();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds += 1);
        if seconds.get_value().is_multiple_of(EVERY_S) {
            look();
        }
    });
    let about = board.info.description.clone();
    let kind = if board.has_scores { text!(words.scoreboard) } else { text!(words.map) };
    let visibility = if board.is_public { text!(console.boards.public) } else { text!(console.boards.private) };
    let links =
        [("", text!(words.map)), ("scores", text!(words.scoreboard)), ("explore", text!(console.overview.explore))];
    let links = links.into_iter().filter(|(page, _)| *page != "scores" || board.has_scores).map(|(page, label)| {
        view! { <a class="button" href=path_to(&board.name, page)>{label}</a> }
    });
    let links = links.collect_view();
    // It stays while one looks: the answer to what was sent is read there.
    let is_new = RwSignal::new(false);
    let first = StoredValue::new(First::of(&board.info.text));
    Effect::new(move |_| {
        let is_empty = |status: &Status| status.accepted.is_none() && status.items == 0;
        let seen = status.with(|status| status.as_ref().is_some_and(|status| status.as_ref().is_ok_and(is_empty)));
        if seen {
            is_new.set(true);
        }
    });
    let first = move || {
        let first = first.get_value().filter(|_| is_new.get())?;
        Some(view! { <FirstEvent board=name.get_value() first=first seat=seat /> })
    };
    let there = Memo::new(move |_| status.with(|status| status.as_ref().map(|status| status.clone().map(drop))));
    let then = move |()| view! { <Facts status=status archive=archive name=name /> };
    view! {
        <BoardFrame board=board part=Part::Overview seat=seat>
            <section class="manage-head">
                <h2>{text!(console.place.overview)}</h2>
                <p class="chips">
                    <span class="chip"><code>{name.get_value()}</code></span>
                    <span class="chip">{kind}</span>
                    <span class="chip">{visibility}</span>
                </p>
                {(!about.is_empty()).then(|| view! { <p class="about">{about}</p> })}
                <p class="actions">{links}</p>
            </section>
            {first}
            <Shown answer=there retry=Callback::new(move |()| look()) then=then />
        </BoardFrame>
    }
}

#[component]
fn Facts(status: Answer<Status>, archive: Answer<Archive>, name: StoredValue<String>) -> impl IntoView {
    // What stays the same is not drawn anew: a link that has the focus keeps it.
    let of = move |show: fn(&Status) -> String| {
        Memo::new(move |_| status.with(|status| status.as_ref().and_then(|s| s.as_ref().ok()).map(show)))
    };
    let delivered = Memo::new(move |_| archive.with(|a| delivery(a.as_ref().and_then(|a| a.as_ref().ok()))));
    let list = Memo::new(move |_| {
        status.with(|status| {
            let status = status.as_ref().and_then(|status| status.as_ref().ok());
            let of_archive = |archive: &Option<Result<Archive, _>>| {
                status.map(|status| warnings(status, archive.as_ref().and_then(|a| a.as_ref().ok())))
            };
            archive.with(of_archive).unwrap_or_default()
        })
    });
    view! {
        {move || {
            let list = list.get();
            (!list.is_empty()).then(|| view! {
                <ul class="warnings" data-testid="warnings">
                    {list.into_iter().map(|Warning { text, part }| view! {
                        <li class="banner busy"><Icon glyph=Glyph::Warning /><span>{text}</span>
                            <a href=Place::Board(name.get_value(), part).path()>{part.label()}</a>
                        </li>
                    }).collect_view()}
                </ul>
            })
        }}
        <dl class="counters" data-testid="counters">
            <div>
                <dt>{text!(console.page.events_per_second)}</dt>
                <dd data-testid="rate">{of(|status| rate(status.rate))}</dd>
                <dd class="small">{of(latest)}</dd>
            </div>
            <div><dt>{text!(console.overview.items)}</dt><dd>{of(|status| format::number(status.items as f64, 0))}</dd></div>
            <div><dt>{text!(console.overview.viewers)}</dt><dd>{of(|status| format::number(f64::from(status.viewers), 0))}</dd></div>
            <div>
                <dt>{text!(console.overview.stored)}</dt>
                <dd>{of(|status| size(status.storage.bytes))}</dd>
                <dd class="small">{of(|status| {
                    let left = status.storage.limit_bytes.saturating_sub(status.storage.bytes);
                    text!(console.overview.left, size = size(left))
                })}</dd>
            </div>
            <div><dt>{text!(console.page.dead_letters)}</dt><dd>{of(|status| match status.dead_letters.bytes {
                0 => text!(console.overview.none).to_owned(),
                bytes => size(bytes),
            })}</dd></div>
            <div><dt>{text!(console.overview.delivery)}</dt><dd>{delivered}</dd></div>
        </dl>
    }
}

/// When something came in last.
fn latest(status: &Status) -> String {
    match status.accepted {
        None => text!(console.overview.nothing_yet).to_owned(),
        Some(at) => text!(console.overview.latest, ago = format::age_sentence(status.at.since(at))),
    }
}

/// How far delivery is behind, in a word or two.
fn delivery(archive: Option<&Archive>) -> String {
    match archive {
        None => "–".to_owned(),
        Some(archive) if archive.state == ArchiveState::Off => text!(console.archive.off).to_owned(),
        Some(archive) if archive.backlog.records == 0 => text!(console.overview.up_to_date).to_owned(),
        Some(archive) => text!(console.overview.behind, age = format::age(archive.lag_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(storage: &str, letters: u64) -> Status {
        serde_json::from_value(serde_json::json!({
            "cursor": "e1:7", "at": 1_772_366_400_000_i64, "items": 1, "viewers": 0, "rate": 0.0, "accepted": null,
            "storage": {"state": storage, "bytes": 1, "limit_bytes": 2},
            "dead_letters": {"bytes": letters, "dropped": 0},
        }))
        .unwrap()
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let cases = [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (4_308_992, "4.3 MB"), (10_000_000_000, "10 GB")];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_the_page_that_helps() {
        assert_eq!(warnings(&status("roomy", 0), None), []);
        let parts =
            |status: &Status| warnings(status, None).into_iter().map(|warning| warning.part).collect::<Vec<_>>();
        assert_eq!(parts(&status("full", 9)), [Part::Config, Part::Letters]);
    }
}
