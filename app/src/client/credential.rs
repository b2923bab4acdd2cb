//! Keys and tokens that a viewer pasted: for this tab, or for this device when the viewer says so. Never in an address.
//!
//! A key that opened one board is tried on the next private one, so that it is asked for once.

use web_sys::Storage;

/// The key that was given last, for boards that have none of their own.
const LATEST: &str = "heliograph.key";

/// For how long a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the tab is closed.
    Tab,
    /// Until it is forgotten.
    Device,
}

impl Keep {
    /// What a ticked or empty box means.
    pub const fn chosen(on_device: bool) -> Self {
        if on_device { Self::Device } else { Self::Tab }
    }
}

fn tab() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

fn device() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn name(board: &str) -> String {
    format!("{LATEST}.{board}")
}

fn read(name: &str) -> Option<String> {
    [tab(), device()].into_iter().flatten().find_map(|storage| storage.get_item(name).ok()?)
}

/// The key for a board, if one was given for it.
pub fn get(board: &str) -> Option<String> {
    read(&name(board))
}

/// The key that was given last, for any board.
pub fn latest() -> Option<String> {
    read(LATEST)
}

/// Keeps a key for a board.
pub fn set(board: &str, key: &str, keep: Keep) {
    forget(board);
    let storage = match keep {
        Keep::Tab => tab(),
        Keep::Device => device(),
    };
    let Some(storage) = storage else { return };
    for name in [name(board), LATEST.to_owned()] {
        // A full or forbidden storage only means that the key is asked for again.
        let _ = storage.set_item(&name, key);
    }
}

/// Keeps the latest key for a board that has none, for as long as it is kept itself.
pub fn adopt(board: &str) {
    if get(board).is_some() {
        return;
    }
    for storage in [tab(), device()].into_iter().flatten() {
        if let Ok(Some(key)) = storage.get_item(LATEST) {
            // As above.
            let _ = storage.set_item(&name(board), &key);
        }
    }
}

/// Forgets a board's key, and the latest one.
pub fn forget(board: &str) {
    for storage in [tab(), device()].into_iter().flatten() {
        for name in [name(board), LATEST.to_owned()] {
            let _ = storage.remove_item(&name);
        }
    }
}
