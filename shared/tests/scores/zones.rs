//! Time zones by the IANA database, for tests.

use heliograph_shared::scores::period::Zones;
use heliograph_shared::time::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub struct Iana;

impl Zones for Iana {
    fn offset_minutes(&self, zone: &str, at: Millis) -> Option<i32> {
        let zone = TimeZone::get(zone).ok()?;
        let at = Timestamp::from_millisecond(at.0).ok()?;
        Some(zone.to_offset(at).seconds() / 60)
    }
}
