//! `heliograph bench-scores`: the load of `cargo xtask bench scores`. A quiz: students answer, teachers watch who leads,
//! through our feed or by asking a peer each second. Prints what was measured as one JSON object, and checks that
//! everybody ends with a recount of what was sent.

mod answers;
mod check;
mod pollers;
mod producer;
mod report;
mod screen;
mod sight;
mod teachers;
mod watch;
mod whole;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;
use tokio::time::sleep;

use super::connection::Connection;
use super::process::cpu_seconds;
use super::server;
use crate::clock;
use crate::error::CliError;

use producer::{Producers, Stretch};
use report::Measured;
use watch::Watch;

const CONNECTIONS: usize = 32;
/// Connections of the stretch that sends one answer a request, as many as are accepted.
const CONNECTIONS_ALONE: usize = 16;
const BATCH: usize = 10;
const REQUESTS_PER_SECOND: f64 = 200.0;
const WARM_UP: Duration = Duration::from_secs(2);
/// How long viewers have for what was sent last: longer than it takes to ask once more.
const SETTLE: Duration = Duration::from_millis(1_500);

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Server {
    /// Ours.
    Heliograph,
    /// A node server with a Redis sorted set.
    Redis,
}

/// Options of the hidden command.
#[derive(Debug, Args)]
pub struct ScoresArgs {
    /// What is being measured
    #[arg(long, value_enum, default_value = "heliograph")]
    server: Server,
    /// How long to send in batches; half as long one by one
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=600))]
    seconds: u64,
    /// How many teachers watch
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    viewers: u64,
    /// How many rows they watch
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    top: u32,
    /// A script for node that shows the rows in Chromium, for the last of the teachers
    #[arg(long, value_name = "SCRIPT")]
    screen: Option<String>,
    /// The server has the app's pages: show its scoreboard instead of a bare table
    #[arg(long, requires = "screen")]
    app: bool,
    /// The server's process, for counting its CPU
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
}

/// Runs it and prints its result.
pub async fn run(url: &str, args: ScoresArgs) -> Result<ExitCode, CliError> {
    let address = server::address(url)?;
    let (result, is_right) = measure(&address, &args).await.map_err(CliError::Failed)?;
    say!("{result}");
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Server {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    const fn events_path(self) -> &'static str {
        match self {
            Self::Heliograph => "/v1/boards/quiz/events",
            Self::Redis => "/events",
        }
    }

    fn top_path(self, top: usize) -> String {
        match self {
            Self::Heliograph => format!("/v1/boards/quiz/scores?top={top}"),
            Self::Redis => format!("/top?count={top}"),
        }
    }
}

async fn measure(address: &str, args: &ScoresArgs) -> Result<(serde_json::Value, bool), String> {
    let server = args.server;
    let key = std::env::var("HELIOGRAPH_KEY").ok();
    let key = key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    if server == Server::Heliograph {
        let board = answers::board().to_string();
        Connection::open(address, key).await?.call("PUT", "/v1/boards/quiz", board.as_bytes()).await?;
    }
    let mut producers = Producers::open(address, key, server.events_path(), CONNECTIONS).await?;
    // The first rows are there before anybody looks: everybody starts from a whole page.
    producers.seed().await?;
    let watch = Watch::start(address, args).await?;
    let batched =
        Stretch { batch: BATCH, per_second: Some(REQUESTS_PER_SECOND), connections: CONNECTIONS, time: WARM_UP };
    producers.send(batched).await?;
    sleep(SETTLE).await;

    let seconds = Duration::from_secs(args.seconds);
    let mut stretches = Vec::new();
    let alone = Stretch { batch: 1, per_second: None, connections: CONNECTIONS_ALONE, time: seconds / 2 };
    for (name, stretch) in [("batched", Stretch { time: seconds, ..batched }), ("alone", alone)] {
        let cpu = || (args.pid.and_then(cpu_seconds), cpu_seconds(std::process::id()));
        let (begin, before) = (clock::now_micros(), cpu());
        let tally = producers.send(stretch).await?;
        let end = clock::now_micros();
        sleep(SETTLE).await;
        let (over, after) = (clock::now_micros(), cpu());
        let used = |after: Option<f64>, before: Option<f64>| after.zip(before).map(|(after, before)| after - before);
        stretches.push(Measured {
            name,
            stretch,
            tally,
            begin,
            end,
            over,
            server_cpu: used(after.0, before.0),
            client_cpu: used(after.1, before.1),
        });
    }

    let ledger = producers.into_ledger();
    let seen = watch.seen().await?;
    let mut problems = seen.failures.clone();
    // A new connection: a server closes one that was idle all the while.
    let mut control = Connection::open(address, key).await?;
    let everything = control.call("GET", &server.top_path(answers::STUDENTS), b"").await?;
    check::server(&pollers::rows(&everything)?, &ledger, &mut problems);
    seen.last_rows.iter().enumerate().for_each(|(at, rows)| {
        check::top(&format!("viewer {at}"), rows, args.top as usize, &ledger, &mut problems);
    });
    let stretches: Vec<_> = stretches.iter().map(|measured| measured.to_json(&ledger, &seen)).collect();
    let result = json!({
        "server": server.name(),
        "teachers": args.viewers,
        "top": args.top,
        "students": answers::STUDENTS,
        "page": seen.page,
        "stretches": stretches,
        "converged": problems.is_empty(),
        "problems": problems.iter().take(check::TOLD).collect::<Vec<_>>(),
    });
    Ok((result, problems.is_empty()))
}
