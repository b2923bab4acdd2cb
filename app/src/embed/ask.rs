//! One question to the server, with as little code as that takes.

use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

/// What came of a question.
pub enum Answer {
    /// A good answer.
    Good(Value),
    /// A refusal, by its HTTP status; 0: the server could not be reached.
    Refused(u16),
}

/// Asks for JSON. No cookie goes with it, and none is kept.
pub async fn ask(path: &str, token: Option<&str>) -> Answer {
    match read(path, token).await {
        Ok(text) => serde_json::from_str(&text).map_or(Answer::Refused(0), Answer::Good),
        Err(status) => Answer::Refused(status),
    }
}

/// Asks for a text, or says the status of the refusal; 0: the server could not be reached.
pub async fn read(path: &str, token: Option<&str>) -> Result<String, u16> {
    fetch(path, token).await.unwrap_or(Err(0))
}

async fn fetch(path: &str, token: Option<&str>) -> Result<Result<String, u16>, JsValue> {
    let init = RequestInit::new();
    init.set_credentials(web_sys::RequestCredentials::Omit);
    if let Some(token) = token {
        let headers = js_sys::Object::new();
        js_sys::Reflect::set(&headers, &"authorization".into(), &format!("Bearer {token}").into())?;
        init.set_headers(&headers);
    }
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.unchecked_into();
    if !response.ok() {
        return Ok(Err(response.status()));
    }
    Ok(Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default()))
}
