//! `heliograph bridge kafka`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::bridge::kafka::{Kafka, Options};
use crate::bridge::secret;
use crate::error::CliError;
use crate::http::Api;

use super::To;

/// Arguments of `bridge kafka`.
#[derive(Debug, Args)]
#[command(after_help = "The password is read from KAFKA_PASSWORD or from --password-file.\n\n\
    Examples:\n  \
    heliograph bridge kafka 127.0.0.1:9092 --topic positions --board fleet --key-field vehicleId\n  \
    heliograph bridge kafka one.example:9092,two.example:9092 --tls --sasl scram-sha-512 --user jane \\\n    \
    --topic positions --source fleet")]
pub struct KafkaArgs {
    /// Brokers to begin with: HOST[:9092], several with commas between
    #[arg(value_name = "BROKERS")]
    brokers: String,
    /// The topic (may be repeated)
    #[arg(long, short, required = true, value_name = "TOPIC")]
    topic: Vec<String>,
    /// The consumer group; bridges of one group share the partitions
    #[arg(long, default_value = "heliograph", value_name = "NAME")]
    group: String,
    /// Where to begin in partitions of which the group has no position
    #[arg(long, value_enum, default_value = "earliest")]
    start: Start,
    /// End the item of the key of a record without a value; the key in HELIOGRAPH_KEY must then also read and manage
    #[arg(long, conflicts_with = "source")]
    end_on_tombstone: bool,
    /// Encrypt the connection and check the broker's certificate
    #[arg(long)]
    tls: bool,
    /// File with the certificates to trust (PEM), instead of this machine's
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    /// How to log in [default with --user: plain]
    #[arg(long, value_enum, value_name = "MECHANISM", requires = "user")]
    sasl: Option<Sasl>,
    /// User name [env: KAFKA_USER]
    #[arg(long, value_name = "NAME", env = "KAFKA_USER", hide_env = true)]
    user: Option<String>,
    /// File with the user's password [default: KAFKA_PASSWORD]
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// Where to begin.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Start {
    /// At the oldest record that is there
    Earliest,
    /// At what comes from now on
    Latest,
    /// Nowhere: end and say so
    Committed,
}

impl Start {
    fn setting(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::Committed => "error",
        }
    }
}

/// Mechanisms of SASL.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sasl {
    Plain,
    #[value(name = "scram-sha-256")]
    ScramSha256,
    #[value(name = "scram-sha-512")]
    ScramSha512,
}

impl Sasl {
    fn setting(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// Runs `bridge kafka`.
pub async fn run(api: &Api, args: &KafkaArgs) -> Result<ExitCode, CliError> {
    let password = secret::find(args.password_file.as_deref(), "KAFKA_PASSWORD")?;
    let mut kafka = Kafka::new(Options {
        client: settings(args, password)?,
        shown: args.brokers.clone(),
        topics: args.topic.clone(),
        ends: args.end_on_tombstone,
    });
    super::forward(api, &args.to, &mut kafka, format!("kafka://{}", args.brokers)).await?;
    Ok(ExitCode::SUCCESS)
}

/// The library's settings.
fn settings(args: &KafkaArgs, password: Option<String>) -> Result<ClientConfig, CliError> {
    checked(&args.brokers)?;
    let mut client = ClientConfig::new();
    let mut set = |name: &str, value: &str| {
        client.set(name, value);
    };
    set("bootstrap.servers", &args.brokers);
    set("client.id", "heliograph-bridge");
    set("group.id", &args.group);
    set("auto.offset.reset", args.start.setting());
    // Positions are committed by us, after the server's answer.
    set("enable.auto.commit", "false");
    set("enable.auto.offset.store", "false");
    // Who is killed is missed after this long, and its partitions go to the next.
    set("session.timeout.ms", "10000");
    // A server that is away for hours is no reason to lose the place in the group.
    set("max.poll.interval.ms", "86400000");
    set("socket.timeout.ms", "10000");
    // What is read ahead.
    set("queued.min.messages", "2000");
    set("queued.max.messages.kbytes", "16384");
    let sasl = args.user.as_ref().map(|_| args.sasl.unwrap_or(Sasl::Plain));
    set(
        "security.protocol",
        match (args.tls, sasl) {
            (false, None) => "plaintext",
            (true, None) => "ssl",
            (false, Some(_)) => "sasl_plaintext",
            (true, Some(_)) => "sasl_ssl",
        },
    );
    if let Some(ca) = &args.ca {
        set("ssl.ca.location", readable(ca)?);
    }
    if let (Some(user), Some(sasl)) = (&args.user, sasl) {
        let password = password.ok_or_else(|| {
            CliError::usage("--user needs a password: put it into KAFKA_PASSWORD or a --password-file")
        })?;
        set("sasl.mechanism", sasl.setting());
        set("sasl.username", user);
        set("sasl.password", &password);
    }
    // What is told of failures in words.
    client.set_log_level(RDKafkaLogLevel::Error);
    Ok(client)
}

/// Refuses what is no list of brokers, or holds a password.
fn checked(brokers: &str) -> Result<(), CliError> {
    if brokers.contains('@') {
        return Err(CliError::usage(
            "brokers are HOST:PORT, without a user or a password, which everyone on this machine could see: \
            give --user and put the password into KAFKA_PASSWORD",
        ));
    }
    let is_one = |one: &str| {
        let (host, port) = one.rsplit_once(':').unwrap_or((one, "9092"));
        !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok()
    };
    match brokers.split(',').find(|one| !is_one(one)) {
        Some(one) => Err(CliError::usage(format!("`{one}` is no broker: give HOST:PORT, several with commas between"))),
        None => Ok(()),
    }
}

fn readable(file: &Path) -> Result<&str, CliError> {
    std::fs::metadata(file)
        .map_err(|error| CliError::failed(format!("cannot read the certificates in {}: {error}", file.display())))?;
    file.to_str().ok_or_else(|| CliError::usage(format!("the name {} is no text", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_are_called_as_the_page_calls_them() {
        for (name, setting) in
            [("plain", "PLAIN"), ("scram-sha-256", "SCRAM-SHA-256"), ("scram-sha-512", "SCRAM-SHA-512")]
        {
            assert_eq!(Sasl::from_str(name, false).map(Sasl::setting), Ok(setting));
            assert!(include_str!("../../../../docs/sources/kafka.md").contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_list_of_brokers_is_refused_and_a_password_not_repeated() {
        for good in ["localhost", "127.0.0.1:9092", "a:1,b:2", "[::1]:9092"] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in ["", "kafka://h:9092", "a:9092,", "a:x", ":9092"] {
            let error = checked(bad).unwrap_err().to_string();
            assert!(error.contains("HOST:PORT"), "{error}");
        }
        let error = checked("jane:geheim@h:9092").unwrap_err().to_string();
        assert!(error.contains("KAFKA_PASSWORD") && !error.contains("geheim"), "{error}");
    }
}
