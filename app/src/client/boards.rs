//! Boards over the HTTP API. Answers are of the types in `shared::api`; a config is read for what the screen needs of it.

use heliograph_shared::basemap::Basemap;
use heliograph_shared::config::Threshold;
use heliograph_shared::density::Density;
use heliograph_shared::layers::style::MapLayer;
use heliograph_shared::marks::MarkRule;
use std::collections::BTreeMap;

use gloo_net::http::Method;
pub use heliograph_shared::api::boards::{BoardRow, Boards};
pub use heliograph_shared::api::tokens::Minted;
use heliograph_shared::home::Home;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::exchange;
use super::http::{self, Failure};
use super::labels::label_from_name;
use super::share;
use crate::browser::percent::encode;

/// How a board wants to be shown: the part of its config that screens read. What a newer server adds is ignored.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BoardInfo {
    /// For people.
    pub title: String,
    /// For people.
    pub description: String,
    /// The page that it opens, where the config names one that this page knows.
    #[serde(deserialize_with = "home_or_none")]
    pub home: Option<Home>,
    /// `public` or `private`.
    pub visibility: String,
    /// What a key is called at the source, such as `vehicleId`.
    pub key_name: String,
    /// After how many seconds an item looks stale; five minutes when absent.
    pub stale_after_s: Option<f64>,
    /// What the board believes.
    pub rules: RulesInfo,
    /// How the map opens.
    pub map: MapInfo,
    /// How fields are shown.
    pub fields: BTreeMap<String, FieldInfo>,
    /// The default of the top list.
    pub top: Option<TopInfo>,
    /// There when the board has a scoreboard; its rules are the server's business.
    pub scores: Option<serde::de::IgnoredAny>,
    /// There when the feed tells who is there.
    pub presence: Option<serde::de::IgnoredAny>,
    /// Whether it is the whole config, which only those who may manage the board get.
    #[serde(skip)]
    pub is_whole: bool,
    /// As the server told it.
    #[serde(skip)]
    pub text: String,
}

fn home_or_none<'de, D: Deserializer<'de>>(config: D) -> Result<Option<Home>, D::Error> {
    Ok(Value::deserialize(config)?.as_str().and_then(Home::named))
}

/// The part of a board's rules that the screen needs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RulesInfo {
    /// Metres per second.
    pub max_speed: Option<f64>,
}

/// How the map opens.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct MapInfo {
    /// A MapLibre style's address.
    pub style: Option<String>,
    /// An archive of streets, where this page knows how to read what is said of it.
    #[serde(deserialize_with = "basemap_known")]
    pub basemap: Option<Basemap>,
    /// Longitude, latitude.
    pub center: Option<[f64; 2]>,
    /// Zoom level.
    pub zoom: Option<f64>,
    /// How items look that are of a kind.
    #[serde(deserialize_with = "rules_known")]
    pub marks: Vec<MarkRule>,
    /// What lies under them.
    #[serde(deserialize_with = "layers_known")]
    pub layers: Vec<MapLayer>,
    /// How many items are shown, unless a viewer chooses.
    #[serde(deserialize_with = "density_or_usual")]
    pub density: Density,
}

fn density_or_usual<'de, D: Deserializer<'de>>(config: D) -> Result<Density, D::Error> {
    Ok(Value::deserialize(config)?.as_str().and_then(Density::named).unwrap_or_default())
}

fn basemap_known<'de, D: Deserializer<'de>>(config: D) -> Result<Option<Basemap>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(config)?).ok())
}

/// The layers that this page knows how to draw.
fn layers_known<'de, D: Deserializer<'de>>(config: D) -> Result<Vec<MapLayer>, D::Error> {
    let layers = Vec::<Value>::deserialize(config)?;
    Ok(layers.into_iter().filter_map(|layer| serde_json::from_value(layer).ok()).collect())
}

/// The rules up to one that this page does not know: what is behind it might count where that one should.
fn rules_known<'de, D: Deserializer<'de>>(config: D) -> Result<Vec<MarkRule>, D::Error> {
    let rules = Vec::<Value>::deserialize(config)?;
    Ok(rules.into_iter().map_while(|rule| serde_json::from_value(rule).ok()).collect())
}

/// How a field is shown.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FieldInfo {
    /// For people.
    pub label: Option<String>,
    /// Behind the value.
    pub unit: Option<String>,
    /// Values that matter.
    pub thresholds: Vec<Threshold>,
}

/// The default of the top list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TopInfo {
    /// A number field.
    pub field: String,
    /// `desc` or `asc`.
    pub direction: String,
}

impl BoardInfo {
    /// Milliseconds without news after which an item looks stale.
    pub fn stale_after_ms(&self) -> i64 {
        (self.stale_after_s.unwrap_or(300.0) * 1000.0) as i64
    }

    /// A field's label.
    pub fn label(&self, field: &str) -> String {
        let given = self.fields.get(field).and_then(|info| info.label.clone());
        given.unwrap_or_else(|| label_from_name(field))
    }

    /// A field's unit.
    pub fn unit(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(|info| info.unit.as_deref())
    }
}

/// The boards everybody may see.
pub async fn boards() -> Result<Boards, Failure> {
    http::send(Method::GET, "/v1/boards", None, None).await
}

/// A board's config. A private board needs a key.
pub async fn board(name: &str, key: Option<&str>) -> Result<BoardInfo, Failure> {
    let response = http::fetch(http::request(Method::GET, &address(name), key).build()).await?;
    // What the caller may do with it is said as HTTP says it.
    let is_whole = response.headers().get("allow").is_some_and(|allowed| allowed.contains("PUT"));
    let answer = http::taken(response).await?;
    let info: BoardInfo = http::read(&answer)?;
    Ok(BoardInfo { is_whole, text: answer.1, ..info })
}

/// Asks a board for something, below its own address; with a body, it is told something.
pub async fn ask(name: &str, path: &str, key: Option<&str>, body: Option<&Value>) -> Result<Value, Failure> {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    http::send(method, &below(name, path), key, body).await
}

/// Asks a board for something that is read as what it is, and not as JSON first: a long answer takes half the time.
pub async fn read<T: DeserializeOwned>(name: &str, path: &str, key: Option<&str>) -> Result<T, Failure> {
    http::send(Method::GET, &below(name, path), key, None).await
}

/// Asks a board for a text, such as CSV.
pub async fn ask_text(name: &str, path: &str, key: Option<&str>) -> Result<String, Failure> {
    http::send_for_text(Method::GET, &below(name, path), key, None).await.map(|(_, text)| text)
}

/// A text and its ETag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The body.
    pub text: String,
    /// The ETag as it came, quotes and all.
    pub tag: Option<String>,
}

/// Asks a board for something, unless it is still what had this ETag: then there is no answer.
pub async fn ask_since(
    name: &str,
    path: &str,
    key: Option<&str>,
    tag: Option<&str>,
) -> Result<Option<Tagged>, Failure> {
    const NOT_MODIFIED: u16 = 304;
    let mut request = http::request(Method::GET, &below(name, path), key);
    if let Some(tag) = tag {
        request = request.header("if-none-match", tag);
    }
    let response = http::fetch(request.build()).await?;
    if response.status() == NOT_MODIFIED {
        return Ok(None);
    }
    let tag = response.headers().get("etag");
    let (_, text) = http::taken(response).await?;
    Ok(Some(Tagged { text, tag }))
}

/// Mints a token for one board: anonymously for what everybody may do; with a key for all keys and these operations, or to
/// read only, for what the key may read.
pub async fn token(name: &str, key: Option<&str>, operations: &[&str]) -> Result<Minted, Failure> {
    if let Some(code) = key.and_then(share::code_of) {
        return exchange::fresh(code).await;
    }
    let body = match key {
        None => serde_json::json!({"board": name}),
        Some(_) if operations == ["read"] => serde_json::json!({"board": name, "own": true}),
        Some(_) => serde_json::json!({"grants": [{"board": name, "operations": operations, "keys": ["*"]}]}),
    };
    http::send(Method::POST, "/v1/tokens", key, Some(&body)).await
}

/// A static file's text; nothing when it can't be had.
pub async fn text(path: &str) -> Option<String> {
    http::send_for_text(Method::GET, path, None, None).await.ok().map(|(_, text)| text)
}

fn address(name: &str) -> String {
    format!("/v1/boards/{}", encode(name))
}

fn below(name: &str, path: &str) -> String {
    format!("/v1/boards/{}/{path}", encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_with_things_from_the_future_is_still_read() {
        let info: BoardInfo = serde_json::from_str(
            r#"{"title":"Fleet","home":"moon base","map":{"center":[-97.7,30.2],"tilt":3,"density":"fog","marks":[
                {"label":"Late","where":["status:eq:late"]},{"label":"?","where":["a:exists"],"shape":"star"},{"label":"b","where":["b:exists"]}],
                "layers":[{"id":"a","name":"A","dashes":[1]},{"id":"b","name":"B"}]},"fields":{"fuel":{"unit":"%"}},"moon":1}"#,
        )
        .unwrap();
        assert_eq!((info.stale_after_ms(), info.home), (300_000, None));
        assert_eq!(info.label("fuel"), "Fuel");
        assert_eq!(info.unit("fuel"), Some("%"));
        assert_eq!(info.map.center, Some([-97.7, 30.2]));
        assert_eq!(info.map.marks.len(), 1);
        assert_eq!(info.map.density, Density::Marks);
        assert_eq!(info.map.layers.iter().map(|layer| layer.id.as_str()).collect::<Vec<_>>(), ["b"]);
    }
}
