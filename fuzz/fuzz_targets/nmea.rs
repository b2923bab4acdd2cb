//! Sentences whose checksums are right are refused or become events, whatever stands in them: bits of AIS in parts, and the cells
//! of a receiver's own.
#![no_main]

use heliograph_shared::rules::Rules;
use heliograph_shared::source::{Arrived, EnvelopeName, check};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

/// A sentence with its checksum, behind a TAG block with its.
fn sentence(tag: &str, body: &str) -> String {
    let sum = |text: &str| text.bytes().fold(0_u8, |sum, byte| sum ^ byte);
    let plain = |text: &str| text.replace(['\n', '\r', '*', '\\', '!', '$'], "");
    let (tag, body) = (plain(tag), plain(body));
    let start = if body.contains("VD") { '!' } else { '$' };
    format!("\\{tag}*{:02X}\\{start}{body}*{:02X}\n", sum(&tag), sum(&body))
}

fuzz_target!(|input: (Vec<(u8, u8, &[u8])>, Vec<(&str, &str)>)| {
    let (messages, others) = input;
    let mut body = String::new();
    for (kind, parts, bits) in messages {
        // Six bits a letter, of which the first say what kind of message it is.
        let letters = std::iter::once(kind % 28).chain(bits.iter().map(|b| b % 64));
        let payload: Vec<char> = letters.map(|v| char::from(if v < 40 { v + 48 } else { v + 56 })).collect();
        let count = usize::from(parts % 4) + 1;
        for (i, part) in payload.chunks(payload.len().div_ceil(count)).enumerate() {
            let part: String = part.iter().collect();
            body += &sentence("c:1772366400,s:a", &format!("AIVDM,{count},{},{},A,{part},0", i + 1, parts % 10));
        }
    }
    for (tag, cells) in others {
        for kind in ["RMC", "GGA", "GLL", "VTG"] {
            body += &sentence(tag, &format!("GP{kind},{cells}"));
        }
    }
    let received = Millis(1_772_366_400_000);
    let arrived = Arrived { headers: &[], query: "key=a", body: body.as_bytes(), key_name: "vehicleId", received };
    let envelope = EnvelopeName::Nmea.envelope();
    let Ok(slices) = envelope.open(&arrived) else { return };
    let checked = check(envelope, &slices, "vehicleId", &Rules::default(), received).expect("within the bounds");
    assert_eq!(checked.events.len() + checked.refused.len(), slices.len());
});
