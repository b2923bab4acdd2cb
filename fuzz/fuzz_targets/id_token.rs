//! Whatever comes as an ID token, as an issuer's keys, or in claims is refused or gives what the rules say, and no pattern.
#![no_main]

use heliograph_shared::sign_in::{Algorithm, Asked, IdToken, Keys, Settings, check, pkce, rules};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

const SETTINGS: &str = r#"{"issuers":[{"name":"a","issuer":"https://a.example","client_id":"c","rules":[
    {"claim":"/g/h","values":["*"],"grants":[{"board":"{value}","operations":["read"],"keys":["{sub}"]}]}]}]}"#;

fuzz_target!(|input: (&str, &[u8], &str)| {
    let (token, keys, address) = input;
    let settings: Settings = serde_json::from_str(SETTINGS).expect("good settings");
    let keys = Keys::parse(keys);
    if let Some(path) = pkce::own_path("https://board.example", address) {
        assert!(path.starts_with('/') && !path.starts_with("//"));
    }
    let Ok(token) = IdToken::parse(token) else { return };
    for issuer in &settings.issuers {
        let _ = check(&token, issuer, Algorithm::Rs256, Asked::default(), Millis(1_772_366_400_000));
        for grant in rules::grants(issuer, "s", &token.claims).unwrap_or_default() {
            assert!(!grant.board.contains('*'));
        }
    }
    if let Ok(keys) = keys {
        let _ = Algorithm::ALL.map(|algorithm| keys.choose(&token.header, algorithm).is_ok());
    }
});
