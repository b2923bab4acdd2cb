//! What a request writes: all of it below the platform's limits, whatever is refused of it.

use super::*;
use crate::ingest::RecordResult;
use crate::limits;
use proptest::prelude::*;

/// The largest value and the largest row that the platform stores.
const PLATFORM_BYTES: usize = 2_000_000;

fn refusal(index: u32, message: &str) -> RecordResult {
    RecordResult::refused(index, FieldError::new("time", crate::problem::Code::Missing, message))
}

fn bytes(write: &Write<'_>) -> usize {
    match write {
        Write::Row(row, owner) => row.batch.len() + owner.len(),
        Write::Request(key, piece, _) => key.owner.len() + key.name.len() + piece.len(),
        Write::RequestPiece(_, text) | Write::Totals(text) => text.len(),
        Write::Letters(row) | Write::ChangeLetters(_, row) => row.bytes(),
        Write::DropRequests(_)
        | Write::DropRequestPieces(_)
        | Write::CountDropped(_)
        | Write::DropLetters(_)
        | Write::DropLetterRow(_)
        | Write::DropMends(_)
        | Write::DropMendsUpTo(_)
        | Write::DropMend(_)
        | Write::CountRepeated(_) => 0,
    }
}

fn parsed(commit: &Commit<'_>) -> Vec<serde_json::Value> {
    let mut letters = Vec::new();
    for write in commit.writes() {
        if let Write::Letters(row) = write {
            letters.extend(serde_json::from_slice::<Vec<serde_json::Value>>(row.letters.as_bytes()).unwrap());
        }
    }
    letters
}

#[test]
fn f2_letters_of_control_characters_are_rows_below_two_megabytes() {
    // A control character is six bytes of JSON.
    let line = "\u{1}".repeat(8 * 1024);
    let mut edge = Letters::default();
    (0..1_000).for_each(|i| edge.push(&refusal(i, "no"), &line, "somebody"));
    let mut own = Letters::default();
    own.push_event(&refusal(0, "the board is full"), &event(Some("1"), "a", 1), "somebody");
    let commit = Commit::new(Vec::new(), "").letters(own.rows(&edge.into_text(), &|_| false).unwrap(), None);
    assert!(commit.writes().iter().all(|w| bytes(w) <= PLATFORM_BYTES));
    let letters = parsed(&commit);
    assert_eq!(letters.len(), 1_001);
    assert_eq!(letters[0]["record"]["text"].as_str().map(str::len), Some(8 * 1024));
    assert_eq!(letters[0]["truncated"], serde_json::Value::Null);
    assert_eq!(letters[1_000]["record"]["key"], "a");
}

#[test]
fn f2_a_record_is_kept_whole_up_to_256_kib_and_a_longer_one_says_that_it_was_cut() {
    let whole = format!("{{\"key\":\"a\",\"note\":\"{}\"}}", "x".repeat(limits::DEAD_LETTER_BYTES - 22));
    let longer = whole.replace("note", "a longer note");
    let mut letters = Letters::default();
    letters.push(&refusal(0, "no"), &whole, "me");
    letters.push(&refusal(1, "no"), &longer, "me");
    let commit = Commit::new(Vec::new(), "").letters(letters.rows("", &|_| false).unwrap(), None);
    let letters = parsed(&commit);
    assert_eq!(letters[0]["record"].to_string(), whole);
    assert_eq!(letters[1]["truncated"], true);
    assert_eq!(letters[1]["record"]["text"].as_str(), longer.get(..limits::DEAD_LETTER_CUT_BYTES));
}

#[test]
fn f2_one_request_leaves_a_bounded_number_of_bytes() {
    let line = "\u{1}".repeat(200 * 1024);
    let mut letters = Letters::default();
    (0..10_000).for_each(|i| letters.push(&refusal(i, "no"), &line, "me"));
    let text = letters.into_text();
    let most = limits::DEAD_LETTERS_PER_REQUEST_BYTES + 7 * limits::DEAD_LETTER_BYTES + 10_000 * 1_000;
    assert!(text.len() < most, "{}", text.len());
}

#[test]
fn f2_a_long_answer_is_kept_in_pieces_and_reads_back_whole() {
    let results: Vec<_> = (0..10_000).map(|i| refusal(i, &"ü".repeat(120))).collect();
    let answer = IngestAnswer { refused: 10_000, results, ..IngestAnswer::default() };
    let key = RequestKey { owner: "", name: "k", hash: 7 };
    let commit = Commit::new(Vec::new(), "").answer(&answer, Some(key), None).unwrap();
    let writes = commit.writes();
    assert!(writes.len() > 1 && writes.iter().all(|w| bytes(w) <= PLATFORM_BYTES));
    let mut text = String::new();
    for write in &writes {
        if let Write::Request(_, piece, _) | Write::RequestPiece(_, piece) = write {
            text.push_str(piece);
        }
    }
    assert_eq!(serde_json::from_slice::<IngestAnswer>(text.as_bytes()).unwrap(), answer);
}

#[test]
fn f22_the_last_10_000_keys_are_known_and_a_key_of_another_request_is_told() {
    let key = RequestKey { owner: "", name: "k", hash: 7 };
    assert_eq!(key.known(None), Known::New);
    assert_eq!(key.known(Some(7)), Known::Same);
    assert_eq!(key.known(Some(8)), Known::Other);
    let mut kept = Some(Space::new(limits::RECENT_REQUESTS, limits::RECENT_REQUESTS_BYTES, []));
    for id in 1..=10_001 {
        let commit = Commit::new(Vec::new(), "").answer(&IngestAnswer::default(), Some(key), kept.as_ref()).unwrap();
        commit.request_is_stored(&mut kept, id);
    }
    assert_eq!(kept.map(|k| k.len()), Some(limits::RECENT_REQUESTS));
}

proptest! {
    /// Whatever sizes come: the budget holds, the newest stay, and what goes is the oldest.
    #[test]
    fn f2_the_oldest_make_room(sizes in prop::collection::vec(1_usize..400, 1..200)) {
        let mut space = Space::new(20, 1_000, []);
        let mut kept: Vec<(u64, usize)> = Vec::new();
        for (id, size) in (1..).zip(sizes) {
            if let Some(up_to) = space.make_room(&[size]) {
                space.dropped(up_to);
                kept.retain(|(id, _)| *id > up_to);
            }
            space.put(id, size as u64);
            kept.push((id, size));
            prop_assert!(space.len() <= 20 && space.bytes() <= 1_000);
            prop_assert_eq!(space.bytes(), kept.iter().map(|(_, s)| *s as u64).sum::<u64>());
        }
    }
}

/// The hashes of letters, as a board reads them of its rows.
fn seen(rows: &Rows) -> crate::letters::SeenLetters {
    crate::letters::SeenLetters::of((1..).zip(&rows.rows).map(|(id, row)| (id, row.hashes.clone())))
}

#[test]
fn a_delivery_that_is_repeated_leaves_no_second_letter_and_twins_in_one_request_leave_two() {
    let request = |records: &[&str]| {
        let from = LettersFrom { source: Some("buses".into()), owner: "source:buses".into(), player: false };
        let mut letters = Letters::from(from);
        records.iter().for_each(|raw| letters.push(&refusal(0, "no"), raw, "source buses"));
        letters.into_text()
    };
    let rows = |text: &str, has: &dyn Fn(u64) -> bool| Letters::default().rows(text, has).unwrap();
    let first = rows(&request(&[r#"{"key":"a"}"#, r#"{"key":"a"}"#, "nope"]), &|_| false);
    let known = seen(&first);
    assert_eq!((first.rows.len(), first.repeated, first.rows[0].hashes.len()), (1, 0, 24));
    let again = rows(&request(&["nope", r#"{"key":"a"}"#, r#"{"key":"a"}"#]), &|hash| known.has(hash));
    assert_eq!((again.rows.len(), again.repeated), (0, 3));
    let more = rows(&request(&[r#"{"key":"a"}"#, r#"{"key":"b"}"#]), &|hash| known.has(hash));
    assert_eq!((more.rows.len(), more.repeated), (1, 1));
    assert!(more.rows[0].letters.contains(r#"{"key":"b"}"#));
    // Of another sender the same record is another letter.
    let mut other = Letters::default();
    other.push(&refusal(0, "no"), "nope", "me");
    assert_eq!(other.rows("", &|hash| known.has(hash)).unwrap().repeated, 0);
}
