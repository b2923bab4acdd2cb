//! A message that can be read is written and read the same.
#![no_main]

use heliograph_shared::protocol::ClientMessage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = ClientMessage::from_binary(bytes) {
        assert_eq!(ClientMessage::from_binary(&message.to_binary()), Ok(message));
    }
});
