//! A JSON message that can be read is the same as its binary twin.
#![no_main]

use heliograph_shared::protocol::ClientMessage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(message) = ClientMessage::from_json(text) {
        assert_eq!(ClientMessage::from_binary(&message.to_binary()), Ok(message));
    }
});
