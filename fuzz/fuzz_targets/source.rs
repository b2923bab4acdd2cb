//! Whatever is sent to a source is refused or becomes events, in every envelope, and is answered.
#![no_main]

use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::rules::Rules;
use heliograph_shared::source::{Arrived, EnvelopeName, check};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &[u8])| {
    let (header, query, body) = input;
    let headers = [("content-type".to_owned(), header.to_owned())];
    let received = Millis(1_772_366_400_000);
    let arrived = Arrived { headers: &headers, query, body, key_name: "vehicleId", received };
    for name in EnvelopeName::ALL.iter().copied().chain([EnvelopeName::Auto]) {
        let envelope = name.of(&arrived);
        let Ok(slices) = envelope.open(&arrived) else { continue };
        let checked = check(envelope, &slices, "vehicleId", &Rules::default(), received).expect("within the bounds");
        // A record may be about something else, such as a table's change of its columns.
        assert!(checked.events.len() + checked.refused.len() <= slices.len());
        envelope.answer(&arrived, &slices, Ok(&IngestAnswer::default()));
    }
});
