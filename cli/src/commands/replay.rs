//! `heliograph replay`: send a recording as if it happened now.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clap::Args;
use jiff::tz::TimeZone;

use crate::clock;
use crate::error::CliError;
use crate::http::Api;
use crate::interrupt::{Interrupt, interrupted_code};
use crate::replay::columns::{Role, Wanted};
use crate::replay::plan::{self, Pace, ROUND_GAP_MILLIS, Round, Squeeze, Times};
use crate::replay::progress::Progress;
use crate::replay::rows::{ReadError, ReadOptions, Recording, Row, read};
use crate::replay::source::Source;
use crate::replay::time;
use crate::send::Patience;
use crate::send::batch::{Batcher, MAX_BATCH_EVENTS, lane_of};
use crate::send::pool::{Pool, PoolConfig, Tally};
use crate::summary::grouped;

/// How often due rows are collected and sent.
const TICK: Duration = Duration::from_millis(100);
/// How often the progress display is brought up to date.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[command(
    after_help = "Columns: --key, --time, --lat and --lon are guessed from well-known names (vehicle_id, timestamp, latitude, …) \
    when they are left out; what was guessed is printed. Beside a position the columns `speed` (m/s), `heading` or `bearing` \
    (degrees), `altitude` and `accuracy` (metres) are recognised as parts of it: name another column to use that instead, or \
    say --no-auto to keep them as plain fields. All other columns become fields: numbers where the whole column is numbers, \
    text otherwise; columns named id or *_id stay text; an empty cell is absent. Nested JSON columns are named by dotted \
    path: data.temp.\n\n\
    Times: the first replayed row is now and the others follow at --speed, in the event times too. With --speed max the \
    recording keeps its spacing and its last row is now, so that nothing comes from the future.\n\n\
    Exit code: 0; 1 when nothing was accepted, the server refused the requests or the input could not be read; 2 for wrong \
    usage; 130 when interrupted before the end.\n\n\
    Examples:\n  \
    heliograph replay buses.csv --board fleet --speed 60 --start 07:00\n  \
    heliograph replay buses.csv --board fleet --key bus --time at --lat y --lon x --speed max\n  \
    heliograph replay sensors.jsonl.gz --board sensors --key device_id --time ts --speed max\n  \
    heliograph replay route14.csv --board fleet --tz Europe/London --loop"
)]
pub struct ReplayArgs {
    /// CSV or NDJSON file (or a JSON array), gzip or not, told by content; `-` is standard input
    file: PathBuf,
    /// Board that gets the events [guessed: fleet, when the rows have positions]
    #[arg(long, short)]
    board: Option<String>,
    /// Column with the key: which thing a row is about
    #[arg(long, value_name = "COL")]
    key: Option<String>,
    /// Column with the time: RFC 3339, without a zone (see --tz), or an epoch number
    #[arg(long, value_name = "COL")]
    time: Option<String>,
    /// Column with the latitude
    #[arg(long, value_name = "COL")]
    lat: Option<String>,
    /// Column with the longitude
    #[arg(long, value_name = "COL")]
    lon: Option<String>,
    /// Column with the heading in degrees clockwise from north
    #[arg(long, value_name = "COL")]
    heading: Option<String>,
    /// Column with the speed in m/s
    #[arg(long, value_name = "COL")]
    speed_col: Option<String>,
    /// Column with the altitude in metres
    #[arg(long, value_name = "COL")]
    altitude: Option<String>,
    /// Column with the accuracy in metres
    #[arg(long, value_name = "COL")]
    accuracy: Option<String>,
    /// Column with the events' own ids (without it, events have none)
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// Do not recognise position parts by their names
    #[arg(long)]
    no_auto: bool,
    /// Column to leave as text though it looks like numbers (may be repeated)
    #[arg(long, value_name = "COL")]
    text: Vec<String>,
    /// How many times as fast as it happened, or `max`: as fast as the server acknowledges
    #[arg(long, default_value = "1", value_name = "N|max")]
    speed: Pace,
    /// Start again at the end, with times shifted again, until interrupted
    #[arg(long = "loop", conflicts_with = "keep_time")]
    repeat: bool,
    /// Leave out rows before this time: a time of day on the first day (07:00) or a full time
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Leave out rows from this time on
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// Send the recorded times instead of shifting them to now
    #[arg(long)]
    keep_time: bool,
    /// Zone of times that name none: America/Chicago, -05:00, UTC
    #[arg(long, default_value = "UTC", value_name = "ZONE", value_parser = time::parse_zone)]
    tz: TimeZone,
    /// Keep the file's order instead of sorting by time
    #[arg(long)]
    unsorted: bool,
    /// Most events in one request
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_BATCH_EVENTS as i64))]
    batch: u16,
    /// Connections side by side; a key always uses the same one [default: 4 with --speed max, otherwise 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: Option<u16>,
    /// Seconds to keep trying when the server does not answer
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    retry_for: u64,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Runs `replay`.
pub async fn run(api: &Api, args: ReplayArgs) -> Result<ExitCode, CliError> {
    let recording = load(&args)?;
    let board = board_of(&args, &recording)?;
    let Recording { rows, summary, zone, .. } = prepare(&args, recording)?;
    let tally = Tally::new(summary);
    let interrupt = Interrupt::listen();
    let config = PoolConfig {
        board,
        connections: usize::from(args.connections.unwrap_or(if args.speed == Pace::Max { 4 } else { 1 })),
        batch: usize::from(args.batch),
        patience: Patience(Duration::from_secs(args.retry_for)),
    };
    let pool = Pool::start(api, &config, &tally, &interrupt);
    let started = clock::monotonic();
    let total = rows.len() as u64 + tally.with(|summary| summary.refused());
    let mut progress = Progress::new((!args.repeat).then_some(total), args.quiet || args.json);
    let place = AtomicI64::new(rows.first().map_or(0, |row| row.time));
    let work = async {
        let mut waiting = interrupt.clone();
        let batchers = (0..pool.lanes()).map(|_| Batcher::new(config.batch)).collect();
        let mut player = Player { pool: &pool, tally: &tally, place: &place, batchers };
        tokio::select! {
            () = player.play(&rows, &args) => {}
            () = waiting.wait() => {}
        }
        drop(player);
        pool.finish().await
    };
    tokio::pin!(work);
    let mut show = tokio::time::interval(SHOW_EVERY);
    let finished = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = show.tick() => {
                let place = time::display(place.load(Ordering::Relaxed), &zone);
                let trouble = tally.trouble();
                tally.with(|summary| progress.show(summary, &place, trouble.as_deref()));
            }
        }
    };
    progress.finish();
    let elapsed = started.elapsed().as_secs_f64();
    tally.with(|summary| if args.json { say!("{}", summary.json(elapsed)) } else { say!("{}", summary.text(elapsed)) });
    let accepted = tally.with(|summary| summary.accepted());
    if interrupt.requested() {
        return Ok(if args.repeat { ExitCode::SUCCESS } else { interrupted_code() });
    }
    finished?;
    if accepted == 0 {
        return Err(CliError::failed("nothing was accepted"));
    }
    Ok(ExitCode::SUCCESS)
}

fn load(args: &ReplayArgs) -> Result<Recording, CliError> {
    let named = [
        (Role::Key, &args.key),
        (Role::Time, &args.time),
        (Role::Lat, &args.lat),
        (Role::Lon, &args.lon),
        (Role::Heading, &args.heading),
        (Role::Speed, &args.speed_col),
        (Role::Altitude, &args.altitude),
        (Role::Accuracy, &args.accuracy),
        (Role::Id, &args.id),
    ];
    let named = named.into_iter().filter_map(|(role, name)| name.clone().map(|name| (role, name))).collect();
    let options = ReadOptions {
        wanted: Wanted { named, auto: !args.no_auto },
        text_columns: args.text.clone(),
        zone: args.tz.clone(),
    };
    let shown = args.file.display();
    let cannot_read = |reason: &dyn std::fmt::Display| CliError::failed(format!("cannot read {shown}: {reason}"));
    let source = Source::from_argument(&args.file).map_err(|error| cannot_read(&error))?;
    let recording = read(&source, &options).map_err(|error| match error {
        ReadError::Input(reason) => cannot_read(&reason),
        ReadError::Choice(reason) => CliError::Usage(format!("{shown}: {reason}")),
    })?;
    let guessed = recording.columns.guessed();
    if !guessed.is_empty() {
        note(args, &format!("guessed from the column names: {guessed}"));
    }
    Ok(recording)
}

fn board_of(args: &ReplayArgs, recording: &Recording) -> Result<String, CliError> {
    match &args.board {
        Some(board) => Ok(board.clone()),
        None if recording.columns.has_position() => {
            note(args, "guessed: --board fleet");
            Ok("fleet".to_owned())
        }
        None => Err(CliError::usage("name the board with --board: rows without positions could belong to any")),
    }
}

/// Cuts the rows to `--start` and `--end`, puts them into time order, and says what is about to happen.
fn prepare(args: &ReplayArgs, mut recording: Recording) -> Result<Recording, CliError> {
    let zone = &recording.zone;
    let Some((first, last)) = plan::span(&recording.rows) else {
        say!("{}", recording.summary.text(0.0));
        return Err(CliError::failed(format!("no row of {} can be sent", args.file.display())));
    };
    let bound = |text: &Option<String>| {
        text.as_deref().map(|text| time::parse_bound(text, first, zone).map_err(CliError::Usage)).transpose()
    };
    let (start, end) = (bound(&args.start)?, bound(&args.end)?);
    plan::cut(&mut recording.rows, start, end);
    if recording.rows.is_empty() {
        return Err(CliError::failed(format!(
            "no row between --start and --end: the recording goes from {} to {}",
            time::display(first, zone),
            time::display(last, zone)
        )));
    }
    if !args.unsorted && plan::sort(&mut recording.rows) {
        note(args, "the rows were not in time order; sorted them (--unsorted keeps the file's order)");
    }
    let (first, last) = plan::span(&recording.rows).unwrap_or((first, last));
    note(
        args,
        &format!(
            "{} rows, {} to {}",
            grouped(recording.rows.len() as u64),
            time::display(first, zone),
            time::display(last, zone)
        ),
    );
    Ok(recording)
}

fn note(args: &ReplayArgs, text: &str) {
    if !args.quiet {
        eprintln!("{text}");
    }
}

/// Hands rows to the pool when they are due.
struct Player<'a> {
    pool: &'a Pool,
    tally: &'a Tally,
    /// The recorded time of the row that was handed over last.
    place: &'a AtomicI64,
    batchers: Vec<Batcher>,
}

impl Player<'_> {
    /// Plays until the end, for ever with `--loop`, or until a connection fails.
    async fn play(&mut self, rows: &[Row], args: &ReplayArgs) {
        let (Some(first), Some((_, last))) = (rows.first(), plan::span(rows)) else { return };
        let times = if args.keep_time { Times::Kept } else { Times::Shifted };
        for number in 0.. {
            let round = Round::new(args.speed, times, first.time, last, clock::now_millis());
            if !self.play_round(rows, number, &round).await || !args.repeat {
                return;
            }
            tokio::time::sleep(Duration::from_millis(ROUND_GAP_MILLIS as u64)).await;
        }
    }

    async fn play_round(&mut self, rows: &[Row], number: u64, round: &Round) -> bool {
        let started = clock::monotonic();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut squeeze = Squeeze::default();
        let mut event = Vec::new();
        let mut elapsed_millis = 0.0;
        for row in rows {
            while round.due(row.time) > elapsed_millis {
                if !self.flush().await {
                    return false;
                }
                ticks.tick().await;
                elapsed_millis = started.elapsed().as_secs_f64() * 1000.0;
            }
            let time = squeeze.apart(&row.key, row.time, round.event_time(row.time));
            row.write_event(time, number, &mut event);
            self.tally.with(|summary| summary.add_rows(1));
            let lane = lane_of(&row.key, self.pool.lanes());
            let full = self.batchers.get_mut(lane).and_then(|batcher| batcher.push(row.line, &event));
            self.place.store(row.time, Ordering::Relaxed);
            if let Some(batch) = full
                && !self.pool.send(lane, batch).await
            {
                return false;
            }
        }
        self.flush().await
    }

    async fn flush(&mut self) -> bool {
        for (lane, batcher) in self.batchers.iter_mut().enumerate() {
            if let Some(batch) = batcher.take()
                && !self.pool.send(lane, batch).await
            {
                return false;
            }
        }
        true
    }
}
