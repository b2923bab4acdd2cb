//! `heliograph replay`: send a recording as if it happened now.

mod args;
mod create;
mod history;
mod player;
mod session;

use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock;
use crate::error::CliError;
use crate::http::Api;
use crate::interrupt::{Interrupt, interrupted_code};
use crate::replay::clics::{self, amend::amend};
use crate::replay::plan::{self, Pace, Times};
use crate::replay::progress::Progress;
use crate::replay::rows::{ReadError, Recording, read};
use crate::replay::source::Source;
use crate::replay::time;
use crate::send::Patience;
use crate::send::batch::Batcher;
use crate::send::pool::{Pool, PoolConfig, Tally};
use crate::summary::{grouped, some_refused};

use args::Kind;
pub use args::ReplayArgs;
use player::{Player, Script};

/// How often the progress display is brought up to date.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Runs `replay`.
pub async fn run(api: &Api, args: ReplayArgs) -> Result<ExitCode, CliError> {
    let recording = load(&args)?;
    let board = board_of(&args, &recording)?;
    let kind = create::Kind::of(&recording);
    send(api, args, recording, board).await.map_err(|error| create::offer(error, kind))
}

async fn send(api: &Api, args: ReplayArgs, recording: Recording, board: String) -> Result<ExitCode, CliError> {
    if args.create {
        create::board(api, &args, &board, &recording).await?;
    }
    let (Recording { mut rows, summary, zone, contest, .. }, first) = prepare(&args, recording)?;
    if let Some(contest) = contest.as_ref().filter(|_| args.keep_time && args.end.is_none()) {
        match history::told(api, &board, &contest.id).await? {
            Some(told) => {
                let before = rows.len();
                amend(&contest.id, &mut rows, &told);
                let more = rows.len() - before;
                if more > 0 {
                    note(
                        &args,
                        &format!("{} events say again or take back what the board has otherwise", grouped(more as u64)),
                    );
                }
            }
            None => note(
                &args,
                "this key may not read the board's history: what was corrected back and forth may stay as it was",
            ),
        }
    }
    let (_, last) = plan::span(&rows).unwrap_or((first, first));
    let script = Script {
        rows: &rows,
        first,
        last,
        start: clock::now_millis(),
        pace: args.speed,
        times: if args.keep_time { Times::Kept } else { Times::Shifted },
        repeat: args.repeat,
        renames: contest.is_some() && !args.keep_time,
    };
    if let Some(id) = &args.session {
        let contest = contest.as_ref().ok_or_else(|| CliError::usage("--session goes with the feed of a contest"))?;
        session::create(api, &board, id, contest, &script.round(script.start)).await?;
        note(&args, &format!("made the session {id}: {}", contest.title));
    }
    let tally = Tally::new(summary);
    let interrupt = Interrupt::listen();
    let config = PoolConfig {
        board: board.clone(),
        connections: usize::from(args.connections.unwrap_or(if args.speed == Pace::Max { 4 } else { 1 })),
        batch: usize::from(args.batch),
        patience: Patience(Duration::from_secs(args.retry_for)),
    };
    let pool = Pool::start(api, &config, &tally, &interrupt);
    let started = clock::monotonic();
    let total = rows.len() as u64 + tally.with(|summary| summary.refused());
    let mut progress = Progress::new((!args.repeat).then_some(total), args.quiet || args.json);
    let place = AtomicI64::new(first);
    let work = async {
        let mut waiting = interrupt.clone();
        let batchers = (0..pool.lanes()).map(|_| Batcher::new(config.batch)).collect();
        let mut player = Player { pool: &pool, tally: &tally, place: &place, batchers };
        tokio::select! {
            () = player.play(&script) => {}
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
    let thawed = contest.as_ref().and_then(|contest| contest.thawed);
    if let Some((id, thawed)) = args.session.as_ref().zip(thawed)
        && finished.is_ok()
        && !interrupt.requested()
    {
        let due = Duration::from_secs_f64(script.round(script.start).due(thawed) / 1_000.0);
        let mut waiting = interrupt.clone();
        tokio::select! {
            () = tokio::time::sleep(due.saturating_sub(started.elapsed())) => {
                session::thaw(api, &board, id).await?;
                note(&args, &format!("revealed the session {id}: the contest's scoreboard was thawed"));
            }
            () = waiting.wait() => {}
        }
    }
    let elapsed = started.elapsed().as_secs_f64();
    tally.with(|summary| if args.json { say!("{}", summary.json(elapsed)) } else { say!("{}", summary.text(elapsed)) });
    // A recording that the board has already is there, which is what was asked for.
    let taken = tally.with(|summary| summary.accepted() + summary.duplicate());
    if interrupt.requested() {
        return Ok(if args.repeat { ExitCode::SUCCESS } else { interrupted_code() });
    }
    finished?;
    if taken == 0 {
        return Err(CliError::failed("nothing was accepted"));
    }
    Ok(if tally.with(|summary| summary.refused()) > 0 { some_refused() } else { ExitCode::SUCCESS })
}

fn load(args: &ReplayArgs) -> Result<Recording, CliError> {
    let options = args.read_options()?;
    let shown = args.file.display();
    let cannot_read = |reason: &dyn std::fmt::Display| CliError::failed(format!("cannot read {shown}: {reason}"));
    let source = Source::from_argument(&args.file).map_err(|error| cannot_read(&error))?;
    let is_contest = match args.format {
        Kind::Clics if args.names_columns() => {
            return Err(CliError::usage("the feed of a contest has no columns: leave out the flags that name some"));
        }
        Kind::Clics => true,
        Kind::Rows => false,
        Kind::Auto => !args.names_columns() && clics::is_feed(&source),
    };
    let recording = if is_contest { clics::read(&source, &args.tz) } else { read(&source, &options) };
    let recording = recording.map_err(|error| match error {
        ReadError::Input(reason) => cannot_read(&reason),
        ReadError::Choice(reason) => CliError::Usage(format!("{shown}: {reason}")),
    })?;
    let guessed = recording.columns.guessed();
    if !guessed.is_empty() {
        note(args, &format!("guessed from the column names: {guessed}"));
    }
    if !recording.cells.is_empty() {
        note(args, "read the columns as (--types says otherwise):");
        recording.cells.iter().for_each(|cells| note(args, &format!("  {cells}")));
    }
    for line in recording.contest.iter().flat_map(|contest| &contest.notes) {
        note(args, line);
    }
    let repeated = recording.repeated_ids();
    if repeated > 0 {
        let count = grouped(repeated as u64);
        note(args, &format!("{count} rows have the id of an earlier row: a board takes them for repetitions"));
    }
    Ok(recording)
}

fn board_of(args: &ReplayArgs, recording: &Recording) -> Result<String, CliError> {
    let guess = if recording.contest.is_some() {
        "icpc"
    } else if recording.columns.has_position() {
        "fleet"
    } else {
        ""
    };
    match &args.board {
        Some(board) => Ok(board.clone()),
        None if !guess.is_empty() => {
            note(args, &format!("guessed: --board {guess}"));
            Ok(guess.to_owned())
        }
        None => Err(CliError::usage("name the board with --board: rows without positions could belong to any")),
    }
}

/// Cuts the rows to `--start` and `--end`, puts them into time order, and says what is about to happen. Gives the
/// recorded moment at which the replay begins.
fn prepare(args: &ReplayArgs, mut recording: Recording) -> Result<(Recording, i64), CliError> {
    let zone = &recording.zone;
    let Some((first, last)) = plan::span(&recording.rows) else {
        say!("{}", recording.summary.text(0.0));
        return Err(CliError::failed(format!("no row of {} can be sent", args.file.display())));
    };
    let bound = |text: &Option<String>| {
        text.as_deref().map(|text| time::parse_bound(text, first, zone).map_err(CliError::Usage)).transpose()
    };
    let (start, end) = (bound(&args.start)?, bound(&args.end)?);
    // Standings rest on everything before: a contest that is joined late is caught up with.
    plan::cut(&mut recording.rows, start.filter(|_| recording.contest.is_none()), end);
    if recording.rows.is_empty() {
        return Err(CliError::failed(format!(
            "no row between --start and --end: the recording goes from {} to {}",
            time::display(first, zone),
            time::display(last, zone)
        )));
    }
    // A contest's feed is in the order in which things became known, which is what the log of a board is.
    if !args.unsorted && recording.contest.is_none() && plan::sort(&mut recording.rows) {
        note(args, "the rows were not in time order; sorted them (--unsorted keeps the file's order)");
    }
    let (first, last) = plan::span(&recording.rows).unwrap_or((first, last));
    let rows = grouped(recording.rows.len() as u64);
    note(args, &format!("{rows} rows, {} to {}", time::display(first, zone), time::display(last, zone)));
    // Rows that stay unsorted begin with the first of them, not with the earliest.
    let begin = if recording.contest.is_some() {
        start.unwrap_or(first)
    } else {
        recording.rows.first().map_or(first, |row| row.time)
    };
    Ok((recording, begin))
}

fn note(args: &ReplayArgs, text: &str) {
    if !args.quiet {
        eprintln!("{text}");
    }
}
