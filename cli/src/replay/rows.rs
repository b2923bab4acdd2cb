//! Rows of a recording, ready to be sent: read once to learn the columns, a second time to take the rows.
//!
//! What the file says is what is sent, wrong positions and all: the board's rules decide. Only a row without a key or a
//! readable time cannot become an event; it is counted as refused here, with its line.

mod cells;
mod delimited;
mod export;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
mod row;

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use heliograph_shared::cell::column::Reading;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value};

use crate::summary::Summary;

use super::clics::Contest;
use super::columns::{Columns, Role, Wanted, choose};
use super::source::{Format, Source};
use super::time::{Count, parse_time, recording_zone};

pub use cells::CellsRead;
pub use row::{Row, rest};

/// How to read a recording.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Columns named by the user.
    pub wanted: Wanted,
    /// How the user wants columns to be read.
    pub types: Vec<(String, Reading)>,
    /// The zone of times without an offset.
    pub zone: TimeZone,
    /// Times are counts of something, such as days of a course.
    pub count: Option<Count>,
    /// Columns that make an event's id together; they stay what else they are.
    pub id_columns: Vec<String>,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input is missing, broken or not of a known kind.
    #[error("{0}")]
    Input(String),
    /// The user must say which column is which.
    #[error("{0}")]
    Choice(String),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Input(error.to_string())
    }
}

impl ReadOptions {
    /// How the user wants a column to be read.
    fn wanted_type(&self, column: &str) -> Option<Reading> {
        self.types.iter().find(|(name, _)| name == column).map(|(_, reading)| *reading)
    }
}

/// A recording in memory.
#[derive(Debug)]
pub struct Recording {
    /// Which column is what.
    pub columns: Columns,
    /// The rows in the file's order.
    pub rows: Vec<Row>,
    /// Rows that could not be read.
    pub summary: Summary,
    /// How the cells of columns that became fields were read, where their text had to decide.
    pub cells: Vec<CellsRead>,
    /// The zone the recording is told in.
    pub zone: TimeZone,
    /// The contest that it is of.
    pub contest: Option<Contest>,
}

impl Recording {
    /// How many rows have the id of an earlier row: a board takes them for repetitions.
    pub fn repeated_ids(&self) -> usize {
        let mut seen = HashSet::new();
        self.rows.iter().filter_map(Row::id).filter(|id| !seen.insert(*id)).count()
    }
}

/// Reads a whole recording.
pub fn read(source: &Source, options: &ReadOptions) -> Result<Recording, ReadError> {
    let format = source.format().map_err(ReadError::Input)?;
    let (columns, cells, assembler) = match format {
        Format::Csv(delimiter) => delimited::read(source, delimiter, options)?,
        Format::Ndjson => json::read_lines(source, options).map(untold)?,
        Format::JsonArray => json::read_array(source, options).map(untold)?,
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::read(source, options).map(untold)?,
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(ReadError::Input("this build of heliograph reads no Parquet".to_owned())),
    };
    let Assembler { rows, summary, first_offset, has_position, .. } = assembler;
    let columns = if has_position { columns.with_positions() } else { columns };
    let zone = recording_zone(first_offset, &options.zone);
    Ok(Recording { columns, rows, summary, cells, zone, contest: None })
}

/// JSON and Parquet say themselves what is a number.
fn untold((columns, assembler): (Columns, Assembler)) -> (Columns, Vec<CellsRead>, Assembler) {
    (columns, Vec::new(), assembler)
}

fn choose_columns(available: &[String], options: &ReadOptions) -> Result<Columns, ReadError> {
    if let Some((missing, reading)) = options.types.iter().find(|(name, _)| !available.contains(name)) {
        return Err(ReadError::Choice(format!("--types {missing}={}: there is no such column", reading.name())));
    }
    if let Some(missing) = options.id_columns.iter().find(|name| !available.contains(name)) {
        return Err(ReadError::Choice(format!("--id {missing}: there is no such column")));
    }
    choose(available, &options.wanted).map_err(|reason| ReadError::Choice(reason.to_string()))
}

/// Makes rows of cells.
struct Assembler {
    zone: TimeZone,
    count: Option<Count>,
    id_columns: Vec<String>,
    id_parts: Vec<String>,
    rows: Vec<Row>,
    summary: Summary,
    first_offset: Option<Offset>,
    keys: HashMap<String, Arc<str>>,
    fields: Map<String, Value>,
    position: Map<String, Value>,
    /// Rows that are events have positions.
    has_position: bool,
}

impl Assembler {
    fn new(options: &ReadOptions) -> Self {
        Self {
            zone: options.zone.clone(),
            count: options.count,
            id_columns: options.id_columns.clone(),
            id_parts: Vec::new(),
            rows: Vec::new(),
            summary: Summary::default(),
            first_offset: None,
            keys: HashMap::new(),
            fields: Map::new(),
            position: Map::new(),
            has_position: false,
        }
    }

    fn refuse(&mut self, line: u64, code: &str, message: &str) {
        self.summary.refuse_row(line, code, message);
    }

    /// Adds the row made of these cells; absent cells are left out by the caller.
    fn add<'a>(&mut self, line: u64, cells: impl Iterator<Item = (&'a str, Option<Role>, Value)>) {
        self.fields.clear();
        self.position.clear();
        self.id_parts.clear();
        self.id_parts.resize(self.id_columns.len(), String::new());
        let (mut key, mut time, mut id) = (None, None, None);
        for (name, role, value) in cells {
            if let Some(place) = self.id_columns.iter().position(|column| column == name) {
                self.id_parts[place] = text_of(value.clone());
            }
            let part = match role {
                None => {
                    self.fields.insert(name.to_owned(), value);
                    continue;
                }
                Some(Role::Key) => {
                    key = Some(text_of(value));
                    continue;
                }
                Some(Role::Time) => {
                    time = Some(value);
                    continue;
                }
                Some(Role::Id) => {
                    id = Some(text_of(value));
                    continue;
                }
                Some(Role::Lat) => "lat",
                Some(Role::Lon) => "lon",
                Some(Role::Heading) => "heading",
                Some(Role::Speed) => "speed",
                Some(Role::Altitude) => "altitude",
                Some(Role::Accuracy) => "accuracy",
            };
            self.position.insert(part.to_owned(), value);
        }
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return self.refuse(line, "no_key", "the row has no key");
        };
        let millis = match time {
            None => return self.refuse(line, "no_time", "the row has no time"),
            Some(value) => match self.millis_of(&value) {
                Ok(millis) => millis,
                Err(reason) => return self.refuse(line, "bad_time", &reason),
            },
        };
        let key = Arc::clone(self.keys.entry(key).or_insert_with_key(|key| Arc::from(key.as_str())));
        if self.id_parts.iter().any(|part| !part.is_empty()) {
            id = Some(self.id_parts.join(":"));
        }
        let rest = rest(&self.position, &self.fields);
        self.rows.push(Row::new(line, millis, millis, key, id, rest));
    }

    /// Adds a row that is an event already.
    fn add_event(&mut self, line: u64, mut event: Map<String, Value>) {
        let mut part = |name: &str| match event.remove(name) {
            Some(Value::Object(part)) => part,
            _ => Map::new(),
        };
        let (position, fields) = (part("position"), part("fields"));
        let id = event.remove("id").filter(|id| !id.is_null()).map(text_of);
        let Some(key) = event.remove("key").map(text_of).filter(|key| !key.is_empty()) else {
            return self.refuse(line, "no_key", "the row has no key");
        };
        let time = event.remove("time").unwrap_or_default();
        let millis = match self.millis_of(&time) {
            Ok(millis) => millis,
            Err(reason) => return self.refuse(line, "bad_time", &reason),
        };
        self.has_position |= !position.is_empty();
        let key = Arc::clone(self.keys.entry(key).or_insert_with_key(|key| Arc::from(key.as_str())));
        self.rows.push(Row::new(line, millis, millis, key, id, rest(&position, &fields)));
    }

    fn millis_of(&mut self, value: &Value) -> Result<i64, String> {
        if let Some(count) = &self.count {
            return count.millis(value);
        }
        match value {
            Value::Number(number) => parse_time(&number.to_string(), &self.zone).map(|stamp| stamp.millis),
            Value::String(text) => {
                let stamp = parse_time(text, &self.zone)?;
                self.first_offset = self.first_offset.or(stamp.offset);
                Ok(stamp.millis)
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(format!("`{value}` is not a time"))
            }
        }
    }
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::time::Unit;
    use super::*;

    pub(super) fn options(named: &[(Role, &str)]) -> ReadOptions {
        ReadOptions {
            wanted: Wanted {
                named: named.iter().map(|(role, name)| (*role, (*name).to_owned())).collect(),
                auto: true,
            },
            types: Vec::new(),
            zone: TimeZone::UTC,
            count: None,
            id_columns: Vec::new(),
        }
    }

    fn events(text: &str, options: &ReadOptions) -> (Vec<Value>, Recording) {
        let recording = read(&Source::Memory(text.as_bytes().to_vec()), options).unwrap();
        let mut out = Vec::new();
        let events = recording
            .rows
            .iter()
            .map(|row| {
                row.write_event(row.time, "", &mut out);
                serde_json::from_slice(&out).unwrap()
            })
            .collect();
        (events, recording)
    }

    #[test]
    fn csv_numbers_become_numbers_ids_stay_text_and_empty_is_absent() {
        let text = "vehicle_id,timestamp,speed,route_id,latitude,longitude,trip_headsign,load,ok,code\n\
                    5022,2017-03-21T00:00:02-05:00,10.72896,801,30.414877,-97.66681,801 TECH RIDGE,12,true,007\n\
                    5001,2017-03-21T00:00:03-05:00,,801,30.265772,-97.7443,,,false,12\n";
        let (events, recording) = events(text, &options(&[]));
        assert_eq!(
            events[0],
            serde_json::json!({"key": "5022", "time": 1_490_072_402_000_i64,
                "position": {"lat": 30.414_877, "lon": -97.66681, "speed": 10.72896},
                "fields": {"route_id": "801", "trip_headsign": "801 TECH RIDGE", "load": 12, "ok": true, "code": "007"}})
        );
        assert_eq!(
            events[1],
            serde_json::json!({"key": "5001", "time": 1_490_072_403_000_i64, "position": {"lat": 30.265_772, "lon": -97.7443},
                "fields": {"route_id": "801", "ok": false, "code": "12"}})
        );
        assert_eq!(recording.zone, TimeZone::fixed(Offset::constant(-5)));
        assert_eq!(recording.rows[1].line, 3);
    }

    #[test]
    fn dirt_is_sent_and_only_rows_that_cannot_be_events_are_refused_with_their_line() {
        let text = "id,time,lat,lon,note\nv1,2026-01-01T00:00:00Z,abc,NaN,x\n,2026-01-01T00:00:00Z,1,2,x\nv1,,1,2,x\n\
                    v1,soon,1,2,x\nv1,2026-01-01T00:00:00Z,1\nv2,2026-01-01T00:00:01Z,,,\n";
        let (events, recording) = events(text, &options(&[]));
        assert_eq!(events.len(), 2);
        assert_eq!(events[0]["position"], serde_json::json!({"lat": "abc", "lon": "NaN"}));
        assert_eq!(events[1], serde_json::json!({"key": "v2", "time": 1_767_225_601_000_i64}));
        let codes = recording.summary.json(0.0)["codes"].clone();
        assert_eq!(codes["no_key"]["example"], "line 3: the row has no key");
        assert_eq!(codes["no_time"]["example"], "line 4: the row has no time");
        assert_eq!(codes["bad_time"]["example"], "line 5: `soon` is not a time");
        assert_eq!(codes["wrong_columns"]["example"], "line 6: the row has 3 columns, the header 5");
        assert_eq!(recording.summary.refused(), 4);
    }

    #[test]
    fn nested_json_is_flattened_to_dotted_names() {
        let text = "{\"data\":{\"temp\":21.5,\"light\":false,\"x\":null},\"device_id\":\"a:1\",\"ts\":1594598424.5,\"tags\":[1,2]}\n\
                    not json\n[1]\n\n{\"device_id\":7,\"ts\":\"2020-07-13T00:00:25Z\",\"later\":\"12\"}\n";
        let (events, recording) = events(text, &options(&[(Role::Key, "device_id"), (Role::Time, "ts")]));
        assert_eq!(
            events[0],
            serde_json::json!({"key": "a:1", "time": 1_594_598_424_500_i64,
                "fields": {"data.temp": 21.5, "data.light": false, "tags": "[1,2]"}})
        );
        assert_eq!(
            events[1],
            serde_json::json!({"key": "7", "time": 1_594_598_425_000_i64, "fields": {"later": "12"}})
        );
        let codes = recording.summary.json(0.0)["codes"].clone();
        assert_eq!(codes["bad_json"]["count"], 1);
        assert_eq!(codes["not_an_object"]["example"], "line 3: the line is not a JSON object");
    }

    #[test]
    fn a_json_array_and_a_nested_time_column_work() {
        let text = r#"[{"id":"a","data":{"time":"2026-01-01T00:00:00Z","location":{"lat":1,"lng":2}}}, 5]"#;
        let (events, recording) = events(text, &options(&[(Role::Time, "data.time")]));
        assert_eq!(events[0]["position"], serde_json::json!({"lat": 1, "lon": 2}));
        assert_eq!(recording.columns.guessed(), "--key id --lat data.location.lat --lon data.location.lng");
        assert_eq!(recording.summary.refused(), 1);
    }

    #[test]
    fn ids_are_sent_only_when_named_and_differ_between_rounds() {
        let text = "n,vehicle_id,time\n17,v1,2026-01-01T00:00:00Z\n";
        let (events, recording) = events(text, &options(&[(Role::Id, "n")]));
        assert_eq!(events[0]["id"], "17");
        let mut out = Vec::new();
        recording.rows[0].write_event(5, "~2", &mut out);
        assert_eq!(out, br#"{"key":"v1","time":5,"id":"17~2"}"#);
    }

    #[test]
    fn several_columns_make_an_id_together_and_stay_what_they_are() {
        let text = "day,id_student,id_test,score\n0,s1,7,40\n0,s1,8,\n0,s1,8,50\n";
        let mut options = options(&[(Role::Key, "id_student"), (Role::Time, "day")]);
        options.count = Some(Count { unit: Unit::Days, epoch: 1_412_121_600_000 });
        options.id_columns = vec!["id_student".to_owned(), "id_test".to_owned()];
        let (events, recording) = events(text, &options);
        assert_eq!((&events[0]["id"], &events[1]["id"]), (&"s1:7".into(), &"s1:8".into()));
        assert_eq!(events[0]["key"], "s1");
        assert_eq!(events[1]["fields"], serde_json::json!({"id_test": "8"}));
        assert_eq!(recording.repeated_ids(), 1);
        options.id_columns = vec!["nobody".to_owned()];
        assert!(matches!(read(&Source::Memory(text.into()), &options), Err(ReadError::Choice(_))));
    }

    #[test]
    fn times_may_be_counts_of_days() {
        let text = "day,key\n-6,a\n0,a\n1.5,a\nsoon,a\n";
        let mut options = options(&[(Role::Time, "day")]);
        options.count = Some(Count { unit: Unit::Days, epoch: 1_412_121_600_000 });
        let (events, recording) = events(text, &options);
        let times: Vec<i64> = events.iter().map(|event| event["time"].as_i64().unwrap()).collect();
        assert_eq!(times, [1_411_603_200_000, 1_412_121_600_000, 1_412_251_200_000]);
        let codes = recording.summary.json(0.0)["codes"].clone();
        assert_eq!(codes["bad_time"]["example"], "line 5: `soon` is not a number of days");
    }

    #[test]
    fn odd_headers_get_names_of_their_own_and_text_columns_stay_text() {
        let text = "id,time,a,a,,n\nv,2026-01-01T00:00:00Z,1,2,3,4\n";
        let mut options = options(&[]);
        options.types = vec![("n".to_owned(), Reading::Text)];
        let (events, _) = events(text, &options);
        assert_eq!(events[0]["fields"], serde_json::json!({"a": 1, "a_2": 2, "column_5": 3, "n": "4"}));
        options.types = vec![("zzz".to_owned(), Reading::Text)];
        assert!(matches!(read(&Source::Memory(text.into()), &options), Err(ReadError::Choice(_))));
    }

    #[test]
    fn a_word_is_its_own_rows_word_and_is_told() {
        let text = "key,time,temp,hex,version\na,2026-01-01T00:00:00Z,20.5,3e0012,1.10\n\
                    a,2026-01-01T00:00:01Z,unavailable,484506,1.9\na,2026-01-01T00:00:02Z,21.5,4ca7b5,1.10\n";
        let (events_, recording) = events(text, &options(&[]));
        let temps: Vec<&Value> = events_.iter().map(|event| &event["fields"]["temp"]).collect();
        assert_eq!(temps, [&Value::from(20.5), &"unavailable".into(), &21.5.into()]);
        assert_eq!(events_[1]["fields"]["hex"], "484506");
        assert_eq!(events_[0]["fields"]["version"], "1.10");
        let told: Vec<String> = recording.cells.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["temp: number, 1 of 3 cells did not fit (line 3: `unavailable` stays text)", "hex: text", "version: text"]
        );
        let mut options = options(&[]);
        options.types = vec![("version".to_owned(), Reading::Number), ("temp".to_owned(), Reading::Text)];
        let (events, _) = events(text, &options);
        assert_eq!((&events[0]["fields"]["version"], &events[0]["fields"]["temp"]), (&1.1.into(), &"20.5".into()));
    }

    #[test]
    fn whole_numbers_beyond_2_to_the_53_keep_every_digit_in_every_format() {
        const DIGITS: [&str; 4] =
            ["9007199254740993", "-9007199254740993", "18446744073709551616", "123456789012345678901234567890"];
        let time = "2026-01-01T00:00:00Z";
        let rows = |row: &dyn Fn(&str) -> String| DIGITS.map(row);
        let csv = format!("key,time,n\n{}\n", rows(&|n| format!("a,{time},{n}")).join("\n"));
        let flat = rows(&|n| format!(r#"{{"key":"a","time":"{time}","n":{n}}}"#));
        let nested = rows(&|n| format!(r#"{{"key":"a","time":"{time}","fields":{{"n":{n}}}}}"#));
        for text in [
            csv,
            flat.join("\n"),
            format!("[{}]", flat.join(",")),
            nested.join("\n"),
            format!("[{}]", nested.join(",")),
        ] {
            let (events, recording) = events(&text, &options(&[]));
            assert_eq!(recording.summary.refused(), 0, "{text}");
            let read: Vec<&Value> = events.iter().map(|event| &event["fields"]["n"]).collect();
            assert_eq!(read, DIGITS, "{text}");
        }
        // A key and a time are what their digits say.
        let (events, _) = events(r#"{"key":9007199254740993,"time":1772366400123456789,"n":1e20}"#, &options(&[]));
        assert_eq!(
            events[0],
            serde_json::json!({"key": "9007199254740993", "time": 1_772_366_400_123_i64, "fields": {"n": 1e20}})
        );
    }

    #[test]
    fn types_say_how_columns_are_read_whatever_is_in_them() {
        let csv = "key,time,n,code,on,big\na,2026-01-01T00:00:00Z,1.10,3e0012,true,9007199254740993\n\
                   a,2026-01-01T00:00:01Z,absent,007,5,12\n";
        let ndjson = "{\"key\":\"a\",\"time\":\"2026-01-01T00:00:00Z\",\"n\":\"1.10\",\"code\":\"3e0012\",\"on\":\"true\",\"big\":9007199254740993}\n\
                      {\"key\":\"a\",\"time\":\"2026-01-01T00:00:01Z\",\"n\":\"absent\",\"code\":\"007\",\"on\":\"5\",\"big\":12}\n";
        let fields = |text: &str, wanted: Reading| {
            let types = ["n", "code", "on", "big"].map(|name| (name.to_owned(), wanted)).to_vec();
            let (events, _) = events(text, &ReadOptions { types, ..options(&[]) });
            [events[0]["fields"].clone(), events[1]["fields"].clone()]
        };
        for text in [csv, ndjson] {
            // A word stays a word, and what would lose digits stays text, also where numbers are asked for.
            assert_eq!(
                fields(text, Reading::Number),
                [
                    serde_json::json!({"n": 1.1, "code": 3_000_000_000_000_i64, "on": true, "big": "9007199254740993"}),
                    serde_json::json!({"n": "absent", "code": 7, "on": 5, "big": 12}),
                ],
                "{text}"
            );
            assert_eq!(
                fields(text, Reading::Text),
                [
                    serde_json::json!({"n": "1.10", "code": "3e0012", "on": "true", "big": "9007199254740993"}),
                    serde_json::json!({"n": "absent", "code": "007", "on": "5", "big": "12"}),
                ],
                "{text}"
            );
            assert_eq!(
                fields(text, Reading::Own),
                [
                    serde_json::json!({"n": "1.10", "code": "3e0012", "on": true, "big": "9007199254740993"}),
                    serde_json::json!({"n": "absent", "code": "007", "on": 5, "big": 12}),
                ],
                "{text}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_refuse_their_row_only() {
        let bytes = b"id,time,n\nv1,2026-01-01T00:00:00Z,\xff\nv1,2026-01-01T00:00:01Z,ok\n".to_vec();
        let recording = read(&Source::Memory(bytes), &options(&[])).unwrap();
        assert_eq!((recording.rows.len(), recording.summary.refused()), (1, 1));
    }
}
