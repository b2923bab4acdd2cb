//! `heliograph bridge nats`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::bridge::nats::{Login, Nats, Options};
use crate::bridge::secret;
use crate::bridge::tls::tls;
use crate::bridge::topic::NatsSubject;
use crate::error::CliError;
use crate::http::Api;

use super::To;

/// Arguments of `bridge nats`.
#[derive(Debug, Args)]
#[command(
    after_help = "Who we are is read from NATS_TOKEN, from NATS_PASSWORD with --user, or from a .creds file.\n\n\
    Examples:\n  \
    heliograph bridge nats nats://127.0.0.1 --stream POSITIONS --subject 'fleet.{key}.position' --board fleet\n  \
    heliograph bridge nats tls://nats.example --ca ca.pem --creds bridge.creds --stream POSITIONS --source fleet"
)]
pub struct NatsArgs {
    /// The server: nats://HOST[:4222], or tls://HOST
    server: String,
    /// The stream
    #[arg(long, value_name = "STREAM")]
    stream: String,
    /// Which subjects of it: `{key}` is the item's key, `{field}` names a bare value; `*` and `>` as in NATS
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<NatsSubject>,
    /// The consumer's name; bridges with the same one share what comes
    #[arg(long, default_value = "heliograph", value_name = "NAME")]
    durable: String,
    /// User name
    #[arg(long, value_name = "NAME", conflicts_with = "creds")]
    user: Option<String>,
    /// File with the user's password [default: NATS_PASSWORD]
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// File with the certificates to trust (PEM), instead of the system's; it asks for TLS
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// File with the user's JWT and seed
    #[arg(long, value_name = "FILE")]
    creds: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// Runs `bridge nats`.
pub async fn run(api: &Api, args: &NatsArgs) -> Result<ExitCode, CliError> {
    let url = secret::address(&args.server, &["nats", "tls"], "NATS_PASSWORD")?;
    let login = match (&args.creds, &args.user) {
        (Some(file), _) => Login::Credentials(secret::find(Some(file), "")?.unwrap_or_default()),
        (None, Some(user)) => {
            let password = secret::find(args.password_file.as_deref(), "NATS_PASSWORD")?.unwrap_or_default();
            Login::User(user.clone(), password)
        }
        (None, None) => secret::find(None, "NATS_TOKEN")?.map_or(Login::None, Login::Token),
    };
    let mut nats = Nats::new(Options {
        address: url.as_str().trim_end_matches('/').to_owned(),
        login,
        tls: args.ca.as_deref().map(|file| tls(Some(file))).transpose().map_err(CliError::Failed)?,
        stream: args.stream.clone(),
        subject: args.subject.clone().map(|subject| subject.0),
        durable: args.durable.clone(),
        window: args.to.batch.saturating_mul(2),
    });
    super::forward(api, &args.to, &mut nats, format!("nats:{}", args.stream)).await?;
    Ok(ExitCode::SUCCESS)
}
