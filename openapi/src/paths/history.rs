//! What was: series, the summary, and the events themselves.

use super::{ARROW, CSV, GEO, JSON, LINES, PARQUET, binary, integer, key, lines, page_rows, time, view};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::rollups::answer::{BoardSeries, ItemSeries};
use heliograph_shared::rollups::step::Step;
use heliograph_shared::tracks::answer::TrackView;
use heliograph_shared::tracks::trips::TripsView;
use heliograph_shared::views::events::EventsPage;
use heliograph_shared::views::summary::Summary;
use serde_json::{Value, json};

const TABLES: &[&str] = &["json", "csv", "ndjson", "arrow", "parquet"];

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![item_series(s), item_track(s), item_trips(s), board_series(s), summary(s), events(s)]
}

fn point() -> Value {
    json!({
        "time": 1_772_366_400_000_i64, "count": 2, "sum": 1.1, "min": 0.4, "max": 0.7, "first": 0.7, "last": 0.4,
        "average": 0.55, "rate": 0.000_556,
    })
}

/// What both kinds of series take.
fn series(operation: Operation, s: &mut Schemas) -> Operation {
    let quantiles = json!({
        "type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 1,
        "maxItems": limits::QUANTILES,
    });
    let operation = operation
        .query(
            "field",
            "A number field, or `position.speed`, `position.altitude`, `position.accuracy`; without it events are counted.",
            json!({"type": "string"}),
        )
        .query("from", "The beginning; a day before the end when absent.", time())
        .query("to", "The end, which does not belong to it; behind the newest event when absent.", time())
        .query(
            "step",
            "The length of a bucket; the finest that is kept and makes at most 500 points when absent. At most 10,000 \
             points.",
            s.taken::<Step>(),
        )
        .query("quantiles", "Quantiles of a field for which the board's config keeps them.", quantiles)
        .problem(Code::UnknownField)
        .problem(Code::HiddenField)
        .problem(Code::NoRollups);
    view(operation, TABLES)
}

fn item_series(s: &mut Schemas) -> Operation {
    let operation = Operation::new(
        "get",
        "/v1/boards/{board}/items/{key}/series",
        "getItemSeries",
        "History",
        Right::Board("history"),
    )
    .summary("Get a series of one item")
    .description("Buckets without numbers are left out. `rate` is `count` a second.")
    .path("key", "The item's key.", key())
    .answers(200, "The series.", JSON, s.sent::<ItemSeries>())
    .answers(200, "The series.", CSV, lines())
    .answers(200, "The series.", ARROW, binary())
    .answers(200, "The series.", PARQUET, binary())
    .answers(200, "The series.", LINES, lines())
    .problem(Code::ItemNotFound)
    .example(
        Example::new(
            "a day of fuel by the hour",
            200,
            json!({
                "cursor": "e1:1042", "key": "v1", "field": "fuel", "step": "1h",
                "from": 1_772_323_200_000_i64, "to": 1_772_409_600_000_i64, "points": [point()],
            }),
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("field", "fuel")
        .with("from", "2026-03-01T00:00:00Z")
        .with("to", "2026-03-02T00:00:00Z")
        .with("step", "1h"),
    )
    .example(
        Example::text(
            "a table",
            CSV,
            "\"time\",\"count\",\"sum\",\"min\",\"max\",\"first\",\"last\",\"average\",\"rate\"\r\n1772366400000,1,0.7,0.7,0.7,0.7,0.7,0.7,0.000278\r\n",
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("field", "fuel")
        .with("step", "1h")
        .with("format", "csv"),
    );
    series(operation, s)
}

const GPX: &str = "application/gpx+xml";
const KML: &str = "application/vnd.google-earth.kml+xml";

fn item_track(s: &mut Schemas) -> Operation {
    let operation = Operation::new(
        "get",
        "/v1/boards/{board}/items/{key}/track",
        "getItemTrack",
        "History",
        Right::Board("history"),
    )
    .summary("Get where one item was")
    .description(
        "Each point is time, degrees north, degrees east, m/s, and degrees clockwise from north, with null for what is \
         not known. With more fixes than `max_points` those are left that tell most (SQUISH-E). An item that ended keeps \
         its track.",
    )
    .path("key", "The item's key.", key())
    .query("from", "The beginning; a day before the end when absent.", time())
    .query("to", "The end, which does not belong to it; behind the newest fix when absent.", time())
    .query(
        "max_points",
        "The most points of the answer; the first and the last fix are always among them.",
        integer(2, limits::TRACK_POINTS_MAX as u64, Some(limits::TRACK_POINTS as u64)),
    )
    .query("gap_s", "Seconds between two fixes beyond which no line joins them.", integer(1, 86_400, Some(300)))
    .answers(200, "The track.", JSON, s.sent::<TrackView>())
    .answers(200, "A feature with a line, or with several where there are gaps.", GEO, json!({"type": "object"}))
    .answers(200, "The track, a row a point.", CSV, lines())
    .answers(200, "The track, a segment for each stretch without gaps.", GPX, lines())
    .answers(200, "The track, a `gx:Track` for each stretch without gaps.", KML, lines())
    .answers(200, "The track, a row a point.", ARROW, binary())
    .answers(200, "The track, a row a point.", PARQUET, binary())
    .problem(Code::ItemNotFound)
    .problem(Code::NoTracks)
    .problem(Code::TracksRebuilding)
    .example(
        Example::new(
            "an hour on the map",
            200,
            json!({
                "cursor": "e1:1042", "key": "v1",
                "points": [[1_772_366_400_000_i64, 30.26, -97.74, 12.5, 90]], "gaps": [], "fixes": 1,
            }),
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("from", "2026-03-01T12:00:00Z")
        .with("to", "2026-03-01T13:00:00Z"),
    )
    .example(
        Example::text(
            "a table",
            CSV,
            "\"time\",\"lat\",\"lon\",\"speed\",\"heading\"\r\n1772366400000,30.26,-97.74,12.5,90\r\n",
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("max_points", "500")
        .with("format", "csv"),
    );
    view(operation, &["json", "geojson", "csv", "gpx", "kml", "arrow", "parquet"])
}

fn item_trips(s: &mut Schemas) -> Operation {
    let operation = Operation::new(
        "get",
        "/v1/boards/{board}/items/{key}/trips",
        "getItemTrips",
        "History",
        Right::Board("history"),
    )
    .summary("Get when one item went and when it stood")
    .description(
        "A stop is a run of fixes within `stop_m` of its first one that lasts for `stop_s`; what is between two stops is a trip. \
         A gap in the track parts a trip in two, unless the item is seen again where it was: then it stood there.",
    )
    .path("key", "The item's key.", key())
    .query("from", "The beginning; a day before the end when absent.", time())
    .query("to", "The end, which does not belong to it; behind the newest fix when absent.", time())
    .query("stop_m", "A stop's fixes are no further from its first.", integer(5, 10_000, Some(u64::from(limits::STOP_METRES))))
    .query("stop_s", "Seconds that a stop lasts.", integer(10, 86_400, Some(u64::from(limits::STOP_SECONDS))))
    .query("gap_s", "Seconds between two fixes beyond which nothing is known of the time between.", integer(1, 86_400, Some(300)))
    .answers(200, "Trips and stops, each in the order of their times.", JSON, s.sent::<TripsView>())
    .problem(Code::ItemNotFound)
    .problem(Code::NoTracks)
    .problem(Code::TracksRebuilding)
    .example(
        Example::new(
            "an hour on the map",
            200,
            json!({
                "cursor": "e1:1042", "key": "v1",
                "trips": [{
                    "from": 1_772_366_400_000_i64, "to": 1_772_368_200_000_i64, "start": {"lat": 30.26, "lon": -97.74},
                    "end": {"lat": 30.31, "lon": -97.7}, "metres": 7_341.2, "top_speed": 17.4, "fixes": 1_800,
                }],
                "stops": [{
                    "from": 1_772_368_200_000_i64, "to": 1_772_369_000_000_i64, "position": {"lat": 30.31, "lon": -97.7}, "fixes": 800,
                }],
            }),
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("from", "2026-03-01T12:00:00Z")
        .with("to", "2026-03-01T13:00:00Z"),
    );
    view(operation, &["json"])
}

fn board_series(s: &mut Schemas) -> Operation {
    let keys = json!({"type": "array", "items": {"type": "string"}, "maxItems": limits::KEYS_PER_SUBSCRIPTION});
    let operation = Operation::new("get", "/v1/boards/{board}/series", "getSeries", "History", Right::Board("history"))
        .summary("Get series of a board")
        .description("Over all items that the caller may see, or a series for each group of them.")
        .query("group_by", "`key`, or a field of which each value makes a group.", json!({"type": "string"}))
        .query("keys", "Only these items.", keys)
        .answers(200, "The series.", JSON, s.sent::<BoardSeries>())
        .answers(200, "The series.", CSV, lines())
        .answers(200, "The series.", ARROW, binary())
        .answers(200, "The series.", PARQUET, binary())
        .answers(200, "The series.", LINES, lines())
        .example(
            Example::new(
                "fuel by route",
                200,
                json!({
                    "cursor": "e1:1042", "field": "fuel", "step": "1d", "from": 1_772_323_200_000_i64,
                    "to": 1_772_409_600_000_i64, "group_by": "route",
                    "groups": [{"group": "801", "points": [point()]}],
                }),
            )
            .with("board", "fleet")
            .with("field", "fuel")
            .with("group_by", "route")
            .with("step", "1d")
            .with("from", "2026-03-01T00:00:00Z")
            .with("to", "2026-03-02T00:00:00Z"),
        );
    series(operation, s)
}

fn summary(s: &mut Schemas) -> Operation {
    let operation = Operation::new("get", "/v1/boards/{board}/summary", "getSummary", "History", Right::Board("read"))
        .summary("Get counts, rates and extremes")
        .description(
            "Over the items as they are now, or were. `rates` are told to those who may see every item; `past` says for which \
             times `at` may be asked.",
        )
        .query("at", super::items::AT, json!({"type": "string"}))
        .problem(Code::PastGone)
        .answers(200, "The summary.", JSON, s.sent::<Summary>())
        .example(
            Example::new(
                "a fleet's",
                200,
                json!({
                    "cursor": "e1:1042", "at": 1_772_366_401_000_i64, "items": 80, "stale": 3, "events": 1042,
                    "newest": 1_772_366_400_000_i64, "oldest": 1_772_360_000_000_i64,
                    "rates": {"1m": 2.5, "10m": 2.4, "1h": 1.9},
                    "fields": {"fuel": {
                        "items": 80, "min": 0.1, "max": 0.98, "average": 0.6, "min_key": "v17", "max_key": "v3",
                    }},
                    "series_full": false,
                    "past": {"from": 1_772_360_000_000_i64, "to": 1_772_366_400_000_i64},
                }),
            )
            .with("board", "fleet"),
        );
    view(operation, &["json"])
}

fn events(s: &mut Schemas) -> Operation {
    let operation = Operation::new(
        "get",
        "/v1/boards/{board}/events",
        "listEvents",
        "History",
        Right::Board("history"),
    )
    .summary("List events, as they were accepted")
    .description(
        "In the order of the log. Go on with `next` as `after`: a page may have no events and yet a next one, since \
             it looks through a part of the log only. Events are kept for the config's `keep_days`.",
    )
    .query("key", "Only events of this item.", json!({"type": "string"}))
    .query("from", "Only events whose time is not before.", time())
    .query("to", "Only events whose time is before.", time())
    .query("after", "The `next` of the page before.", integer(0, limits::SEQ_MAX, None))
    .query("limit", "Events of a page.", page_rows())
    .answers(200, "A page of events.", JSON, s.sent::<EventsPage>())
    .answers(200, "A page of events.", CSV, lines())
    .answers(200, "A page of events.", ARROW, binary())
    .answers(200, "A page of events.", PARQUET, binary())
    .answers(200, "A page of events.", LINES, lines())
    .problem(Code::EventsGone)
    .example(
        Example::new(
            "a vehicle's",
            200,
            json!({
                "cursor": "e1:1042",
                "events": [{
                    "seq": 17, "key": "v1", "time": 1_772_366_400_000_i64, "id": "v1-17",
                    "position": {"lat": 30.26, "lon": -97.74, "heading": 90, "speed": 12.5},
                    "fields": {"route": "801", "fuel": 0.7},
                }],
                "next": null,
            }),
        )
        .with("board", "fleet")
        .with("key", "v1")
        .with("from", "2026-03-01T00:00:00Z")
        .with("limit", "100"),
    )
    .example(
        Example::text(
            "a table",
            CSV,
            "\"seq\",\"key\",\"time\",\"id\",\
                 \"position.lat\",\"position.lon\",\"position.heading\",\"position.speed\",\"position.altitude\",\
                 \"position.accuracy\",\"route\",\"fuel\"\r\n17,\"v1\",1772366400000,\"v1-17\",30.26,-97.74,90,12.5,,,\"801\",0.7\r\n",
        )
        .with("board", "fleet")
        .with("format", "csv"),
    );
    view(operation, TABLES)
}
