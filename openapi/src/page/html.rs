//! Text as HTML.

use serde_json::Value;

/// Text between tags.
pub fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text in an attribute.
pub fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;")
}

/// Text in which what stands between backquotes is code.
pub fn inline(source: &str) -> String {
    let parts = source.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", text(part)) } else { text(part) }).collect()
}

/// Paragraphs, between empty lines.
pub fn paragraphs(source: &str) -> String {
    let inner: Vec<String> = source.split("\n\n").filter(|p| !p.is_empty()).map(inline).collect();
    if inner.is_empty() { String::new() } else { format!("<p>{}</p>", inner.join("</p><p>")) }
}

/// JSON for people: short values on one line.
pub fn json_text(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value, 0);
    out
}

/// Values that fit into a line are written on one.
const LINE: usize = 88;

fn write_json(out: &mut String, value: &Value, depth: usize) {
    let line = value.to_string();
    let (open, close) = match value {
        Value::Object(map) if !map.is_empty() => ('{', '}'),
        Value::Array(list) if !list.is_empty() => ('[', ']'),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) | Value::Array(_) => {
            out.push_str(&line);
            return;
        }
    };
    if line.len() + 2 * depth <= LINE {
        out.push_str(&line);
        return;
    }
    let named = value.as_object().into_iter().flatten().map(|(name, value)| (Some(name), value));
    let entries = named.chain(value.as_array().into_iter().flatten().map(|value| (None, value)));
    out.push(open);
    for (i, (name, value)) in entries.enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(name) = name {
            out.push_str(&Value::from(name.as_str()).to_string());
            out.push_str(": ");
        }
        write_json(out, value, depth + 1);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_escaped_and_backquotes_are_code() {
        assert_eq!(inline("a < b: `c & d`"), "a &lt; b: <code>c &amp; d</code>");
        assert_eq!(attribute("a \"b\""), "a &quot;b&quot;");
        assert_eq!(paragraphs("a\n\nb"), "<p>a</p><p>b</p>");
    }

    #[test]
    fn long_json_is_broken_into_lines_and_says_the_same() {
        let value = json!({"a": [1, 2], "b": {"c": "x".repeat(90), "d": []}});
        let shown = json_text(&value);
        assert!(shown.contains("\n  \"a\": [1,2],\n"), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
