//! Percent-encoding, and parameters of an address's query.

use std::fmt::Write as _;

/// Percent-encodes text for a query value or a path segment.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes percent-encoding; a broken escape stays as it is, broken UTF-8 becomes replacement characters.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, escaped.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            (byte, _) => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A parameter of `location.search`, decoded; nothing when it is absent or empty.
pub fn parameter(search: &str, name: &str) -> Option<String> {
    let pairs = search.strip_prefix('?').unwrap_or(search).split('&');
    let found = pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    found.map(|(_, value)| decode(value)).filter(|value| !value.is_empty())
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
        assert_eq!(decode("a+b%20c%zz%4"), "a b c%zz%4");
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
