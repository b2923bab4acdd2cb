//! The rows of a resolver: the one in question is marked and followed, and its next cell is framed.

use heliograph_shared::scores::ScoreRow;
use heliograph_shared::scores::resolver::{Resolver, Step};
use leptos::html::Div;
use leptos::prelude::*;

use super::compact::{self, NARROW};
use super::driver::Driver;
use crate::browser::dom::{self, Listener};
use crate::contest::award::RowAwards;
use crate::contest::grid::{COLUMNS, ROW, ROW_PROJECTED};
use crate::contest::line::LineView;
use crate::contest::problems::Problems;
use crate::contest::table::Table;
use crate::scores::about::About;
use crate::scores::fresh::Fresh;
use crate::scores::span;

/// From this size on a window is a wall.
const WALL: &str = "(min-width: 1600px) and (min-height: 880px)";

/// What is drawn from. Cheap to copy.
#[derive(Clone, Copy)]
struct Place {
    driver: Driver,
    about: StoredValue<About>,
    problems: StoredValue<Problems>,
    scroller: NodeRef<Div>,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    row: RwSignal<f64>,
    table: StoredValue<Table, LocalStorage>,
}

/// The rows.
#[component]
pub fn Stage(
    /// What is played.
    driver: Driver,
    /// What the server says of the columns.
    about: About,
    /// The problems and awards.
    problems: Problems,
) -> impl IntoView {
    let scroller = NodeRef::<Div>::new();
    let place = Place {
        driver,
        about: StoredValue::new(about),
        problems: StoredValue::new(problems),
        scroller,
        scroll: RwSignal::new(0.0),
        height: RwSignal::new(0.0),
        row: RwSignal::new(ROW),
        table: StoredValue::new_local(Table::default()),
    };
    place.measure();
    place.keep_rows();
    place.follow();
    view! {
        <div class="grid" node_ref=scroller tabindex="0" role="region" aria-label=text!(contest.page.table) data-testid="stage"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    place.scroll.set(f64::from(element.scroll_top()));
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

impl Place {
    fn measure(self) {
        let look = move || {
            let Some(element) = self.scroller.try_get_untracked().flatten() else { return };
            self.height.set(f64::from(element.client_height()));
            let problems = self.problems.with_value(|problems| problems.list.len());
            let (on_a_line, compact) = compact::lines(f64::from(element.client_width()), problems);
            // It can only fail for styles that are read-only.
            let _ = web_sys::HtmlElement::style(&element).set_property("--on-a-line", &on_a_line.to_string());
            self.row.set(if dom::matches_media(WALL) {
                ROW_PROJECTED
            } else if dom::matches_media(NARROW) {
                compact
            } else {
                ROW
            });
        };
        Effect::new(move |_| {
            let _ = self.scroller.get();
            dom::on_next_frame(look);
        });
        let listener = web_sys::window().map(|window| Listener::new(&window, "resize", move |_| look()));
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }

    /// Writes the rows in view whenever a step was taken or others are in view.
    fn keep_rows(self) {
        Effect::new(move |_| {
            let (scroll, height, row) = (self.scroll.get(), self.height.get(), self.row.get());
            let Some(place) = self.scroller.get() else { return };
            let (labels, shares) = self
                .about
                .with_value(|about| (about.labels().into_iter().take(COLUMNS).collect::<Vec<_>>(), about.shares_ranks));
            let columns = labels.len();
            self.driver.resolver.with(|resolver| {
                let rows = resolver.rows();
                let range = span::visible(scroll, height, row, rows.len());
                self.problems.with_value(|problems| {
                    let view = |at: usize| {
                        let row = rows.get(at)?;
                        let given = given(resolver, row, rows.get(at + 1), problems);
                        let next = next_of(resolver, row);
                        Some(LineView { next, ..LineView::of(row, given, problems, columns, shares) })
                    };
                    let views: Vec<LineView> = range.filter_map(view).collect();
                    self.table.update_value(|table| {
                        table.build(&place, labels, &problems.list);
                        table.place(news(resolver), &views, (height / row).max(1.0));
                        table.show(&place, &views, |key| class(resolver, key), row, rows.len());
                        table.draw(row, &views);
                    });
                });
            });
            self.run();
        });
    }

    fn run(self) {
        if self.table.try_update_value(Table::begins) == Some(true) {
            self.next();
        }
    }

    fn next(self) {
        dom::on_next_frame(move || {
            let Some(row) = self.row.try_get_untracked() else { return };
            if self.table.try_update_value(|table| table.slide(row)) == Some(true) {
                self.next();
            }
        });
    }

    /// The view follows the row in question; before the first step it shows the last rank, after the last one the first.
    fn follow(self) {
        Effect::new(move |_| {
            let (height, row) = (self.height.get(), self.row.get());
            let position = self.driver.resolver.with(|resolver| {
                let rows = resolver.rows();
                let at = resolver.focus().and_then(|key| rows.iter().find(|row| row.key == key));
                let end = if resolver.is_done() { 1 } else { rows.len() as u32 };
                at.map_or(end, |row| row.position)
            });
            let top = f64::from(position) * row - f64::midpoint(height, row);
            let scroller = self.scroller;
            // After the rows are written: there may be more of them than before.
            dom::on_next_frame(move || {
                if let Some(element) = scroller.try_get_untracked().flatten() {
                    element.set_scroll_top(top.max(0.0) as i32);
                }
            });
        });
    }
}

/// What a row is given: that is said when nothing above can push it down any more.
fn given(resolver: &Resolver, row: &ScoreRow, below: Option<&ScoreRow>, problems: &Problems) -> RowAwards {
    if resolver.is_settled(&row.key) { problems.awards.row(row, below) } else { RowAwards::default() }
}

/// The cell of a row that is revealed next.
fn next_of(resolver: &Resolver, row: &ScoreRow) -> Option<usize> {
    match resolver.next() {
        Some(Step::Reveal { key, task }) if key == row.key => Some(task),
        _ => None,
    }
}

fn class(resolver: &Resolver, key: &str) -> &'static str {
    match (resolver.focus() == Some(key), resolver.is_settled(key)) {
        (true, _) => "lit",
        (false, true) => "settled",
        (false, false) => "",
    }
}

/// A row that comes into view by a step slides from where it was.
fn news(resolver: &Resolver) -> Fresh {
    let came_from = match resolver.last() {
        Some(Step::Reveal { key, .. }) => vec![(key.clone(), resolver.came_from())],
        _ => Vec::new(),
    };
    Fresh { came_from, ..Fresh::default() }
}
