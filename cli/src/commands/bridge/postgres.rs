//! `heliograph bridge postgres`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use pgwire_replication::TlsConfig;
use reqwest::Method;

use crate::bridge::postgres::{Options, Postgres};
use crate::bridge::secret;
use crate::error::CliError;
use crate::http::{Api, problem_text};

use super::To;

/// Arguments of `bridge postgres`.
#[derive(Debug, Args)]
#[command(after_help = "The password is read from PGPASSWORD or from --password-file.\n\n\
    Examples:\n  \
    heliograph bridge postgres postgres://postgres@127.0.0.1/fleet --publication vehicles --board fleet\n  \
    heliograph bridge postgres postgres://repl@db.example/fleet --publication vehicles --key-column code --board fleet")]
pub struct PostgresArgs {
    /// The database: postgres://USER@HOST[:5432]/DATABASE
    database: String,
    /// The publication with the tables
    #[arg(long, value_name = "NAME")]
    publication: String,
    /// The replication slot, which keeps the place; it is made where it is missing, and then all rows come first
    #[arg(long, default_value = "heliograph", value_name = "NAME", value_parser = slot)]
    slot: String,
    /// Column that names the item (may be repeated) [default: the primary key]
    #[arg(long, value_name = "NAME")]
    key_column: Vec<String>,
    /// Put the table's name before the key, as `TABLE/KEY`
    #[arg(long)]
    table_in_key: bool,
    /// Column with the time of a row [default: when the change was committed]
    #[arg(long, value_name = "NAME")]
    time_column: Option<String>,
    /// Keep the items of rows that are deleted
    #[arg(long)]
    keep_deleted: bool,
    /// How the connection is secured [default: verify-full, and disable on this machine]
    #[arg(long, value_enum, value_name = "HOW")]
    tls: Option<Tls>,
    /// File with the certificates to trust (PEM), instead of Mozilla's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// File with the password [default: PGPASSWORD]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

/// How a connection is secured, as PostgreSQL's `sslmode` has it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Tls {
    /// Not at all
    Disable,
    /// Encrypted, whoever it is
    Require,
    /// Encrypted, with a certificate of who is trusted
    VerifyCa,
    /// Encrypted, with a certificate for this host
    VerifyFull,
}

/// What a slot may be called, with room for what it is called at first.
fn slot(text: &str) -> Result<String, String> {
    let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if (1..=54).contains(&text.len()) && text.bytes().all(is_right) {
        return Ok(text.to_owned());
    }
    Err("a slot's name has 1 to 54 small letters, digits and underscores".to_owned())
}

/// Runs `bridge postgres`.
pub async fn run(api: &Api, args: &PostgresArgs) -> Result<ExitCode, CliError> {
    let url = secret::address(&args.database, &["postgres", "postgresql"], "PGPASSWORD")?;
    if let Some(query) = url.query() {
        return Err(CliError::usage(format!(
            "the address has `?{query}`, which is not read; say it with --tls and --ca"
        )));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let database = url.path().trim_start_matches('/').to_owned();
    if url.username().is_empty() || database.is_empty() {
        return Err(CliError::usage(
            "the address names no user or no database; give it as postgres://USER@HOST/DATABASE",
        ));
    }
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    let tls = match args.tls.unwrap_or(if is_here { Tls::Disable } else { Tls::VerifyFull }) {
        Tls::Disable => TlsConfig::disabled(),
        Tls::Require => TlsConfig::require(),
        Tls::VerifyCa => TlsConfig::verify_ca(args.ca.clone()),
        Tls::VerifyFull => TlsConfig::verify_full(args.ca.clone()),
    };
    if !args.keep_deleted {
        check_ends(api, &args.to).await?;
    }
    let port = url.port().unwrap_or(5432);
    let mut postgres = Postgres::new(Options {
        port,
        user: url.username().to_owned(),
        password: secret::find(args.password_file.as_deref(), "PGPASSWORD")?.unwrap_or_default(),
        tls,
        publication: args.publication.clone(),
        slot: args.slot.clone(),
        key_columns: args.key_column.clone(),
        table_in_key: args.table_in_key,
        time_column: args.time_column.clone(),
        keep_deleted: args.keep_deleted,
        host: host.clone(),
        database: database.clone(),
    });
    super::forward(api, &args.to, &mut postgres, format!("postgres://{host}:{port}/{database}")).await?;
    Ok(ExitCode::SUCCESS)
}

/// Checks at the beginning that items may be ended, rather than at the first row that is deleted.
async fn check_ends(api: &Api, to: &To) -> Result<(), CliError> {
    let Some(board) = &to.board else {
        return Err(CliError::usage(
            "a source has no way to end the items of deleted rows: forward to a board, or keep them with --keep-deleted",
        ));
    };
    // No item is called so: who may end it is told that it is not there.
    let nobody = format!("heliograph-bridge-{:032x}", fastrand::u128(..));
    let answer = api.send_once(Method::DELETE, &["v1", "boards", board, "items", &nobody], &[], &[], None).await;
    match answer {
        Ok(answer) if matches!(answer.status, 401 | 403) => Err(CliError::Failed(format!(
            "{}. A deleted row ends its item: HELIOGRAPH_KEY must hold a key that may publish to this board, read it and manage \
             it; or keep the items of deleted rows with --keep-deleted",
            problem_text(answer.status, &answer.body)
        ))),
        // A server that is away is waited for later.
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::slot;

    #[test]
    fn a_slot_has_room_for_its_first_name() {
        assert!(slot("heliograph_2").is_ok());
        for wrong in ["", "Slot", "a-b", &"x".repeat(55)] {
            assert!(slot(wrong).is_err(), "{wrong}");
        }
    }
}
