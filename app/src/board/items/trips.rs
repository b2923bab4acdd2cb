//! When the selected item went and when it stood, in the time of its way; asked for when somebody looks.

use heliograph_shared::time::Millis;
use heliograph_shared::tracks::trips::TripsView;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::way::span;
use crate::board::state::Page;
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::client::{boards, credential};
use crate::parts::format;

/// More lines than this nobody reads beside a map; the newest are shown.
const MOST: usize = 40;

/// What is known.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Loading,
    /// The newest first.
    Lines(Vec<Line>),
    Failed(String),
}

/// A trip or a stop.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    from: Millis,
    is_trip: bool,
    what: String,
}

/// Trips and stops in one list, the newest first.
fn lines(view: &TripsView) -> Vec<Line> {
    let lasts = |from: Millis, to: Millis| format::age(to.since(from));
    let trips = view.trips.iter().map(|trip| {
        let (way, lasts) = (format::way(trip.metres.0), lasts(trip.from, trip.to));
        let what = match trip.top_speed {
            Some(top) => text!(board.trips.trip_fast, way = way, lasts = lasts, top = format::speed(top.0)),
            None => text!(board.trips.trip, way = way, lasts = lasts),
        };
        Line { from: trip.from, is_trip: true, what }
    });
    let stops = view.stops.iter().map(|stop| {
        let what = text!(board.trips.stop, lasts = lasts(stop.from, stop.to));
        Line { from: stop.from, is_trip: false, what }
    });
    let mut lines: Vec<Line> = trips.chain(stops).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.from));
    lines.truncate(MOST);
    lines
}

/// A part of the card that opens.
#[component]
pub fn CardTrips(
    /// The board.
    page: Page,
    /// The item's key.
    key: Memo<String>,
    /// How many hours back.
    #[prop(into)]
    hours: Signal<i64>,
) -> impl IntoView {
    let told = RwSignal::new(None::<Told>);
    // An answer to a question that nobody asks any more is not shown.
    let round = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let _ = (key.get(), hours.get(), page.ui.turned.get());
        round.update_value(|round| *round = round.wrapping_add(1));
        told.set(None);
    });
    let ask = move || {
        let asked = round.get_value();
        told.set(Some(Told::Loading));
        let (from, to) = span(&page, hours.get_untracked());
        let path = format!("items/{}/trips?from={from}&to={to}", encode(&key.get_untracked()));
        let board = page.store().board.clone();
        leptos::task::spawn_local(async move {
            let answer = boards::ask(&board, &path, credential::get(&board).as_deref(), None).await;
            if round.try_get_value() != Some(asked) {
                return;
            }
            let known = match answer.map(serde_json::from_value::<TripsView>) {
                Ok(Ok(view)) => Told::Lines(lines(&view)),
                Ok(Err(error)) => Told::Failed(error.to_string()),
                Err(failure) => Told::Failed(failure.sentence()),
            };
            told.set(Some(known));
        });
    };
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if details.is_some_and(|details| details.has_attribute("open")) && told.with_untracked(Option::is_none) {
            ask();
        }
    };
    let shown = move || match told.get()? {
        Told::Loading => {
            Some(view! { <p class="quiet-text" role="status">{text!(board.trips.loading)}</p> }.into_any())
        }
        Told::Failed(reason) => Some(view! { <p class="quiet-text" role="alert">{reason}</p> }.into_any()),
        Told::Lines(lines) if lines.is_empty() => {
            Some(view! { <p class="quiet-text" role="status">{text!(board.trips.none)}</p> }.into_any())
        }
        Told::Lines(lines) => {
            let line = |line: Line| {
                let kind = if line.is_trip { text!(board.trips.went) } else { text!(board.trips.stood) };
                view! {
                    <li data-kind=if line.is_trip { "trip" } else { "stop" }>
                        <span class="quiet-text">{clock::short_text(line.from)}</span>
                        <span><strong>{kind}</strong>" "{line.what}</span>
                    </li>
                }
            };
            Some(view! { <ol data-testid="trips">{lines.into_iter().map(line).collect_view()}</ol> }.into_any())
        }
    };
    // Another item or another time closes it.
    move || {
        let _ = (key.get(), hours.get(), page.ui.turned.get());
        view! {
            <details class="card-trips" on:toggle=toggled>
                <summary>{text!(board.trips.title)}</summary>
                {shown}
            </details>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trips_and_stops_are_one_list_with_the_newest_first() {
        let view: TripsView = serde_json::from_str(
            r#"{"cursor":"e1:7","key":"v1",
                "trips":[{"from":600000,"to":1200000,"start":{"lat":1,"lon":2},"end":{"lat":1,"lon":2},"metres":4112.3,"top_speed":17.5,"fixes":9}],
                "stops":[{"from":0,"to":600000,"position":{"lat":1,"lon":2},"fixes":4},{"from":1200000,"to":8400000,"position":{"lat":1,"lon":2},"fixes":4}]}"#,
        )
        .unwrap();
        let lines = lines(&view);
        assert_eq!(lines.iter().map(|line| line.is_trip).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(lines[1].what, "4.1 km in 10 min, at most 63 km/h");
        assert_eq!(lines[0].what, "for 2 h");
    }
}
