//! A snapshot part that can be read gives items that can be written and read again.
#![no_main]

use heliograph_shared::items::Items;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(items) = Items::from_snapshot([bytes]) {
        let parts = items.to_snapshot();
        let again = Items::from_snapshot(parts.iter().map(Vec::as_slice));
        assert_eq!(again.map(|i| i.len()).ok(), Some(items.len()));
    }
});
