//! What pages keep in the browser. A full or forbidden storage only means that it is asked for again.

use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

/// For this tab only: players' tokens.
pub fn tab() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// For this browser: a leader's questions and book, and what was seen of boards last.
pub fn browser() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Reads what was kept.
pub fn get<T: DeserializeOwned>(storage: Option<Storage>, name: &str) -> Option<T> {
    serde_json::from_str(&storage?.get_item(name).ok()??).ok()
}

/// Keeps something; whether that worked.
pub fn set<T: Serialize>(storage: Option<Storage>, name: &str, value: &T) -> bool {
    let Some((storage, text)) = storage.zip(serde_json::to_string(value).ok()) else { return false };
    storage.set_item(name, &text).is_ok()
}

/// Forgets something.
pub fn remove(storage: Option<Storage>, name: &str) {
    if let Some(storage) = storage {
        let _ = storage.remove_item(name);
    }
}

/// Bytes that nobody can guess, for secrets; none where the browser has none.
pub fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// A text that nobody can guess, for ids.
pub fn nonce() -> String {
    let mut bytes = [0; 8];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    // Every browser that runs this page has it.
    let _ = crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    format!("{:016x}", u64::from_le_bytes(bytes))
}
