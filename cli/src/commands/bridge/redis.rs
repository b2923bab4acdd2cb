//! `heliograph bridge redis`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use redis::{Client, IntoConnectionInfo as _, TlsCertificates};
use xxhash_rust::xxh3::xxh3_64;

use crate::bridge::redis::{Options, Redis};
use crate::bridge::secret;
use crate::bridge::tls::certificates;
use crate::error::CliError;
use crate::http::Api;

use super::To;

/// Arguments of `bridge redis`.
#[derive(Debug, Args)]
#[command(after_help = "The password is read from REDIS_PASSWORD or from --password-file.\n\n\
    Examples:\n  \
    heliograph bridge redis redis://127.0.0.1 --stream positions --board fleet --key-field vehicleId\n  \
    heliograph bridge redis rediss://jane@redis.example --ca ca.pem --stream positions --payload json --source fleet")]
pub struct RedisArgs {
    /// The server: redis://[USER@]HOST[:6379][/DATABASE], or rediss:// with TLS
    server: String,
    /// The stream (may be repeated)
    #[arg(long, required = true, value_name = "STREAM")]
    stream: Vec<String>,
    /// The consumer group; it is made where it is missing, from the beginning of the stream
    #[arg(long, default_value = "heliograph", value_name = "NAME")]
    group: String,
    /// Our name in the group; what it had read and not acknowledged comes first
    #[arg(long, default_value = "bridge", value_name = "NAME")]
    consumer: String,
    /// Take over what other consumers have left pending for so many seconds
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    claim_after: u64,
    /// Member of an entry that is JSON; without it the entry is a flat object
    #[arg(long, value_name = "NAME")]
    payload: Option<String>,
    /// File with the certificates to trust (PEM), instead of Mozilla's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// File with the password [default: REDIS_PASSWORD]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// Runs `bridge redis`.
pub async fn run(api: &Api, args: &RedisArgs) -> Result<ExitCode, CliError> {
    let url = secret::address(&args.server, &["redis", "rediss"], "REDIS_PASSWORD")?;
    let usage = |error: redis::RedisError| CliError::usage(format!("`{url}` is no address of a Redis: {error}"));
    let mut info = url.as_str().into_connection_info().map_err(usage)?;
    if let Some(password) = secret::find(args.password_file.as_deref(), "REDIS_PASSWORD")? {
        let settings = info.redis_settings().clone().set_password(password);
        info = info.set_redis_settings(settings);
    }
    let client = match &args.ca {
        Some(_) if url.scheme() != "rediss" => {
            return Err(CliError::usage("--ca goes with TLS: give the server as rediss://HOST"));
        }
        Some(file) => {
            let root_cert = Some(certificates(file).map_err(CliError::Failed)?);
            Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })
        }
        None => Client::open(info),
    };
    let shown = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(6379));
    let mut redis = Redis::new(Options {
        client: client.map_err(usage)?,
        place: format!("{:08x}", xxh3_64(format!("{shown}{}", url.path()).as_bytes()) >> 32),
        shown: shown.clone(),
        streams: args.stream.clone(),
        group: args.group.clone(),
        consumer: args.consumer.clone(),
        claim_after: Duration::from_secs(args.claim_after),
        payload: args.payload.clone(),
        key_field: args.to.key_field.clone(),
    });
    super::forward(api, &args.to, &mut redis, format!("redis://{shown}")).await?;
    Ok(ExitCode::SUCCESS)
}
