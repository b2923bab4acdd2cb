//! Keys and tokens that a viewer pasted: for this tab, or for this device when the viewer says so. Never in an address.
//!
//! A key that opened one board is tried on the next private one, so that it is asked for once.

use std::cell::RefCell;
use std::collections::HashMap;

use web_sys::Storage;

use super::share;

/// The key that was given last, for boards that have none of their own.
const LATEST: &str = "heliograph.key";

thread_local! {
    /// What took the place of keys that pages were opened with.
    static REPLACED: RefCell<HashMap<String, String>> = RefCell::new(HashMap::new());
}

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

/// Keeps a key for a board. It is tried on no other board before it is [`proven`].
pub fn set(board: &str, key: &str, keep: Keep) {
    let chosen = match keep {
        Keep::Tab => tab(),
        Keep::Device => device(),
    };
    for storage in [tab(), device()].into_iter().flatten() {
        let _ = storage.remove_item(&name(board));
    }
    // A full or forbidden storage only means that the key is asked for again.
    let _ = chosen.map(|storage| storage.set_item(&name(board), key));
}

/// Keeps a link in the place of a board's key, for this tab: what is kept on the device stays there.
pub fn set_link(board: &str, code: &str) {
    // As above.
    let _ = tab().map(|storage| storage.set_item(&name(board), &share::name(code)));
}

/// Forgets a link that is over; a key that is kept on the device counts again.
pub fn forget_link(board: &str) {
    let _ = tab().map(|storage| storage.remove_item(&name(board)));
}

/// The board's key opened it: it becomes the latest, for as long as it is kept. A board without a key was opened by the
/// latest, and keeps that.
pub fn proven(board: &str) {
    // A link is of one board.
    if get(board).is_some_and(|key| share::code_of(&key).is_some()) {
        return;
    }
    let (from, to) =
        if get(board).is_some() { (name(board), LATEST.to_owned()) } else { (LATEST.to_owned(), name(board)) };
    for storage in [tab(), device()].into_iter().flatten() {
        if let Ok(Some(key)) = storage.get_item(&from) {
            // As above.
            let _ = storage.set_item(&to, &key);
        }
    }
}

/// All that is kept, for whatever board.
pub fn all() -> Vec<String> {
    let mut found: Vec<String> =
        [tab(), device()].into_iter().flatten().flat_map(|storage| kept(&storage)).map(|(_, key)| key).collect();
    found.sort();
    found.dedup();
    found
}

/// Keeps another key wherever this one is kept, and sends that from here on.
pub fn replace(key: String, by: &str) {
    for storage in [tab(), device()].into_iter().flatten() {
        for (name, _) in kept(&storage).into_iter().filter(|(_, own)| *own == key) {
            // As above.
            let _ = storage.set_item(&name, by);
        }
    }
    REPLACED.with_borrow_mut(|replaced| replaced.insert(key, by.to_owned()));
}

/// The key itself, or what took its place since the page was opened with it.
pub fn current(key: &str) -> String {
    REPLACED.with_borrow(|replaced| {
        let mut last = key;
        while let Some(next) = replaced.get(last) {
            last = next;
        }
        last.to_owned()
    })
}

/// The keys of a storage, with their names.
fn kept(storage: &Storage) -> Vec<(String, String)> {
    let names = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?);
    let names: Vec<String> = names.filter(|name| name.starts_with(LATEST)).collect();
    names.into_iter().filter_map(|name| Some((name.clone(), storage.get_item(&name).ok()??))).collect()
}

/// Forgets a board's key wherever it is kept: whoever signs out leaves it for no other board.
pub fn forget(board: &str) {
    let Some(key) = get(board) else { return };
    for storage in [tab(), device()].into_iter().flatten() {
        for (name, _) in kept(&storage).into_iter().filter(|(_, own)| *own == key) {
            let _ = storage.remove_item(&name);
        }
    }
}
