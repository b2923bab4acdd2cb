//! What stands for the key where a board was opened by a link: a name of the link, in whose place each request sends the
//! token that is good then. Both are kept for this tab.

use std::borrow::Cow;

use heliograph_shared::api::tokens::Minted;

use crate::browser::storage::{self, tab};

/// Before the code, in the place of a key. No key and no token begins so.
const NAME: &str = "share:";

/// What stands for the key of a link.
pub fn name(code: &str) -> String {
    format!("{NAME}{code}")
}

/// The code, where a link stands for the key.
pub fn code_of(credential: &str) -> Option<&str> {
    credential.strip_prefix(NAME)
}

fn place(code: &str) -> String {
    format!("heliograph.{NAME}{code}")
}

/// The token of a link that was exchanged last.
pub fn kept(code: &str) -> Option<Minted> {
    storage::get(tab(), &place(code))
}

/// Keeps another token.
pub fn keep(code: &str, minted: &Minted) {
    // A full or forbidden storage only means that the link is opened anew.
    storage::set(tab(), &place(code), minted);
}

/// Forgets the token of a link that is over.
pub fn forget(code: &str) {
    storage::remove(tab(), &place(code));
}

/// What a request sends for a credential: of a link its token, of anything else itself. Nothing for a link without one.
pub fn bearer(credential: &str) -> Option<Cow<'_, str>> {
    match code_of(credential) {
        Some(code) => kept(code).map(|minted| minted.token.into()),
        None => Some(credential.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_link_is_no_key_and_no_token() {
        assert_eq!(code_of(&name("abc")), Some("abc"));
        for other in ["hg_0123", "a.b.c", "abc"] {
            assert_eq!(code_of(other), None);
            assert_eq!(bearer(other).as_deref(), Some(other));
        }
    }
}
