//! What a source's program is run on is one line a record, and whatever it yields becomes events or refusals.
#![no_main]

use heliograph_shared::rules::Rules;
use heliograph_shared::source::{Slice, check_yields, inputs};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<&str>, Vec<Result<&[u8], &str>>)| {
    let (records, yields) = input;
    let slices: Vec<Slice<'_>> = records.into_iter().map(Slice::new).collect();
    let (lines, places) = inputs(&slices);
    assert_eq!(lines.iter().filter(|b| **b == b'\n').count(), places.len());
    let yields: Vec<Result<Vec<u8>, String>> =
        yields.into_iter().map(|one| one.map(<[u8]>::to_vec).map_err(str::to_owned)).collect();
    if let Ok(checked) = check_yields(&slices, &places, &yields, &Rules::default(), Millis(1_772_366_400_000)) {
        assert_eq!(checked.events.len(), checked.places.len());
        assert!(checked.places.iter().all(|place| (*place as usize) < slices.len()));
    }
});
