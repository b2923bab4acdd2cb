//! SHA-256 of long bodies, by the platform: it is many times as fast at it as this program.

use crate::outbound::told;
use heliograph_shared::source::aws::sigv4::Hashed;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// From here on it is worth the way to the platform and back, in bytes.
const LONG: usize = 16 * 1024;

/// A body with its hash.
pub async fn hashed(body: &[u8]) -> Hashed<'_> {
    if body.len() < LONG {
        return Hashed::of(body);
    }
    match by_platform(body).await {
        Ok(hash) => Hashed::by_platform(body, hash),
        Err(why) => {
            log_info!("the platform does not hash: {why}");
            Hashed::of(body)
        }
    }
}

async fn by_platform(body: &[u8]) -> Result<[u8; 32], String> {
    let crypto: JsValue = Reflect::get(&js_sys::global(), &"crypto".into()).map_err(told)?;
    let subtle = crypto.unchecked_into::<web_sys::Crypto>().subtle();
    let digest = subtle.digest_with_str_and_js_u8_array("SHA-256", &Uint8Array::from(body)).map_err(told)?;
    let digest = Uint8Array::new(&JsFuture::from(digest).await.map_err(told)?);
    digest.to_vec().try_into().map_err(|wrong: Vec<u8>| format!("a hash of {} bytes", wrong.len()))
}
