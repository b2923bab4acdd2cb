//! `heliograph bridge`: forward what a broker has to a board or to a source.

#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "brokers")]
mod mqtt;
#[cfg(feature = "brokers")]
mod nats;
#[cfg(feature = "brokers")]
mod postgres;
#[cfg(feature = "brokers")]
mod redis;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::io::BufReader;

use crate::bridge::deliver::{Deliver, Target};
use crate::bridge::flow::{Flow, Pace};
use crate::bridge::reader::Reader;
use crate::bridge::secret;
use crate::bridge::shape::Form;
use crate::bridge::stdin::Stdin;
use crate::clock;
use crate::error::CliError;
use crate::http::Api;
use crate::interrupt::Interrupt;
use crate::send::batch::{MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use crate::send::pool::Tally;
use crate::summary::some_refused;

/// Arguments of `bridge`.
#[derive(Debug, Args)]
#[command(
    after_help = "A message is acknowledged to the broker only after the server has answered. What the server refuses is a \
    dead letter there. While the server or the broker is away the bridge waits and comes back; what was not acknowledged \
    comes again, so give messages an `id`, or a `time` and the board `identity: key_time`.\n\n\
    Secrets: HELIOGRAPH_KEY for --board; HELIOGRAPH_SOURCE_SECRET or --secret-file for --source; the broker's password from \
    the variable that `heliograph bridge BROKER --help` names.\n\n\
    Examples:\n  \
    heliograph bridge mqtt mqtt://127.0.0.1 --topic 'fleet/{key}/position' --board fleet\n  \
    heliograph bridge mqtt mqtts://broker.example --user jane --topic 'sensors/{key}/{field}' --source sensors\n  \
    heliograph bridge nats nats://127.0.0.1 --stream POSITIONS --subject 'fleet.{key}.>' --board fleet\n  \
    heliograph bridge redis redis://127.0.0.1 --stream positions --board fleet\n  \
    heliograph bridge postgres postgres://me@127.0.0.1/fleet --publication vehicles --board fleet\n  \
    tail -F positions.ndjson | heliograph bridge stdin --board fleet\n\n\
    Exit code: 0 after SIGINT or SIGTERM; 1 when something is wrong that does not pass; with stdin also 3 when some \
    lines were refused."
)]
pub struct BridgeArgs {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// Lines of standard input
    #[command(after_help = "Example:\n  tail -F positions.ndjson | heliograph bridge stdin --board fleet")]
    Stdin(To),
    /// Topics of Kafka, or of a broker that speaks its protocol
    #[cfg(feature = "kafka")]
    Kafka(kafka::KafkaArgs),
    /// An MQTT broker, version 3.1.1 or 5
    #[cfg(feature = "brokers")]
    Mqtt(mqtt::MqttArgs),
    /// A stream of NATS JetStream
    #[cfg(feature = "brokers")]
    Nats(nats::NatsArgs),
    /// Tables of PostgreSQL
    #[cfg(feature = "brokers")]
    Postgres(postgres::PostgresArgs),
    /// Streams of Redis
    #[cfg(feature = "brokers")]
    Redis(redis::RedisArgs),
}

/// Where messages go, and how many at once.
#[derive(Debug, Args)]
pub struct To {
    /// Board that gets events, with the key in HELIOGRAPH_KEY
    #[arg(long, short, required_unless_present = "source", conflicts_with = "source")]
    board: Option<String>,
    /// Source that gets CloudEvents with the payload as `data`, with its secret in HELIOGRAPH_SOURCE_SECRET
    #[arg(long, short)]
    source: Option<String>,
    /// File with the source's secret
    #[arg(long, value_name = "FILE", requires = "source")]
    secret_file: Option<PathBuf>,
    /// Member of a flat object that is its key
    #[arg(long, default_value = "key", value_name = "NAME", conflicts_with = "source")]
    key_field: String,
    /// At most this many messages a request
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=MAX_BATCH_EVENTS as i64))]
    batch: u16,
    /// How long a message waits for company, in milliseconds
    #[arg(long, default_value_t = 10, value_name = "MS")]
    linger: u64,
}

impl To {
    fn target(&self) -> Result<Target, CliError> {
        match (&self.board, &self.source) {
            (Some(board), _) => Ok(Target::Board(board.clone())),
            (None, Some(source)) => Ok(Target::Source(source.clone())),
            (None, None) => Err(CliError::usage("give --board or --source")),
        }
    }
}

/// Runs `bridge`.
pub async fn run(api: &Api, args: BridgeArgs) -> Result<ExitCode, CliError> {
    match args.from {
        From::Stdin(to) => {
            let mut stdin = Stdin::new(BufReader::new(tokio::io::stdin()));
            let refused = forward(api, &to, &mut stdin, "stdin".to_owned()).await?;
            Ok(if refused > 0 { some_refused() } else { ExitCode::SUCCESS })
        }
        #[cfg(feature = "kafka")]
        From::Kafka(args) => kafka::run(api, &args).await,
        #[cfg(feature = "brokers")]
        From::Mqtt(args) => mqtt::run(api, &args).await,
        #[cfg(feature = "brokers")]
        From::Nats(args) => nats::run(api, &args).await,
        #[cfg(feature = "brokers")]
        From::Postgres(args) => postgres::run(api, &args).await,
        #[cfg(feature = "brokers")]
        From::Redis(args) => redis::run(api, &args).await,
    }
}

/// Forwards from a broker until it ends, and prints the summary; the count of what was refused.
async fn forward(api: &Api, to: &To, reader: &mut impl Reader, origin: String) -> Result<u64, CliError> {
    let target = to.target()?;
    let (api, form) = match &target {
        Target::Board(_) => (api.clone(), Form::Events { key_field: to.key_field.clone() }),
        Target::Source(_) => {
            let secret = secret::find(to.secret_file.as_deref(), "HELIOGRAPH_SOURCE_SECRET")?.ok_or_else(|| {
                CliError::usage("put the source's secret into HELIOGRAPH_SOURCE_SECRET or a --secret-file")
            })?;
            (Api::new(api.base(), Some(&secret))?, Form::CloudEvents { origin })
        }
    };
    let pace =
        Pace { messages: usize::from(to.batch), bytes: MAX_BATCH_BYTES, linger: Duration::from_millis(to.linger) };
    let tally = Tally::default();
    let interrupt = Interrupt::listen();
    let started = clock::monotonic();
    let mut deliver = Deliver::new(api, target, tally.clone(), interrupt.clone());
    let mut flow = Flow { reader, deliver: &mut deliver, form: &form, pace, tally: tally.clone(), interrupt };
    let result = flow.run().await;
    tally.with(|summary| say!("{}", summary.text(started.elapsed().as_secs_f64())));
    result?;
    Ok(tally.with(|summary| summary.refused()))
}
