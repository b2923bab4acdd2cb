//! The command line's grammar: the global options and the list of commands.

use clap::{Parser, Subcommand};

use crate::bench;
use crate::commands::{
    alarms, basemap, board, bridge, capacity, fences, item, layers, letters, mint, pipeline, publish, replay, simulate,
    sources, tail, warehouse, webhooks,
};

/// Heliograph: live maps and scoreboards from streams of events.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "The API key is read from the environment variable HELIOGRAPH_KEY, never from the command line.\n\n\
        Examples:\n  \
        export HELIOGRAPH_KEY=...\n  \
        heliograph board apply boards/fleet.json\n  \
        heliograph replay buses.csv --board fleet --speed 60 --start 07:00\n  \
        heliograph tail --board fleet"
)]
pub struct Cli {
    /// Address of the server
    #[arg(long, global = true, env = "HELIOGRAPH_URL", default_value = "http://127.0.0.1:8787", value_name = "URL")]
    pub url: String,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A board's alarms: what stands, what happened, and the rules that raise them
    Alarms(alarms::AlarmsArgs),
    /// Streets under the items: cut an archive of map tiles out of a larger one, and put it into the site
    Basemap(basemap::BasemapArgs),
    /// Apply, list or show board configs; export boards, and import them
    Board(board::BoardArgs),
    /// Forward messages of a broker (MQTT, NATS, Redis, PostgreSQL, standard input) to a board or a source, at least once
    Bridge(bridge::BridgeArgs),
    /// What a load takes: objects, rows, bytes, processor time, and money on the platform or a machine of one's own
    Capacity(capacity::CapacityArgs),
    /// A board's fences, and what happened at them
    Fences(fences::FencesArgs),
    /// End an item of a board, or print its track
    Item(item::ItemArgs),
    /// What lies under the items of a board's map: streets, stops, zones
    Layers(layers::LayersArgs),
    /// Find, mend, replay, drop or export records that were refused
    Letters(letters::LettersArgs),
    /// Mint a short-lived token from the API key and print it as JSON
    Mint(mint::MintArgs),
    /// Show a board's pipeline, or try one on some events
    Pipeline(pipeline::PipelineArgs),
    /// Publish one event from flags, or events from standard input (NDJSON)
    Publish(publish::PublishArgs),
    /// Follow a board's feed and print each change as a line of JSON
    Tail(tail::TailArgs),
    /// Send a recording (CSV or NDJSON, gzip too) as if it happened now
    Replay(replay::ReplayArgs),
    /// Drive a made-up but believable fleet around Austin, Texas, until stopped
    Simulate(simulate::SimulateArgs),
    /// Try a sample on a board's source
    Sources(sources::SourcesArgs),
    /// What a warehouse needs to read a board's archive, and how far its delivery is
    Warehouse(warehouse::WarehouseArgs),
    /// Who is told of a board's alarms, and what was not taken
    Webhooks(webhooks::WebhooksArgs),
    /// Put a load on a server and measure it; see `cargo xtask bench feed`
    #[command(hide = true)]
    Bench(bench::BenchArgs),
    /// The same for a scoreboard; see `cargo xtask bench scores`
    #[command(hide = true)]
    BenchScores(bench::scores::ScoresArgs),
}
