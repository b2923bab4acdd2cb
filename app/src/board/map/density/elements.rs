//! Elements of the browser, made without a framework.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// An element of a class.
pub fn element(tag: &str, class: &str) -> Option<HtmlElement> {
    let element = web_sys::window()?.document()?.create_element(tag).ok()?.dyn_into::<HtmlElement>().ok()?;
    element.set_class_name(class);
    Some(element)
}

/// Puts elements into another, in their order.
pub fn append(parent: &Element, children: &[&Element]) -> Option<()> {
    children.iter().try_for_each(|child| parent.append_child(child).ok().map(drop))
}

/// Writes a text that is another.
pub fn write(element: &HtmlElement, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}
