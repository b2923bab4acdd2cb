//! The language of a visit in the browser: what it is chosen by, and where it is kept.

use web_sys::Storage;

use crate::browser::percent::{parameter, with_parameter};
use crate::texts::language::{chosen, code, direction};
use crate::texts::{Locale, locale, speak};

const STORAGE_KEY: &str = "heliograph.language";
/// The address's parameter.
const PARAMETER: &str = "lang";

/// Chooses the language, before anything is said, and tells the document. A frame of another site has no storage.
pub fn begin(storage: Option<Storage>) {
    let Some(window) = web_sys::window() else { return };
    let search = window.location().search().unwrap_or_default();
    let kept = storage.and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
    let wished = window.navigator().languages();
    let wished = wished.iter().filter_map(|tag| tag.as_string());
    speak(chosen(parameter(&search, PARAMETER).as_deref(), kept.as_deref(), wished));
    if let Some(root) = window.document().and_then(|document| document.document_element()) {
        // Both can only fail for names that are not attributes.
        let _ = root.set_attribute("lang", code(locale()));
        let _ = root.set_attribute("dir", direction(locale()).code());
    }
}

/// Keeps a choice and loads the page anew: its words are everywhere.
pub fn choose(language: Locale, storage: Option<Storage>) {
    let Some(window) = web_sys::window() else { return };
    if let Some(storage) = storage {
        // A forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(STORAGE_KEY, code(language));
    }
    let location = window.location();
    let search = location.search().unwrap_or_default();
    // A language in the address would win over the choice: let it follow.
    if parameter(&search, PARAMETER).is_some()
        && let (Ok(history), Ok(path)) = (window.history(), location.pathname())
    {
        let hash = location.hash().unwrap_or_default();
        let search = with_parameter(&search, PARAMETER, Some(code(language)));
        let state = history.state().unwrap_or_default();
        // Browsers refuse only when a page writes the address hundreds of times in some seconds.
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{search}{hash}")));
    }
    // It fails only for documents that are gone.
    let _ = location.reload();
}
