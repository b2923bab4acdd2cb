//! From a link's code to a token. The code comes behind the `#` of the address, which browsers send to nobody; it is taken
//! out of there, and exchanged by `POST`.

use std::cell::RefCell;

use gloo_net::http::Method;
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::problem::Code;
use serde_json::json;

use super::http::{self, Failure};
use super::share;
use crate::browser::clock;
use crate::browser::dom::Timer;

/// Before the code, in the address.
const FRAGMENT: &str = "#share=";
/// A token with less time than this is renewed: well before the feed asks for another.
const RENEW_MILLIS: i64 = 10 * 60_000;
/// After a renewal that failed, and at least so long before the next.
const RETRY_MILLIS: i64 = 30_000;

thread_local! {
    static RENEWAL: RefCell<Option<Timer>> = const { RefCell::new(None) };
}

/// The code in a fragment.
fn in_fragment(hash: &str) -> Option<&str> {
    hash.strip_prefix(FRAGMENT).map(|code| code.split('&').next().unwrap_or_default()).filter(|code| !code.is_empty())
}

/// The code that the page was opened with. It is in the address no more, so that nobody reads it there, and no picture of the
/// screen and no bookmark has it.
pub fn arrived() -> Option<String> {
    let window = web_sys::window()?;
    let location = window.location();
    let hash = location.hash().ok()?;
    let code = in_fragment(&hash)?.to_owned();
    let path = format!("{}{}", location.pathname().ok()?, location.search().ok()?);
    // Only addresses of other sites are refused.
    let _ = window.history().ok()?.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
    Some(code)
}

/// Whether a failure says that a link opens nothing.
pub fn is_over(failure: &Failure) -> bool {
    failure.code == Code::ShareUnknown
}

/// A token of a link with some time left: the one that is there, or a new one.
pub async fn fresh(code: &str) -> Result<Minted, Failure> {
    let before = share::kept(code);
    if let Some(minted) = before.as_ref().filter(|minted| left(minted) > RENEW_MILLIS) {
        return Ok(minted.clone());
    }
    // The token says that this tab has opened the link before, also when it is over.
    let body = match &before {
        Some(minted) => json!({"share": code, "token": minted.token}),
        None => json!({"share": code}),
    };
    match http::send::<Minted>(Method::POST, "/v1/tokens", None, Some(&body)).await {
        Ok(minted) => {
            share::keep(code, &minted);
            Ok(minted)
        }
        Err(failure) if is_over(&failure) => {
            share::forget(code);
            Err(failure)
        }
        // What is there is good for a while yet.
        Err(failure) => before.filter(|minted| left(minted) > 0).ok_or(failure),
    }
}

fn left(minted: &Minted) -> i64 {
    minted.expires_at.since(clock::wall())
}

/// Renews the token of a link before it is over, for as long as the page is there.
pub fn keep_fresh(code: String) {
    let soon = share::kept(&code).map_or(RETRY_MILLIS, |minted| (left(&minted) - RENEW_MILLIS).max(RETRY_MILLIS));
    let timer = Timer::after(i32::try_from(soon).unwrap_or(i32::MAX), move || {
        wasm_bindgen_futures::spawn_local(async move {
            match fresh(&code).await {
                Err(failure) if is_over(&failure) => {}
                Ok(_) | Err(_) => keep_fresh(code),
            }
        });
    });
    RENEWAL.replace(timer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_behind_the_number_sign_only() {
        assert_eq!(in_fragment("#share=04106105x3k9"), Some("04106105x3k9"));
        for other in ["", "#", "#share=", "#12/30.2/-97.7", "share=x", "#unshare=x"] {
            assert_eq!(in_fragment(other), None, "{other}");
        }
    }
}
