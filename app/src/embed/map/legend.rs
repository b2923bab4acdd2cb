//! What the marks of a map in a frame mean.

use web_sys::{Element, HtmlElement};

use crate::board::marks::Marks;
use crate::embed::shell::set;
use crate::scores::slot::{append, attribute, element};
use crate::texts::whole;

/// In a narrower frame it is opened by who wants to know, in CSS pixels.
const ROOMY: i32 = 560;

/// A list over the map: each look with its meaning and how many items have it.
pub struct Legend(Vec<(HtmlElement, HtmlElement)>);

impl Legend {
    /// Puts it at the end of `parent`; nothing where the board has no rules.
    pub fn build(parent: &Element, marks: &Marks) -> Option<Self> {
        let lines = marks.legend();
        if lines.is_empty() {
            return None;
        }
        let (details, title, list) =
            (element("details", "mark-legend", None)?, element("summary", "", None)?, element("ul", "", None)?);
        let has_room = parent.parent_element().is_some_and(|map| map.client_width() >= ROOMY);
        attribute(&details, "open", has_room.then_some(""));
        title.set_text_content(Some(text!(board.legend.title)));
        let mut counts = Vec::new();
        for line in lines {
            let row = element("li", "", None)?;
            let mark = element("span", &line.class, None)?;
            attribute(&mark, "aria-hidden", Some("true"));
            let (meaning, count) = (element("span", "meaning", None)?, element("span", "count", None)?);
            meaning.set_text_content(Some(&line.label));
            for part in [&mark, &meaning, &count] {
                append(&row, part)?;
            }
            append(&list, &row)?;
            counts.push((row, count));
        }
        append(&details, &title)?;
        append(&details, &list)?;
        append(parent, &details)?;
        Some(Self(counts))
    }

    /// Writes how many items each line is about.
    pub fn write(&self, counts: &[usize]) {
        for ((row, cell), count) in self.0.iter().zip(counts) {
            set(cell, &whole(*count as u64));
            attribute(row, "data-empty", (*count == 0).then_some(""));
        }
    }
}
