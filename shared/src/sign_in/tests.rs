//! What needs no signature: attacks with one are in `e2e/live/sign_in.test.mjs`.

use super::claims::{Asked, check};
use super::keys::Keys;
use super::provider::Endpoints;
use super::rules::{Nothing, grants};
use super::settings::{Algorithm, Issuer, Settings};
use super::token::{Header, IdToken};
use super::{Refused, pkce};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const NOW: Millis = Millis(1_800_000_000_000);

fn issuer(more: &Value) -> Issuer {
    let mut issuer = json!({
        "name": "staff", "issuer": "https://login.example/realms/staff", "client_id": "c1",
        "rules": [{"claim": "groups", "values": ["managers", "staff-*"], "grants": [{"board": "fleet", "operations": ["read"]}]}],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        issuer[name] = value.clone();
    }
    serde_json::from_value(issuer).unwrap()
}

fn claims(more: &Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": "https://login.example/realms/staff", "aud": "c1", "sub": "ann", "iat": 1_799_999_990, "exp": 1_800_003_600,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims.as_object().unwrap().clone()
}

fn text(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(header), part(claims))
}

fn checked(more: &Value, asked: Asked<'_>) -> Result<u64, Refused> {
    let token = text(&json!({"alg": "RS256"}), &Value::Object(claims(more)));
    let token = IdToken::parse(&token).unwrap();
    check(&token, &issuer(&json!({})), Algorithm::Rs256, asked, NOW).map(|person| person.until)
}

fn given(issuer: &Issuer, more: &Value) -> Result<Vec<(String, Vec<String>)>, Nothing> {
    let found = grants(issuer, "ann", &claims(more))?;
    Ok(found.into_iter().map(|grant| (grant.board, grant.keys)).collect())
}

#[test]
fn the_challenge_is_that_of_rfc_7636() {
    assert_eq!(
        pkce::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    assert_eq!(pkce::secret([255; 32]).len(), 43);
}

#[test]
fn a_page_goes_back_to_its_own_origin_only() {
    let own = "https://board.example";
    let back = |address: &str| pkce::own_path(own, address);
    assert_eq!(back("/b/fleet?a=1#x").as_deref(), Some("/b/fleet?a=1#x"));
    assert_eq!(back("https://board.example/manage").as_deref(), Some("/manage"));
    assert_eq!(back("https://board.example").as_deref(), Some("/"));
    for address in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://board.example//evil.example",
        "https://board.example@evil.example/",
        "https://board.example.evil.example/",
        "https://x:y@board.example/",
        "http://board.example/",
        "https://board.example:8443/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%09/evil.example\u{0}\n//",
        "\t//evil.example",
        "https:evil.example",
    ] {
        assert!(
            back(address).is_none_or(|path| path.starts_with('/') && !path.starts_with("//")),
            "{address}: {:?}",
            back(address)
        );
    }
    assert_eq!((back("//evil.example"), back("\t//evil.example"), back("/\\evil.example")), (None, None, None));
    assert_eq!((back("https://board.example//evil.example"), back("javascript:alert(1)")), (None, None));
}

#[test]
fn a_nonce_of_a_secret_is_proven_by_the_secret_alone() {
    let nonce = pkce::nonce("secret");
    assert!(pkce::is_nonce(Some(&nonce), Some("secret")));
    assert!(!pkce::is_nonce(Some(&nonce), None) && !pkce::is_nonce(Some(&nonce), Some(&nonce)));
    assert!(pkce::is_nonce(Some("own"), None) && pkce::is_nonce(Some("own"), Some("own")));
    assert!(
        !pkce::is_nonce(Some("own"), Some("other")) && !pkce::is_nonce(None, Some("x")) && pkce::is_nonce(None, None)
    );
}

#[test]
fn a_sign_in_ends_so_long_after_its_token_was_made_whenever_that_is_exchanged() {
    assert_eq!(checked(&json!({}), Asked::default()), Ok(1_799_999_990 + 8 * 3_600));
    // A token of a clock that is ahead gives no more.
    assert_eq!(checked(&json!({"iat": 1_800_000_050}), Asked::default()), Ok(1_800_000_000 + 8 * 3_600));
    assert_eq!(checked(&json!({"iat": 1_799_971_200}), Asked::default()), Err(Refused::TooOld));
    assert_eq!(checked(&json!({"iat": 1_799_999_990.5}), Asked::default()), Ok(1_799_999_990 + 8 * 3_600));
}

#[test]
fn claims_are_refused_for_their_own_reasons() {
    let refused = |more: Value| checked(&more, Asked::default()).unwrap_err();
    assert_eq!(refused(json!({"exp": 1_799_999_940})), Refused::Expired);
    assert_eq!(refused(json!({"nbf": 1_800_000_061})), Refused::Future);
    assert_eq!(refused(json!({"azp": "c2"})), Refused::Audience("azp"));
    assert_eq!(refused(json!({"aud": ["c1", "c2"]})), Refused::Audience("azp"));
    assert_eq!(refused(json!({"aud": "c2"})), Refused::Audience("aud"));
    assert_eq!(refused(json!({"sub": "a\u{7}"})), Refused::Claim("sub"));
    assert_eq!(refused(json!({"token_use": "access"})), Refused::OtherKind);
    assert_eq!(refused(json!({"iss": "https://login.example/realms/staff/"})), Refused::Issuer);
}

#[test]
fn the_hash_of_an_access_token_is_the_one_of_the_standard() {
    // OpenID Connect Core 1.0, appendix A.3.
    let asked = Asked { access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), nonce: None };
    assert!(checked(&json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}), asked).is_ok());
    assert_eq!(checked(&json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RA"}), asked), Err(Refused::AtHash));
}

#[test]
fn a_key_is_chosen_by_name_kind_and_use_or_not_at_all() {
    let n = URL_SAFE_NO_PAD.encode([200_u8; 256]);
    let small = URL_SAFE_NO_PAD.encode([200_u8; 128]);
    let keys = |list: Value| Keys::parse(json!({ "keys": list }).to_string().as_bytes()).unwrap();
    let header = |kid: Option<&str>| Header { alg: "RS256".into(), kid: kid.map(str::to_owned), ..Header::default() };
    let rsa = |kid: &str, more: Value| {
        let mut key = json!({"kty": "RSA", "kid": kid, "n": n, "e": "AQAB"});
        more.as_object().into_iter().flatten().for_each(|(name, value)| key[name] = value.clone());
        key
    };
    let one = keys(
        json!([rsa("a", json!({})), rsa("b", json!({"use": "enc"})), rsa("c", json!({"alg": "RS512"})), {"kty": "moon"}, 7]),
    );
    assert!(
        one.choose(&header(Some("a")), Algorithm::Rs256).is_ok() && one.choose(&header(None), Algorithm::Rs256).is_ok()
    );
    for kid in ["b", "c", "d", "A", ""] {
        assert_eq!(one.choose(&header(Some(kid)), Algorithm::Rs256), Err(Refused::Key), "{kid}");
    }
    assert_eq!(one.choose(&header(Some("a")), Algorithm::Es256), Err(Refused::Key));
    assert!(one.has(Some("b")) && !one.has(Some("d")) && one.has(None));
    let two = keys(json!([rsa("a", json!({})), rsa("a", json!({})), rsa("z", json!({"n": small}))]));
    assert_eq!(two.choose(&header(Some("a")), Algorithm::Rs256), Err(Refused::Key));
    assert_eq!(two.choose(&header(None), Algorithm::Rs256), Err(Refused::Key));
    assert_eq!(two.choose(&header(Some("z")), Algorithm::Rs256), Err(Refused::Key));
    assert!(Keys::parse(b"{}").is_err() && Keys::parse(&vec![b'['; 100_000]).is_err());
}

#[test]
fn rules_read_texts_lists_and_what_is_deeper() {
    let fleet = || vec![("fleet".to_owned(), vec!["*".to_owned()])];
    let of = |claim: &str, values: Value, grants: Value| {
        issuer(&json!({"rules": [{"claim": claim, "values": values, "grants": grants}]}))
    };
    let plain = issuer(&json!({}));
    assert_eq!(given(&plain, &json!({"groups": "managers"})), Ok(fleet()));
    assert_eq!(given(&plain, &json!({"groups": ["x", "staff-7", "staff-8"]})), Ok(fleet()));
    for groups in
        [json!([]), json!("manager"), json!(["Managers"]), json!({"managers": 1}), json!([["managers"]]), json!(null)]
    {
        assert_eq!(given(&plain, &json!({ "groups": groups })), Err(Nothing::NoRule), "{groups}");
    }
    let read = json!([{"board": "fleet", "operations": ["read"]}]);
    let deep = of("/realm_access/roles", json!(["lead"]), read.clone());
    assert_eq!(given(&deep, &json!({"realm_access": {"roles": ["lead"]}})), Ok(fleet()));
    assert_eq!(given(&deep, &json!({"/realm_access/roles": ["lead"]})), Err(Nothing::NoRule));
    let named = of("https://board.example/roles", json!(["lead"]), read.clone());
    assert_eq!(given(&named, &json!({"https://board.example/roles": ["lead"]})), Ok(fleet()));
    // An address that nobody has proven is anybody's.
    let mail = of("email", json!(["ann@example.org"]), read);
    assert_eq!(given(&mail, &json!({"email": "ann@example.org", "email_verified": true})), Ok(fleet()));
    for verified in [json!(false), json!("true"), json!(null)] {
        let claims = json!({"email": "ann@example.org", "email_verified": verified});
        assert_eq!(given(&mail, &claims), Err(Nothing::NoRule), "{verified}");
    }
    let left_out = json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {}});
    assert_eq!(given(&plain, &left_out), Err(Nothing::LeftOut("groups".into())));
}

#[test]
fn a_value_in_a_grant_is_one_name() {
    let own = json!([{"board": "quiz-{value}", "operations": ["manage"]}, {"board": "fleet", "operations": ["publish"], "keys": ["{sub}"]}]);
    let issuer = issuer(&json!({"rules": [{"claim": "teams", "values": ["*"], "grants": own}]}));
    let all = || vec!["*".to_owned()];
    let of_ann = || ("fleet".to_owned(), vec!["ann".to_owned()]);
    let found = given(&issuer, &json!({"teams": ["7b", "7c", "7b"]}));
    assert_eq!(found, Ok(vec![("quiz-7b".into(), all()), of_ann(), ("quiz-7c".into(), all())]));
    // What is no name of a board gives no board.
    for team in ["*", "7*", "{sub}", "7 b", "", "Ü"] {
        let found = given(&issuer, &json!({ "teams": team })).unwrap_or_default();
        assert!(found.iter().all(|(board, _)| board == "fleet"), "{team}: {found:?}");
    }
    let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert!(matches!(given(&issuer, &json!({ "teams": many })), Err(Nothing::TooMuch(_))));
}

#[test]
fn what_an_issuer_publishes_is_believed_for_itself_only() {
    let with_slash = issuer(&json!({"issuer": "https://a.auth0.com/"}));
    assert_eq!(with_slash.discovery(), "https://a.auth0.com/.well-known/openid-configuration");
    let own = issuer(&json!({"jwks_uri": "https://keys.example/set"}));
    let published = |issuer: &str, jwks: &str, authorize: &str| {
        json!({"issuer": issuer, "jwks_uri": jwks, "authorization_endpoint": authorize, "token_endpoint": "https://login.example/t", "x": 1})
            .to_string()
    };
    let read = |text: String| Endpoints::read(&own, text.as_bytes());
    let good = read(published(&own.issuer, "https://elsewhere.example/", "https://login.example/a")).unwrap();
    assert_eq!(
        (good.jwks.as_str(), good.token_origin().as_deref()),
        ("https://keys.example/set", Some("https://login.example"))
    );
    assert_eq!(good.check(false), Ok(()));
    assert!(read(published("https://evil.example", "https://x.example", "https://y.example")).is_err());
    for bad in ["javascript:alert(1)", "http://login.example/a", "https://10.0.0.1/", "https://x:y@login.example/"] {
        assert!(read(published(&own.issuer, "https://k.example", bad)).unwrap().check(false).is_err(), "{bad}");
    }
}

#[test]
fn people_are_signed_out_there_only_where_the_settings_want_it_and_at_an_address_that_may_be_opened() {
    let published = |end: Value| {
        json!({
            "issuer": "https://login.example/realms/staff", "jwks_uri": "https://login.example/k",
            "authorization_endpoint": "https://login.example/a", "token_endpoint": "https://login.example/t",
            "end_session_endpoint": end,
        })
        .to_string()
    };
    let read = |issuer: &Issuer, end: Value| Endpoints::read(issuer, published(end).as_bytes()).unwrap();
    let wants = issuer(&json!({"sign_out_at_provider": true}));
    let end = json!("https://login.example/end");
    assert_eq!(read(&issuer(&json!({})), end.clone()).end_session, None);
    assert_eq!(read(&wants, end.clone()).end_session.as_deref(), Some("https://login.example/end"));
    assert_eq!(read(&wants, Value::Null).end_session, None);
    let own = issuer(&json!({"sign_out_at_provider": true, "end_session_endpoint": "https://own.example/logout?a=b"}));
    assert_eq!(read(&own, end).end_session.as_deref(), Some("https://own.example/logout?a=b"));
    for bad in ["javascript:alert(1)", "http://login.example/end", "https://10.0.0.1/"] {
        assert!(read(&wants, json!(bad)).check(false).is_err(), "{bad}");
    }
    // With all other addresses in the settings it is asked for all the same.
    let addresses = json!({
        "jwks_uri": "https://l.example/k", "authorization_endpoint": "https://l.example/a", "token_endpoint": "https://l.example/t",
    });
    let mut whole = issuer(&addresses);
    assert!(Endpoints::configured(&whole).is_some_and(|endpoints| endpoints.end_session.is_none()));
    assert!(!whole.called().any(|(name, _)| name == "issuer"));
    whole.sign_out_at_provider = true;
    assert!(Endpoints::configured(&whole).is_none() && whole.called().any(|(name, _)| name == "issuer"));
    whole.end_session_endpoint = Some("https://l.example/end".to_owned());
    assert!(Endpoints::configured(&whole).is_some_and(|endpoints| endpoints.end_session.is_some()));
}

#[test]
fn settings_say_what_is_wrong_with_every_field() {
    let check = |issuers: Value| {
        let settings: Settings = serde_json::from_value(json!({ "issuers": issuers })).unwrap();
        settings.check(false).into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    let one = serde_json::to_value(issuer(&json!({}))).unwrap();
    let with = |name: &str, value: Value| {
        let mut other = one.clone();
        other[name] = value;
        other
    };
    assert_eq!(check(json!([one])), Vec::<String>::new());
    assert_eq!(check(json!([one, one])), ["issuers[1].name", "issuers[1].client_id"]);
    assert_eq!(check(json!([one, with("name", json!("b"))])), ["issuers[1].client_id"]);
    for (name, bad) in [
        ("name", json!("")),
        ("name", json!("a/b")),
        ("title", json!("x".repeat(61))),
        ("issuer", json!("https://login.example/?tenant=1")),
        ("issuer", json!("http://login.example")),
        ("issuer", json!("https://localhost")),
        ("jwks_uri", json!("https://192.168.0.1/keys")),
        ("end_session_endpoint", json!("javascript:alert(1)")),
        ("client_id", json!("")),
        ("other_client_ids", json!([""])),
        ("algorithms", json!([])),
        ("scopes", json!(["profile"])),
        ("scopes", json!(["openid", "a b"])),
        ("session_s", json!(1)),
        ("clock_tolerance_s", json!(301)),
    ] {
        assert_eq!(check(json!([with(name, bad.clone())])), [format!("issuers[0].{name}")], "{bad}");
    }
    let rule = |rule: Value| check(json!([with("rules", json!([rule]))]));
    let read = json!([{"board": "fleet", "operations": ["read"]}]);
    assert_eq!(rule(json!({"claim": "a", "values": ["x"], "grants": []})), ["issuers[0].rules[0].grants"]);
    assert_eq!(rule(json!({"claim": "a", "values": [""], "grants": read})), ["issuers[0].rules[0].values"]);
    let held = json!([{"board": "fleet", "operations": []}]);
    assert_eq!(rule(json!({"claim": "a", "values": ["x"], "grants": held})).len(), 1);
    for unknown in ["HS256", "none", "RS384"] {
        assert!(serde_json::from_value::<Issuer>(with("algorithms", json!([unknown]))).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_is_more_than_refused(text in ".{0,200}", header in "[ -~]{0,60}", payload in "[ -~]{0,60}") {
        let _ = IdToken::parse(&text);
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let _ = IdToken::parse(&format!("{}.{}.{}", part(&header), part(&payload), part("s")));
        let _ = Keys::parse(text.as_bytes());
        let _ = pkce::own_path("https://board.example", &text);
    }

    #[test]
    fn what_is_gone_back_to_is_of_the_own_origin(text in "[/\\\\:a-z.@?#%\t ]{0,40}") {
        if let Some(path) = pkce::own_path("https://board.example", &text) {
            let there = url::Url::parse("https://board.example/signed-in").unwrap().join(&path).unwrap();
            prop_assert_eq!(there.origin().ascii_serialization(), "https://board.example");
        }
    }

    #[test]
    fn no_value_of_a_claim_gives_another_board_than_its_own(value in "[a-z0-9*{}-]{0,8}") {
        let rule = json!([{"claim": "team", "values": ["*"], "grants": [{"board": "quiz-{value}", "operations": ["read"]}]}]);
        let found = given(&issuer(&json!({ "rules": rule })), &json!({ "team": value })).unwrap_or_default();
        for (board, _) in found {
            prop_assert_eq!(&board, &format!("quiz-{value}"));
            prop_assert!(!board.contains('*'));
        }
    }
}
