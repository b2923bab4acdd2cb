//! `cargo xtask bench`: measurements, one module each.

mod archive;
mod baseline;
mod feed;
mod grid;
mod hardening;
mod machine;
mod map;
mod rows;
mod scores;
mod scores_table;
mod servers;
mod size;
mod sources;
mod start;
mod table;
mod targets;
mod views;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::Outcome;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Subcommand)]
pub enum Bench {
    /// Delivery to an object store: rate, lag, an outage, and what it costs ingest.
    Archive(archive::ArchiveArguments),
    /// Ingest and fan-out, ours and two peers', with the same load on this machine.
    Feed(feed::FeedArguments),
    /// What the build before the hardening cost, beside today's.
    Hardening(hardening::HardeningArguments),
    /// Moving items on a map in Chromium: ours, deck.gl, MapLibre's own layers and Leaflet.
    Map(map::MapArguments),
    /// A quiz with 50 teachers watching: ours, and a Redis sorted set that is asked each second.
    Scores(scores::ScoresArguments),
    /// Records through each envelope of sources, beside our own NDJSON.
    Sources(sources::SourcesArguments),
    /// A view of 1,000 items: ours, an Express route with SQLite, and nginx with the same bytes.
    Views(views::ViewsArguments),
    /// What the pages and the worker weigh, against their limits.
    Size {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        baseline: baseline::BaselineArguments,
    },
    /// The processor time that the worker's script takes to start, against its limit.
    Start(start::StartArguments),
}

/// Runs one measurement.
pub fn run(workspace: &Workspace, what: &Bench) -> Outcome<ExitCode> {
    match what {
        Bench::Archive(arguments) => archive::archive(workspace, arguments),
        Bench::Feed(arguments) => feed::feed(workspace, arguments),
        Bench::Hardening(arguments) => hardening::hardening(workspace, arguments),
        Bench::Map(arguments) => map::map(workspace, arguments),
        Bench::Scores(arguments) => scores::scores(workspace, arguments),
        Bench::Sources(arguments) => sources::sources(workspace, arguments),
        Bench::Views(arguments) => views::views(workspace, arguments),
        Bench::Size { json, baseline } => size::size(workspace, *json, *baseline),
        Bench::Start(arguments) => start::start(workspace, arguments),
    }
}
