//! The standings as a table: a real one, of which only the rows in view are in the page, and in which rows slide.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::{Div, Tbody};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::motion::Motion;
use super::rows::{self, RowView};
use super::slot::{FIRST_COLUMNS, Slot};
use super::span::{self, POOL};
use crate::clock;
use crate::dom::{self, Listener};

/// A row's height in CSS pixels, and on a phone.
const ROW: f64 = 52.0;
const ROW_NARROW: f64 = 56.0;

/// A table's state. Cheap to copy.
#[derive(Clone, Copy)]
struct Table {
    model: Model,
    rows: RwSignal<Vec<RowView>>,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    row: RwSignal<f64>,
    motion: StoredValue<Motion, LocalStorage>,
    slots: StoredValue<Vec<Slot>, LocalStorage>,
    is_running: StoredValue<bool, LocalStorage>,
}

/// The table. `choose` is told which row was clicked.
#[component]
pub fn Standings(
    /// The page.
    model: Model,
    /// What the table is called.
    label: Signal<String>,
    /// Told the key of a row that was clicked.
    choose: impl Fn(String) + Copy + Send + 'static,
) -> impl IntoView {
    let table = Table {
        model,
        rows: RwSignal::new(Vec::new()),
        scroll: RwSignal::new(0.0),
        height: RwSignal::new(0.0),
        row: RwSignal::new(ROW),
        motion: StoredValue::new_local(Motion::default()),
        slots: StoredValue::new_local(Vec::new()),
        is_running: StoredValue::new_local(false),
    };
    let scroller = NodeRef::<Div>::new();
    let body = NodeRef::<Tbody>::new();
    table.measure(scroller);
    table.keep_rows(body);
    table.scroll_where_wanted(scroller);

    let columns = Memo::new(move |_| {
        model.about.with(|about| about.as_ref().map(|about| about.columns.clone()).unwrap_or_default())
    });
    let widths = Memo::new(move |_| {
        let columns = columns.get();
        let labels: Vec<&str> = columns.iter().map(|column| column.label.as_str()).collect();
        table.rows.with(|rows| rows::widths(&labels, rows))
    });
    let grid = move || {
        let widths: Vec<String> = widths.get().iter().map(|width| format!("calc({width}ch + 16px)")).collect();
        let first = widths.get(..2).unwrap_or(&widths).join(" ");
        format!("--values:{};--first-values:{first};--row:{}px", widths.join(" "), table.row.get())
    };
    view! {
        <div
            class="standings"
            node_ref=scroller
            tabindex="0"
            role="region"
            aria-label=move || label.get()
            data-testid="standings"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    table.scroll.set(f64::from(element.scroll_top()));
                }
            }
        >
            <table role="table" aria-label=move || label.get() aria-rowcount=move || model.total.get() + 1 style=grid>
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        <th role="columnheader" scope="col" class="rank"><span aria-hidden="true">"#"</span><span class="sr-only">"Rank"</span></th>
                        <th role="columnheader" scope="col" class="name">"Name"</th>
                        {move || columns.get().into_iter().enumerate().map(|(at, column)| {
                            let title = column.label.clone();
                            view! { <th role="columnheader" scope="col" class="value" class:more={at >= FIRST_COLUMNS} title=title>{column.label}</th> }
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody
                    role="rowgroup"
                    node_ref=body
                    style=move || format!("height:{}px", f64::from(model.total.get()) * table.row.get())
                    on:click=move |event| {
                        if let Some(key) = clicked(&event) {
                            choose(key);
                        }
                    }
                >
                </tbody>
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
        let looks = Memo::new(move |_| {
            (
                self.model.view.with(|view| (view.projector, view.key.is_some())),
                self.model.total.get(),
                self.model.about.with(Option::is_some),
            )
        });
        Effect::new(move |_| {
            let _ = (looks.get(), scroller.get());
            dom::on_next_frame(look);
        });
        let listener = web_sys::window().map(|window| Listener::new(&window, "resize", move |_| look()));
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }

    /// Reads the rows in view whenever they changed or others are in view.
    fn keep_rows(self, body: NodeRef<Tbody>) {
        let model = self.model;
        let columns =
            Memo::new(move |_| model.about.with(|about| about.as_ref().map_or(0, |about| about.columns.len())));
        Effect::new(move |_| {
            let (Some(body), columns) = (body.get(), columns.get()) else { return };
            self.slots.update_value(|slots| {
                slots.iter().for_each(Slot::remove);
                *slots = (0..POOL).filter_map(|_| Slot::new(&body, columns)).collect();
            });
        });
        Effect::new(move |_| {
            let _ = (body.get(), columns.get(), model.view.with(|view| view.key.clone()));
            let _ = model.drawn.get();
            let (scroll, height, row) = (self.scroll.get(), self.height.get(), self.row.get());
            let total = model.total.get() as usize;
            let range = span::visible(scroll, height, row, total);
            let shares = model.about.with_untracked(|about| about.as_ref().is_some_and(|about| about.shares_ranks));
            let read = |scores: &ScoreReplica| rows::read(scores, range.clone(), shares);
            let mut fresh = model.with_scores(read).unwrap_or_default();
            self.place(&mut fresh, (height / row).max(1.0));
            self.show(&fresh, row);
            if self.rows.with_untracked(|rows| *rows != fresh) {
                self.rows.set(fresh);
            }
            if let Some(part) = span::follow(&range, model.followed()) {
                model.follow(part);
            }
            self.run();
        });
    }

    /// Lets rows that moved begin to slide, and shows gains.
    fn place(self, rows: &mut [RowView], furthest: f64) {
        let news = self.model.fresh();
        let is_still = dom::prefers_reduced_motion();
        self.motion.update_value(|motion| {
            if news.is_other || is_still {
                motion.clear();
            }
            if is_still {
                return;
            }
            let now = clock::steady();
            let places: Vec<(String, u32)> =
                rows.iter().filter(|row| !row.key.is_empty()).map(|row| (row.key.clone(), row.position)).collect();
            motion.place(now, &places, furthest + 1.0, |key| news.came_from.get(key).copied());
            for key in &news.gained {
                motion.flash(key, now);
            }
            for row in rows {
                row.gained = motion.flashes_since(&row.key, now);
            }
        });
    }

    /// Draws the rows where they are on their way, frame by frame, until all are home.
    fn run(self) {
        self.draw();
        let is_moving = self.motion.with_value(|motion| motion.is_moving(clock::steady()));
        if is_moving && !self.is_running.get_value() {
            self.is_running.set_value(true);
            self.next();
        }
    }

    fn next(self) {
        dom::on_next_frame(move || {
            let Some(is_moving) = self.motion.try_with_value(|motion| motion.is_moving(clock::steady())) else {
                return;
            };
            self.draw();
            if is_moving {
                self.next();
            } else {
                self.is_running.set_value(false);
            }
        });
    }

    fn draw(self) {
        let now = clock::steady();
        let row = self.row.get_untracked();
        self.motion.with_value(|motion| {
            self.slots.update_value(|slots| {
                for slot in slots {
                    let way = motion.offset(slot.key(), now) * row;
                    slot.slide(way.round() as i32);
                }
            });
        });
    }

    /// Writes the rows into the page.
    fn show(self, rows: &[RowView], height: f64) {
        let own = self.model.view.with_untracked(|view| view.key.clone());
        self.slots.update_value(|slots| {
            for (at, slot) in slots.iter_mut().enumerate() {
                let row = rows.get(at);
                let is_own = row.is_some_and(|row| Some(&row.key) == own.as_ref());
                slot.show(row, is_own, height);
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
