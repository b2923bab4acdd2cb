//! `heliograph publish`: one event from flags, or events from standard input.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use heliograph_shared::cell;
use heliograph_shared::value::number_json;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::clock;
use crate::error::CliError;
use crate::event::{number, put};
use crate::http::{Api, Body};
use crate::interrupt::Interrupt;
use crate::replay::columns::Wanted;
use crate::replay::rows::{self, ReadOptions, Recording};
use crate::replay::source::Source;
use crate::send::batch::{Batch, Batcher};
use crate::send::pool::{Pool, PoolConfig, Tally};
use crate::send::{Patience, RequestNames, post_events};
use crate::summary::{Summary, some_refused};

/// How long events from standard input wait for company.
const LINGER: Duration = Duration::from_millis(100);

/// Arguments of `publish`.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "With --key one event is sent and the server's answer printed. Without it, events are read from standard input, \
    one JSON object a line, and sent as they come; or a file as `…/events` gives it in CSV or Parquet.\n\n\
    Examples:\n  \
    heliograph publish --board fleet --key v1 --lat 30.26 --lon -97.74 --field route=801\n  \
    echo '{\"key\":\"v1\",\"position\":{\"lat\":30.26,\"lon\":-97.74}}' | heliograph publish --board fleet\n  \
    tail -f events.ndjson | heliograph publish --board fleet\n  \
    heliograph publish --board copy < events.parquet\n\n\
    Exit code: 0; 3 when some were refused; 1 when nothing was accepted."
)]
pub struct PublishArgs {
    /// Board that gets the events
    #[arg(long, short)]
    board: String,
    /// Which thing the event is about
    #[arg(long)]
    key: Option<String>,
    /// When: RFC 3339 or epoch milliseconds [default: now]
    #[arg(long, requires = "key")]
    time: Option<String>,
    /// The event's own id, which makes a repetition of it a duplicate
    #[arg(long, requires = "key")]
    id: Option<String>,
    /// Degrees north
    #[arg(long, requires_all = ["key", "lon"])]
    lat: Option<f64>,
    /// Degrees east
    #[arg(long, requires_all = ["key", "lat"])]
    lon: Option<f64>,
    /// Degrees clockwise from north
    #[arg(long, requires = "lat")]
    heading: Option<f64>,
    /// Metres a second
    #[arg(long, requires = "lat")]
    speed: Option<f64>,
    /// Metres
    #[arg(long, requires = "lat")]
    altitude: Option<f64>,
    /// Metres
    #[arg(long, requires = "lat")]
    accuracy: Option<f64>,
    /// A field: true/false, a number when it is written back the same (not 1.10, 007, 3e0012), otherwise text (may be repeated)
    #[arg(long = "field", value_name = "NAME=VALUE", requires = "key", value_parser = parse_field)]
    fields: Vec<(String, Value)>,
    /// A field that is text whatever it looks like (may be repeated)
    #[arg(long = "text", value_name = "NAME=VALUE", requires = "key", value_parser = parse_text)]
    texts: Vec<(String, Value)>,
    /// A field that is a number however it is written: 1.10, 007 (may be repeated)
    #[arg(long = "number", value_name = "NAME=VALUE", requires = "key", value_parser = parse_number)]
    numbers: Vec<(String, Value)>,
    /// Seconds to keep trying when the server does not answer
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    retry_for: u64,
}

/// Runs `publish`.
pub async fn run(api: &Api, args: PublishArgs) -> Result<ExitCode, CliError> {
    let patience = Patience(Duration::from_secs(args.retry_for));
    match args.key.clone() {
        Some(key) => publish_one(api, &args, &key, patience).await,
        None => publish_lines(api, args.board, patience).await,
    }
}

async fn publish_one(api: &Api, args: &PublishArgs, key: &str, patience: Patience) -> Result<ExitCode, CliError> {
    let event = event_of(args, key, clock::now_millis());
    let name = RequestNames::new(&RequestNames::random_run(), 0).next();
    let mut interrupt = Interrupt::listen();
    let answer =
        post_events(api, &args.board, &Body::json(&event), &name, patience, &mut interrupt, &mut |_| {}).await?;
    let results: Vec<Value> = answer
        .results
        .iter()
        .map(|result| json!({"status": result.status, "code": result.code, "field": result.field, "message": result.message}))
        .collect();
    say!(
        "{}",
        json!({"accepted": answer.accepted, "duplicate": answer.duplicate, "cleaned": answer.cleaned, "cleaned_by": answer.cleaned_by,
            "refused": answer.refused, "cursor": answer.cursor, "results": results})
    );
    Ok(if answer.accepted + answer.duplicate > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn event_of(args: &PublishArgs, key: &str, now: i64) -> Value {
    let mut event = Map::new();
    put(&mut event, "id", args.id.clone().map(Value::String));
    put(&mut event, "key", Some(Value::from(key)));
    let time = args.time.as_deref().map(|text| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from));
    put(&mut event, "time", Some(time.unwrap_or_else(|| Value::from(now))));
    if args.lat.is_some() {
        let mut position = Map::new();
        let parts = [
            ("lat", args.lat),
            ("lon", args.lon),
            ("heading", args.heading),
            ("speed", args.speed),
            ("altitude", args.altitude),
            ("accuracy", args.accuracy),
        ];
        for (part, value) in parts {
            put(&mut position, part, value.map(number));
        }
        event.insert("position".to_owned(), Value::Object(position));
    }
    let fields: Map<String, Value> = args.fields.iter().chain(&args.texts).chain(&args.numbers).cloned().collect();
    if !fields.is_empty() {
        event.insert("fields".to_owned(), Value::Object(fields));
    }
    Value::Object(event)
}

/// Whether what comes is a file of events, as `…/events` gives it in CSV or Parquet, and not lines of JSON.
fn is_table(head: &[u8]) -> bool {
    head.starts_with(b"PAR1") || head.starts_with(b"\"seq\",\"key\",\"time\",")
}

/// The events of such a file.
fn read_table(bytes: Vec<u8>) -> Result<Recording, CliError> {
    let options = ReadOptions {
        wanted: Wanted::default(),
        types: Vec::new(),
        zone: TimeZone::UTC,
        count: None,
        id_columns: Vec::new(),
    };
    rows::read(&Source::Memory(bytes), &options).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::fmt::Display) -> CliError {
    CliError::Failed(format!("cannot read standard input: {error}"))
}

/// Reads a file of events, if that is what comes. Lines are left where they are.
async fn table_of(input: &mut BufReader<tokio::io::Stdin>) -> Result<Option<Recording>, CliError> {
    if !is_table(input.fill_buf().await.map_err(|error| unreadable(&error))?) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).await.map_err(|error| unreadable(&error))?;
    read_table(bytes).map(Some)
}

async fn publish_lines(api: &Api, board: String, patience: Patience) -> Result<ExitCode, CliError> {
    let mut input = BufReader::new(tokio::io::stdin());
    let (table, summary) = match table_of(&mut input).await? {
        Some(Recording { rows, mut summary, .. }) => {
            summary.add_rows(rows.len() as u64);
            (rows, summary)
        }
        None => (Vec::new(), Summary::default()),
    };
    let tally = Tally::new(summary);
    let mut interrupt = Interrupt::listen();
    let config = PoolConfig { board, connections: 1, batch: 500, patience };
    let pool = Pool::start(api, &config, &tally, &interrupt);
    let started = clock::monotonic();
    let mut lines = input.lines();
    let mut batcher = Batcher::new(config.batch);
    let mut number = 0_u64;
    let mut linger = tokio::time::interval(LINGER);
    linger.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut trouble = None;
    let mut event = Vec::new();
    for row in &table {
        row.write_event(row.time, "", &mut event);
        if let Some(batch) = batcher.push(row.line, &event)
            && !pool.send(0, batch).await
        {
            break;
        }
    }
    loop {
        let batch: Option<Batch> = tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) => {
                    number += 1;
                    let line = line.trim_start_matches('\u{feff}').trim();
                    if line.is_empty() { continue; }
                    tally.with(|summary| summary.add_rows(1));
                    batcher.push(number, line.as_bytes())
                }
                Ok(None) => break,
                Err(error) => {
                    trouble = Some(format!("cannot read standard input after line {number}: {error}"));
                    break;
                }
            },
            _ = linger.tick() => batcher.take(),
            () = interrupt.wait() => break,
        };
        if let Some(batch) = batch
            && !pool.send(0, batch).await
        {
            break;
        }
    }
    if let Some(batch) = batcher.take() {
        pool.send(0, batch).await;
    }
    let finished = pool.finish().await;
    tally.with(|summary| say!("{}", summary.text(started.elapsed().as_secs_f64())));
    finished?;
    if let Some(trouble) = trouble {
        return Err(CliError::Failed(trouble));
    }
    if tally.with(|summary| summary.accepted() + summary.duplicate()) == 0 {
        return Err(CliError::failed("nothing was accepted"));
    }
    Ok(if tally.with(|summary| summary.refused()) > 0 { some_refused() } else { ExitCode::SUCCESS })
}

fn parse_field(text: &str) -> Result<(String, Value), String> {
    let (name, value) = split_field(text)?;
    Ok((name, cell::value_of(&value).to_json()))
}

fn parse_number(text: &str) -> Result<(String, Value), String> {
    let (name, value) = split_field(text)?;
    let number = cell::meant_number(&value)
        .ok_or_else(|| format!("{value} is not a number of which every digit can be kept"))?;
    Ok((name, number_json(number)))
}

fn parse_text(text: &str) -> Result<(String, Value), String> {
    let (name, value) = split_field(text)?;
    Ok((name, Value::String(value)))
}

fn split_field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("give it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Wrapper {
        #[command(flatten)]
        args: PublishArgs,
    }

    fn event(line: &str) -> Value {
        let args = Wrapper::try_parse_from(std::iter::once("publish").chain(line.split(' '))).unwrap().args;
        event_of(&args, args.key.as_deref().unwrap(), 1000)
    }

    #[test]
    fn flags_make_an_event() {
        assert_eq!(
            event(
                "--board fleet --key v1 --lat 30.26 --lon -97.74 --heading 90 --field route=801 --text code=007 --field on=true"
            ),
            json!({"key": "v1", "time": 1000, "position": {"lat": 30.26, "lon": -97.74, "heading": 90},
                "fields": {"route": 801, "code": "007", "on": true}})
        );
        assert_eq!(
            event("--board b --key k --time 2026-01-01T00:00:00Z --id x"),
            json!({"id": "x", "key": "k", "time": "2026-01-01T00:00:00Z"})
        );
        assert_eq!(event("--board b --key k --time 5")["time"], 5);
        assert_eq!(
            event(
                "--board b --key k --field serial=241408E4 --field version=1.10 --field n=0012 --number m=1.10 --field v=-0.5"
            )["fields"],
            json!({"serial": "241408E4", "version": "1.10", "n": "0012", "m": 1.1, "v": -0.5})
        );
        assert_eq!(
            event(
                "--board b --key 9007199254740993 --id 9007199254740995 --field n=9007199254740993 --field m=-9007199254740993"
            ),
            json!({"key": "9007199254740993", "id": "9007199254740995", "time": 1000,
                "fields": {"n": "9007199254740993", "m": "-9007199254740993"}})
        );
    }

    #[test]
    fn half_a_position_and_a_nameless_field_are_usage_errors() {
        for line in [
            "--board b --key k --lat 1",
            "--board b --key k --field =1",
            "--board b --lat 1 --lon 2",
            "--board b --key k --speed 3",
            "--board b --key k --number n=9007199254740993",
        ] {
            assert!(Wrapper::try_parse_from(std::iter::once("publish").chain(line.split(' '))).is_err(), "{line}");
        }
    }
}
