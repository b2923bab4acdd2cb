//! A board's config: parsed strictly, with every error naming its field.

pub use crate::views::cache::CacheConfig;

use crate::archive::config::ArchiveConfig;
use crate::basemap::{self, Basemap};
use crate::density::Density;
use crate::embed::EmbedConfig;
use crate::home::Home;
use crate::identity::{Identity, IdentityScope};
use crate::layers::style::{self, MapLayer};
use crate::limits;
use crate::logos::Logos;
use crate::marks::{self, MarkRule};
use crate::pipeline::{Step, pipeline_errors};
use crate::presence::PresenceConfig;
use crate::problem::{Code, FieldError, read_json};
use crate::rollups::RollupRules;
use crate::rules::Rules;
use crate::scores::award::{self, AwardRule};
use crate::scores::direction::Direction;
use crate::scores::keeper::{Keep, Settings};
use crate::scores::rule::{PlayerRules, ScoreRules, SessionRules};
use crate::tracks::TrackRules;
use crate::views::named::{self, NamedView};
use crate::zones::{self, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who may read a board without a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Only who has a token with a grant.
    #[default]
    Private,
}

/// How the map opens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MapConfig {
    /// A MapLibre style URL; the local world when absent.
    #[cfg_attr(feature = "schema", schemars(length(max = 2_000)))]
    pub style: Option<String>,
    /// Streets from an archive of vector tiles, over the local world.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basemap: Option<Basemap>,
    /// `[longitude, latitude]`.
    pub center: Option<[f64; 2]>,
    /// Zoom level, 0 to 22.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 22.0)))]
    pub zoom: Option<f64>,
    /// How items look that are of a kind; of the rules that fit an item the first counts.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::MARK_RULES)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<MarkRule>,
    /// What lies under the items and does not move. The GeoJSON of each is put at `…/layers/{id}`.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::LAYERS_PER_BOARD)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<MapLayer>,
    /// How many items are shown, unless a viewer chooses.
    #[serde(skip_serializing_if = "Density::is_usual")]
    pub density: Density,
}

/// A value of a field that matters, such as a limit: charts draw it as a line of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// In the field's unit; for `position.speed` in m/s.
    pub value: f64,
    /// For people, such as "Too warm".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// How a field is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldConfig {
    /// For people.
    pub label: Option<String>,
    /// Behind the value.
    pub unit: Option<String>,
    /// Values that matter.
    #[cfg_attr(feature = "schema", schemars(length(max = 4)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
}

/// The default of the simple top list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopConfig {
    /// A number field.
    pub field: String,
    /// Which end is the top.
    #[serde(default)]
    pub direction: Direction,
}

/// A board's config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BoardConfig {
    /// For people.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 120)))]
    pub title: String,
    /// One or two sentences for people.
    #[cfg_attr(feature = "schema", schemars(length(max = 2_000)))]
    pub description: String,
    /// The page that its address opens. Absent: a board with `scores` and without positions opens them, any other its map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// Who may read it.
    pub visibility: Visibility,
    /// What a key is called at the source; plain feeds take it as the query's name (`?vehicleId=3`).
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64), regex(pattern = "^[A-Za-z0-9_.-]+$")))]
    pub key_name: String,
    /// What makes an event a duplicate.
    pub identity: Identity,
    /// Whose ids are. Absent: as the board has it; of a new board, `sender`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_scope: Option<IdentityScope>,
    /// After how many seconds without an event an item looks stale.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub stale_after_s: u32,
    /// After how many seconds without an event an item ends, by the server's clock; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 31_536_000)))]
    pub expire_after_s: Option<u32>,
    /// What is believed.
    pub rules: Rules,
    /// How the map opens.
    pub map: MapConfig,
    /// How fields are shown.
    pub fields: BTreeMap<String, FieldConfig>,
    /// The default top list.
    pub top: Option<TopConfig>,
    /// How events become a scoreboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<ScoreRules>,
    /// What is given to whom, beside the scoreboard.
    #[cfg_attr(feature = "schema", schemars(length(max = 128)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardRule>,
    /// Logos beside the names of a contest's teams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logos: Option<Logos>,
    /// Whether events belong to sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionRules>,
    /// What players' events must keep to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub players: Option<PlayerRules>,
    /// What is rolled up, and how long it is kept.
    pub rollups: RollupRules,
    /// Whether the history of positions is kept, and how long.
    #[serde(skip_serializing_if = "TrackRules::is_usual")]
    pub tracks: TrackRules,
    /// Steps between ingest and the board.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pipeline: Vec<Step>,
    /// How long views are served again.
    pub cache: CacheConfig,
    /// Saved views.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub views: BTreeMap<String, NamedView>,
    /// Milliseconds between frames while the board is busy.
    #[cfg_attr(feature = "schema", schemars(range(min = 20, max = 10_000)))]
    pub tick_ms: u32,
    /// Whether the feed tells who is there. Absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<PresenceConfig>,
    /// Days that the log is kept; items and their state stay.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 3_650)))]
    pub keep_days: u32,
    /// MiB that the board may have stored before the oldest part of its log goes, however young it is; without it nothing
    /// goes by size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 16, max = 9_000)))]
    pub keep_mib: Option<u32>,
    /// Where events are delivered for a warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveConfig>,
    /// Where it may be embedded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed: Option<EmbedConfig>,
    /// Places where readers are not shown where items are.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub privacy_zones: Vec<Zone>,
}

impl BoardConfig {
    /// The part that readers get: what pages and plain feeds need. What happens to events before they are shown, where
    /// they go, what is believed, and what is asked of other services with which secret is the managers' own affair.
    /// The names and parameters of views are at `…/views`.
    #[must_use]
    pub fn public_part(&self) -> Self {
        let Self { title, description, home, visibility, key_name, stale_after_s, map, fields, top, .. } = self.clone();
        // Who gets an award by name says how a contest ends; the scoreboard says it to whom it is not hidden from.
        let awards = self.awards.iter().filter(|award| !award.is_by_key()).cloned().collect();
        let Self { scores, logos, sessions, players, rollups, cache, tick_ms, keep_days, tracks, presence, .. } =
            self.clone();
        let shown =
            Self { title, description, home, visibility, key_name, stale_after_s, map, fields, top, ..Self::default() };
        Self { scores, awards, logos, sessions, players, rollups, tracks, cache, tick_ms, presence, keep_days, ..shown }
    }
}

impl Default for BoardConfig {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            home: None,
            visibility: Visibility::Private,
            key_name: "key".to_owned(),
            identity: Identity::Id,
            identity_scope: None,
            stale_after_s: 300,
            expire_after_s: None,
            rules: Rules::default(),
            map: MapConfig::default(),
            fields: BTreeMap::new(),
            top: None,
            scores: None,
            awards: Vec::new(),
            logos: None,
            sessions: None,
            players: None,
            rollups: RollupRules::default(),
            tracks: TrackRules::default(),
            pipeline: Vec::new(),
            cache: CacheConfig::default(),
            views: BTreeMap::new(),
            tick_ms: limits::TICK_MILLIS,
            presence: None,
            keep_days: 30,
            keep_mib: None,
            archive: None,
            embed: None,
            privacy_zones: Vec::new(),
        }
    }
}

/// So many errors of a config that can't be read are listed: each costs reading it once more.
const MOST_ERRORS: usize = 16;

/// The part of a config that a field is in: `rules` of `rules.bounds[0]`.
fn part_of(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or_default()
}

impl BoardConfig {
    /// What makes two events the same. Players are strangers to each other: their ids are each one's own.
    pub fn identity_of_events(&self) -> Identity {
        if self.players.is_some() && self.identity == Identity::Id { Identity::KeyId } else { self.identity }
    }

    /// Whose ids are. A config of before there was a choice says nothing: there they are the board's.
    pub fn scope(&self) -> IdentityScope {
        self.identity_scope.unwrap_or(IdentityScope::Board)
    }

    /// The config as it is to be stored: where it does not say whose ids are, that stays as it was; on a new board they are
    /// their sender's.
    #[must_use]
    pub fn settled(self, before: Option<&Self>) -> Self {
        let else_ = before.map_or(Some(IdentityScope::Sender), |b| b.identity_scope);
        Self { identity_scope: self.identity_scope.or(else_), ..self }
    }

    /// How long the board keeps its log.
    pub const fn keep(&self) -> Keep {
        Keep { days: self.keep_days, mib: self.keep_mib }
    }

    /// The parts that the board's object uses at every event.
    pub fn settings(&self) -> Settings {
        Settings {
            scores: self.scores.clone(),
            awards: self.awards.clone(),
            sessions: self.sessions.clone(),
            players: self.players.clone(),
            rollups: self.rollups.clone(),
            tracks: self.tracks.clone(),
            tick_ms: self.tick_ms,
            presence: self.presence.map(|presence| presence.who),
            keep: Some(self.keep()),
            expire_after_s: self.expire_after_s,
            privacy_zones: self.privacy_zones.clone(),
        }
    }

    /// Parses and validates a config.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<FieldError>> {
        if text.len() > limits::CONFIG_BYTES {
            let message = format!("a config has at most {} bytes", limits::CONFIG_BYTES);
            return Err(vec![FieldError::new("", Code::TooLong, message)]);
        }
        // Serde would take an array as the fields in their order.
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(vec![FieldError::new("", Code::Invalid, "a config is a JSON object")]);
        }
        let config: Self = read_json(text).map_err(|first| Self::all_that_is_wrong(text, first))?;
        let errors = config.errors();
        let embed = config.embed.as_ref().map(EmbedConfig::reduced);
        if errors.is_empty() { Ok(Self { embed, ..config }) } else { Err(errors) }
    }

    /// All that is wrong with a config that can't be read, up to [`MOST_ERRORS`]: reading stops at the first, so that part is
    /// left out and the rest read again.
    fn all_that_is_wrong(text: &[u8], first: (String, String)) -> Vec<FieldError> {
        let mut parts: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text).unwrap_or_default();
        let (mut errors, mut left_out) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some((field, message)) = next.take() {
            let code = if message.starts_with("unknown field") { Code::UnknownField } else { Code::Invalid };
            let part = part_of(&field).to_owned();
            errors.push(FieldError::new(field, code, message));
            if errors.len() >= MOST_ERRORS || parts.remove(&part).is_none() {
                break;
            }
            left_out.push(part);
            match read_json::<Self>(&serde_json::to_vec(&parts).unwrap_or_default()) {
                Ok(rest) => {
                    let is_in_rest = |error: &FieldError| left_out.iter().all(|part| part_of(&error.field) != part);
                    errors.extend(rest.errors().into_iter().filter(is_in_rest));
                }
                Err((field, message)) => {
                    // Its place is none of the text that was sent.
                    let sentence = message.split(" at line ").next().unwrap_or_default().to_owned();
                    next = Some((field, sentence));
                }
            }
        }
        errors
    }

    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code: Code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        check(!self.title.trim().is_empty(), "title", Code::Missing, "is required: the board's name for people");
        check(self.title.len() <= 120, "title", Code::TooLong, "has at most 120 bytes");
        check(self.description.len() <= 2_000, "description", Code::TooLong, "has at most 2,000 bytes");
        let home_ok = self.scores.is_some() || !self.home.is_some_and(Home::needs_scores);
        check(home_ok, "home", Code::Invalid, "is a page of boards with scores: add scores, or take map or explore");
        check(self.scores.is_some() || self.awards.is_empty(), "awards", Code::Invalid, "go with scores: add scores");
        check(self.scores.is_some() || self.logos.is_none(), "logos", Code::Invalid, "go with scores: add scores");
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
        let key_name_ok = !self.key_name.is_empty() && self.key_name.len() <= 64 && self.key_name.chars().all(word);
        check(key_name_ok, "key_name", Code::Invalid, "is 1 to 64 of letters, digits, _ - and .");
        check(
            (1..=31_536_000).contains(&self.stale_after_s),
            "stale_after_s",
            Code::OutOfRange,
            "is 1 second to a year",
        );
        let expires_ok = self.expire_after_s.is_none_or(|s| (1..=limits::EXPIRE_SECONDS_MAX).contains(&s));
        check(expires_ok, "expire_after_s", Code::OutOfRange, "is 1 second to a year");
        check((20..=10_000).contains(&self.tick_ms), "tick_ms", Code::OutOfRange, "is 20 to 10,000 milliseconds");
        check((1..=3_650).contains(&self.keep_days), "keep_days", Code::OutOfRange, "is 1 to 3,650 days");
        let mib_ok = self.keep_mib.is_none_or(|mib| (16..=9_000).contains(&mib));
        check(mib_ok, "keep_mib", Code::OutOfRange, "is 16 to 9,000 MiB");
        check(self.rules.future_s <= 86_400, "rules.future_s", Code::OutOfRange, "is at most a day");
        check(self.rules.max_speed.is_none_or(|v| v > 0.0), "rules.max_speed", Code::OutOfRange, "is above 0 m/s");
        check(self.rules.no_data.len() <= 64, "rules.no_data", Code::TooMany, "names at most 64 fields");
        check(
            self.rules.no_data.values().all(|v| v.len() <= 64),
            "rules.no_data",
            Code::TooMany,
            "has at most 64 values a field",
        );
        let style_ok = self
            .map
            .style
            .as_ref()
            .is_none_or(|s| s.len() <= 2_000 && (s.starts_with("https://") || s.starts_with('/')));
        check(style_ok, "map.style", Code::Invalid, "is an https address or a path on this site");
        let center_ok = self.map.center.is_none_or(|[lon, lat]| lon.abs() <= 180.0 && lat.abs() <= 85.1);
        check(center_ok, "map.center", Code::OutOfRange, "is [longitude, latitude] in degrees");
        check(self.map.zoom.is_none_or(|z| (0.0..=22.0).contains(&z)), "map.zoom", Code::OutOfRange, "is 0 to 22");
        check(self.fields.len() <= limits::FIELDS_PER_BOARD, "fields", Code::TooMany, "names at most 256 fields");
        for (name, f) in &self.fields {
            let ok = f.label.as_ref().is_none_or(|l| l.len() <= 120) && f.unit.as_ref().is_none_or(|u| u.len() <= 24);
            check(
                ok,
                &format!("fields.{name}"),
                Code::TooLong,
                "has a label of at most 120 bytes and a unit of at most 24",
            );
            let path = format!("fields.{name}.thresholds");
            check(f.thresholds.len() <= limits::THRESHOLDS_PER_FIELD, &path, Code::TooMany, "has at most 4 values");
            let ok = f.thresholds.iter().all(|t| t.label.as_ref().is_none_or(|l| l.len() <= 60));
            check(ok, &path, Code::TooLong, "has labels of at most 60 bytes");
        }
        check(self.top.as_ref().is_none_or(|t| !t.field.is_empty()), "top.field", Code::Missing, "is required in top");
        let grace_ok = self.sessions.as_ref().is_none_or(|s| s.grace_s <= 86_400);
        check(grace_ok, "sessions.grace_s", Code::OutOfRange, "is at most a day");
        errors.extend(marks::errors(&self.map.marks));
        errors.extend(basemap::errors(self.map.basemap.as_ref(), self.map.style.is_some()));
        errors.extend(style::errors(&self.map.layers));
        errors.extend(self.cache.errors());
        errors.extend(named::errors(&self.views));
        errors.extend(self.scores.iter().flat_map(ScoreRules::errors));
        errors.extend(award::errors(&self.awards));
        errors.extend(self.logos.iter().flat_map(Logos::errors));
        errors.extend(self.players.iter().flat_map(PlayerRules::errors));
        errors.extend(self.archive.iter().flat_map(ArchiveConfig::errors));
        errors.extend(self.embed.iter().flat_map(EmbedConfig::errors));
        errors.extend(zones::errors(&self.privacy_zones));
        errors.extend(self.rollups.errors());
        errors.extend(self.tracks.errors());
        errors.extend(pipeline_errors(&self.pipeline));
        errors
    }
}

#[cfg(test)]
mod tests;
