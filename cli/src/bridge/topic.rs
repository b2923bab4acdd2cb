//! Topics with names in them: `fleet/{key}/position` is what is subscribed to as `fleet/+/position`, and tells the key.

use std::str::FromStr;

/// How levels of a topic are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// `a/b`, with `+` and `#`: MQTT.
    Slash,
    /// `a.b`, with `*` and `>`: NATS.
    Dot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Literal(String),
    Any,
    Key,
    Field,
}

/// A pattern of topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    separator: char,
    any: &'static str,
    rest: &'static str,
    /// What stands before the pattern for a shared subscription.
    share: Option<String>,
    levels: Vec<Level>,
    has_rest: bool,
}

/// What a topic says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// What stands at `{key}`; several are joined by a slash. It is empty where nothing stands at one of them, which is no
    /// key.
    pub key: Option<String>,
    /// What stands at `{field}`.
    pub field: Option<String>,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str, levels: Levels) -> Result<Self, String> {
        let (separator, any, rest) = match levels {
            Levels::Slash => ('/', "+", "#"),
            Levels::Dot => ('.', "*", ">"),
        };
        let (share, text) = split_share(text)?;
        if text.is_empty() {
            return Err("a topic is missing".to_owned());
        }
        let mut pattern = Self { separator, any, rest, share, levels: Vec::new(), has_rest: false };
        for part in text.split(separator) {
            if pattern.has_rest {
                return Err(format!("`{rest}` stands at the end of a topic only: {text}"));
            }
            pattern.levels.push(match part {
                "{key}" => Level::Key,
                "{field}" => Level::Field,
                part if part == any => Level::Any,
                part if part == rest => {
                    pattern.has_rest = true;
                    continue;
                }
                part if part.contains(['{', '}']) => {
                    return Err(format!("`{part}` in {text}: {{key}} and {{field}} are whole levels of a topic"));
                }
                part if part.contains([any, rest].map(|wild| wild.chars().next().unwrap_or_default())) => {
                    return Err(format!("`{part}` in {text}: `{any}` and `{rest}` are whole levels of a topic"));
                }
                part => Level::Literal(part.to_owned()),
            });
        }
        Ok(pattern)
    }

    /// What the broker is asked for.
    pub fn filter(&self) -> String {
        let levels = self.levels.iter().map(|level| match level {
            Level::Literal(text) => text.as_str(),
            Level::Any | Level::Key | Level::Field => self.any,
        });
        let levels: Vec<&str> = levels.chain(self.has_rest.then_some(self.rest)).collect();
        let share = self.share.as_deref().map(|name| format!("$share/{name}/")).unwrap_or_default();
        share + &levels.join(&self.separator.to_string())
    }

    /// Whether several clients share what comes.
    pub fn is_shared(&self) -> bool {
        self.share.is_some()
    }

    /// What a topic says, if it is one of these.
    pub fn read(&self, topic: &str) -> Option<Named> {
        let mut named = Named::default();
        let mut parts = topic.split(self.separator);
        let mut is_hollow = false;
        for level in &self.levels {
            let part = parts.next()?;
            let place = match level {
                Level::Literal(text) if text == part => continue,
                Level::Literal(_) => return None,
                Level::Any => continue,
                Level::Key => {
                    is_hollow |= part.is_empty();
                    &mut named.key
                }
                Level::Field => &mut named.field,
            };
            *place = Some(place.take().map_or_else(|| part.to_owned(), |before| format!("{before}/{part}")));
        }
        if is_hollow {
            named.key = Some(String::new());
        }
        (self.has_rest || parts.next().is_none()).then_some(named)
    }
}

impl Named {
    /// Whether a level is empty that should tell the key.
    pub fn is_hollow(&self) -> bool {
        self.key.as_deref() == Some("")
    }
}

/// What the first pattern says that a topic is of.
pub fn read_any(patterns: &[Pattern], topic: &str) -> Named {
    patterns.iter().find_map(|pattern| pattern.read(topic)).unwrap_or_default()
}

fn split_share(text: &str) -> Result<(Option<String>, &str), String> {
    let Some(rest) = text.strip_prefix("$share/") else { return Ok((None, text)) };
    match rest.split_once('/') {
        Some((name, topic)) if !name.is_empty() => Ok((Some(name.to_owned()), topic)),
        _ => Err(format!("a shared topic is `$share/NAME/TOPIC`, not {text}")),
    }
}

/// A pattern of MQTT topics, for the command line.
#[derive(Clone, Debug)]
pub struct MqttTopic(pub Pattern);

impl FromStr for MqttTopic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Pattern::parse(text, Levels::Slash).map(Self)
    }
}

/// A pattern of NATS subjects.
#[derive(Clone, Debug)]
pub struct NatsSubject(pub Pattern);

impl FromStr for NatsSubject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Pattern::parse(text, Levels::Dot).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mqtt(text: &str) -> Pattern {
        Pattern::parse(text, Levels::Slash).unwrap()
    }

    fn named(key: Option<&str>, field: Option<&str>) -> Named {
        Named { key: key.map(str::to_owned), field: field.map(str::to_owned) }
    }

    #[test]
    fn a_topic_tells_the_key_and_the_field() {
        let pattern = mqtt("fleet/{key}/position");
        assert_eq!(pattern.filter(), "fleet/+/position");
        assert_eq!(pattern.read("fleet/v1/position"), Some(named(Some("v1"), None)));
        assert_eq!(pattern.read("fleet/v1/position/x"), None);
        assert_eq!(pattern.read("fleet/v1"), None);
        assert_eq!(mqtt("owntracks/{key}/{key}").read("owntracks/jane/phone"), Some(named(Some("jane/phone"), None)));
        assert_eq!(mqtt("s/{key}/{field}").read("s/oven/temperature"), Some(named(Some("oven"), Some("temperature"))));
        let rest = mqtt("{key}/#");
        assert_eq!(
            (rest.filter().as_str(), rest.read("a/b/c"), rest.read("a")),
            ("+/#", Some(named(Some("a"), None)), Some(named(Some("a"), None)))
        );
        assert_eq!(read_any(&[mqtt("a/{key}"), mqtt("b/{key}/x")], "b/7/x").key.as_deref(), Some("7"));
        assert_eq!(read_any(&[mqtt("a/+")], "a/7"), Named::default());
    }

    #[test]
    fn a_level_that_is_empty_is_no_key_nor_a_part_of_one() {
        for (pattern, topic) in
            [("fleet/{key}/position", "fleet//position"), ("{key}/#", "/a"), ("o/{key}/{key}", "o/jane/")]
        {
            let named = mqtt(pattern).read(topic).unwrap();
            assert_eq!((named.key.as_deref(), named.is_hollow()), (Some(""), true), "{topic}");
        }
        assert!(!mqtt("fleet/{key}/+").read("fleet/v1/").unwrap().is_hollow());
        assert!(!mqtt("fleet/+/position").read("fleet//position").unwrap().is_hollow());
    }

    #[test]
    fn a_shared_topic_is_asked_for_whole_and_read_without_its_share() {
        let pattern = mqtt("$share/bridges/fleet/{key}");
        assert_eq!(pattern.filter(), "$share/bridges/fleet/+");
        assert!(pattern.is_shared());
        assert_eq!(pattern.read("fleet/v1").unwrap().key.as_deref(), Some("v1"));
    }

    #[test]
    fn subjects_of_nats_have_dots() {
        let pattern = Pattern::parse("fleet.{key}.>", Levels::Dot).unwrap();
        assert_eq!(pattern.filter(), "fleet.*.>");
        assert_eq!(pattern.read("fleet.v1.position").unwrap().key.as_deref(), Some("v1"));
    }

    #[test]
    fn a_pattern_that_no_broker_understands_is_refused() {
        for text in ["", "a/#/b", "a/{key", "a/x{key}", "a/{id}", "a/b+", "$share/x", "$share//x"] {
            assert!(Pattern::parse(text, Levels::Slash).is_err(), "{text}");
        }
    }
}
