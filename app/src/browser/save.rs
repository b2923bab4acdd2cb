//! Giving something to the viewer as a file.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Saves bytes under a name.
pub fn save(name: &str, kind: &str, content: &[u8]) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(content));
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has taken the data by then.
    web_sys::Url::revoke_object_url(&url)
}

/// A file's name without what file systems or shells would stumble over.
pub fn file_name(parts: &[&str], end: &str) -> String {
    let clean = |part: &&str| -> String {
        let letters = part.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '-' });
        letters.collect::<String>().trim_matches('-').to_owned()
    };
    let parts: Vec<String> = parts.iter().map(clean).filter(|part| !part.is_empty()).collect();
    format!("{}.{end}", parts.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_on_every_system() {
        assert_eq!(file_name(&["fleet", "a/b:c", "", "2026-03-01T12:00"], "csv"), "fleet_a-b-c_2026-03-01T12-00.csv");
    }
}
