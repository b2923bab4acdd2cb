//! The standings as a table: a real one, of which only the rows in view are in the page, and in which rows slide.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::{Div, Tr};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::model::Model;
use super::motion::Motion;
use super::rows::{self, RowView};
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
    places: StoredValue<Vec<NodeRef<Tr>>, LocalStorage>,
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
        places: StoredValue::new_local((0..POOL).map(|_| NodeRef::new()).collect()),
        is_running: StoredValue::new_local(false),
    };
    let scroller = NodeRef::<Div>::new();
    table.measure(scroller);
    table.keep_rows();
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
                            view! { <th role="columnheader" scope="col" class="value" class:more={at >= 2} title=title>{column.label}</th> }
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup" style=move || format!("height:{}px", f64::from(model.total.get()) * table.row.get())>
                    {(0..POOL).map(|index| view! { <Row table=table index=index choose=choose /> }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(table: Table, index: usize, choose: impl Fn(String) + Copy + Send + 'static) -> impl IntoView {
    let row = Memo::new(move |_| table.rows.with(|rows| rows.get(index).cloned()));
    let is_there = Memo::new(move |_| row.with(Option::is_some));
    let part = move |read: fn(&RowView) -> String| row.with(|row| row.as_ref().map(read).unwrap_or_default());
    let is_own = Memo::new(move |_| {
        row.with(|row| {
            let key = row.as_ref().map(|row| row.key.as_str()).filter(|key| !key.is_empty());
            key.is_some() && table.model.view.with(|view| view.key.as_deref() == key)
        })
    });
    let medal = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.medal)));
    let tie = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.tie)));
    let values = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.values.len())));
    let place = table.places.with_value(|places| places.get(index).copied()).unwrap_or_default();
    move || {
        is_there.get().then(|| {
            view! {
                <tr
                    role="row"
                    node_ref=place
                    aria-rowindex=move || row.with(|row| row.as_ref().map(|row| row.position + 1))
                    class:own=is_own
                    class:missing=move || row.with(|row| row.as_ref().is_some_and(|row| row.rank.is_empty()))
                    class:even=move || row.with(|row| row.as_ref().is_some_and(|row| row.position % 2 == 0))
                    data-key=move || part(|row| row.key.clone())
                    style:top=move || row.with(|row| {
                        row.as_ref().map(|row| format!("{}px", f64::from(row.position - 1) * table.row.get()))
                    })
                    on:click=move |_| {
                        if let Some(row) = row.get_untracked().filter(|row| !row.key.is_empty()) {
                            choose(row.key);
                        }
                    }
                >
                    <td role="cell" class="rank">
                        <span class="medal" data-medal=move || medal.get().map(|medal| medal.to_string())>
                            {move || part(|row| row.rank.clone())}
                        </span>
                    </td>
                    <th role="rowheader" scope="row" class="name">
                        <span class="who">{move || part(|row| row.name.clone())}</span>
                        <span class="what">
                            {move || tie.get().map(|reason| view! { <span class="tie">{reason}</span> })}
                            {move || part(|row| row.groups.clone())}
                        </span>
                    </th>
                    {move || (0..values.get()).map(|at| view! {
                        <td role="cell" class="value" class:more={at >= 2}>
                            <span class="number" style=move || flash(row, at)>
                                {move || row.with(|row| row.as_ref().and_then(|row| row.values.get(at).cloned()))}
                            </span>
                        </td>
                    }).collect_view()}
                </tr>
            }
        })
    }
}

/// The first value shows the gain, from as far in as it is.
fn flash(row: Memo<Option<RowView>>, at: usize) -> Option<String> {
    let since = row.with(|row| row.as_ref().and_then(|row| row.gained)).filter(|_| at == 0)?;
    let name = if (since as i64) % 2 == 0 { "gain-a" } else { "gain-b" };
    Some(format!("animation-name:{name};animation-delay:-{}ms", (clock::steady() - since) as i64))
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
    fn keep_rows(self) {
        let model = self.model;
        Effect::new(move |_| {
            let _ = model.drawn.get();
            let (scroll, height, row) = (self.scroll.get(), self.height.get(), self.row.get());
            let total = model.total.get() as usize;
            let range = span::visible(scroll, height, row, total);
            let shares = model.about.with_untracked(|about| about.as_ref().is_some_and(|about| about.shares_ranks));
            let read = |scores: &ScoreReplica| rows::read(scores, range.clone(), shares);
            let mut fresh = model.with_scores(read).unwrap_or_default();
            self.place(&mut fresh, (height / row).max(1.0));
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
        self.rows.with_untracked(|rows| {
            self.places.with_value(|places| {
                self.motion.with_value(|motion| {
                    for (view, place) in rows.iter().zip(places) {
                        let Some(element) = place.get_untracked() else { continue };
                        let style = web_sys::HtmlElement::style(&element);
                        let offset = motion.offset(&view.key, now) * row;
                        // Both can only fail for names that are no properties.
                        let _ = if offset.abs() < 0.5 {
                            style.remove_property("transform").map(drop)
                        } else {
                            style.set_property("transform", &format!("translateY({}px)", offset as i32))
                        };
                    }
                });
            });
        });
    }

    /// Scrolls to a place somebody asked for, so that it stands in the middle.
    fn scroll_where_wanted(self, scroller: NodeRef<Div>) {
        Effect::new(move |_| {
            let Some(position) = self.model.wanted.get() else { return };
            let Some(element) = scroller.get_untracked() else { return };
            let row = self.row.get_untracked();
            let top = f64::from(position) * row - (self.height.get_untracked() + row) / 2.0;
            element.set_scroll_top(top.max(0.0) as i32);
            self.model.wanted.set(None);
        });
    }
}
