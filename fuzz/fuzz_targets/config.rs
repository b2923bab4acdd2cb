//! A config that is accepted reads back as itself.
#![no_main]

use heliograph_shared::config::BoardConfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(config) = BoardConfig::parse(bytes) {
        let text = serde_json::to_vec(&config).unwrap_or_default();
        assert_eq!(BoardConfig::parse(&text), Ok(config));
    }
});
