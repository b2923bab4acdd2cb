//! A table row in the page. Rows change with every frame in which somebody scores or scrolls: they are written by hand,
//! and only what differs.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::rows::RowView;
use crate::browser::clock;

/// What a phone leaves out: all columns after these.
pub const FIRST_COLUMNS: usize = 2;

/// What a row's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A text; the whole row can be clicked.
    Text,
    /// A button, which the keyboard reaches too.
    Button,
}

/// A row of the table.
pub struct Slot {
    row: HtmlElement,
    medal: HtmlElement,
    who: HtmlElement,
    tie: HtmlElement,
    groups: HtmlElement,
    values: Vec<HtmlElement>,
    shown: RowView,
    is_own: bool,
    top: i32,
    way: i32,
}

/// An element with its class and its role.
pub fn element(tag: &str, class: &str, role: Option<&str>) -> Option<HtmlElement> {
    let element = web_sys::window()?.document()?.create_element(tag).ok()?.dyn_into::<HtmlElement>().ok()?;
    element.set_class_name(class);
    if let Some(role) = role {
        element.set_attribute("role", role).ok()?;
    }
    Some(element)
}

/// Puts an element at the end of another.
pub fn append(parent: &Element, child: &Element) -> Option<()> {
    parent.append_child(child).ok().map(drop)
}

/// Writes the table's head.
pub fn head(place: &Element, labels: &[String]) {
    let Some(row) = element("tr", "", Some("row")) else { return };
    attribute(&row, "aria-rowindex", Some("1"));
    let columns = labels.iter().enumerate().map(|(at, label)| (class_of(at), label.as_str()));
    for (class, label) in [("rank", text!(words.rank)), ("name", text!(words.name))].into_iter().chain(columns) {
        let Some(cell) = element("th", class, Some("columnheader")) else { return };
        attribute(&cell, "scope", Some("col"));
        attribute(&cell, "title", Some(label));
        cell.set_text_content(Some(label));
        // It can only fail for a row that is within its own cell.
        let _ = append(&row, &cell);
    }
    place.set_text_content(None);
    let _ = append(place, &row);
}

/// An element with a span for each part.
pub fn line(tag: &str, class: &str, parts: &[(&str, String)]) -> Option<HtmlElement> {
    let line = element(tag, class, None)?;
    for (class, text) in parts {
        let part = element("span", class, None)?;
        part.set_text_content(Some(text));
        append(&line, &part)?;
    }
    Some(line)
}

const fn class_of(column: usize) -> &'static str {
    if column < FIRST_COLUMNS { "value" } else { "value more" }
}

impl Slot {
    /// Puts an empty row at the table's end.
    pub fn new(body: &Element, columns: usize, who: Who) -> Option<Self> {
        let row = element("tr", "", Some("row"))?;
        let rank = element("td", "rank", Some("cell"))?;
        let medal = element("span", "medal", None)?;
        let name = element("th", "name", Some("rowheader"))?;
        name.set_attribute("scope", "row").ok()?;
        let tag = if who == Who::Button { "button" } else { "span" };
        let (who, what) = (element(tag, "who", None)?, element("span", "what", None)?);
        let (tie, groups) = (element("span", "tie", None)?, element("span", "", None)?);
        append(&rank, &medal)?;
        append(&what, &tie)?;
        append(&what, &groups)?;
        append(&name, &who)?;
        append(&name, &what)?;
        append(&row, &rank)?;
        append(&row, &name)?;
        let mut values = Vec::with_capacity(columns);
        for at in 0..columns {
            let cell = element("td", class_of(at), Some("cell"))?;
            let number = element("span", "number", None)?;
            append(&cell, &number)?;
            append(&row, &cell)?;
            values.push(number);
        }
        row.set_hidden(true);
        append(body, &row)?;
        let shown = RowView::default();
        Some(Self { row, medal, who, tie, groups, values, shown, is_own: false, top: -1, way: 0 })
    }

    /// Takes the row out of the page.
    pub fn remove(&self) {
        self.row.remove();
    }

    /// Shows a row, or nothing.
    pub fn show(&mut self, fresh: Option<&RowView>, is_own: bool, height: f64) {
        let Some(fresh) = fresh else {
            if self.shown.position != 0 {
                self.shown = RowView::default();
                self.row.set_hidden(true);
            }
            return;
        };
        let old = std::mem::replace(&mut self.shown, fresh.clone());
        let top = (f64::from(fresh.position - 1) * height) as i32;
        if self.top != top {
            self.top = top;
            style(&self.row, "top", &format!("{top}px"));
        }
        if old == *fresh && self.is_own == is_own {
            return;
        }
        if old.position != fresh.position {
            self.row.set_hidden(false);
            attribute(&self.row, "aria-rowindex", Some(&(fresh.position + 1).to_string()));
        }
        self.is_own = is_own;
        self.row.set_class_name(match (is_own, fresh.rank.is_empty()) {
            (true, _) => "own",
            (false, true) => "missing",
            (false, false) => "",
        });
        if old.key != fresh.key {
            attribute(&self.row, "data-key", Some(&fresh.key));
        }
        if old.medal != fresh.medal {
            attribute(&self.medal, "data-medal", fresh.medal.map(|medal| medal.to_string()).as_deref());
        }
        text(&self.medal, &old.rank, &fresh.rank);
        text(&self.who, &old.name, &fresh.name);
        text(&self.tie, old.tie.unwrap_or_default(), fresh.tie.unwrap_or_default());
        text(&self.groups, &old.groups, &fresh.groups);
        for (at, number) in self.values.iter().enumerate() {
            let value = |row: &RowView| row.values.get(at).cloned().unwrap_or_default();
            text(number, &value(&old), &value(fresh));
        }
        if old.gained != fresh.gained || old.key != fresh.key {
            self.flash(fresh.gained);
        }
    }

    /// The first value shows the gain, from as far in as it is. Two names take turns: the same one would not begin anew.
    fn flash(&self, since: Option<f64>) {
        let Some(number) = self.values.first() else { return };
        let (name, delay) = since.map_or(("", String::new()), |since| {
            let name = if (since as i64) % 2 == 0 { "gain-a" } else { "gain-b" };
            (name, format!("-{}ms", (clock::steady() - since) as i64))
        });
        style(number, "animation-name", name);
        style(number, "animation-delay", &delay);
    }

    /// Draws the row this many pixels below its place.
    pub fn slide(&mut self, way: i32) {
        if self.way != way {
            self.way = way;
            style(&self.row, "transform", &if way == 0 { String::new() } else { format!("translateY({way}px)") });
        }
    }

    /// Whose row it is.
    pub fn key(&self) -> &str {
        &self.shown.key
    }
}

fn text(element: &HtmlElement, old: &str, fresh: &str) {
    if old != fresh {
        element.set_text_content(Some(fresh));
    }
}

/// Sets an attribute, or takes it away. It can only fail for names that are no attributes.
pub fn attribute(element: &Element, name: &str, value: Option<&str>) {
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Sets a style. It can only fail for styles that are read-only. An empty value takes the property away.
pub fn style(element: &HtmlElement, name: &str, value: &str) {
    let _ = HtmlElement::style(element).set_property(name, value);
}
