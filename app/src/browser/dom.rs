//! Small helpers around the browser's own names.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// Where this server is: scheme, host and port.
pub fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Whether somebody can see the page: it is no tab in the background.
pub fn is_seen() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// Whether a media query holds.
pub fn matches_media(query: &str) -> bool {
    web_sys::window().and_then(|w| w.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}

/// Whether the viewer prefers less motion, or the page around a frame asked for less.
pub fn prefers_reduced_motion() -> bool {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    let is_asked = root.is_some_and(|root| root.get_attribute("data-motion").as_deref() == Some("reduce"));
    is_asked || matches_media("(prefers-reduced-motion: reduce)")
}

/// Whether the page is as narrow as a phone.
pub fn is_narrow() -> bool {
    matches_media("(max-width: 760px)")
}

/// Whether the page is narrow and tall, as a phone that is held upright: there the list of a map is a sheet.
pub fn has_sheet() -> bool {
    matches_media("(max-width: 760px) and (min-height: 481px)")
}

/// Whether the page is as low as a phone that is held sideways: there an item's card lies over the list of a map.
pub fn is_low() -> bool {
    matches_media("(max-height: 480px)")
}

/// A listener that stops listening when it is dropped.
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Calls `handler` at each event.
    pub fn new(target: &EventTarget, event: &'static str, handler: impl FnMut(web_sys::Event) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(web_sys::Event)>::new(handler);
        // It can only fail for a listener that is not a function.
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// A timer that is cancelled when it is dropped.
pub struct Timer {
    handle: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `work` once after `millis`.
    pub fn after(millis: i32, work: impl FnOnce() + 'static) -> Option<Self> {
        let closure = Closure::once(work);
        let handle = web_sys::window()?
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), millis.max(0))
            .ok()?;
        Some(Self { handle, _closure: closure })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.handle);
        }
    }
}

/// Calls `work` before the next frame is painted.
pub fn on_next_frame(work: impl FnOnce() + 'static) {
    if let Some(window) = web_sys::window() {
        let closure = Closure::once_into_js(work);
        // It can only fail for a callback that is not a function.
        let _ = window.request_animation_frame(closure.unchecked_ref());
    }
}

/// Copies text to the clipboard; `done` learns whether that worked.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
    let clipboard: JsValue = js_sys::Reflect::get(&navigator, &"clipboard".into()).unwrap_or_default();
    if clipboard.is_undefined() {
        // Only secure origins have a clipboard.
        return done(false);
    }
    let written = navigator.clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        done(wasm_bindgen_futures::JsFuture::from(written).await.is_ok());
    });
}

/// Gives the page the whole screen, or gives the screen back.
pub fn toggle_fullscreen() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(page) = document.document_element() {
        // A browser that does not allow it leaves the page as it is.
        let _ = page.request_fullscreen();
    }
}

/// Gives the focus to the element of this id.
pub fn focus(id: &str) {
    let element = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that can't take it leaves it where it is.
        let _ = element.focus();
    }
}

/// Sets the page's title.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Whether an event began in something that takes text, so that letters are not shortcuts.
pub fn is_typing(event: &web_sys::Event) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return false;
    };
    let is_slider = element.get_attribute("type").is_some_and(|kind| kind == "range");
    let takes_text = matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    (takes_text && !is_slider) || element.has_attribute("contenteditable")
}
