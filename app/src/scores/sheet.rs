//! Rows of standings in a table, written by hand: which row shows whom, how large everything is, and how rows slide. Of the
//! page and of an embed.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::fresh::Fresh;
use super::motion::Motion;
use super::rows::{self, RowView};
use super::slot::{self, FIRST_COLUMNS, Slot, Who};
use crate::browser::clock;
use crate::browser::dom;

/// What is in the table.
#[derive(Default)]
pub struct Sheet {
    labels: Vec<String>,
    slots: Vec<Slot>,
    motion: Motion,
    is_running: bool,
}

impl Sheet {
    /// Makes the head and `pool` rows for these columns, if they are others than before.
    pub fn build(&mut self, place: &Element, labels: Vec<String>, pool: usize, who: Who) {
        if self.labels == labels {
            return;
        }
        self.slots.iter().for_each(Slot::remove);
        if let (Some(head), Some(body)) = (child(place, "thead"), child(place, "tbody")) {
            slot::head(&head, &labels);
            self.slots = (0..pool).filter_map(|_| Slot::new(&body, labels.len(), who)).collect();
        }
        self.labels = labels;
    }

    /// Lets rows that moved begin to slide, and shows gains.
    #[expect(clippy::needless_pass_by_value, reason = "the news are used up")]
    pub fn place(&mut self, news: Fresh, rows: &mut [RowView], furthest: f64) {
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
    pub fn show(&mut self, place: &Element, rows: &[RowView], own: Option<&str>, height: f64, total: usize) {
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
        let Ok(table) = table.dyn_into::<HtmlElement>() else { return };
        let (row, all) = (format!("{height}px"), format!("{all}px"));
        // One by one: a strict policy allows styles that a script sets, and no attribute of them.
        for (name, value) in
            [("--values", &widths.join(" ")), ("--first-values", &first), ("--row", &row), ("--all", &all)]
        {
            slot::style(&table, name, value);
        }
    }

    /// Whether rows have to be drawn frame by frame from now on.
    pub fn begins(&mut self) -> bool {
        let begins = self.motion.is_moving(clock::steady()) && !self.is_running;
        self.is_running |= begins;
        begins
    }

    /// Draws the rows; whether another frame is needed.
    pub fn goes_on(&mut self, height: f64) -> bool {
        self.draw(height);
        self.is_running = self.motion.is_moving(clock::steady());
        self.is_running
    }

    /// Draws the rows where they are on their way.
    pub fn draw(&mut self, height: f64) {
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
