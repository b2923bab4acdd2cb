//! The standings as a table: a real one, of which only the rows in view are in the page, and in which rows slide.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::model::{Fresh, Model};
use super::motion::Motion;
use super::rows::{self, RowView};
use super::slot::{self, FIRST_COLUMNS, Slot};
use super::span::{self, POOL};
use crate::browser::clock;
use crate::browser::dom::{self, Listener};

/// A row's height in CSS pixels, and on a phone.
const ROW: f64 = 52.0;
const ROW_NARROW: f64 = 56.0;

/// A table's state. Cheap to copy.
#[derive(Clone, Copy)]
struct Table {
    model: Model,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    row: RwSignal<f64>,
    parts: StoredValue<Parts, LocalStorage>,
}

/// What is written by hand.
#[derive(Default)]
struct Parts {
    labels: Vec<String>,
    slots: Vec<Slot>,
    motion: Motion,
    is_running: bool,
}

/// The table. `choose` is told which row was clicked.
#[component]
pub fn Standings(
    /// The page.
    model: Model,
    /// Told the key of a row that was clicked.
    choose: impl Fn(String) + Copy + Send + 'static,
) -> impl IntoView {
    let table = Table {
        model,
        scroll: RwSignal::new(0.0),
        height: RwSignal::new(0.0),
        row: RwSignal::new(ROW),
        parts: StoredValue::new_local(Parts::default()),
    };
    let scroller = NodeRef::<Div>::new();
    table.measure(scroller);
    table.keep_rows(scroller);
    table.scroll_where_wanted(scroller);
    view! {
        <div
            class="standings"
            node_ref=scroller
            tabindex="0"
            role="region"
            aria-label=text!(scores.table.standings)
            data-testid="standings"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    table.scroll.set(f64::from(element.scroll_top()));
                }
            }
            on:click=move |event| {
                if let Some(key) = clicked(&event) {
                    choose(key);
                }
            }
        >
            <table role="table" aria-label=text!(scores.table.standings)>
                <thead role="rowgroup"></thead>
                <tbody role="rowgroup"></tbody>
            </table>
        </div>
    }
}

/// The key of the row that was clicked.
fn clicked(event: &leptos::ev::MouseEvent) -> Option<String> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let row = target.closest("tr").ok().flatten()?;
    row.get_attribute("data-key").filter(|key| !key.is_empty())
}

impl Table {
    /// Keeps the height of the view and of a row.
    fn measure(self, scroller: NodeRef<Div>) {
        let look = move || {
            let Some(element) = scroller.get_untracked() else { return };
            let head = element.query_selector("thead").ok().flatten();
            let head = head.and_then(|head| head.dyn_into::<web_sys::HtmlElement>().ok());
            let height = f64::from(element.client_height()) - head.map_or(0.0, |head| f64::from(head.offset_height()));
            self.height.set(height);
            let is_projected = self.model.view.with_untracked(|view| view.projector);
            let row = if is_projected {
                span::projected(height, self.model.total.get_untracked() as usize).1
            } else if dom::is_narrow() {
                ROW_NARROW
            } else {
                ROW
            };
            if (self.row.get_untracked() - row).abs() > 0.1 {
                self.row.set(row);
            }
        };
        let model = self.model;
        Effect::new(move |_| {
            let _ = (scroller.get(), model.total.get(), model.about.with(Option::is_some));
            model.view.with(|_| dom::on_next_frame(look));
        });
        let listener = web_sys::window().map(|window| Listener::new(&window, "resize", move |_| look()));
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }

    /// Reads the rows in view whenever they changed or others are in view, and writes them into the page.
    fn keep_rows(self, scroller: NodeRef<Div>) {
        let model = self.model;
        Effect::new(move |_| {
            let _ = (model.drawn.get(), model.view.with(|view| view.key.is_some()));
            let (scroll, height, row) = (self.scroll.get(), self.height.get(), self.row.get());
            let Some(place) = scroller.get() else { return };
            let about = model.about.with(|about| about.as_ref().map(|about| (about.labels(), about.shares_ranks)));
            let (labels, shares) = about.unwrap_or_default();
            let total = model.total.get() as usize;
            let range = span::visible(scroll, height, row, total);
            let read = |scores: &ScoreReplica| rows::read(scores, range.clone(), shares);
            let mut fresh = model.with_scores(read).unwrap_or_default();
            let own = model.view.with_untracked(|view| view.key.clone());
            self.parts.update_value(|parts| {
                parts.build(&place, labels);
                parts.place(model.fresh(), &mut fresh, (height / row).max(1.0));
                parts.show(&place, &fresh, own.as_deref(), row, total);
                parts.draw(row);
            });
            if let Some(part) = span::follow(&range, model.followed()) {
                model.follow(part);
            }
            self.run();
        });
    }

    /// Draws the rows where they are on their way, frame by frame, until all are home.
    fn run(self) {
        let begins = self.parts.try_update_value(|parts| {
            let begins = parts.motion.is_moving(clock::steady()) && !parts.is_running;
            parts.is_running |= begins;
            begins
        });
        if begins == Some(true) {
            self.next();
        }
    }

    fn next(self) {
        dom::on_next_frame(move || {
            let Some(row) = self.row.try_get_untracked() else { return };
            let goes_on = self.parts.try_update_value(|parts| {
                parts.draw(row);
                parts.is_running = parts.motion.is_moving(clock::steady());
                parts.is_running
            });
            if goes_on == Some(true) {
                self.next();
            }
        });
    }

    /// Scrolls to a place somebody asked for, so that it stands in the middle.
    fn scroll_where_wanted(self, scroller: NodeRef<Div>) {
        Effect::new(move |_| {
            let Some(position) = self.model.wanted.get() else { return };
            let Some(element) = scroller.get_untracked() else { return };
            let row = self.row.get_untracked();
            let top = f64::from(position) * row - f64::midpoint(self.height.get_untracked(), row);
            element.set_scroll_top(top.max(0.0) as i32);
            self.model.wanted.set(None);
        });
    }
}

impl Parts {
    /// Makes the head and the rows for these columns, if they are others than before.
    fn build(&mut self, place: &Element, labels: Vec<String>) {
        if self.labels == labels {
            return;
        }
        self.slots.iter().for_each(Slot::remove);
        if let (Some(head), Some(body)) = (child(place, "thead"), child(place, "tbody")) {
            slot::head(&head, &labels);
            self.slots = (0..POOL).filter_map(|_| Slot::new(&body, labels.len())).collect();
        }
        self.labels = labels;
    }

    /// Lets rows that moved begin to slide, and shows gains.
    #[expect(clippy::needless_pass_by_value, reason = "the news are used up")]
    fn place(&mut self, news: Fresh, rows: &mut [RowView], furthest: f64) {
        let is_still = dom::prefers_reduced_motion();
        if news.is_other || is_still {
            self.motion.clear();
        }
        if is_still {
            return;
        }
        let now = clock::steady();
        let places: Vec<(String, u32)> =
            rows.iter().filter(|row| !row.key.is_empty()).map(|row| (row.key.clone(), row.position)).collect();
        let came_from = |key: &str| news.came_from.iter().find(|(moved, _)| moved == key).map(|(_, from)| *from);
        self.motion.place(now, places, furthest + 1.0, came_from);
        for key in &news.gained {
            self.motion.flash(key, now);
        }
        for row in rows {
            row.gained = self.motion.flashes_since(&row.key, now);
        }
    }

    /// Writes the rows into the page, and how large everything is.
    fn show(&mut self, place: &Element, rows: &[RowView], own: Option<&str>, height: f64, total: usize) {
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let row = rows.get(at);
            slot.show(row, row.is_some_and(|row| Some(row.key.as_str()) == own), height);
        }
        let Some(table) = child(place, "table") else { return };
        let widths = rows::widths(&self.labels, rows);
        let widths: Vec<String> = widths.iter().map(|width| format!("calc({width}ch + 16px)")).collect();
        let first = widths.get(..FIRST_COLUMNS).unwrap_or(&widths).join(" ");
        slot::attribute(&table, "aria-rowcount", Some(&(total + 1).to_string()));
        let (height, all) = (height as u32, (total as f64 * height) as u32);
        let style = format!("--values:{};--first-values:{first};--row:{height}px;--all:{all}px", widths.join(" "));
        slot::attribute(&table, "style", Some(&style));
    }

    fn draw(&mut self, height: f64) {
        let now = clock::steady();
        for slot in &mut self.slots {
            let way = self.motion.offset(slot.key(), now) * height;
            slot.slide(way.round() as i32);
        }
    }
}

fn child(place: &Element, tag: &str) -> Option<Element> {
    place.query_selector(tag).ok().flatten()
}
