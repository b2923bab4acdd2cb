//! Whatever a producer sends is refused or becomes a batch that comes back.
#![no_main]

use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::{BodyFormat, read_events};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let config = BoardConfig { title: "t".into(), ..BoardConfig::default() };
    for format in [BodyFormat::Json, BodyFormat::NdJson] {
        if let Ok(checked) = read_events(bytes, format, &config.rules, Millis(1_772_366_400_000)) {
            let encoded = Batch::from_events(&checked.events).encode();
            assert_eq!(Batch::decode(&encoded).map(|b| b.len()), Ok(checked.events.len()));
        }
    }
});
