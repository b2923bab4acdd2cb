//! The switches of a map's layers: a box that opens, with a checkbox for each. Elements of the browser, without a framework: a
//! frame in another site has them as well.

use heliograph_shared::layers::style::MapLayer;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::{Standing, Why};
use crate::browser::dom::Listener;

/// The switches.
pub struct Control {
    details: HtmlElement,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    switch: HtmlInputElement,
    note: HtmlElement,
    text: HtmlElement,
    again: HtmlElement,
    _listeners: [Listener; 2],
}

/// A new element.
pub(in crate::board::map) fn element(tag: &str, class: &str) -> Option<HtmlElement> {
    let element = web_sys::window()?.document()?.create_element(tag).ok()?.dyn_into::<HtmlElement>().ok()?;
    element.set_class_name(class);
    Some(element)
}

/// Puts elements at the end of another.
pub(in crate::board::map) fn append(parent: &Element, children: &[&Element]) -> Option<()> {
    children.iter().try_for_each(|child| parent.append_child(child).ok().map(drop))
}

impl Control {
    /// Puts them at the end of `parent`. `switch` is called with a layer's number when somebody switches it, `again` when it
    /// is to be loaded again.
    pub fn build(
        parent: &Element,
        layers: &[MapLayer],
        switch: impl Fn(usize) + Clone + 'static,
        again: impl Fn(usize) + Clone + 'static,
    ) -> Option<Self> {
        let (details, title, list) = (element("details", "map-layers")?, element("summary", "")?, element("ul", "")?);
        details.set_attribute("data-testid", "layers").ok()?;
        title.set_text_content(Some(text!(board.layers.title)));
        let rows: Vec<Row> = layers
            .iter()
            .enumerate()
            .map(|(number, layer)| Row::build(&list, number, layer, switch.clone(), again.clone()))
            .collect::<Option<_>>()?;
        append(&details, &[&title, &list])?;
        append(parent, &[&details])?;
        Some(Self { details, rows })
    }

    /// Writes which are shown, and what is to be said of each.
    pub fn write(&self, shown: &[bool], standings: &[Standing]) {
        for ((row, is_shown), standing) in self.rows.iter().zip(shown).zip(standings) {
            row.write(*is_shown, standing);
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.details.remove();
    }
}

impl Row {
    fn build(
        list: &Element,
        number: usize,
        layer: &MapLayer,
        switch: impl Fn(usize) + 'static,
        again: impl Fn(usize) + 'static,
    ) -> Option<Self> {
        let (row, label) = (element("li", "")?, element("label", "")?);
        let input: HtmlInputElement = element("input", "")?.unchecked_into();
        input.set_type("checkbox");
        input.set_name(layer.id.as_str());
        let swatch = element("span", &format!("layer-swatch is-{}", layer.color.name()))?;
        swatch.set_attribute("aria-hidden", "true").ok()?;
        let name = element("span", "meaning")?;
        name.set_text_content(Some(&layer.name));
        append(&label, &[&input, &swatch, &name])?;
        // It is there from the beginning, so that what is written into it is read out.
        let (note, text, button) = (element("p", "layer-note")?, element("span", "")?, element("button", "button")?);
        note.set_attribute("role", "status").ok()?;
        button.set_attribute("type", "button").ok()?;
        button.set_attribute("aria-label", &text!(board.layers.again_named, name = &layer.name)).ok()?;
        button.set_text_content(Some(text!(board.layers.again)));
        button.set_hidden(true);
        append(&note, &[&text, &button])?;
        append(&row, &[&label, &note])?;
        append(list, &[&row])?;
        let listeners = [
            Listener::new(&input, "change", move |_| switch(number)),
            Listener::new(&button, "click", move |_| again(number)),
        ];
        let name = layer.name.clone();
        Some(Self { name, switch: input, note, text, again: button, _listeners: listeners })
    }

    fn write(&self, is_shown: bool, standing: &Standing) {
        self.switch.set_checked(is_shown);
        let (text, can_try) = match standing {
            Standing::Unasked | Standing::Drawn => (String::new(), false),
            Standing::Loading => (text!(board.layers.loading).to_owned(), false),
            Standing::Absent(Why::Missing) => (text!(board.layers.missing, name = &self.name), true),
            Standing::Absent(Why::Failed(why)) => (text!(board.layers.failed, name = &self.name, why = why), true),
        };
        let text = if is_shown { text } else { String::new() };
        if self.text.text_content().as_ref() != Some(&text) {
            self.text.set_text_content(Some(&text));
        }
        self.again.set_hidden(!(is_shown && can_try));
        // An empty note would take room.
        let _ = self.note.toggle_attribute_with_force("data-empty", text.is_empty());
    }
}
