//! What can be connected: rows of one table, `templates.json`, with what each is called.

use std::sync::LazyLock;

use heliograph_shared::api::sources::ShownSource;
use heliograph_shared::source::EnvelopeName;
use serde::Deserialize;

use super::wishes::Wish;

/// A kind of sender.
#[derive(Debug, Deserialize)]
pub struct Template {
    /// Its name in the table.
    pub code: String,
    /// The envelope of a source for it.
    pub envelope: EnvelopeName,
    /// What a source for it needs to be told.
    #[serde(default)]
    pub wishes: Vec<Wish>,
    /// What is set at the sender; holes in braces are filled.
    pub settings: Vec<Setting>,
}

/// A text to copy.
#[derive(Clone, Debug, Deserialize)]
pub struct Setting {
    /// What it is.
    pub what: String,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Template {
    /// Whether nothing is sent to it: it asks.
    pub fn asks(&self) -> bool {
        self.wishes.contains(&Wish::Url)
    }

    /// Whether the sender can be told an address and nothing else.
    pub fn has_secret_in_address(&self) -> bool {
        self.settings.iter().flat_map(|setting| &setting.lines).any(|line| line.contains("{url_with_secret}"))
    }
}

// A test reads the table: it is as it should be.
static TABLE: LazyLock<Vec<Template>> =
    LazyLock::new(|| serde_json::from_str(include_str!("templates.json")).unwrap_or_default());

/// All of them, in the order of the form.
pub fn all() -> &'static [Template] {
    &TABLE
}

/// The one of a name.
pub fn of(code: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.code == code)
}

/// The one that a source shows.
pub fn code_of_source(source: &ShownSource) -> &'static str {
    let is_polled = source.poll.is_some() && source.envelope != EnvelopeName::Clics;
    if is_polled { "polled" } else { code_of(source.envelope) }
}

/// The one that a source with this envelope shows.
pub fn code_of(envelope: EnvelopeName) -> &'static str {
    // A source for SDKs takes anything else, too.
    if envelope == EnvelopeName::Auto {
        return "auto";
    }
    all().iter().find(|template| template.envelope == envelope).map_or("json", |template| template.code.as_str())
}

/// What a template is called.
pub fn label(code: &str) -> &'static str {
    match code {
        "polled" => text!(console.sources.envelope.polled),
        "clics" => text!(console.sources.envelope.clics),
        "aws" => text!(console.sources.envelope.aws),
        "owntracks" => text!(console.sources.envelope.owntracks),
        "osmand" => text!(console.sources.envelope.osmand),
        "traccar" => text!(console.sources.envelope.traccar),
        "firehose" => text!(console.sources.envelope.firehose),
        "eventbridge" => text!(console.sources.envelope.eventbridge),
        "pipes" => text!(console.sources.envelope.pipes),
        "sns" => text!(console.sources.envelope.sns),
        "iot" => text!(console.sources.envelope.iot),
        "s3" => text!(console.sources.envelope.s3),
        "otlp" => text!(console.sources.envelope.otlp),
        "nmea" => text!(console.sources.envelope.nmea),
        "gpsd" => text!(console.sources.envelope.gpsd),
        "meshtastic" => text!(console.sources.envelope.meshtastic),
        "gpx" => text!(console.sources.envelope.gpx),
        "cot" => text!(console.sources.envelope.cot),
        "debezium" => text!(console.sources.envelope.debezium),
        "gtfs_realtime" => text!(console.sources.envelope.gtfs_realtime),
        "cloudevents" => text!(console.sources.envelope.cloudevents),
        "geojson" => text!(console.sources.envelope.geojson),
        "aircraft" => text!(console.sources.envelope.aircraft),
        "gbfs" => text!(console.sources.envelope.gbfs),
        "json" => text!(console.sources.envelope.json),
        "ndjson" => text!(console.sources.envelope.ndjson),
        "csv" => text!(console.sources.envelope.csv),
        _ => text!(console.sources.envelope.auto),
    }
}

/// What a setting is called.
pub fn what(name: &str) -> &'static str {
    match name {
        "curl" => text!(console.sources.what.curl),
        "url" => text!(console.sources.what.url),
        "environment" => text!(console.sources.what.environment),
        "aws" => text!(console.sources.what.aws),
        "first" => text!(console.sources.what.first),
        "owntracks" => text!(console.sources.what.owntracks),
        "phone" => text!(console.sources.what.phone),
        "traccar_client" => text!(console.sources.what.traccar_client),
        "traccar" => text!(console.sources.what.traccar),
        "debezium" => text!(console.sources.what.debezium),
        "cron" => text!(console.sources.what.cron),
        _ => text!(console.sources.what.secret),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_envelope_has_a_template_with_a_name_and_settings_of_its_own() {
        assert!(!all().is_empty());
        for envelope in EnvelopeName::ALL {
            let code = code_of(*envelope);
            assert_eq!(of(code).map(|t| t.envelope), Some(*envelope), "{envelope:?}");
        }
        for template in all() {
            assert!(template.code == "auto" || label(&template.code) != label("auto"), "{}", template.code);
            assert_ne!(template.settings.is_empty(), !template.asks(), "{}", template.code);
            for setting in &template.settings {
                assert_ne!(what(&setting.what), what("secret"), "{}", setting.what);
            }
        }
    }
}
