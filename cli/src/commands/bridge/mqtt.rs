//! `heliograph bridge mqtt`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xxhash_rust::xxh3::xxh3_64;

use crate::bridge::mqtt::{Mqtt, Options, Retained, Version};
use crate::bridge::secret;
use crate::bridge::tls::tls;
use crate::bridge::topic::MqttTopic;
use crate::error::CliError;
use crate::http::Api;

use super::To;

/// Arguments of `bridge mqtt`.
#[derive(Debug, Args)]
#[command(after_help = "The password is read from MQTT_PASSWORD or from --password-file.\n\n\
    Examples:\n  \
    heliograph bridge mqtt mqtt://127.0.0.1 --topic 'fleet/{key}/position' --board fleet\n  \
    heliograph bridge mqtt mqtts://broker.example --user jane --topic 'sensors/{key}/{field}' --source sensors\n  \
    heliograph bridge mqtt mqtt://127.0.0.1 --topic '$share/two/fleet/{key}/#' --board fleet")]
pub struct MqttArgs {
    /// The broker: mqtt://HOST[:1883], or mqtts://HOST[:8883] with TLS
    broker: String,
    /// What to subscribe to: `{key}` is the item's key, `{field}` names a bare value; `+`, `#` and `$share/NAME/` as in MQTT (may be repeated)
    #[arg(long, short, required = true, value_name = "TOPIC")]
    topic: Vec<MqttTopic>,
    /// User name at the broker
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// File with the password [default: MQTT_PASSWORD]
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// File with the certificates to trust (PEM), instead of Mozilla's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The session's name; two bridges with the same one turn each other out [default: made from broker, topics and target]
    #[arg(long, value_name = "NAME")]
    client_id: Option<String>,
    /// Version of the protocol
    #[arg(long, value_enum, default_value = "5", value_name = "VERSION")]
    mqtt: Version,
    /// What becomes of messages that the broker had kept from before
    #[arg(long, value_enum, default_value = "mark")]
    retained: Retained,
    /// How long the broker is to keep messages while the bridge is away, in seconds (version 5)
    #[arg(long, default_value_t = 604_800, value_name = "SECONDS")]
    keep: u32,
    #[command(flatten)]
    to: To,
}

/// Runs `bridge mqtt`.
pub async fn run(api: &Api, args: &MqttArgs) -> Result<ExitCode, CliError> {
    let url = secret::address(&args.broker, &["mqtt", "mqtts"], "MQTT_PASSWORD")?;
    let is_secure = url.scheme() == "mqtts";
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port().unwrap_or(if is_secure { 8883 } else { 1883 });
    let user = args.user.clone().or_else(|| Some(url.username().to_owned()).filter(|user| !user.is_empty()));
    let password = secret::find(args.password_file.as_deref(), "MQTT_PASSWORD")?.unwrap_or_default();
    let topics: Vec<_> = args.topic.iter().map(|topic| topic.0.clone()).collect();
    let filters: Vec<String> = topics.iter().map(crate::bridge::topic::Pattern::filter).collect();
    let client_id = args.client_id.clone().unwrap_or_else(|| {
        // At most 23 characters, which every broker takes.
        let of = format!("{} {} {filters:?} {:?} {:?}", api.base(), url, args.to.board, args.to.source);
        format!("heliograph-{:012x}", xxh3_64(of.as_bytes()) >> 16)
    });
    let shared = topics.iter().filter(|topic| topic.is_shared()).count();
    if shared > 0 && shared < topics.len() {
        return Err(CliError::usage(
            "topics of a share and others need a bridge each: only one of them keeps its session",
        ));
    }
    let mut mqtt = Mqtt::new(Options {
        tls: is_secure.then(|| tls(args.ca.as_deref())).transpose().map_err(CliError::Failed)?,
        login: user.map(|user| (user, password)),
        client_id: if shared > 0 && args.client_id.is_none() {
            // Each member of a share is a client of its own.
            format!("heliograph-{:012x}", fastrand::u64(..) >> 16)
        } else {
            client_id
        },
        topics,
        version: args.mqtt,
        retained: args.retained,
        session_s: args.keep,
        window: args.to.batch.saturating_mul(2),
        host: host.clone(),
        port,
    });
    super::forward(api, &args.to, &mut mqtt, format!("{}://{host}:{port}", url.scheme())).await?;
    if mqtt.hollow() > 0 {
        eprintln!("heliograph: {} messages came by topics that have nothing where {{key}} is", mqtt.hollow());
    }
    if mqtt.dropped() > 0 {
        eprintln!("heliograph: {} messages of QoS 0 were lost because they came too fast", mqtt.dropped());
    }
    Ok(ExitCode::SUCCESS)
}
