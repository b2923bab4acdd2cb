//! Schemas of types, once as they are sent and once as they are taken, under the names of one document.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Where schemas lie in the finished document.
const HERE: &str = "#/components/schemas/";
/// Where those of requests lie until it is known which of them are the same.
const TAKEN: &str = "#/components/taken/";

/// All schemas that were asked for.
pub struct Schemas {
    sent: SchemaGenerator,
    taken: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = |path: &str| {
            SchemaSettings::draft2020_12().with(|s| {
                s.meta_schema = None;
                s.definitions_path = path.to_owned().into();
            })
        };
        Self {
            sent: settings("/components/schemas").for_serialize().into_generator(),
            taken: settings("/components/taken").for_deserialize().into_generator(),
        }
    }
}

impl Schemas {
    /// What an answer of this type looks like.
    pub fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    /// What a body of this type may look like: what has a default may be left out.
    pub fn taken<T: JsonSchema>(&mut self) -> Value {
        self.taken.subschema_for::<T>().to_value()
    }

    /// The schemas by name. A type that is taken in another shape than it is sent has a second one, with `Input`
    /// behind its name; the document's references to it are corrected.
    pub fn finish(mut self, document: &mut Value) -> Map<String, Value> {
        let mut all = self.sent.take_definitions(true);
        let taken = self.taken.take_definitions(true);
        // What refers to something that differs differs too.
        let mut differing = BTreeSet::new();
        loop {
            let more: BTreeSet<String> = taken
                .iter()
                .filter(|(name, schema)| {
                    let renamed = named((*schema).clone(), &differing);
                    all.get(*name).is_some_and(|sent| *sent != renamed)
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_subset(&differing) {
                break;
            }
            differing.extend(more);
        }
        for (name, schema) in taken {
            all.insert(new_name(&name, &differing), named(schema, &differing));
        }
        *document = named(document.take(), &differing);
        all
    }
}

fn new_name(name: &str, differing: &BTreeSet<String>) -> String {
    if differing.contains(name) { format!("{name}Input") } else { name.to_owned() }
}

/// The same with references to where schemas lie in the end.
fn named(value: Value, differing: &BTreeSet<String>) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let target = value.as_str().filter(|_| key == "$ref").and_then(|t| t.strip_prefix(TAKEN));
                let value = match target {
                    Some(name) => format!("{HERE}{}", new_name(name, differing)).into(),
                    None => named(value, differing),
                };
                (key, value)
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(|v| named(v, differing)).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::config::BoardConfig;
    use serde_json::json;

    #[test]
    fn what_is_taken_in_another_shape_has_a_name_of_its_own() {
        let mut schemas = Schemas::default();
        let mut document = json!({"sent": schemas.sent::<BoardConfig>(), "taken": schemas.taken::<BoardConfig>()});
        let all = schemas.finish(&mut document);
        assert_eq!(document["sent"]["$ref"], "#/components/schemas/BoardConfig");
        assert_eq!(document["taken"]["$ref"], "#/components/schemas/BoardConfigInput");
        // What is sent always has all that is not left out when empty; nothing need be said of what has a default.
        assert!(all["BoardConfig"]["required"].as_array().unwrap().contains(&"tick_ms".into()));
        assert!(all["BoardConfigInput"]["required"].is_null());
        // An enumeration is the same both ways.
        assert!(all.contains_key("Visibility") && !all.contains_key("VisibilityInput"));
    }
}
