//! When a token ends, as it says itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use heliograph_shared::link::Token;
use heliograph_shared::time::Millis;
use serde_json::Value;

/// A JWT with its end. Nothing for what is no JWT with an end, such as an API key, which has no place in a page.
pub fn read(jwt: &str) -> Option<Token> {
    let mut parts = jwt.split('.');
    let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    // As text, which is what the feed's own JSON is read from: reading bytes would be another copy of the parser.
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let claims: Value = serde_json::from_str(&claims).ok()?;
    let seconds = claims["exp"].as_i64()?;
    Some(Token { jwt: jwt.to_owned(), expires_at: Millis(seconds.checked_mul(1_000)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_when_it_ends() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"x","exp":1772366400}"#);
        let jwt = format!("h.{claims}.s");
        assert_eq!(read(&jwt), Some(Token { jwt, expires_at: Millis(1_772_366_400_000) }));
    }

    #[test]
    fn what_is_no_token_with_an_end_is_none() {
        let endless = format!("h.{}.s", URL_SAFE_NO_PAD.encode(r#"{"sub":"x"}"#));
        for text in ["", "dev-admin-key", "a.b.c", "a.b", "a.b.c.d", &endless] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
