//! Schemas in words.

use super::html::{attribute, inline, text};
use serde_json::Value;
use std::fmt::Write as _;

/// What a value is, in a few words, with its limits.
pub fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/")) {
        return format!("<a href=\"#schema-{}\">{}</a>{}", attribute(name), text(name), default(schema));
    }
    let choices = ["anyOf", "oneOf"].iter().find_map(|n| schema[*n].as_array());
    if let Some(choices) = choices {
        let kinds: Vec<String> = choices.iter().map(kind).collect();
        return format!("{}{}", kinds.join(" or "), default(schema));
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", text(&value.to_string()));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|v| format!("<code>{}</code>", text(&plain(v)))).collect();
        return format!("{}{}", values.join(" or "), default(schema));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => vec!["anything"],
    };
    let words: Vec<String> = types.iter().map(|t| word(t, schema)).collect();
    format!("{}{}{}", words.join(" or "), limits(schema), default(schema))
}

fn word(kind: &str, schema: &Value) -> String {
    match kind {
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("list of {}", super::schema::kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("object of {}", super::schema::kind(&schema["additionalProperties"]))
        }
        other => other.to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn limits(schema: &Value) -> String {
    let mut out = String::new();
    let number = |name: &str| schema[name].as_f64().map(|n| n.to_string());
    let mut range = |least: Option<String>, most: Option<String>, unit: &str| {
        let words = match (least, most) {
            (Some(least), Some(most)) if least == most => format!("{least}{unit}"),
            (Some(least), Some(most)) => format!("{least} to {most}{unit}"),
            (Some(least), None) if least != "0" || unit.is_empty() => format!("from {least} on{unit}"),
            (None, Some(most)) => format!("at most {most}{unit}"),
            _ => return,
        };
        let _ = write!(out, ", {words}");
    };
    range(number("minimum"), number("maximum"), "");
    range(number("minLength"), number("maxLength"), " bytes");
    range(number("minItems"), number("maxItems"), " entries");
    if let Some(pattern) = schema["pattern"].as_str().filter(|p| p.len() < 40) {
        let _ = write!(out, ", <code>{}</code>", text(pattern));
    }
    out
}

fn default(schema: &Value) -> String {
    match schema.get("default") {
        None | Some(Value::Null) => String::new(),
        Some(value) if value.to_string().len() > 60 => String::new(),
        Some(value) => format!(", otherwise <code>{}</code>", text(&value.to_string())),
    }
}

/// The fields of an object, or the values of an enumeration, as a list.
pub fn fields(schema: &Value) -> Option<String> {
    let mut out = String::from("<dl class=\"fields\">");
    if let Some(properties) = schema["properties"].as_object() {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in properties {
            let must = if required.contains(&name.as_str()) { "" } else { " <i>optional</i>" };
            let _ = write!(
                out,
                "<div><dt><code>{}</code> <span class=\"kind\">{}</span>{must}</dt><dd>{}</dd></div>",
                text(name),
                kind(field),
                inline(field["description"].as_str().unwrap_or_default()),
            );
        }
    } else if let Some(values) = schema["oneOf"].as_array().filter(|v| v.iter().all(|v| v.get("const").is_some())) {
        for value in values {
            let about = inline(value["description"].as_str().unwrap_or_default());
            let _ = write!(out, "<div><dt><code>{}</code></dt><dd>{about}</dd></div>", text(&plain(&value["const"])));
        }
    } else {
        return None;
    }
    out.push_str("</dl>");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_are_said_with_their_limits() {
        let said = |schema| kind(&schema);
        assert_eq!(
            said(json!({"type": "integer", "minimum": 1, "maximum": 9, "default": 3})),
            "whole number, 1 to 9, otherwise <code>3</code>"
        );
        assert_eq!(said(json!({"type": ["string", "null"], "maxLength": 8})), "text or null, at most 8 bytes");
        assert_eq!(
            said(json!({"type": "array", "items": {"$ref": "#/components/schemas/Item"}})),
            "list of <a href=\"#schema-Item\">Item</a>"
        );
        assert_eq!(said(json!({"anyOf": [{"type": "boolean"}, {"type": "number"}]})), "true or false or number");
        assert_eq!(said(json!({})), "anything");
    }
}
