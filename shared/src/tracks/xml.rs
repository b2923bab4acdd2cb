//! Text in XML.

use quick_xml::escape::escape;

/// A text as it may stand between tags. Two characters have no place in XML at all (1.0, 2.2); keys have no control
/// characters.
pub fn text(text: &str) -> String {
    let allowed: String = text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    escape(allowed.as_str()).into_owned()
}
