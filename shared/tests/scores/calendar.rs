//! Days, weeks and months of time zones, compared with a library that knows calendars.

use crate::zones::Iana;
use heliograph_shared::event::Event;
use heliograph_shared::scores::period::{UtcOnly, Zones};
use heliograph_shared::scores::rule::{CalendarPeriod, ScoreRules, TimeWindow};
use heliograph_shared::time::Millis;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Antarctica/Troll",
];

const HOUR: i64 = 3_600_000;

fn window(period: CalendarPeriod, zone: &str) -> TimeWindow {
    TimeWindow::Calendar { period, zone: zone.into() }
}

/// The first day of the period that an instant belongs to, by the library.
fn first_day(period: CalendarPeriod, zone: &str, at: Millis) -> Date {
    let day = Timestamp::from_millisecond(at.0).unwrap().to_zoned(TimeZone::get(zone).unwrap()).date();
    match period {
        CalendarPeriod::Day => day,
        CalendarPeriod::Week => day - i64::from(day.weekday().to_monday_zero_offset()).days(),
        CalendarPeriod::Month => day.first_of_month(),
    }
}

const PERIODS: [CalendarPeriod; 3] = [CalendarPeriod::Day, CalendarPeriod::Week, CalendarPeriod::Month];

/// Two instants are in one stretch exactly when the library says so, and stretches are numbered in order.
fn compare(zone: &str, from: Millis, step: i64, steps: i64) {
    for period in PERIODS {
        let window = window(period, zone);
        let of = |i: i64| {
            let at = from.plus(i * step);
            (window.bucket(at, &Iana), first_day(period, zone, at))
        };
        for i in 1..steps {
            let ((a, day_a), (b, day_b)) = (of(i - 1), of(i));
            assert_eq!(a.cmp(&b), day_a.cmp(&day_b), "{zone} {period:?} {:?}", from.plus(i * step));
            let at = from.plus(i * step);
            assert_eq!(window.first(at, &Iana), b);
        }
    }
}

fn instant(zone: &str, y: i16, m: i8, d: i8, h: i8, min: i8) -> Millis {
    let zoned = date(y, m, d).at(h, min, 0, 0).to_zoned(TimeZone::get(zone).unwrap()).unwrap();
    Millis(zoned.timestamp().as_millisecond())
}

#[test]
fn g11_periods_are_those_of_the_zone_across_years() {
    for zone in ZONES {
        // Every five hours over eleven years: each day, week and month, and leap days.
        compare(zone, Millis(1_577_836_800_000), 5 * HOUR, 11 * 365 * 24 / 5);
    }
}

#[test]
fn g11_periods_are_right_around_every_change_of_clocks() {
    for zone in ZONES {
        let tz = TimeZone::get(zone).unwrap();
        let start = Timestamp::from_millisecond(1_262_304_000_000).unwrap();
        for change in tz.following(start).take(30) {
            let at = Millis(change.timestamp().as_millisecond());
            // St John's changed one minute after midnight until 2011, and its day began twice.
            if change.timestamp().as_millisecond() > 1_325_376_000_000 || zone != "America/St_Johns" {
                compare(zone, at.plus(-26 * HOUR), 5 * 60_000, 52 * 12);
            }
        }
    }
}

#[test]
fn g11_a_day_of_daylight_saving_has_23_or_25_hours() {
    for (zone, (y, m, d), hours) in [
        ("Europe/Berlin", (2026, 3, 29), 23),
        ("Europe/Berlin", (2026, 10, 25), 25),
        ("Europe/Berlin", (2026, 3, 28), 24),
        ("America/New_York", (2026, 3, 8), 23),
        ("America/New_York", (2026, 11, 1), 25),
        ("Asia/Kolkata", (2026, 3, 29), 24),
        ("America/Sao_Paulo", (2018, 11, 4), 23),
    ] {
        let window = window(CalendarPeriod::Day, zone);
        let noon = instant(zone, y, m, d, 12, 0);
        let of = |at| window.bucket(at, &Iana);
        let quarters = (-100..100).filter(|q| of(noon.plus(q * HOUR / 4)) == of(noon)).count();
        assert_eq!(quarters, hours * 4, "{zone} {y}-{m}-{d}");
    }
}

#[test]
fn g11_apia_left_out_a_day() {
    let zone = "Pacific/Apia";
    let window = window(CalendarPeriod::Day, zone);
    let (before, after) = (instant(zone, 2011, 12, 29, 23, 59), instant(zone, 2011, 12, 31, 0, 0));
    assert_eq!(after.since(before), 60_000);
    assert_eq!(window.bucket(after, &Iana) - window.bucket(before, &Iana), 2);
}

#[test]
fn g11_a_look_at_the_time_told_finds_every_new_period() {
    for zone in ZONES {
        for period in PERIODS {
            let window = window(period, zone);
            let mut now = Millis(1_767_222_000_000);
            let end = now.plus(400 * 24 * HOUR);
            while now < end {
                let next = window.next_look(now).unwrap();
                assert!(next > now && next.since(now) <= 900_000);
                // Nothing begins in between.
                let last = Millis(next.0 - 1);
                assert_eq!(window.bucket(now, &Iana), window.bucket(last, &Iana), "{zone} {period:?} {now:?}");
                now = next.plus(900_000 * 5);
            }
        }
    }
}

#[test]
fn g11_a_rolling_window_moves_in_sixtieths() {
    let window = TimeWindow::Rolling { seconds: 3_600 };
    let now = Millis(1_774_739_412_345);
    let counts = |at: Millis| window.span(now, &UtcOnly).has(window.bucket(at, &UtcOnly));
    assert!(counts(now) && counts(now.plus(-59 * 60_000)));
    assert!(!counts(now.plus(-60 * 60_000 - 60_000)));
    assert!(!counts(now.plus(60_000)), "a window ends now");
    let oldest = (0..8_000).map(|s| now.plus(-s * 1_000)).take_while(|at| counts(*at)).last().unwrap();
    let length = now.since(oldest);
    assert!(length > 59 * 60_000 && length <= 60 * 60_000, "{length}");
    assert!(window.next_look(now).unwrap().since(now) <= 60_000);
    assert_eq!(TimeWindow::All.next_look(now), None);
}

#[test]
fn g11_a_zone_is_known_by_its_name_only() {
    assert_eq!(UtcOnly.offset_minutes("UTC", Millis(0)), Some(0));
    assert_eq!(UtcOnly.offset_minutes("Europe/Berlin", Millis(0)), None);
    assert_eq!(Iana.offset_minutes("Asia/Kathmandu", Millis(1_774_739_400_000)), Some(345));
    assert_eq!(Iana.offset_minutes("Mars/Olympus", Millis(0)), None);
}

#[test]
fn g11_a_day_board_begins_anew_at_midnight_in_berlin() {
    let text = r#"{"columns":[{"name":"n","op":"sum","value":1}],
        "window":{"kind":"calendar","period":"day","zone":"Europe/Berlin"}}"#;
    let rules: ScoreRules = serde_json::from_str(text).unwrap();
    let mut w = crate::world::World::new(rules, 1);
    let zone = "Europe/Berlin";
    let event = |key: &str, time| Event { id: None, key: key.into(), time, position: None, fields: Vec::new() };
    let ranked = |w: &crate::world::World| {
        let ranked = w.keeper.board().unwrap().ranked(&heliograph_shared::scores::book::Scope::ALL, true).unwrap();
        ranked.ranking.page(0, 9).iter().map(|p| (p.key.to_owned(), p.values[0].number())).collect::<Vec<_>>()
    };
    // Fifty minutes before the clocks go forward; the day has 23 hours.
    w.events(&[event("a", w.now), event("a", w.now), event("b", w.now)]);
    assert_eq!(ranked(&w), [("a".to_owned(), 2.0), ("b".to_owned(), 1.0)]);
    let midnight = instant(zone, 2026, 3, 30, 0, 0);
    w.wait(midnight.since(w.now) - 1);
    assert_eq!(ranked(&w).len(), 2);
    assert_eq!(w.keeper.next_look(w.now), None, "nobody watches");
    w.wait(1);
    assert_eq!(ranked(&w), []);
    // An event of tomorrow counts tomorrow, and yesterday's no more; so it is after a restart.
    w.events(&[event("c", instant(zone, 2026, 3, 31, 0, 0))]);
    assert_eq!(ranked(&w), []);
    // A late event of yesterday does not count today.
    w.events(&[event("b", midnight), event("a", midnight.plus(-1))]);
    assert_eq!(ranked(&w), [("b".to_owned(), 1.0)]);
    w.wait(24 * HOUR - 1);
    assert_eq!(ranked(&w), [("b".to_owned(), 1.0)]);
    w.wait(1);
    assert_eq!(ranked(&w), [("c".to_owned(), 1.0)]);
}
