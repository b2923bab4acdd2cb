//! A small picture of what a board has: the question that it asks, its first three, or some of its positions on the world.
//! The list of boards says all of it, so nothing more is asked; the picture of land is one for all, and loaded when a map
//! comes into view.

use std::f64::consts::{FRAC_PI_4, PI};

use heliograph_shared::running_question::RunningQuestion;
use leptos::prelude::*;
use serde_json::Value;

use super::kind::{Kind, glyph};
use crate::client::boards::BoardRow;
use crate::parts::format;
use crate::parts::icons::Icon;

/// The size of a picture, in units of its own.
const SIZE: (f64, f64) = (220.0, 100.0);
/// A picture that shows fewer degrees shows a grid instead of coarse land, and where on earth it is.
const LAND_DEGREES: f64 = 6.0;
/// The smallest width in degrees: one item alone is not looked at through a microscope.
const LEAST_DEGREES: f64 = 0.02;
/// The small world: west, north, width and height, without the poles.
const WORLD: [f64; 4] = [-170.0, -118.0, 360.0, 186.0];

/// What part of the world a picture shows: degrees east, and Mercator's degrees south.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    left: f64,
    top: f64,
    width: f64,
}

/// Mercator's degrees south of the equator.
fn south(lat: f64) -> f64 {
    -180.0 / PI * (FRAC_PI_4 + lat.clamp(-85.0, 85.0) * PI / 360.0).tan().ln()
}

/// A longitude as the picture of a box counts it: where the box lies across ±180° its west is the greater, and what is east of
/// the meridian goes on beyond 180.
fn counted(lon: f64, [west, _, east, _]: [f64; 4]) -> f64 {
    if west > east && lon < west { lon + 360.0 } else { lon }
}

impl Window {
    /// Around a box (west, south, east, north), with some room.
    fn around(bbox: [f64; 4]) -> Self {
        let [west, low, east, high] = bbox;
        let east = counted(east, bbox);
        let (top, bottom) = (south(high), south(low));
        let width = ((east - west).max((bottom - top) * SIZE.0 / SIZE.1) * 1.35).clamp(LEAST_DEGREES, 800.0);
        let height = width * SIZE.1 / SIZE.0;
        Self { left: f64::midpoint(west, east) - width / 2.0, top: f64::midpoint(top, bottom) - height / 2.0, width }
    }

    const fn height(self) -> f64 {
        self.width * SIZE.1 / SIZE.0
    }

    /// Where a position is in the picture.
    fn place(self, [lon, lat]: [f64; 2]) -> (f64, f64) {
        let scale = SIZE.0 / self.width;
        ((lon - self.left) * scale, (south(lat) - self.top) * scale)
    }

    const fn shows_land(self) -> bool {
        self.width >= LAND_DEGREES
    }
}

/// The address of a part of the picture of land.
fn land(left: f64, top: f64, width: f64, height: f64) -> String {
    let land = crate::client::place::file("/basemap/land.svg").path;
    format!("{land}#svgView(viewBox({left:.2},{top:.2},{width:.2},{height:.2}))")
}

/// How full the bar of a row is, of 100: the first row is full. Where less is better nothing is said by it.
fn part(value: &Value, first: Option<&Value>) -> f64 {
    let number = |value: &Value| value.as_f64().filter(|n| *n >= 0.0);
    match (number(value), first.and_then(number)) {
        (Some(value), Some(first)) if first > 0.0 && value <= first => value / first * 100.0,
        _ => 0.0,
    }
}

/// A value in a word.
fn shown(value: &Value) -> String {
    match (value, value.as_f64()) {
        (_, Some(number)) => format::number(number, 2),
        (Value::String(text), None) => text.clone(),
        (other, None) => other.to_string(),
    }
}

/// The picture of a board. It says nothing that the board's own pages don't say in words.
#[component]
pub fn Thumbnail(
    /// The board.
    board: BoardRow,
) -> impl IntoView {
    let kind = Kind::of(board.home);
    let spots = board.bbox.filter(|_| kind == Kind::Maps);
    view! {
        <div class="thumb" data-kind=kind.id()>
            {match (board.question, spots) {
                (Some(question), _) => view! { <Asking question=question /> }.into_any(),
                (None, Some(bbox)) => view! { <Spots bbox=bbox spots=board.spots /> }.into_any(),
                (None, None) if board.top.is_empty() => view! { <span class="thumb-icon"><Icon glyph=glyph(board.home) /></span> }.into_any(),
                (None, None) => {
                    let first = board.top.first().map(|row| row.value.clone());
                    view! {
                        <ol class="thumb-top">
                            {board.top.into_iter().map(|row| view! {
                                <li style=("--part", format!("{:.0}%", part(&row.value, first.as_ref())))>
                                    <span class="thumb-name">{row.name}</span>
                                    <span class="thumb-value">{shown(&row.value)}</span>
                                </li>
                            }).collect_view()}
                        </ol>
                    }.into_any()
                }
            }}
        </div>
    }
}

/// The question that a quiz is asking, and how many have answered.
#[component]
fn Asking(question: RunningQuestion) -> impl IntoView {
    let RunningQuestion { text, answered, joined } = question;
    view! {
        <div class="thumb-asking" data-testid="asking">
            <span class="overline">{text!(boards.page.asking)}</span>
            <p>{text}</p>
            <span>{text!(boards.page.answered, answered = answered, joined = joined)}</span>
        </div>
    }
}

#[component]
fn Spots(bbox: [f64; 4], spots: Vec<[f64; 2]>) -> impl IntoView {
    let window = Window::around(bbox);
    // Of a board that has not said its spots, the middle.
    let middle = || [f64::midpoint(bbox[0], counted(bbox[2], bbox)), f64::midpoint(bbox[1], bbox[3])];
    let spots = if spots.is_empty() { vec![middle()] } else { spots };
    let spots: Vec<[f64; 2]> = spots.into_iter().map(|[lon, lat]| [counted(lon, bbox), lat]).collect();
    let [left, top, width, height] = WORLD;
    let (x, y) = window.place(spots[0]);
    let here = [window.left + x * window.width / SIZE.0, window.top + y * window.width / SIZE.0];
    let percent = |part: f64| format!("{:.1}%", part * 100.0);
    // The small world is all of it: what lies west of its edge lies at its other end.
    let (pin_left, pin_top) = (percent((here[0] - left).rem_euclid(width) / width), percent((here[1] - top) / height));
    view! {
        {window.shows_land().then(|| view! {
            <img class="thumb-land" loading="lazy" decoding="async" alt="" src=land(window.left, window.top, window.width, window.height()) />
        })}
        <svg class="thumb-map" viewBox=format!("0 0 {} {}", SIZE.0, SIZE.1) aria-hidden="true" focusable="false">
            {(!window.shows_land()).then(|| view! {
                <path class="thumb-grid" d="M0 25H220M0 50H220M0 75H220M22 0V100M66 0V100M110 0V100M154 0V100M198 0V100" />
            })}
            {spots.into_iter().map(|spot| {
                let (x, y) = window.place(spot);
                view! { <circle class="thumb-halo" cx=format!("{x:.1}") cy=format!("{y:.1}") r="5.5" /><circle class="thumb-spot" cx=format!("{x:.1}") cy=format!("{y:.1}") r="2.2" /> }
            }).collect_view()}
        </svg>
        {(!window.shows_land()).then(|| view! {
            <span class="thumb-world">
                <img loading="lazy" decoding="async" alt="" src=land(left, top, width, height) />
                <span class="thumb-pin" style:left=pin_left style:top=pin_top></span>
            </span>
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_of_the_box_is_in_the_picture() {
        for [west, low, east, high] in [
            [-97.9, 30.1, -97.6, 30.5],
            [-170.0, -60.0, 170.0, 75.0],
            [16.37, 48.21, 16.37, 48.21],
            [5.0, 50.0, 5.1, 58.0],
            [177.4, -19.0, -178.2, -16.0],
            [180.0, 1.0, -180.0, 1.0],
        ] {
            let bbox = [west, low, east, high];
            let (window, east) = (Window::around(bbox), counted(east, bbox));
            for corner in [[west, low], [east, high], [west, high], [east, low]] {
                let (x, y) = window.place(corner);
                assert!((0.0..=SIZE.0).contains(&x) && (0.0..=SIZE.1).contains(&y), "{corner:?} at {x}, {y}");
            }
        }
    }

    #[test]
    fn a_city_is_shown_on_a_grid_and_a_continent_on_land() {
        assert!(!Window::around([-97.9, 30.1, -97.6, 30.5]).shows_land());
        assert!(Window::around([-10.0, 36.0, 30.0, 60.0]).shows_land());
    }

    #[test]
    fn what_lies_on_both_sides_of_180_degrees_is_close_together() {
        let fiji = [177.4, -19.0, -178.2, -16.0];
        let window = Window::around(fiji);
        assert!(window.width < 12.0, "{window:?}");
        let x = |lon: f64| window.place([counted(lon, fiji), -17.0]).0;
        assert!(x(177.4) < x(179.9) && x(179.9) < x(-179.9) && x(-179.9) < x(-178.2));
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let window = Window::around([0.0, 0.0, 1.0, 1.0]);
        let ((west, low), (east, high)) = (window.place([0.0, 0.0]), window.place([1.0, 1.0]));
        assert!(west < east && high < low);
    }

    #[test]
    fn bars_are_parts_of_the_first_row_where_more_is_better() {
        let percent = |value: Value, first: i32| part(&value, Some(&Value::from(first))).round() as i32;
        assert_eq!(percent(Value::from(5), 10), 50);
        assert_eq!(percent(Value::from(10), 5), 0);
        assert_eq!(percent(Value::from("x"), 5), 0);
        assert_eq!(percent(Value::from(0), 0), 0);
    }
}
