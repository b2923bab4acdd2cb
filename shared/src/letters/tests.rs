//! Letters are found, counted, mended and replayed as they were left.

use super::*;
use crate::board::{Letters, LettersFrom};
use crate::ingest::{IngestAnswer, RecordResult};
use crate::problem::{Code, FieldError};
use crate::rules::Rules;
use crate::source::EnvelopeName;
use crate::time::Millis;
use serde_json::{Value, json};

fn refusal(code: Code) -> RecordResult {
    RecordResult::refused(0, FieldError::new("lat", code, "lat is -90 to 90"))
}

/// A row with the letters of these records.
fn row(records: &[(&str, Code)], of: &Of) -> LetterRow {
    let mut letters = Letters::from(LettersFrom { source: Some("s".into()), ..LettersFrom::default() });
    records.iter().for_each(|(raw, code)| letters.push_of(&refusal(*code), raw, of, "source s"));
    letters.rows("", &|_| false).unwrap().rows.remove(0)
}

fn kept(row: &LetterRow, nth: usize) -> Kept<'_> {
    serde_json::from_str(parts(&row.letters).unwrap()[nth].get()).unwrap()
}

#[test]
fn what_was_sent_is_what_is_replayed_byte_by_byte() {
    let records = [r#"{"key": "a",  "n": 1.10e2}"#, "!AIVDM,1,1", r#"{"text":"a JSON text"}"#];
    let row = row(&records.map(|raw| (raw, Code::Invalid)), &Of::default());
    for (nth, raw) in records.iter().enumerate() {
        assert_eq!(kept(&row, nth).raw(None), *raw);
    }
    let mend = Mend { record: serde_json::from_str(r#"{"text":"!AIVDM,2"}"#).unwrap(), at: Millis(1), by: "me".into() };
    assert_eq!(kept(&row, 1).raw(Some(&mend)), "!AIVDM,2");
    assert_eq!(kept(&row, 0).raw(Some(&mend)), r#"{"text":"!AIVDM,2"}"#, "a record that was JSON stays JSON");
    // A letter of before says nothing of itself.
    let old: Kept<'_> = serde_json::from_str(r#"{"code":"c","record":{"text":"x"},"by":"me"}"#).unwrap();
    assert_eq!(old.raw(None), "x");
}

#[test]
fn a_row_counts_what_is_in_it_also_after_some_of_it_went() {
    let records = [(r#"{"key":"a"}"#, Code::Missing), (r#"{"key":"b"}"#, Code::Missing), ("x", Code::InvalidJson)];
    let row = row(&records, &Of::default());
    let source = Some("s".to_owned());
    let of = |code: &str, n| Counted(Some(code.to_owned()), source.clone(), None, n);
    assert_eq!(counts(&row.about), [of("invalid_json", 1), of("missing", 2)]);
    let less = LetterRow::changed(&row.letters, &[(0, None)]).unwrap().unwrap();
    assert_eq!(counts(&less.about), [of("invalid_json", 1), of("missing", 1)]);
    assert_eq!(&less.hashes[..8], [0; 8]);
    assert_eq!(&less.hashes[8..], &row.hashes[8..]);
    assert_eq!(LetterRow::changed(&less.letters, &[(1, None), (2, None)]).unwrap(), None);
}

#[test]
fn a_filter_finds_by_source_reason_step_and_key_and_by_nothing_else() {
    let of = Of { key: Some("phone".into()), ..Of::default() };
    let row = row(&[(r#"{"vehicleId":7}"#, Code::Missing), ("x", Code::InvalidJson)], &of);
    let finds = |pairs: &[(&str, &str)]| {
        let filter = LetterQuery::parse(pairs.iter().copied()).unwrap().filter;
        [0, 1].map(|nth| filter.fits(&kept(&row, nth), None, "vehicleId"))
    };
    assert_eq!(finds(&[]), [true, true]);
    assert_eq!(finds(&[("code", "missing")]), [true, false]);
    assert_eq!(finds(&[("key", "7")]), [true, false]);
    assert_eq!(finds(&[("key", "phone")]), [false, true]);
    assert_eq!(finds(&[("source", "s"), ("step", "x")]), [false, false]);
    let wrong = LetterQuery::parse([("cod", "x"), ("limit", "0"), ("after", "z")].into_iter()).unwrap_err();
    let fields: Vec<&str> = wrong.errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(fields, ["cod", "limit", "after"]);
    let wish: LetterWish = serde_json::from_value(json!({"code": "missing", "after": "17"})).unwrap();
    let query = LetterQuery::default().with(wish).unwrap();
    assert_eq!(query.after, Some(LetterId { row: 16, nth: 0 }));
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.text().as_bytes()).into_owned().collect();
    let read = LetterQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    assert_eq!(read, Ok(query));
    assert!(serde_json::from_value::<LetterWish>(json!({"cod": "missing"})).is_err());
}

#[test]
fn a_text_finds_letters_by_what_was_sent_what_it_was_mended_to_and_why_it_was_refused() {
    let of = Of { key: Some("Phone".into()), ..Of::default() };
    let records = [(r#"{"key":"Bus-7","note":"Stra\u00dfe \"A\""}"#, Code::Missing), ("!AIVDM,1", Code::InvalidJson)];
    let row = row(&records, &of);
    let mend =
        Mend { record: serde_json::from_str(r#"{"key":"bus-9"}"#).unwrap(), at: Millis(1), by: "Ms Gray".into() };
    let finds = |text: &str| {
        let filter = LetterQuery::parse([("text", text)].into_iter()).unwrap().filter;
        [0, 1].map(|nth| filter.fits(&kept(&row, nth), (nth == 0).then_some(&mend), "key"))
    };
    for text in ["bus-7", "BUS-9", "straße", "\"a\"", "missing", "ms gray"] {
        assert_eq!(finds(text), [true, false], "{text}");
    }
    assert_eq!((finds("aivdm"), finds("phone"), finds("bus-8")), ([false, true], [true, true], [false, false]));
    assert_eq!(finds("  "), [true, true], "nothing is searched for");
    let long = LetterQuery::parse([("text", "x".repeat(257).as_str())].into_iter()).unwrap_err();
    assert_eq!((long.status, long.errors[0].field.as_str()), (400, "text"));
    let wish: LetterWish = serde_json::from_value(json!({"text": " Bus "})).unwrap();
    let query = LetterQuery::default().with(wish).unwrap();
    assert_eq!((query.filter.text.as_deref(), query.text().as_str()), (Some("Bus"), "text=Bus"));
    assert!(!query.filter.is_open(), "what is dropped by it is not all");
}

#[test]
fn a_letter_is_shown_with_both_records_and_nothing_of_how_it_is_kept() {
    let of = Of { envelope: Some(EnvelopeName::Owntracks), id: Some("i".into()), ..Of::default() };
    let row = row(&[("x", Code::InvalidJson)], &of);
    let mend = Mend { record: serde_json::from_str(r#"{"key":1.10}"#).unwrap(), at: Millis(9), by: "me".into() };
    let text = shown(LetterId { row: 3, nth: 0 }, Millis(5), &kept(&row, 0), Some(&mend)).unwrap();
    assert!(text.contains(r#""record":{"key":1.10}"#), "{text}");
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((shown["id"].as_str(), shown["original"]["text"].as_str()), (Some("3.0"), Some("x")));
    assert_eq!((shown["envelope"].as_str(), shown["mended_by"].as_str()), (Some("owntracks"), Some("me")));
    let unknown = ["hash", "owner", "of", "as_text"].iter().find(|name| shown.get(**name).is_some());
    assert_eq!(unknown, None);
    crate::api::assert_holds::<crate::api::letters::DeadLetter>(&shown);
}

fn candidate(raw: &str) -> Candidate {
    Candidate {
        id: LetterId { row: 1, nth: 2 },
        at: Millis(1_772_366_400_000),
        version: String::new(),
        raw: Some(raw.into()),
        source: None,
        of: Of { envelope: Some(EnvelopeName::Owntracks), ..Of::default() },
        owner: String::new(),
        player: false,
        made: false,
    }
}

#[test]
fn a_record_is_replayed_at_its_own_time_or_at_that_of_its_letter_and_under_one_id() {
    let raw = r#"{"key":"a","n":1}"#;
    let letter = candidate(raw);
    let rules = Rules::default();
    let checked = letter.events(raw, Again::Event, "key", &rules).unwrap();
    assert_eq!(checked.refused[0].field.as_deref(), Some("n"), "events of the API have their fields in `fields`");
    let raw = r#"{"key":"a","fields":{"n":1}}"#;
    let event = &letter.events(raw, Again::Event, "key", &rules).unwrap().events[0];
    assert_eq!((event.time, event.id.as_deref()), (letter.at, Some("letter:1.2")));
    let raw = r#"{"id":"own","key":"a","time":1772366000000}"#;
    let event = &letter.events(raw, Again::Event, "key", &rules).unwrap().events[0];
    assert_eq!((event.time.0, event.id.as_deref()), (1_772_366_000_000, Some("own")));
    let yielded = Ok(b"{\"key\":\"b\"}\n{\"key\":\"c\"}".to_vec());
    let two = letter.events(raw, Again::Program(Some(&yielded)), "key", &rules).unwrap();
    let ids: Vec<_> = two.events.iter().map(|e| e.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["letter:1.2", "letter:1.2/1"]);
    let phone = r#"{"_type":"location","lat":1,"lon":2,"tst":1772366000}"#;
    let keyed = Candidate { of: Of { key: Some("p".into()), ..letter.of.clone() }, ..letter };
    let checked = keyed.events(phone, Again::Envelope(keyed.envelope(None)), "key", &rules).unwrap();
    assert_eq!(checked.events[0].key, "p", "{:?}", checked.refused);
}

#[test]
fn a_letter_goes_when_all_its_events_are_there_and_stays_when_one_is_refused() {
    let tried = |nth, fate| Tried { id: LetterId { row: 1, nth }, version: String::new(), fate };
    let letters = [
        tried(0, Fate::Events(2)),
        tried(1, Fate::Events(1)),
        tried(2, Fate::Events(0)),
        tried(3, Fate::Refused(refusal(Code::Missing))),
        tried(4, Fate::Events(2)),
    ];
    let refused = RecordResult { index: 4, ..refusal(Code::SessionClosed) };
    let results = vec![RecordResult::duplicate(1), RecordResult::duplicate(2), refused.clone()];
    let answer = IngestAnswer { results, ..IngestAnswer::default() };
    let all = became(&letters, &[0, 0, 1, 4, 4], &answer);
    let expected = [
        Became::Events { known: false },
        Became::Events { known: true },
        Became::Filtered,
        Became::Refused(refusal(Code::Missing)),
        Became::Refused(refused),
    ];
    assert_eq!(all, expected);
}
