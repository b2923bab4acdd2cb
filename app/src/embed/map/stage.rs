//! The elements around a map in a frame: its canvas, its buttons, and a note while it is not there.

use web_sys::{Element, HtmlElement};

use crate::board::map::handle::MapHandle;
use crate::browser::dom::Listener;
use crate::scores::slot::{append, attribute, element};

/// What a button does.
type Work = fn(&MapHandle);

/// The buttons: a class for its picture, what it is called, what it does.
const BUTTONS: [(&str, Work); 3] =
    [("fit", |map| map.fit(|_| true)), ("closer", |map| map.zoom(true)), ("farther", |map| map.zoom(false))];

/// The elements.
pub struct Stage {
    /// All of it.
    pub section: HtmlElement,
    /// What MapLibre fills.
    pub canvas: HtmlElement,
    /// Text over the map.
    pub labels: HtmlElement,
    /// What its marks and lines mean.
    pub keys: HtmlElement,
    note: HtmlElement,
    buttons: HtmlElement,
}

fn called(class: &str) -> &'static str {
    match class {
        "fit" => text!(board.map.fit),
        "closer" => text!(board.map.zoom_in),
        _ => text!(board.map.zoom_out),
    }
}

impl Stage {
    /// Puts it at the end of `parent`; `with_map` does something with the map once it is there.
    pub fn build(parent: &Element, with_map: impl Fn(Work) + Clone + 'static) -> Option<Self> {
        let section = element("section", "map embed-map", None)?;
        attribute(&section, "aria-label", Some(text!(words.map)));
        let canvas = element("div", "map-canvas", None)?;
        let labels = element("div", "map-labels", None)?;
        attribute(&labels, "aria-hidden", Some("true"));
        let note = element("p", "map-note", Some("status"))?;
        note.set_text_content(Some(text!(board.map.loading)));
        let buttons = element("div", "map-buttons", Some("group"))?;
        attribute(&buttons, "aria-label", Some(text!(board.map.buttons)));
        for (class, work) in BUTTONS {
            let button = element("button", class, None)?;
            attribute(&button, "type", Some("button"));
            attribute(&button, "title", Some(called(class)));
            attribute(&button, "aria-label", Some(called(class)));
            let with_map = with_map.clone();
            std::mem::forget(Listener::new(&button, "click", move |_| with_map(work)));
            append(&buttons, &button)?;
        }
        buttons.set_hidden(true);
        let keys = element("div", "map-keys", None)?;
        for part in [&canvas, &labels, &note, &buttons, &keys] {
            append(&section, part)?;
        }
        append(parent, &section)?;
        Some(Self { section, canvas, labels, keys, note, buttons })
    }

    /// The map draws.
    pub fn is_ready(&self) {
        self.note.set_hidden(true);
        self.buttons.set_hidden(false);
    }
}
