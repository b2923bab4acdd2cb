//! The word that streets did not come, with a way to try again. Elements of the browser, without a framework: a frame in
//! another site has it as well.

use web_sys::{Element, HtmlElement};

use crate::board::map::layers::control::{append, element};
use crate::browser::dom::Listener;

/// What stands among the map's keys; nothing is seen of it until there is something to say.
pub struct Notice {
    place: HtmlElement,
    text: HtmlElement,
    again: HtmlElement,
    _listener: Listener,
}

impl Notice {
    /// Puts it at the end of `parent`; `again` is called when somebody wants to try again.
    pub fn build(parent: &Element, again: impl Fn() + 'static) -> Option<Self> {
        // It is there from the beginning, so that what is written into it is read out.
        let (place, text) = (element("p", "map-streets layer-note")?, element("span", "")?);
        let button = element("button", "button")?;
        place.set_attribute("role", "status").ok()?;
        place.set_attribute("data-testid", "streets").ok()?;
        button.set_attribute("type", "button").ok()?;
        button.set_attribute("aria-label", text!(board.map.streets_again)).ok()?;
        button.set_text_content(Some(text!(board.layers.again)));
        append(&place, &[&text, &button])?;
        append(parent, &[&place])?;
        let listener = Listener::new(&button, "click", move |_| again());
        let notice = Self { place, text, again: button, _listener: listener };
        notice.tell(false);
        Some(notice)
    }

    /// Says that they did not come, or nothing any more.
    pub fn tell(&self, have_failed: bool) {
        let text = if have_failed { text!(board.map.no_streets) } else { "" };
        if self.text.text_content().as_deref() != Some(text) {
            self.text.set_text_content(Some(text));
        }
        self.again.set_hidden(!have_failed);
        // An empty note would take room.
        let _ = self.place.toggle_attribute_with_force("data-empty", !have_failed);
    }
}
