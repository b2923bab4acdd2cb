//! The table of a grid in the page, written by hand: its head, a row's elements for each row in view, and how rows slide.

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::line::{Line, LineView, element};
use super::problems::Problem;
use crate::browser::clock;
use crate::browser::dom;
use crate::scores::fresh::Fresh;
use crate::scores::motion::Motion;
use crate::scores::slot::attribute;
use crate::scores::span;

/// A table in the page.
#[derive(Default)]
pub struct Table {
    labels: Vec<String>,
    problems: Vec<Problem>,
    lines: Vec<Line>,
    motion: Motion,
    is_running: bool,
    styled: (i64, i64),
}

impl Table {
    /// Makes the head and the rows, if there are other columns than before.
    pub fn build(&mut self, place: &Element, labels: Vec<String>, problems: &[Problem]) {
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
            self.lines.iter().for_each(|line| line.letter(problems));
        }
        self.labels = labels;
        problems.clone_into(&mut self.problems);
    }

    /// Lets rows that moved begin to slide.
    #[expect(clippy::needless_pass_by_value, reason = "the news are used up")]
    pub fn place(&mut self, news: Fresh, rows: &[LineView], furthest: f64) {
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
    pub fn show(
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

    /// Draws the rows where they are, or on their way there.
    pub fn draw(&mut self, height: f64, rows: &[LineView]) {
        let now = clock::steady();
        for (line, row) in self.lines.iter_mut().zip(rows) {
            let way = self.motion.offset(&row.key, now) * height;
            line.put(((f64::from(row.position) - 1.0) * height) as i32, way.round() as i32);
        }
    }

    /// Whether rows begin to slide, which nobody draws yet.
    pub fn begins(&mut self) -> bool {
        let begins = self.motion.is_moving(clock::steady()) && !self.is_running;
        self.is_running |= begins;
        begins
    }

    /// Draws the rows on their way; says whether any is.
    pub fn slide(&mut self, height: f64) -> bool {
        let now = clock::steady();
        for line in &mut self.lines {
            let way = self.motion.offset(line.key(), now) * height;
            line.slide(way.round() as i32);
        }
        self.is_running = self.motion.is_moving(now);
        self.is_running
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
