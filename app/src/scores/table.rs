//! The standings as a table: a real one, of which only the rows in view are in the page, and in which rows slide.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::rows;
use super::sheet::Sheet;
use super::slot::Who;
use super::span::{self, POOL};
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
    parts: StoredValue<Sheet, LocalStorage>,
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
        parts: StoredValue::new_local(Sheet::default()),
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
                if let Some(key) = key_of(event.target()) {
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

/// The key of the row that something happened in.
pub fn key_of(target: Option<web_sys::EventTarget>) -> Option<String> {
    let target = target?.dyn_into::<web_sys::Element>().ok()?;
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
                parts.build(&place, labels, POOL, Who::Text);
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
        let begins = self.parts.try_update_value(Sheet::begins);
        if begins == Some(true) {
            self.next();
        }
    }

    fn next(self) {
        dom::on_next_frame(move || {
            let Some(row) = self.row.try_get_untracked() else { return };
            let goes_on = self.parts.try_update_value(|parts| parts.goes_on(row));
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
