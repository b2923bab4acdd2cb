//! Which request something is about, by W3C Trace Context (<https://www.w3.org/TR/trace-context/>): the name of a trace that
//! comes with a request, or a new one. It stands in problems and in the log, so that one leads to the other.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The header of an answer that names its request's trace.
pub const TRACE_HEADER: &str = "heliograph-trace";

/// The header of a request that says which trace it is of.
pub const TRACEPARENT: &str = "traceparent";

/// Characters of the only version that there is: `00-<32>-<16>-<2>`.
const LENGTH: usize = 55;

/// A trace's name: 16 bytes, not all zero; written as 32 lower-case digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// A name made of random bytes.
    #[must_use]
    pub const fn of(random: [u8; 16]) -> Self {
        // All zero says that there is none.
        let is_none = u128::from_be_bytes(random) == 0;
        Self(if is_none { 1_u128.to_be_bytes() } else { random })
    }

    fn parse(text: &str) -> Option<Self> {
        let number = hex(text, 32)?;
        (number != 0).then(|| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is known of the trace that a request is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its name.
    pub id: TraceId,
    /// Whether whoever began it records it.
    pub sampled: bool,
}

impl Trace {
    /// One that nobody records, made of random bytes.
    #[must_use]
    pub const fn begun(random: [u8; 16]) -> Self {
        Self { id: TraceId::of(random), sampled: false }
    }

    /// What a `traceparent` says. None where it is not as the specification says: then a trace begins anew. Of later versions
    /// that part is read which they must have in common with the first.
    #[must_use]
    pub fn of_traceparent(header: &str) -> Option<Self> {
        if !header.is_ascii() || header.len() < LENGTH {
            return None;
        }
        let (head, rest) = header.split_at(LENGTH);
        let mut parts = head.split('-');
        let mut part = || parts.next();
        let (version, id, parent, flags) = (part()?, part()?, part()?, part()?);
        if part().is_some() {
            return None;
        }
        let (version, id, parent, flags) = (hex(version, 2)?, TraceId::parse(id)?, hex(parent, 16)?, hex(flags, 2)?);
        let goes_on = match version {
            0 => rest.is_empty(),
            // It is never a version.
            255 => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        (goes_on && parent != 0).then_some(Self { id, sampled: flags & 1 == 1 })
    }
}

/// As calls between objects carry it: the name, a hyphen, and the flags. It is the host of their addresses.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02x}", self.id, u8::from(self.sampled))
    }
}

/// What is no trace between objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTrace;

impl FromStr for Trace {
    type Err = NoTrace;

    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let (id, flags) = text.split_once('-').ok_or(NoTrace)?;
        let sampled = match flags {
            "00" => false,
            "01" => true,
            _ => return Err(NoTrace),
        };
        Ok(Self { id: TraceId::parse(id).ok_or(NoTrace)?, sampled })
    }
}

/// So many lower-case digits as a number.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let are_digits = text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if are_digits { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_traceparent_of_the_specification_is_taken() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("03", true), ("ff", true)] {
            let trace = Trace::of_traceparent(&format!("00-{ID}-{PARENT}-{flags}")).unwrap();
            assert_eq!((trace.id.to_string().as_str(), trace.sampled), (ID, sampled), "{flags}");
        }
    }

    #[test]
    fn of_later_versions_the_common_part_is_read() {
        for rest in ["", "-", "-what-the-future-will-be-like"] {
            assert!(Trace::of_traceparent(&format!("cc-{ID}-{PARENT}-01{rest}")).unwrap().sampled, "{rest}");
        }
        assert_eq!(Trace::of_traceparent(&format!("cc-{ID}-{PARENT}-01.more")), None);
        assert_eq!(Trace::of_traceparent(&format!("00-{ID}-{PARENT}-01-more")), None);
    }

    #[test]
    fn what_the_specification_forbids_is_no_traceparent() {
        let upper = ID.to_uppercase();
        for (wrong, header) in [
            ("version", format!("ff-{ID}-{PARENT}-01")),
            ("short version", format!("0-{ID}-{PARENT}-001")),
            ("no trace", format!("00-{}-{PARENT}-01", "0".repeat(32))),
            ("no parent", format!("00-{ID}-{}-01", "0".repeat(16))),
            ("upper case", format!("00-{upper}-{PARENT}-01")),
            ("no digits", format!("00-{ID}-{PARENT}-0g")),
            ("signs", format!("00-{ID}-{PARENT}-+1")),
            ("lengths", format!("00-{ID}0-{}-01", &PARENT[1..])),
            ("cut", format!("00-{ID}-{PARENT}-0")),
            ("two of them", format!("00-{ID}-{PARENT}-01, 00-{ID}-{PARENT}-01")),
            ("space", format!(" 00-{ID}-{PARENT}-01")),
            ("not ASCII", format!("00-{ID}-{PARENT}-é")),
            ("nothing", String::new()),
        ] {
            assert_eq!(Trace::of_traceparent(&header), None, "{wrong}: {header}");
        }
    }

    #[test]
    fn a_trace_goes_between_objects_as_it_is() {
        for sampled in [false, true] {
            let trace = Trace { id: TraceId::parse(ID).unwrap(), sampled };
            assert_eq!(trace.to_string().parse(), Ok(trace));
        }
        let none = format!("{}-01", "0".repeat(32));
        for wrong in ["object", "", ID, &format!("{ID}-1"), &format!("{ID}-02"), &none] {
            assert_eq!(wrong.parse::<Trace>(), Err(NoTrace), "{wrong}");
        }
    }

    #[test]
    fn a_new_trace_has_a_name_whatever_the_dice_say() {
        let begun = Trace::begun([0; 16]);
        assert_eq!(begun.to_string().parse(), Ok(begun));
        assert!(!begun.sampled);
    }

    proptest! {
        #[test]
        fn no_header_makes_the_reader_fail(text in "\\PC{0,80}", cut in 0_usize..80) {
            let _ = Trace::of_traceparent(&text);
            let header = format!("00-{ID}-{PARENT}-01{text}");
            let cut: String = header.chars().take(cut).collect();
            prop_assert_eq!(Trace::of_traceparent(&cut).is_some(), cut.len() == LENGTH);
        }

        #[test]
        fn every_name_comes_back(bytes: [u8; 16], sampled: bool) {
            let trace = Trace { sampled, ..Trace::begun(bytes) };
            let header = format!("00-{}-{PARENT}-{:02x}", trace.id, u8::from(sampled));
            prop_assert_eq!(Trace::of_traceparent(&header), Some(trace));
            prop_assert_eq!(trace.to_string().parse(), Ok(trace));
        }
    }
}
