//! The grid of teams and problems: a real table, of which only the rows in view are in the page.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::Div;
use leptos::prelude::*;

use super::line::LineView;
use super::problems::Problems;
use super::spotlight::Spotlight;
use super::table::Table;
use crate::browser::dom::{self, Listener};
use crate::scores::model::Model;
use crate::scores::span;
use crate::scores::table::key_of;

/// A row's height in CSS pixels, and on a wall.
pub const ROW: f64 = 46.0;
/// The same on a wall.
pub const ROW_PROJECTED: f64 = 60.0;

/// Columns of values that are shown: more than solved and penalty is for tie rules.
pub const COLUMNS: usize = 2;

/// A grid's state. Cheap to copy.
#[derive(Clone, Copy)]
struct Grid {
    model: Model,
    problems: Memo<Problems>,
    spotlight: Spotlight,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    row: RwSignal<f64>,
    parts: StoredValue<Table, LocalStorage>,
}

/// The grid. `choose` is told which row was clicked.
#[component]
pub fn ContestGrid(
    /// The page.
    model: Model,
    /// The problems.
    problems: Memo<Problems>,
    /// Whose row is being revealed.
    spotlight: Spotlight,
    /// Told the key of a row that was clicked.
    choose: impl Fn(String) + Copy + Send + 'static,
) -> impl IntoView {
    let grid = Grid {
        model,
        problems,
        spotlight,
        scroll: RwSignal::new(0.0),
        height: RwSignal::new(0.0),
        row: RwSignal::new(ROW),
        parts: StoredValue::new_local(Table::default()),
    };
    let scroller = NodeRef::<Div>::new();
    grid.measure(scroller);
    grid.keep_rows(scroller);
    grid.scroll_where_wanted(scroller);
    view! {
        <div
            class="grid"
            node_ref=scroller
            tabindex="0"
            role="region"
            aria-label=text!(contest.page.table)
            data-testid="grid"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    grid.scroll.set(f64::from(element.scroll_top()));
                }
            }
            on:click=move |event| {
                if let Some(key) = key_of(event.target()) {
                    choose(key);
                }
            }
            on:keydown=move |event| {
                if event.key() == "Enter"
                    && let Some(key) = key_of(event.target())
                {
                    choose(key);
                }
            }
        >
            <table role="table" aria-label=text!(contest.page.table)>
                <thead role="rowgroup"></thead>
                <tbody role="rowgroup"></tbody>
            </table>
        </div>
    }
}

impl Grid {
    /// Keeps the height of the view and of a row.
    fn measure(self, scroller: NodeRef<Div>) {
        let look = move || {
            let Some(element) = scroller.get_untracked() else { return };
            self.height.set(f64::from(element.client_height()));
            let is_projected = self.model.view.with_untracked(|view| view.projector);
            self.row.set(if is_projected { ROW_PROJECTED } else { ROW });
        };
        let model = self.model;
        Effect::new(move |_| {
            let _ = (scroller.get(), model.about.with(Option::is_none));
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
            let _ = (model.drawn.get(), model.told().get());
            let own = model.view.with(|view| view.key.clone());
            let (scroll, height, row) = (self.scroll.get(), self.height.get(), self.row.get());
            let Some(place) = scroller.get() else { return };
            let read = |about: &crate::scores::about::About| {
                let labels: Vec<String> = about.labels().into_iter().take(COLUMNS).collect();
                (labels, about.shares_ranks, about.frozen)
            };
            let Some((labels, shares, hides)) = model.about.with(|about| about.as_ref().map(read)) else { return };
            let total = model.total.get() as usize;
            let range = span::visible(scroll, height, row, total);
            let problems = self.problems;
            let columns = labels.len();
            let views = model.with_scores(|scores| {
                problems.with(|problems| {
                    self.spotlight.look(scores, problems, hides);
                    lines(scores, range.clone(), problems, columns, shares)
                })
            });
            let views = views.unwrap_or_default();
            let lit = self.spotlight.lit.with_untracked(|lit| lit.as_ref().map(|lit| lit.key.clone()));
            self.parts.update_value(|parts| {
                problems.with(|problems| parts.build(&place, labels, &problems.list));
                parts.place(model.fresh(), &views, (height / row).max(1.0));
                let class = |key: &str| match (Some(key) == lit.as_deref(), Some(key) == own.as_deref()) {
                    (true, _) => "lit",
                    (false, true) => "own",
                    (false, false) => "",
                };
                parts.show(&place, &views, class, row, total);
                parts.draw(row, &views);
            });
            self.run();
        });
        // The view follows the row that is being revealed.
        Effect::new(move |_| {
            let position = self.spotlight.lit.with(|lit| lit.as_ref().map(|lit| lit.position));
            if position.is_some() {
                model.wanted.set(position);
            }
        });
    }

    /// Draws the rows where they are on their way, frame by frame, until all are home.
    fn run(self) {
        if self.parts.try_update_value(Table::begins) == Some(true) {
            self.next();
        }
    }

    fn next(self) {
        dom::on_next_frame(move || {
            let Some(row) = self.row.try_get_untracked() else { return };
            if self.parts.try_update_value(|table| table.slide(row)) == Some(true) {
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

/// The rows of these indices, from 0, that are here.
fn lines(
    scores: &ScoreReplica,
    range: std::ops::Range<usize>,
    problems: &Problems,
    columns: usize,
    shares_ranks: bool,
) -> Vec<LineView> {
    let rows = scores.rows();
    let first = rows.first().map_or(1, |row| row.position as usize);
    let at = |index: usize| (index + 1).checked_sub(first).and_then(|at| rows.get(at));
    let view = |index: usize| {
        let row = at(index)?;
        let given = problems.awards.row(row, at(index + 1));
        Some(LineView::of(row, given, problems, columns, shares_ranks))
    };
    range.filter_map(view).collect()
}
