//! Percent-encoding, and parameters of an address's query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What RFC 3986 calls reserved, and all that is not ASCII.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes text for a query value or a path segment.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Undoes percent-encoding; a broken escape stays as it is, broken UTF-8 becomes replacement characters.
pub fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A parameter of `location.search`, decoded; nothing when it is absent or empty.
pub fn parameter(search: &str, name: &str) -> Option<String> {
    given(search, name).filter(|value| !value.is_empty())
}

/// The same, where an empty one says something.
pub fn given(search: &str, name: &str) -> Option<String> {
    let pairs = search.strip_prefix('?').unwrap_or(search).split('&');
    let found = pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    found.map(|(_, value)| decode(value))
}

/// The same query with one parameter set or left out, in its place.
pub fn with_parameter(search: &str, name: &str, value: Option<&str>) -> String {
    let is_it = |pair: &str| pair.split('=').next() == Some(name);
    let old = search.strip_prefix('?').unwrap_or(search).split('&').filter(|pair| !pair.is_empty());
    let fresh = value.map(|value| format!("{name}={}", encode(value)));
    let mut parts: Vec<String> = Vec::new();
    let mut placed = false;
    for pair in old {
        if !is_it(pair) {
            parts.push(pair.to_owned());
        } else if let Some(fresh) = fresh.as_ref().filter(|_| !placed) {
            placed = true;
            parts.push(fresh.clone());
        }
    }
    parts.extend(fresh.filter(|_| !placed));
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_an_address() {
        let text = "bus 7/é&=#+%";
        assert_eq!(decode(&encode(text)), text);
        assert_eq!(encode(text), "bus%207%2F%C3%A9%26%3D%23%2B%25");
        assert_eq!(encode("-._~"), "-._~");
        assert_eq!(decode("a+b%20c%zz%4"), "a b c%zz%4");
        assert_eq!(decode("%+4%-1%FF"), "% 4%-1\u{fffd}");
    }

    #[test]
    fn parameters_are_found_and_set_in_their_place() {
        assert_eq!(parameter("?a=1&key=p%2F7&b", "key").as_deref(), Some("p/7"));
        assert_eq!(parameter("?key=&a", "key"), None);
        assert_eq!(with_parameter("?a=1&b=2", "a", Some("x y")), "?a=x%20y&b=2");
        assert_eq!(with_parameter("?a=1", "a", None), "");
        assert_eq!(with_parameter("", "b", Some("2")), "?b=2");
        assert_eq!(with_parameter("?a=1&a=2", "a", Some("3")), "?a=3");
    }
}
