//! Signatures of ID tokens, by the platform's own cryptography.

use crate::outbound::told;
use heliograph_shared::sign_in::{Algorithm, IdToken, PublicKey};
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Whether a token's signature is a key's. What the platform can't verify is not.
pub async fn is_good(token: &IdToken<'_>, key: &PublicKey, algorithm: Algorithm) -> bool {
    verify(token, key, algorithm).await.unwrap_or_else(|why| {
        log_info!("the signature of an ID token can't be verified: {why}");
        false
    })
}

/// Members of an object that names an algorithm.
type Members = Vec<(&'static str, JsValue)>;

/// An algorithm as the platform has it: for its keys, and for signatures.
fn named(algorithm: Algorithm) -> (Members, Members) {
    let name = |name: &str| ("name", JsValue::from(name));
    let hash = |hash: &str| ("hash", JsValue::from(hash));
    let curve = |curve: &str| ("namedCurve", JsValue::from(curve));
    match algorithm {
        Algorithm::Rs256 => (vec![name("RSASSA-PKCS1-v1_5"), hash("SHA-256")], vec![name("RSASSA-PKCS1-v1_5")]),
        // RFC 7518, section 3.5: the salt is as long as the hash.
        Algorithm::Ps256 => {
            (vec![name("RSA-PSS"), hash("SHA-256")], vec![name("RSA-PSS"), ("saltLength", JsValue::from(32))])
        }
        Algorithm::Es256 => (vec![name("ECDSA"), curve("P-256")], vec![name("ECDSA"), hash("SHA-256")]),
        Algorithm::Es384 => (vec![name("ECDSA"), curve("P-384")], vec![name("ECDSA"), hash("SHA-384")]),
        Algorithm::EdDsa => (vec![name("Ed25519")], vec![name("Ed25519")]),
    }
}

fn object(members: Vec<(&'static str, JsValue)>) -> Result<Object, String> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &name.into(), &value).map_err(told)?;
    }
    Ok(object)
}

async fn verify(token: &IdToken<'_>, key: &PublicKey, algorithm: Algorithm) -> Result<bool, String> {
    let (for_key, for_signature) = named(algorithm);
    let (for_key, for_signature) = (object(for_key)?, object(for_signature)?);
    let jwk = serde_json::to_string(key).map_err(|e| e.to_string())?;
    let jwk: Object = JSON::parse(&jwk).map_err(told)?.unchecked_into();
    let crypto: JsValue = Reflect::get(&js_sys::global(), &"crypto".into()).map_err(told)?;
    let subtle = crypto.unchecked_into::<web_sys::Crypto>().subtle();
    let uses = Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("jwk", &jwk, &for_key, false, &uses).map_err(told)?;
    let key: web_sys::CryptoKey = JsFuture::from(key).await.map_err(told)?.unchecked_into();
    let signature = Uint8Array::from(token.signature.as_slice());
    let text = Uint8Array::from(token.signed.as_bytes());
    let good = subtle
        .verify_with_object_and_js_u8_array_and_js_u8_array(&for_signature, &key, &signature, &text)
        .map_err(told)?;
    Ok(JsFuture::from(good).await.map_err(told)?.is_truthy())
}
