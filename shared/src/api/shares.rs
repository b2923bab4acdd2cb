//! Links that share a part of a board.

use crate::rights::{Conditions, Operation};
use crate::share::{Share, ShareState};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A link, for the board's managers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownShare {
    /// Its id.
    pub id: String,
    /// What opens it; null when the key that it was derived from is gone.
    pub code: Option<String>,
    /// The page that opens with it: the code stands behind the `#`, which browsers send to nobody.
    pub url: Option<String>,
    /// What it is for.
    pub label: String,
    /// What it shares.
    pub keys: Vec<String>,
    /// What may be done with it.
    pub operations: Vec<Operation>,
    /// What narrows it further.
    #[serde(default, skip_serializing_if = "Conditions::is_none")]
    pub conditions: Conditions,
    /// When it was made.
    pub made: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// How many may open it; null for as many as come.
    pub count: Option<u32>,
    /// How many have.
    pub uses: u32,
    /// When one last did.
    pub used: Option<Millis>,
    /// Whether it opens anything.
    pub state: ShareState,
}

/// The links of a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shares {
    /// The oldest first.
    pub shares: Vec<ShownShare>,
}

impl ShownShare {
    /// A link with its code, where that can be told, on a site of this origin.
    pub fn of(share: Share, code: Option<String>, origin: &str, now: Millis) -> Self {
        let state = if code.is_none() { ShareState::KeyGone } else { share.state(now) };
        let url = code.as_ref().map(|code| address(&share, origin, code));
        let Share { id, label, grant, made, expires_at, count, uses, used, .. } = share;
        let (keys, operations, conditions) = (grant.keys, grant.operations, grant.conditions);
        let id = id.into();
        Self { id, code, url, label, keys, operations, conditions, made, expires_at, count, uses, used, state }
    }
}

/// The page of a link: the board's, with the item chosen where it is one.
fn address(share: &Share, origin: &str, code: &str) -> String {
    let item = match share.grant.keys.as_slice() {
        [key] if !key.ends_with('*') => {
            format!("?item={}", percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC))
        }
        _ => String::new(),
    };
    format!("{origin}/b/{}{item}#share={code}", share.board)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardName;
    use crate::share::{ShareId, ShareWish};
    use serde_json::json;

    fn shown(wish: serde_json::Value, code: Option<&str>) -> ShownShare {
        let wish: ShareWish = serde_json::from_value(wish).unwrap();
        let board = BoardName::try_from("fleet").unwrap();
        let (share, _) = wish.make(ShareId::of([0; 5]), *b"abcd", board, Millis(0)).unwrap();
        ShownShare::of(share, code.map(str::to_owned), "https://live.example", Millis(0))
    }

    #[test]
    fn a_link_leads_to_the_board_and_its_one_item_with_the_code_where_no_server_sees_it() {
        let url = |wish| shown(wish, Some("CODE")).url.unwrap();
        assert_eq!(url(json!({})), "https://live.example/b/fleet#share=CODE");
        assert_eq!(url(json!({"keys": ["bus-*"]})), "https://live.example/b/fleet#share=CODE");
        assert_eq!(url(json!({"keys": ["bus 7&x"]})), "https://live.example/b/fleet?item=bus%207%26x#share=CODE");
    }

    #[test]
    fn a_link_whose_key_is_gone_has_no_code_and_says_why() {
        let lost = shown(json!({}), None);
        assert_eq!((lost.state, lost.url), (ShareState::KeyGone, None));
    }
}
