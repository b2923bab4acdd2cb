//! A batch that can be read is written and read the same, and can be applied.
#![no_main]

use heliograph_shared::codec::Batch;
use heliograph_shared::items::Items;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(batch) = Batch::decode(bytes) {
        let again = batch.encode();
        assert_eq!(Batch::decode(&again).as_ref(), Ok(&batch));
        let mut items = Items::default();
        items.apply(&batch, 1, |_, _| {});
    }
});
