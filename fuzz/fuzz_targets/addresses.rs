//! Addresses that a source may ask, and where they send on to: what may be called is on the internet, without a password.
#![no_main]

use heliograph_shared::source::poll::Address;
use libfuzzer_sys::fuzz_target;
use std::net::{Ipv4Addr, Ipv6Addr};

fn checked(address: &Address) {
    assert_eq!(Address::parse(address.as_str()).as_ref(), Ok(address));
    let rest = address.as_str().split_once("://").map(|(_, rest)| rest).expect("it has a scheme");
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    assert!(!authority.contains('@'));
    if address.check(false).is_err() {
        return;
    }
    assert!(address.as_str().starts_with("https://"));
    if let Some((inner, _)) = authority.strip_prefix('[').and_then(|host| host.split_once(']')) {
        let v6: Ipv6Addr = inner.parse().expect("an address in brackets");
        assert!(!v6.is_loopback() && !v6.is_unspecified() && !v6.is_unicast_link_local() && !v6.is_unique_local());
        return;
    }
    let host = authority.split(':').next().unwrap_or_default();
    if let Ok(v4) = host.parse::<Ipv4Addr>() {
        assert!(!v4.is_loopback() && !v4.is_private() && !v4.is_link_local() && !v4.is_unspecified());
    }
    assert!(!host.trim_end_matches('.').eq_ignore_ascii_case("localhost"));
}

fuzz_target!(|input: (&str, &str)| {
    let (text, location) = input;
    let Ok(address) = Address::parse(text) else { return };
    checked(&address);
    assert!(!address.shown().contains('?'));
    if let Ok(next) = address.redirected(location) {
        checked(&next);
    }
});
