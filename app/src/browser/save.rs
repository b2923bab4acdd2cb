//! A text as a file that the viewer keeps.

use wasm_bindgen::prelude::*;

/// Gives a text to the browser as a file to keep.
pub fn save(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let link = document.create_element("a").ok().and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser keeps the blob for as long as it saves it; an address that is gone already is no harm.
    let _ = web_sys::Url::revoke_object_url(&address);
}
