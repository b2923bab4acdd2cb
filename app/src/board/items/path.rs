//! The way that the selected item came: how far back it is drawn on the map, how long it is, and its files.

use leptos::prelude::*;
use serde::Deserialize;

use super::trips::CardTrips;
use super::way::span;
use crate::board::map::scene::mercator::metres_between;
use crate::board::map::scene::path::Point;
use crate::board::state::{MapState, Page};
use crate::browser::clock::sleep;
use crate::browser::percent::encode;
use crate::browser::save::{file_name, save};
use crate::client::http::{Failure, Kind};
use crate::client::{boards, credential};
use crate::parts::format;

/// More points than this no screen shows.
const POINTS: u32 = 2_000;

/// A file holds more than a screen shows.
const FILE_POINTS: u32 = 100_000;

/// How soon a server that could not answer is asked again.
const RETRY_MS: i32 = 3_000;

/// What a way can be saved as: the format's name in addresses and at a file's end, for people, and for programs.
const FORMATS: [(&str, &str, &str); 4] = [
    ("gpx", "GPX", "application/gpx+xml"),
    ("geojson", "GeoJSON", "application/geo+json"),
    ("kml", "KML", "application/vnd.google-earth.kml+xml"),
    ("csv", "CSV", "text/csv"),
];

/// How far back the way goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Back {
    None,
    #[default]
    Hour,
    SixHours,
    Day,
}

impl Back {
    const ALL: [Self; 4] = [Self::None, Self::Hour, Self::SixHours, Self::Day];

    const fn hours(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Hour => 1,
            Self::SixHours => 6,
            Self::Day => 24,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::None => text!(board.path.none),
            Self::Hour => text!(board.path.hour),
            Self::SixHours => text!(board.path.six_hours),
            Self::Day => text!(board.path.day),
        }
    }

    fn of_hours(hours: &str) -> Self {
        Self::ALL.into_iter().find(|back| back.hours().to_string() == hours).unwrap_or_default()
    }
}

/// What is known of the way.
#[derive(Clone, Debug, Default, PartialEq)]
enum State {
    /// Nobody asked.
    #[default]
    Off,
    /// On its way.
    Loading,
    /// It is so many metres long.
    Shown(f64),
    /// Not now, the server said; it is asked again.
    Waiting(String),
    /// There was no position.
    Empty,
    /// The server said why not.
    Failed(String),
    /// This board keeps no ways, or not for this viewer.
    Unknown,
}

/// The part of the answer that the map draws.
#[derive(Deserialize)]
struct Answer {
    /// Time, latitude, longitude, speed and heading of each.
    points: Vec<[Option<f64>; 5]>,
}

fn point([time, lat, lon, ..]: [Option<f64>; 5]) -> Option<Point> {
    Some(Point { time: time?, lat: lat?, lon: lon? })
}

fn address(key: &str, from: i64, to: i64, rest: &str) -> String {
    format!("items/{}/track?from={from}&to={to}{rest}", encode(key))
}

fn metres(points: &[Point]) -> f64 {
    points.iter().zip(points.iter().skip(1)).map(|(a, b)| metres_between((a.lat, a.lon), (b.lat, b.lon))).sum()
}

fn why(failure: Failure) -> State {
    match failure.kind() {
        Kind::NotFound | Kind::Unauthorised => State::Unknown,
        Kind::Unreachable | Kind::Passing | Kind::Refused => State::Failed(failure.sentence()),
    }
}

/// The way of the selected item.
#[component]
pub fn CardPath(
    /// The board.
    page: Page,
    /// The item's key.
    #[prop(into)]
    key: Signal<String>,
) -> impl IntoView {
    let back = RwSignal::new(Back::default());
    let state = RwSignal::new(State::Off);
    let key = Memo::new(move |_| key.get());
    let is_ready = Memo::new(move |_| page.ui.map.with(|map| *map == MapState::Ready));
    let store = page.store();
    let board = StoredValue::new(store.board.clone());
    let credential = StoredValue::new(credential::get(&store.board));
    // Answers to a question that nobody asks any more are not shown.
    let round = StoredValue::new(0_u32);

    Effect::new(move |_| {
        let (key, back, is_ready) = (key.get(), back.get(), is_ready.get());
        let _ = page.ui.turned.get();
        round.update_value(|round| *round = round.wrapping_add(1));
        let asked = round.get_value();
        let Some(map) = page.map().filter(|_| is_ready) else { return };
        map.show_path(None);
        if back == Back::None || key.is_empty() {
            return state.set(State::Off);
        }
        state.set(State::Loading);
        let (from, to) = span(&page, back.hours());
        let path = address(&key, from, to, &format!("&max_points={POINTS}"));
        let (board, credential) = (board.get_value(), credential.get_value());
        leptos::task::spawn_local(async move {
            let answer = loop {
                let answer = boards::ask(&board, &path, credential.as_deref(), None).await;
                if round.try_get_value() != Some(asked) {
                    return;
                }
                match answer {
                    // A board whose tracks are far behind its log reads on by itself.
                    Err(failure) if failure.is_passing() => {
                        state.set(State::Waiting(failure.sentence()));
                        sleep(RETRY_MS).await;
                    }
                    answer => break answer,
                }
                if round.try_get_value() != Some(asked) {
                    return;
                }
            };
            let found = answer.map(|answer| serde_json::from_value::<Answer>(answer).map(|answer| answer.points));
            let points: Vec<Point> = match found {
                Err(failure) => return state.set(why(failure)),
                Ok(Err(error)) => return state.set(why(Failure::senseless(200, &error))),
                Ok(Ok(points)) => points.into_iter().filter_map(point).collect(),
            };
            map.show_path(Some((&key, &points)));
            state.set(if points.is_empty() { State::Empty } else { State::Shown(metres(&points)) });
        });
    });
    on_cleanup(move || {
        if let Some(map) = page.map() {
            map.show_path(None);
        }
    });

    let download = move |format: &'static str, kind: &'static str| {
        let (key, back) = (key.get_untracked(), back.get_untracked());
        let (from, to) = span(&page, back.hours());
        let rest = format!("&format={format}&max_points={FILE_POINTS}");
        let path = address(&key, from, to, &rest);
        let (board, credential) = (board.get_value(), credential.get_value());
        leptos::task::spawn_local(async move {
            match boards::ask_text(&board, &path, credential.as_deref()).await {
                Ok(text) => {
                    if save(&file_name(&[&key], format), kind, text.as_bytes()).is_err() {
                        page.say(text!(board.path.unsaved));
                    }
                }
                Err(failure) => page.say(text!(board.path.failed, reason = failure.sentence())),
            }
        });
    };
    let has_files = Memo::new(move |_| state.with(|state| matches!(state, State::Shown(_))));
    view! {
        <Show when=move || state.with(|state| *state != State::Unknown)>
            <div class="card-path" data-testid="path">
                <label>
                    <span>{text!(board.path.label)}</span>
                    <select class="select" on:change=move |event| back.set(Back::of_hours(&event_target_value(&event)))>
                        {Back::ALL.map(|choice| view! {
                            <option value=choice.hours().to_string() selected=move || back.get() == choice>
                                {choice.words()}
                            </option>
                        }).collect_view()}
                    </select>
                </label>
                <span class="quiet-text" role="status">{move || state.with(|state| match state {
                    State::Off | State::Unknown => String::new(),
                    State::Loading => text!(board.path.loading).to_owned(),
                    State::Shown(metres) => format::way(*metres),
                    State::Empty => text!(board.path.empty).to_owned(),
                    State::Waiting(reason) => text!(board.path.waiting, reason = reason),
                    State::Failed(reason) => text!(board.path.failed, reason = reason),
                })}</span>
                <Show when=move || has_files.get()>
                    <span class="card-files">
                        {FORMATS.map(|(format, name, kind)| view! {
                            <button class="link" type="button" title=text!(board.path.file, format = name)
                                aria-label=text!(board.path.file, format = name)
                                on:click=move |_| download(format, kind)>
                                {name}
                            </button>
                        }).collect_view()}
                    </span>
                    <CardTrips page=page key=key hours=Signal::derive(move || back.get().hours()) />
                </Show>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_as_long_as_its_parts() {
        let at = |lat: f64| Point { time: 0.0, lat, lon: 0.0 };
        assert_eq!(format::way(metres(&[at(0.0), at(0.001), at(0.0)])), "222 m");
        assert_eq!(format::way(metres(&[at(0.0), at(0.1)])), "11.1 km");
        assert_eq!(metres(&[]), 0.0);
    }

    #[test]
    fn how_far_back_is_read_as_it_is_written() {
        for back in Back::ALL {
            assert_eq!(Back::of_hours(&back.hours().to_string()), back);
        }
        assert_eq!(Back::of_hours("moon"), Back::default());
    }
}
