//! API keys a viewer pasted, for private boards. They live in `sessionStorage` only: gone with the tab, never in an
//! address.

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

fn name(board: &str) -> String {
    format!("heliograph.key.{board}")
}

/// The key for a board, if one was pasted in this tab.
pub fn get(board: &str) -> Option<String> {
    storage()?.get_item(&name(board)).ok()?
}

/// Keeps a key, or forgets it.
pub fn set(board: &str, key: Option<&str>) {
    let Some(storage) = storage() else { return };
    // A full or forbidden storage only means that the key is asked for again.
    let _ = match key {
        Some(key) => storage.set_item(&name(board), key),
        None => storage.remove_item(&name(board)),
    };
}
