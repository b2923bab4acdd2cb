use super::*;
use crate::ingest::RecordResult;
use proptest::prelude::*;
use serde_json::json;

/// The same with whole numbers as integers, however they were written.
fn plain(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(n) => match n.as_f64() {
            Some(v) if v.fract() == 0.0 => Value::from(v as i64),
            _ => Value::Number(n),
        },
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Value::Array(list) => list.into_iter().map(plain).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// A request as a test makes it.
pub(super) struct Sent {
    pub headers: Vec<(String, String)>,
    pub query: String,
    pub body: Vec<u8>,
}

impl Sent {
    pub(super) fn new(headers: &[(&str, &str)], query: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self { headers, query: query.to_owned(), body: body.into() }
    }

    pub(super) fn arrived(&self) -> Arrived<'_> {
        Arrived {
            headers: &self.headers,
            query: &self.query,
            body: &self.body,
            key_name: "vehicleId",
            received: Millis(1_772_366_400_000),
        }
    }

    /// The events of a request as JSON, and the codes of what was refused.
    pub(super) fn events(&self, name: EnvelopeName) -> (Vec<serde_json::Value>, Vec<String>) {
        let arrived = self.arrived();
        let envelope = name.of(&arrived);
        let slices = envelope.open(&arrived).unwrap();
        let understood = |slices: &[Slice<'_>]| {
            let checked = check(envelope, slices, arrived.key_name, &Rules::default(), arrived.received).unwrap();
            let mut events: Vec<_> = checked.events.iter().map(|e| plain(serde_json::to_value(e).unwrap())).collect();
            checked.ending().iter().for_each(|number| events[*number as usize]["ends"] = true.into());
            let refused = checked.refused.into_iter();
            let code = |r: RecordResult| format!("{} {}", r.code.unwrap(), r.field.unwrap_or_default());
            (events, refused.map(code).collect())
        };
        // A dead letter is understood from its text alone.
        let from_text: Vec<Slice<'_>> = slices.iter().cloned().map(|slice| Slice { made: None, ..slice }).collect();
        assert_eq!(understood(&slices), understood(&from_text));
        understood(&slices)
    }

    /// The answer when all was taken, as text.
    pub(super) fn answered(&self, name: EnvelopeName) -> Reply {
        let arrived = self.arrived();
        let envelope = name.of(&arrived);
        let slices = envelope.open(&arrived).unwrap();
        envelope.answer(&arrived, &slices, Ok(&IngestAnswer::default()))
    }

    /// The answer to a refusal of the whole request.
    pub(super) fn refused(&self, code: Code) -> Reply {
        let arrived = self.arrived();
        EnvelopeName::Auto.of(&arrived).answer(&arrived, &[], Err(&Problem::new(code, "no")))
    }
}

#[test]
fn plain_json_is_strict_as_it_is_on_the_boards_own_route() {
    let body = json!([{"key": "v1", "time": 1_772_366_400_000_i64}, {"kee": "v2"}, 7]).to_string();
    let (events, refused) = Sent::new(&[], "", body).events(EnvelopeName::Auto);
    assert_eq!(events, [json!({"key": "v1", "time": 1_772_366_400_000_i64})]);
    assert_eq!(refused, ["unknown_field kee", "not_an_object "]);
}

#[test]
fn lines_are_told_by_their_media_type_and_a_bad_one_spoils_none() {
    let sent = Sent::new(
        &[("content-type", "application/x-ndjson; charset=utf-8")],
        "",
        "{\"key\":\"a\"}\n\nnope\n{\"key\":\"b\"}",
    );
    let (events, refused) = sent.events(EnvelopeName::Auto);
    assert_eq!(events.iter().map(|e| e["key"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(refused, ["invalid_json "]);
}

#[test]
fn a_table_becomes_events_with_keys_as_they_are_written() {
    let table = "\u{feff}vehicleId,time,lat,lon,speed,route,note\r\n\
                 0012,2026-03-01T12:00:00Z,30.25,-97.75,12.5,801,\"a, \"\"b\"\"\"\r\n\
                 v2,1772366400,,,,007,\r\nv3\r\n";
    let (events, refused) = Sent::new(&[("content-type", "text/csv")], "", table).events(EnvelopeName::Auto);
    let position = json!({"lat": 30.25, "lon": -97.75, "speed": 12.5});
    assert_eq!(
        events,
        [
            json!({"key": "0012", "time": 1_772_366_400_000_i64, "position": position, "fields": {"route": 801, "note": "a, \"b\""}}),
            json!({"key": "v2", "time": 1_772_366_400_000_i64, "fields": {"route": "007"}}),
        ]
    );
    assert_eq!(refused, ["invalid "]);
}

#[test]
fn names_made_of_digits_keep_every_digit_in_tables_and_a_word_is_its_own_rows() {
    let table = "key,time,temp,hex,serial,version,big\n\
                 a,1772366400,20.50,3e0012,241408E4,1.10,9007199254740993\n\
                 a,1772366401,unavailable,484506,7,1.9,18446744073709551616\n\
                 a,1772366402,21.25,4ca7b5,007,2,5\n";
    let (events, refused) = Sent::new(&[("content-type", "text/csv")], "", table).events(EnvelopeName::Auto);
    assert!(refused.is_empty(), "{refused:?}");
    let fields: Vec<_> = events.iter().map(|event| event["fields"].clone()).collect();
    assert_eq!(
        fields,
        [
            json!({"temp": 20.5, "hex": "3e0012", "serial": "241408E4", "version": "1.10", "big": "9007199254740993"}),
            json!({"temp": "unavailable", "hex": 484_506, "serial": 7, "version": 1.9, "big": "18446744073709551616"}),
            json!({"temp": 21.25, "hex": "4ca7b5", "serial": "007", "version": 2, "big": 5}),
        ]
    );
}

#[test]
fn whole_numbers_beyond_64_bits_keep_their_digits_where_an_envelope_makes_fields() {
    let detail = r#"{"version":"0","id":"6a7e","detail-type":"moved","source":"buses","account":"1","region":"us-east-1",
        "time":"2026-03-01T12:00:00Z","resources":[],
        "detail":{"vehicleId":"v1","n":9007199254740993,"big":123456789012345678901234567890,"whole":7}}"#;
    let (events, _) = Sent::new(&[], "", detail).events(EnvelopeName::Auto);
    assert_eq!(
        events[0]["fields"],
        json!({"n": "9007199254740993", "big": "123456789012345678901234567890", "whole": 7})
    );
}

#[test]
fn what_a_program_yields_are_events_and_what_it_drops_is_none() {
    let body = json!([{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]).to_string();
    let sent = Sent::new(&[], "", body);
    let arrived = sent.arrived();
    let mut slices = plain::Json.open(&arrived).unwrap();
    for (i, slice) in slices.iter_mut().enumerate() {
        slice.id = Some(format!("m{i}"));
    }
    let (lines, places) = inputs(&slices);
    assert_eq!((std::str::from_utf8(&lines).unwrap().lines().count(), places.as_slice()), (4, &[0, 1, 2, 3][..]));
    let yields = [Ok(b"{\"key\":\"x\"}\n{\"key\":\"y\"}\n".to_vec()), Ok(Vec::new()), Err("no".to_owned())];
    let checked = check_yields(&slices, &places, &yields, &Rules::default(), Millis(1_772_366_400_000)).unwrap();
    let ids: Vec<_> = checked.events.iter().map(|e| (e.key.as_str(), e.id.as_deref().unwrap())).collect();
    assert_eq!(ids, [("x", "m0"), ("y", "m0/1")]);
    assert_eq!(checked.places, [0, 0]);
    assert_eq!(
        checked.refused.iter().map(|r| (r.index, r.code.as_deref().unwrap())).collect::<Vec<_>>(),
        [(2, "jq_failed"), (3, "jq_failed")]
    );
}

#[test]
fn only_records_that_are_json_are_given_to_a_program_a_line_each() {
    let slices = [
        Slice::new("{\n \"a\": 1}"),
        Slice::new("nope"),
        Slice::new("[]").refused("", Code::Invalid, "no"),
        Slice::new("2"),
    ];
    assert_eq!(inputs(&slices), (b"{  \"a\": 1}\n2\n".to_vec(), vec![0, 3]));
}

proptest! {
    #[test]
    fn no_bytes_make_an_envelope_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), query in ".{0,80}", header in ".{0,40}") {
        for name in EnvelopeName::ALL.iter().copied().chain([EnvelopeName::Auto]) {
            let sent = Sent::new(&[("content-type", &header)], &query, bytes.clone());
            let arrived = sent.arrived();
            let envelope = name.of(&arrived);
            if let Ok(slices) = envelope.open(&arrived) {
                let checked = check(envelope, &slices, "key", &Rules::default(), arrived.received);
                prop_assert!(checked.is_ok_and(|c| c.events.len() + c.refused.len() == slices.len()));
                envelope.answer(&arrived, &slices, Ok(&IngestAnswer::default()));
            }
        }
    }
}
