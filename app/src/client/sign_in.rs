//! Signing in with a provider (OpenID Connect): the authorization code flow with PKCE, from the button to the token.
//!
//! What is on its way is kept in the tab, is used once, and never is an address: whoever comes back with a code that this
//! tab did not ask for is refused.

use gloo_net::http::{Method, RequestBuilder};
pub use heliograph_shared::api::sign_in::Provider;
use heliograph_shared::api::sign_in::Providers;
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::sign_in::pkce;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::credential::{self, Keep};
use super::http::{self, Failure};
use crate::browser::percent::{encode, parameter};
use crate::browser::storage;

/// Under this name the tab keeps what is on its way.
const PENDING: &str = "heliograph.sign-in";
/// Under this name the tab keeps what the provider wants to see again when somebody signs out.
const HINT: &str = "heliograph.signed-in";
/// The page that providers send people back to.
const BACK: &str = "/signed-in";
/// The page that they send people back to who signed out.
const AFTER: &str = "/manage";
/// ID tokens that are longer are not shown again: providers cut long addresses off.
const HINT_BYTES: usize = 4_096;

/// A sign-in that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    state: String,
    verifier: String,
    nonce: String,
    provider: Provider,
    /// The page to go back to.
    back: String,
    /// The board that it is for; empty: the server's console.
    scope: String,
}

/// The ID token of who is signed in, for the provider alone: here it is worth nothing without the secret of its nonce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hint {
    person: String,
    id_token: String,
}

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// This tab did not ask for it, or has used it.
    NotAsked,
    /// The provider says no.
    Provider(String),
    /// Our server says no.
    Server(Failure),
}

/// Whom to sign in with.
pub async fn providers() -> Vec<Provider> {
    let found: Result<Providers, Failure> = http::send(Method::GET, "/v1/sign-in", None, None).await;
    // A page that can't tell asks for a key, as ever.
    found.map(|found| found.providers).unwrap_or_default()
}

/// The address that a page has where people sign in.
fn address(pending: &Pending, redirect: &str) -> String {
    let provider = &pending.provider;
    let parameters = [
        ("response_type", "code".to_owned()),
        ("client_id", provider.client_id.clone()),
        ("redirect_uri", redirect.to_owned()),
        ("scope", provider.scopes.join(" ")),
        ("state", pending.state.clone()),
        ("nonce", pkce::nonce(&pending.nonce)),
        ("code_challenge", pkce::challenge(&pending.verifier)),
        ("code_challenge_method", pkce::METHOD.to_owned()),
    ];
    let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let sign = if provider.authorization_endpoint.contains('?') { '&' } else { '?' };
    format!("{}{sign}{}", provider.authorization_endpoint, query.join("&"))
}

fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Leaves the page for the provider's; it comes back here.
pub fn begin(provider: Provider, scope: &str) {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return };
    let secret = || storage::random().map(pkce::secret);
    // Without randomness nothing is begun.
    let (Some(state), Some(verifier), Some(nonce)) = (secret(), secret(), secret()) else { return };
    let back = pkce::own_path(&origin(), &location.href().unwrap_or_default()).unwrap_or_else(|| "/".to_owned());
    let pending = Pending { state, verifier, nonce, provider, back, scope: scope.to_owned() };
    if storage::set(storage::tab(), PENDING, &pending) {
        let _ = location.assign(&address(&pending, &format!("{}{BACK}", origin())));
    }
}

/// What the address that a provider sent somebody back with says, for a sign-in that was begun here: the code.
fn code(pending: &Pending, search: &str) -> Result<String, Unsigned> {
    if parameter(search, "state").as_ref() != Some(&pending.state) {
        return Err(Unsigned::NotAsked);
    }
    // Another provider than the one that was asked (RFC 9207).
    if parameter(search, "iss").is_some_and(|iss| iss != pending.provider.issuer) {
        return Err(Unsigned::NotAsked);
    }
    if let Some(error) = parameter(search, "error") {
        return Err(Unsigned::Provider(parameter(search, "error_description").unwrap_or(error)));
    }
    parameter(search, "code").ok_or(Unsigned::NotAsked)
}

/// Ends what was begun: the token is kept, and this is where to go on.
pub async fn finish() -> Result<String, Unsigned> {
    let pending: Option<Pending> = storage::get(storage::tab(), PENDING);
    // Whatever comes of it, it is used once.
    storage::remove(storage::tab(), PENDING);
    let pending = pending.ok_or(Unsigned::NotAsked)?;
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let code = code(&pending, &search)?;
    let tokens = exchange(&pending, &code).await?;
    let body = json!({"id_token": tokens["id_token"], "nonce": pending.nonce, "access_token": tokens["access_token"]});
    let minted: Result<Minted, Failure> = http::send(Method::POST, "/v1/tokens", None, Some(&body)).await;
    let minted = minted.map_err(Unsigned::Server)?;
    keep_hint(&pending.provider, &minted.token, &tokens["id_token"]);
    credential::set(&pending.scope, &minted.token, Keep::Tab);
    credential::proven(&pending.scope);
    Ok(pkce::own_path(&origin(), &pending.back).unwrap_or_else(|| "/".to_owned()))
}

/// What the provider gives for a code.
async fn exchange(pending: &Pending, code: &str) -> Result<Value, Unsigned> {
    let redirect = format!("{}{BACK}", origin());
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect),
        ("client_id", &pending.provider.client_id),
        ("code_verifier", &pending.verifier),
    ];
    let body: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = RequestBuilder::new(&pending.provider.token_endpoint)
        .method(Method::POST)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"));
    let unread = || Unsigned::Provider(text!(client.sign_in.no_answer, name = &pending.provider.title));
    let response = http::fetch(request).await.map_err(|_| unread())?;
    let is_ok = response.ok();
    let answer: Value = response.json().await.map_err(|_| unread())?;
    if is_ok && answer["id_token"].is_string() {
        return Ok(answer);
    }
    let said = [&answer["error_description"], &answer["error"]].into_iter().find_map(Value::as_str);
    Err(said.map_or_else(unread, |said| Unsigned::Provider(said.to_owned())))
}

/// Keeps the ID token where it is wanted again.
fn keep_hint(provider: &Provider, token: &str, id_token: &Value) {
    let known = provider.end_session_endpoint.is_some().then(|| super::renewal::person(token)).flatten();
    if let Some((person, id_token)) = known.zip(id_token.as_str().filter(|text| text.len() <= HINT_BYTES)) {
        storage::set(storage::tab(), HINT, &Hint { person, id_token: id_token.to_owned() });
    }
}

/// The address that signs somebody out at the provider (OpenID Connect RP-Initiated Logout 1.0, section 2).
fn end_address(provider: &Provider, hint: Option<&str>, after: &str) -> Option<String> {
    let endpoint = provider.end_session_endpoint.as_ref()?;
    let parameters = [
        ("id_token_hint", hint),
        ("client_id", Some(provider.client_id.as_str())),
        ("post_logout_redirect_uri", Some(after)),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encode(value?))));
    let query: Vec<String> = given.collect();
    let sign = if endpoint.contains('?') { '&' } else { '?' };
    Some(format!("{endpoint}{sign}{}", query.join("&")))
}

/// Ends the sign-in on the server, too, if the key is of one; where to go on, if the provider is to hear of it.
pub async fn out(key: &str) -> Option<String> {
    let hint: Option<Hint> = storage::get(storage::tab(), HINT);
    storage::remove(storage::tab(), HINT);
    let person = super::renewal::person(key)?;
    // A server that can't be told ends it within the hour.
    let _ = http::send_for_text(Method::POST, "/v1/sign-out", Some(key), Some(&json!({}))).await;
    // The address is the server's to say, not that of what the tab keeps.
    let name = person.split('/').next().unwrap_or_default();
    let provider = providers().await.into_iter().find(|provider| provider.name == name)?;
    let hint = hint.filter(|hint| hint.person == person);
    end_address(&provider, hint.as_ref().map(|hint| hint.id_token.as_str()), &format!("{}{AFTER}", origin()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Pending {
        let provider = Provider {
            issuer: "https://login.example".to_owned(),
            client_id: "c 1".to_owned(),
            authorization_endpoint: "https://login.example/authorize?tenant=a".to_owned(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            ..Provider::default()
        };
        let text = |text: &str| text.to_owned();
        Pending {
            state: text("s-1"),
            verifier: text("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            nonce: text("n"),
            provider,
            back: text("/manage"),
            scope: String::new(),
        }
    }

    #[test]
    fn the_challenge_is_s256_and_neither_secret_is_in_the_address() {
        let address = address(&pending(), "https://board.example/signed-in");
        assert!(address.starts_with(
            "https://login.example/authorize?tenant=a&response_type=code&client_id=c%201&redirect_uri=https%3A%2F%2F"
        ));
        assert!(address.contains("&scope=openid%20email&state=s-1&nonce=s256."));
        assert!(
            address.ends_with("&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256")
        );
        assert!(!address.contains("dBjft") && !address.contains("plain"));
    }

    #[test]
    fn who_signs_out_there_is_named_by_the_id_token_and_comes_back_here() {
        let mut provider = pending().provider;
        assert_eq!(end_address(&provider, Some("a.b.c"), "https://board.example/manage"), None);
        provider.end_session_endpoint = Some("https://login.example/end".to_owned());
        assert_eq!(
            end_address(&provider, Some("a.b.c"), "https://board.example/manage").as_deref(),
            Some(
                "https://login.example/end?id_token_hint=a.b.c&client_id=c%201\
                 &post_logout_redirect_uri=https%3A%2F%2Fboard.example%2Fmanage"
            )
        );
        provider.end_session_endpoint = Some("https://login.example/end?x=1".to_owned());
        let bare = end_address(&provider, None, "https://board.example/manage").unwrap();
        assert!(bare.starts_with("https://login.example/end?x=1&client_id=c%201&post_logout_redirect_uri="), "{bare}");
    }

    #[test]
    fn a_code_counts_for_the_tab_that_asked_for_it_and_from_whom_it_asked() {
        let of = |search: &str| code(&pending(), search);
        assert_eq!(of("?code=a&state=s-1"), Ok("a".to_owned()));
        assert_eq!(of("?code=a&state=s-1&iss=https%3A%2F%2Flogin.example"), Ok("a".to_owned()));
        for search in
            ["", "?code=a", "?code=a&state=s-2", "?state=s-1", "?code=a&state=s-1&iss=https%3A%2F%2Fevil.example"]
        {
            assert_eq!(of(search), Err(Unsigned::NotAsked), "{search}");
        }
        let denied = of("?error=access_denied&error_description=Not+today&state=s-1");
        assert_eq!(denied, Err(Unsigned::Provider("Not today".to_owned())));
        // An error that nobody asked for is not shown: its words are anybody's.
        assert_eq!(of("?error=x&error_description=Call+0900&state=s-2"), Err(Unsigned::NotAsked));
    }
}
