//! `heliograph simulate`: the demo fleet, until stopped.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use heliograph_shared::ingest::IngestAnswer;
use tokio::time::MissedTickBehavior;

use crate::clock;
use crate::commands::layers::put;
use crate::error::CliError;
use crate::http::{Api, Body, problem_text};
use crate::interrupt::Interrupt;
use crate::send::batch::{Batch, MAX_BATCH_EVENTS};
use crate::send::retry::{Backoff, Verdict, verdict};
use crate::send::{RequestNames, attempt};
use crate::sim::fleet::Fleet;
use crate::sim::layers::layers;
use crate::sim::network::Route;
use crate::summary::Summary;

/// The longest pause between two requests; reports of all vehicles are spread over it.
const TICK: Duration = Duration::from_millis(200);
/// After a pause longer than this (a suspended laptop) the fleet goes on from where it was.
const LONGEST_GAP: Duration = Duration::from_secs(10);

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "The fleet drives loops on a made-up street grid in Austin, Texas, with keys sim-01, sim-02, ... and the fields \
    route, passengers, fuel, status and driver_shift. When the server is away it waits and goes on by itself.\n\n\
    Examples:\n  \
    heliograph simulate --board fleet\n  \
    heliograph simulate --board fleet --layers\n  \
    heliograph simulate --board fleet --vehicles 500 --rate 0.5\n  \
    heliograph simulate --board fleet --vehicles 10 --seed 42 --for 60"
)]
pub struct SimulateArgs {
    /// Board that gets the reports
    #[arg(long, short)]
    board: String,
    /// How many vehicles
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    vehicles: u32,
    /// Reports of each vehicle in a second
    #[arg(long, default_value_t = 1.0, value_name = "PER_SECOND", value_parser = parse_rate)]
    rate: f64,
    /// The same seed drives the same fleet
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop by itself after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Put the streets, stops and zones of the fleet as layers of the board's map first; this takes the right `manage`
    #[arg(long)]
    layers: bool,
    /// Say nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.001..=10.0).contains(&rate) => Ok(rate),
        _ => Err("give a number from 0.001 to 10".to_owned()),
    }
}

/// Runs `simulate`.
pub async fn run(api: &Api, args: SimulateArgs) -> Result<ExitCode, CliError> {
    let mut interrupt = Interrupt::listen();
    let fleet = Fleet::new(args.vehicles as usize, args.seed);
    if !args.quiet {
        eprintln!(
            "{} vehicles on {} routes in Austin report to board {} at {}; Ctrl-C stops them",
            fleet.len(),
            fleet.routes().len(),
            args.board,
            api.base()
        );
    }
    if args.layers {
        put_layers(api, &args, fleet.routes()).await;
    }
    let started = clock::monotonic();
    let mut simulation = Simulation {
        api,
        args: &args,
        due: Schedule::new(fleet.len(), args.rate),
        fleet,
        names: RequestNames::new(&RequestNames::random_run(), 0),
        summary: Summary::default(),
        backoff: Backoff::default(),
        is_away: false,
    };
    // Without --for it runs for ever; ten years are enough and no timer overflows.
    let limit = Duration::from_secs(args.seconds.unwrap_or(u64::MAX).min(10 * 365 * 86_400));
    let result = tokio::select! {
        result = simulation.drive() => result,
        () = interrupt.wait() => Ok(()),
        () = tokio::time::sleep(limit) => Ok(()),
    };
    if !args.quiet {
        eprintln!("{}", simulation.summary.text(started.elapsed().as_secs_f64()));
    }
    result.map(|()| ExitCode::SUCCESS)
}

/// The fleet drives without its streets, too: that they can't be put is said, and no more.
async fn put_layers(api: &Api, args: &SimulateArgs, routes: &[Route]) {
    for (id, layer) in layers(routes) {
        if let Err(error) = put(api, &args.board, id, layer.to_string().into()).await {
            return eprintln!("the layer {id} is not put: {error}");
        }
    }
}

struct Simulation<'a> {
    api: &'a Api,
    args: &'a SimulateArgs,
    fleet: Fleet,
    due: Schedule,
    names: RequestNames,
    summary: Summary,
    backoff: Backoff,
    is_away: bool,
}

impl Simulation<'_> {
    async fn drive(&mut self) -> Result<(), CliError> {
        let period = Duration::from_secs_f64(1.0 / self.args.rate);
        let mut ticks = tokio::time::interval(TICK.min(period));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = clock::monotonic();
        let mut elapsed = Duration::ZERO;
        loop {
            ticks.tick().await;
            let now = clock::monotonic();
            elapsed += (now - last).min(LONGEST_GAP);
            last = now;
            let millis = elapsed.as_millis() as u64;
            self.fleet.advance_to(millis);
            let due = self.due.take(millis);
            for indexes in due.chunks(MAX_BATCH_EVENTS / 5) {
                if let Some(wait) = self.send(indexes).await? {
                    tokio::time::sleep(wait).await;
                    break;
                }
            }
        }
    }

    /// Sends these vehicles' reports once: a report that did not get through is old when the server is back, the next
    /// one takes its place. Says how long to wait before that.
    async fn send(&mut self, indexes: &[usize]) -> Result<Option<Duration>, CliError> {
        let now = clock::now_millis();
        let mut batch = Batch::default();
        for event in indexes.iter().filter_map(|&index| self.fleet.event(index, now)) {
            batch.push(batch.len() as u64 + 1, event.to_string().as_bytes());
        }
        let body = Body::ndjson(batch.body);
        let (after, reason) = match attempt(self.api, &self.args.board, &body, &self.names.next()).await {
            Ok(answer) => match verdict(answer.status, answer.retry_after.as_deref()) {
                Verdict::Done => {
                    let answer: IngestAnswer = serde_json::from_slice(&answer.body)
                        .map_err(|error| CliError::failed(format!("the server's answer cannot be read: {error}")))?;
                    self.summary.add_rows(batch.lines.len() as u64);
                    self.summary.add_answer(&batch.lines, &answer);
                    self.back();
                    return Ok(None);
                }
                Verdict::Stop => return Err(self.api.refusal(&answer)),
                Verdict::Retry { after } => (after, problem_text(answer.status, &answer.body)),
            },
            Err(reason) => (None, reason),
        };
        if !self.is_away && !self.args.quiet {
            eprintln!("{} is away, waiting for it: {reason}", self.api.base());
        }
        self.is_away = true;
        Ok(Some(after.unwrap_or_else(|| self.backoff.next(fastrand::f64()))))
    }

    fn back(&mut self) {
        if self.is_away && !self.args.quiet {
            eprintln!("{} is back", self.api.base());
        }
        self.is_away = false;
        self.backoff.reset();
    }
}

/// When each vehicle reports next: all at the same rate, evenly out of step with each other.
#[derive(Debug)]
struct Schedule {
    period: f64,
    next: Vec<f64>,
}

impl Schedule {
    fn new(vehicles: usize, rate: f64) -> Self {
        let period = 1000.0 / rate;
        Self { period, next: (0..vehicles).map(|index| period * index as f64 / vehicles as f64).collect() }
    }

    /// The vehicles due by now. One that has missed reports sends one, not all it missed.
    fn take(&mut self, millis: u64) -> Vec<usize> {
        let now = millis as f64;
        let mut due = Vec::new();
        for (index, next) in self.next.iter_mut().enumerate() {
            if *next <= now {
                due.push(index);
                *next += self.period * (1.0 + ((now - *next) / self.period).floor());
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_spread_over_the_second_and_each_vehicle_keeps_its_rate() {
        let mut schedule = Schedule::new(60, 1.0);
        let sizes: Vec<usize> = (0..50).map(|tick| schedule.take(tick * 200).len()).collect();
        assert!(sizes.iter().skip(1).all(|&size| size == 12), "{sizes:?}");
    }

    #[test]
    fn after_a_gap_each_vehicle_reports_once() {
        let mut schedule = Schedule::new(10, 2.0);
        assert_eq!(schedule.take(60_000).len(), 10);
        assert_eq!(schedule.take(60_001).len(), 0, "{schedule:?}");
        assert_eq!(schedule.take(60_500).len(), 10);
    }

    #[test]
    fn rates_are_bounded() {
        assert_eq!(parse_rate("2.5"), Ok(2.5));
        for text in ["0", "-1", "11", "nan", "x"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }
}
