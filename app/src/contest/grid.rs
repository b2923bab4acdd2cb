//! The grid of teams and problems: a real table, of which only the rows in view are in the page.

use heliograph_shared::scores::ScoreReplica;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::line::{Line, LineView, element};
use super::problems::{Problem, Problems};
use super::spotlight::Spotlight;
use crate::browser::clock;
use crate::browser::dom::{self, Listener};
use crate::scores::fresh::Fresh;
use crate::scores::model::Model;
use crate::scores::motion::Motion;
use crate::scores::slot::attribute;
use crate::scores::span;

/// A row's height in CSS pixels, and on a wall.
const ROW: f64 = 46.0;
const ROW_PROJECTED: f64 = 60.0;

/// Columns of values that are shown: more than solved and penalty is for tie rules.
const COLUMNS: usize = 2;

/// A grid's state. Cheap to copy.
#[derive(Clone, Copy)]
struct Grid {
    model: Model,
    problems: Memo<Problems>,
    spotlight: Spotlight,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    row: RwSignal<f64>,
    parts: StoredValue<Parts, LocalStorage>,
}

/// What is written by hand.
#[derive(Default)]
struct Parts {
    labels: Vec<String>,
    problems: Vec<Problem>,
    lines: Vec<Line>,
    motion: Motion,
    is_running: bool,
    styled: (i64, i64),
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
        parts: StoredValue::new_local(Parts::default()),
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

/// The key of the row that something happened in.
fn key_of(target: Option<web_sys::EventTarget>) -> Option<String> {
    let target = target?.dyn_into::<web_sys::Element>().ok()?;
    let row = target.closest("tr").ok().flatten()?;
    row.get_attribute("data-key").filter(|key| !key.is_empty())
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
                parts.slide(row);
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
    range.filter_map(at).map(|row| LineView::of(row, &problems.list, columns, shares_ranks)).collect()
}

impl Parts {
    /// Makes the head and the rows, if there are other columns than before.
    fn build(&mut self, place: &Element, labels: Vec<String>, problems: &[Problem]) {
        let is_same = self.labels == labels && self.problems == problems;
        if is_same && !self.lines.is_empty() {
            return;
        }
        let is_as_wide = self.labels.len() == labels.len() && self.problems.len() == problems.len();
        if let (Some(head), Some(body)) = (child(place, "thead"), child(place, "tbody")) {
            write_head(&head, &labels, problems);
            if !is_as_wide || self.lines.is_empty() {
                self.lines.iter().for_each(Line::remove);
                self.lines = (0..span::POOL).filter_map(|_| Line::new(&body, labels.len(), problems.len())).collect();
            }
        }
        self.labels = labels;
        problems.clone_into(&mut self.problems);
    }

    /// Lets rows that moved begin to slide.
    #[expect(clippy::needless_pass_by_value, reason = "the news are used up")]
    fn place(&mut self, news: Fresh, rows: &[LineView], furthest: f64) {
        let is_still = dom::prefers_reduced_motion();
        if news.is_other || is_still {
            self.motion.clear();
        }
        if is_still {
            return;
        }
        let places = rows.iter().map(|row| (row.key.clone(), row.position)).collect();
        let came_from = |key: &str| news.came_from.iter().rev().find(|(moved, _)| moved == key).map(|(_, from)| *from);
        self.motion.place(clock::steady(), places, furthest + 1.0, came_from);
    }

    /// Writes the rows into the page: who was in view stays in the same element.
    fn show(
        &mut self,
        place: &Element,
        rows: &[LineView],
        class: impl Fn(&str) -> &'static str,
        height: f64,
        total: usize,
    ) {
        for (at, line) in self.lines.iter_mut().enumerate() {
            let row = rows.get(at);
            line.show(row, row.map_or("", |row| class(&row.key)));
        }
        let styled = (height as i64, (height * total as f64) as i64);
        if self.styled != styled
            && let Some(table) = child(place, "table")
        {
            self.styled = styled;
            attribute(&table, "aria-rowcount", Some(&(total + 1).to_string()));
            let (values, problems) = (self.labels.len(), self.problems.len());
            style(&table, "--row", &format!("{}px", styled.0));
            style(&table, "--all", &format!("{}px", styled.1));
            style(&table, "--values", &values.to_string());
            // A repetition of none is no value: the sheet asks whether there is a number.
            style(&table, "--problems", &if problems > 0 { problems.to_string() } else { String::new() });
        }
    }

    fn draw(&mut self, height: f64, rows: &[LineView]) {
        let now = clock::steady();
        for (line, row) in self.lines.iter_mut().zip(rows) {
            let way = self.motion.offset(&row.key, now) * height;
            line.put(((f64::from(row.position) - 1.0) * height) as i32, way.round() as i32);
        }
    }

    fn slide(&mut self, height: f64) {
        let now = clock::steady();
        for line in &mut self.lines {
            let way = self.motion.offset(line.key(), now) * height;
            line.slide(way.round() as i32);
        }
    }
}

/// Writes the head: the columns, and a letter for each problem in its colour.
fn write_head(place: &Element, labels: &[String], problems: &[Problem]) -> Option<()> {
    let row = element("tr", "", Some("row"))?;
    attribute(&row, "aria-rowindex", Some("1"));
    let columns = labels.iter().map(|label| ("value", label.as_str()));
    for (class, label) in [("rank", text!(words.rank)), ("name", text!(words.name))].into_iter().chain(columns) {
        let cell = element("th", class, Some("columnheader"))?;
        attribute(&cell, "scope", Some("col"));
        attribute(&cell, "title", Some(label));
        cell.set_text_content(Some(label));
        row.append_child(&cell).ok()?;
    }
    for problem in problems {
        let cell = element("th", "task", Some("columnheader"))?;
        attribute(&cell, "scope", Some("col"));
        let title = problem.title.as_ref().map(|title| format!("{}: {title}", problem.label));
        attribute(&cell, "title", title.as_deref());
        let letter = element("span", "letter", None)?;
        letter.set_text_content(Some(&problem.label));
        row.append_child(&cell).ok()?;
        cell.append_child(&letter).ok()?;
        style(&cell, "--problem", problem.color.as_deref().unwrap_or_default());
    }
    place.set_text_content(None);
    place.append_child(&row).ok().map(drop)
}

/// Sets a property of an element's own style; an empty value takes it away. The page's policy forbids the attribute.
fn style(element: &Element, property: &str, value: &str) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // It only fails for what is read only.
        let _ = element.style().set_property(property, value);
    }
}

fn child(place: &Element, tag: &str) -> Option<Element> {
    place.query_selector(tag).ok().flatten()
}
