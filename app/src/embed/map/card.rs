//! The chosen item of a map in a frame.

use heliograph_shared::replica::Replica;
use web_sys::{Element, HtmlElement};

use crate::board::address::Column;
use crate::board::items::words::column_label;
use crate::browser::dom::Listener;
use crate::embed::items::named;
use crate::embed::shell::set;
use crate::embed::table::columns;
use crate::embed::wording::Wording;
use crate::parts::format;
use crate::scores::slot::{append, attribute, element};

/// Lines at most: it lies over the map.
const MOST: usize = 6;

/// A card over the map; hidden while nothing is chosen.
pub struct Card {
    card: HtmlElement,
    key: HtmlElement,
    age: HtmlElement,
    list: HtmlElement,
}

impl Card {
    /// Puts it at the end of `parent`; `close` is called when somebody is done with it.
    pub fn build(parent: &Element, close: impl Fn() + 'static) -> Option<Self> {
        let card = element("aside", "embed-card", None)?;
        attribute(&card, "aria-label", Some(text!(embed.map.chosen)));
        let (key, age, list) = (element("h2", "", None)?, element("p", "", None)?, element("dl", "", None)?);
        let button = element("button", "close", None)?;
        attribute(&button, "type", Some("button"));
        attribute(&button, "aria-label", Some(text!(embed.map.close)));
        std::mem::forget(Listener::new(&button, "click", move |_| close()));
        for part in [&key, &button, &age, &list] {
            append(&card, part)?;
        }
        append(parent, &card)?;
        card.set_hidden(true);
        Some(Self { card, key, age, list })
    }

    /// Writes what is known of the chosen item, or goes away.
    pub fn draw(&self, wording: &Wording<'_>, replica: &Replica, chosen: Option<&str>) {
        let Some((key, (_, item))) = chosen.and_then(|key| Some((key, named(replica, key)?))) else {
            return self.card.set_hidden(true);
        };
        set(&self.key, key);
        set(&self.age, &format::age_sentence(wording.now.since(item.time)));
        attribute(&self.card, "data-stale", wording.is_stale(item).then_some(""));
        let mut names = columns(wording, replica);
        if wording.picks.columns.is_empty() {
            // How old it is stands above; how fast it is, is what a map is for.
            names.retain(|column| *column != Column::Seen);
            names.push(Column::Speed);
        }
        let lines = names.iter().map(|column| (column_label(wording.info, column), wording.text(item, column)));
        let lines: Vec<_> = lines.filter(|(_, text)| !text.is_empty()).take(MOST).collect();
        while (self.list.child_element_count() as usize) < lines.len() * 2 {
            let (Some(name), Some(value)) = (element("dt", "", None), element("dd", "", None)) else { return };
            // A new element is in no other's way.
            let _ = append(&self.list, &name).and_then(|()| append(&self.list, &value));
        }
        while (self.list.child_element_count() as usize) > lines.len() * 2 {
            let Some(last) = self.list.last_element_child() else { return };
            last.remove();
        }
        let cells = self.list.children();
        let texts = lines.iter().flat_map(|(name, value)| [name, value]);
        for (at, text) in texts.enumerate() {
            if let Some(cell) = cells.item(at as u32)
                && cell.text_content().as_ref() != Some(text)
            {
                cell.set_text_content(Some(text));
            }
        }
        self.card.set_hidden(false);
    }
}
