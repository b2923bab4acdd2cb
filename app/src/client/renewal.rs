//! Sign-ins stay good while their page is open: each is renewed before its token ends, until the sign-in is over.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gloo_net::http::Method;
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::rights::{Claims, Grant};
use leptos::prelude::*;
use serde_json::json;

use super::credential;
use super::http::{self, Failure};

/// How often it is looked.
const LOOK: std::time::Duration = std::time::Duration::from_secs(20);

/// What a token of ours says; nothing of an API key. It is the server's to believe it.
fn claims(key: &str) -> Option<Claims> {
    let payload = key.split('.').nth(1).filter(|_| key.split('.').count() == 3)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Whom the token of a sign-in says it is of: the provider's name in the settings, a slash, and the subject.
pub fn person(key: &str) -> Option<String> {
    claims(key).filter(|claims| claims.sign_in.is_some()).map(|claims| claims.sub)
}

/// What a token allows; nothing is known of an API key.
pub fn grants(key: &str) -> Option<Vec<Grant>> {
    claims(key).map(|claims| claims.grants)
}

/// Whether half of a token's time is over, and not all of it nor of the sign-in.
fn is_due(claims: &Claims, now: u64) -> bool {
    let Some(sign_in) = claims.sign_in else { return false };
    let half = claims.iat + claims.exp.saturating_sub(claims.iat) / 2;
    (half..claims.exp).contains(&now) && claims.exp < sign_in.until
}

/// Renews the sign-ins that this browser keeps, now and as long as the page is open.
pub fn keep() {
    look();
    set_interval(look, LOOK);
}

fn look() {
    let now = (js_sys::Date::now() / 1_000.0) as u64;
    for key in credential::all() {
        if claims(&key).is_some_and(|claims| is_due(&claims, now)) {
            leptos::task::spawn_local(renew(key));
        }
    }
}

async fn renew(key: String) {
    let answer: Result<Minted, Failure> =
        http::send(Method::POST, "/v1/tokens", Some(&key), Some(&json!({"renew": true}))).await;
    // Who can't be renewed signs in again when the token ends.
    if let Ok(minted) = answer {
        credential::replace(key, &minted.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::rights::SignIn;

    #[test]
    fn a_sign_in_is_renewed_in_the_second_half_of_its_token_until_it_is_over() {
        let until = |until| Claims {
            iat: 1_000,
            exp: 4_600,
            sign_in: Some(SignIn { until, settings: 1 }),
            ..Claims::default()
        };
        assert!(!is_due(&until(30_000), 2_000) && is_due(&until(30_000), 2_800) && !is_due(&until(30_000), 4_600));
        assert!(!is_due(&until(4_600), 4_000));
        assert!(!is_due(&Claims { iat: 1_000, exp: 4_600, ..Claims::default() }, 4_000));
    }

    #[test]
    fn an_api_key_says_nothing_of_itself() {
        assert!(person("hg_5f0c").is_none() && grants("a.b.c").is_none());
    }
}
