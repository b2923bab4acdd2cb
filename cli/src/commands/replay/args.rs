//! The arguments of `replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use heliograph_shared::cell::column::Reading;
use jiff::tz::TimeZone;

use crate::error::CliError;
use crate::replay::columns::{Role, Wanted};
use crate::replay::plan::Pace;
use crate::replay::rows::ReadOptions;
use crate::replay::time::{self, Count, Unit};
use crate::send::batch::MAX_BATCH_EVENTS;

/// What the input is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Told by the first lines.
    Auto,
    /// Rows, each an event of its own.
    Rows,
    /// The event feed of a contest (CLICS Contest API).
    Clics,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[command(
    after_help = "Columns: --key, --time, --lat and --lon are guessed from well-known names (vehicle_id, timestamp, latitude, …) \
    when they are left out; what was guessed is printed. Beside a position the columns `speed` (m/s), `heading` or `bearing` \
    (degrees), `altitude` and `accuracy` (metres) are recognised as parts of it: name another column to use that instead, or \
    say --no-auto to keep them as plain fields. All other columns become fields, and each cell is what it is: a word in a column \
    of numbers is that row's word. Names made of digits (3e0012, 007, 1.10, beyond 2^53) stay text, and so do columns named id, \
    *_id or id_*; an empty cell is absent. How each column was read is printed, and how many cells did not fit; --types says \
    otherwise. Nested JSON columns are named by dotted \
    path: data.temp.\n\n\
    Contests: the event feed of a CLICS Contest API (NDJSON) is recognised by its lines. Each team becomes an item with its name, \
    organization and place, and each verdict an event with the time of its submission, in the feed's order; a corrected verdict \
    is a later event of the same submission. The board's rules do the ranking: see boards/icpc.json. --start then sends what was \
    known before that time at once. Ids are the contest's own with --keep-time, so that sending a feed twice changes nothing.\n\n\
    Times: the first replayed row is now and the others follow at --speed, in the event times too. With --speed max the \
    recording keeps its spacing and its last row is now, so that nothing comes from the future.\n\n\
    Exit code: 0; 3 when some rows were refused; 1 when nothing was accepted or known already, the server refused the requests or the input could not be read; 2 for wrong \
    usage; 130 when interrupted before the end.\n\n\
    Examples:\n  \
    heliograph replay buses.csv --board fleet --speed 60 --start 07:00\n  \
    heliograph replay buses.csv --board fleet --key bus --time at --lat y --lon x --speed max\n  \
    heliograph replay sensors.jsonl.gz --board sensors --key device_id --time ts --speed max\n  \
    heliograph replay route14.csv --board fleet --tz Europe/London --loop\n  \
    heliograph replay event-feed.ndjson --board icpc --session finals --speed 60\n  \
    heliograph replay oulad_submissions_2014J.csv --board school --key id_student --id id_student,id_assessment --time date_submitted \
    --time-unit days --epoch 2014-10-01 --keep-time --speed max"
)]
pub struct ReplayArgs {
    /// CSV or NDJSON file (or a JSON array), gzip or not, told by content; `-` is standard input
    pub(super) file: PathBuf,
    /// Board that gets the events [guessed: fleet, when the rows have positions; icpc for a contest]
    #[arg(long, short)]
    pub(super) board: Option<String>,
    /// Column with the key: which thing a row is about
    #[arg(long, value_name = "COL")]
    pub(super) key: Option<String>,
    /// Column with the time: RFC 3339, without a zone (see --tz), or an epoch number
    #[arg(long, value_name = "COL")]
    pub(super) time: Option<String>,
    /// Column with the latitude
    #[arg(long, value_name = "COL")]
    pub(super) lat: Option<String>,
    /// Column with the longitude
    #[arg(long, value_name = "COL")]
    pub(super) lon: Option<String>,
    /// Column with the heading in degrees clockwise from north
    #[arg(long, value_name = "COL")]
    pub(super) heading: Option<String>,
    /// Column with the speed in m/s
    #[arg(long, value_name = "COL")]
    pub(super) speed_col: Option<String>,
    /// Column with the altitude in metres
    #[arg(long, value_name = "COL")]
    pub(super) altitude: Option<String>,
    /// Column with the accuracy in metres
    #[arg(long, value_name = "COL")]
    pub(super) accuracy: Option<String>,
    /// Column with the events' own ids (without it, events have none); several columns are joined and stay fields as well
    #[arg(long, value_name = "COL[,COL…]", value_delimiter = ',')]
    pub(super) id: Vec<String>,
    /// Do not recognise position parts by their names
    #[arg(long)]
    pub(super) no_auto: bool,
    /// Column to leave as text though it looks like numbers (may be repeated)
    #[arg(long, value_name = "COL")]
    pub(super) text: Vec<String>,
    /// How columns are read: `text`, `number` (what is none stays text) or `own` (each cell as what it is alone)
    #[arg(long, value_name = "COL=TYPE[,…]", value_delimiter = ',', value_parser = parse_type)]
    pub(super) types: Vec<(String, Reading)>,
    /// How many times as fast as it happened, or `max`: as fast as the server acknowledges
    #[arg(long, default_value = "1", value_name = "N|max")]
    pub(super) speed: Pace,
    /// Start again at the end, with times shifted again, until interrupted
    #[arg(long = "loop", conflicts_with = "keep_time")]
    pub(super) repeat: bool,
    /// Leave out rows before this time: a time of day on the first day (07:00) or a full time
    #[arg(long, value_name = "TIME")]
    pub(super) start: Option<String>,
    /// Leave out rows from this time on
    #[arg(long, value_name = "TIME")]
    pub(super) end: Option<String>,
    /// Send the recorded times instead of shifting them to now
    #[arg(long)]
    pub(super) keep_time: bool,
    /// Times are numbers of these, counted from --epoch
    #[arg(long, value_name = "UNIT")]
    pub(super) time_unit: Option<Unit>,
    /// What --time-unit counts from [default: 1970-01-01]
    #[arg(long, value_name = "TIME", requires = "time_unit")]
    pub(super) epoch: Option<String>,
    /// Zone of times that name none: America/Chicago, -05:00, UTC
    #[arg(long, default_value = "UTC", value_name = "ZONE", value_parser = time::parse_zone)]
    pub(super) tz: TimeZone,
    /// Keep the file's order instead of sorting by time
    #[arg(long)]
    pub(super) unsorted: bool,
    /// What the input is made of
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub(super) format: Kind,
    /// Make a session of this id for the contest, with its start, freeze and end
    #[arg(long, value_name = "ID", conflicts_with = "repeat")]
    pub(super) session: Option<String>,
    /// Make the board, with a config that fits the file, if there is none
    #[arg(long)]
    pub(super) create: bool,
    /// Where the contest's API lies: the board that --create makes shows the logos that the feed names below it
    #[arg(long, value_name = "URL", requires = "create")]
    pub(super) logos: Option<String>,
    /// Most events in one request
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_BATCH_EVENTS as i64))]
    pub(super) batch: u16,
    /// Connections side by side; a key always uses the same one [default: 4 with --speed max, otherwise 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) connections: Option<u16>,
    /// Seconds to keep trying when the server does not answer
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub(super) retry_for: u64,
    /// Print the summary as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Show no progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

fn parse_type(text: &str) -> Result<(String, Reading), String> {
    text.rsplit_once('=')
        .and_then(|(name, reading)| Some((name.to_owned(), Reading::named(reading)?)))
        .ok_or_else(|| "give it as COL=text, COL=number or COL=own".to_owned())
}

impl ReplayArgs {
    /// How to read rows.
    pub(super) fn read_options(&self) -> Result<ReadOptions, CliError> {
        let (one_id, id_columns) = match self.id.as_slice() {
            [one] => (Some(one.clone()), Vec::new()),
            several => (None, several.to_vec()),
        };
        let named = [
            (Role::Key, &self.key),
            (Role::Time, &self.time),
            (Role::Lat, &self.lat),
            (Role::Lon, &self.lon),
            (Role::Heading, &self.heading),
            (Role::Speed, &self.speed_col),
            (Role::Altitude, &self.altitude),
            (Role::Accuracy, &self.accuracy),
            (Role::Id, &one_id),
        ];
        let named = named.into_iter().filter_map(|(role, name)| name.clone().map(|name| (role, name))).collect();
        let epoch = self.epoch.as_deref().map(|text| time::parse_time(text, &self.tz)).transpose();
        let epoch = epoch.map_err(|reason| CliError::Usage(format!("--epoch: {reason}")))?;
        Ok(ReadOptions {
            wanted: Wanted { named, auto: !self.no_auto },
            types: self
                .text
                .iter()
                .map(|name| (name.clone(), Reading::Text))
                .chain(self.types.iter().cloned())
                .collect(),
            zone: self.tz.clone(),
            count: self.time_unit.map(|unit| Count { unit, epoch: epoch.map_or(0, |stamp| stamp.millis) }),
            id_columns,
        })
    }

    /// Whether a flag says something about columns: then the input has some.
    pub(super) fn names_columns(&self) -> bool {
        let columns = [
            &self.key,
            &self.time,
            &self.lat,
            &self.lon,
            &self.heading,
            &self.speed_col,
            &self.altitude,
            &self.accuracy,
        ];
        columns.into_iter().any(Option::is_some)
            || !self.id.is_empty()
            || !self.text.is_empty()
            || !self.types.is_empty()
            || self.time_unit.is_some()
    }
}
