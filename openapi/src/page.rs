//! Pages.
use serde_json::Value;
/// x
pub fn operations(_: &Value) -> String {
    String::new()
}
/// x
pub fn errors() -> String {
    String::new()
}
